//! Exceptions per person: who is paid by another plan or of another base, from when to when, and why.
//!
//! Tells of people's pay: callers record the look. Absent on purpose: making them (`Workspace::mutate`).

use attain_domain::access::Action;
use attain_domain::plan::exception::PlanException;
use attain_store::connection::View;

use crate::problem::Result;
use crate::scope;
use crate::workspace::Viewer;

/// Exceptions of people whose pay the viewer may see, by person and month.
pub fn exceptions(view: View, viewer: &Viewer) -> Result<Vec<(String, PlanException)>> {
    let mut list = Vec::new();
    for (person_id, exception) in view.all_plan_exceptions()? {
        if scope::may_about(view, viewer, Action::SeePay, &person_id)? {
            list.push((person_id, exception));
        }
    }
    list.sort_by(|a, b| (&a.0, a.1.from).cmp(&(&b.0, b.1.from)));
    Ok(list)
}

/// An id for a new exception of a person: `e1`, `e2` …
pub fn fresh_id(view: View, person_id: &str) -> Result<String> {
    let there = view.plan_exceptions(person_id)?;
    let mut n = there.len() + 1;
    while there.iter().any(|one| one.id == format!("e{n}")) {
        n += 1;
    }
    Ok(format!("e{n}"))
}

/// What an exception says, as a sentence: its message key and values.
pub fn said(exception: &PlanException) -> (&'static str, Vec<(String, String)>) {
    let mut params = vec![
        ("from".to_owned(), exception.from.to_string()),
        ("until".to_owned(), exception.until.map_or_else(|| "…".to_owned(), |month| month.to_string())),
        ("reason".to_owned(), exception.reason.clone()),
    ];
    params.extend(exception.plan_id.as_ref().map(|plan| ("plan".to_owned(), plan.clone())));
    params.extend(exception.base.map(|base| ("base".to_owned(), base.amount())));
    let code = match (&exception.plan_id, exception.base) {
        (Some(_), Some(_)) => "payout.exception_both",
        (Some(_), None) => "payout.exception_plan",
        (None, _) => "payout.exception_base",
    };
    (code, params)
}
