//! The daily chart: each day's figure as a stem from zero (a line through weekends is noise) and its moving average as the line.
//! Owns the average.
//!
//! Deliberately absent: which orders make a day's figure, and working calendars (the average runs over calendar days).

use chrono::{Days, NaiveDate};

use super::axis::{decimal, divide_rounded};
use super::frame::{EndLabel, Frame, Place, Plan, day, empty, open_svg};
use super::svg::Mark;
use super::thin::thin;
use super::{ChartError, DateTick, Geometry, GeometryPoint, MAX_POINTS, Scale, Size, TrendPicture, check};

/// One figure a day, without gaps, and no title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyChart {
    pub size: Size,
    /// The day of the first value.
    pub start: NaiveDate,
    /// One for every calendar day from `start`, in smallest units; a day without orders is zero, a day of refunds negative.
    pub values: Vec<i64>,
    /// How many days, up to and with each, its average is over (fewer at the start). 28 keeps weekdays out of it.
    pub window: usize,
    /// First day that is not closed: dashed from it on. `None`: all closed.
    pub running_from: Option<NaiveDate>,
    pub scale: Scale,
    /// Those that find no room are left out.
    pub date_ticks: Vec<DateTick>,
    pub words: DailyWords,
}

/// All words in the picture, in the reader's language. An empty label is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DailyWords {
    /// What a screen reader says for the picture as a whole; not drawn.
    pub name: String,
    pub daily: String,
    pub average: String,
    /// Instead of a chart when there is not one day.
    pub no_data: String,
}

/// Draws the chart: one path of stems for the days (two where some are running) and one line for the average.
///
/// Errors: [`ChartError::Size`], [`ChartError::Scale`], [`ChartError::Window`], [`ChartError::Calendar`].
pub fn daily_svg(chart: &DailyChart) -> Result<TrendPicture, ChartError> {
    check(chart.size, &chart.scale)?;
    if chart.window == 0 {
        return Err(ChartError::Window);
    }
    let Size { width, height } = chart.size;
    let words = &chart.words;
    let mut svg = open_svg(chart.size, &words.name, chart.values.len().min(MAX_POINTS) * 26);
    if chart.values.is_empty() {
        let plot = empty(&mut svg, chart.size, &words.no_data)?;
        svg.push_str("</svg>");
        return Ok(TrendPicture { svg, geometry: Geometry { width, height, plot, points: Vec::new() } });
    }
    let last = chart.values.len() - 1;
    let last_date = chart.start.checked_add_days(Days::new(last as u64)).ok_or(ChartError::Calendar)?;

    let averages = moving_average(&chart.values, chart.window);
    let start = day(chart.start);
    let closed = chart
        .running_from
        .map_or(chart.values.len(), |from| usize::try_from(day(from) - start).unwrap_or(0).min(chart.values.len()));
    let drawn = thin(&chart.values, MAX_POINTS, &[closed, closed.saturating_sub(1)]);

    let plan = Plan {
        size: chart.size,
        scale: &chart.scale,
        first: chart.start,
        last: last_date,
        right_labels: &[words.average.as_str(), words.daily.as_str()],
        date_ticks: &chart.date_ticks,
    };
    let frame = Frame::new(&mut svg, &plan, chart.values.iter().copied());
    frame.grid(&plan)?;
    let place = |index: usize, value: i64| -> Place { (start + index as i32, value.into()) };
    let split = drawn.partition_point(|index| *index < closed);
    let stems = |range: &[usize]| -> Vec<Option<Place>> {
        range
            .iter()
            .flat_map(|index| [Some(place(*index, 0)), Some(place(*index, chart.values[*index])), None])
            .collect()
    };
    frame.line(Mark::Daily, stems(&drawn[..split]).into_iter())?;
    frame.line(Mark::DailyRunning, stems(&drawn[split..]).into_iter())?;
    frame.line(Mark::Average, drawn.iter().map(|index| Some(place(*index, averages[*index]))))?;

    let label = |mark, text, value| {
        let (x, y) = frame.at(place(last, value));
        EndLabel { mark, text, x, y }
    };
    let labels = vec![
        label(Mark::LabelActual, words.average.as_str(), averages[last]),
        label(Mark::LabelDaily, words.daily.as_str(), chart.values[last]),
    ];
    frame.end_labels(labels)?;

    let decimals = chart.scale.decimals;
    let points = drawn.iter().map(|index| {
        let (x, y) = frame.at(place(*index, chart.values[*index]));
        GeometryPoint {
            x,
            y,
            second_y: Some(frame.at(place(*index, averages[*index])).1),
            date: chart.start + Days::new(*index as u64),
            running: *index >= closed,
            actual: Some(decimal(chart.values[*index], decimals)),
            planned: None,
            forecast_low: None,
            forecast_high: None,
            average: Some(decimal(averages[*index], decimals)),
        }
    });
    let geometry = Geometry { width, height, plot: frame.rect, points: points.collect() };
    drop(frame);
    svg.push_str("</svg>");
    Ok(TrendPicture { svg, geometry })
}

/// Mean of the `window` values up to and with each (of fewer at the start), rounded half away from zero.
fn moving_average(values: &[i64], window: usize) -> Vec<i64> {
    let mut sum = 0_i128;
    let mut averages = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        sum += i128::from(*value);
        if let Some(gone) = index.checked_sub(window) {
            sum -= i128::from(values[gone]);
        }
        let mean = divide_rounded(sum, window.min(index + 1) as i128);
        // A mean lies between its smallest and largest value, so it always fits.
        averages.push(i64::try_from(mean).unwrap_or(*value));
    }
    averages
}
