//! Foresight held against evaluating everything: policies and documents from a seed, of which every
//! verdict and every message must be the same.

use super::{Foresight, Policy, Strictness};
use crate::document::Document;
use crate::limits::Limits;

const N_POLICIES: u64 = 4_000;

const SCALARS: [&str; 36] = [
    "_",
    "string",
    "int",
    "number",
    "float",
    "bool",
    "null",
    "uint8",
    "\"a\"",
    "\"ab\"",
    "1",
    "-1",
    "1.0",
    "true",
    "2",
    ">0",
    "<=2",
    "> -1",
    "!=1",
    "!=\"a\"",
    ">=\"b\"",
    "=~\"^a\"",
    "!~\"b\"",
    "!=null",
    "string & !=\"a\"",
    ">0 & <2",
    ">1 & <1.5",
    "int & >0 & <1",
    "\"a\" & \"ab\"",
    "\"a\" | \"ab\"",
    "*\"a\" | string",
    "int | =~\"a\"",
    "1 | -1",
    "string & =~\"a\" & !~\"b\"",
    "null | !=1",
    "(1 | 2) & (2 | 3)",
];
const OF_TEXTS: [&str; 10] = [
    "_",
    "string",
    "=~\"^[ab]\"",
    "!~\"c\"",
    "!=\"c\"",
    ">=\"a\"",
    "string & !~\"^b.\"",
    "*\"a\" | string",
    "\"a\" | \"ab\" | \"b\"",
    "int | string",
];
const OF_NUMBERS: [&str; 8] =
    ["_", "number", ">= -1", "<1000", "!=3 & <500", "string | number", "1 | number", "> -2 & !=7"];
const VALUES: [&str; 12] = [
    "\"a\"",
    "\"ab\"",
    "\"b\"",
    "1",
    "-1",
    "1.0",
    "2",
    "1.25",
    "true",
    "null",
    "\"\\u0061\"",
    "300",
];
const NAMES: [&str; 5] = ["a", "b", "c", "ab", "\"x y\""];
/// What foresight must leave to the machine, also where it stands beside what it need not.
const OTHERS: [&str; 12] = [
    "a",
    "b.a",
    "#D",
    "strings.MinRunes(2)",
    "list.MaxItems(1)",
    "list.UniqueItems()",
    "struct.MinFields(1)",
    "len(c) > 1",
    "\"\\(a)\"",
    "[for x in c {x}]",
    "c[0]",
    "_|_ | {a: 1}",
];

/// A stream of numbers from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.roll(from.len())]
    }

    /// A constraint; mostly one that a value keeps to, where there is one.
    fn constraint(&mut self, like: Option<&Made>, depth: u32) -> String {
        if self.roll(24) == 0 {
            return self.pick(&OTHERS).to_owned();
        }
        match like.filter(|_| self.roll(16) > 0) {
            Some(Made::Scalar(written)) if written.starts_with('"') => {
                self.pick(&OF_TEXTS).to_owned()
            }
            Some(Made::Scalar("null" | "true")) => self.pick(&["_", "null | bool"]).to_owned(),
            Some(Made::Scalar(_)) => self.pick(&OF_NUMBERS).to_owned(),
            Some(Made::List(items)) if depth > 0 => self.list(items, depth - 1),
            Some(Made::Object(members)) if depth > 0 => self.structure(members, depth - 1),
            Some(Made::List(_) | Made::Object(_)) => "_".to_owned(),
            None if depth == 0 => self.pick(&SCALARS).to_owned(),
            None => match self.roll(8) {
                0..=4 => self.pick(&SCALARS).to_owned(),
                5 => self.list(&[], depth - 1),
                6 => format!("{} & {}", self.constraint(None, depth - 1), self.pick(&SCALARS)),
                _ => self.structure(&[], depth - 1),
            },
        }
    }

    fn list(&mut self, items: &[Made], depth: u32) -> String {
        let (first, last) = (items.first(), items.last());
        match self.roll(8) {
            0 => format!("[{}, ...]", self.constraint(first, depth)),
            1 => {
                format!("[{}, ...{}]", self.constraint(first, depth), self.constraint(last, depth))
            }
            2 => {
                let each: Vec<String> =
                    items.iter().map(|item| self.constraint(Some(item), depth)).collect();
                format!("[{}]", each.join(", "))
            }
            3 => format!(
                "[...{}] & [...{}]",
                self.constraint(first, depth),
                self.constraint(last, depth)
            ),
            _ => format!("[...{}]", self.constraint(last, depth)),
        }
    }

    fn field(&mut self, members: &[(&str, Made)], depth: u32) -> String {
        let (name, mark) = (self.pick(&NAMES), self.pick(&["", "", "", "?", "!"]));
        let like = members.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
        format!("{name}{mark}: {}", self.constraint(like, depth))
    }

    fn structure(&mut self, members: &[(&str, Made)], depth: u32) -> String {
        let mut parts: Vec<String> =
            (0..self.roll(3) + 1).map(|_| self.field(members, depth)).collect();
        let like = members.first().map(|(_, value)| value);
        match self.roll(24) {
            0..=2 => parts = vec![format!("[string]: {}", self.constraint(like, depth))],
            3 | 4 => parts = vec![format!("[=~\"^a\"]: {}", self.constraint(like, depth))],
            5 => parts.push(format!("[!~\"^a\"]: {}", self.constraint(like, depth))),
            6 | 7 => parts.push("...".to_owned()),
            8 => parts.push(format!("if a != _|_ {{{}}}", self.field(members, depth))),
            9 => return format!("close({{{}, ...}})", parts.join(", ")),
            10 => return format!("{{{}}} | {{...}}", parts.join(", ")),
            11 => return format!("{{{}}} & {{{}}}", parts.join(", "), self.field(members, depth)),
            _ => {}
        }
        format!("{{{}}}", parts.join(", "))
    }

    fn policy(&mut self, members: &[(&str, Made)]) -> String {
        let mut text = String::new();
        for _ in 0..self.roll(3) + 1 {
            text.push_str(&format!("{}\n", self.field(members, 3)));
        }
        if text.contains("#D") {
            text.push_str(&format!("#D: {}\n", self.constraint(None, 2)));
        }
        for package in ["strings", "list", "struct"] {
            if text.contains(&format!("{package}.")) {
                text = format!("import \"{package}\"\n{text}");
            }
        }
        text
    }

    fn value(&mut self, depth: u32) -> Made {
        match self.roll(if depth == 0 { 4 } else { 9 }) {
            0..=3 => Made::Scalar(self.pick(&VALUES)),
            4 | 5 => Made::List((0..self.roll(4)).map(|_| self.value(depth - 1)).collect()),
            _ => Made::Object(self.members(depth - 1)),
        }
    }

    fn members(&mut self, depth: u32) -> Vec<(&'static str, Made)> {
        let mut members = Vec::new();
        for name in NAMES {
            if self.roll(3) > 0 {
                members.push((name, self.value(depth)));
            }
        }
        members
    }
}

/// A part of a document.
enum Made {
    Scalar(&'static str),
    List(Vec<Self>),
    Object(Vec<(&'static str, Self)>),
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scalar(written) => f.write_str(written),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
            Self::Object(members) => {
                let member = |(name, value): &(&str, Self)| {
                    format!("\"{}\":{value}", name.trim_matches('"'))
                };
                let members: Vec<String> = members.iter().map(member).collect();
                write!(f, "{{{}}}", members.join(","))
            }
        }
    }
}

#[test]
fn foresight_changes_no_verdict_and_no_message() {
    let limits = Limits::default();
    let (mut n_foreseen, mut n_refused, mut n_whole) = (0_u32, 0_u32, 0_u32);
    for seed in 0..N_POLICIES {
        let mut dice = Dice(seed);
        let members = dice.members(3);
        let text = dice.policy(&members);
        let Ok(policy) = Policy::compile(&text) else { continue };
        for made in [Made::Object(members), Made::Object(dice.members(3))] {
            let json = made.to_string();
            let document = Document::parse(json.as_str(), &limits).unwrap();
            for strictness in [Strictness::Lax, Strictness::Strict] {
                let run = |foresight| policy.run(&document, &limits, strictness, foresight);
                let (whole, _) = run(Foresight::None);
                let (with_foresight, has_foreseen) = run(Foresight::Some);
                assert_eq!(
                    with_foresight.is_ok(),
                    whole.is_ok(),
                    "seed {seed}, {strictness:?}:\n{text}\n{json}\n{whole:?}\n{with_foresight:?}"
                );
                assert_eq!(policy.by_both(&document, &limits, strictness), whole);
                n_foreseen += u32::from(has_foreseen && whole.is_ok());
                n_refused += u32::from(has_foreseen && whole.is_err());
                n_whole += u32::from(!has_foreseen);
            }
        }
    }
    // All three must happen often for the comparison to mean anything.
    assert!(
        n_foreseen > 1_000 && n_refused > 1_000 && n_whole > 1_000,
        "{n_foreseen} {n_refused} {n_whole}"
    );
}

/// What a policy says of a document with foresight, and whether that left anything out.
fn foreseen(policy: &str, json: &str) -> (bool, bool) {
    let limits = Limits::default();
    let (policy, document) =
        (Policy::compile(policy).unwrap(), Document::parse(json, &limits).unwrap());
    let (outcome, has_foreseen) = policy.run(&document, &limits, Strictness::Lax, Foresight::Some);
    (outcome.is_ok(), has_foreseen)
}

#[test]
fn what_a_document_lacks_may_still_contradict_itself() {
    for (policy, json) in [
        ("a: [...{b: >2 & <1}]", r#"{"a":[{}]}"#),
        ("a: [...{b: \"x\" & \"y\"}]", r#"{"a":[{}]}"#),
        ("a: [...({b: int} & {b: string})]", r#"{"a":[{}]}"#),
        ("a: [...{b: int, b: string}]", r#"{"a":[{}]}"#),
        ("a: [...{b: int, [string]: string}]", r#"{"a":[{}]}"#),
        ("a: [...{b: int}]\na: [...{b: string}]", r#"{"a":[{}]}"#),
    ] {
        assert_eq!(foreseen(policy, json), (false, false), "{policy}");
    }
}

#[test]
fn what_names_nothing_needs_no_values() {
    for (policy, json) in [
        ("a: [...{b: !~\"^log4j\", c?: >=1.5 | null}]", r#"{"a":[{"b":"x","c":null},{"c":2}]}"#),
        ("a: [string]: =~\"^v\"", r#"{"a":{"x":"v1","y":"v2"}}"#),
        ("a: b: [\"x\", ...string & !=\"y\"]\nc: a.b[0]", r#"{"a":{"b":["x","z"]},"c":"x"}"#),
    ] {
        assert_eq!(foreseen(policy, json), (true, true), "{policy}");
    }
}
