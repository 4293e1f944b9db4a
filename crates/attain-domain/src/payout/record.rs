//! What is known of a person: figures by period, dated deals, service, salary.
//!
//! Owns: the record and what each deal and refund comes to under a plan's rules. Absent on purpose: where it comes from
//! (a file in `attain-client`, the store in a company).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Ratio};
use crate::order::{OrderEvent, SalesBasis};
use crate::period::{FiscalCalendar, Period};
use crate::plan::terms::{Counted, RefundRule, Refunds};

/// A person's record. Figures are in their own unit: whole units of the currency, a count, a fraction of one, points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub person: String,
    pub currency: Currency,
    #[serde(default)]
    pub fiscal: FiscalCalendar,
    pub measures: BTreeMap<Period, BTreeMap<String, Measured>>,
    /// In the order in which they became known.
    pub deals: Vec<Deal>,
    /// Empty: in service all the time.
    pub service: Vec<Service>,
    pub leave: Vec<(NaiveDate, NaiveDate)>,
    /// From a day on; the earliest also counts before it.
    pub salary: BTreeMap<NaiveDate, Ratio>,
    pub target_incentive: BTreeMap<NaiveDate, Ratio>,
    /// Owed from draws before the first period.
    pub owed: Ratio,
    /// Earned in the year's periods that are not among those reckoned.
    #[serde(default = "zero")]
    pub paid_this_year: Ratio,
}

fn zero() -> Ratio {
    Ratio::ZERO
}

impl Record {
    pub fn empty(person: &str, currency: Currency) -> Record {
        Record {
            person: person.to_string(),
            currency,
            fiscal: FiscalCalendar::default(),
            measures: BTreeMap::new(),
            deals: Vec::new(),
            service: Vec::new(),
            leave: Vec::new(),
            salary: BTreeMap::new(),
            target_incentive: BTreeMap::new(),
            owed: Ratio::ZERO,
            paid_this_year: Ratio::ZERO,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Measured {
    pub actual: Option<Ratio>,
    pub target: Option<Ratio>,
}

/// From a day until the first one that is no longer within it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub fte: Ratio,
    /// Counts only under a plan of this position; under any when absent.
    pub position: Option<String>,
}

/// A dated event of a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deal {
    pub id: String,
    pub date: NaiveDate,
    /// When it became known: later than its date when it was late.
    pub known: NaiveDate,
    pub event: OrderEvent,
    /// Of the whole deal; of a refund, `None` is all that is left of it.
    pub amount: Option<Ratio>,
    pub units: Option<Ratio>,
    pub cost: Option<Ratio>,
    pub product: String,
    pub customer_type: String,
    /// The person's; of a refund, `None` is that of its sale.
    pub share: Option<Ratio>,
    /// Credited to someone who reports to the person.
    pub team: bool,
    /// The deal a refund is of, when its own id is another.
    pub refund_of: Option<String>,
}

impl Deal {
    /// The deal it is an event of.
    pub fn sale(&self) -> &str {
        self.refund_of.as_deref().unwrap_or(&self.id)
    }

    pub fn takes_back(&self) -> bool {
        matches!(self.event, OrderEvent::Refunded | OrderEvent::Cancelled)
    }
}

/// What an event comes to on a day: refunds are negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Effect {
    pub deal: String,
    pub date: NaiveDate,
    pub team: bool,
    pub amount: Ratio,
    /// `None` where they are not given.
    pub units: Option<Ratio>,
    /// `None` without a cost.
    pub margin: Option<Ratio>,
    pub number: Ratio,
    pub product: String,
    pub customer_type: String,
}

impl Effect {
    pub fn counted(&self, what: Counted) -> Option<Ratio> {
        match what {
            Counted::Amount => Some(self.amount),
            Counted::Units => self.units,
            Counted::Margin => self.margin,
            Counted::Number => Some(self.number),
        }
    }
}

/// Events in the order in which they became known: the same whatever order they came in.
pub fn in_order(deals: &mut [Deal]) {
    deals.sort_by(|a, b| {
        let key = |d: &Deal| (d.known, d.takes_back(), d.date, d.sale().to_string(), d.id.clone(), d.event, d.team);
        key(a).cmp(&key(b)).then_with(|| {
            let rest = |d: &Deal| (d.amount, d.share, d.product.clone(), d.customer_type.clone());
            rest(a).cmp(&rest(b))
        })
    });
}

fn negative(value: Ratio) -> Ratio {
    Ratio { num: value.num.saturating_neg(), den: value.den }
}

/// What the first `known` events come to. `None` is an overflow.
pub(super) fn effects(deals: &[Deal], known: usize, basis: SalesBasis, refunds: &Refunds) -> Option<Vec<Effect>> {
    let deals = deals.get(..known).unwrap_or(deals);
    let sale_event = basis.event();
    let mut effects = Vec::new();
    // Of each deal and side (own or team): sold, taken back so far.
    let mut back: BTreeMap<(&str, bool, Option<Ratio>, &str), Ratio> = BTreeMap::new();
    for deal in deals {
        if deal.event == sale_event {
            let share = deal.share.unwrap_or(Ratio::ONE);
            let amount = deal.amount.unwrap_or(Ratio::ZERO).mul(share)?;
            let margin = match deal.cost {
                Some(cost) => Some(amount.add(negative(cost.mul(share)?))?),
                None => None,
            };
            effects.push(Effect {
                deal: deal.id.clone(),
                date: deal.date,
                team: deal.team,
                amount,
                units: match deal.units {
                    Some(units) => Some(units.mul(share)?),
                    None => None,
                },
                margin,
                number: share,
                product: deal.product.clone(),
                customer_type: deal.customer_type.clone(),
            });
        } else if deal.takes_back() {
            // Of a deal in several lines, those of the product that comes back.
            let of_product = |d: &Deal| d.product == deal.product;
            let lines = |d: &&Deal| d.event == sale_event && d.id == deal.sale() && d.team == deal.team;
            let by_product = !deal.product.is_empty() && deals.iter().filter(lines).any(of_product);
            let sales: Vec<&Deal> = deals
                .iter()
                .filter(lines)
                .filter(|d| !by_product || of_product(d))
                .filter(|d| deal.share.is_none() || d.share.unwrap_or(Ratio::ONE) == deal.share.unwrap_or(Ratio::ONE))
                .collect();
            let Some(first) = sales.first() else { continue };
            let sold = sales.iter().try_fold(Ratio::ZERO, |sum, d| sum.add(d.amount.unwrap_or(Ratio::ZERO)))?;
            let so_far = back
                .entry((deal.sale(), deal.team, deal.share, if by_product { &deal.product } else { "" }))
                .or_insert(Ratio::ZERO);
            // A cancellation or credit note first takes off what is not yet collected.
            let open = if deal.event == OrderEvent::Cancelled && basis == SalesBasis::Collected {
                let gross = [OrderEvent::Booked, OrderEvent::Invoiced].into_iter().map(|event| {
                    let of = deals.iter().filter(|d| d.event == event && d.id == deal.sale() && d.team == deal.team);
                    of.filter_map(|d| d.amount).try_fold(Ratio::ZERO, Ratio::add)
                });
                let gross = gross.collect::<Option<Vec<Ratio>>>()?.into_iter().max().unwrap_or(Ratio::ZERO);
                gross.add(negative(sold))?.max(Ratio::ZERO)
            } else {
                Ratio::ZERO
            };
            let left = sold.add(open)?.add(negative(*so_far))?;
            let wanted =
                deal.amount.map_or(left, |amount| if amount < Ratio::ZERO { negative(amount) } else { amount });
            let before = so_far.add(negative(open))?.max(Ratio::ZERO);
            *so_far = so_far.add(wanted.min(left).max(Ratio::ZERO))?;
            let taken = so_far.add(negative(open))?.max(Ratio::ZERO).add(negative(before))?;
            if taken <= Ratio::ZERO {
                continue;
            }
            let days = (deal.date - first.date).num_days();
            let within = refunds.within_days.is_none_or(|limit| days <= i64::from(limit));
            let rule = match refunds.rule {
                RefundRule::SalePeriod if !within => refunds.later,
                rule => rule,
            };
            let date = match rule {
                RefundRule::SalePeriod => first.date,
                RefundRule::OwnPeriod => deal.date,
                RefundRule::Ignored => continue,
            };
            let part = taken.div(sold)?;
            let share = deal.share.or(first.share).unwrap_or(Ratio::ONE);
            let amount = negative(taken.mul(share)?);
            let sum = |of: fn(&Deal) -> Option<Ratio>| {
                sales.iter().try_fold(Ratio::ZERO, |sum, d| sum.add(of(d).unwrap_or(Ratio::ZERO)))
            };
            let cost = sum(|d| d.cost)?.mul(part)?.mul(share)?;
            let or = |own: &str, sale: &str| if own.is_empty() { sale.to_string() } else { own.to_string() };
            effects.push(Effect {
                deal: deal.sale().to_string(),
                date,
                team: deal.team,
                amount,
                units: match sales.iter().all(|d| d.units.is_some()) {
                    true => Some(negative(sum(|d| d.units)?.mul(part)?.mul(share)?)),
                    false => None,
                },
                margin: if sales.iter().all(|d| d.cost.is_some()) { Some(amount.add(cost)?) } else { None },
                number: negative(part.mul(share)?),
                product: or(&deal.product, &first.product),
                customer_type: or(&deal.customer_type, &first.customer_type),
            });
        }
    }
    Some(effects)
}
