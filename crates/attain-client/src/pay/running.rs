//! A running month: between what its pay may lie, and what would move it. The engine is run on the changed figures; nothing
//! is estimated but how much is still sold.

use attain_domain::metric::{Figure, Metric, Unit};
use attain_domain::money::{Money, Ratio};
use attain_domain::order::OrderEvent;
use attain_domain::payout::record::{Deal, in_order};
use attain_domain::payout::{Inputs, payout};
use attain_domain::period::{Month, Period};
use attain_domain::read::Payee;
use attain_store::connection::View;
use chrono::{Days, NaiveDate};

use super::Pay;
use crate::performance::{Frame, Track};
use crate::problem::Result;
use crate::workspace::Viewer;

/// Something of which there can be one more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeverOn {
    /// A count, or the numerator of a ratio: one more customer won, kept, or buying again.
    Metric(Metric),
    /// An order of the size this person's usually are.
    Order { size: Money },
}

/// The smallest increase of one thing that raises a running month's pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lever {
    pub on: LeverOn,
    /// How many more.
    pub increase: i64,
    /// The payout then, and how much more that is than now. At least: what else comes with it is not counted.
    pub amount: Money,
    pub gain: Money,
}

/// How many more of one thing are tried.
const AT_MOST: i64 = 20;
/// Days whose orders say which size is usual.
const USUAL_DAYS: u64 = 92;
const USUAL_ORDERS: u32 = 2_000;
/// Orders that a forecast is divided into; what is left is one more.
const DEALS_AT_MOST: i64 = 200;

/// Orders as a person's usually are.
struct Usual {
    size: i64,
    product: String,
    customer_type: String,
}

/// The median of a person's sales in the last quarter of a year, and what they sell most to whom.
fn usual(view: View, viewer: &Viewer, person_id: &str) -> Result<Option<Usual>> {
    let from = viewer.today.checked_sub_days(Days::new(USUAL_DAYS)).unwrap_or(viewer.today);
    let sale = view.sales_basis()?.event();
    let orders = view.orders(Some(person_id), from, viewer.today, USUAL_ORDERS)?;
    let mut sold: Vec<_> = orders.into_iter().filter(|o| o.event == sale && o.credited.minor > 0).collect();
    sold.sort_by(|a, b| (a.credited.minor, &a.id).cmp(&(b.credited.minor, &b.id)));
    Ok(sold.get(sold.len() / 2).map(|median| Usual {
        size: median.credited.minor,
        product: median.product.clone(),
        customer_type: median.customer_type.clone(),
    }))
}

/// The same month with so much more sold, in orders of a size: in the figures, and as deals where the plan pays for deals.
fn sold_more(inputs: &mut Inputs, on: NaiveDate, orders: i64, size: i64, like: Option<&Usual>) {
    if let Some(Figure { num, .. }) = inputs.metrics.get_mut(&Metric::SalesAmount).and_then(|m| m.actual.as_mut()) {
        *num = num.saturating_add(size.saturating_mul(orders));
    }
    let Some(record) = inputs.record.as_deref_mut().filter(|_| size > 0) else { return };
    let amount = Ratio { num: i128::from(size), den: 10i128.pow(inputs.currency.digits()) };
    for number in 0..orders {
        // Sold, billed and paid for: a plan counts whichever it means.
        for event in [OrderEvent::Booked, OrderEvent::Invoiced, OrderEvent::Collected] {
            record.deals.push(Deal {
                id: format!("+{}", number + 1),
                date: on,
                known: on,
                event,
                amount: Some(amount),
                units: None,
                cost: None,
                product: like.map(|like| like.product.clone()).unwrap_or_default(),
                customer_type: like.map(|like| like.customer_type.clone()).unwrap_or_default(),
                share: None,
                team: false,
                refund_of: None,
            });
        }
    }
    in_order(&mut record.deals);
}

/// Low and high of a running month: sales at the ends of its forecast, new customers carried on at the same speed for the
/// high end and left as they are for the low one, rates as they stand. `None` where there is no forecast yet.
pub(super) fn range(view: View, viewer: &Viewer, payee: &Payee, month: Month) -> Result<Option<(Money, Money)>> {
    let frame = Frame::load(view, viewer.today)?;
    let track = Track::of_people(view, &frame, std::slice::from_ref(&payee.inputs.person))?;
    let period = Period::Month(month);
    let Some(forecast) = track.forecast(&frame, period) else { return Ok(None) };
    let (days, range) = (frame.time.working_days(month, viewer.today), frame.time.fiscal.range(period));
    let so_far = track.sales(range.from, range.until);
    let like = match payee.inputs.record {
        Some(_) => usual(view, viewer, &payee.inputs.person)?,
        None => None,
    };
    let at = |sales: i64, carry: bool| -> Option<Money> {
        let mut inputs = payee.inputs.clone();
        let more = sales.saturating_sub(so_far).max(0);
        let (orders, size) = match like.as_ref().filter(|like| like.size > 0) {
            Some(like) => ((more / like.size).min(DEALS_AT_MOST), like.size),
            None => (0, 0),
        };
        sold_more(&mut inputs, viewer.today, orders, size, like.as_ref());
        sold_more(&mut inputs, viewer.today, 1, more - orders * size, like.as_ref());
        let new = inputs.metrics.get_mut(&Metric::NewCustomers).and_then(|input| input.actual.as_mut());
        if let (Some(figure), true) = (new, carry && days.gone > 0) {
            let won = i128::from(figure.num) * i128::from(days.total) / i128::from(days.gone);
            figure.num = i64::try_from(won).unwrap_or(figure.num);
        }
        // What cannot be reckoned is no end of a range.
        payout(&payee.plan, &inputs).ok().and_then(|paid| paid.amount)
    };
    let ends = at(forecast.low, false).zip(at(forecast.high, true));
    // A plan that pays less for more still has its lower end first.
    Ok(ends.map(|(a, b)| if a.minor <= b.minor { (a, b) } else { (b, a) }))
}

/// What would raise a running month's pay, most first.
pub(super) fn levers(view: View, viewer: &Viewer, of: &Pay) -> Result<Vec<Lever>> {
    let Some(now) = of.payout.amount else { return Ok(Vec::new()) };
    let mut levers = Vec::new();
    let mut search = |on: LeverOn, most: i64, more: &dyn Fn(&mut Inputs, i64)| {
        for increase in 1..=most {
            let mut inputs = of.inputs.clone();
            more(&mut inputs, increase);
            let Some(amount) = payout(&of.plan, &inputs).ok().and_then(|paid| paid.amount) else { break };
            let gain = amount.minor.saturating_sub(now.minor);
            if gain > 0 {
                levers.push(Lever { on, increase, amount, gain: Money::new(gain, now.currency) });
                break;
            }
        }
    };
    for (metric, input) in &of.inputs.metrics {
        let Some(figure) = input.actual else { continue };
        let most = match metric {
            Metric::RetentionRate | Metric::RepurchaseRate => figure.den.saturating_sub(figure.num).min(AT_MOST),
            _ if metric.unit() == Unit::Count => AT_MOST,
            _ => 0,
        };
        search(LeverOn::Metric(*metric), most, &|inputs, increase| {
            if let Some(actual) = inputs.metrics.get_mut(metric).and_then(|input| input.actual.as_mut()) {
                actual.num = actual.num.saturating_add(increase);
            }
        });
    }
    if let Some(usual) = usual(view, viewer, &of.person_id)? {
        let size = Money::new(usual.size, now.currency);
        search(LeverOn::Order { size }, AT_MOST, &|inputs, increase| {
            sold_more(inputs, viewer.today, increase, usual.size, Some(&usual));
        });
    }
    levers.sort_by_key(|lever| std::cmp::Reverse(lever.gain.minor / lever.increase));
    Ok(levers)
}
