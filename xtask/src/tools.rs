//! What must be installed, and how it gets here: each with a line that says what and why.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::cache::Cache;
use crate::{child, npm, python};

const WASM: &str = "wasm32-unknown-unknown";
const FALLBACK_TOOLCHAIN: &str = "loadline-wasm";

/// A program that Cargo builds.
struct CargoTool {
    package: &'static str,
    program: &'static str,
    version: String,
    /// Why we need it, and how long it takes to build.
    why: &'static str,
    flags: &'static [&'static str],
}

/// Whether something optional is there.
#[derive(Debug)]
pub(crate) enum Optional {
    Here,
    /// The reason for what is skipped without it.
    Missing(String),
}

/// What `check` needs.
pub(crate) fn for_check(cache: &mut Cache) -> Result<()> {
    wasm_target(cache)?;
    cargo_tools(cache, &[cargo_deny()])
}

/// What building the console needs.
pub(crate) fn for_console(cache: &mut Cache) -> Result<()> {
    wasm_target(cache)?;
    cargo_tools(cache, &[cargo_leptos(), wasm_bindgen(cache.house())?])?;
    npm::install(cache, "style", "Tailwind's program, the console's typefaces, and wasm-opt")?;
    npm::copy_fonts(cache)
}

fn cargo_deny() -> CargoTool {
    CargoTool {
        package: "cargo-deny",
        program: "cargo-deny",
        version: "0.20.2".to_owned(),
        why: "checks licences and banned crates; builds for about 3 minutes, once",
        flags: &["--locked"],
    }
}

fn cargo_leptos() -> CargoTool {
    CargoTool {
        package: "cargo-leptos",
        program: "cargo-leptos",
        version: "0.3.10".to_owned(),
        why: "builds the console's two halves; builds for about 6 minutes, once",
        flags: &["--locked", "--no-default-features", "--features", "no_downloads"],
    }
}

/// The program must equal the crate it works for. Its own lock file is left alone: it pins
/// versions that were withdrawn since.
fn wasm_bindgen(house: &Path) -> Result<CargoTool> {
    Ok(CargoTool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: locked_version(house, "wasm-bindgen")?,
        why: "joins the console's WebAssembly to the browser; builds for about 2 minutes, once",
        flags: &[],
    })
}

fn cargo_tools(cache: &Cache, tools: &[CargoTool]) -> Result<()> {
    let target = cache.folder().join("tools-target");
    let missing: Vec<_> = tools.iter().filter(|tool| !is_installed(cache, tool)).collect();
    for tool in &missing {
        let CargoTool { package, version, why, .. } = tool;
        println!("installing {package} {version}: {why}");
        let mut command = cache.command("cargo");
        command
            .args(["install", package, "--version", version, "--debug", "--root"])
            .arg(cache.tools())
            .args(tool.flags)
            // Outside the house, so that its compiler flags do not hold for the tools.
            .current_dir(cache.folder())
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "0");
        child::run(&mut command)?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    // Built once, and larger than everything else in the cache.
    std::fs::remove_dir_all(&target)
        .context("the folder that the tools were built in cannot be removed")
}

fn is_installed(cache: &Cache, tool: &CargoTool) -> bool {
    let answer = child::ask(cache.command(tool.program).arg("--version"));
    answer.is_some_and(|answer| answer.split_whitespace().nth(1) == Some(tool.version.as_str()))
}

fn locked_version(house: &Path, package: &str) -> Result<String> {
    let text = std::fs::read_to_string(house.join("Cargo.lock"))
        .context("Cargo.lock cannot be read; `cargo generate-lockfile` makes one")?;
    let lock: toml::Table = text.parse().context("Cargo.lock is not TOML")?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let mut packages = packages.into_iter().flatten();
    let found =
        packages.find(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package));
    found
        .and_then(|entry| entry.get("version")?.as_str())
        .map(str::to_owned)
        .with_context(|| format!("Cargo.lock holds no {package}"))
}

/// rustup's own target where it can be had, else a toolchain made of Debian's packages.
fn wasm_target(cache: &mut Cache) -> Result<()> {
    if has_wasm(cache) {
        return Ok(());
    }
    let toolchains = child::ask(cache.command("rustup").args(["toolchain", "list"]));
    if toolchains.is_some_and(|list| list.contains(FALLBACK_TOOLCHAIN)) {
        cache.use_toolchain(FALLBACK_TOOLCHAIN);
        if has_wasm(cache) {
            return Ok(());
        }
    }
    println!("installing the Rust target {WASM}: the console's islands run in the browser");
    if child::run(cache.command_with_usual_toolchain("rustup").args(["target", "add", WASM]))
        .is_ok()
    {
        return Ok(());
    }
    println!("installing Debian's rustc-web and its {WASM}: rustup cannot fetch the target here");
    let script = cache.house().join("xtask/wasm-toolchain.sh");
    let folder = cache.folder().join("wasm-toolchain");
    let mut command = cache.command_with_usual_toolchain("bash");
    child::run(command.arg(script).arg(FALLBACK_TOOLCHAIN).arg(folder))?;
    cache.use_toolchain(FALLBACK_TOOLCHAIN);
    Ok(())
}

fn has_wasm(cache: &Cache) -> bool {
    child::ask(cache.command("rustc").args(["--print", "sysroot"])).is_some_and(|sysroot| {
        Path::new(sysroot.trim()).join("lib/rustlib").join(WASM).join("lib").is_dir()
    })
}

/// A Chromium for the browser tests: the system's, one from Debian, or Playwright's own.
pub(crate) fn chromium(cache: &Cache) -> Result<Optional> {
    npm::install(cache, "end2end", "Playwright and axe, for the tests in a real browser")?;
    if system_chromium(cache) {
        return Ok(Optional::Here);
    }
    apt_get(cache, "chromium", "the browser that the end-to-end tests drive");
    if system_chromium(cache) {
        return Ok(Optional::Here);
    }
    println!("installing Playwright's Chromium: the browser that the end-to-end tests drive");
    let mut command = cache.command("playwright");
    command.args(["install", "chromium"]).env_remove("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD");
    Ok(match child::run(&mut command) {
        Ok(()) => Optional::Here,
        Err(_) => Optional::Missing(
            "browser tests: no Chromium, and none can be installed here; as root: \
             apt-get install chromium"
                .to_owned(),
        ),
    })
}

/// The same places, in the same order, as `end2end/playwright.config.ts`.
pub(crate) fn system_chromium(cache: &Cache) -> bool {
    let chosen = std::env::var_os("PW_CHROMIUM");
    let known = ["/usr/bin/chromium", "/usr/bin/google-chrome"];
    chosen
        .iter()
        .map(Path::new)
        .chain(known.map(Path::new))
        .any(|path| child::ask(cache.command(&path.to_string_lossy()).arg("--version")).is_some())
}

/// A real registry and a second opinion on images. Tests that need them and do not find them
/// skip themselves and say so.
pub(crate) fn registry_peers(cache: &Cache) {
    for (package, why) in [
        ("docker-registry", "the OCI registry that integration tests push to"),
        ("skopeo", "pushes images in integration tests, independently of our own code"),
    ] {
        if child::ask(cache.command(package).arg("--version")).is_none() {
            apt_get(cache, package, why);
        }
    }
}

/// cosign, which signs images in integration tests: version 2 as `cosign`, version 3 as
/// `cosign3`. Only Go can build them; tests go without where there is no Go, and say so.
pub(crate) fn cosign(cache: &Cache) {
    let missing: Vec<_> = COSIGNS.iter().filter(|it| !it.is_installed(cache)).collect();
    if missing.is_empty() {
        return;
    }
    if child::ask(cache.command("go").arg("version")).is_none() {
        println!("cosign is missing (it signs images in integration tests), and Go to build it");
        return;
    }
    for cosign in missing {
        let Cosign { program, version, .. } = cosign;
        println!(
            "installing {program} {version}: it signs images in integration tests; builds once"
        );
        if let Err(error) = cosign.install(cache) {
            println!("{program} could not be installed: {error:#}");
        }
    }
}

/// One line of cosign.
struct Cosign {
    program: &'static str,
    module: &'static str,
    version: &'static str,
}

const COSIGNS: [Cosign; 2] = [
    // The last line that writes signatures under a tag beside an image by default.
    Cosign { program: "cosign", module: "cosign/v2", version: "v2.6.5" },
    // The line that writes bundles which refer to the image.
    Cosign { program: "cosign3", module: "cosign/v3", version: "v3.1.3" },
];

impl Cosign {
    fn is_installed(&self, cache: &Cache) -> bool {
        let said = child::ask(cache.command(self.program).arg("version"));
        said.is_some_and(|said| said.contains(self.version))
    }

    fn install(&self, cache: &Cache) -> Result<()> {
        let Self { program, module, version } = self;
        // Both are called cosign, so each is built in a folder of its own.
        let built = cache.folder().join(format!("{program}-built"));
        let mut command = cache.command("go");
        let module = format!("github.com/sigstore/{module}/cmd/cosign@{version}");
        command.args(["install", "-ldflags=-s -w", &module]).current_dir(cache.folder());
        // The version, which a plain build leaves out, is read from the module's own record.
        command.env("GOBIN", &built).env("GOFLAGS", "-trimpath");
        child::run(&mut command)?;
        let bin = cache.tools().join("bin");
        std::fs::create_dir_all(&bin)?;
        std::fs::rename(built.join("cosign"), bin.join(program))
            .with_context(|| format!("{program} cannot be moved to {}", bin.display()))
    }
}

/// Other people's programs for a second opinion. Tests that need them and do not find them skip
/// themselves and say so.
pub(crate) fn second_opinions(cache: &Cache) {
    let why = "Sigstore's signer and verifier in JavaScript, which ours are held against";
    if let Err(error) = npm::install(cache, "end2end/sigstore", why) {
        println!("the npm packages of end2end/sigstore/ could not be installed: {error:#}");
    }
    // Debian's Python makes no environments without it.
    if child::ask(cache.command("python3").args(["-c", "import ensurepip"])).is_none() {
        apt_get(cache, "python3-venv", "makes the environments of Python's programs in tests");
    }
    python::install_all(cache);
}

/// Whether it worked shows in whether the program is there afterwards.
fn apt_get(cache: &Cache, package: &str, why: &str) {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root || child::ask(cache.command("apt-get").arg("--version")).is_none() {
        println!("{package} is missing ({why}); as root: apt-get install {package}");
        return;
    }
    println!("installing {package} by apt-get: {why}");
    let apt_get = || {
        let mut command = cache.command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let install = ["install", "--yes", "--quiet", "--no-install-recommends", package];
    let done = child::run(apt_get().args(["update", "--quiet"]))
        .and_then(|()| child::run(apt_get().args(install)));
    if let Err(error) = done {
        println!("{package} could not be installed: {error:#}");
    }
}

/// npm is not ours to install: it comes with the Node that the README asks for.
pub(crate) fn npm_is_there(cache: &Cache) -> Result<()> {
    match child::ask(cache.command("npm").arg("--version")) {
        Some(_) => Ok(()),
        None => bail!("npm is missing: install Node 20 or newer, which brings it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_says_which_wasm_bindgen_fits() {
        let tool = wasm_bindgen(&crate::house::root()).unwrap();
        assert!(tool.version.starts_with("0.2."), "{}", tool.version);
    }

    #[test]
    fn a_package_that_is_not_locked_is_an_error() {
        assert!(locked_version(&crate::house::root(), "no-such-package-here").is_err());
    }
}
