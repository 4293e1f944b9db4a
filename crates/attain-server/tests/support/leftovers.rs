//! What is left in a laptop's file, read without the store that wrote it: table by table, and in every page of the file and
//! of its log, also those that are free.

use std::path::Path;

use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt, KeyInit};
use memchr::memmem;

use crate::world::log_of;

/// What is looked for, and what it is called.
pub type Marker = (String, Vec<u8>);

/// A text's markers: in UTF-8, and in UTF-16 of either order.
pub fn text(text: &str) -> Vec<Marker> {
    let wide: Vec<u16> = text.encode_utf16().collect();
    let [little, big] = [u16::to_le_bytes, u16::to_be_bytes].map(|of| wide.iter().flat_map(|unit| of(*unit)).collect());
    [text.as_bytes().to_vec(), little, big].map(|bytes| (text.to_owned(), bytes)).to_vec()
}

fn open(path: &Path, key: &[u8; 32]) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(path).unwrap();
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    db.execute_batch(&format!("PRAGMA key = \"x'{key}'\"")).unwrap();
    db
}

/// The sealed bodies of people's salaries, each as a marker named by the person.
pub fn salaries(path: &Path, key: &[u8; 32]) -> Vec<Marker> {
    let db = open(path, key);
    let mut statement = db.prepare("SELECT id, body FROM sealed WHERE kind = 'base_salary'").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// Where a row that went is still found: tables, search terms, journals, drafts; free pages, the rest of pages, the log.
pub fn left(path: &Path, key: &[u8; 32], markers: &[Marker]) -> Vec<String> {
    let mut found = in_pages(path, key, markers);
    let db = open(path, key);
    let tables: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    for table in tables {
        let mut statement = db.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = row.get_ref(column).unwrap();
                let bytes = value.as_bytes().unwrap_or_default();
                for (name, marker) in markers {
                    if memmem::find(bytes, marker).is_some() {
                        found.push(format!("{name} in {table}"));
                    }
                }
            }
        }
    }
    found
}

const PAGE: usize = 4_096;
/// At the end of each page: what it was encrypted from, and its seal.
const RESERVED: usize = 80;
/// At the beginning of the first page, in clear.
const SALT: usize = 16;
const LOG_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

fn in_pages(path: &Path, key: &[u8; 32], markers: &[Marker]) -> Vec<String> {
    let cipher = Aes256::new(&Array::from(*key));
    let file = std::fs::read(path).unwrap();
    let log = std::fs::read(log_of(path)).unwrap_or_default();
    let pages = file.chunks_exact(PAGE).enumerate().map(|(n, page)| (format!("page {}", n + 1), n == 0, page));
    // Whole frames, also those of a round of the log before this one.
    let frames = log.get(LOG_HEAD..).unwrap_or_default().chunks_exact(FRAME_HEAD + PAGE);
    let frames = frames
        .enumerate()
        .map(|(n, frame)| (format!("frame {n} of the log"), frame[..4] == [0, 0, 0, 1], &frame[FRAME_HEAD..]));
    let mut found = Vec::new();
    for (place, first, page) in pages.chain(frames) {
        let plain = decrypted(&cipher, page, if first { SALT } else { 0 });
        if place == "page 1" {
            // The sizes in its head, and that the key is right.
            assert_eq!(plain[..5], [0x10, 0, 2, 2, RESERVED as u8], "the first page is not read as one");
        }
        for (name, marker) in markers {
            if memmem::find(&plain, marker).is_some() {
                found.push(format!("{name} in {place}"));
            }
        }
    }
    found
}

/// A page of SQLCipher's: AES-256 in blocks, each mixed with the one before it.
fn decrypted(cipher: &Aes256, page: &[u8], from: usize) -> Vec<u8> {
    let (body, tail) = page.split_at(PAGE - RESERVED);
    let mut before = &tail[..16];
    let mut plain = Vec::with_capacity(body.len());
    for block in body[from..].chunks_exact(16) {
        let mut mixed = Array::try_from(block).unwrap();
        cipher.decrypt_block(&mut mixed);
        plain.extend(mixed.iter().zip(before).map(|(a, b)| a ^ b));
        before = block;
    }
    plain
}
