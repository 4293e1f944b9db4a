//! Orders coming in: idempotent upserts by (source, order, event, date, product), revisions kept, figures in step.
//!
//! Owns: [`OrderImport`], and taking a whole batch back.
//! Absent on purpose: reading files and checking cells (attain-client's import).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use attain_domain::money::Currency;
use attain_domain::order::OrderEvent;
use chrono::NaiveDate;
use rusqlite::{OptionalExtension, params};

use crate::connection::{Result, Tx, day};
use crate::rollup::sums::{BLOCK, Many};
use crate::rollup::{EVENT, Event, Rollup, TERM_CURRENCY, TERM_CUSTOMER_TYPE, TERM_PRODUCT, TERM_SOURCE};

/// One row of an orders file, read and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderRow<'a> {
    pub order_id: &'a str,
    /// Numbers from [`Names`], each of its kind.
    pub customer: u32,
    pub customer_type: u32,
    pub person: u32,
    pub product: u32,
    pub date: NaiveDate,
    /// Smallest unit of `currency`, positive.
    pub amount: i64,
    pub cost: Option<i64>,
    pub currency: Currency,
    pub event: OrderEvent,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Imported,
    Unchanged,
    /// The same identity twice in one file.
    Duplicate,
    UnknownPerson,
    /// No exchange rate on that day.
    RateMissing,
    /// With it more would have been refunded than the order was sold for.
    RefundBeyondOrder,
}

/// What a name in a row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Customer,
    CustomerType,
    Person,
    Product,
}

impl Named {
    pub const ALL: [Named; 4] = [Named::Customer, Named::CustomerType, Named::Person, Named::Product];
}

/// Numbers for the names of one kind in a file, given out while it is read, on a thread of its own. The import learns
/// the names in the order in which they were given numbers.
#[derive(Debug, Default)]
pub struct Names {
    numbers: HashMap<Box<str>, u32>,
}

impl Names {
    /// More are forgotten, so that memory does not grow with the file.
    pub const AT_MOST: usize = 250_000;

    /// The number of a name, and whether it is a new one, which the import has to learn.
    pub fn number(&mut self, name: &str) -> (u32, bool) {
        if let Some(number) = self.numbers.get(name) {
            return (*number, false);
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(name.into(), number);
        (number, true)
    }

    /// Starts anew once there are too many; the import then has to forget them too.
    pub fn forget_when_many(&mut self) -> bool {
        let many = self.numbers.len() > Names::AT_MOST;
        if many {
            self.numbers.clear();
        }
        many
    }
}

/// An import of orders within one transaction.
pub struct OrderImport<'t, 'c> {
    tx: &'t Tx<'c>,
    batch: i64,
    source: u32,
    rollup: Rollup<'t, 'c>,
    /// For each kind of name: its number in the store (0 is nobody) by its number in the file.
    known: [Vec<u32>; 4],
    currencies: Vec<(Currency, u32)>,
    credited: HashSet<String>,
    /// Rows of the table that this file has spoken of, a bit each.
    seen: Vec<u64>,
    /// Number of the next new row.
    next: i64,
}

/// A row with numbers for names.
struct Resolved<'a> {
    event: Event<'a>,
    product: u32,
    customer_type: u32,
}

impl<'t, 'c> OrderImport<'t, 'c> {
    /// `batch` names this import in the rows it writes ([`Tx::next_batch`]).
    pub fn new(tx: &'t Tx<'c>, batch: i64, source: &str) -> Result<Self> {
        let mut statement = tx.db.prepare_cached("SELECT DISTINCT order_id FROM credit")?;
        let credited = statement.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(OrderImport {
            tx,
            batch,
            source: tx.term(TERM_SOURCE, source)?,
            rollup: Rollup::new(tx)?,
            known: Default::default(),
            currencies: Vec::new(),
            credited,
            seen: Vec::new(),
            next: tx.db.query_row("SELECT coalesce(max(n), 0) + 1 FROM order_event", [], |r| r.get(0))?,
        })
    }

    /// Learns the next name of a kind.
    pub fn learn(&mut self, named: Named, name: &str) -> Result<()> {
        let tx = self.tx;
        let n = match named {
            Named::Customer => tx.customer(name)?,
            Named::CustomerType => tx.term(TERM_CUSTOMER_TYPE, name)?,
            Named::Person => tx.view().person_number(name)?.map_or(0, |n| n as u32),
            Named::Product => tx.term(TERM_PRODUCT, name)?,
        };
        self.known[named as usize].push(n);
        Ok(())
    }

    /// Names of a kind are numbered from the beginning again.
    pub fn forget(&mut self, named: Named) {
        self.known[named as usize].clear();
    }

    fn number(&self, named: Named, number: u32) -> u32 {
        self.known[named as usize].get(number as usize).copied().unwrap_or(0)
    }

    /// Puts rows in place and into the figures; answers what became of each, in their order.
    pub fn push(&mut self, rows: &[OrderRow<'_>], outcomes: &mut Vec<Outcome>) -> Result<()> {
        outcomes.clear();
        let mut ready = Vec::with_capacity(rows.len());
        for row in rows {
            match self.resolve(row)? {
                Ok(one) => {
                    ready.push((outcomes.len(), one));
                    outcomes.push(Outcome::Imported);
                }
                Err(outcome) => outcomes.push(outcome),
            }
        }
        let (tx, source, batch) = (self.tx, self.source, self.batch);
        let mut many = Many::new(
            tx,
            "INSERT OR IGNORE INTO order_event (n, order_id, event, day, product, customer, customer_type, person, amount, cost,
                                                currency, credited, source, revision, batch) VALUES ",
            12,
            &format!(", {source}, 1, {batch}"),
            "",
        )?;
        for block in ready.chunks_mut(BLOCK) {
            for (at, (_, row)) in block.iter_mut().enumerate() {
                row.event.n = self.next + at as i64;
            }
            let made = many.put(block, |(_, row), bind| {
                let e = &row.event;
                bind.put(e.n)?;
                bind.put(e.order_id.as_ref())?;
                bind.put(e.event)?;
                bind.put(e.day)?;
                bind.put(row.product)?;
                bind.put(e.customer)?;
                bind.put(row.customer_type)?;
                bind.put(e.person)?;
                bind.put(e.amount)?;
                bind.put(e.cost)?;
                bind.put(e.currency)?;
                bind.put(e.credited)
            })?;
            if made > 0 {
                self.next += block.len() as i64;
            }
            let all_new = made == block.len();
            for (index, row) in block.iter() {
                outcomes[*index] = if all_new { self.enter(row)? } else { self.settle(row)? };
            }
        }
        Ok(())
    }

    /// Turns the names of a row into numbers, or says why it cannot come in.
    fn resolve<'a>(&mut self, row: &OrderRow<'a>) -> Result<std::result::Result<Resolved<'a>, Outcome>> {
        let person = self.number(Named::Person, row.person);
        if person == 0 {
            return Ok(Err(Outcome::UnknownPerson));
        }
        let day = day(row.date);
        if !self.rollup.rules.has_rate(row.currency, day) {
            return Ok(Err(Outcome::RateMissing));
        }
        let currency = match self.currencies.iter().find(|(known, _)| *known == row.currency) {
            Some((_, n)) => *n,
            None => {
                let n = self.tx.term(TERM_CURRENCY, row.currency.code())?;
                self.currencies.push((row.currency, n));
                self.rollup.rules.learn_currency(n, row.currency);
                n
            }
        };
        let event = Event {
            n: 0,
            order_id: Cow::Borrowed(row.order_id),
            event: row.event as u8,
            day,
            customer: self.number(Named::Customer, row.customer),
            person,
            amount: row.amount,
            cost: row.cost,
            currency,
            credited: !self.credited.is_empty() && self.credited.contains(row.order_id),
        };
        let product = self.number(Named::Product, row.product);
        let customer_type = self.number(Named::CustomerType, row.customer_type);
        Ok(Ok(Resolved { event, product, customer_type }))
    }

    /// A row that is new in the table enters the figures.
    fn enter(&mut self, row: &Resolved<'_>) -> Result<Outcome> {
        let event = &row.event;
        self.see(event.n);
        if self.refunds_beyond(event, event.n)? {
            self.tx.db.prepare_cached("DELETE FROM order_event WHERE n = ?1")?.execute([event.n])?;
            return Ok(Outcome::RefundBeyondOrder);
        }
        self.rollup.enter(event)?;
        Ok(Outcome::Imported)
    }

    /// Whether an event is a refund that, with those before it, takes back more than its order was sold for. An order that
    /// is not here, or was sold in another currency, cannot be judged.
    fn refunds_beyond(&self, event: &Event<'_>, upto: i64) -> Result<bool> {
        if event.event != OrderEvent::Refunded as u8 {
            return Ok(false);
        }
        let mut statement = self.tx.db.prepare_cached(
            "SELECT coalesce(sum(amount) FILTER (WHERE event = ?3 AND n <> ?4 AND n <= ?5), 0),
               max(coalesce(sum(amount) FILTER (WHERE event = ?6), 0), coalesce(sum(amount) FILTER (WHERE event = ?7), 0),
                   coalesce(sum(amount) FILTER (WHERE event = ?8), 0)), coalesce(max(currency <> ?9), 0)
             FROM order_event WHERE order_id = ?1 AND source = ?2",
        )?;
        let sales = [OrderEvent::Booked as u8, OrderEvent::Invoiced as u8, OrderEvent::Collected as u8];
        let (before, sold, mixed): (i64, i64, bool) = statement.query_row(
            params![
                event.order_id,
                self.source,
                event.event,
                event.n,
                upto,
                sales[0],
                sales[1],
                sales[2],
                event.currency
            ],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )?;
        Ok(sold > 0 && !mixed && before.saturating_add(event.amount) > sold)
    }

    /// A row of a block that met rows already there: new, unchanged, a revision, or the second of its kind.
    fn settle(&mut self, row: &Resolved<'_>) -> Result<Outcome> {
        let tx = self.tx;
        let e = &row.event;
        let (old, old_type, revision, batch): (Event<'static>, u32, u32, i64) = tx
            .db
            .prepare_cached(&format!(
                "SELECT {EVENT}, e.customer_type, e.revision, e.batch FROM order_event e
                 WHERE order_id = ?1 AND source = ?2 AND event = ?3 AND day = ?4 AND product = ?5"
            ))?
            .query_row(params![e.order_id, self.source, e.event, e.day, row.product], |r| {
                Ok((Event::of(r)?, r.get(10)?, r.get(11)?, r.get(12)?))
            })?;
        if old.n == e.n {
            return self.enter(row);
        }
        if !self.see(old.n) {
            return Ok(Outcome::Duplicate);
        }
        let event = Event { n: old.n, ..e.clone() };
        if event == old && row.customer_type == old_type {
            return Ok(Outcome::Unchanged);
        }
        if event.amount > old.amount && self.refunds_beyond(&event, i64::MAX)? {
            return Ok(Outcome::RefundBeyondOrder);
        }
        self.rollup.leave(&old)?;
        tx.db
            .prepare_cached("INSERT INTO order_superseded VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?
            .execute(params![
                old.n,
                revision,
                batch,
                self.batch,
                old.customer,
                old_type,
                old.person,
                old.amount,
                old.cost,
                old.currency
            ])?;
        tx.db
            .prepare_cached(
                "UPDATE order_event SET customer = ?2, customer_type = ?3, person = ?4, amount = ?5, cost = ?6, currency = ?7,
                   revision = ?8, batch = ?9 WHERE n = ?1",
            )?
            .execute(params![
                event.n,
                event.customer,
                row.customer_type,
                event.person,
                event.amount,
                event.cost,
                event.currency,
                revision + 1,
                self.batch
            ])?;
        self.rollup.enter(&event)?;
        Ok(Outcome::Imported)
    }

    /// Marks a row as spoken of; `false` when it was already.
    fn see(&mut self, n: i64) -> bool {
        let (word, bit) = ((n / 64) as usize, 1u64 << (n % 64));
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        let new = self.seen[word] & bit == 0;
        self.seen[word] |= bit;
        new
    }

    /// Writes what the figures still hold in memory.
    pub fn finish(self) -> Result<()> {
        self.rollup.finish()
    }
}

impl Tx<'_> {
    pub(crate) fn term(&self, kind: u8, text: &str) -> Result<u32> {
        let known = self
            .db
            .prepare_cached("SELECT n FROM term WHERE kind = ?1 AND text = ?2")?
            .query_row(params![kind, text], |r| r.get(0))
            .optional()?;
        match known {
            Some(n) => Ok(n),
            None => {
                self.db
                    .prepare_cached("INSERT INTO term (kind, text) VALUES (?1, ?2)")?
                    .execute(params![kind, text])?;
                Ok(self.db.last_insert_rowid() as u32)
            }
        }
    }

    pub(crate) fn customer(&self, id: &str) -> Result<u32> {
        let known =
            self.db.prepare_cached("SELECT n FROM customer WHERE id = ?1")?.query_row([id], |r| r.get(0)).optional()?;
        match known {
            Some(n) => Ok(n),
            None => {
                self.db.prepare_cached("INSERT INTO customer (id) VALUES (?1)")?.execute([id])?;
                Ok(self.db.last_insert_rowid() as u32)
            }
        }
    }

    /// The number of the next import.
    pub fn next_batch(&self) -> Result<i64> {
        Ok(self.db.query_row("SELECT coalesce(max(batch), 0) + 1 FROM import_batch", [], |r| r.get(0))?)
    }

    /// Takes a batch of orders back: its new rows go, and the revisions it superseded stand again.
    /// `false`, and nothing done, when a later import has built on it.
    pub(crate) fn revert_orders(&self, batch: i64) -> Result<bool> {
        let built_on = "SELECT 1 FROM order_superseded WHERE batch = ?1 LIMIT 1";
        if self.db.prepare_cached(built_on)?.exists([batch])? {
            return Ok(false);
        }
        let mut rollup = Rollup::new(self)?;
        let mut statement =
            self.db.prepare(&format!("SELECT {EVENT} FROM order_event e WHERE batch = ?1 ORDER BY n"))?;
        let events: Vec<Event<'static>> = statement.query_map([batch], Event::of)?.collect::<rusqlite::Result<_>>()?;
        for event in &events {
            rollup.leave(event)?;
            let restored = self
                .db
                .prepare_cached(
                    "UPDATE order_event AS e SET customer = s.customer, customer_type = s.customer_type, person = s.person,
                       amount = s.amount, cost = s.cost, currency = s.currency, revision = s.revision, batch = s.batch
                     FROM order_superseded s WHERE s.event = e.n AND s.superseded_by = ?2 AND e.n = ?1",
                )?
                .execute(params![event.n, batch])?;
            if restored == 0 {
                self.db.prepare_cached("DELETE FROM order_event WHERE n = ?1")?.execute([event.n])?;
            } else {
                let old = self
                    .db
                    .prepare_cached(&format!("SELECT {EVENT} FROM order_event e WHERE n = ?1"))?
                    .query_row([event.n], Event::of)?;
                rollup.enter(&old)?;
            }
        }
        self.db.execute("DELETE FROM order_superseded WHERE superseded_by = ?1", [batch])?;
        rollup.finish()?;
        Ok(true)
    }
}
