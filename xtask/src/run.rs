//! `cargo xtask run`: the console on this machine, with the demo fleet in it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::cache::Cache;
use crate::server::Server;
use crate::{child, tools};

const DATA: &str = ".loadline/demo";
const IMAGES: &str = ".loadline/demo/images";
/// The repository prefix of the demo's images.
pub(crate) const PREFIX: &str = "registry.demo.test/";

/// Installs, builds, starts, fills, and stays until it is told to end.
pub(crate) fn run(cache: &mut Cache, listen: &str) -> Result<ExitCode> {
    tools::for_console(cache)?;
    build(cache)?;
    std::fs::create_dir_all(cache.house().join(IMAGES))
        .with_context(|| format!("the folder {IMAGES} cannot be made"))?;
    let server = Server::start(&mut program(cache, listen))?;
    let demo = fill(cache, &server).and_then(|()| sign_in(cache, server.listen()));
    match demo {
        Ok(link) => {
            println!("\nLoadline with its demo fleet: {}", server.address());
            println!("sign in, once: {link}");
            println!("end with Ctrl-C; the data stays in {DATA}");
        }
        // A signal ends the demo's program together with the server, and is no error.
        Err(_) if server.was_told_to_end() => {}
        Err(error) => return Err(error.context("the demo fleet could not be made")),
    }
    server.wait()
}

/// Builds the console's two halves and the command line.
pub(crate) fn build(cache: &Cache) -> Result<()> {
    child::run(cache.command("cargo").args(["leptos", "build"]))?;
    child::run(cache.command("cargo").args(["build", "--package", "loadline"]))
}

fn program(cache: &Cache, listen: &str) -> std::process::Command {
    let mut command = cache.command(&text(&cache.built("loadline-server")));
    command.args(["--listen", listen, "--data", DATA, "--site", "target/site"]);
    command.arg("--layout").arg(format!("{PREFIX}={IMAGES}")).arg("--demo");
    command
}

fn fill(cache: &Cache, server: &Server) -> Result<()> {
    let mut command = cache.command(&text(&cache.built("loadline")));
    command.args(["demo", "--server", server.address(), "--sign-in", server.sign_in()]);
    child::run(command.args(["--folder", IMAGES]))
}

/// The first link went to the demo's own program; a person gets one that is still good.
fn sign_in(cache: &Cache, listen: &str) -> Result<String> {
    let mut command = cache.command(&text(&cache.built("loadline-server")));
    let said = child::read(command.args(["owner-link", "--data", DATA, "--listen", listen]))?;
    let link = said.lines().find_map(|line| line.strip_prefix("sign in: "));
    link.map(str::to_owned).context("the server printed no sign-in link")
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
