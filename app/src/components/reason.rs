//! One finding of a verdict's tree in words: what was looked at, and what was found there.

use leptos::prelude::*;
use model::evidence::CertificateIdentity;
use model::policies::Mode;
use model::verdict::sentence::of_wanted;
use model::verdict::{AuthorityKind, Bearing, Finding, Wanted, WantedIdentity};

use crate::format;

/// The word on a finding's chip.
pub(crate) const fn word(finding: &Finding, bearing: Bearing) -> &'static str {
    match (finding, bearing) {
        (Finding::Policy { .. }, Bearing::Holds) => "Pass",
        (Finding::Policy { mode: Mode::Warn, .. }, Bearing::Broken) => "Warn",
        (Finding::Policy { mode: Mode::Enforce, .. }, Bearing::Broken) => "Fail",
        (Finding::Policy { .. } | Finding::Authority { .. }, Bearing::Unknown) => "Could not check",
        (Finding::Glob { .. }, _) => "Covered",
        (Finding::Authority { .. }, Bearing::Holds) => "Vouches",
        (Finding::Authority { .. }, Bearing::Broken) => "Does not vouch",
        (Finding::Static { .. }, Bearing::Holds) => "Allows",
        (Finding::Static { .. }, Bearing::Broken | Bearing::Unknown) => "Denies",
        (Finding::NotResolved { .. }, _) => "No digest",
        (Finding::NoSignature { .. }, _) => "Not signed",
        (Finding::Signature { .. }, Bearing::Holds) => "Verified",
        (Finding::Signature { .. }, Bearing::Broken) => "Not accepted",
        (Finding::Signature { .. }, Bearing::Unknown) => "Not checked",
        (Finding::Refused { .. }, _) => "Refused",
        (Finding::SignedByKey, _) => "Key",
        (Finding::Identity { .. }, Bearing::Holds) => "Identity",
        (Finding::Identity { .. }, Bearing::Broken | Bearing::Unknown) => "Wrong identity",
        (Finding::NotVerifiedSince, _) => "Not checked",
        (Finding::MoreSignatures { .. }, _) => "More",
        (Finding::CouldNotAsk { .. }, _) => "No answer",
        (Finding::NotAskedYet, _) => "Not asked yet",
        (Finding::NotSupported { .. }, _) => "Not supported",
        (Finding::MissingReference { .. }, _) => "Missing",
        (Finding::AttestationRule { .. }, Bearing::Holds) => "Attested",
        (Finding::AttestationRule { .. } | Finding::NoAttestation { .. }, _) => "Not attested",
        (Finding::OtherPredicateTypes { .. }, _) => "Other type",
        (Finding::Attestation { .. }, Bearing::Holds) => "Verified",
        (Finding::Attestation { .. }, Bearing::Broken) => "Not accepted",
        (Finding::Attestation { .. }, Bearing::Unknown) => "Not checked",
        (Finding::Embedded { .. }, Bearing::Holds) => "Policy holds",
        (Finding::Embedded { .. }, Bearing::Broken) => "Policy refuses",
        (Finding::Embedded { .. }, Bearing::Unknown) => "No answer",
        (Finding::NotCollected { .. }, _) => "Not collected",
        (Finding::NoAuthority, _) => "No authority",
    }
}

/// What stands beside the chip.
pub(crate) fn words(finding: Finding) -> AnyView {
    match finding {
        Finding::Policy { name, .. } => view! { <b>{name}</b> }.into_any(),
        Finding::Glob { glob } => view! { <span>"by the glob " <code>{glob}</code></span> }.into_any(),
        Finding::Authority { name, kind } => view! { <span><b>{name}</b> ", " {kind_name(kind)}</span> }.into_any(),
        Finding::Static { message } if message.is_empty() => "always, whatever the image".into_any(),
        Finding::Static { message } => message.into_any(),
        Finding::NotResolved { repository } => view! { <span>"the cluster did not report at which digest " <code>{repository}</code> " runs"</span> }.into_any(),
        Finding::NoSignature { place } => view! { <span>"nothing at " <code>{place}</code></span> }.into_any(),
        Finding::Signature { layer, witnessed_at } => {
            let when = witnessed_at.map(|at| format!(", logged {}", format::moment(at)));
            view! { <span>"signature " <code>{layer.short()}</code> {when}</span> }.into_any()
        }
        Finding::Refused { cause, claimed } => refusal(cause, claimed),
        Finding::SignedByKey => "signed by the key that the policy names".into_any(),
        Finding::NotVerifiedSince => "verified at another time, and to be verified again".into_any(),
        Finding::MoreSignatures { count } => format!("{count} more signatures, not shown").into_any(),
        Finding::Identity { found, wanted } => identity(found, wanted),
        Finding::CouldNotAsk { place, cause } => {
            view! { <span><code>{place}</code> " could not be asked: " {cause}</span> }.into_any()
        }
        Finding::NotAskedYet => "the image's registry comes up in the next look-up".into_any(),
        Finding::NotSupported { field } => {
            view! { <span>"this version of Loadline cannot check " <code>{field}</code></span> }.into_any()
        }
        Finding::AttestationRule { name, predicate_type } => {
            view! { <span><b>{name}</b> " of type " <code>{predicate_type}</code></span> }.into_any()
        }
        Finding::NoAttestation { place } => view! { <span>"nothing at " <code>{place}</code></span> }.into_any(),
        Finding::OtherPredicateTypes { wanted, found } => {
            view! { <span>"none is of type " <code>{wanted}</code> "; there are " {found.join(", ")}</span> }.into_any()
        }
        Finding::Attestation { layer, witnessed_at } => {
            let when = witnessed_at.map(|at| format!(", logged {}", format::moment(at)));
            view! { <span>"attestation " <code>{layer.short()}</code> {when}</span> }.into_any()
        }
        Finding::Embedded { language, of, message } => {
            let message = (!message.is_empty()).then(|| view! { <code>{message}</code> });
            view! { <span class="grid"><span>{language} " policy of " <b>{of}</b></span> {message}</span> }.into_any()
        }
        Finding::NotCollected { part } => {
            view! { <span>"the policy reads " <code>{part}</code> ", which was not collected"</span> }.into_any()
        }
        Finding::NoAuthority => "nobody is named who could vouch".into_any(),
        Finding::MissingReference { kind, name } => {
            view! { <span>"the policy names " {kind} " " <b>{name}</b> ", which does not exist here"</span> }.into_any()
        }
    }
}

const fn kind_name(kind: AuthorityKind) -> &'static str {
    match kind {
        AuthorityKind::Static => "static: the policy itself says so",
        AuthorityKind::Key => "by public key",
        AuthorityKind::Keyless => "keyless, by certificate",
    }
}

fn refusal(cause: String, claimed: Option<CertificateIdentity>) -> AnyView {
    let claimed = claimed.map(|identity| {
        let subject = identity.subjects.join(", ");
        view! { <span class="quiet">"It claims to be by " <code>{subject}</code> ", which is unproven."</span> }
    });
    view! { <span class="grid">{cause} {claimed}</span> }.into_any()
}

/// Who signed, held against who may: the two lines under each other, so that the eye finds
/// the difference.
fn identity(found: CertificateIdentity, wanted: Vec<WantedIdentity>) -> AnyView {
    let any_of = if wanted.len() > 1 { "wants any of" } else { "wants" };
    let wanted = wanted.into_iter().map(|one| {
        let issuer = match &one.issuer {
            Wanted::Anything => "any issuer".to_owned(),
            Wanted::Exactly(_) | Wanted::Matching(_) => of_wanted(&one.issuer),
        };
        view! {
            <dd class="min-w-0">
                <code>{of_wanted(&one.subject)}</code>
                <span class="quiet">" from " <code>{issuer}</code></span>
            </dd>
        }
    });
    view! {
        <dl class="flex-1 min-w-[min(100%,24rem)] grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 *:[dd]:col-start-2">
            <dt class="quiet">"signed by"</dt>
            <dd class="min-w-0">
                <code>{found.subjects.join(", ")}</code>
                <span class="quiet">" from " <code>{found.issuer}</code></span>
            </dd>
            <dt class="quiet">{any_of}</dt>
            {wanted.collect_view()}
        </dl>
    }
    .into_any()
}
