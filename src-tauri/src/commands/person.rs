//! One person: line of sight, the week by customer type, metrics, conversations.

use super::figure::{actual, count, minor, rate, say, target};
use super::why::{Figure, Whose, attainment, pace};
use super::{note, team};
use crate::desk::{Question, Result, Shared};
use crate::views::figure::{Problem, Status};
use crate::views::person::{LineOfSight, MetricRow, Person, SightStep, WeekBar, WeekRow, WeekTable};
use attain_client::domain::access::Action;
use attain_client::domain::metric::{Metric, RollUp};
use attain_client::domain::money::{Currency, Money, Ratio};
use attain_client::domain::period::Period;
use attain_client::performance::{self, Frame, Standing, Track};
use attain_client::scope;
use attain_client::week::{self, week_table};
use chrono::{Datelike, Days, NaiveDate};
use tauri::State;

#[tauri::command(rename_all = "snake_case")]
pub async fn person_show(
    desk: State<'_, Shared>,
    person_id: String,
    period: String,
) -> std::result::Result<Person, Problem> {
    let period = super::period(&period)?;
    desk.show("person", move |question| Ok((person(question, &person_id, period)?, vec![person_id]))).await
}

fn person(question: &Question, person_id: &str, period: Period) -> Result<Person> {
    let (view, viewer) = (question.view, question.viewer);
    scope::require_about(view, viewer, Action::SeeFigures, person_id)?;
    let currency = view.currency()?;
    let row = view.person_row(person_id, viewer.today)?.ok_or_else(attain_client::Problem::not_found)?;
    let frame = Frame::load(view, viewer.today)?;
    let standing = performance::person(view, &frame, person_id, Metric::SalesAmount, period)?;
    let track = Track::of_people(view, &frame, &[person_id.to_owned()])?;
    let whose = || Whose::Person(person_id.to_owned());
    let name = viewer.language.pick(&row.name, row.name_en.as_deref()).to_owned();
    let may_read = scope::may_about(view, viewer, Action::SeeNotes, person_id)?;
    let notes = if may_read { note::briefs(question, Some(person_id), 10)? } else { Vec::new() };
    Ok(Person {
        person_id: person_id.to_owned(),
        lead: lead(&name, &standing, period, currency),
        position: row.position.name().to_owned(),
        unit_name: scope::name(view, viewer, &row.unit_id)?,
        unit_id: row.unit_id,
        joined_on: row.joined_on.to_string(),
        tenure_months: whole_months(row.joined_on, viewer.today),
        period: period.to_string(),
        target: standing.target.map(|value| minor(value, currency)),
        actual: standing.actual.map(|figure| minor(figure.num, currency)),
        attainment: standing.attainment.map(rate),
        pace: pace(&standing, whose()),
        due: standing.due.map(rate),
        gap: standing.gap.map(|gap| minor(-gap, currency)),
        forecast: track.forecast(&frame, period).map(|it| team::forecast(it, person_id, &standing, currency)),
        line_of_sight: line_of_sight(question, person_id, period.year())?,
        week: week(question, &frame, &track, person_id)?,
        metrics: metrics(question, &frame, person_id, period)?,
        open_actions: note::open_actions(question, Some(person_id))?,
        notes: may_read.then_some(notes),
        can_write_note: scope::may_about(view, viewer, Action::WriteNotes, person_id)?,
        can_see_pay: row.position.sells() && scope::may_about(view, viewer, Action::SeePay, person_id)?,
        why: attainment(&standing, whose()),
        name,
    })
}

fn lead(name: &str, standing: &Standing, period: Period, currency: Currency) -> crate::views::figure::Phrase {
    let Some(reached) = standing.attainment else {
        return say("person.lead_none").text("person", name).period("period", period).into();
    };
    let status = super::figure::status(standing.status);
    let behind = matches!(status, Status::Behind | Status::FarBehind);
    let sentence = say(if behind { "person.lead" } else { "person.lead_well" })
        .text("person", name)
        .term("status", format!("status.{}", standing.status.name()))
        .period("period", period)
        .rate("attainment", reached);
    match standing.gap {
        Some(gap) if behind => sentence.money("gap", Money::new(gap, currency)).into(),
        _ => sentence.into(),
    }
}

fn whole_months(from: NaiveDate, to: NaiveDate) -> u32 {
    let months = (to.year() - from.year()) * 12 + to.month() as i32 - from.month() as i32;
    count(months - i32::from(to.day() < from.day()))
}

pub fn line_of_sight(question: &Question, person_id: &str, year: i32) -> Result<Option<LineOfSight>> {
    let (view, viewer) = (question.view, question.viewer);
    let Some(sight) = attain_client::goals::sight::line_of_sight(view, person_id, year)? else { return Ok(None) };
    let units = view.units()?;
    let mut steps = Vec::new();
    for (unit_id, _, share) in sight.steps {
        steps.push(SightStep {
            unit_name: scope::name(view, viewer, &unit_id)?,
            kind: units.iter().find(|unit| unit.id == unit_id).map_or("team", |unit| unit.kind.name()).to_owned(),
            share: rate(share),
            unit_id,
        });
    }
    Ok(Some(LineOfSight {
        year: year.to_string(),
        goal: minor(sight.own, view.currency()?),
        steps,
        why: Figure::Share { person_id: person_id.to_owned(), year }.to_string(),
    }))
}

/// The last whole week against the eight before, with bars on one scale.
pub fn week(question: &Question, frame: &Frame, track: &Track, person_id: &str) -> Result<Option<WeekTable>> {
    let view = question.view;
    let currency = view.currency()?;
    let Some(table) = week_table(view, person_id, question.viewer.today)? else { return Ok(None) };
    let row = |row: &week::WeekRow| WeekRow {
        customer_type: row.customer_type.clone(),
        orders: count(row.orders.max(0)),
        amount: minor(row.amount, currency),
        mean_orders: row.mean_orders.map(tenths),
        mean_amount: row.mean_amount.map(|mean| minor(mean, currency)),
        difference: row.mean_amount.map(|mean| minor(row.amount - mean, currency)),
        odd: row.odd,
        why: Figure::Week {
            person_id: person_id.to_owned(),
            start: table.start,
            customer_type: row.customer_type.clone(),
        }
        .to_string(),
    };
    let plans: Vec<(NaiveDate, Option<Ratio>)> =
        track.weeks(frame, 9).into_iter().map(|week| (week.start, week.planned)).collect();
    let plan_of = |start: NaiveDate| plans.iter().find(|(other, _)| *other == start).and_then(|(_, planned)| *planned);
    let whole = |ratio: Ratio| i64::try_from(ratio.scaled(0)).unwrap_or(i64::MAX);
    let sum = |parts: &[i64]| parts.iter().map(|part| (*part).max(0)).sum::<i64>();
    let tallest = table
        .bars
        .iter()
        .flat_map(|(start, _, parts)| [Some(sum(parts)), plan_of(*start).map(whole)])
        .flatten()
        .max()
        .filter(|tallest| *tallest > 0)
        .unwrap_or(1);
    let permille = |amount: i64| count(i128::from(amount.max(0)) * 1000 / i128::from(tallest));
    let bars = table.bars.iter().map(|(start, end, parts)| WeekBar {
        start: start.to_string(),
        end: end.to_string(),
        amount: minor(parts.iter().sum(), currency),
        parts: parts.iter().map(|part| permille(*part)).collect(),
        plan: plan_of(*start).map(|planned| permille(whole(planned))),
        running: *end + Days::new(1) > question.viewer.today,
    });
    Ok(Some(WeekTable {
        start: table.start.to_string(),
        end: table.end.to_string(),
        bars: bars.collect(),
        rows: table.rows.iter().map(row).collect(),
        total: row(&table.total),
        finding: table.explains.as_ref().map(|(customer_type, share)| {
            let sentence = say("person.fall_share").rate("share", *share);
            sentence.term("type", format!("customer_type.{customer_type}")).into()
        }),
    }))
}

/// `4.0`
fn tenths(ratio: Ratio) -> String {
    attain_client::domain::money::format_scaled(i64::try_from(ratio.scaled(1)).unwrap_or(i64::MAX), 1)
}

/// Every metric that has a figure or a goal.
pub fn metrics(question: &Question, frame: &Frame, person_id: &str, period: Period) -> Result<Vec<MetricRow>> {
    let currency = question.view.currency()?;
    let mut rows = Vec::new();
    for metric in Metric::ALL {
        let standing = performance::person(question.view, frame, person_id, *metric, period)?;
        if standing.actual.is_none() && standing.target.is_none() {
            continue;
        }
        let whose = || Whose::Person(person_id.to_owned());
        rows.push(MetricRow {
            metric: metric.name().to_owned(),
            actual: standing.actual.map(|figure| actual(*metric, figure, currency)),
            target: standing.target.map(|value| target(*metric, value, currency)),
            attainment: standing.attainment.map(rate),
            // A rate has no pace of its own: it does not add up over the month.
            pace: (metric.roll_up() == RollUp::Sum && standing.target.is_some()).then(|| pace(&standing, whose())),
            due: standing.due.map(rate),
            why: attainment(&standing, whose()),
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenure_counts_whole_months() {
        let day = |text: &str| text.parse().unwrap();
        for (from, to, months) in [
            ("2023-04-03", "2026-09-21", 41),
            ("2026-09-01", "2026-09-21", 0),
            ("2026-08-22", "2026-09-21", 0),
            ("2026-08-21", "2026-09-21", 1),
        ] {
            assert_eq!(whole_months(day(from), day(to)), months, "{from}");
        }
    }
}
