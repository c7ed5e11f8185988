//! A policy, ready to judge by: its references looked up, its needs named, its embedded policies
//! compiled.

use model::evidence::{LogRule, NeedKey, SignatureNeed, Trust};
use model::image::Image;
use model::policies::Mode;
use model::verdict::{AuthorityKind, Finding, WantedIdentity};
use policy::{
    AttestationRule, Authority, ClusterImagePolicy, Ctlog, EmbeddedPolicy, Identity, KeySource,
    Method, PolicySource, SignatureFormat, StatementForm, StaticAction,
};

use crate::embedded::CompiledText;
use crate::references::{ReferenceNeed, References};
use crate::subject::Subject;

/// A policy with everything worked out that does not depend on an image.
#[derive(Debug, Clone)]
pub struct CompiledPolicy {
    policy: ClusterImagePolicy,
    authorities: Vec<CompiledAuthority>,
    embedded: Option<CompiledEmbedded>,
}

/// An authority, and how to ask it.
#[derive(Debug, Clone)]
pub(crate) struct CompiledAuthority {
    pub(crate) name: String,
    pub(crate) kind: AuthorityKind,
    pub(crate) ask: Ask,
}

/// How an authority is asked.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    /// It has its answer already.
    Static { action: StaticAction, message: String },
    /// By the signatures of an image, or, where it asks for attestations, by those.
    Evidence {
        need: Box<SignatureNeed>,
        key: Box<NeedKey>,
        signer: WantedSigner,
        attestations: Vec<CompiledAttestation>,
    },
    /// It cannot be asked, for these reasons.
    Never(Vec<Finding>),
}

/// An attestation that must be there.
#[derive(Debug, Clone)]
pub(crate) struct CompiledAttestation {
    pub(crate) name: String,
    /// As the policy writes it.
    pub(crate) written: String,
    /// As statements carry it.
    pub(crate) uri: String,
    pub(crate) form: StatementForm,
    pub(crate) policy: Option<CompiledEmbedded>,
}

/// An embedded policy, and what its document is made of.
#[derive(Debug, Clone)]
pub(crate) struct CompiledEmbedded {
    pub(crate) language: &'static str,
    /// The compiled text; or why there is none.
    pub(crate) text: Result<CompiledText, Box<Finding>>,
    pub(crate) parts: DocumentParts,
}

/// What a CIP-level policy's document holds besides what the authorities found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DocumentParts {
    /// The image's configurations.
    pub config: bool,
    /// The workload's spec.
    pub spec: bool,
    /// The workload's metadata.
    pub metadata: bool,
    /// The workload's kind.
    pub kind: bool,
}

/// Whose signature counts.
#[derive(Debug, Clone)]
pub(crate) enum WantedSigner {
    /// The key's that the trust names.
    Key,
    /// Any of these people's or machines'.
    Identities { identities: Vec<Identity>, wanted: Vec<WantedIdentity> },
}

/// What an authority is asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceKind {
    /// Signatures of the image.
    Signatures,
    /// Attestations about the image.
    Attestations,
}

/// *Plan*: what must be known to judge an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Signatures; two authorities may need the same, which is then listed twice.
    pub signatures: Vec<SignatureNeed>,
    /// Attestations, at the same places under another tag.
    pub attestations: Vec<SignatureNeed>,
    /// Whether the image's configuration is needed.
    pub config: bool,
}

impl CompiledPolicy {
    /// Looks up what the policy names, and compiles what it embeds.
    #[must_use]
    pub fn new(policy: ClusterImagePolicy, references: &References) -> Self {
        let is_concrete = policy.is_cue_concrete();
        let compiler = Compiler { references, is_concrete };
        let authorities =
            policy.authorities.iter().map(|authority| compiler.authority(authority)).collect();
        let embedded = policy.policy.as_ref().map(|embedded| compiler.embedded(embedded));
        Self { policy, authorities, embedded }
    }

    /// What must be fetched before [`CompiledPolicy::new`] can do its whole work, given what
    /// stands beside the policy.
    #[must_use]
    pub fn reference_needs(
        policy: &ClusterImagePolicy,
        references: &References,
    ) -> Vec<ReferenceNeed> {
        let keys = policy.authorities.iter().filter_map(|authority| match &authority.method {
            Method::Key { key: KeySource::Kms(address), .. } => {
                Some(ReferenceNeed::KmsKey { address: address.clone() })
            }
            Method::Key { .. } | Method::Keyless { .. } | Method::Static { .. } => None,
        });
        let attestations = policy.authorities.iter().flat_map(|authority| &authority.attestations);
        let embedded = attestations.filter_map(|rule| rule.policy.as_ref());
        let remote = embedded.chain(&policy.policy).filter_map(|policy| match &policy.source {
            PolicySource::Remote { url, sha256 } => {
                Some(ReferenceNeed::RemotePolicy { url: url.clone(), sha256: sha256.clone() })
            }
            PolicySource::Inline(_) | PolicySource::ConfigMap { .. } => None,
        });
        let roots = policy.authorities.iter().flat_map(trust_root_names);
        let tuf = roots.filter_map(|name| {
            let root = references.trust_roots.iter().find(|root| root.name == name)?;
            Some(ReferenceNeed::TufKeys { repository: root.tuf.clone()? })
        });
        let mut needs: Vec<ReferenceNeed> = keys.chain(remote).chain(tuf).collect();
        needs.sort();
        needs.dedup();
        needs
    }

    /// The policy's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.policy.name
    }

    /// What a failing image meets.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.policy.mode
    }

    /// The glob that makes the policy cover an image, as written; `None` where none does.
    #[must_use]
    pub fn covers(&self, image: &Image) -> Option<&str> {
        self.policy.covering_glob(image).map(policy::Glob::as_str)
    }

    /// Whether the policy covers a workload.
    #[must_use]
    pub fn covers_workload(&self, subject: &Subject<'_>) -> bool {
        self.policy.covers_workload(subject.api_version, subject.kind, subject.labels)
    }

    /// Whether it covers images of which no workload is known.
    pub(crate) const fn covers_anything(&self) -> bool {
        self.policy.matches.is_empty()
    }

    /// Whether verdicts depend on more of a workload than its images.
    #[must_use]
    pub fn reads_workload(&self) -> bool {
        let parts = self.document_parts();
        !self.policy.matches.is_empty() || parts.spec || parts.metadata || parts.kind
    }

    /// What its document holds besides what the authorities found.
    #[must_use]
    pub fn document_parts(&self) -> DocumentParts {
        self.embedded.as_ref().map(|embedded| embedded.parts).unwrap_or_default()
    }

    /// Whether it needs nothing from anybody: every authority is static, and its document needs
    /// no configuration.
    #[must_use]
    pub fn needs_nothing(&self) -> bool {
        let is_static = |it: &CompiledAuthority| matches!(it.ask, Ask::Static { .. });
        self.authorities.iter().all(is_static) && !self.document_parts().config
    }

    /// *Plan*: what must be known to judge an image; nothing where the policy does not cover it
    /// or its digest is unknown.
    #[must_use]
    pub fn plan(&self, image: &Image) -> Plan {
        if self.covers(image).is_none() || !image.is_resolved() {
            return Plan::default();
        }
        self.plan_for_covered()
    }

    /// The same for an image that the policy is known to cover.
    #[must_use]
    pub fn plan_for_covered(&self) -> Plan {
        let mut plan = Plan { config: self.document_parts().config, ..Plan::default() };
        for authority in &self.authorities {
            if let Ask::Evidence { need, attestations, .. } = &authority.ask {
                if attestations.is_empty() {
                    plan.signatures.push((**need).clone());
                } else {
                    plan.attestations.push((**need).clone());
                }
            }
        }
        plan
    }

    /// The same by authority: its name, what it needs, and which of the two.
    #[must_use]
    pub fn needs_by_authority(&self) -> Vec<(&str, &SignatureNeed, EvidenceKind)> {
        let needs = self.authorities.iter().filter_map(|authority| match &authority.ask {
            Ask::Evidence { need, attestations, .. } => {
                let kind = match attestations.is_empty() {
                    true => EvidenceKind::Signatures,
                    false => EvidenceKind::Attestations,
                };
                Some((authority.name.as_str(), &**need, kind))
            }
            Ask::Static { .. } | Ask::Never(_) => None,
        });
        needs.collect()
    }

    pub(crate) fn authorities(&self) -> &[CompiledAuthority] {
        &self.authorities
    }

    pub(crate) const fn embedded(&self) -> Option<&CompiledEmbedded> {
        self.embedded.as_ref()
    }
}

/// What a policy is compiled with.
struct Compiler<'a> {
    references: &'a References,
    is_concrete: bool,
}

impl Compiler<'_> {
    fn authority(&self, authority: &Authority) -> CompiledAuthority {
        let kind = match authority.method {
            Method::Static { .. } => AuthorityKind::Static,
            Method::Key { .. } => AuthorityKind::Key,
            Method::Keyless { .. } => AuthorityKind::Keyless,
        };
        let ask = self.ask(authority).unwrap_or_else(Ask::Never);
        CompiledAuthority { name: authority.name.clone(), kind, ask }
    }

    /// The trust of `policy-controller.md` 9.1, without its online look-ups; or what stands in
    /// the way.
    fn ask(&self, authority: &Authority) -> Result<Ask, Vec<Finding>> {
        if let Method::Static { action, message } = &authority.method {
            return Ok(Ask::Static { action: *action, message: message.clone() });
        }
        if let Method::Keyless { has_ca_cert: true, .. } = &authority.method {
            let field = format!("keyless.ca-cert of {}", authority.name);
            return Err(vec![Finding::NotSupported { field }]);
        }
        let (trust, signer) = self.trust(authority).map_err(|obstacle| vec![*obstacle])?;
        // An empty reference is a block without effect, upstream and here.
        let tsa = authority.timestamp.as_deref().filter(|root| !root.is_empty());
        let timestamps = tsa.map(|root| self.references.keys(root)).transpose();
        let need = SignatureNeed {
            source: authority.source.clone(),
            trust,
            is_bundle: authority.format == SignatureFormat::Bundle,
            timestamps: timestamps.map_err(|obstacle| vec![*obstacle])?,
        };
        let attestations = authority.attestations.iter().map(|rule| self.attestation(rule));
        Ok(Ask::Evidence {
            key: Box::new(need.key()),
            need: Box::new(need),
            signer,
            attestations: attestations.collect(),
        })
    }

    fn trust(&self, authority: &Authority) -> Result<(Trust, WantedSigner), Box<Finding>> {
        let ctlog = authority.ctlog.as_ref();
        let is_bundle = authority.format == SignatureFormat::Bundle;
        // Signed timestamps take the log's place; in a bundle the block alone says so.
        let has_timestamps = match &authority.timestamp {
            Some(root) => is_bundle || !root.is_empty(),
            None => false,
        };
        let rule = |is_required| required_if(is_required && !has_timestamps);
        let keys_of = |name: Option<&str>| name.map(|name| self.references.keys(name)).transpose();
        let logs = keys_of(ctlog.and_then(|log| log.trust_root.as_deref()))?;
        let names_a_log = ctlog.is_some_and(|log| log.url.is_some() || log.trust_root.is_some());
        match &authority.method {
            Method::Key { key, hash } => {
                let pem = self.references.public_key(key)?;
                let log = rule(names_a_log);
                Ok((Trust::Key { pem, hash: *hash, log, logs }, WantedSigner::Key))
            }
            Method::Keyless { identities, trust_root, ignore_sct, .. } => {
                let roots = keys_of(trust_root.as_deref())?;
                let is_public_good = roots.is_none();
                let replaced = &self.references.public_good;
                let roots = roots.or_else(|| replaced.clone());
                let logs = logs.or_else(|| replaced.clone());
                // Only the public-good authority is held to the public-good log unasked; a bundle
                // always is, whatever its authority says of the log.
                let is_unasked = is_bundle || (is_public_good && !is_empty(ctlog));
                let log = rule(names_a_log || is_unasked);
                let wanted = identities.iter().map(Identity::wanted).collect();
                let signer = WantedSigner::Identities { identities: identities.clone(), wanted };
                Ok((Trust::Keyless { roots, log, logs, ignore_sct: *ignore_sct }, signer))
            }
            // A static authority has no trust; it was answered before.
            Method::Static { .. } => Err(Box::new(Finding::NoAuthority)),
        }
    }

    fn attestation(&self, rule: &AttestationRule) -> CompiledAttestation {
        CompiledAttestation {
            name: rule.name.clone(),
            written: rule.predicate_type.as_str().to_owned(),
            uri: rule.predicate_type.uri().to_owned(),
            form: rule.predicate_type.form(),
            policy: rule.policy.as_ref().map(|policy| self.embedded(policy)),
        }
    }

    fn embedded(&self, policy: &EmbeddedPolicy) -> CompiledEmbedded {
        let text = self.references.policy_text(&policy.source).and_then(|text| {
            CompiledText::compile(policy.language, &text, self.is_concrete).map_err(|error| {
                Box::new(Finding::CouldNotAsk {
                    place: format!("the {} policy", policy.language.as_str()),
                    cause: format!(
                        "it does not compile: line {}, column {}: {}",
                        error.line, error.column, error.message
                    ),
                })
            })
        });
        CompiledEmbedded {
            language: policy.language.as_str(),
            text,
            parts: DocumentParts {
                config: policy.fetch_config_file,
                spec: policy.include_spec,
                metadata: policy.include_object_meta,
                kind: policy.include_type_meta,
            },
        }
    }
}

/// The TrustRoots that an authority names.
fn trust_root_names(authority: &Authority) -> impl Iterator<Item = &str> {
    let own = match &authority.method {
        Method::Keyless { trust_root, .. } => trust_root.as_deref(),
        Method::Key { .. } | Method::Static { .. } => None,
    };
    let log = authority.ctlog.as_ref().and_then(|log| log.trust_root.as_deref());
    [own, log, authority.timestamp.as_deref()].into_iter().flatten()
}

/// `ctlog: {}`, which turns the log off where it would be looked at.
fn is_empty(ctlog: Option<&Ctlog>) -> bool {
    ctlog.is_some_and(|log| *log == Ctlog::default())
}

const fn required_if(condition: bool) -> LogRule {
    if condition { LogRule::Required } else { LogRule::Ignored }
}
