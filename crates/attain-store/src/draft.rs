//! What a person is typing, saved within a second and restored after a crash.
//!
//! Owns: drafts by person and key. Absent on purpose: what is in them (the screen's own JSON).

use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use crate::connection::{Result, Store, View};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    pub key: String,
    pub body: String,
    pub saved_at: String,
}

impl Store {
    /// Keeps a draft; `None` discards it.
    pub fn save_draft(&mut self, person_id: &str, key: &str, body: Option<&str>, at: &str) -> Result<()> {
        self.write(|tx| {
            match body {
                Some(body) => tx
                    .db
                    .prepare_cached(
                        "INSERT INTO draft VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET body = ?3, saved_at = ?4",
                    )?
                    .execute(params![person_id, key, body, at])?,
                None => tx
                    .db
                    .prepare_cached("DELETE FROM draft WHERE person_id = ?1 AND key = ?2")?
                    .execute(params![person_id, key])?,
            };
            Ok(())
        })
    }
}

impl View<'_> {
    pub fn draft(&self, person_id: &str, key: &str) -> Result<Option<Draft>> {
        Ok(self
            .db
            .prepare_cached("SELECT key, body, saved_at FROM draft WHERE person_id = ?1 AND key = ?2")?
            .query_row(params![person_id, key], row_to_draft)
            .optional()?)
    }

    /// Newest first.
    pub fn drafts(&self, person_id: &str) -> Result<Vec<Draft>> {
        let mut statement = self
            .db
            .prepare_cached("SELECT key, body, saved_at FROM draft WHERE person_id = ?1 ORDER BY saved_at DESC, key")?;
        Ok(statement.query_map([person_id], row_to_draft)?.collect::<rusqlite::Result<_>>()?)
    }
}

fn row_to_draft(row: &rusqlite::Row) -> rusqlite::Result<Draft> {
    Ok(Draft { key: row.get(0)?, body: row.get(1)?, saved_at: row.get(2)? })
}
