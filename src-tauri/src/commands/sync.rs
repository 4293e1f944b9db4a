//! Where this laptop stands with its server, what was refused, and signing in again.

use super::audit;
use super::figure::{self, refusal, say};
use super::goal::{named, period_of};
use super::undo::phrase;
use super::workspace::unlock;
use crate::desk::{Question, Result, Shared};
use crate::sync as background;
use crate::views::figure::{Phrase, Problem};
use crate::views::sync::{RefusedChange, SignInAgain, SyncStatus};
use attain_client::domain::goal::wish::{Wish, outcome};
use attain_client::domain::goal::{Adjustment, Goal};
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::Period;
use attain_client::store::journal::{Changed, Undoable, mutation_of};
use attain_client::store::sync::Attention;
use attain_client::sync::{self, Joining};
use attain_client::{goals, scope};
use std::path::Path;
use tauri::State;

#[tauri::command(rename_all = "snake_case")]
pub async fn sync_status(desk: State<'_, Shared>) -> std::result::Result<Option<SyncStatus>, Problem> {
    let desk = desk.inner().clone();
    desk.clone()
        .blocking(move || {
            if desk.sync.told().is_none() {
                background::tell(&desk);
            }
            Ok(desk.sync.told())
        })
        .await
}

/// A round at once; its outcome is in the status.
#[tauri::command(rename_all = "snake_case")]
pub async fn sync_now(desk: State<'_, Shared>) -> std::result::Result<Option<SyncStatus>, Problem> {
    let desk = desk.inner().clone();
    desk.clone()
        .blocking(move || {
            let _ = background::round(&desk);
            Ok(desk.sync.told())
        })
        .await
}

/// Refused changes, oldest first.
#[tauri::command(rename_all = "snake_case")]
pub async fn sync_attention(desk: State<'_, Shared>) -> std::result::Result<Vec<RefusedChange>, Problem> {
    desk.ask(|question| question.view.attention()?.into_iter().map(|attention| refused(question, attention)).collect())
        .await
}

fn refused(question: &Question, attention: Attention) -> Result<RefusedChange> {
    let Attention { mid, name, version, summary, args, code, mut params, at } = attention;
    let change = Undoable { mid, name, summary };
    let said = phrase(question, &change)?;
    let what: Phrase = match said.code.as_str() {
        "undo.other" => say(&format!("audit.{}", audit::shown(&change.name))).into(),
        _ => said,
    };
    named(question, &mut params)?;
    let wanted = mutation_of(&change.name, version, args).ok();
    let change = RefusedChange {
        mid: mid.to_string(),
        what,
        why: refusal(code, params),
        at: background::here(&at),
        mine: None,
        theirs: None,
        repeatable: wanted.is_some(),
    };
    match &wanted {
        Some(wanted) => sides(question, wanted, change),
        None => Ok(change),
    }
}

/// Both values, in people's terms.
fn sides(question: &Question, wanted: &Mutation, change: RefusedChange) -> Result<RefusedChange> {
    let (view, viewer) = (question.view, question.viewer);
    let plain = |value: &str| Some(say("sync.text").text("text", value).into());
    let goal = |id: &str| -> Result<Option<Goal>> {
        if goals::in_sight(view, viewer, id)? { Ok(view.goal_by_id(id)?) } else { Ok(None) }
    };
    Ok(match wanted {
        Mutation::AdjustGoal { goal_id, target, reading, from, .. } => {
            let wish = Adjustment { goal_id: goal_id.clone(), target: *target, reading: *reading, from: *from };
            return wished(question, &Wish::Adjust(wish), change);
        }
        Mutation::ChangeGoals { wish, .. } => return wished(question, wish, change),
        Mutation::LockGoal { goal_id, locked } => match goal(goal_id)? {
            Some(goal) => {
                let word = |locked| say(if locked { "sync.goal_locked" } else { "sync.goal_open" }).into();
                RefusedChange { mine: Some(word(*locked)), theirs: Some(word(goal.locked)), ..change }
            }
            None => change,
        },
        Mutation::SetSetting { key, value } => {
            RefusedChange { mine: plain(value), theirs: view.setting(key)?.as_deref().and_then(plain), ..change }
        }
        Mutation::WriteNote { note_id, text, .. } => {
            // One's own note, as one's other laptop has left it.
            let theirs = view.note_by_id(note_id)?.filter(|note| note.author_id == viewer.id());
            RefusedChange { mine: plain(text), theirs: theirs.and_then(|note| plain(&note.text)), ..change }
        }
        _ => change,
    })
}

/// Both values of a goal: of a month that was typed as that month.
fn wished(question: &Question, wish: &Wish, change: RefusedChange) -> Result<RefusedChange> {
    let (view, viewer) = (question.view, question.viewer);
    if !goals::in_sight(view, viewer, wish.goal_id())? {
        return Ok(change);
    }
    let Some(goal) = view.goal_by_id(wish.goal_id())? else { return Ok(change) };
    let typed = match wish {
        Wish::Adjust(wish) => Some(wish),
        Wish::Cells(wish) => wish.cells.first(),
        _ => None,
    };
    let period = typed.map_or(Period::Year(goal.year), |wish| period_of(wish, goal.year));
    // A share of the remaining months leads to another figure now than it did then.
    let mine = match (outcome(&view, wish), typed) {
        (Ok(found), _) => found.after.iter().find(|after| after.id == goal.id).unwrap_or(&goal).target(period),
        (Err(_), Some(typed)) => typed.target,
        (Err(_), None) => return Ok(change),
    };
    let currency = view.currency()?;
    let value = |value| say("sync.value").value("value", &figure::target(goal.metric, value, currency)).into();
    let owner = scope::name(view, viewer, goal.owner.id())?;
    Ok(RefusedChange {
        what: say("sync.goal").text("goal", owner).period("period", period).into(),
        mine: Some(value(mine)),
        theirs: Some(value(goal.target(period))),
        ..change
    })
}

/// Proposes the same again on what is here now, or lets theirs stand.
#[tauri::command(rename_all = "snake_case")]
pub async fn sync_resolve(desk: State<'_, Shared>, mid: String, mine: bool) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| {
        let missing = || attain_client::Problem::not_found().with("noun", "attention").with("id", &mid);
        sync::resolve(workspace, mid.parse().map_err(|_| missing())?, mine)?;
        let nouns = background::NOUNS.into_iter().map(str::to_owned).collect();
        Ok(((), Changed { nouns, ..Changed::default() }))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn sync_pick_ca(desk: State<'_, Shared>) -> std::result::Result<Option<String>, Problem> {
    super::pick(&desk, "PEM", &["pem", "crt", "cer"]).await
}

/// The session has ended: signs in again on the server that was joined, then syncs.
#[tauri::command(rename_all = "snake_case")]
pub async fn sync_sign_in(
    desk: State<'_, Shared>,
    input: SignInAgain,
) -> std::result::Result<Option<SyncStatus>, Problem> {
    let desk = desk.inner().clone();
    desk.clone()
        .blocking(move || {
            let joined = desk.peek(|view| Ok(view.joined()?))?.flatten();
            let joined = joined.ok_or_else(|| attain_client::Problem::refused("not_joined"))?;
            let (unlock, name) = (unlock(input.passphrase), background::device_name());
            let ca = input.ca.as_deref().map(|path| sync::certificate(Path::new(path))).transpose()?;
            desk.sync.alone(|| {
                let user = input.user.trim();
                let (password, ca) = (&input.password, ca.as_deref());
                let joining = Joining { server: &joined.server, user, password, device_name: &name, ca };
                sync::sign_in(desk.home(), &unlock, &joining).map(drop)
            })?;
            let _ = background::round(&desk);
            Ok(desk.sync.told())
        })
        .await
}
