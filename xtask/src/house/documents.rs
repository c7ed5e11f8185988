//! Rules about numbered files, links and lock files.

use super::Breach;
use super::tree::{File, Tree};

pub(crate) fn inspect(tree: &Tree, breaches: &mut Vec<Breach>) {
    numbers(tree, "docs/decisions", Series::Decisions, breaches);
    numbers(tree, "migrations", Series::Migrations, breaches);
    for file in &tree.files {
        match file.extension() {
            "md" => {
                links(tree, file, breaches);
                functions(tree, file, breaches);
            }
            "json" if file.name() == "package-lock.json" => addresses(file, breaches),
            _ => {}
        }
    }
    for decision in tree.within("docs/decisions") {
        title(decision, breaches);
    }
}

/// Files that are added at the end and never renamed.
#[derive(Debug, Clone, Copy)]
enum Series {
    Decisions,
    Migrations,
}

impl Series {
    fn shape(self) -> &'static str {
        match self {
            Self::Decisions => "NNNN-short-title.md",
            Self::Migrations => "NNNN_verb_noun.sql",
        }
    }

    /// The number, where the name has the right shape.
    fn number(self, name: &str) -> Option<usize> {
        let (separator, ending, least) = match self {
            Self::Decisions => ('-', ".md", 1),
            Self::Migrations => ('_', ".sql", 2),
        };
        let (digits, rest) = name.strip_suffix(ending)?.split_at_checked(4)?;
        let words: Vec<&str> = rest.strip_prefix(separator)?.split(separator).collect();
        let is_word = |word: &&str| {
            !word.is_empty()
                && word.chars().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit())
        };
        let is_right = words.len() >= least && words.iter().all(is_word);
        let is_number = digits.chars().all(|each| each.is_ascii_digit());
        if is_right && is_number { digits.parse().ok() } else { None }
    }
}

fn numbers(tree: &Tree, folder: &str, series: Series, breaches: &mut Vec<Breach>) {
    // The tree is sorted, so the numbers come in their order.
    for (next, file) in (1..).zip(tree.within(folder)) {
        match series.number(file.name()) {
            Some(number) if number == next => {}
            Some(_) => breaches.push(Breach::new(
                &file.path,
                1,
                "a number is missing or taken twice",
                format!("{next:04} is next; what is there is never renamed or removed"),
            )),
            None => breaches.push(Breach::new(
                &file.path,
                1,
                "the name has the wrong shape",
                format!("{}, in small letters", series.shape()),
            )),
        }
    }
}

fn title(decision: &File, breaches: &mut Vec<Breach>) {
    let number = decision.name().get(..4).unwrap_or_default();
    let start = format!("# {number}. ");
    if !decision.text.starts_with(&start) {
        let right = format!("{start}and the decision in a few words");
        breaches.push(Breach::new(&decision.path, 1, "the title does not carry the number", right));
    }
}

/// Links inside the house lead somewhere.
fn links(tree: &Tree, file: &File, breaches: &mut Vec<Breach>) {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for (index, line) in file.text.lines().enumerate() {
        for target in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split(['#', ' ']).next().unwrap_or_default();
            let is_inside =
                !path.is_empty() && !target.contains("://") && !target.starts_with("mailto:");
            if is_inside && !tree.has(&resolved(folder, path)) {
                let right = "the path of a file that is there, from this file's folder";
                let wrong = format!("a link to {path}, which is not there");
                breaches.push(Breach::new(&file.path, index + 1, wrong, right));
            }
        }
    }
}

/// A function that is named behind its file (`` `a/b.rs`: `name` ``) is there.
fn functions(tree: &Tree, file: &File, breaches: &mut Vec<Breach>) {
    for (index, line) in file.text.lines().enumerate() {
        let named = line.split("`: `").zip(line.split("`: `").skip(1));
        for (before, after) in named {
            let path = before.rsplit('`').next().unwrap_or_default();
            let name = after.split('`').next().unwrap_or_default();
            let is_there = |source: &File| source.text.contains(&format!("fn {name}("));
            if path.ends_with(".rs") && !tree.file(path).is_some_and(is_there) {
                let wrong = format!("{path} has no function {name}");
                let right = "a file from the root of the house, and a function in it";
                breaches.push(Breach::new(&file.path, index + 1, wrong, right));
            }
        }
    }
}

fn resolved(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A lock file pins content, not where it was fetched from: that differs from house to house.
fn addresses(file: &File, breaches: &mut Vec<Breach>) {
    let names = |line: &&str| line.trim_start().starts_with("\"resolved\":");
    if let Some((index, _)) = file.text.lines().enumerate().find(|(_, line)| names(line)) {
        let right =
            "omit-lockfile-registry-resolved=true in the .npmrc beside it, then npm install";
        let wrong = "a registry's address in a lock file";
        breaches.push(Breach::new(&file.path, index + 1, wrong, right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [(String, usize); 0] = [];

    fn found(files: &[(&str, &str)]) -> Vec<(String, usize)> {
        let mut breaches = Vec::new();
        inspect(&Tree::of(files), &mut breaches);
        breaches.into_iter().map(|breach| (breach.file, breach.line)).collect()
    }

    #[test]
    fn numbers_follow_each_other() {
        let first = ("migrations/0001_create_house.sql", "");
        assert_eq!(found(&[first, ("migrations/0002_add_roles.sql", "")]), NONE);
        assert_eq!(found(&[first, ("migrations/0003_add_roles.sql", "")]).len(), 1);
        assert_eq!(found(&[first, ("migrations/0001_add_roles.sql", "")]).len(), 1);
    }

    #[test]
    fn names_have_a_shape() {
        assert_eq!(Series::Decisions.number("0012-one-sqlite-store.md"), Some(12));
        for name in ["12-store.md", "0012-Store.md", "0012.md", "0012_store.md", "0012-.md"] {
            assert_eq!(Series::Decisions.number(name), None, "{name}");
        }
        assert_eq!(Series::Migrations.number("0001_house.sql"), None);
    }

    #[test]
    fn a_decision_carries_its_number() {
        assert_eq!(found(&[("docs/decisions/0001-rings.md", "# 0001. Rings\n")]), NONE);
        assert_eq!(found(&[("docs/decisions/0001-rings.md", "# Rings\n")]).len(), 1);
    }

    #[test]
    fn links_lead_somewhere() {
        let text = "see [a](docs/a.md#part), [b](https://example.test/), [c](#here)\n[d](d.md)\n";
        let files = [("README.md", text), ("docs/a.md", "[up](../README.md) [here](../docs/)\n")];
        assert_eq!(found(&files), [("README.md".to_owned(), 2)]);
    }

    #[test]
    fn functions_that_are_named_are_there() {
        let source = ("crates/a/src/b.rs", "#[test]\nfn it_holds() {}\n");
        let row = "| x | `crates/a/src/b.rs`: `it_holds` | `crates/a/src/b.rs`: `it_does` |\n";
        assert_eq!(found(&[source, ("docs/a.md", row)]), [("docs/a.md".to_owned(), 1)]);
        let row = "| `crates/a/src/c.rs`: `it_holds` |\n";
        assert_eq!(found(&[source, ("docs/a.md", row)]), [("docs/a.md".to_owned(), 1)]);
        let row = "| `crates/a/src/b.rs`: `it_holds` |, and `that`: `this`\n";
        assert_eq!(found(&[source, ("docs/a.md", row)]), NONE);
    }

    #[test]
    fn lock_files_hold_no_addresses() {
        let text = "{\n  \"version\": \"1.0.0\",\n  \"resolved\": \"somewhere\"\n}\n";
        assert_eq!(
            found(&[("style/package-lock.json", text)]),
            [("style/package-lock.json".to_owned(), 3)]
        );
    }
}
