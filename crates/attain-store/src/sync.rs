//! A store that joined a server: its outbox, what it received, and undoing and replaying what still waits.
//!
//! Owns: local state = base ⊕ replay(waiting) (SYNC, invariant 7), the records held, refused changes, and purging.
//! Absent on purpose: messages and their order (attain-sync), who may have what (the server).

use attain_domain::access::Actor;
use attain_domain::mutation::{Mutation, Now, Rejection, VERSION, decide};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::connection::{Result, Store, StoreError, Tx, View, date, day};
use crate::facts::Base;
use crate::journal::{Changed, WriteError};

mod rows;

/// Settings that are this laptop's and no record of the company's.
pub const LOCAL_SETTINGS: [&str; 11] = [
    "server",
    "tenant",
    "device",
    "device_epoch",
    "cursor",
    "owner_id",
    "sample",
    "applied_seq",
    "synced_at",
    "access_token",
    "refresh_token",
];

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
    pub summary: Value,
    pub args: Value,
    pub code: String,
    pub params: Vec<(String, String)>,
    pub at: String,
}

/// A row from the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    pub base: Base,
    /// SHA-256 of the bytes it came in.
    pub digest: [u8; 32],
}

fn sql(error: rusqlite::Error) -> StoreError {
    error.into()
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
    pub fn waiting_count(&self) -> Result<u64> {
        Ok(self.db.query_row("SELECT count(*) FROM mutation WHERE state = ?1", [WAITING], |r| r.get(0))?)
    }

    /// Refused changes that nobody has settled, oldest first.
    pub fn attention(&self) -> Result<Vec<Attention>> {
        let mut statement = self.db.prepare_cached(
            "SELECT a.mid, m.name, m.summary, m.args, a.code, a.params, a.at FROM attention a JOIN mutation m USING (mid)
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
            });
        }
        Ok(list)
    }

    /// Number and digest of the records held: equal to the server's, or something went astray.
    pub fn held(&self) -> Result<(u64, String)> {
        let mut statement = self.db.prepare_cached("SELECT kind, id, digest FROM held ORDER BY kind, id")?;
        let mut rows = statement.query([])?;
        let (mut count, mut hash) = (0, Sha256::new());
        while let Some(row) = rows.next()? {
            let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
            whole(&mut hash, &kind, &id, row.get_ref(2)?.as_blob().map_err(|e| StoreError::Internal(e.to_string()))?);
            count += 1;
        }
        Ok((count, hex(&hash.finalize())))
    }

    /// A row of the same name as it stands.
    pub fn current(&self, like: &Base) -> Result<Base> {
        use attain_domain::mutation::Change;
        use attain_domain::read::Read;
        let read = |error: attain_domain::read::ReadError| StoreError::Internal(error.0);
        Ok(match like {
            Base::Unit { id, .. } => Base::Unit { id: id.clone(), to: self.org_unit(id)? },
            Base::Person { id, .. } => Base::Person { id: id.clone(), to: self.person_record(id)? },
            Base::Salaries { person_id, .. } => {
                Base::Salaries { person_id: person_id.clone(), to: self.salaries(person_id)? }
            }
            Base::Credits { order_id, .. } => {
                let credits = self.credits(order_id)?;
                Base::Credits { order_id: order_id.clone(), to: (!credits.is_empty()).then_some(credits) }
            }
            Base::Rate { currency, from, .. } => {
                let of = currency.parse().map_err(|_| StoreError::Damaged(format!("currency {currency}")))?;
                Base::Rate { currency: currency.clone(), from: *from, to: self.rate_from(of, *from)? }
            }
            Base::MetricValue { person_id, metric, month, .. } => Base::MetricValue {
                person_id: person_id.clone(),
                metric: *metric,
                month: *month,
                to: self.metric_value(person_id, *metric, *month)?,
            },
            Base::Order { key, .. } => Base::Order { key: key.clone(), to: self.order_fact(key)? },
            Base::Decision { change: Change::Goal { id, .. } } => {
                Base::Decision { change: Change::Goal { id: id.clone(), to: self.goal(id).map_err(read)? } }
            }
            other => return Err(StoreError::Internal(format!("{} is no row of an import", other.name().0))),
        })
    }

    /// The rows that an import of anything but orders wrote, as they stand.
    pub fn rows_of_import(&self, mid: i64) -> Result<Vec<Base>> {
        let mut rows = self.inverse(mid)?;
        rows.reverse();
        rows.iter().map(|row| self.current(row)).collect()
    }

    /// The batch of orders that a mutation imported.
    pub fn batch_of(&self, mid: i64) -> Result<Option<i64>> {
        Ok(self
            .db
            .prepare_cached("SELECT batch FROM import_batch WHERE mid = ?1 AND kind = 'order'")?
            .query_row([mid], |r| r.get(0))
            .optional()?)
    }
}

fn whole(hash: &mut Sha256, kind: &str, id: &str, digest: &[u8]) {
    for part in [kind.as_bytes(), &[0], id.as_bytes(), &[0], digest] {
        hash.update(part);
    }
}

/// Number and digest of records in the order of their names, as [`View::held`] reckons its own.
pub fn whole_of<'r>(records: impl IntoIterator<Item = (&'r str, &'r str, [u8; 32])>) -> (u64, String) {
    let (mut count, mut hash) = (0, Sha256::new());
    for (kind, id, digest) in records {
        whole(&mut hash, kind, id, &digest);
        count += 1;
    }
    (count, hex(&hash.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
                ("owner_id", &joined.person_id),
            ] {
                tx.set_setting(key, value)?;
            }
            // What waited under an older epoch is numbered anew.
            tx.db.execute("UPDATE mutation SET wire = NULL WHERE state = ?1", [WAITING])?;
            Ok(())
        })
    }

    /// The oldest changes that wait, numbered without gaps.
    pub fn outgoing(&mut self, at_most: usize) -> Result<Vec<Waiting>> {
        self.write(|tx| {
            let first: u64 = tx.db.query_row("SELECT coalesce(max(wire), 0) + 1 FROM mutation", [], |r| r.get(0))?;
            let mut statement = tx.db.prepare_cached(
                "SELECT mid, wire, name, version, args, claimed_at FROM mutation WHERE state = ?1 ORDER BY mid LIMIT ?2",
            )?;
            let mut rows = statement.query(params![WAITING, at_most as i64])?;
            let mut waiting: Vec<(Waiting, bool)> = Vec::new();
            let mut next = first;
            while let Some(row) = rows.next()? {
                let known: Option<u64> = row.get(1)?;
                let wire = known.unwrap_or(next);
                next += u64::from(known.is_none());
                waiting.push((
                    Waiting {
                        mid: row.get(0)?,
                        wire,
                        name: row.get(2)?,
                        version: row.get(3)?,
                        args: serde_json::from_str(&row.get::<_, String>(4)?)?,
                        claimed_at: row.get(5)?,
                    },
                    known.is_none(),
                ));
            }
            for (one, _) in waiting.iter().filter(|(_, new)| *new) {
                tx.db
                    .prepare_cached("UPDATE mutation SET wire = ?2 WHERE mid = ?1")?
                    .execute(params![one.mid, one.wire])?;
            }
            Ok(waiting.into_iter().map(|(one, _)| one).collect())
        })
    }

    /// The number on the wire of a change made here.
    pub fn wire_of(&self, mid: i64) -> Result<Option<u64>> {
        let found = self.db.query_row("SELECT wire FROM mutation WHERE mid = ?1", [mid], |r| r.get(0));
        Ok(found.optional()?.flatten())
    }

    /// Takes the server's answers. A refused change stays in the tables until the next [`Store::receive`] undoes it,
    /// but for orders of an import, which are taken back here.
    pub fn settle(&mut self, answers: &[(u64, Settled)], at: &str) -> Result<()> {
        self.write(|tx| {
            for (wire, settled) in answers {
                let mid: Option<i64> = tx
                    .db
                    .prepare_cached("SELECT mid FROM mutation WHERE wire = ?1 AND state = ?2")?
                    .query_row(params![wire, WAITING], |r| r.get(0))
                    .optional()?;
                // Answered twice: the first answer stands.
                let Some(mid) = mid else { continue };
                let state = match settled {
                    Settled::Applied => APPLIED,
                    Settled::Refused { code, params } => {
                        tx.db.execute(
                            "INSERT INTO attention (mid, code, params, at) VALUES (?1, ?2, ?3, ?4)",
                            params![mid, code, serde_json::to_string(params)?, at],
                        )?;
                        if let Some(batch) = tx.view().batch_of(mid)? {
                            tx.revert_orders(batch)?;
                        }
                        REFUSED
                    }
                };
                tx.db.prepare_cached("UPDATE mutation SET state = ?2 WHERE mid = ?1")?.execute(params![mid, state])?;
            }
            Ok(())
        })
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
        self.write(|tx| {
            let unsettled = tx.unsettled(last_wire)?;
            for one in unsettled.iter().rev() {
                tx.unmake(one.mid)?;
            }
            let mut changed = Changed { rows: rows.len(), ..Changed::default() };
            for row in &rows {
                let (kind, id) = row.base.name();
                if row.base.is_gone() {
                    tx.db
                        .prepare_cached("DELETE FROM held WHERE kind = ?1 AND id = ?2")
                        .map_err(sql)?
                        .execute(params![kind, id])
                        .map_err(sql)?;
                } else {
                    tx.db
                        .prepare_cached("INSERT OR REPLACE INTO held VALUES (?1, ?2, ?3)")
                        .map_err(sql)?
                        .execute(params![kind, id, row.digest])
                        .map_err(sql)?;
                }
                changed.nouns.insert(row.base.noun().to_owned());
            }
            let mut bases: Vec<Base> = rows.into_iter().map(|row| row.base).collect();
            in_order(&mut bases);
            tx.apply_all(&bases)?;
            for one in &unsettled {
                // Applied there, but not among the rows shown so far: it stands here as well.
                if one.state == WAITING || (one.state == APPLIED && one.wire > Some(last_wire)) {
                    tx.replay(one)?;
                }
            }
            tx.set_setting("cursor", cursor)?;
            Ok(changed)
        })
    }

    /// Drops every row that came from the server or was made on top of it, with figures, search terms, drafts and
    /// before-images. What waits stays, to be pushed and judged.
    pub fn purge(&mut self) -> Result<()> {
        self.write(|tx| {
            tx.db.execute_batch(
                "DELETE FROM unit; DELETE FROM unit_parent; DELETE FROM seat; DELETE FROM person; DELETE FROM assignment;
                 DELETE FROM leave; DELETE FROM unit_role; DELETE FROM order_event; DELETE FROM order_superseded;
                 DELETE FROM credit; DELETE FROM customer; DELETE FROM customer_owner; DELETE FROM rate;
                 DELETE FROM metric_value; DELETE FROM person_day; DELETE FROM unit_day; DELETE FROM person_customer_month;
                 DELETE FROM person_event; DELETE FROM customer_month; DELETE FROM goal; DELETE FROM plan; DELETE FROM period;
                 DELETE FROM note; INSERT INTO note_term (note_term) VALUES ('delete-all'); DELETE FROM snooze;
                 DELETE FROM draft; DELETE FROM sealed; DELETE FROM undo; DELETE FROM held; DELETE FROM import_batch;
                 DELETE FROM term;",
            )?;
            tx.db.execute("DELETE FROM mutation WHERE state <> ?1 AND mid NOT IN (SELECT mid FROM attention)", [WAITING])?;
            let local: Vec<String> = LOCAL_SETTINGS.iter().map(|key| format!("'{key}'")).collect();
            tx.db.execute(&format!("DELETE FROM setting WHERE key NOT IN ({})", local.join(", ")), [])?;
            tx.db.execute("DELETE FROM setting WHERE key = 'cursor'", [])?;
            Ok::<_, StoreError>(())
        })?;
        self.db.execute_batch("PRAGMA incremental_vacuum")?;
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

    /// Puts rows as they are given, in an order in which each finds what it needs.
    pub fn put(&self, mut rows: Vec<Base>) -> Result<Vec<Step>> {
        in_order(&mut rows);
        let mut before = self.tx.apply_all(&rows)?;
        before.reverse();
        Ok(before.into_iter().zip(rows).map(|(before, after)| Step { before, after }).collect())
    }

    pub fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        self.tx.set_setting(key, value)
    }
}

/// Units before those below them, people before what is about them, what takes people or units away last.
fn in_order(rows: &mut Vec<Base>) {
    let rank = |row: &Base| match (row.is_gone(), row) {
        (false, Base::Decision { change: attain_domain::mutation::Change::Setting { .. } }) => 0,
        (false, Base::Rate { .. }) => 1,
        (false, Base::Unit { .. }) => 2,
        (false, Base::Person { .. }) => 3,
        (_, Base::Credits { .. }) => 5,
        (_, Base::Order { .. }) => 6,
        (true, Base::Person { .. }) => 8,
        (true, Base::Unit { .. }) => 9,
        _ => 4,
    };
    rows.sort_by_key(rank);
    let first = rows.iter().position(|row| rank(row) == 2).unwrap_or(0);
    let last = rows.iter().rposition(|row| rank(row) == 2).map_or(first, |at| at + 1);
    // Among new units: a parent that comes with them goes first.
    let mut units: Vec<Base> = rows.drain(first..last).collect();
    let mut ordered = Vec::with_capacity(units.len());
    while !units.is_empty() {
        let ids: std::collections::BTreeSet<String> = units.iter().map(|unit| unit.name().1).collect();
        let (ready, waiting): (Vec<Base>, Vec<Base>) = units.into_iter().partition(|unit| match unit {
            Base::Unit { id, to: Some(to) } => {
                to.parent_id.as_ref().is_none_or(|parent| parent == id || !ids.contains(parent))
            }
            _ => true,
        });
        if ready.is_empty() {
            // A circle: the store refuses it by name.
            ordered.extend(waiting);
            break;
        }
        ordered.extend(ready);
        units = waiting;
    }
    rows.splice(first..first, ordered);
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

impl Tx<'_> {
    /// Waiting, applied and refused changes that stand in the tables beyond what the server has shown, oldest first. Imports
    /// are facts and stay; what the server has shown by now is marked as done with.
    fn unsettled(&self, last_wire: u64) -> Result<Vec<Unsettled>> {
        let mut statement = self.db.prepare_cached(
            "SELECT mid, state, name, version, actor_id, args, claimed_at, today, undoes, wire FROM mutation
             WHERE (state = ?1 OR (state IN (?2, ?3) AND today IS NOT NULL)) AND name <> 'import_batch'
             ORDER BY mid",
        )?;
        let mut rows = statement.query(params![WAITING, APPLIED, REFUSED])?;
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
            "UPDATE mutation SET today = NULL WHERE (state = ?1 AND wire <= ?3) OR state = ?2",
            params![APPLIED, REFUSED, last_wire],
        )?;
        Ok(list)
    }

    /// Takes the effect of a change out of the tables; its journal stays, for undo.
    fn unmake(&self, mid: i64) -> Result<()> {
        let rows: Vec<Base> =
            self.view().inverse(mid)?.into_iter().filter(|row| !matches!(row, Base::OrderBatch { .. })).collect();
        self.apply_all(&rows)?;
        Ok(())
    }

    /// Makes a change again on top of what is here now. One that cannot be made any more leaves nothing, and waits for
    /// the server to say so.
    fn replay(&self, one: &Unsettled) -> std::result::Result<(), WriteError> {
        let now = Now { today: one.today.map_or(chrono::NaiveDate::MIN, date), at: one.claimed_at.clone() };
        let rows: Vec<Base> = match (one.name.as_str(), one.undoes) {
            ("undo" | "redo", Some(target)) => {
                self.view().inverse(target)?.into_iter().filter(|row| !matches!(row, Base::OrderBatch { .. })).collect()
            }
            _ => {
                let mutation = crate::journal::mutation_of(&one.name, one.version, one.args.clone())?;
                let Some(actor) = self.view().actor(&one.actor_id, now.today)? else {
                    self.replace_inverse(one.mid, &[])?;
                    return Ok(());
                };
                match decide(&self.view(), &actor, &mutation, &now) {
                    Ok(changes) => changes.into_iter().map(|change| Base::Decision { change }).collect(),
                    Err(Rejection::Read(error)) => return Err(StoreError::Internal(error.0).into()),
                    Err(_) => Vec::new(),
                }
            }
        };
        let inverse = self.apply_all(&rows)?;
        self.replace_inverse(one.mid, &inverse)?;
        Ok(())
    }

    fn replace_inverse(&self, mid: i64, inverse: &[Base]) -> Result<()> {
        self.db.prepare_cached("DELETE FROM undo WHERE mid = ?1")?.execute([mid])?;
        self.put_inverse(mid, inverse)?;
        Ok(())
    }

    /// The state a new change begins in, and the day it was reckoned at if it is to be replayed.
    pub(crate) fn outset(&self, now: &Now) -> Result<(u8, Option<i32>)> {
        Ok(match self.view().setting("server")? {
            Some(_) => (WAITING, Some(day(now.today))),
            None => (OWN, None),
        })
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
                self.replace_inverse(original, &self.view().inverse(taken_back_by)?)?;
            }
            _ => {}
        }
        Ok(())
    }
}

const _: () = assert!(VERSION == 1, "older mutation versions are brought up to date in journal::mutation_of");
