//! The line of sight: from a person's goal to the company's, with the share at each step, year against year.
//!
//! Owns: the chain and its sentence. Absent on purpose: figures of siblings, which a rep does not see.

use attain_domain::goal::{Owner, share};
use attain_domain::metric::Metric;
use attain_domain::money::Ratio;
use attain_domain::period::Period;
use attain_store::connection::View;

use crate::problem::{Problem, Result};
use crate::scope;
use crate::workspace::Viewer;

/// A person's share of each goal above the own one, nearest first.
pub struct LineOfSight {
    pub year: i32,
    pub goal_id: String,
    pub own: i64,
    /// (unit id, unit's year target, own ÷ it)
    pub steps: Vec<(String, i64, Ratio)>,
}

/// The chain of a person's sales goal; of several, of the one that reaches furthest into the year: who changed teams is now
/// in the last one. `None` without a goal.
pub fn line_of_sight(view: View, person_id: &str, year: i32) -> Result<Option<LineOfSight>> {
    let goals = view.goals_of_owner(person_id, year)?;
    let carried = goals.into_iter().filter(|g| g.metric == Metric::SalesAmount && matches!(g.owner, Owner::Person(_)));
    let Some(own_goal) = carried.rev().max_by_key(|g| (0..12).rev().find(|m| g.months[*m] != 0)) else {
        return Ok(None);
    };
    let own = own_goal.target(Period::Year(year));
    let mut sight = LineOfSight { year, goal_id: own_goal.id.clone(), own, steps: Vec::new() };
    let mut parent = own_goal.parent_id;
    while let Some(id) = parent.take() {
        let Some(goal) = view.goal_by_id(&id)? else { break };
        let total = goal.target(Period::Year(year));
        if let Some(share) = share(own, total) {
            sight.steps.push((goal.owner.id().to_string(), total, share));
        }
        parent = goal.parent_id;
        if sight.steps.len() > 64 {
            return Err(Problem::internal("goals form a circle"));
        }
    }
    Ok(Some(sight))
}

/// The chain in words: 「张三 2026 年的 3960000.00 CNY:甲 99.0% · 华东 19.8% · 公司 4.0%」.
pub fn sentence(view: View, viewer: &Viewer, person_id: &str, sight: &LineOfSight) -> Result<String> {
    let currency = view.currency()?;
    let mut steps = Vec::new();
    for (unit_id, _, share) in &sight.steps {
        steps.push(format!("{} {}%", scope::name(view, viewer, unit_id)?, share.percent(1)));
    }
    let params = [
        ("person".to_owned(), scope::name(view, viewer, person_id)?),
        ("year".to_owned(), sight.year.to_string()),
        ("amount".to_owned(), format!("{} {}", Metric::SalesAmount.format(sight.own, currency), currency.code())),
        ("steps".to_owned(), steps.join(" · ")),
    ];
    let key = if steps.is_empty() { "goal.sight_alone" } else { "goal.sight" };
    Ok(viewer.language.message(key, &params))
}
