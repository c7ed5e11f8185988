//! `--evidence`: where signatures come from.

use std::path::{Path, PathBuf};

use egress::{Egress, EgressRules};
use evaluator::cases::{self, Found};
use evaluator::{CompiledPolicy, EvidenceKind};
use model::digest::Digest;
use model::evidence::{Evidence, Gathered, SignatureFact, SignatureNeed};
use model::image::{Image, ImageReference};
use model::timestamp::Timestamp;
use registry::{Layout, Limits, LookupError, Sources};
use verification::Verifier;

use super::text_of;
use crate::error::CommandError;

/// The file of a `folder:` that says what verification found.
const FOLDER_FILE: &str = "evidence.yaml";

/// Where evidence comes from.
#[derive(Debug)]
pub enum Source {
    /// The image's registry, or an OCI image layout in its place.
    Registry(Box<Sources>),
    /// Written down: what verification found.
    Written(Found),
}

impl Source {
    /// `registry`, `layout:DIR` or `folder:DIR`.
    ///
    /// # Errors
    /// When it is none of the three, or the folder cannot be read.
    pub fn new(evidence: &str, plain_http: &[String]) -> Result<Self, CommandError> {
        if let Some(folder) = evidence.strip_prefix("folder:") {
            let path = Path::new(folder).join(FOLDER_FILE);
            let found = Found::parse(&text_of(&path)?);
            let wrong = |cause| CommandError::Resource { path: path.clone(), cause };
            return Ok(Self::Written(found.map_err(wrong)?));
        }
        let layouts = match evidence.strip_prefix("layout:") {
            // The folder stands for every registry.
            Some(folder) => vec![PathBuf::from(folder)],
            None if evidence == "registry" => Vec::new(),
            None => {
                return Err(CommandError::Usage(format!(
                    "--evidence {evidence}: write registry, layout:DIR or folder:DIR"
                )));
            }
        };
        let rules = EgressRules {
            allow_private: plain_http.to_vec(),
            plain_http: plain_http.to_vec(),
            ..EgressRules::default()
        };
        let wrong = |cause: String| CommandError::Usage(format!("--plain-http: {cause}"));
        let egress = Egress::new(rules).map_err(|error| wrong(error.to_string()))?;
        let layouts = layouts.into_iter().map(|folder| Layout { prefix: String::new(), folder });
        let sources = Sources::new(egress, layouts.collect(), Limits::default());
        Ok(Self::Registry(Box::new(sources)))
    }

    /// The digest that a reference points at.
    ///
    /// # Errors
    /// Who could not tell, and why.
    pub async fn resolve(&self, reference: &ImageReference) -> Result<Digest, LookupError> {
        match self {
            Self::Registry(sources) => sources.resolve(reference).await,
            Self::Written(_) => Ok(cases::stand_in()),
        }
    }

    /// What a policy needs to judge an image.
    pub async fn gather(&self, policy: &CompiledPolicy, image: &Image, now: Timestamp) -> Evidence {
        let sources = match self {
            Self::Written(found) => return found.evidence(policy),
            Self::Registry(sources) => sources,
        };
        let mut evidence = Evidence::default();
        if !image.is_resolved() {
            return evidence;
        }
        for (_, need, kind) in policy.needs_by_authority() {
            match kind {
                EvidenceKind::Signatures => {
                    let found = signatures(sources, need, image, now).await;
                    evidence.signatures.insert(need.key(), found);
                }
                EvidenceKind::Attestations => {
                    let place = need.source.attestations_of(image);
                    let cause = "this version does not fetch attestations: give them with \
                                 --evidence folder:DIR"
                        .to_owned();
                    let found = Gathered::CouldNotAsk { place, cause };
                    evidence.attestations.insert(need.key(), found);
                }
            }
        }
        if policy.document_parts().config {
            let cause = "this version does not fetch image configurations: give them with \
                         --evidence folder:DIR"
                .to_owned();
            evidence.config = Some(Gathered::CouldNotAsk { place: image.to_string(), cause });
        }
        evidence
    }
}

async fn signatures(
    sources: &Sources,
    need: &SignatureNeed,
    image: &Image,
    now: Timestamp,
) -> Gathered<Vec<SignatureFact>> {
    if let Some(cause) = need.beyond_this_version() {
        let (place, cause) = (need.source.place_of(image), cause.to_owned());
        return Gathered::CouldNotAsk { place, cause };
    }
    let lookup = sources.signatures(image, &need.source).await;
    let layers = match lookup.answer {
        Ok(layers) => layers,
        Err(error) => return Gathered::CouldNotAsk { place: error.place, cause: error.cause },
    };
    match Verifier::new(&need.trust) {
        Ok(verifier) => {
            let verify = |layer| verifier.verify(&image.digest, layer, now);
            Gathered::Found { value: layers.iter().map(verify).collect() }
        }
        Err(error) => Gathered::CouldNotAsk {
            place: "the policy's trust material".to_owned(),
            cause: error.to_string(),
        },
    }
}
