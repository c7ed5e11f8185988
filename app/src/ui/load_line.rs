//! The load line: a share as a bar with a mark where it floats, the same shape everywhere.

use leptos::prelude::*;

/// The widths of the bar's parts, in thousandths, best first.
#[component]
pub(crate) fn LoadLine(
    /// The shares of pass, could not check, warn and fail.
    parts: [u64; 4],
    /// The share in words, for everybody.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let classes = ["load-pass", "load-unknown", "load-warn", "load-fail"];
    let mut start = 0;
    let bars = classes.into_iter().zip(parts).map(|(class, width)| {
        let x = start;
        start += width;
        (width > 0).then(|| {
            view! { <rect class=class x=x.to_string() y="30" width=width.to_string() height="80" /> }
        })
    });
    let bars = bars.collect_view();
    let [floats_at, ..] = parts;
    view! {
        <span class="load">
            <svg viewBox="0 0 1000 140" preserveAspectRatio="none" aria-hidden="true">
                <rect x="0" y="30" width="1000" height="80" fill="var(--line)" />
                {bars}
                <rect
                    class="load-mark"
                    x=floats_at.saturating_sub(9).to_string()
                    y="0"
                    width="18"
                    height="140"
                    vector-effect="non-scaling-stroke"
                />
            </svg>
            <span class="quiet">{label}</span>
        </span>
    }
}
