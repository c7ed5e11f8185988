//! An authority asked by the signatures of an image.

use model::evidence::{Gathered, SignatureFact, Signer, Verification};
use model::timestamp::Timestamp;
use model::verdict::{Bearing, Finding, Reason};
use policy::Identity;
use serde_json::Value;

use super::{Because, any_of, shown};
use crate::compiled::WantedSigner;
use crate::documents::{Match, outcome};

pub(super) fn ask(
    found: Option<&Gathered<Vec<SignatureFact>>>,
    signer: &WantedSigner,
    place: &dyn Fn() -> String,
    now: Timestamp,
) -> Because {
    if let Some(missing) = Because::of_missing(found) {
        return missing;
    }
    let Some(Gathered::Found { value }) = found else { return Because::unknown(Vec::new()) };
    if value.is_empty() {
        let reason = Reason::leaf(Finding::NoSignature { place: place() }, Bearing::Broken);
        let because = vec![reason];
        return Because { bearing: Bearing::Broken, because, found: None, read_time: false };
    }
    let (mut reasons, mut good) = (Vec::new(), Vec::new());
    for fact in value {
        let (witnessed_at, reason) = of_fact(fact, signer, now);
        if let (Bearing::Holds, Some(signer)) = (reason.bearing, accepted(fact)) {
            good.push(Value::Object(outcome::signature(&fact.id, signer)));
        }
        let finding = Finding::Signature { layer: fact.layer, witnessed_at };
        reasons.push(Reason { finding, bearing: reason.bearing, because: vec![reason] });
    }
    let bearing = any_of(&reasons);
    let found = (bearing == Bearing::Holds).then_some(Match::Signatures(good));
    Because { bearing, because: shown(reasons), found, read_time: false }
}

/// Who signed, where verification accepted it.
pub(super) const fn accepted(fact: &SignatureFact) -> Option<&Signer> {
    match &fact.verification {
        Verification::Accepted { signer, .. } => Some(signer),
        Verification::Refused { .. } => None,
    }
}

/// When it was witnessed, and whether it speaks for the image.
pub(super) fn of_fact(
    fact: &SignatureFact,
    signer: &WantedSigner,
    now: Timestamp,
) -> (Option<Timestamp>, Reason) {
    match &fact.verification {
        // What held, or did not, at another time says nothing of now.
        _ if fact.recheck_at.is_some_and(|at| at <= now) => {
            (None, Reason::leaf(Finding::NotVerifiedSince, Bearing::Unknown))
        }
        Verification::Refused { cause, claimed } => {
            let finding = Finding::Refused { cause: cause.clone(), claimed: claimed.clone() };
            (None, Reason::leaf(finding, Bearing::Broken))
        }
        Verification::Accepted { signer: found, witnessed_at, .. } => {
            (*witnessed_at, of_signer(found, signer))
        }
    }
}

fn of_signer(found: &Signer, wanted: &WantedSigner) -> Reason {
    match (found, wanted) {
        (Signer::Key, WantedSigner::Key) => Reason::leaf(Finding::SignedByKey, Bearing::Holds),
        (Signer::Certificate { identity }, WantedSigner::Identities { identities, wanted }) => {
            let is_wanted = |identity_wanted: &Identity| identity_wanted.accepts(identity);
            let bearing =
                if identities.iter().any(is_wanted) { Bearing::Holds } else { Bearing::Broken };
            let finding = Finding::Identity { found: identity.clone(), wanted: wanted.clone() };
            Reason::leaf(finding, bearing)
        }
        // Verification under one kind of trust never answers with the other kind of signer;
        // evidence that says so was not made by it.
        (Signer::Key, WantedSigner::Identities { .. })
        | (Signer::Certificate { .. }, WantedSigner::Key) => {
            let cause = "it was verified by another kind of authority".to_owned();
            Reason::leaf(Finding::Refused { cause, claimed: None }, Bearing::Broken)
        }
    }
}
