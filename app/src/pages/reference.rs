//! The reference of the REST API, drawn from its own OpenAPI document: what there is, by noun, each
//! with a line to try it by; and what each problem means.

mod example;
mod operation;
mod problems;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_meta::Title;
use serde_json::Value;

use crate::ui::Mark;
use operation::{Operation, operations};
pub(crate) use problems::ProblemsPage;

/// The OpenAPI document, which the server puts into the context of its pages.
#[derive(Debug, Clone)]
pub struct ApiDocument(pub Arc<Value>);

/// The document of the running server. In the browser no page is drawn, so there is none.
fn document() -> Arc<Value> {
    use_context::<ApiDocument>().map_or_else(Arc::default, |ApiDocument(document)| document)
}

#[component]
pub(crate) fn ReferencePage() -> impl IntoView {
    let document = document();
    let operations = operations(&document);
    let nouns = nouns(&operations);
    let links = nouns.iter().map(|noun| {
        let href = format!("#{noun}");
        view! { <li><a class="underline" href=href>{noun.clone()}</a></li> }
    });
    let links = links.collect_view();
    let parts = nouns.iter().map(|noun| {
        let of_noun = operations.iter().filter(|operation| operation.noun == *noun);
        let rows = of_noun.map(|operation| operation.view(&document)).collect_view();
        view! {
            <section id=noun.clone() class="grid gap-3">
                <h2>{noun.clone()}</h2>
                {rows}
            </section>
        }
    });
    let parts = parts.collect_view();
    view! {
        <Title text="API reference" />
        <Sheet>
            <h1>"API reference"</h1>
            <p class="text-ink-2">
                "Every operation of this server. Put its address into LOADLINE and a token into TOKEN, and the lines below work as they stand. A program reads the same from "
                <a class="underline" href="/api/openapi.json">"openapi.json"</a> "; refusals are explained under "
                <a class="underline" href="/api/problems">"problems"</a> "."
            </p>
            <nav aria-label="Nouns">
                <ul class="flex flex-wrap gap-3">{links}</ul>
            </nav>
            {parts}
        </Sheet>
    }
}

/// The nouns in the document's order.
fn nouns(operations: &[Operation]) -> Vec<String> {
    let mut nouns: Vec<String> = Vec::new();
    for operation in operations {
        if !nouns.contains(&operation.noun) {
            nouns.push(operation.noun.clone());
        }
    }
    nouns
}

/// A page to read, open to everybody, without the frame of the console.
#[component]
fn Sheet(children: Children) -> impl IntoView {
    view! {
        <main id="content" class="mx-auto w-full max-w-[60rem] p-7 grid gap-6">
            <a class="brand p-0!" href="/">
                <Mark />
                <span>"Loadline"</span>
            </a>
            {children()}
        </main>
    }
}
