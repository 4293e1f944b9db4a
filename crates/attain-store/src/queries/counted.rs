//! What a figure of a person counted: order by order, or customer by customer.
//!
//! Owns: which events enter which metric, and how. Absent on purpose: the sums (`figure.rs`, from the rollups); that both
//! come to the same is a test.

use std::collections::{BTreeMap, BTreeSet};

use attain_domain::adjustment::claws_back;
use attain_domain::metric::{Figure, Metric};
use attain_domain::money::Money;
use attain_domain::order::{CreditRole, OrderEvent};
use attain_domain::period::Period;
use attain_domain::plan::Plan;
use chrono::NaiveDate;
use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use crate::connection::{Result, View, date, day};
use crate::rollup::{Event, Part, Rules, TERM_CUSTOMER_TYPE, events_of_person};

/// How a line enters a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// In it: an amount of a sum, a customer who was won, kept, or bought again.
    Counted,
    /// A refund that comes off the month of its sale and stays out of this one.
    ClawedBack,
    /// A customer kept by an order that is credited to others.
    Elsewhere,
    /// A customer who bought once.
    Once,
    /// A customer who did not order.
    Lost,
}

/// A line behind a figure: an order event as credited to the person, or a customer of whom there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    pub customer_id: Option<String>,
    pub customer_type: Option<String>,
    pub order_id: Option<String>,
    pub date: Option<NaiveDate>,
    pub event: Option<OrderEvent>,
    /// As credited, refunds negative; of a margin what is left of it is not in here.
    pub amount: Option<Money>,
    pub counts: Counts,
}

/// An event and what of it is the person's.
struct Own {
    event: Event<'static>,
    customer_type: u32,
    parts: Vec<Part>,
}

impl Own {
    fn revenue(&self) -> bool {
        self.parts.iter().any(|part| part.role == CreditRole::Revenue)
    }
}

impl View<'_> {
    /// A person's figure of a metric in a period as a plan counts it, and the lines behind it, newest first; customers
    /// without an order come last. A metric that is not made of orders has no lines.
    pub fn counted(
        &self,
        person_id: &str,
        plan: &Plan,
        metric: Metric,
        period: Period,
    ) -> Result<(Option<Figure>, Vec<Counted>)> {
        let mut figure = self.person_figure(person_id, metric, period)?;
        let Some(person) = self.person_number(person_id)? else { return Ok((figure, Vec::new())) };
        if metric == Metric::SalesAmount {
            figure = self.sales_for(person_id, plan, period, figure, None)?.0;
        }
        let rules = Rules::load(*self)?;
        let own = self.own_events(&rules, person, period)?;
        let sale = |own: &&Own| own.event.event == rules.basis as u8;
        let sold = |own: &&Own| sale(own) && own.revenue();
        let lines = match metric {
            Metric::SalesAmount => {
                let back = self.clawed_back(person_id, plan, period)?;
                let counts = |own: &Own| match back.contains(&(own.event.order_id.to_string(), own.event.day)) {
                    true if own.event.event == OrderEvent::Refunded as u8 => Counts::ClawedBack,
                    _ => Counts::Counted,
                };
                self.lines(own.iter().map(|own| (own, counts(own))))?
            }
            Metric::GrossMargin => {
                let costed = own.iter().filter(|own| own.event.cost.is_some() && own.revenue());
                self.lines(costed.map(|own| (own, Counts::Counted)))?
            }
            Metric::NewCustomers => {
                let mut first = self.db.prepare_cached("SELECT 1 FROM customer WHERE n = ?1 AND first_event = ?2")?;
                let mut won = Vec::new();
                for own in own.iter().filter(sale).filter(|own| own.parts.iter().any(|part| part.leads)) {
                    if first.exists(params![own.event.customer, own.event.n])? {
                        won.push((own, Counts::Counted));
                    }
                }
                self.lines(won.into_iter())?
            }
            Metric::RepurchaseRate => {
                let mut orders: BTreeMap<u32, u32> = BTreeMap::new();
                for own in own.iter().filter(sold) {
                    *orders.entry(own.event.customer).or_default() += 1;
                }
                let again = |own: &Own| orders.get(&own.event.customer).is_some_and(|count| *count > 1);
                let counts = |own: &Own| if again(own) { Counts::Counted } else { Counts::Once };
                self.lines(own.iter().filter(sold).map(|own| (own, counts(own))))?
            }
            Metric::RetentionRate => {
                let mut lines = Vec::new();
                let mut without = Vec::new();
                for (customer, kept) in self.retained(person, period)? {
                    let latest = own.iter().filter(sold).find(|own| i64::from(own.event.customer) == customer);
                    match (kept, latest) {
                        (true, Some(own)) => lines.push((own, Counts::Counted)),
                        (true, None) => without.push((customer, Counts::Elsewhere)),
                        (false, _) => without.push((customer, Counts::Lost)),
                    }
                }
                lines.sort_by(|(a, _), (b, _)| newest(a, b));
                let mut lines = self.lines(lines.into_iter())?;
                without.sort_by_key(|(customer, counts)| (*counts, *customer));
                for (customer, counts) in without {
                    let customer_id = Some(self.customer_id(customer)?);
                    let (customer_type, order_id, date, event, amount) = (None, None, None, None, None);
                    lines.push(Counted { customer_id, customer_type, order_id, date, event, amount, counts });
                }
                lines
            }
            Metric::TeamworkScore => Vec::new(),
        };
        Ok((figure, lines))
    }

    /// The customers of some orders, by order.
    pub fn customers_by_order<'o>(
        &self,
        orders: impl IntoIterator<Item = &'o str>,
    ) -> Result<BTreeMap<String, String>> {
        let mut customer = self.db.prepare_cached(
            "SELECT c.id FROM order_event e JOIN customer c ON c.n = e.customer WHERE e.order_id = ?1 ORDER BY e.n LIMIT 1",
        )?;
        let mut customers = BTreeMap::new();
        for order in orders {
            if let Some(id) = customer.query_row([order], |r| r.get(0)).optional()? {
                customers.insert(order.to_string(), id);
            }
        }
        Ok(customers)
    }

    /// Sales and refunds of which a part is the person's, newest first.
    fn own_events(&self, rules: &Rules, person: i64, period: Period) -> Result<Vec<Own>> {
        let range = self.fiscal()?.range(period);
        let mut statement = self.db.prepare_cached(&events_of_person())?;
        let mut rows = statement.query(params![person, day(range.from), day(range.until)])?;
        let mut own = Vec::new();
        while let Some(row) = rows.next()? {
            let (event, customer_type) = (Event::of(row)?, row.get(10)?);
            if event.event != rules.basis as u8 && event.event != OrderEvent::Refunded as u8 {
                continue;
            }
            let mut parts = rules.parts(self.db, &event)?;
            parts.retain(|part| i64::from(part.person) == person);
            if !parts.is_empty() {
                own.push(Own { event, customer_type, parts });
            }
        }
        own.sort_by(newest);
        Ok(own)
    }

    /// Refunds of a period that the plan takes off the month of their sale: order and day.
    fn clawed_back(&self, person_id: &str, plan: &Plan, period: Period) -> Result<BTreeSet<(String, i32)>> {
        let Some(days) = claws_back(&plan.terms()) else { return Ok(BTreeSet::new()) };
        let range = self.fiscal()?.range(period);
        let back = self
            .returned(person_id, range.from, range.until)?
            .into_iter()
            .filter(|back| back.sold_on < range.from && (back.on - back.sold_on).num_days() <= i64::from(days));
        Ok(back.map(|back| (back.order_id, day(back.on))).collect())
    }

    fn lines<'o>(&self, own: impl Iterator<Item = (&'o Own, Counts)>) -> Result<Vec<Counted>> {
        let currency = self.currency()?;
        let mut kind = self.db.prepare_cached("SELECT text FROM term WHERE kind = ?1 AND n = ?2")?;
        let mut lines = Vec::new();
        for (Own { event, customer_type, parts }, counts) in own {
            let sum = parts.iter().fold(0i64, |sum, part| sum.saturating_add(part.amount));
            let refund = event.event == OrderEvent::Refunded as u8;
            lines.push(Counted {
                customer_id: Some(self.customer_id(i64::from(event.customer))?),
                customer_type: kind.query_row(params![TERM_CUSTOMER_TYPE, customer_type], |r| r.get(0)).optional()?,
                order_id: Some(event.order_id.to_string()),
                date: Some(date(event.day)),
                event: OrderEvent::ALL.get(event.event as usize).copied(),
                amount: Some(Money::new(if refund { -sum } else { sum }, currency)),
                counts,
            });
        }
        Ok(lines)
    }

    fn customer_id(&self, customer: i64) -> Result<String> {
        Ok(self.db.prepare_cached("SELECT id FROM customer WHERE n = ?1")?.query_row([customer], |r| r.get(0))?)
    }
}

fn newest(a: &Own, b: &Own) -> std::cmp::Ordering {
    (b.event.day, &b.event.order_id, b.event.n).cmp(&(a.event.day, &a.event.order_id, a.event.n))
}
