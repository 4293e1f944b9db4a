//! Figures typed or pasted into the grid: what they would do, and taking them.

use super::tree::{Trees, parts};
use super::{METRIC, named};
use crate::commands::figure::{count, minor, problem};
use crate::desk::{Question, Result, Shared};
use crate::views::figure::Problem;
use crate::views::goal::{GoalAdjusted, GoalCellChange, GoalColumns, GoalEdit, GoalReserve, GoalTried, GoalUnread};
use attain_client::domain::goal::wish::{Outcome, Wish, outcome};
use attain_client::domain::goal::{Goal, Owner, Reading};
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::Period;
use attain_client::goals::typed::{self, Figures, Typed};
use attain_client::goals::{self, GoalNode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tauri::State;

fn typed(edits: &[GoalEdit]) -> std::result::Result<Vec<Typed>, Problem> {
    edits
        .iter()
        .map(|edit| {
            Ok(Typed {
                goal_id: edit.goal_id.clone(),
                name: edit.name.clone(),
                period: crate::commands::period(&edit.period)?,
                text: edit.text.clone(),
            })
        })
        .collect()
}

/// The year whose goals are typed into.
fn year_of(typed: &[Typed]) -> Period {
    Period::Year(typed.first().map_or(0, |one| one.period.year()))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_try(
    desk: State<'_, Shared>,
    trees: State<'_, Arc<Trees>>,
    edits: Vec<GoalEdit>,
    period: Option<String>,
    columns: GoalColumns,
) -> std::result::Result<GoalTried, Problem> {
    let typed = typed(&edits)?;
    let shown = period.as_deref().map(crate::commands::period).transpose()?;
    let (trees, turn) = (Arc::clone(&trees), desk.turn());
    desk.ask(move |question| {
        let period = shown.unwrap_or_else(|| year_of(&typed));
        let nodes = trees.nodes(question, turn, period)?;
        let figures = typed::read(question.view, question.viewer, &nodes, &typed)?;
        let mut tried = GoalTried {
            asked: count(figures.cells.cells.len()),
            changed: Vec::new(),
            reserves: Vec::new(),
            wrong: figures.wrong.iter().map(|(at, name, why)| unread(&edits[*at], name, why)).collect(),
            refused: None,
            goals_changed: 0,
            people_changed: 0,
            digest: None,
        };
        if figures.cells.cells.is_empty() {
            return Ok(tried);
        }
        match outcome(&question.view, &Wish::Cells(figures.cells.clone())) {
            Ok(found) => {
                let columns: Option<Vec<Period>> =
                    shown.map(|period| std::iter::once(period).chain(parts(columns, period)).collect());
                tell(question, &mut tried, &nodes, &figures, &found, columns.as_deref(), period)?;
            }
            Err(rejection) => {
                let mut why = attain_client::Problem::from(rejection);
                named(question, &mut why.params)?;
                tried.refused = Some(problem(why));
            }
        }
        Ok(tried)
    })
    .await
}

fn unread(edit: &GoalEdit, owner_name: &Option<String>, why: &attain_client::Problem) -> GoalUnread {
    GoalUnread { row: edit.row, column: edit.column, owner_name: owner_name.clone(), problem: problem(why.clone()) }
}

/// With columns: each of their cells that changes. Without: what was typed, and the year of every goal that follows.
fn tell(
    question: &Question,
    tried: &mut GoalTried,
    nodes: &[GoalNode],
    figures: &Figures,
    found: &Outcome,
    columns: Option<&[Period]>,
    period: Period,
) -> Result<()> {
    let currency = question.view.currency()?;
    let was: BTreeMap<&str, &Goal> = found.before.goals.iter().map(|goal| (goal.id.as_str(), goal)).collect();
    let place: BTreeMap<&str, usize> = nodes.iter().enumerate().map(|(at, node)| (node.goal.id.as_str(), at)).collect();
    let asked: BTreeSet<(&str, Period)> = figures
        .cells
        .cells
        .iter()
        .map(|cell| match cell.reading {
            Reading::Month(month) => (cell.goal_id.as_str(), Period::Month(month)),
            _ => (cell.goal_id.as_str(), Period::Year(cell.from.year)),
        })
        .collect();
    let mut left: BTreeMap<usize, i64> = BTreeMap::new();
    for goal in &found.after {
        let (Some(before), Some(at)) = (was.get(goal.id.as_str()), place.get(goal.id.as_str())) else { continue };
        let node = &nodes[*at];
        let own: Vec<Period> = asked.iter().filter(|(id, _)| *id == goal.id).map(|(_, of)| *of).collect();
        let listed = match columns {
            Some(columns) => columns.to_vec(),
            None if own.is_empty() => vec![Period::Year(goal.year)],
            None => own,
        };
        for of in listed {
            let (then, now) = (goal.target(of), before.target(of));
            if then != now {
                tried.changed.push(GoalCellChange {
                    goal_id: goal.id.clone(),
                    owner_name: node.owner_name.clone(),
                    period: of.to_string(),
                    before: minor(now, currency),
                    after: minor(then, currency),
                    asked: asked.contains(&(goal.id.as_str(), of)),
                });
            }
        }
        let more = goal.target(period) - before.target(period);
        *left.entry(*at).or_default() += more;
        if let Some(parent) = node.parent {
            *left.entry(parent).or_default() -= more;
        }
    }
    // What was typed stands before what follows from it.
    tried.changed.sort_by_key(|cell| columns.is_none() && !cell.asked);
    tried.reserves = left
        .into_iter()
        .filter(|(_, more)| *more != 0)
        .filter_map(|(at, more)| {
            let after = minor(nodes[at].reserve? + more, currency);
            Some(GoalReserve { goal_id: nodes[at].goal.id.clone(), after })
        })
        .collect();
    tried.goals_changed = count(found.after.len());
    tried.people_changed = count(found.after.iter().filter(|goal| matches!(goal.owner, Owner::Person(_))).count());
    tried.digest = (!found.after.is_empty()).then(|| found.digest());
    Ok(())
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_set(
    desk: State<'_, Shared>,
    edits: Vec<GoalEdit>,
    expected: String,
) -> std::result::Result<GoalAdjusted, Problem> {
    let typed = typed(&edits)?;
    desk.change(move |workspace| {
        let viewer = workspace.viewer()?;
        let view = workspace.view();
        let nodes = goals::tree(view, &viewer, METRIC, year_of(&typed))?;
        let wish = Wish::Cells(typed::read(view, &viewer, &nodes, &typed)?.cells);
        let found = outcome(&view, &wish)?;
        let people = found.after.iter().filter(|goal| matches!(goal.owner, Owner::Person(_))).count();
        let done = GoalAdjusted { goals_changed: count(found.after.len()), people_changed: count(people) };
        Ok((done, workspace.mutate(&Mutation::ChangeGoals { wish, why: None, seen: Some(expected) })?))
    })
    .await
}
