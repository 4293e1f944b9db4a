//! Feedback notes: dated, about a person, by a person.
//!
//! Owns: kinds, visibility and the bounds of a note.
//! Absent on purpose: search terms (the store's), merging two edits (comes with sync).

use serde::{Deserialize, Serialize};
use std::str::FromStr;

use crate::org::{UnknownName, named};

named! {
    /// 反馈 · 现场复盘 · 面谈.
    NoteKind { Note "note", FieldReview "field_review", OneOnOne "one_on_one", }
}

named! {
    /// Who may read a note besides its author: the person it is about and their managers and HR (`shared`),
    /// managers and HR (`managers`), or the author alone (`private`).
    Visibility { Shared "shared", Managers "managers", Private "private", }
}

/// Longest note, in bytes; a note is a page, not an archive.
pub const MAX_BYTES: usize = 64 * 1024;

/// A feedback note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub id: String,
    pub author_id: String,
    pub about_id: String,
    /// When it was written, RFC 3339.
    pub at: String,
    pub kind: NoteKind,
    pub visibility: Visibility,
    pub text: String,
    pub edited_at: Option<String>,
}
