//! What became of goals: versions, two of them compared, the tree as of a day.
//!
//! Owns: versions in sight, [`diff`], [`tree_as_of`]. Absent on purpose: taking changes back (`Workspace::undo`).

use std::collections::BTreeMap;

use attain_domain::goal::version::{GoalVersion, Stood, as_of};
use attain_domain::goal::{Goal, GoalTree};
use attain_domain::metric::Metric;
use attain_store::connection::View;
use chrono::{DateTime, Days, FixedOffset, NaiveDate, Offset, TimeZone, Utc};

use super::visible;
use crate::problem::{Problem, Result};
use crate::workspace::Viewer;

fn missing(goal_id: &str) -> Problem {
    Problem::not_found().with("noun", "goal").with("id", goal_id)
}

/// A goal in sight, with its versions, oldest first.
pub fn versions(view: View, viewer: &Viewer, goal_id: &str) -> Result<(Goal, Vec<GoalVersion>)> {
    let goal = view.goal_by_id(goal_id)?.ok_or_else(|| missing(goal_id))?;
    if !visible(view, viewer, &goal)? {
        return Err(missing(goal_id));
    }
    Ok((goal, view.goal_versions(goal_id)?))
}

/// How a goal stood at a version; version 0 is before its first one.
fn stood(versions: &[GoalVersion], number: u32) -> Option<Option<Stood>> {
    match number {
        0 => versions.first().map(|v| v.before.clone()),
        number => versions.iter().find(|v| v.version == number).map(|v| v.after.clone()),
    }
}

/// Two versions of a goal beside each other; without numbers the last change.
pub struct Diff {
    pub goal: Goal,
    pub from: u32,
    pub to: u32,
    pub before: Option<Stood>,
    pub after: Option<Stood>,
}

pub fn diff(view: View, viewer: &Viewer, goal_id: &str, from: Option<u32>, to: Option<u32>) -> Result<Diff> {
    let (goal, versions) = versions(view, viewer, goal_id)?;
    let to = to.unwrap_or(goal.version);
    let from = from.unwrap_or(to.saturating_sub(1));
    let of = |number: u32| {
        let unknown = || Problem::refused("version_unknown").with("id", goal_id).with("version", number);
        stood(&versions, number).ok_or_else(unknown)
    };
    let (before, after) = (of(from)?, of(to)?);
    Ok(Diff { goal, from, to, before, after })
}

/// The goals of a metric and year in sight as they stood at the end of a day, in the company's time zone.
pub fn tree_as_of(view: View, viewer: &Viewer, metric: Metric, year: i32, day: NaiveDate) -> Result<GoalTree> {
    let mut of_goal: BTreeMap<String, Vec<GoalVersion>> = BTreeMap::new();
    for version in view.versions_of_year(metric, year)? {
        of_goal.entry(version.goal_id.clone()).or_default().push(version);
    }
    let moment = end_of(view, day)?;
    let mut goals = Vec::new();
    for goal in view.goal_tree(metric, year)?.goals {
        let versions = of_goal.get(&goal.id).map_or(&[][..], Vec::as_slice);
        if let Some(then) = as_of(&goal, versions, moment)
            && visible(view, viewer, &goal)?
        {
            goals.push(then);
        }
    }
    Ok(GoalTree::new(goals)?)
}

/// The last instant of a day.
fn end_of(view: View, day: NaiveDate) -> Result<DateTime<FixedOffset>> {
    let kept = view.setting("utc_offset_seconds")?.and_then(|s| s.parse().ok()).and_then(FixedOffset::east_opt);
    let offset = kept.unwrap_or_else(|| Utc.fix());
    let midnight = (day + Days::new(1)).and_hms_opt(0, 0, 0).unwrap_or_default();
    let next = offset.from_local_datetime(&midnight).single().ok_or_else(|| Problem::internal("no such instant"))?;
    Ok(next - chrono::Duration::milliseconds(1))
}
