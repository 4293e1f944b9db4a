//! `cargo xtask start`: from a clone to a window.

use crate::run::{self, Stage};
use crate::{screens, setup};
use std::path::Path;
use std::process::Command;
use xtask::display;

pub fn run(args: &[String]) -> Result<(), String> {
    if let Some(odd) = args.iter().find(|arg| *arg != "--sample") {
        return Err(format!("start does not know {odd:?}; it takes --sample"));
    }
    let root = run::root();
    let desktop = display::present();
    setup::system(if desktop { setup::Need::Build } else { setup::Need::Headless })?;
    setup::ui(&root)?;
    build(&root)?;
    if desktop {
        return run::check(Command::new(run::app(&root)).args(args));
    }
    println!("No display here (DISPLAY and WAYLAND_DISPLAY are not set): the app runs on a virtual one, with a");
    println!("throw-away home and keychain, on the sample company, and every screen is written as a picture.");
    screens::run(&root)
}

/// The app and the command line program. The whole workspace is built at once, so that tests later find everything
/// compiled with the same features.
pub fn build(root: &Path) -> Result<(), String> {
    let _stage = Stage::new("Building the app");
    run::check(run::cargo(root).args(["build", "--workspace", "--bins"]))
}
