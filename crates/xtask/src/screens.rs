//! `cargo xtask screens`: the sample company in the real window, a picture of every screen.

use crate::run::{self, Stage};
use std::path::Path;

pub fn run(root: &Path) -> Result<(), String> {
    let out = run::target(root).join("screens");
    let _stage = Stage::new("Pictures of every screen");
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    Ok(())
}
