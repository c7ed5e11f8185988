//! Image configurations as policies see them: by platform (`policy-controller.md` part 14).

use model::evidence::{EvidenceKind, EvidencePiece};
use serde_json::{Map, Value};

/// The configurations of an image among its pieces, as one JSON object by platform. Equal
/// platforms overwrite each other, as upstream has it.
///
/// # Errors
/// In upstream's words, when one is no JSON.
pub fn config_document(pieces: &[EvidencePiece]) -> Result<String, String> {
    let mut configs = Map::new();
    for piece in pieces.iter().filter(|piece| piece.kind == EvidenceKind::Config) {
        let platform = piece.annotations.get("platform").cloned().unwrap_or_default();
        let config: Value = serde_json::from_slice(&piece.bytes)
            .map_err(|error| format!("failed to get a ConfigFile: [{platform}: {error}]"))?;
        configs.insert(platform, config);
    }
    Ok(Value::Object(configs).to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::digest::Digest;

    use super::*;

    fn piece(kind: EvidenceKind, platform: &str, text: &str) -> EvidencePiece {
        EvidencePiece {
            kind,
            media_type: String::new(),
            digest: Digest::of(text.as_bytes()),
            bytes: text.as_bytes().to_vec(),
            annotations: BTreeMap::from([("platform".to_owned(), platform.to_owned())]),
        }
    }

    #[test]
    fn configurations_stand_under_their_platforms() {
        let pieces = [
            piece(EvidenceKind::Index, "", "{}"),
            piece(EvidenceKind::Config, "linux/arm64/v8", r#"{"created":"b"}"#),
            piece(EvidenceKind::Config, "linux/amd64", r#"{"created":"a"}"#),
        ];
        let document = config_document(&pieces).unwrap();
        assert_eq!(document, r#"{"linux/amd64":{"created":"a"},"linux/arm64/v8":{"created":"b"}}"#);
    }

    #[test]
    fn a_configuration_that_is_no_json_is_an_error() {
        let error = config_document(&[piece(EvidenceKind::Config, "linux/amd64", "{")]);
        assert!(error.unwrap_err().starts_with("failed to get a ConfigFile: [linux/amd64: "));
    }
}
