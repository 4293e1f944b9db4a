//! The audit trail: who saw or changed whose data, when, and as what. Append-only, each entry hashed with the one before.
//!
//! Owns: appending, listing, verifying the chain. Entries stand outside undo.
//! Absent on purpose: contents; an entry about pay or notes names whose, never what.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use attain_domain::access::DataClass;

use crate::connection::{Result, Store, Tx, View};

/// One entry to be written.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Real time, RFC 3339.
    pub at: &'a str,
    pub actor_id: &'a str,
    pub action: &'a str,
    pub class: DataClass,
    /// Ids of the people (or goals, units) it is about.
    pub subjects: &'a [String],
    pub detail: Value,
}

/// One entry as it stands in the trail.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditEntry {
    pub id: String,
    pub at: String,
    pub person_id: String,
    pub action: String,
    pub class: String,
    pub subjects: Vec<String>,
    pub detail: Value,
    pub hash: String,
}

/// An entry as a link of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub seq: i64,
    /// When, who, action, class, subjects and detail, as they are hashed.
    pub texts: [String; 6],
    pub before: Vec<u8>,
    pub hash: Vec<u8>,
}

/// Outcome of checking the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    pub ok: bool,
    pub entries: u64,
    /// First entry that does not fit.
    pub broken_at: Option<String>,
    /// Hash of the last entry, hex: write it down elsewhere to detect a cut tail.
    pub head: Option<String>,
}

/// What binds an entry to the one before it, whose hash is `prev`; of the first it is 32 zeros.
pub fn hash(prev: &[u8], seq: i64, fields: [&str; 6]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(prev);
    hash.update(seq.to_le_bytes());
    for field in fields {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

impl Tx<'_> {
    pub fn audit(&self, entry: &Entry) -> Result<()> {
        let last: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
            .query_row([], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        let (seq, prev) = last.map_or((1, vec![0; 32]), |(seq, hash)| (seq + 1, hash));
        let subjects = serde_json::to_string(entry.subjects)?;
        let detail = entry.detail.to_string();
        let digest = hash(&prev, seq, [entry.at, entry.actor_id, entry.action, entry.class.name(), &subjects, &detail]);
        self.db.prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(params![
            seq,
            entry.at,
            entry.actor_id,
            entry.action,
            entry.class.name(),
            subjects,
            detail,
            prev,
            digest.as_slice()
        ])?;
        Ok(())
    }
}

impl Store {
    /// Records that somebody is about to see data; durable when this returns. `coalesce_after` skips the entry when the
    /// same look was recorded at or after that time (core data, five minutes).
    pub fn disclose(&mut self, entry: &Entry, coalesce_after: Option<&str>) -> Result<()> {
        let subjects = serde_json::to_string(entry.subjects)?;
        if let Some(since) = coalesce_after {
            let recorded = self
                .db
                .prepare_cached(
                    "SELECT 1 FROM (SELECT * FROM audit ORDER BY seq DESC LIMIT 200) WHERE actor_id = ?1 AND action = ?2
                     AND class = ?3 AND subjects = ?4 AND detail = ?5 AND at >= ?6",
                )?
                .exists(params![
                    entry.actor_id,
                    entry.action,
                    entry.class.name(),
                    subjects,
                    entry.detail.to_string(),
                    since
                ])?;
            if recorded {
                return Ok(());
            }
        }
        self.write(|tx| tx.audit(entry))
    }
}

impl View<'_> {
    /// Newest first; `before` continues from an entry's id.
    pub fn audit_entries(
        &self,
        person_id: Option<&str>,
        action: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        let mut statement = self.db.prepare_cached(
            "SELECT seq, at, actor_id, action, class, subjects, detail, hash FROM audit
             WHERE (?1 IS NULL OR actor_id = ?1 OR EXISTS (SELECT 1 FROM json_each(subjects) WHERE value = ?1))
               AND (?2 IS NULL OR action = ?2) AND (?3 IS NULL OR seq < ?3) ORDER BY seq DESC LIMIT ?4",
        )?;
        let mut rows = statement.query(params![person_id, action, before, limit])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(AuditEntry {
                id: row.get::<_, i64>(0)?.to_string(),
                at: row.get(1)?,
                person_id: row.get(2)?,
                action: row.get(3)?,
                class: row.get(4)?,
                subjects: serde_json::from_str(&row.get::<_, String>(5)?)?,
                detail: serde_json::from_str(&row.get::<_, String>(6)?)?,
                hash: hex(&row.get::<_, Vec<u8>>(7)?),
            });
        }
        Ok(entries)
    }

    /// Entries after a place in the chain, as they stand in it, oldest first.
    pub fn audit_after(&self, seq: i64, at_most: usize) -> Result<Vec<Link>> {
        let mut statement = self.db.prepare_cached(
            "SELECT seq, at, actor_id, action, class, subjects, detail, prev, hash FROM audit WHERE seq > ?1
             ORDER BY seq LIMIT ?2",
        )?;
        let links = statement.query_map(params![seq, at_most as i64], |r| {
            Ok(Link {
                seq: r.get(0)?,
                texts: [r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?],
                before: r.get(7)?,
                hash: r.get(8)?,
            })
        })?;
        Ok(links.collect::<rusqlite::Result<_>>()?)
    }

    /// How many entries there are and which actions occur.
    pub fn audit_summary(&self) -> Result<(u64, Vec<String>)> {
        let total = self.db.query_row("SELECT count(*) FROM audit", [], |r| r.get(0))?;
        let mut actions = self.db.prepare_cached("SELECT DISTINCT action FROM audit ORDER BY action")?;
        Ok((total, actions.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?))
    }

    /// Recomputes the whole chain: gaps, changed entries and forks show.
    pub fn verify_audit(&self) -> Result<Verification> {
        let mut statement = self
            .db
            .prepare("SELECT seq, at, actor_id, action, class, subjects, detail, prev, hash FROM audit ORDER BY seq")?;
        let mut rows = statement.query([])?;
        let mut last = vec![0u8; 32];
        let mut entries = 0u64;
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            let texts: [String; 6] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
            let (prev, found): (Vec<u8>, Vec<u8>) = (row.get(7)?, row.get(8)?);
            let expected = hash(&last, seq, texts.each_ref().map(String::as_str));
            if seq != entries as i64 + 1 || prev != last || found != expected {
                return Ok(Verification { ok: false, entries, broken_at: Some(seq.to_string()), head: None });
            }
            entries += 1;
            last = found;
        }
        Ok(Verification { ok: true, entries, broken_at: None, head: (entries > 0).then(|| hex(&last)) })
    }
}
