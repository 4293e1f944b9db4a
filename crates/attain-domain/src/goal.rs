//! Goals: a metric, an owner, a year and its twelve months, linked to the parent goal it serves.
//!
//! Owns: targets of a period, reserve and over-assignment, and re-cascading a change through a tree exactly; in its parts
//! the wishes a person can have of a tree (`wish`), decomposition (`allocate`), month profiles, agreement and versions.
//! Absent on purpose: who may change a goal (`access.rs`), which months are closed (passed in).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::allocation::{divide, id_order};
use crate::metric::{Metric, RollUp};
use crate::money::{Ratio, round_half_away};
use crate::period::{Month, Period};

pub mod agreement;
pub mod allocate;
pub mod profile;
pub mod version;
pub mod wish;

/// Who carries a goal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    Unit(String),
    Person(String),
    Seat(String),
}

impl Owner {
    pub fn id(&self) -> &str {
        match self {
            Owner::Unit(id) | Owner::Person(id) | Owner::Seat(id) => id,
        }
    }
}

/// One goal: a year's twelve monthly targets in the metric's smallest step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    pub id: String,
    pub parent_id: Option<String>,
    pub owner: Owner,
    pub metric: Metric,
    pub year: i32,
    pub months: [i64; 12],
    /// Share among siblings; `None` means in proportion to the current targets.
    pub weight: Option<Weight>,
    /// Profile of the months (春节型 …); `None` means in proportion to the current months.
    pub month_weights: Option<[i64; 12]>,
    /// A locked goal keeps its targets when its parent moves.
    pub locked: bool,
    /// Bit *m* set: month *m + 1* keeps its target.
    pub locked_months: u16,
    /// Step, in the metric's smallest, in which this goal is split among its months and those below it.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub rounding: i64,
    /// Millionths kept back of what is passed down: positive is a reserve, negative an over-assignment. `None` keeps the
    /// proportion there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve_ppm: Option<i64>,
    /// Counts the changes published of this goal: the number of its latest [`GoalVersion`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub version: u32,
    /// What was moved within the freedom since each month was last agreed ([`agreement`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shifted: Option<[i64; 12]>,
}

fn one() -> i64 {
    1
}

fn is_one(value: &i64) -> bool {
    *value == 1
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

impl Goal {
    /// A goal whose months are yet to be set.
    pub fn new(id: String, parent_id: Option<String>, owner: Owner, metric: Metric, year: i32) -> Goal {
        Goal {
            id,
            parent_id,
            owner,
            metric,
            year,
            months: [0; 12],
            weight: None,
            month_weights: None,
            locked: false,
            locked_months: 0,
            rounding: 1,
            reserve_ppm: None,
            version: 0,
            shifted: None,
        }
    }

    /// Target of a period in the metric's smallest step: the sum of its months, or, for a ratio, that of the last month.
    pub fn target(&self, period: Period) -> i64 {
        let (first, last) = (period.first_month().month as usize - 1, period.last_month().month as usize - 1);
        match self.metric.roll_up() {
            RollUp::Sum => self.months[first..=last].iter().sum(),
            RollUp::RatioOfSums => self.months[last],
        }
    }

    /// Whether both stand at the same place: same parent, owner, metric and year.
    pub fn same_place(&self, other: &Goal) -> bool {
        self.parent_id == other.parent_id
            && self.owner == other.owner
            && self.metric == other.metric
            && self.year == other.year
    }

    fn sum(&self, open: MonthSet) -> i64 {
        open.indices().map(|m| self.months[m]).sum()
    }
}

/// A goal's share among its siblings, kept so that a raise taken back restores every cell.
/// It counts only while the same months are open; with others, the current targets do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight {
    pub share: i64,
    pub months: MonthSet,
}

/// A set of months of one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthSet(u16);

impl MonthSet {
    pub const ALL: MonthSet = MonthSet(0xFFF);
    pub const NONE: MonthSet = MonthSet(0);

    pub fn only(month: u32) -> MonthSet {
        MonthSet(1 << (month - 1))
    }

    /// The open months of a year: neither closed nor before `from` (DOMAIN, arithmetic 4).
    pub fn open(year: i32, from: Month, closed: &[Month]) -> MonthSet {
        let mut set = MonthSet::NONE;
        for month in Period::Year(year).months() {
            if month >= from && !closed.contains(&month) {
                set.0 |= MonthSet::only(month.month).0;
            }
        }
        set
    }

    pub fn bits(self) -> u16 {
        self.0
    }

    pub fn from_bits(bits: u16) -> MonthSet {
        MonthSet(bits & 0xFFF)
    }

    pub fn and(self, other: MonthSet) -> MonthSet {
        MonthSet(self.0 & other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn indices(self) -> impl Iterator<Item = usize> {
        (0..12).filter(move |m| self.0 & (1 << m) != 0)
    }
}

/// What a raise of a running year means (DOMAIN, arithmetic 4), or a single month's new target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// Reach the new total by year end: the open months carry all of it.
    YearTotal,
    /// Raise the remaining months by the same share.
    RemainingShare,
    /// The target is that of one month.
    Month(Month),
}

/// A wish to move one goal, and everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    pub goal_id: String,
    /// New target in the metric's smallest step.
    pub target: i64,
    pub reading: Reading,
    pub from: Month,
}

/// Why a goal cannot move as asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum GoalError {
    #[error("no such goal")]
    GoalNotFound { goal_id: String },
    #[error("a target is not negative")]
    TargetNegative,
    #[error("a target this large is surely a slip")]
    TargetAbsurd,
    #[error("all months are closed")]
    NoOpenMonth,
    #[error("the closed months already carry more")]
    BelowClosedMonths { closed: i64, target: i64 },
    #[error("nothing to take a share of")]
    NothingToRaise,
    #[error("locks leave too little")]
    LockInTheWay { goal_id: String, locked_goal_ids: Vec<String>, shortfall: i64 },
    #[error("goals form a circle")]
    Cycle { goal_id: String },
    #[error("a ratio is copied or set, never split")]
    RatioNeverSplit { metric: Metric },
    #[error("no figure is given for this owner")]
    NotGiven { owner_id: String },
    #[error("a figure is given for somebody who is not below")]
    NotBelow { owner_id: String },
    #[error("the fixed shares are more than all of it")]
    SharesOver { ppm: i64 },
    #[error("the fixed amounts are more than there is")]
    FixedOver { over: i64 },
    #[error("nobody is below to carry it")]
    NobodyBelow { goal_id: String },
    #[error("no such profile")]
    ProfileUnknown { id: String },
    #[error("a share kept back lies between -100 % and 100 %")]
    ReserveAbsurd { ppm: i64 },
    #[error("a rounding is a whole number of at least one")]
    RoundingAbsurd,
    #[error("the two are not below the same goal")]
    NotSiblings { from_id: String, to_id: String },
    #[error("the month does not carry that much")]
    TooMuch { goal_id: String, carries: i64, asked: i64 },
    #[error("no open month carries anything")]
    NothingToMove { goal_id: String },
}

/// Largest target in the smallest step: a hundred thousand times a billion yuan, in cents, over 12 months stays in range.
const ABSURD: i64 = i64::MAX / 64;

/// A tree of goals, children in stable order of id.
#[derive(Debug, Clone)]
pub struct GoalTree {
    pub goals: Vec<Goal>,
    pub children: Vec<Vec<usize>>,
    pub roots: Vec<usize>,
}

impl GoalTree {
    /// Builds the tree; a goal whose parent is absent is a root. Errors: a circle of parents.
    pub fn new(goals: Vec<Goal>) -> Result<GoalTree, GoalError> {
        let index: BTreeMap<&str, usize> = goals.iter().enumerate().map(|(i, g)| (g.id.as_str(), i)).collect();
        let mut children = vec![Vec::new(); goals.len()];
        let mut roots = Vec::new();
        for (i, goal) in goals.iter().enumerate() {
            match goal.parent_id.as_deref().and_then(|p| index.get(p)) {
                Some(parent) => children[*parent].push(i),
                None => roots.push(i),
            }
        }
        for list in children.iter_mut().chain(std::iter::once(&mut roots)) {
            list.sort_by(|a, b| id_order(&goals[*a].id, &goals[*b].id));
        }
        let tree = GoalTree { children, roots, goals };
        let mut reached = vec![false; tree.goals.len()];
        for root in &tree.roots {
            for i in tree.subtree(*root) {
                reached[i] = true;
            }
        }
        match reached.iter().position(|r| !r) {
            Some(i) => Err(GoalError::Cycle { goal_id: tree.goals[i].id.clone() }),
            None => Ok(tree),
        }
    }

    /// A node and all below it, parents before children.
    pub fn subtree(&self, root: usize) -> Vec<usize> {
        let mut order = Vec::new();
        let mut stack = vec![root];
        while let Some(i) = stack.pop() {
            order.push(i);
            stack.extend(self.children[i].iter().rev());
        }
        order
    }

    /// Parent's target less Σ children's: positive is reserve 预留, negative over-assignment 超配.
    /// `None` for a leaf and for a ratio.
    pub fn reserve(&self, node: usize, period: Period) -> Option<i64> {
        let goal = &self.goals[node];
        if self.children[node].is_empty() || goal.metric.roll_up() != RollUp::Sum {
            return None;
        }
        let below: i64 = self.children[node].iter().map(|c| self.goals[*c].target(period)).sum();
        Some(goal.target(period) - below)
    }
}

/// Moves one goal and everything below it; returns the goals that change, in tree order, as they will be.
///
/// Children keep their share of the parent, so a reserve or over-assignment keeps its proportion; locked goals and
/// closed months keep their targets, and the free siblings take up the rest. Each goal's months follow its own
/// profile. Exact: Σ free children = what was passed down, by largest remainder.
pub fn cascade(tree: &GoalTree, adjustment: &Adjustment, closed: &[Month]) -> Result<Vec<Goal>, GoalError> {
    let root = tree
        .goals
        .iter()
        .position(|g| g.id == adjustment.goal_id)
        .ok_or_else(|| GoalError::GoalNotFound { goal_id: adjustment.goal_id.clone() })?;
    let goal = &tree.goals[root];
    if adjustment.target < 0 {
        return Err(GoalError::TargetNegative);
    }
    if adjustment.target > ABSURD {
        return Err(GoalError::TargetAbsurd);
    }
    let mut open = MonthSet::open(goal.year, adjustment.from, closed);
    if let Reading::Month(month) = adjustment.reading {
        let asked = if month.year == goal.year { MonthSet::only(month.month) } else { MonthSet::NONE };
        open = MonthSet::open(goal.year, month, closed).and(asked);
    }
    if open.is_empty() {
        return Err(GoalError::NoOpenMonth);
    }
    if goal.metric.roll_up() == RollUp::RatioOfSums {
        let mut after = goal.clone();
        open.indices().for_each(|m| after.months[m] = adjustment.target);
        return Ok(if after == *goal { Vec::new() } else { vec![after] });
    }
    let old_total: i64 = goal.months.iter().sum();
    let old_open = goal.sum(open);
    let new_open = match adjustment.reading {
        Reading::YearTotal => {
            let carried = old_total - old_open;
            if adjustment.target < carried {
                return Err(GoalError::BelowClosedMonths { closed: carried, target: adjustment.target });
            }
            adjustment.target - carried
        }
        Reading::RemainingShare if old_total == 0 => return Err(GoalError::NothingToRaise),
        Reading::RemainingShare => scale(old_open, adjustment.target, old_total)?,
        Reading::Month(_) => adjustment.target,
    };
    pass_on(tree, root, new_open, open, !matches!(adjustment.reading, Reading::Month(_)))
}

/// Gives a goal's open months a new total and passes it down; answers the goals that change, in tree order.
fn pass_on(
    tree: &GoalTree,
    root: usize,
    new_open: i64,
    open: MonthSet,
    whole_year: bool,
) -> Result<Vec<Goal>, GoalError> {
    let mut changed = Vec::new();
    let mut pending = vec![(root, new_open)];
    while let Some((node, total)) = pending.pop() {
        let before = &tree.goals[node];
        let mut after = before.clone();
        spread_months(&mut after, open, total, whole_year)?;
        let children = &tree.children[node];
        let (free, locked): (Vec<usize>, Vec<usize>) = children.iter().partition(|c| !tree.goals[**c].locked);
        if !free.is_empty() {
            let below: i64 = children.iter().map(|c| tree.goals[*c].sum(open)).sum();
            let old = before.sum(open);
            let pass_down = match before.reserve_ppm {
                Some(ppm) => kept_back(total, ppm)?,
                None if old == 0 => total,
                None => scale(below, total, old)?,
            };
            let kept: i64 = locked.iter().map(|c| tree.goals[*c].sum(open)).sum();
            if pass_down < kept {
                return Err(GoalError::LockInTheWay {
                    goal_id: before.id.clone(),
                    locked_goal_ids: locked.iter().map(|c| tree.goals[*c].id.clone()).collect(),
                    shortfall: kept - pass_down,
                });
            }
            let shares: Option<Vec<i64>> = free.iter().map(|c| kept_share(&tree.goals[*c], open)).collect();
            let weights = shares.unwrap_or_else(|| free.iter().map(|c| tree.goals[*c].sum(open)).collect());
            let parts = divide(pass_down - kept, &weights, before.rounding);
            // Last child first onto the stack, so that goals come out in tree order.
            pending.extend(free.iter().copied().zip(parts).rev());
        }
        after.weight = (node != root && whole_year)
            .then(|| Weight { share: kept_share(before, open).unwrap_or(before.sum(open)), months: open });
        if after.months != before.months {
            after.agree(&before.months);
            changed.push(after);
        }
    }
    Ok(changed)
}

/// What is left of a total once the given share is kept back; more than the total when it is over-assigned.
fn kept_back(total: i64, ppm: i64) -> Result<i64, GoalError> {
    scale(total, 1_000_000 - ppm, 1_000_000)
}

fn kept_share(goal: &Goal, open: MonthSet) -> Option<i64> {
    goal.weight.filter(|w| w.months == open).map(|w| w.share)
}

fn scale(value: i64, num: i64, den: i64) -> Result<i64, GoalError> {
    let scaled = round_half_away(i128::from(value) * i128::from(num), i128::from(den));
    i64::try_from(scaled).ok().filter(|v| *v <= ABSURD).ok_or(GoalError::TargetAbsurd)
}

/// Gives a goal's open months a new total by its own profile; locked months keep theirs.
fn spread_months(goal: &mut Goal, open: MonthSet, total: i64, freeze: bool) -> Result<(), GoalError> {
    let is_locked = |m: usize| goal.locked_months & (1 << m) != 0;
    let kept: i64 = open.indices().filter(|m| is_locked(*m)).map(|m| goal.months[m]).sum();
    let free: Vec<usize> = open.indices().filter(|m| !is_locked(*m)).collect();
    if total < kept || (free.is_empty() && total != kept) {
        return Err(GoalError::LockInTheWay {
            goal_id: goal.id.clone(),
            locked_goal_ids: vec![goal.id.clone()],
            shortfall: kept - total,
        });
    }
    let profile = goal.month_weights.unwrap_or(goal.months);
    let weights: Vec<i64> = free.iter().map(|m| profile[*m]).collect();
    goal.month_weights = freeze.then_some(profile);
    for (month, value) in free.iter().zip(divide(total - kept, &weights, goal.rounding)) {
        goal.months[*month] = value;
    }
    Ok(())
}

/// Digest of what an author saw: ids with targets before and after. Equal digests, equal consequences.
pub fn preview_digest(before: &GoalTree, after: &[Goal]) -> String {
    let old: BTreeMap<&str, &Goal> = before.goals.iter().map(|g| (g.id.as_str(), g)).collect();
    let mut hash = Sha256::new();
    for goal in after {
        hash.update(goal.id.as_bytes());
        hash.update([0]);
        let previous = old.get(goal.id.as_str()).map_or([0; 12], |g| g.months);
        for value in previous.iter().chain(&goal.months) {
            hash.update(value.to_le_bytes());
        }
    }
    hash.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// A person's share of a goal further up, in the same year.
pub fn share(own: i64, of: i64) -> Option<Ratio> {
    Ratio::new(i128::from(own), i128::from(of))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
