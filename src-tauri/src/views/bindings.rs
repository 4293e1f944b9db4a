//! Keeps `ui/src/bindings/` what these types say. `ATTAIN_BINDINGS=write cargo test bindings` writes them.

use super::{
    chart, data, draft, exception, figure, goal, note, payout, period, person, plan, search, sync, team, today, why,
    wish, workspace,
};
use std::path::{Path, PathBuf};
use ts_rs::{Config, ExportError, TS};

fn export_all(dir: &Path) -> Result<(), ExportError> {
    let config = Config::new().with_out_dir(dir);
    macro_rules! export {
        ($($view:ty),* $(,)?) => { $( <$view as TS>::export_all(&config)?; )* };
    }
    export![
        figure::Problem,
        figure::Changed,
        figure::UndoState,
        figure::ViewRef,
        figure::ChatCopy,
        figure::Value,
        workspace::WorkspaceState,
        workspace::NewWorkspace,
        workspace::Settings,
        workspace::Left,
        today::Today,
        today::Talk,
        goal::GoalTree,
        goal::GoalColumns,
        goal::GoalEdit,
        goal::GoalTried,
        goal::GoalAdjusted,
        wish::Proposal,
        goal::GoalMap,
        wish::GoalWish,
        wish::WishPreview,
        wish::ProposalShown,
        wish::Decision,
        wish::GoalVersion,
        wish::GoalThen,
        wish::Unacknowledged,
        wish::Unplaced,
        wish::SeatInput,
        wish::MonthProfile,
        team::Team,
        team::Compare,
        chart::Chart,
        chart::TrendRequest,
        person::Person,
        payout::Pay,
        payout::PayWhatIf,
        period::ClosingAccepted,
        plan::PlanList,
        plan::PlanCheck,
        exception::PlanExceptions,
        exception::ExceptionInput,
        draft::PlanDraftShown,
        draft::PlanDecision,
        draft::PlanEdit,
        draft::PlanSheet,
        draft::PlanExample,
        draft::PlanWhatIf,
        period::Closing,
        note::NoteList,
        note::Note,
        note::NoteInput,
        note::NoteHit,
        note::Draft,
        data::ImportPreview,
        data::ImportRequest,
        data::ImportResult,
        data::ImportProgress,
        data::ImportEntry,
        data::AuditQuery,
        data::AuditPage,
        data::AuditVerify,
        search::SearchHit,
        sync::SyncStatus,
        sync::RefusedChange,
        sync::JoinServer,
        sync::SignInAgain,
        why::Why,
    ];
    Ok(())
}

fn committed() -> PathBuf {
    let root = std::env::var("ATTAIN_ROOT").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&root).join("ui/src/bindings")
}

#[test]
fn bindings_are_what_the_views_say() {
    if std::env::var("ATTAIN_BINDINGS").as_deref() == Ok("write") {
        export_all(&committed()).unwrap();
        return;
    }
    let fresh = std::env::temp_dir().join(format!("attain-bindings-{}", std::process::id()));
    export_all(&fresh).unwrap();
    let mut names: Vec<_> = std::fs::read_dir(&fresh).unwrap().map(|f| f.unwrap().file_name()).collect();
    names.sort();
    for name in names {
        let said = std::fs::read_to_string(fresh.join(&name)).unwrap();
        let kept = std::fs::read_to_string(committed().join(&name)).unwrap_or_default();
        assert!(said == kept, "{name:?} is stale: ATTAIN_BINDINGS=write cargo test bindings");
    }
    std::fs::remove_dir_all(&fresh).unwrap();
}
