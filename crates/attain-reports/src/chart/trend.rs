//! The trend chart: cumulative actual against the plan, with the forecast as a band. Owns which of a period's figures
//! becomes which mark.
//!
//! Deliberately absent: accumulating, planning and forecasting (figures arrive finished) and colours.

use chrono::NaiveDate;

use super::axis::decimal;
use super::frame::{EndLabel, Frame, Place, Plan, day, empty, open_svg};
use super::svg::Mark;
use super::thin::{extremes, thin};
use super::{ChartError, DateTick, Geometry, GeometryPoint, MAX_POINTS, Scale, Size, TrendPicture, check};

/// A period's course, without a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendChart {
    pub size: Size,
    /// In rising order of date; any number (see [`MAX_POINTS`]).
    pub points: Vec<TrendPoint>,
    /// First day that is not closed: the actual is solid before it and dashed from it on. `None`: all closed.
    pub running_from: Option<NaiveDate>,
    pub scale: Scale,
    /// Those that find no room are left out.
    pub date_ticks: Vec<DateTick>,
    /// Values the scale must hold besides the points' own, so that pictures beside each other can be compared.
    pub also_on_scale: Vec<i64>,
    pub words: TrendWords,
}

/// What is known for one date, in smallest units; `None` is no figure, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrendPoint {
    pub date: NaiveDate,
    /// Cumulative from the period's start.
    pub actual: Option<i64>,
    /// Cumulative from the period's start.
    pub planned: Option<i64>,
    /// Low and high; the band starts at the last actual before it.
    pub forecast: Option<(i64, i64)>,
}

/// All words in the picture, in the reader's language. An empty label is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrendWords {
    /// What a screen reader says for the picture as a whole; not drawn.
    pub name: String,
    pub actual: String,
    pub planned: String,
    pub forecast: String,
    /// Instead of a chart when there is no figure at all.
    pub no_data: String,
}

/// Draws the chart.
///
/// Errors: [`ChartError::Size`], [`ChartError::Scale`], [`ChartError::DateOrder`].
pub fn trend_svg(chart: &TrendChart) -> Result<TrendPicture, ChartError> {
    check(chart.size, &chart.scale)?;
    if let Some(index) = chart.points.windows(2).position(|pair| pair[0].date >= pair[1].date) {
        return Err(ChartError::DateOrder { index: index + 1 });
    }
    let Size { width, height } = chart.size;
    let points = drawn_points(chart);
    let mut svg = open_svg(chart.size, &chart.words.name, points.len() * 60);
    let ends = (points.first(), points.last());
    let (Some(first), Some(last)) = ends else {
        let plot = empty(&mut svg, chart.size, &chart.words.no_data)?;
        svg.push_str("</svg>");
        return Ok(TrendPicture { svg, geometry: Geometry { width, height, plot, points: Vec::new() } });
    };

    let words = &chart.words;
    let last_actual = points.iter().rev().find_map(|point| Some((point.date, point.actual?)));
    let last_planned = points.iter().rev().find_map(|point| Some((point.date, point.planned?)));
    let edges = band_edges(&points, last_actual);
    let right_labels = [
        if last_actual.is_some_and(|(date, _)| date == last.date) { words.actual.as_str() } else { "" },
        if last_planned.is_some() { words.planned.as_str() } else { "" },
        if edges.len() > 1 { words.forecast.as_str() } else { "" },
    ];
    let plan = Plan {
        size: chart.size,
        scale: &chart.scale,
        first: first.date,
        last: last.date,
        right_labels: &right_labels,
        date_ticks: &chart.date_ticks,
    };
    let values = points.iter().flat_map(values_of).chain(chart.also_on_scale.iter().copied());
    let frame = Frame::new(&mut svg, &plan, values);

    frame.grid(&plan)?;
    frame.band(&edges)?;
    frame.line(Mark::Target, points.iter().map(|point| place(point.date, point.planned)))?;
    let closed = chart.running_from.map_or(points.len(), |start| points.partition_point(|point| point.date < start));
    let actuals = |range: &[TrendPoint]| range.iter().map(|point| place(point.date, point.actual)).collect::<Vec<_>>();
    frame.line(Mark::Actual, actuals(&points[..closed]).into_iter())?;
    if points[closed..].iter().any(|point| point.actual.is_some()) {
        frame.line(Mark::Running, actuals(&points[closed.saturating_sub(1)..]).into_iter())?;
    }

    let mut end_labels = Vec::new();
    if let Some((date, planned)) = last_planned {
        end_labels.push(end_label(&frame, Mark::LabelTarget, &words.planned, (day(date), planned.into())));
    }
    if let [.., (end, low, high)] = edges[..]
        && edges.len() > 1
    {
        end_labels.push(end_label(&frame, Mark::LabelBand, &words.forecast, (end, middle(low, high))));
    }
    if let Some((date, actual)) = last_actual {
        let end = (day(date), i128::from(actual));
        frame.dot(end)?;
        let label = end_label(&frame, Mark::LabelActual, &words.actual, end);
        if frame.ends_at_edge(label.x) {
            end_labels.push(label);
        } else {
            let planned = points.iter().rev().find(|point| point.date <= date).and_then(|point| point.planned);
            frame.inner_label(&label, planned.is_none_or(|planned| planned > actual))?;
        }
    }
    frame.end_labels(end_labels)?;

    let plot = frame.rect;
    let points = points.iter().enumerate().map(|(index, point)| geometry_point(&frame, chart, point, index >= closed));
    let geometry = Geometry { width, height, plot, points: points.collect() };
    drop(frame);
    svg.push_str("</svg>");
    Ok(TrendPicture { svg, geometry })
}

/// The points with any figure, thinned to [`MAX_POINTS`] without losing a line's ends, extremes or joints.
fn drawn_points(chart: &TrendChart) -> Vec<TrendPoint> {
    let known: Vec<TrendPoint> =
        chart.points.iter().filter(|point| values_of(point).next().is_some()).copied().collect();
    if known.len() <= MAX_POINTS {
        return known;
    }
    let main: Vec<i64> = known.iter().map(|point| values_of(point).next().unwrap_or(0)).collect();
    let last_actual = known.iter().rposition(|point| point.actual.is_some());
    let running = chart.running_from.map(|start| known.partition_point(|point| point.date < start));
    let mut keep: Vec<usize> = [last_actual, running, running.and_then(|index| index.checked_sub(1))]
        .into_iter()
        .flatten()
        .chain(known.iter().position(|point| point.forecast.is_some()))
        .collect();
    let mut keep_extremes = |of: &dyn Fn(&TrendPoint) -> Option<i64>| {
        let column: Vec<i64> = known.iter().map(|point| of(point).unwrap_or(0)).collect();
        keep.extend(extremes(&column, 0..column.len()));
    };
    keep_extremes(&|point| point.planned);
    keep_extremes(&|point| point.forecast.map(|(low, _)| low));
    keep_extremes(&|point| point.forecast.map(|(_, high)| high));
    thin(&main, MAX_POINTS, &keep).into_iter().map(|index| known[index]).collect()
}

fn values_of(point: &TrendPoint) -> impl Iterator<Item = i64> + use<> {
    let (low, high) = point.forecast.unzip();
    point.actual.into_iter().chain(point.planned).chain(low).chain(high)
}

/// Day, low and high of the band from the left, opening at the last actual.
fn band_edges(points: &[TrendPoint], last_actual: Option<(NaiveDate, i64)>) -> Vec<(i32, i128, i128)> {
    let band = points.iter().filter_map(|point| {
        let (one, other) = point.forecast?;
        Some((day(point.date), i128::from(one.min(other)), i128::from(one.max(other))))
    });
    let mut edges: Vec<_> = band.collect();
    if let (Some((date, actual)), Some((first, ..))) = (last_actual, edges.first())
        && day(date) < *first
    {
        edges.insert(0, (day(date), actual.into(), actual.into()));
    }
    edges
}

fn geometry_point(frame: &Frame, chart: &TrendChart, point: &TrendPoint, running: bool) -> GeometryPoint {
    let height = |value: i128| frame.at((day(point.date), value)).1;
    let (low, high) = point.forecast.map(|(one, other)| (one.min(other), one.max(other))).unzip();
    let planned = point.planned.map(i128::from);
    let main = point
        .actual
        .map(i128::from)
        .or(planned)
        .or(point.forecast.map(|(one, other)| middle(one.into(), other.into())));
    let text = |value: Option<i64>| value.map(|value| decimal(value, chart.scale.decimals));
    GeometryPoint {
        x: frame.at((day(point.date), 0)).0,
        y: height(main.unwrap_or(0)),
        second_y: planned.map(height),
        date: point.date,
        running,
        actual: text(point.actual),
        planned: text(point.planned),
        forecast_low: text(low),
        forecast_high: text(high),
        average: None,
    }
}

fn end_label<'a>(frame: &Frame, mark: Mark, text: &'a str, end: Place) -> EndLabel<'a> {
    let (x, y) = frame.at(end);
    EndLabel { mark, text, x, y }
}

fn place(date: NaiveDate, value: Option<i64>) -> Option<Place> {
    Some((day(date), value?.into()))
}

fn middle(low: i128, high: i128) -> i128 {
    low + (high - low) / 2
}
