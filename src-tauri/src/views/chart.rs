//! Charts: the picture and, with it, where its points are.

use super::figure::{Phrase, Value};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `svg` is one `<svg>` element that carries class names (`chart-actual`, `chart-running`, `chart-target`,
/// `chart-band`, `chart-grid`, `chart-label`, `chart-axis`, `chart-compare`) and no colours. The UI lays hover and
/// keyboard focus over it from `points`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "chart.ts")]
pub struct Chart {
    pub svg: String,
    pub width: u32,
    pub height: u32,
    pub points: Vec<ChartPoint>,
    /// What a screen reader says about the picture.
    pub summary: Phrase,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "chart.ts")]
pub struct ChartPoint {
    /// In the chart's own pixels.
    pub x: f32,
    pub y: f32,
    /// A day, week start or month.
    pub date: String,
    /// `actual`, `plan`, `forecast`, `compare`.
    pub series: String,
    pub value: Value,
}

/// `trend_chart` input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "chart.ts")]
pub struct TrendRequest {
    /// `unit` or `person`.
    pub subject_kind: String,
    pub subject_id: String,
    pub metric: String,
    pub period: String,
    pub width: u32,
    pub height: u32,
}
