//! Reading a document into its written form: right types, no unknown fields, every place kept.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostics, Place, quoted};
use crate::yaml::{Node, Value};

/// What is read on the way: complaints, and where everything stands.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) diagnostics: &'a mut Diagnostics,
    /// The text, for quoting a scalar as it was written.
    pub(crate) text: &'a str,
    /// By path, such as `spec.authorities[0].key`.
    pub(crate) places: Places,
}

/// Where the fields of one document stand.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(BTreeMap<String, FieldPlace>);

/// Where one field stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldPlace {
    /// Its name; of a list's entry: the entry.
    pub(crate) key: Place,
    /// Its value.
    pub(crate) value: Place,
}

impl Places {
    pub(crate) fn insert(&mut self, path: String, place: FieldPlace) {
        self.0.insert(path, place);
    }

    /// Where a value stands; for one that is absent, what it is missing from.
    pub(crate) fn of_value(&self, path: &str) -> Place {
        self.find(path).map_or(Place::START, |(place, is_exact)| match is_exact {
            true => place.value,
            false => place.key,
        })
    }

    /// Where a field's name stands; for one that is absent, what it is missing from.
    pub(crate) fn of_key(&self, path: &str) -> Place {
        self.find(path).map_or(Place::START, |(place, _)| place.key)
    }

    fn find(&self, path: &str) -> Option<(FieldPlace, bool)> {
        if let Some(place) = self.0.get(path) {
            return Some((*place, true));
        }
        let mut rest = path;
        while let Some(end) = rest.rfind(['.', '[']) {
            rest = rest.get(..end).unwrap_or_default();
            if let Some(place) = self.0.get(rest) {
                return Some((*place, false));
            }
        }
        self.0.get("").map(|place| (*place, false))
    }
}

/// A type that documents are written in.
pub(crate) trait Shape: Default {
    /// Reads a value; complains and gives the default where it has another type.
    fn read(node: &Node, path: &str, reader: &mut Reader<'_>) -> Self;

    /// Its JSON Schema.
    fn schema() -> serde_json::Value;
}

/// The fields of one mapping, of which each reader takes those it knows.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    path: &'a str,
    entries: &'a [(String, Place, Node)],
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields of `node`, which must be a mapping.
    pub(crate) fn of(node: &'a Node, path: &'a str, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(entries) => Some(Self { path, entries, known: Vec::new() }),
            Value::Null | Value::Bool(_) | Value::Number | Value::Text(_) | Value::List(_) => {
                reader.wrong_type(node, path, "a mapping of fields");
                None
            }
        }
    }

    /// Takes a field; absent and null are the same, as in Kubernetes.
    pub(crate) fn take<T: Shape>(&mut self, name: &'static str, reader: &mut Reader<'_>) -> T {
        self.known.push(name);
        let Some((_, key, node)) = self.entries.iter().find(|(entry, ..)| entry == name) else {
            return T::default();
        };
        let path = joined(self.path, name);
        reader.places.insert(path.clone(), FieldPlace { key: *key, value: node.at });
        if matches!(node.value, Value::Null) {
            return T::default();
        }
        T::read(node, &path, reader)
    }

    /// Refuses every field that nobody took.
    pub(crate) fn finish(self, reader: &mut Reader<'_>) {
        for (key, at, _) in self.entries {
            if self.known.contains(&key.as_str()) {
                continue;
            }
            let path = joined(self.path, &quoted(key));
            let near = nearest(key, &self.known);
            let advice = near.map_or_else(
                || format!("Known here: {}.", self.known.join(", ")),
                |name| format!("Did you mean {name}?"),
            );
            let message = format!("unknown field {path}. {advice}");
            reader.diagnostics.error(*at, "field-unknown", message);
            if let Some(name) = near {
                reader.diagnostics.fix(*at, key, name, &format!("rename {key} to {name}"));
            }
        }
    }
}

/// The path of a field below another.
pub(crate) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl Reader<'_> {
    /// Says that a value has the wrong type.
    pub(crate) fn wrong_type(&mut self, node: &Node, path: &str, wanted: &str) {
        let path = if path.is_empty() { "the document" } else { path };
        let kind = node.value.kind();
        let message = format!("{path} is {kind}: write {wanted}");
        self.diagnostics.error(node.at, "type-wrong", message);
    }

    /// Says that a scalar is no text, with the reason where YAML hides it.
    fn no_text(&mut self, node: &Node, path: &str) {
        let written = self.written_at(node.at);
        let trap = match node.value {
            Value::Bool(_) if !matches!(written, "true" | "false") => {
                format!("YAML 1.1, which Kubernetes reads, takes {written} for a truth value")
            }
            Value::Number if written.starts_with('0') && written.len() > 1 => {
                format!("YAML 1.1, which Kubernetes reads, takes {written} for a number")
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number
            | Value::Text(_)
            | Value::List(_)
            | Value::Map(_) => {
                self.wrong_type(node, path, "a text (put it in quotes)");
                self.quote_at(node);
                return;
            }
        };
        let message = format!("{path} is no text: {trap}. Put it in quotes.");
        self.diagnostics.error(node.at, "yaml-1.1", message);
        self.quote_at(node);
    }

    fn quote_at(&mut self, node: &Node) {
        if let Value::Bool(_) | Value::Number = node.value {
            let written = self.written_at(node.at).to_owned();
            self.diagnostics.fix(node.at, &written, &format!("\"{written}\""), "put it in quotes");
        }
    }

    /// The plain scalar that starts at a place.
    fn written_at(&self, at: Place) -> &str {
        let line = usize::try_from(at.line).unwrap_or_default().saturating_sub(1);
        let column = usize::try_from(at.column).unwrap_or_default().saturating_sub(1);
        let line = self.text.lines().nth(line).unwrap_or_default();
        let start = line.char_indices().nth(column).map_or(line.len(), |(start, _)| start);
        let rest = line.get(start..).unwrap_or_default();
        let end = rest.find([' ', ',', '}', ']', '#']).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }
}

impl Shape for String {
    fn read(node: &Node, path: &str, reader: &mut Reader<'_>) -> Self {
        let Value::Text(value) = &node.value else {
            reader.no_text(node, path);
            return Self::new();
        };
        if value.chars().any(is_hidden) {
            let message = format!(
                "invalid value: {}: {path}. Control and direction characters are not allowed: \
                 write the text without them.",
                quoted(value)
            );
            reader.diagnostics.error(node.at, "text-control-character", message);
        }
        value.clone()
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({"type": "string"})
    }
}

impl Shape for bool {
    fn read(node: &Node, path: &str, reader: &mut Reader<'_>) -> Self {
        let Value::Bool(value) = node.value else {
            reader.wrong_type(node, path, "true or false");
            return false;
        };
        value
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({"type": "boolean"})
    }
}

impl<T: Shape> Shape for Option<T> {
    fn read(node: &Node, path: &str, reader: &mut Reader<'_>) -> Self {
        Some(T::read(node, path, reader))
    }

    fn schema() -> serde_json::Value {
        T::schema()
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn read(node: &Node, path: &str, reader: &mut Reader<'_>) -> Self {
        let Value::List(items) = &node.value else {
            reader.wrong_type(node, path, "a list");
            return Self::new();
        };
        let mut list = Self::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = format!("{path}[{index}]");
            reader.places.insert(path.clone(), FieldPlace { key: item.at, value: item.at });
            list.push(match item.value {
                Value::Null => T::default(),
                Value::Bool(_)
                | Value::Number
                | Value::Text(_)
                | Value::List(_)
                | Value::Map(_) => T::read(item, &path, reader),
            });
        }
        list
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({"type": "array", "items": T::schema()})
    }
}

/// Texts by name, such as labels; the names are free.
pub(crate) type Texts = BTreeMap<String, String>;

impl Shape for Texts {
    fn read(node: &Node, path: &str, reader: &mut Reader<'_>) -> Self {
        let Value::Map(entries) = &node.value else {
            reader.wrong_type(node, path, "a mapping of texts");
            return Self::new();
        };
        let mut texts = Self::new();
        for (name, key, value) in entries {
            let path = format!("{path}[{name:?}]");
            reader.places.insert(path.clone(), FieldPlace { key: *key, value: value.at });
            texts.insert(name.clone(), String::read(value, &path, reader));
        }
        texts
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({"type": "object", "additionalProperties": {"type": "string"}})
    }
}

/// A field that may stand there and that nobody reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unread;

impl Shape for Unread {
    fn read(_: &Node, _: &str, _: &mut Reader<'_>) -> Self {
        Self
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({})
    }
}

/// Declares a mapping of a document once: its Rust type, how it is read, its JSON Schema.
/// The texts behind `=` are the names of the fields in YAML; the comments become the schema's
/// descriptions.
macro_rules! shape {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $( $(#[doc = $field_doc:literal])* $field:ident: $type:ty = $written:literal, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(crate) struct $name {
            $( $(#[doc = $field_doc])* pub(crate) $field: $type, )*
        }

        impl $crate::reader::Shape for $name {
            fn read(
                node: &$crate::yaml::Node,
                path: &str,
                reader: &mut $crate::reader::Reader<'_>,
            ) -> Self {
                let Some(mut fields) = $crate::reader::Fields::of(node, path, reader) else {
                    return Self::default();
                };
                let value = Self { $( $field: fields.take($written, reader), )* };
                fields.finish(reader);
                value
            }

            fn schema() -> serde_json::Value {
                let mut properties = serde_json::Map::new();
                $(
                    let description = concat!($($field_doc),*).trim();
                    let schema = <$type as $crate::reader::Shape>::schema();
                    properties.insert(
                        $written.to_owned(),
                        $crate::reader::described(schema, description),
                    );
                )*
                $crate::reader::described(
                    serde_json::json!({
                        "type": "object",
                        "properties": properties,
                        "additionalProperties": false,
                    }),
                    concat!($($doc),*).trim(),
                )
            }
        }
    };
}
pub(crate) use shape;

/// A schema with its description, unless it has one of its own.
pub(crate) fn described(mut schema: serde_json::Value, description: &str) -> serde_json::Value {
    if let Some(object) = schema.as_object_mut()
        && !description.is_empty()
    {
        object.insert("description".to_owned(), description.into());
    }
    schema
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
