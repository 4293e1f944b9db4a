//! Charts over dates. Owns what the trend and the daily chart share: size, scale, errors, the geometry that goes beside
//! the SVG, and the frame (margins, grid, scales, direct labels).
//!
//! Deliberately absent: colours, stroke widths and fonts (`chart.css`, by class name), titles and legends (a screen has
//! its own heading, lines are labelled where they end), and interaction (the UI lays it over from the geometry).

mod axis;
pub mod daily;
mod frame;
pub mod standalone;
mod svg;
#[cfg(test)]
mod tests;
pub mod thin;
pub mod trend;

use chrono::NaiveDate;
use serde::Serialize;

/// Most points a picture holds per line; longer series are thinned (see [`thin::thin`]).
pub const MAX_POINTS: usize = 400;

/// Size of the type in a chart, CSS px: direct labels, scale labels and unit alike. Chinese is never set smaller.
pub(crate) const LABEL_PX: f64 = 12.0;

/// Outer size of a picture in CSS px.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    /// One of up to four pictures beside each other when people are compared.
    pub const SMALL_MULTIPLE: Size = Size { width: 240, height: 120 };
    /// The team's chart where no width is given: a file, a message.
    pub const TEAM: Size = Size { width: 880, height: 220 };
    /// The daily chart of a person or team where no width is given.
    pub const DAILY: Size = Size { width: 880, height: 180 };
}

/// How values are written: on the scale in one stated unit, in the geometry as exact decimals.
///
/// Yuan shown in ten thousands: `Scale { unit: "万元".into(), minor_per_unit: 1_000_000, decimals: 2 }`.
/// A count: `Scale { unit: "家".into(), minor_per_unit: 1, decimals: 0 }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// Written once above the scale, in the reader's language; empty for none.
    pub unit: String,
    /// How many smallest units one scale unit holds; at least 1.
    pub minor_per_unit: i64,
    /// Digits after the point of the values in the geometry: 2 for yuan held in fen, 0 for counts; at most 18.
    pub decimals: u8,
}

/// A place on the date scale and what is written there, in the reader's language ("9月", "Sep").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateTick {
    pub date: NaiveDate,
    pub label: String,
}

/// A picture and where things are in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrendPicture {
    /// A whole `<svg>` element that names classes and no colours.
    pub svg: String,
    pub geometry: Geometry,
}

/// Where a reader may point: for hover and keyboard focus. CSS px from the picture's upper left corner.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Geometry {
    pub width: u32,
    pub height: u32,
    pub plot: PlotRect,
    /// In date order; at most [`MAX_POINTS`].
    pub points: Vec<GeometryPoint>,
}

/// The rectangle that lines, band and grid stay within.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PlotRect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// One date: where it is drawn and what it says. Values are exact decimals in the currency's (or metric's) main unit,
/// `None` where there is no such figure; the caller knows the currency.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GeometryPoint {
    pub x: f64,
    /// Height of the actual; of the planned where there is none; else the middle of the forecast.
    pub y: f64,
    /// Height of the second line (planned, or the moving average), where that date has one.
    pub second_y: Option<f64>,
    pub date: NaiveDate,
    /// In the period that is not closed yet.
    pub running: bool,
    pub actual: Option<String>,
    pub planned: Option<String>,
    pub forecast_low: Option<String>,
    pub forecast_high: Option<String>,
    /// Mean of the days up to this one, rounded half away from zero (daily chart only).
    pub average: Option<String>,
}

/// Why a chart cannot be drawn. All but `Drawing` are mistakes of the caller, not of the reader.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    #[error("a chart is between 96 × 64 and 8192 × 8192 px, not {width} × {height}")]
    Size { width: u32, height: u32 },
    #[error("dates must rise: point {index} does not come after the one before it")]
    DateOrder { index: usize },
    #[error("{minor_per_unit} smallest units per scale unit with {decimals} decimals is no scale")]
    Scale { minor_per_unit: i64, decimals: u8 },
    #[error("the moving average needs at least one day")]
    Window,
    #[error("the days run past the calendar")]
    Calendar,
    #[error("drawing failed: {0}")]
    Drawing(String),
}

/// Errors: [`ChartError::Size`], [`ChartError::Scale`].
pub(crate) fn check(size: Size, scale: &Scale) -> Result<(), ChartError> {
    let Size { width, height } = size;
    if !(96..=8192).contains(&width) || !(64..=8192).contains(&height) {
        return Err(ChartError::Size { width, height });
    }
    if scale.minor_per_unit < 1 || scale.decimals > 18 {
        return Err(ChartError::Scale { minor_per_unit: scale.minor_per_unit, decimals: scale.decimals });
    }
    Ok(())
}
