//! The yardstick's payslips (W2) in the plan language: exact to the cent, by the peers' own check value.

#![allow(clippy::unwrap_used, clippy::panic)]

#[allow(dead_code)]
#[path = "../../xtask/src/bench/generate.rs"]
mod generate;

use std::process::Command;

use generate::Size;

#[test]
fn twelve_thousand_payslips_are_the_peers_to_the_cent() {
    let place = tempfile::tempdir().unwrap();
    generate::ensure(place.path(), Size::S).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_attainctl"));
    let run = command.args(["bench-run", "W2", "--data"]).arg(place.path()).arg("--home").arg(place.path());
    let done = run.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let line = said.lines().find_map(|line| line.strip_prefix("@@")).unwrap_or_else(|| {
        panic!("{said}{}", String::from_utf8_lossy(&done.stderr));
    });
    let found: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(found["check"], serde_json::json!([12_000, 2_160_361_394_i64]));
    println!("{line}");
}
