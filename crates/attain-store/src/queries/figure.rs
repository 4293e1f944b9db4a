//! Figures of people and units from the rollups.
//!
//! Owns: sums by day, each metric's figure of a period (DOMAIN, metrics from orders), when facts begin and end.
//! Absent on purpose: targets, attainment, pace.

use std::collections::BTreeMap;

use attain_domain::metric::{Figure, Metric};
use attain_domain::money::Currency;
use attain_domain::period::{Month, Period};
use chrono::NaiveDate;
use rusqlite::{OptionalExtension, params};
use rust_decimal::Decimal;

use crate::connection::{Result, View, date, day};
use crate::facts::named;
use crate::rollup::events_of_person;

/// Sums of one day, in the smallest unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DaySums {
    /// Credited sales less refunds (and, for a person, overlays).
    pub sales: i64,
    pub new_customers: i64,
    pub orders: i64,
    /// Sales that carry a cost, and that cost.
    pub costed: i64,
    pub cost: i64,
}

impl DaySums {
    pub(crate) fn add(&mut self, other: &DaySums) {
        self.sales += other.sales;
        self.new_customers += other.new_customers;
        self.orders += other.orders;
        self.costed += other.costed;
        self.cost += other.cost;
    }
}

/// Whose figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    Person(&'a str),
    Unit(&'a str),
}

impl View<'_> {
    /// First and last day that any order speaks of; `None` without orders.
    pub fn fact_days(&self) -> Result<Option<(NaiveDate, NaiveDate)>> {
        // One of each, since only then is it the end of an index that is read; units by number, the company comes first.
        let ends = |table: &str, key: &str| {
            let query = format!("SELECT (SELECT min(day) FROM {table} {key}), (SELECT max(day) FROM {table} {key})");
            let mut statement = self.db.prepare_cached(&query)?;
            statement.query_row([], |r| Ok((r.get::<_, Option<i32>>(0)?, r.get::<_, Option<i32>>(1)?)))
        };
        let root = "SELECT n FROM unit u WHERE NOT EXISTS (SELECT 1 FROM unit_parent p WHERE p.unit = u.n)
                    ORDER BY u.n LIMIT 1";
        let (mut first, mut last) = ends("unit_day", &format!("WHERE unit = ({root})"))?;
        if last.is_none() {
            (first, last) = ends("person_day", "")?;
        }
        let mut statement = self.db.prepare_cached("SELECT min(first_day), max(last_day) FROM unit_figure")?;
        let above: (Option<i32>, Option<i32>) = statement.query_row([], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let first = first.into_iter().chain(above.0).min();
        let last = last.into_iter().chain(above.1).max();
        Ok(first.zip(last).map(|(first, last)| (date(first), date(last))))
    }

    /// Days with figures in a range, in order.
    pub fn day_sums(&self, whose: Whose, from: NaiveDate, until: NaiveDate) -> Result<Vec<(NaiveDate, DaySums)>> {
        let (table, key, id, overlay) = match whose {
            Whose::Person(id) => ("person_day", "person", id, " + overlay"),
            Whose::Unit(id) => ("unit_day", "unit", id, ""),
        };
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT day, booked - refunded{overlay}, new_customers, orders, costed, cost FROM {table}
             WHERE {key} = (SELECT n FROM {key} WHERE id = ?1) AND day >= ?2 AND day < ?3 ORDER BY day"
        ))?;
        let rows = statement.query_map(params![id, day(from), day(until)], |r| {
            Ok((
                date(r.get(0)?),
                DaySums {
                    sales: r.get(1)?,
                    new_customers: r.get(2)?,
                    orders: r.get(3)?,
                    costed: r.get(4)?,
                    cost: r.get(5)?,
                },
            ))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Sales of several people together, day by day: a team as a set of members.
    pub fn people_day_sums(
        &self,
        people: &[String],
        from: NaiveDate,
        until: NaiveDate,
    ) -> Result<BTreeMap<NaiveDate, DaySums>> {
        let mut total: BTreeMap<NaiveDate, DaySums> = BTreeMap::new();
        for person in people {
            for (on, sums) in self.day_sums(Whose::Person(person), from, until)? {
                total.entry(on).or_default().add(&sums);
            }
        }
        Ok(total)
    }

    /// A person's figure of a metric in a period; `None` is no data, never zero.
    pub fn person_figure(&self, person_id: &str, metric: Metric, period: Period) -> Result<Option<Figure>> {
        match metric {
            Metric::RetentionRate => self.retention(person_id, period),
            Metric::RepurchaseRate => self.repurchase(person_id, period),
            Metric::TeamworkScore => self.measured(&[person_id.to_string()], metric, period),
            _ => self.summed(Whose::Person(person_id), metric, period),
        }
    }

    /// A unit's figure: sums of what was credited inside it; ratios are Σ numerators ÷ Σ denominators of its people.
    pub fn unit_figure(&self, unit_id: &str, metric: Metric, period: Period) -> Result<Option<Figure>> {
        match metric {
            Metric::RetentionRate | Metric::RepurchaseRate | Metric::TeamworkScore => {
                // Of a unit above the viewer's reach some people's figures are not here.
                if self.is_above(unit_id)? {
                    return Ok(None);
                }
                let range = self.fiscal()?.range(period);
                let mut total: Option<Figure> = None;
                for person in self.people_of_unit(unit_id, range.from)? {
                    if let Some(f) = self.person_figure(&person.id, metric, period)? {
                        let t = total.get_or_insert(Figure { num: 0, den: 0 });
                        t.num += f.num;
                        t.den += f.den;
                    }
                }
                Ok(total)
            }
            _ => self.summed(Whose::Unit(unit_id), metric, period),
        }
    }

    fn summed(&self, whose: Whose, metric: Metric, period: Period) -> Result<Option<Figure>> {
        let range = self.fiscal()?.range(period);
        let mut days: Vec<DaySums> = Vec::new();
        if let Whose::Unit(unit_id) = whose {
            let months = self.unit_figures(unit_id, period.first_month(), period.last_month())?;
            days.extend(months.into_iter().map(|month| month.sums));
        }
        // Of a unit above the viewer's reach only some orders are here: the server's sums count.
        if days.is_empty() {
            days.extend(self.day_sums(whose, range.from, range.until)?.into_iter().map(|(_, sums)| sums));
        }
        let in_time = |(first, last): (NaiveDate, NaiveDate)| first < range.until && last >= range.from;
        // Nothing sold is a figure where others have orders, and no data where nobody has.
        if days.is_empty() && !self.fact_days()?.is_some_and(in_time) {
            return Ok(None);
        }
        let mut total = DaySums::default();
        for sums in &days {
            total.add(sums);
        }
        Ok(match metric {
            Metric::SalesAmount => Some(Figure::sum(total.sales)),
            Metric::NewCustomers => Some(Figure::sum(total.new_customers)),
            Metric::GrossMargin if total.costed > 0 => {
                Some(Figure { num: total.costed - total.cost, den: total.costed })
            }
            _ => None,
        })
    }

    /// A value as it was imported: numerator and denominator of one person and month.
    pub fn metric_value(&self, person_id: &str, metric: Metric, month: Month) -> Result<Option<(i64, i64)>> {
        let value = "SELECT num, den FROM metric_value WHERE person = (SELECT n FROM person WHERE id = ?1) AND metric = ?2 AND month = ?3";
        Ok(self
            .db
            .prepare_cached(value)?
            .query_row(params![person_id, metric.name(), month.index()], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?)
    }

    /// The rate that was given for a currency from exactly this day on.
    pub fn rate_from(&self, currency: Currency, from: NaiveDate) -> Result<Option<Decimal>> {
        let rate: Option<String> = self
            .db
            .prepare_cached("SELECT rate FROM rate WHERE currency = ?1 AND since = ?2")?
            .query_row(params![currency.code(), day(from)], |r| r.get(0))
            .optional()?;
        rate.map(named).transpose()
    }

    fn measured(&self, people: &[String], metric: Metric, period: Period) -> Result<Option<Figure>> {
        let (first, last) = (period.first_month().index(), period.last_month().index());
        let mut total: Option<Figure> = None;
        let mut statement = self.db.prepare_cached(
            "SELECT num, den FROM metric_value WHERE person = (SELECT n FROM person WHERE id = ?1) AND metric = ?2
             AND month >= ?3 AND month <= ?4",
        )?;
        for person in people {
            let mut rows = statement.query(params![person, metric.name(), first, last])?;
            while let Some(row) = rows.next()? {
                let t = total.get_or_insert(Figure { num: 0, den: 0 });
                t.num += row.get::<_, i64>(0)?;
                t.den += row.get::<_, i64>(1)?;
            }
        }
        Ok(total.filter(|t| t.den > 0))
    }

    /// Of the customers a person owned at the period's start that were active in the window before it,
    /// those with an order (with anyone) in the period.
    fn retention(&self, person_id: &str, period: Period) -> Result<Option<Figure>> {
        let Some(person) = self.person_number(person_id)? else { return Ok(None) };
        let customers = self.retained(person, period)?;
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let kept = customers.iter().filter(|(_, kept)| *kept).count();
        Ok((!customers.is_empty()).then_some(Figure { num: count(kept), den: count(customers.len()) }))
    }

    /// The customers that retention is of, and whether each ordered in the period.
    pub(crate) fn retained(&self, person: i64, period: Period) -> Result<Vec<(i64, bool)>> {
        let (first, last) = (period.first_month().index(), period.last_month().index());
        let window = first - self.retention_window()?;
        let start = day(self.fiscal()?.range(period).from);
        let mut statement = self.db.prepare_cached(
            "SELECT DISTINCT customer FROM person_customer_month WHERE person = ?1 AND month >= ?2 AND month < ?3 AND orders > 0
             UNION SELECT o.customer FROM customer_owner o WHERE o.person = ?1 AND o.since <= ?4 AND o.until > ?4",
        )?;
        let candidates: Vec<i64> = statement
            .query_map(params![person, window, first, start], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut any = self.db.prepare_cached(
            "SELECT 1 FROM customer_month c
             JOIN person_customer_month m ON m.person = c.person AND m.month = c.month AND m.customer = c.customer
             WHERE c.customer = ?1 AND c.month >= ?2 AND c.month <= ?3 AND m.orders > 0
             UNION ALL SELECT 1 FROM customer_history_month
             WHERE customer = ?1 AND month >= ?2 AND month <= ?3 LIMIT 1",
        )?;
        let mut owned = Vec::new();
        for customer in candidates {
            if !any.exists(params![customer, window, first - 1])?
                || self.owner_at(customer, start, first)? != Some(person)
            {
                continue;
            }
            owned.push((customer, any.exists(params![customer, first, last])?));
        }
        Ok(owned)
    }

    /// Who owns a customer on a day: as recorded, otherwise whoever was credited with the latest order before it.
    fn owner_at(&self, customer: i64, start: i32, first_month: i32) -> Result<Option<i64>> {
        let recorded: Option<i64> = self
            .db
            .prepare_cached("SELECT person FROM customer_owner WHERE customer = ?1 AND since <= ?2 AND until > ?2")?
            .query_row(params![customer, start], |r| r.get(0))
            .optional()?;
        if recorded.is_some() {
            return Ok(recorded);
        }
        let mut statement = self.db.prepare_cached(
            "SELECT c.person, c.month FROM customer_month c
             JOIN person_customer_month m ON m.person = c.person AND m.month = c.month AND m.customer = c.customer
             WHERE c.customer = ?1 AND c.month < ?2 AND m.orders > 0 ORDER BY c.month DESC, c.person",
        )?;
        let mut latest: Option<(i32, Vec<i64>)> = None;
        let mut rows = statement.query(params![customer, first_month])?;
        while let Some(row) = rows.next()? {
            let (person, month) = (row.get(0)?, row.get(1)?);
            match &mut latest {
                None => latest = Some((month, vec![person])),
                Some((last, people)) if *last == month => people.push(person),
                Some(_) => break,
            }
        }
        // What the server knows of others' orders goes before what is here of the same month.
        let elsewhere: Option<(i32, Option<i64>)> = self
            .db
            .prepare_cached(
                "SELECT h.month, p.n FROM customer_history_month h LEFT JOIN person p ON p.id = h.person
                 WHERE h.customer = ?1 AND h.month < ?2 ORDER BY h.month DESC LIMIT 1",
            )?
            .query_row(params![customer, first_month], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        match (latest, elsewhere) {
            (Some((month, _)), Some((known, holder))) if known >= month => Ok(holder),
            (None, Some((_, holder))) => Ok(holder),
            (Some((month, people)), _) => self.holder(customer, month, &people),
            (None, None) => Ok(None),
        }
    }

    /// Of several people with orders of a customer in a month, the one with the latest.
    pub(crate) fn holder(&self, customer: i64, month: i32, people: &[i64]) -> Result<Option<i64>> {
        if people.len() < 2 {
            return Ok(people.first().copied());
        }
        let basis = self.sales_basis()?.event() as u8;
        let month = attain_domain::period::Month::from_index(month);
        let range = self.fiscal()?.range(Period::Month(month));
        let mut best: Option<((i32, String), i64)> = None;
        for person in people {
            let mut statement = self.db.prepare_cached(&events_of_person())?;
            let mut rows = statement.query(params![person, day(range.from), day(range.until)])?;
            while let Some(row) = rows.next()? {
                if row.get::<_, i64>(4)? != customer || row.get::<_, u8>(2)? != basis {
                    continue;
                }
                let key = (row.get::<_, i32>(3)?, row.get::<_, String>(1)?);
                if best.as_ref().is_none_or(|(known, _)| *known < key) {
                    best = Some((key, *person));
                }
            }
        }
        Ok(best.map(|(_, person)| person))
    }

    /// Of the customers with an order credited to the person in the period, those with two or more.
    fn repurchase(&self, person_id: &str, period: Period) -> Result<Option<Figure>> {
        let (first, last) = (period.first_month().index(), period.last_month().index());
        let figure = self
            .db
            .prepare_cached(
                "SELECT count(*) FILTER (WHERE orders >= 2), count(*) FROM (
                   SELECT customer, sum(orders) AS orders FROM person_customer_month
                   WHERE person = (SELECT n FROM person WHERE id = ?1) AND month >= ?2 AND month <= ?3 GROUP BY customer)
                 WHERE orders > 0",
            )?
            .query_row(params![person_id, first, last], |r| Ok(Figure { num: r.get(0)?, den: r.get(1)? }))?;
        Ok((figure.den > 0).then_some(figure))
    }
}
