//! Who may sign under a keyless authority.

use std::collections::BTreeMap;

use model::evidence::CertificateIdentity;
use model::verdict::{Wanted, WantedIdentity};

use crate::expression::DeferredExpression;
use crate::written::authority as written;

/// One entry of `identities[]`: issuer and subject must both fit.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What the certificate's issuer must be.
    pub issuer: Matcher,
    /// What one of the certificate's subjects must be.
    pub subject: Matcher,
}

/// A text that must be equal, or an expression that must be found.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// Exactly this.
    Exactly(String),
    /// Something in which this expression is found.
    Matching(DeferredExpression),
}

impl Identity {
    /// `None` where validation refused it.
    pub(super) fn new(
        written: &written::Identity,
        expressions: &BTreeMap<String, DeferredExpression>,
    ) -> Option<Self> {
        let matcher =
            |exactly: &str, expression: &str| match (exactly.is_empty(), expression.is_empty()) {
                (false, true) => Some(Matcher::Exactly(exactly.to_owned())),
                (true, false) => expressions.get(expression).cloned().map(Matcher::Matching),
                (true, true) | (false, false) => None,
            };
        Some(Self {
            issuer: matcher(&written.issuer, &written.issuer_reg_exp)?,
            subject: matcher(&written.subject, &written.subject_reg_exp)?,
        })
    }

    /// Whether a certificate's holder is meant.
    #[must_use]
    pub fn accepts(&self, found: &CertificateIdentity) -> bool {
        self.issuer.accepts(&found.issuer)
            && found.subjects.iter().any(|subject| self.subject.accepts(subject))
    }

    /// As written, for the tree of reasons.
    #[must_use]
    pub fn wanted(&self) -> WantedIdentity {
        WantedIdentity { issuer: self.issuer.wanted(), subject: self.subject.wanted() }
    }
}

impl Matcher {
    /// Whether a text is meant.
    #[must_use]
    pub fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Exactly(wanted) => wanted == text,
            Self::Matching(expression) => expression.is_found_in(text),
        }
    }

    fn wanted(&self) -> Wanted {
        match self {
            Self::Exactly(text) => Wanted::Exactly(text.clone()),
            Self::Matching(expression) => Wanted::Matching(expression.as_str().to_owned()),
        }
    }
}
