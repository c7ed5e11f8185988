//! Every piece of an image's evidence: what it is, where it lies, who accepts it and who does
//! not, and what was there before.

use leptos::prelude::*;
use model::images::{DocumentView, EvidenceCheck, EvidenceView, PastEvidence};

use super::detail::Shown;
use super::lookups;
use super::piece::{Fate, document_name, facts, is_said_of_image, kind_name};
use crate::format;
use crate::routes;
use crate::ui::{Chip, Command, Empty, Glyph, Icon, Notice, Since, Tone, card_head};

pub(super) fn show(shown: &Shown) -> AnyView {
    let mut pieces = shown.detail.evidence.clone();
    pieces.sort_by_key(|piece| piece.kind);
    let (said, parts): (Vec<_>, Vec<_>) =
        pieces.into_iter().partition(|piece| is_said_of_image(piece.kind));
    let found = if said.is_empty() { nothing(shown) } else { list(shown, said) };
    let parts = (!parts.is_empty()).then(|| {
        view! {
            <section class="card">
                {card_head("The image itself", ().into_any())}
                {list(shown, parts)}
            </section>
        }
    });
    view! {
        <section class="card">
            {card_head("What was found", ().into_any())}
            <p class="quiet px-4.5 pb-2">
                "Accepted means that the signature holds under that trust. Whether its signer is the right one is for policies to say, under Verdicts."
            </p>
            {found}
        </section>
        {parts}
        {before(shown)}
        {lookups::show(shown)}
    }
    .into_any()
}

fn list(shown: &Shown, pieces: Vec<EvidenceView>) -> AnyView {
    let rows = pieces.into_iter().map(|piece| item(shown, piece)).collect_view();
    view! { <ul class="list has-long-leads">{rows}</ul> }.into_any()
}

fn nothing(shown: &Shown) -> AnyView {
    let is_silent = shown.detail.lookups.iter().any(|lookup| lookup.cause.is_some());
    if is_silent {
        return view! {
            <Empty title="Nothing is known yet">
                <p class="text-ink-2">"Some of the places below could not be asked, so this is no proof that there is nothing."</p>
            </Empty>
        }
        .into_any();
    }
    let line = format!("cosign sign {}", shown.image());
    view! {
        <Empty title="Nobody said anything of this image">
            <p class="text-ink-2">"No signature, attestation or SBOM lies where it was looked for. To sign it:"</p>
            <Command line=line />
        </Empty>
    }
    .into_any()
}

fn item(shown: &Shown, piece: EvidenceView) -> AnyView {
    let (tone, icon, label) = Fate::of(&piece).chip();
    let bytes = routes::evidence_bytes(shown.frame.scope, shown.image(), piece.digest).href();
    let now = shown.as_of.or(shown.frame.now);
    let checks = (!piece.checks.is_empty()).then(|| {
        let rows = piece.checks.into_iter().map(check).collect_view();
        view! { <ul class="checks">{rows}</ul> }
    });
    let said = piece.document.as_ref().map(|document| format!(": {}", document_name(document)));
    view! {
        <li>
            <span class="lead"><Chip tone=tone icon=icon label=label /></span>
            <div class="flex-1 min-w-[min(100%,20rem)] grid gap-1.5">
                <p class="wrap-anywhere">
                    <b>{kind_name(piece.kind)}</b>
                    {said}
                    " "
                    <code class="text-ink-3" title=piece.digest.to_string()>{piece.digest.short()}</code>
                </p>
                {checks}
                {piece.document.map(document)}
                <p class="quiet wrap-anywhere">
                    "found at " <code>{piece.place}</code> ", " <code>{piece.media_type}</code> ", "
                    {format::bytes(piece.n_bytes)} " " <a class="link" href=bytes download="">"Raw bytes"</a>
                </p>
            </div>
            <span class="quiet"><Since now=now at=piece.since /></span>
        </li>
    }
    .into_any()
}

/// One piece held against one kind of trust.
fn check(check: EvidenceCheck) -> AnyView {
    let EvidenceCheck { by, refused, signer, key, witnessed_at, log_index } = check;
    let (tone, icon, label) = match refused {
        None => (Tone::Pass, Icon::Check, "Accepted"),
        Some(_) => (Tone::Fail, Icon::Cross, "Refused"),
    };
    let is_refused = refused.is_some();
    let who = signer.as_ref().map(|identity| {
        let subjects = identity.subjects.join(", ");
        let issuer = identity.issuer.clone();
        if is_refused {
            view! { <span class="quiet">" It claims to be by " <code>{subjects}</code> ", which is unproven."</span> }
                .into_any()
        } else {
            view! { <span>": signed by " <code>{subjects}</code> <span class="quiet">" from " <code>{issuer}</code></span></span> }
                .into_any()
        }
    });
    let by_key = key.map(|key| view! { <span>": signed by the key " <code>{key}</code></span> });
    let entry = log_index
        .map(|index| view! { <span class="quiet">", log entry " {index.to_string()}</span> });
    let cause = refused.map(|cause| format!(": {}.", cause.trim_end_matches('.')));
    let when = witnessed_at.filter(|_| !is_refused).map(|at| {
        view! { <span class="quiet">", seen by a log or timestamp authority on " {format::moment(at)}</span> }
    });
    let claims = signer
        .filter(|_| !is_refused)
        .map(|identity| identity.claims)
        .filter(|claims| !claims.is_empty());
    let claims = claims.map(|claims| {
        let rows = claims.into_iter().map(|(name, value)| {
            view! {
                <dt class="quiet">{name}</dt>
                <dd class="wrap-anywhere"><code>{value}</code></dd>
            }
        });
        view! {
            <details class="show">
                <summary>
                    <Glyph icon=Icon::ChevronRight />
                    "What its certificate says"
                </summary>
                <dl class="facts py-1">{rows.collect_view()}</dl>
            </details>
        }
    });
    view! {
        <li>
            <div class="reason">
                <Chip tone=tone icon=icon label=label />
                <span class="flex-1 min-w-[min(100%,16rem)] wrap-anywhere">
                    "by " <b>{by}</b> {by_key} {cause} {who} {when} {entry}
                </span>
            </div>
            {claims}
        </li>
    }
    .into_any()
}

/// What a document says, read without believing it.
fn document(document: DocumentView) -> AnyView {
    let rows = facts(&document.summary).into_iter().map(|(label, value)| {
        view! {
            <dt class="quiet">{label}</dt>
            <dd class="wrap-anywhere">{value}</dd>
        }
    });
    let rows = rows.collect_view();
    let says = (!rows.is_empty()).then(|| {
        view! {
            <details class="show">
                <summary>
                    <Glyph icon=Icon::ChevronRight />
                    "What it says"
                </summary>
                <dl class="facts py-1">{rows}</dl>
            </details>
        }
    });
    let problem = document.problem.map(|problem| {
        view! {
            <Notice tone=Tone::Warn icon=Icon::Alert>
                "It could not be read, or not wholly: " {problem}
            </Notice>
        }
    });
    view! {
        {problem}
        {says}
    }
    .into_any()
}

/// What was found once and is gone.
fn before(shown: &Shown) -> Option<AnyView> {
    let past = shown.detail.past_evidence.clone();
    if past.is_empty() {
        return None;
    }
    let row = |PastEvidence { kind, digest, place, since, until }: PastEvidence| {
        view! {
            <li>
                <span class="lead"><Chip tone=Tone::Unknown icon=Icon::Dash label="Gone" /></span>
                <div class="flex-1 min-w-[min(100%,20rem)]">
                    <p class="wrap-anywhere">
                        <b>{kind_name(kind)}</b> " " <code class="text-ink-3" title=digest.to_string()>{digest.short()}</code>
                    </p>
                    <p class="quiet wrap-anywhere">"was at " <code>{place}</code></p>
                </div>
                <span class="quiet">
                    {format!("for {}, until {}", format::span(until, since), format::moment(until))}
                </span>
            </li>
        }
    };
    let rows = past.into_iter().map(row).collect_view();
    Some(
        view! {
            <section class="card">
                {card_head("Was there before", ().into_any())}
                <ul class="list has-long-leads">{rows}</ul>
            </section>
        }
        .into_any(),
    )
}
