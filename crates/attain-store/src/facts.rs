//! Base rows that are not decisions: the organisation, salaries, credits, rates, metric values, and batches of orders.
//!
//! Owns: [`Base`], every kind of base row with its before-image, and the record of an import.
//! Absent on purpose: reading files (attain-client), deciding (attain-domain).

use attain_domain::metric::Metric;
use attain_domain::mutation::Change;
use attain_domain::order::CreditRole;
use attain_domain::org::{BaseSalary, OrgUnit, Person};
use attain_domain::period::Month;
use chrono::NaiveDate;
use rusqlite::{OptionalExtension, params};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use derived::{CustomerHistory, UnitFigure};
use event::{EventKey, OrderFact};

use crate::connection::{OPEN, Result, StoreError, Tx, View, date, day};

pub mod derived;
pub mod event;
pub mod order;

/// A base row as it is to be; `None` removes it. Applying one answers its inverse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "base", rename_all = "snake_case")]
// Rows are held in lists of one kind; boxing the large one would cost the goals of a cascade an allocation each.
#[allow(clippy::large_enum_variant)]
pub enum Base {
    Decision {
        change: Change,
    },
    Unit {
        id: String,
        to: Option<OrgUnit>,
    },
    Person {
        id: String,
        to: Option<Person>,
    },
    /// Pay class.
    Salaries {
        person_id: String,
        to: Option<Vec<BaseSalary>>,
    },
    Credits {
        order_id: String,
        to: Option<Vec<Credit>>,
    },
    Rate {
        currency: String,
        from: NaiveDate,
        to: Option<Decimal>,
    },
    MetricValue {
        person_id: String,
        metric: Metric,
        month: Month,
        to: Option<(i64, i64)>,
    },
    /// As a sync carries it; an import writes its events in bulk.
    Order {
        key: EventKey,
        to: Option<OrderFact>,
    },
    /// Derived by the server for those who do not hold all of a customer's orders.
    CustomerHistory {
        customer_id: String,
        to: Option<CustomerHistory>,
    },
    /// Derived by the server for those above whose reach the unit is.
    UnitFigure {
        unit_id: String,
        month: Month,
        to: Option<UnitFigure>,
    },
    /// Only as an inverse: takes a batch of orders back.
    OrderBatch {
        batch: i64,
    },
}

impl Base {
    /// Whether the row belongs to the pay class and its journal entry must be sealed.
    pub(crate) fn is_pay(&self) -> bool {
        matches!(
            self,
            Base::Salaries { .. }
                | Base::Decision {
                    change: Change::Payout { .. } | Change::PlanDraft { .. } | Change::PlanException { .. }
                }
        )
    }

    /// The kind of row and its id within the kind: what a later row of the same name replaces.
    pub fn name(&self) -> (&'static str, String) {
        match self {
            Base::Decision { change } => match change {
                Change::Goal { id, .. } => ("goal", id.clone()),
                Change::GoalVersion { goal_id, version, .. } => ("goal_version", format!("{goal_id}/{version}")),
                Change::Proposal { id, .. } => ("proposal", id.clone()),
                Change::Acknowledgement { goal_id, person_id, .. } => {
                    ("acknowledgement", format!("{goal_id}/{person_id}"))
                }
                Change::Seat { id, .. } => ("seat", id.clone()),
                Change::Note { id, .. } => ("note", id.clone()),
                Change::Plan { id, version, .. } => ("plan", format!("{id}/{version}")),
                Change::PlanDraft { id, .. } => ("plan_draft", id.clone()),
                Change::PlanException { person_id, id, .. } => ("plan_exception", format!("{person_id}/{id}")),
                Change::Period { month, .. } => ("period", month.to_string()),
                Change::Payout { person_id, month, .. } => ("payout", format!("{month}/{person_id}")),
                Change::Setting { key, .. } => ("setting", key.clone()),
                Change::Snooze { person_id, item_id, .. } => ("snooze", format!("{person_id}/{item_id}")),
            },
            Base::Unit { id, .. } => ("unit", id.clone()),
            Base::Person { id, .. } => ("person", id.clone()),
            Base::Salaries { person_id, .. } => ("salaries", person_id.clone()),
            Base::Credits { order_id, .. } => ("credits", order_id.clone()),
            Base::Rate { currency, from, .. } => ("rate", format!("{currency}/{from}")),
            Base::MetricValue { person_id, metric, month, .. } => {
                ("metric_value", format!("{month}/{}/{person_id}", metric.name()))
            }
            Base::Order { key, .. } => {
                let EventKey { source, order_id, event, date, product } = key;
                ("order", format!("{order_id}/{source}/{}/{date}/{product}", event.name()))
            }
            Base::CustomerHistory { customer_id, .. } => ("customer_history", customer_id.clone()),
            Base::UnitFigure { unit_id, month, .. } => ("unit_figure", format!("{month}/{unit_id}")),
            Base::OrderBatch { batch } => ("order_batch", batch.to_string()),
        }
    }

    /// The same row, to go.
    pub fn without(&self) -> Base {
        let mut gone = self.clone();
        match &mut gone {
            Base::Decision { change } => match change {
                Change::Goal { to, .. } => *to = None,
                Change::GoalVersion { to, .. } => *to = None,
                Change::Proposal { to, .. } => *to = None,
                Change::Acknowledgement { to, .. } => *to = None,
                Change::Seat { to, .. } => *to = None,
                Change::Note { to, .. } => *to = None,
                Change::Plan { to, .. } => *to = None,
                Change::PlanDraft { to, .. } => *to = None,
                Change::PlanException { to, .. } => *to = None,
                Change::Period { to, .. } => *to = None,
                Change::Payout { to, .. } => *to = None,
                Change::Setting { to, .. } => *to = None,
                Change::Snooze { to, .. } => *to = None,
            },
            Base::Unit { to, .. } => *to = None,
            Base::Person { to, .. } => *to = None,
            Base::Salaries { to, .. } => *to = None,
            Base::Credits { to, .. } => *to = None,
            Base::Rate { to, .. } => *to = None,
            Base::MetricValue { to, .. } => *to = None,
            Base::Order { to, .. } => *to = None,
            Base::CustomerHistory { to, .. } => *to = None,
            Base::UnitFigure { to, .. } => *to = None,
            Base::OrderBatch { .. } => {}
        }
        gone
    }

    /// Whether the row is to go.
    pub fn is_gone(&self) -> bool {
        match self {
            Base::Decision { change } => match change {
                Change::Goal { to, .. } => to.is_none(),
                Change::GoalVersion { to, .. } => to.is_none(),
                Change::Proposal { to, .. } => to.is_none(),
                Change::Acknowledgement { to, .. } => to.is_none(),
                Change::Seat { to, .. } => to.is_none(),
                Change::Note { to, .. } => to.is_none(),
                Change::Plan { to, .. } => to.is_none(),
                Change::PlanDraft { to, .. } => to.is_none(),
                Change::PlanException { to, .. } => to.is_none(),
                Change::Period { to, .. } => to.is_none(),
                Change::Payout { to, .. } => to.is_none(),
                Change::Setting { to, .. } => to.is_none(),
                Change::Snooze { to, .. } => to.is_none(),
            },
            Base::Unit { to, .. } => to.is_none(),
            Base::Person { to, .. } => to.is_none(),
            Base::Salaries { to, .. } => to.is_none(),
            Base::Credits { to, .. } => to.is_none(),
            Base::Rate { to, .. } => to.is_none(),
            Base::MetricValue { to, .. } => to.is_none(),
            Base::Order { to, .. } => to.is_none(),
            Base::CustomerHistory { to, .. } => to.is_none(),
            Base::UnitFigure { to, .. } => to.is_none(),
            Base::OrderBatch { .. } => true,
        }
    }

    /// Whether the row is worked out from others where all of those are.
    pub fn is_derived(&self) -> bool {
        matches!(self, Base::CustomerHistory { .. } | Base::UnitFigure { .. })
    }

    /// The screens' noun this row belongs to.
    pub fn noun(&self) -> &'static str {
        match self {
            Base::Decision { change } => match change {
                Change::Goal { .. }
                | Change::GoalVersion { .. }
                | Change::Proposal { .. }
                | Change::Acknowledgement { .. } => "goal",
                Change::Seat { .. } => "unit",
                Change::Note { .. } => "note",
                Change::Plan { .. } | Change::PlanDraft { .. } => "plan",
                Change::Period { .. } | Change::Payout { .. } | Change::PlanException { .. } => "payout",
                Change::Setting { .. } => "settings",
                Change::Snooze { .. } => "today",
            },
            Base::Unit { .. } => "unit",
            Base::Person { .. } | Base::Salaries { .. } => "person",
            Base::Credits { .. }
            | Base::Rate { .. }
            | Base::Order { .. }
            | Base::OrderBatch { .. }
            | Base::CustomerHistory { .. }
            | Base::UnitFigure { .. } => "order",
            Base::MetricValue { .. } => "metric",
        }
    }
}

/// A person's part in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    pub person_id: String,
    pub role: CreditRole,
    pub share: Decimal,
}

impl Tx<'_> {
    pub(crate) fn apply_unit(&self, id: &str, to: Option<&OrgUnit>) -> Result<Option<OrgUnit>> {
        let before = self.view().org_unit(id)?;
        match to {
            Some(unit) => {
                self.db
                    .prepare_cached(
                        "INSERT INTO unit (id, name, name_en, kind) VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (id) DO UPDATE SET name = ?2, name_en = ?3, kind = ?4",
                    )?
                    .execute(params![unit.id, unit.name, unit.name_en, unit.kind.name()])?;
                self.db.execute("DELETE FROM unit_parent WHERE unit = (SELECT n FROM unit WHERE id = ?1)", [id])?;
                if let Some(parent) = &unit.parent_id {
                    let made = self.db.execute(
                        "INSERT INTO unit_parent SELECT u.n, p.n, 0, ?3 FROM unit u, unit p WHERE u.id = ?1 AND p.id = ?2",
                        params![id, parent, OPEN],
                    )?;
                    if made != 1 {
                        return Err(StoreError::Unfit(format!("unit {id} without its parent")));
                    }
                    if self.view().units_below(id)?.contains(parent) || parent == id {
                        return Err(StoreError::Unfit(format!("unit {id} below itself")));
                    }
                }
            }
            None => {
                self.db.execute("DELETE FROM unit_parent WHERE unit = (SELECT n FROM unit WHERE id = ?1)", [id])?;
                self.db.execute("DELETE FROM unit WHERE id = ?1", [id])?;
            }
        }
        Ok(before)
    }

    pub(crate) fn apply_person(&self, id: &str, to: Option<&Person>) -> Result<Option<Person>> {
        let before = self.view().person_record(id)?;
        let n = self.view().person_number(id)?;
        if let Some(n) = n {
            self.db.execute("DELETE FROM assignment WHERE person = ?1", [n])?;
            self.db.execute("DELETE FROM unit_role WHERE person = ?1", [n])?;
        }
        let Some(person) = to else {
            self.db.execute("DELETE FROM person WHERE id = ?1", [id])?;
            return Ok(before);
        };
        self.db
            .prepare_cached(
                "INSERT INTO person (id, name, name_en) VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET name = ?2, name_en = ?3",
            )?
            .execute(params![person.id, person.name, person.name_en])?;
        for role in &person.roles {
            self.db
                .prepare_cached("INSERT INTO unit_role (person, unit, role, since, until) SELECT n, 0, ?2, 0, ?3 FROM person WHERE id = ?1")?
                .execute(params![id, role.name(), OPEN])?;
        }
        for a in &person.assignments {
            let until = a.to.map_or(OPEN, |last| day(last) + 1);
            let at = "SELECT p.n, u.n, ?3, ?4, ?5";
            let of = "FROM person p, unit u WHERE p.id = ?1 AND u.id = ?2";
            self.db
                .prepare_cached(&format!(
                    "INSERT INTO assignment (person, unit, position, since, until, fte_ppm) {at}, ?6 {of}"
                ))?
                .execute(params![id, a.unit_id, a.position.name(), day(a.from), until, a.fte_ppm])?;
            self.db
                .prepare_cached(&format!("INSERT INTO unit_role (person, unit, role, since, until) {at} {of}"))?
                .execute(params![id, a.unit_id, a.role.name(), day(a.from), until])?;
        }
        Ok(before)
    }

    pub(crate) fn apply_credits(&self, order_id: &str, to: Option<&[Credit]>) -> Result<Option<Vec<Credit>>> {
        let before = self.view().credits(order_id)?;
        self.db.prepare_cached("DELETE FROM credit WHERE order_id = ?1")?.execute([order_id])?;
        for credit in to.unwrap_or(&[]) {
            self.db
                .prepare_cached("INSERT INTO credit SELECT ?1, n, ?3, ?4, 0 FROM person WHERE id = ?2")?
                .execute(params![order_id, credit.person_id, credit.role.name(), credit.share.to_string()])?;
        }
        self.db
            .prepare_cached("UPDATE order_event SET credited = ?2 WHERE order_id = ?1")?
            .execute(params![order_id, to.is_some_and(|c| !c.is_empty())])?;
        Ok(if before.is_empty() { None } else { Some(before) })
    }

    pub(crate) fn apply_rate(&self, currency: &str, from: NaiveDate, to: Option<Decimal>) -> Result<Option<Decimal>> {
        let before: Option<String> = self
            .db
            .query_row("SELECT rate FROM rate WHERE currency = ?1 AND since = ?2", params![currency, day(from)], |r| {
                r.get(0)
            })
            .optional()?;
        match to {
            Some(rate) => self.db.execute(
                "INSERT INTO rate VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET rate = ?3",
                params![currency, day(from), rate.to_string()],
            )?,
            None => {
                self.db.execute("DELETE FROM rate WHERE currency = ?1 AND since = ?2", params![currency, day(from)])?
            }
        };
        Ok(before.and_then(|r| r.parse().ok()))
    }

    pub(crate) fn apply_metric_value(
        &self,
        person_id: &str,
        metric: Metric,
        month: Month,
        to: Option<(i64, i64)>,
    ) -> Result<Option<(i64, i64)>> {
        let key = params![person_id, metric.name(), month.index()];
        let at = "person = (SELECT n FROM person WHERE id = ?1) AND metric = ?2 AND month = ?3";
        let before = self
            .db
            .query_row(&format!("SELECT num, den FROM metric_value WHERE {at}"), key, |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        self.db.execute(&format!("DELETE FROM metric_value WHERE {at}"), key)?;
        if let Some((num, den)) = to {
            self.db.execute(
                "INSERT INTO metric_value SELECT n, ?2, ?3, ?4, ?5 FROM person WHERE id = ?1",
                params![person_id, metric.name(), month.index(), num, den],
            )?;
        }
        Ok(before)
    }
}

impl View<'_> {
    pub fn person_number(&self, id: &str) -> Result<Option<i64>> {
        Ok(self.db.prepare_cached("SELECT n FROM person WHERE id = ?1")?.query_row([id], |r| r.get(0)).optional()?)
    }

    pub fn unit_number(&self, id: &str) -> Result<Option<i64>> {
        Ok(self.db.prepare_cached("SELECT n FROM unit WHERE id = ?1")?.query_row([id], |r| r.get(0)).optional()?)
    }

    pub fn org_unit(&self, id: &str) -> Result<Option<OrgUnit>> {
        Ok(self.org_units_where("u.id = ?1", [id])?.into_iter().next())
    }

    /// Every unit, parents not necessarily first.
    pub fn org_units(&self) -> Result<Vec<OrgUnit>> {
        self.org_units_where("1", [])
    }

    fn org_units_where(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<OrgUnit>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT u.id, u.name, u.name_en, u.kind, p.id FROM unit u
             LEFT JOIN unit_parent up ON up.unit = u.n LEFT JOIN unit p ON p.n = up.parent WHERE {condition} ORDER BY u.n"
        ))?;
        let mut rows = statement.query(values)?;
        let mut units = Vec::new();
        while let Some(row) = rows.next()? {
            units.push(OrgUnit {
                id: row.get(0)?,
                name: row.get(1)?,
                name_en: row.get(2)?,
                kind: named(row.get::<_, String>(3)?)?,
                parent_id: row.get(4)?,
            });
        }
        Ok(units)
    }

    /// A person with all assignments, in order of their start.
    pub fn person_record(&self, id: &str) -> Result<Option<Person>> {
        let head = self
            .db
            .prepare_cached("SELECT n, name, name_en FROM person WHERE id = ?1")?
            .query_row([id], |r| Ok((r.get::<_, i64>(0)?, r.get(1)?, r.get(2)?)))
            .optional()?;
        let Some((n, name, name_en)) = head else { return Ok(None) };
        let mut statement = self.db.prepare_cached(
            "SELECT u.id, a.position, r.role, a.fte_ppm, a.since, a.until FROM assignment a JOIN unit u ON u.n = a.unit
             JOIN unit_role r ON r.person = a.person AND r.unit = a.unit AND r.since = a.since
             WHERE a.person = ?1 ORDER BY a.since, a.n",
        )?;
        let mut rows = statement.query([n])?;
        let mut assignments = Vec::new();
        while let Some(row) = rows.next()? {
            let until: i32 = row.get(5)?;
            assignments.push(attain_domain::org::Assignment {
                unit_id: row.get(0)?,
                position: named(row.get::<_, String>(1)?)?,
                role: named(row.get::<_, String>(2)?)?,
                fte_ppm: row.get(3)?,
                from: date(row.get(4)?),
                to: (until != OPEN).then(|| date(until - 1)),
            });
        }
        let roles = self
            .db
            .prepare_cached("SELECT role FROM unit_role WHERE person = ?1 AND unit = 0 ORDER BY n")?
            .query_map([n], |r| r.get::<_, String>(0))?
            .map(|role| named(role?))
            .collect::<Result<_>>()?;
        Ok(Some(Person { id: id.to_string(), name, name_en, roles, assignments }))
    }

    pub fn salaries(&self, person_id: &str) -> Result<Option<Vec<BaseSalary>>> {
        self.sealed("base_salary", person_id)
    }

    pub fn credits(&self, order_id: &str) -> Result<Vec<Credit>> {
        let mut statement = self.db.prepare_cached(
            "SELECT p.id, c.role, c.share FROM credit c JOIN person p ON p.n = c.person WHERE c.order_id = ?1 ORDER BY p.id, c.role",
        )?;
        let mut rows = statement.query([order_id])?;
        let mut credits = Vec::new();
        while let Some(row) = rows.next()? {
            credits.push(Credit {
                person_id: row.get(0)?,
                role: named(row.get::<_, String>(1)?)?,
                share: named(row.get::<_, String>(2)?)?,
            });
        }
        Ok(credits)
    }

    pub fn order_exists(&self, order_id: &str) -> Result<bool> {
        Ok(self.db.prepare_cached("SELECT 1 FROM order_event WHERE order_id = ?1 LIMIT 1")?.exists([order_id])?)
    }
}

/// Reads a value that this program wrote by name.
pub(crate) fn named<T: std::str::FromStr>(text: String) -> Result<T> {
    text.parse().map_err(|_| StoreError::Damaged(format!("unknown value {text}")))
}

/// What an import did; the record of it and its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    pub kind: String,
    pub source: String,
    pub file_name: String,
    /// SHA-256 of the bytes, hex.
    pub digest: String,
    pub rows: u64,
    pub imported: u64,
    pub unchanged: u64,
    pub rejected: u64,
}

/// One line of the list of imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportEntry {
    pub id: String,
    pub at: String,
    pub person_id: String,
    #[serde(flatten)]
    pub batch: Batch,
}

impl View<'_> {
    /// Newest first.
    pub fn imports(&self) -> Result<Vec<ImportEntry>> {
        let mut statement = self.db.prepare_cached(
            "SELECT batch, at, actor_id, kind, source, file_name, digest, rows, imported, unchanged, rejected
             FROM import_batch ORDER BY batch DESC LIMIT 500",
        )?;
        let entries = statement.query_map([], |r| {
            Ok(ImportEntry {
                id: r.get::<_, i64>(0)?.to_string(),
                at: r.get(1)?,
                person_id: r.get(2)?,
                batch: Batch {
                    kind: r.get(3)?,
                    source: r.get(4)?,
                    file_name: r.get(5)?,
                    digest: r.get(6)?,
                    rows: r.get(7)?,
                    imported: r.get(8)?,
                    unchanged: r.get(9)?,
                    rejected: r.get(10)?,
                },
            })
        })?;
        Ok(entries.collect::<rusqlite::Result<_>>()?)
    }
}

impl Tx<'_> {
    /// The owner of a new workspace: company-wide roles, no unit yet.
    pub fn add_owner(&self, id: &str, name: &str, roles: &[attain_domain::org::Role]) -> Result<()> {
        let owner =
            Person { id: id.into(), name: name.into(), name_en: None, roles: roles.to_vec(), assignments: Vec::new() };
        self.apply_person(id, Some(&owner)).map(|_| ())
    }

    /// Holidays and make-up days, and the years they cover.
    pub fn add_calendar(&self, calendar: &attain_domain::calendar::WorkingCalendar) -> Result<()> {
        for (days, working) in [(&calendar.holidays, false), (&calendar.make_up_days, true)] {
            for on in days {
                self.db
                    .execute("INSERT OR REPLACE INTO working_day VALUES (?1, ?2, '')", params![day(*on), working])?;
            }
        }
        for year in &calendar.known_years {
            self.db.execute("INSERT OR IGNORE INTO working_year VALUES (?1)", [year])?;
        }
        Ok(())
    }
}

impl Tx<'_> {
    /// Takes the company-wide roles of a workspace's first owner away, once others hold them.
    pub fn drop_owner_roles(&self, id: &str) -> Result<()> {
        self.db
            .execute("DELETE FROM unit_role WHERE unit = 0 AND person = (SELECT n FROM person WHERE id = ?1)", [id])?;
        Ok(())
    }
}
