//! Trend charts of a unit or a person: cumulative actual against the plan, for screens, files and reports.
//!
//! Owns: turning figures into the points of a picture. Absent on purpose: drawing (attain-reports).

use std::collections::BTreeMap;

use attain_domain::access::Action;
use attain_domain::metric::{Metric, RollUp, Unit};
use attain_domain::money::round_half_away;
use attain_domain::period::Period;
use attain_domain::read::Read;
use attain_reports::chart::trend::{TrendChart, TrendPoint, TrendWords, trend_svg};
use attain_reports::chart::{DateTick, Scale, Size, TrendPicture};
use attain_store::connection::View;
use attain_store::queries::figure::{DaySums, Whose};
use chrono::{Datelike, Days, NaiveDate};

use crate::language::Language;
use crate::performance::{Frame, Track, targets_of_person, targets_of_unit};
use crate::problem::{Problem, Result};
use crate::scope;
use crate::workspace::Viewer;

/// Whose chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Person(String),
    /// A unit, or [`scope::MINE`].
    Unit(String),
}

/// Draws the trend of a metric in a period.
pub fn trend(
    view: View,
    viewer: &Viewer,
    subject: &Subject,
    metric: Metric,
    period: Period,
    size: Size,
    also_on_scale: &[i64],
) -> Result<TrendPicture> {
    let course = course(view, viewer, subject, metric, period)?;
    draw(viewer, course, metric, size, also_on_scale, view)
}

/// The course of a period, ready to draw.
pub struct Course {
    pub name: String,
    pub points: Vec<TrendPoint>,
    pub running_from: Option<NaiveDate>,
    period: Period,
    ticks: Vec<NaiveDate>,
}

impl Course {
    /// The largest value on it, so that several can share one scale.
    pub fn highest(&self) -> i64 {
        self.points.iter().flat_map(|p| [p.actual, p.planned, p.forecast.map(|f| f.1)]).flatten().max().unwrap_or(0)
    }
}

/// The figures of a trend: cumulative sums by day, or a ratio by month.
pub fn course(view: View, viewer: &Viewer, subject: &Subject, metric: Metric, period: Period) -> Result<Course> {
    let frame = Frame::load(view, viewer.today)?;
    let range = frame.time.fiscal.range(period);
    let (name, units) = match subject {
        Subject::Person(id) => {
            scope::require_about(view, viewer, Action::SeeFigures, id)?;
            (scope::name(view, viewer, id)?, Vec::new())
        }
        Subject::Unit(id) => {
            let units = scope::resolve_unit(view, viewer, id)?;
            let names: Vec<String> = units.iter().map(|u| scope::name(view, viewer, u)).collect::<Result<_>>()?;
            (names.join(if viewer.language == Language::Chinese { "、" } else { ", " }), units)
        }
    };
    let closed = Read::closed_months(&view)?;
    let running_from = period.months().find(|m| !closed.contains(m)).map(|m| frame.time.fiscal.month_start(m));
    if metric.roll_up() == RollUp::RatioOfSums {
        return by_month(view, subject, &units, metric, period, &frame, name);
    }
    let mut days: BTreeMap<NaiveDate, DaySums> = BTreeMap::new();
    let mut targets = BTreeMap::new();
    let years = [period.year()];
    let mut forecast = None;
    match subject {
        Subject::Person(id) => {
            days = view.day_sums(Whose::Person(id), range.from, range.until)?.into_iter().collect();
            targets = targets_of_person(view, id, metric, &years)?.unwrap_or_default();
            if metric == Metric::SalesAmount {
                forecast = Track::of_people(view, &frame, std::slice::from_ref(id))?.forecast(&frame, period);
            }
        }
        Subject::Unit(_) => {
            for unit in &units {
                for (day, sums) in view.day_sums(Whose::Unit(unit), range.from, range.until)? {
                    let total = days.entry(day).or_default();
                    total.sales += sums.sales;
                    total.new_customers += sums.new_customers;
                }
                for (month, value) in targets_of_unit(view, unit, metric, &years)?.unwrap_or_default() {
                    *targets.entry(month).or_insert(0) += value;
                }
            }
            if let ([unit], Metric::SalesAmount) = (units.as_slice(), metric) {
                forecast = Track::of_unit(view, &frame, unit)?.forecast(&frame, period);
            }
        }
    }
    let last_fact = view.fact_days()?.map(|(_, last)| last);
    let mut points = Vec::new();
    let mut cumulative = 0i64;
    let mut day = range.from;
    while day < range.until {
        if let Some(sums) = days.get(&day) {
            cumulative += if metric == Metric::NewCustomers { sums.new_customers } else { sums.sales };
        }
        let told = day < viewer.today && last_fact.is_some_and(|last| range.from <= last);
        let planned = (!targets.is_empty()).then(|| {
            let due = frame.time.planned_to_date(
                targets.iter().filter(|(m, _)| period.months().any(|p| p == **m)).map(|(m, t)| (*m, *t)),
                day + Days::new(1),
            );
            i64::try_from(round_half_away(due.num, due.den)).unwrap_or(i64::MAX)
        });
        points.push(TrendPoint { date: day, actual: told.then_some(cumulative), planned, forecast: None });
        day = day + Days::new(1);
    }
    if let (Some(last), Some(forecast)) = (points.last_mut(), forecast) {
        last.forecast = Some((forecast.low, forecast.high));
    }
    let ticks = match period {
        Period::Month(_) => points.iter().map(|p| p.date).filter(|d| matches!(d.day(), 1 | 8 | 15 | 22 | 29)).collect(),
        _ => period.months().map(|m| frame.time.fiscal.month_start(m)).collect(),
    };
    Ok(Course { name, points, running_from, period, ticks })
}

/// A ratio is not cumulative: one point a month of the year up to the period's end, in millionths (or hundredths).
fn by_month(
    view: View,
    subject: &Subject,
    units: &[String],
    metric: Metric,
    period: Period,
    frame: &Frame,
    name: String,
) -> Result<Course> {
    let mut points = Vec::new();
    let last = period.last_month();
    let digits = if metric.unit() == Unit::Ratio { 1_000_000 } else { 1 };
    for back in (0..12).rev() {
        let month = last.plus(-back);
        let of = Period::Month(month);
        let (figure, target) = match (subject, units) {
            (Subject::Person(id), _) => {
                (view.person_figure(id, metric, of)?, targets_of_person(view, id, metric, &[month.year])?)
            }
            (Subject::Unit(_), [unit]) => {
                (view.unit_figure(unit, metric, of)?, targets_of_unit(view, unit, metric, &[month.year])?)
            }
            _ => {
                let mut total: Option<attain_domain::metric::Figure> = None;
                for unit in units {
                    if let Some(f) = view.unit_figure(unit, metric, of)? {
                        let t = total.get_or_insert(attain_domain::metric::Figure { num: 0, den: 0 });
                        (t.num, t.den) = (t.num + f.num, t.den + f.den);
                    }
                }
                (total, None)
            }
        };
        let actual = figure
            .filter(|f| f.den != 0)
            .map(|f| i64::try_from(round_half_away(i128::from(f.num) * digits, i128::from(f.den))).unwrap_or(i64::MAX));
        let planned = target.and_then(|t| t.get(&month).copied());
        points.push(TrendPoint { date: frame.time.fiscal.month_start(month), actual, planned, forecast: None });
    }
    let ticks = points.iter().map(|p| p.date).collect();
    let running = frame.time.fiscal.month_start(frame.time.fiscal.month_of(frame.today));
    Ok(Course { name, points, running_from: Some(running), period: Period::Year(last.year), ticks })
}

/// Draws a course; `also_on_scale` keeps several pictures comparable.
pub fn draw(
    viewer: &Viewer,
    course: Course,
    metric: Metric,
    size: Size,
    also_on_scale: &[i64],
    view: View,
) -> Result<TrendPicture> {
    let language = viewer.language;
    let say = |key: &str| language.message(key, &[]);
    let digits = metric.unit().digits(view.currency()?);
    let scale = match metric.unit() {
        Unit::Money => Scale {
            unit: say("chart.unit_money"),
            minor_per_unit: 10i64.pow(digits) * if language == Language::Chinese { 10_000 } else { 1_000 },
            decimals: digits as u8,
        },
        Unit::Count => Scale { unit: String::new(), minor_per_unit: 1, decimals: 0 },
        Unit::Ratio => Scale { unit: "%".into(), minor_per_unit: 10_000, decimals: 6 },
        Unit::Score => Scale { unit: String::new(), minor_per_unit: 100, decimals: 2 },
    };
    let daily = matches!(course.period, Period::Month(_));
    let date_ticks =
        course.ticks.iter().map(|d| DateTick { date: *d, label: tick_label(language, *d, daily) }).collect();
    let name = language.message(
        "chart.trend_name",
        &[
            ("name".into(), course.name.clone()),
            ("metric".into(), format!("@metric.{metric}")),
            ("period".into(), course.period.to_string()),
        ],
    );
    trend_svg(&TrendChart {
        size,
        points: course.points,
        running_from: course.running_from,
        scale,
        date_ticks,
        also_on_scale: also_on_scale.to_vec(),
        words: TrendWords {
            name,
            actual: say("chart.actual"),
            planned: say("chart.planned"),
            forecast: say("chart.forecast"),
            no_data: say("chart.no_data"),
        },
    })
    .map_err(|error| Problem::refused("chart_impossible").because(error))
}

fn tick_label(language: Language, date: NaiveDate, daily: bool) -> String {
    const SHORT: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = SHORT[date.month0() as usize];
    match (language, daily) {
        (Language::Chinese, true) => format!("{}月{}日", date.month(), date.day()),
        (Language::Chinese, false) => format!("{}月", date.month()),
        (Language::English, true) => format!("{} {month}", date.day()),
        (Language::English, false) => month.to_string(),
    }
}
