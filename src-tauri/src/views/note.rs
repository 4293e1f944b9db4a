//! Conversations: notes, visits and 1:1s about a person, their actions, and drafts.

use super::figure::{Money, Pace, Rate};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "note.ts")]
pub enum NoteKind {
    Note,
    /// A field review, written on the spot.
    Visit,
    OneOnOne,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "note.ts")]
pub enum Visibility {
    /// Only the author.
    Author,
    /// The author and the person it is about.
    Pair,
    /// The managers above, and HR.
    Managers,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct NoteList {
    /// Newest first.
    pub notes: Vec<NoteBrief>,
    /// People the viewer may write about.
    pub people: Vec<PersonRef>,
    pub open_actions: u32,
    /// What a new note starts with.
    pub visibility: Visibility,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct PersonRef {
    pub person_id: String,
    pub name: String,
    pub unit_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct NoteBrief {
    pub note_id: String,
    pub about_id: String,
    pub about_name: String,
    pub author_name: String,
    pub kind: NoteKind,
    pub created_at: String,
    /// The beginning of the text, one line.
    pub excerpt: String,
    pub open_actions: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct Note {
    pub note_id: String,
    pub about_id: String,
    pub about_name: String,
    pub author_id: String,
    pub author_name: String,
    pub kind: NoteKind,
    pub visibility: Visibility,
    pub text: String,
    pub created_at: String,
    pub edited_at: Option<String>,
    pub actions: Vec<NoteAction>,
    /// The person's figures when it was written.
    pub snapshot: Option<NoteSnapshot>,
    /// The viewer wrote it and may change it.
    pub editable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct NoteAction {
    pub action_id: String,
    pub note_id: String,
    pub text: String,
    pub about_id: String,
    pub about_name: String,
    pub owner_id: String,
    pub owner_name: String,
    pub due: Option<String>,
    pub overdue: bool,
    pub done: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct NoteSnapshot {
    pub period: String,
    pub as_of: String,
    pub attainment: Option<Rate>,
    pub pace: Pace,
    pub gap: Option<Money>,
}

/// `note_add` and `note_edit` input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct NoteInput {
    pub about_id: String,
    pub kind: NoteKind,
    pub visibility: Visibility,
    pub text: String,
    pub actions: Vec<NoteActionInput>,
    /// The text as the editor found it, of a note that is edited.
    pub before: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct NoteActionInput {
    /// `None` for a new one.
    pub action_id: Option<String>,
    pub text: String,
    pub owner_id: String,
    pub due: Option<String>,
    pub done: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct NoteHit {
    pub note: NoteBrief,
    pub snippet: Vec<SnippetPart>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct SnippetPart {
    pub text: String,
    pub hit: bool,
}

/// What is being typed, kept sealed in the store. `key` is `note-new-<person>`, `note-<id>` …; `body` is the UI's own JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "note.ts")]
pub struct Draft {
    pub key: String,
    pub body: String,
    pub saved_at: String,
}
