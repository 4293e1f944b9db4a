//! Goals: a metric, an owner, a year and its twelve months, linked to the parent goal it serves.
//!
//! Owns: targets of a period, reserve and over-assignment, and re-cascading a change through a tree exactly.
//! Absent on purpose: who may change a goal (`access.rs`), which months are closed (passed in), approvals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::allocation::{id_order, split};
use crate::metric::{Metric, RollUp};
use crate::money::{Ratio, round_half_away};
use crate::period::{Month, Period};

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
}

impl Goal {
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
    let whole_year = !matches!(adjustment.reading, Reading::Month(_));
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
            let pass_down = if old == 0 { total } else { scale(below, total, old)? };
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
            let parts = split(pass_down - kept, &weights, 1);
            // Last child first onto the stack, so that goals come out in tree order.
            pending.extend(free.iter().copied().zip(parts).rev());
        }
        after.weight = (node != root && whole_year)
            .then(|| Weight { share: kept_share(before, open).unwrap_or(before.sum(open)), months: open });
        if after.months != before.months {
            changed.push(after);
        }
    }
    Ok(changed)
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
    for (month, value) in free.iter().zip(split(total - kept, &weights, 1)) {
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn goal(id: &str, parent: Option<&str>, year_total: i64) -> Goal {
        let months: Vec<i64> = split(year_total, &[1; 12], 1);
        Goal {
            id: id.into(),
            parent_id: parent.map(Into::into),
            owner: Owner::Unit(id.into()),
            metric: Metric::SalesAmount,
            year: 2026,
            months: months.try_into().unwrap(),
            weight: None,
            month_weights: None,
            locked: false,
            locked_months: 0,
        }
    }

    const WAN: i64 = 1_000_000;

    fn company() -> GoalTree {
        GoalTree::new(vec![
            goal("company", None, 10_000 * WAN),
            goal("A", Some("company"), 2_000 * WAN),
            goal("B", Some("company"), 3_600 * WAN),
            goal("C", Some("company"), 4_200 * WAN),
            goal("jia", Some("A"), 400 * WAN),
            goal("zhang-san", Some("jia"), 396 * WAN),
        ])
        .unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn run(tree: &GoalTree, id: &str, target: i64, reading: Reading, from: &str) -> BTreeMap<String, Goal> {
        let closed: Vec<Month> = (1..month(from).month).map(|m| Month { year: 2026, month: m }).collect();
        let adjustment = Adjustment { goal_id: id.into(), target, reading, from: month(from) };
        cascade(tree, &adjustment, &closed).unwrap().into_iter().map(|g| (g.id.clone(), g)).collect()
    }

    #[test]
    fn raising_the_company_reaches_zhang_san_in_both_readings() {
        let tree = company();
        for (reading, from, september, year) in [
            (Reading::YearTotal, "2026-01", 39_600_000, 12_000 * WAN),
            (Reading::YearTotal, "2026-09", 52_800_000, 12_000 * WAN),
            (Reading::RemainingShare, "2026-09", 39_600_000, 1_066_666_667 * 10),
        ] {
            let after = run(&tree, "company", 12_000 * WAN, reading, from);
            assert_eq!(after["zhang-san"].months[8], september, "{reading:?} from {from}");
            let total: i64 = after["company"].months.iter().sum();
            assert!((total - year).abs() <= 10, "{total}");
        }
    }

    #[test]
    fn reserve_and_over_assignment_keep_their_proportion() {
        let tree = company();
        let after = run(&tree, "company", 12_000 * WAN, Reading::YearTotal, "2026-01");
        let year: i64 = after["A"].months.iter().sum();
        assert_eq!(year, 2_400 * WAN);
        assert_eq!(tree.reserve(0, Period::Year(2026)), Some(200 * WAN));
    }

    #[test]
    fn locks_are_named_with_what_is_missing() {
        let mut goals = company().goals;
        goals[2].locked = true;
        let tree = GoalTree::new(goals).unwrap();
        let adjustment = |target| Adjustment {
            goal_id: "company".into(),
            target,
            reading: Reading::YearTotal,
            from: month("2026-01"),
        };
        let error = cascade(&tree, &adjustment(3_000 * WAN), &[]).unwrap_err();
        assert_eq!(
            error,
            GoalError::LockInTheWay {
                goal_id: "company".into(),
                locked_goal_ids: vec!["B".into()],
                shortfall: 3_600 * WAN - 2_940 * WAN
            }
        );
        assert_eq!(cascade(&tree, &adjustment(-1), &[]), Err(GoalError::TargetNegative));
    }

    #[test]
    fn a_circle_of_parents_is_refused() {
        let goals = vec![goal("a", Some("b"), 1), goal("b", Some("a"), 1)];
        assert!(matches!(GoalTree::new(goals), Err(GoalError::Cycle { .. })));
    }

    proptest! {
        #[test]
        fn raise_and_lower_restores_every_cell_and_sums_hold(
            parts in prop::collection::vec(prop::collection::vec(0i64..5_000_000, 12), 1..12),
            factor in 1i64..400,
            from in 1u32..=12,
        ) {
            let mut goals = vec![goal("root", None, 0)];
            for (i, months) in parts.iter().enumerate() {
                let mut child = goal(&format!("c{i}"), Some("root"), 0);
                child.months = months.clone().try_into().unwrap();
                goals.push(child);
            }
            for m in 0..12 { goals[0].months[m] = parts.iter().map(|p| p[m]).sum(); }
            let tree = GoalTree::new(goals.clone()).unwrap();
            let open = MonthSet::open(2026, Month { year: 2026, month: from }, &[]);
            let total: i64 = goals[0].months.iter().sum();
            let open_total = goals[0].sum(open);
            prop_assume!(open_total > 0);
            let target = total - open_total + open_total * factor / 100;
            let adjust = |tree: &GoalTree, target| {
                let wish = Adjustment { goal_id: "root".into(), target, reading: Reading::YearTotal, from: Month { year: 2026, month: from } };
                let mut next = tree.goals.clone();
                for changed in cascade(tree, &wish, &[]).unwrap() {
                    let slot = next.iter_mut().find(|g| g.id == changed.id).unwrap();
                    *slot = changed;
                }
                GoalTree::new(next).unwrap()
            };
            let raised = adjust(&tree, target);
            prop_assert_eq!(raised.reserve(0, Period::Year(2026)), Some(0));
            prop_assert_eq!(raised.goals[0].months.iter().sum::<i64>(), target);
            prop_assert_eq!(&adjust(&raised, target).goals[1..], &raised.goals[1..], "the same wish again changes nothing");
            let back = adjust(&raised, total);
            for (before, after) in goals.iter().zip(&back.goals) {
                for m in (0..12).filter(|m| *m < from as usize - 1) { prop_assert_eq!(before.months[m], after.months[m]); }
                if target > total - open_total { prop_assert_eq!(before.months, after.months); }
            }
        }
    }
}
