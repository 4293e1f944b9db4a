//! The field: scripts in Python, each with variants that run as a child process of their own and print the same
//! `@@{…}` line as ours. Owns where they are, what they need beforehand and how they are called.
//!
//! Deliberately absent: the scripts. They are kept apart from the product, with the packages they use.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};

use super::child::{self, Run};
use super::workload::Workload;

/// Anki's own sync server and client; its script says its figures in words.
pub const ANKI: &str = "anki";

/// The peers' scripts and the Python they run under.
pub struct Peers {
    scripts: PathBuf,
    home: PathBuf,
    data: PathBuf,
    work: PathBuf,
}

impl Peers {
    /// `dir` holds the scripts; `PERF_HOME` (default: `dir`) the virtual environment `venv` they run under, and for W7
    /// `anki-venv`. They read the generated files and keep their stores beside them.
    pub fn find(dir: &Path, data: &Path) -> Result<Self, String> {
        let absolute = |path: &Path| path.canonicalize().map_err(|error| format!("{}: {error}", path.display()));
        let scripts = absolute(dir)?;
        let home =
            std::env::var_os("PERF_HOME").map_or_else(|| Ok(scripts.clone()), |home| absolute(Path::new(&home)))?;
        let data = absolute(data)?;
        let peers = Peers { work: data.join("peers"), scripts, home, data };
        let python = peers.python("venv");
        if !python.exists() {
            let packages = "duckdb polars pandas pyarrow numpy sqlcipher3-binary tantivy";
            return Err(format!(
                "the peers run under {}, which is not there: set PERF_HOME, or python3 -m venv {home}/venv && \
                 {home}/venv/bin/pip install {packages}",
                python.display(),
                home = peers.home.display(),
            ));
        }
        std::fs::create_dir_all(&peers.work).map_err(|error| format!("{}: {error}", peers.work.display()))?;
        Ok(peers)
    }

    /// Makes the stores that this workload's peers open and W1 has not left yet.
    pub fn prepare(&self, workload: &Workload) -> Result<(), String> {
        for (variant, file) in workload.peers_open {
            if !self.work.join(file).exists() {
                eprintln!("   {variant} first: what the others open");
                child::fresh(&mut self.child("w1_import.py", variant))
                    .map_err(|error| format!("{variant}: {error}"))?;
            }
        }
        Ok(())
    }

    /// One run of a peer in a fresh process.
    pub fn run(&self, workload: &Workload, variant: &str) -> Result<Run, String> {
        let script = workload.script.ok_or("it has no script")?;
        if variant == ANKI {
            let mut command = self.command("anki-venv", script);
            let (lines, _) = child::lines(&mut command)?;
            return anki(&lines).ok_or_else(|| format!("not understood: {}", lines.join(" / ")));
        }
        child::fresh(&mut self.child(script, variant))
    }

    fn child(&self, script: &str, variant: &str) -> Command {
        let mut command = self.command("venv", script);
        command.args(["--child", variant]);
        command
    }

    fn command(&self, venv: &str, script: &str) -> Command {
        let mut command = Command::new(self.python(venv));
        command
            .arg(self.scripts.join(script))
            .env("PERF_HOME", &self.work)
            .env("PERF_DATA", &self.data)
            .env("PERF_WORK", &self.work)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    fn python(&self, venv: &str) -> PathBuf {
        self.home.join(venv).join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
    }
}

/// From lines like `bootstrap 100000 ('full download', 0.58) 23 MB` and `push 10k ('incremental', 0.67)  pull 10k (…`: the
/// new laptop, and the median push.
fn anki(lines: &[String]) -> Option<Run> {
    let seconds = |line: &str| -> Option<f64> { line.split_once(", ")?.1.split_once(')')?.0.trim().parse().ok() };
    let of = |word: &str| {
        lines.iter().filter(|line| line.starts_with(word)).filter_map(|line| seconds(line)).collect::<Vec<_>>()
    };
    let mut pushes = of("push");
    pushes.sort_by(f64::total_cmp);
    let mut said = Map::new();
    said.insert("t".into(), Value::from(*pushes.get(pushes.len() / 2)?));
    said.insert("bootstrap_t".into(), Value::from(*of("bootstrap").first()?));
    Some(Run(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_anki_are_understood() {
        let lines = [
            "first upload 100000 ('full upload', 0.9)",
            "bootstrap 100000 ('full download', 0.583) 23 MB",
            "push 10k ('incremental', 0.71)  pull 10k ('incremental', 0.5) 110000",
            "push 10k ('incremental', 0.67)  pull 10k ('incremental', 0.5) 120000",
            "push 10k ('incremental', 0.66)  pull 10k ('incremental', 0.5) 130000",
        ]
        .map(str::to_owned);
        let run = anki(&lines).unwrap();
        assert_eq!((run.figure("t"), run.figure("bootstrap_t")), (Some(0.67), Some(0.583)));
        assert!(anki(&[]).is_none());
    }
}
