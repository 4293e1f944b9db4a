//! The desktop shell: one window on one workspace. Thin on purpose: no rules, no SQL, no figures are computed here.

mod commands;
mod desk;
mod preferences;
mod shell;
mod sync;
pub mod views;

use std::process::ExitCode;

/// Runs the app until its last window is closed.
pub fn run() -> ExitCode {
    let options = match shell::Options::from_args(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    match shell::start(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("attain: {error}");
            ExitCode::FAILURE
        }
    }
}
