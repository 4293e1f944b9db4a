//! A store that joined a server: its outbox, what it received, and undoing and replaying what still waits.
//!
//! Owns: local state = base ⊕ replay(waiting) (SYNC, invariant 7), the records held, refused changes, and purging.
//! Absent on purpose: messages and their order (attain-sync), who may have what (the server).

use std::collections::{BTreeMap, HashSet};

use attain_domain::access::Actor;
use attain_domain::fault::{self, Fault};
use attain_domain::mutation::{Change, Mutation, Now, Rejection, decide};
use attain_domain::period::Month;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::connection::{Result, Store, StoreError, Tx, View, date, day};
use crate::facts::Base;
use crate::journal::{Changed, WriteError};

mod escrow;
mod rows;
pub mod whole;

use whole::{Part, Whole};

/// Settings that are this laptop's and no record of the company's.
pub const LOCAL_SETTINGS: [&str; 21] = [
    "server",
    "server_ca",
    "tenant",
    "device",
    "device_epoch",
    "last_wire",
    "cursor",
    "compared",
    "refresh_salt",
    "owner_id",
    "sample",
    "applied_seq",
    "synced_at",
    "access_token",
    "refresh_token",
    "made_by",
    "audit_sent",
    "clock_high",
    "escrowed",
    "escrow_key",
    "pay_erased",
];

/// The mutation that brings facts in. They are upserts: never undone and replayed as decisions are.
pub(crate) const IMPORT: &str = "import_batch";
/// Where the rows of an import that waits are kept once they are out of the tables.
const KEPT: &str = "kept_rows";

const OWN: u8 = 0;
const WAITING: u8 = 1;
const APPLIED: u8 = 2;
const REFUSED: u8 = 3;
const WITHDRAWN: u8 = 4;

/// Where and as whom a laptop joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    pub server: String,
    pub tenant: String,
    pub device: String,
    pub epoch: u64,
    pub person_id: String,
}

/// A change that the server has not answered for.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub mid: i64,
    /// Its number on the wire.
    pub wire: u64,
    pub name: String,
    pub version: u32,
    pub args: Value,
    pub claimed_at: String,
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    Applied,
    Refused { code: String, params: Vec<(String, String)> },
}

/// A refused change in *needs attention*.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attention {
    pub mid: i64,
    pub name: String,
    /// Of its arguments.
    pub version: u32,
    pub summary: Value,
    pub args: Value,
    pub code: String,
    pub params: Vec<(String, String)>,
    pub at: String,
}

/// A row from the server, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub kind: String,
    pub id: String,
    pub gone: bool,
    pub body: Vec<u8>,
}

impl Received {
    /// What this program makes of it; `None` of a kind or in a form that it does not know.
    fn known(&self) -> Option<Base> {
        let base = serde_json::from_slice::<Base>(&self.body).ok()?;
        (base.name() == (self.kind.as_str(), self.id.clone()) && base.is_gone() == self.gone).then_some(base)
    }
}

impl View<'_> {
    pub fn joined(&self) -> Result<Option<Joined>> {
        let Some(server) = self.setting("server")? else { return Ok(None) };
        let of = |key: &str| -> Result<String> { Ok(self.setting(key)?.unwrap_or_default()) };
        Ok(Some(Joined {
            server,
            tenant: of("tenant")?,
            device: of("device")?,
            epoch: of("device_epoch")?.parse().unwrap_or(0),
            person_id: of("owner_id")?,
        }))
    }

    /// Changes that have no answer yet.
    /// Whether a month was closed here and the server has not confirmed it yet.
    pub fn close_waits(&self, month: Month) -> Result<bool> {
        let query = "SELECT 1 FROM mutation WHERE name = 'close_period' AND json_extract(args, '$.month') = ?1
                     AND (state = ?2 OR (state = ?3 AND today IS NOT NULL))";
        Ok(self.db.prepare_cached(query)?.exists(params![month.to_string(), WAITING, APPLIED])?)
    }

    pub fn waiting_count(&self) -> Result<u64> {
        Ok(self.db.query_row("SELECT count(*) FROM mutation WHERE state = ?1", [WAITING], |r| r.get(0))?)
    }

    /// Records that only a later version of this program can read.
    pub fn parked_count(&self) -> Result<u64> {
        Ok(self.db.query_row("SELECT count(*) FROM parked", [], |r| r.get(0))?)
    }

    /// Refused changes that nobody has settled, oldest first.
    pub fn attention(&self) -> Result<Vec<Attention>> {
        let mut statement = self.db.prepare_cached(
            "SELECT a.mid, m.name, m.summary, m.args, a.code, a.params, a.at, m.version FROM attention a JOIN mutation m USING (mid)
             WHERE a.settled = 0 ORDER BY a.mid",
        )?;
        let mut rows = statement.query([])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            let json = |text: String| serde_json::from_str(&text);
            list.push(Attention {
                mid: row.get(0)?,
                name: row.get(1)?,
                summary: json(row.get(2)?)?,
                args: json(row.get(3)?)?,
                code: row.get(4)?,
                params: serde_json::from_str(&row.get::<_, String>(5)?)?,
                at: row.get(6)?,
                version: row.get(7)?,
            });
        }
        Ok(list)
    }

    /// Number of the records held.
    pub fn held_count(&self) -> Result<u64> {
        Ok(self.db.query_row("SELECT count(*) FROM held", [], |r| r.get(0))?)
    }

    /// Number and digest of the records held: equal to the server's, or something went astray.
    pub fn held(&self) -> Result<(u64, String)> {
        let mut statement = self.db.prepare_cached("SELECT kind, id, digest FROM held")?;
        let mut rows = statement.query([])?;
        let mut whole = Whole::default();
        while let Some(row) = rows.next()? {
            let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
            whole.add(Part::of(&kind, &id, &row.get(2)?));
        }
        Ok((whole.records, whole.digest()))
    }
}

/// SHA-256 of the bytes a record came in.
fn digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

impl Store {
    /// Takes note of the server: from now on changes wait for it.
    pub fn join(&mut self, joined: &Joined) -> Result<()> {
        self.write(|tx| {
            for (key, value) in [
                ("server", joined.server.as_str()),
                ("tenant", &joined.tenant),
                ("device", &joined.device),
                ("device_epoch", &joined.epoch.to_string()),
                ("last_wire", "0"),
                ("owner_id", &joined.person_id),
            ] {
                tx.set_setting(key, value)?;
            }
            // Numbers are of an epoch: what waits is numbered anew from one.
            tx.db.execute("UPDATE mutation SET wire = NULL", [])?;
            Ok(())
        })
    }

    /// The oldest changes that wait, numbered without gaps.
    pub fn outgoing(&mut self, at_most: usize) -> Result<Vec<Waiting>> {
        self.write(|tx| {
            // Counted beside the table: a purge takes what is done with out of it, and no number is given twice.
            let last: u64 = tx.view().setting("last_wire")?.and_then(|last| last.parse().ok()).unwrap_or(0);
            let new = tx.db.execute(
                "UPDATE mutation SET wire = ?3 + o.nth FROM (
                   SELECT mid, row_number() OVER (ORDER BY mid) AS nth FROM mutation
                   WHERE state = ?1 AND wire IS NULL ORDER BY mid LIMIT ?2) o
                 WHERE mutation.mid = o.mid",
                params![WAITING, at_most as i64, last],
            )?;
            tx.set_setting("last_wire", &(last + new as u64).to_string())?;
            tx.waiting(
                "SELECT mid, wire, name, version, args, claimed_at FROM mutation WHERE state = ?1 AND wire IS NOT NULL
                 ORDER BY wire LIMIT ?2",
                at_most as i64,
            )
        })
    }

    /// The number on the wire of a change made here.
    pub fn wire_of(&self, mid: i64) -> Result<Option<u64>> {
        let found = self.db.query_row("SELECT wire FROM mutation WHERE mid = ?1", [mid], |r| r.get(0));
        Ok(found.optional()?.flatten())
    }

    /// Takes the server's answers. A refused change stays in the tables until the next [`Store::receive`] undoes it; a
    /// refused import, or undo of one, whose rows others may have built on, is put right with everything: served anew.
    pub fn settle(&mut self, answers: &[(u64, Settled)], at: &str) -> Result<()> {
        let mut anew = false;
        self.write(|tx| {
            for (wire, settled) in answers {
                let found: Option<(i64, bool)> = tx
                    .db
                    .prepare_cached(
                        "SELECT m.mid, m.name = ?3 OR coalesce(o.name = ?3, 0) FROM mutation m
                         LEFT JOIN mutation o ON o.mid = m.undoes WHERE m.wire = ?1 AND m.state = ?2",
                    )?
                    .query_row(params![wire, WAITING, IMPORT], |r| Ok((r.get(0)?, r.get(1)?)))
                    .optional()?;
                // Answered twice: the first answer stands.
                let Some((mid, facts)) = found else { continue };
                let state = match settled {
                    Settled::Applied => APPLIED,
                    Settled::Refused { code, params } => {
                        tx.db.execute(
                            "INSERT INTO attention (mid, code, params, at) VALUES (?1, ?2, ?3, ?4)",
                            params![mid, code, serde_json::to_string(params)?, at],
                        )?;
                        anew |= facts;
                        REFUSED
                    }
                };
                tx.db.prepare_cached("UPDATE mutation SET state = ?2 WHERE mid = ?1")?.execute(params![mid, state])?;
                tx.db.prepare_cached("DELETE FROM kept_rows WHERE mid = ?1")?.execute([mid])?;
            }
            Ok::<_, StoreError>(())
        })?;
        if anew { self.purge() } else { Ok(()) }
    }

    /// Settles a refused change: its author has read why.
    pub fn attended(&mut self, mid: i64) -> Result<bool> {
        self.write(|tx| {
            Ok(tx.db.execute("UPDATE attention SET settled = 1 WHERE mid = ?1 AND settled = 0", [mid])? == 1)
        })
    }

    /// Undoes what waits, puts the rows, replays what still waits after the server's `last_wire`, keeps the cursor: one
    /// transaction. Rows come in any order.
    pub fn receive(
        &mut self,
        rows: Vec<Received>,
        last_wire: u64,
        cursor: &str,
    ) -> std::result::Result<Changed, WriteError> {
        let lost = rows.iter().any(|row| row.gone);
        let mut anew = false;
        let changed = self.write(|tx| {
            let unsettled = tx.unsettled(last_wire)?;
            // Taken out and made again on top of nothing new, they would be what they are.
            let mut bases = tx.known(&rows, &mut anew)?;
            if rows.is_empty() && bases.is_empty() && unsettled.iter().all(|one| one.stands(last_wire)) {
                tx.set_setting("cursor", cursor)?;
                return Ok(Changed::default());
            }
            // What comes for a row is put over whatever stands there: taking it out first would change nothing.
            let coming: HashSet<_> = bases.iter().map(Base::name).collect();
            for one in unsettled.iter().rev().filter(|_| !fault::is(Fault::SkipUndo)) {
                tx.unmake(one.mid, &coming)?;
            }
            if !rows.is_empty() {
                tx.db.execute("DELETE FROM setting WHERE key = 'compared'", []).map_err(StoreError::from)?;
            }
            tx.hold(&rows)?;
            let mut changed = Changed { rows: bases.len(), ..Changed::default() };
            changed.nouns.extend(bases.iter().map(|base| base.noun().to_owned()));
            in_order(&mut bases);
            tx.apply_all(&bases)?;
            for one in &unsettled {
                if one.stands(last_wire) {
                    tx.replay(one)?;
                }
            }
            tx.set_setting("cursor", cursor)?;
            Ok::<_, WriteError>(changed)
        })?;
        // What went still stands in the log as it was.
        match (anew, lost) {
            (true, _) => self.purge()?,
            (false, true) => self.truncate_log()?,
            (false, false) => {}
        }
        Ok(changed)
    }

    /// Drops every row that came from the server or was made on top of it, with figures, search terms, drafts and
    /// before-images. What waits stays, an import with its rows, to be pushed and judged.
    pub fn purge(&mut self) -> Result<()> {
        self.write(|tx| {
            let mut imports = tx.db.prepare("SELECT mid FROM mutation WHERE state = ?1 AND name = ?2")?;
            let imports: Vec<i64> =
                imports.query_map(params![WAITING, IMPORT], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
            for mid in imports {
                tx.put_beside(KEPT, mid, &tx.view().rows_to_send(mid)?)?;
            }
            tx.db.execute_batch(
                "DELETE FROM unit; DELETE FROM unit_parent; DELETE FROM seat; DELETE FROM person; DELETE FROM assignment;
                 DELETE FROM leave; DELETE FROM unit_role; DELETE FROM order_event; DELETE FROM order_superseded;
                 DELETE FROM credit; DELETE FROM customer; DELETE FROM customer_owner; DELETE FROM rate;
                 DELETE FROM metric_value; DELETE FROM person_day; DELETE FROM unit_day; DELETE FROM person_customer_month;
                 DELETE FROM person_event; DELETE FROM customer_month; DELETE FROM customer_history;
                 DELETE FROM customer_history_month; DELETE FROM unit_figure; DELETE FROM goal;
                 DELETE FROM goal_version; DELETE FROM proposal; DELETE FROM acknowledgement; DELETE FROM plan; DELETE FROM period;
                 DELETE FROM note; INSERT INTO note_term (note_term) VALUES ('delete-all'); DELETE FROM snooze;
                 DELETE FROM draft; DELETE FROM sealed; DELETE FROM undo; DELETE FROM held; DELETE FROM import_batch;
                 DELETE FROM term; DELETE FROM parked;",
            )?;
            tx.db.execute("DELETE FROM mutation WHERE state <> ?1 AND mid NOT IN (SELECT mid FROM attention)", [WAITING])?;
            let local: Vec<String> = LOCAL_SETTINGS.iter().map(|key| format!("'{key}'")).collect();
            tx.db.execute(&format!("DELETE FROM setting WHERE key NOT IN ({})", local.join(", ")), [])?;
            tx.db.execute("DELETE FROM setting WHERE key IN ('cursor', 'compared')", [])?;
            Ok::<_, StoreError>(())
        })?;
        self.give_back()?;
        self.truncate_log()
    }

    /// Decides and applies on a replica: what the rows were and what they are. Nothing of it is journalled here.
    pub fn decided<T, E: From<WriteError> + From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Deciding<'_, '_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.write(|tx| work(&Deciding { tx }))
    }
}

/// A replica within one batch of the authority.
pub struct Deciding<'t, 'c> {
    tx: &'t Tx<'c>,
}

/// One row before and after a change, each under the same name.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub before: Base,
    pub after: Base,
}

impl Deciding<'_, '_> {
    pub fn view(&self) -> View<'_> {
        self.tx.view()
    }

    /// Decides a mutation and applies it.
    pub fn mutate(&self, actor: &Actor, mutation: &Mutation, now: &Now) -> std::result::Result<Vec<Step>, WriteError> {
        let changes = decide(&self.tx.view(), actor, mutation, now)?;
        Ok(self.put(changes.into_iter().map(|change| Base::Decision { change }).collect())?)
    }

    /// Puts rows as they are given, in an order in which each finds what it needs: all of them or, on an error, none.
    pub fn put(&self, mut rows: Vec<Base>) -> Result<Vec<Step>> {
        in_order(&mut rows);
        let mut before = self.tx.apply_whole(&rows)?;
        before.reverse();
        Ok(before.into_iter().zip(rows).map(|(before, after)| Step { before, after }).collect())
    }

    pub fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        self.tx.set_setting(key, value)
    }
}

/// Units before those below them, people before what is about them, what takes people or units away last.
fn in_order(rows: &mut [Base]) {
    let parents: BTreeMap<String, String> = rows
        .iter()
        .filter_map(|row| match row {
            Base::Unit { id, to: Some(to) } => Some((id.clone(), to.parent_id.clone()?)),
            _ => None,
        })
        .collect();
    // Counted among the units that come together; no further than there are, should they form a circle.
    let depth =
        |id: &str| std::iter::successors(parents.get(id), |parent| parents.get(*parent)).take(parents.len()).count();
    rows.sort_by_cached_key(|row| match (row.is_gone(), row) {
        (false, Base::Decision { change: Change::Setting { .. } }) => (0, 0),
        (false, Base::Rate { .. }) => (1, 0),
        (false, Base::Unit { id, .. }) => (2, depth(id)),
        (false, Base::Person { .. }) => (3, 0),
        (_, Base::Credits { .. }) => (5, 0),
        (_, Base::Order { .. }) => (6, 0),
        (true, Base::Person { .. }) => (7, 0),
        (true, Base::Unit { .. }) => (8, 0),
        _ => (4, 0),
    });
}

/// A change whose effect the server's rows do not show yet.
struct Unsettled {
    mid: i64,
    state: u8,
    name: String,
    version: u32,
    actor_id: String,
    args: Value,
    claimed_at: String,
    today: Option<i32>,
    undoes: Option<i64>,
    wire: Option<u64>,
}

impl Unsettled {
    /// It is still this laptop's to show: waiting, or applied there but not among the rows shown so far.
    fn stands(&self, last_wire: u64) -> bool {
        self.state == WAITING || (self.state == APPLIED && self.wire > Some(last_wire))
    }
}

impl Tx<'_> {
    fn waiting(&self, query: &str, at_most: i64) -> Result<Vec<Waiting>> {
        let mut statement = self.db.prepare_cached(query)?;
        let mut rows = statement.query(params![WAITING, at_most])?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next()? {
            waiting.push(Waiting {
                mid: row.get(0)?,
                wire: row.get(1)?,
                name: row.get(2)?,
                version: row.get(3)?,
                args: serde_json::from_str(&row.get::<_, String>(4)?)?,
                claimed_at: row.get(5)?,
            });
        }
        Ok(waiting)
    }

    /// Keeps account of what was received.
    fn hold(&self, rows: &[Received]) -> Result<()> {
        let mut put = self.db.prepare_cached("INSERT OR REPLACE INTO held VALUES (?1, ?2, ?3)")?;
        let mut drop = self.db.prepare_cached("DELETE FROM held WHERE kind = ?1 AND id = ?2")?;
        for row in rows {
            match row.gone {
                true => drop.execute(params![row.kind, row.id])?,
                false => put.execute(params![row.kind, row.id, digest(&row.body)])?,
            };
        }
        Ok(())
    }

    /// The rows that this program knows, with those parked earlier that it knows by now. The others are parked as they
    /// came: never dropped, and counted among what is held. `anew`: a row of the tables has gone, and which one cannot be
    /// read; then everything is fetched again.
    fn known(&self, rows: &[Received], anew: &mut bool) -> Result<Vec<Base>> {
        let mut bases = Vec::with_capacity(rows.len());
        let mut park = self.db.prepare_cached("INSERT OR REPLACE INTO parked VALUES (?1, ?2, ?3, ?4)")?;
        let mut unpark = self.db.prepare_cached("DELETE FROM parked WHERE kind = ?1 AND id = ?2")?;
        let mut held = self.db.prepare_cached("SELECT 1 FROM held WHERE kind = ?1 AND id = ?2")?;
        let mut parked = self.view().parked_count()? > 0;
        for row in rows {
            let was = parked && unpark.execute(params![row.kind, row.id])? == 1;
            match row.known() {
                Some(base) => bases.push(base),
                None if row.gone => *anew |= !was && held.exists(params![row.kind, row.id])?,
                None => {
                    park.execute(params![row.kind, row.id, row.body, digest(&row.body)])?;
                    parked = true;
                }
            }
        }
        if parked {
            let mut statement = self.db.prepare_cached("SELECT kind, id, body FROM parked ORDER BY kind, id")?;
            let mut earlier = statement.query([])?;
            while let Some(row) = earlier.next()? {
                let row = Received { kind: row.get(0)?, id: row.get(1)?, gone: false, body: row.get(2)? };
                if let Some(base) = row.known() {
                    bases.push(base);
                    unpark.execute(params![row.kind, row.id])?;
                }
            }
        }
        Ok(bases)
    }

    /// Waiting, applied and refused changes that stand in the tables beyond what the server has shown, oldest first. Imports
    /// are facts and stay; what the server has shown by now is marked as done with.
    fn unsettled(&self, last_wire: u64) -> Result<Vec<Unsettled>> {
        let mut statement = self.db.prepare_cached(
            "SELECT mid, state, name, version, actor_id, args, claimed_at, today, undoes, wire FROM mutation
             WHERE (state = ?1 OR (state IN (?2, ?3) AND today IS NOT NULL)) AND name <> ?4
             ORDER BY mid",
        )?;
        let mut rows = statement.query(params![WAITING, APPLIED, REFUSED, IMPORT])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            list.push(Unsettled {
                mid: row.get(0)?,
                state: row.get(1)?,
                name: row.get(2)?,
                version: row.get(3)?,
                actor_id: row.get(4)?,
                args: serde_json::from_str(&row.get::<_, String>(5)?)?,
                claimed_at: row.get(6)?,
                today: row.get(7)?,
                undoes: row.get(8)?,
                wire: row.get(9)?,
            });
        }
        // From here on the server's rows speak for these: `today` is needed for a replay alone.
        self.db.execute(
            "UPDATE mutation SET today = NULL WHERE (state = ?1 AND (wire <= ?3 OR wire IS NULL)) OR state = ?2",
            params![APPLIED, REFUSED, last_wire],
        )?;
        Ok(list)
    }

    /// Takes the effect of a change out of the tables, but for rows that are coming; its journal stays, for undo.
    fn unmake(&self, mid: i64, coming: &HashSet<(&'static str, String)>) -> Result<()> {
        let mut rows = self.view().taken_back(mid)?;
        rows.retain(|row| !coming.contains(&row.name()));
        if !rows.is_empty() {
            self.apply_all(&rows)?;
        }
        Ok(())
    }

    /// Makes a change again on top of what is here now. One that cannot be made any more leaves nothing, and waits for
    /// the server to say so.
    fn replay(&self, one: &Unsettled) -> std::result::Result<(), WriteError> {
        let now = Now { today: one.today.map_or(chrono::NaiveDate::MIN, date), at: one.claimed_at.clone() };
        let rows: Vec<Base> = match (one.name.as_str(), one.undoes) {
            ("undo" | "redo", Some(target)) => self.view().taken_back(target)?,
            _ => {
                let mutation = crate::journal::mutation_of(&one.name, one.version, one.args.clone())?;
                let Some(actor) = self.view().actor(&one.actor_id, now.today)? else {
                    self.put_inverse(one.mid, &[])?;
                    return Ok(());
                };
                match decide(&self.view(), &actor, &mutation, &now) {
                    Ok(changes) => changes.into_iter().map(|change| Base::Decision { change }).collect(),
                    Err(Rejection::Read(error)) => return Err(StoreError::Internal(error.0).into()),
                    Err(_) => Vec::new(),
                }
            }
        };
        let inverse = match self.apply_whole(&rows) {
            Err(StoreError::Unfit(_)) => Vec::new(),
            applied => applied?,
        };
        self.put_inverse(one.mid, &inverse)?;
        Ok(())
    }

    /// [`Tx::apply_all`], of which nothing remains when it fails while the transaction goes on.
    fn apply_whole(&self, rows: &[Base]) -> Result<Vec<Base>> {
        self.db.execute_batch("SAVEPOINT whole")?;
        let applied = self.apply_all(rows);
        if applied.is_err() {
            self.db.execute_batch("ROLLBACK TO whole")?;
        }
        self.db.execute_batch("RELEASE whole")?;
        applied
    }

    /// The state a new change begins in, and the day it was reckoned at if it is to be replayed.
    pub(crate) fn outset(&self, now: &Now) -> Result<(u8, Option<i32>)> {
        Ok(match self.view().setting("server")? {
            Some(_) => (WAITING, Some(day(now.today))),
            None => (OWN, None),
        })
    }

    /// Keeps the rows of an import that may be on its way, before it is taken back: it must still go as it was made, or the
    /// server would take back nothing.
    pub(crate) fn keep_sent(&self, target: i64) -> Result<()> {
        let query = "SELECT 1 FROM mutation WHERE mid = ?1 AND name = ?2 AND state = ?3 AND wire IS NOT NULL";
        if self.db.prepare_cached(query)?.exists(params![target, IMPORT, WAITING])? {
            self.put_beside(KEPT, target, &self.view().rows_to_send(target)?)?;
        }
        Ok(())
    }

    /// A change taken back before it was ever sent: neither goes. Made again, it is the first of the three that goes.
    pub(crate) fn withdraw(&self, target: i64, taken_back_by: i64) -> Result<()> {
        let set =
            |mid: i64, state: u8| self.db.execute("UPDATE mutation SET state = ?2 WHERE mid = ?1", params![mid, state]);
        let (state, wire, original): (u8, Option<i64>, Option<i64>) =
            self.db.query_row("SELECT state, wire, undoes FROM mutation WHERE mid = ?1", [target], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?))
            })?;
        match (state, wire, original) {
            (WAITING, None, _) => {
                set(target, WITHDRAWN)?;
                set(taken_back_by, WITHDRAWN)?;
            }
            (WITHDRAWN, _, Some(original)) => {
                set(original, WAITING)?;
                set(taken_back_by, WITHDRAWN)?;
                // Taken out of the tables again, it leaves them as they are now, not as they were at first.
                self.put_inverse(original, &self.view().inverse(taken_back_by)?)?;
            }
            _ => {}
        }
        Ok(())
    }
}
