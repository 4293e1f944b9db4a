//! Changes as a whole: decide, apply, journal for undo, outbox, audit, all in one transaction.
//!
//! Owns: [`Store::mutate`], [`Store::import_rows`], [`Store::import_orders`], undo and redo.
//! Absent on purpose: the rules (attain-domain), pushing the outbox (comes with sync).

use std::collections::BTreeSet;

use attain_domain::access::{Actor, DataClass};
use attain_domain::mutation::{Change, Mutation, Now, Rejection, VERSION, decide};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde_json::{Value, json};

use crate::audit::{Entry, hex};
use crate::connection::{Result, Store, StoreError, Tx, View};
use crate::facts::order::OrderImport;
use crate::facts::{Base, Batch};
use crate::rollup::{EVENT, Event, Rollup, rebuild, rebuild_units};
use crate::seal;
use crate::sync::IMPORT;

/// Why a change did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a change touched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Changed {
    pub mid: i64,
    pub nouns: BTreeSet<String>,
    pub ids: Vec<String>,
    /// How many base rows it changed.
    pub rows: usize,
}

/// A change that undo or redo would act on: its name and what it was about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Undoable {
    pub mid: i64,
    pub name: String,
    pub summary: Value,
}

impl Store {
    /// Decides a mutation and makes it so.
    pub fn mutate(
        &mut self,
        actor: &Actor,
        mutation: &Mutation,
        now: &Now,
    ) -> std::result::Result<Changed, WriteError> {
        self.write(|tx| {
            let changes = decide(&tx.view(), actor, mutation, now)?;
            if changes.is_empty() {
                return Ok(Changed::default());
            }
            let rows: Vec<Base> = changes.into_iter().map(|change| Base::Decision { change }).collect();
            let args = serde_json::to_value(mutation).map_err(StoreError::from)?;
            let record = Record {
                name: mutation.name(),
                args: &args,
                undoable: mutation.undoable(),
                undoes: None,
                summary: summary(mutation, rows.len()),
            };
            Ok(tx.make(actor, &record, &rows, now)?)
        })
    }

    /// Imports rows that are not orders, already checked; the record carries the counts.
    pub fn import_rows(
        &mut self,
        actor: &Actor,
        batch: &Batch,
        rows: &[Base],
        now: &Now,
    ) -> std::result::Result<Changed, WriteError> {
        self.write(|tx| {
            let args = import_args(batch);
            let record = Record { name: IMPORT, args: &args, undoable: true, undoes: None, summary: args.clone() };
            let changed = tx.make(actor, &record, rows, now)?;
            tx.record_import(actor, changed.mid, batch, now)?;
            Ok(changed)
        })
    }

    /// Imports rows that are not orders: `plan` answers them with the record of the batch, both from what it reads in the
    /// transaction; `last` is asked before the commit. An error of either undoes all of it.
    pub fn import<E: From<StoreError>>(
        &mut self,
        actor: &Actor,
        now: &Now,
        plan: impl FnOnce(&Tx<'_>) -> std::result::Result<(Vec<Base>, Batch), E>,
        last: impl FnOnce(&Batch) -> std::result::Result<(), E>,
    ) -> std::result::Result<Changed, E> {
        self.write(|tx| {
            let (rows, batch) = plan(tx)?;
            let args = import_args(&batch);
            // An import that changed nothing is on record, but is not what undo would take back.
            let undoable = !rows.is_empty();
            let record = Record { name: IMPORT, args: &args, undoable, undoes: None, summary: args.clone() };
            let changed = tx.make(actor, &record, &rows, now)?;
            tx.record_import(actor, changed.mid, &batch, now)?;
            last(&batch)?;
            Ok(changed)
        })
    }

    /// Imports orders: `feed` pushes rows and answers the record of the batch; `last` is asked before the commit. An
    /// error of either undoes all of it.
    pub fn import_orders<E: From<StoreError>>(
        &mut self,
        actor: &Actor,
        source: &str,
        now: &Now,
        feed: impl FnOnce(&mut OrderImport) -> std::result::Result<Batch, E>,
        last: impl FnOnce(&Batch) -> std::result::Result<(), E>,
    ) -> std::result::Result<(Changed, Batch), E> {
        self.write(|tx| {
            let number = tx.next_batch()?;
            let mut import = OrderImport::new(tx, number, source)?;
            let batch = feed(&mut import)?;
            import.finish()?;
            let args = import_args(&batch);
            let (name, undoable) = (IMPORT, batch.imported > 0);
            let record = Record { name, args: &args, undoable, undoes: None, summary: args.clone() };
            let changed = tx.note_made(
                actor,
                &record,
                &[Base::OrderBatch { batch: number }],
                now,
                BTreeSet::from(["order".to_string()]),
                Vec::new(),
            )?;
            tx.record_import(actor, changed.mid, &batch, now)?;
            last(&batch)?;
            Ok((changed, batch))
        })
    }

    /// Takes back the actor's latest change that can be taken back.
    pub fn undo(&mut self, actor: &Actor, now: &Now) -> std::result::Result<Changed, WriteError> {
        self.write(|tx| {
            let target = tx.view().next_undo(&actor.person_id)?.ok_or(Rejection::NothingToUndo)?;
            tx.take_back(actor, "undo", &target, now)
        })
    }

    /// Makes the change again that the actor took back last.
    pub fn redo(&mut self, actor: &Actor, now: &Now) -> std::result::Result<Changed, WriteError> {
        self.write(|tx| {
            let target = tx.view().next_redo(&actor.person_id)?.ok_or(Rejection::NothingToUndo)?;
            let changed = tx.take_back(actor, "redo", &target, now)?;
            let original: Option<i64> = tx
                .db
                .query_row("SELECT undoes FROM mutation WHERE mid = ?1", [target.mid], |r| r.get(0))
                .map_err(StoreError::from)?;
            tx.db
                .execute("UPDATE mutation SET undone_by = NULL WHERE mid = ?1", [original])
                .map_err(StoreError::from)?;
            Ok(changed)
        })
    }
}

/// A mutation as its arguments are kept, brought up to today's version (SYNC, invariant 15).
///
/// Errors: of a later version than this program's, or not what that version wrote.
pub fn mutation_of(name: &str, version: u32, mut args: Value) -> Result<Mutation> {
    let unknown = || StoreError::Internal(format!("{name} of version {version}"));
    let args_of = args.as_object_mut().ok_or_else(unknown)?;
    for version in version..VERSION {
        upcast(name, version, args_of);
    }
    if version == 0 || version > VERSION {
        return Err(unknown());
    }
    // The name is the envelope's: arguments of another one do not pass as it.
    args_of.insert("name".to_owned(), Value::String(name.to_owned()));
    Ok(serde_json::from_value(args)?)
}

/// One version's arguments as the next one writes them. Frozen: a laptop may have been away for years.
fn upcast(name: &str, from: u32, args: &mut serde_json::Map<String, Value>) {
    match (name, from) {
        // What nobody had said: the text replaces what is there, and whatever comes out is meant.
        ("write_note", 1) => args.insert("before".to_owned(), Value::Null),
        ("close_period", 1) => args.insert("seen".to_owned(), Value::Null),
        ("close_period", 3) => args.insert("accepted".to_owned(), json!([])),
        _ => None,
    };
}

struct Record<'a> {
    name: &'a str,
    args: &'a Value,
    undoable: bool,
    undoes: Option<i64>,
    summary: Value,
}

fn import_args(batch: &Batch) -> Value {
    json!({ "kind": batch.kind, "source": batch.source, "file_name": batch.file_name, "digest": batch.digest,
            "rows": batch.rows, "imported": batch.imported })
}

/// What a change was about, for "undo …" and the trail: ids and counts, no texts, no pay.
fn summary(mutation: &Mutation, rows: usize) -> Value {
    match mutation {
        Mutation::AdjustGoal { goal_id, target, reading, from, .. } => {
            json!({ "goal_id": goal_id, "target": target.to_string(), "reading": reading, "from": from, "goals": rows / 2 })
        }
        Mutation::ChangeGoals { wish, .. } => {
            json!({ "goal_id": wish.goal_id(), "act": wish.act(), "goals": rows / 2 })
        }
        Mutation::ProposeGoals { proposal_id, wish, .. } => {
            json!({ "proposal_id": proposal_id, "goal_id": wish.goal_id(), "act": wish.act() })
        }
        Mutation::ApproveProposal { proposal_id, .. } => json!({ "proposal_id": proposal_id, "goals": rows / 2 }),
        Mutation::SendBackProposal { proposal_id, .. } | Mutation::WithdrawProposal { proposal_id } => {
            json!({ "proposal_id": proposal_id })
        }
        Mutation::AcknowledgeGoal { goal_id, version } => json!({ "goal_id": goal_id, "version": version }),
        Mutation::PutSeat { seat_id, .. } => json!({ "seat_id": seat_id }),
        Mutation::FillSeat { seat_id, person_id, .. } => json!({ "seat_id": seat_id, "person_id": person_id }),
        Mutation::LockGoal { goal_id, locked } => json!({ "goal_id": goal_id, "locked": locked }),
        Mutation::StartGoalsFromLastYear { year } => json!({ "year": year, "goals": rows / 2 }),
        Mutation::WriteNote { note_id, about_id, .. } => json!({ "note_id": note_id, "person_id": about_id }),
        Mutation::SetNoteAction { note_id, done, .. } => json!({ "note_id": note_id, "done": done }),
        Mutation::Snooze { item_id, until, .. } => json!({ "item_id": item_id, "until": until }),
        Mutation::PublishPlan { .. } => json!({}),
        Mutation::PutPlanException { person_id, exception_id, .. } => {
            json!({ "person_id": person_id, "exception_id": exception_id })
        }
        Mutation::SavePlanDraft { draft_id, .. }
        | Mutation::SubmitPlanDraft { draft_id, .. }
        | Mutation::ApprovePlanDraft { draft_id, .. }
        | Mutation::SendBackPlanDraft { draft_id, .. }
        | Mutation::WithdrawPlanDraft { draft_id }
        | Mutation::PublishPlanDraft { draft_id, .. } => json!({ "draft_id": draft_id }),
        // Why findings were accepted is what the trail is for.
        Mutation::ClosePeriod { month, accepted, .. } => {
            json!({ "period": month, "people": rows.saturating_sub(1), "accepted": accepted })
        }
        Mutation::SetSetting { key, value } => json!({ "key": key, "value": value }),
    }
}

fn subject(base: &Base) -> Option<(String, DataClass)> {
    Some(match base {
        Base::Decision { change } => match change {
            Change::Goal { id, .. } | Change::Proposal { id, .. } | Change::Seat { id, .. } => {
                (id.clone(), DataClass::Core)
            }
            Change::Acknowledgement { goal_id, .. } => (format!("{goal_id} acknowledged"), DataClass::Core),
            // Told of with the goal itself.
            Change::GoalVersion { .. } => return None,
            Change::Note { to: Some(note), .. } => (note.about_id.clone(), DataClass::Notes),
            Change::Note { id, to: None } => (id.clone(), DataClass::Notes),
            Change::Plan { id, version, .. } => (format!("{id} v{version}"), DataClass::Core),
            Change::PlanDraft { id, .. } => (id.clone(), DataClass::Pay),
            Change::PlanException { person_id, .. } => (person_id.clone(), DataClass::Pay),
            Change::Payout { person_id, .. } => (person_id.clone(), DataClass::Pay),
            Change::Period { month, .. } => (month.to_string(), DataClass::Core),
            Change::Setting { key, .. } => (key.clone(), DataClass::Core),
            Change::Snooze { .. } => return None,
        },
        Base::Unit { id, .. } | Base::Person { id, .. } => (id.clone(), DataClass::Core),
        Base::Salaries { person_id, .. } => (person_id.clone(), DataClass::Pay),
        Base::Credits { order_id, .. } => (order_id.clone(), DataClass::Core),
        Base::Rate { currency, .. } => (currency.clone(), DataClass::Core),
        Base::MetricValue { person_id, .. } => (person_id.clone(), DataClass::Core),
        Base::Order { key, .. } => (key.order_id.clone(), DataClass::Core),
        Base::OrderBatch { batch } => (format!("import {batch}"), DataClass::Core),
        Base::CustomerHistory { .. } | Base::UnitFigure { .. } => return None,
    })
}

/// Subjects beyond this many are counted, and bound to the entry by the digest of the journal.
const SUBJECTS_NAMED: usize = 50;

impl Tx<'_> {
    /// Applies rows and journals them as one mutation.
    fn make(&self, actor: &Actor, record: &Record, rows: &[Base], now: &Now) -> Result<Changed> {
        let inverse = self.apply_all(rows)?;
        let nouns = rows.iter().map(|r| r.noun().to_string()).collect();
        let ids = rows.iter().filter_map(subject).map(|(id, _)| id).take(SUBJECTS_NAMED).collect();
        let mut changed = self.note_made(actor, record, &inverse, now, nouns, ids)?;
        changed.rows = rows.len();
        Ok(changed)
    }

    /// Journals a mutation whose rows are in place: outbox, undo, audit.
    fn note_made(
        &self,
        actor: &Actor,
        record: &Record,
        inverse: &[Base],
        now: &Now,
        nouns: BTreeSet<String>,
        ids: Vec<String>,
    ) -> Result<Changed> {
        let mut class = inverse.iter().filter_map(subject).map(|(_, class)| class).max().unwrap_or(DataClass::Core);
        if record.name == "close_period" {
            class = DataClass::Pay;
        }
        let (state, today) = self.outset(now)?;
        self.db
            .prepare_cached(
                "INSERT INTO mutation (name, version, actor_id, claimed_at, args, undoable, undoes, summary, state, today)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                record.name,
                VERSION,
                actor.person_id,
                now.at,
                record.args.to_string(),
                record.undoable,
                record.undoes,
                record.summary.to_string(),
                state,
                today
            ])?;
        let mid = self.db.last_insert_rowid();
        let digest = self.put_inverse(mid, inverse)?;
        self.audit(&Entry {
            at: &now.at,
            actor_id: &actor.person_id,
            action: record.name,
            class,
            subjects: &ids,
            detail: json!({ "what": record.summary, "rows": inverse.len(), "before": digest, "as_of": now.today }),
        })?;
        Ok(Changed { mid, nouns, ids, rows: inverse.len() })
    }

    fn record_import(&self, actor: &Actor, mid: i64, batch: &Batch, now: &Now) -> Result<()> {
        self.db.execute(
            "INSERT INTO import_batch VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                self.next_batch()?,
                mid,
                batch.kind,
                batch.source,
                batch.file_name,
                batch.digest,
                now.at,
                actor.person_id,
                batch.rows,
                batch.imported,
                batch.unchanged,
                batch.rejected
            ],
        )?;
        Ok(())
    }

    /// Applies rows with all that follows from them; answers the inverses in the order that takes them back.
    pub(crate) fn apply_all(&self, rows: &[Base]) -> Result<Vec<Base>> {
        let mut rollup: Option<Rollup> = None;
        let (mut units_moved, mut all_moved) = (false, false);
        let mut inverse = Vec::with_capacity(rows.len());
        for row in rows {
            match row {
                Base::Unit { .. } | Base::Person { .. } => units_moved = true,
                Base::Rate { .. } => all_moved = true,
                Base::Decision { change: Change::Setting { key, .. } }
                    if key == "sales_basis" || key == "fiscal_calendar" =>
                {
                    all_moved = true;
                }
                _ => {}
            }
            if let Base::Order { key, to } = row {
                let rollup = match &mut rollup {
                    Some(rollup) => rollup,
                    None => rollup.insert(Rollup::new(self)?),
                };
                inverse.push(Base::Order { key: key.clone(), to: self.put_event(rollup, key, to.as_ref())? });
            } else if let Base::CustomerHistory { customer_id, to } = row {
                let rollup = match &mut rollup {
                    Some(rollup) => rollup,
                    None => rollup.insert(Rollup::new(self)?),
                };
                let customer = self.customer(customer_id)?;
                let before = self.apply_customer_history(customer, to.as_ref())?;
                rollup.reconsider(customer)?;
                inverse.push(Base::CustomerHistory { customer_id: customer_id.clone(), to: before });
            } else if let Base::Credits { order_id, .. } = row {
                let rollup = match &mut rollup {
                    Some(rollup) => rollup,
                    None => rollup.insert(Rollup::new(self)?),
                };
                for event in self.events_of_order(order_id)? {
                    rollup.leave(&event)?;
                }
                inverse.push(self.apply(row)?);
                for event in self.events_of_order(order_id)? {
                    rollup.enter(&event)?;
                }
            } else {
                inverse.push(self.apply(row)?);
            }
        }
        if let Some(rollup) = rollup {
            rollup.finish()?;
        }
        if all_moved {
            rebuild(self)?;
        } else if units_moved {
            rebuild_units(self)?;
        }
        inverse.reverse();
        Ok(inverse)
    }

    fn events_of_order(&self, order_id: &str) -> Result<Vec<Event<'static>>> {
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {EVENT} FROM order_event e WHERE order_id = ?1 ORDER BY n"))?;
        Ok(statement.query_map([order_id], Event::of)?.collect::<rusqlite::Result<_>>()?)
    }

    /// Keeps the before-images of a mutation; answers their digest.
    pub(crate) fn put_inverse(&self, mid: i64, rows: &[Base]) -> Result<String> {
        self.put_beside("undo", mid, rows)
    }

    /// Keeps rows beside a mutation, pay-class rows sealed; answers the digest of the others.
    pub(crate) fn put_beside(&self, table: &str, mid: i64, rows: &[Base]) -> Result<String> {
        use sha2::{Digest, Sha256};
        let (pay, open): (Vec<&Base>, Vec<&Base>) = rows.iter().partition(|r| r.is_pay());
        let body = serde_json::to_vec(&open)?;
        let digest = hex(&Sha256::digest(&body));
        let pack = |bytes: &[u8]| zstd::bulk::compress(bytes, 1).map_err(|e| StoreError::Internal(e.to_string()));
        let sealed = if pay.is_empty() {
            None
        } else {
            Some(seal::seal(self.keys, &format!("{table}/{mid}"), &pack(&serde_json::to_vec(&pay)?)?)?)
        };
        self.db.prepare_cached(&format!("INSERT OR REPLACE INTO {table} VALUES (?1, ?2, ?3)"))?.execute(params![
            mid,
            pack(&body)?,
            sealed
        ])?;
        Ok(digest)
    }

    fn take_back(
        &self,
        actor: &Actor,
        name: &str,
        target: &Undoable,
        now: &Now,
    ) -> std::result::Result<Changed, WriteError> {
        let inverse = self.view().inverse(target.mid)?;
        self.refuse_if_changed_since(target.mid, &inverse)?;
        self.keep_sent(target.mid)?;
        let args = json!({ "mid": target.mid });
        let record = Record {
            name,
            args: &args,
            undoable: name == "undo",
            undoes: Some(target.mid),
            summary: json!({ "of": target.name, "what": target.summary }),
        };
        let changed = match inverse.as_slice() {
            [Base::OrderBatch { batch }] => {
                if !self.revert_orders(*batch)? {
                    return Err(Rejection::ChangedSince.into());
                }
                let record = Record { undoable: false, ..record };
                self.note_made(actor, &record, &[], now, BTreeSet::from(["order".to_string()]), Vec::new())?
            }
            rows => self.make(actor, &record, rows, now)?,
        };
        self.db
            .execute("UPDATE mutation SET undone_by = ?2 WHERE mid = ?1", params![target.mid, changed.mid])
            .map_err(StoreError::from)?;
        self.withdraw(target.mid, changed.mid)?;
        Ok(changed)
    }

    /// A row that a later change has touched, or a month closed since, is not taken back silently.
    fn refuse_if_changed_since(&self, mid: i64, inverse: &[Base]) -> std::result::Result<(), WriteError> {
        let keys = |rows: &[Base]| -> BTreeSet<(String, String)> {
            rows.iter().filter_map(|r| subject(r).map(|(id, _)| (r.noun().to_string(), id))).collect()
        };
        let mine = keys(inverse);
        let mut later = self
            .db
            .prepare_cached("SELECT mid FROM mutation WHERE mid > ?1 AND undone_by IS NULL AND undoes IS NULL")
            .map_err(StoreError::from)?;
        let later: Vec<i64> = later
            .query_map([mid], |r| r.get(0))
            .and_then(|rows| rows.collect::<rusqlite::Result<_>>())
            .map_err(StoreError::from)?;
        for other in later {
            if keys(&self.view().inverse(other)?).iter().any(|key| mine.contains(key)) {
                return Err(Rejection::ChangedSince.into());
            }
        }
        let closed = self.view().closed_month_list()?;
        for row in inverse {
            if let Base::Decision { change: Change::Goal { id, to } } = row {
                let current = self.view().goal_row(id)?;
                let year = to.as_ref().or(current.as_ref()).map_or(0, |g| g.year);
                let months = |g: Option<&attain_domain::goal::Goal>| g.map_or([0; 12], |g| g.months);
                let (was, is) = (months(to.as_ref()), months(current.as_ref()));
                let touched = closed
                    .iter()
                    .filter(|m| m.year == year)
                    .any(|m| was[m.month as usize - 1] != is[m.month as usize - 1]);
                if touched {
                    return Err(Rejection::ChangedSince.into());
                }
            }
        }
        Ok(())
    }
}

impl View<'_> {
    pub(crate) fn inverse(&self, mid: i64) -> Result<Vec<Base>> {
        Ok(self.beside("undo", mid)?.unwrap_or_default())
    }

    /// Rows kept beside a mutation.
    pub(crate) fn beside(&self, table: &str, mid: i64) -> Result<Option<Vec<Base>>> {
        let found: Option<(Vec<u8>, Option<Vec<u8>>)> = self
            .db
            .prepare_cached(&format!("SELECT body, sealed FROM {table} WHERE mid = ?1"))?
            .query_row([mid], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        let Some((body, sealed)) = found else { return Ok(None) };
        let unpack = |bytes: &[u8]| zstd::stream::decode_all(bytes).map_err(|e| StoreError::Damaged(e.to_string()));
        let mut rows: Vec<Base> = serde_json::from_slice(&unpack(&body)?)?;
        if let Some(sealed) = sealed {
            let pay: Vec<Base> =
                serde_json::from_slice(&unpack(&seal::open(self.keys, &format!("{table}/{mid}"), &sealed)?)?)?;
            // People go before their salaries when put back, after them when removed; the two do not depend on each other.
            rows.extend(pay);
        }
        Ok(Some(rows))
    }

    pub fn next_undo(&self, person_id: &str) -> Result<Option<Undoable>> {
        self.undoable(
            "SELECT mid, name, summary FROM mutation
             WHERE actor_id = ?1 AND undoable = 1 AND undone_by IS NULL AND name <> 'undo' ORDER BY mid DESC LIMIT 1",
            person_id,
        )
    }

    /// The last thing taken back, as long as nothing new was done after it.
    pub fn next_redo(&self, person_id: &str) -> Result<Option<Undoable>> {
        self.undoable(
            "SELECT u.mid, o.name, o.summary FROM mutation u JOIN mutation o ON o.mid = u.undoes
             WHERE u.actor_id = ?1 AND u.name = 'undo' AND u.undoable = 1 AND u.undone_by IS NULL
               AND NOT EXISTS (SELECT 1 FROM mutation l WHERE l.actor_id = ?1 AND l.mid > u.mid AND l.undoes IS NULL)
             ORDER BY u.mid DESC LIMIT 1",
            person_id,
        )
    }

    fn undoable(&self, query: &str, person_id: &str) -> Result<Option<Undoable>> {
        let found: Option<(i64, String, String)> = self
            .db
            .prepare_cached(query)?
            .query_row([person_id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
            .optional()?;
        found
            .map(|(mid, name, summary)| Ok(Undoable { mid, name, summary: serde_json::from_str(&summary)? }))
            .transpose()
    }

    /// Changes waiting to be told to a server; a workspace of its own has none.
    pub fn outbox_length(&self) -> Result<u64> {
        match self.setting("server")? {
            None => Ok(0),
            Some(_) => self.waiting_count(),
        }
    }
}
