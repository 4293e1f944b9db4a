//! The embedded database: one SQLCipher file, one writer, readers beside it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::ffi::{
    SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE, SQLITE_FULL, SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_WRITE,
};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Params, Row as SqlRow, params};

use super::{Account, AuthorityDb, Batch, Boxed, DbError, Device, Kept, Linked, Result, Row, Tenant, Token};

mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            _ if matches!(extended, Some(SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE)) => DbError::Exists,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DbError::Retry,
            // A quota or a limit on files ends in a write that fails.
            _ if matches!(extended, Some(SQLITE_FULL | SQLITE_IOERR_WRITE | SQLITE_IOERR_SHMSIZE)) => DbError::Full,
            _ => DbError::Failed(error.to_string()),
        }
    }
}

pub struct Sqlite {
    path: PathBuf,
    key: Option<[u8; 32]>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

const READERS: usize = 8;

impl Sqlite {
    /// Opens a file, or makes it; with a key it is encrypted whole.
    ///
    /// Errors: it cannot be written, or the key is another.
    pub fn open(path: &Path, key: Option<&[u8; 32]>) -> Result<Sqlite> {
        restrict(path)?;
        let mut writer = connect(path, key)?;
        // Rows land all over the tables: what is not at hand is read and deciphered again.
        writer.execute_batch("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000;")?;
        migrate(&mut writer)?;
        Ok(Sqlite { path: path.to_owned(), key: key.copied(), writer: Mutex::new(writer), readers: Mutex::default() })
    }

    /// Copies all of it as of one moment into a new file, under the same key; others may write meanwhile.
    pub fn copy_to(&self, to: &Path) -> Result<()> {
        restrict(to)?;
        let mut copy = connect(to, self.key.as_ref())?;
        self.read(|db| {
            Backup::new(db, &mut copy)?.run_to_completion(1_000, Duration::ZERO, None)?;
            Ok(())
        })?;
        // One file: the log goes into it.
        Ok(copy.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")?)
    }

    /// Errors: pages that are not what was written.
    pub fn intact(&self) -> Result<()> {
        let said: String = self.read(|db| Ok(db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?))?;
        if said == "ok" { Ok(()) } else { Err(DbError::Failed(said)) }
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads as of the last commit, beside a batch that may be under way.
    fn read<T>(&self, ask: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = readers.pop();
        drop(readers);
        let reader = match reader {
            Some(reader) => reader,
            None => connect(&self.path, self.key.as_ref())?,
        };
        let answer = ask(&reader);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(reader);
        }
        answer
    }

    fn write(&self, sql: &str, values: impl Params) -> Result<usize> {
        Ok(self.writer().prepare_cached(sql)?.execute(values)?)
    }
}

/// All in one transaction, so that a start cut short leaves nothing half made. Of two programs that open a new file at
/// once, the one that comes late finds its tables made and looks again.
fn migrate(db: &mut Connection) -> Result<()> {
    let runner = migrations::migrations::runner().set_grouped(true);
    let mut tries = 0;
    loop {
        match runner.run(db) {
            Ok(_) => return Ok(()),
            Err(_) if tries < 5 => std::thread::sleep(Duration::from_millis(200)),
            Err(error) => return Err(DbError::Failed(error.to_string())),
        }
        tries += 1;
    }
}

/// Makes the file for its owner alone before SQLite does: its log and its index take the mode that it has then. One
/// that is there is not opened: closing it would end the locks that SQLite holds on it in this process.
fn restrict(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(|_| ());
        let set = match made {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            }
            made => made,
        };
        set.map_err(|error| DbError::Failed(format!("{}: {error}", path.display())))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn connect(path: &Path, key: Option<&[u8; 32]>) -> Result<Connection> {
    let db = Connection::open(path)?;
    if let Some(key) = key {
        let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        db.execute_batch(&format!("PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{digits}'\";"))?;
    }
    db.busy_timeout(Duration::from_secs(30))?;
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;")?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

const ROW: &str = "seq, kind, id, class, gone, body";

fn row_of(row: &SqlRow) -> rusqlite::Result<Row> {
    Ok(Row {
        seq: row.get(0)?,
        kind: row.get(1)?,
        id: row.get(2)?,
        class: row.get(3)?,
        gone: row.get(4)?,
        body: row.get(5)?,
    })
}

const DEVICE: &str = "tenant, device, account, person_id, name, epoch, last_mid, revoked";

fn device_of(row: &SqlRow) -> rusqlite::Result<Device> {
    Ok(Device {
        tenant: row.get(0)?,
        device: row.get(1)?,
        user: row.get(2)?,
        person_id: row.get(3)?,
        name: row.get(4)?,
        epoch: row.get(5)?,
        last_mid: row.get(6)?,
        revoked: row.get(7)?,
    })
}

const ACCOUNT: &str = "tenant, name, person_id, password, disabled";

fn account_of(row: &SqlRow) -> rusqlite::Result<Account> {
    Ok(Account {
        tenant: row.get(0)?,
        user: row.get(1)?,
        person_id: row.get(2)?,
        password: row.get(3)?,
        disabled: row.get(4)?,
    })
}

fn kept_of(row: &SqlRow) -> rusqlite::Result<Kept> {
    Ok(Kept { mid: row.get(0)?, outcome: row.get(1)?, before: row.get(2)?, refused: row.get(3)? })
}

fn rows_after(db: &Connection, tenant: &str, seq: u64, at_most: usize) -> Result<Vec<Row>> {
    let mut statement =
        db.prepare_cached(&format!("SELECT {ROW} FROM record WHERE tenant = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"))?;
    Ok(statement.query_map(params![tenant, seq, at_most], row_of)?.collect::<rusqlite::Result<_>>()?)
}

fn device(db: &Connection, tenant: &str, id: &str) -> Result<Option<Device>> {
    let mut statement = db.prepare_cached(&format!("SELECT {DEVICE} FROM device WHERE tenant = ?1 AND device = ?2"))?;
    Ok(statement.query_row([tenant, id], device_of).optional()?)
}

impl AuthorityDb for Sqlite {
    fn begin(&self, tenant: &str) -> Result<Box<dyn Batch + '_>> {
        let db = self.writer();
        db.execute_batch("BEGIN IMMEDIATE")?;
        let mut batch = SqliteBatch { db, tenant: tenant.to_owned(), clock: 0, put: false, open: true, broken: false };
        let clock = "SELECT seq FROM tenant_clock WHERE tenant = ?1";
        let clock = batch.db.prepare_cached(clock)?.query_row([tenant], |r| r.get(0)).optional()?;
        batch.clock = clock.ok_or_else(|| DbError::Failed(format!("no tenant {tenant}")))?;
        Ok(Box::new(batch))
    }

    fn rows_after(&self, tenant: &str, seq: u64, at_most: usize) -> Result<Vec<Row>> {
        self.read(|db| rows_after(db, tenant, seq, at_most))
    }

    fn kinds_after(&self, tenant: &str, kinds: [&str; 2], seq: u64) -> Result<Vec<Row>> {
        self.read(|db| {
            // By name: the other index would lead through everything above.
            let mut statement = db.prepare_cached(&format!(
                "SELECT {ROW} FROM record WHERE tenant = ?1 AND kind IN (?2, ?3) AND +seq > ?4 AND gone = 0 ORDER BY seq"
            ))?;
            let rows = statement.query_map(params![tenant, kinds[0], kinds[1], seq], row_of)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn clock(&self, tenant: &str) -> Result<u64> {
        self.read(|db| Ok(db.query_row("SELECT seq FROM tenant_clock WHERE tenant = ?1", [tenant], |r| r.get(0))?))
    }

    fn add_tenant(&self, tenant: &Tenant) -> Result<()> {
        let mut db = self.writer();
        let tx = db.transaction()?;
        tx.execute("INSERT INTO tenant VALUES (?1, ?2, ?3)", params![tenant.tenant, tenant.name, tenant.wrapped_key])?;
        tx.execute("INSERT INTO tenant_clock VALUES (?1, 0)", [&tenant.tenant])?;
        Ok(tx.commit()?)
    }

    fn tenants(&self) -> Result<Vec<Tenant>> {
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT tenant, name, wrapped_key FROM tenant ORDER BY tenant")?;
            let tenants = statement
                .query_map([], |r| Ok(Tenant { tenant: r.get(0)?, name: r.get(1)?, wrapped_key: r.get(2)? }))?
                .collect::<rusqlite::Result<_>>()?;
            Ok(tenants)
        })
    }

    fn add_account(&self, account: &Account) -> Result<()> {
        let Account { tenant, user, person_id, password, disabled } = account;
        let sql = "INSERT INTO account VALUES (?1, ?2, ?3, ?4, ?5)";
        self.write(sql, params![tenant, user, person_id, password, disabled]).map(|_| ())
    }

    fn set_account(&self, account: &Account) -> Result<bool> {
        let Account { tenant, user, person_id, password, disabled } = account;
        let sql = "UPDATE account SET person_id = ?3, password = ?4, disabled = ?5 WHERE tenant = ?1 AND name = ?2";
        Ok(self.write(sql, params![tenant, user, person_id, password, disabled])? == 1)
    }

    fn account(&self, user: &str) -> Result<Option<Account>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(&format!("SELECT {ACCOUNT} FROM account WHERE name = ?1"))?;
            Ok(statement.query_row([user], account_of).optional()?)
        })
    }

    fn accounts(&self, tenant: &str) -> Result<Vec<Account>> {
        self.read(|db| {
            let sql = format!("SELECT {ACCOUNT} FROM account WHERE tenant = ?1 ORDER BY name");
            Ok(db.prepare_cached(&sql)?.query_map([tenant], account_of)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn put_device(&self, device: &Device) -> Result<()> {
        let Device { tenant, device, user, person_id, name, epoch, last_mid, revoked } = device;
        let sql = "INSERT OR REPLACE INTO device VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        self.write(sql, params![tenant, device, user, person_id, name, epoch, last_mid, revoked]).map(|_| ())
    }

    fn device(&self, tenant: &str, id: &str) -> Result<Option<Device>> {
        self.read(|db| device(db, tenant, id))
    }

    fn devices(&self, tenant: &str) -> Result<Vec<Device>> {
        self.read(|db| {
            let sql = format!("SELECT {DEVICE} FROM device WHERE tenant = ?1 ORDER BY account, device");
            Ok(db.prepare_cached(&sql)?.query_map([tenant], device_of)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn add_token(&self, token: &Token) -> Result<()> {
        let Token { digest, tenant, device, family, refresh, expires, used, attempt } = token;
        let sql = "INSERT INTO token VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        self.write(sql, params![digest, tenant, device, family, refresh, expires, used, attempt]).map(|_| ())
    }

    fn token(&self, digest: &[u8]) -> Result<Option<Token>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT digest, tenant, device, family, refresh, expires, used, attempt FROM token WHERE digest = ?1",
            )?;
            let of = |r: &SqlRow| {
                Ok(Token {
                    digest: r.get(0)?,
                    tenant: r.get(1)?,
                    device: r.get(2)?,
                    family: r.get(3)?,
                    refresh: r.get(4)?,
                    expires: r.get(5)?,
                    used: r.get(6)?,
                    attempt: r.get(7)?,
                })
            };
            Ok(statement.query_row([digest], of).optional()?)
        })
    }

    fn use_token(&self, digest: &[u8], attempt: &[u8]) -> Result<bool> {
        let sql = "UPDATE token SET used = 1, attempt = ?2 WHERE digest = ?1 AND used = 0";
        Ok(self.write(sql, [digest, attempt])? == 1)
    }

    fn forget_tokens(&self, before: i64) -> Result<()> {
        self.write("DELETE FROM token WHERE expires < ?1", [before]).map(|_| ())
    }

    fn end_family(&self, tenant: &str, family: &str) -> Result<()> {
        self.write("DELETE FROM token WHERE tenant = ?1 AND family = ?2", [tenant, family]).map(|_| ())
    }

    fn end_device(&self, tenant: &str, device: &str) -> Result<()> {
        self.write("DELETE FROM token WHERE tenant = ?1 AND device = ?2", [tenant, device]).map(|_| ())
    }

    fn put_chunk(&self, tenant: &str, hash: &str, body: &[u8]) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO chunk VALUES (?1, ?2, ?3)";
        self.write(sql, params![tenant, hash, body]).map(|_| ())
    }

    fn chunk(&self, tenant: &str, hash: &str) -> Result<Option<Vec<u8>>> {
        // Asked within a batch too, but a chunk is there before the mutation that names it.
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT body FROM chunk WHERE tenant = ?1 AND hash = ?2")?;
            Ok(statement.query_row([tenant, hash], |r| r.get(0)).optional()?)
        })
    }

    fn refused(&self, tenant: &str, device: &str) -> Result<Vec<(u64, Kept)>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT mid, outcome, before, refused, epoch FROM mutation
                 WHERE tenant = ?1 AND device = ?2 AND refused IS NOT NULL ORDER BY epoch, mid",
            )?;
            let of = |r: &SqlRow| Ok((r.get(4)?, kept_of(r)?));
            Ok(statement.query_map([tenant, device], of)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn put_escrow(&self, tenant: &str, boxed: &Boxed) -> Result<()> {
        let Boxed { hash, device, at, body } = boxed;
        let sql = "INSERT OR IGNORE INTO escrow VALUES (?1, ?2, ?3, ?4, ?5)";
        self.write(sql, params![tenant, hash, device, at, body]).map(|_| ())
    }

    fn escrow(&self, tenant: &str) -> Result<Vec<Boxed>> {
        self.read(|db| {
            let sql = "SELECT hash, device, at, body FROM escrow WHERE tenant = ?1 ORDER BY at, hash";
            let mut statement = db.prepare_cached(sql)?;
            let of = |r: &SqlRow| Ok(Boxed { hash: r.get(0)?, device: r.get(1)?, at: r.get(2)?, body: r.get(3)? });
            Ok(statement.query_map([tenant], of)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn add_links(&self, tenant: &str, links: &[Linked]) -> Result<()> {
        let mut db = self.writer();
        let tx = db.transaction()?;
        for Linked { device, seq, hash, fits, body } in links {
            tx.prepare_cached(
                "INSERT OR IGNORE INTO trail (tenant, device, seq, hash, fits, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![tenant, device, seq, hash, fits, body])?;
        }
        Ok(tx.commit()?)
    }

    fn trail_head(&self, tenant: &str, device: &str) -> Result<Option<(u64, Vec<u8>)>> {
        self.read(|db| {
            let sql = "SELECT seq, hash FROM trail WHERE tenant = ?1 AND device = ?2 ORDER BY n DESC LIMIT 1";
            let mut statement = db.prepare_cached(sql)?;
            Ok(statement.query_row([tenant, device], |r| Ok((r.get(0)?, r.get(1)?))).optional()?)
        })
    }

    fn trail_has(&self, tenant: &str, device: &str, hash: &[u8]) -> Result<bool> {
        self.read(|db| {
            let sql = "SELECT 1 FROM trail WHERE tenant = ?1 AND device = ?2 AND hash = ?3";
            Ok(db.prepare_cached(sql)?.exists(params![tenant, device, hash])?)
        })
    }

    fn trail(&self, tenant: &str, device: Option<&str>) -> Result<Vec<Linked>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT device, seq, hash, fits, body FROM trail
                 WHERE tenant = ?1 AND (?2 IS NULL OR device = ?2) ORDER BY n",
            )?;
            let of = |r: &SqlRow| {
                let (device, seq, hash) = (r.get(0)?, r.get(1)?, r.get(2)?);
                Ok(Linked { device, seq, hash, fits: r.get(3)?, body: r.get(4)? })
            };
            Ok(statement.query_map(params![tenant, device], of)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn audit(&self, tenant: &str, at: &str, actor: &str, action: &str, detail: &str) -> Result<()> {
        let sql = "INSERT INTO audit (tenant, at, actor, action, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.write(sql, [tenant, at, actor, action, detail]).map(|_| ())
    }

    fn ping(&self) -> Result<()> {
        self.read(|db| Ok(db.query_row("SELECT 1", [], |_| Ok(()))?))
    }
}

struct SqliteBatch<'a> {
    db: MutexGuard<'a, Connection>,
    tenant: String,
    /// Written at the end: nobody else writes meanwhile.
    clock: u64,
    put: bool,
    open: bool,
    /// A change of it failed, so that the others must not be kept alone.
    broken: bool,
}

impl SqliteBatch<'_> {
    fn change<T>(&mut self, change: impl FnOnce(&Connection, &str) -> rusqlite::Result<T>) -> Result<T> {
        let done = change(&self.db, &self.tenant);
        self.broken |= done.is_err();
        Ok(done?)
    }
}

impl Drop for SqliteBatch<'_> {
    fn drop(&mut self) {
        if self.open {
            let _ = self.db.execute_batch("ROLLBACK");
        }
    }
}

impl Batch for SqliteBatch<'_> {
    fn clock(&mut self) -> Result<u64> {
        Ok(self.clock)
    }

    fn rows_after(&mut self, seq: u64, at_most: usize) -> Result<Vec<Row>> {
        rows_after(&self.db, &self.tenant, seq, at_most)
    }

    fn row(&mut self, kind: &str, id: &str) -> Result<Option<Row>> {
        let sql = format!("SELECT {ROW} FROM record WHERE tenant = ?1 AND kind = ?2 AND id = ?3");
        Ok(self.db.prepare_cached(&sql)?.query_row([&self.tenant, kind, id], row_of).optional()?)
    }

    fn put(&mut self, row: &Row) -> Result<u64> {
        let seq = self.clock + 1;
        self.change(|db, tenant| {
            db.prepare_cached(
                "INSERT INTO record (tenant, kind, id, seq, class, gone, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (tenant, kind, id) DO UPDATE SET seq = ?4, class = ?5, gone = ?6, body = ?7",
            )?
            .execute(params![tenant, row.kind, row.id, seq, row.class, row.gone, row.body])
        })?;
        (self.clock, self.put) = (seq, true);
        Ok(seq)
    }

    fn device(&mut self, id: &str) -> Result<Option<Device>> {
        device(&self.db, &self.tenant, id)
    }

    fn set_last_mid(&mut self, device: &str, mid: u64) -> Result<()> {
        self.change(|db, tenant| {
            db.prepare_cached("UPDATE device SET last_mid = ?3 WHERE tenant = ?1 AND device = ?2")?
                .execute(params![tenant, device, mid])
                .map(|_| ())
        })
    }

    fn keep(&mut self, device: &str, epoch: u64, kept: &Kept) -> Result<()> {
        self.change(|db, tenant| {
            db.prepare_cached("INSERT INTO mutation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
                .execute(params![tenant, device, epoch, kept.mid, kept.outcome, kept.before, kept.refused])
                .map(|_| ())
        })
    }

    fn kept(&mut self, device: &str, epoch: u64, mid: u64) -> Result<Option<Kept>> {
        let mut statement = self.db.prepare_cached(
            "SELECT mid, outcome, before, refused FROM mutation
             WHERE tenant = ?1 AND device = ?2 AND epoch = ?3 AND mid = ?4",
        )?;
        Ok(statement.query_row(params![self.tenant, device, epoch, mid], kept_of).optional()?)
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        if self.broken {
            return Err(DbError::Failed("a batch of which something failed".into()));
        }
        if self.put {
            let sql = "UPDATE tenant_clock SET seq = ?2 WHERE tenant = ?1";
            self.db.prepare_cached(sql)?.execute(params![self.tenant, self.clock])?;
        }
        self.db.execute_batch("COMMIT")?;
        self.open = false;
        Ok(())
    }
}
