//! What is left in a laptop's file, table by table, read without the store that wrote it.

use std::path::Path;

/// Where a row that went is still found: tables, search terms, journals, drafts.
pub fn left(path: &Path, key: &[u8; 32], markers: &[String]) -> Vec<String> {
    let db = rusqlite::Connection::open(path).unwrap();
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    db.execute_batch(&format!("PRAGMA key = \"x'{key}'\"")).unwrap();
    let tables: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    let mut found = Vec::new();
    for table in tables {
        let mut statement = db.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = row.get_ref(column).unwrap();
                let bytes = value.as_bytes().unwrap_or_default();
                for marker in markers {
                    if bytes.windows(marker.len()).any(|window| window == marker.as_bytes()) {
                        found.push(format!("{marker} in {table}"));
                    }
                }
            }
        }
    }
    found
}
