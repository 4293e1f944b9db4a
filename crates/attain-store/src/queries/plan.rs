//! Plans: who published which version and when, and drafts. The plans themselves are a question of decisions (`read.rs`).

use attain_domain::plan::draft::PlanDraft;
use attain_domain::plan::exception::PlanException;
use rusqlite::OptionalExtension;

use crate::connection::{Result, View};
use crate::seal::PAY;

/// A version as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    pub plan_id: String,
    pub version: u32,
    pub by: String,
    /// RFC 3339.
    pub at: String,
    /// Who else agreed; `None` where nobody was asked.
    pub approved_by: Option<String>,
}

impl View<'_> {
    /// The text of a published version.
    pub fn plan_source(&self, id: &str, version: u32) -> Result<Option<String>> {
        let query = "SELECT source FROM plan WHERE id = ?1 AND version = ?2";
        Ok(self.db.prepare_cached(query)?.query_row((id, version), |r| r.get(0)).optional()?)
    }

    pub fn publications(&self) -> Result<Vec<Publication>> {
        let mut statement = self.db.prepare_cached(
            "SELECT id, version, published_by, published_at, approved_by FROM plan ORDER BY id, version",
        )?;
        let rows = statement.query_map([], |r| {
            Ok(Publication {
                plan_id: r.get(0)?,
                version: r.get(1)?,
                by: r.get(2)?,
                at: r.get(3)?,
                approved_by: r.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A draft of a plan; pay class.
    pub fn plan_draft(&self, id: &str) -> Result<Option<PlanDraft>> {
        self.sealed("plan_draft", id)
    }

    /// All drafts that are here, by id; none while pay cannot be read.
    pub fn plan_drafts(&self) -> Result<Vec<PlanDraft>> {
        if !self.has_pay_key() {
            return Ok(Vec::new());
        }
        let mut statement =
            self.db.prepare_cached("SELECT id FROM sealed WHERE class = ?1 AND kind = 'plan_draft' ORDER BY id")?;
        let ids: Vec<String> = statement.query_map([PAY], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut drafts = Vec::new();
        for id in ids {
            drafts.extend(self.plan_draft(&id)?);
        }
        Ok(drafts)
    }

    /// A person's exceptions, by id; none while pay cannot be read. Asked for everyone of a month: a look into an index.
    pub fn plan_exceptions(&self, person_id: &str) -> Result<Vec<PlanException>> {
        let range = (format!("{person_id}/"), format!("{person_id}0"));
        let found = self.exceptions(range)?.into_iter().filter(|(person, _)| person == person_id);
        Ok(found.map(|(_, exception)| exception).collect())
    }

    /// Everyone's exceptions with whose they are.
    pub fn all_plan_exceptions(&self) -> Result<Vec<(String, PlanException)>> {
        self.exceptions((String::new(), char::MAX.to_string()))
    }

    fn exceptions(&self, (from, until): (String, String)) -> Result<Vec<(String, PlanException)>> {
        let query =
            "SELECT id FROM sealed WHERE class = ?1 AND kind = 'plan_exception' AND id >= ?2 AND id < ?3 ORDER BY id";
        let mut statement = self.db.prepare_cached(query)?;
        let ids = statement.query_map((PAY, from, until), |r| r.get(0))?;
        let ids: Vec<String> = ids.collect::<rusqlite::Result<_>>()?;
        if ids.is_empty() || !self.has_pay_key() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for id in ids {
            let Some((person, _)) = id.rsplit_once('/') else { continue };
            found.extend(self.sealed("plan_exception", &id)?.map(|exception| (person.to_owned(), exception)));
        }
        Ok(found)
    }
}
