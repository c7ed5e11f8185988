//! A verdict in upstream's words: what an admission answer would say
//! (`policy-controller.md` 7.4, 9.3 and 10).

use model::image::Image;
use model::verdict::{AuthorityKind, Bearing, Finding, Reason, Verdict};

/// The errors of a policy that does not hold, one an authority and one for the policy beside
/// them; empty where it holds. What could not be checked has no words upstream, and is told in
/// ours.
#[must_use]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few findings matter here; a new one changes nothing"
)]
pub fn errors(verdict: &Verdict, image: &Image) -> Vec<String> {
    if verdict.reason.bearing == Bearing::Holds {
        return Vec::new();
    }
    let because = &verdict.reason.because;
    let authorities = because.iter().filter(|it| matches!(it.finding, Finding::Authority { .. }));
    let mut errors: Vec<String> = authorities
        .filter(|reason| reason.bearing != Bearing::Holds)
        .map(|reason| of_authority(reason, image))
        .collect();
    for reason in because {
        if reason.bearing == Bearing::Holds {
            continue;
        }
        match &reason.finding {
            Finding::Authority { .. } | Finding::Glob { .. } => {}
            Finding::Embedded { message, .. } => errors.push(message.clone()),
            other => errors.push(model::verdict::sentence::of_finding(other)),
        }
    }
    errors
}

/// The whole text of an admission answer for one image of a workload; `field` is where the image
/// stands, such as `spec.containers[0].image`.
#[must_use]
pub fn message(policy: &str, field: &str, written: &str, errors: &[String]) -> String {
    format!("failed policy: {policy}: {field}\n{written} {}", errors.join(" "))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few findings matter here; a new one changes nothing"
)]
fn of_authority(reason: &Reason, image: &Image) -> String {
    let Finding::Authority { name, kind } = &reason.finding else { return String::new() };
    let kind = match kind {
        AuthorityKind::Static => {
            let message = reason.because.iter().find_map(|child| match &child.finding {
                Finding::Static { message } => Some(message.as_str()),
                _ => None,
            });
            return format!("disallowed by static policy: {}", message.unwrap_or_default());
        }
        AuthorityKind::Key => "key",
        AuthorityKind::Keyless => "keyless",
    };
    let of = |what: &str, cause: &str| {
        format!("{what} {kind} validation failed for authority {name} for {image}: {cause}")
    };
    let is_attestation = reason.because.iter().any(|child| {
        matches!(child.finding, Finding::AttestationRule { .. } | Finding::NoAttestation { .. })
    });
    if reason.bearing == Bearing::Unknown {
        let causes: Vec<String> = leaves(reason, Bearing::Unknown);
        let what = if is_attestation { "attestation" } else { "signature" };
        return of(what, &causes.join("; "));
    }
    if !is_attestation {
        let refusals = refusals(&reason.because);
        return match refusals.as_slice() {
            [] => of("signature", "no signatures found"),
            some => of("signature", &format!("no matching signatures: {}", some.join("\n"))),
        };
    }
    of_attestations(reason, &of)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few findings matter here; a new one changes nothing"
)]
fn of_attestations(reason: &Reason, of: &dyn Fn(&str, &str) -> String) -> String {
    // The first rule that does not hold, and of it the first thing that went wrong.
    let mut broken = reason.because.iter().filter(|child| child.bearing == Bearing::Broken);
    if let Some(rule) = broken.next() {
        let attestations: Vec<&Reason> = rule.because.iter().collect();
        let embedded =
            attestations.iter().flat_map(|it| &it.because).find_map(|child| match &child.finding {
                Finding::Embedded { message, .. } if child.bearing == Bearing::Broken => {
                    Some(message.clone())
                }
                _ => None,
            });
        if let Some(message) = embedded {
            return message;
        }
        let others = attestations.iter().find_map(|it| match &it.finding {
            Finding::OtherPredicateTypes { wanted, found } => Some((wanted, found)),
            _ => None,
        });
        if let Some((wanted, found)) = others {
            return format!(
                "no matching attestations with type {wanted}, checked the following \
                 predicateTypes: {}",
                policy::text::go_quoted(&found.join(","))
            );
        }
        let refusals = refusals(&rule.because);
        return of("attestation", &format!("no matching attestations: {}", refusals.join("\n ")));
    }
    of("attestation", "no matching attestations: ")
}

/// Why each signature was refused, in the order of the manifest.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few findings matter here; a new one changes nothing"
)]
fn refusals(signatures: &[Reason]) -> Vec<String> {
    let inner = signatures.iter().filter(|it| it.bearing == Bearing::Broken);
    let inner = inner.flat_map(|signature| &signature.because);
    let cause = |reason: &Reason| match &reason.finding {
        Finding::Refused { cause, .. } => Some(cause.clone()),
        Finding::Identity { found, .. } if reason.bearing == Bearing::Broken => Some(format!(
            "none of the expected identities matched what was in the certificate, got subjects \
             [{}] with issuer {}",
            found.subjects.join(", "),
            found.issuer
        )),
        _ => None,
    };
    inner.filter_map(cause).collect()
}

fn leaves(reason: &Reason, bearing: Bearing) -> Vec<String> {
    let nodes = reason.flatten();
    let leaves =
        nodes.into_iter().filter(|(_, node)| node.because.is_empty() && node.bearing == bearing);
    leaves.map(|(_, node)| model::verdict::sentence::of_finding(&node.finding)).collect()
}
