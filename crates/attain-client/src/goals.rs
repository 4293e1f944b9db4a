//! The goal tree as a viewer sees it, and previews of moving it.
//!
//! Owns: which goals are in sight, how each stands, what an adjustment would do in both readings; in its parts what a wish
//! does to people (`consequence`), proposals and acknowledgement (`agreement`), versions (`history`), owners who moved
//! (`unplaced`), figures typed or pasted (`typed`), and the line of sight (`sight`).
//! Absent on purpose: the cascade (attain-domain), saving (`Workspace::mutate`).

use attain_domain::access::{Action, Subject};
use attain_domain::goal::{Adjustment, Goal, GoalTree, Owner, Reading, preview_digest};
use attain_domain::metric::{Metric, RollUp, Unit};
use attain_domain::money::{parse_scaled, parse_typed_amount};
use attain_domain::mutation::{Now, adjusted, goal_chain, may_edit_goal};
use attain_domain::period::{Month, Period};
use attain_domain::read::Read;
use attain_store::connection::View;

use crate::performance::{Frame, Standing};
use crate::problem::{Problem, Result};
use crate::scope;
use crate::workspace::Viewer;

pub mod agreement;
pub mod consequence;
pub mod history;
pub mod sight;
pub mod typed;
pub mod unplaced;

/// A goal in sight.
#[derive(Debug, Clone)]
pub struct GoalNode {
    pub goal: Goal,
    /// `company`, `region`, `team`, `person` or `seat`.
    pub owner_kind: &'static str,
    pub owner_name: String,
    pub depth: u32,
    /// Index of the parent among the nodes, when it is in sight.
    pub parent: Option<usize>,
    pub standing: Standing,
    /// Own − Σ children: positive is reserve, negative over-assignment; `None` for a leaf or a ratio.
    pub reserve: Option<i64>,
    pub editable: bool,
    pub has_children: bool,
}

/// Whether a viewer may see a goal: a person's own, those of the units in reach, and what serves those, whoever carries it
/// and wherever they are today.
pub(crate) fn visible(view: View, viewer: &Viewer, goal: &Goal) -> Result<bool> {
    if let Owner::Unit(id) = &goal.owner {
        let chain = view.chain_of(id)?;
        return Ok(viewer.actor.may(Action::SeeGoals, Subject::Unit { unit_ids: &chain }));
    }
    if let Owner::Person(id) = &goal.owner
        && scope::may_about(view, viewer, Action::SeeGoals, id)?
    {
        return Ok(true);
    }
    let now = Now { today: viewer.today, at: String::new() };
    let chain = goal_chain(&view, goal, &now)?;
    Ok(viewer.actor.may(Action::SeeGoals, Subject::Unit { unit_ids: &chain }))
}

/// The goals of a metric in sight, parents before children, siblings in the order in which their owners were entered.
pub fn tree(view: View, viewer: &Viewer, metric: Metric, period: Period) -> Result<Vec<GoalNode>> {
    let tree = view.goal_tree(metric, period.year())?;
    let frame = Frame::load(view, viewer.today)?;
    let now = Now { today: viewer.today, at: String::new() };
    let kinds: std::collections::BTreeMap<String, &'static str> =
        view.units()?.into_iter().map(|u| (u.id, u.kind.name())).collect();
    let entered = view.entered()?;
    let in_order = |below: &[usize]| {
        let mut list = below.to_vec();
        // A seat was entered with its goal: those stay in order of id, behind the others.
        list.sort_by_key(|i| entered.get(tree.goals[*i].owner.id()).copied().unwrap_or(i64::MAX));
        list.into_iter().rev()
    };
    let mut nodes: Vec<GoalNode> = Vec::new();
    let mut stack: Vec<(usize, Option<usize>)> = in_order(&tree.roots).map(|r| (r, None)).collect();
    while let Some((i, parent)) = stack.pop() {
        let goal = &tree.goals[i];
        let mut under = parent;
        if visible(view, viewer, goal)? {
            let standing = match &goal.owner {
                Owner::Unit(id) => {
                    let actual = view.unit_figure(id, metric, period)?;
                    judge(&frame, metric, period, actual, goal)
                }
                Owner::Person(id) => judge(&frame, metric, period, view.person_figure(id, metric, period)?, goal),
                Owner::Seat(_) => judge(&frame, metric, period, None, goal),
            };
            nodes.push(GoalNode {
                owner_kind: match &goal.owner {
                    Owner::Unit(id) => kinds.get(id).copied().unwrap_or("team"),
                    Owner::Person(_) => "person",
                    Owner::Seat(_) => "seat",
                },
                owner_name: scope::name(view, viewer, goal.owner.id())?,
                depth: parent.map_or(0, |p: usize| nodes[p].depth + 1),
                parent,
                standing,
                reserve: tree.reserve(i, period),
                editable: may_edit_goal(&view, &viewer.actor, goal, &now).is_ok(),
                has_children: !tree.children[i].is_empty(),
                goal: goal.clone(),
            });
            under = Some(nodes.len() - 1);
        }
        stack.extend(in_order(&tree.children[i]).map(|c| (c, under)));
    }
    Ok(nodes)
}

fn judge(
    frame: &Frame,
    metric: Metric,
    period: Period,
    actual: Option<attain_domain::metric::Figure>,
    goal: &Goal,
) -> Standing {
    let months =
        goal.months.iter().enumerate().map(|(i, v)| (Month { year: goal.year, month: i as u32 + 1 }, *v)).collect();
    frame.judge(metric, period, actual, Some(&months))
}

/// What moving a goal would do.
pub struct Preview {
    pub wish: Adjustment,
    pub metric: Metric,
    /// The goal's subtree as it is.
    pub before: GoalTree,
    /// The goals that change, as they would be.
    pub after: Vec<Goal>,
    pub digest: String,
    /// What either reading of a year's total gives, with the error where it cannot be done; none of a month's figure.
    pub readings: Vec<(Reading, std::result::Result<Vec<Goal>, Problem>)>,
}

impl Preview {
    pub fn before_of(&self, goal_id: &str) -> Option<&Goal> {
        self.before.goals.iter().find(|g| g.id == goal_id)
    }

    /// Owners of changed goals that are people.
    pub fn people_changed(&self) -> usize {
        self.after.iter().filter(|g| matches!(g.owner, Owner::Person(_))).count()
    }
}

/// Reads what somebody typed as a new target, in the metric's smallest step; a percentage for a ratio.
///
/// Errors: no number; an amount in another currency than the company's.
pub fn parse_target(view: View, metric: Metric, text: &str) -> Result<i64> {
    let currency = view.currency()?;
    let digits = metric.unit().digits(currency);
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    let number = text.replace(&letters, "");
    let says = letters.len() == 3 && letters != "RMB" && parse_typed_amount(&number, digits).is_ok();
    if metric.unit() == Unit::Money && says && letters.parse() != Ok(currency) {
        return Err(Problem::refused("currency_mismatch").with("text", text).with("currency", currency.code()));
    }
    let refused = |_| Problem::refused("not_a_number").with("text", text.chars().take(40).collect::<String>());
    if metric.roll_up() == RollUp::RatioOfSums {
        return match text.trim().strip_suffix(['%', '%']) {
            Some(percent) => parse_typed_amount(percent, digits.saturating_sub(2)).map_err(refused),
            None => parse_typed_amount(text, digits).map_err(refused),
        };
    }
    parse_typed_amount(text, digits).map_err(refused)
}

/// Reads what somebody typed as a percentage, in millionths.
pub fn parse_percent(text: &str) -> Result<i64> {
    let number = text.trim().trim_end_matches(['%', '%']).trim();
    parse_scaled(number, 4).map_err(|_| Problem::refused("not_a_number").with("text", text))
}

/// Works out an adjustment without saving it. `from` defaults to the first open month that is not over, and for a year
/// other than the running one to its January.
pub fn preview(
    view: View,
    viewer: &Viewer,
    goal_id: &str,
    target: &str,
    reading: Reading,
    from: Option<Month>,
) -> Result<Preview> {
    let missing = || Problem::not_found().with("noun", "goal").with("id", goal_id);
    let goal = view.goal_by_id(goal_id)?.ok_or_else(missing)?;
    if !visible(view, viewer, &goal)? {
        return Err(missing());
    }
    let wish = Adjustment {
        goal_id: goal_id.to_string(),
        target: parse_target(view, goal.metric, target)?,
        reading,
        from: match from {
            Some(from) => from,
            None => first_month(view, viewer, goal.year)?,
        },
    };
    let now = Now { today: viewer.today, at: String::new() };
    let (before, after) = adjusted(&view, &viewer.actor, &wish, &now)?;
    let digest = preview_digest(&before, &after);
    let readings: &[Reading] = match reading {
        Reading::Month(_) => &[],
        _ => &[Reading::YearTotal, Reading::RemainingShare],
    };
    let readings = readings
        .iter()
        .map(|other| {
            let wish = Adjustment { reading: *other, ..wish.clone() };
            (*other, adjusted(&view, &viewer.actor, &wish, &now).map(|(_, after)| after).map_err(Problem::from))
        })
        .collect();
    Ok(Preview { wish, metric: goal.metric, before, after, digest, readings })
}

/// The first month a change made today touches.
pub fn first_month(view: View, viewer: &Viewer, year: i32) -> Result<Month> {
    let running = view.fiscal()?.month_of(viewer.today);
    let mut month = if running.year == year { running } else { Month { year, month: 1 } };
    let closed = Read::closed_months(&view)?;
    while month.year == year && closed.contains(&month) {
        month = month.plus(1);
    }
    Ok(month)
}

/// Attainment of the running month by a goal as it is or would be; `None` in other years.
pub fn attainment_in(view: View, frame: &Frame, goal: &Goal) -> Result<Option<attain_domain::money::Ratio>> {
    let month = frame.time.fiscal.month_of(frame.today);
    if month.year != goal.year {
        return Ok(None);
    }
    let period = Period::Month(month);
    let actual = match &goal.owner {
        Owner::Unit(id) => view.unit_figure(id, goal.metric, period)?,
        Owner::Person(id) => view.person_figure(id, goal.metric, period)?,
        Owner::Seat(_) => None,
    };
    Ok(judge(frame, goal.metric, period, actual, goal).attainment)
}

/// Whether a goal exists and the viewer may see it.
pub fn in_sight(view: View, viewer: &Viewer, goal_id: &str) -> Result<bool> {
    match view.goal_by_id(goal_id)? {
        Some(goal) => visible(view, viewer, &goal),
        None => Ok(false),
    }
}
