//! The workspace on this laptop: is there one, is it open, who looks, and the settings.

use super::figure::Problem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "workspace.ts")]
pub enum Phase {
    /// No store on this laptop: first run.
    None,
    Locked,
    /// Joined a server from which nothing has come yet.
    Receiving,
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "workspace.ts")]
pub enum UnlockKind {
    Keychain,
    Passphrase,
}

/// What the frame needs before any screen is drawn. Everything below `open` is `None` unless the phase is `open`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "workspace.ts")]
pub struct WorkspaceState {
    pub phase: Phase,
    pub unlock: UnlockKind,
    /// A usable keychain exists here; without one the first run asks for a passphrase.
    pub keychain: bool,
    /// Known while locked too.
    pub company_name: Option<String>,
    /// Why it could not be opened: message `problem.<code>`.
    pub problem: Option<Problem>,
    /// `zh-CN` or `en`; the system's until a person chooses.
    pub language: String,
    pub open: Option<OpenWorkspace>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "workspace.ts")]
pub struct OpenWorkspace {
    pub viewer: Viewer,
    /// `see_team`, `see_goals`, `edit_goals`, `import_data`, `see_pay` (of others in scope), `see_own_pay`,
    /// `see_notes`, `write_notes`, `see_audit`, `close_period`, `edit_settings`, `switch_viewer`.
    pub abilities: Vec<String>,
    /// The date figures are reckoned at.
    pub today: String,
    pub sample: bool,
    pub currency: String,
    /// Time of the newest fact; `None` without facts.
    pub as_of: Option<String>,
    /// Whole days from `as_of` to now; 0 when fresh.
    pub as_of_days: u32,
    /// Units in the viewer's scope, tree order; empty when the viewer sees only the own line.
    pub units: Vec<UnitChoice>,
    pub home_unit_id: Option<String>,
    /// The running month; periods one can choose, newest first.
    pub home_period: String,
    pub periods: Vec<String>,
    /// Nothing has been imported yet: screens offer the import.
    pub empty: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "workspace.ts")]
pub struct Viewer {
    pub person_id: String,
    pub name: String,
    /// Position type code, message `position.<code>`.
    pub position: String,
    pub unit_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "workspace.ts")]
pub struct UnitChoice {
    pub unit_id: String,
    pub name: String,
    /// `company`, `region` or `team`.
    pub kind: String,
    pub depth: u32,
}

/// How the window was left, known to the page before it asks anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "workspace.ts")]
pub struct Left {
    /// As in [`Settings`].
    pub language: String,
    pub theme: String,
    pub density: String,
    /// By the table's name.
    pub tables: BTreeMap<String, TableChoice>,
}

/// How a person left a table: ids of columns, nothing of any row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "workspace.ts")]
pub struct TableChoice {
    pub sorting: Option<Sorting>,
    pub hidden: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "workspace.ts")]
pub struct Sorting {
    pub column: String,
    pub down: bool,
}

/// `workspace_create` input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "workspace.ts")]
pub struct NewWorkspace {
    pub company_name: String,
    pub currency: String,
    pub owner_name: String,
    /// Required when there is no keychain.
    pub passphrase: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "workspace.ts")]
pub struct Settings {
    /// `zh-CN` or `en`.
    pub language: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// `comfortable` or `compact`.
    pub density: String,
    /// Lower bounds of ahead, on pace and behind, in whole percent; company-wide (`edit_settings`).
    pub pace_ahead: u32,
    pub pace_on_pace: u32,
    pub pace_behind: u32,
    /// 0 = never.
    pub idle_lock_minutes: u32,
}
