//! `cargo xtask test`: check, then everything that runs the product, then one closing line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::cache::Cache;
use crate::report::{Report, Tally};
use crate::tools::Optional;
use crate::{check, child, differ, npm, python, run, tools};

mod browser;
pub(crate) mod libtest;
mod schemathesis;

const WASM: &str = "wasm32-unknown-unknown";

/// Runs everything.
pub(crate) fn test(cache: &mut Cache) -> Result<ExitCode> {
    let mut report = Report::default();
    check::stages(cache, &mut report)?;
    tools::registry_peers(cache);
    tools::cosign(cache);
    tools::second_opinions(cache);
    report.stage("unit and integration tests", || cargo_test(cache));
    report.stage("CUE against the real one", || differ::sample(cache));
    if cache.house().join("end2end/tests").is_dir() {
        end_to_end(cache, &mut report)?;
    }
    Ok(report.close())
}

fn cargo_test(cache: &Cache) -> Result<Tally> {
    let skips = Skips::new(cache);
    // Tests of signing in skip themselves without it, and say so.
    if let Err(error) = npm::install(cache, "end2end/provider", "a real OIDC provider") {
        println!("the OIDC provider is missing: {error:#}");
    }
    let mut command = cache.command("cargo");
    command.args(["test", "--workspace", "--no-fail-fast"]);
    programs(cache, &mut command).env("LOADLINE_SKIPS", &skips.file);
    if let Some(program) = schemathesis::program(cache) {
        command.env(schemathesis::VARIABLE, program);
    }
    let mut tally = Tally::default();
    let ended = child::watch(&mut command, |line| tally.add(libtest::read(line)));
    let skipped = skips.read();
    // Who skips itself is counted among those that passed by the test program.
    tally.passed = tally.passed.saturating_sub(skipped.len() as u64);
    tally.skipped.extend(skipped);
    judged(tally, ended)
}

fn end_to_end(cache: &mut Cache, report: &mut Report) -> Result<()> {
    tools::for_console(cache)?;
    let chromium = tools::chromium(cache)?;
    let mut built = false;
    report.stage("build of the console", || {
        run::build(cache)?;
        built = true;
        Ok(Tally::passed())
    });
    report.stage("catalog in WebAssembly", || catalog_in_wasm(cache));
    if built {
        report.stage("browser tests", || match chromium {
            Optional::Here => playwright(cache),
            Optional::Missing(reason) => Ok(Tally::skipped(reason)),
        });
    }
    Ok(())
}

/// Every policy of the catalog, by its own cases, in the module that the editor loads.
fn catalog_in_wasm(cache: &Cache) -> Result<Tally> {
    let mut build = cache.command("cargo");
    child::run(build.args(["build", "--package", "browser", "--lib", "--target", WASM]))?;
    let built = cache.folder().join("target").join(WASM).join("debug/browser.wasm");
    let module = Scratch::new(cache, "browser-module");
    let mut bind = cache.command("wasm-bindgen");
    child::run(bind.args(["--target", "nodejs", "--out-dir"]).arg(&module.0).arg(built))?;
    let mut node = cache.command("node");
    node.arg("end2end/wasm/catalog.cjs").arg(module.0.join("browser.js")).arg("catalog");
    let mut tally = Tally::default();
    let ended = child::watch(&mut node, |line| tally.add(libtest::read(line)));
    judged(tally, ended)
}

fn playwright(cache: &Cache) -> Result<Tally> {
    let results = Scratch::new(cache, "browser-results");
    let mut command = cache.command("playwright");
    command.args(["test", "--config", "end2end/playwright.config.ts", "--reporter", "list,json"]);
    programs(cache, &mut command).env("PLAYWRIGHT_JSON_OUTPUT_FILE", &results.0);
    let ended = child::run(&mut command);
    let text = match (fs::read_to_string(&results.0), &ended) {
        (Ok(text), _) => text,
        // Playwright ended before it could write anything; its own words are on the screen.
        (Err(_), Err(_)) => return judged(Tally::default(), ended),
        (Err(error), Ok(())) => return Err(error).context("Playwright wrote no results"),
    };
    judged(browser::read(&text)?, ended)
}

/// A stage may break without a test that failed, such as when something does not compile.
pub(crate) fn judged(mut tally: Tally, ended: Result<()>) -> Result<Tally> {
    match ended {
        Err(error) if tally.failed == 0 => {
            println!("{error:#}");
            tally.failed = 1;
            Ok(tally)
        }
        Err(_) | Ok(()) => Ok(tally),
    }
}

/// Where tests find the real programs and the console's assets.
fn programs<'command>(cache: &Cache, command: &'command mut Command) -> &'command mut Command {
    command
        .env("LOADLINE_SERVER_BIN", cache.built("loadline-server"))
        .env("LOADLINE_CLI_BIN", cache.built("loadline"))
        .env("LOADLINE_SITE", cache.house().join("target/site"))
        .envs(python::variables(cache))
}

/// The file to which a test that skips itself appends `skipped: REASON`.
struct Skips {
    file: PathBuf,
    _scratch: Scratch,
}

impl Skips {
    fn new(cache: &Cache) -> Self {
        let scratch = Scratch::new(cache, "skips");
        Self { file: scratch.0.clone(), _scratch: scratch }
    }

    fn read(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.file).unwrap_or_default();
        reasons(&text).map(str::to_owned).collect()
    }
}

fn reasons(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(|line| line.strip_prefix("skipped:").unwrap_or(line).trim());
    lines.filter(|line| !line.is_empty())
}

/// A file of this run alone, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(cache: &Cache, name: &str) -> Self {
        let file = cache.folder().join(format!("{name}-{}", std::process::id()));
        remove(&file);
        Self(file)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Most often there is nothing to remove, which is as good.
fn remove(file: &Path) {
    drop(fs::remove_file(file));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_read_with_and_without_their_mark() {
        let text = "skipped: no cosign\n\nno registry\n";
        assert_eq!(reasons(text).collect::<Vec<_>>(), ["no cosign", "no registry"]);
    }

    #[test]
    fn a_broken_build_is_one_failure() {
        let tally = judged(Tally::default(), Err(anyhow::anyhow!("it does not compile"))).unwrap();
        assert_eq!(tally.failed, 1);
    }

    #[test]
    fn failed_tests_are_counted_once() {
        let failed = Tally { passed: 3, failed: 2, skipped: Vec::new() };
        let tally = judged(failed.clone(), Err(anyhow::anyhow!("ended with 101"))).unwrap();
        assert_eq!(tally, failed);
    }
}
