//! Pay: what a plan pays a person for a period, as a receipt. Asking for it is a disclosure and is audited.

use super::figure::{Money, Phrase, Rate, Value};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "payout.ts")]
pub enum PayState {
    /// The month runs: a forecast range, never a bare zero.
    Running,
    /// Over, not closed: what the figures give now.
    Open,
    Closed,
    /// No plan covers this person in this period.
    None,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "payout.ts")]
pub struct Pay {
    pub person_id: String,
    pub person_name: String,
    pub period: String,
    /// Periods with pay for this person, newest first.
    pub periods: Vec<String>,
    pub state: PayState,
    pub lead: Phrase,
    /// Payout without adjustments; for a running month what the figures so far would pay.
    pub amount: Option<Money>,
    /// Forecast range of a running month.
    pub low: Option<Money>,
    pub high: Option<Money>,
    pub plan_name: Option<String>,
    pub plan_version: Option<String>,
    /// Why this person is paid otherwise than the position.
    pub exception: Option<Phrase>,
    pub base_salary: Option<Money>,
    pub components: Vec<PayComponent>,
    pub commissions: Vec<PayCommission>,
    /// Σ points, two decimals.
    pub score: Option<String>,
    /// Bands of the plan, best first; the one that was reached is marked.
    pub bands: Vec<PayBand>,
    pub accelerators: Vec<PayAccelerator>,
    /// `12,000 × 1.25 × 1.20 = 18,000.00`: each factor with what it is.
    pub factors: Vec<PayFactor>,
    /// The derivation in words, in order.
    pub steps: Vec<Phrase>,
    /// "One more customer crosses 120 %: ¥12,000.00".
    pub hint: Option<Phrase>,
    /// What would raise a running month, most first: at least so much.
    pub moves: Vec<Phrase>,
    /// The figures may still move, or the server has not come to the same yet.
    pub provisional: bool,
    /// Where in the server's order a closed month was confirmed.
    pub seq: Option<String>,
    /// What was missing and closed with as it was, and why.
    pub accepted: Vec<Phrase>,
    pub adjustments: Vec<PayAdjustment>,
    /// `amount` + Σ adjustments.
    pub total: Option<Money>,
    /// Set when this is the answer of `pay_what_if`: the actual payout, to compare with.
    pub instead_of: Option<Money>,
    /// The viewer may write a note about this person, and so question a line.
    pub may_question: bool,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "payout.ts")]
pub struct PayComponent {
    pub metric: String,
    pub actual: Option<Value>,
    pub goal: Option<Value>,
    pub attainment: Option<Rate>,
    /// Attainment as it counts (capped).
    pub counted: Option<Rate>,
    pub capped: bool,
    /// In points, `40`.
    pub weight: String,
    /// `40.00`.
    pub points: Option<String>,
    /// A whole-number actual one may step in `pay_what_if`.
    pub steppable: bool,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "payout.ts")]
pub struct PayCommission {
    /// As the plan calls it.
    pub name: String,
    pub amount: Option<Money>,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "payout.ts")]
pub struct PayBand {
    /// `95`.
    pub from: String,
    /// `1.25`.
    pub multiplier: String,
    pub reached: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "payout.ts")]
pub struct PayAccelerator {
    pub metric: String,
    /// `attainment` or `actual`.
    pub of: String,
    pub at_least: Rate,
    pub factor: String,
    pub reached: bool,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "payout.ts")]
pub struct PayFactor {
    /// `base`, `band`, `accelerator`.
    pub kind: String,
    /// `12000.00` or `1.25`.
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "payout.ts")]
pub struct PayAdjustment {
    pub reason: Phrase,
    pub amount: Money,
    /// The closed period it corrects.
    pub corrects: Option<String>,
    pub why: String,
}

/// `pay_what_if` input: the same month with one actual changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "payout.ts")]
pub struct PayWhatIf {
    pub person_id: String,
    pub period: String,
    pub metric: String,
    pub actual: u32,
}
