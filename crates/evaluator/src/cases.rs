//! Test cases kept beside policies: a workload, evidence as verification would have found it, and
//! a time; and what the policy must answer. The catalog is tested so, natively and in wasm.

use std::collections::BTreeMap;

use model::digest::Digest;
use model::evidence::{
    AttestationFact, CertificateIdentity, Evidence, Gathered, SignatureFact, Signer, SigstoreKeys,
    Verification,
};
use model::image::Image;
use model::policies::Severity;
use model::timestamp::Timestamp;
use model::verdict::Outcome;
use policy::resources::Secret;
use policy::{KeySource, Method, TrustRoot};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Candidate, CompiledPolicy, Documents, EvidenceKind, Object, Question, Reference, ReferenceNeed,
    References, check, denial, judge,
};

/// The image of a case that names none.
const REPOSITORY: &str = "registry.test/app";
/// The time of a case that gives none.
const NOW: &str = "2026-01-01T00:00:00Z";

/// A file of cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// What to write into a template's blanks, by name.
    #[serde(default)]
    blanks: BTreeMap<String, String>,
    cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    now: Option<String>,
    #[serde(default)]
    resource: Option<Value>,
    #[serde(default)]
    config: Option<Value>,
    #[serde(default)]
    signatures: Vec<Given>,
    #[serde(default)]
    attestations: Vec<GivenAttestation>,
    expect: Expected,
}

/// What a policy must answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    outcome: ExpectedOutcome,
    /// Each must occur in an error or warning.
    #[serde(default)]
    errors: Vec<String>,
}

/// An outcome, or that the policy does not cover the image or workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ExpectedOutcome {
    Pass,
    Warn,
    CouldNotCheck,
    Fail,
    NotCovered,
}

/// What verification found, written down.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    #[serde(default)]
    config: Option<Value>,
    #[serde(default)]
    signatures: Vec<Given>,
    #[serde(default)]
    attestations: Vec<GivenAttestation>,
}

/// One signature.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    /// The authority it was found for; every one where none is named.
    #[serde(default)]
    authority: Option<String>,
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    claims: BTreeMap<String, String>,
    /// Whether it verifies with the authority's key.
    #[serde(default)]
    key: bool,
    /// Why it was refused.
    #[serde(default)]
    refused: Option<String>,
}

/// One attestation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GivenAttestation {
    #[serde(default)]
    authority: Option<String>,
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    claims: BTreeMap<String, String>,
    #[serde(default)]
    key: bool,
    #[serde(default)]
    refused: Option<String>,
    predicate_type: String,
    #[serde(default)]
    predicate: Value,
}

/// Levels of a file: a workload has about fifteen, and the reader calls itself for each.
const MOST_LEVELS: usize = 48;

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: MOST_LEVELS },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

/// The digest of an image that nobody has.
#[must_use]
pub fn stand_in() -> Digest {
    Digest::from_bytes([0xee; 32])
}

impl Found {
    /// Reads `evidence.yaml` of a folder.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        read(text)
    }

    /// For each authority of a policy, what was found for it.
    #[must_use]
    pub fn evidence(&self, policy: &CompiledPolicy) -> Evidence {
        let mut evidence = Evidence::default();
        let needs = policy.needs_by_authority();
        for (_, need, kind) in &needs {
            let key = need.key();
            // Authorities with the same trust are answered together, as verification does.
            let names: Vec<&str> = needs
                .iter()
                .filter(|(_, other, _)| other.key() == key)
                .map(|(name, _, _)| *name)
                .collect();
            let is_for = |authority: &Option<String>| {
                authority.as_deref().is_none_or(|authority| names.contains(&authority))
            };
            match kind {
                EvidenceKind::Signatures => {
                    let given = self.signatures.iter().enumerate();
                    let given = given.filter(|(_, given)| is_for(&given.authority));
                    let value = given.map(|(index, given)| given.fact(index)).collect();
                    evidence.signatures.insert(key, Gathered::Found { value });
                }
                EvidenceKind::Attestations => {
                    let given = self.attestations.iter().enumerate();
                    let given = given.filter(|(_, given)| is_for(&given.authority));
                    let value = given.map(|(index, given)| given.fact(index)).collect();
                    evidence.attestations.insert(key, Gathered::Found { value });
                }
            }
        }
        if policy.document_parts().config {
            evidence.config = Some(match &self.config {
                Some(config) => {
                    Gathered::Found { value: json!({"linux/amd64": config}).to_string() }
                }
                None => Gathered::CouldNotAsk {
                    place: REPOSITORY.to_owned(),
                    cause: "no image configuration is given".to_owned(),
                },
            });
        }
        evidence
    }
}

impl Given {
    fn fact(&self, index: usize) -> SignatureFact {
        let verification = match &self.refused {
            Some(cause) => Verification::Refused { cause: cause.clone(), claimed: None },
            None => Verification::accepted(self.signer()),
        };
        let layer = Digest::of(format!("signature {index}").as_bytes());
        SignatureFact { layer, id: layer.hex(), verification, recheck_at: None }
    }

    fn signer(&self) -> Signer {
        if self.key {
            return Signer::Key;
        }
        let identity = CertificateIdentity {
            issuer: self.issuer.clone(),
            subjects: vec![self.subject.clone()],
            claims: self.claims.clone(),
            ..CertificateIdentity::default()
        };
        Signer::Certificate { identity }
    }
}

impl GivenAttestation {
    fn fact(&self, index: usize) -> AttestationFact {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": self.predicate_type,
            "subject": [{"name": REPOSITORY, "digest": {"sha256": stand_in().hex()}}],
            "predicate": self.predicate,
        })
        .to_string();
        let given = Given {
            authority: None,
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            claims: self.claims.clone(),
            key: self.key,
            refused: self.refused.clone(),
        };
        let layer = Digest::of(format!("{index} {statement}").as_bytes());
        let signature = SignatureFact { layer, ..given.fact(index) };
        AttestationFact { signature, statement }
    }
}

/// One case's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ran {
    /// The case.
    pub case: String,
    /// Whether the policy answered as expected.
    pub passed: bool,
    /// What was different.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub difference: String,
}

/// Runs the cases of one text against the policies of another.
///
/// # Errors
/// When the cases are none; an invalid policy is a case that does not hold.
pub fn run(policy_text: &str, cases_text: &str) -> Result<Vec<Ran>, String> {
    let cases: Cases = read(cases_text)?;
    let parsed = check(&filled(policy_text.to_owned(), &cases.blanks));
    let Some(document) = parsed.document else {
        let errors = parsed.diagnostics.iter().filter(|said| said.severity == Severity::Error);
        let told = errors.map(|said| format!("{}:{}: {}", said.line, said.column, said.message));
        return Ok(vec![Ran {
            case: "the policy is valid".to_owned(),
            passed: false,
            difference: told.collect::<Vec<_>>().join("; "),
        }]);
    };
    let references = with_stand_ins(&document);
    let policies: Vec<CompiledPolicy> = document
        .policies
        .iter()
        .map(|policy| CompiledPolicy::new(policy.clone(), &references))
        .collect();
    let run = |case: &Case| {
        let difference = run_case(case, &policies).err().unwrap_or_default();
        Ran { case: case.name.clone(), passed: difference.is_empty(), difference }
    };
    Ok(cases.cases.iter().map(run).collect())
}

/// What verification found is given, so that no key and no trust root is needed to find it: those
/// that a policy names and its file does not hold are stood in for.
fn with_stand_ins(document: &policy::Document) -> References {
    let mut references = References::beside(document);
    for policy in &document.policies {
        for need in CompiledPolicy::reference_needs(policy, &references) {
            let stand_in = match &need {
                ReferenceNeed::KmsKey { address } => Reference::Text(address.clone()),
                ReferenceNeed::TufKeys { .. } => Reference::Keys(Box::default()),
                // Nothing can stand in for what decides.
                ReferenceNeed::RemotePolicy { .. } => continue,
            };
            references.add(need, Ok(stand_in));
        }
        for authority in &policy.authorities {
            let own = match &authority.method {
                Method::Keyless { trust_root, .. } => trust_root.clone(),
                Method::Key { key: KeySource::Secret(name), .. } => {
                    if !references.secrets.iter().any(|secret| secret.name == *name) {
                        let public_key = Ok(name.clone());
                        references.secrets.push(Secret { name: name.clone(), public_key });
                    }
                    None
                }
                Method::Key { .. } | Method::Static { .. } => None,
            };
            let log = authority.ctlog.as_ref().and_then(|log| log.trust_root.clone());
            for name in [own, log, authority.timestamp.clone()].into_iter().flatten() {
                if !references.trust_roots.iter().any(|root| root.name == name) {
                    let keys = SigstoreKeys::default();
                    references.trust_roots.push(TrustRoot { name, keys, tuf: None });
                }
            }
        }
    }
    references
}

fn filled(mut text: String, blanks: &BTreeMap<String, String>) -> String {
    for (name, value) in blanks {
        // A key has several lines, which a plain scalar cannot have.
        let is_long = value.contains('\n');
        let value = if is_long { policy::text::go_quoted(value) } else { value.clone() };
        text = text.replace(&format!("<<{name}>>"), &value);
    }
    text
}

/// What differs from what a case expects.
fn run_case(case: &Case, policies: &[CompiledPolicy]) -> Result<(), String> {
    let image: Image = match &case.image {
        Some(image) => image.parse().map_err(|error| format!("image: {error}"))?,
        None => format!("{REPOSITORY}@{}", stand_in()).parse().map_err(|_| "image".to_owned())?,
    };
    let now = case.now.as_deref().unwrap_or(NOW);
    let now: Timestamp = now.parse().map_err(|_| format!("now: {now} is no time"))?;
    let resource = case.resource.as_ref().map(Object::new).transpose()?;
    let found = Found {
        config: case.config.clone(),
        signatures: case.signatures.clone(),
        attestations: case.attestations.clone(),
    };
    let documents = Documents::default();
    let mut answers = Vec::new();
    for policy in policies {
        let evidence = found.evidence(policy);
        let question = Question {
            candidate: Candidate::Admitted(&image),
            subject: resource.as_ref().map(Object::subject),
            evidence: &evidence,
            documents: &documents,
            now,
        };
        if let Some(verdict) = judge(policy, &question) {
            answers.push((verdict.outcome, denial::errors(&verdict, &image)));
        }
    }
    compare(case, &answers)
}

fn compare(case: &Case, answers: &[(Outcome, Vec<String>)]) -> Result<(), String> {
    let answered = match answers.iter().map(|(outcome, _)| *outcome).max() {
        None => ExpectedOutcome::NotCovered,
        Some(Outcome::Pass) => ExpectedOutcome::Pass,
        Some(Outcome::Warn) => ExpectedOutcome::Warn,
        Some(Outcome::CouldNotCheck) => ExpectedOutcome::CouldNotCheck,
        Some(Outcome::Fail) => ExpectedOutcome::Fail,
    };
    let said: Vec<&str> =
        answers.iter().flat_map(|(_, errors)| errors).map(String::as_str).collect();
    if answered != case.expect.outcome {
        return Err(format!(
            "expected {:?}, answered {answered:?}: {}",
            case.expect.outcome,
            said.join("; ")
        ));
    }
    for text in &case.expect.errors {
        if !said.iter().any(|said| said.contains(text)) {
            return Err(format!("nothing says {text:?}: {}", said.join("; ")));
        }
    }
    Ok(())
}
