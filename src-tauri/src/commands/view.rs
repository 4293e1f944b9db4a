//! A screen as a file or as lines for a chat group. Exports are the user's act and are recorded.

use super::figure::{say, status};
use super::{audit, note};
use crate::desk::{Desk, Question, Result, Shared};
use crate::views::figure::{ChatCopy, Phrase, Problem, Screen, Status, ViewRef};
use attain_client::domain::access::{Action, DataClass};
use attain_client::domain::metric::Metric;
use attain_client::domain::money::Money;
use attain_client::domain::period::Period;
use attain_client::export::{self, Cell, Table};
use attain_client::performance::{self, Frame};
use attain_client::store::audit::Entry;
use attain_client::workspace::real_time;
use attain_client::{goals, notes, pay, scope, tables};
use tauri::State;

/// Asks where to, writes the file, and answers its path; `None` when the person thought better of it.
#[tauri::command(rename_all = "snake_case")]
pub async fn export_view(
    desk: State<'_, Shared>,
    view: ViewRef,
    format: String,
) -> std::result::Result<Option<String>, Problem> {
    let desk = desk.inner();
    let format = if format == "csv" { "csv" } else { "xlsx" };
    let period = super::period(&view.period)?;
    if view.screen == Screen::Pay {
        // Asking for pay is a look at it, before there is a table.
        let (id, asked) = (view.subject.clone().unwrap_or_default(), period);
        let found = desk.record(move |workspace| pay::show(workspace, &id, asked)).await?;
        let table = desk.ask(move |question| pay_table(question, found, period)).await?;
        return save(desk, &view, table, Vec::new(), DataClass::Pay, format).await;
    }
    let asked = view.clone();
    let class = if view.screen == Screen::Conversations { DataClass::Notes } else { DataClass::Core };
    let (table, people) = desk.ask(move |question| table(question, &asked, period)).await?;
    save(desk, &view, table, people, class, format).await
}

async fn save(
    desk: &Shared,
    view: &ViewRef,
    table: Table,
    people: Vec<String>,
    class: DataClass,
    format: &'static str,
) -> std::result::Result<Option<String>, Problem> {
    let screen = screen_name(view.screen);
    let name = match &view.subject {
        Some(subject) => format!("{screen}-{subject}-{}.{format}", view.period),
        None => format!("{screen}-{}.{format}", view.period),
    };
    let Some(path) = super::place(desk, name, format).await? else { return Ok(None) };
    desk.record(move |workspace| {
        let (at, actor_id) = (real_time(), workspace.viewer_id().to_owned());
        let entry = Entry {
            at: &at,
            actor_id: &actor_id,
            action: "export",
            class,
            subjects: &people,
            detail: serde_json::json!({ "screen": screen, "rows": table.rows.len() }),
        };
        workspace.store.disclose(&entry, None)?;
        export::write(&table, &path)?;
        Ok(Some(path.display().to_string()))
    })
    .await
}

fn screen_name(screen: Screen) -> &'static str {
    match screen {
        Screen::Today => "today",
        Screen::Goals => "goals",
        Screen::Team => "team",
        Screen::Person => "person",
        Screen::Pay => "pay",
        Screen::Conversations => "conversations",
        Screen::Audit => "audit",
    }
}

/// The screen as a table, and the people in it.
fn table(question: &Question, asked: &ViewRef, period: Period) -> Result<(Table, Vec<String>)> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    Ok(match asked.screen {
        Screen::Goals => {
            let nodes = goals::tree(view, viewer, Metric::SalesAmount, period)?;
            (tables::goals(viewer, currency, &nodes, period), Vec::new())
        }
        Screen::Today | Screen::Team => {
            let unit = asked.subject.as_deref().filter(|_| asked.screen == Screen::Team).unwrap_or(scope::MINE);
            let rows = performance::team(view, viewer, Some(unit), period)?;
            let people = rows.iter().map(|row| row.person.id.clone()).collect();
            (tables::team(view, viewer, &rows, period)?, people)
        }
        Screen::Person => {
            let id = asked.subject.clone().unwrap_or_else(|| viewer.id().to_owned());
            scope::require_about(view, viewer, Action::SeeFigures, &id)?;
            let row = view.person_row(&id, viewer.today)?.ok_or_else(attain_client::Problem::not_found)?;
            let frame = Frame::load(view, viewer.today)?;
            let standing = performance::person_standing(view, viewer, &frame, row, period)?;
            (tables::team(view, viewer, &[standing], period)?, vec![id])
        }
        Screen::Conversations => conversations(question, asked.subject.as_deref())?,
        Screen::Audit => (audit::table(question)?, Vec::new()),
        Screen::Pay => return Err(attain_client::Problem::not_found()),
    })
}

pub fn headings(question: &Question, keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| question.viewer.language.message(&format!("export.{key}"), &[])).collect()
}

fn conversations(question: &Question, about_id: Option<&str>) -> Result<(Table, Vec<String>)> {
    let (view, viewer) = (question.view, question.viewer);
    let mut table = Table {
        title: viewer.language.message("screen.conversations", &[]),
        headings: headings(question, &["time", "about", "author", "text", "actions"]),
        rows: Vec::new(),
    };
    let mut people = Vec::new();
    for found in notes::peek(view, viewer, about_id, 1000)? {
        let actions: Vec<&str> = found.actions.iter().map(|action| action.text.as_str()).collect();
        table.rows.push(vec![
            Cell::Text(note::local(question, &found.at)?),
            Cell::Text(scope::name(view, viewer, &found.about_id)?),
            Cell::Text(scope::name(view, viewer, &found.author_id)?),
            Cell::Text(found.text.clone()),
            Cell::Text(actions.join("\n")),
        ]);
        people.push(found.about_id);
    }
    people.sort();
    people.dedup();
    Ok((table, people))
}

fn pay_table(question: &Question, found: Option<pay::Pay>, period: Period) -> Result<Table> {
    let (view, viewer) = (question.view, question.viewer);
    let found = found.ok_or_else(attain_client::Problem::not_found)?;
    let language = viewer.language;
    let mut table =
        Table { title: period.to_string(), headings: headings(question, &["name", "step"]), rows: Vec::new() };
    let name = scope::name(view, viewer, &found.person_id)?;
    for sentence in attain_client::domain::payout::sentences(&found.payout.derivation) {
        let text = language.message(&sentence.code, &sentence.params);
        table.rows.push(vec![Cell::Text(name.clone()), Cell::Text(text)]);
    }
    Ok(table)
}

/// Lines for a chat group: the lead, then who is behind. Pay and ratings never appear.
#[tauri::command(rename_all = "snake_case")]
pub async fn copy_chat(desk: State<'_, Shared>, view: ViewRef) -> std::result::Result<ChatCopy, Problem> {
    let period = super::period(&view.period)?;
    desk.show("chat", move |question| chat(question, &view, period)).await
}

fn chat(question: &Question, asked: &ViewRef, period: Period) -> Result<(ChatCopy, Vec<String>)> {
    let (view, viewer) = (question.view, question.viewer);
    let mut lines: Vec<Phrase> = Vec::new();
    let mut people = Vec::new();
    match asked.screen {
        Screen::Today | Screen::Team => {
            let unit = asked.subject.as_deref().filter(|_| asked.screen == Screen::Team).unwrap_or(scope::MINE);
            lines.push(super::team::team(question, unit, period)?.lead);
            for row in performance::team(view, viewer, Some(unit), period)? {
                let name = viewer.language.pick(&row.person.name, row.person.name_en.as_deref());
                lines.extend(person_line(question, name, &row.standing)?);
                people.push(row.person.id);
            }
        }
        Screen::Person => {
            let id = asked.subject.clone().unwrap_or_else(|| viewer.id().to_owned());
            scope::require_about(view, viewer, Action::SeeFigures, &id)?;
            let frame = Frame::load(view, viewer.today)?;
            let standing = performance::person(view, &frame, &id, Metric::SalesAmount, period)?;
            lines.extend(person_line(question, &scope::name(view, viewer, &id)?, &standing)?);
            people.push(id);
        }
        _ => return Err(attain_client::Problem::refused("not_now")),
    }
    if let Some(stamp) = Desk::as_of(view)? {
        lines.push(say("chat.as_of").time("time", stamp).into());
    }
    Ok((ChatCopy { lines }, people))
}

fn person_line(question: &Question, name: &str, standing: &performance::Standing) -> Result<Option<Phrase>> {
    let currency = question.view.currency()?;
    let (Some(reached), Some(pace)) = (standing.attainment, standing.pace) else { return Ok(None) };
    let behind = matches!(status(standing.status), Status::Behind | Status::FarBehind);
    let said = say(if behind { "chat.person" } else { "chat.person_well" })
        .text("person", name)
        .rate("attainment", reached)
        .rate("pace", pace);
    Ok(Some(match standing.gap {
        Some(gap) if behind => said.money("gap", Money::new(gap, currency)).into(),
        _ => said.into(),
    }))
}
