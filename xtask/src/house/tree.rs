//! The text files of the house.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

const TEXT: [&str; 12] =
    ["css", "js", "json", "md", "mjs", "rs", "sh", "sql", "toml", "ts", "yaml", "yml"];

/// Made by programs, not by people.
const MADE: [&str; 5] = ["node_modules", "playwright-report", "target", "test-results", "fonts"];

/// Hidden, and still ours.
const HIDDEN: [&str; 1] = [".cargo"];

/// A file with its path from the root, written with `/`.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub(crate) fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// All of them, by path.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
    /// Every other file, by path: it may be linked to.
    pub(crate) others: Vec<String>,
}

impl Tree {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.walk(root, "")?;
        tree.files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(tree)
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files directly in a folder.
    pub(crate) fn within<'tree>(
        &'tree self,
        folder: &'tree str,
    ) -> impl Iterator<Item = &'tree File> {
        self.files.iter().filter(move |file| {
            file.path.rsplit_once('/').is_some_and(|(parent, _)| parent == folder)
        })
    }

    /// Whether there is a file or a folder of that path.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let below = format!("{path}/");
        let mut all = self.files.iter().map(|file| &file.path).chain(&self.others);
        path.is_empty() || all.any(|file| *file == path || file.starts_with(&below))
    }

    fn walk(&mut self, root: &Path, below: &str) -> Result<()> {
        let folder = root.join(below);
        let unreadable = || format!("the folder {} cannot be read", folder.display());
        for entry in fs::read_dir(&folder).with_context(unreadable)? {
            let entry = entry.with_context(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
            let kind = entry.file_type().with_context(unreadable)?;
            if kind.is_dir() {
                let is_hidden = name.starts_with('.') && !HIDDEN.contains(&name.as_str());
                if !is_hidden && !MADE.contains(&name.as_str()) {
                    self.walk(root, &path)?;
                }
            } else if kind.is_file() {
                self.take(root, path)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, root: &Path, path: String) -> Result<()> {
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        if !TEXT.contains(&extension) {
            self.others.push(path);
            return Ok(());
        }
        let text = fs::read_to_string(root.join(&path))
            .with_context(|| format!("{path} cannot be read as text"))?;
        self.files.push(File { path, text });
        Ok(())
    }
}

#[cfg(test)]
impl Tree {
    /// A tree of a few files, for the tests of the rules.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self { files: files.iter().map(file).collect(), others: Vec::new() }
    }
}
