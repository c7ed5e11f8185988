//! A policy, ready to judge by: its references looked up, its needs named.

use model::evidence::{LogRule, NeedKey, SignatureNeed, SigstoreKeys, Trust};
use model::image::Image;
use model::policies::Mode;
use model::verdict::{AuthorityKind, Finding, WantedIdentity};
use policy::{Authority, ClusterImagePolicy, Ctlog, Identity, Method, StaticAction, TrustRoot};

/// A policy with everything worked out that does not depend on an image.
#[derive(Debug, Clone)]
pub struct CompiledPolicy {
    policy: ClusterImagePolicy,
    authorities: Vec<CompiledAuthority>,
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
    /// By the signatures of an image.
    Signatures { need: Box<SignatureNeed>, key: Box<NeedKey>, signer: WantedSigner },
    /// It cannot be asked, for these reasons.
    Never(Vec<Finding>),
}

/// Whose signature counts.
#[derive(Debug, Clone)]
pub(crate) enum WantedSigner {
    /// The key's that the trust names.
    Key,
    /// Any of these people's or machines'.
    Identities { identities: Vec<Identity>, wanted: Vec<WantedIdentity> },
}

impl CompiledPolicy {
    /// Looks up the policy's references among the trust roots beside it.
    #[must_use]
    pub fn new(policy: ClusterImagePolicy, trust_roots: &[TrustRoot]) -> Self {
        let compile = |authority: &Authority| compiled(authority, trust_roots);
        let authorities = policy.authorities.iter().map(compile).collect();
        Self { policy, authorities }
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

    /// *Plan*: what must be known to judge an image; nothing where the policy does not cover it
    /// or its digest is unknown, or it needs nothing. Two authorities may need the same, which is then listed twice.
    #[must_use]
    pub fn plan(&self, image: &Image) -> Vec<SignatureNeed> {
        if self.covers(image).is_none() || !image.is_resolved() {
            return Vec::new();
        }
        let need = |authority: &CompiledAuthority| match &authority.ask {
            Ask::Signatures { need, .. } => Some((**need).clone()),
            Ask::Static { .. } | Ask::Never(_) => None,
        };
        self.authorities.iter().filter_map(need).collect()
    }

    pub(crate) fn authorities(&self) -> &[CompiledAuthority] {
        &self.authorities
    }

    /// Fields beside the authorities that may change what they say, and cannot be evaluated.
    pub(crate) const fn has_match(&self) -> bool {
        self.policy.has_match
    }

    pub(crate) const fn has_policy(&self) -> bool {
        self.policy.has_policy
    }
}

fn compiled(authority: &Authority, trust_roots: &[TrustRoot]) -> CompiledAuthority {
    let kind = match authority.method {
        Method::Static { .. } => AuthorityKind::Static,
        Method::Key { .. } => AuthorityKind::Key,
        Method::Keyless { .. } => AuthorityKind::Keyless,
    };
    CompiledAuthority { name: authority.name.clone(), kind, ask: ask(authority, trust_roots) }
}

fn ask(authority: &Authority, trust_roots: &[TrustRoot]) -> Ask {
    if let Method::Static { action, message } = &authority.method {
        return Ask::Static { action: *action, message: message.clone() };
    }
    let mut obstacles: Vec<Finding> = authority
        .not_supported
        .iter()
        .map(|field| Finding::NotSupported { field: field.clone() })
        .collect();
    let mut named = References { trust_roots, obstacles: &mut obstacles };
    let asked = signatures(authority, &mut named);
    match asked {
        Some(asked) if obstacles.is_empty() => asked,
        Some(_) | None => Ask::Never(obstacles),
    }
}

/// The trust of `policy-controller.md` 9.1, without its online look-ups.
fn signatures(authority: &Authority, named: &mut References<'_>) -> Option<Ask> {
    let ctlog = authority.ctlog.as_ref();
    let logs = match ctlog.and_then(|log| log.trust_root.as_deref()) {
        Some(name) => Some(named.keys(name)?),
        None => None,
    };
    let names_a_log = ctlog.is_some_and(|log| log.url.is_some() || log.trust_root.is_some());
    let (trust, signer) = match &authority.method {
        Method::Static { .. } => return None,
        Method::Key { pem, hash } => {
            // A key without its text lies elsewhere, which is among the obstacles already.
            let pem = pem.clone()?;
            let log = required_if(names_a_log);
            (Trust::Key { pem, hash: *hash, log, logs }, WantedSigner::Key)
        }
        Method::Keyless { identities, trust_root, ignore_sct } => {
            let roots = match trust_root {
                Some(name) => Some(named.keys(name)?),
                None => None,
            };
            // Only the public-good authority is held to the public-good log unasked.
            let log = required_if(names_a_log || (roots.is_none() && !is_empty(ctlog)));
            let wanted = identities.iter().map(Identity::wanted).collect();
            let signer = WantedSigner::Identities { identities: identities.clone(), wanted };
            (Trust::Keyless { roots, log, logs, ignore_sct: *ignore_sct }, signer)
        }
    };
    let need = SignatureNeed { source: authority.source.clone(), trust };
    Some(Ask::Signatures { key: Box::new(need.key()), need: Box::new(need), signer })
}

/// `ctlog: {}`, which turns the log off where it would be looked at.
fn is_empty(ctlog: Option<&Ctlog>) -> bool {
    ctlog.is_some_and(|log| *log == Ctlog::default())
}

const fn required_if(condition: bool) -> LogRule {
    if condition { LogRule::Required } else { LogRule::Ignored }
}

/// Finds what a policy names, and keeps what it did not find.
struct References<'a> {
    trust_roots: &'a [TrustRoot],
    obstacles: &'a mut Vec<Finding>,
}

impl References<'_> {
    fn keys(&mut self, name: &str) -> Option<SigstoreKeys> {
        let Some(root) = self.trust_roots.iter().find(|root| root.name == name) else {
            let kind = "TrustRoot".to_owned();
            self.obstacles.push(Finding::MissingReference { kind, name: name.to_owned() });
            return None;
        };
        if let Some(form) = &root.not_supported {
            let field = format!("{form} of TrustRoot {name}");
            self.obstacles.push(Finding::NotSupported { field });
            return None;
        }
        Some(root.keys.clone())
    }
}
