//! Where this laptop stands with its server, what was refused, and signing in again.

use super::audit;
use super::figure::{refusal, say};
use super::undo::phrase;
use super::workspace::unlock;
use crate::desk::{Question, Result, Shared};
use crate::sync as background;
use crate::views::figure::{Phrase, Problem};
use crate::views::sync::{RefusedChange, SignInAgain, SyncStatus};
use attain_client::store::journal::{Changed, Undoable};
use attain_client::store::sync::Attention;
use attain_client::sync::{self, Joining};
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
    let Attention { mid, name, summary, code, params, at, .. } = attention;
    let change = Undoable { mid, name, summary };
    let said = phrase(question, &change)?;
    let what: Phrase = match said.code.as_str() {
        "undo.other" => say(&format!("audit.{}", audit::shown(&change.name))).into(),
        _ => said,
    };
    Ok(RefusedChange { mid: mid.to_string(), what, why: refusal(code, params), at: background::here(&at) })
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
            desk.sync.alone(|| {
                let user = input.user.trim();
                let joining =
                    Joining { server: &joined.server, user, password: &input.password, device_name: &name, ca: None };
                sync::sign_in(desk.home(), &unlock, &joining).map(drop)
            })?;
            let _ = background::round(&desk);
            Ok(desk.sync.told())
        })
        .await
}
