//! A document: JSON, parsed once into spans of its own text.

mod reader;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::limits::Limits;

/// A JSON document. Values are read from its text when a policy asks for them.
#[derive(Clone)]
pub struct Document {
    inner: Arc<Inner>,
}

struct Inner {
    text: Arc<str>,
    nodes: Vec<Node>,
    /// The keys of large objects, sorted, so that one is found quickly.
    sorted: Vec<u32>,
}

/// Why a text is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DocumentError {
    /// What is wrong, worded as upstream does where a key occurs twice.
    pub message: String,
}

/// A value in the text, or several for a key that occurs more than once.
#[derive(Debug, Clone, Copy)]
struct Node {
    tag: Tag,
    /// The value's text; of containers, where it starts.
    start: u32,
    end: u32,
    key_start: u32,
    key_end: u32,
    /// The first node behind this one and all below it.
    behind: u32,
    n_children: u32,
    /// Where the sorted keys of a large object start, from 1.
    sorted: u32,
}

/// What kind of value a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Null,
    True,
    False,
    Number,
    Text,
    List,
    Object,
}

/// From how many keys on an object is searched by halves.
const LARGE: u32 = 16;

impl Document {
    /// Parses a JSON text.
    ///
    /// # Errors
    /// When it is no JSON, or a key occurs twice with different values.
    pub fn parse(json: impl Into<Arc<str>>, limits: &Limits) -> Result<Self, DocumentError> {
        let (nodes, sorted, text) = reader::read(json.into(), limits)?;
        Ok(Self { inner: Arc::new(Inner { text, nodes, sorted }) })
    }

    /// The JSON text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    fn node(&self, node: u32) -> Option<&Node> {
        self.inner.nodes.get(usize::try_from(node).ok()?)
    }

    pub(crate) fn tag(&self, node: u32) -> Tag {
        self.node(node).map_or(Tag::Null, |node| node.tag)
    }

    pub(crate) fn n_children(&self, node: u32) -> u32 {
        self.node(node).map_or(0, |node| node.n_children)
    }

    fn span(&self, start: u32, end: u32) -> &str {
        let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
        self.inner.text.get(at(start)..at(end)).unwrap_or_default()
    }

    /// The text of a string, its escapes resolved, or a number as written.
    pub(crate) fn scalar(&self, node: u32) -> Cow<'_, str> {
        let Some(node) = self.node(node) else { return Cow::Borrowed("") };
        let text = self.span(node.start, node.end);
        if node.tag == Tag::Text { unescaped(text) } else { Cow::Borrowed(text) }
    }

    pub(crate) fn key(&self, node: u32) -> Cow<'_, str> {
        let Some(node) = self.node(node) else { return Cow::Borrowed("") };
        unescaped(self.span(node.key_start, node.key_end))
    }

    /// Whether a node's key is this one.
    fn has_key(&self, node: u32, key: &str) -> bool {
        let Some(node) = self.node(node) else { return false };
        let written = self.span(node.key_start, node.key_end);
        // Escapes are longer than what they stand for.
        match written.len().cmp(&key.len()) {
            Ordering::Less => false,
            Ordering::Equal => written == key && !written.contains('\\'),
            Ordering::Greater => written.contains('\\') && unescaped(written) == key,
        }
    }

    /// The children of a list or an object, in order.
    pub(crate) fn children(&self, node: u32) -> Children<'_> {
        Children { document: self, next: node.saturating_add(1), left: self.n_children(node) }
    }

    /// The number of a key among the children, and its node.
    pub(crate) fn child(&self, node: u32, key: &str) -> Option<(u32, u32)> {
        let object = self.node(node)?;
        if object.tag != Tag::Object {
            return None;
        }
        if object.sorted == 0 {
            let mut children = (0_u32..).zip(self.children(node));
            return children.find(|(_, child)| self.has_key(*child, key));
        }
        let start = usize::try_from(object.sorted.saturating_sub(1)).ok()?;
        let count = usize::try_from(object.n_children).ok()?;
        // Each child as its number and its node, by key.
        let entries =
            self.inner.sorted.get(start..start.saturating_add(count.saturating_mul(2)))?;
        let (pairs, _) = entries.as_chunks::<2>();
        let found = pairs.binary_search_by(|[_, child]| self.key(*child).as_ref().cmp(key)).ok()?;
        pairs.get(found).map(|[number, child]| (*number, *child))
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes)", self.inner.text.len())
    }
}

/// The children of a node.
#[derive(Clone)]
pub(crate) struct Children<'a> {
    document: &'a Document,
    next: u32,
    left: u32,
}

impl Iterator for Children<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        let child = self.next;
        self.next = self.document.node(child)?.behind;
        Some(child)
    }
}

/// Resolves the escapes of a JSON string, which the reader has checked.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        resolved.push_str(rest.get(..at).unwrap_or_default());
        let mut escape = rest.get(at.saturating_add(1)..).unwrap_or_default().chars();
        let character = match escape.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let (character, behind) = unicode(escape.as_str());
                rest = behind;
                resolved.push(character);
                continue;
            }
            Some(other) => other,
            None => break,
        };
        resolved.push(character);
        rest = escape.as_str();
    }
    resolved.push_str(rest);
    Cow::Owned(resolved)
}

/// Four digits, and four more for what lies beyond them.
fn unicode(text: &str) -> (char, &str) {
    let digits = |text: &str| text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let behind = text.get(4..).unwrap_or_default();
    let Some(code) = digits(text) else { return ('\u{fffd}', behind) };
    if (0xd800..0xdc00).contains(&code)
        && let Some(low) = behind.strip_prefix("\\u").and_then(digits)
        && (0xdc00..0xe000).contains(&low)
    {
        let code = 0x1_0000_u32
            .saturating_add(code.saturating_sub(0xd800) << 10)
            .saturating_add(low.saturating_sub(0xdc00));
        return (char::from_u32(code).unwrap_or('\u{fffd}'), behind.get(6..).unwrap_or_default());
    }
    (char::from_u32(code).unwrap_or('\u{fffd}'), behind)
}
