//! Data: imports step by step, what was imported, and the audit trail.

use super::figure::{Param, Phrase, Rate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// What a file holds. `None` in requests = guess from its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "data.ts")]
pub enum ImportKind {
    Units,
    People,
    Orders,
    Credits,
    Goals,
    Metrics,
    Rates,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct ImportPreview {
    pub path: String,
    pub file_name: String,
    pub kind: ImportKind,
    /// Name of the system it comes from, unless the person says another: an order's number is unique within it.
    pub source: String,
    /// `UTF-8`, `GBK`, `XLSX` …
    pub encoding: String,
    pub sheets: Vec<String>,
    pub sheet: Option<String>,
    pub row_count: u32,
    pub columns: Vec<ImportColumn>,
    /// The first twenty, cells as text, in the order of `columns`.
    pub rows: Vec<Vec<String>>,
    /// Fields this kind has.
    pub fields: Vec<ImportField>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct ImportColumn {
    pub header: String,
    /// Share of rows with something in it.
    pub fill: Rate,
    /// The field it is taken for; `None` = left out.
    pub field: Option<String>,
    /// `exact`, `guess` or `none`.
    pub certainty: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct ImportField {
    /// Message `field.<name>`.
    pub name: String,
    pub required: bool,
}

/// `import_dry_run` and `import_run` input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct ImportRequest {
    pub path: String,
    pub kind: ImportKind,
    /// As in the preview when empty.
    pub source: String,
    pub sheet: Option<String>,
    pub mapping: Vec<MappingEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct MappingEntry {
    pub header: String,
    pub field: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct ImportResult {
    /// Names this run for `import_rejects_save`.
    pub run_id: String,
    pub dry_run: bool,
    pub cancelled: bool,
    pub rows: u32,
    pub imported: u32,
    pub unchanged: u32,
    pub rejected: u32,
    /// At most two hundred; the file of rejected rows has them all.
    pub findings: Vec<Finding>,
    pub findings_total: u32,
}

/// Something wrong with a cell or row. Message `finding.<code>`; `message` is what the command line prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct Finding {
    pub row: u32,
    pub column: Option<String>,
    pub code: String,
    pub params: BTreeMap<String, Param>,
    pub message: String,
}

/// Event `import_progress`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct ImportProgress {
    /// `reading`, `checking`, `writing`, `figures`.
    pub stage: String,
    pub done: u32,
    pub total: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct ImportEntry {
    pub import_id: String,
    pub at: String,
    pub by_name: String,
    pub file_name: String,
    pub kind: ImportKind,
    pub rows: u32,
    pub imported: u32,
    pub unchanged: u32,
    pub rejected: u32,
}

/// `audit_list` input; newest first, `before` = `next` of the page before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct AuditQuery {
    pub person_id: Option<String>,
    pub action: Option<String>,
    pub before: Option<String>,
    pub limit: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct AuditPage {
    pub entries: Vec<AuditEntry>,
    pub total: u32,
    pub next: Option<String>,
    /// Kinds of action that occur, for the filter: message `audit.<action>`.
    pub actions: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct AuditEntry {
    pub seq: String,
    pub at: String,
    pub who_name: String,
    /// Message `audit.<action>`.
    pub action: String,
    /// What exactly, as a sentence.
    pub what: Option<Phrase>,
    pub whose_name: Option<String>,
    /// Device or program.
    pub place: Option<String>,
    /// The reason that was given.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "data.ts")]
pub struct AuditVerify {
    pub ok: bool,
    pub checked: u32,
    /// The first entry that does not fit the chain.
    pub broken_at: Option<String>,
}
