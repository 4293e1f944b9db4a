//! Search (Ctrl/⌘ K): people, units, goals and notes. Actions are the UI's own list.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "search.ts")]
pub struct SearchHit {
    /// `person`, `unit`, `goal` or `note`.
    pub kind: String,
    pub id: String,
    pub title: String,
    /// Team, position, or the note's snippet.
    pub subtitle: Option<String>,
}
