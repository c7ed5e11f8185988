//! What there is to say about a document, line by line.

use leptos::prelude::*;
use model::policies::{Diagnostic, Severity};

use crate::ui::{Chip, Icon, Tone};

/// The list, or that there is nothing to say.
#[component]
pub(crate) fn Diagnostics(rows: Vec<Diagnostic>) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <ul class="list">
                <li>
                    <Chip tone=Tone::Pass icon=Icon::Check label="Valid" />
                    <span>"This document can be published."</span>
                </li>
            </ul>
        }
        .into_any();
    }
    let row = |diagnostic: Diagnostic| {
        let (tone, icon) = match diagnostic.severity {
            Severity::Error => (Tone::Fail, Icon::Cross),
            Severity::Warning => (Tone::Warn, Icon::Alert),
        };
        let label = match diagnostic.line {
            0 => "Document".to_owned(),
            line => format!("Line {line}"),
        };
        view! {
            <li>
                <Chip tone=tone icon=icon label=label />
                <span class="flex-1 min-w-[min(100%,12rem)] wrap-anywhere">
                    {diagnostic.message} " " <code class="quiet">{diagnostic.code}</code>
                </span>
            </li>
        }
    };
    view! { <ul class="list">{rows.into_iter().map(row).collect_view()}</ul> }.into_any()
}
