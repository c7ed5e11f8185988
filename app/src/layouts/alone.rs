//! A page without the frame: what somebody sees who is not signed in, or is lost.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{Icon, Mark, Notice, Tone};

#[component]
pub(crate) fn Alone(
    /// What the page is called, in the browser and at its top; left out, the page says it itself.
    #[prop(optional)]
    heading: Option<&'static str>,
    /// What went wrong before.
    #[prop(default = None)]
    problem: Option<String>,
    children: Children,
) -> impl IntoView {
    let heading = heading.map(|heading| {
        view! {
            <Title text=heading />
            <h1>{heading}</h1>
        }
    });
    let problem = problem.map(|problem| {
        view! {
            <Notice tone=Tone::Fail icon=Icon::Alert>
                {problem}
            </Notice>
        }
    });
    view! {
        <main id="content" class="alone">
            <section class="card w-full max-w-[28rem] p-7 grid gap-4">
                <div class="brand p-0!">
                    <Mark />
                    <span>"Loadline"</span>
                </div>
                {heading}
                {problem}
                {children()}
            </section>
        </main>
    }
}
