//! A first look at a file: how it is read, and which column may be which field.
//!
//! Owns: [`preview`].
//! Absent on purpose: checking rows (a dry run does).

use csv::StringRecord;

use super::field::{self, fields};
use super::reader::Source;
use super::{ImportError, Input, Kind, Mapping};

/// Rows of a file that are shown.
const SHOWN: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub file_name: String,
    /// As asked for, or guessed from the headers; `None` when they fit none.
    pub kind: Option<Kind>,
    /// `UTF-8`, `GBK`, `UTF-16LE`, `XLSX` …
    pub encoding: String,
    pub sheets: Vec<String>,
    pub sheet: Option<String>,
    pub row_count: u64,
    pub columns: Vec<PreviewColumn>,
    /// The first twenty, as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
    pub fields: Vec<PreviewField>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewColumn {
    pub header: String,
    /// Rows with something in it, of [`Preview::row_count`].
    pub filled: u64,
    /// The field it is taken for; `None` = left out.
    pub field: Option<&'static str>,
    pub certainty: Certainty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// The header is the field's name.
    Exact,
    /// It is a word people use for it.
    Guess,
    None,
}

impl Certainty {
    pub fn name(self) -> &'static str {
        match self {
            Certainty::Exact => "exact",
            Certainty::Guess => "guess",
            Certainty::None => "none",
        }
    }
}

/// A field of the kind; message `field.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviewField {
    pub name: &'static str,
    pub required: bool,
}

/// Looks at a file. Errors: as for an import, but for its rows and columns.
pub fn preview(input: &Input, kind: Option<Kind>, sheet: Option<&str>) -> Result<Preview, ImportError> {
    let mut source = Source::open(input, sheet, &Mapping::default())?;
    let headers = source.headers().clone();
    let kind = kind.or_else(|| field::guess_kind(&headers));
    let mut filled = vec![0u64; headers.len()];
    let (mut row_count, mut rows) = (0, Vec::new());
    let mut record = StringRecord::new();
    while source.read(&mut record)? {
        row_count += 1;
        for (count, cell) in filled.iter_mut().zip(&record) {
            *count += u64::from(!cell.trim().is_empty());
        }
        if rows.len() < SHOWN {
            rows.push((0..headers.len()).map(|i| record.get(i).unwrap_or("").trim().to_string()).collect());
        }
    }
    let at = kind.map(|kind| field::guess(kind, &headers)).unwrap_or_default();
    let columns = headers.iter().zip(filled).enumerate().map(|(index, (header, filled))| {
        let place = at.iter().position(|at| *at == Some(index));
        let field = kind.zip(place).and_then(|(kind, place)| fields(kind).get(place));
        let certainty = match field.map(|field| field.fits(header)) {
            Some(2) => Certainty::Exact,
            Some(_) => Certainty::Guess,
            None => Certainty::None,
        };
        PreviewColumn { header: header.trim().to_string(), filled, field: field.map(|f| f.name), certainty }
    });
    Ok(Preview {
        file_name: source.name().to_string(),
        kind,
        encoding: source.encoding.clone(),
        sheets: source.sheets.clone(),
        sheet: source.sheet.clone(),
        row_count,
        columns: columns.collect(),
        rows,
        fields: kind
            .map(fields)
            .unwrap_or_default()
            .iter()
            .map(|f| PreviewField { name: f.name, required: f.required })
            .collect(),
    })
}
