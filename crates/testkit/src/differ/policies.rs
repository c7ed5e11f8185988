//! Whole policies: a few statements over the fields of a document.

use std::collections::BTreeSet;

use super::constraints::Author;
use super::documents::Kind;
use crate::Seed;

/// A policy's text.
pub(super) fn policy(seed: &mut Seed) -> String {
    let mut author = Author { seed, imports: BTreeSet::new(), definitions: Vec::new() };
    let mut lines = Vec::new();
    for name in ["#A", "#B"] {
        if author.chance(20) {
            let fields = author.fields(0);
            lines.push(format!("{name}: {fields}"));
            author.definitions.push(name);
        }
    }
    for number in 0..=author.seed.below(4) {
        author.statement(number, &mut lines);
    }
    let imports = author.imports.iter().map(|package| format!("import \"{package}\""));
    imports.chain(lines).collect::<Vec<_>>().join("\n")
}

impl Author<'_> {
    /// One statement; `number` tells its names from those of others.
    fn statement(&mut self, number: u64, lines: &mut Vec<String>) {
        match self.seed.below(20) {
            0..=7 => {
                let field = self.stated(2);
                lines.push(field);
            }
            8 | 9 => {
                let (name, kind) = self.field(1);
                lines.push(format!("spec: {name}: {}", self.constraint(kind, 1)));
            }
            10..=12 => {
                let condition = self.condition();
                lines.extend(condition.declarations);
                let body = self.body(number);
                lines.push(format!("if {} {{{body}}}", condition.expression));
            }
            13 | 14 => self.over_containers(number, lines),
            15 => {
                let condition = self.condition();
                lines.extend(condition.declarations);
                lines.push(format!("let l{number} = {}", condition.expression));
                let body = self.body(number);
                lines.push(format!("if l{number} {{{body}}}"));
            }
            16 => {
                let (one, other) = (self.one_of(&["name", "kind"]), self.one_of(&["name", "kind"]));
                lines.push(format!("{one}: _"));
                lines.push(format!("spec: {other}: {one}"));
            }
            17 => {
                let made = self.one_of(&["\"\\(name)-b\"", "name + \"b\"", "\"a\" + name", "name"]);
                lines.push("name: string".to_owned());
                lines.push(format!("kind: {made}"));
            }
            18 => {
                let made = self.one_of(&["n + 1", "n * 2", "n", "-n", "n - 1"]);
                lines.push("n: int".to_owned());
                lines.push(format!("spec: n: {made}"));
            }
            _ => {
                let key = self.one_of(&["name", "kind"]);
                lines.push(format!("{key}: string"));
                let value = self.constraint(Kind::Text, 0);
                let label =
                    if self.chance(50) { format!("({key})") } else { format!("\"\\({key})\"") };
                lines.push(format!("labels: {label}: {value}"));
            }
        }
    }

    /// A field of the root with its constraint, now and then optional.
    fn stated(&mut self, levels: u32) -> String {
        let (name, kind) = self.field(levels);
        let mark = if self.chance(15) { "?" } else { "" };
        format!("{name}{mark}: {}", self.constraint(kind, levels))
    }

    /// What holds under a condition: another field, or the error that people write by hand.
    fn body(&mut self, number: u64) -> String {
        if self.chance(50) {
            return self.stated(1);
        }
        format!("error{number}: 1, error{number}: \"refused\"")
    }

    /// The containers, one by one.
    fn over_containers(&mut self, number: u64, lines: &mut Vec<String>) {
        let (path, declared) = match self.seed.below(2) {
            0 => ("containers", "containers: [...]"),
            _ => ("spec.containers", "spec: containers: [...]"),
        };
        lines.push(declared.to_owned());
        let (name, kind) = self.field(0);
        let condition = self.over(&format!("c.{name}"), kind);
        match self.seed.below(4) {
            0 => {
                lines.push(format!("_bad{number}: [for c in {path} if {condition} {{c}}]"));
                lines.push(format!("if len(_bad{number}) > 0 {{error{number}: 1 & \"refused\"}}"));
            }
            1 => {
                lines.push(format!("bad{number}: [for c in {path} if {condition} {{c.{name}}}]"));
                lines.push(format!("bad{number}: []"));
            }
            2 => {
                let value = self.constraint(Kind::Whole, 0);
                lines.push(format!(
                    "seen{number}: {{for i, c in {path} if {condition} {{\"\\(i)\": {value} & i}}}}"
                ));
            }
            _ => {
                let (field, kind) = self.field(0);
                let value = self.constraint(kind, 0);
                lines.push(format!(
                    "{}: [...{{{name}: _, if {} {{{field}: {value}}}}}]",
                    path.replace('.', ": "),
                    condition.replace("c.", "")
                ));
            }
        }
    }
}
