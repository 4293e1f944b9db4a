//! Tables as files: XLSX, and CSV that spreadsheets open safely.
//!
//! Owns: the two formats. Absent on purpose: what is in a table; recording the export (the caller does).

use std::path::Path;

use rust_xlsxwriter::{Format, Workbook};

use crate::problem::{Problem, Result};

/// A cell: text, or a number written as a decimal with so many digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Number(String),
    /// A percentage with so many digits: `62.5` is shown as 62.5 %, and is a number to reckon with.
    Percent(String, u32),
    Empty,
}

/// A table with one heading row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    pub title: String,
    pub headings: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

/// Writes a table as `.xlsx` or `.csv`, by the file's ending.
pub fn write(table: &Table, path: &Path) -> Result<()> {
    match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("xlsx") => write_xlsx(table, path),
        Some("csv") => write_csv(table, path),
        _ => Err(Problem::usage("export_format").with("file", path.display())),
    }
}

fn unwritable(path: &Path, cause: impl ToString) -> Problem {
    Problem::refused("file_not_writable").with("file", path.display()).because(cause)
}

fn write_csv(table: &Table, path: &Path) -> Result<()> {
    let mut out = vec![0xEF, 0xBB, 0xBF];
    {
        let mut writer = csv::Writer::from_writer(&mut out);
        writer.write_record(table.headings.iter().map(|h| safe(h))).map_err(|e| unwritable(path, e))?;
        for row in &table.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => safe(text),
                Cell::Number(number) => number.clone(),
                Cell::Percent(percent, _) => format!("{percent}%"),
                Cell::Empty => String::new(),
            });
            writer.write_record(cells).map_err(|e| unwritable(path, e))?;
        }
        writer.flush().map_err(|e| unwritable(path, e))?;
    }
    std::fs::write(path, out).map_err(|e| unwritable(path, e))
}

/// A text that a spreadsheet would run as a formula gets an apostrophe before it.
pub fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_string() }
}

fn write_xlsx(table: &Table, path: &Path) -> Result<()> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let percents: Vec<Format> =
        ["0%", "0.0%", "0.00%"].into_iter().map(|format| Format::new().set_num_format(format)).collect();
    let sheet = book.add_worksheet();
    let mut make = || -> std::result::Result<(), rust_xlsxwriter::XlsxError> {
        let title: String = table.title.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect();
        if !title.is_empty() {
            sheet.set_name(title)?;
        }
        for (column, heading) in table.headings.iter().enumerate() {
            sheet.write_with_format(0, column as u16, heading, &bold)?;
        }
        for (r, row) in table.rows.iter().enumerate() {
            for (c, cell) in row.iter().enumerate() {
                match cell {
                    Cell::Text(text) => sheet.write_string(r as u32 + 1, c as u16, text)?,
                    // A workbook keeps numbers as floats: fifteen digits; larger ones go as text.
                    Cell::Number(number) => match number.parse::<f64>() {
                        Ok(value) if number.len() <= 15 => sheet.write_number(r as u32 + 1, c as u16, value)?,
                        _ => sheet.write_string(r as u32 + 1, c as u16, number)?,
                    },
                    Cell::Percent(percent, digits) => match (percent.parse::<f64>(), percents.get(*digits as usize)) {
                        (Ok(value), Some(format)) => {
                            sheet.write_number_with_format(r as u32 + 1, c as u16, value / 100.0, format)?
                        }
                        _ => sheet.write_string(r as u32 + 1, c as u16, percent)?,
                    },
                    Cell::Empty => sheet,
                };
            }
        }
        sheet.set_freeze_panes(1, 1)?;
        sheet.autofit();
        Ok(())
    };
    make().map_err(|e| unwritable(path, e))?;
    book.save(path).map_err(|e| unwritable(path, e))
}
