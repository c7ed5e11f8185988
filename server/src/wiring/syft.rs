//! SBOMs by syft, a program that the operator installed and named.
//!
//! The image is fetched by us, through the address policy and with our logins; syft reads a folder
//! and is told nothing else. It runs with an empty environment, for a bounded time, and what it
//! writes is bounded, too.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use model::image::Image;
use registry::Sources;
use serde::Deserialize;
use service::ports::SbomGenerator;
use tokio::process::Command;

/// The largest image that is looked into, in bytes as it is pulled.
const LARGEST_IMAGE: u64 = 4 * 1024 * 1024 * 1024;
/// The largest SBOM that is taken.
const LARGEST_SBOM: u64 = 32 * 1024 * 1024;
/// How long an image may take to come, and how long it may be looked into.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Characters of what the program complained of, at most.
const LONGEST_COMPLAINT: usize = 300;

/// No program, or syft.
pub(crate) struct Syft {
    enabled: Option<Enabled>,
}

struct Enabled {
    program: PathBuf,
    version: String,
    sources: Sources,
    /// Where images are unpacked, one at a time.
    folder: PathBuf,
}

#[derive(Deserialize)]
struct Said {
    version: String,
}

impl Syft {
    /// Asks the program for its version, so that a wrong path is told at the start.
    pub(crate) async fn new(
        program: Option<&Path>,
        sources: Sources,
        data: &Path,
    ) -> anyhow::Result<Self> {
        let Some(program) = program else { return Ok(Self { enabled: None }) };
        let shown = program.display();
        let mut command = alone(program);
        command.args(["version", "--output", "json"]);
        let ran = tokio::time::timeout(Duration::from_secs(30), command.output()).await;
        let output = ran
            .with_context(|| format!("{shown} does not say its version"))?
            .with_context(|| format!("{shown} cannot be started: give the path of syft"))?;
        let Ok(Said { version }) = serde_json::from_slice(&output.stdout) else {
            bail!("{shown} is no syft: it does not say its version as JSON");
        };
        let folder = data.join("sbom-work");
        let (program, version) = (program.to_owned(), format!("syft {version}"));
        Ok(Self { enabled: Some(Enabled { program, version, sources, folder }) })
    }
}

/// A program that is told where programs are, and none of our secrets.
fn alone(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().kill_on_drop(true).stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

impl Enabled {
    async fn generate(&self, image: &Image) -> Result<Vec<u8>, String> {
        let cannot = |error: std::io::Error| format!("{}: {error}", self.folder.display());
        // What a killed server left behind.
        drop(tokio::fs::remove_dir_all(&self.folder).await);
        let (layout, home) = (self.folder.join("image"), self.folder.join("home"));
        tokio::fs::create_dir_all(&home).await.map_err(cannot)?;
        let made = self.made(image, &layout, &home).await;
        drop(tokio::fs::remove_dir_all(&self.folder).await);
        made
    }

    async fn made(&self, image: &Image, layout: &Path, home: &Path) -> Result<Vec<u8>, String> {
        let pulled = self.sources.pull(image, layout, LARGEST_IMAGE);
        let late = |what: &str| format!("{what} took longer than {} min", LONGEST.as_secs() / 60);
        let pulled = tokio::time::timeout(LONGEST, pulled).await;
        pulled.map_err(|_| late("fetching the image"))?.map_err(|error| error.to_string())?;
        let file = home.join("sbom.json");
        let mut command = alone(&self.program);
        command.arg("scan").arg(format!("oci-dir:{}", layout.display()));
        command.arg("--output").arg(format!("cyclonedx-json={}", file.display())).arg("--quiet");
        command.args(["--source-name", &image.repository.to_string()]);
        command.args(["--source-version", &image.digest.to_string()]);
        command.env("HOME", home).env("TMPDIR", home);
        command.env("SYFT_CHECK_FOR_APP_UPDATE", "false").stdout(Stdio::null());
        let ran = tokio::time::timeout(LONGEST, command.output()).await;
        let output = ran
            .map_err(|_| late(&self.version))?
            .map_err(|error| format!("{} cannot be started: {error}", self.program.display()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.chars().filter(|letter| !letter.is_control());
            let said: String = said.take(LONGEST_COMPLAINT).collect();
            return Err(format!("{} ended with {}: {said}", self.version, output.status));
        }
        let cannot = |error: std::io::Error| format!("{} wrote no SBOM: {error}", self.version);
        let size = tokio::fs::metadata(&file).await.map_err(cannot)?.len();
        if size > LARGEST_SBOM {
            return Err(format!("the SBOM has {size} bytes, more than {LARGEST_SBOM}"));
        }
        tokio::fs::read(&file).await.map_err(cannot)
    }
}

impl SbomGenerator for Syft {
    fn program(&self) -> Option<String> {
        self.enabled.as_ref().map(|enabled| enabled.version.clone())
    }

    fn generate<'a>(&'a self, image: &'a Image) -> BoxFuture<'a, Result<Vec<u8>, String>> {
        async move {
            match &self.enabled {
                Some(enabled) => enabled.generate(image).await,
                None => Err("no program is enabled that makes SBOMs".to_owned()),
            }
        }
        .boxed()
    }
}
