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
    /// The six lines of the checklist, in their order.
    pub lacks: Vec<ClosingLack>,
    /// Corrections of earlier months that are settled with it, and their sum.
    pub corrections: u32,
    pub adjusted: Money,
    /// Closed months, newest first: there are payslips of these.
    pub closed: Vec<ClosedMonth>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "period.ts")]
pub struct ClosedMonth {
    pub period: String,
    /// The server has not come to the same yet.
    pub provisional: bool,
    /// Where in the server's order it did.
    pub seq: Option<String>,
}

/// A line of the checklist; nobody lacks it when there are no names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "period.ts")]
pub struct ClosingLack {
    /// `plan`, `salary`, `goal`, `data`, `proposal`, `figures`: messages `period.without_<lack>` and `period.way_<lack>`.
    pub lack: String,
    /// The month may be closed with it, for a reason.
    pub acceptable: bool,
    pub people: Vec<ClosingPerson>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "period.ts")]
pub struct ClosingPerson {
    /// Of a proposal, its author.
    pub person_id: String,
    pub name: String,
}

/// A line of the checklist that is closed with as it is, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "period.ts")]
pub struct ClosingAccepted {
    pub lack: String,
    pub reason: String,
}
