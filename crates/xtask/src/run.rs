//! Running other programs, and saying what is being done and how long it took.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Says what begins, and at its end how long it took.
pub struct Stage {
    what: String,
    begun: Instant,
}

impl Stage {
    pub fn new(what: &str) -> Self {
        println!("── {what}");
        Self { what: what.to_owned(), begun: Instant::now() }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        println!("   {} s  {}", self.begun.elapsed().as_secs(), self.what);
    }
}

/// The repository's root.
pub fn root() -> PathBuf {
    let crate_dir =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    crate_dir.ancestors().nth(2).map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Where cargo puts what it builds.
pub fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir))
}

/// The app, as `cargo build` leaves it.
pub fn app(root: &Path) -> PathBuf {
    target(root).join("debug").join(format!("attain{}", std::env::consts::EXE_SUFFIX))
}

/// Cargo itself, the one that runs us.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    // Set by `cargo run` for xtask alone; inherited, they would make build scripts run again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text == "CARGO_MANIFEST_DIR" || text == "CARGO_MANIFEST_PATH" {
            command.env_remove(&name);
        }
    }
    command
}

pub fn npm(ui: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(ui);
    command
}

/// Runs to the end; anything but success is an error that names the program.
pub fn check(command: &mut Command) -> Result<(), String> {
    let said = say(command);
    let status = command.status().map_err(|error| format!("{said}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{said}` failed ({status})")) }
}

/// As [`check`], and hands every line of output to `hear` while showing it.
pub fn hear(command: &mut Command, mut hear: impl FnMut(&str)) -> Result<(), String> {
    let said = say(command);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("{said}: {error}"))?;
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\n', '\r']);
            println!("{text}");
            hear(text);
            line.clear();
        }
    }
    let status = child.wait().map_err(|error| format!("{said}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{said}` failed ({status})")) }
}

fn say(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
    format!("{program} {}", args.join(" "))
}
