//! Files coming in: read, typed, checked row by row, written in one transaction.
//!
//! Owns: [`run`] and [`preview`], what an import answers, and why a file cannot come in at all.
//! Absent on purpose: putting rows in place and undoing them (attain-store), what a figure is made of (attain-domain).

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use attain_domain::access::{Action, Actor, Subject};
use attain_domain::mutation::{Now, Rejection};
use attain_store::facts::Batch;
use attain_store::journal::Changed;
use attain_store::{Store, StoreError};

use crate::language::Language;
use crate::problem::{self, Problem};

mod cell;
mod credit;
mod field;
mod finding;
mod goal;
mod mapping;
mod metric;
mod order;
mod person;
mod preview;
mod rate;
mod reader;
mod table;
mod unit;
mod xlsx;

pub use finding::Finding;
pub use mapping::Mapping;
pub use preview::{Certainty, Preview, PreviewColumn, PreviewField, preview};

use finding::Findings;
use reader::Source;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Unit,
    Person,
    Order,
    Credit,
    Goal,
    Metric,
    Rate,
}

impl Kind {
    pub const ALL: [Kind; 7] =
        [Kind::Unit, Kind::Person, Kind::Order, Kind::Credit, Kind::Goal, Kind::Metric, Kind::Rate];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Unit => "unit",
            Kind::Person => "person",
            Kind::Order => "order",
            Kind::Credit => "credit",
            Kind::Goal => "goal",
            Kind::Metric => "metric",
            Kind::Rate => "rate",
        }
    }

    /// What one must be allowed to do, for the company as a whole.
    fn needs(self) -> Action {
        match self {
            Kind::Unit | Kind::Person => Action::ImportOrganisation,
            Kind::Goal => Action::EditGoals,
            Kind::Order | Kind::Credit | Kind::Metric | Kind::Rate => Action::ImportFacts,
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = ();
    fn from_str(text: &str) -> Result<Kind, ()> {
        Kind::ALL.into_iter().find(|kind| kind.name() == text).ok_or(())
    }
}

/// Where the bytes are.
#[derive(Debug, Clone)]
pub enum Input {
    File(PathBuf),
    /// A file that came with the program, or was made by it.
    Memory {
        name: String,
        bytes: Vec<u8>,
    },
}

impl Input {
    fn name(&self) -> String {
        match self {
            Input::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            Input::Memory { name, .. } => name.clone(),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Request {
    pub kind: Kind,
    pub input: Input,
    /// Names the system that an order's identity belongs to; [`DEFAULT_SOURCE`] when left out.
    pub source: Option<String>,
    pub mapping: Option<Mapping>,
    /// Of a workbook; the first one when left out.
    pub sheet: Option<String>,
    /// Everything is done, and taken back.
    pub dry_run: bool,
    /// Where the rejected rows go, to be mended and dropped again.
    pub rejects: Option<PathBuf>,
    /// Language of the reasons in the file of rejected rows.
    pub language: Language,
}

pub const DEFAULT_SOURCE: &str = "file";

impl Request {
    pub fn of(kind: Kind, input: Input) -> Request {
        let (source, mapping, sheet, rejects) = (None, None, None, None);
        Request { kind, input, source, mapping, sheet, dry_run: false, rejects, language: Language::English }
    }
}

/// What an import did, or (dry run) would have done.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub dry_run: bool,
    /// Stopped by the caller: nothing of it remains.
    pub cancelled: bool,
    pub rows: u64,
    pub imported: u64,
    pub unchanged: u64,
    pub rejected: u64,
    /// The first [`FINDINGS_KEPT`].
    pub findings: Vec<Finding>,
    pub findings_total: u64,
    pub changed: Option<Changed>,
    /// Reading, checking and writing the rows.
    pub orders_ms: u64,
    /// Bringing the figures in step and committing.
    pub figures_ms: u64,
}

pub const FINDINGS_KEPT: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Reading,
    Checking,
    Writing,
    Figures,
}

impl Stage {
    pub fn name(self) -> &'static str {
        match self {
            Stage::Reading => "reading",
            Stage::Checking => "checking",
            Stage::Writing => "writing",
            Stage::Figures => "figures",
        }
    }
}

/// How far an import is: bytes of the file while it is read, otherwise rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    pub done: u64,
    pub total: u64,
}

/// Told how far an import is; answers whether to go on.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Why a file cannot come in at all. Nothing of it has.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("not allowed")]
    Forbidden,
    #[error("{file} is not there")]
    FileMissing { file: String },
    #[error("{file} cannot be read: {cause}")]
    FileUnreadable { file: String, cause: String },
    #[error("{file} has no rows")]
    FileEmpty { file: String },
    #[error("{file} is no table")]
    NotATable { file: String },
    #[error("{file} is not in the encoding it seems to be in (row {row})")]
    WrongEncoding { file: String, row: u64, encoding: String },
    #[error("{file} is too large")]
    TooLarge { file: String, limit: String },
    #[error("{file} went away or changed while it was read")]
    FileChanged { file: String },
    #[error("{file} has no sheet {sheet}")]
    UnknownSheet { file: String, sheet: String },
    #[error("{file} could hold anything")]
    UnknownKind { file: String },
    #[error("columns are missing: {columns:?}")]
    MissingColumns { columns: Vec<String> },
    #[error("the file {file} has no column {column}")]
    MappedColumnMissing { file: String, column: String },
    #[error("the mapping is not right: {message}")]
    MappingInvalid { message: String },
    #[error("no field {field}")]
    UnknownMappingField { field: String },
    #[error("the mapping is for {found}")]
    MappingOfOtherKind { found: String },
    #[error("the rejected rows cannot be written: {cause}")]
    RejectsUnwritable { file: String, cause: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Not an error to anyone outside: the caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// Nor this: a dry run takes back what it did.
    #[error("dry run")]
    DryRun,
}

impl ImportError {
    /// Stable; message `problem.<code>`.
    pub fn code(&self) -> &'static str {
        match self {
            ImportError::Forbidden => "not_allowed",
            ImportError::FileMissing { .. } => "file_missing",
            ImportError::FileUnreadable { .. } => "file_unreadable",
            ImportError::FileEmpty { .. } => "file_empty",
            ImportError::NotATable { .. } => "not_a_table",
            ImportError::WrongEncoding { .. } => "wrong_encoding",
            ImportError::TooLarge { .. } => "file_too_large",
            ImportError::FileChanged { .. } => "file_changed",
            ImportError::UnknownSheet { .. } => "unknown_sheet",
            ImportError::UnknownKind { .. } => "unknown_kind",
            ImportError::MissingColumns { .. } => "missing_columns",
            ImportError::MappedColumnMissing { .. } => "mapped_column_missing",
            ImportError::MappingInvalid { .. } => "mapping_invalid",
            ImportError::UnknownMappingField { .. } => "unknown_mapping_field",
            ImportError::MappingOfOtherKind { .. } => "mapping_of_other_kind",
            ImportError::RejectsUnwritable { .. } => "rejects_unwritable",
            ImportError::Store(_) | ImportError::Rejected(_) => "internal",
            ImportError::Cancelled => "cancelled",
            ImportError::DryRun => "internal",
        }
    }

    pub fn params(&self) -> Vec<(String, String)> {
        let of = |pairs: &[(&str, &dyn ToString)]| {
            pairs.iter().map(|(name, value)| ((*name).to_string(), value.to_string())).collect()
        };
        match self {
            ImportError::FileMissing { file }
            | ImportError::FileEmpty { file }
            | ImportError::NotATable { file }
            | ImportError::FileChanged { file }
            | ImportError::UnknownKind { file }
            | ImportError::RejectsUnwritable { file, .. }
            | ImportError::FileUnreadable { file, .. } => of(&[("file", file)]),
            ImportError::WrongEncoding { file, row, encoding } => {
                of(&[("file", file), ("row", row), ("encoding", encoding)])
            }
            ImportError::TooLarge { file, limit } => of(&[("file", file), ("limit", limit)]),
            ImportError::UnknownSheet { file, sheet } => of(&[("file", file), ("sheet", sheet)]),
            ImportError::MissingColumns { columns } => of(&[("columns", &columns.join(", "))]),
            ImportError::MappedColumnMissing { file, column } => of(&[("file", file), ("column", column)]),
            ImportError::MappingInvalid { message } => of(&[("text", message)]),
            ImportError::UnknownMappingField { field } => of(&[("text", field)]),
            ImportError::MappingOfOtherKind { found } => of(&[("text", &format!("@import_kind.{found}"))]),
            _ => Vec::new(),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            ImportError::Rejected(rejection) => rejection.into(),
            other => {
                let usage = matches!(
                    other,
                    ImportError::MappingInvalid { .. }
                        | ImportError::UnknownMappingField { .. }
                        | ImportError::MappingOfOtherKind { .. }
                );
                let kind = if usage { problem::Kind::Usage } else { problem::Kind::Refused };
                let mut problem = Problem::new(kind, other.code());
                problem.params = other.params();
                problem.because(other)
            }
        }
    }
}

/// Imports a file: good rows are kept, the others become findings. Error, cancel and dry run leave nothing behind.
pub fn run(
    store: &mut Store,
    actor: &Actor,
    request: &Request,
    now: &Now,
    progress: OnProgress,
) -> Result<Report, ImportError> {
    if !actor.may(request.kind.needs(), Subject::Company) {
        return Err(ImportError::Forbidden);
    }
    let mapping = request.mapping.clone().unwrap_or_default();
    mapping.check(request.kind)?;
    let source = Source::open(&request.input, request.sheet.as_deref(), &mapping)?;
    let columns = field::Columns::resolve(request.kind, source.headers(), &mapping, source.name())?;
    let findings = Findings::new(request, source.headers())?;
    let mut report = Report { dry_run: request.dry_run, ..Report::default() };
    let done = match request.kind {
        Kind::Order => order::import(store, actor, request, now, progress, source, &columns, findings, &mut report),
        kind => table::import(kind, store, actor, request, now, progress, source, &columns, findings, &mut report),
    };
    match done {
        Ok(()) => Ok(report),
        Err(ImportError::Cancelled) => {
            Ok(Report { dry_run: request.dry_run, cancelled: true, rows: report.rows, ..Report::default() })
        }
        Err(error) => Err(error),
    }
}

/// The record of an import from what became of its rows.
fn batch_of(request: &Request, digest: String, report: &Report) -> Batch {
    Batch {
        kind: request.kind.name().into(),
        source: request.source.clone().unwrap_or_else(|| DEFAULT_SOURCE.into()),
        file_name: request.input.name(),
        digest,
        rows: report.rows,
        imported: report.imported,
        unchanged: report.unchanged,
        rejected: report.rejected,
    }
}

type Fingerprint = (u64, Option<std::time::SystemTime>);

/// A file's metadata that change when somebody writes, replaces or removes it.
fn fingerprint(path: &Path) -> Option<Fingerprint> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

#[cfg(test)]
mod tests;
