//! Reading the fields of a mapping: right types, no unknown ones, every complaint with its place.

use crate::diagnostics::{Diagnostics, Place, quoted};
use crate::yaml::{Node, Value};

/// A text of the document and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) at: Place,
    pub(crate) value: &'a str,
}

/// The fields of one mapping, of which each reader takes those it knows.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    /// The mapping's path in the document, such as `spec.authorities[0]`.
    pub(crate) path: String,
    /// Where the mapping stands.
    pub(crate) at: Place,
    entries: &'a [(String, Place, Node)],
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields of `node`, which must be a mapping.
    pub(crate) fn of(node: &'a Node, path: String, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::Map(entries) => Some(Self { path, at: node.at, entries, known: Vec::new() }),
            Value::Null | Value::Bool(_) | Value::Number | Value::Text(_) | Value::List(_) => {
                wrong_type(node, &path, "a mapping of fields", diagnostics);
                None
            }
        }
    }

    /// The path of one of its fields.
    pub(crate) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Where a field's name stands; the mapping's place if it is absent.
    pub(crate) fn place_of(&self, name: &str) -> Place {
        self.entries.iter().find(|(key, ..)| key == name).map_or(self.at, |(_, at, _)| *at)
    }

    /// A field of any type; absent and null are the same, as in Kubernetes.
    pub(crate) fn any(&mut self, name: &'static str) -> Option<&'a Node> {
        self.known.push(name);
        let (_, _, node) = self.entries.iter().find(|(key, ..)| key == name)?;
        match &node.value {
            Value::Null => None,
            Value::Bool(_) | Value::Number | Value::Text(_) | Value::List(_) | Value::Map(_) => {
                Some(node)
            }
        }
    }

    /// A mapping.
    pub(crate) fn map(
        &mut self,
        name: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Fields<'a>> {
        let path = self.path_of(name);
        Fields::of(self.any(name)?, path, diagnostics)
    }

    /// A list; empty where it is absent.
    pub(crate) fn list(&mut self, name: &'static str, diagnostics: &mut Diagnostics) -> &'a [Node] {
        let Some(node) = self.any(name) else { return &[] };
        match &node.value {
            Value::List(items) => items,
            Value::Null | Value::Bool(_) | Value::Number | Value::Text(_) | Value::Map(_) => {
                wrong_type(node, &self.path_of(name), "a list", diagnostics);
                &[]
            }
        }
    }

    /// The mappings of a list, each with its path.
    pub(crate) fn maps(
        &mut self,
        name: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Fields<'a>> {
        let path = self.path_of(name);
        let items = self.list(name, diagnostics).iter().enumerate();
        items
            .filter_map(|(index, node)| Fields::of(node, format!("{path}[{index}]"), diagnostics))
            .collect()
    }

    /// A text that is not empty; upstream reads an empty one as absent.
    pub(crate) fn text(
        &mut self,
        name: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Text<'a>> {
        self.text_or_empty(name, diagnostics).filter(|text| !text.value.is_empty())
    }

    /// Whether a text is absent or empty, so that a value of the wrong type is not called
    /// missing as well.
    pub(crate) fn is_blank(&self, name: &str) -> bool {
        let entry = self.entries.iter().find(|(key, ..)| key == name);
        match entry.map(|(_, _, node)| &node.value) {
            None | Some(Value::Null) => true,
            Some(Value::Text(text)) => text.is_empty(),
            Some(Value::Bool(_) | Value::Number | Value::List(_) | Value::Map(_)) => false,
        }
    }

    /// Whether a list is absent or empty; a value of the wrong type is neither.
    pub(crate) fn is_blank_list(&self, name: &str) -> bool {
        let entry = self.entries.iter().find(|(key, ..)| key == name);
        match entry.map(|(_, _, node)| &node.value) {
            None | Some(Value::Null) => true,
            Some(Value::List(items)) => items.is_empty(),
            Some(Value::Bool(_) | Value::Number | Value::Text(_) | Value::Map(_)) => false,
        }
    }

    /// A text, which may be empty.
    pub(crate) fn text_or_empty(
        &mut self,
        name: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Text<'a>> {
        let node = self.any(name)?;
        let Value::Text(value) = &node.value else {
            wrong_type(node, &self.path_of(name), "a text (put it in quotes)", diagnostics);
            return None;
        };
        if value.chars().any(is_hidden) {
            diagnostics.error(
                node.at,
                "text-control-character",
                format!(
                    "invalid value: {}: {}. Control and direction characters are not allowed: \
                     write the text without them.",
                    quoted(value),
                    self.path_of(name)
                ),
            );
            return None;
        }
        Some(Text { at: node.at, value })
    }

    /// A truth value; false where it is absent.
    pub(crate) fn truth(&mut self, name: &'static str, diagnostics: &mut Diagnostics) -> bool {
        let Some(node) = self.any(name) else { return false };
        let Value::Bool(value) = node.value else {
            wrong_type(node, &self.path_of(name), "true or false", diagnostics);
            return false;
        };
        value
    }

    /// Says that a field is missing, in upstream's words and with what to write.
    pub(crate) fn say_missing(&self, names: &[&str], advice: &str, diagnostics: &mut Diagnostics) {
        let paths: Vec<String> = names.iter().map(|name| self.path_of(name)).collect();
        diagnostics.error(
            self.at,
            "field-missing",
            format!("missing field(s): {}. {advice}", paths.join(", ")),
        );
    }

    /// Says that of some fields not exactly one is there.
    pub(crate) fn say_exactly_one(
        &self,
        how_many: usize,
        names: &[&str],
        diagnostics: &mut Diagnostics,
    ) {
        let paths: Vec<String> = names.iter().map(|name| self.path_of(name)).collect();
        let got = if how_many == 0 { "neither" } else { "both" };
        let advice = if how_many == 0 { "Write one of them." } else { "Keep one of them." };
        diagnostics.error(
            self.at,
            "field-exactly-one",
            format!("expected exactly one, got {got}: {}. {advice}", paths.join(", ")),
        );
    }

    /// Refuses every field that nobody took.
    pub(crate) fn finish(self, diagnostics: &mut Diagnostics) {
        for (key, at, _) in self.entries {
            if self.known.contains(&key.as_str()) {
                continue;
            }
            let path = self.path_of(&quoted(key));
            let advice = nearest(key, &self.known).map_or_else(
                || format!("Known here: {}.", self.known.join(", ")),
                |name| format!("Did you mean {name}?"),
            );
            diagnostics.error(*at, "field-unknown", format!("unknown field {path}. {advice}"));
        }
    }
}

/// Says that a value has the wrong type.
pub(crate) fn wrong_type(node: &Node, path: &str, wanted: &str, diagnostics: &mut Diagnostics) {
    let path = if path.is_empty() { "the document" } else { path };
    let kind = node.value.kind();
    diagnostics.error(node.at, "type-wrong", format!("{path} is {kind}: write {wanted}"));
}

/// Characters that make a text look like another one.
fn is_hidden(character: char) -> bool {
    let is_layout = matches!(character, '\n' | '\r' | '\t');
    let is_direction = matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    (character.is_control() && !is_layout) || is_direction
}

/// The known name that was probably meant: other case, or one or two letters off.
fn nearest<'n>(key: &str, known: &[&'n str]) -> Option<&'n str> {
    const FARTHEST: usize = 2;
    if key.len() > 64 {
        return None;
    }
    let distance = |name: &str| distance(&key.to_lowercase(), &name.to_lowercase());
    let near = known.iter().map(|name| (distance(name), *name)).min()?;
    (near.0 <= FARTHEST && near.0 < key.len()).then_some(near.1)
}

/// How many letters must be put in, taken out or changed to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut next = vec![index.saturating_add(1)];
        for ((above, diagonal), other) in row.iter().skip(1).zip(&row).zip(to.chars()) {
            let left = next.last().copied().unwrap_or_default();
            let changed = diagonal.saturating_add(usize::from(letter != other));
            next.push(changed.min(above.saturating_add(1)).min(left.saturating_add(1)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
