//! Our CUE against the real one, which comes from npm.

use anyhow::Result;

use crate::cache::Cache;
use crate::report::Tally;
use crate::test::libtest;
use crate::{child, npm};

/// The npm package with the real CUE in it.
pub(crate) const PACKAGE: &str = "end2end/cue";
const WHY: &str = "the real CUE, which ours is held against";

/// What the tests do: some 20 seconds of it, always the same cases.
const SAMPLE: [&str; 4] = ["--cases", "120", "--seed", "1"];

/// `cargo xtask differ [SECONDS] [SEED]`
pub(crate) fn differ(cache: &Cache, numbers: &[String]) -> Result<()> {
    npm::install(cache, PACKAGE, WHY)?;
    let named = ["--seconds", "--seed"].into_iter().zip(numbers);
    let arguments: Vec<&str> = named.flat_map(|(flag, number)| [flag, number.as_str()]).collect();
    let mut command = cache.command("cargo");
    command.args(["run", "--release", "--package", "testkit", "--bin", "differ", "--"]);
    command.args(ORACLE).args(arguments);
    child::run(&mut command)
}

const ORACLE: [&str; 4] = ["--program", "node", "--argument", "end2end/cue/oracle.cjs"];

/// The sample of the test run; without the package it is skipped, and says why.
pub(crate) fn sample(cache: &Cache) -> Result<Tally> {
    if let Err(error) = npm::install(cache, PACKAGE, WHY) {
        return Ok(Tally::skipped(format!("CUE against the real one: {error:#}")));
    }
    let mut command = cache.command("cargo");
    command.args(["run", "--package", "testkit", "--bin", "differ", "--"]);
    let mut tally = Tally::default();
    let ended = child::watch(command.args(ORACLE).args(SAMPLE), |line| {
        tally.add(libtest::read(line));
    });
    crate::test::judged(tally, ended)
}
