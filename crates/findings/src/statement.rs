//! in-toto Statements v0.1 and v1: which artifacts are meant, and what is said of them.
//!
//! Source: in-toto attestation framework, `spec/v0.1` and `spec/v1/statement.md`. A statement is
//! read here after its signature was verified, or to show what an unsigned one would say.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::kind::Kind;
use crate::problem::Unreadable;
use crate::tolerant::{self, Many, One, Pairs, Text};

/// A longer statement is not read.
pub const LONGEST_STATEMENT: usize = 64 * 1024 * 1024;
/// Subjects beyond these are passed over.
const MOST_SUBJECTS: usize = 10_000;

/// A statement, which borrows its predicate from the bytes it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'bytes> {
    /// The version of the statement itself.
    pub form: Form,
    /// What kind of predicate it carries, as written; an absent one is empty.
    pub predicate_type: String,
    /// The artifacts it is about.
    pub subjects: Vec<Subject>,
    /// The predicate, as JSON; `null` where it has none.
    pub predicate: &'bytes str,
}

/// The version of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `https://in-toto.io/Statement/v0.1`
    V0_1,
    /// `https://in-toto.io/Statement/v1`
    V1,
}

/// An artifact that a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its name, as the author of the statement calls it.
    pub name: String,
    /// Algorithm and digest in hex: `sha256` and 64 digits.
    pub digests: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written<'bytes> {
    #[serde(rename = "_type", default)]
    form: Text,
    #[serde(default)]
    predicate_type: Text,
    #[serde(default)]
    subject: Many<One<WrittenSubject>, MOST_SUBJECTS>,
    #[serde(borrow, default)]
    predicate: Option<&'bytes RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WrittenSubject {
    name: Text,
    digest: Pairs<Text, 16>,
}

impl<'bytes> Statement<'bytes> {
    /// Reads a statement.
    ///
    /// # Errors
    /// When the bytes are too many, no JSON, or no in-toto statement.
    pub fn read(bytes: &'bytes [u8]) -> Result<Self, Unreadable> {
        let written: Written<'bytes> = tolerant::read(bytes, LONGEST_STATEMENT)?;
        let form = match written.form.as_str() {
            Some("https://in-toto.io/Statement/v0.1") => Form::V0_1,
            Some("https://in-toto.io/Statement/v1" | "https://in-toto.io/Statement/v1.0") => {
                Form::V1
            }
            other => return Err(other_form(other)),
        };
        let subjects = written.subject.objects().map(|subject| Subject {
            name: subject.name.take().unwrap_or_default(),
            digests: digests(subject.digest),
        });
        Ok(Self {
            form,
            predicate_type: written.predicate_type.take().unwrap_or_default(),
            subjects: subjects.collect(),
            predicate: written.predicate.map_or("null", RawValue::get),
        })
    }

    /// The kind of its predicate.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::of_predicate(&self.predicate_type)
    }

    /// Whether one of its subjects has this digest, given as hex without its algorithm.
    #[must_use]
    pub fn is_about_sha256(&self, hex: &str) -> bool {
        let is_it = |(algorithm, digest): &(String, String)| {
            algorithm == "sha256" && digest.eq_ignore_ascii_case(hex)
        };
        self.subjects.iter().any(|subject| subject.digests.iter().any(is_it))
    }

    /// The document in the predicate: cosign wraps what is no object of its own in `Data`, as a
    /// text or as JSON; everything else is the predicate itself.
    #[must_use]
    pub fn document(&self) -> Cow<'bytes, str> {
        #[derive(Deserialize)]
        struct Wrapped<'bytes> {
            #[serde(borrow, rename = "Data")]
            content: &'bytes RawValue,
        }
        let Ok(wrapped) = serde_json::from_str::<Wrapped<'bytes>>(self.predicate) else {
            return Cow::Borrowed(self.predicate);
        };
        match serde_json::from_str::<String>(wrapped.content.get()) {
            Ok(text) => Cow::Owned(text),
            Err(_) => Cow::Borrowed(wrapped.content.get()),
        }
    }
}

/// Algorithms in lower case and digests of hex digits; what is neither is no digest.
pub(crate) fn digests(pairs: Pairs<Text, 16>) -> Vec<(String, String)> {
    let digest = |(algorithm, text): (String, Text)| Some((algorithm.to_lowercase(), text.take()?));
    pairs.0.into_iter().filter_map(digest).collect()
}

fn other_form(found: Option<&str>) -> Unreadable {
    Unreadable::Other {
        wanted: "in-toto statement",
        found: match found {
            Some(found) => format!("its _type is {:?}", tolerant::cut(found, 96)),
            None => "it has no _type".to_owned(),
        },
        right: "the _type https://in-toto.io/Statement/v1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = r#"{
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "ghcr.io/acme/api", "digest": {"SHA256": "AB", "sha512": "cd"}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"a": [1, 2]}
    }"#;

    #[test]
    fn a_statement_keeps_its_predicate_as_written() {
        let statement = Statement::read(V1.as_bytes()).unwrap();
        assert_eq!(statement.form, Form::V1);
        assert_eq!(statement.kind(), Kind::ProvenanceV1);
        assert_eq!(statement.predicate, r#"{"a": [1, 2]}"#);
        assert!(statement.is_about_sha256("ab"));
        assert!(!statement.is_about_sha256("cd"));
    }

    #[test]
    fn what_cosign_wraps_is_unwrapped() {
        for (predicate, document) in [
            (r#"{"Data":"{\"a\":1}","Timestamp":"x"}"#, r#"{"a":1}"#),
            (r#"{"Data":{"a":1}}"#, r#"{"a":1}"#),
            (r#"{"a":1}"#, r#"{"a":1}"#),
        ] {
            let text = format!(
                r#"{{"_type":"https://in-toto.io/Statement/v0.1","predicate":{predicate}}}"#
            );
            assert_eq!(Statement::read(text.as_bytes()).unwrap().document(), document);
        }
    }

    #[test]
    fn what_is_no_statement_says_so() {
        for (text, told) in [
            ("{}", "no _type"),
            (r#"{"_type":"link"}"#, "\"link\""),
            ("[]", "no JSON object"),
            ("", "line 1"),
            ("\u{feff}{\"_type\":", "line 1"),
        ] {
            let error = Statement::read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
        assert!(Statement::read(b"{\"_type\":\"\xff\"}").is_err());
    }

    #[test]
    fn odd_fields_do_not_cost_the_statement() {
        let text = r#"{"_type":"https://in-toto.io/Statement/v1","subject":{"digest":[]},
            "predicateType":5,"predicate":null}"#;
        let statement = Statement::read(text.as_bytes()).unwrap();
        assert_eq!(statement.subjects.len(), 1);
        assert_eq!(statement.predicate, "null");
        assert_eq!(statement.predicate_type, "5");
    }
}
