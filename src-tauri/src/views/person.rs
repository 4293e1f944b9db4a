//! One person: line of sight, the week by customer type, metrics, conversations.

use super::figure::{Money, Pace, Phrase, Rate, Value};
use super::note::{NoteAction, NoteBrief};
use super::team::Forecast;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "person.ts")]
pub struct Person {
    pub person_id: String,
    pub name: String,
    pub position: String,
    pub unit_id: String,
    pub unit_name: String,
    pub joined_on: String,
    pub tenure_months: u32,
    pub period: String,
    pub lead: Phrase,
    pub target: Option<Money>,
    pub actual: Option<Money>,
    pub attainment: Option<Rate>,
    pub pace: Pace,
    pub due: Option<Rate>,
    /// Actual − planned to date, signed.
    pub gap: Option<Money>,
    pub forecast: Option<Forecast>,
    pub line_of_sight: Option<LineOfSight>,
    pub week: Option<WeekTable>,
    pub metrics: Vec<MetricRow>,
    pub open_actions: Vec<NoteAction>,
    /// Newest first, at most ten; `None` when the viewer may not read notes about this person.
    pub notes: Option<Vec<NoteBrief>>,
    pub can_write_note: bool,
    /// The viewer may open pay; opening is recorded.
    pub can_see_pay: bool,
    pub why: String,
}

/// "Your 3.96M this year: Jia 99.0 %, region A 19.8 %, the company 4.0 %", year against year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "person.ts")]
pub struct LineOfSight {
    pub year: String,
    pub goal: Money,
    /// Nearest first.
    pub steps: Vec<SightStep>,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "person.ts")]
pub struct SightStep {
    pub unit_id: String,
    pub unit_name: String,
    /// The company itself is last.
    pub kind: String,
    pub share: Rate,
}

/// The last whole week by customer type against the eight weeks before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "person.ts")]
pub struct WeekTable {
    pub start: String,
    pub end: String,
    pub rows: Vec<WeekRow>,
    pub total: WeekRow,
    /// "82 % of the fall is new customers", when something stands out.
    pub finding: Option<Phrase>,
    /// Eight weeks ending with this one, oldest first.
    pub bars: Vec<WeekBar>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "person.ts")]
pub struct WeekRow {
    /// `new`, `returning` or the company's own word; `total` for the sum.
    pub customer_type: String,
    pub orders: u32,
    pub amount: Money,
    /// `4.0`; `None` without eight weeks of history.
    pub mean_orders: Option<String>,
    pub mean_amount: Option<Money>,
    /// Amount − mean, signed.
    pub difference: Option<Money>,
    /// This is the row that explains the week.
    pub odd: bool,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "person.ts")]
pub struct WeekBar {
    pub start: String,
    pub end: String,
    pub amount: Money,
    /// Permille of the tallest bar (or plan, if taller): heights to draw, split by customer type in the order of `rows`.
    pub parts: Vec<u32>,
    /// The week's plan on the same scale.
    pub plan: Option<u32>,
    pub running: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "person.ts")]
pub struct MetricRow {
    /// Message `metric.<code>`.
    pub metric: String,
    pub actual: Option<Value>,
    pub target: Option<Value>,
    pub attainment: Option<Rate>,
    pub pace: Option<Pace>,
    pub due: Option<Rate>,
    pub why: String,
}
