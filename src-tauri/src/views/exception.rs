//! Exceptions per person, and what making one asks for.

use super::draft::PlanPerson;
use super::figure::Phrase;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `plan_exceptions`. A look at these people's pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "exception.ts")]
pub struct PlanExceptions {
    /// By person and month.
    pub exceptions: Vec<PlanException>,
    /// Whom one may be made for; empty where that is not the viewer's to do.
    pub people: Vec<PlanPerson>,
    /// Plans that can pay instead.
    pub plans: Vec<PlanChoice>,
    /// Open months, soonest first.
    pub months: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "exception.ts")]
pub struct PlanException {
    pub exception_id: String,
    pub person_id: String,
    pub person_name: String,
    pub said: Phrase,
    pub by_name: String,
    pub at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "exception.ts")]
pub struct PlanChoice {
    pub plan_id: String,
    pub name: String,
}

/// `plan_exception_put`. Empty texts say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "exception.ts")]
pub struct ExceptionInput {
    pub person_id: String,
    pub from: String,
    pub until: String,
    pub plan_id: String,
    /// As typed: `1.5万`.
    pub base: String,
    pub reason: String,
}
