//! Secrets: made here, shown once, kept as hashes only.

use model::digest::Digest;
use model::id::{Suid, Uid};

use crate::Service;

/// Which secret it is, told by its first letters so that a leaked one is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretKind {
    /// A one-time sign-in link's.
    Link,
    /// A person's token.
    Person,
    /// A cluster's token.
    Cluster,
    /// An invite's code.
    Invite,
    /// What a program renews its token by.
    Refresh,
    /// A code of the browser flow.
    Authorization,
    /// A device's code.
    Device,
}

impl SecretKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Link => "lll_",
            Self::Person => "llp_",
            Self::Cluster => "llc_",
            Self::Invite => "lli_",
            Self::Refresh => "llr_",
            Self::Authorization => "lla_",
            Self::Device => "lld_",
        }
    }

    /// Whether a text could be a secret of this kind at all.
    pub(crate) fn fits(self, secret: &str) -> bool {
        let digits = secret.strip_prefix(self.prefix());
        digits.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    }
}

/// What the database keeps of a secret. The secret has 256 random bits, so a plain hash is
/// enough, and looking it up by hash compares in constant time as far as an attacker can see.
pub(crate) fn hash(secret: &str) -> Digest {
    Digest::of(secret.as_bytes())
}

impl Service {
    pub(crate) fn fresh_secret(&self, kind: SecretKind) -> String {
        let mut bytes = [0; 32];
        self.ports().randomness.fill(&mut bytes);
        format!("{}{}", kind.prefix(), hex::encode(bytes))
    }

    /// A random text for addresses and cookies: 256 bits.
    pub(crate) fn fresh_text(&self) -> String {
        let mut bytes = [0; 32];
        self.ports().randomness.fill(&mut bytes);
        hex::encode(bytes)
    }

    pub(crate) fn fresh_suid(&self) -> Suid {
        let mut bytes = [0; 8];
        self.ports().randomness.fill(&mut bytes);
        Suid::from_bytes(bytes)
    }

    pub(crate) fn fresh_uid(&self) -> Uid {
        let mut bytes = [0; 20];
        self.ports().randomness.fill(&mut bytes);
        Uid::from_bytes(bytes)
    }
}
