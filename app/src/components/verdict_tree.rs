//! A verdict's tree of reasons, then its raw form: evidence second, JSON third.

use leptos::prelude::*;
use model::policies::Mode;
use model::verdict::{Bearing, Finding, Reason, Verdict};

use super::reason::{word, words};
use crate::ui::{Chip, Glyph, Icon, Tone};

/// The diagnostic of a verdict, closed until somebody asks.
#[component]
pub(crate) fn VerdictTree(verdict: Verdict) -> impl IntoView {
    let raw = leptos::serde_json::to_string_pretty(&verdict).unwrap_or_default();
    view! {
        <details class="show">
            <summary>
                <Glyph icon=Icon::ChevronRight />
                "Show diagnostic"
            </summary>
            <div class="tree mt-1.5 mb-1">
                <ul class="ml-0! border-0! pl-0!">{node(verdict.reason)}</ul>
            </div>
            <details class="show">
                <summary>
                    <Glyph icon=Icon::ChevronRight />
                    "Show as JSON"
                </summary>
                <pre class="code rounded-md px-3.5 mt-1" tabindex="0">{raw}</pre>
            </details>
        </details>
    }
}

fn node(reason: Reason) -> AnyView {
    let (tone, icon) = match (&reason.finding, reason.bearing) {
        (Finding::Policy { mode: Mode::Warn, .. }, Bearing::Broken) => (Tone::Warn, Icon::Alert),
        (_, Bearing::Holds) => (Tone::Pass, Icon::Check),
        (_, Bearing::Broken) => (Tone::Fail, Icon::Cross),
        (_, Bearing::Unknown) => (Tone::Unknown, Icon::Clock),
    };
    let label = word(&reason.finding, reason.bearing);
    let below = (!reason.because.is_empty())
        .then(|| view! { <ul>{reason.because.into_iter().map(node).collect_view()}</ul> });
    view! {
        <li>
            <div class="reason">
                <Chip tone=tone icon=icon label=label />
                {words(reason.finding)}
            </div>
            {below}
        </li>
    }
    .into_any()
}
