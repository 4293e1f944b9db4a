//! Goals whose owner is not where the goal is any more: who left, moved to another unit, or whose unit closed.
//!
//! Owns: finding them, from which month, and where the open months could go. Absent on purpose: moving them (a `Wish`).

use attain_domain::goal::{Goal, MonthSet, Owner};
use attain_domain::metric::{Metric, RollUp};
use attain_domain::mutation::{Now, may_edit_goal};
use attain_domain::period::{FiscalCalendar, Month};
use attain_domain::read::Read;
use attain_store::connection::View;
use chrono::{Days, NaiveDate};

use super::visible;
use crate::problem::Result;
use crate::workspace::Viewer;

/// Why a goal has lost its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    Left,
    /// To another unit, and the goal of the same metric and year there, if it has one.
    Moved {
        unit_id: String,
        goal_id: Option<String>,
    },
    /// A unit that nobody is in any more.
    Closed,
    /// The seat is not there, or somebody sits in it.
    SeatGone {
        person_id: Option<String>,
    },
}

/// A goal to be placed anew.
pub struct Unplaced {
    pub goal: Goal,
    pub cause: Cause,
    /// The first whole month after the owner went.
    pub from: Month,
    /// What the open months from then on carry.
    pub carried: i64,
    /// Vacant seats of the unit, which could take it.
    pub seats: Vec<String>,
    pub editable: bool,
}

/// Goals of a year in sight whose owner is not in the unit that they serve, as far as open months still carry something.
pub fn unplaced(view: View, viewer: &Viewer, metric: Metric, year: i32) -> Result<Vec<Unplaced>> {
    let tree = view.goal_tree(metric, year)?;
    let closed = Read::closed_months(&view)?;
    let now = Now { today: viewer.today, at: String::new() };
    let mut list = Vec::new();
    if metric.roll_up() != RollUp::Sum {
        return Ok(list);
    }
    for (above, children) in tree.children.iter().enumerate() {
        let Owner::Unit(unit_id) = &tree.goals[above].owner else { continue };
        for child in children {
            let goal = &tree.goals[*child];
            let Some((cause, from)) = gone(view, viewer, goal, unit_id, &tree.goals)? else { continue };
            let open = MonthSet::open(year, from, &closed);
            let carried: i64 = open.indices().map(|m| goal.months[m]).sum();
            if carried == 0 || !visible(view, viewer, goal)? {
                continue;
            }
            let seats = view.vacant_seats(unit_id, viewer.today)?.into_iter().map(|seat| seat.id).collect();
            let editable = may_edit_goal(&view, &viewer.actor, goal, &now).is_ok();
            list.push(Unplaced { goal: goal.clone(), cause, from, carried, seats, editable });
        }
    }
    Ok(list)
}

fn gone(view: View, viewer: &Viewer, goal: &Goal, unit_id: &str, goals: &[Goal]) -> Result<Option<(Cause, Month)>> {
    let fiscal = view.fiscal()?;
    let running = fiscal.month_of(viewer.today);
    let not_before = |month: Month| month.max(Month { year: goal.year, month: 1 });
    match &goal.owner {
        Owner::Unit(id) => {
            Ok(view.deserted_on(id, viewer.today)?.map(|last| (Cause::Closed, not_before(after(fiscal, last)))))
        }
        Owner::Seat(id) => Ok(match view.seat_row(id)? {
            Some(seat) if seat.person_id.is_none() && seat.to.is_none_or(|last| last >= viewer.today) => None,
            seat => Some((Cause::SeatGone { person_id: seat.and_then(|s| s.person_id) }, not_before(running))),
        }),
        Owner::Person(id) => {
            let Some(person) = view.person_record(id)? else { return Ok(None) };
            let here = |a: &&attain_domain::org::Assignment| a.unit_id == unit_id;
            let ends = person
                .assignments
                .iter()
                .filter(here)
                .map(|a| a.to)
                .max_by_key(|to| to.unwrap_or(chrono::NaiveDate::MAX));
            // Still here, or not yet; one who was never here carries the goal by somebody's choice.
            let Some(Some(last)) = ends else { return Ok(None) };
            if last >= viewer.today {
                return Ok(None);
            }
            let from = not_before(after(fiscal, last));
            let cause = match view.main_unit(id, viewer.today)? {
                None => Cause::Left,
                Some(unit_id) => {
                    let there = |g: &&Goal| g.owner == Owner::Unit(unit_id.clone());
                    let goal_id = goals.iter().find(there).map(|g| g.id.clone());
                    Cause::Moved { unit_id, goal_id }
                }
            };
            Ok(Some((cause, from)))
        }
    }
}

/// The first month that begins after a day: one that was begun in a place is finished there.
fn after(fiscal: FiscalCalendar, last: NaiveDate) -> Month {
    let next = last + Days::new(1);
    let month = fiscal.month_of(next);
    if fiscal.month_start(month) == next { month } else { month.plus(1) }
}
