//! JSON read with patience: a field of an unexpected kind is as if it were not there, a single
//! thing stands for a list of it, and lists have an end.
//!
//! The documents that Loadline reads come from many tools in many dialects. Refusing one for a
//! number where a text should be would lose the evidence in it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use crate::problem::Unreadable;

/// Longer texts are cut: names, versions and titles have no use for more.
pub(crate) const LONGEST_TEXT: usize = 8 * 1024;

/// Reads one document.
pub(crate) fn read<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    limit: usize,
) -> Result<T, Unreadable> {
    let bytes = within(bytes, limit)?;
    let One(value) = serde_json::from_slice(bytes).map_err(|error| Unreadable::from(&error))?;
    value.ok_or_else(|| Unreadable::Other {
        wanted: "document",
        found: "it is no JSON object".to_owned(),
        right: "an object at the top",
    })
}

/// The bytes without a byte order mark, unless they are too many.
pub(crate) fn within(bytes: &[u8], limit: usize) -> Result<&[u8], Unreadable> {
    if bytes.len() > limit {
        return Err(Unreadable::TooLarge { bytes: bytes.len(), limit });
    }
    Ok(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

/// The text up to a length, cut between characters.
pub(crate) fn cut(text: &str, longest: usize) -> &str {
    text.get(..text.floor_char_boundary(longest)).unwrap_or(text)
}

/// A text; numbers and booleans are written as one, everything else is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(Option<String>);

impl Text {
    /// The text, where it has one that is not blank.
    pub(crate) fn take(self) -> Option<String> {
        let text = self.0?;
        let trimmed = text.trim();
        if trimmed.len() == text.len() {
            return (!text.is_empty()).then_some(text);
        }
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    /// The text to look at.
    pub(crate) fn as_str(&self) -> Option<&str> {
        self.0.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The text as a moment, if it is one.
    pub(crate) fn time(&self) -> Option<model::timestamp::Timestamp> {
        crate::time::parse(self.as_str()?)
    }

    /// The text as a number, if it is one.
    pub(crate) fn number(&self) -> Option<f64> {
        self.as_str()?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The text as a yes or no, if it is one.
    pub(crate) fn is_true(&self) -> Option<bool> {
        self.as_str()?.parse().ok()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Some(cut(text, LONGEST_TEXT).to_owned()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text::from(text))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Text, E> {
        Ok(Text(Some(value.to_string())))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Text, E> {
        Ok(Text(Some(value.to_string())))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Text, E> {
        Ok(Text(Some(value.to_string())))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Text, E> {
        Ok(Text(Some(value.to_string())))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Text, A::Error> {
        skip_list(sequence)?;
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
        skip_object(map)?;
        Ok(Text(None))
    }
}

/// An object of a known shape; everything else is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct One<T>(pub(crate) Option<T>);

impl<T> Default for One<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneVisitor(PhantomData))
    }
}

struct OneVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneVisitor<T> {
    type Value = One<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<One<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| One(Some(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<One<T>, A::Error> {
        skip_list(sequence)?;
        Ok(One(None))
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<One<T>, E> {
        Ok(One(None))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<One<T>, E> {
        Ok(One(None))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<One<T>, E> {
        Ok(One(None))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<One<T>, E> {
        Ok(One(None))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<One<T>, E> {
        Ok(One(None))
    }

    fn visit_unit<E: de::Error>(self) -> Result<One<T>, E> {
        Ok(One(None))
    }
}

/// Up to `MOST` things; those beyond are passed over. One alone stands for a list of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Many<T, const MOST: usize = 1000>(Vec<T>);

impl<T, const MOST: usize> Default for Many<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MOST: usize> Many<T, MOST> {
    /// All that was read.
    pub(crate) fn all(self) -> impl Iterator<Item = T> {
        self.0.into_iter()
    }
}

impl<const MOST: usize> Many<Text, MOST> {
    /// The texts that are not blank.
    pub(crate) fn texts(self) -> impl Iterator<Item = String> {
        self.0.into_iter().filter_map(Text::take)
    }
}

impl<T, const MOST: usize> Many<One<T>, MOST> {
    /// The objects.
    pub(crate) fn objects(self) -> impl Iterator<Item = T> {
        self.0.into_iter().filter_map(|one| one.0)
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Many<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor(PhantomData))
    }
}

struct ManyVisitor<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for ManyVisitor<T, MOST> {
    type Value = Many<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while values.len() < MOST {
            match sequence.next_element()? {
                Some(value) => values.push(value),
                None => return Ok(Many(values)),
            }
        }
        skip_list(sequence)?;
        Ok(Many(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| Many(vec![value]))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(StrDeserializer::new(text)).map(|value| Many(vec![value]))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Many::default())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Many::default())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Many::default())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Many::default())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Many::default())
    }
}

/// The names and values of an object, up to `MOST`, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pairs<T, const MOST: usize = 100>(pub(crate) Vec<(String, T)>);

impl<T, const MOST: usize> Default for Pairs<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Pairs<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = One::<Entries<T, MOST>>::deserialize(deserializer)?.0;
        Ok(Self(pairs.map(|entries| entries.0).unwrap_or_default()))
    }
}

struct Entries<T, const MOST: usize>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Entries<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for EntriesVisitor<T, MOST> {
    type Value = Entries<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while pairs.len() < MOST {
            match map.next_entry::<String, T>()? {
                Some((name, value)) => pairs.push((cut(&name, LONGEST_TEXT).to_owned(), value)),
                None => return Ok(Entries(pairs)),
            }
        }
        skip_object(map)?;
        Ok(Entries(pairs))
    }
}

/// What a list that is read element by element has next.
#[derive(Debug)]
pub(crate) enum Next<T> {
    /// An object.
    Object(T),
    /// Something that is no object, at its place.
    Other(usize),
    /// There is no list at all.
    NoList,
}

/// Reads a list element by element, so that none of it has to be kept.
pub(crate) struct Each<T, F>(pub(crate) F, PhantomData<T>);

impl<T, F: FnMut(Next<T>)> Each<T, F> {
    pub(crate) fn new(take: F) -> Self {
        Self(take, PhantomData)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(Next<T>)> DeserializeSeed<'de> for Each<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(Next<T>)> Visitor<'de> for Each<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut sequence: A) -> Result<(), A::Error> {
        let mut at = 0;
        while let Some(element) = sequence.next_element::<One<T>>()? {
            (self.0)(element.0.map_or(Next::Other(at), |value| Next::Object(value)));
            at += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, map: A) -> Result<(), A::Error> {
        skip_object(map)?;
        (self.0)(Next::NoList);
        Ok(())
    }

    fn visit_str<E: de::Error>(mut self, _: &str) -> Result<(), E> {
        (self.0)(Next::NoList);
        Ok(())
    }

    fn visit_bool<E: de::Error>(mut self, _: bool) -> Result<(), E> {
        (self.0)(Next::NoList);
        Ok(())
    }

    fn visit_i64<E: de::Error>(mut self, _: i64) -> Result<(), E> {
        (self.0)(Next::NoList);
        Ok(())
    }

    fn visit_u64<E: de::Error>(mut self, _: u64) -> Result<(), E> {
        (self.0)(Next::NoList);
        Ok(())
    }

    fn visit_f64<E: de::Error>(mut self, _: f64) -> Result<(), E> {
        (self.0)(Next::NoList);
        Ok(())
    }

    /// `null` is as good as no list, and many tools write it.
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}

pub(crate) fn skip_list<'de, A: SeqAccess<'de>>(mut sequence: A) -> Result<(), A::Error> {
    while sequence.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

pub(crate) fn skip_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Sample {
        name: Text,
        inner: One<Box<Sample>>,
        many: Many<One<Sample>, 3>,
        words: Many<Text>,
        pairs: Pairs<Text, 2>,
    }

    fn sample(text: &str) -> Sample {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_is_of_another_kind_is_as_if_it_were_not_there() {
        for other in ["null", "1", "-1", "1.5", "true", "[]", "[[{}]]"] {
            let text = format!("{{\"inner\":{other},\"many\":{other},\"pairs\":{other}}}");
            let read = sample(&text);
            assert_eq!(read.inner.0, None, "{other}");
            assert_eq!(read.many.objects().count(), 0, "{other}");
            assert!(read.pairs.0.is_empty(), "{other}");
        }
        for (name, written) in
            [("5", Some("5")), ("{}", None), ("\" \"", None), ("true", Some("true"))]
        {
            let read = sample(&format!("{{\"name\":{name}}}"));
            assert_eq!(read.name.take().as_deref(), written, "{name}");
        }
    }

    #[test]
    fn one_alone_is_a_list_of_one_and_lists_end() {
        assert_eq!(sample(r#"{"words":"a"}"#).words.texts().collect::<Vec<_>>(), ["a"]);
        assert_eq!(sample(r#"{"many":{"name":"a"}}"#).many.objects().count(), 1);
        assert_eq!(sample(r#"{"many":[{},{},{},{},1],"name":"b"}"#).many.objects().count(), 3);
        assert_eq!(sample(r#"{"pairs":{"a":1,"b":2,"c":3}}"#).pairs.0.len(), 2);
    }

    #[test]
    fn deep_nesting_ends_in_an_error() {
        let text = format!("{}{}", r#"{"inner":"#.repeat(500), "1");
        let error = serde_json::from_str::<Sample>(&text).unwrap_err();
        assert!(error.to_string().contains("recursion limit"), "{error}");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("aä", 2), "a");
        let long = format!("{{\"name\":\"{}\"}}", "ä".repeat(LONGEST_TEXT));
        assert_eq!(sample(&long).name.take().unwrap().len(), LONGEST_TEXT);
    }
}
