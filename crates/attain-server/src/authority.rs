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

use attain_domain::access::{Action, Actor, Reach, Subject};
use attain_domain::fault::{self, Fault};
use attain_domain::mutation::{Change, Now, Rejection, imported};
use attain_store::connection::View;
use attain_store::facts::Base;
use attain_store::facts::derived::Touched;
use attain_store::journal::{WriteError, mutation_of};
use attain_store::sync::whole::{Part, Whole};
use attain_store::sync::{Deciding, Step};
use attain_store::{Keys, Store, StoreError};
use attain_sync::record::{Record, Scope};
use attain_sync::wire::{
    self, Chunk, Cursor, ImportBatch, Outcome, Pull, PullAnswer, Push, PushAnswer, Pushed, TakeBack, Verdict,
};
use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::db::{AuthorityDb, Batch, DbError, Device, Kept, Row};
use crate::reader;
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

/// What a push is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushing {
    Done(PushAnswer),
    /// The scope has changed since the laptop was served.
    PullFirst,
    /// The epoch is not the device's: it signed in anew elsewhere, or was revoked.
    NotThisDevice,
}

/// Records looked at for one page.
const PAGE: usize = 5_000;
/// How often a batch is begun again when another writer was in its way, before the laptop is told so.
const TRIES: u32 = 3;

pub struct Authority {
    pub tenant: String,
    db: Arc<dyn AuthorityDb>,
    key: SecretKey,
    replica: Mutex<Store>,
    path: PathBuf,
    clock: fn() -> DateTime<Utc>,
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
    /// Opens a tenant with a replica in a folder; one that cannot be opened, or is ahead of the database, is made anew.
    pub fn open(db: Arc<dyn AuthorityDb>, tenant: &str, key: SecretKey, folder: &Path) -> Result<Authority> {
        let path = folder.join(format!("replica-{tenant}.db"));
        let keys = || Keys { core: *key.bytes(), pay: Some(*key.bytes()) };
        let kept = Store::open(&path, keys()).ok().filter(|store| {
            let seq = applied(store.view()).unwrap_or(u64::MAX);
            db.clock(tenant).is_ok_and(|clock| seq <= clock)
        });
        let replica = match kept {
            Some(store) => store,
            None => fresh(&path, keys())?,
        };
        Ok(Authority {
            tenant: tenant.to_owned(),
            db,
            key,
            replica: Mutex::new(replica),
            path,
            clock: Utc::now,
            moved: watch::Sender::new(0),
            followed: Mutex::default(),
        })
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
            let rows = self.db.rows_after(&self.tenant, seq, PAGE)?;
            if rows.is_empty() {
                return Ok(seq);
            }
            self.put_rows(replica, &rows)?;
        }
    }

    fn put_rows(&self, replica: &mut Store, rows: &[Row]) -> Result<()> {
        let ledger = self.ledger();
        let mut bases = Vec::with_capacity(rows.len());
        for row in rows {
            bases.push(serde_json::from_slice::<Base>(&ledger.open(row)?.body)?);
        }
        // All orders are here: what others are told of them is worked out, not kept.
        bases.retain(|base| !base.is_derived());
        let last = rows.last().map_or(0, |row| row.seq);
        replica.decided(|deciding| {
            deciding.put(bases)?;
            deciding.set_setting("applied_seq", &last.to_string())?;
            Ok(())
        })
    }

    fn scope(&self, view: View, person_id: &str) -> Result<Option<Scope>> {
        let today = self.today(view)?;
        let Some(actor) = view.actor(person_id, today)? else { return Ok(None) };
        let mut above = BTreeSet::new();
        if let Some(person) = view.person_record(person_id)? {
            for assignment in person.assignments {
                if assignment.from <= today && assignment.to.is_none_or(|to| to >= today) {
                    above.extend(view.chain_of(&assignment.unit_id)?);
                }
            }
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
            let rows = batch.rows_after(applied(replica.view())?, PAGE)?;
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
            let mut outcomes = Vec::new();
            for pushed in push.mutations.iter().take(wire::MUTATIONS_AT_MOST) {
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
                let (verdict, before) = self.judge(deciding, batch.as_mut(), &known, pushed)?;
                let place = |what| self.kept_at(what, &known, pushed.mid);
                let before = self.key.seal(&place("before"), &serde_json::to_vec(&before)?)?;
                let outcome = self.key.seal(&place("outcome"), &wire::pack(&verdict)?)?;
                let kept = Kept { mid: pushed.mid, outcome, before };
                batch.keep(&known.device, known.epoch, &kept)?;
                outcomes.push(Outcome { mid: pushed.mid, verdict });
                last = pushed.mid;
            }
            batch.set_last_mid(&known.device, last)?;
            let after = batch.clock()?;
            deciding.set_setting("applied_seq", &after.to_string())?;
            // The database first: should the replica not follow, it catches up.
            batch.commit()?;
            Ok::<_, Failure>((Pushing::Done(PushAnswer { outcomes, last_mid: last }), after))
        })?;
        drop(replica);
        if clock_after > clock {
            self.saw(clock_after);
        }
        Ok(pushed)
    }

    /// Where what is kept of a mutation is sealed to.
    fn kept_at(&self, what: &str, device: &Device, mid: u64) -> String {
        format!("{}/{what}/{}/{}/{mid}", self.tenant, device.device, device.epoch)
    }

    /// What becomes of one mutation, and the rows as they were before it.
    fn judge(
        &self,
        deciding: &Deciding<'_, '_>,
        batch: &mut dyn Batch,
        device: &Device,
        pushed: &Pushed,
    ) -> Result<(Verdict, Vec<(Base, u64)>)> {
        let refused = |code: &str| Ok((Verdict::Rejected { code: code.to_owned(), params: Vec::new() }, Vec::new()));
        let today = self.today(deciding.view())?;
        let Some(actor) = deciding.view().actor(&device.person_id, today)? else { return refused("not_allowed") };
        let now = Now { today, at: (self.clock)().to_rfc3339_opts(SecondsFormat::Millis, true) };
        let args = |pushed: &Pushed| serde_json::from_slice::<serde_json::Value>(&pushed.args).ok();
        let steps = match pushed.name.as_str() {
            "import_batch" => {
                let Ok(import) = serde_json::from_slice::<ImportBatch>(&pushed.args) else {
                    return refused("unreadable");
                };
                let needed = match import.kind.as_str() {
                    "unit" | "person" => Action::ImportOrganisation,
                    "goal" => Action::EditGoals,
                    _ => Action::ImportFacts,
                };
                let all = actor.widest(needed) == Some(Reach::All);
                if !all && !actor.may(needed, Subject::Company) {
                    return refused("not_allowed");
                }
                match self.rows_of(&import)? {
                    Some(rows) => deciding.put(numbered(deciding.view(), rows, &actor, &now)?)?,
                    None => return refused("chunk_missing"),
                }
            }
            "undo" => {
                let Ok(back) = serde_json::from_slice::<TakeBack>(&pushed.args) else { return refused("unreadable") };
                let Some(kept) = batch.kept(&device.device, device.epoch, back.mid)? else {
                    return refused("nothing_to_undo");
                };
                let place = self.kept_at("before", device, back.mid);
                let before: Vec<(Base, u64)> = serde_json::from_slice(&self.key.open(&place, &kept.before)?)?;
                for (row, seq) in &before {
                    let (kind, id) = row.name();
                    if batch.row(kind, &id)?.is_none_or(|now| now.seq != *seq) {
                        return refused("changed_since");
                    }
                }
                deciding.put(before.into_iter().rev().map(|(row, _)| row).collect())?
            }
            _ => {
                let Some(mutation) = args(pushed).and_then(|args| mutation_of(&pushed.name, pushed.version, args).ok())
                else {
                    return refused("unreadable");
                };
                match deciding.mutate(&actor, &mutation, &now) {
                    Ok(steps) => steps,
                    Err(WriteError::Rejected(Rejection::PreviewChanged { digest })) => {
                        return Ok((Verdict::PreviewChanged { digest }, Vec::new()));
                    }
                    Err(WriteError::Rejected(Rejection::Read(error))) => return Err(Failure::Internal(error.0)),
                    Err(WriteError::Rejected(rejection)) => {
                        let (code, params) = rejection.said();
                        let params = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                        return Ok((Verdict::Rejected { code: code.to_owned(), params }, Vec::new()));
                    }
                    Err(WriteError::Store(error)) => return Err(error.into()),
                }
            }
        };
        let (seq, before) = self.write(deciding.view(), batch, steps, today)?;
        Ok((Verdict::Applied { seq }, before))
    }

    /// Writes steps as records, with what follows from them; answers the clock and each row's before with its new place.
    fn write(
        &self,
        view: View,
        batch: &mut dyn Batch,
        steps: Vec<Step>,
        today: NaiveDate,
    ) -> Result<(u64, Vec<(Base, u64)>)> {
        let ledger = self.ledger();
        let mut before = Vec::new();
        let mut touched = Touched::default();
        for step in &steps {
            touched.add(view, &step.before, &step.after)?;
        }
        for step in steps {
            if step.before == step.after {
                continue;
            }
            let mut record = reader::record(view, &step.before, &step.after, today)?;
            ledger.remember(batch, &mut record)?;
            let seq = batch.put(&ledger.row(&record)?)?;
            for row in reader::follow(view, &step.before, &step.after)? {
                let mut record = reader::record(view, &row, &row, today)?;
                if ledger.remember(batch, &mut record)? {
                    batch.put(&ledger.row(&record)?)?;
                }
            }
            before.push((step.before, seq));
        }
        for row in touched.rows(view)? {
            let mut record = reader::record(view, &row, &row, today)?;
            if ledger.differs(batch, &record)? {
                ledger.remember(batch, &mut record)?;
                batch.put(&ledger.row(&record)?)?;
            }
        }
        Ok((batch.clock()?, before))
    }

    /// The rows of an import; `None` when a chunk is not here. Only facts, the organisation and goals come in this way.
    fn rows_of(&self, import: &ImportBatch) -> Result<Option<Vec<Base>>> {
        let mut rows = Vec::new();
        for hash in &import.chunks {
            let Some(sealed) = self.db.chunk(&self.tenant, hash)? else { return Ok(None) };
            let bytes = self.key.open(&format!("{}/chunk/{hash}", self.tenant), &sealed)?;
            let Ok(chunk) = wire::decode::<Chunk>(&bytes) else { return Ok(None) };
            for row in chunk.rows {
                let Ok(base) = serde_json::from_slice::<Base>(&row) else { return Ok(None) };
                let fits = match import.kind.as_str() {
                    "unit" => matches!(base, Base::Unit { .. }),
                    "person" => matches!(base, Base::Person { .. } | Base::Salaries { .. }),
                    "order" => matches!(base, Base::Order { .. }),
                    "credit" => matches!(base, Base::Credits { .. }),
                    "rate" => matches!(base, Base::Rate { .. }),
                    "metric" => matches!(base, Base::MetricValue { .. }),
                    "goal" => match &base {
                        Base::Decision { change: Change::Goal { .. } } => true,
                        // Versions are numbered where the order is made.
                        Base::Decision { change: Change::GoalVersion { .. } } => continue,
                        _ => false,
                    },
                    _ => false,
                };
                if !fits {
                    return Ok(None);
                }
                rows.push(base);
            }
        }
        Ok(Some(rows))
    }

    /// The next page of what a device's person may know. `None` when that person is nobody here any more: the laptop then
    /// drops all it has.
    pub fn pull(&self, device: &Device, pull: &Pull) -> Result<PullAnswer> {
        // Read before the clock: every effect up to it is at or before the clock.
        let known = self.db.device(&self.tenant, &device.device)?;
        let mut replica = held(&self.replica);
        let clock = self.follow_committed(&mut replica)?;
        let scope = self.scope(replica.view(), &device.person_id)?;
        drop(replica);
        let mut now = scope.as_ref().map(Scope::digest).unwrap_or_default();
        if fault::is(Fault::GrantsOfYesterday) && !pull.cursor.scope.is_empty() {
            now.clone_from(&pull.cursor.scope);
        }
        let purge = pull.cursor.scope != now && !pull.cursor.scope.is_empty();
        let from = if pull.cursor.scope == now { pull.cursor.seq } else { 0 };
        let Some(scope) = scope else {
            let cursor = Cursor { seq: 0, scope: String::new() };
            return Ok(PullAnswer { purge, last_mid: 0, rows: Vec::new(), cursor, more: false, whole: None });
        };
        // The scope is that of the clock: what was written after it, perhaps by another server, waits for the next pull.
        let mut rows = self.db.rows_after(&self.tenant, from, PAGE)?;
        let more = rows.len() == PAGE && rows.last().is_some_and(|row| row.seq <= clock);
        rows.retain(|row| row.seq <= clock);
        let seq = match rows.last() {
            Some(last) if more => last.seq,
            _ => from.max(clock) + u64::from(fault::is(Fault::BareSequence)),
        };
        let ledger = self.ledger();
        let mut said = Vec::new();
        for row in &rows {
            let Record { kind, id, gone, body, .. } = match ledger.open(row)? {
                record if scope.sees(&record) => record,
                record if scope.lost(&record) => {
                    let body = serde_json::from_slice::<Base>(&record.body)?.without();
                    Record { gone: true, body: serde_json::to_vec(&body)?, ..record }
                }
                _ => continue,
            };
            if from > 0 || !gone {
                said.push(wire::Row { kind, id, gone, body });
            }
        }
        let whole = if more { None } else { self.whole(&scope, &now, seq)? };
        let last_mid = if more { 0 } else { known.map_or(0, |device| device.last_mid) };
        Ok(PullAnswer { purge, last_mid, rows: said, cursor: Cursor { seq, scope: now }, more, whole })
    }

    /// Count and digest of all a scope sees up to a place in the order: the oracle that a laptop compares itself with.
    /// `None` when the order has gone on meanwhile; the next round tells.
    fn whole(&self, scope: &Scope, name: &str, upto: u64) -> Result<Option<wire::Whole>> {
        let seen = {
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
        };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.seq > upto {
            return Ok(None);
        }
        let ledger = self.ledger();
        // To the end: a record that has moved beyond `upto` meanwhile is missing where it was.
        loop {
            let rows = self.db.rows_after(&self.tenant, seen.seq, PAGE)?;
            let Some(last) = rows.last().map(|row| row.seq) else { break };
            for row in &rows {
                let record = ledger.open(row)?;
                let hash: [u8; 32] = Sha256::digest(format!("{}/{}", record.kind, record.id)).into();
                let mut name = [0; 16];
                name.copy_from_slice(&hash[..16]);
                let sees = !record.gone && scope.sees(&record);
                let part = sees.then(|| Part::of(&record.kind, &record.id, &Sha256::digest(&record.body).into()));
                seen.put(name, part);
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
            deciding.set_setting("applied_seq", &seq.to_string())?;
            batch.commit()?;
            Ok::<_, Failure>(())
        })?;
        Ok(true)
    }
}

/// Goals that a file brought in, each with its next version here; other rows as they are.
fn numbered(view: View, rows: Vec<Base>, actor: &Actor, now: &Now) -> std::result::Result<Vec<Base>, StoreError> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        match row {
            Base::Decision { change: Change::Goal { id, to: Some(goal) } } => {
                let before = view.goal_by_id(&id)?;
                let changes = imported(before.as_ref(), goal, &actor.person_id, now);
                all.extend(changes.map(|change| Base::Decision { change }));
            }
            other => all.push(other),
        }
    }
    Ok(all)
}

fn applied(view: View) -> std::result::Result<u64, StoreError> {
    Ok(view.setting("applied_seq")?.and_then(|seq| seq.parse().ok()).unwrap_or(0))
}

fn fresh(path: &Path, keys: Keys) -> Result<Store> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _ = std::fs::remove_file(PathBuf::from(name));
    }
    let mut store = Store::create(path, keys)?;
    store.write(|tx| tx.add_calendar(&attain_domain::calendar::WorkingCalendar::china()))?;
    Ok(store)
}
