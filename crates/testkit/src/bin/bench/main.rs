//! The figures of `docs/benchmarks.md`: `cargo xtask bench` builds everything in release and
//! runs this beside the server's own binary.
#![expect(clippy::print_stdout, reason = "a bench's whole purpose is to print its figures")]

mod demo;
mod documents;
mod evidence;
mod judging;
mod language;
mod lookups;
mod packages;
mod pages;
mod permissions;
mod process;
mod sign_in;

use std::path::PathBuf;

use anyhow::{Context as _, Result};

fn main() -> Result<()> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.install_default().ok().context("a cryptography provider was there before")?;
    let server = std::env::var_os("LOADLINE_SERVER_BIN").map(PathBuf::from);
    let server = server.context("LOADLINE_SERVER_BIN names the server's release binary")?;
    println!("| figure | aim | measured |\n|---|---|---|");
    let only = std::env::var("LOADLINE_BENCH_ONLY").unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if only != "language" {
        runtime.block_on(permissions::run())?;
        if only == "permissions" {
            return runtime.block_on(sign_in::run(&server));
        }
        evidence::run()?;
        documents::run()?;
        runtime.block_on(packages::run())?;
        runtime.block_on(lookups::run())?;
    }
    if only == "evidence" {
        return Ok(());
    }
    judging::run()?;
    language::run()?;
    if only == "language" {
        return Ok(());
    }
    runtime.block_on(pages::run(&server))?;
    runtime.block_on(sign_in::run(&server))?;
    match std::env::var_os("LOADLINE_CLI_BIN").map(PathBuf::from) {
        Some(loadline) => runtime.block_on(demo::run(&server, &loadline)),
        None => Ok(()),
    }
}

/// One row of the table.
fn row(figure: &str, aim: &str, measured: &str) {
    println!("| {figure} | {aim} | {measured} |");
}
