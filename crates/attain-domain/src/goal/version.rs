//! Versions of a goal: who changed it, when, why, from what to what; and who has taken note.
//!
//! Owns: [`GoalVersion`], the tree as it stood at a moment, and what its owner has yet to acknowledge.
//! Absent on purpose: undo, which takes a change and its versions back together (the store's).

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::goal::{Goal, Owner};
use crate::metric::Metric;

/// How a goal stood before or after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    pub parent_id: Option<String>,
    pub owner: Owner,
    pub months: [i64; 12],
    pub locked: bool,
}

impl Stood {
    pub fn of(goal: &Goal) -> Stood {
        Stood { parent_id: goal.parent_id.clone(), owner: goal.owner.clone(), months: goal.months, locked: goal.locked }
    }
}

/// One published change of one goal. Kept for good; the goal carries the number of its latest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalVersion {
    pub goal_id: String,
    pub version: u32,
    pub metric: Metric,
    pub year: i32,
    /// RFC 3339.
    pub at: String,
    pub by_id: String,
    /// What was done: `adjust_goal`, `allocate_goal`, `profile_goal`, `shift_goal`, `reassign_goal`, `lock_goal`,
    /// `start_goals`, `import_batch`.
    pub act: String,
    /// The goal that was moved and took this one along.
    pub cause_id: Option<String>,
    /// In its author's words.
    pub why: Option<String>,
    pub before: Option<Stood>,
    pub after: Option<Stood>,
}

impl GoalVersion {
    /// Whether a target moved; a lock moves none.
    pub fn moved(&self) -> bool {
        self.before.as_ref().map(|s| s.months) != self.after.as_ref().map(|s| s.months)
    }

    /// Whether the one who carries the goal should take note: a target moved, by somebody else, and not by a first import.
    pub fn concerns(&self, person_id: &str) -> bool {
        let theirs = self.after.as_ref().is_some_and(|s| s.owner == Owner::Person(person_id.to_owned()));
        theirs && self.moved() && self.by_id != person_id && self.act != "import_batch"
    }

    fn moment(&self) -> Option<DateTime<FixedOffset>> {
        DateTime::parse_from_rfc3339(&self.at).ok()
    }
}

/// A goal as it stood at a moment, from its versions in order; `None` when it was not there then. A goal without versions
/// is taken to have stood as it does.
pub fn as_of(current: &Goal, versions: &[GoalVersion], moment: DateTime<FixedOffset>) -> Option<Goal> {
    let later = versions.iter().find(|v| v.moment().is_some_and(|at| at > moment));
    let stood = match later {
        None => return Some(current.clone()),
        Some(version) => version.before.clone()?,
    };
    Some(Goal {
        parent_id: stood.parent_id,
        owner: stood.owner,
        months: stood.months,
        locked: stood.locked,
        ..current.clone()
    })
}

/// That the person who carries a goal has taken note of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    pub version: u32,
    pub at: String,
}
