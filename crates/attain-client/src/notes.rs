//! Notes as a viewer may read them.

use attain_domain::access::{DataClass, Subject};
use attain_domain::note::{Note, may_read};
use attain_store::connection::View;

use crate::problem::{Problem, Result};
use crate::workspace::{Viewer, Workspace};

fn readable(view: View, viewer: &Viewer, note: &Note) -> Result<bool> {
    let units = match view.main_unit(&note.about_id, viewer.today)? {
        Some(unit) => view.chain_of(&unit)?,
        None => Vec::new(),
    };
    Ok(may_read(&viewer.actor, note, Subject::Person { id: &note.about_id, unit_ids: &units }))
}

fn readable_only(view: View, viewer: &Viewer, notes: Vec<Note>, most: usize) -> Result<Vec<Note>> {
    let mut kept = Vec::new();
    for note in notes {
        if kept.len() >= most {
            break;
        }
        if readable(view, viewer, &note)? {
            kept.push(note);
        }
    }
    Ok(kept)
}

/// Whom a set of notes is about, for the record of a look at them.
fn people(notes: &[Note]) -> Vec<String> {
    let mut people: Vec<String> = notes.iter().map(|n| n.about_id.clone()).collect();
    people.sort();
    people.dedup();
    people
}

/// Notes about a person (or anyone) that the viewer may read, newest first, recorded as a look.
pub fn list(workspace: &mut Workspace, about_id: Option<&str>, most: usize) -> Result<Vec<Note>> {
    let viewer = workspace.viewer()?;
    let notes = peek(workspace.view(), &viewer, about_id, most)?;
    workspace.disclose("notes", DataClass::Notes, &people(&notes))?;
    Ok(notes)
}

/// The same without a record: for callers that record the whole screen.
pub fn peek(view: View, viewer: &Viewer, about_id: Option<&str>, most: usize) -> Result<Vec<Note>> {
    readable_only(view, viewer, view.notes(about_id, 1000)?, most)
}

/// One note; absent and forbidden look the same.
pub fn show(workspace: &mut Workspace, id: &str) -> Result<Note> {
    let viewer = workspace.viewer()?;
    let missing = || Problem::not_found().with("noun", "note").with("id", id);
    let note = workspace.view().note_by_id(id)?.ok_or_else(missing)?;
    if !readable(workspace.view(), &viewer, &note)? {
        return Err(missing());
    }
    workspace.disclose("note", DataClass::Notes, std::slice::from_ref(&note.about_id))?;
    Ok(note)
}

/// Notes that hold every word of a query, best first, at most `most`, recorded as a look.
pub fn search(workspace: &mut Workspace, query: &str, most: usize) -> Result<Vec<Note>> {
    let viewer = workspace.viewer()?;
    let found = workspace.view().search_notes(query, 500)?;
    let notes = readable_only(workspace.view(), &viewer, found, most)?;
    workspace.disclose("note_search", DataClass::Notes, &people(&notes))?;
    Ok(notes)
}

/// A piece of a snippet; `hit` is what was looked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SnippetPart {
    pub text: String,
    pub hit: bool,
}

/// The first place in a text where a query is found, with a little around it.
pub fn snippet(text: &str, query: &str) -> Vec<SnippetPart> {
    const AROUND: usize = 30;
    let chars: Vec<char> = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let lower: Vec<char> = chars.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let marks: Vec<Vec<char>> = attain_store::search::marks(query).into_iter().map(|m| m.chars().collect()).collect();
    let at =
        |from: usize| marks.iter().filter(|m| !m.is_empty() && lower[from..].starts_with(m)).map(|m| m.len()).max();
    let first = (0..lower.len()).find(|i| at(*i).is_some()).unwrap_or(0);
    let (start, end) = (first.saturating_sub(AROUND / 2), (first + AROUND * 2).min(chars.len()));
    let mut parts: Vec<SnippetPart> = Vec::new();
    let mut push = |text: String, hit: bool| match parts.last_mut() {
        Some(last) if last.hit == hit => last.text.push_str(&text),
        _ => parts.push(SnippetPart { text, hit }),
    };
    if start > 0 {
        push("…".into(), false);
    }
    let mut i = start;
    while i < end {
        let length = at(i).unwrap_or(0);
        let until = (i + length.max(1)).min(chars.len());
        push(chars[i..until].iter().collect(), length > 0);
        i = until;
    }
    if end < chars.len() {
        push("…".into(), false);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::snippet;

    #[test]
    fn a_snippet_marks_what_was_found() {
        let parts = snippet("上周走访了三家酒店,新客户只签了一家。", "新客户");
        assert_eq!(parts.iter().filter(|p| p.hit).map(|p| p.text.as_str()).collect::<Vec<_>>(), ["新客户"]);
        assert_eq!(parts.iter().map(|p| p.text.as_str()).collect::<String>(), "上周走访了三家酒店,新客户只签了一家。");
        assert!(snippet("", "x").is_empty());
    }
}
