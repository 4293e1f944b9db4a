//! Why a figure is what it is: the formula in words, its inputs, the rule, source and time.

use super::figure::{Phrase, Value};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "why.ts")]
pub struct Why {
    pub figure: String,
    pub title: Phrase,
    pub value: Option<Value>,
    /// The formula in words, line by line.
    pub formula: Vec<Phrase>,
    pub inputs: Vec<WhyInput>,
    /// Orders behind it, when there are any: newest first, at most two hundred.
    pub orders: Vec<WhyOrder>,
    pub orders_total: u32,
    /// What the lines are, and how many.
    pub orders_head: Option<Phrase>,
    /// What else is to be known of them: that they do not come to the figure any more, or that there are none.
    pub orders_note: Option<Phrase>,
    /// The rule and its version.
    pub rule: Option<Phrase>,
    /// Where the facts come from.
    pub source: Option<Phrase>,
    pub as_of: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "why.ts")]
pub struct WhyInput {
    pub label: Phrase,
    pub value: Option<Value>,
    /// This input can itself be asked.
    pub why: Option<String>,
}

/// An order behind a figure, or a customer of whom there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "why.ts")]
pub struct WhyOrder {
    pub order_id: Option<String>,
    pub date: Option<String>,
    pub customer_id: Option<String>,
    pub customer_type: Option<String>,
    /// `booked`, `refunded` …
    pub event: Option<String>,
    /// As credited, refunds negative.
    pub amount: Option<super::figure::Money>,
    /// How it enters the figure where that is not plain: `clawed_back`, `elsewhere`, `once`, `lost`.
    pub counts: Option<String>,
}
