//! Decomposition 分解: a goal divided among those below it, level by level.
//!
//! Owns: [`Allocation`], by what each level is divided, and who is below. A goal is divided over its open months; who is
//! locked keeps what they have, who is given a fixed part gets it, and the rest goes by the level's basis, exactly.
//! Absent on purpose: actuals, members and profiles themselves (asked through `Read`).

use serde::{Deserialize, Serialize};

use super::profile::{Shape, ramp_of};
use super::wish::{Draft, Outcome, subtree};
use super::{ABSURD, Goal, GoalError, MonthSet, Owner, kept_back, spread_months};
use crate::allocation::divide;
use crate::metric::{Metric, RollUp};
use crate::money::round_half_away;
use crate::mutation::Rejection;
use crate::period::Month;
use crate::read::{Candidate, Read};

/// By what a level is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Last year's actuals; who has none counts like the mean of those who have.
    LastYear,
    /// Full-time equivalents of those who sell, seats included.
    Headcount,
    /// Weights that are given.
    Weights,
    Equal,
    /// Only what is given; what is left stays with the goal above.
    Fixed,
    /// Each gets the same target: how a ratio goes down.
    Copy,
}

/// One level of the tree, from the goal downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    pub by: Basis,
    /// Millionths kept back at each goal that is divided here, negative to over-assign; `None` leaves what it says.
    pub reserve_ppm: Option<i64>,
}

/// What somebody below is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Weight(i64),
    /// In the metric's smallest step, of the open months; the target itself of a ratio.
    Amount(i64),
    /// Millionths of the goal above.
    Share(i64),
}

/// A part by the id of its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub owner_id: String,
    pub part: Part,
}

/// A wish to divide a goal among those below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    pub goal_id: String,
    /// The first is the level below the goal, and so on; what is further down keeps its proportions.
    pub levels: Vec<Level>,
    pub given: Vec<Given>,
    /// Step in the metric's smallest, kept on the goals that are divided; `None` leaves what each says.
    pub rounding: Option<i64>,
    /// Month profile of those below; `None`: as they lie, and like the goal above for a new one.
    pub season: Option<String>,
    /// How those who are new grow into it.
    pub ramp: Option<String>,
    pub from: Month,
}

/// One who gets a part: an existing goal or one to be made.
struct Claim {
    node: usize,
    candidate: Option<Candidate>,
    ramp: [i64; 12],
}

struct Plan<'a> {
    read: &'a dyn Read,
    wish: &'a Allocation,
    open: MonthSet,
    season: Option<[i64; 12]>,
    ramp: Option<Vec<u32>>,
}

/// Divides a goal among those below it.
pub(super) fn allocate(read: &dyn Read, wish: &Allocation) -> Result<Outcome, Rejection> {
    let mut draft = Draft::new(subtree(read, &wish.goal_id)?)?;
    let root = draft.at(&wish.goal_id)?;
    let (metric, year) = (draft.goal(root).metric, draft.goal(root).year);
    let open = MonthSet::open(year, wish.from, &read.closed_months()?);
    if open.is_empty() {
        return Err(GoalError::NoOpenMonth.into());
    }
    if wish.rounding.is_some_and(|step| !(1..=ABSURD).contains(&step)) {
        return Err(GoalError::RoundingAbsurd.into());
    }
    let shape = |id: &Option<String>| -> Result<Option<Shape>, Rejection> {
        let Some(id) = id else { return Ok(None) };
        let unknown = || GoalError::ProfileUnknown { id: id.clone() };
        Ok(Some(read.profile(id)?.ok_or_else(unknown)?.shape))
    };
    let unknown = |id: &Option<String>| GoalError::ProfileUnknown { id: id.clone().unwrap_or_default() };
    let season = match shape(&wish.season)? {
        None => None,
        Some(Shape::Season(months)) => Some(months),
        Some(Shape::Ramp(_)) => return Err(unknown(&wish.season).into()),
    };
    let ramp = match shape(&wish.ramp)? {
        None => None,
        Some(Shape::Ramp(percents)) => Some(percents),
        Some(Shape::Season(_)) => return Err(unknown(&wish.ramp).into()),
    };
    let plan = Plan { read, wish, open, season, ramp };
    let mut named: Vec<&str> = Vec::new();
    let mut level_nodes = vec![root];
    for (depth, level) in wish.levels.iter().enumerate() {
        let mut next = Vec::new();
        for node in level_nodes {
            let claims = plan.claims(&mut draft, node)?;
            if claims.is_empty() {
                // A team without members has nobody below it; the goal that was asked about must have somebody.
                if depth == 0 {
                    return Err(GoalError::NobodyBelow { goal_id: wish.goal_id.clone() }.into());
                }
                continue;
            }
            named.extend(
                wish.given
                    .iter()
                    .map(|g| g.owner_id.as_str())
                    .filter(|id| claims.iter().any(|claim| draft.goal(claim.node).owner.id() == *id)),
            );
            match metric.roll_up() {
                RollUp::Sum => plan.divide_sum(&mut draft, node, level, &claims)?,
                RollUp::RatioOfSums => plan.hand_ratio(&mut draft, node, level, &claims)?,
            }
            next.extend(claims.iter().map(|claim| claim.node));
        }
        level_nodes = next;
    }
    if let Some(stray) = wish.given.iter().find(|g| !named.contains(&g.owner_id.as_str())) {
        return Err(GoalError::NotBelow { owner_id: stray.owner_id.clone() }.into());
    }
    Ok(draft.finish()?)
}

impl Plan<'_> {
    fn part(&self, owner_id: &str) -> Option<Part> {
        self.wish.given.iter().find(|g| g.owner_id == owner_id).map(|g| g.part)
    }

    /// Who is below a goal: the goals there, and those of its unit who have none yet.
    fn claims(&self, draft: &mut Draft, node: usize) -> Result<Vec<Claim>, Rejection> {
        let above = draft.goal(node).clone();
        let candidates = match &above.owner {
            Owner::Unit(id) => self.read.candidates(id, self.wish.from)?,
            Owner::Person(_) | Owner::Seat(_) => Vec::new(),
        };
        let mut nodes: Vec<(String, Option<Candidate>)> = Vec::new();
        for child in draft.tree.children[node].clone() {
            let goal = draft.goal(child);
            let candidate = candidates.iter().find(|c| c.owner == goal.owner).cloned();
            nodes.push((goal.id.clone(), candidate));
        }
        for candidate in &candidates {
            let has = |id: &str| draft.tree.goals.iter().any(|g| g.id == id && g.owner == candidate.owner);
            if nodes.iter().any(|(id, _)| has(id)) {
                continue;
            }
            let id = claimed_id(self.read, &candidate.owner, above.metric, above.year, Some(&above))?;
            let mut goal =
                Goal::new(id.clone(), Some(above.id.clone()), candidate.owner.clone(), above.metric, above.year);
            goal.rounding = self.wish.rounding.unwrap_or(above.rounding);
            draft.add(goal)?;
            nodes.push((id, Some(candidate.clone())));
        }
        let fiscal = self.read.fiscal()?;
        let mut claims = Vec::new();
        for (id, candidate) in nodes {
            let joined = candidate.as_ref().and_then(|c| c.joined);
            let ramp = match (&self.ramp, joined) {
                (Some(percents), Some(joined)) => ramp_of(percents, joined, fiscal, above.year),
                _ => [100; 12],
            };
            claims.push(Claim { node: draft.at(&id)?, candidate, ramp });
        }
        Ok(claims)
    }

    /// How a full goal of a claim's lies over the year.
    fn full_shape(&self, draft: &Draft, above: &Goal, claim: &Claim) -> [i64; 12] {
        let own = draft.goal(claim.node);
        // A ramp of an earlier year, or of an earlier wish, is no shape of a full goal.
        let settled = claim.ramp == [100; 12];
        let months = match self.season {
            Some(season) => season,
            None if settled && own.month_weights.is_some() => own.month_weights.unwrap_or(own.months),
            None if settled && own.sum(self.open) > 0 => own.months,
            None => above.month_weights.unwrap_or(above.months),
        };
        if self.open.indices().all(|m| months[m] == 0) { [1; 12] } else { months }
    }

    /// How what a claim gets lies over the year, with its ramp; and what it comes to of a full goal, in millionths.
    fn shape_of(&self, draft: &Draft, above: &Goal, claim: &Claim) -> ([i64; 12], i128) {
        let full = self.full_shape(draft, above, claim);
        if claim.ramp == [100; 12] {
            return (full, 1_000_000);
        }
        let ramped: [i64; 12] = std::array::from_fn(|m| full[m].saturating_mul(claim.ramp[m]));
        let sum = |months: &[i64; 12]| self.open.indices().map(|m| i128::from(months[m])).sum::<i128>();
        (ramped, sum(&ramped) * 10_000 / sum(&full).max(1))
    }

    /// What a claim counts for before its ramp; `None` when it is not known.
    fn basis(&self, by: Basis, claim: &Claim, goal: &Goal) -> Result<Option<i128>, Rejection> {
        let Some(candidate) = &claim.candidate else {
            // Whoever is not in the unit any more; a unit whose place in the tree is another than its goal's counts itself.
            return Ok(match &goal.owner {
                Owner::Unit(id) => Some(match by {
                    Basis::Headcount => i128::from(self.read.head_count(id, self.wish.from)?),
                    Basis::LastYear => return self.last_year(goal),
                    _ => 1,
                }),
                _ => Some(0),
            });
        };
        Ok(match by {
            Basis::LastYear => self.last_year(goal)?,
            Basis::Headcount => Some(i128::from(candidate.head_ppm)),
            Basis::Equal => Some(1),
            Basis::Weights | Basis::Fixed | Basis::Copy => None,
        })
    }

    fn last_year(&self, goal: &Goal) -> Result<Option<i128>, Rejection> {
        let actual = self.read.actual_of(&goal.owner, goal.metric, goal.year - 1)?;
        Ok(actual.map(|actual| i128::from(actual.max(0))))
    }

    fn divide_sum(&self, draft: &mut Draft, node: usize, level: &Level, claims: &[Claim]) -> Result<(), Rejection> {
        let open = self.open;
        let mut above = draft.goal(node).clone();
        if level.by == Basis::Copy {
            return Err(GoalError::RatioNeverSplit { metric: above.metric }.into());
        }
        above.reserve_ppm = level.reserve_ppm.or(above.reserve_ppm);
        above.rounding = self.wish.rounding.unwrap_or(above.rounding);
        let total = above.sum(open);
        let ppm = above.reserve_ppm.unwrap_or(0);
        if ppm.abs() > 1_000_000 {
            return Err(GoalError::ReserveAbsurd { ppm }.into());
        }
        let pass = kept_back(total, ppm)?;
        let rounding = above.rounding;
        draft.set(node, above.clone());

        let (mut kept, mut locked_goal_ids) = (0, Vec::new());
        let (mut fixed, mut shares) = (0i64, 0i64);
        let mut parts: Vec<(usize, i64)> = Vec::new();
        let mut rest: Vec<(&Claim, Option<i128>)> = Vec::new();
        for claim in claims {
            let goal = draft.goal(claim.node);
            if goal.locked {
                kept += goal.sum(open);
                locked_goal_ids.push(goal.id.clone());
                continue;
            }
            let owner_id = goal.owner.id();
            let part = match self.part(owner_id) {
                Some(Part::Amount(amount)) => amount,
                Some(Part::Share(ppm)) => {
                    shares = shares.saturating_add(ppm);
                    round_half_away(i128::from(total) * i128::from(ppm), 1_000_000) as i64
                }
                Some(Part::Weight(weight)) => {
                    if weight < 0 {
                        return Err(GoalError::TargetNegative.into());
                    }
                    rest.push((claim, Some(i128::from(weight))));
                    continue;
                }
                None if matches!(level.by, Basis::Weights | Basis::Fixed) => {
                    if claim.candidate.is_some() || matches!(goal.owner, Owner::Unit(_)) {
                        return Err(GoalError::NotGiven { owner_id: owner_id.to_owned() }.into());
                    }
                    rest.push((claim, Some(0)));
                    continue;
                }
                None => {
                    rest.push((claim, self.basis(level.by, claim, goal)?));
                    continue;
                }
            };
            if part < 0 {
                return Err(GoalError::TargetNegative.into());
            }
            if part > ABSURD {
                return Err(GoalError::TargetAbsurd.into());
            }
            fixed += part;
            parts.push((claim.node, part));
        }
        if shares > 1_000_000 - ppm.min(0) {
            return Err(GoalError::SharesOver { ppm: shares }.into());
        }
        if pass < kept {
            return Err(GoalError::LockInTheWay { goal_id: above.id, locked_goal_ids, shortfall: kept - pass }.into());
        }
        if fixed > pass - kept {
            return Err(GoalError::FixedOver { over: fixed - (pass - kept) }.into());
        }
        // What nobody knows counts like the mean of what is known.
        let known: Vec<i128> = rest.iter().filter_map(|(_, basis)| *basis).filter(|b| *b > 0).collect();
        let mean = known.iter().sum::<i128>().checked_div(known.len() as i128).unwrap_or(1).max(1);
        let mut weights = Vec::new();
        for (claim, basis) in &rest {
            let (_, ramped) = self.shape_of(draft, &above, claim);
            weights.push(basis.unwrap_or(mean) * ramped);
        }
        let nobody = rest.is_empty() || weights.iter().all(|w| *w == 0);
        if !nobody {
            let split = divide(pass - kept - fixed, &shrunk(&weights), rounding);
            parts.extend(rest.iter().map(|(claim, _)| claim.node).zip(split));
        } else if level.by != Basis::Fixed && parts.is_empty() && pass > kept {
            return Err(GoalError::NobodyBelow { goal_id: above.id }.into());
        }
        for claim in claims {
            let Some((_, part)) = parts.iter().find(|(node, _)| *node == claim.node) else { continue };
            let mut goal = draft.goal(claim.node).clone();
            let (shape, _) = self.shape_of(draft, &above, claim);
            (goal.weight, goal.month_weights) = (None, Some(shape));
            goal.rounding = self.wish.rounding.unwrap_or(goal.rounding);
            // Laid over its own months first, so that what is below it divides by the new ones.
            let mut laid = goal.clone();
            spread_months(&mut laid, open, *part, true)?;
            if draft.tree.children[claim.node].is_empty() {
                draft.set(claim.node, laid);
            } else {
                draft.set(claim.node, goal);
                draft.carry(claim.node, *part, open)?;
            }
        }
        Ok(())
    }

    fn hand_ratio(&self, draft: &mut Draft, node: usize, level: &Level, claims: &[Claim]) -> Result<(), Rejection> {
        let above = draft.goal(node).clone();
        if !matches!(level.by, Basis::Copy | Basis::Fixed) {
            return Err(GoalError::RatioNeverSplit { metric: above.metric }.into());
        }
        for claim in claims {
            let mut goal = draft.goal(claim.node).clone();
            if goal.locked {
                continue;
            }
            let given = match self.part(goal.owner.id()) {
                Some(Part::Amount(target)) if target < 0 => return Err(GoalError::TargetNegative.into()),
                Some(Part::Amount(target)) if target > ABSURD => return Err(GoalError::TargetAbsurd.into()),
                Some(Part::Amount(target)) => Some(target),
                Some(_) => return Err(GoalError::RatioNeverSplit { metric: above.metric }.into()),
                None if level.by == Basis::Fixed => {
                    return Err(GoalError::NotGiven { owner_id: goal.owner.id().to_owned() }.into());
                }
                None => None,
            };
            for m in self.open.indices().filter(|m| goal.locked_months & (1 << m) == 0).collect::<Vec<_>>() {
                goal.months[m] = given.unwrap_or(above.months[m]);
            }
            draft.set(claim.node, goal);
        }
        Ok(())
    }
}

/// Weights in proportion, small enough to be multiplied.
fn shrunk(weights: &[i128]) -> Vec<i64> {
    let largest = weights.iter().max().copied().unwrap_or(0);
    let step = (largest >> 56) + 1;
    weights.iter().map(|w| (w / step) as i64).collect()
}

/// The id of an owner's goal: of the year and owner for sales, with the metric for others, with the unit where the owner
/// carries one elsewhere.
pub(super) fn claimed_id(
    read: &dyn Read,
    owner: &Owner,
    metric: Metric,
    year: i32,
    above: Option<&Goal>,
) -> Result<String, Rejection> {
    let mut id = format!("g{:02}-{}", year.rem_euclid(100), owner.id());
    if metric != Metric::SalesAmount {
        id = format!("{id}-{}", metric.name());
    }
    let Some(above) = above else { return Ok(id) };
    let taken = read.goal(&id)?.is_some_and(|g| g.parent_id.as_deref() != Some(above.id.as_str()) || g.owner != *owner);
    Ok(if taken { format!("{id}-{}", above.owner.id()) } else { id })
}
