//! *Judge*: what the evidence means to a policy (`policy-controller.md` parts 1 and 9).

use model::evidence::{Evidence, Gathered, SignatureFact, Signer, Verification};
use model::image::Image;
use model::policies::Mode;
use model::timestamp::Timestamp;
use model::verdict::{Bearing, Finding, Outcome, Reason, Verdict};
use policy::{Identity, StaticAction};

use crate::compiled::{Ask, CompiledAuthority, CompiledPolicy, WantedSigner};

/// Signatures of one authority that a tree of reasons shows. Anybody who may push to a
/// repository can add signatures, and each verdict is stored.
const MOST_SIGNATURES: usize = 20;

/// Judges an image; `None` where the policy does not cover it.
///
/// One authority that vouches is enough. Where none does, one that cannot be asked leaves the
/// outcome open: it might have vouched. `now` is the only clock: a signature that was held
/// against the time of its verification counts until that must be done again, which is then the
/// verdict's `recheck_at`.
#[must_use]
pub fn judge(
    policy: &CompiledPolicy,
    image: &Image,
    evidence: &Evidence,
    now: Timestamp,
) -> Option<Verdict> {
    let glob = policy.covers(image)?.to_owned();
    let (bearing, reasons) = if image.is_resolved() {
        of_policy(policy, image, evidence, now)
    } else {
        let finding = Finding::NotResolved { repository: image.repository.to_string() };
        (Bearing::Unknown, vec![Reason::leaf(finding, Bearing::Unknown)])
    };
    let glob = Reason::leaf(Finding::Glob { glob }, Bearing::Holds);
    let because = std::iter::once(glob).chain(reasons).collect();
    let outcome = match (bearing, policy.mode()) {
        (Bearing::Holds, _) => Outcome::Pass,
        (Bearing::Unknown, _) => Outcome::CouldNotCheck,
        (Bearing::Broken, Mode::Enforce) => Outcome::Fail,
        (Bearing::Broken, Mode::Warn) => Outcome::Warn,
    };
    let finding = Finding::Policy { name: policy.name().to_owned(), mode: policy.mode() };
    let recheck_at = recheck_at(policy, evidence, now);
    Some(Verdict { outcome, reason: Reason { finding, bearing, because }, recheck_at })
}

/// What the authorities say, and what stands beside them that cannot be evaluated.
fn of_policy(
    policy: &CompiledPolicy,
    image: &Image,
    evidence: &Evidence,
    now: Timestamp,
) -> (Bearing, Vec<Reason>) {
    let ask = |authority| of_authority(authority, image, evidence, now);
    let mut reasons: Vec<Reason> = policy.authorities().iter().map(ask).collect();
    let bearing = any_of(&reasons);
    // `match` may leave the workload out, so nothing is known; `policy` may only refuse what an
    // authority vouched for.
    let undecided = match bearing {
        _ if policy.has_match() => "match",
        Bearing::Holds if policy.has_policy() => "policy",
        Bearing::Holds | Bearing::Broken | Bearing::Unknown => return (bearing, reasons),
    };
    let finding = Finding::NotSupported { field: undecided.to_owned() };
    reasons.insert(0, Reason::leaf(finding, Bearing::Unknown));
    (Bearing::Unknown, reasons)
}

/// When the first of the signatures that were looked at must be verified again.
fn recheck_at(policy: &CompiledPolicy, evidence: &Evidence, now: Timestamp) -> Option<Timestamp> {
    let found = policy.authorities().iter().filter_map(|authority| match &authority.ask {
        Ask::Signatures { key, .. } => match evidence.signatures.get(key)? {
            Gathered::Found { value } => Some(value),
            Gathered::CouldNotAsk { .. } | Gathered::NotYet => None,
        },
        Ask::Static { .. } | Ask::Never(_) => None,
    });
    found.flatten().filter_map(|fact| fact.recheck_at).filter(|at| *at > now).min()
}

/// One that holds is enough; else one that is unknown leaves it open.
fn any_of(reasons: &[Reason]) -> Bearing {
    let is_any = |bearing| reasons.iter().any(|reason| reason.bearing == bearing);
    if is_any(Bearing::Holds) {
        Bearing::Holds
    } else if is_any(Bearing::Unknown) {
        Bearing::Unknown
    } else {
        Bearing::Broken
    }
}

fn of_authority(
    authority: &CompiledAuthority,
    image: &Image,
    evidence: &Evidence,
    now: Timestamp,
) -> Reason {
    let because = match &authority.ask {
        Ask::Static { action, message } => {
            let bearing = match action {
                StaticAction::Pass => Bearing::Holds,
                StaticAction::Fail => Bearing::Broken,
            };
            vec![Reason::leaf(Finding::Static { message: message.clone() }, bearing)]
        }
        Ask::Never(obstacles) => {
            let leaf = |finding: &Finding| Reason::leaf(finding.clone(), Bearing::Unknown);
            obstacles.iter().map(leaf).collect()
        }
        Ask::Signatures { need, key, signer } => match evidence.signatures.get(key) {
            None | Some(Gathered::NotYet) => {
                vec![Reason::leaf(Finding::NotAskedYet, Bearing::Unknown)]
            }
            Some(Gathered::CouldNotAsk { place, cause }) => {
                let finding = Finding::CouldNotAsk { place: place.clone(), cause: cause.clone() };
                vec![Reason::leaf(finding, Bearing::Unknown)]
            }
            Some(Gathered::Found { value }) if value.is_empty() => {
                let place = need.source.place_of(image);
                vec![Reason::leaf(Finding::NoSignature { place }, Bearing::Broken)]
            }
            Some(Gathered::Found { value }) => of_signatures(value, signer, now),
        },
    };
    let finding = Finding::Authority { name: authority.name.clone(), kind: authority.kind };
    Reason { finding, bearing: any_of(&because), because }
}

/// Those that hold first, each kind in the order of the manifest.
fn of_signatures(facts: &[SignatureFact], signer: &WantedSigner, now: Timestamp) -> Vec<Reason> {
    let look = |fact| of_signature(fact, signer, now);
    let mut reasons: Vec<Reason> = facts.iter().map(look).collect();
    if reasons.len() > MOST_SIGNATURES {
        reasons.sort_by_key(|reason| reason.bearing != Bearing::Holds);
        let bearing = any_of(reasons.get(MOST_SIGNATURES..).unwrap_or_default());
        let count = reasons.len().saturating_sub(MOST_SIGNATURES) as u64;
        reasons.truncate(MOST_SIGNATURES);
        reasons.push(Reason::leaf(Finding::MoreSignatures { count }, bearing));
    }
    reasons
}

fn of_signature(fact: &SignatureFact, signer: &WantedSigner, now: Timestamp) -> Reason {
    let (witnessed_at, found) = match &fact.verification {
        // What held, or did not, at another time says nothing of now.
        _ if fact.recheck_at.is_some_and(|at| at <= now) => {
            (None, Reason::leaf(Finding::NotVerifiedSince, Bearing::Unknown))
        }
        Verification::Refused { cause, claimed } => {
            let finding = Finding::Refused { cause: cause.clone(), claimed: claimed.clone() };
            (None, Reason::leaf(finding, Bearing::Broken))
        }
        Verification::Accepted { signer: found, witnessed_at } => {
            (*witnessed_at, of_signer(found, signer))
        }
    };
    let finding = Finding::Signature { layer: fact.layer, witnessed_at };
    Reason { finding, bearing: found.bearing, because: vec![found] }
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
