//! `bench-run`: one workload of the yardstick, measured by its own clock, answered as one `@@{…}` line.

use std::path::Path;

use attain_client::problem::{Problem, Result};

use crate::answer::Answer;

pub fn run(_home: &Path, workload: &str, _data: &Path) -> Result<Answer> {
    Err(Problem::usage("unknown_workload").with("text", workload))
}
