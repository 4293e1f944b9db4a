//! What a person can wish of a tree of goals, and what each wish would do. A preview, a publication and a proposal are the
//! same wish: worked out, saved, or laid before those above.
//!
//! Owns: [`Wish`], [`Outcome`]. Absent on purpose: who may publish which (`mutation/goals.rs`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::allocate::{Allocation, allocate, claimed_id};
use super::profile::Shape;
use super::{
    Adjustment, Goal, GoalError, GoalTree, MonthSet, Owner, Reading, cascade, pass_on, preview_digest, spread_months,
};
use crate::allocation::divide;
use crate::metric::RollUp;
use crate::money::round_half_away;
use crate::mutation::Rejection;
use crate::period::Month;
use crate::read::Read;

/// A change of goals as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum Wish {
    Adjust(Adjustment),
    Cells(Cells),
    Allocate(Allocation),
    Profile(Reprofile),
    Shift(Shift),
    Reassign(Reassign),
}

impl Wish {
    /// The word for it in versions, journals and messages.
    pub fn act(&self) -> &'static str {
        match self {
            Wish::Adjust(_) | Wish::Cells(_) => "adjust_goal",
            Wish::Allocate(_) => "allocate_goal",
            Wish::Profile(_) => "profile_goal",
            Wish::Shift(_) => "shift_goal",
            Wish::Reassign(_) => "reassign_goal",
        }
    }

    /// Whether it could still move goals of a month.
    pub fn moves(&self, month: Month) -> bool {
        let from = |from: Month| from.year == month.year && from <= month;
        let adjusts = |wish: &Adjustment| match wish.reading {
            Reading::Month(of) => of == month,
            Reading::YearTotal | Reading::RemainingShare => from(wish.from),
        };
        match self {
            Wish::Adjust(wish) => adjusts(wish),
            Wish::Cells(wish) => wish.cells.iter().any(adjusts),
            Wish::Allocate(wish) => from(wish.from),
            Wish::Profile(wish) => from(wish.from),
            Wish::Shift(wish) => wish.month == month,
            Wish::Reassign(wish) => from(wish.from),
        }
    }

    /// The goal it is about; of a shift the one that gives, of several figures the first.
    pub fn goal_id(&self) -> &str {
        match self {
            Wish::Adjust(wish) => &wish.goal_id,
            Wish::Cells(wish) => wish.cells.first().map_or("", |cell| &cell.goal_id),
            Wish::Allocate(wish) => &wish.goal_id,
            Wish::Profile(wish) => &wish.goal_id,
            Wish::Shift(wish) => &wish.from_id,
            Wish::Reassign(wish) => &wish.goal_id,
        }
    }
}

/// Several figures at once, as a block typed into a table: all of them hold, or none is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cells {
    pub cells: Vec<Adjustment>,
}

/// Lays a goal's open months out anew by a named profile; its total stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reprofile {
    pub goal_id: String,
    pub profile: String,
    pub from: Month,
    /// Every goal below it too.
    pub below: bool,
}

/// Moves an amount of one month between two goals below the same one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    pub from_id: String,
    pub to_id: String,
    /// In the metric's smallest step.
    pub amount: i64,
    pub month: Month,
}

/// Takes the open months off a goal whose owner moves, leaves or closes, or whose seat is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reassign {
    pub goal_id: String,
    pub from: Month,
    pub to: Destination,
    /// The goal above in the unit that the owner moves to: there they carry the same months.
    pub takes: Option<String>,
}

/// Where open months go that nobody carries any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Back to the goal above.
    Reserve,
    /// To those below the same goal, as far as they are not locked, in proportion to what they carry.
    Siblings,
    /// To one person or seat of the unit; a newcomer by a ramp, the rest stays with the goal above.
    Owner { owner: Owner, ramp: Option<String> },
}

/// What a wish would do.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The goals that were looked at, as they are.
    pub before: GoalTree,
    /// Those that change, as they would be, in tree order; new ones too.
    pub after: Vec<Goal>,
}

impl Outcome {
    pub fn digest(&self) -> String {
        preview_digest(&self.before, &self.after)
    }

    pub fn before_of(&self, goal_id: &str) -> Option<&Goal> {
        self.before.goals.iter().find(|g| g.id == goal_id)
    }
}

/// Works a wish out on the goals as they are.
///
/// Errors: no such goal; what stands in the way, by name and by how much.
pub fn outcome(read: &dyn Read, wish: &Wish) -> Result<Outcome, Rejection> {
    match wish {
        Wish::Adjust(adjustment) => {
            let before = GoalTree::new(subtree(read, &adjustment.goal_id)?)?;
            let after = cascade(&before, adjustment, &read.closed_months()?)?;
            Ok(Outcome { before, after })
        }
        Wish::Cells(wish) => cells(read, wish),
        Wish::Allocate(allocation) => allocate(read, allocation),
        Wish::Profile(wish) => reprofile(read, wish),
        Wish::Shift(wish) => shift(read, wish),
        Wish::Reassign(wish) => reassign(read, wish),
    }
}

/// A goal and all below it.
pub(super) fn subtree(read: &dyn Read, goal_id: &str) -> Result<Vec<Goal>, Rejection> {
    let goals = read.goal_subtree(goal_id)?;
    match goals.iter().any(|g| g.id == goal_id) {
        true => Ok(goals),
        false => Err(Rejection::NotFound { noun: "goal", id: goal_id.to_owned() }),
    }
}

/// Goals on which a wish is worked out step by step.
pub(super) struct Draft {
    before: Vec<Goal>,
    pub tree: GoalTree,
}

impl Draft {
    pub fn new(goals: Vec<Goal>) -> Result<Draft, GoalError> {
        Ok(Draft { before: goals.clone(), tree: GoalTree::new(goals)? })
    }

    pub fn at(&self, goal_id: &str) -> Result<usize, GoalError> {
        let missing = || GoalError::GoalNotFound { goal_id: goal_id.to_owned() };
        self.tree.goals.iter().position(|g| g.id == goal_id).ok_or_else(missing)
    }

    pub fn goal(&self, node: usize) -> &Goal {
        &self.tree.goals[node]
    }

    /// Adds a goal; its place among the others follows from its parent.
    pub fn add(&mut self, goal: Goal) -> Result<usize, GoalError> {
        let mut goals = std::mem::take(&mut self.tree.goals);
        goals.push(goal);
        self.tree = GoalTree::new(goals)?;
        Ok(self.tree.goals.len() - 1)
    }

    pub fn set(&mut self, node: usize, goal: Goal) {
        self.tree.goals[node] = goal;
    }

    /// Gives a goal's open months a new total, and what is below it its part.
    pub fn carry(&mut self, node: usize, total: i64, open: MonthSet) -> Result<(), GoalError> {
        for goal in pass_on(&self.tree, node, total, open, true)? {
            let at = self.at(&goal.id)?;
            self.set(at, goal);
        }
        Ok(())
    }

    /// The goals that differ from what they were, in tree order. A share kept for later is no difference by itself.
    pub fn finish(self) -> Result<Outcome, GoalError> {
        let before = GoalTree::new(self.before)?;
        let was: BTreeMap<&str, &Goal> = before.goals.iter().map(|g| (g.id.as_str(), g)).collect();
        let order = self.tree.roots.iter().flat_map(|root| self.tree.subtree(*root));
        let mut after = Vec::new();
        for node in order {
            let mut goal = self.tree.goals[node].clone();
            match was.get(goal.id.as_str()) {
                Some(was) if Goal { weight: goal.weight, ..(*was).clone() } == goal => continue,
                Some(was) => goal.agree(&was.months),
                None => {}
            }
            after.push(goal);
        }
        Ok(Outcome { before, after })
    }
}

/// What is above goes first, and a year before its months: so each figure that was given is the one that stands.
fn cells(read: &dyn Read, wish: &Cells) -> Result<Outcome, Rejection> {
    let mut goals: BTreeMap<String, Goal> = BTreeMap::new();
    for cell in &wish.cells {
        if !goals.contains_key(&cell.goal_id) {
            goals.extend(subtree(read, &cell.goal_id)?.into_iter().map(|goal| (goal.id.clone(), goal)));
        }
    }
    let mut draft = Draft::new(goals.into_values().collect())?;
    let mut place = vec![0; draft.tree.goals.len()];
    let order = draft.tree.roots.iter().flat_map(|root| draft.tree.subtree(*root));
    order.enumerate().for_each(|(at, node)| place[node] = at);
    let mut ordered = Vec::with_capacity(wish.cells.len());
    for cell in &wish.cells {
        ordered.push((place[draft.at(&cell.goal_id)?], matches!(cell.reading, Reading::Month(_)), cell));
    }
    ordered.sort_by_key(|(place, month, _)| (*place, *month));
    let closed = read.closed_months()?;
    for (_, _, cell) in ordered {
        for goal in cascade(&draft.tree, cell, &closed)? {
            let at = draft.at(&goal.id)?;
            draft.set(at, goal);
        }
    }
    Ok(draft.finish()?)
}

fn reprofile(read: &dyn Read, wish: &Reprofile) -> Result<Outcome, Rejection> {
    let unknown = || GoalError::ProfileUnknown { id: wish.profile.clone() };
    let Shape::Season(season) = read.profile(&wish.profile)?.ok_or_else(unknown)?.shape else {
        return Err(unknown().into());
    };
    let mut draft = Draft::new(subtree(read, &wish.goal_id)?)?;
    let root = draft.at(&wish.goal_id)?;
    let goal = draft.goal(root);
    if goal.metric.roll_up() != RollUp::Sum {
        return Err(GoalError::RatioNeverSplit { metric: goal.metric }.into());
    }
    let open = MonthSet::open(goal.year, wish.from, &read.closed_months()?);
    if open.is_empty() {
        return Err(GoalError::NoOpenMonth.into());
    }
    let nodes = if wish.below { draft.tree.subtree(root) } else { vec![root] };
    for node in nodes {
        let mut goal = draft.goal(node).clone();
        if goal.locked && node != root {
            continue;
        }
        goal.month_weights = Some(season);
        let total = goal.sum(open);
        spread_months(&mut goal, open, total, true)?;
        draft.set(node, goal);
    }
    Ok(draft.finish()?)
}

fn shift(read: &dyn Read, wish: &Shift) -> Result<Outcome, Rejection> {
    let not_siblings = || GoalError::NotSiblings { from_id: wish.from_id.clone(), to_id: wish.to_id.clone() };
    let find = |id: &str| -> Result<Goal, Rejection> {
        read.goal(id)?.ok_or_else(|| Rejection::NotFound { noun: "goal", id: id.to_owned() })
    };
    let (from, to) = (find(&wish.from_id)?, find(&wish.to_id)?);
    if from.parent_id.is_none() || from.parent_id != to.parent_id || from.id == to.id {
        return Err(not_siblings().into());
    }
    if from.metric.roll_up() != RollUp::Sum {
        return Err(GoalError::RatioNeverSplit { metric: from.metric }.into());
    }
    if wish.amount <= 0 {
        return Err(GoalError::TargetNegative.into());
    }
    let closed = read.closed_months()?;
    if wish.month.year != from.year || closed.contains(&wish.month) {
        return Err(GoalError::NoOpenMonth.into());
    }
    let m = wish.month.month as usize - 1;
    if from.months[m] < wish.amount {
        let (goal_id, carries) = (from.id.clone(), from.months[m]);
        return Err(GoalError::TooMuch { goal_id, carries, asked: wish.amount }.into());
    }
    for goal in [&from, &to] {
        if goal.locked || goal.locked_months & (1 << m) != 0 {
            let locked_goal_ids = vec![goal.id.clone()];
            return Err(
                GoalError::LockInTheWay { goal_id: goal.id.clone(), locked_goal_ids, shortfall: wish.amount }.into()
            );
        }
    }
    let mut goals = subtree(read, &from.id)?;
    // Below the top of a year's tree is the whole year: both are in it then.
    let known: Vec<String> = goals.iter().map(|g| g.id.clone()).collect();
    goals.extend(subtree(read, &to.id)?.into_iter().filter(|g| !known.contains(&g.id)));
    let before = GoalTree::new(goals)?;
    let mut after = Vec::new();
    for (goal, target) in [(&from, from.months[m] - wish.amount), (&to, to.months[m].saturating_add(wish.amount))] {
        let reading = Reading::Month(wish.month);
        let wish = Adjustment { goal_id: goal.id.clone(), target, reading, from: wish.month };
        after.extend(cascade(&before, &wish, &closed)?);
    }
    Ok(Outcome { before, after })
}

fn reassign(read: &dyn Read, wish: &Reassign) -> Result<Outcome, Rejection> {
    let missing = |id: &str| Rejection::NotFound { noun: "goal", id: id.to_owned() };
    let goal = read.goal(&wish.goal_id)?.ok_or_else(|| missing(&wish.goal_id))?;
    if goal.metric.roll_up() != RollUp::Sum {
        return Err(GoalError::RatioNeverSplit { metric: goal.metric }.into());
    }
    let open = MonthSet::open(goal.year, wish.from, &read.closed_months()?);
    if open.is_empty() {
        return Err(GoalError::NoOpenMonth.into());
    }
    let mut goals = subtree(read, goal.parent_id.as_deref().unwrap_or(&goal.id))?;
    if let Some(parent_id) = &wish.takes {
        let more = subtree(read, parent_id)?;
        let known: Vec<String> = goals.iter().map(|g| g.id.clone()).collect();
        goals.extend(more.into_iter().filter(|g| !known.contains(&g.id)));
    }
    let mut draft = Draft::new(goals)?;
    let amount = goal.sum(open);
    if amount == 0 {
        return Err(GoalError::NothingToMove { goal_id: goal.id }.into());
    }
    let node = draft.at(&goal.id)?;
    for below in draft.tree.subtree(node) {
        let mut empty = draft.goal(below).clone();
        let locked_here = open.indices().any(|m| empty.locked_months & (1 << m) != 0 && empty.months[m] != 0);
        if empty.locked || locked_here {
            let locked_goal_ids = vec![empty.id.clone()];
            let shortfall = empty.sum(open);
            return Err(GoalError::LockInTheWay { goal_id: goal.id.clone(), locked_goal_ids, shortfall }.into());
        }
        open.indices().for_each(|m| empty.months[m] = 0);
        (empty.weight, empty.month_weights) = (None, None);
        draft.set(below, empty);
    }
    match &wish.to {
        Destination::Reserve => {}
        Destination::Siblings => {
            let parent = goal.parent_id.as_deref().map(|id| draft.at(id)).transpose()?;
            let siblings = parent.map_or_else(Vec::new, |parent| draft.tree.children[parent].clone());
            let free: Vec<usize> = siblings
                .into_iter()
                .filter(|at| *at != node && !draft.goal(*at).locked && draft.goal(*at).sum(open) > 0)
                .collect();
            if free.is_empty() {
                return Err(GoalError::NobodyBelow { goal_id: goal.parent_id.unwrap_or(goal.id) }.into());
            }
            let weights: Vec<i64> = free.iter().map(|at| draft.goal(*at).sum(open)).collect();
            let rounding = parent.map_or(1, |parent| draft.goal(parent).rounding);
            for (at, more) in free.into_iter().zip(divide(amount, &weights, rounding)) {
                let total = draft.goal(at).sum(open) + more;
                draft.carry(at, total, open)?;
            }
        }
        Destination::Owner { owner, ramp } => {
            let percents = match ramp {
                None => [100; 12],
                Some(id) => {
                    let unknown = || GoalError::ProfileUnknown { id: id.clone() };
                    let Shape::Ramp(percents) = read.profile(id)?.ok_or_else(unknown)?.shape else {
                        return Err(unknown().into());
                    };
                    let joined = read.joined_on(owner.id())?;
                    let first = read.fiscal()?.month_start(wish.from);
                    super::profile::ramp_of(&percents, joined.unwrap_or(first), read.fiscal()?, goal.year)
                }
            };
            add_months(read, &mut draft, owner, &goal, goal.parent_id.clone(), |m| {
                let part = round_half_away(i128::from(goal.months[m]) * i128::from(percents[m]), 100);
                if open.indices().any(|o| o == m) { part as i64 } else { 0 }
            })?;
        }
    }
    if let Some(parent_id) = &wish.takes {
        let above = draft.goal(draft.at(parent_id)?).clone();
        if above.metric != goal.metric || above.year != goal.year {
            return Err(missing(parent_id));
        }
        add_months(read, &mut draft, &goal.owner, &goal, Some(parent_id.clone()), |m| {
            if open.indices().any(|o| o == m) { goal.months[m] } else { 0 }
        })?;
    }
    Ok(draft.finish()?)
}

/// Adds months to an owner's goal below another, which is made when there is none.
fn add_months(
    read: &dyn Read,
    draft: &mut Draft,
    owner: &Owner,
    like: &Goal,
    parent_id: Option<String>,
    more: impl Fn(usize) -> i64,
) -> Result<(), Rejection> {
    if !read.owner_exists(owner)? {
        return Err(Rejection::NotFound { noun: "owner", id: owner.id().to_owned() });
    }
    let same =
        |g: &&Goal| g.owner == *owner && g.parent_id == parent_id && g.metric == like.metric && g.year == like.year;
    let node = match draft.tree.goals.iter().find(same).map(|g| g.id.clone()) {
        Some(id) => draft.at(&id)?,
        None => {
            let above = parent_id.as_deref().map(|id| draft.at(id)).transpose()?.map(|at| draft.goal(at).clone());
            let id = claimed_id(read, owner, like.metric, like.year, above.as_ref())?;
            let mut goal = Goal::new(id, parent_id, owner.clone(), like.metric, like.year);
            goal.rounding = like.rounding;
            draft.add(goal)?
        }
    };
    let mut goal = draft.goal(node).clone();
    if goal.locked {
        let (goal_id, locked_goal_ids) = (goal.id.clone(), vec![goal.id]);
        let shortfall = (0..12).map(&more).sum();
        return Err(GoalError::LockInTheWay { goal_id, locked_goal_ids, shortfall }.into());
    }
    for m in 0..12 {
        goal.months[m] = goal.months[m].checked_add(more(m)).ok_or(GoalError::TargetAbsurd)?;
    }
    (goal.weight, goal.month_weights) = (None, None);
    draft.set(node, goal);
    Ok(())
}
