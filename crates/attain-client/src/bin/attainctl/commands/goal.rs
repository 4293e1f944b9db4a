//! `goal …`: trees, wishes, agreement, export.

use attain_client::domain::access::{Action, DataClass};
use attain_client::domain::goal::profile::{self, Profile, Shape};
use attain_client::domain::goal::wish::{Reassign, Reprofile, Shift, Wish};
use attain_client::domain::goal::{Adjustment, Goal, Reading};
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::{Month, Period};
use attain_client::export::write;
use attain_client::goals::{self, GoalNode, parse_target};
use attain_client::import::Kind;
use attain_client::problem::{Problem, Result};
use attain_client::{scope, tables};
use chrono::Datelike;
use serde_json::{Value, json};

use super::{Open, facts, metric, period};
use crate::answer::{Answer, amount, figure, items};
use crate::arguments::goal::{GoalVerb, ProfileVerb};

mod agree;
pub mod wish;

pub fn run(open: &mut Open, verb: &GoalVerb) -> Result<Answer> {
    match verb {
        GoalVerb::Import(arguments) => facts::import(open, Kind::Goal, arguments),
        GoalVerb::Tree { period: of, metric: name } => tree(open, period(of)?, name),
        GoalVerb::Adjust { id, target, reading, from, making } => {
            let goal = goal_of(open, id)?;
            let reading = wish::reading(*reading, from.as_deref())?;
            let from = match reading {
                Reading::Month(month) => month,
                _ => wish::from_or_first(open, from.as_deref(), goal.year)?,
            };
            let target = parse_target(open.workspace.view(), goal.metric, target)?;
            wish::make(open, Wish::Adjust(Adjustment { goal_id: id.clone(), target, reading, from }), making)
        }
        GoalVerb::Allocate { id, by, weight, fix, reserve, over_assign, rounding, season, ramp, from, making } => {
            let given = wish::Dividing {
                by,
                weight,
                fix,
                reserve: reserve.as_deref(),
                over_assign: over_assign.as_deref(),
                rounding: rounding.as_deref(),
                season: season.clone(),
                ramp: ramp.clone(),
                from: from.as_deref(),
            };
            goal_of(open, id)?;
            let wish = wish::allocation(open, id, &given)?;
            wish::make(open, wish, making)
        }
        GoalVerb::Move { from_id, to_id, amount, month: of, making } => {
            let goal = goal_of(open, from_id)?;
            let amount = parse_target(open.workspace.view(), goal.metric, amount)?;
            let (from_id, to_id) = (from_id.clone(), to_id.clone());
            wish::make(open, Wish::Shift(Shift { from_id, to_id, amount, month: month(of)? }), making)
        }
        GoalVerb::Reassign { id, to, ramp, take, from, making } => {
            let goal = goal_of(open, id)?;
            let from = wish::from_or_first(open, from.as_deref(), goal.year)?;
            let to = wish::destination(to, ramp.clone())?;
            wish::make(open, Wish::Reassign(Reassign { goal_id: id.clone(), from, to, takes: take.clone() }), making)
        }
        GoalVerb::Unplaced { year, metric } => agree::loose(open, metric, *year),
        GoalVerb::Profile(verb) => profile(open, verb),
        GoalVerb::Lock { id } => lock(open, id, true),
        GoalVerb::Unlock { id } => lock(open, id, false),
        GoalVerb::Proposals => agree::proposals(open),
        GoalVerb::Proposal { id } => agree::proposal(open, id),
        GoalVerb::Approve { id, comment, seen } => {
            let (proposal_id, comment, seen) = (id.clone(), comment.clone(), seen.clone());
            agree::decide(open, id, Mutation::ApproveProposal { proposal_id, comment, seen })
        }
        GoalVerb::SendBack { id, comment } => {
            let (proposal_id, comment) = (id.clone(), comment.clone());
            agree::decide(open, id, Mutation::SendBackProposal { proposal_id, comment })
        }
        GoalVerb::Withdraw { id } => agree::decide(open, id, Mutation::WithdrawProposal { proposal_id: id.clone() }),
        GoalVerb::History { id } => agree::history(open, id),
        GoalVerb::Diff { id, from, to } => agree::diff(open, id, *from, *to),
        GoalVerb::AsOf { date, period, metric } => agree::as_of(open, date, period.as_deref(), metric),
        GoalVerb::Acknowledge { id } => agree::acknowledge(open, id),
        GoalVerb::Unacknowledged { unit, year } => agree::unacknowledged(open, unit.as_deref(), *year),
        GoalVerb::LineOfSight { person_id, year } => sight(open, person_id, *year),
        GoalVerb::Start { year } => {
            let changed = open.workspace.mutate(&Mutation::StartGoalsFromLastYear { year: *year })?;
            // Each goal comes with its version.
            Ok(json!({ "year": year, "goals": changed.rows / 2 }).into())
        }
        GoalVerb::Export { period: of, metric: name, out } => {
            let of = match of {
                Some(text) => period(text)?,
                None => Period::Year(open.viewer.today.year()),
            };
            export(open, of, name, out)
        }
    }
}

pub fn month(text: &str) -> Result<Month> {
    text.parse().map_err(|_| Problem::usage("bad_period").with("text", text))
}

/// A goal in sight.
fn goal_of(open: &Open, id: &str) -> Result<Goal> {
    let view = open.workspace.view();
    let missing = || Problem::not_found().with("noun", "goal").with("id", id);
    if !goals::in_sight(view, &open.viewer, id)? {
        return Err(missing());
    }
    view.goal_by_id(id)?.ok_or_else(missing)
}

/// One goal as JSON, its children inside it.
fn node_json(nodes: &[GoalNode], index: usize, open: &Open) -> Value {
    let n = &nodes[index];
    let (metric, currency) = (n.goal.metric, open.currency);
    let children: Vec<Value> = nodes
        .iter()
        .enumerate()
        .filter(|(_, c)| c.parent == Some(index))
        .map(|(i, _)| node_json(nodes, i, open))
        .collect();
    json!({
        "goal_id": n.goal.id,
        "parent_id": n.goal.parent_id,
        "owner_id": n.goal.owner.id(),
        "owner_kind": n.owner_kind,
        "name": n.owner_name,
        "metric": metric,
        "target": n.standing.target.map(|t| amount(metric, t, currency)),
        "actual": figure(metric, n.standing.actual, currency),
        "attainment": n.standing.attainment,
        "pace": n.standing.pace,
        "status": n.standing.status,
        "reserve": n.reserve.map(|r| amount(metric, r, currency)),
        "locked": n.goal.locked,
        "editable": n.editable,
        "version": n.goal.version,
        "months": months(&n.goal, open),
        "children": children,
    })
}

fn months(goal: &Goal, open: &Open) -> Value {
    let map: serde_json::Map<String, Value> = Period::Year(goal.year)
        .months()
        .zip(goal.months)
        .map(|(month, value)| (month.to_string(), amount(goal.metric, value, open.currency)))
        .collect();
    Value::Object(map)
}

fn tree(open: &mut Open, period: Period, name: &str) -> Result<Answer> {
    let metric = metric(name)?;
    let nodes = goals::tree(open.workspace.view(), &open.viewer, metric, period)?;
    let people: Vec<String> =
        nodes.iter().filter(|n| n.owner_kind == "person").map(|n| n.goal.owner.id().to_string()).collect();
    open.workspace.disclose("goals", DataClass::Core, &people)?;
    let roots: Vec<Value> =
        nodes.iter().enumerate().filter(|(_, n)| n.parent.is_none()).map(|(i, _)| node_json(&nodes, i, open)).collect();
    Ok(json!({ "period": period, "metric": metric, "today": open.viewer.today, "goals": roots }).into())
}

fn lock(open: &mut Open, id: &str, locked: bool) -> Result<Answer> {
    open.workspace.mutate(&Mutation::LockGoal { goal_id: id.to_string(), locked })?;
    Ok(json!({ "goal_id": id, "locked": locked }).into())
}

fn profile_json(id: &str, profile: &Profile) -> Value {
    let (kind, figures) = match &profile.shape {
        Shape::Season(months) => ("season", json!(months)),
        Shape::Ramp(percents) => ("ramp", json!(percents)),
    };
    json!({ "id": id, "name": profile.name, "name_en": profile.name_en, "kind": kind, "figures": figures })
}

fn profile(open: &mut Open, verb: &ProfileVerb) -> Result<Answer> {
    match verb {
        ProfileVerb::List => {
            let profiles = open.workspace.view().profiles()?;
            Ok(items(profiles.iter().map(|(id, profile)| profile_json(id, profile)).collect()).into())
        }
        ProfileVerb::Put { id, name, name_en, season, ramp } => {
            let (kind, figures) = match (season, ramp) {
                (Some(season), _) => ("season", season),
                (None, Some(ramp)) => ("ramp", ramp),
                (None, None) => return Err(Problem::usage("unknown_command")),
            };
            let value = format!("{name}|{name_en}|{kind}|{figures}");
            let bad = |_| Problem::refused("setting_invalid").with("key", id).with("value", &value);
            let profile: Profile = value.parse().map_err(bad)?;
            let key = format!("{}{id}", profile::SETTING);
            open.workspace.mutate(&Mutation::SetSetting { key, value: profile.to_string() })?;
            Ok(profile_json(id, &profile).into())
        }
        ProfileVerb::Apply { goal_id, profile, below, from, making } => {
            let goal = goal_of(open, goal_id)?;
            let from = wish::from_or_first(open, from.as_deref(), goal.year)?;
            let (goal_id, profile, below) = (goal_id.clone(), profile.clone(), *below);
            wish::make(open, Wish::Profile(Reprofile { goal_id, profile, from, below }), making)
        }
    }
}

fn sight(open: &mut Open, person_id: &str, year: Option<i32>) -> Result<Answer> {
    let (view, viewer) = (open.workspace.view(), &open.viewer);
    scope::require_about(view, viewer, Action::SeeGoals, person_id)?;
    let year = year.unwrap_or(viewer.today.year());
    let Some(sight) = goals::sight::line_of_sight(view, person_id, year)? else {
        return Ok(json!({ "person_id": person_id, "year": year, "goal_id": null }).into());
    };
    let money = |minor| amount(attain_client::domain::metric::Metric::SalesAmount, minor, open.currency);
    let mut steps = Vec::new();
    for (unit_id, target, share) in &sight.steps {
        steps.push(json!({
            "unit_id": unit_id,
            "name": scope::name(view, viewer, unit_id)?,
            "target": money(*target),
            "share": share,
        }));
    }
    let json = json!({
        "person_id": person_id,
        "year": sight.year,
        "goal_id": sight.goal_id,
        "target": money(sight.own),
        "steps": steps,
        "sentence": goals::sight::sentence(view, viewer, person_id, &sight)?,
    });
    open.workspace.disclose("person", DataClass::Core, &[person_id.to_owned()])?;
    Ok(json.into())
}

fn export(open: &mut Open, period: Period, name: &str, out: &std::path::Path) -> Result<Answer> {
    let nodes = goals::tree(open.workspace.view(), &open.viewer, metric(name)?, period)?;
    let table = tables::goals(&open.viewer, open.currency, &nodes, period);
    open.workspace.disclose(
        "goals_export",
        DataClass::Core,
        &nodes.iter().map(|n| n.goal.owner.id().to_string()).collect::<Vec<_>>(),
    )?;
    write(&table, out)?;
    Ok(json!({ "file": out, "rows": table.rows.len() }).into())
}
