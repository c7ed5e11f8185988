//! `cargo xtask check`: everything that can be known without running the product.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::cache::Cache;
use crate::report::{Report, Tally};
use crate::{child, house, tools};

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];

/// What the browser's half of the console is compiled with.
const BROWSER: [&str; 6] =
    ["--package", "app", "--lib", "--no-default-features", "--features", "hydrate"];

/// Checks, and prints the closing line.
pub(crate) fn check(cache: &mut Cache) -> Result<ExitCode> {
    let mut report = Report::default();
    stages(cache, &mut report)?;
    Ok(report.close())
}

/// The stages, for whoever runs them before something else.
pub(crate) fn stages(cache: &mut Cache, report: &mut Report) -> Result<()> {
    tools::for_check(cache)?;
    report.stage("house rules", || house_rules(cache));
    report.stage("format", || {
        let mut fmt = cache.command_with_usual_toolchain("cargo");
        passes(fmt.args(["fmt", "--all", "--check"]))
    });
    report.stage("licences, bans and sources", || {
        // The whole lock file is judged, also what is for other systems and was never built.
        child::run(cache.command("cargo").args(["fetch", "--locked"]))?;
        let checks = ["deny", "--offline", "check", "bans", "licenses", "sources"];
        passes(cache.command("cargo").args(checks))
    });
    report.stage("clippy", || {
        let mut clippy = cache.command_with_usual_toolchain("cargo");
        clippy.args(["clippy", "--workspace", "--all-targets"]);
        passes(clippy.args(["--", "-D", "warnings"]))
    });
    report.stage("clippy, the browser's half of the console", || clippy_browser(cache));
    report.stage("fuzz targets for libFuzzer", || fuzz_targets(cache));
    report.stage("ring 0 for WebAssembly", || {
        let mut ring = cache.command("cargo");
        ring.arg("check").args(WASM);
        for name in house::imports::ring_0() {
            ring.args(["--package", name]);
        }
        passes(&mut ring)
    });
    Ok(())
}

fn passes(command: &mut std::process::Command) -> Result<Tally> {
    child::run(command)?;
    Ok(Tally::passed())
}

fn house_rules(cache: &Cache) -> Result<Tally> {
    let breaches = house::inspect(cache.house())?;
    for breach in &breaches {
        println!("{breach}");
    }
    match breaches.len() {
        0 => Ok(Tally::passed()),
        1 => bail!("a rule of the house is broken"),
        number => bail!("rules of the house are broken in {number} places"),
    }
}

/// The fuzz package compiles. libFuzzer itself, which is C++, is not built, and under the house's
/// lock file what the house has compiled is used again.
fn fuzz_targets(cache: &Cache) -> Result<Tally> {
    fs::copy(cache.house().join("Cargo.lock"), cache.house().join("fuzz/Cargo.lock"))
        .context("fuzz/Cargo.lock cannot be written")?;
    let cargo = |words: &[&str]| {
        let mut cargo = cache.command("cargo");
        cargo.args(words).args(["--manifest-path", "fuzz/Cargo.toml"]);
        cargo
    };
    if child::ask(&mut cargo(&["fetch", "--offline"])).is_none() {
        println!("libFuzzer's crates are fetched: its targets are compiled; once");
        child::run(&mut cargo(&["fetch"]))?;
    }
    passes(&mut cargo(&["check", "--offline", "--no-default-features"]))
}

/// Debian's toolchain for WebAssembly comes without clippy; there the compiler alone looks.
fn clippy_browser(cache: &Cache) -> Result<Tally> {
    let mut command = cache.command("cargo");
    if cache.has_usual_toolchain() {
        passes(command.arg("clippy").args(BROWSER).args(WASM).args(["--", "-D", "warnings"]))
    } else {
        child::run(command.arg("check").args(BROWSER).args(WASM))?;
        Ok(Tally::skipped("clippy for WebAssembly: this toolchain has none; compiled only"))
    }
}
