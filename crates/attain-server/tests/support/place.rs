//! A database under test, wherever it is, and rows to put into it.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use attain_server::db::postgres::Postgres;
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{Account, AuthorityDb, Batch, DbError, Device, Kept, Row, Tenant, Token};
use tempfile::TempDir;

use crate::server::PostgresServer;

/// A database that can be opened more than once, as by several server processes.
pub enum Place {
    Sqlite(TempDir),
    Postgres { _running: Arc<PostgresServer>, url: String },
}

pub const KEY: [u8; 32] = [7; 32];

impl Place {
    pub fn sqlite() -> Place {
        Place::Sqlite(tempfile::tempdir().unwrap())
    }

    pub fn postgres() -> Place {
        let running = PostgresServer::shared();
        let url = running.database();
        Place::Postgres { _running: running, url }
    }

    pub fn file(&self) -> PathBuf {
        let Place::Sqlite(folder) = self else { panic!("not in a file") };
        folder.path().join("server.db")
    }

    pub fn open(&self) -> Box<dyn AuthorityDb> {
        match self {
            Place::Sqlite(_) => Box::new(Sqlite::open(&self.file(), Some(&KEY)).unwrap()),
            Place::Postgres { url, .. } => Box::new(Postgres::open(url).unwrap()),
        }
    }

    /// Open, with the tenants `ah` and `be`.
    pub fn with_tenants(&self) -> Box<dyn AuthorityDb> {
        let db = self.open();
        for id in ["ah", "be"] {
            db.add_tenant(&tenant(id)).unwrap();
        }
        db
    }
}

pub fn tenant(id: &str) -> Tenant {
    Tenant { tenant: id.into(), name: format!("{id} 公司"), wrapped_key: vec![0, 1, 255] }
}

pub fn row(kind: &str, id: &str, body: &[u8]) -> Row {
    Row { seq: 0, kind: kind.into(), id: id.into(), class: "core".into(), gone: false, body: body.into() }
}

pub fn account(tenant: &str, user: &str) -> Account {
    Account {
        tenant: tenant.into(),
        user: user.into(),
        person_id: format!("p-{user}"),
        password: "$argon2id$".into(),
        disabled: false,
    }
}

pub fn device(tenant: &str, id: &str) -> Device {
    Device {
        tenant: tenant.into(),
        device: id.into(),
        user: "li-na".into(),
        person_id: "p-li-na".into(),
        name: "笔记本".into(),
        epoch: 1,
        last_mid: 0,
        revoked: false,
    }
}

pub fn token(tenant: &str, device: &str, family: &str, digest: u8) -> Token {
    Token {
        digest: vec![digest; 32],
        tenant: tenant.into(),
        device: device.into(),
        family: family.into(),
        refresh: true,
        expires: 1_800_000_000,
        used: false,
        attempt: None,
    }
}

pub fn kept(mid: u64) -> Kept {
    Kept { mid, outcome: vec![1, 2, 3], before: vec![], refused: None }
}

pub fn all(db: &dyn AuthorityDb, tenant: &str) -> Vec<Row> {
    db.rows_after(tenant, 0, 1_000_000).unwrap()
}

/// A batch, once the others are out of the way.
pub fn begin<'a>(db: &'a dyn AuthorityDb, tenant: &str) -> Box<dyn Batch + 'a> {
    loop {
        match db.begin(tenant) {
            Err(DbError::Retry) => thread::yield_now(),
            begun => return begun.unwrap(),
        }
    }
}

pub fn put(db: &dyn AuthorityDb, tenant: &str, rows: &[Row]) {
    let mut batch = begin(db, tenant);
    for row in rows {
        batch.put(row).unwrap();
    }
    batch.commit().unwrap();
}
