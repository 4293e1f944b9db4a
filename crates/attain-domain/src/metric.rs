//! What is measured per person and period.
//!
//! Owns: the metrics, their unit, direction and roll-up, and how a figure of each is written as an integer.
//! Absent on purpose: where the figures come from (the store derives them from orders).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::money::{AmountError, Currency, format_scaled, parse_scaled};

/// The unit of a metric; figures and targets are integers of its smallest step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Smallest unit of the reporting currency.
    Money,
    Count,
    /// Millionths: 1 000 000 is 100 %.
    Ratio,
    /// Hundredths of a point.
    Score,
}

impl Unit {
    pub fn digits(self, currency: Currency) -> u32 {
        match self {
            Unit::Money => currency.digits(),
            Unit::Count => 0,
            Unit::Ratio => 6,
            Unit::Score => 2,
        }
    }
}

/// How children combine into their parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollUp {
    Sum,
    /// Σ numerators ÷ Σ denominators: a ratio is never averaged.
    RatioOfSums,
}

macro_rules! metrics {
    ($($variant:ident $name:literal $unit:ident $rollup:ident;)*) => {
        /// A metric; for all of them a higher figure is better.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Metric { $($variant,)* }

        impl Metric {
            pub const ALL: &[Metric] = &[$(Metric::$variant,)*];
            pub fn name(self) -> &'static str { match self { $(Metric::$variant => $name,)* } }
            pub fn unit(self) -> Unit { match self { $(Metric::$variant => Unit::$unit,)* } }
            pub fn roll_up(self) -> RollUp { match self { $(Metric::$variant => RollUp::$rollup,)* } }
        }

        impl FromStr for Metric {
            type Err = UnknownMetric;
            fn from_str(text: &str) -> Result<Self, UnknownMetric> {
                match text { $($name => Ok(Metric::$variant),)* other => Err(UnknownMetric(other.to_string())) }
            }
        }
    };
}

metrics! {
    SalesAmount "sales_amount" Money Sum;
    NewCustomers "new_customers" Count Sum;
    RetentionRate "retention_rate" Ratio RatioOfSums;
    RepurchaseRate "repurchase_rate" Ratio RatioOfSums;
    GrossMargin "gross_margin" Ratio RatioOfSums;
    TeamworkScore "teamwork_score" Score RatioOfSums;
}

impl Metric {
    /// Reads a target or actual of this metric, e.g. `330000`, `10`, `0.50`.
    pub fn parse(self, text: &str, currency: Currency) -> Result<i64, AmountError> {
        parse_scaled(text, self.unit().digits(currency))
    }

    pub fn format(self, value: i64, currency: Currency) -> String {
        format_scaled(value, self.unit().digits(currency))
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No metric has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown metric {0}")]
pub struct UnknownMetric(pub String);

/// What was achieved: a numerator over a denominator. Sums have the denominator 1 (amounts in the smallest unit,
/// counts as they are); a ratio is its own fraction (75/90); a score is Σ hundredths over the number of ratings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    pub num: i64,
    pub den: i64,
}

impl Figure {
    pub fn sum(num: i64) -> Figure {
        Figure { num, den: 1 }
    }
}
