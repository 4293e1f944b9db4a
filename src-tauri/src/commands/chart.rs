//! Trend charts: the picture from the core, and where its points are.

use super::figure::{Say, say, target};
use crate::desk::{Question, Result, Shared};
use crate::views::chart::{Chart, ChartPoint, TrendRequest};
use crate::views::figure::{Problem, Value};
use attain_client::chart::{Subject, trend};
use attain_client::domain::metric::{Metric, Unit};
use attain_client::domain::money::{Currency, parse_scaled};
use attain_client::domain::period::Period;
use attain_client::reports::Size;
use attain_client::scope;
use tauri::State;

#[tauri::command(rename_all = "snake_case")]
pub async fn trend_chart(desk: State<'_, Shared>, request: TrendRequest) -> std::result::Result<Chart, Problem> {
    let (metric, period) = (super::metric(&request.metric)?, super::period(&request.period)?);
    let subject = match request.subject_kind.as_str() {
        "person" => Subject::Person(request.subject_id.clone()),
        _ => Subject::Unit(request.subject_id.clone()),
    };
    // The chart stands on a screen that records its look; by itself it is a look like any other.
    desk.show("trend", move |question| {
        let chart = draw(question, &subject, metric, period, (request.width, request.height), &[])?;
        let people = match &subject {
            Subject::Person(id) => vec![id.clone()],
            Subject::Unit(_) => Vec::new(),
        };
        Ok((chart, people))
    })
    .await
}

/// Draws, and lays the geometry out as points; `also_on_scale` are the peaks of charts that share this one's scale.
pub fn draw(
    question: &Question,
    subject: &Subject,
    metric: Metric,
    period: Period,
    (width, height): (u32, u32),
    also_on_scale: &[i64],
) -> Result<Chart> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let size = Size { width: width.clamp(120, 4000), height: height.clamp(60, 2000) };
    let picture = trend(view, viewer, subject, metric, period, size, also_on_scale)?;
    let mut points = Vec::new();
    for point in &picture.geometry.points {
        let mut push = |series: &str, y: f64, value: &Option<String>| {
            if let Some(value) = value.as_deref().and_then(|text| self::value(metric, text, currency)) {
                let date = point.date.to_string();
                points.push(ChartPoint { x: point.x as f32, y: y as f32, date, series: series.into(), value });
            }
        };
        if point.actual.is_some() {
            push("actual", point.y, &point.actual);
            if let Some(y) = point.second_y {
                push("plan", y, &point.planned);
            }
        } else {
            push("plan", point.second_y.unwrap_or(point.y), &point.planned);
        }
    }
    let last = |series: &str| points.iter().rfind(|point| point.series == series).map(|point| &point.value);
    let name = match subject {
        Subject::Person(id) => scope::name(view, viewer, id)?,
        Subject::Unit(id) => super::unit::name(question, id)?,
    };
    let summary = summary(name, period, last("actual"), last("plan"));
    Ok(Chart {
        svg: picture.svg,
        width: picture.geometry.width,
        height: picture.geometry.height,
        summary: summary.into(),
        points,
    })
}

/// What a reader who does not see the picture is told: the last actual and the last plan, as far as there are any.
fn summary(subject: String, period: Period, actual: Option<&Value>, plan: Option<&Value>) -> Say {
    let code = match (actual, plan) {
        (Some(_), Some(_)) => "chart.summary",
        (Some(_), None) => "chart.summary.without_plan",
        (None, Some(_)) => "chart.summary.without_actual",
        (None, None) => "chart.summary.empty",
    };
    let mut said = say(code).text("subject", subject).period("period", period);
    for (name, value) in [("actual", actual), ("plan", plan)] {
        if let Some(value) = value {
            said = said.value(name, value);
        }
    }
    said
}

/// The picture writes its values as plain decimals of the metric's unit.
fn value(metric: Metric, text: &str, currency: Currency) -> Option<Value> {
    let digits = metric.unit().digits(currency);
    let text = match metric.unit() {
        Unit::Count => text.split('.').next().unwrap_or(text),
        _ => text,
    };
    Some(target(metric, parse_scaled(text, digits).ok()?, currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::figure::{Param, Phrase};

    #[test]
    fn a_chart_without_a_plan_says_so_and_leaves_no_number_out() {
        let sold = Value::Count { count: 3 };
        for (actual, plan, code, names) in [
            (Some(&sold), Some(&sold), "chart.summary", vec!["actual", "period", "plan", "subject"]),
            (Some(&sold), None, "chart.summary.without_plan", vec!["actual", "period", "subject"]),
            (None, Some(&sold), "chart.summary.without_actual", vec!["period", "plan", "subject"]),
            (None, None, "chart.summary.empty", vec!["period", "subject"]),
        ] {
            let period = "2026-08".parse::<Period>().expect("a period");
            let phrase: Phrase = summary("江苏一队".into(), period, actual, plan).into();
            assert_eq!(phrase.code, code);
            assert_eq!(phrase.params.keys().collect::<Vec<_>>(), names);
            // A number that is none would stop the whole screen from being written.
            assert!(!phrase.params.values().any(|param| matches!(param, Param::Decimal { .. })));
        }
    }
}
