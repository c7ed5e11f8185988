//! Who may import whom among our own crates.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Breach;

/// Where a crate stands, and what it may import. `docs/decisions/0001-rings-and-arrows.md`
/// says why.
struct Room {
    name: &'static str,
    ring: Ring,
    imports: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ring {
    /// Pure: compiles for the browser, no clock, no randomness, no I/O.
    Pure,
    /// One outside thing each.
    Outside,
    /// Use cases and permissions.
    Service,
    /// Front ends.
    Front,
    /// Tests, benches and developer commands: never part of the product.
    Beside,
}

const ROOMS: [Room; 20] = [
    Room { name: "model", ring: Ring::Pure, imports: &[] },
    Room { name: "policy", ring: Ring::Pure, imports: &["cue", "model"] },
    Room { name: "protocol", ring: Ring::Pure, imports: &["model"] },
    Room { name: "cue", ring: Ring::Pure, imports: &[] },
    Room { name: "findings", ring: Ring::Pure, imports: &["model"] },
    Room { name: "evaluator", ring: Ring::Pure, imports: &["cue", "model", "policy"] },
    Room { name: "egress", ring: Ring::Outside, imports: &["model"] },
    Room { name: "authentication", ring: Ring::Outside, imports: &["egress", "model"] },
    Room { name: "kms", ring: Ring::Outside, imports: &["egress"] },
    Room { name: "store", ring: Ring::Outside, imports: &["model"] },
    Room { name: "authority", ring: Ring::Outside, imports: &["egress", "model"] },
    Room { name: "verification", ring: Ring::Outside, imports: &["egress", "model", "policy"] },
    Room { name: "registry", ring: Ring::Outside, imports: &["egress", "model", "verification"] },
    Room {
        name: "service",
        ring: Ring::Service,
        imports: &[
            "authentication",
            "egress",
            "evaluator",
            "findings",
            "model",
            "policy",
            "protocol",
            "store",
        ],
    },
    Room { name: "browser", ring: Ring::Front, imports: &["evaluator", "model", "policy"] },
    Room {
        name: "app",
        ring: Ring::Front,
        imports: &["evaluator", "model", "policy", "protocol", "service"],
    },
    Room {
        name: "server",
        ring: Ring::Front,
        imports: &[
            "app",
            "authority",
            "egress",
            "evaluator",
            "findings",
            "kms",
            "model",
            "policy",
            "protocol",
            "registry",
            "service",
            "store",
            "verification",
        ],
    },
    Room {
        name: "loadline",
        ring: Ring::Front,
        imports: &[
            "authority",
            "egress",
            "evaluator",
            "findings",
            "kms",
            "model",
            "policy",
            "protocol",
            "registry",
            "verification",
        ],
    },
    Room {
        name: "testkit",
        ring: Ring::Beside,
        imports: &[
            "authentication",
            "authority",
            "cue",
            "egress",
            "evaluator",
            "findings",
            "model",
            "policy",
            "protocol",
            "registry",
            "service",
            "store",
            "verification",
        ],
    },
    Room { name: "xtask", ring: Ring::Beside, imports: &[] },
];

/// A member of the workspace and what it imports, ours and others.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// From the root, written with `/`.
    pub(crate) manifest: String,
    pub(crate) text: String,
    pub(crate) imports: Vec<Import>,
}

#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) name: String,
    pub(crate) is_ours: bool,
    pub(crate) is_for_tests: bool,
}

impl Member {
    /// The line of the manifest that names a crate.
    pub(crate) fn line_of(&self, import: &str) -> usize {
        let names = |line: &str| {
            let rest = line.trim_start().strip_prefix(import);
            rest.is_some_and(|rest| rest.starts_with([' ', '.', '=']))
        };
        self.text.lines().position(names).map_or(1, |line| line + 1)
    }
}

/// The crates that must compile for the browser.
pub(crate) fn ring_0() -> impl Iterator<Item = &'static str> {
    ROOMS.iter().filter(|room| room.ring == Ring::Pure).map(|room| room.name)
}

/// What Cargo says about the workspace.
pub(crate) fn members(root: &Path) -> Result<Vec<Member>> {
    let mut cargo = std::process::Command::new("cargo");
    cargo.current_dir(root).args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&crate::child::read(&mut cargo)?)
        .context("`cargo metadata` answered with something else than JSON")?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    packages
        .context("`cargo metadata` lists no packages")?
        .iter()
        .map(|each| member(root, each))
        .collect()
}

fn member(root: &Path, package: &Value) -> Result<Member> {
    let text = |name: &str| package.get(name).and_then(Value::as_str);
    let name = text("name").context("a package has no name")?.to_owned();
    let manifest = PathBuf::from(text("manifest_path").context("a package has no manifest")?);
    let imports = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
    let imports = imports.filter_map(|dependency| {
        Some(Import {
            name: dependency.get("name")?.as_str()?.to_owned(),
            is_ours: dependency.get("path").is_some_and(Value::is_string),
            is_for_tests: dependency.get("kind").and_then(Value::as_str) == Some("dev"),
        })
    });
    Ok(Member {
        name,
        text: std::fs::read_to_string(&manifest)
            .with_context(|| format!("{} cannot be read", manifest.display()))?,
        imports: imports.collect(),
        manifest: manifest.strip_prefix(root).unwrap_or(&manifest).to_string_lossy().into_owned(),
    })
}

/// Compares what is imported with the table.
pub(crate) fn inspect(members: &[Member], breaches: &mut Vec<Breach>) {
    for member in members {
        let Some(room) = room(&member.name) else {
            breaches.push(Breach::new(
                &member.manifest,
                member.line_of("name"),
                format!("the crate {} has no place in the house", member.name),
                "give it a ring and its imports in xtask/src/house/imports.rs, with a decision record",
            ));
            continue;
        };
        for import in member.imports.iter().filter(|import| import.is_ours) {
            if let Some(right) = refusal(room, import) {
                breaches.push(Breach::new(
                    &member.manifest,
                    member.line_of(&import.name),
                    format!("{} may not import {}", room.name, import.name),
                    right,
                ));
            }
        }
    }
}

fn room(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

/// What would be right, where an import is wrong.
fn refusal(importer: &Room, import: &Import) -> Option<String> {
    let is_in_table = importer.imports.contains(&import.name.as_str());
    if is_in_table || (import.is_for_tests && tests_may(&import.name)) {
        return None;
    }
    let Some(imported) = room(&import.name) else {
        return Some("import crates of this workspace only by path".to_owned());
    };
    Some(match imported.ring {
        Ring::Beside => "what tests need is a dev-dependency".to_owned(),
        Ring::Front => "nobody imports a front end; move what is shared down".to_owned(),
        Ring::Pure | Ring::Outside | Ring::Service => match importer.imports {
            [] => {
                format!("{} imports no crate of ours; arrows point down the rings", importer.name)
            }
            some => format!("{} imports only {}", importer.name, some.join(", ")),
        },
    })
}

/// Tests may build their world from everything pure and everything outside, but go through
/// the service to the database like everybody else.
fn tests_may(name: &str) -> bool {
    name == "testkit"
        || room(name).is_some_and(|room| match room.ring {
            Ring::Pure => true,
            Ring::Outside => room.name != "store",
            Ring::Service | Ring::Front | Ring::Beside => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(importer: &str, name: &str, is_for_tests: bool) -> Option<String> {
        let import = Import { name: name.to_owned(), is_ours: true, is_for_tests };
        refusal(room(importer).unwrap(), &import)
    }

    fn position(ring: Ring) -> u8 {
        match ring {
            Ring::Pure => 0,
            Ring::Outside => 1,
            Ring::Service => 2,
            Ring::Front => 3,
            Ring::Beside => 4,
        }
    }

    #[test]
    fn every_arrow_of_the_table_points_down_or_is_an_exception_of_the_design() {
        for importer in &ROOMS {
            for name in importer.imports {
                let imported = room(name).unwrap();
                let is_down = position(imported.ring) < position(importer.ring);
                let is_exception = imported.ring == importer.ring
                    && match importer.ring {
                        Ring::Pure => true,
                        Ring::Outside => matches!(*name, "egress" | "verification"),
                        Ring::Front => importer.name == "server" && *name == "app",
                        Ring::Service | Ring::Beside => false,
                    };
                assert!(is_down || is_exception, "{} -> {name}", importer.name);
            }
        }
    }

    #[test]
    fn front_ends_other_than_the_server_never_reach_the_store() {
        assert!(check("loadline", "store", false).is_some());
        assert!(check("loadline", "service", true).is_some());
        assert!(check("app", "store", false).is_some());
        assert!(check("server", "store", false).is_none());
    }

    #[test]
    fn the_test_kit_never_ships() {
        assert!(check("server", "testkit", true).is_none());
        assert!(check("server", "testkit", false).is_some());
    }

    #[test]
    fn a_crate_without_a_place_is_found() {
        let member = Member {
            name: "attic".to_owned(),
            manifest: "crates/attic/Cargo.toml".to_owned(),
            text: "[package]\nname = \"attic\"\n".to_owned(),
            imports: Vec::new(),
        };
        let mut breaches = Vec::new();
        inspect(&[member], &mut breaches);
        assert_eq!(breaches.len(), 1);
        assert_eq!((breaches[0].file.as_str(), breaches[0].line), ("crates/attic/Cargo.toml", 2));
    }

    #[test]
    fn a_wrong_import_is_found_at_its_line() {
        let member = Member {
            name: "model".to_owned(),
            manifest: "crates/model/Cargo.toml".to_owned(),
            text: "[dependencies]\nserde = \"1\"\nstore.workspace = true\n".to_owned(),
            imports: vec![Import { name: "store".to_owned(), is_ours: true, is_for_tests: false }],
        };
        let mut breaches = Vec::new();
        inspect(&[member], &mut breaches);
        assert_eq!(breaches[0].line, 3);
    }
}
