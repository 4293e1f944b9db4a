//! One person's month under the plans in force and under a draft, side by side.
//!
//! Tells of somebody's pay: callers record the look.

use attain_domain::access::{Action, Reach};
use attain_domain::payout::{Payout, payout};
use attain_domain::period::Month;
use attain_domain::plan::Plan;
use attain_domain::read::Read;
use attain_store::connection::View;
use chrono::NaiveDate;

use crate::problem::{Problem, Result};
use crate::workspace::Viewer;

/// Somebody of the position in the last month that was closed, or is over.
#[derive(Debug, Clone)]
pub struct Example {
    pub person_id: String,
    pub month: Month,
    /// As it was paid, or would be now; `None` where no plan did.
    pub before: Option<Payout>,
    pub after: Payout,
}

/// Who can stand as an example: people the draft would pay in that month, by id.
pub fn people(view: View, viewer: &Viewer, draft: &Plan) -> Result<(Month, Vec<String>)> {
    let month = last_month(view, viewer)?;
    let drafts = [always(draft)];
    let mut found = Vec::new();
    for person in view.people_in(month)? {
        if view.payee(&drafts, &person, month)?.is_some() {
            found.push(person);
        }
    }
    Ok((month, found))
}

fn last_month(view: View, viewer: &Viewer) -> Result<Month> {
    let closed = Read::closed_months(&view).map_err(Problem::internal)?;
    Ok(closed.into_iter().max().unwrap_or(view.fiscal()?.month_of(viewer.today).plus(-1)))
}

fn always(draft: &Plan) -> Plan {
    Plan { effective_from: NaiveDate::MIN, effective_until: None, ..draft.clone() }
}

/// A person's example; without one that of whoever was paid most. `None` where nobody was in the position.
pub fn example(view: View, viewer: &Viewer, draft: &Plan, person_id: Option<&str>) -> Result<Option<Example>> {
    if viewer.actor.widest(Action::SeePay) != Some(Reach::All) {
        return Err(Problem::refused("not_allowed"));
    }
    let (month, people) = people(view, viewer, draft)?;
    let (drafts, plans) = ([always(draft)], view.plan_list()?);
    let mut best: Option<Example> = None;
    for person in people.into_iter().filter(|id| person_id.is_none_or(|chosen| chosen == id)) {
        let Some(payee) = view.payee(&drafts, &person, month)? else { continue };
        let Ok(after) = payout(&payee.plan, &payee.inputs) else { continue };
        let before = match view.frozen_payout(&person, month)? {
            Some(frozen) => Some(frozen.payout),
            None => match view.payee(&plans, &person, month)? {
                Some(payee) => payout(&payee.plan, &payee.inputs).ok(),
                None => None,
            },
        };
        let paid = |one: &Example| one.before.as_ref().or(Some(&one.after)).and_then(|p| p.amount).map(|m| m.minor);
        let one = Example { person_id: person, month, before, after };
        if best.as_ref().is_none_or(|there| paid(&one) > paid(there)) {
            best = Some(one);
        }
    }
    Ok(best)
}
