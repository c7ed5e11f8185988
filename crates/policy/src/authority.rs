//! Authorities: who may vouch for an image, and how (`policy-controller.md` 3.3 to 3.6).

use model::evidence::{HashAlgorithm, SignatureSource};

pub(crate) mod read;

mod identity;
mod key;
mod source;

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
    /// Fields it uses that this version cannot evaluate, such as `authorities[0].attestations`.
    /// Where there are any, the authority can neither vouch nor refuse.
    pub not_supported: Vec<String>,
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
        /// PEM; `None` where the key lies elsewhere, which `not_supported` then says.
        pem: Option<String>,
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
    },
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
