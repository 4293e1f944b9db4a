//! Team: people by pace, the trend, comparison.

use super::chart::Chart;
use super::figure::{Money, Pace, Phrase, Rate, Spark, StatusCounts};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "team.ts")]
pub struct Team {
    pub unit_id: String,
    pub unit_name: String,
    /// From the top of the viewer's scope down to this unit.
    pub path: Vec<UnitRef>,
    pub period: String,
    pub lead: Phrase,
    /// Said instead of pace before the third working day.
    pub early: Option<Phrase>,
    pub target: Option<Money>,
    pub actual: Option<Money>,
    pub attainment: Option<Rate>,
    pub pace: Pace,
    pub due: Option<Rate>,
    pub counts: StatusCounts,
    /// Units one level below, for drilling down.
    pub children: Vec<UnitRow>,
    /// Worst pace first.
    pub people: Vec<TeamRow>,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "team.ts")]
pub struct UnitRef {
    pub unit_id: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "team.ts")]
pub struct UnitRow {
    pub unit_id: String,
    pub name: String,
    pub people: u32,
    pub attainment: Option<Rate>,
    pub pace: Pace,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "team.ts")]
pub struct TeamRow {
    pub person_id: String,
    pub name: String,
    pub position: String,
    pub unit_id: String,
    pub unit_name: String,
    pub target: Option<Money>,
    pub actual: Option<Money>,
    pub attainment: Option<Rate>,
    pub pace: Pace,
    pub due: Option<Rate>,
    pub spark: Spark,
    pub forecast: Option<Forecast>,
    /// Actual − planned to date, signed.
    pub gap: Option<Money>,
    pub last_talk: Option<String>,
    pub why: String,
}

/// Month-end forecast with the band of the person's own past month-ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "team.ts")]
pub struct Forecast {
    pub low: Money,
    pub mid: Money,
    pub high: Money,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "team.ts")]
pub struct Compare {
    pub panels: Vec<ComparePanel>,
}

/// One small multiple, 240 × 120, all on one scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "team.ts")]
pub struct ComparePanel {
    pub person_id: String,
    pub name: String,
    pub attainment: Option<Rate>,
    pub pace: Pace,
    pub chart: Chart,
}
