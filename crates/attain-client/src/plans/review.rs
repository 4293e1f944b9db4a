//! What a company adds to the check of a plan: who stands near a cliff, what nobody has data for, what its goals ask for.

use attain_domain::metric::Metric;
use attain_domain::payout::{Step, payout};
use attain_domain::period::{Month, Period};
use attain_domain::plan::Plan;
use attain_domain::plan::check::{Cliff, Warning, check};
use attain_store::connection::View;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::problem::Result;
use crate::workspace::Viewer;

/// Warnings that need a company, with their params; the texts are `plan.warn_…`.
pub const CODES: &[(&str, &[&str])] = &[
    ("plan.warn_near", &["count", "bound"]),
    ("plan.warn_no_data", &["metric"]),
    ("plan.warn_ignores_goal", &["metric", "count"]),
    ("plan.warn_nobody", &["position"]),
    ("plan.warn_claimed", &["plan"]),
];

/// Points or percentage points within which someone is near a cliff.
const NEAR: i64 = 2;

/// The plan's own warnings and the company's.
pub fn review(view: View, viewer: &Viewer, plan: &Plan) -> Result<Vec<Warning>> {
    let mut found = check(plan);
    let fiscal = view.fiscal()?;
    let running = fiscal.month_of(viewer.today);
    let quarter_start = Period::Quarter(running.year, (running.month - 1) / 3 + 1).first_month();
    let months: Vec<Month> = (1..=3).map(|back| quarter_start.plus(-back)).collect();
    let drafts = [Plan { effective_from: NaiveDate::MIN, effective_until: None, ..plan.clone() }];
    let mut payees = Vec::new();
    for month in &months {
        for person in view.people_in(*month)? {
            payees.extend(view.payee(&drafts, &person, *month)?);
        }
    }
    let say = |code: &str, params: &[(&str, String)]| Warning {
        code: format!("plan.warn_{code}"),
        path: String::new(),
        params: params.iter().map(|(key, value)| (key.to_string(), value.clone())).collect(),
        cliff: None,
    };
    if payees.is_empty() {
        found.push(say("nobody", &[("position", plan.position.clone())]));
        return Ok(found);
    }
    let measures = plan.terms().measures();
    for measure in &measures {
        let has =
            |metric: Metric| payees.iter().any(|p| p.inputs.metrics.get(&metric).is_some_and(|m| m.actual.is_some()));
        if !measure.metric().is_some_and(has) {
            found.push(say("no_data", &[("metric", measure.spoken())]));
        }
    }
    // Who was within two points of a jump.
    if viewer.actor.widest(attain_domain::access::Action::SeePay) == Some(attain_domain::access::Reach::All) {
        let near = Decimal::from(NEAR);
        let mut more = Vec::new();
        for warning in &found {
            let Some(cliff) = &warning.cliff else { continue };
            let mut count = std::collections::BTreeSet::new();
            for payee in &payees {
                let Ok(paid) = payout(&payee.plan, &payee.inputs) else { continue };
                let (at, bound) = match cliff {
                    Cliff::Score(bound) => (paid.score, *bound),
                    Cliff::Attainment(measure, bound) => {
                        let attained = paid.derivation.steps.iter().find_map(|step| match step {
                            Step::Component(step) if Some(step.metric) == measure.metric() => step.attainment,
                            _ => None,
                        });
                        let points =
                            attained.and_then(|ratio| Decimal::try_from_i128_with_scale(ratio.scaled(4), 2).ok());
                        (points, bound.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(*bound))
                    }
                    Cliff::Actual(..) => (None, Decimal::ZERO),
                };
                if at.is_some_and(|at| at < bound && bound.checked_sub(at).is_some_and(|gap| gap <= near)) {
                    count.insert(payee.inputs.person.clone());
                }
            }
            if !count.is_empty() {
                let bound =
                    warning.params.iter().find(|(key, _)| key == "bound").map(|(_, v)| v.clone()).unwrap_or_default();
                let mut near = say("near", &[("count", count.len().to_string()), ("bound", bound)]);
                near.path = warning.path.clone();
                more.push(near);
            }
        }
        found.extend(more);
    }
    let people: std::collections::BTreeSet<&str> = payees.iter().map(|p| p.inputs.person.as_str()).collect();
    for metric in Metric::ALL {
        if measures.iter().any(|measure| measure.metric() == Some(*metric)) {
            continue;
        }
        let mut asked = 0;
        for person in &people {
            if view.person_target(person, *metric, Period::Year(running.year))?.is_some_and(|target| target > 0) {
                asked += 1;
            }
        }
        if asked > 0 {
            found.push(say("ignores_goal", &[("metric", format!("@metric.{metric}")), ("count", asked.to_string())]));
        }
    }
    for other in view.plan_list()? {
        let over = |p: &Plan, day: NaiveDate| p.effective_until.is_some_and(|until| until <= day);
        let overlap = !over(&other, plan.effective_from) && !over(plan, other.effective_from);
        if other.id != plan.id && other.position == plan.position && overlap {
            found.push(say("claimed", &[("plan", format!("{} v{}", other.id, other.version))]));
        }
    }
    Ok(found)
}
