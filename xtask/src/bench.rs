//! What takes long, and is no part of the tests: measuring, killing, fuzzing.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::cache::Cache;
use crate::server::Server;
use crate::{child, npm, run, tools};

/// The npm package with Lighthouse in it.
const LIGHTHOUSE: &str = "end2end/lighthouse";

/// What the compiler uses by itself. With `--all-features`, `wasm-opt` writes modules that browsers
/// do not take yet. Beyond `-O1` it takes minutes, and what is sent has not become smaller by it.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Prints the compressed size of a file, by Node's own brotli.
const SIZE: &str = "const z=require('zlib'),f=require('fs');\
    console.log(z.brotliCompressSync(f.readFileSync(process.argv[1])).length)";

/// Measures in release mode, and prints the rows of `docs/benchmarks.md`; with
/// `LOADLINE_BENCH_ONLY=module` those about the editor's module alone.
pub(crate) fn bench(cache: &mut Cache) -> Result<()> {
    tools::for_console(cache)?;
    if std::env::var_os("LOADLINE_BENCH_ONLY").is_some_and(|only| only == "module") {
        return editor_module(cache);
    }
    child::run(cache.command("cargo").args(["leptos", "build", "--release"]))?;
    let packages = ["--package", "loadline", "--package", "testkit"];
    child::run(cache.command("cargo").args(["build", "--release"]).args(packages))?;
    let mut command = cache.command(&cache.built_in_release("bench").to_string_lossy());
    command
        .env("LOADLINE_SERVER_BIN", cache.built_in_release("loadline-server"))
        .env("LOADLINE_CLI_BIN", cache.built_in_release("loadline"))
        .env("LOADLINE_SITE", cache.house().join("target/site"));
    child::run(&mut command)?;
    let site = cache.house().join("target/site");
    for (figure, aim, file) in [
        ("the console's WebAssembly, release, brotli", "≤ 200 KB", "pkg/loadline.wasm"),
        ("script of pages without an island, brotli", "≤ 60 KB", "loadline.js"),
        ("stylesheet, brotli", "–", "pkg/loadline.css"),
    ] {
        println!("| {figure} | {aim} | {} |", size(cache, &site.join(file))?);
    }
    editor_module(cache)?;
    lighthouse(cache)
}

/// The policy language in one module, as the editor loads it: its size, and how fast it is.
fn editor_module(cache: &Cache) -> Result<()> {
    let target = "wasm32-unknown-unknown";
    let mut build = cache.command("cargo");
    build.args(["build", "--package", "browser", "--lib", "--profile", "wasm-release"]);
    child::run(build.args(["--target", target]))?;
    let built = cache.target().join(target).join("wasm-release/browser.wasm");
    let folder = cache.folder().join(format!("editor-module-{}", std::process::id()));
    let done = measured(cache, &built, &folder);
    // Where it cannot be removed it was never made.
    drop(std::fs::remove_dir_all(&folder));
    done
}

fn measured(cache: &Cache, built: &Path, folder: &Path) -> Result<()> {
    let mut bind = cache.command("wasm-bindgen");
    bind.args(["--target", "nodejs", "--out-dir"]).arg(folder).arg(built);
    child::run(&mut bind)?;
    let module = folder.join("browser_bg.wasm");
    let mut optimize = cache.command("wasm-opt");
    optimize.arg("-O1").args(FEATURES).arg("-o").arg(&module).arg(&module);
    child::run(&mut optimize)?;
    println!(
        "| the policy language's WebAssembly, release, brotli | ≤ 850 KB | {} |",
        size(cache, &module)?
    );
    let mut node = cache.command("node");
    let script = cache.house().join("end2end/wasm/check.cjs");
    let milliseconds = child::read(node.arg(script).arg(folder.join("browser.js")))?;
    println!(
        "| a policy of 200 lines checked in that module | ≤ 10 ms | {} ms |",
        milliseconds.trim()
    );
    Ok(())
}

/// Scores the pages of the release build over the demo fleet.
fn lighthouse(cache: &Cache) -> Result<()> {
    npm::install(cache, LIGHTHOUSE, "Lighthouse, which scores the console's pages")?;
    if !tools::system_chromium(cache) {
        println!("no Chromium here, so no Lighthouse; as root: apt-get install chromium");
        return Ok(());
    }
    let folder = cache.folder().join(format!("lighthouse-{}", std::process::id()));
    let images = folder.join("images");
    std::fs::create_dir_all(&images).context("the demo's folder cannot be made")?;
    let done = scored(cache, &folder, &images);
    std::fs::remove_dir_all(&folder).context("the demo's folder cannot be removed")?;
    done
}

fn scored(cache: &Cache, folder: &Path, images: &Path) -> Result<()> {
    let program = |name: &str| cache.command(&cache.built_in_release(name).to_string_lossy());
    let mut server = program("loadline-server");
    server.args(["--listen", "127.0.0.1:0", "--demo", "--site", "target/site", "--data"]);
    server.arg(folder).arg("--layout").arg(format!("{}={}", run::PREFIX, images.display()));
    let server = Server::start(&mut server)?;
    let mut demo = program("loadline");
    demo.args(["demo", "--server", server.address(), "--sign-in", server.sign_in(), "--folder"]);
    // Its token is kept where it ends with the folder.
    child::read(demo.arg(images).env("HOME", folder).env("XDG_CONFIG_HOME", folder))?;
    let mut link = program("loadline-server");
    link.args(["owner-link", "--listen", server.listen(), "--data"]).arg(folder);
    let said = child::read(&mut link)?;
    let link = said.lines().find_map(|line| line.strip_prefix("sign in: "));
    let link = link.context("the server printed no sign-in link")?;
    let script = cache.house().join(LIGHTHOUSE).join("run.mjs");
    child::run(cache.command("node").arg(script).args([server.address(), link]))
}

fn size(cache: &Cache, file: &Path) -> Result<String> {
    let mut node = cache.command("node");
    let bytes = child::read(node.args(["-e", SIZE]).arg(file))?;
    let bytes: f64 = bytes.trim().parse().context("Node printed no size")?;
    Ok(format!("{:.1} KB", bytes / 1000.0))
}

/// The kill test of the server, many times over.
pub(crate) fn soak(cache: &Cache, kills: u32) -> Result<()> {
    let mut command = cache.command("cargo");
    command.args(["test", "--package", "server", "--test", "it", "--", "kill::", "--nocapture"]);
    child::run(command.env("LOADLINE_KILLS", kills.to_string()))
}

/// Every reader of foreign bytes.
pub(crate) fn fuzz(cache: &Cache, arguments: &[String]) -> Result<()> {
    let mut command = cache.command("cargo");
    command.args(["run", "--release", "--package", "testkit", "--bin", "fuzz", "--"]);
    child::run(command.args(arguments))
}
