//! The orders behind a line of pay: what a component's metric or a commission counted of the month.
//!
//! A closed month's deals are those that were frozen, where the plan is paid on deals. Otherwise they are the orders that
//! are in the store now, which may have changed since: then it is said that they do not come to the frozen figure.

use attain_domain::access::Action;
use attain_domain::metric::{Figure, Metric};
use attain_domain::money::{Money, Ratio};
use attain_domain::order::OrderEvent;
use attain_domain::payout::{CountedDeal, counted_deals, period_of};
use attain_domain::plan::terms::CommissionOn;
use attain_store::connection::View;
use attain_store::queries::counted::{Counted, Counts};

use super::{Pay, State, impossible};
use crate::problem::{Problem, Result};
use crate::scope;
use crate::workspace::Viewer;

/// A line of pay that counts something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineOf {
    Metric(Metric),
    /// A commission of the plan, by id.
    Commission(String),
}

/// What a line of pay counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// Newest first; customers without an order come last.
    pub lines: Vec<Counted>,
    /// The figure that the payout was reckoned with, and what the orders come to now. `None` for deals, which are their own
    /// figure.
    pub figure: Option<Figure>,
    pub now: Option<Figure>,
    /// A value that was imported as it is: there are no orders behind it.
    pub imported: bool,
}

impl Behind {
    /// Whether the lines come to what the payout was reckoned with.
    pub fn adds_up(&self) -> bool {
        self.figure == self.now
    }
}

/// The lines of pay that count something, in the plan's order: each metric of a component, then each commission.
pub fn lines_of(pay: &Pay) -> Vec<LineOf> {
    let terms = pay.plan.terms();
    let metrics = terms.components.iter().filter_map(|component| component.measure.metric()).map(LineOf::Metric);
    let commissions = terms.commissions.iter().map(|commission| LineOf::Commission(commission.id.clone()));
    metrics.chain(commissions).collect()
}

/// What a line of somebody's pay counted. Who asks has looked at the pay, which is on record.
///
/// Errors: the person's orders are not the viewer's to see; the plan has no such line.
pub fn behind(view: View, viewer: &Viewer, pay: &Pay, line: &LineOf) -> Result<Behind> {
    scope::require_about(view, viewer, Action::SeePay, &pay.person_id)?;
    scope::require_about(view, viewer, Action::SeeFigures, &pay.person_id)?;
    match line {
        LineOf::Metric(metric) => of_metric(view, pay, *metric),
        LineOf::Commission(id) => {
            let terms = pay.plan.terms();
            let commission = terms.commissions.iter().find(|one| one.id == *id).ok_or_else(Problem::not_found)?;
            match &commission.on {
                CommissionOn::Measure(measure) => match measure.metric() {
                    Some(metric) => of_metric(view, pay, metric),
                    None => Ok(imported(None)),
                },
                CommissionOn::Deals(_) => {
                    let deals = counted_deals(&pay.plan, &pay.inputs, Some(id)).map_err(|error| impossible(&error))?;
                    let lines = of_deals(view, pay, deals.unwrap_or_default())?;
                    Ok(Behind { lines, figure: None, now: None, imported: false })
                }
            }
        }
    }
}

fn imported(figure: Option<Figure>) -> Behind {
    Behind { lines: Vec::new(), figure, now: figure, imported: true }
}

fn of_metric(view: View, pay: &Pay, metric: Metric) -> Result<Behind> {
    let figure = pay.inputs.metrics.get(&metric).ok_or_else(Problem::not_found)?.actual;
    if metric == Metric::TeamworkScore {
        return Ok(imported(figure));
    }
    let frozen =
        pay.state == State::Closed && pay.inputs.record.as_ref().is_some_and(|record| !record.deals.is_empty());
    if let (Metric::SalesAmount, true, Some(sales)) = (metric, frozen, figure) {
        let deals =
            counted_deals(&pay.plan, &pay.inputs, None).map_err(|error| impossible(&error))?.unwrap_or_default();
        let sum = deals.iter().try_fold(Ratio::ZERO, |sum, deal| sum.add(deal.amount));
        if sum.is_some_and(|sum| minor(pay, sum) == sales.num) {
            let lines = of_deals(view, pay, deals)?;
            return Ok(Behind { lines, figure, now: figure, imported: false });
        }
    }
    let period = period_of(&pay.plan, pay.month);
    let (now, lines) = view.counted(&pay.person_id, &pay.plan, metric, period)?;
    Ok(Behind { lines, figure, now, imported: false })
}

fn minor(pay: &Pay, amount: Ratio) -> i64 {
    i64::try_from(amount.scaled(pay.inputs.currency.digits())).unwrap_or(i64::MAX)
}

/// Deals as lines. Whose customer it is, is told of the person's own.
fn of_deals(view: View, pay: &Pay, deals: Vec<CountedDeal>) -> Result<Vec<Counted>> {
    let customers = view.customers_by_order(deals.iter().filter(|deal| !deal.team).map(|deal| deal.deal.as_str()))?;
    let sale = view.sales_basis()?.event();
    let line = |deal: CountedDeal| Counted {
        customer_id: customers.get(&deal.deal).cloned(),
        customer_type: Some(deal.customer_type).filter(|kind| !kind.is_empty()),
        date: Some(deal.date),
        event: Some(if deal.amount < Ratio::ZERO { OrderEvent::Refunded } else { sale }),
        amount: Some(Money::new(minor(pay, deal.amount), pay.inputs.currency)),
        order_id: Some(deal.deal),
        counts: Counts::Counted,
    };
    Ok(deals.into_iter().map(line).collect())
}
