//! `note add|edit|list|show|search`.

use attain_client::domain::mutation::Mutation;
use attain_client::domain::note::Note;
use attain_client::keys::random_hex;
use attain_client::notes;
use attain_client::problem::{Problem, Result};
use serde_json::{Value, json};

use super::Open;
use crate::answer::{Answer, items};
use crate::arguments::NoteVerb;

fn note(n: &Note) -> Value {
    json!({
        "id": n.id, "author_id": n.author_id, "person_id": n.about_id, "at": n.at, "kind": n.kind, "visibility": n.visibility,
        "text": n.text, "edited_at": n.edited_at, "actions": n.actions,
    })
}

pub fn run(open: &mut Open, verb: &NoteVerb) -> Result<Answer> {
    match verb {
        NoteVerb::Add { about, text, visibility, kind } => {
            let note_id = format!("n-{}", random_hex(8)?);
            open.workspace.mutate(&Mutation::WriteNote {
                note_id: note_id.clone(),
                about_id: about.clone(),
                kind: kind.parse().map_err(|_| Problem::usage("unknown_note_kind").with("text", kind))?,
                visibility: visibility
                    .parse()
                    .map_err(|_| Problem::usage("unknown_visibility").with("text", visibility))?,
                text: text.clone(),
                actions: Vec::new(),
                before: None,
            })?;
            Ok(note(&notes::show(&mut open.workspace, &note_id)?).into())
        }
        NoteVerb::Edit { id, text } => {
            let before = notes::show(&mut open.workspace, id)?;
            open.workspace.mutate(&Mutation::WriteNote {
                note_id: before.id,
                about_id: before.about_id,
                kind: before.kind,
                visibility: before.visibility,
                text: text.clone(),
                actions: before.actions,
                before: Some(before.text),
            })?;
            Ok(note(&notes::show(&mut open.workspace, id)?).into())
        }
        NoteVerb::List { about, limit } => {
            let list = notes::list(&mut open.workspace, about.as_deref(), *limit)?;
            Ok(items(list.iter().map(note).collect()).into())
        }
        NoteVerb::Show { id } => Ok(note(&notes::show(&mut open.workspace, id)?).into()),
        NoteVerb::Search { query, limit } => {
            let found = notes::search(&mut open.workspace, query, *limit)?;
            let list = found.iter().map(|n| {
                let mut json = note(n);
                json["snippet"] = json!(notes::snippet(&n.text, query));
                json
            });
            Ok(items(list.collect()).into())
        }
    }
}
