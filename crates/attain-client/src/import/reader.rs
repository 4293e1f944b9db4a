//! Opening a file as a table: what it is, which encoding it is in, and its rows one after the other.
//!
//! Owns: [`Source`] for CSV in UTF-8, UTF-16, GBK and others, numbering rows as a spreadsheet does, noticing that a file
//! went away.
//! Absent on purpose: workbooks (`xlsx.rs`), what the columns mean (`field.rs`).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::PathBuf;

use csv::StringRecord;
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use sha2::{Digest, Sha256};

use super::xlsx::Sheet;
use super::{Fingerprint, ImportError, Input, Mapping, fingerprint};

/// A row longer than this is a quotation mark that was never closed.
const ROW_AT_MOST: u64 = 4 << 20;
/// How much of a file is looked at to tell its encoding and delimiter.
const LOOKED_AT: usize = 1 << 20;
const BUFFER: usize = 256 << 10;

/// A file as a table with a header row.
pub(super) struct Source {
    name: String,
    headers: StringRecord,
    rows: Rows,
    /// Row of the record read last.
    row: u64,
    watched: Option<Watched>,
    pub encoding: String,
    pub sheets: Vec<String>,
    pub sheet: Option<String>,
}

/// A file and what it was like when it was opened.
type Watched = (PathBuf, Option<Fingerprint>);

enum Rows {
    Csv(Box<CsvRows>),
    Sheet { sheet: Sheet, digest: String },
}

struct CsvRows {
    reader: csv::Reader<Decoded>,
    size: u64,
    /// Physical line that the next record would start on if no blank line came before it.
    next_line: u64,
}

impl Source {
    /// Opens a file and reads its header. Errors: not there, empty, no table, an encoding that does not fit.
    pub fn open(input: &Input, sheet: Option<&str>, mapping: &Mapping) -> Result<Source, ImportError> {
        let name = input.name();
        let (mut bytes, size, watched): (Box<dyn Read + Send>, u64, _) = match input {
            Input::File(path) => {
                let unreadable =
                    |e: io::Error| ImportError::FileUnreadable { file: name.clone(), cause: e.to_string() };
                let file = File::open(path).map_err(|e| match e.kind() {
                    io::ErrorKind::NotFound => ImportError::FileMissing { file: name.clone() },
                    _ => unreadable(e),
                })?;
                let metadata = file.metadata().map_err(unreadable)?;
                if metadata.is_dir() {
                    return Err(ImportError::NotATable { file: name });
                }
                (Box::new(file), metadata.len(), Some((path.clone(), fingerprint(path))))
            }
            Input::Memory { bytes, .. } => (Box::new(Cursor::new(bytes.clone())), bytes.len() as u64, None),
        };
        let mut head = Vec::new();
        (&mut bytes)
            .take(LOOKED_AT as u64)
            .read_to_end(&mut head)
            .map_err(|e| ImportError::FileUnreadable { file: name.clone(), cause: e.to_string() })?;
        if head.iter().all(u8::is_ascii_whitespace) && head.len() < LOOKED_AT {
            return Err(ImportError::FileEmpty { file: name });
        }
        if head.starts_with(b"PK\x03\x04") {
            return Source::of_workbook(name, Box::new(Cursor::new(head).chain(bytes)), size, sheet, watched);
        }
        if is_binary(&head) {
            return Err(ImportError::NotATable { file: name });
        }
        let encoding = match mapping.encoding {
            Some(encoding) => encoding,
            None => Encoding::for_bom(&head).map_or_else(|| guess_encoding(&head, input), |(encoding, _)| encoding),
        };
        let decoded = Decoded::new(Box::new(Cursor::new(head.clone()).chain(bytes)), encoding);
        let delimiter = mapping.delimiter.unwrap_or_else(|| guess_delimiter(&head, encoding));
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(decoded);
        let label = if encoding == GB18030 { "GBK" } else { encoding.name() };
        let mut source = Source {
            name,
            headers: StringRecord::new(),
            rows: Rows::Csv(Box::new(CsvRows { reader, size, next_line: 1 })),
            row: 0,
            watched,
            encoding: label.into(),
            sheets: Vec::new(),
            sheet: None,
        };
        source.read_headers()?;
        Ok(source)
    }

    fn of_workbook(
        name: String,
        bytes: Box<dyn Read + Send>,
        size: u64,
        sheet: Option<&str>,
        watched: Option<Watched>,
    ) -> Result<Source, ImportError> {
        let (sheet, digest) = Sheet::open(&name, bytes, size, sheet)?;
        let mut source = Source {
            name,
            headers: StringRecord::new(),
            row: 0,
            watched,
            encoding: "XLSX".into(),
            sheets: sheet.names.clone(),
            sheet: Some(sheet.name.clone()),
            rows: Rows::Sheet { sheet, digest },
        };
        source.read_headers()?;
        Ok(source)
    }

    fn read_headers(&mut self) -> Result<(), ImportError> {
        let mut headers = StringRecord::new();
        if !self.read(&mut headers)? {
            return Err(ImportError::FileEmpty { file: self.name.clone() });
        }
        // A lone cell of control characters is no header.
        if headers.iter().any(|cell| cell.chars().any(|c| c.is_control() && !c.is_whitespace())) {
            return Err(ImportError::NotATable { file: self.name.clone() });
        }
        self.headers = headers;
        Ok(())
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn headers(&self) -> &StringRecord {
        &self.headers
    }

    /// Row of the record read last, as a spreadsheet shows it.
    pub fn row(&self) -> u64 {
        self.row
    }

    /// Reads the next row that has anything in it; `false` at the end.
    pub fn read(&mut self, record: &mut StringRecord) -> Result<bool, ImportError> {
        loop {
            let more = match &mut self.rows {
                Rows::Sheet { sheet, .. } => match sheet.next() {
                    Some(row) => {
                        self.row = row;
                        sheet.read_into(record);
                        true
                    }
                    None => false,
                },
                Rows::Csv(csv) => {
                    csv.reader.get_mut().since_row = 0;
                    match csv.reader.read_record(record) {
                        Ok(more) => {
                            if more {
                                let line = record.position().map_or(csv.next_line, csv::Position::line);
                                self.row += 1 + line.saturating_sub(csv.next_line);
                                let inside = record.as_slice().bytes().filter(|b| *b == b'\n').count() as u64;
                                csv.next_line = line + 1 + inside;
                            }
                            more
                        }
                        Err(error) => return Err(self.unreadable(error)),
                    }
                }
            };
            if !more || record.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(more);
            }
        }
    }

    fn unreadable(&self, error: csv::Error) -> ImportError {
        let file = self.name.clone();
        let wrong = |row| ImportError::WrongEncoding { file: file.clone(), row, encoding: self.encoding.clone() };
        match error.into_kind() {
            csv::ErrorKind::Utf8 { .. } => wrong(self.row + 1),
            csv::ErrorKind::Io(error) => match error.get_ref().and_then(|e| e.downcast_ref::<Undecodable>()) {
                Some(Undecodable::Bytes { line }) => wrong(*line),
                Some(Undecodable::RowTooLong) => {
                    ImportError::TooLarge { file, limit: format!("{} MB / row {}", ROW_AT_MOST >> 20, self.row + 1) }
                }
                None => ImportError::FileUnreadable { file, cause: error.to_string() },
            },
            other => ImportError::FileUnreadable { file, cause: format!("{other:?}") },
        }
    }

    /// How far reading is, and the whole: bytes, or rows of a sheet.
    pub fn progress(&self) -> (u64, u64) {
        match &self.rows {
            Rows::Csv(csv) => (csv.reader.get_ref().taken.min(csv.size), csv.size),
            Rows::Sheet { sheet, .. } => (sheet.done(), sheet.total()),
        }
    }

    /// Notices a file that was removed, replaced, cut short or written to while it was read.
    pub fn still_there(&self) -> Result<(), ImportError> {
        match &self.watched {
            Some((path, known)) if known.is_none() || fingerprint(path) != *known => {
                Err(ImportError::FileChanged { file: self.name.clone() })
            }
            _ => Ok(()),
        }
    }

    /// SHA-256 of all bytes, hex; once everything has been read.
    pub fn digest(&self) -> String {
        match &self.rows {
            Rows::Csv(csv) => hex(&csv.reader.get_ref().hash),
            Rows::Sheet { digest, .. } => digest.clone(),
        }
    }
}

pub(super) fn hex(hash: &Sha256) -> String {
    hash.clone().finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// Pictures, documents, old workbooks: bytes that no text has.
fn is_binary(head: &[u8]) -> bool {
    if Encoding::for_bom(head).is_some() {
        return false;
    }
    let marks: [&[u8]; 5] = [b"%PDF", b"\xD0\xCF\x11\xE0", b"\x1f\x8b", b"SQLite format", b"\x7fELF"];
    let looked = &head[..head.len().min(64 << 10)];
    let odd = looked.iter().filter(|b| **b < 0x20 && !matches!(**b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)).count();
    marks.iter().any(|mark| head.starts_with(mark)) || looked.contains(&0) || odd * 100 > looked.len()
}

/// The encoding of a file without a mark: UTF-8 where it holds, otherwise GBK where that does, otherwise what it looks
/// like. A head in plain ASCII says nothing: then the first byte beyond it decides, wherever it is.
fn guess_encoding(head: &[u8], input: &Input) -> &'static Encoding {
    let Some(first) = head.iter().position(|b| !b.is_ascii()) else {
        return match input {
            Input::File(path) if head.len() == LOOKED_AT => guess_later(path),
            Input::Memory { bytes, .. } => bytes
                .iter()
                .position(|b| !b.is_ascii())
                .map_or(UTF_8, |at| guess_by(&bytes[at..bytes.len().min(at + LOOKED_AT)])),
            Input::File(_) => UTF_8,
        };
    };
    guess_by(&head[first..])
}

fn guess_later(path: &PathBuf) -> &'static Encoding {
    let Ok(file) = File::open(path) else { return UTF_8 };
    let mut reader = BufReader::with_capacity(BUFFER, file);
    loop {
        let (length, found) = match reader.fill_buf() {
            Ok(chunk) if !chunk.is_empty() => {
                (chunk.len(), if chunk.is_ascii() { None } else { chunk.iter().position(|b| !b.is_ascii()) })
            }
            _ => return UTF_8,
        };
        match found {
            None => reader.consume(length),
            Some(at) => {
                reader.consume(at);
                let mut sample = Vec::new();
                let _ = reader.take(LOOKED_AT as u64).read_to_end(&mut sample);
                return guess_by(&sample);
            }
        }
    }
}

/// `sample` begins with the first byte that is not ASCII; its end may cut a character in two.
fn guess_by(sample: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(sample) {
        Ok(_) => return UTF_8,
        Err(error) if error.error_len().is_none() => return UTF_8,
        // Much that is right and then a slip: a damaged file in UTF-8, to be named as such.
        Err(error) if error.valid_up_to() > 64 && multi_byte(&sample[..error.valid_up_to()]) >= 16 => return UTF_8,
        Err(_) => {}
    }
    let decodes = |encoding: &'static Encoding| {
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut out = vec![0u8; decoder.max_utf8_buffer_length_without_replacement(sample.len()).unwrap_or(0)];
        let (result, ..) = decoder.decode_to_utf8_without_replacement(sample, &mut out, false);
        result == DecoderResult::InputEmpty
    };
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    let asian = [encoding_rs::BIG5, encoding_rs::SHIFT_JIS, encoding_rs::EUC_KR, encoding_rs::EUC_JP].contains(&guess);
    if decodes(GB18030) && !(asian && decodes(guess)) {
        return GB18030;
    }
    if decodes(guess) { guess } else { UTF_8 }
}

fn multi_byte(valid: &[u8]) -> usize {
    valid.iter().filter(|b| **b >= 0xC0).count()
}

/// The delimiter that the first line has most of, outside quotation marks.
fn guess_delimiter(head: &[u8], encoding: &'static Encoding) -> u8 {
    let (text, ..) = encoding.decode(&head[..head.len().min(64 << 10)]);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| !quoted && *delimiter == byte) {
            *count += 1;
        }
    }
    // Among equals the first one.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// Why decoding stopped.
#[derive(Debug)]
enum Undecodable {
    Bytes { line: u64 },
    RowTooLong,
}

impl std::fmt::Display for Undecodable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Undecodable {}

/// The bytes of a file as UTF-8, hashed as they come.
struct Decoded {
    bytes: Box<dyn Read + Send>,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    at: usize,
    filled: usize,
    ended: bool,
    started: bool,
    hash: Sha256,
    taken: u64,
    lines: u64,
    since_row: u64,
}

impl Decoded {
    fn new(bytes: Box<dyn Read + Send>, encoding: &'static Encoding) -> Decoded {
        let decoder = (encoding != UTF_8).then(|| match encoding {
            // The mark has told the byte order; the decoder takes it off.
            e if e == UTF_16LE || e == UTF_16BE => e.new_decoder_with_bom_removal(),
            e => e.new_decoder_without_bom_handling(),
        });
        Decoded {
            bytes,
            decoder,
            raw: vec![0; BUFFER],
            at: 0,
            filled: 0,
            ended: false,
            started: false,
            hash: Sha256::new(),
            taken: 0,
            lines: 0,
            since_row: 0,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.filled = self.bytes.read(&mut self.raw)?;
        self.at = 0;
        self.ended = self.filled == 0;
        self.hash.update(&self.raw[..self.filled]);
        self.taken += self.filled as u64;
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.at == self.filled && !self.ended {
                self.fill()?;
            }
            if self.decoder.is_none() && !self.started && self.raw[..self.filled].starts_with(b"\xEF\xBB\xBF") {
                self.at = 3;
            }
            self.started = true;
            let written = match &mut self.decoder {
                None => {
                    let length = out.len().min(self.filled - self.at);
                    out[..length].copy_from_slice(&self.raw[self.at..self.at + length]);
                    self.at += length;
                    length
                }
                Some(decoder) => {
                    let source = &self.raw[self.at..self.filled];
                    let (result, read, written) = decoder.decode_to_utf8_without_replacement(source, out, self.ended);
                    self.at += read;
                    self.lines += out[..written].iter().filter(|b| **b == b'\n').count() as u64;
                    if let DecoderResult::Malformed(..) = result {
                        return Err(io::Error::other(Undecodable::Bytes { line: self.lines + 1 }));
                    }
                    written
                }
            };
            self.since_row += written as u64;
            if self.since_row > ROW_AT_MOST {
                return Err(io::Error::other(Undecodable::RowTooLong));
            }
            if written > 0 || (self.ended && self.at == self.filled) {
                return Ok(written);
            }
        }
    }
}
