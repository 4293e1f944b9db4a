//! Incentive plans: the dated, versioned rule set that pays a position type.
//!
//! Owns: what a plan says (components, score, bands, accelerators, rounding, clawback), which plan is in force on a
//! day, and reading a plan file (`plan/read.rs`; the format is described in `docs/plan-language.md`).
//! Absent on purpose: working out what a plan pays (`payout.rs`), who publishes and approves (`mutation/plans.rs`), and writing plans back:
//! the text that was read is the form that is stored and compared.

pub mod check;
pub mod draft;
pub mod exception;
mod finding;
mod read;
mod read_terms;
mod section;
pub mod terms;
mod values;

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::metric::Metric;
use crate::money::Currency;
use terms::*;

pub use finding::{FINDING_CODES, Finding, TYPE_NAMES};

/// A plan file larger than this (bytes) is refused unread.
pub const MAX_BYTES: usize = 1_000_000;
/// The most components, bands and accelerators a plan may have, each.
pub const MAX_ENTRIES: usize = 200;

/// A compensation plan as its file states it. Coefficients are exact decimals; a percentage is a fraction of one
/// (`"100 %"` is 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Shared by all versions of a plan, e.g. `new-business`.
    pub id: String,
    pub name: Name,
    pub version: u32,
    /// The position type it pays, e.g. `new_business`.
    pub position: String,
    /// The currency its amounts are in. When given, salaries must be in it too.
    pub currency: Option<Currency>,
    /// First day it applies.
    pub effective_from: NaiveDate,
    /// First day it no longer applies; open when absent.
    pub effective_until: Option<NaiveDate>,
    pub components: Vec<Component>,
    pub score: ScoreRule,
    /// Highest bound first.
    pub bands: Vec<Band>,
    pub accelerators: Vec<Accelerator>,
    pub payout: PayoutRule,
    pub clawback: Option<Clawback>,
    /// Everything it says; `None` when what stands above is all of it.
    #[serde(skip)]
    pub terms: Option<Box<Terms>>,
}

impl Plan {
    /// Reads a plan file. Errors: everything that is wrong with it, in the order of the file's parts; the codes are
    /// [`FINDING_CODES`]. At least one finding on error.
    pub fn parse(toml_text: &str) -> Result<Plan, Vec<Finding>> {
        read::plan(toml_text)
    }

    /// Everything the plan says, with its defaults.
    pub fn terms(&self) -> Cow<'_, Terms> {
        match &self.terms {
            Some(terms) => Cow::Borrowed(terms),
            None => Cow::Owned(self.plain_terms()),
        }
    }

    fn plain_terms(&self) -> Terms {
        let scored = |c: &Component| Scored {
            measure: Measure::of(c.metric),
            weight: c.weight,
            target: Some(c.target),
            cap: c.cap,
            floor: c.floor,
            scoring: Scoring::Linear,
            table: Vec::new(),
            boundary: Boundary::Upper,
            below_first: false,
        };
        let factor = |a: &Accelerator| {
            let measure = Measure::of(a.when.metric);
            let looked = match a.when.subject {
                Subject::Attainment => Looked::Attainment(measure),
                Subject::Actual => Looked::Actual(measure),
            };
            let when = When { looked, op: a.when.op, bound: a.when.bound };
            Factor { when, factor: a.factor, otherwise: Decimal::ONE, of: Part::All }
        };
        let mut terms = Terms {
            components: self.components.iter().map(scored).collect(),
            digits: self.score.digits,
            bands: self.bands.clone(),
            accelerators: self.accelerators.iter().map(factor).collect(),
            round: self.payout.round,
            ..Terms::default()
        };
        if let Some(clawback) = self.clawback {
            terms.refunds.rule = RefundRule::SalePeriod;
            terms.refunds.within_days = Some(clawback.within_days);
        }
        terms
    }

    /// Whether `day` is within the plan's dates.
    pub fn applies_on(&self, day: NaiveDate) -> bool {
        self.effective_from <= day && self.effective_until.is_none_or(|until| day < until)
    }
}

/// The plan that pays a position type on a day: of those whose dates include it, the one that began last, and of
/// several from the same day the highest version. `None` when the position has no plan then.
pub fn in_force<'a>(plans: &'a [Plan], position: &str, day: NaiveDate) -> Option<&'a Plan> {
    plans
        .iter()
        .filter(|plan| plan.position == position && plan.applies_on(day))
        .max_by(|a, b| (a.effective_from, a.version, &a.id).cmp(&(b.effective_from, b.version, &b.id)))
}

/// A name in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    pub zh: String,
    pub en: String,
}

/// One part of the score: a metric and how much it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    pub metric: Metric,
    /// Points for an attainment of 100 %; the weights of a plan sum to 100.
    pub weight: Decimal,
    pub target: Target,
    /// Attainment above this counts as this. Uncapped when absent.
    pub cap: Option<Decimal>,
    /// Attainment below this counts as this. When absent a negative figure takes points away.
    pub floor: Option<Decimal>,
    pub without_data: WithoutData,
}

/// What a component's actual is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The person's goal of the metric for the month.
    Goal,
    /// The same for everyone, in the metric's own unit: a fraction, a count, an amount in the plan's currency, points.
    Constant(Decimal),
}

/// What happens when a component has no actual or no target for the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WithoutData {
    /// The payout waits and says what is missing: no data is never 0 % (DOMAIN, arithmetic 5).
    #[default]
    NoPayout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreRule {
    /// Decimals the score is rounded to, half away from zero, *before* a band is looked up (DOMAIN, arithmetic 2).
    pub digits: u32,
}

impl Default for ScoreRule {
    fn default() -> Self {
        ScoreRule { digits: 2 }
    }
}

/// A score from `at_least` (inclusive) pays `multiple` × base salary. Below every bound the multiple is 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    pub at_least: Decimal,
    pub multiple: Decimal,
}

/// When the condition holds, the payout is multiplied by `factor`. All that hold multiply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accelerator {
    pub when: Condition,
    pub factor: Decimal,
}

/// `attainment(metric) ≥ bound` or `actual(metric) < bound` and the like; compared exactly, never rounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub subject: Subject,
    pub metric: Metric,
    pub op: Comparison,
    /// A fraction for an attainment, else in the metric's own unit as in [`Target::Constant`].
    pub bound: Decimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Actual ÷ the component's target (the person's goal when the metric is no component), uncapped.
    Attainment,
    /// The figure itself.
    Actual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    #[serde(rename = ">=")]
    AtLeast,
    #[serde(rename = ">")]
    MoreThan,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = "<")]
    LessThan,
}

impl Comparison {
    pub fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Comparison::AtLeast => left >= right,
            Comparison::MoreThan => left > right,
            Comparison::AtMost => left <= right,
            Comparison::LessThan => left < right,
        }
    }

    /// As it is printed: ≥ > ≤ <.
    pub fn sign(self) -> &'static str {
        match self {
            Comparison::AtLeast => "≥",
            Comparison::MoreThan => ">",
            Comparison::AtMost => "≤",
            Comparison::LessThan => "<",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PayoutRule {
    pub round: PayoutRounding,
}

/// To what a payout is rounded, once at the end, half away from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PayoutRounding {
    /// The currency's smallest unit (分, cents).
    #[default]
    MinorUnit,
    /// Whole units of the currency (元).
    WholeUnit,
}

/// A refund within `within_days` of its sale is recovered from what that sale's period paid, and then stays out of
/// the plan's input for the month of the refund (DOMAIN, arithmetic 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clawback {
    pub basis: ClawbackBasis,
    pub within_days: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClawbackBasis {
    SalePeriod,
}

#[cfg(test)]
pub(crate) mod tests;
