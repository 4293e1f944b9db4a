//! Notes: lists and search. Readers filter by `note::may_read` in the client, which knows the actor.

use attain_domain::note::Note;
use rusqlite::params;

use crate::connection::{Result, View};
use crate::search::expression;

impl View<'_> {
    pub fn note_by_id(&self, id: &str) -> Result<Option<Note>> {
        self.note_row(id)
    }

    /// Notes about a person, or about anyone, newest first.
    pub fn notes(&self, about_id: Option<&str>, limit: u32) -> Result<Vec<Note>> {
        match about_id {
            Some(id) => self.notes_where("about_id = ?1 ORDER BY at DESC, n DESC LIMIT ?2", params![id, limit]),
            None => self.notes_where("1 ORDER BY at DESC, n DESC LIMIT ?1", [limit]),
        }
    }

    /// Notes that hold every word of a query, best first.
    pub fn search_notes(&self, query: &str, limit: u32) -> Result<Vec<Note>> {
        let Some(expression) = expression(query) else { return Ok(Vec::new()) };
        let mut statement =
            self.db.prepare_cached("SELECT rowid FROM note_term WHERE note_term MATCH ?1 ORDER BY rank LIMIT ?2")?;
        let found: Vec<i64> =
            statement.query_map(params![expression, limit], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut notes = Vec::with_capacity(found.len());
        for n in found {
            notes.extend(self.notes_where("n = ?1", [n])?);
        }
        Ok(notes)
    }

    /// Attention rows a person has put off, with the day they come back.
    pub fn snoozed(&self, person_id: &str, today: chrono::NaiveDate) -> Result<Vec<String>> {
        let mut statement = self.db.prepare_cached("SELECT item_id FROM snooze WHERE person_id = ?1 AND until > ?2")?;
        let rows = statement.query_map(params![person_id, crate::connection::day(today)], |r| r.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
