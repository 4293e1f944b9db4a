//! One order event as a base row: what a sync carries. Imports write theirs in bulk (`order.rs`).
//!
//! Owns: its identity, putting and removing it with its figures.
//! Absent on purpose: superseded revisions, which stay where the import was made and at the server.

use std::borrow::Cow;

use attain_domain::fault::{self, Fault};
use attain_domain::money::Currency;
use attain_domain::order::OrderEvent;
use chrono::NaiveDate;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::connection::{Result, StoreError, Tx, View, date, day};
use crate::facts::named;
use crate::rollup::{EVENT, Event, Rollup, TERM_CURRENCY, TERM_CUSTOMER_TYPE, TERM_PRODUCT, TERM_SOURCE};

/// What makes an order event the same one in a later file (CONTRACTS, orders).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventKey {
    pub source: String,
    pub order_id: String,
    pub event: OrderEvent,
    pub date: NaiveDate,
    pub product: String,
}

/// What an order event says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFact {
    pub customer_id: String,
    pub customer_type: String,
    /// Has the whole credit unless credits say otherwise.
    pub person_id: String,
    /// Smallest unit of `currency`, positive.
    pub amount: i64,
    pub cost: Option<i64>,
    pub currency: Currency,
}

pub(crate) const FACT: &str = "s.text, e.order_id, e.event, e.day, pr.text, c.id, t.text, p.id, e.amount, e.cost, cu.text
  FROM order_event e JOIN customer c ON c.n = e.customer JOIN term t ON t.n = e.customer_type JOIN term pr ON pr.n = e.product
  JOIN term cu ON cu.n = e.currency JOIN term s ON s.n = e.source JOIN person p ON p.n = e.person";

pub(crate) fn fact_of(row: &Row) -> Result<(EventKey, OrderFact)> {
    let event = row.get::<_, u8>(2)?;
    let key = EventKey {
        source: row.get(0)?,
        order_id: row.get(1)?,
        event: OrderEvent::ALL
            .get(event as usize)
            .copied()
            .ok_or_else(|| StoreError::Damaged(format!("order event {event}")))?,
        date: date(row.get(3)?),
        product: row.get(4)?,
    };
    let fact = OrderFact {
        customer_id: row.get(5)?,
        customer_type: row.get(6)?,
        person_id: row.get(7)?,
        amount: row.get(8)?,
        cost: row.get(9)?,
        currency: named(row.get::<_, String>(10)?)?,
    };
    Ok((key, fact))
}

impl View<'_> {
    /// What stands for an order event.
    pub fn order_fact(&self, key: &EventKey) -> Result<Option<OrderFact>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {FACT} WHERE e.order_id = ?1 AND s.text = ?2 AND e.event = ?3 AND e.day = ?4 AND pr.text = ?5"
        ))?;
        let mut rows =
            statement.query(params![key.order_id, key.source, key.event as u8, day(key.date), key.product])?;
        rows.next()?.map(fact_of).transpose().map(|found| found.map(|(_, fact)| fact))
    }
}

impl<'c> Tx<'c> {
    /// Puts or removes an order event with its figures; answers what stood before.
    ///
    /// Errors: its person is unknown here.
    pub(crate) fn put_event(
        &self,
        rollup: &mut Rollup<'_, 'c>,
        key: &EventKey,
        to: Option<&OrderFact>,
    ) -> Result<Option<OrderFact>> {
        let source = rollup.term(TERM_SOURCE, &key.source)?;
        let product = rollup.term(TERM_PRODUCT, &key.product)?;
        let old: Option<Event<'static>> = self
            .db
            .prepare_cached(&format!(
                "SELECT {EVENT} FROM order_event e
                 WHERE order_id = ?1 AND source = ?2 AND event = ?3 AND day = ?4 AND product = ?5"
            ))?
            .query_row(params![key.order_id, source, key.event as u8, day(key.date), product], Event::of)
            .optional()?;
        // Most are new, and then nothing of what they said has to be read.
        let before = if old.is_some() { self.view().order_fact(key)? } else { None };
        if before.as_ref() == to && (to.is_some() || old.is_none()) {
            return Ok(before);
        }
        if let Some(old) = &old {
            if !fault::is(Fault::RollupNotUndone) {
                rollup.leave(old)?;
            }
            if to.is_none() {
                self.db.prepare_cached("DELETE FROM order_event WHERE n = ?1")?.execute([old.n])?;
            }
        }
        let Some(fact) = to else { return Ok(before) };
        let person = self
            .view()
            .person_number(&fact.person_id)?
            .ok_or_else(|| StoreError::Unfit(format!("an order of {}, who is not here", fact.person_id)))?;
        let credited = "SELECT EXISTS (SELECT 1 FROM credit WHERE order_id = ?1)";
        let currency = rollup.term(TERM_CURRENCY, fact.currency.code())?;
        rollup.rules.learn_currency(currency, fact.currency);
        let mut event = Event {
            n: old.map_or(0, |old| old.n),
            order_id: Cow::Borrowed(key.order_id.as_str()),
            event: key.event as u8,
            day: day(key.date),
            customer: self.customer(&fact.customer_id)?,
            person: u32::try_from(person).map_err(|e| StoreError::Internal(e.to_string()))?,
            amount: fact.amount,
            cost: fact.cost,
            currency,
            credited: self.db.prepare_cached(credited)?.query_row([&key.order_id], |r| r.get(0))?,
        };
        let customer_type = rollup.term(TERM_CUSTOMER_TYPE, &fact.customer_type)?;
        let e = &event;
        if e.n > 0 {
            self.db
                .prepare_cached(
                    "UPDATE order_event SET customer = ?2, customer_type = ?3, person = ?4, amount = ?5, cost = ?6,
                       currency = ?7, credited = ?8, revision = revision + 1 WHERE n = ?1",
                )?
                .execute(params![e.n, e.customer, customer_type, e.person, e.amount, e.cost, e.currency, e.credited])?;
        } else {
            self.db
                .prepare_cached(
                    "INSERT INTO order_event (order_id, source, event, day, product, customer, customer_type, person, amount,
                                              cost, currency, credited, revision, batch)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1, 0)",
                )?
                .execute(params![
                    e.order_id,
                    source,
                    e.event,
                    e.day,
                    product,
                    e.customer,
                    customer_type,
                    e.person,
                    e.amount,
                    e.cost,
                    e.currency,
                    e.credited
                ])?;
            event.n = self.db.last_insert_rowid();
        }
        rollup.enter(&event)?;
        Ok(before)
    }
}
