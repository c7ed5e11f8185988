//! The house's own rules: what no compiler knows, checked over the tree.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;

mod code;
mod documents;
pub(crate) mod imports;
mod manifests;
mod sources;
mod tree;

use tree::Tree;

/// A broken rule, where it is broken, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Breach {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) wrong: String,
    pub(crate) right: String,
}

impl Breach {
    fn new(file: &str, line: usize, wrong: impl Into<String>, right: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, wrong: wrong.into(), right: right.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, wrong, right } = self;
        write!(formatter, "{file}:{line}: {wrong}\n    right: {right}")
    }
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    // The folder of this crate, also where a clone was moved since it was compiled.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let xtask = xtask.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    xtask.parent().map_or(xtask.clone(), Path::to_path_buf)
}

/// Every broken rule, by file and line.
pub(crate) fn inspect(root: &Path) -> Result<Vec<Breach>> {
    let tree = Tree::read(root)?;
    let members = imports::members(root)?;
    let mut breaches = Vec::new();
    imports::inspect(&members, &mut breaches);
    manifests::inspect(&tree, &members, &mut breaches)?;
    sources::inspect(&tree, &mut breaches);
    documents::inspect(&tree, &mut breaches);
    breaches.sort();
    Ok(breaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_in_order() {
        let breaches = inspect(&root()).unwrap();
        let said: Vec<_> = breaches.iter().map(ToString::to_string).collect();
        assert!(said.is_empty(), "\n{}", said.join("\n"));
    }

    #[test]
    fn a_breach_says_where_and_what_would_be_right() {
        let breach = Breach::new("a/b.rs", 7, "this is wrong", "do that");
        assert_eq!(breach.to_string(), "a/b.rs:7: this is wrong\n    right: do that");
    }
}
