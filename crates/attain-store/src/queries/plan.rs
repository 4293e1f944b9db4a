//! Plans: who published which version and when, and drafts. The plans themselves are a question of decisions (`read.rs`).

use attain_domain::plan::draft::PlanDraft;
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
        let mut statement =
            self.db.prepare_cached("SELECT id, version, published_by, published_at, approved_by FROM plan ORDER BY id, version")?;
        let rows = statement.query_map([], |r| {
            Ok(Publication { plan_id: r.get(0)?, version: r.get(1)?, by: r.get(2)?, at: r.get(3)?, approved_by: r.get(4)? })
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
        let mut statement = self.db.prepare_cached("SELECT id FROM sealed WHERE kind = 'plan_draft' ORDER BY id")?;
        let ids: Vec<String> = statement.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut drafts = Vec::new();
        for id in ids {
            drafts.extend(self.plan_draft(&id)?);
        }
        Ok(drafts)
    }
}
