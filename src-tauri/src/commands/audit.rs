//! The audit trail, page by page, and checking that nobody changed it.

use super::figure::{count, say};
use super::note::local;
use crate::desk::{Question, Result, Shared};
use crate::views::data::{AuditEntry, AuditPage, AuditQuery, AuditVerify};
use crate::views::figure::{Phrase, Problem};
use attain_client::domain::access::Action;
use attain_client::export::{Cell, Table};
use attain_client::scope;
use attain_client::store::audit;
use serde_json::Value;
use tauri::State;

#[tauri::command(rename_all = "snake_case")]
pub async fn audit_list(desk: State<'_, Shared>, query: AuditQuery) -> std::result::Result<AuditPage, Problem> {
    desk.ask(move |question| {
        let (view, viewer) = (question.view, question.viewer);
        require(question)?;
        let limit = query.limit.clamp(1, 500);
        let before = query.before.as_deref().and_then(|text| text.parse().ok());
        // The screens' word for an action may stand for several of the trail's.
        let stored = query.action.as_deref().map(|shown| ACTIONS.iter().find(|(_, word)| *word == shown));
        let action = stored.flatten().map(|(stored, _)| *stored).or(query.action.as_deref());
        let found = view.audit_entries(query.person_id.as_deref(), action, before, limit)?;
        let next = (found.len() == limit as usize).then(|| found.last().map(|entry| entry.id.clone())).flatten();
        let (total, actions) = view.audit_summary()?;
        let mut actions: Vec<String> = actions.iter().map(|stored| shown(stored).to_owned()).collect();
        actions.sort();
        actions.dedup();
        Ok(AuditPage {
            entries: found.into_iter().map(|entry| self::entry(question, entry)).collect::<Result<_>>()?,
            total: count(total),
            next: next.filter(|_| viewer.actor.widest(Action::SeeAudit).is_some()),
            actions,
        })
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn audit_verify(desk: State<'_, Shared>) -> std::result::Result<AuditVerify, Problem> {
    desk.ask(|question| {
        require(question)?;
        let found = question.view.verify_audit()?;
        Ok(AuditVerify { ok: found.ok, checked: count(found.entries), broken_at: found.broken_at })
    })
    .await
}

fn require(question: &Question) -> Result<()> {
    match question.viewer.actor.widest(Action::SeeAudit) {
        Some(_) => Ok(()),
        None => Err(attain_client::Problem::refused("not_allowed")),
    }
}

/// The trail's names of actions and the messages they have.
const ACTIONS: &[(&str, &str)] = &[
    ("acknowledge_goal", "goal_acknowledged"),
    ("adjust_goal", "goal_adjusted"),
    ("approve_plan_draft", "plan_approved"),
    ("approve_proposal", "goal_adjusted"),
    ("change_goals", "goal_adjusted"),
    ("close_period", "period_closed"),
    ("create_workspace", "workspace_created"),
    ("export", "exported"),
    ("fill_seat", "goal_adjusted"),
    ("import_batch", "import_run"),
    ("lock_goal", "goal_adjusted"),
    ("lock_workspace", "workspace_locked"),
    ("propose_goals", "goal_proposed"),
    ("publish_plan", "plan_imported"),
    ("publish_plan_draft", "plan_published"),
    ("put_plan_exception", "exception_put"),
    ("put_seat", "seat_set"),
    ("redo", "redone"),
    ("save_plan_draft", "plan_drafted"),
    ("see_as", "viewer_changed"),
    ("send_back_plan_draft", "plan_sent_back"),
    ("send_back_proposal", "goal_sent_back"),
    ("set_note_action", "action_set"),
    ("set_setting", "settings_changed"),
    ("snooze", "snoozed"),
    ("start_goals_from_last_year", "goal_adjusted"),
    ("submit_plan_draft", "plan_submitted"),
    ("undo", "undone"),
    ("unlock_workspace", "workspace_opened"),
    ("view", "viewed"),
    ("withdraw_plan_draft", "plan_withdrawn"),
    ("withdraw_proposal", "goal_proposed"),
    ("write_note", "note_added"),
];

pub fn shown(stored: &str) -> &str {
    ACTIONS.iter().find(|(name, _)| *name == stored).map_or(stored, |(_, shown)| shown)
}

fn entry(question: &Question, entry: audit::AuditEntry) -> Result<AuditEntry> {
    let (view, viewer) = (question.view, question.viewer);
    let mut names = Vec::new();
    for id in entry.subjects.iter().take(3) {
        names.push(match view.goal_by_id(id)? {
            Some(goal) => scope::name(view, viewer, goal.owner.id())?,
            None => scope::name(view, viewer, id)?,
        });
    }
    if entry.subjects.len() > 3 {
        names.push(format!("+{}", entry.subjects.len() - 3));
    }
    let action = match (entry.action.as_str(), entry.class.as_str()) {
        ("view", "pay") => "pay_viewed",
        ("view", "notes") => "note_read",
        (other, _) => shown(other),
    };
    Ok(AuditEntry {
        seq: entry.id,
        at: local(question, &entry.at)?,
        who_name: scope::name(view, viewer, &entry.person_id)?,
        action: action.to_owned(),
        what: what(question, &entry.action, &entry.detail)?,
        whose_name: (!names.is_empty()).then(|| names.join(", ")),
        place: None,
        reason: entry.detail.get("reason").and_then(Value::as_str).map(str::to_owned),
    })
}

/// The screen a look was made on, as the rail calls it.
fn screen_term(screen: &str) -> String {
    let named = match screen {
        "trend" | "compare" | "chat" => "team",
        "talk" => "today",
        "goal_preview" => "goals",
        "notes" | "note" | "note_search" | "search" => "conversations",
        "pay_list" => "pay",
        "audit" => "data",
        other => other,
    };
    format!("screen.{named}")
}

fn what(question: &Question, action: &str, detail: &Value) -> Result<Option<Phrase>> {
    // A change keeps what it was about under `what`.
    let detail = detail.get("what").unwrap_or(detail);
    let text = |key: &str| detail.get(key).and_then(Value::as_str);
    let number = |key: &str| detail.get(key).and_then(Value::as_u64);
    Ok(match action {
        "import_batch" => match text("file_name") {
            Some(file) => {
                let said = say("audit.import").text("file", file).count("imported", number("imported").unwrap_or(0));
                // The change names the file; how many rows it refused is in the list of imports.
                let digest = text("digest").unwrap_or_default();
                let imports = question.view.imports()?;
                let rejected = imports.iter().find(|import| import.batch.digest == digest);
                Some(said.count("rejected", rejected.map_or(0, |import| import.batch.rejected)).into())
            }
            None => None,
        },
        "adjust_goal" | "start_goals_from_last_year" => {
            number("goals").map(|goals| say("audit.goals").count("count", goals).into())
        }
        "close_period" => text("period").map(|period| closed(question, period, detail)),
        "set_setting" => match (text("key"), text("value")) {
            (Some(key), Some(value)) => Some(say("audit.text").text("text", format!("{key} = {value}")).into()),
            _ => None,
        },
        "view" | "export" => text("screen").map(|screen| say("audit.text").term("text", screen_term(screen)).into()),
        _ => None,
    })
}

/// A close, with what was accepted as it was and why.
fn closed(question: &Question, period: &str, detail: &Value) -> Phrase {
    let language = question.viewer.language;
    let accepted = detail.get("accepted").and_then(Value::as_array).into_iter().flatten().filter_map(|one| {
        let lack = format!("period.without_{}", one.get("check")?.as_str()?);
        Some(format!("{} ({})", language.message(&lack, &[]), one.get("reason")?.as_str()?))
    });
    let accepted: Vec<String> = accepted.collect();
    match accepted.is_empty() {
        true => say("audit.period").period("period", period).into(),
        false => say("audit.period_accepted").period("period", period).text("accepted", accepted.join(" · ")).into(),
    }
}

/// The trail as a table, newest first, at most a year of a busy company.
pub fn table(question: &Question) -> Result<Table> {
    require(question)?;
    let language = question.viewer.language;
    let mut table = Table {
        title: language.message("data.tab_audit", &[]),
        headings: super::view::headings(question, &["number", "time", "author", "action", "about"]),
        rows: Vec::new(),
    };
    for entry in question.view.audit_entries(None, None, None, 100_000)? {
        let entry = self::entry(question, entry)?;
        table.rows.push(vec![
            Cell::Number(entry.seq),
            Cell::Text(entry.at),
            Cell::Text(entry.who_name),
            Cell::Text(language.message(&format!("audit.{}", entry.action), &[])),
            entry.whose_name.map_or(Cell::Empty, Cell::Text),
        ]);
    }
    Ok(table)
}
