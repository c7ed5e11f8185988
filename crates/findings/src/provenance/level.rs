//! An estimate of the SLSA build level, with its reasons.
//!
//! Source: slsa.dev/spec/v1.0/levels. The level is a property of a builder that somebody has to
//! audit; a document cannot prove it. So this is an estimate by what the document says, who
//! signed it, and what is publicly known of builders, and it says so. Policies should name the
//! builder instead.

use std::fmt;

use super::Provenance;
use super::builders::{self, Hosting};

/// A SLSA build level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing can be said.
    L0,
    /// Provenance exists.
    L1,
    /// A hosted builder signed it.
    L2,
    /// A hosted builder that keeps builds apart from its key signed it.
    L3,
}

impl Level {
    /// The number after the `L`.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::L0 => 0,
            Self::L1 => 1,
            Self::L2 => 2,
            Self::L3 => 3,
        }
    }
}

/// Who signed the provenance, as far as it was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed<'a> {
    /// Nobody, or by a signature that was not verified.
    NotVerified,
    /// By a key; whose it is only the policy knows.
    Key,
    /// By a certificate for this identity: `https://github.com/acme/api/.github/workflows/…`.
    Identity(&'a str),
}

/// What the level is probably, and why. An estimate: never a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelEstimate {
    /// The level.
    pub level: Level,
    /// What spoke for it and what against a higher one, in the order it was looked at.
    pub reasons: Vec<Reason>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// For level 1: it says who built.
    NamesBuilder {
        /// The builder's id.
        builder: String,
    },
    /// Against level 1: it does not say who built.
    NamesNoBuilder,
    /// For level 2: a builder that is known to run as a service.
    BuilderIsHosted {
        /// Its name.
        name: &'static str,
    },
    /// Against level 2: a builder that runs on machines of the one who builds.
    BuilderIsOwn {
        /// Its name.
        name: &'static str,
    },
    /// Against level 2: nothing is known of the builder.
    BuilderIsUnknown,
    /// For level 2: the signature was verified.
    IsSigned,
    /// Against level 2: there is no verified signature.
    IsNotSigned,
    /// For level 3: the builder is known to keep builds apart from its key.
    BuilderIsIsolated {
        /// Its name.
        name: &'static str,
    },
    /// Against level 3: the build could have reached what signs.
    BuilderIsNotIsolated {
        /// Its name.
        name: &'static str,
    },
    /// For level 3: the certificate is for the builder that the provenance names.
    SignerIsBuilder,
    /// Against level 3: somebody else than the named builder signed.
    SignerIsAnother {
        /// Who signed.
        signer: String,
    },
    /// Against level 3: a key does not say whose it is.
    SignerIsKey,
}

impl LevelEstimate {
    /// Estimates the level of a provenance.
    #[must_use]
    pub fn of(provenance: &Provenance, signed: Signed<'_>) -> Self {
        let Some(builder) = provenance.builder.as_deref() else {
            return Self { level: Level::L0, reasons: vec![Reason::NamesNoBuilder] };
        };
        let mut reasons = vec![Reason::NamesBuilder { builder: builder.to_owned() }];
        let level = match builders::find(builder) {
            None => {
                reasons.push(Reason::BuilderIsUnknown);
                Level::L1
            }
            Some((name, Hosting::OwnMachines)) => {
                reasons.push(Reason::BuilderIsOwn { name });
                Level::L1
            }
            Some((name, hosting)) => {
                reasons.push(Reason::BuilderIsHosted { name });
                hosted(builder, name, hosting, signed, &mut reasons)
            }
        };
        Self { level, reasons }
    }
}

fn hosted(
    builder: &str,
    name: &'static str,
    hosting: Hosting,
    signed: Signed<'_>,
    reasons: &mut Vec<Reason>,
) -> Level {
    let signer = match signed {
        Signed::NotVerified => {
            reasons.push(Reason::IsNotSigned);
            return Level::L1;
        }
        Signed::Key => Err(Reason::SignerIsKey),
        Signed::Identity(signer) if is_of(signer, builder) => Ok(Reason::SignerIsBuilder),
        Signed::Identity(signer) => Err(Reason::SignerIsAnother { signer: signer.to_owned() }),
    };
    reasons.push(Reason::IsSigned);
    let is_isolated = hosting == Hosting::Isolated;
    reasons.push(if is_isolated {
        Reason::BuilderIsIsolated { name }
    } else {
        Reason::BuilderIsNotIsolated { name }
    });
    let is_builder = signer.is_ok();
    reasons.push(signer.unwrap_or_else(|reason| reason));
    if is_isolated && is_builder { Level::L3 } else { Level::L2 }
}

/// Whether a certificate's identity is that of the builder: the same workflow, at any revision,
/// or one of the builder's own service accounts.
fn is_of(signer: &str, builder: &str) -> bool {
    let workflow = |text: &str| text.split('@').next().unwrap_or_default().to_owned();
    let is_google = builder.starts_with("https://cloudbuild.googleapis.com/")
        && signer.ends_with("gserviceaccount.com");
    workflow(signer) == workflow(builder) || is_google
}

impl Reason {
    /// Whether it speaks for a level, rather than against a higher one.
    #[must_use]
    pub const fn is_for(&self) -> bool {
        match self {
            Self::NamesBuilder { .. }
            | Self::BuilderIsHosted { .. }
            | Self::IsSigned
            | Self::BuilderIsIsolated { .. }
            | Self::SignerIsBuilder => true,
            Self::NamesNoBuilder
            | Self::BuilderIsOwn { .. }
            | Self::BuilderIsUnknown
            | Self::IsNotSigned
            | Self::BuilderIsNotIsolated { .. }
            | Self::SignerIsAnother { .. }
            | Self::SignerIsKey => false,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NamesBuilder { builder } => write!(f, "names its builder, {builder}"),
            Self::NamesNoBuilder => f.write_str("names no builder"),
            Self::BuilderIsHosted { name } => write!(f, "{name} runs builds as a service"),
            Self::BuilderIsOwn { name } => write!(f, "{name} runs on the builder's own machines"),
            Self::BuilderIsUnknown => f.write_str("nothing is known of the builder"),
            Self::IsSigned => f.write_str("the signature was verified"),
            Self::IsNotSigned => f.write_str("there is no verified signature"),
            Self::BuilderIsIsolated { name } => write!(f, "{name} keeps builds apart from its key"),
            Self::BuilderIsNotIsolated { name } => {
                write!(f, "a build of {name} can reach what signs")
            }
            Self::SignerIsBuilder => f.write_str("the certificate is the builder's"),
            Self::SignerIsAnother { signer } => write!(f, "{signer} signed, not the builder"),
            Self::SignerIsKey => f.write_str("a key does not say whose it is"),
        }
    }
}

impl fmt::Display for LevelEstimate {
    /// `probably SLSA build level 2 (an estimate): …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "probably SLSA build level {} (an estimate): ", self.level.number())?;
        for (place, reason) in self.reasons.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{reason}")?;
        }
        Ok(())
    }
}
