//! What came closest, and what is missing: two readings of a verdict for whoever must act on it.

use model::image::Image;
use model::verdict::{AuthorityKind, Bearing, Finding, Reason, Verdict, WantedIdentity, sentence};
use serde::{Deserialize, Serialize};

use crate::compiled::{Ask, CompiledAuthority, CompiledPolicy, WantedSigner};

/// The authority and the check that came closest to vouching.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearestMiss {
    /// The authority; empty where the policy beside them refused.
    pub authority: String,
    /// What was checked, such as `identity`.
    pub check: String,
    /// What was wanted.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// One thing that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "missing", rename_all = "snake_case")]
pub enum Missing {
    /// A signature at a place.
    Signature {
        /// Where it would be looked for.
        place: String,
        /// Who must make it.
        by: String,
    },
    /// An attestation at a place.
    Attestation {
        /// Where it would be looked for.
        place: String,
        /// Who must make it.
        by: String,
        /// Its predicate type.
        predicate_type: String,
    },
    /// A document that is there says something else than a policy wants.
    Content {
        /// What the policy belongs to.
        of: String,
        /// The policy's message.
        message: String,
    },
}

/// What came closest, of a verdict that does not hold.
#[must_use]
pub fn nearest_miss(verdict: &Verdict) -> Option<NearestMiss> {
    if verdict.reason.bearing == Bearing::Holds {
        return None;
    }
    let because = verdict.reason.because.iter().filter(|it| it.bearing != Bearing::Holds);
    because
        .filter_map(|reason| closest(reason, ""))
        .max_by_key(|(steps, _)| *steps)
        .map(|(_, it)| it)
}

/// How many checks held before the one that did not, and that one.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few findings matter here; a new one changes nothing"
)]
fn closest(reason: &Reason, authority: &str) -> Option<(usize, NearestMiss)> {
    let authority = match &reason.finding {
        Finding::Authority { name, .. } => name.as_str(),
        _ => authority,
    };
    if reason.because.is_empty() {
        let (check, expected, found) = told(&reason.finding)?;
        let miss = NearestMiss { authority: authority.to_owned(), check, expected, found };
        return Some((weight(&reason.finding), miss));
    }
    let held = reason.because.iter().filter(|child| child.bearing == Bearing::Holds).count();
    let broken = reason.because.iter().filter(|child| child.bearing != Bearing::Holds);
    let best = broken.filter_map(|child| closest(child, authority)).max_by_key(|(steps, _)| *steps);
    best.map(|(steps, miss)| (steps.saturating_add(held), miss))
}

/// A signature that verifies is closer than one that does not, and that is closer than none.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few findings matter here; a new one changes nothing"
)]
const fn weight(finding: &Finding) -> usize {
    match finding {
        Finding::Embedded { .. } => 40,
        Finding::Identity { .. } => 30,
        Finding::OtherPredicateTypes { .. } => 25,
        Finding::Refused { .. } => 20,
        Finding::NoSignature { .. } | Finding::NoAttestation { .. } => 10,
        _ => 1,
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few findings matter here; a new one changes nothing"
)]
fn told(finding: &Finding) -> Option<(String, String, String)> {
    let (check, expected, found) = match finding {
        Finding::Embedded { language, of, .. } => (
            format!("{language} policy of {of}"),
            "the policy to hold".to_owned(),
            sentence::of_finding(finding),
        ),
        Finding::Identity { found, wanted } => {
            let found = format!("{} of {}", found.subjects.join(", "), found.issuer);
            ("identity".to_owned(), people(wanted), found)
        }
        Finding::OtherPredicateTypes { wanted, found } => {
            ("predicate type".to_owned(), wanted.clone(), found.join(", "))
        }
        Finding::Refused { cause, .. } => {
            ("verification".to_owned(), "a signature that verifies".to_owned(), cause.clone())
        }
        Finding::NoSignature { place } => {
            ("signature".to_owned(), format!("a signature at {place}"), "none".to_owned())
        }
        Finding::NoAttestation { place } => {
            ("attestation".to_owned(), format!("an attestation at {place}"), "none".to_owned())
        }
        Finding::Static { .. } => {
            ("static answer".to_owned(), "pass".to_owned(), sentence::of_finding(finding))
        }
        Finding::Glob { .. } | Finding::Policy { .. } | Finding::Authority { .. } => return None,
        other => ("evidence".to_owned(), "an answer".to_owned(), sentence::of_finding(other)),
    };
    Some((check, expected, found))
}

/// The smallest set of evidence that would make a verdict hold; empty where it holds, and `None`
/// where no evidence would: then the policy or the workload must change.
#[must_use]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few findings matter here; a new one changes nothing"
)]
pub fn shortest_path(
    policy: &CompiledPolicy,
    verdict: &Verdict,
    image: &Image,
) -> Option<Vec<Missing>> {
    if verdict.reason.bearing == Bearing::Holds {
        return Some(Vec::new());
    }
    let because = &verdict.reason.because;
    let beside = because.iter().find_map(|reason| match &reason.finding {
        Finding::Embedded { of, .. } if reason.bearing == Bearing::Broken => {
            Some(vec![Missing::Content {
                of: of.clone(),
                message: sentence::of_finding(&reason.finding),
            }])
        }
        _ => None,
    });
    if beside.is_some() {
        return beside;
    }
    let reasons = because.iter().filter(|it| matches!(it.finding, Finding::Authority { .. }));
    let paths = policy.authorities().iter().zip(reasons);
    paths.filter_map(|(authority, reason)| path_of(authority, reason, image)).min_by_key(Vec::len)
}

fn path_of(authority: &CompiledAuthority, reason: &Reason, image: &Image) -> Option<Vec<Missing>> {
    let Ask::Evidence { need, signer, attestations, .. } = &authority.ask else { return None };
    let by = match signer {
        WantedSigner::Key => format!("the key of {}", authority.name),
        WantedSigner::Identities { wanted, .. } => people(wanted),
    };
    debug_assert!(authority.kind != AuthorityKind::Static);
    if attestations.is_empty() {
        return Some(vec![Missing::Signature { place: need.source.place_of(image), by }]);
    }
    let place = need.source.attestations_of(image);
    let is_held = |name: &str| {
        reason.because.iter().any(|child| {
            child.bearing == Bearing::Holds
                && matches!(&child.finding, Finding::AttestationRule { name: held, .. } if held == name)
        })
    };
    let missing = attestations.iter().filter(|rule| !is_held(&rule.name));
    let one = |predicate_type: &str| Missing::Attestation {
        place: place.clone(),
        by: by.clone(),
        predicate_type: predicate_type.to_owned(),
    };
    Some(missing.map(|rule| one(&rule.uri)).collect())
}

fn people(wanted: &[WantedIdentity]) -> String {
    let one = |want: &WantedIdentity| {
        format!("{} of {}", sentence::of_wanted(&want.subject), sentence::of_wanted(&want.issuer))
    };
    wanted.iter().map(one).collect::<Vec<_>>().join(" or ")
}
