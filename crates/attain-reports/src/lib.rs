//! Pictures and papers. Owns how a series of figures becomes an SVG; later also PDF and workbooks.
//!
//! Deliberately absent: queries, attainment, pace and forecasts (the caller hands over finished figures), translation
//! (labels arrive as strings), colours (class names, see `chart/chart.css`), files and any other IO.

pub mod chart;

pub use chart::daily::{DailyChart, DailyWords, daily_svg};
pub use chart::standalone::{CHART_CSS, standalone_svg};
pub use chart::thin::thin;
pub use chart::trend::{TrendChart, TrendPoint, TrendWords, trend_svg};
pub use chart::{ChartError, DateTick, Geometry, GeometryPoint, PlotRect, Scale, Size, TrendPicture};
