//! Closing a month: what stands to be frozen.

use super::figure::Money;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `period_closing`; asking is a look at everyone's pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "period.ts")]
pub struct Closing {
    /// `None` while there is nothing to close: no plan or no facts yet.
    pub period: Option<String>,
    /// Months that may be chosen; one, once a first has been closed.
    pub periods: Vec<String>,
    /// The first day on which it may be closed.
    pub from: Option<String>,
    /// That day has come.
    pub over: bool,
    /// People a plan pays, and Σ of their amounts.
    pub people: u32,
    pub total: Money,
    /// Names what is shown, for `period_close`.
    pub seen: String,
    /// Of them without an amount.
    pub unpaid: u32,
    pub lacks: Vec<ClosingLack>,
}

/// A line of the checklist; nobody lacks it when there are no names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "period.ts")]
pub struct ClosingLack {
    /// `plan`, `salary`, `goal`, `data`: message `period.without_<lack>`.
    pub lack: String,
    pub people: Vec<ClosingPerson>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "period.ts")]
pub struct ClosingPerson {
    pub person_id: String,
    pub name: String,
}
