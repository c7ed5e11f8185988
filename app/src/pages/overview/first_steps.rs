//! Where no cluster is registered yet: the way to the first one.

use leptos::prelude::*;

use crate::layouts::Frame;
use crate::routes;
use crate::ui::Empty;

pub(super) fn connect(frame: &Frame) -> AnyView {
    let scope = frame.scope;
    view! {
        <section class="card">
            <Empty title="Connect a cluster to see what runs in it">
                <p class="text-ink-2 max-w-[34rem]">
                    "It needs no agent: one line with kubectl reports what runs, and Loadline looks up and checks the signatures of every image."
                </p>
                <div class="flex flex-wrap justify-center gap-3 pt-1">
                    <a class="button primary" href=routes::new_cluster(scope).href()>"Connect a cluster"</a>
                    <a class="button" href=routes::new_policy(scope).href()>"Write a policy"</a>
                </div>
            </Empty>
        </section>
    }
    .into_any()
}
