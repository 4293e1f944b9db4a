//! Goals as trees, and what happened to one.

use attain_domain::goal::{Goal, GoalTree};
use attain_domain::metric::Metric;
use attain_domain::mutation::Change;
use attain_domain::read::Read;
use rusqlite::params;

use crate::connection::{Result, StoreError, View};
use crate::facts::Base;

/// One change of a goal.
#[derive(Debug, Clone, PartialEq)]
pub struct GoalChangeRow {
    pub at: String,
    pub actor_id: String,
    /// Mutation name: `adjust_goal`, `import_batch`, `undo` …
    pub name: String,
    pub summary: serde_json::Value,
    pub before: Option<Goal>,
    pub after: Option<Goal>,
}

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

    /// Changes of a goal, newest first, from the undo journal.
    pub fn goal_changes(&self, id: &str) -> Result<Vec<GoalChangeRow>> {
        let mut statement = self.db.prepare_cached(
            "SELECT mid, claimed_at, actor_id, name, summary FROM mutation
             WHERE name IN ('adjust_goal', 'lock_goal', 'start_goals_from_last_year', 'undo', 'redo')
                OR (name = 'import_batch' AND json_extract(args, '$.kind') = 'goal') ORDER BY mid DESC LIMIT 500",
        )?;
        let mut rows = statement.query([])?;
        let mut current = self.goal_row(id)?;
        let mut changes = Vec::new();
        while let Some(row) = rows.next()? {
            let before = self.inverse(row.get(0)?)?.into_iter().find_map(|base| match base {
                Base::Decision { change: Change::Goal { id: found, to } } if found == id => Some(to),
                _ => None,
            });
            let Some(before) = before else { continue };
            changes.push(GoalChangeRow {
                at: row.get(1)?,
                actor_id: row.get(2)?,
                name: row.get(3)?,
                summary: serde_json::from_str(&row.get::<_, String>(4)?)?,
                before: before.clone(),
                after: current,
            });
            current = before;
        }
        Ok(changes)
    }
}
