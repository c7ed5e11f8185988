//! What each code of a refusal means, and what to do about it.

use leptos::prelude::*;
use leptos_meta::Title;
use serde_json::Value;

use super::{Sheet, document};

#[component]
pub(crate) fn ProblemsPage() -> impl IntoView {
    let document = document();
    let codes = document.get("x-problems").and_then(Value::as_array).into_iter().flatten();
    let codes = codes.map(|code| {
        let text = |name: &str| code.get(name).and_then(Value::as_str).unwrap_or_default();
        let statuses = code.get("statuses").and_then(Value::as_array).into_iter().flatten();
        let statuses = statuses.map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let (name, means, remedy) =
            (text("code").to_owned(), text("means").to_owned(), text("remedy").to_owned());
        let id = name.clone();
        view! {
            <section id=id class="card p-4.5 grid gap-1.5">
                <h2><code>{name}</code> " " <span class="quiet">{statuses}</span></h2>
                <p>{means}</p>
                <p class="text-ink-2">{remedy}</p>
            </section>
        }
    });
    let codes = codes.collect_view();
    view! {
        <Title text="Problems" />
        <Sheet>
            <h1>"Problems"</h1>
            <p class="text-ink-2">
                "Whatever the server refuses comes as application/problem+json (RFC 9457), and changes nothing. Its type is one of these codes, its title says what is wrong, and its instance is the id under which the server's log has the request."
            </p>
            {codes}
        </Sheet>
    }
}
