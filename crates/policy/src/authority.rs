//! Authorities: who may vouch for an image, and how (`policy-controller.md` 3.3 to 3.7).

use model::evidence::{HashAlgorithm, SignatureSource};

use crate::embedded::{EmbeddedPolicy, TextPlaces};
use crate::predicate::PredicateType;
use crate::written::authority as written;

mod identity;

pub use identity::{Identity, Matcher};

/// One entry of `authorities[]`.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Its name; `authority-<index>` where none is written.
    pub name: String,
    /// How it vouches.
    pub method: Method,
    /// Where its signatures are looked up.
    pub source: SignatureSource,
    /// `ctlog`, where it is written; an empty one means something else than none.
    pub ctlog: Option<Ctlog>,
    /// `rfc3161timestamp`, where it is written: the TrustRoot whose timestamp authorities count,
    /// which may be empty.
    pub timestamp: Option<String>,
    /// The layout its signatures come in.
    pub format: SignatureFormat,
    /// Attestations that must be there, all of them; where there are any, signatures are not
    /// asked for.
    pub attestations: Vec<AttestationRule>,
}

/// How an authority vouches.
#[derive(Debug, Clone)]
pub enum Method {
    /// Always, or never.
    Static {
        /// Which of the two.
        action: StaticAction,
        /// What the author wrote beside it.
        message: String,
    },
    /// By a public key.
    Key {
        /// Where the key is.
        key: KeySource,
        /// The hash its signatures are made over.
        hash: HashAlgorithm,
    },
    /// By a short-lived certificate.
    Keyless {
        /// Who may sign; any one of them.
        identities: Vec<Identity>,
        /// The TrustRoot whose certificate authorities count; `None` means the public-good ones.
        trust_root: Option<String>,
        /// Whether the embedded SCT is left unchecked.
        ignore_sct: bool,
        /// Whether it has a `ca-cert` in place of an address, with which upstream refuses every
        /// image.
        has_ca_cert: bool,
    },
}

/// Where a public key is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeySource {
    /// In the policy: PEM.
    Inline(String),
    /// In a Secret of that name.
    Secret(String),
    /// In a key management service, under that address.
    Kms(String),
}

/// What a static authority does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaticAction {
    /// Vouch for every image.
    Pass,
    /// Vouch for none.
    Fail,
}

/// The transparency log an authority names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ctlog {
    /// Its address. It is never contacted; that it is there makes an entry required.
    pub url: Option<String>,
    /// The TrustRoot whose log keys count; `None` means the public-good ones.
    pub trust_root: Option<String>,
}

/// The layout signatures come in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SignatureFormat {
    /// cosign's, up to version 2.
    #[default]
    Legacy,
    /// Sigstore bundles.
    Bundle,
}

/// An attestation that must be there.
#[derive(Debug, Clone)]
pub struct AttestationRule {
    /// Its name.
    pub name: String,
    /// Its predicate type.
    pub predicate_type: PredicateType,
    /// What must be true of its content.
    pub policy: Option<EmbeddedPolicy>,
}

/// The hash of that name, in any case and with blanks around it.
pub(crate) fn hash_algorithm(name: &str) -> Option<HashAlgorithm> {
    match name.trim().to_ascii_lowercase().as_str() {
        "sha224" => Some(HashAlgorithm::Sha224),
        "sha256" => Some(HashAlgorithm::Sha256),
        "sha384" => Some(HashAlgorithm::Sha384),
        "sha512" => Some(HashAlgorithm::Sha512),
        _ => None,
    }
}

impl Authority {
    /// The authority at an index; `None` where validation refused it.
    pub(crate) fn new(
        index: usize,
        authority: &written::Authority,
        texts: &TextPlaces<'_>,
    ) -> Option<Self> {
        let path = format!("spec.authorities[{index}]");
        let name = match authority.name.as_str() {
            "" => format!("authority-{index}"),
            name => name.to_owned(),
        };
        let attestation = |(index, attestation): (usize, &written::Attestation)| {
            let path = format!("{path}.attestations[{index}].policy");
            let policy = match &attestation.policy {
                Some(policy) => Some(EmbeddedPolicy::new(policy, &path, texts)?),
                None => None,
            };
            Some(AttestationRule {
                name: attestation.name.clone(),
                predicate_type: PredicateType::new(&attestation.predicate_type),
                policy,
            })
        };
        let attestations = authority.attestations.iter().enumerate().map(attestation);
        Some(Self {
            name,
            method: method(authority, texts)?,
            source: source(authority)?,
            ctlog: authority.ctlog.as_ref().map(|log| Ctlog {
                url: log.url.clone(),
                trust_root: not_empty(&log.trust_root_ref),
            }),
            timestamp: authority.rfc3161_timestamp.as_ref().map(|tsa| tsa.trust_root_ref.clone()),
            // Any other value means the layout of cosign 2, as upstream.
            format: match authority.signature_format.as_str() {
                "bundle" => SignatureFormat::Bundle,
                _ => SignatureFormat::Legacy,
            },
            attestations: attestations.collect::<Option<_>>()?,
        })
    }
}

fn method(authority: &written::Authority, texts: &TextPlaces<'_>) -> Option<Method> {
    if let Some(fixed) = &authority.r#static {
        let action = match fixed.action.as_str() {
            "pass" => StaticAction::Pass,
            "fail" => StaticAction::Fail,
            _ => return None,
        };
        return Some(Method::Static { action, message: fixed.message.clone() });
    }
    if let Some(key) = &authority.key {
        return method_of_key(key);
    }
    let keyless = authority.keyless.as_ref()?;
    Some(Method::Keyless {
        identities: keyless
            .identities
            .iter()
            .map(|identity| Identity::new(identity, texts.expressions))
            .collect::<Option<_>>()?,
        trust_root: not_empty(&keyless.trust_root_ref),
        ignore_sct: keyless.insecure_ignore_sct.unwrap_or_default(),
        has_ca_cert: keyless.ca_cert.is_some(),
    })
}

fn method_of_key(key: &written::KeyRef) -> Option<Method> {
    let source = match (&key.secret_ref, key.kms.as_str()) {
        (Some(secret), _) => KeySource::Secret(secret.name.clone()),
        (None, "") => KeySource::Inline(key.data.clone()),
        (None, kms) => KeySource::Kms(kms.to_owned()),
    };
    let hash = match key.hash_algorithm.as_str() {
        "" => HashAlgorithm::default(),
        name => hash_algorithm(name)?,
    };
    Some(Method::Key { key: source, hash })
}

fn source(authority: &written::Authority) -> Option<SignatureSource> {
    let Some(source) = authority.source.first() else { return Some(SignatureSource::default()) };
    let repository = match source.oci.as_str() {
        "" => None,
        oci => Some(oci.parse().ok()?),
    };
    let tag_prefix = source.tag_prefix.clone().unwrap_or_default();
    Some(SignatureSource { repository, tag_prefix })
}

fn not_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
