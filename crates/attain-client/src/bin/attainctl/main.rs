//! `attainctl`: the command line of a workspace. Everything the window does, headless (see `docs/attainctl.md`).
//!
//! Owns: arguments, JSON and text output, exit status. Absent on purpose: any rule.

mod answer;
mod arguments;
mod commands;
mod measure;

use std::process::ExitCode;

use attain_client::language::Language;
use attain_client::problem::{Kind, Problem};
use clap::Parser;

use arguments::Arguments;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(Kind::Usage as u8) } else { ExitCode::SUCCESS };
        }
    };
    let language = match arguments.lang.as_deref().map(str::parse::<Language>) {
        None => Language::of_system(),
        Some(Ok(language)) => language,
        Some(Err(())) => return fail(&arguments, Language::of_system(), &Problem::usage("unknown_language")),
    };
    match commands::run(&arguments, language) {
        Ok(answer) => {
            let complete = answer.complete;
            if answer.print(arguments.json).is_err() {
                // The reader has gone away: nothing left to say it to.
                return ExitCode::SUCCESS;
            }
            ExitCode::from(if complete { 0 } else { Kind::Refused as u8 })
        }
        Err(problem) => fail(&arguments, language, &problem),
    }
}

fn fail(arguments: &Arguments, language: Language, problem: &Problem) -> ExitCode {
    let message = language.message(&format!("problem.{}", problem.code), &problem.told());
    if arguments.json {
        let params: serde_json::Map<String, serde_json::Value> =
            problem.params.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect();
        let error = serde_json::json!({ "error": { "code": problem.code, "message": message, "params": params } });
        eprintln!("{error}");
    } else {
        eprintln!("attainctl: {message}");
    }
    if let (Some(cause), true) = (&problem.cause, std::env::var_os("ATTAIN_DEBUG").is_some()) {
        eprintln!("attainctl: {cause}");
    }
    ExitCode::from(problem.kind as u8)
}
