//! Policies in CUE and Rego inside a policy, and where their lines stand in the document.

use std::collections::BTreeMap;

use crate::diagnostics::Place;
use crate::expression::DeferredExpression;
use crate::reader::Places;
use crate::written::authority as written;

/// A policy in another language.
#[derive(Debug, Clone)]
pub struct EmbeddedPolicy {
    /// The language.
    pub language: Language,
    /// Where its text is.
    pub source: PolicySource,
    /// Whether the image's configuration is part of the document.
    pub fetch_config_file: bool,
    /// Whether the workload's spec is part of the document.
    pub include_spec: bool,
    /// Whether the workload's metadata is part of the document.
    pub include_object_meta: bool,
    /// Whether the workload's kind is part of the document.
    pub include_type_meta: bool,
}

/// What an embedded policy is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// CUE.
    Cue,
    /// Rego, in the syntax of version 0.
    Rego,
}

impl Language {
    /// As in `type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cue => "cue",
            Self::Rego => "rego",
        }
    }
}

/// Where an embedded policy's text is.
#[derive(Debug, Clone)]
pub enum PolicySource {
    /// In the document.
    Inline(EmbeddedText),
    /// An entry of a ConfigMap.
    ConfigMap {
        /// The ConfigMap.
        name: String,
        /// The entry.
        key: String,
    },
    /// To be fetched.
    Remote {
        /// Its address.
        url: String,
        /// The SHA-256 its content must have, lower-case hex.
        sha256: String,
    },
}

/// A text inside a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedText {
    /// The text, as YAML means it.
    pub text: String,
    /// Where its first line stands in the document, from 1.
    line: u32,
    /// How many characters of the document stand before each line.
    indent: u32,
    /// Whether its lines are lines of the document, as in a `|` block.
    is_by_line: bool,
}

impl EmbeddedText {
    /// Where a line and column of the text, both from 1, stand in the document.
    #[must_use]
    pub const fn position(&self, line: u32, column: u32) -> (u32, u32) {
        if self.is_by_line {
            let line = self.line.saturating_add(line).saturating_sub(1);
            (line, self.indent.saturating_add(column))
        } else if line == 1 {
            (self.line, self.indent.saturating_add(column))
        } else {
            (self.line, self.indent.saturating_add(1))
        }
    }
}

/// What is known of where a document's texts stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextPlaces<'a> {
    pub(crate) places: &'a Places,
    /// The whole text that the document is part of.
    pub(crate) source: &'a str,
    /// The expressions that validation found good.
    pub(crate) expressions: &'a BTreeMap<String, DeferredExpression>,
}

impl TextPlaces<'_> {
    fn embedded(&self, path: &str, text: &str) -> EmbeddedText {
        let at = self.places.of_value(path);
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let index = |number: u32| usize::try_from(number).unwrap_or_default().saturating_sub(1);
        let mut lines = self.source.lines().skip(index(at.line));
        let first = lines.next().unwrap_or_default();
        let opening = first.chars().nth(index(at.column));
        let is_block =
            first.trim_end().ends_with(['|', '>', '-', '+']) && matches!(opening, Some('|' | '>'));
        // The reader gives the place of a block's content; that of its sign is understood too.
        let content = if is_block { lines.find(|line| !line.trim().is_empty()) } else { None };
        let indent_of =
            |line: &str| number(line.chars().take_while(|letter| *letter == ' ').count());
        match (content, opening) {
            (Some(content), opening) => EmbeddedText {
                text: text.to_owned(),
                line: at.line.saturating_add(1),
                indent: indent_of(content),
                is_by_line: opening == Some('|'),
            },
            (None, Some('"' | '\'')) => EmbeddedText {
                text: text.to_owned(),
                line: at.line,
                indent: at.column,
                is_by_line: false,
            },
            (None, _) => EmbeddedText {
                text: text.to_owned(),
                line: at.line,
                indent: at.column.saturating_sub(1),
                is_by_line: text.contains('\n') && !self.is_folded_before(at),
            },
        }
    }

    /// Whether the content at a place follows a `>`.
    fn is_folded_before(&self, at: Place) -> bool {
        let before = usize::try_from(at.line).unwrap_or_default().saturating_sub(2);
        let line = self.source.lines().nth(before).unwrap_or_default();
        line.trim_end().trim_end_matches(['-', '+']).ends_with('>')
    }
}

impl EmbeddedPolicy {
    /// The policy at a path; `None` where validation refused it.
    pub(crate) fn new(
        written: &written::EmbeddedPolicy,
        path: &str,
        texts: &TextPlaces<'_>,
    ) -> Option<Self> {
        let language = match written.r#type.as_str() {
            "cue" => Language::Cue,
            "rego" => Language::Rego,
            _ => return None,
        };
        let source = if let Some(remote) = &written.remote {
            PolicySource::Remote { url: remote.url.clone(), sha256: remote.sha256sum.clone() }
        } else if let Some(reference) = &written.config_map_ref {
            PolicySource::ConfigMap { name: reference.name.clone(), key: reference.key.clone() }
        } else {
            PolicySource::Inline(texts.embedded(&format!("{path}.data"), &written.data))
        };
        Some(Self {
            language,
            source,
            fetch_config_file: written.fetch_config_file.unwrap_or_default(),
            include_spec: written.include_spec.unwrap_or_default(),
            include_object_meta: written.include_object_meta.unwrap_or_default(),
            include_type_meta: written.include_type_meta.unwrap_or_default(),
        })
    }
}
