//! `cargo xtask bench`: measures, in release mode.

use anyhow::{Result, ensure};

use crate::cache::Cache;
use crate::child;

const PROGRAM: &str = "crates/testkit/src/bin/bench.rs";

/// Runs the measuring program of the test kit with the arguments it was given.
pub(crate) fn bench(cache: &Cache, arguments: &[String]) -> Result<()> {
    ensure!(cache.house().join(PROGRAM).exists(), "{PROGRAM}, which would measure, is not there");
    let mut command = cache.command("cargo");
    command.args(["run", "--release", "--package", "testkit", "--bin", "bench", "--"]);
    child::run(command.args(arguments))
}
