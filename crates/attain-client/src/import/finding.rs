//! What is wrong with a row: a code with its parameters, and the file of rejected rows.
//!
//! Owns: [`Finding`] and its words, [`Findings`].
//! Absent on purpose: when something is wrong (the kinds' own files).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use csv::StringRecord;

use super::{FINDINGS_KEPT, ImportError, Report, Request};
use crate::language::Language;

/// Something wrong with a cell or row; message `finding.<code>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// As a spreadsheet shows it: the header is row 1, the first row of data row 2.
    pub row: u64,
    /// The field, when one cell is to blame.
    pub column: Option<String>,
    pub code: String,
    pub params: Vec<(String, String)>,
}

impl Finding {
    pub fn new(row: u64, code: &str) -> Finding {
        Finding { row, column: None, code: code.into(), params: Vec::new() }
    }

    /// A cell of a field with what stands in it.
    pub fn cell(row: u64, field: &str, code: &str, value: &str) -> Finding {
        let value = if value.chars().count() > 60 {
            value.chars().take(60).chain(['…']).collect()
        } else {
            value.to_string()
        };
        let params = vec![("value".into(), value), ("column".into(), format!("@field.{field}"))];
        Finding { row, column: Some(field.into()), code: code.into(), params }
    }

    pub fn with(mut self, name: &str, value: impl ToString) -> Finding {
        self.params.push((name.into(), value.to_string()));
        self
    }

    /// The finding in words.
    pub fn message(&self, language: Language) -> String {
        language.message(&format!("finding.{}", self.code), &self.params)
    }
}

/// The findings of an import and its rejected rows.
pub(super) struct Findings {
    kept: Vec<Finding>,
    total: u64,
    rejects: Option<Rejects>,
    language: Language,
}

struct Rejects {
    path: PathBuf,
    part: PathBuf,
    out: BufWriter<File>,
    /// Columns of the file itself; those of an earlier file of rejected rows have the reason as one more.
    width: usize,
}

/// The column that says why a row was rejected.
const REASON: &str = "field.reason";

impl Findings {
    pub fn new(request: &Request, headers: &StringRecord) -> Result<Findings, ImportError> {
        let mut findings = Findings { kept: Vec::new(), total: 0, rejects: None, language: request.language };
        if let Some(path) = &request.rejects {
            let mut name = path.file_name().unwrap_or_default().to_os_string();
            name.push(".part");
            let part = path.with_file_name(name);
            let file = File::create(&part).map_err(|e| ImportError::RejectsUnwritable {
                file: path.display().to_string(),
                cause: e.to_string(),
            })?;
            let title = |language: Language| language.message(REASON, &[]);
            let last = headers.iter().next_back().unwrap_or("").trim();
            let again = [Language::Chinese, Language::English].iter().any(|language| title(*language) == last);
            let width = headers.len() - usize::from(again);
            let mut rejects = Rejects { path: path.clone(), part, out: BufWriter::new(file), width };
            rejects.start(headers, &title(request.language))?;
            findings.rejects = Some(rejects);
        }
        Ok(findings)
    }

    /// Whether the cells of rejected rows are wanted.
    pub fn wants_rows(&self) -> bool {
        self.rejects.is_some()
    }

    /// Takes the findings of one rejected row, which is written down with them.
    pub fn reject(&mut self, findings: Vec<Finding>, record: Option<&StringRecord>) -> Result<(), ImportError> {
        self.total += findings.len() as u64;
        if let (Some(rejects), Some(record)) = (&mut self.rejects, record) {
            let said: Vec<String> = findings.iter().map(|f| f.message(self.language)).collect();
            rejects.row(record, &said.join("; "))?;
        }
        let room = FINDINGS_KEPT.saturating_sub(self.kept.len());
        self.kept.extend(findings.into_iter().take(room));
        Ok(())
    }

    /// Hands the findings over and leaves the file of rejected rows in place, if there is any.
    pub fn finish(mut self, report: &mut Report) -> Result<(), ImportError> {
        if let Some(rejects) = self.rejects.take() {
            rejects.finish(self.total > 0)?;
        }
        self.kept.sort_by_key(|finding| finding.row);
        report.findings = std::mem::take(&mut self.kept);
        report.findings_total = self.total;
        Ok(())
    }
}

impl Drop for Findings {
    fn drop(&mut self) {
        if let Some(rejects) = &self.rejects {
            let _ = std::fs::remove_file(&rejects.part);
        }
    }
}

impl Rejects {
    fn unwritable(&self, error: &std::io::Error) -> ImportError {
        ImportError::RejectsUnwritable { file: self.path.display().to_string(), cause: error.to_string() }
    }

    fn start(&mut self, headers: &StringRecord, title: &str) -> Result<(), ImportError> {
        self.out.write_all("\u{feff}".as_bytes()).map_err(|e| self.unwritable(&e))?;
        self.row(headers, title)
    }

    fn row(&mut self, record: &StringRecord, reason: &str) -> Result<(), ImportError> {
        let mut line = String::new();
        for at in 0..self.width {
            push_cell(&mut line, record.get(at).unwrap_or(""));
            line.push(',');
        }
        push_cell(&mut line, reason);
        line.push_str("\r\n");
        self.out.write_all(line.as_bytes()).map_err(|e| self.unwritable(&e))
    }

    fn finish(mut self, any: bool) -> Result<(), ImportError> {
        self.out.flush().map_err(|e| self.unwritable(&e))?;
        let done = if any { std::fs::rename(&self.part, &self.path) } else { std::fs::remove_file(&self.part) };
        done.map_err(|e| self.unwritable(&e))
    }
}

/// Writes a cell so that no spreadsheet takes it for a formula; [`super::cell::plain`] takes the mark away again.
fn push_cell(line: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    line.push('"');
    if formula {
        line.push('\'');
    }
    line.push_str(&cell.replace('"', "\"\""));
    line.push('"');
}
