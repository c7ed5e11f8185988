//! Who may sign under a keyless authority.

use model::evidence::CertificateIdentity;
use model::verdict::{Wanted, WantedIdentity};

use crate::diagnostics::{Diagnostics, quoted};
use crate::expression::Expression;
use crate::fields::Fields;

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
    Matching(Expression),
}

impl Identity {
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

/// Reads one entry.
pub(super) fn read(mut fields: Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Identity> {
    let issuer = matcher(&mut fields, ["issuer", "issuerRegExp"], diagnostics);
    let subject = matcher(&mut fields, ["subject", "subjectRegExp"], diagnostics);
    fields.finish(diagnostics);
    Some(Identity { issuer: issuer?, subject: subject? })
}

fn matcher(
    fields: &mut Fields<'_>,
    names: [&'static str; 2],
    diagnostics: &mut Diagnostics,
) -> Option<Matcher> {
    let [plain, expression] = names;
    let exactly = fields.text(plain, diagnostics);
    let matching = fields.text(expression, diagnostics);
    match (exactly, matching) {
        (Some(text), None) => Some(Matcher::Exactly(text.value.to_owned())),
        (None, Some(text)) => match Expression::new(text.value) {
            Ok(expression) => Some(Matcher::Matching(expression)),
            Err(error) => {
                let message = format!(
                    "invalid value: {}: {}: regex is invalid: {error}. Write an expression in \
                     RE2 syntax.",
                    quoted(text.value),
                    fields.path_of(expression)
                );
                diagnostics.error(text.at, "expression-invalid", message);
                None
            }
        },
        (Some(_), Some(_)) => {
            fields.say_exactly_one(2, &names, diagnostics);
            None
        }
        (None, None) => {
            if names.into_iter().all(|name| fields.is_blank(name)) {
                let advice = "Write who may sign, or .* as the expression for anybody.";
                fields.say_missing(&names, advice, diagnostics);
            }
            None
        }
    }
}
