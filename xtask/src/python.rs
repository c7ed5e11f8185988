//! PyPI's packages: each list of the house in a virtual environment of its own in the cache folder.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::cache::Cache;
use crate::child;

/// Written last, with the list that was installed, so that half an installation is none.
const STAMP: &str = "installed-requirements.txt";
const REQUIREMENTS: &str = "requirements.txt";

/// A program, by the variable that tells tests where it is: its environment holds a
/// Python, too, and that shall not stand on the path.
struct Program {
    variable: &'static str,
    package: &'static str,
    program: &'static str,
    why: &'static str,
}

const PROGRAMS: [Program; 2] = [
    Program {
        variable: "LOADLINE_SIGSTORE_PYTHON",
        package: "end2end/sigstore",
        program: "python",
        why: "Sigstore's verifier in Python, which ours is held against",
    },
    Program {
        variable: "LOADLINE_PEER_SYFT",
        package: "end2end/syft",
        program: "syft",
        why: "syft, which lists the packages of images in tests",
    },
];

/// Installs what tests use; what cannot be had is missed by the tests that want it.
pub(crate) fn install_all(cache: &Cache) {
    for Program { package, why, .. } in &PROGRAMS {
        if let Err(error) = install(cache, package, why) {
            println!("the Python packages of {package}/ could not be installed: {error:#}");
        }
    }
}

/// Where the programs are, by the variables that tests ask for.
pub(crate) fn variables(cache: &Cache) -> impl Iterator<Item = (&'static str, PathBuf)> {
    let installed =
        PROGRAMS.iter().map(|it| (it.variable, programs(cache, it.package).join(it.program)));
    installed.filter(|(_, path)| path.is_file())
}

/// Where the programs of a folder's environment are, once it is installed.
fn programs(cache: &Cache, package: &str) -> PathBuf {
    cache.python(package).join("bin")
}

/// Installs the `requirements.txt` of a folder of the house, unless it is there already.
fn install(cache: &Cache, package: &str, why: &str) -> Result<()> {
    let source = cache.house().join(package).join(REQUIREMENTS);
    let folder = cache.python(package);
    let wanted =
        fs::read(&source).with_context(|| format!("{package}/{REQUIREMENTS} cannot be read"))?;
    if fs::read(folder.join(STAMP)).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("installing the Python packages of {package}/: {why}");
    // An environment of an older list, or half of one, may hold what this one does not want.
    child::run(cache.command("python3").args(["-m", "venv", "--clear"]).arg(&folder))
        .context("no virtual environment: Python 3.11 with venv is needed (python3-venv)")?;
    let mut command = cache.command(&programs(cache, package).join("pip").to_string_lossy());
    command.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    // Wheels only: nothing is built here, and no program of a package runs to install it.
    command.args(["--only-binary", ":all:", "--requirement"]);
    child::run(command.arg(&source))?;
    fs::write(folder.join(STAMP), wanted).context("Python's packages cannot be marked as installed")
}
