//! The verdict as one sentence: what an operator reads first.

use super::{Bearing, Finding, Outcome, Reason, Verdict, Wanted, WantedIdentity};
use crate::evidence::CertificateIdentity;

/// The sentence of a whole verdict, such as
/// "Fails signed-by-release: signed by deploy.yaml, the policy wants release.yaml."
#[must_use]
pub fn of_verdict(verdict: &Verdict) -> String {
    let name = if let Finding::Policy { name, .. } = &verdict.reason.finding {
        name.as_str()
    } else {
        "the policy"
    };
    let (verb, bearing) = match verdict.outcome {
        Outcome::Pass => ("Passes", Bearing::Holds),
        Outcome::Warn => ("Warned by", Bearing::Broken),
        Outcome::Fail => ("Fails", Bearing::Broken),
        Outcome::CouldNotCheck => ("Could not check", Bearing::Unknown),
    };
    match decisive(&verdict.reason, bearing) {
        Some(Finding::Identity { found, .. }) if bearing == Bearing::Holds => {
            format!("{verb} {name}: signed by {}.", found.subjects.join(", "))
        }
        Some(why) => format!("{verb} {name}: {}.", of_finding(why)),
        None => format!("{verb} {name}."),
    }
}

/// The deepest finding of the given bearing, first branch first: the one that decided.
fn decisive(reason: &Reason, bearing: Bearing) -> Option<&Finding> {
    let below = reason
        .because
        .iter()
        .filter(|child| child.bearing == bearing && !matches!(child.finding, Finding::Glob { .. }))
        .max_by_key(|child| weight(&child.finding))?;
    decisive(below, bearing).or(Some(&below.finding))
}

/// Of several siblings, the one that came closest is the one worth a sentence.
const fn weight(finding: &Finding) -> u8 {
    match finding {
        Finding::Embedded { .. } => 7,
        Finding::Identity { .. } | Finding::SignedByKey => 6,
        Finding::Signature { .. } | Finding::Attestation { .. } => 5,
        Finding::Refused { .. } => 4,
        Finding::Authority { .. }
        | Finding::AttestationRule { .. }
        | Finding::OtherPredicateTypes { .. } => 3,
        Finding::Static { .. } | Finding::MissingReference { .. } => 2,
        Finding::Policy { .. }
        | Finding::Glob { .. }
        | Finding::NoSignature { .. }
        | Finding::NotResolved { .. }
        | Finding::MoreSignatures { .. }
        | Finding::CouldNotAsk { .. }
        | Finding::NoAttestation { .. }
        | Finding::NoAuthority
        | Finding::NotAskedYet
        | Finding::NotCollected { .. }
        | Finding::NotVerifiedSince
        | Finding::NotSupported { .. } => 1,
    }
}

/// One finding as a clause without a full stop.
#[must_use]
pub fn of_finding(finding: &Finding) -> String {
    match finding {
        Finding::Policy { name, .. } => name.clone(),
        Finding::Glob { glob } => format!("covered by the glob {glob}"),
        Finding::Authority { name, .. } => format!("authority {name}"),
        Finding::Static { message } if message.is_empty() => "the policy says so always".to_owned(),
        Finding::Static { message } => message.clone(),
        Finding::NotResolved { repository } => {
            format!("the cluster did not report at which digest {repository} runs")
        }
        Finding::NoSignature { place } => format!("no signature was found at {place}"),
        Finding::Signature { layer, .. } => format!("signature {}", layer.short()),
        Finding::Refused { cause, claimed } => of_refusal(cause, claimed.as_ref()),
        Finding::SignedByKey => "signed by the policy's key".to_owned(),
        Finding::AttestationRule { name, predicate_type } => {
            format!("attestation {name} of type {predicate_type}")
        }
        Finding::NoAttestation { place } => format!("no attestation was found at {place}"),
        Finding::OtherPredicateTypes { wanted, found } => {
            format!("no attestation is of type {wanted}; there are {}", found.join(", "))
        }
        Finding::Attestation { layer, .. } => format!("attestation {}", layer.short()),
        Finding::Embedded { language, of, message } if message.is_empty() => {
            format!("the {language} policy of {of} holds")
        }
        Finding::Embedded { message, .. } => of_message(message),
        Finding::NotCollected { part } => format!("{part} was not collected"),
        Finding::NoAuthority => "the policy has no authority that could vouch".to_owned(),
        Finding::MoreSignatures { count } => format!("{count} more signatures"),
        Finding::Identity { found, wanted } => of_identity(found, wanted),
        Finding::CouldNotAsk { place, cause } => format!("{place} could not be asked: {cause}"),
        Finding::NotAskedYet => "its registry was not asked yet".to_owned(),
        Finding::NotVerifiedSince => "a signature must be verified again".to_owned(),
        Finding::NotSupported { field } => {
            format!("this version of Loadline cannot check {field}")
        }
        Finding::MissingReference { kind, name } => {
            format!("the policy names {kind} {name}, which does not exist here")
        }
    }
}

/// The message without the words that upstream puts before every one.
fn of_message(message: &str) -> String {
    let told = match message.split_once(": ") {
        Some((prefix, rest)) if prefix.starts_with("failed evaluating ") => rest,
        Some(_) | None => message,
    };
    let told = told.strip_prefix("failed to evaluate the policy with error: ").unwrap_or(told);
    told.split_once(" with errors: ").map_or(told, |(_, errors)| errors).trim_end().to_owned()
}

fn of_refusal(cause: &str, claimed: Option<&CertificateIdentity>) -> String {
    match claimed.and_then(|identity| identity.subjects.first()) {
        Some(subject) => format!("a signature that claims to be by {subject} was refused: {cause}"),
        None => format!("a signature was refused: {cause}"),
    }
}

fn of_identity(found: &CertificateIdentity, wanted: &[WantedIdentity]) -> String {
    let subject = found.subjects.join(", ");
    let accepts_issuer = |want: &WantedIdentity| match &want.issuer {
        Wanted::Exactly(issuer) => *issuer == found.issuer,
        Wanted::Anything | Wanted::Matching(_) => true,
    };
    let Some(nearest) = wanted.iter().find(|want| accepts_issuer(want)).or(wanted.first()) else {
        return format!("signed by {subject} ({})", found.issuer);
    };
    if accepts_issuer(nearest) {
        return format!("signed by {subject}, the policy wants {}", of_wanted(&nearest.subject));
    }
    format!(
        "signed by {subject} of issuer {}, the policy wants issuer {}",
        found.issuer,
        of_wanted(&nearest.issuer)
    )
}

/// What is wanted, as written.
#[must_use]
pub fn of_wanted(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Anything => "anybody".to_owned(),
        Wanted::Exactly(text) => text.clone(),
        Wanted::Matching(expression) => format!("a match of {expression}"),
    }
}
