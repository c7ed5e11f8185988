//! Conditions over fields of the document, and the declarations without which CUE would not know
//! the names.

use super::constraints::Author;
use super::documents::{FIELDS, Kind};

/// A condition, and what must be declared beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) expression: String,
    pub(super) declarations: Vec<String>,
}

/// Where fields stand that a condition may read: at the root and one level down.
const PLACES: [&str; 2] = ["", "spec"];

impl Author<'_> {
    /// A condition over one field, or two of them joined.
    pub(super) fn condition(&mut self) -> Condition {
        let first = self.simple_condition();
        if !self.chance(20) {
            return first;
        }
        let second = self.simple_condition();
        let sign = self.one_of(&["&&", "||"]);
        Condition {
            expression: format!("({}) {sign} ({})", first.expression, second.expression),
            declarations: [first.declarations, second.declarations].concat(),
        }
    }

    fn simple_condition(&mut self) -> Condition {
        let place = self.one_of(&PLACES);
        let at = usize::try_from(self.seed.below(FIELDS.len() as u64)).unwrap_or_default();
        let (name, kind) = FIELDS.get(at).copied().unwrap_or(("n", Kind::Whole));
        let (path, declared) = match place {
            "" => (name.to_owned(), format!("{name}: {}", self.declared(kind))),
            place => {
                (format!("{place}.{name}"), format!("{place}: {name}: {}", self.declared(kind)))
            }
        };
        Condition { expression: self.over(&path, kind), declarations: vec![declared] }
    }

    /// What stands where a field is only named.
    fn declared(&mut self, kind: Kind) -> &'static str {
        if self.chance(60) {
            return "_";
        }
        match kind {
            Kind::Text => "string",
            Kind::Whole => "int",
            Kind::Number => "number",
            Kind::Truth => "bool",
            Kind::Texts | Kind::Wholes | Kind::Objects => "[...]",
            Kind::Labels | Kind::Object => "{...}",
        }
    }

    /// A condition over a path or variable of a kind.
    pub(super) fn over(&mut self, path: &str, kind: Kind) -> String {
        if self.chance(12) {
            return format!("{path} {} _|_", self.one_of(&["!=", "=="]));
        }
        match kind {
            Kind::Text => match self.seed.below(6) {
                0 | 1 => format!("{path} {} {}", self.one_of(&["==", "!="]), self.text()),
                2 => format!("{path} {} \"{}\"", self.one_of(&["=~", "!~"]), self.expression()),
                3 => {
                    let name = self.one_of(&["HasPrefix", "HasSuffix", "Contains"]);
                    let call = format!("strings.{name}({path}, {})", self.text());
                    self.import("strings", call)
                }
                4 => format!("len({path}) {} {}", self.one_of(&["<", ">"]), self.seed.below(4)),
                _ => {
                    let call = format!("strings.ToLower({path}) == {}", self.text());
                    self.import("strings", call)
                }
            },
            Kind::Whole | Kind::Number => {
                let sign = self.one_of(&["==", "!=", "<", "<=", ">", ">="]);
                format!("{path} {sign} {}", self.whole())
            }
            Kind::Truth => match self.seed.below(3) {
                0 => path.to_owned(),
                1 => format!("!{path}"),
                _ => format!("{path} == {}", self.one_of(&["true", "false"])),
            },
            Kind::Texts => self.over_list(path, true),
            Kind::Wholes | Kind::Objects => self.over_list(path, false),
            Kind::Labels | Kind::Object => {
                format!("len({path}) {} {}", self.one_of(&["<", ">", "=="]), self.seed.below(4))
            }
        }
    }

    fn over_list(&mut self, path: &str, has_texts: bool) -> String {
        if self.chance(50) {
            return format!(
                "len({path}) {} {}",
                self.one_of(&["<", ">", "=="]),
                self.seed.below(4)
            );
        }
        let element = if has_texts { self.text() } else { self.whole().to_owned() };
        self.import("list", format!("list.Contains({path}, {element})"))
    }
}
