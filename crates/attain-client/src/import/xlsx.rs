//! A sheet of a workbook as rows of text.
//!
//! Owns: choosing the sheet, writing numbers and dates as a person would have typed them.
//! Absent on purpose: formulas (their last result counts), anything but .xlsx.

use std::io::{Cursor, Read};

use calamine::{Cell, Data, DataType, Range, Reader, Xlsx, XlsxError};
use csv::StringRecord;
use sha2::{Digest, Sha256};

use super::ImportError;
use super::reader::hex;

/// Workbooks are unpacked whole: larger tables come as CSV.
const AT_MOST: u64 = 64 << 20;
/// What a file may hold once unpacked: a few kilobytes can claim to be anything.
const UNPACKED_AT_MOST: u64 = 256 << 20;
/// Cells of a sheet from its first to its last, empty ones too: two cells can lie a million rows apart.
const CELLS_AT_MOST: u64 = 6_000_000;

pub(super) struct Sheet {
    pub name: String,
    pub names: Vec<String>,
    range: Range<Data>,
    at: usize,
}

impl Sheet {
    /// Opens a workbook and one of its sheets (the first that has anything in it); answers the digest of its bytes too.
    pub fn open(
        file: &str,
        bytes: Box<dyn Read + Send>,
        size: u64,
        wanted: Option<&str>,
    ) -> Result<(Sheet, String), ImportError> {
        let too_large = |limit: String| ImportError::TooLarge { file: file.into(), limit };
        if size > AT_MOST {
            return Err(too_large(format!("{} MB", AT_MOST >> 20)));
        }
        let mut whole = Vec::with_capacity(size as usize);
        bytes
            .take(AT_MOST)
            .read_to_end(&mut whole)
            .map_err(|e| ImportError::FileUnreadable { file: file.into(), cause: e.to_string() })?;
        let mut hash = Sha256::new();
        hash.update(&whole);
        let not_a_table = || ImportError::NotATable { file: file.into() };
        match unpacked(&whole) {
            None => return Err(not_a_table()),
            Some(size) if size > UNPACKED_AT_MOST => {
                return Err(too_large(format!("{} MB", UNPACKED_AT_MOST >> 20)));
            }
            Some(_) => {}
        }
        let no_table = |_: XlsxError| not_a_table();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(whole)).map_err(no_table)?;
        let names = book.sheet_names();
        let mut cells = |name: &str| cells(&mut book, name).map_err(no_table)?.map_err(too_large);
        let name = match wanted {
            Some(wanted) => names
                .iter()
                .find(|name| *name == wanted)
                .cloned()
                .ok_or_else(|| ImportError::UnknownSheet { file: file.into(), sheet: wanted.into() })?,
            None => names.first().cloned().ok_or_else(|| ImportError::FileEmpty { file: file.into() })?,
        };
        let mut range = cells(&name)?;
        let mut name = name;
        if wanted.is_none() && range.is_empty() {
            for other in names.iter().skip(1) {
                let next = cells(other)?;
                if !next.is_empty() {
                    (name, range) = (other.clone(), next);
                    break;
                }
            }
        }
        Ok((Sheet { name, names, range, at: 0 }, hex(&hash)))
    }

    /// Moves on to the next row; answers its number.
    pub fn next(&mut self) -> Option<u64> {
        if self.at >= self.range.height() {
            return None;
        }
        self.at += 1;
        Some(u64::from(self.range.start().map_or(0, |(row, _)| row)) + self.at as u64)
    }

    pub fn read_into(&self, record: &mut StringRecord) {
        record.clear();
        if let Some(row) = self.range.rows().nth(self.at - 1) {
            row.iter().for_each(|cell| record.push_field(&text_of(cell)));
        }
    }

    pub fn done(&self) -> u64 {
        self.at as u64
    }

    pub fn total(&self) -> u64 {
        self.range.height() as u64
    }
}

/// How large the parts of a zip file really are, counted up to one byte past the limit: their own word is not taken.
fn unpacked(file: &[u8]) -> Option<u64> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).ok()?;
    let mut size = 0;
    for part in 0..archive.len() {
        let part = archive.by_index(part).ok()?;
        size += std::io::copy(&mut part.take(UNPACKED_AT_MOST + 1 - size), &mut std::io::sink()).ok()?;
        if size > UNPACKED_AT_MOST {
            break;
        }
    }
    Some(size)
}

/// The cells of a sheet, unless there is no room for them; then the limit.
fn cells(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Result<Result<Range<Data>, String>, XlsxError> {
    let mut reader = match book.worksheet_cells_reader(name) {
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Ok(Range::default())),
        reader => reader?,
    };
    let (mut found, mut text) = (Vec::new(), 0);
    let (mut first, mut last) = ((u32::MAX, u32::MAX), (0, 0));
    while let Some(cell) = reader.next_cell()? {
        let (row, column) = cell.get_position();
        let value = Data::from(cell.get_value().clone());
        if matches!(value, Data::Empty) {
            continue;
        }
        first = (row.min(first.0), column.min(first.1));
        last = (row.max(last.0), column.max(last.1));
        if u64::from(last.0 - first.0 + 1) * u64::from(last.1 - first.1 + 1) > CELLS_AT_MOST {
            return Ok(Err(format!("{CELLS_AT_MOST} cells")));
        }
        // A text that stands once in the file may be meant by every cell.
        text += value.get_string().map_or(0, |text| text.len() as u64);
        if text > UNPACKED_AT_MOST {
            return Ok(Err(format!("{} MB", UNPACKED_AT_MOST >> 20)));
        }
        found.push(Cell::new((row, column), value));
    }
    Ok(Ok(Range::from_sparse(found)))
}

fn text_of(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(yes) => yes.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => decimal_of(*number),
        Data::DateTime(time) => match time.to_ymd_hms_milli() {
            _ if time.is_duration() => decimal_of(time.as_f64()),
            (year, month, day, 0, 0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
            (year, month, day, hour, minute, second, _) => {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        },
    }
}

/// A number as the spreadsheet shows it: at most fifteen digits count, so that 0.1 + 0.2 is 0.3.
fn decimal_of(number: f64) -> String {
    let scientific = format!("{number:.14e}");
    match rust_decimal::Decimal::from_scientific(&scientific) {
        Ok(value) => value.normalize().to_string(),
        Err(_) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_as_the_sheet_shows_them() {
        for (number, text) in [
            (0.1 + 0.2, "0.3"),
            (1234.56, "1234.56"),
            (1e6, "1000000"),
            (20_260_901.0, "20260901"),
            (0.0, "0"),
            (-12.5, "-12.5"),
            (1.005, "1.005"),
            (1e15, "1000000000000000"),
        ] {
            assert_eq!(super::decimal_of(number), text);
        }
    }
}
