//! schemathesis, which holds the REST API against its own OpenAPI document in integration tests.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use crate::cache::Cache;
use crate::child;

/// Tells the test where the program is.
pub(super) const VARIABLE: &str = "LOADLINE_SCHEMATHESIS";

const REQUIREMENTS: &str = "end2end/api/requirements.txt";
/// Written last, so that half an installation is none.
const STAMP: &str = "installed-requirements.txt";

/// Where the program is, installed first where it is missing; the test skips itself without it.
pub(super) fn program(cache: &Cache) -> Option<PathBuf> {
    let installed = install(cache);
    if let Err(error) = &installed {
        println!("schemathesis could not be installed: {error:#}");
    }
    installed.ok()
}

fn install(cache: &Cache) -> Result<PathBuf> {
    let folder = cache.folder().join("python-end2end-api");
    let program = folder.join("bin/schemathesis");
    let source = cache.house().join(REQUIREMENTS);
    let wanted = fs::read(&source).with_context(|| format!("{REQUIREMENTS} cannot be read"))?;
    if fs::read(folder.join(STAMP)).is_ok_and(|installed| installed == wanted) {
        return Ok(program);
    }
    println!("installing schemathesis: it holds the REST API against its own document");
    child::run(cache.command("python3").args(["-m", "venv", "--clear"]).arg(&folder))
        .context("no virtual environment: Python 3.11 with venv is needed (python3-venv)")?;
    ensure!(folder.join("pyvenv.cfg").is_file(), "{} is no environment", folder.display());
    let mut command = cache.command(&folder.join("bin/pip").to_string_lossy());
    // A damaged environment must not let pip change the machine's own packages.
    command.env("PIP_REQUIRE_VIRTUALENV", "1");
    command.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    // Wheels only: nothing is built here, and no program of a package runs to install it.
    command.args(["--only-binary", ":all:", "--requirement"]);
    child::run(command.arg(&source))?;
    fs::write(folder.join(STAMP), wanted).context("schemathesis cannot be marked as installed")?;
    Ok(program)
}
