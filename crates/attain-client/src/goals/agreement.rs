//! Proposals that wait, and changes of goals that those who carry them have yet to take note of.
//!
//! Owns: which of them are a viewer's. Absent on purpose: deciding and saving (`Workspace::mutate`).

use std::collections::BTreeMap;

use attain_domain::access::{Action, Subject};
use attain_domain::goal::agreement::{Proposal, ProposalState};
use attain_domain::goal::version::{Acknowledged, GoalVersion};
use attain_domain::goal::{Goal, Owner};
use attain_store::connection::View;

use super::visible;
use crate::problem::{Problem, Result};
use crate::scope;
use crate::workspace::Viewer;

/// A proposal in sight.
pub struct Proposed {
    pub proposal: Proposal,
    /// Waits for the viewer to decide.
    pub mine_to_decide: bool,
    /// The viewer's own.
    pub mine: bool,
}

fn proposed(view: View, viewer: &Viewer, proposal: Proposal) -> Result<Option<Proposed>> {
    let chain = proposal.unit_id.as_deref().map(|unit| view.chain_of(unit)).transpose()?.unwrap_or_default();
    let above = viewer.actor.may(Action::EditGoals, Subject::Unit { unit_ids: &chain });
    let mine = proposal.author_id == viewer.id();
    let mine_to_decide = above && !mine && proposal.state == ProposalState::Open;
    Ok((mine || above).then_some(Proposed { proposal, mine_to_decide, mine }))
}

/// Proposals of the viewer and those they decide, the latest first.
pub fn proposals(view: View, viewer: &Viewer) -> Result<Vec<Proposed>> {
    let mut list = Vec::new();
    for proposal in view.proposals()? {
        list.extend(proposed(view, viewer, proposal)?);
    }
    let last = |p: &Proposed| p.proposal.steps.last().map(|step| step.at.clone());
    list.sort_by(|a, b| last(b).cmp(&last(a)).then_with(|| a.proposal.id.cmp(&b.proposal.id)));
    Ok(list)
}

pub fn proposal(view: View, viewer: &Viewer, id: &str) -> Result<Proposed> {
    let found = view.proposal_row(id)?.map(|p| proposed(view, viewer, p)).transpose()?.flatten();
    found.ok_or_else(|| Problem::not_found().with("noun", "proposal").with("id", id))
}

/// A goal whose latest change its owner has not taken note of.
pub struct Unacknowledged {
    pub goal: Goal,
    pub person_id: String,
    /// The changes since, oldest first.
    pub changes: Vec<GoalVersion>,
    pub last: Option<Acknowledged>,
}

fn unacknowledged_of(view: View, goal: Goal) -> Result<Option<Unacknowledged>> {
    let Owner::Person(person_id) = &goal.owner else { return Ok(None) };
    let person_id = person_id.clone();
    let last = view.acknowledgement(&goal.id, &person_id)?;
    let seen = last.as_ref().map_or(0, |last| last.version);
    let mut changes = view.goal_versions(&goal.id)?;
    changes.retain(|version| version.version > seen && version.concerns(&person_id));
    // What was moved and moved back before anybody looked leaves nothing to take note of.
    let moved = match (changes.first(), changes.last()) {
        (Some(first), Some(_)) => first.before.as_ref().map(|s| s.months) != Some(goal.months),
        _ => false,
    };
    Ok(moved.then_some(Unacknowledged { goal, person_id, changes, last }))
}

/// The viewer's own goals of a year that changed and that they have yet to acknowledge.
pub fn to_acknowledge(view: View, viewer: &Viewer, year: i32) -> Result<Vec<Unacknowledged>> {
    let mut list = Vec::new();
    for goal in view.goals_of_owner(viewer.id(), year)? {
        list.extend(unacknowledged_of(view, goal)?);
    }
    Ok(list)
}

/// What the people of a unit, or of all units of the viewer, have yet to acknowledge, by person.
pub fn unacknowledged(view: View, viewer: &Viewer, unit_id: Option<&str>, year: i32) -> Result<Vec<Unacknowledged>> {
    let units = scope::resolve_unit(view, viewer, unit_id.unwrap_or(scope::MINE))?;
    let mut list: BTreeMap<(String, String), Unacknowledged> = BTreeMap::new();
    for unit in units {
        for person in view.people_of_unit(&unit, viewer.today)? {
            for goal in view.goals_of_owner(&person.id, year)? {
                if visible(view, viewer, &goal)?
                    && let Some(open) = unacknowledged_of(view, goal)?
                {
                    list.insert((open.person_id.clone(), open.goal.id.clone()), open);
                }
            }
        }
    }
    Ok(list.into_values().collect())
}
