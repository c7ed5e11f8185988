//! The policy editor: a textarea that is sent with its form, checked and coloured while
//! somebody types. Without scripts it is a plain textarea, checked when it is sent.

use std::time::Duration;

use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::policies::{Diagnostic, Severity};

use crate::api::policies::check_policy;
use crate::components::Diagnostics;
use crate::components::yaml::inked;
use crate::ui::escaped;

/// Nobody reads a complaint about half a word.
const PAUSE: Duration = Duration::from_millis(300);
/// Lines that are shown of a short document.
const FEWEST_LINES: usize = 20;

#[island]
pub(crate) fn PolicyEditor(
    /// The YAML to begin with.
    document: String,
    /// What there is to say about it.
    diagnostics: Vec<Diagnostic>,
) -> impl IntoView {
    let written = escaped::text_area(&document);
    let text = RwSignal::new(document);
    let found = RwSignal::new(diagnostics);
    let is_live = RwSignal::new(false);
    Effect::new(move |_| is_live.set(true));
    let mut check = debounce(PAUSE, move |asked: String| {
        spawn_local(async move {
            let answer = check_policy(asked.clone()).await;
            // A late answer to an older text says nothing about this one.
            if let (Ok(rows), true) = (answer, text.get_untracked() == asked) {
                found.set(rows);
            }
        });
    });
    let n_lines =
        move || text.with(|text| text.lines().count().saturating_add(1).max(FEWEST_LINES));
    view! {
        <div class="grid gap-4.5 wide:grid-cols-[minmax(0,1.25fr)_minmax(0,1fr)] items-start">
            <section class="card overflow-hidden" aria-labelledby="document-label">
                <div class="card-head">
                    <label class="font-semibold" id="document-label" for="document">"Document (YAML)"</label>
                </div>
                <div class="editor">
                    <div class="editor-lines" aria-hidden="true">{move || numbers(n_lines(), &found.get())}</div>
                    <div class="editor-text" class:is-live=is_live>
                        {move || is_live.get().then(|| coloured(&text.get()))}
                        <textarea
                            id="document"
                            name="document"
                            rows=n_lines
                            wrap="off"
                            spellcheck="false"
                            autocapitalize="off"
                            autocomplete="off"
                            aria-describedby="diagnostics"
                            on:input=move |event| {
                                let typed = event_target_value(&event);
                                text.set(typed.clone());
                                check(typed);
                            }
                            inner_html=written
                        ></textarea>
                    </div>
                </div>
            </section>
            <section class="card" aria-labelledby="said">
                <div class="card-head"><h2 id="said">"What this document says"</h2></div>
                <div id="diagnostics" aria-live="polite">{move || view! { <Diagnostics rows=found.get() /> }}</div>
            </section>
        </div>
    }
}

/// The line numbers, those with something to say called out.
fn numbers(n_lines: usize, found: &[Diagnostic]) -> AnyView {
    let number = |line: usize| {
        let on_line = found.iter().filter(|d| usize::try_from(d.line) == Ok(line));
        let class = match on_line.map(|diagnostic| diagnostic.severity).min() {
            Some(Severity::Error) => "called-out is-error",
            Some(Severity::Warning) => "called-out",
            None => "",
        };
        view! { <div class=class>{line}</div> }
    };
    (1..=n_lines).map(number).collect_view().into_any()
}

/// The text in colour, behind the textarea's own, which is then see-through.
fn coloured(text: &str) -> AnyView {
    let line = |line: &str| {
        let pieces = inked(line).into_iter().map(|(ink, piece)| {
            view! { <span class=ink.class()>{piece.to_owned()}</span> }
        });
        view! { <span>{pieces.collect_view()} "\n"</span> }
    };
    view! { <pre aria-hidden="true">{text.lines().map(line).collect_view()}</pre> }.into_any()
}
