//! `attainment list|show|export`, `today show|snooze`, `chart trend`, `search`.

use attain_client::chart::{Subject, trend};
use attain_client::domain::access::{Action, DataClass};
use attain_client::domain::metric::Metric;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::Period;
use attain_client::export::write;
use attain_client::performance::{self, Frame, PersonStanding, Standing};
use attain_client::problem::{Problem, Result};
use attain_client::week::{WeekTable, week_table};
use attain_client::{finder, scope, tables, today as today_screen};
use attain_reports::chart::Size;
use attain_reports::chart::standalone::standalone_svg;
use chrono::Days;
use serde_json::{Value, json};

use super::draft::draft_json;
use super::goal::agree::{proposal_json, unacknowledged_json};
use super::{Open, metric, period};
use crate::answer::{Answer, amount, figure, items, money, with};
use crate::arguments::{AttainmentVerb, ChartVerb, TodayVerb};

fn standing(open: &Open, s: &Standing) -> Value {
    json!({
        "metric": s.metric,
        "period": s.period,
        "target": s.target.map(|t| amount(s.metric, t, open.currency)),
        "actual": figure(s.metric, s.actual, open.currency),
        "attainment": s.attainment,
        "planned_share": s.due,
        "pace": s.pace,
        "status": s.status,
        "gap": s.gap.map(|g| amount(s.metric, g, open.currency)),
        "too_early": s.too_early,
    })
}

fn person(open: &Open, row: &PersonStanding) -> Result<Value> {
    let view = open.workspace.view();
    Ok(with(
        json!({
            "person_id": row.person.id,
            "name": scope::name(view, &open.viewer, &row.person.id)?,
            "unit_id": row.person.unit_id,
            "position": row.person.position,
        }),
        with(
            standing(open, &row.standing),
            json!({
                "slipping": row.slipping,
                "forecast": row.forecast.map(|f| json!({
                    "low": money(f.low, open.currency), "expected": money(f.expected, open.currency), "high": money(f.high, open.currency) })),
                "weeks": row.weeks.iter().map(|w| json!({
                    "start": w.start, "end": w.end, "actual": money(w.actual, open.currency), "running": w.running })).collect::<Vec<_>>(),
                "last_talk": row.last_talk,
            }),
        ),
    ))
}

fn week(open: &Open, table: &WeekTable) -> Value {
    let row = |r: &attain_client::week::WeekRow| {
        json!({
            "customer_type": r.customer_type, "orders": r.orders, "amount": money(r.amount, open.currency),
            "mean_orders": r.mean_orders.map(|m| attain_client::domain::money::format_scaled(m.scaled(1) as i64, 1)),
            "mean_amount": r.mean_amount.map(|m| money(m, open.currency)), "odd": r.odd,
        })
    };
    json!({
        "start": table.start, "end": table.end, "rows": table.rows.iter().map(row).collect::<Vec<_>>(), "total": row(&table.total),
        "explains": table.explains.as_ref().map(|(t, share)| json!({ "customer_type": t, "share": share })),
    })
}

pub fn attainment(open: &mut Open, verb: &AttainmentVerb) -> Result<Answer> {
    match verb {
        AttainmentVerb::List { period: of, unit, metric: name } => {
            let (period, metric) = (period(of)?, metric(name)?);
            let view = open.workspace.view();
            let mut list = Vec::new();
            let mut people = Vec::new();
            if metric == Metric::SalesAmount {
                for row in performance::team(view, &open.viewer, unit.as_deref(), period)? {
                    list.push(person(open, &row)?);
                    people.push(row.person.id);
                }
            } else {
                let frame = Frame::load(view, open.viewer.today)?;
                for row in scope::people(view, &open.viewer, unit.as_deref())? {
                    let s = performance::person(view, &frame, &row.id, metric, period)?;
                    let who = json!({ "person_id": row.id, "name": scope::name(view, &open.viewer, &row.id)?, "unit_id": row.unit_id, "position": row.position });
                    list.push(with(who, standing(open, &s)));
                    people.push(row.id);
                }
            }
            open.workspace.disclose("team", DataClass::Core, &people)?;
            Ok(items(list).into())
        }
        AttainmentVerb::Show { person_id, period: of } => {
            let period = period(of)?;
            scope::require_about(open.workspace.view(), &open.viewer, Action::SeeFigures, person_id)?;
            open.workspace.disclose("person", DataClass::Core, std::slice::from_ref(person_id))?;
            show(open, person_id, period)
        }
        AttainmentVerb::Export { period: of, unit, out } => {
            let period = period(of)?;
            let rows = performance::team(open.workspace.view(), &open.viewer, unit.as_deref(), period)?;
            let table = tables::team(open.workspace.view(), &open.viewer, &rows, period)?;
            let people: Vec<String> = rows.into_iter().map(|r| r.person.id).collect();
            open.workspace.disclose("team_export", DataClass::Core, &people)?;
            write(&table, out)?;
            Ok(json!({ "file": out, "rows": table.rows.len() }).into())
        }
    }
}

fn show(open: &Open, person_id: &str, period: Period) -> Result<Answer> {
    let view = open.workspace.view();
    let frame = Frame::load(view, open.viewer.today)?;
    let head = match view.person_row(person_id, open.viewer.today)? {
        Some(row) => person(open, &performance::person_standing(view, &open.viewer, &frame, row, period)?)?,
        None => {
            // Somebody who has left, or has no assignment yet: figures without a place in a team.
            let s = performance::person(view, &frame, person_id, Metric::SalesAmount, period)?;
            with(
                json!({ "person_id": person_id, "name": scope::name(view, &open.viewer, person_id)? }),
                standing(open, &s),
            )
        }
    };
    let mut metrics = Vec::new();
    for metric in Metric::ALL {
        let s = performance::person(view, &frame, person_id, *metric, period)?;
        if s.actual.is_some() || s.target.is_some() {
            metrics.push(standing(open, &s));
        }
    }
    let sight = attain_client::goals::sight::line_of_sight(view, person_id, period.year())?;
    let sight = sight.map(|s| {
        json!({
            "year": s.year.to_string(), "goal_id": s.goal_id, "own": money(s.own, open.currency),
            "steps": s.steps.iter().map(|(unit, total, share)| json!({
                "unit_id": unit, "target": money(*total, open.currency), "share": share })).collect::<Vec<_>>(),
        })
    });
    let week = week_table(view, person_id, open.viewer.today)?;
    Ok(with(head, json!({ "metrics": metrics, "line_of_sight": sight, "week": week.map(|w| self::week(open, &w)) }))
        .into())
}

pub fn today(open: &mut Open, verb: &TodayVerb) -> Result<Answer> {
    match verb {
        TodayVerb::Show => {
            let screen = today_screen::today(open.workspace.view(), &open.viewer)?;
            let mut people: Vec<String> = screen.attention.iter().map(|a| a.row.person.id.clone()).collect();
            let team = screen.team.as_ref().map(|t| {
                people.extend(t.people.iter().map(|p| p.person.id.clone()));
                with(
                    json!({
                        "unit_ids": t.units.iter().map(|u| &u.id).collect::<Vec<_>>(), "people": t.people.len(),
                        "behind": t.behind(), "at_risk": money(t.at_risk, open.currency),
                    }),
                    standing(open, &t.standing),
                )
            });
            people.sort();
            people.dedup();
            let mut attention = Vec::new();
            for a in &screen.attention {
                attention.push(with(
                    json!({ "id": a.id, "week": a.week.as_ref().map(|w| week(open, w)) }),
                    person(open, &a.row)?,
                ));
            }
            let own = screen.own.as_ref().map(|row| person(open, row)).transpose()?;
            let actions: Vec<Value> = screen
                .actions
                .iter()
                .map(|(note, a)| json!({ "note_id": note.id, "person_id": note.about_id, "id": a.id, "text": a.text, "due": a.due, "owner_id": a.owner_id }))
                .collect();
            let changed: Vec<Value> =
                screen.changed_goals.iter().map(|one| unacknowledged_json(open, one)).collect::<Result<_>>()?;
            let proposals: Vec<Value> =
                screen.proposals.iter().map(|one| proposal_json(open, one)).collect::<Result<_>>()?;
            let plans: Vec<Value> = screen.plans.iter().map(|one| draft_json(open, one)).collect::<Result<_>>()?;
            open.workspace.disclose("today", DataClass::Core, &people)?;
            Ok(json!({ "date": open.viewer.today, "period": screen.period, "team": team, "own": own, "attention": attention, "actions": actions, "changed_goals": changed, "proposals": proposals, "plans": plans }).into())
        }
        TodayVerb::Snooze { item_id, days, reason } => {
            let until = open.viewer.today + Days::new((*days).min(366));
            open.workspace.mutate(&Mutation::Snooze { item_id: item_id.clone(), until, reason: reason.clone() })?;
            Ok(json!({ "id": item_id, "until": until }).into())
        }
    }
}

pub fn chart(open: &mut Open, verb: &ChartVerb) -> Result<Answer> {
    let ChartVerb::Trend { unit, person, metric: name, period: of, out, width, height } = verb;
    let (period, metric) = (period(of)?, metric(name)?);
    let subject = match (unit, person) {
        (Some(unit), _) => Subject::Unit(unit.clone()),
        (None, Some(person)) => Subject::Person(person.clone()),
        (None, None) => return Err(Problem::usage("subject_missing")),
    };
    let size = Size { width: *width, height: *height };
    let picture = trend(open.workspace.view(), &open.viewer, &subject, metric, period, size, &[])?;
    let about = match subject {
        Subject::Unit(id) | Subject::Person(id) => id,
    };
    open.workspace.disclose("chart", DataClass::Core, &[about])?;
    std::fs::write(out, standalone_svg(&picture.svg))
        .map_err(|e| Problem::refused("file_not_writable").with("file", out.display()).because(e))?;
    Ok(json!({ "file": out, "points": picture.geometry.points.len(), "width": width, "height": height }).into())
}

pub fn search(open: &mut Open, query: &str) -> Result<Answer> {
    let hits = finder::find(&mut open.workspace, query, 20)?;
    Ok(items(hits.iter().map(|h| json!(h)).collect()).into())
}
