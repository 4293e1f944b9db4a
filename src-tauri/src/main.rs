//! The desktop window's process. Everything is in the library, so that tests can start the same app.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    attain_app::run()
}
