//! The authority of one tenant: decides what laptops push, and answers what each may know.
//!
//! Owns: [`Authority`]: a batch of pushed mutations, a page of records, chunks, the replica that decides.
//! Absent on purpose: who asks (`account.rs` has settled that), routes (`http.rs`), rules (attain-domain).
//!
//! A push is one transaction of the database, with the tenant's clock row locked first. Within it the replica is brought
//! to the clock, decides and is written, and only then does the database commit, and the replica after it: a crash between
//! the two leaves a replica that is behind, and the next batch brings it up again.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use attain_domain::fault::{self, Fault};
use attain_domain::mutation::VERSION;
use attain_store::connection::View;
use attain_store::facts::Base;
use attain_store::journal::WriteError;
use attain_store::read::APPLIED_SEQ;
use attain_store::sync::whole::{Part, Whole};
use attain_store::{Keys, Store, StoreError};
use attain_sync::record::{Record, Scope};
use attain_sync::wire::{self, Cursor, Outcome, Pull, PullAnswer, Push, PushAnswer};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::db::{AuthorityDb, Batch, DbError, Device, Kept, Row};
use crate::seal::{SecretKey, Unsealable};

/// Why a request was not served; said to nobody but the log.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Sealed(#[from] Unsealable),
    #[error("{0}")]
    Internal(String),
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Store(error) => Failure::Store(error),
            WriteError::Rejected(rejection) => Failure::Internal(rejection.to_string()),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Failure::Internal(error.to_string())
    }
}

impl From<wire::WireError> for Failure {
    fn from(error: wire::WireError) -> Self {
        Failure::Internal(error.to_string())
    }
}

type Result<T> = std::result::Result<T, Failure>;

mod first;
mod judge;

/// What a push is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushing {
    Done(PushAnswer),
    /// The scope has changed since the laptop was served.
    PullFirst,
    /// The epoch is not the device's: it signed in anew elsewhere, or was revoked.
    NotThisDevice,
}

/// Records looked at for one page, unless a test asks for fewer.
const PAGE: usize = 10_000;
/// Largest place in the order at which a laptop that holds nothing is served the frame and its own team first: finding them
/// opens every record there is, in one request. A larger company is served in order from the beginning.
const FIRST_WITHIN: u64 = 500_000;
/// How often a batch is begun again when another writer was in its way, before the laptop is told so.
const TRIES: u32 = 3;

pub struct Authority {
    pub tenant: String,
    pub(crate) db: Arc<dyn AuthorityDb>,
    pub(crate) key: SecretKey,
    replica: Mutex<Store>,
    path: PathBuf,
    pub(crate) clock: fn() -> DateTime<Utc>,
    page: usize,
    /// The tenant's clock as this server last saw it, for laptops that wait to hear that something changed.
    moved: watch::Sender<u64>,
    /// What each scope must hold: asked for at the end of every round.
    followed: Mutex<HashMap<String, Followed>>,
}

/// Records of scopes whose sums are kept up to date, with some eighty bytes each; beyond it those asked for longest ago go.
const FOLLOWED: usize = 4_000_000;

/// The records that a scope sees, followed up to a place in the order.
#[derive(Default)]
struct Seen {
    seq: u64,
    /// By the beginning of the name's hash.
    parts: HashMap<[u8; 16], Part>,
    whole: Whole,
}

/// A scope that is followed: when it was last asked for, and how much it saw then.
#[derive(Default)]
struct Followed {
    asked: u64,
    records: usize,
    seen: Arc<Mutex<Seen>>,
}

impl Seen {
    /// Takes a record as it is now.
    fn take(&mut self, scope: &Scope, record: &Record) {
        let hash: [u8; 32] = Sha256::digest(format!("{}/{}", record.kind, record.id)).into();
        let mut name = [0; 16];
        name.copy_from_slice(&hash[..16]);
        let sees = !record.gone && scope.sees(record);
        self.put(name, sees.then(|| Part::of(&record.kind, &record.id, &Sha256::digest(&record.body).into())));
    }

    /// What a record is now; `None` when it is not seen.
    fn put(&mut self, name: [u8; 16], part: Option<Part>) {
        let before = match part {
            Some(part) => self.parts.insert(name, part),
            None => self.parts.remove(&name),
        };
        if let Some(before) = before {
            self.whole.remove(before);
        }
        if let Some(part) = part {
            self.whole.add(part);
        }
    }
}

/// The records of a tenant, as the database keeps them.
struct Ledger<'a> {
    tenant: &'a str,
    key: &'a SecretKey,
}

impl Ledger<'_> {
    fn place(&self, kind: &str, id: &str) -> String {
        format!("{}/{kind}/{id}", self.tenant)
    }

    fn open(&self, row: &Row) -> Result<Record> {
        let body = self.key.open(&self.place(&row.kind, &row.id), &row.body)?;
        Ok(wire::unpack(&body)?)
    }

    /// Takes over whom the record was for until now; whether it is for others from now on.
    fn remember(&self, batch: &mut dyn Batch, record: &mut Record) -> Result<bool> {
        let Some(row) = batch.row(&record.kind, &record.id)? else { return Ok(false) };
        let known = self.open(&row)?;
        let moved = known.reader != record.reader;
        record.formerly = known.formerly;
        if moved && !record.formerly.contains(&known.reader) {
            record.formerly.push(known.reader);
        }
        record.formerly.retain(|reader| *reader != record.reader);
        Ok(moved)
    }

    /// Whether a record says something else than the one that is kept, or something where there is none.
    fn differs(&self, batch: &mut dyn Batch, record: &Record) -> Result<bool> {
        let Some(row) = batch.row(&record.kind, &record.id)? else { return Ok(!record.gone) };
        let known = self.open(&row)?;
        Ok((known.gone, &known.body, &known.reader) != (record.gone, &record.body, &record.reader))
    }

    fn row(&self, record: &Record) -> Result<Row> {
        let body = self.key.seal(&self.place(&record.kind, &record.id), &wire::pack(record)?)?;
        Ok(Row {
            seq: 0,
            kind: record.kind.clone(),
            id: record.id.clone(),
            class: record.class.name().to_owned(),
            gone: record.gone,
            body,
        })
    }
}

fn held(mutex: &Mutex<Store>) -> MutexGuard<'_, Store> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Authority {
    /// Opens a tenant with a replica in a folder; one that cannot be opened, is ahead of the database or of another version
    /// is made anew.
    pub fn open(db: Arc<dyn AuthorityDb>, tenant: &str, key: SecretKey, folder: &Path) -> Result<Authority> {
        let path = folder.join(format!("replica-{tenant}.db"));
        let keys = || Keys { core: *key.bytes(), pay: Some(*key.bytes()) };
        let kept = Store::open(&path, keys()).ok().filter(|store| {
            // Another version may make more of the same records.
            let made_by = store.view().setting("made_by").ok().flatten();
            if made_by.as_deref() != Some(env!("CARGO_PKG_VERSION")) {
                return false;
            }
            let seq = applied(store.view()).unwrap_or(u64::MAX);
            db.clock(tenant).is_ok_and(|clock| seq <= clock)
        });
        let replica = match kept {
            Some(store) => store,
            None => fresh(&path, keys())?,
        };
        let replica = replica.as_replica()?;
        Ok(Authority {
            tenant: tenant.to_owned(),
            db,
            key,
            replica: Mutex::new(replica),
            path,
            clock: Utc::now,
            page: PAGE,
            moved: watch::Sender::new(0),
            followed: Mutex::default(),
        })
    }

    /// The same with pages of another size.
    pub fn paged(self, page: usize) -> Authority {
        Authority { page, ..self }
    }

    fn ledger(&self) -> Ledger<'_> {
        Ledger { tenant: &self.tenant, key: &self.key }
    }

    /// Tells of every move of the tenant's clock that this server makes or, by [`Self::look`], learns of.
    pub fn moved(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// Looks whether another server has moved the clock, if somebody here waits to hear of it.
    pub fn look(&self) -> Result<()> {
        if self.moved.receiver_count() > 0 {
            self.saw(self.db.clock(&self.tenant)?);
        }
        Ok(())
    }

    fn saw(&self, clock: u64) {
        self.moved.send_if_modified(|known| {
            let moved = clock > *known;
            *known = clock.max(*known);
            moved
        });
    }

    /// Where the replica lies.
    pub fn replica_path(&self) -> &Path {
        &self.path
    }

    fn today(&self, view: View) -> Result<NaiveDate> {
        if let Some(pinned) = view.setting("today")?.and_then(|day| day.parse().ok()) {
            return Ok(pinned);
        }
        let offset = view.setting("utc_offset_seconds")?.and_then(|s| s.parse().ok()).and_then(FixedOffset::east_opt);
        let now = (self.clock)();
        Ok(offset.map_or_else(|| now.date_naive(), |offset| now.with_timezone(&offset).date_naive()))
    }

    /// The company's name and its pinned date, as the replica has them after catching up.
    pub fn company(&self) -> Result<(String, Option<String>)> {
        let mut replica = held(&self.replica);
        self.follow_committed(&mut replica)?;
        let view = replica.view();
        Ok((view.setting("company")?.unwrap_or_default(), view.setting("today")?))
    }

    /// Whether somebody of that id is in the company.
    pub fn knows(&self, person_id: &str) -> Result<bool> {
        let mut replica = held(&self.replica);
        self.follow_committed(&mut replica)?;
        Ok(replica.view().person_number(person_id)?.is_some())
    }

    /// Brings the replica to the last commit, outside a batch.
    fn follow_committed(&self, replica: &mut Store) -> Result<u64> {
        loop {
            let seq = applied(replica.view())?;
            let rows = self.db.rows_after(&self.tenant, seq, self.page)?;
            if rows.is_empty() {
                return Ok(seq);
            }
            self.put_rows(replica, &rows)?;
        }
    }

    fn put_rows(&self, replica: &mut Store, rows: &[Row]) -> Result<()> {
        let ledger = self.ledger();
        let mut bases = Vec::with_capacity(rows.len());
        for row in rows.iter().chain(&self.leant_on(rows)?) {
            // What only a later version can read, on the same database, is passed on as it is, and decides nothing here.
            bases.extend(serde_json::from_slice::<Base>(&ledger.open(row)?.body).ok());
        }
        // All orders are here: what others are told of them is worked out, not kept.
        bases.retain(|base| !base.is_derived());
        let last = rows.last().map_or(0, |row| row.seq);
        replica.decided(|deciding| {
            deciding.put(bases)?;
            deciding.set_setting(APPLIED_SEQ, &last.to_string())?;
            Ok(())
        })
    }

    /// `None` for somebody who is not in the company, or not any more: no role, and no assignment now or later.
    fn scope(&self, view: View, person_id: &str) -> Result<Option<Scope>> {
        let today = self.today(view)?;
        let (Some(actor), Some(person)) = (view.actor(person_id, today)?, view.person_record(person_id)?) else {
            return Ok(None);
        };
        let mut above = BTreeSet::new();
        let mut left = actor.grants.is_empty();
        for assignment in person.assignments.iter().filter(|a| a.to.is_none_or(|to| to >= today)) {
            left = false;
            if assignment.from <= today {
                above.extend(view.chain_of(&assignment.unit_id)?);
            }
        }
        if left {
            return Ok(None);
        }
        let below = |unit: &str| view.units_below(unit).unwrap_or_default();
        Ok(Some(Scope::new(actor, above, below)))
    }

    /// Keeps a chunk that a later mutation names. `false` when the bytes are not what the hash says.
    pub fn chunk(&self, hash: &str, bytes: &[u8]) -> Result<bool> {
        if wire::chunk_hash(bytes) != hash {
            return Ok(false);
        }
        let sealed = self.key.seal(&format!("{}/chunk/{hash}", self.tenant), bytes)?;
        self.db.put_chunk(&self.tenant, hash, &sealed)?;
        Ok(true)
    }

    /// Decides a device's mutations in order, each at most once; effects, outcomes and last number commit together.
    pub fn push(&self, device: &Device, push: &Push) -> Result<Pushing> {
        let mut tries = 0;
        loop {
            match self.push_once(device, push) {
                Err(Failure::Db(DbError::Retry)) if tries < TRIES => tries += 1,
                pushed => return pushed,
            }
        }
    }

    fn push_once(&self, device: &Device, push: &Push) -> Result<Pushing> {
        let mut replica = held(&self.replica);
        let mut batch = self.db.begin(&self.tenant)?;
        loop {
            let rows = batch.rows_after(applied(replica.view())?, self.page)?;
            if rows.is_empty() {
                break;
            }
            self.put_rows(&mut replica, &rows)?;
        }
        let Some(known) = batch.device(&device.device)?.filter(|known| known.epoch == push.epoch && !known.revoked)
        else {
            return Ok(Pushing::NotThisDevice);
        };
        let scope = self.scope(replica.view(), &known.person_id)?;
        if scope.as_ref().is_none_or(|scope| scope.digest() != push.scope) {
            return Ok(Pushing::PullFirst);
        }
        let clock = batch.clock()?;
        let (pushed, clock_after) = replica.decided(|deciding| {
            let mut last = known.last_mid;
            let (mut outcomes, mut later) = (Vec::new(), None);
            for pushed in &push.mutations {
                if pushed.mid <= last && !fault::is(Fault::ApplyTwice) {
                    if let Some(kept) = batch.kept(&known.device, known.epoch, pushed.mid)? {
                        let outcome = self.key.open(&self.kept_at("outcome", &known, pushed.mid), &kept.outcome)?;
                        outcomes.push(Outcome { mid: pushed.mid, verdict: wire::unpack(&outcome)? });
                    }
                    continue;
                }
                if pushed.mid > last + 1 {
                    break;
                }
                if pushed.version > VERSION {
                    later = Some("server_older".to_owned());
                    break;
                }
                let (verdict, before) = self.judge(deciding, batch.as_mut(), &known, pushed)?;
                let place = |what| self.kept_at(what, &known, pushed.mid);
                let before = self.key.seal(&place("before"), &serde_json::to_vec(&before)?)?;
                let outcome = self.key.seal(&place("outcome"), &wire::pack(&verdict)?)?;
                let refused = self.refusal_of(&known, pushed, &verdict)?;
                let kept = Kept { mid: pushed.mid, outcome, before, refused };
                batch.keep(&known.device, known.epoch, &kept)?;
                outcomes.push(Outcome { mid: pushed.mid, verdict });
                last = pushed.mid;
            }
            batch.set_last_mid(&known.device, last)?;
            let after = batch.clock()?;
            deciding.set_setting(APPLIED_SEQ, &after.to_string())?;
            // The database first: should the replica not follow, it catches up.
            batch.commit()?;
            Ok::<_, Failure>((Pushing::Done(PushAnswer { outcomes, last_mid: last, later }), after))
        })?;
        drop(replica);
        if clock_after > clock {
            self.saw(clock_after);
        }
        Ok(pushed)
    }

    /// Where what is kept of a mutation is sealed to.
    pub(crate) fn kept_at(&self, what: &str, device: &Device, mid: u64) -> String {
        format!("{}/{what}/{}/{}/{mid}", self.tenant, device.device, device.epoch)
    }

    /// The next page of what a device's person may know. `None` when that person is nobody here any more: the laptop then
    /// drops all it has.
    pub fn pull(&self, device: &Device, pull: &Pull) -> Result<PullAnswer> {
        // Read before the clock: every effect up to it is at or before the clock.
        let known = self.db.device(&self.tenant, &device.device)?;
        let mut replica = held(&self.replica);
        let clock = self.follow_committed(&mut replica)?;
        let scope = self.scope(replica.view(), &device.person_id)?;
        let own = self.own_units(replica.view(), &device.person_id)?;
        drop(replica);
        let mut now = scope.as_ref().map(Scope::digest).unwrap_or_default();
        if fault::is(Fault::GrantsOfYesterday) && !pull.cursor.scope.is_empty() {
            now.clone_from(&pull.cursor.scope);
        }
        let anew = pull.cursor.scope != now;
        let purge = anew && !pull.cursor.scope.is_empty();
        // No order goes on for longer than a database counts.
        let from = if anew { 0 } else { pull.cursor.seq.min(i64::MAX as u64) };
        let Some(scope) = scope else {
            let cursor = Cursor::default();
            let escrow = Some(self.escrow_key().to_vec().into());
            let nothing = PullAnswer { purge, last_mid: 0, rows: Vec::new(), cursor, more: false, whole: None, escrow };
            return Ok(nothing);
        };
        // The scope is that of the clock: what was written after it, perhaps by another server, waits for the next pull.
        // One more than a page tells whether there is another.
        let mut rows = self.db.rows_after(&self.tenant, from, self.page + 1)?;
        let more = rows.get(self.page).is_some_and(|row| row.seq <= clock);
        rows.truncate(self.page);
        if anew && more && clock <= FIRST_WITHIN {
            let (rows, awaited) = self.first(&scope, &now, &own, clock)?;
            let cursor = Cursor { seq: 0, scope: now, awaited: Some(awaited) };
            return Ok(PullAnswer { purge, last_mid: 0, rows, cursor, more, whole: None, escrow: None });
        }
        rows.retain(|row| row.seq <= clock);
        let seq = match rows.last() {
            Some(last) if more => last.seq,
            _ => from.max(clock) + u64::from(fault::is(Fault::BareSequence)),
        };
        let mut leant_on = if more { self.leant_on(&rows)? } else { Vec::new() };
        leant_on.retain(|row| row.seq <= clock);
        let ledger = self.ledger();
        let mut said = Vec::new();
        for row in rows.iter().chain(&leant_on) {
            let Record { kind, id, gone, body, .. } = match ledger.open(row)? {
                record if scope.sees(&record) => record,
                record if scope.lost(&record) => {
                    // Of a kind unknown here only its name is said.
                    let body = match serde_json::from_slice::<Base>(&record.body) {
                        Ok(base) => serde_json::to_vec(&base.without())?,
                        Err(_) => Vec::new(),
                    };
                    Record { gone: true, body, ..record }
                }
                _ => continue,
            };
            if !anew || !gone {
                said.push(wire::Row { kind, id, gone, body });
            }
        }
        let whole = if more { None } else { self.whole(&scope, &now, seq)? };
        let last_mid = if more { 0 } else { known.map_or(0, |device| device.last_mid) };
        let cursor = Cursor { seq, scope: now, awaited: pull.cursor.awaited.filter(|_| more) };
        Ok(PullAnswer { purge, last_mid, rows: said, cursor, more, whole, escrow: None })
    }

    /// Count and digest of all a scope sees up to a place in the order: the oracle that a laptop compares itself with.
    /// `None` when the order has gone on meanwhile; the next round tells.
    fn whole(&self, scope: &Scope, name: &str, upto: u64) -> Result<Option<wire::Whole>> {
        let seen = self.followed(name);
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.seq > upto {
            return Ok(None);
        }
        let ledger = self.ledger();
        // To the end: a record that has moved beyond `upto` meanwhile is missing where it was.
        loop {
            let rows = self.db.rows_after(&self.tenant, seen.seq, self.page)?;
            let Some(last) = rows.last().map(|row| row.seq) else { break };
            for row in &rows {
                seen.take(scope, &ledger.open(row)?);
            }
            seen.seq = last;
        }
        let mut all = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(followed) = all.get_mut(name) {
            followed.records = seen.parts.len();
        }
        let whole = wire::Whole { records: seen.whole.records, digest: seen.whole.digest() };
        Ok((seen.seq <= upto).then_some(whole))
    }

    /// What is followed for a scope, from now on if not before.
    fn followed(&self, name: &str) -> Arc<Mutex<Seen>> {
        let mut all = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = all.values().map(|followed| followed.asked).max().unwrap_or(0) + 1;
        let followed = all.entry(name.to_owned()).or_default();
        followed.asked = turn;
        let seen = Arc::clone(&followed.seen);
        while all.len() > 1 && all.values().map(|followed| followed.records).sum::<usize>() > FOLLOWED {
            let oldest = all.iter().min_by_key(|(_, followed)| followed.asked).map(|(name, _)| name.clone());
            oldest.and_then(|oldest| all.remove(&oldest));
        }
        seen
    }

    /// Every row of the replica, caught up with the database.
    pub fn rows(&self) -> Result<Vec<Base>> {
        let mut replica = held(&self.replica);
        self.follow_committed(&mut replica)?;
        Ok(replica.view().every_row()?)
    }

    /// Takes in a whole workspace as the tenant's first records; `false` when it has some already.
    pub fn found(&self, from: View) -> Result<bool> {
        let mut replica = held(&self.replica);
        let mut batch = self.db.begin(&self.tenant)?;
        if batch.clock()? > 0 {
            return Ok(false);
        }
        let rows = from.every_row()?;
        replica.decided(|deciding| {
            let steps = deciding.put(rows)?;
            let today = self.today(deciding.view())?;
            let (seq, _) = self.write(deciding.view(), batch.as_mut(), steps, today)?;
            deciding.set_setting(APPLIED_SEQ, &seq.to_string())?;
            batch.commit()?;
            Ok::<_, Failure>(())
        })?;
        Ok(true)
    }
}

fn applied(view: View) -> std::result::Result<u64, StoreError> {
    Ok(view.setting(APPLIED_SEQ)?.and_then(|seq| seq.parse().ok()).unwrap_or(0))
}

fn fresh(path: &Path, keys: Keys) -> Result<Store> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _ = std::fs::remove_file(PathBuf::from(name));
    }
    let mut store = Store::create(path, keys)?;
    store.write(|tx| {
        tx.set_setting("made_by", env!("CARGO_PKG_VERSION"))?;
        tx.add_calendar(&attain_domain::calendar::WorkingCalendar::china())
    })?;
    Ok(store)
}
