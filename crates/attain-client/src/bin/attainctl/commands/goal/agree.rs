//! Proposals, versions and acknowledgement of goals, as JSON.

use attain_client::domain::access::DataClass;
use attain_client::domain::goal::Goal;
use attain_client::domain::goal::version::{GoalVersion, Stood};
use attain_client::domain::metric::Metric;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::Period;
use attain_client::goals::agreement::{self, Proposed, Unacknowledged};
use attain_client::goals::consequence::consequences;
use attain_client::goals::history;
use attain_client::goals::unplaced::{Cause, unplaced};
use attain_client::problem::{Problem, Result};
use attain_client::scope;
use chrono::Datelike;
use serde_json::{Value, json};

use super::wish::{consequences_json, said};
use crate::answer::{Answer, amount, items};
use crate::commands::Open;

pub fn proposal_json(open: &Open, found: &Proposed) -> Result<Value> {
    let (view, proposal) = (open.workspace.view(), &found.proposal);
    let mut steps = Vec::new();
    for step in &proposal.steps {
        steps.push(json!({
            "at": step.at,
            "person_id": step.by_id,
            "name": scope::name(view, &open.viewer, &step.by_id)?,
            "state": step.state,
            "comment": step.comment,
        }));
    }
    Ok(json!({
        "id": proposal.id,
        "state": proposal.state,
        "author_id": proposal.author_id,
        "unit_id": proposal.unit_id,
        "act": proposal.wish.act(),
        "goal_id": proposal.wish.goal_id(),
        "wish": proposal.wish,
        "mine_to_decide": found.mine_to_decide,
        "steps": steps,
    }))
}

pub fn proposals(open: &mut Open) -> Result<Answer> {
    let found = agreement::proposals(open.workspace.view(), &open.viewer)?;
    let list = found.iter().map(|p| proposal_json(open, p)).collect::<Result<_>>()?;
    Ok(items(list).into())
}

/// A proposal with what it would do to the goals as they are now.
pub fn proposal(open: &mut Open, id: &str) -> Result<Answer> {
    let found = agreement::proposal(open.workspace.view(), &open.viewer, id)?;
    let mut json = proposal_json(open, &found)?;
    match consequences(open.workspace.view(), &open.viewer, &found.proposal.wish) {
        Ok(now) => {
            open.workspace.disclose("goals", DataClass::Core, &now.people())?;
            open.workspace.disclose("goal_preview", DataClass::Pay, &now.people_with_pay())?;
            json["preview"] = consequences_json(open, &now)?;
        }
        Err(problem) => {
            json["problem"] = json!({ "code": problem.code, "message": said(open, &problem) });
        }
    }
    Ok(json.into())
}

pub fn decide(open: &mut Open, id: &str, mutation: Mutation) -> Result<Answer> {
    agreement::proposal(open.workspace.view(), &open.viewer, id)?;
    open.workspace.mutate(&mutation)?;
    let found = agreement::proposal(open.workspace.view(), &open.viewer, id)?;
    Ok(proposal_json(open, &found)?.into())
}

fn stood_json(open: &Open, metric: Metric, year: i32, stood: Option<&Stood>) -> Value {
    let Some(stood) = stood else { return Value::Null };
    let mut goal = Goal::new(String::new(), stood.parent_id.clone(), stood.owner.clone(), metric, year);
    goal.months = stood.months;
    json!({
        "target": amount(metric, goal.target(Period::Year(year)), open.currency),
        "owner_id": stood.owner.id(),
        "parent_id": stood.parent_id,
        "locked": stood.locked,
        "months": super::months(&goal, open),
    })
}

fn version_json(open: &Open, version: &GoalVersion) -> Value {
    let of = |stood: &Option<Stood>| stood_json(open, version.metric, version.year, stood.as_ref());
    json!({
        "version": version.version,
        "at": version.at,
        "person_id": version.by_id,
        "change": version.act,
        "cause_id": version.cause_id,
        "why": version.why,
        "before": of(&version.before),
        "after": of(&version.after),
    })
}

pub fn history(open: &mut Open, id: &str) -> Result<Answer> {
    let (_, versions) = history::versions(open.workspace.view(), &open.viewer, id)?;
    Ok(items(versions.iter().rev().map(|v| version_json(open, v)).collect()).into())
}

pub fn diff(open: &mut Open, id: &str, from: Option<u32>, to: Option<u32>) -> Result<Answer> {
    let diff = history::diff(open.workspace.view(), &open.viewer, id, from, to)?;
    let (metric, year) = (diff.goal.metric, diff.goal.year);
    let months = |stood: &Option<Stood>| stood.as_ref().map_or([0; 12], |s| s.months);
    let (before, after) = (months(&diff.before), months(&diff.after));
    let changed: serde_json::Map<String, Value> = Period::Year(year)
        .months()
        .zip(before.iter().zip(&after))
        .filter(|(_, (a, b))| a != b)
        .map(|(month, (a, b))| (month.to_string(), amount(metric, b - a, open.currency)))
        .collect();
    Ok(json!({
        "goal_id": id,
        "from": diff.from,
        "to": diff.to,
        "before": stood_json(open, metric, year, diff.before.as_ref()),
        "after": stood_json(open, metric, year, diff.after.as_ref()),
        "differences": changed,
    })
    .into())
}

pub fn as_of(open: &mut Open, date: &str, period: Option<&str>, metric: &str) -> Result<Answer> {
    let metric = super::super::metric(metric)?;
    let day = date.parse().map_err(|_| Problem::usage("bad_date").with("text", date))?;
    let period = match period {
        Some(text) => super::super::period(text)?,
        None => Period::Year(open.viewer.today.year()),
    };
    let tree = history::tree_as_of(open.workspace.view(), &open.viewer, metric, period.year(), day)?;
    let people: Vec<String> = tree
        .goals
        .iter()
        .filter(|g| matches!(g.owner, attain_client::domain::goal::Owner::Person(_)))
        .map(|g| g.owner.id().to_owned())
        .collect();
    open.workspace.disclose("goals", DataClass::Core, &people)?;
    let mut list = Vec::new();
    for node in tree.roots.iter().flat_map(|root| tree.subtree(*root)) {
        let goal = &tree.goals[node];
        list.push(json!({
            "goal_id": goal.id,
            "parent_id": goal.parent_id,
            "owner_id": goal.owner.id(),
            "name": scope::name(open.workspace.view(), &open.viewer, goal.owner.id())?,
            "target": amount(metric, goal.target(period), open.currency),
            "reserve": tree.reserve(node, period).map(|r| amount(metric, r, open.currency)),
            "locked": goal.locked,
        }));
    }
    Ok(json!({ "as_of": day, "period": period, "metric": metric, "items": list }).into())
}

pub fn acknowledge(open: &mut Open, id: &str) -> Result<Answer> {
    let (goal, _) = history::versions(open.workspace.view(), &open.viewer, id)?;
    open.workspace.mutate(&Mutation::AcknowledgeGoal { goal_id: id.to_owned(), version: goal.version })?;
    Ok(json!({ "goal_id": id, "version": goal.version }).into())
}

pub fn unacknowledged_json(open: &Open, one: &Unacknowledged) -> Result<Value> {
    let (view, goal) = (open.workspace.view(), &one.goal);
    let first = one.changes.first().and_then(|v| v.before.as_ref());
    let last = one.changes.last();
    Ok(json!({
        "goal_id": goal.id,
        "person_id": one.person_id,
        "name": scope::name(view, &open.viewer, &one.person_id)?,
        "metric": goal.metric,
        "version": goal.version,
        "acknowledged": one.last.as_ref().map(|last| last.version),
        "changed_at": last.map(|v| &v.at),
        "changed_by": last.map(|v| &v.by_id),
        "why": last.and_then(|v| v.why.as_ref()),
        "before": stood_json(open, goal.metric, goal.year, first),
        "after": stood_json(open, goal.metric, goal.year, Some(&Stood::of(goal))),
    }))
}

/// Of a unit, for its managers; without one of all one's units, or one's own.
pub fn unacknowledged(open: &mut Open, unit: Option<&str>, year: Option<i32>) -> Result<Answer> {
    let year = year.unwrap_or(open.viewer.today.year());
    let view = open.workspace.view();
    let mut found = agreement::to_acknowledge(view, &open.viewer, year)?;
    if unit.is_some() {
        found.clear();
    }
    found.extend(agreement::unacknowledged(view, &open.viewer, unit, year)?);
    found.sort_by(|a, b| (&a.person_id, &a.goal.id).cmp(&(&b.person_id, &b.goal.id)));
    found.dedup_by(|a, b| a.goal.id == b.goal.id);
    let people: Vec<String> = found.iter().map(|one| one.person_id.clone()).collect();
    open.workspace.disclose("goals", DataClass::Core, &people)?;
    Ok(items(found.iter().map(|one| unacknowledged_json(open, one)).collect::<Result<_>>()?).into())
}

pub fn loose(open: &mut Open, metric: &str, year: Option<i32>) -> Result<Answer> {
    let metric = super::super::metric(metric)?;
    let view = open.workspace.view();
    let found = unplaced(view, &open.viewer, metric, year.unwrap_or(open.viewer.today.year()))?;
    let mut list = Vec::new();
    for one in &found {
        let cause = match &one.cause {
            Cause::Left => json!({ "what": "left" }),
            Cause::Moved { unit_id, goal_id } => json!({ "what": "moved", "unit_id": unit_id, "goal_id": goal_id }),
            Cause::Closed => json!({ "what": "closed" }),
            Cause::SeatGone { person_id } => json!({ "what": "seat", "person_id": person_id }),
        };
        list.push(json!({
            "goal_id": one.goal.id,
            "parent_id": one.goal.parent_id,
            "owner_id": one.goal.owner.id(),
            "name": scope::name(view, &open.viewer, one.goal.owner.id())?,
            "cause": cause,
            "from": one.from,
            "carried": amount(metric, one.carried, open.currency),
            "seats": one.seats,
            "editable": one.editable,
        }));
    }
    Ok(items(list).into())
}
