//! What orders that are not on a laptop say of its viewer's figures (DOMAIN: `customer_history`, `unit_figure`).
//!
//! Owns: the two rows, deriving them where all orders are (the authority), and keeping them where not.
//! Absent on purpose: how figures use them (`queries/figure.rs`, `rollup.rs`), who gets them (attain-server).

use std::collections::BTreeSet;

use attain_domain::period::{Month, Period};
use chrono::NaiveDate;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::Base;
use crate::connection::{Result, Tx, View, date, day};
use crate::queries::figure::{DaySums, Whose};
use crate::rollup::{EVENT, Event, Rules, events_of_person};

/// A customer's past, whoever served it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerHistory {
    /// The first order ever, and whom the new customer counts for.
    pub first: NaiveDate,
    pub first_person_id: String,
    /// Months with an order, and who held the latest one in each: the owner after it. In order.
    pub months: Vec<(Month, String)>,
}

/// A unit's sums of a month, without costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitFigure {
    /// First and last day with figures.
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub sums: DaySums,
}

/// Customers, and units with months, of which something derived may have changed.
#[derive(Debug, Default)]
pub struct Touched {
    customers: BTreeSet<String>,
    units: BTreeSet<(String, Month)>,
    /// Everything of units: the organisation or the rules have moved.
    all_units: bool,
}

impl Touched {
    /// Takes in a row before and after a change, as the tables are now.
    pub fn add(&mut self, view: View, before: &Base, after: &Base) -> Result<()> {
        for row in [before, after] {
            match row {
                Base::Order { key, to } => {
                    let people = view.credits(&key.order_id)?.into_iter().map(|credit| credit.person_id);
                    let people: Vec<String> = people.chain(to.iter().map(|fact| fact.person_id.clone())).collect();
                    self.customers.extend(to.iter().map(|fact| fact.customer_id.clone()));
                    self.chains(view, &people, key.date)?;
                }
                Base::Credits { order_id, to } => {
                    let mut people: Vec<String> = to.iter().flatten().map(|credit| credit.person_id.clone()).collect();
                    people.extend(view.people_of_order(order_id)?.into_iter().map(|(person, _)| person));
                    for event in view.order_events_of(order_id)? {
                        if let Base::Order { key, to: Some(fact) } = event {
                            self.customers.insert(fact.customer_id);
                            self.chains(view, &people, key.date)?;
                        }
                    }
                }
                Base::Person { id, .. } => {
                    self.all_units = true;
                    self.customers.extend(view.customers_of(id)?);
                }
                Base::Unit { .. } | Base::Rate { .. } => self.all_units = true,
                Base::Decision { change: attain_domain::mutation::Change::Setting { key, .. } }
                    if key == "sales_basis" || key == "fiscal_calendar" =>
                {
                    self.all_units = true;
                    self.customers.extend(view.customers()?);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn chains(&mut self, view: View, people: &[String], on: NaiveDate) -> Result<()> {
        let month = view.fiscal()?.month_of(on);
        for person in people {
            if let Some(unit) = view.main_unit(person, on)? {
                self.units.extend(view.chain_of(&unit)?.into_iter().map(|unit| (unit, month)));
            }
        }
        Ok(())
    }

    /// The derived rows of what was touched, as they are now.
    pub fn rows(mut self, view: View) -> Result<Vec<Base>> {
        if self.all_units
            && let Some((first, last)) = view.fact_days()?
        {
            let fiscal = view.fiscal()?;
            let months = fiscal.month_of(first).index()..=fiscal.month_of(last).index();
            for unit in view.org_units()? {
                self.units.extend(months.clone().map(|month| (unit.id.clone(), Month::from_index(month))));
            }
        }
        // Where a new customer counted, or counts now, may be a month of somebody else.
        for customer_id in self.customers.clone() {
            for (person, on) in view.people_of_customer(&customer_id)? {
                self.chains(view, &[person], on)?;
            }
        }
        let mut rows = Vec::with_capacity(self.customers.len() + self.units.len());
        for customer_id in self.customers {
            let to = view.customer_history(&customer_id)?;
            rows.push(Base::CustomerHistory { customer_id, to });
        }
        for (unit_id, month) in self.units {
            let to = view.unit_month(&unit_id, month)?;
            rows.push(Base::UnitFigure { unit_id, month, to });
        }
        Ok(rows)
    }
}

impl View<'_> {
    fn texts(&self, query: &str, values: impl rusqlite::Params) -> Result<Vec<String>> {
        let mut statement = self.db.prepare_cached(query)?;
        Ok(statement.query_map(values, |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    fn customers(&self) -> Result<Vec<String>> {
        self.texts("SELECT id FROM customer", [])
    }

    /// Customers of a person's orders.
    fn customers_of(&self, person_id: &str) -> Result<Vec<String>> {
        self.texts(
            "SELECT DISTINCT c.id FROM person_customer_month m JOIN customer c ON c.n = m.customer
             WHERE m.person = (SELECT n FROM person WHERE id = ?1)",
            [person_id],
        )
    }

    fn customer_number(&self, id: &str) -> Result<Option<u32>> {
        let mut statement = self.db.prepare_cached("SELECT n FROM customer WHERE id = ?1")?;
        Ok(statement.query_row([id], |r| r.get(0)).optional()?)
    }

    /// Months in which people had something to do with a customer, by number; `active`: an order, not only a refund.
    fn customer_months(&self, customer: u32) -> Result<Vec<(i32, u32, bool)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT c.month, c.person, coalesce(m.orders > 0, 0) FROM customer_month c
             LEFT JOIN person_customer_month m ON m.person = c.person AND m.month = c.month AND m.customer = c.customer
             WHERE c.customer = ?1 ORDER BY c.month, c.person",
        )?;
        let rows = statement.query_map([customer], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A customer's past from the orders that are here; `None` when there are none.
    pub fn customer_history(&self, customer_id: &str) -> Result<Option<CustomerHistory>> {
        let Some(customer) = self.customer_number(customer_id)? else { return Ok(None) };
        let first = format!("SELECT {EVENT} FROM customer c JOIN order_event e ON e.n = c.first_event WHERE c.n = ?1");
        let first = self.db.prepare_cached(&first)?.query_row([customer], Event::of).optional()?;
        let Some(first) = first else { return Ok(None) };
        let parts = Rules::load(*self)?.parts(self.db, &first)?;
        let Some(leader) = parts.into_iter().find(|part| part.leads) else { return Ok(None) };
        let mut months: Vec<(i32, Vec<i64>)> = Vec::new();
        for (month, person, active) in self.customer_months(customer)? {
            match months.last_mut() {
                _ if !active => {}
                Some((last, people)) if *last == month => people.push(person.into()),
                _ => months.push((month, vec![person.into()])),
            }
        }
        let mut held = Vec::with_capacity(months.len());
        for (month, people) in months {
            if let Some(holder) = self.holder(customer.into(), month, &people)? {
                held.push((Month::from_index(month), self.person_id(holder)?));
            }
        }
        Ok(Some(CustomerHistory {
            first: date(first.day),
            first_person_id: self.person_id(leader.person.into())?,
            months: held,
        }))
    }

    fn person_id(&self, n: i64) -> Result<String> {
        Ok(self.db.prepare_cached("SELECT id FROM person WHERE n = ?1")?.query_row([n], |r| r.get(0))?)
    }

    /// Who had to do with a customer, and when: those who hold some of its orders.
    pub fn people_of_customer(&self, customer_id: &str) -> Result<Vec<(String, NaiveDate)>> {
        let Some(customer) = self.customer_number(customer_id)? else { return Ok(Vec::new()) };
        let fiscal = self.fiscal()?;
        let mut people = BTreeSet::new();
        for (month, person, _) in self.customer_months(customer)? {
            let range = fiscal.range(Period::Month(Month::from_index(month)));
            let mut statement = self.db.prepare_cached(&events_of_person())?;
            let mut rows = statement.query(params![person, day(range.from), day(range.until)])?;
            while let Some(row) = rows.next()? {
                let event = Event::of(row)?;
                if event.customer == customer {
                    people.insert((self.person_id(person.into())?, date(event.day)));
                }
            }
        }
        Ok(people.into_iter().collect())
    }

    /// A unit's sums of a month from the orders that are here; `None` when nothing was sold or taken back.
    pub fn unit_month(&self, unit_id: &str, month: Month) -> Result<Option<UnitFigure>> {
        let range = self.fiscal()?.range(Period::Month(month));
        let days = self.day_sums(Whose::Unit(unit_id), range.from, range.until)?;
        let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) else { return Ok(None) };
        let mut sums = DaySums::default();
        for (_, of_day) in &days {
            sums.add(of_day);
        }
        // What the company earns on its sales is not for everybody below it.
        (sums.costed, sums.cost) = (0, 0);
        Ok(Some(UnitFigure { first: *first, last: *last, sums }))
    }

    /// Whether a unit is above the viewer's reach: the server says its sums.
    pub(crate) fn is_above(&self, unit_id: &str) -> Result<bool> {
        Ok(self.db.prepare_cached("SELECT 1 FROM unit_figure WHERE unit = ?1 LIMIT 1")?.exists([unit_id])?)
    }

    /// The server's sums of a unit that is above the viewer's reach, for some months.
    pub(crate) fn unit_figures(&self, unit_id: &str, first: Month, last: Month) -> Result<Vec<UnitFigure>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {UNIT_FIGURE} FROM unit_figure WHERE unit = ?1 AND month >= ?2 AND month <= ?3 ORDER BY month"
        ))?;
        let rows = statement.query_map(params![unit_id, first.index(), last.index()], unit_figure_of)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

const UNIT_FIGURE: &str = "first_day, last_day, sales, new_customers, orders, costed, cost";

fn unit_figure_of(r: &rusqlite::Row) -> rusqlite::Result<UnitFigure> {
    Ok(UnitFigure {
        first: date(r.get(0)?),
        last: date(r.get(1)?),
        sums: DaySums {
            sales: r.get(2)?,
            new_customers: r.get(3)?,
            orders: r.get(4)?,
            costed: r.get(5)?,
            cost: r.get(6)?,
        },
    })
}

impl Tx<'_> {
    /// Keeps what the server says of a customer; answers what it had said.
    pub(crate) fn apply_customer_history(
        &self,
        customer: u32,
        to: Option<&CustomerHistory>,
    ) -> Result<Option<CustomerHistory>> {
        let head = "SELECT first_day, first_person FROM customer_history WHERE customer = ?1";
        let head: Option<(i32, String)> =
            self.db.prepare_cached(head)?.query_row([customer], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
        let mut months = self
            .db
            .prepare_cached("SELECT month, person FROM customer_history_month WHERE customer = ?1 ORDER BY month")?;
        let months = months.query_map([customer], |r| Ok((Month::from_index(r.get(0)?), r.get(1)?)))?;
        let months = months.collect::<rusqlite::Result<Vec<_>>>()?;
        let before =
            head.map(|(first, first_person_id)| CustomerHistory { first: date(first), first_person_id, months });
        self.db.prepare_cached("DELETE FROM customer_history WHERE customer = ?1")?.execute([customer])?;
        self.db.prepare_cached("DELETE FROM customer_history_month WHERE customer = ?1")?.execute([customer])?;
        if let Some(to) = to {
            self.db.prepare_cached("INSERT INTO customer_history VALUES (?1, ?2, ?3)")?.execute(params![
                customer,
                day(to.first),
                to.first_person_id
            ])?;
            for (month, person) in &to.months {
                self.db.prepare_cached("INSERT INTO customer_history_month VALUES (?1, ?2, ?3)")?.execute(params![
                    customer,
                    month.index(),
                    person
                ])?;
            }
        }
        Ok(before)
    }

    pub(crate) fn apply_unit_figure(
        &self,
        unit_id: &str,
        month: Month,
        to: Option<&UnitFigure>,
    ) -> Result<Option<UnitFigure>> {
        let before = self.view().unit_figures(unit_id, month, month)?.into_iter().next();
        self.db
            .prepare_cached("DELETE FROM unit_figure WHERE unit = ?1 AND month = ?2")?
            .execute(params![unit_id, month.index()])?;
        if let Some(UnitFigure { first, last, sums }) = to {
            self.db.prepare_cached("INSERT INTO unit_figure VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(
                params![
                    unit_id,
                    month.index(),
                    day(*first),
                    day(*last),
                    sums.sales,
                    sums.new_customers,
                    sums.orders,
                    sums.costed,
                    sums.cost
                ],
            )?;
        }
        Ok(before)
    }
}
