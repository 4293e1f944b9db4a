//! Copies of a server's database, and starting from one.
//!
//! Owns: [`backup`] and [`restore`]. Bodies stay sealed in a copy; the master key is not in it and is kept apart.
//! Absent on purpose: replicas, which are made anew. PostgreSQL's own programs copy PostgreSQL.

use std::path::Path;
use std::process::Command;

use percent_encoding::percent_decode_str;

use crate::db::{self, Address, sqlite::Sqlite};

type Result<T> = std::result::Result<T, String>;

/// Copies a database as of one moment, while it may be served, to a file that is not there yet.
///
/// Errors: the file is there; the database cannot be read; for PostgreSQL, pg_dump is missing or refuses.
pub fn backup(at: &str, key: &[u8; 32], to: &Path) -> Result<()> {
    if to.exists() {
        return Err(format!("{} is there already", to.display()));
    }
    match db::address(at).map_err(said)? {
        Address::File(path) => {
            if !path.exists() {
                return Err(format!("{} is not there", path.display()));
            }
            Sqlite::open(path, Some(key)).and_then(|db| db.copy_to(to)).map_err(said)
        }
        Address::Server(url) => {
            let url = libpq(url)?;
            private(to)?;
            let dumped = run(quietly("pg_dump", &url, "--dbname").args(["--format=custom", "--file"]).arg(to));
            if dumped.is_err() {
                let _ = std::fs::remove_file(to);
            }
            dumped
        }
    }
}

/// Fills a new database from a copy. Every laptop signs in again: what it did since the copy was made is not known here,
/// and what it had changed and kept waiting goes once more.
///
/// Errors: the database has something already; the copy is damaged, or of another master key.
pub fn restore(from: &Path, at: &str, key: &[u8; 32]) -> Result<()> {
    match db::address(at).map_err(said)? {
        Address::File(path) => {
            if path.exists() {
                return Err(format!("{} is there already: move it away first", path.display()));
            }
            // Opened as a copy of its own first: a copy that is damaged or of another key leaves nothing.
            let copy = path.with_extension("restoring");
            std::fs::copy(from, &copy).map_err(|error| format!("{}: {error}", from.display()))?;
            let checked = Sqlite::open(&copy, Some(key)).and_then(|db| db.intact());
            let moved = checked.map_err(said).and_then(|()| std::fs::rename(&copy, path).map_err(said));
            for left in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{left}", copy.display()));
            }
            moved.map_err(|error| format!("{}: {error}", from.display()))?;
        }
        Address::Server(url) => {
            run(quietly("pg_restore", &libpq(url)?, "--dbname")
                .args(["--single-transaction", "--no-owner"])
                .arg(from))?;
        }
    }
    let db = db::open(at, key).map_err(said)?;
    for tenant in db.tenants().map_err(said)? {
        for device in db.devices(&tenant.tenant).map_err(said)? {
            db.end_device(&tenant.tenant, &device.device).map_err(said)?;
        }
    }
    Ok(())
}

/// A new file that is its owner's alone.
fn private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ()).map_err(|error| format!("{}: {error}", path.display()))
}

/// A program of PostgreSQL's on an address, whose password others on this machine do not see among its arguments.
fn quietly(program: &str, url: &str, flag: &str) -> Command {
    let mut command = Command::new(program);
    let (head, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (user, at) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    if !password.is_empty() {
        command.env("PGPASSWORD", percent_decode_str(password).decode_utf8_lossy().as_ref());
    }
    let user = if user.is_empty() { String::new() } else { format!("{name}@") };
    command.arg(flag).arg(format!("{head}://{user}{at}"));
    command
}

fn libpq(url: &str) -> Result<String> {
    db::postgres::address::read(url).map(|address| address.libpq).map_err(said)
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
