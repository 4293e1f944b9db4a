//! Incentive plans as published, in readable form; and a plan file as the checker sees it.

use super::draft::PlanDraft;
use super::figure::{Phrase, Problem, Rate, Value};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "plan.ts")]
pub struct PlanList {
    pub lead: Phrase,
    /// By position, those in force first.
    pub plans: Vec<Plan>,
    /// Drafts that are not settled, the latest first.
    pub drafts: Vec<PlanDraft>,
    /// The viewer may publish one.
    pub publishable: bool,
    /// The viewer may close a month.
    pub closable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "plan.ts")]
pub enum PlanState {
    InForce,
    /// Published, and begins later.
    Upcoming,
    /// Ended, or followed by another version.
    Past,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "plan.ts")]
pub struct Plan {
    pub plan_id: String,
    pub version: u32,
    pub name: String,
    /// Message `position.<position>`.
    pub position: String,
    pub from: String,
    /// First day it no longer applies.
    pub until: Option<String>,
    /// `None` for a file that is not published.
    pub state: Option<PlanState>,
    pub published_by: Option<String>,
    pub published_at: Option<String>,
    /// Who else agreed.
    pub approved_by: Option<String>,
    pub components: Vec<PlanComponent>,
    /// Σ of the weights, `100`.
    pub weights: String,
    /// Highest first.
    pub bands: Vec<PlanBand>,
    pub accelerators: Vec<PlanAccelerator>,
    /// Rounded to whole units of the currency, else to its smallest.
    pub whole_units: bool,
    /// A refund within so many days of its sale is recovered.
    pub clawback_days: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "plan.ts")]
pub struct PlanComponent {
    pub metric: String,
    pub weight: String,
    /// The same for everyone; `None` = the person's own goal.
    pub target: Option<Value>,
    pub cap: Option<Rate>,
    pub floor: Option<Rate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "plan.ts")]
pub struct PlanBand {
    pub at_least: String,
    pub multiple: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "plan.ts")]
pub struct PlanAccelerator {
    pub metric: String,
    /// `attainment` or `actual`.
    pub of: String,
    /// ≥ > ≤ <.
    pub sign: String,
    pub bound: Value,
    pub factor: String,
}

/// `plan_check`: what a file says, what is wrong with it, and what publishing it would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "plan.ts")]
pub struct PlanCheck {
    pub file_name: String,
    /// The text that was checked: hand it back to `plan_publish`.
    pub source: String,
    /// `None` while there are findings.
    pub plan: Option<Plan>,
    pub findings: Vec<PlanFinding>,
    /// What will happen, in numbers.
    pub effect: Option<Phrase>,
    /// How it meets the plan before it.
    pub meets: Vec<Phrase>,
    /// This text is published already; there is nothing to do.
    pub published: bool,
    /// Why it would be refused.
    pub refused: Option<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "plan.ts")]
pub struct PlanFinding {
    pub line: Option<u32>,
    /// `components[1].weight`; empty for the file as a whole.
    pub path: String,
    pub said: Phrase,
}
