//! Tables small enough to be looked at as a whole: everything but orders.
//!
//! Owns: reading all rows, and writing what the kinds made of them in one transaction.
//! Absent on purpose: what is right and wrong in a row (the kinds' own files).

use std::ops::ControlFlow;

use attain_domain::access::Actor;
use attain_domain::mutation::Now;
use attain_store::Store;
use attain_store::connection::View;
use attain_store::facts::Base;
use csv::StringRecord;

use super::field::Columns;
use super::finding::{Finding, Findings};
use super::reader::Source;
use super::{ImportError, Kind, OnProgress, Progress, Report, Request, Stage, batch_of};
use super::{credit, goal, metric, person, rate, unit};

/// Rows a table may have.
const ROWS_AT_MOST: usize = 1_000_000;

/// The rows of a file, with what was found wrong in each and whether it changes anything.
pub(super) struct Table<'c> {
    pub columns: &'c Columns,
    rows: Vec<(u64, StringRecord)>,
    findings: Vec<Vec<Finding>>,
    changes: Vec<bool>,
}

impl<'c> Table<'c> {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row's number in the file.
    pub fn row(&self, i: usize) -> u64 {
        self.rows[i].0
    }

    pub fn cell(&self, i: usize, field: &str) -> &str {
        self.columns.cell(&self.rows[i].1, field)
    }

    /// What stands in a column that is no field.
    pub fn column(&self, i: usize, column: usize) -> &str {
        self.rows[i].1.get(column).map_or("", super::cell::plain)
    }

    pub fn is_good(&self, i: usize) -> bool {
        self.findings[i].is_empty()
    }

    /// Rejects a row because of one of its cells.
    pub fn wrong(&mut self, i: usize, field: &str, code: &str) {
        let finding = Finding::cell(self.row(i), field, code, self.cell(i, field));
        self.fail(i, finding);
    }

    pub fn fail(&mut self, i: usize, finding: Finding) {
        self.findings[i].push(finding);
    }

    /// Rejects those of several rows that are still good because another one (or all together) cannot come in.
    pub fn fail_rest(&mut self, rows: &[usize]) {
        let bad = rows.iter().find(|i| !self.is_good(**i)).map(|i| self.row(*i));
        let Some(bad) = bad else { return };
        for i in rows.iter().copied() {
            if self.is_good(i) {
                let finding = Finding::new(self.row(i), "rejected_together").with("row", bad);
                self.fail(i, finding);
            }
        }
    }

    /// A cell that must have something in it and be an id or name of sensible length.
    pub fn text(&mut self, i: usize, field: &str) -> Option<String> {
        let text = self.cell(i, field).to_string();
        if text.is_empty() {
            self.wrong(i, field, "missing_value");
            return None;
        }
        if text.len() > TEXT_AT_MOST {
            self.wrong(i, field, "too_long");
            return None;
        }
        Some(text)
    }

    /// A cell read by `read`, `None` when it is empty or wrong (which is then a finding).
    pub fn read<T>(&mut self, i: usize, field: &str, read: impl FnOnce(&str) -> Result<T, &'static str>) -> Option<T> {
        let text = self.cell(i, field);
        if text.is_empty() {
            return None;
        }
        match read(text) {
            Ok(value) => Some(value),
            Err(code) => {
                self.wrong(i, field, code);
                None
            }
        }
    }

    /// As [`Table::read`], but an empty cell is a finding too.
    pub fn must<T>(&mut self, i: usize, field: &str, read: impl FnOnce(&str) -> Result<T, &'static str>) -> Option<T> {
        if self.cell(i, field).is_empty() {
            self.wrong(i, field, "missing_value");
            return None;
        }
        self.read(i, field, read)
    }

    /// Says that a good row changes what is there.
    pub fn changes(&mut self, i: usize) {
        self.changes[i] = true;
    }
}

/// Ids and names are shorter than this, in bytes.
pub(super) const TEXT_AT_MOST: usize = 200;

/// How often progress is told of.
const STEP: usize = 4_096;

#[allow(clippy::too_many_arguments)]
pub(super) fn import(
    kind: Kind,
    store: &mut Store,
    actor: &Actor,
    request: &Request,
    now: &Now,
    progress: OnProgress,
    mut source: Source,
    columns: &Columns,
    mut findings: Findings,
    report: &mut Report,
) -> Result<(), ImportError> {
    let mut table = Table { columns, rows: Vec::new(), findings: Vec::new(), changes: Vec::new() };
    let mut tell = |stage, done, total| match progress(Progress { stage, done, total }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ImportError::Cancelled),
    };
    let mut record = StringRecord::new();
    while source.read(&mut record)? {
        if table.rows.len() == ROWS_AT_MOST {
            return Err(ImportError::TooLarge { file: source.name().into(), limit: ROWS_AT_MOST.to_string() });
        }
        if table.rows.len().is_multiple_of(STEP) {
            source.still_there()?;
            let (done, total) = source.progress();
            tell(Stage::Reading, done, total)?;
        }
        let findings = too_wide(source.row(), &record, columns).into_iter().collect();
        table.rows.push((source.row(), record.clone()));
        table.findings.push(findings);
    }
    source.still_there()?;
    let total = table.len() as u64;
    if total == 0 {
        return Err(ImportError::FileEmpty { file: source.name().into() });
    }
    table.changes = vec![false; table.len()];
    report.rows = total;
    tell(Stage::Checking, 0, total)?;
    let tell = std::cell::RefCell::new(tell);
    let digest = source.digest();
    let changed = store.import(
        actor,
        now,
        |tx| -> Result<_, ImportError> {
            let rows = plan(kind, tx.view(), &mut table, actor, now)?;
            for i in 0..table.len() {
                match (table.is_good(i), table.changes[i]) {
                    (false, _) => report.rejected += 1,
                    (true, true) => report.imported += 1,
                    (true, false) => report.unchanged += 1,
                }
                let found = std::mem::take(&mut table.findings[i]);
                if !found.is_empty() {
                    findings.reject(found, Some(&table.rows[i].1))?;
                }
            }
            tell.borrow_mut()(Stage::Writing, 0, total)?;
            Ok((rows, batch_of(request, digest, report)))
        },
        |_| {
            source.still_there()?;
            tell.borrow_mut()(Stage::Figures, total, total)?;
            if request.dry_run { Err(ImportError::DryRun) } else { Ok(()) }
        },
    );
    match changed {
        Ok(changed) => report.changed = Some(changed),
        Err(ImportError::DryRun) => {}
        Err(error) => return Err(error),
    }
    findings.finish(report)
}

/// A row with more cells than the header has: an amount with a comma in it that nobody quoted.
pub(super) fn too_wide(row: u64, record: &StringRecord, columns: &Columns) -> Option<Finding> {
    let beyond = record.iter().skip(columns.width).find(|cell| !cell.trim().is_empty())?;
    Some(Finding::new(row, "too_many_cells").with("value", beyond.trim()))
}

fn plan(kind: Kind, view: View<'_>, table: &mut Table, actor: &Actor, now: &Now) -> Result<Vec<Base>, ImportError> {
    match kind {
        Kind::Unit => unit::plan(view, table),
        Kind::Person => person::plan(view, table),
        Kind::Credit => credit::plan(view, table),
        Kind::Goal => goal::plan(view, table, actor, now),
        Kind::Metric => metric::plan(view, table),
        Kind::Rate => rate::plan(view, table),
        Kind::Order => Ok(Vec::new()),
    }
}
