//! npm's packages: installed beside the clone from the lock files in it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::cache::Cache;
use crate::{child, tools};

/// The Latin letters of each typeface, under the names that the stylesheet knows.
const FONTS: [(&str, &str); 2] = [
    ("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2", "inter.woff2"),
    (
        "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
        "jetbrains-mono.woff2",
    ),
];

const MANIFESTS: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// Written last, with the lock file that was installed, so that half an installation is none.
const STAMP: &str = "installed-lock.json";

/// Installs a package of the house into the cache folder, unless it is there already.
pub(crate) fn install(cache: &Cache, package: &str, why: &str) -> Result<()> {
    let source = cache.house().join(package);
    let folder = cache.npm(package);
    let lock = fs::read(source.join("package-lock.json"))
        .with_context(|| format!("{package}/package-lock.json cannot be read"))?;
    if fs::read(folder.join(STAMP)).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    tools::npm_is_there(cache)?;
    println!("installing the npm packages of {package}/: {why}");
    fs::create_dir_all(&folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    for manifest in MANIFESTS {
        copy(&source.join(manifest), &folder.join(manifest))?;
    }
    let mut command = cache.command("npm");
    command.args(["ci", "--ignore-scripts"]).current_dir(&folder);
    child::run(&mut command)?;
    fs::write(folder.join(STAMP), lock).context("npm's packages cannot be marked as installed")
}

/// Puts the typefaces where the console's build picks them up.
pub(crate) fn copy_fonts(cache: &Cache) -> Result<()> {
    let modules = cache.npm("style").join("node_modules");
    let folder = cache.house().join("public/fonts");
    fs::create_dir_all(&folder).context("public/fonts cannot be made")?;
    for (file, name) in FONTS {
        copy(&modules.join(file), &folder.join(name))?;
    }
    Ok(())
}

/// A file that is the same already is left alone, so that nothing is built again for it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("{} cannot be read", from.display()))?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(to, bytes).with_context(|| format!("{} cannot be written", to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equal_file_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
        fs::write(&from, "same").unwrap();
        copy(&from, &to).unwrap();
        let first = fs::metadata(&to).unwrap().modified().unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::metadata(&to).unwrap().modified().unwrap(), first);
        fs::write(&from, "other").unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "other");
    }
}
