//! All automation of the repository: `cargo xtask TASK`.

mod bench;
mod fuzz;
mod run;
mod sample;
mod screens;
mod setup;
mod start;
mod test;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "cargo xtask TASK
  start [--sample]   install what is missing, build, open the window (without a display: pictures of every screen)
  test               install what the tests need and run everything
  bench [W1 …]       the workloads, measured: --size S|M, --peers DIR, --json
  fuzz [NAME …]      lets the fuzzers search what strangers send: --minutes N for each (10)
  sample             write the sample company's files again, into assets/sample
  journeys [NAME …]  the tests of the real window alone; pictures go to target/journeys
  ui                 build the UI
  tidy               the structural rules of docs/ARCHITECTURE.md
  screens            a picture of every screen, zh-CN and en, light and dark, into target/screens
  bindings           write ui/src/bindings from src-tauri/src/views";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = match args.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", &[][..]),
    };
    let root = run::root();
    let outcome = match task {
        "start" => start::run(rest),
        "test" => test::run(),
        "bench" => bench::run(rest),
        "fuzz" => fuzz::run(rest),
        "sample" => sample::run(&root.join("assets/sample")),
        "ui" => setup::ui(&root),
        "journeys" => test::journeys(rest),
        "tidy" => tidy::run(&root),
        "screens" => setup::system(setup::Need::Headless)
            .and_then(|()| setup::ui(&root))
            .and_then(|()| start::build(&root))
            .and_then(|()| screens::run(&root)),
        "bindings" => {
            let mut cargo = run::cargo(&root);
            run::check(cargo.args(["test", "--package", "attain", "--lib", "bindings"]).env("ATTAIN_BINDINGS", "write"))
        }
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        odd => {
            eprintln!("there is no task {odd:?}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {task}: {error}");
            ExitCode::FAILURE
        }
    }
}
