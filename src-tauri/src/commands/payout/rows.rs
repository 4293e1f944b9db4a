//! The rows of a receipt for a plan that is reckoned line by line: its components and commissions.

use super::{points, rate};
use crate::commands::figure::{count, money};
use crate::commands::why::Figure as Reference;
use crate::views::figure::Value;
use crate::views::payout::{Pay, PayCommission, PayComponent};
use attain_client::domain::metric::{Metric, Unit};
use attain_client::domain::money::{Currency, Money, Ratio};
use attain_client::domain::payout::line::{Line, Written};
use attain_client::domain::period::Period;

/// A line's value in its own unit.
pub fn value(value: Ratio, written: Written, currency: Currency) -> Value {
    match written {
        Written::Money => {
            let minor = i64::try_from(value.scaled(currency.digits())).unwrap_or(i64::MAX);
            Value::Money { money: money(Money::new(minor, currency)) }
        }
        Written::Percent => Value::Rate { rate: rate(value) },
        Written::Count => Value::Count { count: count(value.scaled(0).max(0)) },
        Written::Points | Written::Number => Value::Decimal { decimal: points(value) },
    }
}

/// A line onto the receipt, where it is one of a component or a commission's amount.
pub fn take(receipt: &mut Pay, line: &Line, currency: Currency, period: Period) {
    let shown = value(line.value, line.written, currency);
    if line.what == "score" && line.id == "score" {
        receipt.score = Some(points(line.value));
    } else if line.what == "commission" && line.id.strip_prefix("commission.") == Some(&line.subject) {
        let (person_id, commission) = (receipt.person_id.clone(), line.subject.clone());
        receipt.commissions.push(PayCommission {
            name: line.subject.clone(),
            amount: match shown {
                Value::Money { money } => Some(money),
                _ => None,
            },
            why: Reference::Commission { person_id, commission, period }.to_string(),
        });
    } else if let Some((name, part)) = line.id.strip_prefix("component.").and_then(|rest| rest.split_once('.')) {
        let at = component(receipt, name, period);
        let row = &mut receipt.components[at];
        let of = |ratio| Some(rate(ratio));
        match part {
            "actual" => row.actual = Some(shown),
            "target" | "target.prorated" => row.goal = Some(shown),
            "attainment" => (row.attainment, row.counted) = (of(line.value), of(line.value)),
            "counted" | "floor" | "cap" => {
                row.counted = of(line.value);
                row.capped |= part == "cap";
            }
            "points" => {
                row.points = Some(points(line.value));
                let weight = line.terms.get(1).map(|term| points(term.value)).unwrap_or_default();
                row.weight = weight.trim_end_matches('0').trim_end_matches('.').to_owned();
            }
            _ => {}
        }
    }
}

/// The row of a component, new when there is none yet.
fn component(receipt: &mut Pay, name: &str, period: Period) -> usize {
    if let Some(at) = receipt.components.iter().position(|row| row.metric == name) {
        return at;
    }
    let person_id = receipt.person_id.clone();
    let metric: Option<Metric> = name.parse().ok();
    receipt.components.push(PayComponent {
        metric: name.to_owned(),
        actual: None,
        goal: None,
        attainment: None,
        counted: None,
        capped: false,
        weight: String::new(),
        points: None,
        steppable: metric.is_some_and(|metric| metric.unit() == Unit::Count),
        why: match metric {
            Some(metric) => Reference::Component { person_id, metric, period },
            None => Reference::Payout { person_id, period },
        }
        .to_string(),
    });
    receipt.components.len() - 1
}
