//! JSON as upstream hands it on: read into Go's empty interface, and written from there. Members
//! are sorted, of equal ones the last is kept, and numbers pass through a 64-bit float.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::number;

/// A value whose texts are the document's own where they hold no escapes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    /// Sorted by name.
    Object(Vec<(Cow<'a, str>, Self)>),
}

impl Tree<'_> {
    /// Writes it as Go's `encoding/json` would.
    pub(super) fn write(&self, into: &mut String) {
        match self {
            Self::Null => into.push_str("null"),
            Self::Bool(true) => into.push_str("true"),
            Self::Bool(false) => into.push_str("false"),
            Self::Number(number) => number::float(*number, into),
            Self::Text(text) => number::quoted(text, into),
            Self::List(items) => {
                into.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        into.push(',');
                    }
                    item.write(into);
                }
                into.push(']');
            }
            Self::Object(members) => {
                into.push('{');
                for (index, (name, member)) in members.iter().enumerate() {
                    if index > 0 {
                        into.push(',');
                    }
                    number::quoted(name, into);
                    into.push(':');
                    member.write(into);
                }
                into.push('}');
            }
        }
    }

    /// The same as a value that can be taken apart and changed.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::from(*number),
            Self::Text(text) => Value::from(text.as_ref()),
            Self::List(items) => items.iter().map(Self::to_value).collect(),
            Self::Object(members) => {
                members.iter().map(|(name, value)| (name.as_ref(), value.to_value())).collect()
            }
        }
    }
}

impl<'a> From<&'a Value> for Tree<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or_default()),
            Value::String(text) => Self::Text(Cow::Borrowed(text)),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(members) => {
                let members = members.iter();
                object(members.map(|(name, value)| (name.as_str().into(), value.into())).collect())
            }
        }
    }
}

fn object<'a>(mut members: Vec<(Cow<'a, str>, Tree<'a>)>) -> Tree<'a> {
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    // The sort keeps equal names in their order: what comes later moves to the first one's place.
    members.dedup_by(|(later, value), (earlier, kept)| {
        let is_same = later == earlier;
        if is_same {
            std::mem::swap(value, kept);
        }
        is_same
    });
    Tree::Object(members)
}

impl<'de> Deserialize<'de> for Tree<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "upstream reads numbers into a float")]
    fn visit_i64<E>(self, number: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "upstream reads numbers into a float")]
    fn visit_u64<E>(self, number: u64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = entries.next_entry()? {
            members.push((name, value));
        }
        Ok(object(members))
    }
}

/// A member's name.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(json: &str) -> String {
        let mut text = String::new();
        serde_json::from_str::<Tree<'_>>(json).unwrap().write(&mut text);
        text
    }

    #[test]
    fn members_are_sorted_and_of_equal_ones_the_last_is_kept() {
        assert_eq!(
            written(r#"{"b":1,"a":[true,null,"\u003c"],"\u0062":2,"c":"\u0001\"\\"}"#),
            r#"{"a":[true,null,"<"],"b":2,"c":"\u0001\"\\"}"#
        );
        assert_eq!(written(r#"{"a":1,"a":2,"a":{"a":3}}"#), r#"{"a":{"a":3}}"#);
    }

    #[test]
    fn what_is_no_json_is_told_as_for_any_value() {
        for json in ["", "{", "[1,]", "{\"a\":1e999}", "\"\\x\"", "nul", &"[".repeat(200)] {
            let tree = serde_json::from_str::<Tree<'_>>(json).unwrap_err().to_string();
            assert_eq!(tree, serde_json::from_str::<Value>(json).unwrap_err().to_string());
        }
    }

    #[test]
    fn it_is_the_same_as_a_value() {
        let json =
            r#"{"b":[1,2.5,-3,{"x":null}],"a":"\n","b2":{"z":false,"y":18446744073709551615}}"#;
        let tree: Tree<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(Tree::from(&tree.to_value()), tree);
        assert_eq!(Tree::from(&serde_json::from_str(json).unwrap()), tree);
    }
}
