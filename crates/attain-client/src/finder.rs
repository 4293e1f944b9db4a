//! Ctrl/⌘ K: people, units, goals and notes by name, pinyin initials or words.

use attain_domain::access::Action;
use attain_domain::metric::Metric;
use attain_store::queries::org::name_matches;
use serde::Serialize;

use crate::notes;
use crate::problem::Result;
use crate::scope;
use crate::workspace::Workspace;

/// Something found, within the viewer's sight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// `person`, `unit`, `goal` or `note`.
    pub kind: &'static str,
    pub id: String,
    pub title: String,
    /// Team, or the note's snippet.
    pub subtitle: Option<String>,
}

/// At most `most` hits: people first, then units, goals, notes.
pub fn find(workspace: &mut Workspace, query: &str, most: usize) -> Result<Vec<Hit>> {
    let viewer = workspace.viewer()?;
    let mut hits = Vec::new();
    {
        let view = workspace.view();
        let mut owners = Vec::new();
        for person in view.people(viewer.today)? {
            let names = [person.name.as_str(), person.name_en.as_deref().unwrap_or(""), person.id.as_str()];
            if name_matches(query, &names) && scope::may_about(view, &viewer, Action::SeeFigures, &person.id)? {
                owners.push(person.id.clone());
                hits.push(Hit {
                    kind: "person",
                    title: viewer.language.pick(&person.name, person.name_en.as_deref()).to_string(),
                    subtitle: Some(scope::name(view, &viewer, &person.unit_id)?),
                    id: person.id,
                });
            }
        }
        for unit in scope::units(view, &viewer)? {
            if name_matches(query, &[unit.name.as_str(), unit.name_en.as_deref().unwrap_or(""), unit.id.as_str()]) {
                owners.push(unit.id.clone());
                let title = viewer.language.pick(&unit.name, unit.name_en.as_deref()).to_string();
                hits.push(Hit { kind: "unit", title, subtitle: None, id: unit.id });
            }
        }
        let running = view.fiscal()?.month_of(viewer.today).year;
        for owner in owners.iter().take(5) {
            for goal in view.goals_of_owner(owner, running)? {
                if goal.metric == Metric::SalesAmount && crate::goals::in_sight(view, &viewer, &goal.id)? {
                    let title = scope::name(view, &viewer, owner)?;
                    hits.push(Hit { kind: "goal", id: goal.id, title, subtitle: Some(running.to_string()) });
                }
            }
        }
    }
    hits.truncate(most);
    if hits.len() < most {
        for note in notes::search(workspace, query, most - hits.len())? {
            let title = scope::name(workspace.view(), &viewer, &note.about_id)?;
            let snippet: String = notes::snippet(&note.text, query).into_iter().map(|p| p.text).collect();
            hits.push(Hit { kind: "note", id: note.id, title, subtitle: Some(snippet) });
        }
    }
    Ok(hits)
}
