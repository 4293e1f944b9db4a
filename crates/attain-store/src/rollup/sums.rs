//! The sums that figures are kept as, gathered in memory and written in the order of their keys.
//!
//! Owns: [`Sums`], [`Entry`], writing them to `person_day`, `unit_day`,
//! `person_customer_month`, and the ways in by person (`person_event`) and by customer (`customer_month`).
//! Absent on purpose: what enters the figures (`rollup.rs`).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use attain_domain::period::FiscalCalendar;
use rusqlite::{CachedStatement, ToSql};

use crate::connection::{Result, Tx, date};
use crate::rollup::units::UnitChains;

/// Sums of one key; columns of `person_day` and `unit_day`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub booked: i64,
    pub refunded: i64,
    pub overlay: i64,
    pub orders: i64,
    pub new_customers: i64,
    pub costed: i64,
    pub cost: i64,
}

impl Sums {
    pub(crate) fn add(&mut self, other: &Sums) {
        self.booked = self.booked.saturating_add(other.booked);
        self.refunded = self.refunded.saturating_add(other.refunded);
        self.overlay = self.overlay.saturating_add(other.overlay);
        self.orders += other.orders;
        self.new_customers += other.new_customers;
        self.costed = self.costed.saturating_add(other.costed);
        self.cost = self.cost.saturating_add(other.cost);
    }
}

/// How an entry counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    Sale,
    Refund,
    /// An overlay credit of a sale (positive) or of a refund (negative).
    Overlay,
    /// The first order of a customer.
    First,
    /// An event that no sum is made of.
    Nothing,
}

/// A person's part of one event on its way into the figures; 40 bytes, since there may be a million of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub person: u32,
    pub day: i32,
    pub customer: u32,
    /// The event's row; 0 in further entries of the same person for one event.
    pub event: i64,
    pub counts: Counts,
    /// +1 entering, -1 leaving.
    pub sign: i8,
    pub leads: bool,
    pub costed: bool,
    /// As it is in the event, not yet signed.
    pub amount: i64,
    pub cost: i64,
}

impl Entry {
    /// A customer's first order, counted for whoever led it (or, -1, no longer).
    pub(crate) fn first(person: u32, day: i32, sign: i8) -> Entry {
        let (counts, leads, costed) = (Counts::First, false, false);
        Entry { person, day, customer: 0, event: 0, counts, sign, leads, costed, amount: 0, cost: 0 }
    }

    fn sums(&self) -> Sums {
        let sign = i64::from(self.sign);
        let amount = self.amount * sign;
        let (costed, cost) = if self.costed { (amount, self.cost * sign) } else { (0, 0) };
        let none = Sums::default();
        match self.counts {
            Counts::Sale => Sums { booked: amount, orders: i64::from(self.leads) * sign, costed, cost, ..none },
            Counts::Refund => Sums { refunded: amount, costed: -costed, cost: -cost, ..none },
            Counts::Overlay => Sums { overlay: amount, ..none },
            Counts::First => Sums { new_customers: sign, ..none },
            Counts::Nothing => none,
        }
    }

    /// Orders and amount of the customer's month; `None` when the entry has no part in it.
    fn of_month(&self) -> Option<(i64, i64)> {
        let sign = i64::from(self.sign);
        match self.counts {
            Counts::Sale => Some((sign, self.amount * sign)),
            Counts::Refund => Some((0, -self.amount * sign)),
            Counts::Overlay | Counts::First | Counts::Nothing => None,
        }
    }
}

const EMPTY: &str =
    "booked = 0 AND refunded = 0 AND overlay = 0 AND orders = 0 AND new_customers = 0 AND costed = 0 AND cost = 0";

/// Adds entries to the tables, in the order of their keys. Keys whose sums come to nothing leave no row behind, as in a
/// rebuild; `shrinks` says that events have left, so that any key may.
pub(crate) fn write(
    tx: &Tx<'_>,
    units: &UnitChains,
    fiscal: FiscalCalendar,
    entries: &mut [Entry],
    shrinks: bool,
) -> Result<()> {
    entries.sort_unstable_by_key(|e| (u64::from(e.person) << 32) | u64::from(e.day.cast_unsigned()));
    write_events(tx, entries)?;
    let mut of_units: HashMap<u64, Sums, BuildHasherDefault<Mixed>> = HashMap::default();
    let mut people = Days::new(tx, "person_day", "person", shrinks)?;
    for group in entries.chunk_by(|a, b| (a.person, a.day) == (b.person, b.day)) {
        let mut sums = Sums::default();
        group.iter().for_each(|entry| sums.add(&entry.sums()));
        if sums == Sums::default() {
            continue;
        }
        let (person, day) = (group[0].person, group[0].day);
        people.put(person, day, sums)?;
        for unit in units.chain(person, day) {
            of_units.entry((u64::from(*unit) << 32) | u64::from(day.cast_unsigned())).or_default().add(&sums);
        }
    }
    people.finish()?;
    let mut of_units: Vec<(u64, Sums)> = of_units.into_iter().collect();
    of_units.sort_unstable_by_key(|(key, _)| *key);
    let mut days = Days::new(tx, "unit_day", "unit", shrinks)?;
    for (key, sums) in of_units.into_iter().filter(|(_, sums)| *sums != Sums::default()) {
        days.put((key >> 32) as u32, (key as u32).cast_signed(), sums)?;
    }
    days.finish()?;
    write_months(tx, fiscal, entries, shrinks)
}

/// Whose day each event belongs to, from entries that are already in order of person and day.
fn write_events(tx: &Tx<'_>, entries: &[Entry]) -> Result<()> {
    let mut many = Many::new(tx, "INSERT OR IGNORE INTO person_event VALUES ", 3, "", "")?;
    let mut gone = tx.db.prepare_cached("DELETE FROM person_event WHERE person = ?1 AND day = ?2 AND event = ?3")?;
    let mut rows: Vec<[i64; 3]> = Vec::with_capacity(2 * BLOCK);
    let mut of_day: Vec<(i64, i8)> = Vec::new();
    for group in entries.chunk_by(|a, b| (a.person, a.day) == (b.person, b.day)) {
        of_day.extend(group.iter().filter(|e| e.event != 0).map(|e| (e.event, e.sign)));
        of_day.sort_unstable_by_key(|(event, _)| *event);
        let key = (i64::from(group[0].person), i64::from(group[0].day));
        for one in of_day.chunk_by(|a, b| a.0 == b.0) {
            match one.iter().map(|(_, sign)| i32::from(*sign)).sum::<i32>() {
                0 => {}
                more if more > 0 => rows.push([key.0, key.1, one[0].0]),
                _ => drop(gone.execute([key.0, key.1, one[0].0])?),
            }
        }
        of_day.clear();
        if rows.len() >= BLOCK {
            many.put(&rows[..BLOCK], bind_all)?;
            rows.drain(..BLOCK);
        }
    }
    many.put(&rows, bind_all)?;
    Ok(())
}

fn bind_all<const N: usize>(row: &[i64; N], bind: &mut Bind) -> rusqlite::Result<()> {
    row.iter().try_for_each(|value| bind.put(value))
}

/// Customers' months from entries that are already in order of person and day.
fn write_months(tx: &Tx<'_>, fiscal: FiscalCalendar, entries: &mut [Entry], shrinks: bool) -> Result<()> {
    let mut many = Many::new(
        tx,
        "INSERT INTO person_customer_month VALUES ",
        5,
        "",
        " ON CONFLICT (person, month, customer) DO UPDATE SET orders = orders + excluded.orders, amount = amount + excluded.amount",
    )?;
    let mut gone = shrinks
        .then(|| {
            tx.db.prepare_cached(
                "DELETE FROM person_customer_month
                 WHERE person = ?1 AND month = ?2 AND customer = ?3 AND orders = 0 AND amount = 0",
            )
        })
        .transpose()?;
    let mut rows: Vec<[i64; 5]> = Vec::with_capacity(BLOCK);
    let mut of_customers: Vec<(u32, i32, u32)> = Vec::new();
    let (mut first_day, mut month) = (i32::MAX, 0);
    let mut month_of = |day: i32| {
        if day != first_day {
            (first_day, month) = (day, fiscal.month_of(date(day)).index());
        }
        month
    };
    for of_person in entries.chunk_by_mut(|a, b| a.person == b.person) {
        // The day of an entry becomes its month: days have been written.
        of_person.iter_mut().for_each(|entry| entry.day = month_of(entry.day));
        of_person.sort_unstable_by_key(|e| (e.day, e.customer));
        for group in of_person.chunk_by(|a, b| (a.day, a.customer) == (b.day, b.customer)) {
            let (mut orders, mut amount) = (0, 0);
            for (more_orders, more) in group.iter().filter_map(Entry::of_month) {
                orders += more_orders;
                amount += more;
            }
            if orders != 0 || amount != 0 {
                let key = &group[0];
                of_customers.push((key.customer, key.day, key.person));
                rows.push([key.person.into(), key.day.into(), key.customer.into(), orders, amount]);
            }
        }
        if rows.len() >= BLOCK {
            let whole = rows.len() / BLOCK * BLOCK;
            put_months(&mut many, &mut gone, &rows[..whole])?;
            rows.drain(..whole);
        }
    }
    put_months(&mut many, &mut gone, &rows)?;
    of_customers.sort_unstable();
    let mut many = Many::new(tx, "INSERT OR IGNORE INTO customer_month VALUES ", 3, "", "")?;
    many.put(&of_customers, |(customer, month, person), bind| {
        bind.put(customer)?;
        bind.put(month)?;
        bind.put(person)
    })?;
    if shrinks {
        let mut gone = tx.db.prepare_cached(
            "DELETE FROM customer_month WHERE customer = ?1 AND month = ?2 AND person = ?3 AND NOT EXISTS (
               SELECT 1 FROM person_customer_month m WHERE m.person = ?3 AND m.month = ?2 AND m.customer = ?1)",
        )?;
        for key in of_customers {
            gone.execute(key)?;
        }
    }
    Ok(())
}

fn put_months(many: &mut Many, gone: &mut Option<CachedStatement>, rows: &[[i64; 5]]) -> Result<()> {
    many.put(rows, bind_all)?;
    if let Some(gone) = gone {
        for row in rows {
            gone.execute([row[0], row[1], row[2]])?;
        }
    }
    Ok(())
}

type DayRow = (u32, i32, Sums);

/// Rows of `person_day` or `unit_day` on their way.
struct Days<'t> {
    many: Many<'t>,
    gone: CachedStatement<'t>,
    shrinks: bool,
    waiting: Vec<DayRow>,
}

impl<'t> Days<'t> {
    fn new(tx: &'t Tx<'_>, table: &str, key: &str, shrinks: bool) -> Result<Self> {
        let update = format!(
            " ON CONFLICT ({key}, day) DO UPDATE SET booked = booked + excluded.booked, refunded = refunded + excluded.refunded,
               overlay = overlay + excluded.overlay, orders = orders + excluded.orders,
               new_customers = new_customers + excluded.new_customers, costed = costed + excluded.costed,
               cost = cost + excluded.cost"
        );
        Ok(Days {
            many: Many::new(tx, &format!("INSERT INTO {table} VALUES "), 9, "", &update)?,
            gone: tx.db.prepare_cached(&format!("DELETE FROM {table} WHERE {key} = ?1 AND day = ?2 AND {EMPTY}"))?,
            shrinks,
            waiting: Vec::with_capacity(BLOCK),
        })
    }

    fn put(&mut self, key: u32, day: i32, sums: Sums) -> Result<()> {
        self.waiting.push((key, day, sums));
        if self.waiting.len() == BLOCK { self.finish() } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<()> {
        self.many.put(&self.waiting, |(key, day, s), bind| {
            bind.put(key)?;
            bind.put(day)?;
            let sums = [s.booked, s.refunded, s.overlay, s.orders, s.new_customers, s.costed, s.cost];
            sums.iter().try_for_each(|value| bind.put(value))
        })?;
        for (key, day, sums) in self.waiting.drain(..) {
            // Overlays are the one sum that may come to nothing without anything leaving.
            if self.shrinks || sums.overlay != 0 {
                self.gone.execute((key, day))?;
            }
        }
        Ok(())
    }
}

/// Rows of one statement: setting up a statement costs as much as several rows.
pub(crate) const BLOCK: usize = 128;

/// A statement that puts many rows at once.
pub(crate) struct Many<'t> {
    block: CachedStatement<'t>,
    one: CachedStatement<'t>,
}

/// Binds the values of rows one after the other.
pub(crate) struct Bind<'s, 't> {
    statement: &'s mut CachedStatement<'t>,
    at: usize,
}

impl Bind<'_, '_> {
    pub(crate) fn put(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.at += 1;
        self.statement.raw_bind_parameter(self.at, value)
    }
}

impl<'t> Many<'t> {
    /// `head` ends in `VALUES `; each row has `columns` values and then what is the `same` in all; `tail` follows them.
    pub(crate) fn new(tx: &'t Tx<'_>, head: &str, columns: usize, same: &str, tail: &str) -> Result<Self> {
        let row = format!("(?{}{same})", ", ?".repeat(columns - 1));
        let rows = vec![row.as_str(); BLOCK].join(", ");
        Ok(Many {
            block: tx.db.prepare_cached(&format!("{head}{rows}{tail}"))?,
            one: tx.db.prepare_cached(&format!("{head}{row}{tail}"))?,
        })
    }

    /// Puts rows, a block at a time and the rest one by one; answers how many the database says it changed.
    pub(crate) fn put<T>(
        &mut self,
        rows: &[T],
        mut bind: impl FnMut(&T, &mut Bind<'_, 't>) -> rusqlite::Result<()>,
    ) -> Result<usize> {
        let mut changed = 0;
        let (blocks, rest) = rows.as_chunks::<BLOCK>();
        for block in blocks {
            let mut binding = Bind { statement: &mut self.block, at: 0 };
            block.iter().try_for_each(|row| bind(row, &mut binding))?;
            changed += self.block.raw_execute()?;
        }
        for row in rest {
            bind(row, &mut Bind { statement: &mut self.one, at: 0 })?;
            changed += self.one.raw_execute()?;
        }
        Ok(changed)
    }
}

/// Puts rows that are not there yet, in order.
pub(crate) fn put_sums(tx: &Tx<'_>, table: &str, rows: impl Iterator<Item = DayRow>) -> Result<()> {
    let mut days = Days::new(tx, table, table.trim_end_matches("_day"), false)?;
    for (key, day, sums) in rows {
        days.put(key, day, sums)?;
    }
    days.finish()
}

/// A hash for keys that are numbers this program gave out: nobody outside chooses them.
#[derive(Default)]
pub(crate) struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517C_C1B7_2722_0A95);
        self.0 = mixed ^ (mixed >> 32);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_entry_is_small() {
        assert_eq!(size_of::<super::Entry>(), 40);
    }
}
