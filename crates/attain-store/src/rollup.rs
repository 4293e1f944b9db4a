//! Figures kept beside the facts: per person and day, per unit and day, per person, customer and month.
//!
//! Owns: how an order event enters the figures (credits, basis, refunds, first orders), adding and taking away in the
//! same transaction, and rebuilding everything from the events.
//! Absent on purpose: attainment and rates (attain-domain, from these sums).

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use attain_domain::allocation::split;
use attain_domain::money::{Currency, Ratio, round_half_away};
use attain_domain::order::{CreditRole, OrderEvent};
use attain_domain::period::FiscalCalendar;
use rusqlite::{OptionalExtension, Row, params};
use rust_decimal::Decimal;

use crate::connection::{Result, Tx, View};
use crate::facts::named;

/// Kinds of `term`.
pub(crate) const TERM_SOURCE: u8 = 0;
pub(crate) const TERM_PRODUCT: u8 = 1;
pub(crate) const TERM_CUSTOMER_TYPE: u8 = 2;
pub(crate) const TERM_CURRENCY: u8 = 3;

pub(crate) mod sums;
mod units;

use sums::{Counts, Entry, Mixed, write};
use units::UnitChains;
pub(crate) use units::{MAIN_ASSIGNMENT, rebuild_units};

/// Entries that wait in memory before they are written, 40 bytes each: bounds the memory of an import.
const FLUSH_AT: usize = 1 << 20;

/// An order event with numbers for names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    pub n: i64,
    pub order_id: Cow<'a, str>,
    pub event: u8,
    pub day: i32,
    pub customer: u32,
    pub person: u32,
    pub amount: i64,
    pub cost: Option<i64>,
    pub currency: u32,
    pub credited: bool,
}

pub(crate) const EVENT: &str =
    "e.n, e.order_id, e.event, e.day, e.customer, e.person, e.amount, e.cost, e.currency, e.credited";

impl Event<'static> {
    pub(crate) fn of(row: &Row) -> rusqlite::Result<Self> {
        Ok(Event {
            n: row.get(0)?,
            order_id: Cow::Owned(row.get(1)?),
            event: row.get(2)?,
            day: row.get(3)?,
            customer: row.get(4)?,
            person: row.get(5)?,
            amount: row.get(6)?,
            cost: row.get(7)?,
            currency: row.get(8)?,
            credited: row.get(9)?,
        })
    }
}

/// A person's part of one event, in the reporting currency.
pub(crate) struct Part {
    pub person: u32,
    pub role: CreditRole,
    pub amount: i64,
    pub cost: i64,
    /// The holder of the largest share: counts of orders and new customers go there whole.
    pub leads: bool,
}

struct Candidate {
    /// Earliest event seen in this run: day, row, whom a new customer counts for.
    earliest: Option<(i32, i64, u32)>,
    /// The first order on record was taken away: look it up again.
    lost: bool,
}

/// What the company's settings say about entering events.
pub(crate) struct Rules {
    pub basis: OrderEvent,
    pub fiscal: FiscalCalendar,
    currency: Currency,
    currencies: HashMap<u32, Currency>,
    rates: HashMap<String, Vec<(i32, Decimal)>>,
}

impl Rules {
    pub(crate) fn load(view: View<'_>) -> Result<Rules> {
        let mut rates: HashMap<String, Vec<(i32, Decimal)>> = HashMap::new();
        let mut statement =
            view.db.prepare_cached("SELECT currency, since, rate FROM rate ORDER BY currency, since")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            rates.entry(row.get(0)?).or_default().push((row.get(1)?, named(row.get::<_, String>(2)?)?));
        }
        let mut currencies = HashMap::new();
        let mut statement = view.db.prepare_cached("SELECT n, text FROM term WHERE kind = ?1")?;
        let mut rows = statement.query([TERM_CURRENCY])?;
        while let Some(row) = rows.next()? {
            currencies.insert(row.get(0)?, named(row.get::<_, String>(1)?)?);
        }
        Ok(Rules {
            basis: view.sales_basis()?.event(),
            fiscal: view.fiscal()?,
            currency: view.currency()?,
            currencies,
            rates,
        })
    }

    pub(crate) fn learn_currency(&mut self, n: u32, currency: Currency) {
        self.currencies.insert(n, currency);
    }

    pub(crate) fn has_rate(&self, currency: Currency, day: i32) -> bool {
        currency == self.currency || self.rate(currency, day).is_some()
    }

    /// The rate of a day: units of the reporting currency for one unit; `None` when none is known yet.
    pub(crate) fn rate(&self, currency: Currency, day: i32) -> Option<Decimal> {
        if currency == self.currency {
            return Some(Decimal::ONE);
        }
        let rates = self.rates.get(currency.code())?;
        rates.iter().rev().find(|(since, _)| *since <= day).map(|(_, rate)| *rate)
    }

    fn in_reporting_currency(&self, amount: i64, currency: u32, day: i32) -> i64 {
        let Some(from) = self.currencies.get(&currency).filter(|c| **c != self.currency) else { return amount };
        let Some(rate) = self.rate(*from, day).map(Ratio::from_decimal) else { return 0 };
        let (up, down) = (10i128.pow(self.currency.digits()), 10i128.pow(from.digits()));
        let (num, den) = (i128::from(amount) * up, rate.den * down);
        num.checked_mul(rate.num).map_or(0, |num| i64::try_from(round_half_away(num, den)).unwrap_or(i64::MAX))
    }

    /// The part of an event without credits: all of it, its person's.
    fn whole(&self, event: &Event<'_>) -> Part {
        Part {
            person: event.person,
            role: CreditRole::Revenue,
            amount: self.in_reporting_currency(event.amount, event.currency, event.day),
            cost: event.cost.map_or(0, |c| self.in_reporting_currency(c, event.currency, event.day)),
            leads: true,
        }
    }

    /// Who takes part in an event, with what.
    pub(crate) fn parts(&self, tx: &rusqlite::Connection, event: &Event<'_>) -> Result<Vec<Part>> {
        let whole = self.whole(event);
        if !event.credited {
            return Ok(vec![whole]);
        }
        let (amount, cost) = (whole.amount, whole.cost);
        let mut statement = tx.prepare_cached(
            "SELECT c.person, c.role, c.share FROM credit c JOIN person p ON p.n = c.person WHERE c.order_id = ?1 ORDER BY p.id",
        )?;
        let mut rows = statement.query([&event.order_id])?;
        let (mut revenue, mut parts): (Vec<(u32, Decimal)>, Vec<Part>) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let (person, share): (u32, Decimal) = (row.get(0)?, named(row.get::<_, String>(2)?)?);
            match named(row.get::<_, String>(1)?)? {
                CreditRole::Revenue => revenue.push((person, share)),
                CreditRole::Overlay => {
                    let share = Ratio::from_decimal(share);
                    let part = round_half_away(i128::from(amount) * share.num, share.den);
                    let amount = i64::try_from(part).unwrap_or(i64::MAX);
                    parts.push(Part { person, role: CreditRole::Overlay, amount, cost: 0, leads: false });
                }
            }
        }
        // Whole numbers in the same proportion; shares have at most nine decimals (checked on import).
        let weights: Vec<i64> = revenue
            .iter()
            .map(|(_, share)| i64::try_from(Ratio::from_decimal(*share).scaled(9)).unwrap_or(0))
            .collect();
        let leader = weights.iter().enumerate().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(&a.0))).map(|(i, _)| i);
        let (amounts, costs) = (split(amount, &weights, 1), split(cost, &weights, 1));
        for (i, ((person, _), (amount, cost))) in revenue.iter().zip(amounts.into_iter().zip(costs)).enumerate() {
            parts.push(Part { person: *person, role: CreditRole::Revenue, amount, cost, leads: leader == Some(i) });
        }
        Ok(parts)
    }
}

/// Keeps the figures in step with events that come and go within one transaction.
pub(crate) struct Rollup<'t, 'c> {
    tx: &'t Tx<'c>,
    pub(crate) rules: Rules,
    units: UnitChains,
    entries: Vec<Entry>,
    customers: HashMap<u32, Candidate, BuildHasherDefault<Mixed>>,
    shrinks: bool,
    /// Numbers of terms met so far, by kind.
    terms: [HashMap<String, u32>; 4],
}

impl<'t, 'c> Rollup<'t, 'c> {
    pub(crate) fn new(tx: &'t Tx<'c>) -> Result<Rollup<'t, 'c>> {
        Ok(Rollup {
            tx,
            rules: Rules::load(tx.view())?,
            units: UnitChains::load(tx)?,
            entries: Vec::new(),
            customers: HashMap::default(),
            shrinks: false,
            terms: Default::default(),
        })
    }

    /// The number of a term, new if need be.
    pub(crate) fn term(&mut self, kind: u8, text: &str) -> Result<u32> {
        let known = &mut self.terms[usize::from(kind)];
        if let Some(n) = known.get(text) {
            return Ok(*n);
        }
        let n = self.tx.term(kind, text)?;
        known.insert(text.to_owned(), n);
        Ok(n)
    }

    /// An event that is now in the table enters the figures.
    pub(crate) fn enter(&mut self, event: &Event<'_>) -> Result<()> {
        let leader = self.count(event, 1)?;
        if event.event != self.rules.basis as u8 {
            return Ok(());
        }
        let Some(leader) = leader else { return Ok(()) };
        let candidate = self.customers.entry(event.customer).or_insert(Candidate { earliest: None, lost: false });
        let earlier = match candidate.earliest {
            None => true,
            Some((day, _, _)) if event.day != day => event.day < day,
            Some((_, n, _)) => {
                let mut rival = self.tx.db.prepare_cached("SELECT order_id FROM order_event WHERE n = ?1")?;
                let rival: String = rival.query_row([n], |r| r.get(0))?;
                (event.order_id.as_ref(), event.n) < (rival.as_str(), n)
            }
        };
        if earlier {
            candidate.earliest = Some((event.day, event.n, leader));
        }
        self.flush_when_full()
    }

    /// An event leaves the figures, with the credits and values it still has in the tables.
    pub(crate) fn leave(&mut self, event: &Event<'_>) -> Result<()> {
        self.shrinks = true;
        let leader = self.count(event, -1)?;
        let mut first = self.tx.db.prepare_cached("SELECT first_event FROM customer WHERE n = ?1")?;
        let first: Option<i64> = first.query_row([event.customer], |r| r.get(0)).optional()?.flatten();
        let candidate = self.customers.entry(event.customer).or_insert(Candidate { earliest: None, lost: false });
        if candidate.earliest.is_some_and(|(_, n, _)| n == event.n) {
            candidate.earliest = None;
            candidate.lost = true;
        }
        if first == Some(event.n) {
            candidate.lost = true;
            self.forget_first(event.customer)?;
            if let Some(leader) = leader {
                self.entries.push(Entry::first(leader, event.day, -1));
            }
        }
        self.flush_when_full()
    }

    /// What is known of a customer's orders elsewhere has changed: its first order is looked up again.
    pub(crate) fn reconsider(&mut self, customer: u32) -> Result<()> {
        let first = format!("SELECT {EVENT} FROM customer c JOIN order_event e ON e.n = c.first_event WHERE c.n = ?1");
        let first = self.tx.db.prepare_cached(&first)?.query_row([customer], Event::of).optional()?;
        if let Some(first) = first {
            self.shrinks = true;
            self.forget_first(customer)?;
            if let Some(part) = self.rules.parts(&self.tx.db, &first)?.into_iter().find(|part| part.leads) {
                self.entries.push(Entry::first(part.person, first.day, -1));
            }
        }
        self.customers.entry(customer).or_insert(Candidate { earliest: None, lost: true }).lost = true;
        self.flush_when_full()
    }

    fn forget_first(&self, customer: u32) -> Result<()> {
        self.tx
            .db
            .prepare_cached("UPDATE customer SET first_day = NULL, first_event = NULL WHERE n = ?1")?
            .execute([customer])?;
        Ok(())
    }

    /// Whether an order that is not here came before a customer's first one that is.
    fn had_before(&self, customer: u32, first: i32, leader: u32) -> Result<bool> {
        let known: Option<(i32, Option<u32>)> = self
            .tx
            .db
            .prepare_cached(
                "SELECT h.first_day, p.n FROM customer_history h LEFT JOIN person p ON p.id = h.first_person
                 WHERE h.customer = ?1",
            )?
            .query_row([customer], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        Ok(known.is_some_and(|(day, person)| day < first || (day == first && person != Some(leader))))
    }

    /// Adds (or takes away) an event's sums; answers the leading person of an event that counts as sales.
    fn count(&mut self, event: &Event<'_>, sign: i8) -> Result<Option<u32>> {
        let sale = event.event == self.rules.basis as u8;
        let refund = event.event == OrderEvent::Refunded as u8;
        let counts = match (sale, refund) {
            (true, _) => Counts::Sale,
            (_, true) => Counts::Refund,
            _ => Counts::Nothing,
        };
        let entry = |part: &Part| Entry {
            person: part.person,
            day: event.day,
            customer: event.customer,
            event: event.n,
            counts,
            sign,
            leads: part.leads,
            costed: event.cost.is_some(),
            amount: part.amount,
            cost: part.cost,
        };
        if !event.credited {
            let part = self.rules.whole(event);
            self.entries.push(entry(&part));
            return Ok(Some(part.person));
        }
        let mut leader = None;
        let parts = self.rules.parts(&self.tx.db, event)?;
        for (i, part) in parts.iter().enumerate() {
            let mut entry = entry(part);
            if parts[..i].iter().any(|other| other.person == part.person) {
                entry.event = 0;
            }
            if part.role == CreditRole::Overlay && counts != Counts::Nothing {
                entry.counts = Counts::Overlay;
                entry.costed = false;
                entry.amount = if refund { -part.amount } else { part.amount };
            }
            self.entries.push(entry);
            if part.leads {
                leader = Some(part.person);
            }
        }
        Ok(leader)
    }

    fn flush_when_full(&mut self) -> Result<()> {
        if self.entries.len() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    /// Writes what is held in memory; the figures are then those of all events so far, but for first orders.
    pub(crate) fn flush(&mut self) -> Result<()> {
        let mut entries = std::mem::take(&mut self.entries);
        write(self.tx, &self.units, self.rules.fiscal, &mut entries, self.shrinks)?;
        entries.clear();
        self.entries = entries;
        Ok(())
    }

    /// Settles first orders and writes what is left.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.flush()?;
        let mut touched: Vec<(u32, Candidate)> = std::mem::take(&mut self.customers).into_iter().collect();
        touched.sort_unstable_by_key(|(customer, _)| *customer);
        for (customer, candidate) in touched {
            let mut known = self.tx.db.prepare_cached("SELECT first_day, first_event FROM customer WHERE n = ?1")?;
            let known: Option<(i32, i64)> = known
                .query_row([customer], |r| Ok((r.get::<_, Option<i32>>(0)?, r.get::<_, Option<i64>>(1)?)))
                .optional()?
                .and_then(|(day, n)| day.zip(n));
            let first = if candidate.lost { self.look_up_first(customer)? } else { candidate.earliest };
            let Some((day, n, leader)) = first else { continue };
            if self.had_before(customer, day, leader)? {
                continue;
            }
            if let Some((known_day, known_n)) = known {
                let stays = known_n == n
                    || known_day < day
                    || (known_day == day && (self.order_id(known_n)?, known_n) < (self.order_id(n)?, n));
                if stays {
                    continue;
                }
                let old = self.tx.db.query_row(
                    &format!("SELECT {EVENT} FROM order_event e WHERE n = ?1"),
                    [known_n],
                    Event::of,
                )?;
                if let Some(part) = self.rules.parts(&self.tx.db, &old)?.into_iter().find(|p| p.leads) {
                    self.shrinks = true;
                    self.entries.push(Entry::first(part.person, known_day, -1));
                }
            }
            self.entries.push(Entry::first(leader, day, 1));
            self.tx
                .db
                .prepare_cached("UPDATE customer SET first_day = ?2, first_event = ?3 WHERE n = ?1")?
                .execute(params![customer, day, n])?;
        }
        self.flush()
    }

    fn order_id(&self, n: i64) -> Result<String> {
        Ok(self.tx.db.prepare_cached("SELECT order_id FROM order_event WHERE n = ?1")?.query_row([n], |r| r.get(0))?)
    }

    /// The customer's first sale by day and order id, from the months and people that have any.
    fn look_up_first(&self, customer: u32) -> Result<Option<(i32, i64, u32)>> {
        let mut months = self.tx.db.prepare_cached(
            "SELECT c.month, c.person FROM customer_month c
             JOIN person_customer_month m ON m.person = c.person AND m.month = c.month AND m.customer = c.customer
             WHERE c.customer = ?1 AND m.orders > 0 ORDER BY c.month, c.person",
        )?;
        let months: Vec<(i32, u32)> =
            months.query_map([customer], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let Some((first_month, _)) = months.first().copied() else { return Ok(None) };
        let range = self
            .rules
            .fiscal
            .range(attain_domain::period::Period::Month(attain_domain::period::Month::from_index(first_month)));
        let (from, until) = (crate::connection::day(range.from), crate::connection::day(range.until));
        let mut best: Option<Event<'static>> = None;
        for (_, person) in months.iter().take_while(|(month, _)| *month == first_month) {
            let mut statement = self.tx.db.prepare_cached(&events_of_person())?;
            let mut rows = statement.query(params![person, from, until])?;
            while let Some(row) = rows.next()? {
                let event = Event::of(row)?;
                let counts = event.customer == customer && event.event == self.rules.basis as u8;
                let key = |e: &Event<'static>| (e.day, e.order_id.clone(), e.n);
                if counts && best.as_ref().is_none_or(|best| key(&event) < key(best)) {
                    best = Some(event);
                }
            }
        }
        let Some(event) = best else { return Ok(None) };
        let leader = self.rules.parts(&self.tx.db, &event)?.into_iter().find(|p| p.leads).map(|p| p.person);
        Ok(leader.map(|leader| (event.day, event.n, leader)))
    }
}

/// Events of a person between two days, by their own name or by a credit: `?1` person, `?2` from, `?3` until.
pub(crate) fn events_of_person() -> String {
    format!(
        "SELECT {EVENT}, e.customer_type FROM person_event p JOIN order_event e ON e.n = p.event
         WHERE p.person = ?1 AND p.day >= ?2 AND p.day < ?3"
    )
}

/// Makes every derived row anew from the events and credits.
pub(crate) fn rebuild(tx: &Tx<'_>) -> Result<()> {
    tx.db.execute_batch(
        "DELETE FROM person_day; DELETE FROM unit_day; DELETE FROM person_customer_month;
         DELETE FROM person_event; DELETE FROM customer_month;
         UPDATE customer SET first_day = NULL, first_event = NULL WHERE first_event IS NOT NULL;",
    )?;
    let mut rollup = Rollup::new(tx)?;
    let mut statement = tx.db.prepare_cached(&format!("SELECT {EVENT} FROM order_event e ORDER BY e.n"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        rollup.enter(&Event::of(row)?)?;
    }
    rollup.finish()
}

impl crate::Store {
    /// Makes every derived row anew; the figures must not change (`derived = rebuilt`).
    pub fn rebuild_figures(&mut self) -> Result<()> {
        self.write(rebuild)
    }

    /// Digest of the derived rows by content: equal digests, equal figures.
    pub fn figures_digest(&self) -> Result<String> {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        for query in [
            "SELECT p.id, d.day, d.booked, d.refunded, d.overlay, d.orders, d.new_customers, d.costed, d.cost
               FROM person_day d JOIN person p ON p.n = d.person ORDER BY p.id, d.day",
            "SELECT u.id, d.day, d.booked, d.refunded, d.overlay, d.orders, d.new_customers, d.costed, d.cost
               FROM unit_day d JOIN unit u ON u.n = d.unit ORDER BY u.id, d.day",
            "SELECT p.id, c.id, m.month, m.orders, m.amount FROM person_customer_month m
               JOIN person p ON p.n = m.person JOIN customer c ON c.n = m.customer ORDER BY p.id, c.id, m.month",
            "SELECT p.id, d.day, e.order_id, e.event, e.n FROM person_event d JOIN person p ON p.n = d.person
               JOIN order_event e ON e.n = d.event ORDER BY p.id, d.day, e.n",
            "SELECT c.id, m.month, p.id FROM customer_month m JOIN person p ON p.n = m.person
               JOIN customer c ON c.n = m.customer ORDER BY c.id, m.month, p.id",
            "SELECT c.id, c.first_day, e.order_id FROM customer c JOIN order_event e ON e.n = c.first_event ORDER BY c.id",
        ] {
            let mut statement = self.db.prepare(query)?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for column in 0..columns {
                    hash.update(format!("{:?};", row.get_ref(column)?).as_bytes());
                }
                hash.update(b"\n");
            }
            hash.update(b"--");
        }
        Ok(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
    }
}
