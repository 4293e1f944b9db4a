//! Deciding changes of goals: who may publish what, proposals, versions, acknowledgement, seats.
//!
//! Owns: publishing a wish with its versions; the agreement of those above. Absent on purpose: what a wish does (`goal/wish.rs`).

use super::{Change, Now, Rejection, check_text};
use crate::access::{Action, Actor, Subject};
use crate::goal::agreement::{Proposal, ProposalState, ProposalStep};
use crate::goal::version::{Acknowledged, GoalVersion, Stood};
use crate::goal::wish::{Cells, Destination, Outcome, Reassign, Wish, outcome};
use crate::goal::{Adjustment, Goal, GoalError, GoalTree, Owner};
use crate::metric::Metric;
use crate::org::Seat;
use crate::period::Month;
use crate::read::Read;

/// The tree a wish looks at and the goals it would change: what a preview shows and a decision saves.
pub fn adjusted(
    read: &dyn Read,
    actor: &Actor,
    wish: &Adjustment,
    now: &Now,
) -> Result<(GoalTree, Vec<Goal>), Rejection> {
    let found = outcome(read, &Wish::Adjust(wish.clone()))?;
    may_edit_goal(read, actor, &goal_of(read, &wish.goal_id)?, now)?;
    Ok((found.before, found.after))
}

fn goal_of(read: &dyn Read, goal_id: &str) -> Result<Goal, Rejection> {
    read.goal(goal_id)?.ok_or_else(|| Rejection::NotFound { noun: "goal", id: goal_id.to_string() })
}

/// The units whose managers set a goal, nearest first: of a unit's goal those above it, of a person's or seat's the unit
/// whose goal it serves and all above that. One without a goal above is set where its owner is.
pub fn goal_chain(read: &dyn Read, goal: &Goal, now: &Now) -> Result<Vec<String>, Rejection> {
    if let Owner::Unit(id) = &goal.owner {
        return Ok(read.unit_chain(id, now.today)?.into_iter().skip(1).collect());
    }
    if let Some(parent_id) = &goal.parent_id
        && let Some(Goal { owner: Owner::Unit(unit_id), .. }) = read.goal(parent_id)?
    {
        return Ok(read.unit_chain(&unit_id, now.today)?);
    }
    Ok(match &goal.owner {
        Owner::Seat(id) => match read.seat(id)? {
            Some(seat) => read.unit_chain(&seat.unit_id, now.today)?,
            None => Vec::new(),
        },
        Owner::Person(id) | Owner::Unit(id) => read.units_of(id, now.today)?,
    })
}

/// Publishing a goal needs the role above it: a manager sets what is below the own unit, not the unit's own goal.
pub fn may_edit_goal(read: &dyn Read, actor: &Actor, goal: &Goal, now: &Now) -> Result<(), Rejection> {
    let chain = goal_chain(read, goal, now)?;
    let subject = match &goal.owner {
        Owner::Person(id) => Subject::Person { id, unit_ids: &chain },
        Owner::Unit(_) | Owner::Seat(_) => Subject::Unit { unit_ids: &chain },
    };
    if actor.may(Action::EditGoals, subject) { Ok(()) } else { Err(Rejection::Forbidden) }
}

fn may_edit_each(read: &dyn Read, actor: &Actor, wish: &Cells, now: &Now) -> Result<(), Rejection> {
    let mut goals: Vec<&str> = wish.cells.iter().map(|cell| cell.goal_id.as_str()).collect();
    goals.sort_unstable();
    goals.dedup();
    goals.into_iter().try_for_each(|id| may_edit_goal(read, actor, &goal_of(read, id)?, now))
}

/// Whether one may set what is below a goal: those who own it, or stand above.
pub fn may_divide_goal(read: &dyn Read, actor: &Actor, goal: &Goal, now: &Now) -> Result<(), Rejection> {
    let Owner::Unit(id) = &goal.owner else { return may_edit_goal(read, actor, goal, now) };
    let chain = read.unit_chain(id, now.today)?;
    let allowed = actor.may(Action::EditGoals, Subject::Unit { unit_ids: &chain });
    if allowed { Ok(()) } else { Err(Rejection::Forbidden) }
}

/// Whether an actor may publish a wish as it comes out, and whether only by the freedom within a team.
///
/// Errors: not theirs to change; beyond the freedom, so that it needs those above.
pub fn may_publish(read: &dyn Read, actor: &Actor, wish: &Wish, now: &Now) -> Result<bool, Rejection> {
    let goal = goal_of(read, wish.goal_id())?;
    match wish {
        Wish::Adjust(_) | Wish::Profile(_) => may_edit_goal(read, actor, &goal, now)?,
        Wish::Cells(wish) => may_edit_each(read, actor, wish, now)?,
        Wish::Allocate(_) => may_divide_goal(read, actor, &goal, now)?,
        Wish::Reassign(wish) => {
            may_edit_goal(read, actor, &goal, now)?;
            if let Some(parent_id) = &wish.takes {
                may_divide_goal(read, actor, &goal_of(read, parent_id)?, now)?;
            }
        }
        Wish::Shift(shift) => {
            may_edit_goal(read, actor, &goal, now)?;
            let to = goal_of(read, &shift.to_id)?;
            may_edit_goal(read, actor, &to, now)?;
            let parent = goal_of(read, goal.parent_id.as_deref().unwrap_or_default())?;
            if may_edit_goal(read, actor, &parent, now).is_ok() {
                return Ok(false);
            }
            let percent = read.goal_freedom()?;
            let month = shift.month.month as usize - 1;
            let people = [&goal, &to].iter().all(|g| !matches!(g.owner, Owner::Unit(_)));
            let free = goal.is_free(month, -shift.amount, percent) && to.is_free(month, shift.amount, percent);
            if !people || !free {
                return Err(Rejection::NeedsApproval { percent, goal_id: goal.id });
            }
            return Ok(true);
        }
    }
    Ok(false)
}

/// The unit whose manager decides about a wish that its author may not publish; `None` at the top.
pub fn approver_of(read: &dyn Read, actor: &Actor, wish: &Wish, now: &Now) -> Result<Option<String>, Rejection> {
    let mut goal = goal_of(read, wish.goal_id())?;
    if let (Wish::Shift(_), Some(parent_id)) = (wish, &goal.parent_id) {
        goal = goal_of(read, parent_id)?;
    }
    let mut chain = goal_chain(read, &goal, now)?;
    // Nobody decides about their own proposal: it goes on to whoever is above.
    let own = actor.units(Action::EditGoals);
    while chain.first().is_some_and(|unit| own.contains(unit.as_str())) {
        chain.remove(0);
    }
    Ok(chain.into_iter().next())
}

fn check_seen(found: &Outcome, seen: Option<&str>) -> Result<(), Rejection> {
    let digest = found.digest();
    match seen {
        Some(seen) if seen != digest => Err(Rejection::PreviewChanged { digest }),
        _ => Ok(()),
    }
}

pub(super) fn publish(
    read: &dyn Read,
    actor: &Actor,
    wish: &Wish,
    why: Option<&str>,
    seen: Option<&str>,
    now: &Now,
) -> Result<Vec<Change>, Rejection> {
    if let Some(why) = why {
        check_text(why)?;
    }
    // Not theirs is said before what would come of it.
    may_touch(read, actor, wish, now)?;
    let found = outcome(read, wish)?;
    let free = may_publish(read, actor, wish, now)?;
    check_seen(&found, seen)?;
    Ok(published(found, wish, free, &actor.person_id, why, now))
}

/// Whether a wish is about what an actor may change, or propose to change, at all.
fn may_touch(read: &dyn Read, actor: &Actor, wish: &Wish, now: &Now) -> Result<(), Rejection> {
    let goal = goal_of(read, wish.goal_id())?;
    match wish {
        Wish::Allocate(_) => may_divide_goal(read, actor, &goal, now),
        Wish::Cells(wish) => may_edit_each(read, actor, wish, now),
        _ => may_edit_goal(read, actor, &goal, now),
    }
}

/// The rows of a wish that is published: each goal with its next version.
fn published(found: Outcome, wish: &Wish, free: bool, by_id: &str, why: Option<&str>, now: &Now) -> Vec<Change> {
    let index: std::collections::BTreeMap<&str, &Goal> =
        found.before.goals.iter().map(|g| (g.id.as_str(), g)).collect();
    let mut changes = Vec::with_capacity(found.after.len() * 2);
    for mut goal in found.after {
        let before = index.get(goal.id.as_str()).copied();
        if let (true, Wish::Shift(shift), Some(before)) = (free, wish, before) {
            let month = shift.month.month as usize - 1;
            let more = goal.months[month] - before.months[month];
            goal.shifted = before.shifted;
            goal.shift_freely(month, more);
        }
        let cause_id = (!matches!(wish, Wish::Cells(_))).then(|| wish.goal_id());
        let act = Act { name: wish.act(), cause_id, why, by_id };
        changes.extend(versioned(before, goal, &act, now));
    }
    changes
}

/// What a version says of the change.
struct Act<'a> {
    name: &'a str,
    cause_id: Option<&'a str>,
    why: Option<&'a str>,
    by_id: &'a str,
}

/// A goal's row, numbered on, and the version that tells of it.
fn versioned(before: Option<&Goal>, mut goal: Goal, act: &Act, now: &Now) -> [Change; 2] {
    goal.version = before.map_or(0, |g| g.version) + 1;
    let version = GoalVersion {
        goal_id: goal.id.clone(),
        version: goal.version,
        metric: goal.metric,
        year: goal.year,
        at: now.at.clone(),
        by_id: act.by_id.to_owned(),
        act: act.name.to_owned(),
        cause_id: act.cause_id.filter(|id| *id != goal.id).map(str::to_owned),
        why: act.why.map(str::to_owned),
        before: before.map(Stood::of),
        after: Some(Stood::of(&goal)),
    };
    [
        Change::Goal { id: goal.id.clone(), to: Some(goal) },
        Change::GoalVersion { goal_id: version.goal_id.clone(), version: version.version, to: Some(version) },
    ]
}

/// A goal that a file brought in, with the version that tells of it.
pub fn imported(before: Option<&Goal>, goal: Goal, by_id: &str, now: &Now) -> [Change; 2] {
    versioned(before, goal, &Act { name: "import_batch", cause_id: None, why: None, by_id }, now)
}

pub(super) fn lock(
    read: &dyn Read,
    actor: &Actor,
    goal_id: &str,
    locked: bool,
    now: &Now,
) -> Result<Vec<Change>, Rejection> {
    let before = goal_of(read, goal_id)?;
    may_edit_goal(read, actor, &before, now)?;
    if before.locked == locked {
        return Ok(Vec::new());
    }
    let goal = Goal { locked, ..before.clone() };
    let act = Act { name: "lock_goal", cause_id: None, why: None, by_id: &actor.person_id };
    Ok(versioned(Some(&before), goal, &act, now).into())
}

pub(super) fn propose(
    read: &dyn Read,
    actor: &Actor,
    proposal_id: &str,
    wish: &Wish,
    comment: &str,
    seen: Option<&str>,
    now: &Now,
) -> Result<Vec<Change>, Rejection> {
    check_text(comment)?;
    may_propose(read, actor, wish, now)?;
    let earlier = read.proposal(proposal_id)?;
    if let Some(earlier) = &earlier {
        if earlier.author_id != actor.person_id {
            return Err(Rejection::Forbidden);
        }
        if matches!(earlier.state, ProposalState::Approved | ProposalState::Withdrawn) {
            return Err(settled(earlier));
        }
    }
    check_seen(&outcome(read, wish)?, seen)?;
    let unit_id = approver_of(read, actor, wish, now)?;
    let mut steps = earlier.map(|p| p.steps).unwrap_or_default();
    steps.push(step(actor, ProposalState::Open, comment, now));
    Ok(vec![put(Proposal {
        id: proposal_id.to_owned(),
        author_id: actor.person_id.clone(),
        wish: wish.clone(),
        unit_id,
        state: ProposalState::Open,
        steps,
    })])
}

/// Those who manage the unit whose goal it is, or that the goal serves, may propose.
fn may_propose(read: &dyn Read, actor: &Actor, wish: &Wish, now: &Now) -> Result<(), Rejection> {
    let goal = goal_of(read, wish.goal_id())?;
    if let Wish::Cells(wish) = wish {
        return may_edit_each(read, actor, wish, now);
    }
    if may_edit_goal(read, actor, &goal, now).is_ok() {
        return Ok(());
    }
    match &goal.owner {
        Owner::Unit(_) => may_divide_goal(read, actor, &goal, now),
        Owner::Person(_) | Owner::Seat(_) => Err(Rejection::Forbidden),
    }
}

fn settled(proposal: &Proposal) -> Rejection {
    Rejection::ProposalSettled { id: proposal.id.clone(), state: proposal.state.name() }
}

fn step(actor: &Actor, state: ProposalState, comment: &str, now: &Now) -> ProposalStep {
    ProposalStep { at: now.at.clone(), by_id: actor.person_id.clone(), state, comment: comment.to_owned() }
}

fn put(proposal: Proposal) -> Change {
    Change::Proposal { id: proposal.id.clone(), to: Some(proposal) }
}

/// An open proposal that waits for somebody; `NotFound` for one that is not there.
fn open(read: &dyn Read, proposal_id: &str) -> Result<Proposal, Rejection> {
    let missing = || Rejection::NotFound { noun: "proposal", id: proposal_id.to_owned() };
    let proposal = read.proposal(proposal_id)?.ok_or_else(missing)?;
    if proposal.state == ProposalState::Open { Ok(proposal) } else { Err(settled(&proposal)) }
}

/// Whether an actor stands where a proposal is decided; never its author.
fn may_decide(read: &dyn Read, actor: &Actor, proposal: &Proposal, now: &Now) -> Result<(), Rejection> {
    let chain = match &proposal.unit_id {
        Some(unit_id) => read.unit_chain(unit_id, now.today)?,
        None => Vec::new(),
    };
    let above = actor.may(Action::EditGoals, Subject::Unit { unit_ids: &chain });
    if above && actor.person_id != proposal.author_id { Ok(()) } else { Err(Rejection::Forbidden) }
}

pub(super) fn approve(
    read: &dyn Read,
    actor: &Actor,
    proposal_id: &str,
    comment: &str,
    seen: Option<&str>,
    now: &Now,
) -> Result<Vec<Change>, Rejection> {
    let mut proposal = open(read, proposal_id)?;
    may_decide(read, actor, &proposal, now)?;
    if !comment.is_empty() {
        check_text(comment)?;
    }
    let found = outcome(read, &proposal.wish)?;
    may_publish(read, actor, &proposal.wish, now)?;
    check_seen(&found, seen)?;
    let why = proposal.steps.last().map(|step| step.comment.clone());
    let mut changes = published(found, &proposal.wish, false, &actor.person_id, why.as_deref(), now);
    proposal.state = ProposalState::Approved;
    proposal.steps.push(step(actor, ProposalState::Approved, comment, now));
    changes.push(put(proposal));
    Ok(changes)
}

pub(super) fn send_back(
    read: &dyn Read,
    actor: &Actor,
    proposal_id: &str,
    comment: &str,
    now: &Now,
) -> Result<Vec<Change>, Rejection> {
    let mut proposal = open(read, proposal_id)?;
    may_decide(read, actor, &proposal, now)?;
    check_text(comment)?;
    proposal.state = ProposalState::SentBack;
    proposal.steps.push(step(actor, ProposalState::SentBack, comment, now));
    Ok(vec![put(proposal)])
}

pub(super) fn withdraw(read: &dyn Read, actor: &Actor, proposal_id: &str, now: &Now) -> Result<Vec<Change>, Rejection> {
    let missing = || Rejection::NotFound { noun: "proposal", id: proposal_id.to_owned() };
    let mut proposal = read.proposal(proposal_id)?.ok_or_else(missing)?;
    if proposal.author_id != actor.person_id {
        return Err(Rejection::Forbidden);
    }
    if matches!(proposal.state, ProposalState::Approved | ProposalState::Withdrawn) {
        return Err(settled(&proposal));
    }
    proposal.state = ProposalState::Withdrawn;
    proposal.steps.push(step(actor, ProposalState::Withdrawn, "", now));
    Ok(vec![put(proposal)])
}

pub(super) fn acknowledge(
    read: &dyn Read,
    actor: &Actor,
    goal_id: &str,
    version: u32,
    now: &Now,
) -> Result<Vec<Change>, Rejection> {
    let goal = goal_of(read, goal_id)?;
    if goal.owner != Owner::Person(actor.person_id.clone()) {
        return Err(Rejection::Forbidden);
    }
    // What one has seen may be older than what is there by now; it is never newer.
    let version = version.min(goal.version);
    if read.acknowledged(goal_id, &actor.person_id)?.is_some_and(|before| before.version >= version) {
        return Ok(Vec::new());
    }
    let to = Some(Acknowledged { version, at: now.at.clone() });
    Ok(vec![Change::Acknowledgement { goal_id: goal_id.to_owned(), person_id: actor.person_id.clone(), to }])
}

/// Those who set the goals of a unit make its seats.
pub(super) fn put_seat(
    read: &dyn Read,
    actor: &Actor,
    seat_id: &str,
    seat: Option<&Seat>,
    now: &Now,
) -> Result<Vec<Change>, Rejection> {
    let before = read.seat(seat_id)?;
    for unit_id in [before.as_ref().map(|s| &s.unit_id), seat.map(|s| &s.unit_id)].into_iter().flatten() {
        let chain = read.unit_chain(unit_id, now.today)?;
        if chain.is_empty() {
            return Err(Rejection::NotFound { noun: "unit", id: unit_id.clone() });
        }
        if !actor.may(Action::EditGoals, Subject::Unit { unit_ids: &chain }) {
            return Err(Rejection::Forbidden);
        }
    }
    let Some(seat) = seat else {
        return match before {
            Some(_) => Ok(vec![Change::Seat { id: seat_id.to_owned(), to: None }]),
            None => Err(Rejection::NotFound { noun: "seat", id: seat_id.to_owned() }),
        };
    };
    check_text(&seat.name)?;
    if let Some(person_id) = &seat.person_id
        && !read.person_exists(person_id)?
    {
        return Err(Rejection::NotFound { noun: "person", id: person_id.clone() });
    }
    let person_like = read.person_exists(seat_id)? || !read.unit_chain(seat_id, now.today)?.is_empty();
    if seat.id != seat_id || person_like || !super::is_name(seat_id) {
        return Err(Rejection::IdTaken { id: seat_id.to_owned() });
    }
    Ok(vec![Change::Seat { id: seat_id.to_owned(), to: Some(seat.clone()) }])
}

pub(super) fn fill_seat(
    read: &dyn Read,
    actor: &Actor,
    seat_id: &str,
    person_id: &str,
    from: Month,
    ramp: Option<&String>,
    now: &Now,
) -> Result<Vec<Change>, Rejection> {
    let missing = || Rejection::NotFound { noun: "seat", id: seat_id.to_owned() };
    let seat = read.seat(seat_id)?.ok_or_else(missing)?;
    if let Some(person_id) = seat.person_id {
        return Err(Rejection::SeatTaken { seat_id: seat_id.to_owned(), person_id });
    }
    let owner = Owner::Person(person_id.to_owned());
    let mut changes =
        put_seat(read, actor, seat_id, Some(&Seat { person_id: Some(person_id.to_owned()), ..seat }), now)?;
    for goal in read.goals_carried(&Owner::Seat(seat_id.to_owned()), from.year)? {
        let to = Destination::Owner { owner: owner.clone(), ramp: ramp.cloned() };
        let wish = Wish::Reassign(Reassign { goal_id: goal.id, from, to, takes: None });
        match outcome(read, &wish) {
            Ok(found) => changes.extend(published(found, &wish, false, &actor.person_id, None, now)),
            Err(Rejection::Goal(GoalError::NothingToMove { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(changes)
}

pub(super) fn start_from_last_year(
    read: &dyn Read,
    actor: &Actor,
    year: i32,
    now: &Now,
) -> Result<Vec<Change>, Rejection> {
    if !actor.may(Action::EditGoals, Subject::Company) {
        return Err(Rejection::Forbidden);
    }
    if !read.goals_of_year(Metric::SalesAmount, year)?.is_empty() {
        return Err(Rejection::YearHasGoals { year });
    }
    let actuals = read.owner_actuals(year - 1)?;
    let short = |y: i32| format!("{:02}", y.rem_euclid(100));
    let id_of = |owner: &Owner| format!("g{}-{}", short(year), owner.id());
    let mut changes = Vec::new();
    let last = read.goals_of_year(Metric::SalesAmount, year - 1)?;
    let act = Act { name: "start_goals", cause_id: None, why: None, by_id: &actor.person_id };
    for (owner, months) in actuals {
        if months.iter().all(|m| *m == 0) {
            continue;
        }
        let parent_id = last
            .iter()
            .find(|g| g.owner == owner)
            .and_then(|g| g.parent_id.as_ref())
            .and_then(|p| last.iter().find(|g| g.id == *p))
            .map(|p| id_of(&p.owner));
        let mut goal = Goal::new(id_of(&owner), parent_id, owner, Metric::SalesAmount, year);
        goal.months = months.map(|m| m.max(0));
        changes.extend(versioned(None, goal, &act, now));
    }
    if changes.is_empty() { Err(Rejection::NothingToStartFrom { year: year - 1 }) } else { Ok(changes) }
}
