//! Refunds and late orders of closed months, and the record a plan of deals is reckoned from.
//!
//! Owns: which refunds a plan keeps out of their own month and claws back, what a closed month's inputs are now, a
//! person's deals as the engine wants them.
//! Absent on purpose: what a correction comes to (attain-domain `adjustment`).

use std::collections::BTreeMap;

use attain_domain::adjustment::{Correction, claws_back};
use attain_domain::metric::{Figure, Metric};
use attain_domain::money::{Money, Ratio};
use attain_domain::mutation::FrozenPayout;
use attain_domain::order::OrderEvent;
use attain_domain::payout::record::{Deal, Measured, Record, Service};
use attain_domain::payout::{Inputs, owed_after, period_of};
use attain_domain::period::{Month, Period};
use attain_domain::plan::Plan;
use attain_domain::plan::terms::{CommissionOn, Over};
use chrono::{Days, NaiveDate};
use rusqlite::params;

use crate::connection::{Result, View, date, day};
use crate::rollup::{Event, Rules, TERM_CUSTOMER_TYPE, TERM_PRODUCT, events_of_person};

/// How many months back a close looks for what has changed.
const LOOK_BACK: i32 = 12;

/// A refund as credited to a person, with the day of its sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Returned {
    pub order_id: String,
    pub on: NaiveDate,
    pub sold_on: NaiveDate,
    pub amount: i64,
}

impl View<'_> {
    /// A person's refunds from a day until another; of one order no more than was sold.
    pub(crate) fn returned(&self, person_id: &str, from: NaiveDate, until: NaiveDate) -> Result<Vec<Returned>> {
        let Some(person) = self.person_number(person_id)? else { return Ok(Vec::new()) };
        let rules = Rules::load(*self)?;
        let mut statement = self.db.prepare_cached(&events_of_person())?;
        let mut rows = statement.query(params![person, day(from), day(until)])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let event = Event::of(row)?;
            if event.event == OrderEvent::Refunded as u8 {
                events.push(event);
            }
        }
        events.sort_by(|a, b| (a.day, &a.order_id, a.n).cmp(&(b.day, &b.order_id, b.n)));
        let mut left: BTreeMap<String, i64> = BTreeMap::new();
        let mut found = Vec::new();
        for event in events {
            let parts = rules.parts(self.db, &event)?;
            let mine: i64 = parts.iter().filter(|p| i64::from(p.person) == person).map(|p| p.amount).sum();
            let (sold_on, sold) = self.sold(&event, person, &rules)?;
            let Some(sold_on) = sold_on else { continue };
            let left = left.entry(event.order_id.to_string()).or_insert(sold);
            let amount = mine.min(*left);
            if amount > 0 {
                *left -= amount;
                found.push(Returned {
                    order_id: event.order_id.to_string(),
                    on: date(event.day),
                    sold_on: date(sold_on),
                    amount,
                });
            }
        }
        Ok(found)
    }

    /// When the order of an event was sold, and what of it was credited to a person.
    fn sold(&self, event: &Event<'_>, person: i64, rules: &Rules) -> Result<(Option<i32>, i64)> {
        use crate::rollup::EVENT;
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {EVENT} FROM order_event e WHERE e.order_id = ?1 AND e.event = ?2
             AND e.source = (SELECT source FROM order_event WHERE n = ?3) AND e.day <= ?4"
        ))?;
        let mut rows = statement.query(params![event.order_id, rules.basis as u8, event.n, event.day])?;
        let (mut first, mut sum) = (None::<i32>, 0i64);
        while let Some(row) = rows.next()? {
            let sale = Event::of(row)?;
            first = Some(first.map_or(sale.day, |day| day.min(sale.day)));
            let parts = rules.parts(self.db, &sale)?;
            sum += parts.iter().filter(|p| i64::from(p.person) == person).map(|p| p.amount).sum::<i64>();
        }
        Ok((first, sum))
    }

    /// The sales that count for a plan in a month: refunds that the plan claws back stay out of the month of their own
    /// date, and those known by `known` come off the month of their sale.
    pub(crate) fn sales_for(
        &self,
        person_id: &str,
        plan: &Plan,
        period: Period,
        figure: Option<Figure>,
        known: Option<NaiveDate>,
    ) -> Result<(Option<Figure>, Vec<String>)> {
        let (Some(mut figure), Some(days)) = (figure, claws_back(&plan.terms())) else {
            return Ok((figure, Vec::new()));
        };
        let range = self.fiscal()?.range(period);
        let until = known.unwrap_or(range.until).max(range.until);
        let mut orders = Vec::new();
        for back in self.returned(person_id, range.from, until)? {
            if (back.on - back.sold_on).num_days() > i64::from(days) {
                continue;
            }
            if back.on < range.until && back.sold_on < range.from {
                figure.num = figure.num.saturating_add(back.amount);
            } else if back.on >= range.until && range.contains(back.sold_on) {
                figure.num = figure.num.saturating_sub(back.amount);
                orders.push(back.order_id);
            }
        }
        Ok((Some(figure), orders))
    }

    /// What closed months come to now, as seen at the end of a month.
    pub(crate) fn corrections_of(&self, person_id: &str, month: Month, plans: &[Plan]) -> Result<Vec<Correction>> {
        let closed = self.closed_month_list()?;
        let until = self.fiscal()?.range(Period::Month(month)).until;
        let mut found = Vec::new();
        for corrects in closed.into_iter().filter(|m| *m < month && m.index() >= month.index() - LOOK_BACK) {
            let Some(frozen) = self.frozen_payout(person_id, corrects)? else { continue };
            let reference = &frozen.payout.derivation.plan;
            let Some(plan) = plans.iter().find(|p| p.id == reference.id && p.version == reference.version) else {
                continue;
            };
            let last = self.last_known(person_id, corrects, month, &frozen)?;
            let clawed_before = self.clawed_before(corrects, month)?;
            let (late, _) = self.inputs_now(&last, plan, corrects, clawed_before)?;
            let (now, refunded) = self.inputs_now(&last, plan, corrects, Some(until))?;
            if late == last && now == last {
                continue;
            }
            let late_orders = if late == last { Vec::new() } else { self.orders_after_close(person_id, corrects)? };
            found.push(Correction { plan: plan.clone(), corrects, last, late, now, late_orders, refunded });
        }
        Ok(found)
    }

    /// A closed month's inputs as the latest correction left them.
    fn last_known(&self, person_id: &str, corrects: Month, month: Month, frozen: &FrozenPayout) -> Result<Inputs> {
        let mut last = frozen.inputs.clone();
        let mut later = corrects.plus(1);
        while later < month {
            if let Some(frozen) = self.frozen_payout(person_id, later)? {
                let mut of = frozen.adjustments.into_iter().filter(|adjustment| adjustment.corrects == corrects);
                if let Some(adjustment) = of.next_back() {
                    last = adjustment.inputs;
                }
            }
            later = later.plus(1);
        }
        Ok(last)
    }

    /// Until when refunds have been looked at for a closed month: the end of the last month closed before this one.
    fn clawed_before(&self, corrects: Month, month: Month) -> Result<Option<NaiveDate>> {
        let closed = self.closed_month_list()?;
        let last = closed.into_iter().filter(|m| *m < month && *m >= corrects).max().unwrap_or(corrects);
        Ok(Some(self.fiscal()?.range(Period::Month(last)).until))
    }

    /// The inputs of a month with today's figures; goals and salary stay as they were.
    fn inputs_now(
        &self,
        last: &Inputs,
        plan: &Plan,
        month: Month,
        known: Option<NaiveDate>,
    ) -> Result<(Inputs, Vec<String>)> {
        let period = period_of(plan, month);
        let mut now = last.clone();
        let mut refunded = Vec::new();
        for (metric, input) in &mut now.metrics {
            let figure = self.person_figure(&last.person, *metric, period)?;
            input.actual = match metric {
                Metric::SalesAmount => {
                    let (figure, orders) = self.sales_for(&last.person, plan, period, figure, known)?;
                    refunded = orders;
                    figure
                }
                _ => figure,
            };
        }
        if let Some(record) = &last.record {
            let mut again = self.deals_of(&last.person, plan, month, known)?;
            let end = self.fiscal()?.range(Period::Month(month)).until.pred_opt();
            for deal in &mut again {
                deal.known = end.map_or(deal.known, |end| deal.known.min(end));
                if deal.takes_back() && end.is_some_and(|end| deal.date > end) {
                    refunded.push(deal.id.clone());
                }
            }
            attain_domain::payout::record::in_order(&mut again);
            now.record = Some(Box::new(Record { deals: again, ..(**record).clone() }));
        }
        refunded.sort();
        refunded.dedup();
        Ok((now, refunded))
    }

    /// Orders dated in a month whose events came into the store last: what may have been late.
    fn orders_after_close(&self, person_id: &str, month: Month) -> Result<Vec<String>> {
        let range = self.fiscal()?.range(Period::Month(month));
        let Some(person) = self.person_number(person_id)? else { return Ok(Vec::new()) };
        let mut statement = self.db.prepare_cached(
            "SELECT DISTINCT e.order_id FROM person_event p JOIN order_event e ON e.n = p.event
             WHERE p.person = ?1 AND p.day >= ?2 AND p.day < ?3
             AND e.batch = (SELECT max(batch) FROM order_event) ORDER BY e.order_id LIMIT 20",
        )?;
        let rows = statement.query_map(params![person, day(range.from), day(range.until)], |r| r.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    // The record of a plan that says more than components.

    /// A person's record for a month.
    pub(crate) fn record(&self, person_id: &str, plan: &Plan, month: Month) -> Result<Record> {
        let fiscal = self.fiscal()?;
        let terms = plan.terms();
        let period = period_of(plan, month);
        let currency = self.currency()?;
        let mut record = Record::empty(person_id, currency);
        record.fiscal = fiscal;
        let of_deals = terms.commissions.iter().any(|c| matches!(c.on, CommissionOn::Deals(_)));
        if of_deals {
            record.deals = self.deals_of(person_id, plan, month, None)?;
        }
        let year: Vec<Period> = (1..=month.month)
            .map(|m| period_of(plan, Month { year: month.year, month: m }))
            .filter(|p| p.first_month() <= period.first_month())
            .collect();
        for measure in terms.measures() {
            let Some(metric) = measure.metric() else { continue };
            for period in &year {
                let figure = self.person_figure(person_id, metric, *period)?.filter(|figure| figure.den != 0);
                let target = self.person_target(person_id, metric, *period)?;
                let digits = metric.unit().digits(currency);
                let scale = match metric.unit() {
                    attain_domain::metric::Unit::Ratio => 1,
                    _ => 10i128.pow(digits),
                };
                let actual = figure.map(|f| Ratio { num: i128::from(f.num), den: i128::from(f.den) * scale });
                let target = target.map(|t| Ratio { num: i128::from(t), den: 10i128.pow(digits) });
                let measures = record.measures.entry(*period).or_default();
                measures.insert(measure.name.clone(), Measured { actual, target });
            }
        }
        self.time_in_service(&mut record)?;
        for salary in self.salaries(person_id)?.unwrap_or_default() {
            let digits = salary.amount.currency.digits();
            record.salary.insert(salary.from, Ratio { num: i128::from(salary.amount.minor), den: 10i128.pow(digits) });
        }
        let mut earlier = Month { year: month.year, month: 1 }.plus(-12);
        while earlier < period.first_month() {
            if let Some(frozen) = self.frozen_payout(person_id, earlier)? {
                record.owed = owed_after(plan, &frozen.inputs, &frozen.payout);
                if let (Some(amount), true) = (frozen.payout.amount, earlier.year == month.year) {
                    let paid = Ratio { num: i128::from(amount.minor), den: 10i128.pow(currency.digits()) };
                    record.paid_this_year = record.paid_this_year.add(paid).unwrap_or(record.paid_this_year);
                }
            }
            earlier = earlier.plus(1);
        }
        Ok(record)
    }

    fn time_in_service(&self, record: &mut Record) -> Result<()> {
        let mut statement = self.db.prepare_cached(
            "SELECT position, fte_ppm, since, until FROM assignment WHERE person = (SELECT n FROM person WHERE id = ?1) ORDER BY since",
        )?;
        let mut rows = statement.query([&record.person])?;
        while let Some(row) = rows.next()? {
            let until: i32 = row.get(3)?;
            record.service.push(Service {
                position: Some(row.get(0)?),
                fte: Ratio { num: i128::from(row.get::<_, i64>(1)?), den: 1_000_000 },
                from: date(row.get(2)?),
                until: (until != crate::connection::OPEN).then(|| date(until)),
            });
        }
        let mut statement = self.db.prepare_cached(
            "SELECT since, until FROM leave WHERE person = (SELECT n FROM person WHERE id = ?1) ORDER BY since",
        )?;
        let mut rows = statement.query([&record.person])?;
        while let Some(row) = rows.next()? {
            record.leave.push((date(row.get(0)?), date(row.get(1)?)));
        }
        Ok(())
    }

    /// A person's deals up to a month's end, or what is known by a day, and those of the people below.
    fn deals_of(&self, person_id: &str, plan: &Plan, month: Month, known: Option<NaiveDate>) -> Result<Vec<Deal>> {
        let fiscal = self.fiscal()?;
        let terms = plan.terms();
        let back = u64::from(claws_back(&terms).unwrap_or(0)) + 366;
        let from = fiscal.range(Period::Year(month.year)).from;
        let from = from.checked_sub_days(Days::new(back)).unwrap_or(from);
        let until = known.unwrap_or_else(|| fiscal.range(Period::Month(month)).until);
        let mut deals = self.deals_between(person_id, from, until, false)?;
        if terms.commissions.iter().any(|c| c.on == CommissionOn::Deals(Over::TeamDeals)) {
            let last = until.pred_opt().unwrap_or(until);
            if let Some(unit) = self.main_unit(person_id, last)? {
                for member in self.people_of_unit(&unit, last)? {
                    if member.id != person_id {
                        deals.extend(self.deals_between(&member.id, from, until, true)?);
                    }
                }
            }
        }
        attain_domain::payout::record::in_order(&mut deals);
        Ok(deals)
    }

    fn deals_between(&self, person_id: &str, from: NaiveDate, until: NaiveDate, team: bool) -> Result<Vec<Deal>> {
        let Some(person) = self.person_number(person_id)? else { return Ok(Vec::new()) };
        let rules = Rules::load(*self)?;
        let currency = self.currency()?;
        let terms = |kind: u8| -> Result<BTreeMap<u32, String>> {
            let mut statement = self.db.prepare_cached("SELECT n, text FROM term WHERE kind = ?1")?;
            let rows = statement.query_map([kind], |r| Ok((r.get(0)?, r.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        let (types, products) = (terms(TERM_CUSTOMER_TYPE)?, terms(TERM_PRODUCT)?);
        let mut product_of = self.db.prepare_cached("SELECT product FROM order_event WHERE n = ?1")?;
        let mut statement = self.db.prepare_cached(&events_of_person())?;
        let mut rows = statement.query(params![person, day(from), day(until)])?;
        let money = |minor: i64| {
            let money = Money::new(minor, currency);
            Ratio { num: i128::from(money.minor), den: 10i128.pow(currency.digits()) }
        };
        let mut deals = Vec::new();
        while let Some(row) = rows.next()? {
            let event = Event::of(row)?;
            let customer_type = types.get(&row.get(10)?).cloned().unwrap_or_default();
            let product: u32 = product_of.query_row([event.n], |r| r.get(0))?;
            for part in rules.parts(self.db, &event)?.iter().filter(|part| i64::from(part.person) == person) {
                let on = date(event.day);
                deals.push(Deal {
                    id: event.order_id.to_string(),
                    date: on,
                    known: on,
                    event: OrderEvent::ALL.get(event.event as usize).copied().unwrap_or(OrderEvent::Booked),
                    amount: Some(money(part.amount)),
                    units: None,
                    cost: event.cost.is_some().then(|| money(part.cost)),
                    product: products.get(&product).cloned().unwrap_or_default(),
                    customer_type: customer_type.clone(),
                    share: None,
                    team,
                    refund_of: None,
                });
            }
        }
        Ok(deals)
    }
}
