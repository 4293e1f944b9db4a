//! Driving `attainctl` as a process in a home of its own.
#![allow(dead_code)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A temporary home folder, opened by a passphrase from the environment.
pub struct Home {
    pub dir: TempDir,
}

pub const PASSPHRASE: &str = "correct horse battery";

pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {} {}", self.stdout, self.stderr))
    }

    /// The error document; `null` when there is none. A session's own programs may say something before it.
    pub fn error(&self) -> Value {
        self.stderr.lines().rev().find_map(|line| serde_json::from_str(line).ok()).unwrap_or(Value::Null)
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Home {
    pub fn empty() -> Home {
        Home { dir: tempfile::tempdir().unwrap() }
    }

    /// A workspace of one's own.
    pub fn company() -> Home {
        let home = Home::empty();
        home.ok(&["workspace", "create", "--company", "Acme"]);
        home
    }

    /// The sample company.
    pub fn sample() -> Home {
        let home = Home::empty();
        home.ok(&["workspace", "create", "--sample"]);
        home
    }

    pub fn root(&self) -> std::path::PathBuf {
        self.dir.path().join("home")
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_string_lossy().into_owned()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.dir.path().join(name), bytes).unwrap();
        self.path(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attainctl"));
        command
            .arg("--home")
            .arg(self.root())
            .args(["--unlock", "env:ATTAIN_TEST_PASSPHRASE", "--json"])
            .args(arguments)
            .env("ATTAIN_TEST_PASSPHRASE", PASSPHRASE)
            .env("ATTAIN_DEBUG", "")
            .env_remove("ATTAIN_DEBUG")
            .env("TMPDIR", self.tmp())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    /// Temporary files of the process land here, so that tests can look at what it leaves.
    pub fn tmp(&self) -> std::path::PathBuf {
        let tmp = self.dir.path().join("tmp");
        std::fs::create_dir_all(&tmp).unwrap();
        tmp
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs and expects status 0.
    pub fn ok(&self, arguments: &[&str]) -> Value {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {} {}", run.stdout, run.stderr);
        run.json()
    }

    /// Runs and expects status 1 with a document: rows with findings.
    pub fn findings(&self, arguments: &[&str]) -> Value {
        let run = self.run(arguments);
        assert_eq!(run.code, 1, "{arguments:?}: {} {}", run.stdout, run.stderr);
        run.json()
    }

    pub fn store_file(&self) -> std::path::PathBuf {
        std::fs::read_dir(self.root())
            .unwrap()
            .flatten()
            .map(|e| e.path())
            .find(|p| p.extension().is_some_and(|e| e == "db"))
            .unwrap()
    }
}

/// The value at a JSON pointer.
pub fn at(value: &Value, pointer: &str) -> Value {
    value.pointer(pointer).cloned().unwrap_or_else(|| panic!("{pointer} in {value}"))
}

/// The first object anywhere in a document whose `key` is `id`.
pub fn find(value: &Value, key: &str, id: &str) -> Option<Value> {
    match value {
        Value::Object(map) => {
            if map.get(key).and_then(Value::as_str) == Some(id) {
                return Some(value.clone());
            }
            map.values().find_map(|v| find(v, key, id))
        }
        Value::Array(items) => items.iter().find_map(|v| find(v, key, id)),
        _ => None,
    }
}

/// Every file below a folder.
pub fn files(root: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
