//! Applying base rows: the one place where a change reaches the tables, and answers how to take it back.
//!
//! Owns: [`Tx::apply`], and the rows of decisions (goals with their versions and proposals, seats, notes, plans, periods, payouts, settings, snoozes).
//! Absent on purpose: what a change means (attain-domain), the journal (`journal.rs`).

use attain_domain::goal::{Goal, MonthSet, Owner, Weight};
use attain_domain::mutation::{Change, FrozenPayout, PublishedPlan, SnoozedUntil};
use attain_domain::note::Note;
use attain_domain::org::{BaseSalary, Seat};
use rusqlite::{OptionalExtension, Row, params};

use crate::connection::{OPEN, Result, StoreError, Tx, View, date, day};
use crate::facts::{Base, named};

impl Tx<'_> {
    /// Puts one base row in place, with its search terms; answers the inverse. Rollups of orders are the caller's
    /// ([`crate::rollup::Rollup`]), since they are kept for many rows at once.
    pub fn apply(&self, base: &Base) -> Result<Base> {
        Ok(match base {
            Base::Decision { change } => Base::Decision { change: self.apply_change(change)? },
            Base::Unit { id, to } => Base::Unit { id: id.clone(), to: self.apply_unit(id, to.as_ref())? },
            Base::Person { id, to } => Base::Person { id: id.clone(), to: self.apply_person(id, to.as_ref())? },
            Base::Salaries { person_id, to } => Base::Salaries {
                person_id: person_id.clone(),
                to: self.put_sealed::<Vec<BaseSalary>>("base_salary", person_id, to.as_ref())?,
            },
            Base::Credits { order_id, to } => {
                Base::Credits { order_id: order_id.clone(), to: self.apply_credits(order_id, to.as_deref())? }
            }
            Base::Rate { currency, from, to } => {
                Base::Rate { currency: currency.clone(), from: *from, to: self.apply_rate(currency, *from, *to)? }
            }
            Base::MetricValue { person_id, metric, month, to } => Base::MetricValue {
                person_id: person_id.clone(),
                metric: *metric,
                month: *month,
                to: self.apply_metric_value(person_id, *metric, *month, *to)?,
            },
            Base::UnitFigure { unit_id, month, to } => Base::UnitFigure {
                unit_id: unit_id.clone(),
                month: *month,
                to: self.apply_unit_figure(unit_id, *month, to.as_ref())?,
            },
            Base::Order { .. } | Base::OrderBatch { .. } | Base::CustomerHistory { .. } => {
                return Err(StoreError::Internal(
                    "orders, and what is known of customers, are put with their figures".into(),
                ));
            }
        })
    }

    fn apply_change(&self, change: &Change) -> Result<Change> {
        Ok(match change {
            Change::Goal { id, to } => Change::Goal { id: id.clone(), to: self.put_goal(id, to.as_ref())? },
            Change::GoalVersion { goal_id, version, to } => {
                let before = self.view().goal_version(goal_id, *version)?;
                match to {
                    Some(to) => self
                        .db
                        .prepare_cached("INSERT OR REPLACE INTO goal_version VALUES (?1, ?2, ?3)")?
                        .execute(params![goal_id, version, serde_json::to_string(to)?])?,
                    None => self
                        .db
                        .prepare_cached("DELETE FROM goal_version WHERE goal_id = ?1 AND version = ?2")?
                        .execute(params![goal_id, version])?,
                };
                Change::GoalVersion { goal_id: goal_id.clone(), version: *version, to: before }
            }
            Change::Proposal { id, to } => {
                let before = self.view().proposal_row(id)?;
                match to {
                    Some(to) => self.db.execute(
                        "INSERT OR REPLACE INTO proposal VALUES (?1, ?2, ?3)",
                        params![id, to.state.name(), serde_json::to_string(to)?],
                    )?,
                    None => self.db.execute("DELETE FROM proposal WHERE id = ?1", [id])?,
                };
                Change::Proposal { id: id.clone(), to: before }
            }
            Change::Acknowledgement { goal_id, person_id, to } => {
                let before = self.view().acknowledgement(goal_id, person_id)?;
                match to {
                    Some(to) => self.db.execute(
                        "INSERT OR REPLACE INTO acknowledgement VALUES (?1, ?2, ?3, ?4)",
                        params![goal_id, person_id, to.version, to.at],
                    )?,
                    None => self.db.execute(
                        "DELETE FROM acknowledgement WHERE goal_id = ?1 AND person_id = ?2",
                        params![goal_id, person_id],
                    )?,
                };
                Change::Acknowledgement { goal_id: goal_id.clone(), person_id: person_id.clone(), to: before }
            }
            Change::Seat { id, to } => Change::Seat { id: id.clone(), to: self.put_seat(id, to.as_ref())? },
            Change::Note { id, to } => Change::Note { id: id.clone(), to: self.put_note(id, to.as_ref())? },
            Change::Plan { id, version, to } => {
                let before = self.view().published_plan(id, *version)?;
                match to {
                    Some(plan) => self.db.execute(
                        "INSERT OR REPLACE INTO plan VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        params![id, version, plan.source, plan.published_by, plan.published_at, plan.approved_by],
                    )?,
                    None => self.db.execute("DELETE FROM plan WHERE id = ?1 AND version = ?2", params![id, version])?,
                };
                Change::Plan { id: id.clone(), version: *version, to: before }
            }
            Change::PlanDraft { id, to } => {
                Change::PlanDraft { id: id.clone(), to: self.put_sealed("plan_draft", id, to.as_ref())? }
            }
            Change::PlanException { person_id, id, to } => {
                let before = self.put_sealed("plan_exception", &format!("{person_id}/{id}"), to.as_ref())?;
                Change::PlanException { person_id: person_id.clone(), id: id.clone(), to: before }
            }
            Change::Period { month, to } => {
                let before = self.view().closed_period(*month)?;
                let seq = to.as_ref().and_then(|period| period.seq).and_then(|seq| i64::try_from(seq).ok());
                match to {
                    Some(period) => self.db.execute(
                        "INSERT OR REPLACE INTO period (month, closed_by, closed_at, seq) VALUES (?1, ?2, ?3, ?4)",
                        params![month.index(), period.closed_by, period.closed_at, seq],
                    )?,
                    None => self.db.execute("DELETE FROM period WHERE month = ?1", [month.index()])?,
                };
                Change::Period { month: *month, to: before }
            }
            Change::Payout { person_id, month, to } => {
                let id = format!("{month}/{person_id}");
                let before = self.put_sealed::<FrozenPayout>("payout", &id, to.as_ref())?;
                Change::Payout { person_id: person_id.clone(), month: *month, to: before }
            }
            Change::Setting { key, to } => {
                let before = self.view().setting(key)?;
                match to {
                    Some(value) => self.set_setting(key, value)?,
                    None => self.db.execute("DELETE FROM setting WHERE key = ?1", [key]).map(|_| ())?,
                };
                Change::Setting { key: key.clone(), to: before }
            }
            Change::Snooze { person_id, item_id, to } => {
                let before = self
                    .db
                    .prepare_cached("SELECT until, reason FROM snooze WHERE person_id = ?1 AND item_id = ?2")?
                    .query_row(params![person_id, item_id], |r| {
                        Ok(SnoozedUntil { until: date(r.get(0)?), reason: r.get(1)? })
                    })
                    .optional()?;
                match to {
                    Some(s) => self
                        .db
                        .prepare_cached("INSERT OR REPLACE INTO snooze VALUES (?1, ?2, ?3, ?4)")?
                        .execute(params![person_id, item_id, day(s.until), s.reason])?,
                    None => self
                        .db
                        .prepare_cached("DELETE FROM snooze WHERE person_id = ?1 AND item_id = ?2")?
                        .execute(params![person_id, item_id])?,
                };
                Change::Snooze { person_id: person_id.clone(), item_id: item_id.clone(), to: before }
            }
        })
    }

    fn put_goal(&self, id: &str, to: Option<&Goal>) -> Result<Option<Goal>> {
        let mut statement = self.db.prepare_cached(&format!("SELECT {GOAL}, n FROM goal WHERE id = ?1"))?;
        let mut rows = statement.query([id])?;
        let before =
            rows.next()?.map(|row| Ok::<_, StoreError>((goal_of(row)?, row.get::<_, i64>(16)?))).transpose()?;
        drop(rows);
        let n = before.as_ref().map(|(_, n)| *n);
        let before = before.map(|(goal, _)| goal);
        let Some(goal) = to else {
            self.db.prepare_cached("DELETE FROM goal WHERE id = ?1")?.execute([id])?;
            return Ok(before);
        };
        // A re-cascade changes the figures of thousands of goals and the place of none: its indexes stay as they are.
        if before.as_ref().is_some_and(|before| before.same_place(goal)) {
            self.db
                .prepare_cached(
                    "UPDATE goal SET months = ?2, weight = ?3, weight_months = ?4, month_weights = ?5, locked = ?6,
                       locked_months = ?7, rounding = ?8, reserve_ppm = ?9, version = ?10, shifted = ?11 WHERE n = ?1",
                )?
                .execute(params![
                    n,
                    blob(&goal.months),
                    goal.weight.map(|w| w.share),
                    goal.weight.map(|w| w.months.bits()),
                    goal.month_weights.as_ref().map(blob),
                    goal.locked,
                    goal.locked_months,
                    goal.rounding,
                    goal.reserve_ppm,
                    goal.version,
                    goal.shifted.as_ref().map(blob)
                ])?;
            return Ok(before);
        }
        let (kind, owner) = match &goal.owner {
            Owner::Unit(id) => (0, id),
            Owner::Person(id) => (1, id),
            Owner::Seat(id) => (2, id),
        };
        self.db
            .prepare_cached(
                "INSERT INTO goal (id, parent_id, owner_kind, owner_id, metric, year, months, weight, weight_months,
                                   month_weights, locked, locked_months, rounding, reserve_ppm, version, shifted)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
                 ON CONFLICT (id) DO UPDATE SET parent_id = ?2, owner_kind = ?3, owner_id = ?4, metric = ?5, year = ?6,
                   months = ?7, weight = ?8, weight_months = ?9, month_weights = ?10, locked = ?11, locked_months = ?12,
                   rounding = ?13, reserve_ppm = ?14, version = ?15, shifted = ?16",
            )?
            .execute(params![
                id,
                goal.parent_id,
                kind,
                owner,
                goal.metric.name(),
                goal.year,
                blob(&goal.months),
                goal.weight.map(|w| w.share),
                goal.weight.map(|w| w.months.bits()),
                goal.month_weights.as_ref().map(blob),
                goal.locked,
                goal.locked_months,
                goal.rounding,
                goal.reserve_ppm,
                goal.version,
                goal.shifted.as_ref().map(blob)
            ])?;
        Ok(before)
    }

    fn put_seat(&self, id: &str, to: Option<&Seat>) -> Result<Option<Seat>> {
        let before = self.view().seat_row(id)?;
        match to {
            Some(seat) => {
                let until = seat.to.map_or(OPEN, |last| day(last) + 1);
                let made = self.db.execute(
                    "INSERT INTO seat (id, unit, position, name, since, until, person_id)
                     SELECT ?1, n, ?3, ?4, ?5, ?6, ?7 FROM unit WHERE id = ?2
                     ON CONFLICT (id) DO UPDATE SET unit = excluded.unit, position = ?3, name = ?4, since = ?5, until = ?6,
                       person_id = ?7",
                    params![id, seat.unit_id, seat.position.name(), seat.name, day(seat.from), until, seat.person_id],
                )?;
                if made != 1 {
                    return Err(StoreError::Internal(format!("seat {id} without its unit")));
                }
            }
            None => {
                self.db.execute("DELETE FROM seat WHERE id = ?1", [id])?;
            }
        }
        Ok(before)
    }

    fn put_note(&self, id: &str, to: Option<&Note>) -> Result<Option<Note>> {
        let before = self.view().note_row(id)?;
        if before.as_ref() == to {
            return Ok(before);
        }
        // Who wrote it when is not searched: the server's answer to one's own note says another time, not another text.
        let same_words =
            |note: &Note| before.as_ref().is_some_and(|b| b.text == note.text && b.actions == note.actions);
        let same_words = to.is_some_and(same_words);
        if before.is_some() && !same_words {
            let n = self.db.prepare_cached("SELECT n FROM note WHERE id = ?1")?.query_row([id], |r| r.get(0))?;
            self.unindex_note(n)?;
        }
        let Some(note) = to else {
            self.db.prepare_cached("DELETE FROM note WHERE id = ?1")?.execute([id])?;
            return Ok(before);
        };
        let n: i64 = self
            .db
            .prepare_cached(
                "INSERT INTO note (id, author_id, about_id, at, kind, visibility, text, edited_at, actions)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (id) DO UPDATE SET author_id = ?2, about_id = ?3, at = ?4, kind = ?5, visibility = ?6,
                   text = ?7, edited_at = ?8, actions = ?9
                 RETURNING n",
            )?
            .query_row(
                params![
                    id,
                    note.author_id,
                    note.about_id,
                    note.at,
                    note.kind.name(),
                    note.visibility.name(),
                    note.text,
                    note.edited_at,
                    serde_json::to_string(&note.actions)?
                ],
                |r| r.get(0),
            )?;
        if !same_words {
            self.index_note(n, note)?;
        }
        Ok(before)
    }
}

fn blob(months: &[i64; 12]) -> Vec<u8> {
    months.iter().flat_map(|m| m.to_le_bytes()).collect()
}

fn unblob(bytes: &[u8]) -> Result<[i64; 12]> {
    let mut months = [0; 12];
    if bytes.len() != 96 {
        return Err(StoreError::Damaged("a goal's months".into()));
    }
    for (month, bytes) in months.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *month = i64::from_le_bytes(*bytes);
    }
    Ok(months)
}

const GOAL: &str = "id, parent_id, owner_kind, owner_id, metric, year, months, weight, weight_months, month_weights, locked, locked_months, rounding, reserve_ppm, version, shifted";

fn goal_of(row: &Row) -> Result<Goal> {
    let owner_id: String = row.get(3)?;
    let weight: (Option<i64>, Option<u16>) = (row.get(7)?, row.get(8)?);
    Ok(Goal {
        id: row.get(0)?,
        parent_id: row.get(1)?,
        owner: match row.get::<_, u8>(2)? {
            0 => Owner::Unit(owner_id),
            1 => Owner::Person(owner_id),
            _ => Owner::Seat(owner_id),
        },
        metric: named(row.get::<_, String>(4)?)?,
        year: row.get(5)?,
        months: unblob(row.get_ref(6)?.as_blob().map_err(|e| StoreError::Internal(e.to_string()))?)?,
        weight: match weight {
            (Some(share), Some(months)) => Some(Weight { share, months: MonthSet::from_bits(months) }),
            _ => None,
        },
        month_weights: row.get::<_, Option<Vec<u8>>>(9)?.as_deref().map(unblob).transpose()?,
        locked: row.get(10)?,
        locked_months: row.get(11)?,
        rounding: row.get(12)?,
        reserve_ppm: row.get(13)?,
        version: row.get(14)?,
        shifted: row.get::<_, Option<Vec<u8>>>(15)?.as_deref().map(unblob).transpose()?,
    })
}

fn note_of(row: &Row) -> Result<Note> {
    Ok(Note {
        id: row.get(0)?,
        author_id: row.get(1)?,
        about_id: row.get(2)?,
        at: row.get(3)?,
        kind: named(row.get::<_, String>(4)?)?,
        visibility: named(row.get::<_, String>(5)?)?,
        text: row.get(6)?,
        edited_at: row.get(7)?,
        actions: serde_json::from_str(&row.get::<_, String>(8)?)?,
    })
}

impl View<'_> {
    pub(crate) fn goals_where(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<Goal>> {
        let mut statement = self.db.prepare_cached(&format!("SELECT {GOAL} FROM goal WHERE {condition}"))?;
        let mut rows = statement.query(values)?;
        let mut goals = Vec::new();
        while let Some(row) = rows.next()? {
            goals.push(goal_of(row)?);
        }
        Ok(goals)
    }

    pub(crate) fn goal_row(&self, id: &str) -> Result<Option<Goal>> {
        Ok(self.goals_where("id = ?1", [id])?.into_iter().next())
    }

    pub(crate) fn notes_where(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<Note>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT id, author_id, about_id, at, kind, visibility, text, edited_at, actions FROM note WHERE {condition}"
        ))?;
        let mut rows = statement.query(values)?;
        let mut notes = Vec::new();
        while let Some(row) = rows.next()? {
            notes.push(note_of(row)?);
        }
        Ok(notes)
    }

    pub(crate) fn note_row(&self, id: &str) -> Result<Option<Note>> {
        Ok(self.notes_where("id = ?1", [id])?.into_iter().next())
    }

    pub(crate) fn published_plan(&self, id: &str, version: u32) -> Result<Option<PublishedPlan>> {
        Ok(self
            .db
            .query_row(
                "SELECT source, published_by, published_at, approved_by FROM plan WHERE id = ?1 AND version = ?2",
                params![id, version],
                |r| {
                    let (source, published_by) = (r.get(0)?, r.get(1)?);
                    Ok(PublishedPlan { source, published_by, published_at: r.get(2)?, approved_by: r.get(3)? })
                },
            )
            .optional()?)
    }
}
