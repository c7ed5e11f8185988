//! Documents in JSON: a pod's shape in small, now and then with something odd in it.

use super::{chance, one_of};
use crate::Seed;

/// What a field usually holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    Number,
    Truth,
    Texts,
    Wholes,
    Labels,
    Object,
    Objects,
}

/// The fields that every object may have; policies speak of the same.
pub(super) const FIELDS: [(&str, Kind); 8] = [
    ("name", Kind::Text),
    ("kind", Kind::Text),
    ("n", Kind::Whole),
    ("ratio", Kind::Number),
    ("ok", Kind::Truth),
    ("tags", Kind::Texts),
    ("nums", Kind::Wholes),
    ("labels", Kind::Labels),
];
/// What only the outer two levels have.
pub(super) const NESTED: [(&str, Kind); 2] =
    [("spec", Kind::Object), ("containers", Kind::Objects)];

/// Few, so that a policy's texts and a document's meet.
pub(super) const TEXTS: [&str; 10] =
    ["a", "b", "ab", "abc", "A", "", "prod", "v1.2.3", "x y", "a-b"];
pub(super) const WHOLES: [&str; 9] =
    ["0", "1", "2", "3", "4", "7", "10", "-1", "100000000000000000001"];
pub(super) const NUMBERS: [&str; 7] = ["0.5", "1.5", "2.25", "1", "2", "0", "-0.5"];
pub(super) const KEYS: [&str; 4] = ["a", "b", "ab", "app"];
const ODD: [&str; 9] = ["null", "{}", "[]", "1.0", "1e3", "true", "\"\"", "[null]", "{\"a\":{}}"];

/// A whole document.
pub(super) fn root(seed: &mut Seed) -> String {
    object(seed, 2)
}

fn object(seed: &mut Seed, levels: u32) -> String {
    let mut fields = Vec::new();
    for (name, kind) in FIELDS {
        if chance(seed, 65) {
            fields.push(format!("\"{name}\":{}", value(seed, kind, levels)));
        }
    }
    for (name, kind) in NESTED {
        let has = levels == 2 || (levels == 1 && kind == Kind::Objects);
        if has && chance(seed, 75) {
            fields.push(format!("\"{name}\":{}", value(seed, kind, levels)));
        }
    }
    if chance(seed, 15) {
        fields.push(format!("\"extra\":{}", one_of(seed, &ODD)));
    }
    format!("{{{}}}", fields.join(","))
}

fn value(seed: &mut Seed, kind: Kind, levels: u32) -> String {
    if chance(seed, 4) {
        return one_of(seed, &ODD).to_owned();
    }
    match kind {
        Kind::Text => format!("\"{}\"", one_of(seed, &TEXTS)),
        Kind::Whole => one_of(seed, &WHOLES).to_owned(),
        Kind::Number => one_of(seed, &NUMBERS).to_owned(),
        Kind::Truth => one_of(seed, &["true", "false"]).to_owned(),
        Kind::Texts => list(seed, |seed| value(seed, Kind::Text, 0)),
        Kind::Wholes => list(seed, |seed| value(seed, Kind::Whole, 0)),
        Kind::Labels => {
            let keys = KEYS.iter().filter(|_| chance(seed, 45)).collect::<Vec<_>>();
            let label = |key: &&str| format!("\"{key}\":\"{}\"", one_of(seed, &TEXTS));
            format!("{{{}}}", keys.into_iter().map(label).collect::<Vec<_>>().join(","))
        }
        Kind::Object => object(seed, levels.saturating_sub(1)),
        Kind::Objects => list(seed, |seed| object(seed, 0)),
    }
}

fn list(seed: &mut Seed, mut element: impl FnMut(&mut Seed) -> String) -> String {
    let elements: Vec<String> = (0..seed.below(4)).map(|_| element(seed)).collect();
    format!("[{}]", elements.join(","))
}
