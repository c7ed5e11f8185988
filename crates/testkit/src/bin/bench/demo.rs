//! What the server takes with the demo fleet in it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::process::Server;
use crate::row;

pub(crate) async fn run(server: &Path, loadline: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let images = folder.path().join("images");
    std::fs::create_dir_all(&images)?;
    let layout = format!("registry.demo.test/={}", images.display());
    let server = Server::start(server, folder.path(), &["--demo", "--layout", &layout]).await?;
    let demo = Command::new(loadline)
        .args(["demo", "--server", &server.url, "--folder"])
        .arg(&images)
        .env("LOADLINE_TOKEN", &server.token)
        .env("HOME", folder.path())
        .env_remove("XDG_CONFIG_HOME")
        .output()
        .context("the command line does not start")?;
    ensure!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let resident = format!("{} MB", server.memory("VmRSS")?);
    row("resident memory with the demo", "≤ 80 MB", &resident);
    Ok(())
}
