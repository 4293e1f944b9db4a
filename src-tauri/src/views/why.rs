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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "why.ts")]
pub struct WhyOrder {
    pub order_id: String,
    pub date: String,
    pub customer_id: String,
    pub customer_type: String,
    /// `booked`, `refunded` …
    pub event: String,
    /// As credited, refunds negative.
    pub amount: super::figure::Money,
}
