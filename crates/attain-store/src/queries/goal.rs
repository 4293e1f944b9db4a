//! Goals as trees, and what happened to one.

use attain_domain::goal::agreement::Proposal;
use attain_domain::goal::profile::{self, Profile};
use attain_domain::goal::version::{Acknowledged, GoalVersion};
use attain_domain::goal::{Goal, GoalTree};
use attain_domain::metric::Metric;
use attain_domain::read::Read;
use rusqlite::{OptionalExtension, params};

use crate::connection::{Result, StoreError, View};

impl View<'_> {
    /// The tree of a metric and year.
    pub fn goal_tree(&self, metric: Metric, year: i32) -> Result<GoalTree> {
        let goals = self.goals_of_year(metric, year).map_err(|e| StoreError::Internal(e.0))?;
        GoalTree::new(goals).map_err(|e| StoreError::Damaged(e.to_string()))
    }

    /// Years that have goals, and metrics of each.
    pub fn goal_years(&self) -> Result<Vec<(i32, Metric)>> {
        let mut statement = self.db.prepare_cached("SELECT DISTINCT year, metric FROM goal ORDER BY year, metric")?;
        let mut rows = statement.query([])?;
        let mut years = Vec::new();
        while let Some(row) = rows.next()? {
            years.push((row.get(0)?, crate::facts::named(row.get::<_, String>(1)?)?));
        }
        Ok(years)
    }

    /// The goals a person or unit carries in a year.
    pub fn goals_of_owner(&self, owner_id: &str, year: i32) -> Result<Vec<Goal>> {
        self.goals_where("owner_id = ?1 AND year = ?2 ORDER BY id", params![owner_id, year])
    }

    pub fn goal_by_id(&self, id: &str) -> Result<Option<Goal>> {
        self.goal_row(id)
    }
}

impl View<'_> {
    pub fn goal_version(&self, goal_id: &str, version: u32) -> Result<Option<GoalVersion>> {
        let query = "SELECT body FROM goal_version WHERE goal_id = ?1 AND version = ?2";
        let body: Option<String> =
            self.db.prepare_cached(query)?.query_row(params![goal_id, version], |r| r.get(0)).optional()?;
        Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
    }

    /// Versions of a goal, oldest first.
    pub fn goal_versions(&self, goal_id: &str) -> Result<Vec<GoalVersion>> {
        self.versions("SELECT body FROM goal_version WHERE goal_id = ?1 ORDER BY version", [goal_id])
    }

    /// Versions of all goals of a metric and year, each goal's oldest first.
    pub fn versions_of_year(&self, metric: Metric, year: i32) -> Result<Vec<GoalVersion>> {
        self.versions(
            "SELECT v.body FROM goal g JOIN goal_version v ON v.goal_id = g.id WHERE g.metric = ?1 AND g.year = ?2
             ORDER BY v.goal_id, v.version",
            params![metric.name(), year],
        )
    }

    pub(crate) fn every_version(&self) -> Result<Vec<GoalVersion>> {
        self.versions("SELECT body FROM goal_version ORDER BY goal_id, version", [])
    }

    fn versions(&self, query: &str, values: impl rusqlite::Params) -> Result<Vec<GoalVersion>> {
        let mut statement = self.db.prepare_cached(query)?;
        let mut rows = statement.query(values)?;
        let mut versions = Vec::new();
        while let Some(row) = rows.next()? {
            versions.push(serde_json::from_str(&row.get::<_, String>(0)?)?);
        }
        Ok(versions)
    }

    pub fn proposal_row(&self, id: &str) -> Result<Option<Proposal>> {
        let query = "SELECT body FROM proposal WHERE id = ?1";
        let body: Option<String> = self.db.prepare_cached(query)?.query_row([id], |r| r.get(0)).optional()?;
        Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
    }

    /// All proposals that are here, by id.
    pub fn proposals(&self) -> Result<Vec<Proposal>> {
        let mut statement = self.db.prepare_cached("SELECT body FROM proposal ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut proposals = Vec::new();
        while let Some(row) = rows.next()? {
            proposals.push(serde_json::from_str(&row.get::<_, String>(0)?)?);
        }
        Ok(proposals)
    }

    pub fn acknowledgement(&self, goal_id: &str, person_id: &str) -> Result<Option<Acknowledged>> {
        let query = "SELECT version, at FROM acknowledgement WHERE goal_id = ?1 AND person_id = ?2";
        let found = self
            .db
            .prepare_cached(query)?
            .query_row([goal_id, person_id], |r| Ok(Acknowledged { version: r.get(0)?, at: r.get(1)? }));
        Ok(found.optional()?)
    }

    /// The company's named profiles, by id.
    pub fn profiles(&self) -> Result<Vec<(String, Profile)>> {
        let mut statement =
            self.db.prepare_cached("SELECT key, value FROM setting WHERE substr(key, 1, ?2) = ?1 ORDER BY key")?;
        let mut rows = statement.query(params![profile::SETTING, profile::SETTING.len() as i64])?;
        let mut profiles = Vec::new();
        while let Some(row) = rows.next()? {
            let (key, value): (String, String) = (row.get(0)?, row.get(1)?);
            let read = value.parse::<Profile>().ok();
            profiles.extend(key.strip_prefix(profile::SETTING).map(str::to_owned).zip(read));
        }
        Ok(profiles)
    }
}
