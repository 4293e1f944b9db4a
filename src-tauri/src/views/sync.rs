//! Where this laptop stands with its server, and what the server refused.

use super::figure::{Phrase, Problem};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `None` in its place: this workspace never joined a server. Also the event `sync_status`, when it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "sync.ts")]
pub struct SyncStatus {
    pub server: String,
    pub device: String,
    /// When the last round came to its end; `None` before the first.
    pub synced_at: Option<String>,
    /// When the server first could not be reached, since it last was.
    pub offline_since: Option<String>,
    /// Changes that the server has not answered for.
    pub pending: u32,
    /// Refused changes that nobody has settled.
    pub attention: u32,
    /// A round is under way.
    pub running: bool,
    /// Why the last round ended early, unless the server could not be reached; or why it left changes unanswered.
    pub problem: Option<Problem>,
    /// Why nothing is shown until the server has been reached.
    pub withheld: Option<Problem>,
    /// Days until then, from the last week on.
    pub days_left: Option<u32>,
    /// Pay was erased until then.
    pub pay_erased: bool,
    /// Records that only a later version of this program can read.
    pub parked: u32,
    /// Changes sealed to the company, because their author was nobody there any more.
    pub escrowed: u32,
    /// While this laptop is served from the beginning: until then figures are not complete.
    pub receiving: Option<Receiving>,
}

/// How far that is, in records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "sync.ts")]
pub struct Receiving {
    pub records: u32,
    pub of: u32,
}

/// A refused change of this laptop's person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "sync.ts")]
pub struct RefusedChange {
    pub mid: String,
    pub what: Phrase,
    pub why: Problem,
    pub at: String,
    /// What its author wanted, where that can be said in a line: what *use mine* would lead to.
    pub mine: Option<Phrase>,
    /// What stands instead.
    pub theirs: Option<Phrase>,
    /// It can be proposed again as it is.
    pub repeatable: bool,
}

/// `workspace_join` input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "sync.ts")]
pub struct JoinServer {
    pub server: String,
    pub user: String,
    pub password: String,
    /// File of the company's certificate authority, where it has one of its own.
    pub ca: Option<String>,
    /// Required when there is no keychain.
    pub passphrase: Option<String>,
}

/// `sync_sign_in` input: the server is the one that was joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "sync.ts")]
pub struct SignInAgain {
    pub user: String,
    pub password: String,
    /// File of the company's certificate authority; without it the one that was named before stays.
    pub ca: Option<String>,
    /// Of the workspace, where no keychain keeps its keys.
    pub passphrase: Option<String>,
}
