//! The permission table as text: a change of rights shows as a change of this file, and of the
//! page that people read.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use model::iam::{BuiltInRole, Capability};
use service::iam::matrix;

/// After this line the page is made from the tables.
const MADE: &str =
    "<!-- What follows is written by a test of `service`; LOADLINE_BLESS=1 renews it. -->\n";

fn is_blessed() -> bool {
    std::env::var_os("LOADLINE_BLESS").is_some()
}

#[test]
fn the_permission_table_is_what_was_agreed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/permissions.txt");
    let printed = matrix::printed();
    if is_blessed() {
        std::fs::write(path, &printed).unwrap();
    }
    let agreed = std::fs::read_to_string(path).unwrap();
    assert_eq!(printed, agreed, "rights changed; LOADLINE_BLESS=1 agrees to it");
}

#[test]
fn the_reference_page_shows_the_tables_as_they_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/permissions.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (written, tables) = page.split_once(MADE).unwrap();
    let made = format!("\n{}\n{}", roles(), endpoints());
    if is_blessed() {
        std::fs::write(path, format!("{written}{MADE}{made}")).unwrap();
        return;
    }
    assert_eq!(tables, made, "rights changed; LOADLINE_BLESS=1 renews the page");
}

fn roles() -> String {
    let mut text = "| capability |".to_owned();
    for role in BuiltInRole::ALL {
        write!(text, " {role} |").unwrap();
    }
    writeln!(text, "\n|---|{}", "---|".repeat(BuiltInRole::ALL.len())).unwrap();
    for capability in Capability::ALL {
        write!(text, "| `{capability}` |").unwrap();
        for role in BuiltInRole::ALL {
            let cell = if matrix::held(role).contains(*capability) { "yes" } else { "" };
            write!(text, " {cell} |").unwrap();
        }
        text.push('\n');
    }
    text
}

fn endpoints() -> String {
    let mut text = "| endpoint | takes |\n|---|---|\n".to_owned();
    for (method, path, needs) in matrix::ENDPOINTS {
        writeln!(text, "| `{method} {path}` | {needs} |").unwrap();
    }
    text
}
