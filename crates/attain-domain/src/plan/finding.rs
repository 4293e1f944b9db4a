//! What can be wrong with a plan file.

use serde::{Deserialize, Serialize};

/// Something to put right in a plan file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable, one of [`FINDING_CODES`]; also the key of its text in the message files.
    pub code: String,
    /// Where, e.g. `components[1].weight` (counted from 0); empty for the file as a whole.
    pub path: String,
    /// Line in the file, from 1.
    pub line: Option<u32>,
    /// Values for the text's placeholders. A value beginning with `@` is itself a message key.
    pub params: Vec<(String, String)>,
}

/// Every code a finding can have, with the params it carries.
pub const FINDING_CODES: &[(&str, &[&str])] = &[
    ("plan.too_large", &["limit"]),
    ("plan.syntax", &["detail"]),
    ("plan.unsupported_format", &["format"]),
    ("plan.missing_key", &["key"]),
    ("plan.unknown_key", &["key"]),
    ("plan.wrong_type", &["expected", "found"]),
    ("plan.invalid_id", &["text"]),
    ("plan.too_long", &["limit"]),
    ("plan.empty_text", &[]),
    ("plan.not_a_number", &["text"]),
    ("plan.too_precise", &["text", "digits"]),
    ("plan.number_out_of_range", &["text", "min", "max"]),
    ("plan.percentage_needed", &["text"]),
    ("plan.percentage_not_allowed", &["text", "metric"]),
    ("plan.unknown_value", &["text", "allowed"]),
    ("plan.invalid_currency", &["text"]),
    ("plan.currency_needed", &["metric"]),
    ("plan.invalid_date", &["text"]),
    ("plan.until_not_after_from", &["from", "until"]),
    ("plan.no_components", &[]),
    ("plan.too_many", &["count", "limit"]),
    ("plan.unknown_metric", &["text", "allowed"]),
    ("plan.duplicate_component", &["metric", "first"]),
    ("plan.negative_weight", &["weight"]),
    ("plan.weights_not_100", &["sum"]),
    ("plan.target_not_positive", &["text"]),
    ("plan.floor_above_cap", &["floor", "cap"]),
    ("plan.no_bands", &[]),
    ("plan.bands_unsorted", &["bound", "previous"]),
    ("plan.bands_overlap", &["bound", "first"]),
    ("plan.negative_multiple", &["multiple"]),
    ("plan.invalid_condition", &["text"]),
    ("plan.negative_factor", &["factor"]),
    ("plan.key_needed", &["key", "other"]),
    ("plan.key_idle", &["key", "other"]),
    ("plan.per_unit_of_money", &[]),
    ("plan.duplicate_metric", &["text"]),
    ("plan.negative_amount", &["text"]),
    ("plan.tiers_unsorted", &["bound", "previous"]),
    ("plan.tiers_overlap", &["bound", "first"]),
    ("plan.duplicate_commission", &["id"]),
    ("plan.no_tiers", &[]),
    ("plan.tier_pays_one", &[]),
    ("plan.tiers_mixed", &[]),
    ("plan.rates_overlap", &["first"]),
    ("plan.other_attainment", &[]),
    ("plan.more_findings", &["count"]),
];

/// Message keys that stand for a kind of value in `plan.wrong_type`.
pub const TYPE_NAMES: &[&str] = &[
    "plan.type.text",
    "plan.type.whole_number",
    "plan.type.number",
    "plan.type.yes_no",
    "plan.type.date",
    "plan.type.list",
    "plan.type.section",
    "plan.type.section_list",
];

/// More findings than this are counted, not listed.
const MAX_FINDINGS: usize = 200;

/// Findings as they are collected over one text.
pub(super) struct Findings<'t> {
    text: &'t str,
    list: Vec<Finding>,
    unlisted: usize,
}

impl<'t> Findings<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Findings { text, list: Vec::new(), unlisted: 0 }
    }

    /// `at` is a byte offset into the text.
    pub(super) fn add(&mut self, code: &str, path: &str, at: Option<usize>, params: &[(&str, String)]) {
        if self.list.len() >= MAX_FINDINGS {
            self.unlisted += 1;
            return;
        }
        let line = at.and_then(|at| {
            let before = self.text.as_bytes().get(..at.min(self.text.len()))?;
            u32::try_from(before.iter().filter(|byte| **byte == b'\n').count() + 1).ok()
        });
        let params = params.iter().map(|(key, value)| (key.to_string(), shortened(value))).collect();
        self.list.push(Finding { code: code.to_string(), path: path.to_string(), line, params });
    }

    pub(super) fn count(&self) -> usize {
        self.list.len() + self.unlisted
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn into_list(mut self) -> Vec<Finding> {
        if self.unlisted > 0 {
            let params = vec![("count".to_string(), self.unlisted.to_string())];
            self.list.push(Finding { code: "plan.more_findings".into(), path: String::new(), line: None, params });
        }
        self.list
    }
}

/// A user's text, at a length fit to be quoted back.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
