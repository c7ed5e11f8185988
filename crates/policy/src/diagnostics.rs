//! Collecting what is to say about a document while it is read.

use model::policies::{Diagnostic, Fix, Severity};

/// Nobody reads more than this, and a hostile text should not make more.
const MOST: usize = 100;

/// Where in the text something stands; both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    /// The first character of the text.
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

/// The diagnostics so far.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    list: Vec<Diagnostic>,
    has_error: bool,
}

impl Diagnostics {
    /// Something for which the document cannot be published.
    pub(crate) fn error(&mut self, at: Place, code: &str, message: impl Into<String>) {
        self.has_error = true;
        self.push(Severity::Error, at, code, message.into());
    }

    /// Something that its author probably does not want.
    pub(crate) fn warning(&mut self, at: Place, code: &str, message: impl Into<String>) {
        self.push(Severity::Warning, at, code, message.into());
    }

    /// How the last one that was said at a place can be mended: `from` stands there, and `to`
    /// takes its place.
    pub(crate) fn fix(&mut self, at: Place, from: &str, to: &str, title: &str) {
        let is_there = |kept: &&mut Diagnostic| kept.line == at.line && kept.column == at.column;
        if let Some(last) = self.list.iter_mut().rev().find(is_there) {
            last.fix = Some(Fix {
                title: title.to_owned(),
                length: u32::try_from(from.chars().count()).unwrap_or(u32::MAX),
                replacement: to.to_owned(),
            });
        }
    }

    /// Whether an error was said of a place.
    pub(crate) fn is_error_at(&self, at: Place) -> bool {
        self.list.iter().any(|kept| {
            kept.severity == Severity::Error && kept.line == at.line && kept.column == at.column
        })
    }

    /// Whether an error was said, even if it is no longer listed.
    pub(crate) const fn has_error(&self) -> bool {
        self.has_error
    }

    /// All of them, in the order of the text.
    pub(crate) fn into_list(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
        self.list
    }

    fn push(&mut self, severity: Severity, at: Place, code: &str, message: String) {
        let diagnostic = diagnostic(severity, at, code, message);
        if self.list.len() < MOST {
            self.list.push(diagnostic);
            return;
        }
        // An error must be seen even after a hundred warnings.
        let has_room = |kept: &&mut Diagnostic| kept.severity == Severity::Warning;
        if severity == Severity::Error
            && let Some(kept) = self.list.iter_mut().find(has_room)
        {
            *kept = diagnostic;
        }
    }
}

/// One diagnostic.
pub(crate) fn diagnostic(severity: Severity, at: Place, code: &str, message: String) -> Diagnostic {
    Diagnostic {
        severity,
        code: code.to_owned(),
        message,
        line: at.line,
        column: at.column,
        fix: None,
    }
}

/// A foreign text short enough to be quoted in a message, without control characters.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut short: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
