//! What becomes of a mutation that a laptop pushed, and the records that follow from it.
//!
//! Owns: judging one with the roles of now, the rows an import names, writing steps with what others are told of them.
//! Absent on purpose: batches, numbers and outcomes (the parent), rules (attain-domain), forms (`pushed.rs`).

use attain_domain::access::{Action, Actor, Reach, Subject};
use attain_domain::goal::GoalError;
use attain_domain::mutation::{Change, Mutation, Now, Rejection, imported};
use attain_store::StoreError;
use attain_store::connection::View;
use attain_store::facts::Base;
use attain_store::facts::derived::Touched;
use attain_store::journal::{WriteError, mutation_of};
use attain_store::read::APPLIED_SEQ;
use attain_store::sync::{Deciding, Step};
use attain_sync::wire::{self, Chunk, ImportBatch, Pushed, TakeBack, Verdict};
use chrono::{NaiveDate, SecondsFormat};

use super::{Authority, Failure, Result};
use crate::db::{Batch, Device};
use crate::{pushed, reader};

impl Authority {
    /// What becomes of one mutation, and the rows as they were before it.
    pub(super) fn judge(
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
        if pushed.args.len() > wire::JSON_AT_MOST {
            return refused("too_large");
        }
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
                    Some(rows) => match deciding.put(numbered(deciding.view(), rows, &actor, &now)?) {
                        Err(StoreError::Unfit(_)) => return refused("rows_unfit"),
                        put => put?,
                    },
                    None => return refused("chunk_missing"),
                }
            }
            "undo" => {
                let Ok(back) = serde_json::from_slice::<TakeBack>(&pushed.args) else { return refused("unreadable") };
                // One that comes later is none, and its number may be beyond what a database counts to.
                let earlier = back.mid < pushed.mid;
                let kept = if earlier { batch.kept(&device.device, device.epoch, back.mid)? } else { None };
                let Some(kept) = kept else { return refused("nothing_to_undo") };
                let place = self.kept_at("before", device, back.mid);
                let before: Vec<(Base, u64)> = serde_json::from_slice(&self.key.open(&place, &kept.before)?)?;
                for (row, seq) in &before {
                    let (kind, id) = row.name();
                    if batch.row(kind, &id)?.is_none_or(|now| now.seq != *seq) {
                        return refused("changed_since");
                    }
                }
                match deciding.put(before.into_iter().rev().map(|(row, _)| row).collect()) {
                    Err(StoreError::Unfit(_)) => return refused("changed_since"),
                    put => put?,
                }
            }
            _ => {
                let Some(mutation) = args(pushed)
                    .filter(pushed::named)
                    .and_then(|args| mutation_of(&pushed.name, pushed.version, args).ok())
                else {
                    return refused("unreadable");
                };
                // A close says at which place in the order it was worked out.
                if let Mutation::ClosePeriod { .. } = mutation {
                    deciding.set_setting(APPLIED_SEQ, &batch.clock()?.to_string())?;
                }
                match deciding.mutate(&actor, &mutation, &now) {
                    Ok(steps) => steps,
                    Err(WriteError::Rejected(Rejection::PreviewChanged { digest })) => {
                        return Ok((Verdict::PreviewChanged { digest }, Vec::new()));
                    }
                    Err(WriteError::Rejected(Rejection::Read(error))) => return Err(Failure::Internal(error.0)),
                    // About somebody's goal or note nobody learns by asking whether it is there.
                    Err(WriteError::Rejected(
                        Rejection::Forbidden
                        | Rejection::NotFound { .. }
                        | Rejection::Goal(GoalError::GoalNotFound { .. }),
                    )) if pushed::about_somebody(&mutation) => return refused("absent_or_forbidden"),
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
    pub(super) fn write(
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
            if !pushed::is_hash(hash) {
                return Ok(None);
            }
            let Some(sealed) = self.db.chunk(&self.tenant, hash)? else { return Ok(None) };
            let bytes = self.key.open(&format!("{}/chunk/{hash}", self.tenant), &sealed)?;
            let Ok(chunk) = wire::decode::<Chunk>(&bytes) else { return Ok(None) };
            for row in chunk.rows {
                if row.len() > wire::JSON_AT_MOST {
                    return Ok(None);
                }
                let Ok(base) = serde_json::from_slice::<Base>(&row) else { return Ok(None) };
                // Versions are numbered where the order is made.
                if matches!(base, Base::Decision { change: Change::GoalVersion { .. } }) && import.kind == "goal" {
                    continue;
                }
                if !pushed::fits(&import.kind, &base) {
                    return Ok(None);
                }
                rows.push(base);
            }
        }
        Ok(Some(rows))
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
