//! Goals: the tree, figures typed into it, the map beside it.

use super::figure::{Money, Pace, Phrase, Problem, Rate, Status};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalTree {
    pub period: String,
    pub metric: String,
    pub lead: Phrase,
    /// The row that stands for the whole tree, `None` when there are no goals.
    pub root_id: Option<String>,
    /// Preorder; the UI folds and unfolds by `parent_id`.
    pub rows: Vec<GoalRow>,
    /// The months or quarters that were asked for; each row has a figure for each.
    pub parts: Vec<GoalPart>,
    /// Months of the year that may still change.
    pub open_months: Vec<String>,
}

/// Which columns of targets stand beside the period's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "goal.ts")]
pub enum GoalColumns {
    Year,
    Quarters,
    Months,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalPart {
    pub period: String,
    /// A figure of it may be typed: an open month.
    pub editable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalRow {
    pub goal_id: String,
    pub parent_id: Option<String>,
    pub depth: u32,
    /// `company`, `region`, `team`, `person` or `seat`.
    pub owner_kind: String,
    pub owner_id: String,
    pub owner_name: String,
    pub target: Money,
    pub actual: Option<Money>,
    pub attainment: Option<Rate>,
    pub pace: Pace,
    /// Planned share to date.
    pub due: Option<Rate>,
    /// Own − Σ children: positive is reserve, negative over-assignment; `None` for a leaf.
    pub reserve: Option<Money>,
    /// |reserve| over target.
    pub reserve_rate: Option<Rate>,
    /// Some of it is carried by nobody below.
    pub unallocated: bool,
    pub locked: bool,
    /// The viewer may change this target in this period: of a year, or of a month that is not closed.
    pub editable: bool,
    /// The same of its open months.
    pub parts_editable: bool,
    /// The viewer may lock and unlock it.
    pub lockable: bool,
    pub has_children: bool,
    pub why: String,
    /// Targets of [`GoalTree::parts`].
    pub parts: Vec<Money>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "goal.ts")]
pub enum Reading {
    /// The year reaches the new figure: the open months carry all of the difference.
    YearTotal,
    /// Only the remaining months grow by the same share.
    RemainingShare,
    /// One month takes the new figure, the others stay.
    Month,
}

/// What a change of goals did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalAdjusted {
    pub goals_changed: u32,
    pub people_changed: u32,
}

/// A figure typed or pasted into the grid: whose, of what, and where it stood in what was pasted (from 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalEdit {
    pub row: u32,
    pub column: u32,
    /// Of the goal; `None` where a pasted row names its owner, or lies beyond the grid.
    pub goal_id: Option<String>,
    pub name: Option<String>,
    /// `2026`, `2026-09`.
    pub period: String,
    pub text: String,
}

/// What figures would do that have been typed and not been taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalTried {
    /// Cells that could be read.
    pub asked: u32,
    pub changed: Vec<GoalCellChange>,
    pub reserves: Vec<GoalReserve>,
    /// Cells that could not.
    pub wrong: Vec<GoalUnread>,
    /// Why what could be read cannot be done.
    pub refused: Option<Problem>,
    pub goals_changed: u32,
    pub people_changed: u32,
    /// For `goal_set`; `None` when there is nothing to take.
    pub digest: Option<String>,
}

/// A target before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalCellChange {
    pub goal_id: String,
    pub owner_name: String,
    pub period: String,
    pub before: Money,
    pub after: Money,
    /// Typed itself, and not moved by what was.
    pub asked: bool,
}

/// What is left of a goal after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalReserve {
    pub goal_id: String,
    pub after: Money,
}

/// A cell that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalUnread {
    pub row: u32,
    pub column: u32,
    pub owner_name: Option<String>,
    pub problem: Problem,
}

/// The map: laid out in Rust for this many CSS pixels. Cells of a level share a row; a cell's width is its target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalMap {
    pub width: u32,
    pub height: u32,
    /// The goal the map is zoomed to.
    pub root_id: Option<String>,
    pub cells: Vec<GoalCell>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "goal.ts")]
pub struct GoalCell {
    /// `None` for a merged rest.
    pub goal_id: Option<String>,
    pub label: String,
    pub level: u32,
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
    /// Attainment and planned share to date, permille of the cell.
    pub fill: Option<u32>,
    pub tick: Option<u32>,
    pub status: Status,
    /// How many goals are merged into this cell; 0 for an ordinary one.
    pub merged: u32,
    /// All of them are people's.
    pub merged_people: bool,
}
