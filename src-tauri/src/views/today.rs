//! Today: what needs the viewer, and the talk that follows from it.

use super::figure::{Money, Pace, Phrase, Problem, Rate, Spark, Status, StatusCounts};
use super::note::{NoteAction, NoteBrief};
use super::person::{LineOfSight, MetricRow, WeekTable};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "today.ts")]
pub struct Today {
    pub lead: Phrase,
    /// For a viewer who sees people: the team's line. `None` for a rep.
    pub team: Option<TodayTeam>,
    /// For a viewer with an own goal and no team.
    pub own: Option<TodayOwn>,
    /// Money at risk × days left, most first; at most seven.
    pub attention: Vec<Attention>,
    /// How many more there are.
    pub more: u32,
    /// Actions due this week or overdue, the viewer's own or about people in scope.
    pub actions: Vec<NoteAction>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "today.ts")]
pub struct TodayTeam {
    pub unit_id: String,
    pub unit_name: String,
    pub period: String,
    pub target: Option<Money>,
    pub actual: Option<Money>,
    pub attainment: Option<Rate>,
    pub pace: Pace,
    /// Planned share to date: where the pace tick stands.
    pub due: Option<Rate>,
    pub days_done: u32,
    pub days_total: u32,
    pub counts: StatusCounts,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "today.ts")]
pub struct TodayOwn {
    pub person_id: String,
    pub period: String,
    pub target: Option<Money>,
    pub actual: Option<Money>,
    pub attainment: Option<Rate>,
    pub pace: Pace,
    pub due: Option<Rate>,
    pub days_done: u32,
    pub days_total: u32,
    pub line_of_sight: Option<LineOfSight>,
    pub metrics: Vec<MetricRow>,
    /// Why nothing is said of pay; `None` when it can be.
    pub pay_hidden: Option<Problem>,
    pub why: String,
}

/// A row of "needs you".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "today.ts")]
pub struct Attention {
    pub id: String,
    /// `slipping`, `behind`, `no_data`, `action_due`, `goal_changed`.
    pub kind: String,
    pub person_id: Option<String>,
    /// Line 1: a person's or unit's name.
    pub title: String,
    pub status: Status,
    /// Line 2, joined with " · ".
    pub detail: Vec<Phrase>,
    pub gap: Option<Money>,
    pub spark: Option<Spark>,
    /// What the button does: `talk`, `open`, or none.
    pub act: Option<String>,
    pub why: Option<String>,
}

/// Agenda for a talk with a person: what the drawer on Today shows and what visit mode starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "today.ts")]
pub struct Talk {
    pub person_id: String,
    pub person_name: String,
    pub period: String,
    pub attainment: Option<Rate>,
    pub pace: Pace,
    pub gap: Option<Money>,
    pub week: Option<WeekTable>,
    pub last_note: Option<NoteBrief>,
    pub open_actions: Vec<NoteAction>,
    /// Three suggested questions about the figure.
    pub questions: Vec<Phrase>,
}
