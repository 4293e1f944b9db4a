//! How a plan and the one before it meet: which months are paid by which, and what happens within one.
//!
//! Owns: the sentences, as message keys with values. Absent on purpose: paying (attain-domain).

use attain_domain::period::{Month, Period};
use attain_domain::plan::Plan;
use attain_domain::plan::terms::{Cumulation, MidPeriod, Span};
use attain_store::connection::View;

use crate::problem::Result;

/// A sentence: its message key and values.
pub type Said = (&'static str, Vec<(&'static str, String)>);

/// What is said of a plan that follows another, or is the first of its position.
pub fn halves(view: View, plan: &Plan, follows: Option<&Plan>) -> Result<Vec<Said>> {
    let fiscal = view.fiscal()?;
    let first = fiscal.month_of(plan.effective_from);
    let clean = fiscal.month_start(first) == plan.effective_from;
    let terms = plan.terms();
    let new = format!("{} v{}", plan.id, plan.version);
    let old = follows.map(|before| format!("{} v{}", before.id, before.version));
    let quarter = Period::Quarter(first.year, (first.month - 1) / 3 + 1);
    let months = |from: Month, to: Month| {
        if from == to { from.to_string() } else { format!("{from} – {to}") }
    };
    let mut said: Vec<Said> = Vec::new();
    if terms.period.is_some_and(|span| span != Span::Month) {
        // A longer period is paid once, in its last month.
        let params = vec![("new", new.clone()), ("from", plan.effective_from.to_string())];
        said.push(("plan.meet_period", params));
    } else if let Some(old) = &old {
        if clean {
            let params = vec![
                ("new", new.clone()),
                ("old", old.clone()),
                ("month", first.to_string()),
                ("before", first.plus(-1).to_string()),
            ];
            said.push(("plan.meet_month", params));
        }
        if first != quarter.first_month() {
            let params = vec![
                ("quarter", quarter.to_string()),
                ("old", old.clone()),
                ("old_months", months(quarter.first_month(), first.plus(-1))),
                ("new", new.clone()),
                ("new_months", months(first, quarter.last_month())),
            ];
            said.push(("plan.meet_quarter", params));
        }
    }
    if !clean {
        let by_days = terms.proration.plan_change == MidPeriod::ByDays;
        let code = if by_days { "plan.meet_by_days" } else { "plan.meet_last_day" };
        let params = vec![("month", first.to_string()), ("new", new), ("from", plan.effective_from.to_string())];
        said.push((code, params));
    }
    let to_date = terms.commissions.iter().any(|c| matches!(c.over, Cumulation::Quarter | Cumulation::Year));
    if to_date && follows.is_some() {
        said.push(("plan.meet_to_date", Vec::new()));
    }
    Ok(said)
}
