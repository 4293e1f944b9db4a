//! Today: what needs the viewer, putting it off, and the talk that follows from it.

use super::figure::{minor, rate, say};
use super::why::{Figure, Whose, attainment, pace};
use super::{note, person, team, unit};
use crate::desk::{Question, Result, Shared};
use crate::views::figure::{Phrase, Problem};
use crate::views::today::{Attention, Talk, Today, TodayOwn, TodayTeam};
use attain_client::domain::access::Action;
use attain_client::domain::metric::Metric;
use attain_client::domain::money::Money;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::{Month, Period};
use attain_client::performance::{self, Frame, PersonStanding, Track};
use attain_client::week::WeekTable;
use attain_client::{pay, scope, today};
use chrono::Days;
use tauri::State;

/// Rows shown before "and n more".
const MOST: usize = 7;

#[tauri::command(rename_all = "snake_case")]
pub async fn today_show(desk: State<'_, Shared>) -> std::result::Result<Today, Problem> {
    desk.show("today", |question| {
        let (today, people) = show(question)?;
        Ok((today, people))
    })
    .await
}

fn show(question: &Question) -> Result<(Today, Vec<String>)> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let found = today::today(view, viewer)?;
    let frame = Frame::load(view, viewer.today)?;
    let Period::Month(month) = found.period else {
        return Err(attain_client::Problem::internal("today is not in a month"));
    };
    let days = frame.time.working_days(month, viewer.today);
    let lead = lead(question, &found, month, days.gone)?;
    let mut people = Vec::new();
    let team = match &found.team {
        None => None,
        Some(line) => {
            people.extend(line.people.iter().map(|row| row.person.id.clone()));
            let unit_id = match &line.units[..] {
                [unit] => unit.id.clone(),
                _ => scope::MINE.to_owned(),
            };
            let whose = || Whose::Team(unit_id.clone());
            Some(TodayTeam {
                unit_name: unit::name(question, &unit_id)?,
                period: found.period.to_string(),
                target: line.standing.target.map(|value| minor(value, currency)),
                actual: line.standing.actual.map(|figure| minor(figure.num, currency)),
                attainment: line.standing.attainment.map(rate),
                pace: pace(&line.standing, whose()),
                due: line.standing.due.map(rate),
                days_done: days.gone,
                days_total: days.total,
                counts: team::counts(&line.people),
                why: attainment(&line.standing, whose()),
                unit_id,
            })
        }
    };
    let own = match (&found.own, &found.team) {
        (Some(own), None) => Some(self::own(question, &frame, own, days.gone, days.total)?),
        _ => None,
    };
    let may_write = viewer.actor.widest(Action::WriteNotes).is_some();
    let more = found.attention.len().saturating_sub(MOST);
    let attention = found.attention.into_iter().take(MOST).map(|item| self::attention(question, item, may_write));
    Ok((
        Today {
            lead,
            team,
            own,
            attention: attention.collect::<Result<_>>()?,
            more: super::figure::count(more),
            actions: found
                .actions
                .iter()
                .map(|(of, action)| note::action(question, of, action))
                .collect::<Result<_>>()?,
        },
        people,
    ))
}

fn lead(question: &Question, found: &today::Today, month: Month, gone: u32) -> Result<Phrase> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let dated = |code: &str| say(code).date("date", viewer.today);
    if let Some(team) = &found.team {
        let people = team.people.len();
        let behind = team.behind();
        return Ok(match team.standing.attainment {
            None => dated("today.lead_none"),
            Some(_) if team.standing.too_early => dated("today.lead_early").count("days", gone),
            Some(_) if behind == 0 => dated("today.lead_clear").count("people", people),
            Some(_) => dated("today.lead_behind")
                .count("people", people)
                .count("behind", behind)
                .money("gap", Money::new(team.at_risk, currency)),
        }
        .into());
    }
    let Some(own) = &found.own else { return Ok(dated("today.lead_none").into()) };
    let Some(reached) = own.standing.attainment else { return Ok(dated("today.lead_none").into()) };
    let hint = pay::hint(view, viewer, month)?;
    Ok(match (hint, own.standing.due) {
        (Some(hint), _) if hint.metric == Metric::NewCustomers => {
            say("today.lead_own").rate("attainment", reached).count("more", hint.increase).money("gain", hint.gain)
        }
        (_, Some(due)) if !own.standing.too_early => {
            say("today.lead_own_plain").rate("attainment", reached).rate("due", due)
        }
        _ => say("today.lead_own_early").rate("attainment", reached),
    }
    .into())
}

fn own(question: &Question, frame: &Frame, own: &PersonStanding, done: u32, total: u32) -> Result<TodayOwn> {
    let currency = question.view.currency()?;
    let standing = &own.standing;
    let whose = || Whose::Person(own.person.id.clone());
    Ok(TodayOwn {
        person_id: own.person.id.clone(),
        period: standing.period.to_string(),
        target: standing.target.map(|value| minor(value, currency)),
        actual: standing.actual.map(|figure| minor(figure.num, currency)),
        attainment: standing.attainment.map(rate),
        pace: pace(standing, whose()),
        due: standing.due.map(rate),
        days_done: done,
        days_total: total,
        line_of_sight: person::line_of_sight(question, &own.person.id, standing.period.year())?,
        metrics: person::metrics(question, frame, &own.person.id, standing.period)?,
        pay_hidden: super::figure::pay_hidden(question),
        why: attainment(standing, whose()),
    })
}

fn attention(question: &Question, item: today::Attention, may_write: bool) -> Result<Attention> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let row = &item.row;
    let mut detail = Vec::new();
    if row.slipping {
        detail.push(say("today.two_weeks").into());
    } else if let Some(index) = row.standing.pace {
        detail.push(say("today.behind_now").rate("pace", index).into());
    }
    if let Some(gap) = row.standing.gap {
        detail.push(say("today.gap").money("gap", Money::new(gap, currency)).into());
    }
    detail.extend(item.week.as_ref().and_then(orders_fell));
    if row.standing.actual.is_some_and(|actual| actual.num == 0) {
        detail.push(say("today.no_orders").into());
    }
    Ok(Attention {
        id: item.id,
        kind: if row.slipping { "slipping" } else { "behind" }.into(),
        title: viewer.language.pick(&row.person.name, row.person.name_en.as_deref()).to_owned(),
        status: super::figure::status(row.standing.status),
        detail,
        gap: row.standing.gap.map(|gap| minor(-gap, currency)),
        spark: Some(team::spark(&row.weeks)),
        act: Some(if may_write { "talk" } else { "open" }.into()),
        why: Some(
            Figure::Gap {
                whose: Whose::Person(row.person.id.clone()),
                metric: Metric::SalesAmount,
                period: row.standing.period,
            }
            .to_string(),
        ),
        person_id: Some(row.person.id.clone()),
    })
}

/// "new orders 4→1": the customer type that explains the week, against its mean.
fn orders_fell(week: &WeekTable) -> Option<Phrase> {
    let row = week.rows.iter().find(|row| row.odd)?;
    let usual = row.mean_orders?.scaled(0);
    (usual > i128::from(row.orders)).then(|| {
        say("today.orders_fell")
            .term("type", format!("customer_type.{}", row.customer_type))
            .count("from", usual)
            .count("to", row.orders.max(0))
            .into()
    })
}

#[tauri::command(rename_all = "snake_case")]
pub async fn today_snooze(
    desk: State<'_, Shared>,
    item_id: String,
    days: u32,
    reason: String,
) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| {
        let until = workspace.today()? + Days::new(u64::from(days.clamp(1, 366)));
        Ok(((), workspace.mutate(&Mutation::Snooze { item_id, until, reason })?))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn talk_prepare(desk: State<'_, Shared>, person_id: String) -> std::result::Result<Talk, Problem> {
    desk.show("talk", move |question| Ok((talk(question, &person_id)?, vec![person_id]))).await
}

fn talk(question: &Question, person_id: &str) -> Result<Talk> {
    let (view, viewer) = (question.view, question.viewer);
    scope::require_about(view, viewer, Action::SeeFigures, person_id)?;
    let currency = view.currency()?;
    let frame = Frame::load(view, viewer.today)?;
    let month = frame.time.fiscal.month_of(viewer.today);
    let period = Period::Month(month);
    let standing = performance::person(view, &frame, person_id, Metric::SalesAmount, period)?;
    let track = Track::of_people(view, &frame, &[person_id.to_owned()])?;
    let week = attain_client::week::week_table(view, person_id, viewer.today)?;
    let open_actions = note::open_actions(question, Some(person_id))?;
    let days = frame.time.working_days(month, viewer.today);

    // Three questions about the figure, the most telling first.
    let mut questions: Vec<Phrase> = Vec::new();
    if let Some(row) = week.as_ref().and_then(|week| week.rows.iter().find(|row| row.odd))
        && let Some(usual) = row.mean_orders
    {
        let fell = say("note.question_type_fell")
            .term("type", format!("customer_type.{}", row.customer_type))
            .count("from", usual.scaled(0))
            .count("to", row.orders.max(0));
        questions.push(fell.into());
    }
    if let Some(action) = open_actions.first() {
        questions.push(say("note.question_action").text("action", action.text.clone()).into());
    }
    match standing.gap.filter(|gap| *gap > 0) {
        Some(gap) => questions.push(
            say("note.question_gap")
                .count("days", days.total - days.gone)
                .money("gap", Money::new(gap, currency))
                .into(),
        ),
        None => questions.push(say("note.question_going_well").into()),
    }
    questions.push(say("note.question_help").into());
    questions.push(say("note.question_next").into());
    questions.truncate(3);

    let may_read = scope::may_about(view, viewer, Action::SeeNotes, person_id)?;
    Ok(Talk {
        person_id: person_id.to_owned(),
        person_name: scope::name(view, viewer, person_id)?,
        period: period.to_string(),
        attainment: standing.attainment.map(rate),
        pace: pace(&standing, Whose::Person(person_id.to_owned())),
        gap: standing.gap.map(|gap| minor(-gap, currency)),
        week: person::week(question, &frame, &track, person_id)?,
        last_note: if may_read { note::briefs(question, Some(person_id), 1)?.pop() } else { None },
        open_actions,
        questions,
    })
}
