//! The map of the goals: an icicle, laid out here for the pixels there are and drawn by the screen.

use super::person;
use super::tree::{Trees, tops};
use crate::desk::Shared;
use crate::views::figure::{Problem, Status};
use crate::views::goal::{GoalCell, GoalMap};
use attain_client::domain::money::Ratio;
use attain_client::goals::GoalNode;
use std::sync::Arc;
use tauri::State;

/// Narrower cells of a parent are drawn as one.
const NARROW: f64 = 24.0;

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_map(
    desk: State<'_, Shared>,
    trees: State<'_, Arc<Trees>>,
    period: String,
    root_id: Option<String>,
    width: u32,
    height: u32,
) -> std::result::Result<GoalMap, Problem> {
    let period = crate::commands::period(&period)?;
    let (trees, turn) = (Arc::clone(&trees), desk.turn());
    desk.show("goals", move |question| {
        let nodes = trees.nodes(question, turn, period)?;
        let root = root_id.as_ref().and_then(|id| nodes.iter().position(|node| node.goal.id == *id));
        let drawn = lay(&nodes, root, width, height);
        let people = drawn.iter().filter_map(|(at, _)| person(&nodes[(*at)?].goal)).collect();
        let root_id = root.map(|root| nodes[root].goal.id.clone());
        Ok((GoalMap { width, height, root_id, cells: drawn.into_iter().map(|(_, cell)| cell).collect() }, people))
    })
    .await
}

/// Each level a row, each cell as wide as its target among its siblings; the company, its regions and its teams, and a
/// team's people once zoomed into it. Without a root all that is at the top stands side by side. With each cell the place
/// of its goal among the nodes, none for a merged rest.
fn lay(nodes: &[GoalNode], root: Option<usize>, width: u32, height: u32) -> Vec<(Option<usize>, GoalCell)> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        if let Some(parent) = node.parent {
            children[parent].push(at);
        }
    }
    let top = root.map_or_else(|| tops(nodes), |root| vec![root]);
    let levels = match top.first().map(|at| nodes[*at].owner_kind) {
        Some("company") => 3,
        _ => 2,
    };
    let row = f64::from(height) / f64::from(levels);
    let weight = |at: &usize| nodes[*at].standing.target.unwrap_or(0).max(0) as f64;
    let mut cells = Vec::new();
    // Siblings, their level, where they begin, how wide they are together, and of what.
    let all: f64 = top.iter().map(weight).sum();
    let mut waiting = vec![(top, 0u32, 0.0, f64::from(width), all)];
    while let Some((siblings, level, x, w, of)) = waiting.pop() {
        let mut left = x;
        let mut narrow = (0u32, 0.0, true);
        for at in siblings {
            let node = &nodes[at];
            let wide = w * weight(&at) / of.max(1.0);
            if wide < NARROW && level > 0 {
                narrow = (narrow.0 + 1, narrow.1 + wide, narrow.2 && node.owner_kind == "person");
                continue;
            }
            let permille =
                |ratio: Option<Ratio>| ratio.map(|ratio| crate::commands::figure::count(ratio.scaled(3).max(0)));
            let mut cell = place(node.owner_name.clone(), level, left, wide, row);
            cell.goal_id = Some(node.goal.id.clone());
            cell.fill = permille(node.standing.attainment);
            cell.tick = permille(node.standing.due);
            cell.status = crate::commands::figure::status(node.standing.status);
            cells.push((Some(at), cell));
            if level + 1 < levels && !children[at].is_empty() {
                // A reserve leaves a gap on the right; an over-assignment shares the width there is.
                let below: f64 = children[at].iter().map(weight).sum();
                waiting.push((children[at].clone(), level + 1, left, wide, below.max(weight(&at))));
            }
            left += wide;
        }
        if narrow.0 > 0 && narrow.1 >= 1.0 {
            let mut cell = place(String::new(), level, left, narrow.1, row);
            (cell.merged, cell.merged_people) = (narrow.0, narrow.2);
            cells.push((None, cell));
        }
    }
    cells.sort_by(|(_, a), (_, b)| a.level.cmp(&b.level).then(a.x.total_cmp(&b.x)));
    cells
}

fn place(label: String, level: u32, x: f64, w: f64, row: f64) -> GoalCell {
    GoalCell {
        goal_id: None,
        label,
        level,
        x: x as f32,
        y: (f64::from(level) * row) as f32,
        w: w as f32,
        h: row as f32,
        fill: None,
        tick: None,
        status: Status::NoData,
        merged: 0,
        merged_people: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attain_client::domain::attainment::Status as Pace;
    use attain_client::domain::goal::{Goal, Owner};
    use attain_client::domain::metric::Metric;
    use attain_client::domain::period::Period;
    use attain_client::performance::Standing;

    fn node(id: &str, kind: &'static str, parent: Option<usize>, target: i64) -> GoalNode {
        let standing = Standing {
            metric: Metric::SalesAmount,
            period: Period::Year(2026),
            target: Some(target),
            actual: None,
            attainment: None,
            planned: None,
            due: None,
            pace: None,
            status: Pace::NoData,
            gap: None,
            too_early: false,
        };
        GoalNode {
            goal: Goal::new(id.into(), None, Owner::Unit(id.into()), Metric::SalesAmount, 2026),
            owner_kind: kind,
            owner_name: id.into(),
            depth: 0,
            parent,
            standing,
            reserve: None,
            editable: true,
            has_children: true,
        }
    }

    fn said(nodes: &[GoalNode], root: Option<usize>) -> Vec<String> {
        let drawn = lay(nodes, root, 600, 400);
        let name = |cell: &GoalCell| cell.goal_id.clone().unwrap_or_else(|| format!("+{}", cell.merged));
        drawn.iter().map(|(_, cell)| format!("{} {}..{}", name(cell), cell.x, cell.x + cell.w)).collect()
    }

    #[test]
    fn narrow_people_are_merged_and_a_reserve_leaves_a_gap() {
        let mut nodes = vec![node("team", "team", None, 1000), node("wide", "person", Some(0), 500)];
        nodes.extend((0..10).map(|n| node(&format!("p{n}"), "person", Some(0), 30)));
        assert_eq!(said(&nodes, Some(0)), ["team 0..600", "wide 0..300", "+10 300..480"]);
        assert!(lay(&nodes, Some(0), 600, 400)[2].1.merged_people);
    }

    #[test]
    fn several_teams_stand_side_by_side_until_one_is_zoomed_into() {
        let nodes = [
            node("jia", "team", None, 400),
            node("zhang-san", "person", Some(0), 400),
            node("yi", "team", None, 200),
            node("wu-qian", "person", Some(2), 200),
        ];
        assert_eq!(said(&nodes, None), ["jia 0..400", "yi 400..600", "zhang-san 0..400", "wu-qian 400..600"]);
        assert_eq!(said(&nodes, Some(2)), ["yi 0..600", "wu-qian 0..600"]);
    }
}
