//! What a policy asks of one field.

use std::collections::BTreeSet;

use super::documents::{FIELDS, KEYS, Kind, NESTED, NUMBERS, TEXTS, WHOLES};
use super::{chance, one_of};
use crate::Seed;

const EXPRESSIONS: [&str; 9] =
    ["^a", "b$", "^[a-z]+$", "^v[0-9]", "a|b", ".", "^$", r"^a.c$", "(?i)^A"];
const BOUNDS: [&str; 4] = ["<", "<=", ">", ">="];

/// Writes constraints, and remembers what they import.
pub(super) struct Author<'s> {
    pub(super) seed: &'s mut Seed,
    pub(super) imports: BTreeSet<&'static str>,
    /// The definitions so far, which an object may be.
    pub(super) definitions: Vec<&'static str>,
}

impl Author<'_> {
    pub(super) fn chance(&mut self, per_cent: u64) -> bool {
        chance(self.seed, per_cent)
    }

    pub(super) fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        one_of(self.seed, words)
    }

    pub(super) fn text(&mut self) -> String {
        format!("\"{}\"", self.one_of(&TEXTS))
    }

    pub(super) fn whole(&mut self) -> &'static str {
        self.one_of(&WHOLES)
    }

    fn number(&mut self) -> &'static str {
        self.one_of(&NUMBERS)
    }

    pub(super) fn expression(&mut self) -> &'static str {
        self.one_of(&EXPRESSIONS)
    }

    pub(super) fn import(&mut self, package: &'static str, call: String) -> String {
        self.imports.insert(package);
        call
    }

    /// A field that an object of so many levels below has.
    pub(super) fn field(&mut self, levels: u32) -> (&'static str, Kind) {
        let nested = match levels {
            0 => 0,
            1 => 1,
            _ => 2,
        };
        let count = FIELDS.len().saturating_add(nested);
        let place = usize::try_from(self.seed.below(count as u64)).unwrap_or_default();
        // Of the two, the last one is at both levels.
        let nested = place.checked_sub(FIELDS.len()).and_then(|at| NESTED.iter().rev().nth(at));
        FIELDS.get(place).or(nested).copied().unwrap_or(("n", Kind::Whole))
    }

    /// What a policy asks of a field of a kind; `levels` objects may stand below.
    pub(super) fn constraint(&mut self, kind: Kind, levels: u32) -> String {
        match self.seed.below(30) {
            0 => return "_".to_owned(),
            1 => return format!("null | {}", self.constraint(kind, levels)),
            2 => {
                let (one, other) = (self.constraint(kind, levels), self.constraint(kind, levels));
                return format!("({one}) & ({other})");
            }
            3 => {
                let (one, other) = (self.constraint(kind, levels), self.constraint(kind, levels));
                return format!("({one}) | ({other})");
            }
            _ => {}
        }
        match kind {
            Kind::Text => self.of_text(),
            Kind::Whole => self.of_whole(),
            Kind::Number => self.of_number(),
            Kind::Truth => self.of_truth(),
            Kind::Texts => self.of_list(Kind::Text, 0),
            Kind::Wholes => self.of_list(Kind::Whole, 0),
            Kind::Objects => self.of_list(Kind::Object, 0),
            Kind::Labels => self.of_labels(),
            Kind::Object => self.object(levels.saturating_sub(1)),
        }
    }

    fn of_text(&mut self) -> String {
        match self.seed.below(16) {
            0 | 1 => self.text(),
            2 | 3 => "string".to_owned(),
            4 => format!("=~\"{}\"", self.expression()),
            5 => format!("!~\"{}\"", self.expression()),
            6 => format!("!={}", self.text()),
            7 => format!("{} | {} | {}", self.text(), self.text(), self.text()),
            8 => format!("*{} | string", self.text()),
            9 => format!("*{} | {}", self.text(), self.text()),
            10 => format!("{}{}", self.one_of(&BOUNDS), self.text()),
            11 => format!("string & {}{}", self.one_of(&BOUNDS), self.text()),
            12 => {
                let name = self.one_of(&["MinRunes", "MaxRunes"]);
                let call = format!("strings.{name}({})", self.seed.below(5));
                self.import("strings", call)
            }
            13 => format!("{} + {}", self.text(), self.text()),
            14 => self.text_call(),
            _ => format!("\"\\({})\\({})\"", self.text(), self.whole()),
        }
    }

    /// A call that makes a text.
    fn text_call(&mut self) -> String {
        let call = match self.seed.below(9) {
            0 => format!("strings.ToLower({})", self.text()),
            1 => format!("strings.ToUpper({})", self.text()),
            2 => format!("strings.TrimSpace({})", self.text()),
            3 => format!("strings.Join([{}, {}], \"-\")", self.text(), self.text()),
            4 => format!("strings.Replace({}, \"a\", \"b\", -1)", self.text()),
            5 => format!("strings.TrimPrefix({}, \"a\")", self.text()),
            6 => format!("strings.TrimSuffix({}, \"b\")", self.text()),
            7 => format!("strings.Split({}, \"-\")[0]", self.text()),
            _ => format!("strings.Repeat({}, {})", self.text(), self.seed.below(3)),
        };
        self.import("strings", call)
    }

    fn of_whole(&mut self) -> String {
        match self.seed.below(17) {
            0 | 1 => self.whole().to_owned(),
            2 => "int".to_owned(),
            3 => "number".to_owned(),
            4 | 5 => format!("{}{}", self.one_of(&BOUNDS), self.whole()),
            6 => format!(">={} & <={}", self.whole(), self.whole()),
            7 => format!("int & {}{}", self.one_of(&BOUNDS), self.number()),
            8 => format!("!={}", self.whole()),
            9 => format!("{} | {} | {}", self.whole(), self.whole(), self.whole()),
            10 => format!("*{} | int", self.whole()),
            11 => {
                let sign = self.one_of(&["+", "-", "*"]);
                format!("{} {sign} {}", self.whole(), self.whole())
            }
            12 => self.one_of(&["uint", "uint8", "int8", "int32", "uint16"]).to_owned(),
            13 => format!("len({})", self.text()),
            14 => {
                let sign = self.one_of(&["div", "mod", "quo", "rem"]);
                format!("{sign}({}, {})", self.whole(), self.one_of(&["2", "3", "-2"]))
            }
            15 => {
                let name = self.one_of(&["Sum", "Max", "Min"]);
                let call = format!("list.{name}([{}, {}])", self.whole(), self.whole());
                self.import("list", call)
            }
            _ => {
                let name = self.one_of(&["Floor", "Ceil", "Round", "Trunc"]);
                let call = format!("math.{name}({})", self.number());
                self.import("math", call)
            }
        }
    }

    fn of_number(&mut self) -> String {
        match self.seed.below(8) {
            0 => self.number().to_owned(),
            1 => "number".to_owned(),
            2 => "float".to_owned(),
            3 => format!("{}{}", self.one_of(&BOUNDS), self.number()),
            4 => format!(">{} & <{}", self.number(), self.number()),
            5 => format!("!={}", self.number()),
            6 => format!("{} | {}", self.number(), self.number()),
            _ => format!("float & {}{}", self.one_of(&BOUNDS), self.number()),
        }
    }

    fn of_truth(&mut self) -> String {
        match self.seed.below(8) {
            0 => "bool".to_owned(),
            1 => "true".to_owned(),
            2 => "false".to_owned(),
            3 => "*true | bool".to_owned(),
            4 => "*false | true".to_owned(),
            5 => format!("{} == {}", self.text(), self.text()),
            6 => format!("{} {} {}", self.whole(), self.one_of(&BOUNDS), self.whole()),
            _ => format!("!({} =~ \"{}\")", self.text(), self.expression()),
        }
    }

    fn of_list(&mut self, kind: Kind, levels: u32) -> String {
        match self.seed.below(12) {
            0..=2 => format!("[...{}]", self.constraint(kind, levels)),
            3 => format!("[{}, ...]", self.constraint(kind, levels)),
            4 => format!("[{}]", self.constraint(kind, levels)),
            5 => {
                let (one, rest) = (self.constraint(kind, levels), self.constraint(kind, levels));
                format!("[{one}, ...{rest}]")
            }
            6 | 7 => {
                let name = self.one_of(&["MinItems", "MaxItems"]);
                let call = format!("list.{name}({})", self.seed.below(4));
                self.import("list", call)
            }
            8 => {
                let open = format!("[...] & list.MaxItems({})", self.seed.below(4));
                self.import("list", open)
            }
            9 => self.import("list", "list.UniqueItems()".to_owned()),
            10 => self.one_of(&["[]", "[...]", "[_, _, ...]", "[_]"]).to_owned(),
            _ if kind == Kind::Text => {
                format!("[for x in [{}, {}] if x != \"a\" {{x}}]", self.text(), self.text())
            }
            _ => format!("[_] | [...{}]", self.constraint(kind, levels)),
        }
    }

    fn of_labels(&mut self) -> String {
        let key = self.one_of(&KEYS);
        match self.seed.below(11) {
            0 => format!("{{[string]: {}}}", self.of_text()),
            1 => format!("{{[=~\"{}\"]: {}}}", self.expression(), self.of_text()),
            2 | 3 => format!("{{{key}: {}}}", self.of_text()),
            4 => format!("{{{key}?: {}}}", self.of_text()),
            5 => format!("close({{{key}?: {}, b?: string}})", self.of_text()),
            6 => format!("{{{key}: {}, [string]: {}}}", self.of_text(), self.of_text()),
            7 => format!("{{(\"{key}\"): {}}}", self.of_text()),
            8 => format!("{{\"\\(\"{key}\")\": {}}}", self.of_text()),
            9 => {
                let call = format!("struct.MaxFields({})", self.seed.below(4));
                self.import("struct", call)
            }
            _ => format!("{{{key}?: {}, ...}}", self.of_text()),
        }
    }

    /// An object with a few fields, open, closed, or by a definition.
    pub(super) fn object(&mut self, levels: u32) -> String {
        let definitions = self.definitions.clone();
        if !definitions.is_empty() && self.chance(35) {
            let name = self.one_of(&definitions);
            return match self.seed.below(4) {
                0 => format!("{name} & {}", self.fields(levels)),
                1 => format!("{{{name}, ...}}"),
                2 => format!("{{{name}, {}}}", self.one_of(&["n: int", "ok: bool", "extra?: _"])),
                _ => name.to_owned(),
            };
        }
        let fields = self.fields(levels);
        if self.chance(10) { format!("close({fields})") } else { fields }
    }

    /// Fields in braces, some of them optional.
    pub(super) fn fields(&mut self, levels: u32) -> String {
        let mut fields = Vec::new();
        for _ in 0..=self.seed.below(3) {
            let (name, kind) = self.field(levels);
            let mark = if self.chance(25) { "?" } else { "" };
            fields.push(format!("{name}{mark}: {}", self.constraint(kind, levels)));
        }
        if self.chance(10) {
            fields.push("...".to_owned());
        }
        format!("{{{}}}", fields.join(", "))
    }
}
