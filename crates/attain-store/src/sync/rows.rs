//! Rows as records: everything there is, and what a server needs to know to say whom a row is for.

use attain_domain::goal::version::{Acknowledged, GoalVersion};
use attain_domain::mutation::{Change, SnoozedUntil};
use attain_domain::period::Month;
use chrono::NaiveDate;
use rusqlite::params;

use super::{KEPT, LOCAL_SETTINGS, in_order};
use crate::connection::{OPEN, Result, StoreError, View, date};
use crate::facts::event::{FACT, fact_of};
use crate::facts::{Base, named};

fn version_row(version: GoalVersion) -> Base {
    let (goal_id, number) = (version.goal_id.clone(), version.version);
    Base::Decision { change: Change::GoalVersion { goal_id, version: number, to: Some(version) } }
}

impl View<'_> {
    /// Whose order it is by its own rows, with their days.
    pub fn people_of_order(&self, order_id: &str) -> Result<Vec<(String, NaiveDate)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT DISTINCT p.id, e.day FROM order_event e JOIN person p ON p.n = e.person WHERE e.order_id = ?1 ORDER BY e.day, p.id",
        )?;
        Ok(statement.query_map([order_id], |r| Ok((r.get(0)?, date(r.get(1)?))))?.collect::<rusqlite::Result<_>>()?)
    }

    /// The events of an order, as rows.
    pub fn order_events_of(&self, order_id: &str) -> Result<Vec<Base>> {
        self.order_rows("e.order_id = ?1", [order_id])
    }

    /// Rows whose readers are those of a person, where they are or were on the row's day: salary, goals, notes about them;
    /// orders, metric values, payouts.
    pub fn rows_about(&self, person_id: &str) -> Result<Vec<Base>> {
        let own = "e.n IN (SELECT event FROM person_event WHERE person = (SELECT n FROM person WHERE id = ?1))";
        let mut rows = self.order_rows(own, [person_id])?;
        let credited: std::collections::BTreeSet<String> = rows
            .iter()
            .filter_map(|row| match row {
                Base::Order { key, .. } => Some(key.order_id.clone()),
                _ => None,
            })
            .collect();
        for order_id in credited {
            let credits = self.credits(&order_id)?;
            if !credits.is_empty() {
                rows.push(Base::Credits { order_id, to: Some(credits) });
            }
        }
        rows.extend(self.metric_values("p.id = ?1", [person_id])?);
        let payouts = self.payouts("substr(id, instr(id, '/') + 1) = ?1", [person_id])?;
        rows.extend(payouts.into_iter().map(|change| Base::Decision { change }));
        for exception in self.plan_exceptions(person_id)? {
            let (person_id, id) = (person_id.to_owned(), exception.id.clone());
            let change = Change::PlanException { person_id, id, to: Some(exception) };
            rows.push(Base::Decision { change });
        }
        if let Some(salaries) = self.salaries(person_id)? {
            rows.push(Base::Salaries { person_id: person_id.to_owned(), to: Some(salaries) });
        }
        rows.extend(self.goal_rows_of(person_id)?);
        for note in self.notes_where("about_id = ?1", [person_id])? {
            rows.push(Base::Decision { change: Change::Note { id: note.id.clone(), to: Some(note) } });
        }
        Ok(rows)
    }

    /// The goals that a person or seat carries, with all that is known of them.
    pub fn goal_rows_of(&self, owner_id: &str) -> Result<Vec<Base>> {
        let mut rows = Vec::new();
        for goal in self.goals_where("owner_id = ?1 AND owner_kind <> 0", [owner_id])? {
            rows.extend(self.rows_beside(&goal.id)?);
            rows.push(Base::Decision { change: Change::Goal { id: goal.id.clone(), to: Some(goal) } });
        }
        Ok(rows)
    }

    /// What is known of a goal besides itself, and the goals of people and seats that serve it.
    pub fn rows_of_goal(&self, goal_id: &str) -> Result<Vec<Base>> {
        let mut rows = self.rows_beside(goal_id)?;
        for goal in self.goals_where("parent_id = ?1 AND owner_kind <> 0", [goal_id])? {
            rows.extend(self.rows_beside(&goal.id)?);
            rows.push(Base::Decision { change: Change::Goal { id: goal.id.clone(), to: Some(goal) } });
        }
        Ok(rows)
    }

    fn rows_beside(&self, goal_id: &str) -> Result<Vec<Base>> {
        let mut rows: Vec<Base> = self.goal_versions(goal_id)?.into_iter().map(version_row).collect();
        rows.extend(self.acknowledgements("goal_id = ?1", [goal_id])?);
        Ok(rows)
    }

    fn acknowledgements(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<Base>> {
        let query =
            format!("SELECT goal_id, person_id, version, at FROM acknowledgement WHERE {condition} ORDER BY 1, 2");
        let mut statement = self.db.prepare_cached(&query)?;
        let row = |r: &rusqlite::Row| {
            let to = Some(Acknowledged { version: r.get(2)?, at: r.get(3)? });
            let change = Change::Acknowledgement { goal_id: r.get(0)?, person_id: r.get(1)?, to };
            Ok(Base::Decision { change })
        };
        Ok(statement.query_map(values, row)?.collect::<rusqlite::Result<_>>()?)
    }

    fn metric_values(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<Base>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT p.id, v.metric, v.month, v.num, v.den FROM metric_value v JOIN person p ON p.n = v.person
             WHERE {condition} ORDER BY p.id, v.metric, v.month"
        ))?;
        let mut rows = statement.query(values)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(Base::MetricValue {
                person_id: row.get(0)?,
                metric: named(row.get::<_, String>(1)?)?,
                month: Month::from_index(row.get(2)?),
                to: Some((row.get(3)?, row.get(4)?)),
            });
        }
        Ok(all)
    }

    fn payouts(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<Change>> {
        let query = format!("SELECT id FROM sealed WHERE kind = 'payout' AND {condition} ORDER BY id");
        let mut statement = self.db.prepare_cached(&query)?;
        let ids: Vec<String> = statement.query_map(values, |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
        let payout = |id: String| {
            let damaged = || StoreError::Damaged(format!("payout {id}"));
            let (month, person_id) = id.split_once('/').ok_or_else(damaged)?;
            let month: Month = month.parse().map_err(|_| damaged())?;
            let to = self.frozen_payout(person_id, month)?;
            Ok(Change::Payout { person_id: person_id.to_owned(), month, to })
        };
        ids.into_iter().map(payout).collect()
    }

    /// A row of the same name as it stands.
    fn current(&self, like: &Base) -> Result<Base> {
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
                Base::Decision { change: Change::Goal { id: id.clone(), to: self.goal_row(id)? } }
            }
            Base::Decision { change: Change::GoalVersion { goal_id, version, .. } } => {
                let (goal_id, version, to) = (goal_id.clone(), *version, self.goal_version(goal_id, *version)?);
                Base::Decision { change: Change::GoalVersion { goal_id, version, to } }
            }
            other => return Err(StoreError::Internal(format!("{} is no row of an import", other.name().0))),
        })
    }

    /// What taking a mutation back puts; a batch of orders is taken back whole and stays here.
    pub(super) fn taken_back(&self, mid: i64) -> Result<Vec<Base>> {
        Ok(self.inverse(mid)?.into_iter().filter(|row| !matches!(row, Base::OrderBatch { .. })).collect())
    }

    /// The rows that an import wrote, as they stand: facts are upserts, and a later import speaks for its own. Of orders
    /// those that no later import has replaced.
    pub fn rows_to_send(&self, mid: i64) -> Result<Vec<Base>> {
        if let Some(kept) = self.beside(KEPT, mid)? {
            return Ok(kept);
        }
        match self.inverse(mid)?.as_slice() {
            [Base::OrderBatch { batch }] => self.order_rows("e.batch = ?1", [batch]),
            before => before.iter().rev().map(|row| self.current(row)).collect(),
        }
    }

    /// All units under one, by today's tree.
    pub fn units_below(&self, unit_id: &str) -> Result<Vec<String>> {
        let mut statement = self.db.prepare_cached(
            "WITH RECURSIVE below (n) AS (
               SELECT n FROM unit WHERE id = ?1
               UNION SELECT p.unit FROM unit_parent p JOIN below ON p.parent = below.n WHERE p.until = ?2)
             SELECT u.id FROM below JOIN unit u ON u.n = below.n WHERE u.id <> ?1 ORDER BY u.id",
        )?;
        Ok(statement.query_map(params![unit_id, OPEN], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    fn order_rows(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<Base>> {
        let mut statement = self.db.prepare_cached(&format!("SELECT {FACT} WHERE {condition} ORDER BY e.n"))?;
        let mut rows = statement.query(values)?;
        let mut orders = Vec::new();
        while let Some(row) = rows.next()? {
            let (key, fact) = fact_of(row)?;
            orders.push(Base::Order { key, to: Some(fact) });
        }
        Ok(orders)
    }

    /// Every row that is a record, in an order in which each finds what it needs.
    pub fn every_row(&self) -> Result<Vec<Base>> {
        let mut all = Vec::new();
        let texts = |query: &str| -> Result<Vec<String>> {
            Ok(self.db.prepare(query)?.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
        };
        for key in texts("SELECT key FROM setting ORDER BY key")? {
            if !LOCAL_SETTINGS.contains(&key.as_str()) {
                let to = self.setting(&key)?;
                all.push(Base::Decision { change: Change::Setting { key, to } });
            }
        }
        let mut rates = self.db.prepare("SELECT currency, since, rate FROM rate ORDER BY currency, since")?;
        let mut rows = rates.query([])?;
        while let Some(row) = rows.next()? {
            let to = Some(named(row.get::<_, String>(2)?)?);
            all.push(Base::Rate { currency: row.get(0)?, from: date(row.get(1)?), to });
        }
        all.extend(self.org_units()?.into_iter().map(|unit| Base::Unit { id: unit.id.clone(), to: Some(unit) }));
        for id in texts("SELECT id FROM person ORDER BY id")? {
            let to = self.person_record(&id)?;
            all.push(Base::Person { id, to });
        }
        for person_id in texts("SELECT id FROM sealed WHERE kind = 'base_salary' ORDER BY id")? {
            let to = self.salaries(&person_id)?;
            all.push(Base::Salaries { person_id, to });
        }
        for order_id in texts("SELECT DISTINCT order_id FROM credit ORDER BY order_id")? {
            let to = Some(self.credits(&order_id)?);
            all.push(Base::Credits { order_id, to });
        }
        all.extend(self.order_rows("1", [])?);
        all.extend(self.metric_values("1", [])?);
        let mut decisions = Vec::new();
        for goal in self.goals_where("1 ORDER BY year, n", [])? {
            decisions.push(Change::Goal { id: goal.id.clone(), to: Some(goal) });
        }
        for version in self.every_version()? {
            let Base::Decision { change } = version_row(version) else { continue };
            decisions.push(change);
        }
        for proposal in self.proposals()? {
            decisions.push(Change::Proposal { id: proposal.id.clone(), to: Some(proposal) });
        }
        for row in self.acknowledgements("1", [])? {
            let Base::Decision { change } = row else { continue };
            decisions.push(change);
        }
        for seat in self.seats()? {
            decisions.push(Change::Seat { id: seat.id.clone(), to: Some(seat) });
        }
        for published in self.publications()? {
            let (id, version) = (published.plan_id, published.version);
            let to = self.published_plan(&id, version)?;
            decisions.push(Change::Plan { id, version, to });
        }
        for (person_id, exception) in self.all_plan_exceptions()? {
            decisions.push(Change::PlanException { person_id, id: exception.id.clone(), to: Some(exception) });
        }
        for draft in self.plan_drafts()? {
            decisions.push(Change::PlanDraft { id: draft.id.clone(), to: Some(draft) });
        }
        for month in self.closed_month_list()? {
            decisions.push(Change::Period { month, to: self.closed_period(month)? });
        }
        decisions.extend(self.payouts("1", [])?);
        for note in self.notes_where("1 ORDER BY n", [])? {
            decisions.push(Change::Note { id: note.id.clone(), to: Some(note) });
        }
        let mut snoozes = self.db.prepare("SELECT person_id, item_id, until, reason FROM snooze ORDER BY 1, 2")?;
        let mut rows = snoozes.query([])?;
        while let Some(row) = rows.next()? {
            let to = Some(SnoozedUntil { until: date(row.get(2)?), reason: row.get(3)? });
            decisions.push(Change::Snooze { person_id: row.get(0)?, item_id: row.get(1)?, to });
        }
        all.extend(decisions.into_iter().map(|change| Base::Decision { change }));
        in_order(&mut all);
        Ok(all)
    }
}
