//! What a plan that can be read should be asked about before it is published: cliffs, bounds nobody can reach, tables
//! that pay less for more.
//!
//! Owns: what follows from the plan alone. Absent on purpose: what needs a company (people near a cliff, metrics without
//! data), which `attain-client` adds.

use rust_decimal::Decimal;
use serde::Serialize;

use super::terms::*;
use super::{Band, Comparison, Plan};

/// A question about a plan: a stable code, also the key of its text, with values for its placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    pub code: String,
    pub path: String,
    pub params: Vec<(String, String)>,
    /// Where a figure just below a bound pays much less.
    #[serde(skip)]
    pub cliff: Option<Cliff>,
}

/// A bound at which pay jumps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cliff {
    Score(Decimal),
    Attainment(Measure, Decimal),
    Actual(Measure, Decimal),
}

/// Every code [`check`] can give, with the params it carries.
pub const WARNING_CODES: &[(&str, &[&str])] = &[
    ("plan.warn_cliff_score", &["bound", "less"]),
    ("plan.warn_cliff_attainment", &["metric", "bound", "less"]),
    ("plan.warn_cliff_actual", &["metric", "bound", "less"]),
    ("plan.warn_cliff_tier", &["id", "bound", "less"]),
    ("plan.warn_unreachable_band", &["bound", "most"]),
    ("plan.warn_unreachable_rate", &["first"]),
    ("plan.warn_less_for_more", &["bound"]),
    ("plan.warn_nothing_below", &["id", "bound"]),
];

/// Less than this share lost just below a bound is no cliff.
const STEEP: u32 = 10;

/// What is to be asked about a plan, in the order of its parts.
pub fn check(plan: &Plan) -> Vec<Warning> {
    let terms = plan.terms();
    let mut found = Vec::new();
    bands(&terms, &mut found);
    tables(&terms, &mut found);
    factors(&terms.gates, "gates", &mut found);
    factors(&terms.accelerators, "accelerators", &mut found);
    commissions(&terms, &mut found);
    found
}

fn say(code: &str, path: String, params: &[(&str, String)], cliff: Option<Cliff>) -> Warning {
    let params = params.iter().map(|(key, value)| (key.to_string(), value.clone())).collect();
    Warning { code: format!("plan.warn_{code}"), path, params, cliff }
}

fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

fn percent(value: Decimal) -> String {
    value.checked_mul(Decimal::ONE_HUNDRED).map(|p| format!("{} %", p.round_dp(1).normalize())).unwrap_or_default()
}

/// How much less `below` is than `at`, when it is steep.
fn less(below: Decimal, at: Decimal) -> Option<Decimal> {
    let lost = at.checked_sub(below)?.checked_div(at)?;
    (lost >= Decimal::new(i64::from(STEEP), 2)).then_some(lost)
}

fn bands(terms: &Terms, found: &mut Vec<Warning>) {
    let most = terms.components.iter().try_fold(Decimal::ZERO, |sum, component| {
        let top = component.cap.or_else(|| component.table.iter().map(|(_, counts)| *counts).max())?;
        sum.checked_add(component.weight.checked_mul(top)?)
    });
    let lowest = |band: &Band| Band { at_least: band.at_least, multiple: Decimal::ZERO };
    for (index, band) in terms.bands.iter().enumerate() {
        let path = format!("bands[{index}]");
        if let Some(most) = most.filter(|most| !terms.components.is_empty() && band.at_least > *most) {
            let params = [("bound", plain(band.at_least)), ("most", plain(most))];
            found.push(say("unreachable_band", path.clone(), &params, None));
        }
        let below = terms.bands.get(index + 1).cloned().unwrap_or_else(|| lowest(band));
        if below.multiple > band.multiple {
            found.push(say("less_for_more", path.clone(), &[("bound", plain(band.at_least))], None));
        }
        // On a straight line only the lowest band is a step.
        let stepped = terms.pays == ScorePays::Bands || index + 1 == terms.bands.len();
        if let (true, Some(lost)) = (stepped, less(below.multiple, band.multiple)) {
            let params = [("bound", plain(band.at_least)), ("less", percent(lost))];
            found.push(say("cliff_score", path, &params, Some(Cliff::Score(band.at_least))));
        }
    }
}

fn tables(terms: &Terms, found: &mut Vec<Warning>) {
    for (index, component) in terms.components.iter().enumerate() {
        for (row, pair) in component.table.windows(2).enumerate() {
            let [(_, below), (bound, counts)] = pair else { continue };
            let path = format!("components[{index}].table[{}]", row + 1);
            let shown = if component.target.is_some() { percent(*bound) } else { plain(*bound) };
            if below > counts {
                found.push(say("less_for_more", path, &[("bound", shown)], None));
            } else if component.scoring == Scoring::Steps
                && let Some(lost) = less(*below, *counts)
            {
                let params = [("metric", component.measure.spoken()), ("bound", shown), ("less", percent(lost))];
                let measure = component.measure.clone();
                let (code, cliff) = match component.target {
                    Some(_) => ("cliff_attainment", Cliff::Attainment(measure, *bound)),
                    None => ("cliff_actual", Cliff::Actual(measure, *bound)),
                };
                found.push(say(code, path, &params, Some(cliff)));
            }
        }
    }
}

fn factors(list: &[Factor], key: &str, found: &mut Vec<Warning>) {
    for (index, factor) in list.iter().enumerate() {
        let path = format!("{key}[{index}]");
        let rising = matches!(factor.when.op, Comparison::AtLeast | Comparison::MoreThan);
        let (at, below) = if rising { (factor.factor, factor.otherwise) } else { (factor.otherwise, factor.factor) };
        let bound = factor.when.bound;
        let Some(lost) = less(below, at) else { continue };
        match &factor.when.looked {
            Looked::Score => {
                let params = [("bound", plain(bound)), ("less", percent(lost))];
                found.push(say("cliff_score", path, &params, Some(Cliff::Score(bound))));
            }
            Looked::Attainment(measure) => {
                let params = [("metric", measure.spoken()), ("bound", percent(bound)), ("less", percent(lost))];
                let cliff = Cliff::Attainment(measure.clone(), bound);
                found.push(say("cliff_attainment", path, &params, Some(cliff)));
            }
            Looked::Actual(measure) => {
                let shown = if measure.unit() == crate::metric::Unit::Ratio { percent(bound) } else { plain(bound) };
                let params = [("metric", measure.spoken()), ("bound", shown), ("less", percent(lost))];
                found.push(say("cliff_actual", path, &params, Some(Cliff::Actual(measure.clone(), bound))));
            }
        }
    }
}

fn commissions(terms: &Terms, found: &mut Vec<Warning>) {
    for (index, commission) in terms.commissions.iter().enumerate() {
        let path = format!("commissions[{index}]");
        let shown = |bound: Decimal| if commission.by == TiersBy::Attainment { percent(bound) } else { plain(bound) };
        if let Some((from, _)) = commission.tiers.first().filter(|(from, _)| !from.is_zero()) {
            let params = [("id", commission.id.clone()), ("bound", shown(*from))];
            found.push(say("nothing_below", format!("{path}.tiers[0]"), &params, None));
        }
        let value = |pays: &TierPays| match pays {
            TierPays::Rate(v) | TierPays::Amount(v) | TierPays::Share(v) | TierPays::Factor(v) => *v,
        };
        for (row, pair) in commission.tiers.windows(2).enumerate() {
            let [(_, below), (bound, at)] = pair else { continue };
            let place = format!("{path}.tiers[{}]", row + 1);
            if value(below) > value(at) && commission.method != Method::Marginal {
                found.push(say("less_for_more", place, &[("bound", shown(*bound))], None));
            } else if commission.method == Method::Whole
                && let Some(lost) = less(value(below), value(at))
            {
                let params = [("id", commission.id.clone()), ("bound", shown(*bound)), ("less", percent(lost))];
                found.push(say("cliff_tier", place, &params, None));
            }
        }
        if commission.precedence == Precedence::First {
            let all = commission.rates.iter().position(|row| row.product.is_none() && row.customer_type.is_none());
            if let Some(first) = all.filter(|first| first + 1 < commission.rates.len()) {
                let params = [("first", format!("{path}.rates[{first}]"))];
                found.push(say("unreachable_rate", format!("{path}.rates[{}]", first + 1), &params, None));
            }
        }
    }
}
