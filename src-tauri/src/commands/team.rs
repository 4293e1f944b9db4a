//! Team: people by pace, units one level below, comparison.

use super::figure::{count, minor, rate, say};
use super::why::{Figure, Whose, attainment, pace};
use super::{chart, unit};
use crate::desk::{Question, Result, Shared};
use crate::views::figure::{Problem, Spark, Status, StatusCounts};
use crate::views::team::{Compare, ComparePanel, Forecast, Team, TeamRow, UnitRow};
use attain_client::domain::attainment;
use attain_client::domain::metric::Metric;
use attain_client::domain::money::{Currency, Ratio};
use attain_client::domain::period::Period;
use attain_client::performance::{self, Frame, PersonStanding, Standing, Week};
use attain_client::scope;
use std::collections::BTreeMap;
use tauri::State;

#[tauri::command(rename_all = "snake_case")]
pub async fn team_show(desk: State<'_, Shared>, unit_id: String, period: String) -> std::result::Result<Team, Problem> {
    let period = super::period(&period)?;
    desk.show("team", move |question| {
        let team = team(question, &unit_id, period)?;
        let people = team.people.iter().map(|row| row.person_id.clone()).collect();
        Ok((team, people))
    })
    .await
}

pub fn team(question: &Question, unit_id: &str, period: Period) -> Result<Team> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let frame = Frame::load(view, viewer.today)?;
    let rows = performance::team(view, viewer, Some(unit_id), period)?;
    let together = frame.together(period, rows.iter().map(|row| &row.standing));
    let whose = || Whose::Team(unit_id.to_owned());
    let unit_name = unit::name(question, unit_id)?;
    let lead = |code: &str| say(code).text("unit", unit_name.clone()).count("people", rows.len());
    let early = match period {
        Period::Month(month) if together.too_early => {
            Some(say("team.early").count("days", frame.time.working_days(month, viewer.today).gone).into())
        }
        _ => None,
    };
    let lead = match (together.attainment, together.due) {
        _ if rows.is_empty() => say("team.empty"),
        (Some(reached), Some(due)) if !together.too_early => {
            lead("team.lead").rate("attainment", reached).rate("due", due)
        }
        (Some(reached), _) => lead("team.lead_early").rate("attainment", reached),
        (None, _) => lead("team.lead_none"),
    };
    let of: BTreeMap<&str, &Standing> = rows.iter().map(|row| (row.person.id.as_str(), &row.standing)).collect();
    let mut children = Vec::new();
    let below = match unit_id {
        scope::MINE => scope::top_units(view, viewer)?,
        _ => {
            scope::units(view, viewer)?.into_iter().filter(|unit| unit.parent_id.as_deref() == Some(unit_id)).collect()
        }
    };
    for unit in below {
        let members = scope::people(view, viewer, Some(&unit.id))?;
        let standing = frame.together(period, members.iter().filter_map(|one| of.get(one.id.as_str()).copied()));
        children.push(UnitRow {
            name: viewer.language.pick(&unit.name, unit.name_en.as_deref()).to_owned(),
            people: count(members.len()),
            attainment: standing.attainment.map(rate),
            pace: pace(&standing, Whose::Team(unit.id.clone())),
            unit_id: unit.id,
        });
    }
    Ok(Team {
        unit_id: unit_id.to_owned(),
        path: unit::path(question, unit_id)?,
        unit_name,
        period: period.to_string(),
        lead: lead.into(),
        early,
        target: together.target.map(|value| minor(value, currency)),
        actual: together.actual.map(|figure| minor(figure.num, currency)),
        attainment: together.attainment.map(rate),
        pace: pace(&together, whose()),
        due: together.due.map(rate),
        counts: counts(&rows),
        children,
        people: rows.into_iter().map(|row| team_row(question, row, currency)).collect::<Result<_>>()?,
        why: attainment(&together, whose()),
    })
}

pub fn counts(rows: &[PersonStanding]) -> StatusCounts {
    let mut counts = StatusCounts::default();
    for row in rows {
        match super::figure::status(row.standing.status) {
            Status::Ahead => counts.ahead += 1,
            Status::OnPace => counts.on_pace += 1,
            Status::Behind => counts.behind += 1,
            Status::FarBehind => counts.far_behind += 1,
            Status::NoData => counts.no_data += 1,
        }
    }
    counts
}

fn team_row(question: &Question, row: PersonStanding, currency: Currency) -> Result<TeamRow> {
    let (view, viewer) = (question.view, question.viewer);
    let standing = &row.standing;
    let whose = Whose::Person(row.person.id.clone());
    Ok(TeamRow {
        name: viewer.language.pick(&row.person.name, row.person.name_en.as_deref()).to_owned(),
        position: row.person.position.name().to_owned(),
        unit_name: scope::name(view, viewer, &row.person.unit_id)?,
        unit_id: row.person.unit_id.clone(),
        target: standing.target.map(|value| minor(value, currency)),
        actual: standing.actual.map(|figure| minor(figure.num, currency)),
        attainment: standing.attainment.map(rate),
        pace: pace(standing, whose.clone()),
        due: standing.due.map(rate),
        spark: spark(&row.weeks),
        forecast: row.forecast.map(|forecast| self::forecast(forecast, &row.person.id, standing, currency)),
        gap: standing.gap.map(|gap| minor(-gap, currency)),
        last_talk: row.last_talk.map(|at| at.chars().take(10).collect()),
        why: attainment(standing, whose),
        person_id: row.person.id,
    })
}

pub fn forecast(forecast: attainment::Forecast, person_id: &str, standing: &Standing, currency: Currency) -> Forecast {
    Forecast {
        low: minor(forecast.low, currency),
        mid: minor(forecast.expected, currency),
        high: minor(forecast.high, currency),
        why: Figure::Forecast { person_id: person_id.to_owned(), period: standing.period }.to_string(),
    }
}

/// Weeks as permille of each week's plan.
pub fn spark(weeks: &[Week]) -> Spark {
    let of_plan = |week: &Week| {
        let share = Ratio { num: i128::from(week.actual), den: 1 }.div(week.planned?)?;
        i32::try_from(share.scaled(3)).ok()
    };
    Spark { weeks: weeks.iter().map(of_plan).collect(), running: weeks.last().is_some_and(|week| week.running) }
}

#[tauri::command(rename_all = "snake_case")]
pub async fn compare_show(
    desk: State<'_, Shared>,
    person_ids: Vec<String>,
    metric: String,
    period: String,
) -> std::result::Result<Compare, Problem> {
    let (metric, period) = (super::metric(&metric)?, super::period(&period)?);
    desk.show("compare", move |question| {
        let panels = compare(question, &person_ids, metric, period)?;
        Ok((Compare { panels }, person_ids))
    })
    .await
}

fn compare(question: &Question, person_ids: &[String], metric: Metric, period: Period) -> Result<Vec<ComparePanel>> {
    let (view, viewer) = (question.view, question.viewer);
    if person_ids.is_empty() || person_ids.len() > 4 {
        return Err(attain_client::Problem::usage("two_to_four"));
    }
    let frame = Frame::load(view, viewer.today)?;
    let mut highest = Vec::new();
    for person_id in person_ids {
        let subject = attain_client::chart::Subject::Person(person_id.clone());
        highest.push(attain_client::chart::course(view, viewer, &subject, metric, period)?.highest());
    }
    let mut panels = Vec::new();
    for person_id in person_ids {
        let standing = performance::person(view, &frame, person_id, metric, period)?;
        let subject = attain_client::chart::Subject::Person(person_id.clone());
        panels.push(ComparePanel {
            person_id: person_id.clone(),
            name: scope::name(view, viewer, person_id)?,
            attainment: standing.attainment.map(rate),
            pace: pace(&standing, Whose::Person(person_id.clone())),
            chart: chart::draw(question, &subject, metric, period, (240, 120), &highest)?,
        });
    }
    Ok(panels)
}
