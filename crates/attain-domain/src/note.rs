//! Feedback notes: dated, about a person, by a person, with the actions that were agreed.
//!
//! Owns: kinds, visibility, who may read a note, and its bounds.
//! Absent on purpose: search terms (the store's).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

use crate::access::{Action, Actor, Subject};
use crate::org::{UnknownName, named};

mod merge;

pub use merge::merge;

named! {
    /// 反馈 · 现场复盘 · 面谈.
    NoteKind { Note "note", Visit "visit", OneOnOne "one_on_one", }
}

named! {
    /// Who may read a note: the author alone, the author and the person it is about, or the managers above and HR.
    Visibility { Author "author", Pair "pair", Managers "managers", }
}

impl Default for Visibility {
    /// A talk is between two.
    fn default() -> Self {
        Visibility::Pair
    }
}

/// Longest note, in bytes; a note is a page, not an archive.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most actions of one note.
pub const MAX_ACTIONS: usize = 50;

/// A feedback note, a field review or a talk in person.
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
    pub actions: Vec<NoteAction>,
}

/// What was agreed: who does what by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteAction {
    pub id: String,
    pub text: String,
    pub owner_id: String,
    pub due: Option<NaiveDate>,
    pub done: bool,
}

/// Whether an actor may read a note about a subject.
pub fn may_read(actor: &Actor, note: &Note, about: Subject) -> bool {
    let author = note.author_id == actor.person_id;
    match note.visibility {
        Visibility::Author => author,
        Visibility::Pair => author || note.about_id == actor.person_id,
        Visibility::Managers => author || (note.about_id != actor.person_id && actor.may(Action::SeeNotes, about)),
    }
}
