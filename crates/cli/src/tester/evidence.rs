//! `--evidence`: where signatures come from.

use std::error::Error as _;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use egress::{Egress, EgressRules};
use evaluator::cases::{self, Found};
use evaluator::{CompiledPolicy, EvidenceKind};
use model::digest::Digest;
use model::evidence::{
    AttestationFact, Evidence, EvidenceKind as PieceKind, EvidencePiece, Gathered, LookupKind,
    LookupTarget, SignatureNeed,
};
use model::image::{Image, ImageReference};
use model::timestamp::Timestamp;
use registry::{CredentialsError, Layout, Limits, LookupError, Sources};
use verification::{BundleFact, Verifier};

use super::text_of;
use crate::arguments::TestPolicies;
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
    /// When it is none of the three, or the folder or the docker configuration cannot be read.
    pub fn new(arguments: &TestPolicies) -> Result<Self, CommandError> {
        let TestPolicies { evidence, plain_http, .. } = arguments;
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
            allow_private: plain_http.clone(),
            plain_http: plain_http.clone(),
            ..EgressRules::default()
        };
        let wrong = |cause: String| CommandError::Usage(format!("--plain-http: {cause}"));
        let egress = Egress::new(rules).map_err(|error| wrong(error.to_string()))?;
        let layouts = layouts.into_iter().map(|folder| Layout { prefix: String::new(), folder });
        let sources = Sources::new(egress, layouts.collect(), Limits::default());
        let chosen = arguments.docker_config.clone();
        let config = chosen.or_else(|| dockers_own(|name| std::env::var_os(name)));
        Ok(Self::Registry(Box::new(match config {
            Some(path) => logged_in(sources, &path)?,
            None => sources,
        })))
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
                    let found = found(sources, need, LookupKind::Signatures, image, now).await;
                    let found = of_found(found, |it| {
                        (!need.is_bundle || verification::is_signature(it.statement.as_deref()))
                            .then_some(it.fact)
                    });
                    evidence.signatures.insert(need.key(), found);
                }
                EvidenceKind::Attestations => {
                    let found = found(sources, need, LookupKind::Attestations, image, now).await;
                    let found = of_found(found, |it| {
                        Some(AttestationFact { signature: it.fact, statement: it.statement? })
                    });
                    evidence.attestations.insert(need.key(), found);
                }
            }
        }
        if policy.document_parts().config {
            evidence.config = Some(config(sources, image).await);
        }
        evidence
    }
}

/// What was found for a need, and what verification makes of it.
async fn found(
    sources: &Sources,
    need: &SignatureNeed,
    kind: LookupKind,
    image: &Image,
    now: Timestamp,
) -> Gathered<Vec<BundleFact>> {
    let mut found = match pieces(sources, &need.target(kind), image).await {
        Ok(pieces) => pieces,
        Err(error) => return Gathered::CouldNotAsk { place: error.place, cause: error.cause },
    };
    for besides in need.targets(kind).iter().skip(1) {
        // What comes along without being asked for is welcome, and not missed.
        found.extend(pieces(sources, besides, image).await.unwrap_or_default());
    }
    found.retain(|piece| (piece.kind == PieceKind::SigstoreBundle) == need.is_bundle);
    let verifier = match Verifier::new(need) {
        Ok(verifier) => verifier,
        Err(error) => {
            return Gathered::CouldNotAsk {
                place: "the policy's trust material".to_owned(),
                cause: error.to_string(),
            };
        }
    };
    let verify = |piece| verifier.piece(&image.digest, piece, now);
    Gathered::Found { value: found.iter().filter_map(verify).collect() }
}

fn of_found<T>(
    found: Gathered<Vec<BundleFact>>,
    each: impl Fn(BundleFact) -> Option<T>,
) -> Gathered<Vec<T>> {
    match found {
        Gathered::Found { value } => {
            Gathered::Found { value: value.into_iter().filter_map(each).collect() }
        }
        Gathered::CouldNotAsk { place, cause } => Gathered::CouldNotAsk { place, cause },
        Gathered::NotYet => Gathered::NotYet,
    }
}

async fn pieces(
    sources: &Sources,
    target: &LookupTarget,
    image: &Image,
) -> Result<Vec<EvidencePiece>, LookupError> {
    Ok(match sources.look_up(image, target, None).await.answer? {
        registry::Answer::Unchanged => Vec::new(),
        registry::Answer::Found { pieces, .. } => pieces,
    })
}

/// The image's configurations by platform, as one JSON object.
async fn config(sources: &Sources, image: &Image) -> Gathered<String> {
    let target = LookupTarget::beside_image(LookupKind::Image);
    let pieces = match pieces(sources, &target, image).await {
        Ok(pieces) if pieces.is_empty() => {
            let cause = "the registry does not have the image".to_owned();
            return Gathered::CouldNotAsk { place: target.place_of(image), cause };
        }
        Ok(pieces) => pieces,
        Err(error) => return Gathered::CouldNotAsk { place: error.place, cause: error.cause },
    };
    match evaluator::config_document(&pieces) {
        Ok(value) => Gathered::Found { value },
        Err(cause) => Gathered::CouldNotAsk { place: target.place_of(image), cause },
    }
}

/// Where docker keeps its logins (`$DOCKER_CONFIG/config.json`, else below `~/.docker`), if it
/// keeps any.
fn dockers_own(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("DOCKER_CONFIG").or_else(|| Some(set("HOME")?.join(".docker")));
    folder.map(|folder| folder.join("config.json")).filter(|path| path.is_file())
}

fn logged_in(sources: Sources, path: &Path) -> Result<Sources, CommandError> {
    let wrong = |error: CredentialsError| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        CommandError::Usage(format!("{error}{cause}"))
    };
    Ok(sources.with_docker_config(path).map_err(wrong)?.with_credential_helpers())
}
