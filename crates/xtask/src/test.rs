//! `cargo xtask test`: everything, in the order in which a fault is cheapest to find. Stops at the first failure.

use crate::run::{self, Stage};
use crate::{setup, start, tidy};
use std::path::Path;
use std::time::Instant;
use xtask::display::Session;

/// Tests that passed and failed so far.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    passed: u32,
    failed: u32,
}

pub fn run() -> Result<(), String> {
    let begun = Instant::now();
    let root = run::root();
    let mut count = Count::default();
    let outcome = stages(&root, &mut count);
    println!("── {} min {} s in all", begun.elapsed().as_secs() / 60, begun.elapsed().as_secs() % 60);
    match outcome {
        Ok(()) => {
            println!("{} passed, {} failed", count.passed, count.failed);
            Ok(())
        }
        Err(error) => {
            println!("{} passed, {} failed", count.passed, count.failed.max(1));
            Err(error)
        }
    }
}

fn stages(root: &Path, count: &mut Count) -> Result<(), String> {
    setup::system(setup::Need::Headless)?;
    setup::ui(root)?;

    let stage = Stage::new("Format");
    run::check(run::cargo(root).args(["fmt", "--all", "--check"]))?;
    drop(stage);

    let stage = Stage::new("Structure (tidy)");
    tidy::run(root)?;
    drop(stage);

    let ui = root.join("ui");
    let stage = Stage::new("UI: types");
    run::check(run::npm(&ui).args(["run", "check"]))?;
    drop(stage);
    let stage = Stage::new("UI: lint");
    run::check(run::npm(&ui).args(["run", "lint"]))?;
    drop(stage);
    let stage = Stage::new("UI: tests");
    let outcome = run::hear(run::npm(&ui).args(["run", "test"]).env("NO_COLOR", "1"), |line| count.vitest(line));
    outcome?;
    drop(stage);

    let stage = Stage::new("Lints (clippy)");
    let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    run::check(run::cargo(root).args(clippy))?;
    drop(stage);

    let stage = Stage::new("Building the app and the tests");
    run::check(run::cargo(root).args(["build", "--workspace", "--all-targets"]))?;
    drop(stage);

    let session = Session::start(true)?;
    let stage = Stage::new("Rust: units, properties, processes, doc examples");
    let mut command = run::cargo(root);
    let ctl = run::app(root).with_file_name(format!("attainctl{}", std::env::consts::EXE_SUFFIX));
    command.args(["test", "--workspace", "--no-fail-fast"]).envs(session.env().iter().cloned()).env("ATTAIN_CTL", ctl);
    run::hear(&mut command, |line| count.libtest(line))?;
    drop(stage);

    window(root, &session, &[], count)
}

/// `cargo xtask journeys [NAME …]`: the real window alone.
pub fn journeys(names: &[String]) -> Result<(), String> {
    let root = run::root();
    setup::system(setup::Need::Headless)?;
    setup::ui(&root)?;
    start::build(&root)?;
    let mut count = Count::default();
    window(&root, &Session::start(true)?, names, &mut count)?;
    println!("{} passed, {} failed", count.passed, count.failed);
    Ok(())
}

/// Drives the app; pictures of the steps go to `target/journeys`.
fn window(root: &Path, session: &Session, names: &[String], count: &mut Count) -> Result<(), String> {
    let _stage = Stage::new("The real window (journeys)");
    let mut command = run::cargo(root);
    command
        .args(["test", "--workspace", "--test", "journeys", "--", "--test-threads=1"])
        .args(names)
        .envs(session.env().iter().cloned())
        .env("ATTAIN_APP", run::app(root))
        .env("ATTAIN_JOURNEYS", run::target(root).join("journeys"));
    let before = *count;
    let outcome = run::hear(&mut command, |line| count.libtest(line));
    outcome?;
    if *count == before {
        return Err("no journey ran".into());
    }
    Ok(())
}

impl Count {
    /// `test result: ok. 12 passed; 0 failed; …`
    fn libtest(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result:") else { return };
        self.passed += before(rest, " passed");
        self.failed += before(rest, " failed");
    }

    /// `      Tests  1 failed | 41 passed (42)`
    fn vitest(&mut self, line: &str) {
        let Some(rest) = line.trim_start().strip_prefix("Tests ") else { return };
        self.passed += before(rest, " passed");
        self.failed += before(rest, " failed");
    }
}

/// The number that stands before `word`, 0 when there is none.
fn before(line: &str, word: &str) -> u32 {
    let head = line.split_once(word).map_or("", |(head, _)| head);
    head.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_read_from_both_runners() {
        let mut count = Count::default();
        count.libtest("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.10s");
        count.libtest("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        count.vitest("      Tests  1 failed | 41 passed (42)");
        count.vitest(" Test Files  7 passed (7)");
        count.vitest("      Tests  5 passed (5)");
        assert_eq!(count, Count { passed: 61, failed: 3 });
    }
}
