//! Search (Ctrl/⌘ K): people, units, goals and notes in the viewer's sight. Pinyin initials work.

use crate::desk::Shared;
use crate::views::figure::Problem;
use crate::views::search::SearchHit;
use attain_client::finder;
use tauri::State;

#[tauri::command(rename_all = "snake_case")]
pub async fn search_all(desk: State<'_, Shared>, query: String) -> std::result::Result<Vec<SearchHit>, Problem> {
    desk.record(move |workspace| {
        let found = finder::find(workspace, query.trim(), 20)?;
        let hit = |hit: finder::Hit| SearchHit {
            kind: hit.kind.to_owned(),
            id: hit.id,
            title: hit.title,
            subtitle: hit.subtitle,
        };
        Ok(found.into_iter().map(hit).collect())
    })
    .await
}
