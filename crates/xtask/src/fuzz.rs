//! `cargo xtask fuzz [NAME …] [--minutes N]`: builds the fuzz targets and lets each search for so long.
//!
//! A stable compiler does: libFuzzer comes as source with its crate and asks for nothing but coverage counters. What a
//! target has found to be different is kept in `fuzz/corpus`, an input that breaks it in `fuzz/artifacts`; one that did
//! belongs into `fuzz/seeds`, which the ordinary tests run.

use std::path::Path;
use std::process::Command;

use crate::run::{self, Stage};

const TARGETS: [&str; 5] = ["messages", "frames", "rows", "arguments", "answers"];

/// Largest input of a target, in bytes: a few rows, a message of some lists.
const LONGEST: u32 = 8_192;
/// Longest one input may take, in seconds.
const HANGS_AFTER: u32 = 20;

const COUNTERS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

pub fn run(args: &[String]) -> Result<(), String> {
    let (mut names, mut minutes) = (Vec::new(), 10);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--minutes" {
            let given = args.next().and_then(|text| text.parse::<u64>().ok());
            minutes = given.ok_or("--minutes is followed by a number")?;
        } else {
            names.push(
                *TARGETS.iter().find(|name| *name == arg).ok_or(format!("the targets are {}", TARGETS.join(" ")))?,
            );
        }
    }
    if names.is_empty() {
        names.extend(TARGETS);
    }
    let root = run::root();
    let folder = root.join("fuzz");
    let target = run::target(&root).join("fuzz");
    let machine = machine()?;
    let stage = Stage::new("Building the fuzz targets");
    let mut build = run::cargo(&folder);
    build.args(["build", "--bins", "--target", &machine]).env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", COUNTERS);
    run::check(&mut build)?;
    drop(stage);
    for name in names {
        let _stage = Stage::new(&format!("{name}, {minutes} min"));
        let program = target.join(&machine).join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        search(&folder, &program, name, minutes)?;
    }
    Ok(())
}

fn search(folder: &Path, program: &Path, name: &str, minutes: u64) -> Result<(), String> {
    let [corpus, artifacts] = ["corpus", "artifacts"].map(|kind| folder.join(kind).join(name));
    for made in [&corpus, &artifacts] {
        std::fs::create_dir_all(made).map_err(|error| format!("{}: {error}", made.display()))?;
    }
    let mut command = Command::new(program);
    command
        .arg(&corpus)
        .arg(folder.join("seeds").join(name))
        .arg(format!("-max_total_time={}", minutes * 60))
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-timeout={HANGS_AFTER}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-print_final_stats=1", "-rss_limit_mb=4096"]);
    run::check(&mut command)
}

/// Which machine this is, as the compiler names it: with it named, what runs while building is built without counters.
fn machine() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not say what it builds for".to_owned())
}
