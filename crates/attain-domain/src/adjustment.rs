//! 调整 / 追回: what an earlier, closed month comes to once late orders and refunds are known.
//!
//! Owns: the corrections of a month, their amounts and links, and replaying what was frozen. A closed month is never
//! edited: what it should have paid more or less is settled in the next open one (DOMAIN, arithmetic 7).
//! Absent on purpose: which figures a month has now (the store).

use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money, Ratio};
use crate::mutation::FrozenPayout;
use crate::payout::{Inputs, Payout, PayoutError, payout, recompute};
use crate::period::Month;
use crate::plan::Plan;
use crate::plan::terms::Terms;

/// Why an earlier month is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Orders or figures that came after it was closed.
    Late,
    /// Refunds that its plan claws back against the sale's month.
    Clawback,
}

/// A correction of a closed month, paid or recovered in a later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthAdjustment {
    pub corrects: Month,
    pub kind: Kind,
    /// Orders it is for, by id.
    pub orders: Vec<String>,
    /// What the month is worked out from now: the next correction starts here.
    pub inputs: Inputs,
    pub was: Money,
    pub is: Money,
    /// Negative when recovered.
    pub amount: Money,
}

/// What is known now of a closed month of one person.
#[derive(Debug, Clone)]
pub struct Correction {
    pub plan: Plan,
    pub corrects: Month,
    /// As last frozen or corrected.
    pub last: Inputs,
    /// With orders and figures that came late.
    pub late: Inputs,
    /// And with refunds clawed back.
    pub now: Inputs,
    pub late_orders: Vec<String>,
    pub refunded: Vec<String>,
}

/// The adjustments that corrections come to; those without effect on pay are left out. Each nets to the recomputed
/// difference, a clawback to the share of it that the plan recovers.
pub fn adjustments(corrections: &[Correction]) -> Result<Vec<MonthAdjustment>, PayoutError> {
    let mut found = Vec::new();
    for correction in corrections {
        let amount = |inputs: &Inputs| payout(&correction.plan, inputs).map(|paid| paid.amount);
        let (last, late, now) = (amount(&correction.last)?, amount(&correction.late)?, amount(&correction.now)?);
        let share = correction.plan.terms().refunds.share;
        for (was, is, inputs, kind, orders) in [
            (last, late, &correction.late, Kind::Late, &correction.late_orders),
            (late, now, &correction.now, Kind::Clawback, &correction.refunded),
        ] {
            let (Some(was), Some(is)) = (was, is) else { continue };
            let whole = is.minor.checked_sub(was.minor).ok_or(PayoutError::Overflow)?;
            let minor = match kind {
                Kind::Late => whole,
                Kind::Clawback => {
                    let part = Ratio { num: i128::from(whole), den: 1 }.mul(Ratio::from_decimal(share));
                    i64::try_from(part.ok_or(PayoutError::Overflow)?.scaled(0)).map_err(|_| PayoutError::Overflow)?
                }
            };
            // Without an effect there is nothing to pay, but the figures are taken note of once something has one.
            if minor != 0 {
                found.push(MonthAdjustment {
                    corrects: correction.corrects,
                    kind,
                    orders: orders.clone(),
                    inputs: inputs.clone(),
                    was,
                    is,
                    amount: Money::new(minor, is.currency),
                });
            }
        }
    }
    Ok(found)
}

/// Σ of some adjustments.
pub fn total(adjustments: &[MonthAdjustment], currency: Currency) -> Money {
    let minor = adjustments.iter().fold(0i64, |sum, adjustment| sum.saturating_add(adjustment.amount.minor));
    Money::new(minor, currency)
}

/// What replaying a frozen month found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The same plan version and inputs give the same payout and derivation.
    pub same: bool,
    /// The derivation leads to the amount on its own.
    pub recomputed: bool,
    pub frozen: Option<Money>,
    pub again: Option<Money>,
}

/// Works a frozen month out again from its inputs and plan version.
pub fn replay(plan: &Plan, frozen: &FrozenPayout) -> Result<(Replay, Payout), PayoutError> {
    let again = payout(plan, &frozen.inputs)?;
    let (mut same, amount) = (again == frozen.payout, again.amount);
    for adjustment in &frozen.adjustments {
        same &= payout(plan, &adjustment.inputs).is_ok_and(|paid| paid.amount == Some(adjustment.is))
            || adjustment.inputs.period != frozen.inputs.period;
    }
    let recomputed = recompute(&frozen.payout.derivation) == frozen.payout.amount;
    Ok((Replay { same, recomputed, frozen: frozen.payout.amount, again: amount }, again))
}

/// Whether a plan recovers refunds from the month of their sale, and within how many days.
pub fn claws_back(terms: &Terms) -> Option<u32> {
    use crate::plan::terms::RefundRule;
    (terms.refunds.rule == RefundRule::SalePeriod).then_some(terms.refunds.within_days.unwrap_or(0))
}
