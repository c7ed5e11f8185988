//! JSON to nodes, without recursion.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Document, DocumentError, Inner, LARGE, Node, Tag};
use crate::decimal::Number;
use crate::label::Label;
use crate::limits::Limits;

/// How deep a document may be nested.
const DEEPEST: usize = 512;

type Read = (Vec<Node>, Vec<u32>, Arc<str>);

/// Reads a text into nodes in the text's order, and the sorted keys of large objects.
pub(super) fn read(text: Arc<str>, limits: &Limits) -> Result<Read, DocumentError> {
    if u32::try_from(text.len()).is_err() {
        return Err(error("the document is too large"));
    }
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, nodes: Vec::new() };
    reader.document()?;
    let nodes = reader.nodes;
    let mut found = Document { inner: Arc::new(Inner { text, nodes, sorted: Vec::new() }) };
    let (sorted, places, has_duplicates) = sort(&found);
    if has_duplicates {
        let merged = Merger { document: &found, budget: limits.steps }.merged()?;
        return read(merged.into(), limits);
    }
    let Some(inner) = Arc::get_mut(&mut found.inner) else {
        return Err(error("the document is shared while it is read"));
    };
    for (node, place) in places {
        if let Some(node) = inner.nodes.get_mut(node) {
            node.sorted = place;
        }
    }
    inner.nodes.shrink_to_fit();
    Ok((std::mem::take(&mut inner.nodes), sorted, Arc::clone(&inner.text)))
}

fn error(message: impl Into<String>) -> DocumentError {
    DocumentError { message: message.into() }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn offset(&self) -> u32 {
        u32::try_from(self.at).unwrap_or(u32::MAX)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expected<T>(&self, what: &str) -> Result<T, DocumentError> {
        Err(error(match self.peek() {
            None => format!("expected {what}, found 'EOF'"),
            Some(byte) if byte.is_ascii_graphic() => {
                format!("expected {what}, found '{}'", char::from(byte))
            }
            Some(_) => format!("expected {what}"),
        }))
    }

    fn document(&mut self) -> Result<(), DocumentError> {
        // The containers that are open, and whether each may end here.
        let mut open: Vec<usize> = Vec::new();
        loop {
            self.blanks();
            let key = match open.last().map(|container| self.nodes.get(*container)) {
                Some(Some(Node { tag: Tag::Object, .. })) => Some(self.key()?),
                _ => None,
            };
            let started = self.value(key)?;
            if let Some(container) = open.last()
                && let Some(container) = self.nodes.get_mut(*container)
            {
                container.n_children += 1;
            }
            if let Some(container) = started {
                if open.len() >= DEEPEST {
                    return Err(error("the document is nested too deeply"));
                }
                open.push(container);
                self.blanks();
                if self.peek() != Some(self.closing(container)) {
                    continue;
                }
            }
            self.close(&mut open)?;
            if open.is_empty() {
                break;
            }
        }
        self.blanks();
        if self.at < self.bytes.len() { self.expected("end of document") } else { Ok(()) }
    }

    fn closing(&self, container: usize) -> u8 {
        match self.nodes.get(container) {
            Some(Node { tag: Tag::Object, .. }) => b'}',
            _ => b']',
        }
    }

    /// Behind a value: a comma, or the ends of containers.
    fn close(&mut self, open: &mut Vec<usize>) -> Result<(), DocumentError> {
        while let Some(container) = open.last().copied() {
            self.blanks();
            if self.peek() == Some(b',') {
                let has_children =
                    self.nodes.get(container).is_some_and(|node| node.n_children > 0);
                if has_children {
                    self.at += 1;
                    return Ok(());
                }
            }
            if self.peek() != Some(self.closing(container)) {
                return self.expected(&format!("'{}'", char::from(self.closing(container))));
            }
            self.at += 1;
            open.pop();
            let (end, behind) =
                (self.offset(), u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
            if let Some(node) = self.nodes.get_mut(container) {
                node.end = end;
                node.behind = behind;
            }
        }
        Ok(())
    }

    fn key(&mut self) -> Result<(u32, u32), DocumentError> {
        if self.peek() != Some(b'"') {
            return self.expected("label");
        }
        let key = self.text()?;
        self.blanks();
        if self.peek() != Some(b':') {
            return self.expected("':'");
        }
        self.at += 1;
        self.blanks();
        Ok(key)
    }

    /// A value; of a container only the opening bracket.
    fn value(&mut self, key: Option<(u32, u32)>) -> Result<Option<usize>, DocumentError> {
        let index = self.nodes.len();
        let start = self.offset();
        let (tag, start, end) = match self.peek() {
            Some(b'{') => {
                self.at += 1;
                (Tag::Object, start, start)
            }
            Some(b'[') => {
                self.at += 1;
                (Tag::List, start, start)
            }
            Some(b'"') => {
                let (start, end) = self.text()?;
                (Tag::Text, start, end)
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                (Tag::Number, start, self.offset())
            }
            Some(b't') => (self.word("true", Tag::True)?, start, self.offset()),
            Some(b'f') => (self.word("false", Tag::False)?, start, self.offset()),
            Some(b'n') => (self.word("null", Tag::Null)?, start, self.offset()),
            _ => return self.expected("operand"),
        };
        let (key_start, key_end) = key.unwrap_or_default();
        let behind = u32::try_from(index + 1).unwrap_or(u32::MAX);
        self.nodes.push(Node {
            tag,
            start,
            end,
            key_start,
            key_end,
            behind,
            n_children: 0,
            sorted: 0,
        });
        Ok(matches!(tag, Tag::Object | Tag::List).then_some(index))
    }

    fn word(&mut self, word: &str, tag: Tag) -> Result<Tag, DocumentError> {
        let is_there =
            self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        if !is_there {
            return self.expected("operand");
        }
        self.at += word.len();
        Ok(tag)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<(), DocumentError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let has_zero = self.peek() == Some(b'0');
        let n_digits = self.digits();
        let mut is_right = n_digits == 1 || (n_digits > 1 && !has_zero);
        if self.peek() == Some(b'.') {
            self.at += 1;
            is_right &= self.digits() > 0;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            is_right &= self.digits() > 0;
        }
        let written = self.bytes.get(start..self.at).and_then(|text| str::from_utf8(text).ok());
        let written = written.unwrap_or_default();
        if !is_right {
            return Err(error(format!("illegal number {written}")));
        }
        // A short number without exponent is always one; others are tried.
        if written.len() > 64 || written.contains(['e', 'E']) {
            Number::parse(written.trim_start_matches('-'))
                .map_err(|message| error(format!("parse error: {message}")))?;
        }
        Ok(())
    }

    /// A string; gives the span between the quotes.
    fn text(&mut self) -> Result<(u32, u32), DocumentError> {
        self.at += 1;
        let start = self.offset();
        loop {
            match self.peek() {
                None => return Err(error("string literal not terminated")),
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(byte) if byte < 0x20 => return Err(error("string literal not terminated")),
                Some(_) => self.at += 1,
            }
        }
        let end = self.offset();
        self.at += 1;
        Ok((start, end))
    }

    fn escape(&mut self) -> Result<(), DocumentError> {
        self.at += 1;
        let length = match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 1,
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 1..self.at + 5).unwrap_or_default();
                if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(error("unknown escape sequence"));
                }
                5
            }
            _ => return Err(error("unknown escape sequence")),
        };
        self.at += length;
        Ok(())
    }
}

/// The sorted keys of large objects, which node they belong to, and whether a key occurs twice.
fn sort(document: &Document) -> (Vec<u32>, Vec<(usize, u32)>, bool) {
    let mut sorted = Vec::new();
    let mut places = Vec::new();
    let mut has_duplicates = false;
    for (index, node) in document.inner.nodes.iter().enumerate() {
        if node.tag != Tag::Object || node.n_children < 2 {
            continue;
        }
        let Ok(container) = u32::try_from(index) else { continue };
        if node.n_children < LARGE {
            let mut rest = document.children(container);
            while let (false, Some(child)) = (has_duplicates, rest.next()) {
                let key = document.key(child);
                has_duplicates = rest.clone().any(|other| document.has_key(other, &key));
            }
            continue;
        }
        let mut entries: Vec<[u32; 2]> = (0_u32..)
            .zip(document.children(container))
            .map(|(number, child)| [number, child])
            .collect();
        entries.sort_by(|[_, a], [_, b]| document.key(*a).cmp(&document.key(*b)));
        has_duplicates |=
            entries.array_windows().any(|[[_, a], [_, b]]| document.key(*a) == document.key(*b));
        places.push((index, u32::try_from(sorted.len() + 1).unwrap_or(0)));
        sorted.extend(entries.into_iter().flatten());
    }
    (sorted, places, has_duplicates)
}

/// Writes a document whose keys occur more than once with each key once, as CUE unifies them.
struct Merger<'a> {
    document: &'a Document,
    budget: u64,
}

impl Merger<'_> {
    fn merged(mut self) -> Result<String, DocumentError> {
        let mut text = String::with_capacity(self.document.inner.text.len());
        self.write(&[0], &mut Vec::new(), &mut text, 0)?;
        Ok(text)
    }

    fn conflict(&self, path: &[String], old: u32, new: u32) -> DocumentError {
        // Upstream takes negative numbers after what is plain, and structs last.
        let rank = |node: u32| match self.document.tag(node) {
            Tag::Object => 2,
            Tag::Number if self.document.scalar(node).starts_with('-') => 1,
            Tag::Null | Tag::True | Tag::False | Tag::Number | Tag::Text | Tag::List => 0,
        };
        let (old, new) = if rank(old) > rank(new) { (new, old) } else { (old, new) };
        let kinds = [old, new].map(|node| self.kind(node));
        let [old, new] = [old, new].map(|node| crate::print::document(self.document, node));
        let path = path.join(".");
        let message = match kinds {
            [a, b] if a == b => format!("conflicting values {new} and {old}"),
            [a, b] => format!("conflicting values {old} and {new} (mismatched types {a} and {b})"),
        };
        error(format!("{path}: {message}"))
    }

    fn kind(&self, node: u32) -> &'static str {
        match self.document.tag(node) {
            Tag::Null => "null",
            Tag::True | Tag::False => "bool",
            Tag::Number if self.document.scalar(node).contains(['.', 'e', 'E']) => "float",
            Tag::Number => "int",
            Tag::Text => "string",
            Tag::List => "list",
            Tag::Object => "struct",
        }
    }

    fn write(
        &mut self,
        nodes: &[u32],
        path: &mut Vec<String>,
        into: &mut String,
        depth: usize,
    ) -> Result<(), DocumentError> {
        self.budget =
            self.budget.checked_sub(1).ok_or_else(|| error("the document is too large"))?;
        let Some(first) = nodes.first().copied() else { return Ok(()) };
        for node in nodes.iter().skip(1) {
            let is_same = self.kind(first) == self.kind(*node)
                && (matches!(self.document.tag(first), Tag::List | Tag::Object)
                    || self.document.scalar(first) == self.document.scalar(*node));
            if !is_same {
                return Err(self.conflict(path, first, *node));
            }
        }
        if depth > 128 {
            return Err(error("the document is nested too deeply"));
        }
        match self.document.tag(first) {
            Tag::Object => self.write_object(nodes, path, into, depth),
            Tag::List => self.write_list(nodes, path, into, depth),
            Tag::Text => {
                let node = self.document.node(first);
                let raw = node.map_or("", |node| self.document.span(node.start, node.end));
                into.push_str(&format!("\"{raw}\""));
                Ok(())
            }
            Tag::Null | Tag::True | Tag::False | Tag::Number => {
                into.push_str(&self.document.scalar(first));
                Ok(())
            }
        }
    }

    fn write_object(
        &mut self,
        nodes: &[u32],
        path: &mut Vec<String>,
        into: &mut String,
        depth: usize,
    ) -> Result<(), DocumentError> {
        let mut order: Vec<(String, Vec<u32>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for child in nodes.iter().flat_map(|node| self.document.children(*node)) {
            let key = self.document.key(child).into_owned();
            let place = *places.entry(key.clone()).or_insert_with(|| {
                order.push((key, Vec::new()));
                order.len() - 1
            });
            if let Some((_, children)) = order.get_mut(place) {
                children.push(child);
            }
        }
        into.push('{');
        for (index, (key, children)) in order.iter().enumerate() {
            if index > 0 {
                into.push(',');
            }
            into.push_str(&json_key(key));
            into.push(':');
            path.push(Label::Text(key.as_str().into()).to_string());
            self.write(children, path, into, depth + 1)?;
            path.pop();
        }
        into.push('}');
        Ok(())
    }

    fn write_list(
        &mut self,
        nodes: &[u32],
        path: &mut Vec<String>,
        into: &mut String,
        depth: usize,
    ) -> Result<(), DocumentError> {
        let columns: Vec<Vec<u32>> =
            nodes.iter().map(|node| self.document.children(*node).collect()).collect();
        let lengths = || columns.iter().map(Vec::len);
        let (least, most) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
        if least != most {
            let path = path.join(".");
            return Err(error(format!("{path}: incompatible list lengths ({least} and {most})")));
        }
        into.push('[');
        for index in 0..most {
            if index > 0 {
                into.push(',');
            }
            let row: Vec<u32> =
                columns.iter().filter_map(|column| column.get(index).copied()).collect();
            path.push(index.to_string());
            self.write(&row, path, into, depth + 1)?;
            path.pop();
        }
        into.push(']');
        Ok(())
    }
}

/// A key in JSON's own escapes.
fn json_key(key: &str) -> String {
    let mut written = String::with_capacity(key.len() + 2);
    written.push('"');
    for character in key.chars() {
        match character {
            '"' | '\\' => written.extend(['\\', character]),
            control if u32::from(control) < 0x20 => {
                written.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => written.push(other),
        }
    }
    written.push('"');
    written
}
