//! Where everything lives that outlasts a clone, and the environment other programs get.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

/// The npm packages whose programs are put on the path of other programs.
const NPM_PACKAGES: [&str; 6] = [
    "style",
    "end2end",
    "end2end/cue",
    "end2end/lighthouse",
    "end2end/provider",
    "end2end/sigstore",
];

/// What `cargo run` sets for this program. Handed on, it would tell build scripts about the
/// wrong package, and make Cargo build things again.
const FROM_CARGO_RUN: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

/// The house, the folder beside it, and the toolchain in use.
#[derive(Debug)]
pub(crate) struct Cache {
    house: PathBuf,
    folder: PathBuf,
    target: PathBuf,
    /// The name of a toolchain other than the one rustup would pick.
    toolchain: Option<String>,
}

impl Cache {
    /// Finds the cache folder, and makes it where it is missing.
    pub(crate) fn open(house: PathBuf) -> Result<Self> {
        let folder = folder(|name| env::var_os(name).filter(|value| !value.is_empty()))
            .context("no cache folder: set LOADLINE_CACHE or HOME")?;
        let folder = house.join(folder);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("the cache folder {} cannot be made", folder.display()))?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(chosen) => house.join(chosen),
            None => folder.join("target"),
        };
        Ok(Self { house, folder, target, toolchain: None })
    }

    pub(crate) fn house(&self) -> &Path {
        &self.house
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where `cargo install` puts its programs below `bin`.
    pub(crate) fn tools(&self) -> PathBuf {
        self.folder.join("tools")
    }

    /// Where an npm package of the house has its `node_modules`.
    pub(crate) fn npm(&self, package: &str) -> PathBuf {
        self.folder.join(format!("npm-{package}"))
    }

    /// Where the Python packages of a folder of the house have their virtual environment.
    pub(crate) fn python(&self, package: &str) -> PathBuf {
        self.folder.join(format!("python-{package}"))
    }

    /// Where compiled code goes.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// A program that was built in debug mode.
    pub(crate) fn built(&self, program: &str) -> PathBuf {
        self.target.join("debug").join(program)
    }

    /// A program that was built in release mode.
    pub(crate) fn built_in_release(&self, program: &str) -> PathBuf {
        self.target.join("release").join(program)
    }

    /// Every later command compiles with this toolchain.
    pub(crate) fn use_toolchain(&mut self, name: &str) {
        self.toolchain = Some(name.to_owned());
    }

    /// Whether the toolchain is the usual one, which has rustfmt and clippy.
    pub(crate) fn has_usual_toolchain(&self) -> bool {
        self.toolchain.is_none()
    }

    /// A program, started in the house with our tools first on its path.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = self.command_with_usual_toolchain(program);
        if let Some(toolchain) = &self.toolchain {
            command.env("RUSTUP_TOOLCHAIN", toolchain);
        }
        command
    }

    /// The same, with the toolchain that rustup would pick.
    pub(crate) fn command_with_usual_toolchain(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.house)
            .env("PATH", self.path())
            .env("NODE_PATH", self.node_path())
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", colour())
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if FROM_CARGO_RUN.iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name.as_ref());
            }
        }
        command
    }

    fn path(&self) -> OsString {
        let ours = std::iter::once(self.tools().join("bin"))
            .chain(NPM_PACKAGES.map(|package| self.npm(package).join("node_modules/.bin")));
        let theirs = env::var_os("PATH").unwrap_or_default();
        joined(ours.chain(env::split_paths(&theirs)))
    }

    fn node_path(&self) -> OsString {
        joined(NPM_PACKAGES.map(|package| self.npm(package).join("node_modules")).into_iter())
    }
}

/// A folder whose name holds a `:` cannot stand in a path variable; such a path is left out,
/// and the missing tool says so by its name.
fn joined(folders: impl Iterator<Item = PathBuf>) -> OsString {
    let writable = |folder: &PathBuf| !folder.to_string_lossy().contains(':');
    env::join_paths(folders.filter(writable)).unwrap_or_default()
}

fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(chosen) = variable("LOADLINE_CACHE") {
        return Some(PathBuf::from(chosen));
    }
    let caches = variable("XDG_CACHE_HOME").map(PathBuf::from);
    let caches = caches.or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")));
    Some(caches?.join("loadline"))
}

/// Output that is read through a pipe keeps its colours where a person sees it in the end.
fn colour() -> OsString {
    use std::io::IsTerminal as _;
    env::var_os("CARGO_TERM_COLOR").unwrap_or_else(|| {
        OsString::from(if std::io::stdout().is_terminal() { "always" } else { "never" })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(set: &[(&str, &str)]) -> Option<PathBuf> {
        folder(|name| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_nearest_variable_names_the_folder() {
        let all = [("LOADLINE_CACHE", "/a"), ("XDG_CACHE_HOME", "/b"), ("HOME", "/c")];
        assert_eq!(found(&all), Some(PathBuf::from("/a")));
        assert_eq!(found(&all[1..]), Some(PathBuf::from("/b/loadline")));
        assert_eq!(found(&all[2..]), Some(PathBuf::from("/c/.cache/loadline")));
        assert_eq!(found(&[]), None);
    }
}
