//! Rows as records: everything there is, and what a server needs to know to say whom a row is for.

use attain_domain::mutation::{Change, ClosedPeriod, FrozenPayout, SnoozedUntil};
use attain_domain::org::BaseSalary;
use attain_domain::period::Month;
use chrono::NaiveDate;
use rusqlite::params;

use super::{LOCAL_SETTINGS, in_order, sql};
use crate::connection::{OPEN, Result, StoreError, View, date};
use crate::facts::event::{FACT, fact_of};
use crate::facts::{Base, named};

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

    /// Rows whose readers are those of a person: salary, goals, notes about them.
    pub fn rows_about(&self, person_id: &str) -> Result<Vec<Base>> {
        let mut rows = Vec::new();
        if let Some(salaries) = self.salaries(person_id)? {
            rows.push(Base::Salaries { person_id: person_id.to_owned(), to: Some(salaries) });
        }
        for goal in self.goals_where("owner_id = ?1 AND owner_kind <> 0", [person_id])? {
            rows.push(Base::Decision { change: Change::Goal { id: goal.id.clone(), to: Some(goal) } });
        }
        for note in self.notes_where("about_id = ?1", [person_id])? {
            rows.push(Base::Decision { change: Change::Note { id: note.id.clone(), to: Some(note) } });
        }
        Ok(rows)
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
        let mut rows = Vec::new();
        self.each_order(condition, values, &mut |base| {
            rows.push(base);
            Ok::<_, StoreError>(())
        })?;
        Ok(rows)
    }

    fn each_order<E: From<StoreError>>(
        &self,
        condition: &str,
        values: impl rusqlite::Params,
        take: &mut impl FnMut(Base) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {} WHERE {condition} ORDER BY e.n", FACT)).map_err(sql)?;
        let mut rows = statement.query(values).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let (key, fact) = fact_of(row)?;
            take(Base::Order { key, to: Some(fact) })?;
        }
        Ok(())
    }

    /// Every row that is a record, in an order in which each finds what it needs.
    pub fn every_row<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(Base) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let texts = |query: &str| -> Result<Vec<String>> {
            let mut statement = self.db.prepare(query)?;
            Ok(statement.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
        };
        for key in texts("SELECT key FROM setting ORDER BY key")? {
            if !LOCAL_SETTINGS.contains(&key.as_str()) {
                let to = self.setting(&key)?;
                take(Base::Decision { change: Change::Setting { key, to } })?;
            }
        }
        let mut rates =
            self.db.prepare("SELECT currency, since, rate FROM rate ORDER BY currency, since").map_err(sql)?;
        let mut rows = rates.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let to = named(row.get::<_, String>(2).map_err(sql)?)?;
            take(Base::Rate {
                currency: row.get(0).map_err(sql)?,
                from: date(row.get(1).map_err(sql)?),
                to: Some(to),
            })?;
        }
        let mut units: Vec<Base> =
            self.org_units()?.into_iter().map(|unit| Base::Unit { id: unit.id.clone(), to: Some(unit) }).collect();
        in_order(&mut units);
        for unit in units {
            take(unit)?;
        }
        let people = texts("SELECT id FROM person ORDER BY id")?;
        for id in &people {
            let to = self.person_record(id)?;
            take(Base::Person { id: id.clone(), to })?;
        }
        for id in &people {
            if let Some(salaries) = self.sealed::<Vec<BaseSalary>>("base_salary", id)? {
                take(Base::Salaries { person_id: id.clone(), to: Some(salaries) })?;
            }
        }
        for order_id in texts("SELECT DISTINCT order_id FROM credit ORDER BY order_id")? {
            let to = Some(self.credits(&order_id)?);
            take(Base::Credits { order_id, to })?;
        }
        self.each_order("1", [], &mut take)?;
        let mut values = self
            .db
            .prepare("SELECT p.id, v.metric, v.month, v.num, v.den FROM metric_value v JOIN person p ON p.n = v.person ORDER BY p.id, v.metric, v.month")
            .map_err(sql)?;
        let mut rows = values.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            take(Base::MetricValue {
                person_id: row.get(0).map_err(sql)?,
                metric: named(row.get::<_, String>(1).map_err(sql)?)?,
                month: Month::from_index(row.get(2).map_err(sql)?),
                to: Some((row.get(3).map_err(sql)?, row.get(4).map_err(sql)?)),
            })?;
        }
        for goal in self.goals_where("1 ORDER BY year, n", [])? {
            take(Base::Decision { change: Change::Goal { id: goal.id.clone(), to: Some(goal) } })?;
        }
        let mut plans = self.db.prepare("SELECT id, version FROM plan ORDER BY id, version").map_err(sql)?;
        let plans: Vec<(String, u32)> =
            plans.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).and_then(Iterator::collect).map_err(sql)?;
        for (id, version) in plans {
            let to = self.published_plan(&id, version)?;
            take(Base::Decision { change: Change::Plan { id, version, to } })?;
        }
        let mut periods =
            self.db.prepare("SELECT month, closed_by, closed_at FROM period ORDER BY month").map_err(sql)?;
        let mut rows = periods.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let to = ClosedPeriod { closed_by: row.get(1).map_err(sql)?, closed_at: row.get(2).map_err(sql)? };
            let month = Month::from_index(row.get(0).map_err(sql)?);
            take(Base::Decision { change: Change::Period { month, to: Some(to) } })?;
        }
        for id in texts("SELECT id FROM sealed WHERE kind = 'payout' ORDER BY id")? {
            let Some((month, person_id)) = id.split_once('/') else { continue };
            let month: Month = month.parse().map_err(|_| StoreError::Damaged(format!("payout {id}")))?;
            let to = self.sealed::<FrozenPayout>("payout", &id)?;
            take(Base::Decision { change: Change::Payout { person_id: person_id.to_owned(), month, to } })?;
        }
        for note in self.notes_where("1 ORDER BY n", [])? {
            take(Base::Decision { change: Change::Note { id: note.id.clone(), to: Some(note) } })?;
        }
        let mut snoozes =
            self.db.prepare("SELECT person_id, item_id, until, reason FROM snooze ORDER BY 1, 2").map_err(sql)?;
        let mut rows = snoozes.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let to = SnoozedUntil { until: date(row.get(2).map_err(sql)?), reason: row.get(3).map_err(sql)? };
            take(Base::Decision {
                change: Change::Snooze {
                    person_id: row.get(0).map_err(sql)?,
                    item_id: row.get(1).map_err(sql)?,
                    to: Some(to),
                },
            })?;
        }
        Ok(())
    }
}
