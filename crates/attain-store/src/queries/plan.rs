//! Plans: who published which version and when. The plans themselves are a question of decisions (`read.rs`).

use rusqlite::OptionalExtension;

use crate::connection::{Result, View};

/// A version as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    pub plan_id: String,
    pub version: u32,
    pub by: String,
    /// RFC 3339.
    pub at: String,
}

impl View<'_> {
    /// The text of a published version.
    pub fn plan_source(&self, id: &str, version: u32) -> Result<Option<String>> {
        let query = "SELECT source FROM plan WHERE id = ?1 AND version = ?2";
        Ok(self.db.prepare_cached(query)?.query_row((id, version), |r| r.get(0)).optional()?)
    }

    pub fn publications(&self) -> Result<Vec<Publication>> {
        let mut statement =
            self.db.prepare_cached("SELECT id, version, published_by, published_at FROM plan ORDER BY id, version")?;
        let rows = statement.query_map([], |r| {
            Ok(Publication { plan_id: r.get(0)?, version: r.get(1)?, by: r.get(2)?, at: r.get(3)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
