//! Undo and redo: what they would do now, and doing it.

use super::figure::say;
use super::note;
use crate::desk::{Question, Result, Shared};
use crate::views::figure::{Phrase, Problem, UndoState};
use attain_client::scope;
use attain_client::store::journal::Undoable;
use tauri::State;

#[tauri::command(rename_all = "snake_case")]
pub async fn undo_state(desk: State<'_, Shared>) -> std::result::Result<UndoState, Problem> {
    state(desk.inner()).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn undo(desk: State<'_, Shared>) -> std::result::Result<UndoState, Problem> {
    desk.change(|workspace| Ok(((), workspace.undo()?))).await?;
    state(desk.inner()).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn redo(desk: State<'_, Shared>) -> std::result::Result<UndoState, Problem> {
    desk.change(|workspace| Ok(((), workspace.redo()?))).await?;
    state(desk.inner()).await
}

async fn state(desk: &Shared) -> std::result::Result<UndoState, Problem> {
    desk.ask(|question| {
        let id = question.viewer.id();
        let (undo, redo) = (question.view.next_undo(id)?, question.view.next_redo(id)?);
        Ok(UndoState {
            undo: undo.map(|change| phrase(question, &change)).transpose()?,
            redo: redo.map(|change| phrase(question, &change)).transpose()?,
        })
    })
    .await
}

/// What a change was, as undo says it; `undo.other` where only its name tells.
pub fn phrase(question: &Question, change: &Undoable) -> Result<Phrase> {
    let (view, viewer) = (question.view, question.viewer);
    let text = |key: &str| change.summary.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    let other = || Ok(say("undo.other").into());
    match change.name.as_str() {
        "adjust_goal" | "lock_goal" | "change_goals" => {
            match text("goal_id").map(|id| view.goal_by_id(&id)).transpose()?.flatten() {
                Some(goal) => {
                    let said = if change.name == "lock_goal" { "undo.goal_locked" } else { "undo.goal_adjusted" };
                    Ok(say(said).text("goal", scope::name(view, viewer, goal.owner.id())?).into())
                }
                None => other(),
            }
        }
        "import_batch" => match text("file_name") {
            Some(file) => Ok(say("undo.import").text("file", file).into()),
            None => other(),
        },
        "write_note" => match text("person_id") {
            Some(person_id) => note::undone(question, "undo.note_added", &person_id),
            None => other(),
        },
        "snooze" => match text("item_id").and_then(|id| id.split_once('/').map(|(_, person)| person.to_owned())) {
            Some(person_id) => note::undone(question, "undo.snoozed", &person_id),
            None => other(),
        },
        "save_plan_draft" => Ok(say("undo.plan_drafted").into()),
        name if name.ends_with("_plan_draft") => Ok(say("undo.plan_decided").into()),
        "put_plan_exception" => match text("person_id") {
            Some(person_id) => note::undone(question, "undo.exception", &person_id),
            None => other(),
        },
        "set_setting" => Ok(say("undo.settings").into()),
        _ => other(),
    }
}
