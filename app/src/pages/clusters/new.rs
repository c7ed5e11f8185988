//! The form that registers a cluster.

use leptos::prelude::*;

use crate::api;
use crate::api::error_for;
use crate::components::{description_error, group_options};
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{LineField, PageHead, SelectField, TextAreaField};

#[component]
pub(crate) fn NewClusterPage() -> impl IntoView {
    framed(Section::Clusters, |frame: Frame| async move {
        let name = frame.address.text("name");
        let errors = match frame.address.has("tried") {
            true => api::clusters::check_new(frame.group.id, name.trim().to_owned()).await?,
            false => Vec::new(),
        };
        let link = routes::clusters(frame.scope);
        let screen =
            Screen::new("Connect a cluster", body(&frame, name, error_for(&errors, "name")));
        Ok(screen.below("Clusters", link))
    })
}

fn body(frame: &Frame, name: String, error: Option<String>) -> AnyView {
    let description = frame.address.text("description");
    let wrong = description_error(&description);
    let groups = group_options(&frame.groups, Some(frame.group.id));
    view! {
        <PageHead title="Connect a cluster" />
        <section class="card p-5 max-w-[40rem]">
            <form method="post" action="/api/console/create_cluster" class="grid gap-4">
                <LineField
                    id="name"
                    label="Name"
                    hint="How it is called on pages and on the command line, such as prod-eu-west"
                    value=name
                    error=error
                    longest=63
                />
                <SelectField
                    name="group"
                    label="Group"
                    hint="Policies of this group and of the groups above it will hold for the cluster."
                    options=groups
                    error=None
                />
                <TextAreaField name="description" label="Description (optional)" value=description error=wrong />
                <div class="flex flex-wrap gap-3">
                    <button type="submit" class="button primary">
                        "Register, and show its token"
                    </button>
                    <a class="button" href=routes::clusters(frame.scope).href()>"Cancel"</a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
