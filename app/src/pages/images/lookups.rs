//! Where evidence of an image is looked for: who was asked when, and who did not answer.

use leptos::prelude::*;
use model::images::LookupView;

use super::detail::Shown;
use crate::format;
use crate::ui::{Ago, Chip, Empty, Icon, Tone, card_head};

pub(super) fn show(shown: &Shown) -> AnyView {
    let lookups = shown.detail.lookups.clone();
    let rows = if lookups.is_empty() {
        view! {
            <Empty title="Nobody was asked yet">
                <p class="text-ink-2">"The image's registry comes up with the next look-up."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows = lookups.into_iter().map(|lookup| row(shown, lookup)).collect_view();
        view! { <ul class="list has-long-leads">{rows}</ul> }.into_any()
    };
    view! {
        <section class="card" id="look-ups">
            {card_head("Where it is looked for", ().into_any())}
            {rows}
        </section>
    }
    .into_any()
}

fn row(shown: &Shown, lookup: LookupView) -> AnyView {
    let LookupView { place, asked_at, every_seconds, cause } = lookup;
    let (tone, icon, label) = match cause {
        None => (Tone::Pass, Icon::Check, "Answered"),
        Some(_) => (Tone::Unknown, Icon::Clock, "Could not ask"),
    };
    let every = match every_seconds {
        Some(seconds) => format!(", every {}", format::duration(seconds)),
        None => ", once: the answer cannot change".to_owned(),
    };
    let every = if cause.is_some() { ", and again soon".to_owned() } else { every };
    let cause = cause.map(|cause| view! { <span>": " {cause}</span> });
    view! {
        <li>
            <span class="lead"><Chip tone=tone icon=icon label=label /></span>
            <p class="flex-1 min-w-[min(100%,20rem)] wrap-anywhere">
                <code>{place}</code> {cause}
            </p>
            <span class="quiet">"asked " <Ago now=shown.frame.now at=asked_at /> {every}</span>
        </li>
    }
    .into_any()
}
