//! The form that makes a group.

use leptos::prelude::*;

use crate::api;
use crate::api::error_for;
use crate::components::{description_error, group_options};
use crate::layouts::{Frame, OrganizationForm, Screen, Section, framed};
use crate::routes;
use crate::ui::{LineField, PageHead, SelectField, TextAreaField};

#[component]
pub(crate) fn NewGroupPage() -> impl IntoView {
    framed(Section::Groups, |frame: Frame| async move {
        let name = frame.address.text("name");
        let is_root = frame.address.has("root");
        let parent = (!is_root).then_some(frame.group.id);
        let errors = match frame.address.has("tried") {
            true => api::groups::check_new(parent, name.trim().to_owned()).await?,
            false => Vec::new(),
        };
        let error = error_for(&errors, "name");
        let above = error_for(&errors, "parent");
        let link = routes::groups(frame.scope);
        let (title, body) = if is_root {
            ("New organization", organization(&frame, name, error))
        } else {
            ("New group", group(&frame, name, error, above))
        };
        Ok(Screen::new(title, body).below("Groups", link))
    })
}

fn organization(frame: &Frame, name: String, error: Option<String>) -> AnyView {
    view! {
        <PageHead title="New organization" />
        <section class="card p-5 max-w-[40rem]">
            <OrganizationForm name=name description=frame.address.text("description") error=error />
        </section>
    }
    .into_any()
}

fn group(frame: &Frame, name: String, error: Option<String>, above: Option<String>) -> AnyView {
    let description = frame.address.text("description");
    let wrong = description_error(&description);
    let groups = group_options(&frame.groups, Some(frame.group.id));
    view! {
        <PageHead title="New group" />
        <section class="card p-5 max-w-[40rem]">
            <form method="post" action="/api/console/create_group" class="grid gap-4">
                <SelectField
                    name="parent"
                    label="Below"
                    hint="Policies of the group above will hold in the new group too."
                    options=groups
                    error=above
                />
                <LineField
                    id="name"
                    label="Name"
                    hint="Lower-case letters, digits, blanks, and . _ - such as production"
                    value=name
                    error=error
                    longest=63
                />
                <TextAreaField name="description" label="Description (optional)" value=description error=wrong />
                <div class="flex flex-wrap gap-3">
                    <button type="submit" class="button primary">
                        "Create the group"
                    </button>
                    <a class="button" href=routes::groups(frame.scope).href()>"Cancel"</a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
