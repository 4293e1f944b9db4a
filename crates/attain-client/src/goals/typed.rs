//! Figures typed or pasted into a table of goals: whose and of what each is, or why it cannot be read.
//!
//! Owns: [`read`]. Absent on purpose: what they would do (`Wish::Cells`), reading one amount (`parse_target`).

use std::collections::BTreeMap;

use attain_domain::goal::wish::Cells;
use attain_domain::goal::{Adjustment, Reading};
use attain_domain::period::Period;
use attain_domain::read::Read;
use attain_store::connection::View;

use super::{GoalNode, first_month, parse_target};
use crate::problem::{Problem, Result};
use crate::workspace::Viewer;

/// A figure as it was typed.
#[derive(Debug, Clone)]
pub struct Typed {
    /// The goal, or who carries it by name; neither where a block reaches beyond the table.
    pub goal_id: Option<String>,
    pub name: Option<String>,
    pub period: Period,
    pub text: String,
}

/// What could be read, and for each figure that could not: its place in what was typed, whose it would have been, why.
#[derive(Debug, Default)]
pub struct Figures {
    pub cells: Cells,
    pub wrong: Vec<(usize, Option<String>, Problem)>,
}

/// Reads figures against the goals in sight. A year's figure is what the year comes to: the open months carry the rest.
pub fn read(view: View, viewer: &Viewer, nodes: &[GoalNode], typed: &[Typed]) -> Result<Figures> {
    let by_id: BTreeMap<&str, &GoalNode> = nodes.iter().map(|node| (node.goal.id.as_str(), node)).collect();
    let mut by_name: BTreeMap<String, Vec<&GoalNode>> = BTreeMap::new();
    for node in nodes {
        by_name.entry(plain(&node.owner_name)).or_default().push(node);
    }
    let closed = Read::closed_months(&view)?;
    let mut figures = Figures::default();
    for (at, one) in typed.iter().enumerate() {
        let found = match (&one.goal_id, &one.name) {
            (Some(id), _) => by_id.get(id.as_str()).copied().ok_or_else(Problem::not_found),
            (None, Some(name)) => match by_name.get(&plain(name)).map_or(&[][..], Vec::as_slice) {
                [node] => Ok(*node),
                [] => Err(Problem::refused("no_such_row").with("name", name)),
                _ => Err(Problem::refused("several_such_rows").with("name", name)),
            },
            (None, None) => Err(Problem::refused("beyond_the_table")),
        };
        let node = match found {
            Ok(node) => node,
            Err(problem) => {
                figures.wrong.push((at, None, problem));
                continue;
            }
        };
        let goal = &node.goal;
        let reading = match one.period {
            _ if !node.editable => Err(Problem::refused("not_allowed")),
            period if period.year() != goal.year => Err(Problem::refused("no_open_months")),
            Period::Year(_) => Ok(Reading::YearTotal),
            Period::Month(month) if closed.contains(&month) => {
                Err(Problem::refused("period_closed").with("period", month))
            }
            Period::Month(month) => Ok(Reading::Month(month)),
            Period::Quarter(..) => Err(Problem::refused("quarter_is_a_sum")),
        };
        let figure = reading.and_then(|reading| {
            let target = parse_target(view, goal.metric, &one.text)?;
            if target < 0 { Err(Problem::refused("target_negative")) } else { Ok((reading, target)) }
        });
        match figure {
            Ok((reading, target)) => figures.cells.cells.push(Adjustment {
                goal_id: goal.id.clone(),
                target,
                reading,
                from: first_month(view, viewer, goal.year)?,
            }),
            Err(problem) => figures.wrong.push((at, Some(node.owner_name.clone()), problem)),
        }
    }
    Ok(figures)
}

/// Names as people paste them: spaces around and between, and letters of either case, make no difference.
fn plain(name: &str) -> String {
    name.split_whitespace().collect::<String>().to_lowercase()
}
