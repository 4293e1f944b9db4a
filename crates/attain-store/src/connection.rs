//! Opening a store: keys, pragmas, migrations, and telling apart what can be wrong with a file.
//!
//! Owns: [`Store`] (one connection), its settings table and its transactions.
//! Absent on purpose: what the rows mean.

use std::path::Path;
use std::time::Duration;

use chrono::{Datelike, NaiveDate};
use rusqlite::ffi::{SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMOPEN, SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_WRITE};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use zeroize::{Zeroize, ZeroizeOnDrop};

use attain_domain::attainment::{PaceBounds, PlanTime};
use attain_domain::calendar::WorkingCalendar;
use attain_domain::money::Currency;
use attain_domain::order::SalesBasis;
use attain_domain::period::FiscalCalendar;

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// Newest schema this program knows.
pub const SCHEMA: u32 = 8;

/// The raw keys of a store: 256 bits each, used as they are.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Keys {
    pub core: [u8; 32],
    /// Absent when the pay class has been dropped or its lease has ended.
    pub pay: Option<[u8; 32]>,
}

/// What can be wrong with a store, each with its own way forward.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no store here")]
    Missing,
    #[error("the key does not open this store")]
    WrongKey,
    #[error("the store is damaged: {0}")]
    Damaged(String),
    #[error("the store was written by a newer version (schema {found}, known {known})")]
    NewerSchema { found: u32, known: u32 },
    #[error("the pay key is not available")]
    PayKeyMissing,
    #[error("the disk is full")]
    DiskFull,
    #[error("another program is writing")]
    Busy,
    /// A row leans on another that is not here.
    #[error("{0}")]
    Unfit(String),
    #[error("store: {0}")]
    Sql(rusqlite::Error),
    #[error("store: {0}")]
    Internal(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            // A quota or a limit on files ends in a write that fails.
            Some(ErrorCode::SystemIoFailure)
                if matches!(
                    extended,
                    Some(SQLITE_IOERR_WRITE | SQLITE_IOERR_SHMSIZE | SQLITE_IOERR_SHMOPEN | SQLITE_IOERR_SHMMAP)
                ) =>
            {
                StoreError::DiskFull
            }
            Some(ErrorCode::NotADatabase) => StoreError::WrongKey,
            Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged(error.to_string()),
            Some(ErrorCode::DiskFull) => StoreError::DiskFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            _ => StoreError::Sql(error),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::Internal(error.to_string())
    }
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// One connection to a store, with the keys of the sealed classes.
pub struct Store {
    pub(crate) db: Connection,
    pub(crate) keys: Keys,
    /// Nobody searches in it: no search terms are kept.
    pub(crate) unsearched: bool,
}

impl Store {
    /// Makes a new store. Errors: the file exists, or cannot be written.
    pub fn create(path: &Path, keys: Keys) -> Result<Store> {
        if path.exists() {
            return Err(StoreError::Internal("a store exists here already".into()));
        }
        let db = Connection::open(path)?;
        restrict(path);
        let mut store = Store { db, keys, unsearched: false };
        store.unlock(32)?;
        store.db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        store.migrate()?;
        Ok(store)
    }

    /// Opens the writing connection and brings the schema up to date.
    pub fn open(path: &Path, keys: Keys) -> Result<Store> {
        let mut store = Store::connect(path, keys, false, 32)?;
        store.migrate()?;
        Ok(store)
    }

    /// Opens a read-only connection.
    pub fn open_read_only(path: &Path, keys: Keys) -> Result<Store> {
        Store::connect(path, keys, true, 8)
    }

    /// The same as a server's replica: nobody searches in it, and what a power cut takes from its end is fetched again, so
    /// that it need not wait for the disk.
    pub fn as_replica(mut self) -> Result<Store> {
        self.db.execute_batch("PRAGMA synchronous = NORMAL")?;
        self.unsearched = true;
        Ok(self)
    }

    fn connect(path: &Path, keys: Keys, read_only: bool, cache_mb: u32) -> Result<Store> {
        if !path.exists() {
            return Err(StoreError::Missing);
        }
        let access = if read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
        let db = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let store = Store { db, keys, unsearched: false };
        store.unlock(cache_mb)?;
        match store.schema_version()? {
            Some(found) if found > SCHEMA => Err(StoreError::NewerSchema { found, known: SCHEMA }),
            _ => Ok(store),
        }
    }

    /// Gives the key and proves it by a read; a file too short to be a store is damaged, not wrongly keyed.
    fn unlock(&self, cache_mb: u32) -> Result<()> {
        let mut pragma = String::from("PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'");
        for byte in self.keys.core {
            pragma.push_str(&format!("{byte:02x}"));
        }
        pragma.push_str("'\";");
        let given = self.db.execute_batch(&pragma);
        pragma.zeroize();
        match given.map_err(StoreError::from).and_then(|()| self.prepare(cache_mb)) {
            Err(StoreError::WrongKey) => Err(self.why_unreadable()),
            other => other,
        }
    }

    fn prepare(&self, cache_mb: u32) -> Result<()> {
        self.db.busy_timeout(Duration::from_secs(10))?;
        self.db.execute_batch(&format!(
            "PRAGMA cache_size = -{}; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; PRAGMA secure_delete = ON;",
            cache_mb * 1024
        ))?;
        self.db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
        if !self.db.is_readonly("main")? {
            self.db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        }
        self.db.set_prepared_statement_cache_capacity(128);
        Ok(())
    }

    /// A wrong key and a damaged first page look the same to the cipher; the length of the file tells some apart.
    fn why_unreadable(&self) -> StoreError {
        let mut head = [1u8; 64];
        let file = self.db.path().and_then(|path| std::fs::File::open(path).ok());
        let length = file.as_ref().and_then(|f| f.metadata().ok()).map_or(0, |m| m.len());
        let read = file.and_then(|mut f| std::io::Read::read_exact(&mut f, &mut head).ok());
        if !length.is_multiple_of(4096) || read.is_none() || head == [0; 64] {
            StoreError::Damaged("its first page is not one".into())
        } else {
            StoreError::WrongKey
        }
    }

    fn schema_version(&self) -> Result<Option<u32>> {
        let known = "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'";
        if self.db.query_row(known, [], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(None);
        }
        Ok(self.db.query_row("SELECT max(version) FROM refinery_schema_history", [], |row| row.get(0))?)
    }

    fn migrate(&mut self) -> Result<()> {
        if self.schema_version()? == Some(SCHEMA) {
            return Ok(());
        }
        migrations::migrations::runner()
            .run(&mut self.db)
            .map(|_| ())
            .map_err(|error| StoreError::Internal(error.to_string()))
    }

    /// Runs a change in one immediate transaction; on error nothing of it remains.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        change: impl FnOnce(&Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let tx = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let tx = Tx { db: tx, keys: &self.keys, unsearched: self.unsearched };
        let value = change(&tx)?;
        tx.db.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// Checks every page: `Ok` when the file is whole. Reads the whole file.
    pub fn check(&self) -> Result<()> {
        let cipher: Vec<String> = self
            .db
            .prepare("PRAGMA cipher_integrity_check")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if let Some(finding) = cipher.into_iter().next() {
            return Err(StoreError::Damaged(finding));
        }
        match self.db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))? {
            fine if fine == "ok" => Ok(()),
            finding => Err(StoreError::Damaged(finding)),
        }
    }

    /// Folds the write-ahead log into the file and empties it, as on lock and quit.
    pub fn truncate_log(&self) -> Result<()> {
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Gives the pages that nothing is in back to the disk.
    pub(crate) fn give_back(&self) -> Result<()> {
        // One page a step.
        let mut pages = self.db.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = pages.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// Changes when another connection or program has committed.
    pub fn data_version(&self) -> Result<i64> {
        Ok(self.db.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    /// The store as a reader sees it.
    pub fn view(&self) -> View<'_> {
        View { db: &self.db, keys: &self.keys }
    }
}

/// Only the owner of the file may read it, as far as the system lets us say so.
fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A write transaction.
pub struct Tx<'a> {
    pub(crate) db: Transaction<'a>,
    pub(crate) keys: &'a Keys,
    pub(crate) unsearched: bool,
}

impl Tx<'_> {
    pub fn view(&self) -> View<'_> {
        View { db: &self.db, keys: self.keys }
    }

    pub fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        self.db
            .prepare_cached("INSERT INTO setting VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2")?
            .execute(params![key, value])?;
        Ok(())
    }
}

/// Reading access, inside or outside a transaction.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) keys: &'a Keys,
}

impl View<'_> {
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        Ok(self
            .db
            .prepare_cached("SELECT value FROM setting WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?)
    }

    fn parsed<T: std::str::FromStr>(&self, key: &str) -> Result<Option<T>> {
        Ok(self.setting(key)?.and_then(|v| v.parse().ok()))
    }

    pub fn currency(&self) -> Result<Currency> {
        Ok(self.parsed("currency")?.unwrap_or(Currency::CNY))
    }

    pub fn pace_bounds(&self) -> Result<PaceBounds> {
        let standard = PaceBounds::default();
        Ok(PaceBounds {
            ahead: self.parsed("pace_ahead")?.unwrap_or(standard.ahead),
            on_pace: self.parsed("pace_on_pace")?.unwrap_or(standard.on_pace),
            behind: self.parsed("pace_behind")?.unwrap_or(standard.behind),
        })
    }

    pub fn sales_basis(&self) -> Result<SalesBasis> {
        Ok(self.parsed("sales_basis")?.unwrap_or(SalesBasis::Booked))
    }

    pub fn retention_window(&self) -> Result<i32> {
        Ok(self.parsed("retention_window_months")?.unwrap_or(3))
    }

    pub fn pay_to_managers(&self) -> Result<bool> {
        Ok(self.parsed("pay_to_managers")?.unwrap_or(true))
    }

    pub fn fiscal(&self) -> Result<FiscalCalendar> {
        Ok(match self.setting("fiscal_calendar")?.as_deref() {
            Some("four-four-five") => FiscalCalendar::FourFourFive,
            _ => FiscalCalendar::Months,
        })
    }

    /// The fiscal and the working calendar of the company.
    pub fn plan_time(&self) -> Result<PlanTime> {
        let mut working = WorkingCalendar::default();
        let mut rows = self.db.prepare_cached("SELECT day, working FROM working_day ORDER BY day")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let day = date(row.get(0)?);
            if row.get(1)? { working.make_up_days.push(day) } else { working.holidays.push(day) }
        }
        let mut years = self.db.prepare_cached("SELECT year FROM working_year ORDER BY year")?;
        working.known_years = years.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(PlanTime { fiscal: self.fiscal()?, working })
    }
}

/// Stored when something has no end.
pub(crate) const OPEN: i32 = i32::MAX;

pub(crate) fn day(date: NaiveDate) -> i32 {
    date.num_days_from_ce()
}

pub(crate) fn date(day: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(day).unwrap_or(NaiveDate::MAX)
}

/// For tests of what a key opens; not built into the program's ways of reading.
impl Store {
    /// Every value of every table as text.
    #[doc(hidden)]
    pub fn dump_text(&self) -> Result<String> {
        let mut text = String::new();
        let mut tables = self.db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
        let tables: Vec<String> = tables.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
        for table in tables {
            let mut statement = self.db.prepare(&format!("SELECT * FROM \"{table}\""))?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for column in 0..columns {
                    match row.get_ref(column)? {
                        rusqlite::types::ValueRef::Text(t) => text.push_str(&String::from_utf8_lossy(t)),
                        rusqlite::types::ValueRef::Blob(b) => text.push_str(&String::from_utf8_lossy(b)),
                        other => text.push_str(&format!("{other:?}")),
                    }
                    text.push('\n');
                }
            }
        }
        Ok(text)
    }

    /// Parks a record, as a program would that does not know its kind.
    #[doc(hidden)]
    pub fn pretend_parked(&self, kind: &str, id: &str, body: &[u8]) -> Result<()> {
        self.db.execute("INSERT INTO parked VALUES (?1, ?2, ?3, zeroblob(32))", params![kind, id, body])?;
        Ok(())
    }

    /// Makes a change that waits look as the first version of this program wrote it.
    #[doc(hidden)]
    pub fn pretend_first_version(&self, mid: i64) -> Result<()> {
        self.db.execute(
            "UPDATE mutation SET version = 1, args = json_remove(args, '$.before', CASE name WHEN 'close_period' THEN '$.seen'
             ELSE '$.before' END) WHERE mid = ?1 AND name IN ('write_note', 'close_period', 'adjust_goal', 'lock_goal')",
            [mid],
        )?;
        Ok(())
    }

    /// Writes a schema version into the history, as a later program would.
    #[doc(hidden)]
    pub fn pretend_schema(&self, version: u32) -> Result<()> {
        self.db.execute(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (?1, 'later', '', '0')",
            [version],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_every_earlier_schema_opens_and_keeps_what_is_in_it() {
        for version in 1..SCHEMA {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.db");
            let keys = || Keys { core: [1; 32], pay: None };
            let mut store = Store { db: Connection::open(&path).unwrap(), keys: keys(), unsearched: false };
            store.unlock(8).unwrap();
            let target = refinery::Target::Version(version.try_into().unwrap());
            migrations::migrations::runner().set_target(target).run(&mut store.db).unwrap();
            store.db.execute("INSERT INTO setting VALUES ('company', 'Qinghe')", []).unwrap();
            drop(store);
            let store = Store::open(&path, keys()).unwrap();
            assert_eq!(store.schema_version().unwrap(), Some(SCHEMA), "from {version}");
            assert_eq!(store.view().setting("company").unwrap().as_deref(), Some("Qinghe"));
            assert_eq!(store.view().waiting_count().unwrap(), 0);
        }
    }
}
