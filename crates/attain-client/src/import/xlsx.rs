//! A sheet of a workbook as rows of text.
//!
//! Owns: choosing the sheet, writing numbers and dates as a person would have typed them.
//! Absent on purpose: formulas (their last result counts), anything but .xlsx.

use std::io::{Cursor, Read};

use calamine::{Data, Range, Reader, Xlsx, XlsxError};
use csv::StringRecord;
use sha2::{Digest, Sha256};

use super::ImportError;
use super::reader::hex;

/// Workbooks are unpacked whole: larger tables come as CSV.
const AT_MOST: u64 = 64 << 20;

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
        if size > AT_MOST {
            return Err(ImportError::TooLarge { file: file.into(), limit: format!("{} MB", AT_MOST >> 20) });
        }
        let mut whole = Vec::with_capacity(size as usize);
        bytes
            .take(AT_MOST)
            .read_to_end(&mut whole)
            .map_err(|e| ImportError::FileUnreadable { file: file.into(), cause: e.to_string() })?;
        let mut hash = Sha256::new();
        hash.update(&whole);
        let no_table = |_: XlsxError| ImportError::NotATable { file: file.into() };
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(whole)).map_err(no_table)?;
        let names = book.sheet_names();
        let name = match wanted {
            Some(wanted) => names
                .iter()
                .find(|name| *name == wanted)
                .cloned()
                .ok_or_else(|| ImportError::UnknownSheet { file: file.into(), sheet: wanted.into() })?,
            None => names.first().cloned().ok_or_else(|| ImportError::FileEmpty { file: file.into() })?,
        };
        let mut range = book.worksheet_range(&name).map_err(no_table)?;
        let mut name = name;
        if wanted.is_none() && range.is_empty() {
            for other in names.iter().skip(1) {
                let next = book.worksheet_range(other).map_err(no_table)?;
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
