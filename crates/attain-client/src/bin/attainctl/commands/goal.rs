//! `goal tree|adjust|lock|unlock|history|start|export|import`.

use attain_client::domain::goal::{Goal, Reading};
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::{Month, Period};
use attain_client::export::write;
use attain_client::goals::{self, GoalNode, Preview};
use attain_client::import::Kind;
use attain_client::problem::{Problem, Result};
use attain_client::tables;
use serde_json::{Value, json};

use super::{Open, facts, metric, period};
use crate::answer::{Answer, amount, figure, items};
use crate::arguments::{GoalVerb, ReadingArgument};

pub fn run(open: &mut Open, verb: &GoalVerb) -> Result<Answer> {
    match verb {
        GoalVerb::Import(arguments) => facts::import(open, Kind::Goal, arguments),
        GoalVerb::Tree { period: of, metric: name } => tree(open, period(of)?, name),
        GoalVerb::Adjust { id, target, reading, from, preview, seen } => {
            adjust(open, id, target, *reading, from.as_deref(), *preview, seen.clone())
        }
        GoalVerb::Lock { id } => lock(open, id, true),
        GoalVerb::Unlock { id } => lock(open, id, false),
        GoalVerb::History { id } => history(open, id),
        GoalVerb::Start { year } => {
            let changed = open.workspace.mutate(&Mutation::StartGoalsFromLastYear { year: *year })?;
            Ok(json!({ "year": year, "goals": changed.rows }).into())
        }
        GoalVerb::Export { period: of, out } => export(open, period(of)?, out),
    }
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
    open.workspace.disclose("goals", attain_client::domain::access::DataClass::Core, &people)?;
    let roots: Vec<Value> =
        nodes.iter().enumerate().filter(|(_, n)| n.parent.is_none()).map(|(i, _)| node_json(&nodes, i, open)).collect();
    Ok(json!({ "period": period, "metric": metric, "today": open.viewer.today, "goals": roots }).into())
}

fn preview_json(open: &Open, preview: &Preview) -> Value {
    let currency = open.currency;
    let year = |g: &Goal| g.target(Period::Year(g.year));
    let changes: Vec<Value> = preview
        .after
        .iter()
        .map(|after| {
            let before = preview.before_of(&after.id);
            json!({
                "goal_id": after.id,
                "owner_id": after.owner.id(),
                "before": before.map(|b| amount(after.metric, year(b), currency)),
                "after": amount(after.metric, year(after), currency),
                "months_before": before.map(|b| months(b, open)),
                "months_after": months(after, open),
            })
        })
        .collect();
    json!({
        "goal_id": preview.wish.goal_id,
        "reading": preview.wish.reading,
        "from": preview.wish.from,
        "digest": preview.digest,
        "goals_changed": preview.after.len(),
        "people_changed": preview.people_changed(),
        "items": changes,
    })
}

fn adjust(
    open: &mut Open,
    id: &str,
    target: &str,
    reading: ReadingArgument,
    from: Option<&str>,
    only_preview: bool,
    seen: Option<String>,
) -> Result<Answer> {
    let from: Option<Month> =
        from.map(|text| text.parse().map_err(|_| Problem::usage("bad_period").with("text", text))).transpose()?;
    let reading = match (reading, from) {
        (ReadingArgument::YearTotal, _) => Reading::YearTotal,
        (ReadingArgument::RemainingShare, _) => Reading::RemainingShare,
        (ReadingArgument::Month, Some(month)) => Reading::Month(month),
        (ReadingArgument::Month, None) => return Err(Problem::usage("month_needed")),
    };
    let preview = goals::preview(open.workspace.view(), &open.viewer, id, target, reading, from)?;
    let mut json = preview_json(open, &preview);
    if only_preview {
        json["saved"] = json!(false);
        return Ok(json.into());
    }
    open.workspace.mutate(&Mutation::AdjustGoal {
        goal_id: id.to_string(),
        target: preview.wish.target,
        reading,
        from: preview.wish.from,
        seen: Some(seen.unwrap_or(preview.digest)),
    })?;
    json["saved"] = json!(true);
    Ok(json.into())
}

fn lock(open: &mut Open, id: &str, locked: bool) -> Result<Answer> {
    open.workspace.mutate(&Mutation::LockGoal { goal_id: id.to_string(), locked })?;
    Ok(json!({ "goal_id": id, "locked": locked }).into())
}

fn history(open: &mut Open, id: &str) -> Result<Answer> {
    let view = open.workspace.view();
    if !goals::in_sight(view, &open.viewer, id)? {
        return Err(Problem::not_found().with("noun", "goal").with("id", id));
    }
    let list = view
        .goal_changes(id)?
        .into_iter()
        .map(|c| {
            let year = |g: &Option<Goal>| g.as_ref().map(|g| amount(g.metric, g.target(Period::Year(g.year)), open.currency));
            json!({ "at": c.at, "person_id": c.actor_id, "change": c.name, "before": year(&c.before), "after": year(&c.after), "what": c.summary })
        })
        .collect();
    Ok(items(list).into())
}

fn export(open: &mut Open, period: Period, out: &std::path::Path) -> Result<Answer> {
    let nodes =
        goals::tree(open.workspace.view(), &open.viewer, attain_client::domain::metric::Metric::SalesAmount, period)?;
    let table = tables::goals(&open.viewer, open.currency, &nodes, period);
    open.workspace.disclose(
        "goals_export",
        attain_client::domain::access::DataClass::Core,
        &nodes.iter().map(|n| n.goal.owner.id().to_string()).collect::<Vec<_>>(),
    )?;
    write(&table, out)?;
    Ok(json!({ "file": out, "rows": table.rows.len() }).into())
}
