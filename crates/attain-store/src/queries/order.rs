//! Orders behind a figure: lists, and a week by customer type.

use std::collections::BTreeMap;

use attain_domain::money::Money;
use attain_domain::order::OrderEvent;
use chrono::NaiveDate;
use rusqlite::params;
use serde::Serialize;

use crate::connection::{OPEN, Result, View, date, day};
use crate::facts::named;
use crate::rollup::MAIN_ASSIGNMENT;

/// An order event as credited to a person; refunds are negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderLine {
    #[serde(rename = "order_id")]
    pub id: String,
    pub date: NaiveDate,
    pub event: OrderEvent,
    pub customer_id: String,
    pub customer_type: String,
    pub product: String,
    /// As credited, in the reporting currency where it is a sale or refund.
    pub credited: Money,
    pub person_id: String,
    /// As in the source.
    pub amount: Money,
    pub cost: Option<Money>,
    pub source: String,
    pub revision: u32,
}

/// Orders and credited amount of one customer type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeSums {
    pub orders: i64,
    pub amount: i64,
}

const LINE: &str = "e.order_id, e.day, e.event, c.id, t.text, pr.text, p.id, e.amount, e.cost, cu.text, s.text, e.revision, e.n
  FROM order_event e JOIN customer c ON c.n = e.customer JOIN term t ON t.n = e.customer_type JOIN term pr ON pr.n = e.product
  JOIN term cu ON cu.n = e.currency JOIN term s ON s.n = e.source JOIN person p ON p.n = e.person";

fn event_of(number: u8) -> OrderEvent {
    OrderEvent::ALL.get(number as usize).copied().unwrap_or(OrderEvent::Booked)
}

/// Whether a person's main assignment on a day is in one of some units (a JSON list of ids) or below one.
fn member(person: &str, day: &str, unit_ids: &str) -> String {
    format!(
        "(SELECT a.unit FROM assignment a WHERE a.person = {person} AND a.since <= {day} AND a.until > {day}
           ORDER BY {MAIN_ASSIGNMENT} LIMIT 1) IN
         (WITH RECURSIVE below (n) AS (SELECT u.n FROM unit u JOIN json_each({unit_ids}) j ON j.value = u.id
           UNION SELECT up.unit FROM unit_parent up JOIN below b ON up.parent = b.n WHERE up.until = {OPEN}) SELECT n FROM below)"
    )
}

impl View<'_> {
    /// Order events by day, newest first; of one person (own or credited) or of everyone.
    pub fn orders(
        &self,
        person_id: Option<&str>,
        from: NaiveDate,
        until: NaiveDate,
        limit: u32,
    ) -> Result<Vec<OrderLine>> {
        let mine = "(?4 IS NULL OR (e.person = (SELECT n FROM person WHERE id = ?4) AND e.credited = 0)
            OR (e.credited = 1 AND EXISTS (SELECT 1 FROM credit k JOIN person kp ON kp.n = k.person WHERE k.order_id = e.order_id AND kp.id = ?4)))";
        let person = person_id.map(|id| self.person_number(id)).transpose()?.flatten();
        let counts = |part: i64, _: i32| Ok(person.is_none_or(|n| part == n));
        self.order_lines(mine, params![day(from), day(until), limit, person_id], counts)
    }

    /// The same of one person and of those who were in some units, or below them, on the order's day.
    pub fn orders_of_units(
        &self,
        unit_ids: &[&str],
        person_id: &str,
        from: NaiveDate,
        until: NaiveDate,
        limit: u32,
    ) -> Result<Vec<OrderLine>> {
        let units = serde_json::to_string(unit_ids)?;
        let ours = format!(
            "EXISTS (SELECT 1 FROM (SELECT e.person AS n WHERE e.credited = 0
               UNION ALL SELECT k.person FROM credit k WHERE k.order_id = e.order_id AND e.credited = 1) w
             WHERE w.n = (SELECT n FROM person WHERE id = ?5) OR {})",
            member("w.n", "e.day", "?4")
        );
        let own = self.person_number(person_id)?;
        let is_member = format!("SELECT coalesce({}, 0)", member("?1", "?2", "?3"));
        let counts = |part: i64, on: i32| {
            let of_unit = || self.db.prepare_cached(&is_member)?.query_row(params![part, on, units], |row| row.get(0));
            Ok(own == Some(part) || of_unit()?)
        };
        self.order_lines(&ours, params![day(from), day(until), limit, units, person_id], counts)
    }

    /// Lines that satisfy a condition; `counts` says whose part, by person and day, is credited in them.
    fn order_lines(
        &self,
        condition: &str,
        values: impl rusqlite::Params,
        counts: impl Fn(i64, i32) -> Result<bool>,
    ) -> Result<Vec<OrderLine>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {LINE} WHERE e.day >= ?1 AND e.day < ?2 AND {condition} ORDER BY e.day DESC, e.order_id DESC LIMIT ?3"
        ))?;
        let mut rows = statement.query(values)?;
        let reporting = self.currency()?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            let currency = named(row.get::<_, String>(9)?)?;
            let event = event_of(row.get(2)?);
            let order_id: String = row.get(0)?;
            let amount: i64 = row.get(7)?;
            let on: i32 = row.get(1)?;
            let credited = self.credited_amount(row.get(12)?, |part| counts(part, on))?;
            let sign = if event == OrderEvent::Refunded { -1 } else { 1 };
            lines.push(OrderLine {
                id: order_id,
                date: date(on),
                event,
                customer_id: row.get(3)?,
                customer_type: row.get(4)?,
                product: row.get(5)?,
                credited: Money::new(sign * credited, reporting),
                person_id: row.get(6)?,
                amount: Money::new(amount, currency),
                cost: row.get::<_, Option<i64>>(8)?.map(|c| Money::new(c, currency)),
                source: row.get(10)?,
                revision: row.get(11)?,
            });
        }
        Ok(lines)
    }

    /// What of an event counts for some people, in the reporting currency.
    fn credited_amount(&self, n: i64, counts: impl Fn(i64) -> Result<bool>) -> Result<i64> {
        use crate::rollup::{EVENT, Event, Rules};
        let event = self
            .db
            .prepare_cached(&format!("SELECT {EVENT} FROM order_event e WHERE e.n = ?1"))?
            .query_row([n], Event::of)?;
        let mut credited = 0;
        for part in Rules::load(*self)?.parts(self.db, &event)? {
            if counts(i64::from(part.person))? {
                credited += part.amount;
            }
        }
        Ok(credited)
    }

    /// A person's sales by customer type for each range: orders counted where the person leads, refunds taken off.
    pub fn sums_by_type(
        &self,
        person_id: &str,
        ranges: &[(NaiveDate, NaiveDate)],
    ) -> Result<Vec<BTreeMap<String, TypeSums>>> {
        use crate::rollup::{Event, Rules, events_of_person};
        let mut result = vec![BTreeMap::new(); ranges.len()];
        let (Some(person), Some(first), Some(last)) =
            (self.person_number(person_id)?, ranges.iter().map(|r| r.0).min(), ranges.iter().map(|r| r.1).max())
        else {
            return Ok(result);
        };
        let rules = Rules::load(*self)?;
        let mut types: BTreeMap<u32, String> = BTreeMap::new();
        let mut statement = self.db.prepare_cached("SELECT n, text FROM term WHERE kind = ?1")?;
        let mut rows = statement.query([crate::rollup::TERM_CUSTOMER_TYPE])?;
        while let Some(row) = rows.next()? {
            types.insert(row.get(0)?, row.get(1)?);
        }
        let mut statement = self.db.prepare_cached(&events_of_person())?;
        let mut rows = statement.query(params![person, day(first), day(last)])?;
        while let Some(row) = rows.next()? {
            let event = Event::of(row)?;
            let customer_type = types.get(&row.get(10)?).cloned().unwrap_or_default();
            let (sale, refund) = (event.event == rules.basis as u8, event.event == OrderEvent::Refunded as u8);
            if !sale && !refund {
                continue;
            }
            let on = date(event.day);
            for part in rules.parts(self.db, &event)?.iter().filter(|p| i64::from(p.person) == person) {
                for (sums, _) in result.iter_mut().zip(ranges).filter(|(_, r)| r.0 <= on && on < r.1) {
                    let sums: &mut TypeSums = sums.entry(customer_type.clone()).or_default();
                    sums.orders += i64::from(sale && part.leads);
                    sums.amount += if refund { -part.amount } else { part.amount };
                }
            }
        }
        Ok(result)
    }
}

impl View<'_> {
    /// How many order events there are and the sum of their amounts: reads every one.
    pub fn order_totals(&self) -> Result<(i64, i64)> {
        Ok(self.db.query_row("SELECT count(*), coalesce(sum(amount), 0) FROM order_event", [], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })?)
    }
}
