//! Words for a piece of evidence: what it is, and what became of it.

use leptos::serde_json::Value;
use model::evidence::EvidenceKind;
use model::images::{DocumentView, EvidenceView};

use crate::ui::{Icon, Tone};

/// What a piece is.
pub(super) const fn kind_name(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::CosignSignature => "Signature by cosign",
        EvidenceKind::CosignAttestation => "Attestation by cosign",
        EvidenceKind::CosignSbom => "Attached SBOM",
        EvidenceKind::SigstoreBundle => "Sigstore bundle",
        EvidenceKind::NotationSignature => "Signature by Notation",
        EvidenceKind::Referrer => "Document that refers to the image",
        EvidenceKind::Manifest => "Manifest",
        EvidenceKind::Index => "Index of its platforms",
        EvidenceKind::Config => "Configuration",
    }
}

/// Whether a piece says something of the image, rather than being a part of it.
pub(super) const fn is_said_of_image(kind: EvidenceKind) -> bool {
    match kind {
        EvidenceKind::CosignSignature
        | EvidenceKind::CosignAttestation
        | EvidenceKind::CosignSbom
        | EvidenceKind::SigstoreBundle
        | EvidenceKind::NotationSignature
        | EvidenceKind::Referrer => true,
        EvidenceKind::Manifest | EvidenceKind::Index | EvidenceKind::Config => false,
    }
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Some trust accepts its signature.
    Accepted,
    /// It was held against some trust, and none accepts it.
    Refused,
    /// It carries a signature that was held against nothing.
    NotVerified,
    /// It carries no signature.
    NotSigned,
    /// It was made here, because nobody shipped one.
    Generated,
    /// It is a part of the image.
    Part,
}

impl Fate {
    pub(super) fn of(piece: &EvidenceView) -> Self {
        match piece.kind {
            EvidenceKind::CosignSignature
            | EvidenceKind::CosignAttestation
            | EvidenceKind::SigstoreBundle => {
                if piece.checks.iter().any(|check| check.refused.is_none()) {
                    Self::Accepted
                } else if piece.checks.is_empty() {
                    Self::NotVerified
                } else {
                    Self::Refused
                }
            }
            EvidenceKind::NotationSignature => Self::NotVerified,
            EvidenceKind::Referrer if piece.generated_by.is_some() => Self::Generated,
            EvidenceKind::CosignSbom | EvidenceKind::Referrer => Self::NotSigned,
            EvidenceKind::Manifest | EvidenceKind::Index | EvidenceKind::Config => Self::Part,
        }
    }

    pub(super) const fn chip(self) -> (Tone, Icon, &'static str) {
        match self {
            Self::Accepted => (Tone::Pass, Icon::Check, "Accepted"),
            Self::Refused => (Tone::Fail, Icon::Cross, "Refused"),
            Self::NotVerified => (Tone::Unknown, Icon::Clock, "Present, not verified"),
            Self::Generated => (Tone::Plain, Icon::Flask, "Generated"),
            Self::NotSigned => (Tone::Unknown, Icon::Dash, "Present, not signed"),
            Self::Part => (Tone::Plain, Icon::Images, "Part of the image"),
        }
    }
}

/// A document's kind in words.
pub(super) fn document_name(document: &DocumentView) -> String {
    match document.kind.as_str() {
        "sbom" => "an SBOM".to_owned(),
        "provenance" => "provenance".to_owned(),
        "vulnerabilities" => "a vulnerability report".to_owned(),
        "sarif" => "a SARIF report".to_owned(),
        "openvex" | "vex" => "a VEX document".to_owned(),
        "verification summary" | "vsa" => "a verification summary".to_owned(),
        "test result" | "test-result" => "a test result".to_owned(),
        "link" => "an in-toto link".to_owned(),
        "signature" => "a signature".to_owned(),
        "unknown" | "custom" => "a document of another kind".to_owned(),
        other => other.to_owned(),
    }
}

/// The parts of a summary that people read, as label and value.
pub(super) fn facts(summary: &Value) -> Vec<(String, String)> {
    let Value::Object(parts) = summary else { return Vec::new() };
    let fact = |(name, value): (&String, &Value)| {
        let value = text(value);
        (!value.is_empty()).then(|| (label(name), value))
    };
    parts.iter().filter_map(fact).collect()
}

/// `createdAt` as "Created at"; a leading `n` that counts is left away.
fn label(name: &str) -> String {
    let is_count = name.starts_with('n') && name.chars().nth(1).is_some_and(char::is_uppercase);
    let name = if is_count { name.trim_start_matches('n') } else { name };
    let mut words = String::with_capacity(name.len() + 4);
    for (place, letter) in name.chars().enumerate() {
        if place == 0 {
            words.extend(letter.to_uppercase());
        } else if letter.is_uppercase() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts = values.iter().map(text).filter(|text| !text.is_empty());
            texts.collect::<Vec<_>>().join(", ")
        }
        Value::Object(parts) => {
            let texts = parts.values().map(text).filter(|text| !text.is_empty());
            texts.collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use leptos::serde_json::json;
    use model::digest::Digest;
    use model::images::EvidenceCheck;
    use model::timestamp::Timestamp;

    use super::*;

    fn piece(kind: EvidenceKind, refused: &[Option<&str>]) -> EvidenceView {
        let check = |cause: &Option<&str>| EvidenceCheck {
            by: "somebody".to_owned(),
            refused: cause.map(str::to_owned),
            signer: None,
            key: None,
            witnessed_at: None,
            log_index: None,
        };
        EvidenceView {
            kind,
            digest: Digest::of(b"piece"),
            media_type: String::new(),
            n_bytes: 1,
            place: String::new(),
            since: Timestamp::from_seconds(1),
            until: None,
            checks: refused.iter().map(check).collect(),
            document: None,
            generated_by: None,
        }
    }

    #[test]
    fn refused_by_one_trust_and_accepted_by_another_is_accepted() {
        use EvidenceKind::{CosignSbom, CosignSignature, NotationSignature};
        let fate = |kind, refused: &[Option<&str>]| Fate::of(&piece(kind, refused));
        assert_eq!(fate(CosignSignature, &[Some("wrong"), None]), Fate::Accepted);
        assert_eq!(fate(CosignSignature, &[Some("wrong")]), Fate::Refused);
        assert_eq!(fate(CosignSignature, &[]), Fate::NotVerified);
        assert_eq!(fate(NotationSignature, &[]), Fate::NotVerified);
        assert_eq!(fate(CosignSbom, &[]), Fate::NotSigned);
    }

    #[test]
    fn a_summary_is_read_whatever_it_holds() {
        let summary = json!({
            "specVersion": "1.6", "nPackages": 12, "name": null, "tools": ["syft", "grype"],
            "sources": [{"uri": "git+https://a.b", "digest": "sha1:12"}],
        });
        let mut found = facts(&summary);
        found.sort();
        let text = |label: &str, value: &str| (label.to_owned(), value.to_owned());
        assert_eq!(
            found,
            [
                text("Packages", "12"),
                text("Sources", "sha1:12 git+https://a.b"),
                text("Spec version", "1.6"),
                text("Tools", "syft, grype"),
            ]
        );
        assert!(facts(&json!("text")).is_empty());
    }
}
