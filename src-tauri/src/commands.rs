//! The commands the screens call: parse, ask the workspace, convert to views. One file per noun.

pub mod audit;
pub mod chart;
pub mod draft;
pub mod exception;
pub mod figure;
pub mod goal;
pub mod import;
pub mod note;
pub mod payout;
pub mod period;
pub mod person;
pub mod plan;
pub mod proposal;
pub mod search;
pub mod sync;
pub mod team;
pub mod today;
pub mod undo;
pub mod unit;
pub mod view;
pub mod why;
pub mod window;
pub mod wish;
pub mod workspace;

use crate::desk::Shared;
use crate::views::figure::Problem;
use attain_client::domain::metric::Metric;
use attain_client::domain::period::Period;
use std::path::PathBuf;
use tauri::ipc::Invoke;
use tauri_plugin_dialog::DialogExt;

fn period(text: &str) -> Result<Period, Problem> {
    let bad = |_| figure::problem(attain_client::Problem::usage("bad_period").with("text", text));
    text.parse().map_err(bad)
}

/// The system's file dialog; `None` when the person thought better of it.
async fn pick(desk: &Shared, kind: &'static str, endings: &'static [&'static str]) -> Result<Option<String>, Problem> {
    let app = desk.app().clone();
    desk.blocking(move || {
        let path = app.dialog().file().add_filter(kind, endings).blocking_pick_file();
        Ok(path.and_then(|path| path.into_path().ok()).map(|path| path.display().to_string()))
    })
    .await
}

/// The system's dialog for where to write a file; `None` when the person thought better of it.
async fn place(desk: &Shared, name: String, format: &'static str) -> Result<Option<PathBuf>, Problem> {
    let app = desk.app().clone();
    let path = desk
        .blocking(move || {
            let dialog = app.dialog().file().set_file_name(name).add_filter(format.to_uppercase(), &[format]);
            Ok(dialog.blocking_save_file().and_then(|path| path.into_path().ok()))
        })
        .await?;
    Ok(path.map(|path| path.with_extension(format)))
}

fn metric(text: &str) -> Result<Metric, Problem> {
    let bad = |_| figure::problem(attain_client::Problem::usage("unknown_metric").with("text", text));
    text.parse().map_err(bad)
}

/// Every command, by the name `ui/src/ipc.ts` calls it.
pub fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        audit::audit_list,
        audit::audit_verify,
        chart::trend_chart,
        draft::plan_draft_copy,
        draft::plan_draft_decide,
        draft::plan_draft_save,
        draft::plan_draft_show,
        draft::plan_drafts_waiting,
        draft::plan_edit,
        draft::plan_example,
        draft::plan_what_if,
        draft::plan_what_if_export,
        exception::plan_exception_end,
        exception::plan_exception_put,
        exception::plan_exceptions,
        goal::goal_lock,
        goal::cells::goal_set,
        goal::cells::goal_try,
        goal::map::goal_map,
        goal::tree::goal_find,
        goal::tree::goal_tree,
        goal::goal_start_from_last_year,
        import::import_cancel,
        import::import_dry_run,
        import::import_list,
        import::import_pick,
        import::import_preview,
        import::import_rejects_save,
        import::import_run,
        note::draft_discard,
        note::draft_list,
        note::draft_load,
        note::draft_save,
        note::note_action_set,
        note::note_add,
        note::note_edit,
        note::note_list,
        note::note_search,
        note::note_show,
        payout::pay_show,
        payout::pay_what_if,
        period::payslip_export,
        period::payslip_pick_mapping,
        period::payslip_place,
        period::period_close,
        period::period_closing,
        person::person_show,
        plan::plan_check,
        plan::plan_list,
        plan::plan_pick,
        plan::plan_publish,
        proposal::goal_acknowledge,
        proposal::goal_as_of,
        proposal::goal_proposal_decide,
        proposal::goal_proposal_show,
        proposal::goal_proposals,
        proposal::goal_to_acknowledge,
        proposal::goal_unacknowledged,
        proposal::goal_versions,
        proposal::goal_wish_propose,
        search::search_all,
        sync::sync_attention,
        sync::sync_now,
        sync::sync_resolve,
        sync::sync_pick_ca,
        sync::sync_sign_in,
        sync::sync_status,
        team::compare_show,
        team::team_show,
        today::talk_prepare,
        today::today_show,
        today::today_snooze,
        undo::redo,
        undo::undo,
        undo::undo_state,
        view::copy_chat,
        view::export_view,
        why::why_show,
        window::ready,
        window::window_activity,
        window::window_table_keep,
        wish::goal_profile_put,
        wish::goal_profiles,
        wish::goal_unplaced,
        wish::goal_wish_preview,
        wish::goal_wish_publish,
        wish::seat_fill,
        wish::seat_remove,
        wish::seat_list,
        wish::seat_put,
        workspace::settings_get,
        workspace::settings_set,
        workspace::viewer_list,
        workspace::viewer_set,
        workspace::workspace_create,
        workspace::workspace_create_sample,
        workspace::workspace_join,
        workspace::workspace_lock,
        workspace::workspace_remove_sample,
        workspace::workspace_state,
        workspace::workspace_unlock,
    ]
}
