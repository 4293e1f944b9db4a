//! What a wish does to people: goals before and after, attainment, pay, thresholds crossed, locks, reserves.
//!
//! Owns: [`consequences`], the answer that a preview shows in the window and on the command line.
//! Absent on purpose: the wish itself (attain-domain), recording the look at pay (the caller's).

use std::collections::BTreeMap;

use attain_domain::access::Action;
use attain_domain::goal::wish::{Outcome, Wish, outcome};
use attain_domain::goal::{Adjustment, Goal, Owner, Reading};
use attain_domain::metric::{Figure, Metric, RollUp};
use attain_domain::money::{Money, Ratio};
use attain_domain::mutation::{Now, Rejection, approver_of, may_publish};
use attain_domain::payout::{Payout, Step, payout};
use attain_domain::period::{Month, Period};
use attain_domain::plan::Plan;
use attain_domain::read::{Payee, Read};
use attain_store::connection::View;

use super::{judge, visible};
use crate::performance::Frame;
use crate::problem::{Problem, Result};
use crate::scope;
use crate::workspace::Viewer;

/// Whether the viewer may publish a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Publishing {
    /// Theirs to publish.
    Allowed,
    /// Only within the freedom of a team.
    Free { percent: u32 },
    /// It is proposed to the manager of a unit, or those above.
    Propose { unit_id: Option<String> },
}

/// Something that the running month's pay turns on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    pub what: Threshold,
    /// Reached by the change; otherwise left.
    pub reached: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Threshold {
    /// A component counts at its cap.
    Cap { metric: Metric },
    /// The band of the score: its multiple before and after.
    Band { before: String, after: String },
    /// The condition of an accelerator.
    Accelerator { metric: Metric, factor: String },
}

/// What happens to one goal.
#[derive(Debug, Clone)]
pub struct GoalEffect {
    pub goal: Goal,
    /// `None`: the goal is new.
    pub before: Option<Goal>,
    pub owner_kind: &'static str,
    pub owner_name: String,
    pub depth: u32,
    /// Sum, of the months that the wish may change, before and after; of a ratio the last of them.
    pub open_before: i64,
    pub open_after: i64,
    /// Of the running month; `None` where it is not the running year's or there is no data.
    pub attainment_before: Option<Ratio>,
    pub attainment_after: Option<Ratio>,
    /// Of the running month's pay, on the figures so far.
    pub pay: Option<PayEffect>,
}

#[derive(Debug, Clone)]
pub struct PayEffect {
    pub before: Money,
    pub after: Money,
    pub crossed: Vec<Crossing>,
}

/// A goal that keeps what it has, and what that is over the open months.
#[derive(Debug, Clone)]
pub struct Kept {
    pub goal_id: String,
    pub owner_name: String,
    pub carried: i64,
}

/// What stays undivided at a goal, before and after; negative where it is over-assigned.
#[derive(Debug, Clone)]
pub struct ReserveEffect {
    pub goal_id: String,
    pub owner_name: String,
    pub before: Option<i64>,
    pub after: Option<i64>,
}

/// One reading of a raise, worked out.
#[derive(Debug, Clone)]
pub struct ReadingEffect {
    pub reading: Reading,
    pub year_total: i64,
    pub open_before: i64,
    pub open_after: i64,
    /// Each person's year and first open month, before and after.
    pub people: Vec<PersonReading>,
}

#[derive(Debug, Clone)]
pub struct PersonReading {
    pub goal_id: String,
    pub owner_name: String,
    pub month_before: i64,
    pub month_after: i64,
    pub year_before: i64,
    pub year_after: i64,
}

/// The whole answer.
#[derive(Debug, Clone)]
pub struct Consequences {
    pub wish: Wish,
    pub metric: Metric,
    pub year: i32,
    /// Hand it back when publishing: another outcome is then refused.
    pub digest: String,
    pub publishing: Publishing,
    pub effects: Vec<GoalEffect>,
    pub kept: Vec<Kept>,
    pub reserves: Vec<ReserveEffect>,
    /// Both readings of a year's new total, with the reason where one cannot be done.
    pub readings: Vec<(Reading, std::result::Result<ReadingEffect, Problem>)>,
}

impl Consequences {
    /// People whose goals change.
    pub fn people(&self) -> Vec<String> {
        let person = |effect: &GoalEffect| match &effect.goal.owner {
            Owner::Person(id) => Some(id.clone()),
            Owner::Unit(_) | Owner::Seat(_) => None,
        };
        self.effects.iter().filter_map(person).collect()
    }

    /// People about whose pay the answer tells something: a look to be recorded.
    pub fn people_with_pay(&self) -> Vec<String> {
        self.effects.iter().filter(|e| e.pay.is_some()).map(|e| e.goal.owner.id().to_owned()).collect()
    }
}

/// The first month that a wish may change.
pub fn first_month_of(wish: &Wish) -> Month {
    let of = |wish: &Adjustment| match wish.reading {
        Reading::Month(month) => month,
        _ => wish.from,
    };
    match wish {
        Wish::Adjust(wish) => of(wish),
        Wish::Cells(wish) => wish.cells.iter().map(of).min().unwrap_or(Month { year: 0, month: 1 }),
        Wish::Allocate(wish) => wish.from,
        Wish::Profile(wish) => wish.from,
        Wish::Shift(wish) => wish.month,
        Wish::Reassign(wish) => wish.from,
    }
}

/// The goals that lock in the way stand for, by the names of those who carry them, and amounts with their currency.
pub fn named(view: View, viewer: &Viewer, mut problem: Problem) -> Result<Problem> {
    let currency = view.currency()?;
    for (name, value) in &mut problem.params {
        if name == "locked" || name == "goal_id" || name == "from_id" || name == "to_id" {
            let mut names = Vec::new();
            for id in value.split(", ") {
                names.push(match view.goal_by_id(id)? {
                    Some(goal) => scope::name(view, viewer, goal.owner.id())?,
                    None => id.to_owned(),
                });
            }
            *value = names.join(", ");
        } else if name == "owner_id" || name == "person_id" {
            *value = scope::name(view, viewer, value)?;
        } else if name.ends_with("_minor") && value.parse::<i64>().is_ok() {
            *value = format!("{value} {}", currency.code());
        }
    }
    Ok(problem)
}

/// Works a wish out for a viewer, without saving anything. A disclosure of pay where it tells of it.
///
/// Errors: what is not in sight, and what stands in the way of the wish.
pub fn consequences(view: View, viewer: &Viewer, wish: &Wish) -> Result<Consequences> {
    let missing = || Problem::not_found().with("noun", "goal").with("id", wish.goal_id());
    let asked = view.goal_by_id(wish.goal_id())?.ok_or_else(missing)?;
    if !visible(view, viewer, &asked)? {
        return Err(missing());
    }
    let now = Now { today: viewer.today, at: String::new() };
    let found = match outcome(&view, wish) {
        Ok(found) => found,
        Err(rejection) => return Err(named(view, viewer, rejection.into())?),
    };
    let publishing = match may_publish(&view, &viewer.actor, wish, &now) {
        Ok(false) => Publishing::Allowed,
        Ok(true) => Publishing::Free { percent: Read::goal_freedom(&view)? },
        Err(Rejection::NeedsApproval { .. } | Rejection::Forbidden) => {
            Publishing::Propose { unit_id: approver_of(&view, &viewer.actor, wish, &now)? }
        }
        Err(other) => return Err(other.into()),
    };
    let after = after_tree(&found)?;
    let first = first_month_of(wish);
    let touched = touched(&found);
    let frame = Frame::load(view, viewer.today)?;
    let effects = effects(view, viewer, &frame, &found, &after, &touched)?;
    let mut kept = Vec::new();
    for goal in found.before.goals.iter().filter(|g| g.locked && !found.after.iter().any(|a| a.id == g.id)) {
        kept.push(Kept {
            goal_id: goal.id.clone(),
            owner_name: scope::name(view, viewer, goal.owner.id())?,
            carried: open_of(goal, &touched),
        });
    }
    let readings = match wish {
        Wish::Adjust(wish) if !matches!(wish.reading, Reading::Month(_)) && asked.metric.roll_up() == RollUp::Sum => {
            [Reading::YearTotal, Reading::RemainingShare]
                .into_iter()
                .map(|reading| (reading, reading_effect(view, viewer, &Adjustment { reading, ..wish.clone() }, first)))
                .collect()
        }
        _ => Vec::new(),
    };
    Ok(Consequences {
        wish: wish.clone(),
        metric: asked.metric,
        year: asked.year,
        digest: found.digest(),
        publishing,
        reserves: reserves(view, viewer, &found, &after, asked.year)?,
        effects,
        kept,
        readings,
    })
}

/// The goals as they would be.
fn after_tree(found: &Outcome) -> Result<attain_domain::goal::GoalTree> {
    let changed: BTreeMap<&str, &Goal> = found.after.iter().map(|g| (g.id.as_str(), g)).collect();
    let mut goals: Vec<Goal> =
        found.before.goals.iter().map(|g| (*changed.get(g.id.as_str()).unwrap_or(&g)).clone()).collect();
    goals.extend(found.after.iter().filter(|g| found.before_of(&g.id).is_none()).cloned());
    Ok(attain_domain::goal::GoalTree::new(goals)?)
}

/// The months in which some goal changes.
fn touched(found: &Outcome) -> Vec<usize> {
    let before: BTreeMap<&str, &Goal> = found.before.goals.iter().map(|g| (g.id.as_str(), g)).collect();
    let was = |goal: &Goal, m: usize| before.get(goal.id.as_str()).map_or(0, |g| g.months[m]);
    (0..12).filter(|m| found.after.iter().any(|goal| was(goal, *m) != goal.months[*m])).collect()
}

fn open_of(goal: &Goal, months: &[usize]) -> i64 {
    match goal.metric.roll_up() {
        RollUp::Sum => months.iter().map(|m| goal.months[*m]).sum(),
        RollUp::RatioOfSums => months.last().map_or(0, |m| goal.months[*m]),
    }
}

fn effects(
    view: View,
    viewer: &Viewer,
    frame: &Frame,
    found: &Outcome,
    after: &attain_domain::goal::GoalTree,
    touched: &[usize],
) -> Result<Vec<GoalEffect>> {
    let kinds: BTreeMap<String, &'static str> = view.units()?.into_iter().map(|u| (u.id, u.kind.name())).collect();
    let before: BTreeMap<&str, &Goal> = found.before.goals.iter().map(|g| (g.id.as_str(), g)).collect();
    let changed: BTreeMap<&str, &Goal> = found.after.iter().map(|g| (g.id.as_str(), g)).collect();
    let mut desk = PayDesk::open(view, viewer)?;
    let mut effects = Vec::new();
    let mut waiting: Vec<(usize, u32)> = after.roots.iter().rev().map(|root| (*root, 0)).collect();
    while let Some((node, depth)) = waiting.pop() {
        waiting.extend(after.children[node].iter().rev().map(|child| (*child, depth + 1)));
        let Some(goal) = changed.get(after.goals[node].id.as_str()) else { continue };
        let was = before.get(goal.id.as_str()).copied();
        let actual = running_actual(view, frame, goal)?;
        let attained = |goal: &Goal| {
            running(frame, goal).and_then(|period| judge(frame, goal.metric, period, actual, goal).attainment)
        };
        effects.push(GoalEffect {
            owner_kind: match &goal.owner {
                Owner::Unit(id) => kinds.get(id).copied().unwrap_or("team"),
                Owner::Person(_) => "person",
                Owner::Seat(_) => "seat",
            },
            owner_name: scope::name(view, viewer, goal.owner.id())?,
            depth,
            open_before: was.map_or(0, |g| open_of(g, touched)),
            open_after: open_of(goal, touched),
            attainment_before: was.and_then(&attained),
            attainment_after: attained(goal),
            pay: desk.effect(was, goal)?,
            before: was.cloned(),
            goal: (*goal).clone(),
        });
    }
    Ok(effects)
}

fn running(frame: &Frame, goal: &Goal) -> Option<Period> {
    let month = frame.time.fiscal.month_of(frame.today);
    (month.year == goal.year).then_some(Period::Month(month))
}

fn running_actual(view: View, frame: &Frame, goal: &Goal) -> Result<Option<Figure>> {
    let Some(period) = running(frame, goal) else { return Ok(None) };
    Ok(match &goal.owner {
        Owner::Unit(id) => view.unit_figure(id, goal.metric, period)?,
        Owner::Person(id) => view.person_figure(id, goal.metric, period)?,
        Owner::Seat(_) => None,
    })
}

fn reserves(
    view: View,
    viewer: &Viewer,
    found: &Outcome,
    after: &attain_domain::goal::GoalTree,
    year: i32,
) -> Result<Vec<ReserveEffect>> {
    let period = Period::Year(year);
    let was: BTreeMap<&str, Option<i64>> = found
        .before
        .goals
        .iter()
        .enumerate()
        .map(|(at, g)| (g.id.as_str(), found.before.reserve(at, period)))
        .collect();
    let mut list = Vec::new();
    for (at, goal) in after.goals.iter().enumerate() {
        let (before, then) = (was.get(goal.id.as_str()).copied().flatten(), after.reserve(at, period));
        // Of goals whose children were not all looked at nothing can be said.
        if then.is_none() || (before == then && !found.after.iter().any(|g| g.id == goal.id)) {
            continue;
        }
        let owner_name = scope::name(view, viewer, goal.owner.id())?;
        list.push(ReserveEffect { goal_id: goal.id.clone(), owner_name, before, after: then });
    }
    Ok(list)
}

fn reading_effect(view: View, viewer: &Viewer, wish: &Adjustment, first: Month) -> Result<ReadingEffect> {
    let found = match outcome(&view, &Wish::Adjust(wish.clone())) {
        Ok(found) => found,
        Err(rejection) => return Err(named(view, viewer, rejection.into())?),
    };
    let touched = touched(&found);
    let own = found.before_of(&wish.goal_id).ok_or_else(Problem::not_found)?;
    let then = found.after.iter().find(|g| g.id == wish.goal_id).unwrap_or(own);
    let year = Period::Year(own.year);
    let m = if first.year == own.year { first.month as usize - 1 } else { 0 };
    let m = touched.iter().copied().find(|at| *at >= m).unwrap_or(m);
    let before: BTreeMap<&str, &Goal> = found.before.goals.iter().map(|g| (g.id.as_str(), g)).collect();
    let mut people = Vec::new();
    for goal in found.after.iter().filter(|g| matches!(g.owner, Owner::Person(_))) {
        let was = before.get(goal.id.as_str()).copied().unwrap_or(goal);
        people.push(PersonReading {
            goal_id: goal.id.clone(),
            owner_name: scope::name(view, viewer, goal.owner.id())?,
            month_before: was.months[m],
            month_after: goal.months[m],
            year_before: was.target(year),
            year_after: goal.target(year),
        });
    }
    Ok(ReadingEffect {
        reading: wish.reading,
        year_total: then.target(year),
        open_before: open_of(own, &touched),
        open_after: open_of(then, &touched),
        people,
    })
}

/// Reckons the running month's pay with one target or another.
struct PayDesk<'v> {
    view: View<'v>,
    viewer: &'v Viewer,
    plans: Vec<Plan>,
    month: Month,
    told: bool,
}

impl<'v> PayDesk<'v> {
    fn open(view: View<'v>, viewer: &'v Viewer) -> Result<PayDesk<'v>> {
        let month = view.fiscal()?.month_of(viewer.today);
        let told = view.has_pay_key() && !Read::closed_months(&view)?.contains(&month);
        Ok(PayDesk { view, viewer, plans: view.plan_list()?, month, told })
    }

    /// `None` where nothing is paid or known, where it is not the viewer's to see, and where the month does not change.
    fn effect(&mut self, before: Option<&Goal>, after: &Goal) -> Result<Option<PayEffect>> {
        let Owner::Person(person_id) = &after.owner else { return Ok(None) };
        let m = self.month.month as usize - 1;
        let was = before.map_or(0, |g| g.months[m]);
        if !self.told || after.year != self.month.year || was == after.months[m] {
            return Ok(None);
        }
        if !scope::may_about(self.view, self.viewer, Action::SeePay, person_id)? {
            return Ok(None);
        }
        let Some(Payee { plan, inputs }) = self.view.payee(&self.plans, person_id, self.month)? else {
            return Ok(None);
        };
        let Some(target) = inputs.metrics.get(&after.metric).and_then(|input| input.target) else { return Ok(None) };
        // A person may carry several goals of a metric: this one's part of their target moves.
        let mut then = inputs.clone();
        then.metrics.entry(after.metric).and_modify(|input| input.target = Some(target - was + after.months[m]));
        let (Ok(now), Ok(then)) = (payout(&plan, &inputs), payout(&plan, &then)) else { return Ok(None) };
        let (Some(before), Some(after)) = (now.amount, then.amount) else { return Ok(None) };
        Ok(Some(PayEffect { before, after, crossed: crossed(&now, &then) }))
    }
}

/// Caps, bands and accelerators that one payout meets and the other does not.
fn crossed(before: &Payout, after: &Payout) -> Vec<Crossing> {
    let mut list = Vec::new();
    for (was, is) in before.derivation.steps.iter().zip(&after.derivation.steps) {
        match (was, is) {
            (Step::Component(was), Step::Component(is)) => {
                let capped = |counted: Option<Ratio>, reached: Option<Ratio>| counted < reached;
                let (a, b) = (capped(was.counted, was.attainment), capped(is.counted, is.attainment));
                if a != b {
                    list.push(Crossing { what: Threshold::Cap { metric: is.metric }, reached: b });
                }
            }
            (Step::Band(was), Step::Band(is)) if was.matched != is.matched => {
                let (before, after) = (was.multiple.to_string(), is.multiple.to_string());
                let reached = is.multiple > was.multiple;
                list.push(Crossing { what: Threshold::Band { before, after }, reached });
            }
            (Step::Accelerator(was), Step::Accelerator(is)) if was.matched != is.matched => {
                let (metric, factor) = (is.when.metric, is.factor.to_string());
                let reached = is.matched == Some(true);
                list.push(Crossing { what: Threshold::Accelerator { metric, factor }, reached });
            }
            _ => {}
        }
    }
    list
}
