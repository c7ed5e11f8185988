//! How an image was built, as its attestations say: read out of their summaries.

use leptos::serde_json;
use model::images::EvidenceView;
use serde::Deserialize;

use super::piece::Fate;

/// A provenance in brief. What is missing was not said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Build {
    pub(super) builder: Option<String>,
    pub(super) build_type: Option<String>,
    pub(super) sources: Vec<Source>,
    pub(super) n_materials: u64,
    pub(super) invocation: Option<String>,
    pub(super) started_at: Option<String>,
    pub(super) finished_at: Option<String>,
    /// The estimated SLSA build level.
    pub(super) level: u8,
    pub(super) level_reasons: Vec<String>,
}

/// What it was built from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Source {
    pub(super) uri: String,
    pub(super) digest: Option<String>,
}

/// Every provenance among the evidence that could be read, with whether it is proven.
pub(super) fn builds(evidence: &[EvidenceView]) -> Vec<(Build, Fate)> {
    let build = |piece: &EvidenceView| {
        let document = piece.document.as_ref().filter(|document| document.kind == "provenance")?;
        let build = serde_json::from_value::<Build>(document.summary.clone()).ok()?;
        Some((build, Fate::of(piece)))
    };
    let mut builds: Vec<(Build, Fate)> = Vec::new();
    for found in evidence.iter().filter_map(build) {
        if !builds.contains(&found) {
            builds.push(found);
        }
    }
    builds
}

#[cfg(test)]
mod tests {
    use leptos::serde_json::json;
    use model::digest::Digest;
    use model::evidence::EvidenceKind;
    use model::images::DocumentView;
    use model::timestamp::Timestamp;

    use super::*;

    fn piece(kind: &str, summary: serde_json::Value) -> EvidenceView {
        EvidenceView {
            kind: EvidenceKind::CosignAttestation,
            digest: Digest::of(b"piece"),
            media_type: String::new(),
            n_bytes: 1,
            place: String::new(),
            since: Timestamp::from_seconds(1),
            until: None,
            checks: Vec::new(),
            document: Some(DocumentView { kind: kind.to_owned(), summary, problem: None }),
            generated_by: None,
        }
    }

    #[test]
    fn a_provenance_is_read_and_other_documents_are_not() {
        let summary = json!({
            "builder": "https://b.test/x", "buildType": null, "nMaterials": 3, "level": 2,
            "sources": [{"uri": "git+https://a.test/b", "digest": "sha1:12"}],
            "levelReasons": ["names its builder"], "more": true,
        });
        let found = builds(&[piece("sbom", json!({})), piece("provenance", summary)]);
        let [(build, fate)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((build.level, build.n_materials), (2, 3));
        assert_eq!(build.sources[0].uri, "git+https://a.test/b");
        assert_eq!(*fate, Fate::NotVerified);
    }

    #[test]
    fn one_that_could_not_be_read_is_left_to_the_evidence_tab() {
        assert!(builds(&[piece("provenance", json!({ "level": "high" }))]).is_empty());
    }
}
