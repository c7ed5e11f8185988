//! Rules about source files.

use super::tree::{File, Tree};
use super::{Breach, code, imports};

const MOST_LINES: usize = 500;

/// What each kind of source file starts with: the sentence that says what it is for.
const FIRST: [(&str, &[&str]); 7] = [
    ("css", &["/*"]),
    ("js", &["//"]),
    ("mjs", &["//"]),
    ("rs", &["//!", "#!"]),
    ("sh", &["#!"]),
    ("sql", &["--"]),
    ("ts", &["//"]),
];

/// Said in two parts, so that this file is not what it looks for.
const UNFINISHED: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];
const STATEMENTS: [&str; 4] = ["\"SELECT ", "\"INSERT INTO ", "\"DELETE FROM ", "\"CREATE TABLE "];

/// Words that may not stand in code, and where not.
struct Ban {
    words: &'static [&'static str],
    holds: fn(&str) -> bool,
    tests_too: bool,
    right: &'static str,
}

const BANS: [Ban; 4] = [
    Ban {
        words: &["#[allow", "#![allow"],
        holds: |_| true,
        tests_too: true,
        right: "#[expect(LINT, reason = \"…\")], which says when it is no longer needed",
    },
    Ban {
        words: &["sqlx::"],
        holds: |path| !path.starts_with("crates/store/"),
        tests_too: true,
        right: "a method of crates/store, which holds the only SQL of the house",
    },
    Ban {
        words: &[
            "Instant::now",
            "SystemTime",
            "async fn",
            "rand::",
            "std::env",
            "std::fs",
            "std::net",
            "std::process",
            "std::thread",
            "tokio::",
        ],
        holds: is_ring_0,
        tests_too: false,
        right: "ring 0 is pure: take the time, the randomness or the bytes as an argument",
    },
    Ban {
        words: &["store::"],
        holds: is_server_outside_wiring,
        tests_too: false,
        right: "a use case of crates/service; of the server only main and wiring know the store",
    },
];

pub(crate) fn inspect(tree: &Tree, breaches: &mut Vec<Breach>) {
    for file in &tree.files {
        first_line(file, breaches);
        unfinished(file, breaches);
        if file.extension() == "rs" {
            module_file(file, breaches);
            length(file, breaches);
            bans(file, breaches);
            statements(file, breaches);
        }
    }
}

fn first_line(file: &File, breaches: &mut Vec<Breach>) {
    let Some((_, starts)) = FIRST.iter().find(|(kind, _)| *kind == file.extension()) else {
        return;
    };
    if !starts.iter().any(|start| file.text.starts_with(start)) {
        let wrong = "the file does not start by saying what it is for";
        let right = format!("a first line that starts with {}", starts.join(" or "));
        breaches.push(Breach::new(&file.path, 1, wrong, right));
    }
}

fn unfinished(file: &File, breaches: &mut Vec<Breach>) {
    // Prose may speak of the word, and lock files hold whatever others called their crates.
    if matches!(file.extension(), "md" | "json") {
        return;
    }
    for (number, line) in numbered(&file.text) {
        if let Some(word) = UNFINISHED.iter().find(|word| stands_alone(line, word)) {
            let right = "finish it, or open an issue and say the reason here";
            breaches.push(Breach::new(&file.path, number, format!("{word} in the tree"), right));
        }
    }
}

fn module_file(file: &File, breaches: &mut Vec<Breach>) {
    if file.name() == "mod.rs" {
        let right = "name.rs beside the folder name/";
        breaches.push(Breach::new(&file.path, 1, "a module in mod.rs", right));
    }
}

fn length(file: &File, breaches: &mut Vec<Breach>) {
    let lines = code::production_lines(file);
    if lines > MOST_LINES {
        breaches.push(Breach::new(
            &file.path,
            MOST_LINES + 1,
            format!("{lines} lines before the tests"),
            format!("at most {MOST_LINES}; a part with a good name wants to leave"),
        ));
    }
}

fn bans(file: &File, breaches: &mut Vec<Breach>) {
    let code = code::only(&file.text);
    let production = code::production_lines(file);
    for ban in BANS.iter().filter(|ban| (ban.holds)(&file.path)) {
        for (number, line) in numbered(&code) {
            let is_judged = ban.tests_too || number <= production;
            let found = ban.words.iter().find(|word| stands_alone(line, word));
            if let (true, Some(word)) = (is_judged, found) {
                breaches.push(Breach::new(
                    &file.path,
                    number,
                    format!("`{word}` may not stand here"),
                    ban.right,
                ));
            }
        }
    }
}

/// The driver's name is caught above; this catches SQL that was written for it elsewhere.
fn statements(file: &File, breaches: &mut Vec<Breach>) {
    if file.path.starts_with("crates/store/") || file.path.starts_with("xtask/") {
        return;
    }
    for (number, line) in numbered(&file.text).take(code::production_lines(file)) {
        if STATEMENTS.iter().any(|start| line.contains(start)) {
            let right = "a method of crates/store, which holds the only SQL of the house";
            breaches.push(Breach::new(&file.path, number, "an SQL statement", right));
        }
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

/// Whether a word stands in a line, and not as a part of a longer one.
fn stands_alone(line: &str, word: &str) -> bool {
    let is_name =
        |edge: Option<char>| edge.is_some_and(|edge| edge.is_alphanumeric() || edge == '_');
    line.match_indices(word).any(|(at, _)| {
        let (before, rest) = line.split_at(at);
        let after = rest.strip_prefix(word).unwrap_or_default();
        let starts = !word.starts_with(char::is_alphabetic) || !is_name(before.chars().next_back());
        let ends = !word.ends_with(char::is_alphabetic) || !is_name(after.chars().next());
        starts && ends
    })
}

fn is_ring_0(path: &str) -> bool {
    imports::ring_0().any(|name| {
        let below = path.strip_prefix("crates/").and_then(|path| path.strip_prefix(name));
        below.is_some_and(|below| below.starts_with("/src/"))
    })
}

fn is_server_outside_wiring(path: &str) -> bool {
    path.strip_prefix("server/src/").is_some_and(|file| {
        file != "main.rs" && file != "wiring.rs" && !file.starts_with("wiring/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let mut breaches = Vec::new();
        inspect(&Tree::of(&[(path, text)]), &mut breaches);
        breaches.iter().map(|breach| breach.line).collect()
    }

    #[test]
    fn a_file_says_first_what_it_is_for() {
        assert_eq!(lines("crates/model/src/id.rs", "//! Ids.\n"), NONE);
        assert_eq!(lines("crates/model/src/id.rs", "use std::fmt;\n"), [1]);
        assert_eq!(lines("migrations/0001_create_house.sql", "CREATE TABLE a (b TEXT);\n"), [1]);
        assert_eq!(lines("end2end/fixtures.ts", "// What pages need.\n"), NONE);
    }

    #[test]
    fn silenced_lints_are_found_also_in_tests() {
        assert_eq!(lines("app/src/a.rs", "//! A.\n#[allow(dead_code)]\nfn b() {}\n"), [2]);
        assert_eq!(lines("app/src/a.rs", "//! Never `#[allow`.\n"), NONE);
        assert_eq!(lines("app/tests/a.rs", "//! A.\n#[allow(dead_code)]\n"), [2]);
    }

    #[test]
    fn ring_0_has_no_clock() {
        let text = "//! A.\nfn b() { std::time::Instant::now(); }\n";
        assert_eq!(lines("crates/evaluator/src/a.rs", text), [2]);
        assert_eq!(lines("crates/store/src/a.rs", text), NONE);
        let test = "//! A.\n\n#[cfg(test)]\nmod tests {\n    use std::time::Instant;\n}\n";
        assert_eq!(lines("crates/evaluator/src/a.rs", test), NONE);
    }

    #[test]
    fn sql_stays_in_the_store() {
        assert_eq!(lines("server/src/a.rs", "//! A.\nuse sqlx::Row;\n"), [2]);
        assert_eq!(lines("server/src/a.rs", "//! A.\nconst B: &str = \"SELECT 1\";\n"), [2]);
        assert_eq!(lines("crates/store/src/a.rs", "//! A.\nuse sqlx::Row;\n"), NONE);
    }

    #[test]
    fn only_the_wiring_of_the_server_knows_the_store() {
        let text = "//! A.\nuse store::Store;\n";
        assert_eq!(lines("server/src/http/api.rs", text), [2]);
        assert_eq!(lines("server/src/wiring/sessions.rs", text), NONE);
        assert_eq!(lines("server/src/http/api.rs", "//! A.\nuse crate::bookstore::B;\n"), NONE);
    }

    #[test]
    fn unfinished_work_is_found_as_a_word() {
        let word = concat!("TO", "DO");
        assert_eq!(lines("app/src/a.rs", &format!("//! A.\n// {word}: b\n")), [2]);
        assert_eq!(lines("app/src/a.rs", &format!("//! A.\n// {word}ist\n")), NONE);
    }

    #[test]
    fn modules_and_lengths_are_judged() {
        assert_eq!(lines("app/src/a/mod.rs", "//! A.\n"), [1]);
        let long = format!("//! A.\n{}", "fn b() {}\n".repeat(MOST_LINES));
        assert_eq!(lines("app/src/a.rs", &long), [MOST_LINES + 1]);
        let tested = format!("//! A.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "//\n".repeat(900));
        assert_eq!(lines("app/src/a.rs", &tested), NONE);
    }
}
