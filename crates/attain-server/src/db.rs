//! The authority's database: what must be durable, in two databases behind one small trait.
//!
//! Owns: [`AuthorityDb`] and the rows it speaks in. Bodies arrive sealed; the columns named here are all that is clear.
//! Absent on purpose: what a body says, and who may have it. SQL is in `db/sqlite.rs` and `db/postgres.rs` and nowhere else.

use std::path::Path;
use std::sync::Arc;

pub mod postgres;
pub mod sqlite;

/// Why the database could not do it; for the log.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("there is already one of that name")]
    Exists,
    /// Nothing was done; the same again may succeed.
    #[error("another writer was in the way")]
    Retry,
    /// Nothing was done; there is no room.
    #[error("the disk is full")]
    Full,
    #[error("database: {0}")]
    Failed(String),
}

pub type Result<T> = std::result::Result<T, DbError>;

/// Where a database is, as `--db` names it.
pub enum Address<'a> {
    File(&'a Path),
    Server(&'a str),
}

/// Errors: neither a file nor a server of PostgreSQL's.
pub fn address(address: &str) -> Result<Address<'_>> {
    if let Some(path) = address.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
        return Ok(Address::File(Path::new(path)));
    }
    if address.starts_with("postgres://") || address.starts_with("postgresql://") {
        return Ok(Address::Server(address));
    }
    Err(DbError::Failed("a database is sqlite:PATH or postgres://…".into()))
}

/// Whether an address can be one, without opening it.
pub fn check(text: &str) -> Result<()> {
    match address(text)? {
        Address::File(_) => Ok(()),
        Address::Server(url) => postgres::address::read(url).map(|_| ()),
    }
}

/// Opens a database by its address. The key is for one in a file, which is encrypted whole.
///
/// Errors: not an address; it cannot be opened or reached; another key; tables of a newer version.
pub fn open(text: &str, key: &[u8; 32]) -> Result<Arc<dyn AuthorityDb>> {
    Ok(match address(text)? {
        Address::File(path) => Arc::new(sqlite::Sqlite::open(path, Some(key))?),
        Address::Server(url) => Arc::new(postgres::Postgres::open(url)?),
    })
}

/// A record as it lies in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub seq: u64,
    pub kind: String,
    pub id: String,
    pub class: String,
    pub gone: bool,
    /// Sealed.
    pub body: Vec<u8>,
}

/// A company on this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    pub tenant: String,
    pub name: String,
    /// The tenant's key under the master key.
    pub wrapped_key: Vec<u8>,
}

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub tenant: String,
    pub user: String,
    pub person_id: String,
    /// PHC string of argon2id.
    pub password: String,
    pub disabled: bool,
}

/// A laptop that signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub tenant: String,
    pub device: String,
    pub user: String,
    pub person_id: String,
    pub name: String,
    pub epoch: u64,
    /// Last mutation of this epoch that has an outcome.
    pub last_mid: u64,
    pub revoked: bool,
}

/// A token, by the digest of its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub digest: Vec<u8>,
    pub tenant: String,
    pub device: String,
    /// Tokens of one sign-in; the second use of a refresh token ends all of them.
    pub family: String,
    pub refresh: bool,
    /// Seconds since 1970.
    pub expires: i64,
    pub used: bool,
    /// Digest of the try it was used in.
    pub attempt: Option<Vec<u8>>,
}

/// What became of a mutation, and what its rows were before, both sealed: the same answer however often it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub mid: u64,
    pub outcome: Vec<u8>,
    pub before: Vec<u8>,
    /// The change itself, where it had no effect.
    pub refused: Option<Vec<u8>>,
}

/// What was sealed to the company on a laptop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boxed {
    pub hash: String,
    pub device: String,
    /// RFC 3339, by this server's clock.
    pub at: String,
    pub body: Vec<u8>,
}

/// An entry of a laptop's trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    pub device: String,
    pub seq: u64,
    pub hash: Vec<u8>,
    /// It goes on from the one that came before it.
    pub fits: bool,
    /// Sealed.
    pub body: Vec<u8>,
}

pub trait AuthorityDb: Send + Sync {
    /// Begins a batch of a tenant: the only writer of its records until it is committed or dropped. The tenant's clock
    /// row is locked before anything is read.
    ///
    /// Errors: no such tenant.
    fn begin(&self, tenant: &str) -> Result<Box<dyn Batch + '_>>;

    /// Records above a place in the order, by `seq`, as of the last commit.
    fn rows_after(&self, tenant: &str, seq: u64, at_most: usize) -> Result<Vec<Row>>;
    /// Of these kinds the records that are there, above a place in the order, by `seq`, as of the last commit.
    fn kinds_after(&self, tenant: &str, kinds: [&str; 2], seq: u64) -> Result<Vec<Row>>;
    /// The tenant's clock as of the last commit.
    fn clock(&self, tenant: &str) -> Result<u64>;

    fn add_tenant(&self, tenant: &Tenant) -> Result<()>;
    fn tenants(&self) -> Result<Vec<Tenant>>;

    fn add_account(&self, account: &Account) -> Result<()>;
    /// Replaces password, person and whether it is disabled. `false` when there is none.
    fn set_account(&self, account: &Account) -> Result<bool>;
    /// Accounts of a user name, on all tenants: names are unique on a server.
    fn account(&self, user: &str) -> Result<Option<Account>>;
    fn accounts(&self, tenant: &str) -> Result<Vec<Account>>;

    /// Puts a device, or replaces all of it.
    fn put_device(&self, device: &Device) -> Result<()>;
    fn device(&self, tenant: &str, device: &str) -> Result<Option<Device>>;
    fn devices(&self, tenant: &str) -> Result<Vec<Device>>;

    fn add_token(&self, token: &Token) -> Result<()>;
    fn token(&self, digest: &[u8]) -> Result<Option<Token>>;
    /// Marks a refresh token as used, in a try; `false` when it was already, so that of two who race one wins.
    fn use_token(&self, digest: &[u8], attempt: &[u8]) -> Result<bool>;
    /// Forgets tokens that ended before a moment, in seconds since 1970.
    fn forget_tokens(&self, before: i64) -> Result<()>;
    /// Ends every token of a sign-in.
    fn end_family(&self, tenant: &str, family: &str) -> Result<()>;
    /// Ends every token of a device.
    fn end_device(&self, tenant: &str, device: &str) -> Result<()>;

    /// Keeps a chunk under its hash; the same again is nothing new.
    fn put_chunk(&self, tenant: &str, hash: &str, body: &[u8]) -> Result<()>;
    fn chunk(&self, tenant: &str, hash: &str) -> Result<Option<Vec<u8>>>;

    /// Refused changes of a laptop, each with its epoch, in order.
    fn refused(&self, tenant: &str, device: &str) -> Result<Vec<(u64, Kept)>>;

    /// Keeps a box under its hash; the same again is nothing new.
    fn put_escrow(&self, tenant: &str, boxed: &Boxed) -> Result<()>;
    fn escrow(&self, tenant: &str) -> Result<Vec<Boxed>>;

    /// Appends entries of laptops' trails in one transaction; those that are there already are nothing new.
    fn add_links(&self, tenant: &str, links: &[Linked]) -> Result<()>;
    /// Number and hash of the entry of a laptop's that came last.
    fn trail_head(&self, tenant: &str, device: &str) -> Result<Option<(u64, Vec<u8>)>>;
    fn trail_has(&self, tenant: &str, device: &str, hash: &[u8]) -> Result<bool>;
    /// In the order they came; of one laptop, or of all.
    fn trail(&self, tenant: &str, device: Option<&str>) -> Result<Vec<Linked>>;

    /// Appends to the server's trail.
    fn audit(&self, tenant: &str, at: &str, actor: &str, action: &str, detail: &str) -> Result<()>;

    /// Whether the database answers.
    fn ping(&self) -> Result<()>;
}

/// One transaction of one tenant. Dropped without [`Batch::commit`], nothing of it remains.
pub trait Batch {
    /// The tenant's clock: the highest `seq` given out.
    fn clock(&mut self) -> Result<u64>;
    fn rows_after(&mut self, seq: u64, at_most: usize) -> Result<Vec<Row>>;
    fn row(&mut self, kind: &str, id: &str) -> Result<Option<Row>>;
    /// Puts a record under its name with the next `seq`, which it answers; the `seq` in the row is not looked at.
    fn put(&mut self, row: &Row) -> Result<u64>;
    fn device(&mut self, device: &str) -> Result<Option<Device>>;
    fn set_last_mid(&mut self, device: &str, mid: u64) -> Result<()>;
    fn keep(&mut self, device: &str, epoch: u64, kept: &Kept) -> Result<()>;
    fn kept(&mut self, device: &str, epoch: u64, mid: u64) -> Result<Option<Kept>>;
    fn commit(self: Box<Self>) -> Result<()>;
}
