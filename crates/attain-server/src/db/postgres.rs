//! PostgreSQL: the same tables, for one server process or several.
//!
//! Owns: its SQL, and connections that are lent out and taken back. Every call blocks: never on a thread of an async
//! runtime.
//! Absent on purpose: advisory locks, LISTEN, and whatever else PostgreSQL's distributed relatives do not run.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, NoTls, Row as SqlRow, Statement};

use address::Address;

use super::{Account, AuthorityDb, Batch, Boxed, DbError, Device, Kept, Linked, Result, Row, Tenant, Token};

pub mod address;

mod migrations {
    refinery::embed_migrations!("migrations/postgres");
}

/// Connections of one server process: this many for batches, and as many for everything else.
const CONNECTIONS: usize = 8;
/// Longest a call waits for a connection, and a connection for its answer to a "hello".
const PATIENCE: Duration = Duration::from_secs(30);
const HELLO: Duration = Duration::from_secs(5);
/// A lock is waited for less long than a request may take; a batch whose server has died ends, and lets others go on.
const OPTIONS: &str = "-c lock_timeout=30s -c idle_in_transaction_session_timeout=5min";

impl From<postgres::Error> for DbError {
    fn from(error: postgres::Error) -> Self {
        // The message and no more: the detail of an error holds values of the row.
        let Some(said) = error.as_db_error() else { return DbError::Failed(error.to_string()) };
        match *said.code() {
            SqlState::UNIQUE_VIOLATION => DbError::Exists,
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED | SqlState::LOCK_NOT_AVAILABLE => {
                DbError::Retry
            }
            SqlState::DISK_FULL => DbError::Full,
            _ => DbError::Failed(format!("{} ({})", said.message(), said.code().code())),
        }
    }
}

pub struct Postgres {
    /// Apart from the rest: a batch under way asks for a second connection, which must not wait for another batch.
    batches: Pool,
    others: Pool,
}

impl Postgres {
    /// Connects to `postgres://…` and brings the tables up to date.
    ///
    /// Errors: not an address, nobody there, not let in, tables of a newer version.
    pub fn open(url: &str) -> Result<Postgres> {
        let mut address = address::read(url)?;
        let config = &mut address.config;
        if config.get_options().is_none() {
            config.options(OPTIONS);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(HELLO);
        }
        if config.get_application_name().is_none() {
            config.application_name("attain-server");
        }
        let db = Postgres { batches: Pool::new(address.clone()), others: Pool::new(address) };
        migrate(&mut db.others.take()?.link()?.client)?;
        Ok(db)
    }

    fn query(&self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<SqlRow>> {
        self.others.take()?.link()?.query(sql, values)
    }

    fn execute(&self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        self.others.take()?.link()?.execute(sql, values)
    }
}

/// All in one transaction, so that a start cut short leaves nothing half made. Of two servers that start at once, the one
/// that comes late finds its tables made and looks again.
fn migrate(client: &mut Client) -> Result<()> {
    let runner = migrations::migrations::runner().set_grouped(true);
    let mut tries = 0;
    loop {
        match runner.run(client) {
            Ok(_) => return Ok(()),
            Err(_) if tries < 5 => thread::sleep(Duration::from_millis(200)),
            Err(error) => return Err(DbError::Failed(error.to_string())),
        }
        tries += 1;
    }
}

/// A connection and the statements it has prepared.
struct Link {
    client: Client,
    known: HashMap<&'static str, Statement>,
}

impl Link {
    fn statement(&mut self, sql: &'static str) -> Result<Statement> {
        if let Some(statement) = self.known.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.known.insert(sql, statement.clone());
        Ok(statement)
    }

    fn query(&mut self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<SqlRow>> {
        let statement = self.statement(sql)?;
        Ok(self.client.query(&statement, values)?)
    }

    fn execute(&mut self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        let statement = self.statement(sql)?;
        Ok(self.client.execute(&statement, values)?)
    }
}

struct Pool {
    address: Address,
    idle: Mutex<Idle>,
    back: Condvar,
}

#[derive(Default)]
struct Idle {
    links: Vec<Link>,
    lent: usize,
}

impl Pool {
    fn new(address: Address) -> Pool {
        Pool { address, idle: Mutex::default(), back: Condvar::new() }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that answers, when one is free: after a restart of the database the old ones do not.
    fn take(&self) -> Result<Lent<'_>> {
        let begun = Instant::now();
        let mut idle = self.idle();
        while idle.lent >= CONNECTIONS {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(DbError::Retry);
            }
            idle = self.back.wait_timeout(idle, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        idle.lent += 1;
        let mut lent = Lent { pool: self, link: idle.links.pop() };
        drop(idle);
        if lent.link.as_mut().is_none_or(|link| link.client.is_valid(HELLO).is_err()) {
            lent.link = None;
            let Address { config, tls, .. } = &self.address;
            let client = match tls {
                Some(tls) => config.connect(tls.clone())?,
                None => config.connect(NoTls)?,
            };
            lent.link = Some(Link { client, known: HashMap::new() });
        }
        Ok(lent)
    }
}

impl Drop for Pool {
    /// A connection blocks while it is closed, which a thread of an async runtime refuses.
    fn drop(&mut self) {
        let links = std::mem::take(&mut self.idle().links);
        if !links.is_empty() {
            let _ = thread::spawn(move || drop(links)).join();
        }
    }
}

/// A connection of a pool, until dropped.
struct Lent<'a> {
    pool: &'a Pool,
    link: Option<Link>,
}

impl Lent<'_> {
    fn link(&mut self) -> Result<&mut Link> {
        self.link.as_mut().ok_or_else(|| DbError::Failed("the connection is gone".into()))
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut idle = self.pool.idle();
        idle.lent -= 1;
        idle.links.extend(self.link.take());
        drop(idle);
        self.pool.back.notify_one();
    }
}

fn signed(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| DbError::Failed("a number is too great".into()))
}

fn unsigned(row: &SqlRow, column: usize) -> Result<u64> {
    u64::try_from(row.try_get::<_, i64>(column)?).map_err(|_| DbError::Failed("a number is below zero".into()))
}

fn row_of(row: &SqlRow) -> Result<Row> {
    Ok(Row {
        seq: unsigned(row, 0)?,
        kind: row.try_get(1)?,
        id: row.try_get(2)?,
        class: row.try_get(3)?,
        gone: row.try_get(4)?,
        body: row.try_get(5)?,
    })
}

fn account_of(row: &SqlRow) -> Result<Account> {
    Ok(Account {
        tenant: row.try_get(0)?,
        user: row.try_get(1)?,
        person_id: row.try_get(2)?,
        password: row.try_get(3)?,
        disabled: row.try_get(4)?,
    })
}

fn device_of(row: &SqlRow) -> Result<Device> {
    Ok(Device {
        tenant: row.try_get(0)?,
        device: row.try_get(1)?,
        user: row.try_get(2)?,
        person_id: row.try_get(3)?,
        name: row.try_get(4)?,
        epoch: unsigned(row, 5)?,
        last_mid: unsigned(row, 6)?,
        revoked: row.try_get(7)?,
    })
}

fn token_of(row: &SqlRow) -> Result<Token> {
    Ok(Token {
        digest: row.try_get(0)?,
        tenant: row.try_get(1)?,
        device: row.try_get(2)?,
        family: row.try_get(3)?,
        refresh: row.try_get(4)?,
        expires: row.try_get(5)?,
        used: row.try_get(6)?,
        attempt: row.try_get(7)?,
    })
}

const ROWS_AFTER: &str =
    "SELECT seq, kind, id, class, gone, body FROM record WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const DEVICE: &str = "SELECT tenant, device, account, person_id, name, epoch, last_mid, revoked
    FROM device WHERE tenant = $1 AND device = $2";

fn rows_after(link: &mut Link, tenant: &str, seq: u64, at_most: usize) -> Result<Vec<Row>> {
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    link.query(ROWS_AFTER, &[&tenant, &signed(seq)?, &at_most])?.iter().map(row_of).collect()
}

fn no_tenant(tenant: &str) -> DbError {
    DbError::Failed(format!("no tenant {tenant}"))
}

fn kept_of(row: &SqlRow) -> Result<Kept> {
    let mid = unsigned(row, 0)?;
    Ok(Kept { mid, outcome: row.try_get(1)?, before: row.try_get(2)?, refused: row.try_get(3)? })
}

impl AuthorityDb for Postgres {
    fn begin(&self, tenant: &str) -> Result<Box<dyn Batch + '_>> {
        let mut lent = self.batches.take()?;
        // Enough once the row is locked: each statement after it sees all that was committed before.
        lent.link()?.client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED")?;
        let mut batch =
            PostgresBatch { lent, tenant: tenant.to_owned(), before: 0, clock: 0, open: true, broken: false };
        batch.before = batch.ask(|link, tenant| {
            let clock = link.query("SELECT seq FROM tenant_clock WHERE tenant = $1 FOR UPDATE", &[&tenant])?;
            unsigned(clock.first().ok_or_else(|| no_tenant(tenant))?, 0)
        })?;
        batch.clock = batch.before;
        Ok(Box::new(batch))
    }

    fn rows_after(&self, tenant: &str, seq: u64, at_most: usize) -> Result<Vec<Row>> {
        rows_after(self.others.take()?.link()?, tenant, seq, at_most)
    }

    fn kinds_after(&self, tenant: &str, kinds: [&str; 2], seq: u64) -> Result<Vec<Row>> {
        let sql = "SELECT seq, kind, id, class, gone, body FROM record
            WHERE tenant = $1 AND kind IN ($2, $3) AND seq > $4 AND NOT gone ORDER BY seq";
        self.query(sql, &[&tenant, &kinds[0], &kinds[1], &signed(seq)?])?.iter().map(row_of).collect()
    }

    fn clock(&self, tenant: &str) -> Result<u64> {
        let rows = self.query("SELECT seq FROM tenant_clock WHERE tenant = $1", &[&tenant])?;
        unsigned(rows.first().ok_or_else(|| no_tenant(tenant))?, 0)
    }

    fn add_tenant(&self, tenant: &Tenant) -> Result<()> {
        let Tenant { tenant, name, wrapped_key } = tenant;
        let mut lent = self.others.take()?;
        let mut tx = lent.link()?.client.transaction()?;
        tx.execute("INSERT INTO tenant (tenant, name, wrapped_key) VALUES ($1, $2, $3)", &[tenant, name, wrapped_key])?;
        tx.execute("INSERT INTO tenant_clock (tenant, seq) VALUES ($1, 0)", &[tenant])?;
        Ok(tx.commit()?)
    }

    fn tenants(&self) -> Result<Vec<Tenant>> {
        let of =
            |row: &SqlRow| Ok(Tenant { tenant: row.try_get(0)?, name: row.try_get(1)?, wrapped_key: row.try_get(2)? });
        let rows = self.query("SELECT tenant, name, wrapped_key FROM tenant", &[])?;
        let mut tenants: Vec<Tenant> = rows.iter().map(of).collect::<Result<_>>()?;
        // Here, for an order that is nobody's locale.
        tenants.sort_by(|a, b| a.tenant.cmp(&b.tenant));
        Ok(tenants)
    }

    fn add_account(&self, account: &Account) -> Result<()> {
        let Account { tenant, user, person_id, password, disabled } = account;
        let sql = "INSERT INTO account (tenant, name, person_id, password, disabled) VALUES ($1, $2, $3, $4, $5)";
        self.execute(sql, &[tenant, user, person_id, password, disabled]).map(|_| ())
    }

    fn set_account(&self, account: &Account) -> Result<bool> {
        let Account { tenant, user, person_id, password, disabled } = account;
        let sql = "UPDATE account SET person_id = $3, password = $4, disabled = $5 WHERE tenant = $1 AND name = $2";
        Ok(self.execute(sql, &[tenant, user, person_id, password, disabled])? == 1)
    }

    fn account(&self, user: &str) -> Result<Option<Account>> {
        let sql = "SELECT tenant, name, person_id, password, disabled FROM account WHERE name = $1";
        self.query(sql, &[&user])?.first().map(account_of).transpose()
    }

    fn accounts(&self, tenant: &str) -> Result<Vec<Account>> {
        let sql = "SELECT tenant, name, person_id, password, disabled FROM account WHERE tenant = $1";
        let mut accounts: Vec<Account> = self.query(sql, &[&tenant])?.iter().map(account_of).collect::<Result<_>>()?;
        accounts.sort_by(|a, b| a.user.cmp(&b.user));
        Ok(accounts)
    }

    fn put_device(&self, device: &Device) -> Result<()> {
        let Device { tenant, device, user, person_id, name, epoch, last_mid, revoked } = device;
        let sql = "INSERT INTO device (tenant, device, account, person_id, name, epoch, last_mid, revoked)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant, device) DO UPDATE
            SET account = $3, person_id = $4, name = $5, epoch = $6, last_mid = $7, revoked = $8";
        let (epoch, last_mid) = (signed(*epoch)?, signed(*last_mid)?);
        self.execute(sql, &[tenant, device, user, person_id, name, &epoch, &last_mid, revoked]).map(|_| ())
    }

    fn device(&self, tenant: &str, device: &str) -> Result<Option<Device>> {
        self.query(DEVICE, &[&tenant, &device])?.first().map(device_of).transpose()
    }

    fn devices(&self, tenant: &str) -> Result<Vec<Device>> {
        let sql =
            "SELECT tenant, device, account, person_id, name, epoch, last_mid, revoked FROM device WHERE tenant = $1";
        let mut devices: Vec<Device> = self.query(sql, &[&tenant])?.iter().map(device_of).collect::<Result<_>>()?;
        devices.sort_by(|a, b| (&a.user, &a.device).cmp(&(&b.user, &b.device)));
        Ok(devices)
    }

    fn add_token(&self, token: &Token) -> Result<()> {
        let Token { digest, tenant, device, family, refresh, expires, used, attempt } = token;
        let sql = "INSERT INTO token (digest, tenant, device, sign_in, refresh, expires, used, attempt)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        self.execute(sql, &[digest, tenant, device, family, refresh, expires, used, attempt]).map(|_| ())
    }

    fn token(&self, digest: &[u8]) -> Result<Option<Token>> {
        let sql =
            "SELECT digest, tenant, device, sign_in, refresh, expires, used, attempt FROM token WHERE digest = $1";
        self.query(sql, &[&digest])?.first().map(token_of).transpose()
    }

    fn use_token(&self, digest: &[u8], attempt: &[u8]) -> Result<bool> {
        let sql = "UPDATE token SET used = TRUE, attempt = $2 WHERE digest = $1 AND NOT used";
        Ok(self.execute(sql, &[&digest, &attempt])? == 1)
    }

    fn forget_tokens(&self, before: i64) -> Result<()> {
        self.execute("DELETE FROM token WHERE expires < $1", &[&before]).map(|_| ())
    }

    fn end_family(&self, tenant: &str, family: &str) -> Result<()> {
        self.execute("DELETE FROM token WHERE tenant = $1 AND sign_in = $2", &[&tenant, &family]).map(|_| ())
    }

    fn end_device(&self, tenant: &str, device: &str) -> Result<()> {
        self.execute("DELETE FROM token WHERE tenant = $1 AND device = $2", &[&tenant, &device]).map(|_| ())
    }

    fn put_chunk(&self, tenant: &str, hash: &str, body: &[u8]) -> Result<()> {
        let sql = "INSERT INTO chunk (tenant, hash, body) VALUES ($1, $2, $3) ON CONFLICT (tenant, hash) DO NOTHING";
        self.execute(sql, &[&tenant, &hash, &body]).map(|_| ())
    }

    fn chunk(&self, tenant: &str, hash: &str) -> Result<Option<Vec<u8>>> {
        let rows = self.query("SELECT body FROM chunk WHERE tenant = $1 AND hash = $2", &[&tenant, &hash])?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }

    fn refused(&self, tenant: &str, device: &str) -> Result<Vec<(u64, Kept)>> {
        let sql = "SELECT mid, outcome, before, refused, epoch FROM mutation
            WHERE tenant = $1 AND device = $2 AND refused IS NOT NULL ORDER BY epoch, mid";
        self.query(sql, &[&tenant, &device])?.iter().map(|row| Ok((unsigned(row, 4)?, kept_of(row)?))).collect()
    }

    fn put_escrow(&self, tenant: &str, boxed: &Boxed) -> Result<()> {
        let Boxed { hash, device, at, body } = boxed;
        let sql = "INSERT INTO escrow (tenant, hash, device, at, body) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (tenant, hash) DO NOTHING";
        self.execute(sql, &[&tenant, hash, device, at, body]).map(|_| ())
    }

    fn escrow(&self, tenant: &str) -> Result<Vec<Boxed>> {
        let sql = "SELECT hash, device, at, body FROM escrow WHERE tenant = $1 ORDER BY at, hash";
        let of = |row: &SqlRow| {
            Ok(Boxed { hash: row.try_get(0)?, device: row.try_get(1)?, at: row.try_get(2)?, body: row.try_get(3)? })
        };
        self.query(sql, &[&tenant])?.iter().map(of).collect()
    }

    fn add_links(&self, tenant: &str, links: &[Linked]) -> Result<()> {
        let mut lent = self.others.take()?;
        let link = lent.link()?;
        let sql = "INSERT INTO trail (tenant, device, seq, hash, fits, body) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (tenant, device, hash) DO NOTHING";
        link.client.batch_execute("BEGIN")?;
        for Linked { device, seq, hash, fits, body } in links {
            if let Err(error) = link.execute(sql, &[&tenant, device, &signed(*seq)?, hash, fits, body]) {
                link.client.batch_execute("ROLLBACK")?;
                return Err(error);
            }
        }
        Ok(link.client.batch_execute("COMMIT")?)
    }

    fn trail_head(&self, tenant: &str, device: &str) -> Result<Option<(u64, Vec<u8>)>> {
        let sql = "SELECT seq, hash FROM trail WHERE tenant = $1 AND device = $2 ORDER BY n DESC LIMIT 1";
        let rows = self.query(sql, &[&tenant, &device])?;
        rows.first().map(|row| Ok((unsigned(row, 0)?, row.try_get(1)?))).transpose()
    }

    fn trail_has(&self, tenant: &str, device: &str, hash: &[u8]) -> Result<bool> {
        let sql = "SELECT 1 FROM trail WHERE tenant = $1 AND device = $2 AND hash = $3";
        Ok(!self.query(sql, &[&tenant, &device, &hash])?.is_empty())
    }

    fn trail(&self, tenant: &str, device: Option<&str>) -> Result<Vec<Linked>> {
        let sql = "SELECT device, seq, hash, fits, body FROM trail
            WHERE tenant = $1 AND ($2::TEXT IS NULL OR device = $2) ORDER BY n";
        let of = |row: &SqlRow| {
            let (device, seq, hash) = (row.try_get(0)?, unsigned(row, 1)?, row.try_get(2)?);
            Ok(Linked { device, seq, hash, fits: row.try_get(3)?, body: row.try_get(4)? })
        };
        self.query(sql, &[&tenant, &device])?.iter().map(of).collect()
    }

    fn audit(&self, tenant: &str, at: &str, actor: &str, action: &str, detail: &str) -> Result<()> {
        let sql = "INSERT INTO audit (tenant, at, actor, action, detail) VALUES ($1, $2, $3, $4, $5)";
        self.execute(sql, &[&tenant, &at, &actor, &action, &detail]).map(|_| ())
    }

    fn ping(&self) -> Result<()> {
        self.query("SELECT 1", &[]).map(|_| ())
    }
}

struct PostgresBatch<'a> {
    lent: Lent<'a>,
    tenant: String,
    /// The tenant's clock at the beginning, and with what was put since. The row is locked: nobody else moves it.
    before: u64,
    clock: u64,
    open: bool,
    /// Something of it failed. COMMIT would roll it back and call that success.
    broken: bool,
}

impl PostgresBatch<'_> {
    fn ask<T>(&mut self, ask: impl FnOnce(&mut Link, &str) -> Result<T>) -> Result<T> {
        let answer = self.lent.link().and_then(|link| ask(link, &self.tenant));
        self.broken |= answer.is_err();
        answer
    }
}

impl Drop for PostgresBatch<'_> {
    fn drop(&mut self) {
        let ended = !self.open || self.lent.link().is_ok_and(|link| link.client.batch_execute("ROLLBACK").is_ok());
        if !ended {
            self.lent.link = None;
        }
    }
}

impl Batch for PostgresBatch<'_> {
    fn clock(&mut self) -> Result<u64> {
        Ok(self.clock)
    }

    fn rows_after(&mut self, seq: u64, at_most: usize) -> Result<Vec<Row>> {
        self.ask(|link, tenant| rows_after(link, tenant, seq, at_most))
    }

    fn row(&mut self, kind: &str, id: &str) -> Result<Option<Row>> {
        let sql = "SELECT seq, kind, id, class, gone, body FROM record WHERE tenant = $1 AND kind = $2 AND id = $3";
        self.ask(|link, tenant| link.query(sql, &[&tenant, &kind, &id])?.first().map(row_of).transpose())
    }

    fn put(&mut self, row: &Row) -> Result<u64> {
        let seq = self.clock + 1;
        let Row { kind, id, class, gone, body, .. } = row;
        let sql = "INSERT INTO record (tenant, kind, id, seq, class, gone, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (tenant, kind, id) DO UPDATE SET seq = $4, class = $5, gone = $6, body = $7";
        self.ask(|link, tenant| link.execute(sql, &[&tenant, kind, id, &signed(seq)?, class, gone, body]))?;
        self.clock = seq;
        Ok(seq)
    }

    fn device(&mut self, device: &str) -> Result<Option<Device>> {
        self.ask(|link, tenant| link.query(DEVICE, &[&tenant, &device])?.first().map(device_of).transpose())
    }

    fn set_last_mid(&mut self, device: &str, mid: u64) -> Result<()> {
        let sql = "UPDATE device SET last_mid = $3 WHERE tenant = $1 AND device = $2";
        self.ask(|link, tenant| link.execute(sql, &[&tenant, &device, &signed(mid)?]).map(|_| ()))
    }

    fn keep(&mut self, device: &str, epoch: u64, kept: &Kept) -> Result<()> {
        let sql = "INSERT INTO mutation (tenant, device, epoch, mid, outcome, before, refused)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.ask(|link, tenant| {
            let (epoch, mid) = (signed(epoch)?, signed(kept.mid)?);
            link.execute(sql, &[&tenant, &device, &epoch, &mid, &kept.outcome, &kept.before, &kept.refused]).map(|_| ())
        })
    }

    fn kept(&mut self, device: &str, epoch: u64, mid: u64) -> Result<Option<Kept>> {
        let sql = "SELECT mid, outcome, before, refused FROM mutation
            WHERE tenant = $1 AND device = $2 AND epoch = $3 AND mid = $4";
        self.ask(|link, tenant| {
            link.query(sql, &[&tenant, &device, &signed(epoch)?, &signed(mid)?])?.first().map(kept_of).transpose()
        })
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        if self.broken {
            return Err(DbError::Failed("a batch of which something failed".into()));
        }
        let (before, clock) = (self.before, self.clock);
        self.ask(|link, tenant| {
            if clock != before {
                let sql = "UPDATE tenant_clock SET seq = $2 WHERE tenant = $1";
                link.execute(sql, &[&tenant, &signed(clock)?])?;
            }
            Ok(link.client.batch_execute("COMMIT")?)
        })?;
        self.open = false;
        Ok(())
    }
}
