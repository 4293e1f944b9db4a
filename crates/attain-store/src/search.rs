//! Full text of notes: English words and Chinese, two characters too.
//!
//! Owns: turning text into terms (words, and overlapping pairs of Han characters) and a query into an FTS5 expression.
//! Absent on purpose: who may read a hit (`queries/note.rs`).

use attain_domain::note::Note;
use rusqlite::params;

use crate::connection::{Result, Tx};

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '\u{3040}'..='\u{30FF}' | '\u{AC00}'..='\u{D7AF}')
}

/// A run of text that is searched one way: a word, or Han characters.
enum Run {
    Word(String),
    Han(Vec<char>),
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut last_was_text = false;
    for c in text.chars().flat_map(char::to_lowercase) {
        let text_char = is_han(c) || c.is_alphanumeric();
        match (runs.last_mut(), is_han(c)) {
            _ if !text_char => {}
            (Some(Run::Han(han)), true) if last_was_text => han.push(c),
            (Some(Run::Word(word)), false) if last_was_text => word.push(c),
            (_, true) => runs.push(Run::Han(vec![c])),
            (_, false) => runs.push(Run::Word(c.to_string())),
        }
        last_was_text = text_char;
    }
    runs
}

/// What is indexed of a text: words, single Han characters and pairs of them.
fn terms(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut push = |term: &str| {
        out.push_str(term);
        out.push(' ');
    };
    for run in runs(text) {
        match run {
            Run::Word(word) => push(&word),
            Run::Han(han) => {
                for (i, c) in han.iter().enumerate() {
                    push(&c.to_string());
                    if let Some(next) = han.get(i + 1) {
                        push(&format!("{c}{next}"));
                    }
                }
            }
        }
    }
    out
}

/// The FTS5 expression that finds a query: every run must occur, Han runs pair by pair, the last word as a prefix.
/// `None` when there is nothing to look for.
pub fn expression(query: &str) -> Option<String> {
    let runs = runs(query);
    let mut parts: Vec<String> = Vec::new();
    let last = runs.len().checked_sub(1)?;
    for (i, run) in runs.iter().enumerate() {
        match run {
            Run::Word(word) if i == last => parts.push(format!("\"{word}\"*")),
            Run::Word(word) => parts.push(format!("\"{word}\"")),
            Run::Han(han) if han.len() == 1 => parts.push(format!("\"{}\"", han[0])),
            Run::Han(han) => parts.extend(han.windows(2).map(|p| format!("\"{}{}\"", p[0], p[1]))),
        }
    }
    parts.truncate(64);
    Some(parts.join(" AND "))
}

/// The words to mark in a snippet.
pub fn marks(query: &str) -> Vec<String> {
    runs(query)
        .into_iter()
        .map(|run| match run {
            Run::Word(word) => word,
            Run::Han(han) => han.into_iter().collect(),
        })
        .collect()
}

impl Tx<'_> {
    pub(crate) fn index_note(&self, n: i64, note: &Note) -> Result<()> {
        if self.unsearched {
            return Ok(());
        }
        let mut text = terms(&note.text);
        for action in &note.actions {
            text.push_str(&terms(&action.text));
        }
        self.db.prepare_cached("INSERT INTO note_term (rowid, terms) VALUES (?1, ?2)")?.execute(params![n, text])?;
        Ok(())
    }

    pub(crate) fn unindex_note(&self, n: i64) -> Result<()> {
        if self.unsearched {
            return Ok(());
        }
        self.db.prepare_cached("DELETE FROM note_term WHERE rowid = ?1")?.execute([n])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_pairs_and_english_words_are_terms() {
        assert_eq!(terms("见客户 Hotel."), "见 见客 客 客户 户 hotel ");
        assert_eq!(expression("客户").as_deref(), Some("\"客户\""));
        assert_eq!(expression("新客户 hot").as_deref(), Some("\"新客\" AND \"客户\" AND \"hot\"*"));
        assert_eq!(expression("，。\" "), None);
    }
}
