//! Conversations: notes, their actions, search, and drafts.

use super::figure::{count, minor, rate, say};
use super::why::{Whose, pace};
use crate::desk::{Question, Result, Shared};
use crate::views::figure::{Phrase, Problem};
use crate::views::note::{
    Draft, Note, NoteAction, NoteActionInput, NoteBrief, NoteHit, NoteInput, NoteKind, NoteList, NoteSnapshot,
    PersonRef, SnippetPart, Visibility,
};
use attain_client::domain::access::{Action, DataClass};
use attain_client::domain::metric::Metric;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::note as domain;
use attain_client::domain::period::Period;
use attain_client::performance::{self, Frame};
use attain_client::store::connection::View;
use attain_client::workspace::real_time;
use attain_client::{keys, notes, scope};
use chrono::NaiveDate;
use tauri::State;

/// Notes shown at once; the rest is found by searching.
const MOST: usize = 500;

#[tauri::command(rename_all = "snake_case")]
pub async fn note_list(desk: State<'_, Shared>, about_id: Option<String>) -> std::result::Result<NoteList, Problem> {
    desk.show_class("notes", DataClass::Notes, move |question| {
        let (view, viewer) = (question.view, question.viewer);
        let mut people = Vec::new();
        for person in view.people(viewer.today)? {
            if person.id != viewer.id() && scope::may_about(view, viewer, Action::WriteNotes, &person.id)? {
                people.push(PersonRef {
                    name: viewer.language.pick(&person.name, person.name_en.as_deref()).to_owned(),
                    unit_name: Some(scope::name(view, viewer, &person.unit_id)?),
                    person_id: person.id,
                });
            }
        }
        let found = notes::peek(view, viewer, about_id.as_deref(), MOST)?;
        let open = found.iter().flat_map(|note| &note.actions).filter(|action| !action.done).count();
        let list = NoteList {
            notes: found.iter().map(|note| brief(question, note)).collect::<Result<_>>()?,
            people,
            open_actions: count(open),
            visibility: visibility(domain::Visibility::default()),
        };
        Ok((list, abouts(&found)))
    })
    .await
}

fn abouts(notes: &[domain::Note]) -> Vec<String> {
    let mut ids: Vec<String> = notes.iter().map(|note| note.about_id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Notes about a person that the viewer may read, newest first.
pub fn briefs(question: &Question, about_id: Option<&str>, most: usize) -> Result<Vec<NoteBrief>> {
    let found = notes::peek(question.view, question.viewer, about_id, most)?;
    found.iter().map(|note| brief(question, note)).collect()
}

/// Open actions of notes the viewer may read, due first.
pub fn open_actions(question: &Question, about_id: Option<&str>) -> Result<Vec<NoteAction>> {
    let found = notes::peek(question.view, question.viewer, about_id, MOST)?;
    let mut open: Vec<(&domain::Note, &domain::NoteAction)> = found
        .iter()
        .flat_map(|note| note.actions.iter().map(move |action| (note, action)))
        .filter(|(_, action)| !action.done)
        .collect();
    open.sort_by_key(|(_, action)| (action.due.is_none(), action.due));
    open.into_iter().map(|(note, action)| self::action(question, note, action)).collect()
}

fn brief(question: &Question, note: &domain::Note) -> Result<NoteBrief> {
    let (view, viewer) = (question.view, question.viewer);
    Ok(NoteBrief {
        note_id: note.id.clone(),
        about_name: scope::name(view, viewer, &note.about_id)?,
        about_id: note.about_id.clone(),
        author_name: scope::name(view, viewer, &note.author_id)?,
        kind: kind(note.kind),
        created_at: local(question, &note.at)?,
        excerpt: excerpt(&note.text),
        open_actions: count(note.actions.iter().filter(|action| !action.done).count()),
    })
}

/// The beginning of a text on one line.
fn excerpt(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(120).collect();
    if line.chars().count() > 120 {
        short.push('…');
    }
    short
}

pub fn action(question: &Question, note: &domain::Note, action: &domain::NoteAction) -> Result<NoteAction> {
    let (view, viewer) = (question.view, question.viewer);
    Ok(NoteAction {
        action_id: action.id.clone(),
        note_id: note.id.clone(),
        text: action.text.clone(),
        about_name: scope::name(view, viewer, &note.about_id)?,
        about_id: note.about_id.clone(),
        owner_name: scope::name(view, viewer, &action.owner_id)?,
        owner_id: action.owner_id.clone(),
        due: action.due.map(|due| due.to_string()),
        overdue: !action.done && action.due.is_some_and(|due| due < viewer.today),
        done: action.done,
    })
}

fn kind(kind: domain::NoteKind) -> NoteKind {
    match kind {
        domain::NoteKind::Note => NoteKind::Note,
        domain::NoteKind::Visit => NoteKind::Visit,
        domain::NoteKind::OneOnOne => NoteKind::OneOnOne,
    }
}

fn kind_of(kind: NoteKind) -> domain::NoteKind {
    match kind {
        NoteKind::Note => domain::NoteKind::Note,
        NoteKind::Visit => domain::NoteKind::Visit,
        NoteKind::OneOnOne => domain::NoteKind::OneOnOne,
    }
}

fn visibility(visibility: domain::Visibility) -> Visibility {
    match visibility {
        domain::Visibility::Author => Visibility::Author,
        domain::Visibility::Pair => Visibility::Pair,
        domain::Visibility::Managers => Visibility::Managers,
    }
}

fn visibility_of(visibility: Visibility) -> domain::Visibility {
    match visibility {
        Visibility::Author => domain::Visibility::Author,
        Visibility::Pair => domain::Visibility::Pair,
        Visibility::Managers => domain::Visibility::Managers,
    }
}

/// A recorded time in the company's zone.
pub fn local(question: &Question, at: &str) -> Result<String> {
    local_of(question.view, at)
}

fn local_of(view: View, at: &str) -> Result<String> {
    let seconds = view.setting("utc_offset_seconds")?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let zone = chrono::FixedOffset::east_opt(seconds);
    Ok(match (chrono::DateTime::parse_from_rfc3339(at), zone) {
        (Ok(time), Some(zone)) => time.with_timezone(&zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, false),
        _ => at.to_owned(),
    })
}

#[tauri::command(rename_all = "snake_case")]
pub async fn note_show(desk: State<'_, Shared>, note_id: String) -> std::result::Result<Note, Problem> {
    show(desk.inner(), note_id).await
}

/// Records the look, then answers the note with the figures of the day it was written.
async fn show(desk: &Shared, note_id: String) -> std::result::Result<Note, Problem> {
    let found = desk.record(move |workspace| notes::show(workspace, &note_id)).await?;
    desk.ask(move |question| note(question, &found)).await
}

fn note(question: &Question, found: &domain::Note) -> Result<Note> {
    let (view, viewer) = (question.view, question.viewer);
    Ok(Note {
        note_id: found.id.clone(),
        about_name: scope::name(view, viewer, &found.about_id)?,
        about_id: found.about_id.clone(),
        author_name: scope::name(view, viewer, &found.author_id)?,
        author_id: found.author_id.clone(),
        kind: kind(found.kind),
        visibility: visibility(found.visibility),
        text: found.text.clone(),
        created_at: local(question, &found.at)?,
        edited_at: found.edited_at.as_deref().map(|at| local(question, at)).transpose()?,
        actions: found.actions.iter().map(|action| self::action(question, found, action)).collect::<Result<_>>()?,
        snapshot: snapshot(question, found)?,
        editable: found.author_id == viewer.id(),
    })
}

/// How the person stood on the day of the note, from today's facts.
fn snapshot(question: &Question, found: &domain::Note) -> Result<Option<NoteSnapshot>> {
    let (view, viewer) = (question.view, question.viewer);
    let at = local(question, &found.at)?;
    let Ok(day) = at.chars().take(10).collect::<String>().parse::<NaiveDate>() else { return Ok(None) };
    let day = day.min(viewer.today);
    if !scope::may_about(view, viewer, Action::SeeFigures, &found.about_id)? {
        return Ok(None);
    }
    let frame = Frame::load(view, day)?;
    let month = frame.time.fiscal.month_of(day);
    let period = Period::Month(month);
    let mut standing = performance::person(view, &frame, &found.about_id, Metric::SalesAmount, period)?;
    if view.fiscal()?.range(period).until > day {
        // The month as it stood then: sales up to that day only.
        let track = performance::Track::of_people(view, &frame, std::slice::from_ref(&found.about_id))?;
        let actual = track.sales(frame.time.fiscal.month_start(month), day);
        let targets = performance::targets_of_person(view, &found.about_id, Metric::SalesAmount, &[month.year])?;
        let figure = attain_client::domain::metric::Figure::sum(actual);
        standing = frame.judge(Metric::SalesAmount, period, Some(figure), targets.as_ref());
    }
    if standing.target.is_none() {
        return Ok(None);
    }
    let currency = view.currency()?;
    Ok(Some(NoteSnapshot {
        period: period.to_string(),
        as_of: at,
        attainment: standing.attainment.map(rate),
        pace: pace(&standing, Whose::Person(found.about_id.clone())),
        gap: standing.gap.map(|gap| minor(-gap, currency)),
    }))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn note_search(desk: State<'_, Shared>, query: String) -> std::result::Result<Vec<NoteHit>, Problem> {
    let asked = query.clone();
    let found = desk.record(move |workspace| notes::search(workspace, &asked, 20)).await?;
    desk.ask(move |question| {
        let hit = |note: &domain::Note| {
            let parts = notes::snippet(&note.text, &query);
            let snippet = parts.into_iter().map(|part| SnippetPart { text: part.text, hit: part.hit }).collect();
            Ok(NoteHit { note: brief(question, note)?, snippet })
        };
        found.iter().map(hit).collect()
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn note_add(desk: State<'_, Shared>, input: NoteInput) -> std::result::Result<Note, Problem> {
    let id = keys::random_hex(8).map_err(super::figure::problem)?;
    write(desk.inner(), format!("note-{id}"), input).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn note_edit(
    desk: State<'_, Shared>,
    note_id: String,
    input: NoteInput,
) -> std::result::Result<Note, Problem> {
    write(desk.inner(), note_id, input).await
}

async fn write(desk: &Shared, note_id: String, input: NoteInput) -> std::result::Result<Note, Problem> {
    let id = note_id.clone();
    desk.change(move |workspace| {
        let actions = input.actions.into_iter().map(new_action).collect::<Result<_>>()?;
        let mutation = Mutation::WriteNote {
            note_id: id,
            about_id: input.about_id,
            kind: kind_of(input.kind),
            visibility: visibility_of(input.visibility),
            text: input.text,
            actions,
            before: input.before,
        };
        Ok(((), workspace.mutate(&mutation)?))
    })
    .await?;
    show(desk, note_id).await
}

fn new_action(input: NoteActionInput) -> Result<domain::NoteAction> {
    let due = match input.due.filter(|text| !text.is_empty()) {
        Some(text) => Some(text.parse().map_err(|_| attain_client::Problem::usage("bad_date").with("text", text))?),
        None => None,
    };
    let id = match input.action_id {
        Some(id) => id,
        None => format!("action-{}", keys::random_hex(8)?),
    };
    Ok(domain::NoteAction { id, text: input.text, owner_id: input.owner_id, due, done: input.done })
}

#[tauri::command(rename_all = "snake_case")]
pub async fn note_action_set(
    desk: State<'_, Shared>,
    action_id: String,
    done: bool,
) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| {
        let viewer = workspace.viewer()?;
        let found = notes::peek(workspace.view(), &viewer, None, 1000)?
            .into_iter()
            .find(|note| note.actions.iter().any(|action| action.id == action_id));
        let note_id = found.ok_or_else(attain_client::Problem::not_found)?.id;
        Ok(((), workspace.mutate(&Mutation::SetNoteAction { note_id, action_id, done })?))
    })
    .await
}

fn draft(view: View, draft: attain_client::store::draft::Draft) -> Result<Draft> {
    Ok(Draft { key: draft.key, body: draft.body, saved_at: local_of(view, &draft.saved_at)? })
}

/// Durable when it answers: typing survives whatever happens to the process afterwards.
#[tauri::command(rename_all = "snake_case")]
pub async fn draft_save(desk: State<'_, Shared>, key: String, body: String) -> std::result::Result<Draft, Problem> {
    let saved = desk
        .record(move |workspace| {
            if body.len() > 4 * domain::MAX_BYTES {
                let (bytes, max) = (body.len(), domain::MAX_BYTES);
                return Err(attain_client::Problem::refused("text_too_long").with("bytes", bytes).with("max", max));
            }
            let at = real_time();
            let person_id = workspace.viewer_id().to_owned();
            workspace.store.save_draft(&person_id, &key, Some(&body), &at)?;
            Ok(Draft { key, body, saved_at: local_of(workspace.view(), &at)? })
        })
        .await?;
    desk.tell(vec!["draft".into()], vec![saved.key.clone()]);
    Ok(saved)
}

#[tauri::command(rename_all = "snake_case")]
pub async fn draft_load(desk: State<'_, Shared>, key: String) -> std::result::Result<Option<Draft>, Problem> {
    desk.ask(move |question| {
        let found = question.view.draft(question.viewer.id(), &key)?;
        found.map(|found| draft(question.view, found)).transpose()
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn draft_list(desk: State<'_, Shared>) -> std::result::Result<Vec<Draft>, Problem> {
    desk.ask(|question| {
        let found = question.view.drafts(question.viewer.id())?;
        found.into_iter().map(|found| draft(question.view, found)).collect()
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn draft_discard(desk: State<'_, Shared>, key: String) -> std::result::Result<(), Problem> {
    let discarded = key.clone();
    desk.record(move |workspace| {
        let person_id = workspace.viewer_id().to_owned();
        Ok(workspace.store.save_draft(&person_id, &discarded, None, &real_time())?)
    })
    .await?;
    desk.tell(vec!["draft".into()], vec![key]);
    Ok(())
}

/// What undo would take back, for a note.
pub fn undone(question: &Question, code: &str, person_id: &str) -> Result<Phrase> {
    Ok(say(code).text("person", scope::name(question.view, question.viewer, person_id)?).into())
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn an_excerpt_is_one_line_of_at_most_120_characters() {
        assert_eq!(excerpt("先把园区 6 家\n过一遍,  下周看转化"), "先把园区 6 家 过一遍, 下周看转化");
        assert_eq!(excerpt(&"字".repeat(121)).chars().count(), 121);
    }
}
