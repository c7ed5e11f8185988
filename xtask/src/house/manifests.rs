//! Rules about `Cargo.toml` and `Leptos.toml`.

use anyhow::{Context as _, Result};
use toml::{Table, Value};

use super::imports::Member;
use super::tree::Tree;
use super::{Breach, tree};

/// Crates that stand for an outside thing, and the only rooms that may touch it.
const ONE_ROOM: [(&str, &[&str]); 5] = [
    ("axum", &["server", "testkit"]),
    ("leptos", &["app", "server"]),
    ("reqwest", &["egress", "loadline", "testkit"]),
    ("sqlx", &["store"]),
    ("tower-http", &["server"]),
];

/// What the server reads at run time and the build reads in `Cargo.toml`.
const SITE: [&str; 5] = ["output-name", "site-root", "site-pkg-dir", "site-addr", "env"];

pub(crate) fn inspect(tree: &Tree, members: &[Member], breaches: &mut Vec<Breach>) -> Result<()> {
    for member in members {
        lints(member, breaches)?;
        rooms(member, breaches);
    }
    leptos(tree, breaches)
}

fn lints(member: &Member, breaches: &mut Vec<Breach>) -> Result<()> {
    let manifest = table(&member.manifest, &member.text)?;
    let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace"));
    if inherits.and_then(Value::as_bool) != Some(true) {
        breaches.push(Breach::new(
            &member.manifest,
            1,
            "the lints of the workspace do not hold here",
            "[lints] workspace = true",
        ));
    }
    Ok(())
}

fn rooms(member: &Member, breaches: &mut Vec<Breach>) {
    for import in member.imports.iter().filter(|import| !import.is_ours && !import.is_for_tests) {
        let room = ONE_ROOM.iter().find(|(name, _)| *name == import.name);
        let Some((name, rooms)) = room else { continue };
        if !rooms.contains(&member.name.as_str()) {
            breaches.push(Breach::new(
                &member.manifest,
                member.line_of(name),
                format!("{} may not use {name}", member.name),
                format!("{name} is for {} only", rooms.join(" and ")),
            ));
        }
    }
}

/// The three places that say the same.
fn leptos(tree: &Tree, breaches: &mut Vec<Breach>) -> Result<()> {
    let read = |path: &str| {
        let file = tree.file(path).with_context(|| format!("{path} is not there"))?;
        table(path, &file.text).map(|table| (file, table))
    };
    let (_, cargo) = read("Cargo.toml")?;
    let (file, run_time) = read("Leptos.toml")?;
    let (config, cargo_config) = read(".cargo/config.toml")?;
    let built = at(&cargo, &["workspace", "metadata", "leptos"])
        .and_then(|sites| sites.as_array()?.first()?.as_table())
        .context("Cargo.toml has no [[workspace.metadata.leptos]]")?;
    let served = at(&run_time, &["package", "metadata", "leptos"]).and_then(Value::as_table);
    for name in SITE {
        let wanted = built.get(name);
        if served.and_then(|served| served.get(name)) != wanted {
            breaches.push(differs(file, name, wanted));
        }
    }
    let wanted = built.get("output-name");
    if at(&cargo_config, &["env", "LEPTOS_OUTPUT_NAME"]) != wanted {
        breaches.push(differs(config, "LEPTOS_OUTPUT_NAME", wanted));
    }
    Ok(())
}

fn differs(file: &tree::File, name: &str, wanted: Option<&Value>) -> Breach {
    let line = file.text.lines().position(|line| line.starts_with(name)).map_or(1, |at| at + 1);
    let wanted = wanted.map_or("nothing, as there".to_owned(), |value| format!("{name} = {value}"));
    let wrong = format!("{name} is not what [[workspace.metadata.leptos]] in Cargo.toml says");
    Breach::new(&file.path, line, wrong, wanted)
}

fn at<'table>(table: &'table Table, path: &[&str]) -> Option<&'table Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, name| value.get(name))
}

fn table(path: &str, text: &str) -> Result<Table> {
    text.parse().with_context(|| format!("{path} is not TOML"))
}

#[cfg(test)]
mod tests {
    use super::super::imports::Import;
    use super::*;

    fn member(text: &str, import: &str) -> Member {
        let import = Import { name: import.to_owned(), is_ours: false, is_for_tests: false };
        Member {
            name: "service".to_owned(),
            manifest: "crates/service/Cargo.toml".to_owned(),
            text: text.to_owned(),
            imports: vec![import],
        }
    }

    #[test]
    fn a_crate_without_the_lints_is_found() {
        let mut breaches = Vec::new();
        lints(&member("[lints]\nworkspace = true\n", "serde"), &mut breaches).unwrap();
        assert!(breaches.is_empty());
        lints(&member("[package]\n", "serde"), &mut breaches).unwrap();
        assert_eq!(breaches.len(), 1);
    }

    #[test]
    fn sql_outside_the_store_is_found_at_its_line() {
        let mut breaches = Vec::new();
        rooms(&member("[dependencies]\nserde = \"1\"\nsqlx = \"1\"\n", "sqlx"), &mut breaches);
        assert_eq!(breaches[0].line, 3);
    }

    #[test]
    fn two_files_that_disagree_about_the_site_are_found() {
        let cargo = "[[workspace.metadata.leptos]]\noutput-name = \"a\"\nsite-root = \"s\"\n";
        let tree = Tree::of(&[
            ("Cargo.toml", cargo),
            ("Leptos.toml", "[package.metadata.leptos]\noutput-name = \"a\"\nsite-root = \"t\"\n"),
            (".cargo/config.toml", "[env]\nLEPTOS_OUTPUT_NAME = \"b\"\n"),
        ]);
        let mut breaches = Vec::new();
        leptos(&tree, &mut breaches).unwrap();
        let places: Vec<_> = breaches.iter().map(|each| (each.file.as_str(), each.line)).collect();
        assert_eq!(places, [("Leptos.toml", 3), (".cargo/config.toml", 2)]);
    }
}
