//! The form of an identity provider. Its secret is written and never shown.

use leptos::prelude::*;
use model::iam::{Capability, CapabilitySet, IdentityProvider, Role};
use model::id::{GroupId, IdentityProviderId};

use crate::api::typed::Typed;
use crate::api::{self, ApiError};
use crate::components::{denied, group_name, group_options, role_options, roles_at};
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{
    Act, Confirm, LineField, LinesField, PageHead, SelectField, SelectOption, TextAreaField,
    card_head,
};

#[component]
pub(crate) fn NewProviderPage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let list = api::access::providers::list(frame.group.id).await?;
        let place = frame.group.name_path();
        let refused = denied(list.held, Capability::IdentityProvidersCreate, &place);
        let form = fields(&frame, None, &list.roles, frame.group.id, refused);
        let body = view! { <PageHead title="New identity provider" /> {form} };
        let screen = Screen::new("New provider", body.into_any());
        Ok(screen.below("Identity providers", routes::providers(frame.scope)))
    })
}

#[component]
pub(crate) fn ProviderPage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let id: IdentityProviderId = frame.address.id().ok_or(ApiError::NotFound)?;
        let view = api::access::providers::provider(id).await?;
        let place = group_name(&frame.groups, view.provider.group);
        let refused = denied(view.held, Capability::IdentityProvidersUpdate, &place);
        let home = view.provider.group;
        let form = fields(&frame, Some(&view.provider), &view.roles, home, refused);
        let delete = delete(&view.provider, view.held, &place);
        let title = format!("{} signs people in to {place}", view.provider.name);
        let body = view! { <PageHead title=title /> {form} {delete} };
        let screen = Screen::new(view.provider.name, body.into_any());
        Ok(screen.below("Identity providers", routes::providers(frame.scope)))
    })
}

fn fields(
    frame: &Frame,
    known: Option<&IdentityProvider>,
    roles: &[Role],
    home: GroupId,
    refused: Option<String>,
) -> AnyView {
    let typed = &frame.typed;
    let (action, first, button) = match known {
        None => (
            "/api/console/create_provider",
            view! {
                <SelectField
                    name="group"
                    label="Group"
                    hint="Its people get their role there."
                    options=group_options(&frame.groups, Some(home))
                    error=typed.error("group")
                />
            }
            .into_any(),
            "Create the provider",
        ),
        Some(known) => (
            "/api/console/update_provider",
            view! { <input type="hidden" name="id" value=known.id.to_string() /> }.into_any(),
            "Save",
        ),
    };
    let client = client(typed, known);
    let people = people(frame, known, &roles_at(roles, &frame.groups, home));
    view! {
        <section class="card p-5 max-w-[44rem]">
            <form method="post" action=action class="grid gap-4">
                {first}
                {client}
                {people}
                <div class="flex flex-wrap gap-3">
                    <Act label=button denied=refused />
                    <a class="button" href=routes::providers(frame.scope).href()>"Cancel"</a>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// What was typed into a field, else what the provider has there.
fn text(
    typed: &Typed,
    known: Option<&IdentityProvider>,
    name: &str,
    read: fn(&IdentityProvider) -> String,
) -> String {
    typed.or(name, &known.map(read).unwrap_or_default())
}

/// How this installation speaks with the provider.
fn client(typed: &Typed, known: Option<&IdentityProvider>) -> AnyView {
    let secret_hint = match known.is_some_and(|it| it.has_secret) {
        true => "One is kept and never shown. Left empty, it stays; another issuer needs it anew.",
        false => "Kept sealed and never shown. Left empty for a public client (PKCE alone).",
    };
    let scopes = known.map_or_else(|| "email profile".to_owned(), |it| it.scopes.join(" "));
    view! {
        <LineField
            id="name"
            name="provider[name]"
            label="Name"
            hint="As it stands on the sign-in page: lower-case letters, digits, blanks, and . _ -"
            value=text(typed, known, "name", |it| it.name.clone())
            error=typed.error("name")
            longest=63
        />
        <LineField
            id="issuer"
            name="provider[issuer]"
            label="Issuer"
            hint="An https address, exactly as its tokens say it, such as https://accounts.google.com"
            value=text(typed, known, "issuer", |it| it.issuer.clone())
            error=typed.error("issuer")
        />
        <LineField
            id="client_id"
            name="provider[client_id]"
            label="Client id"
            hint="What the provider knows this installation as."
            value=text(typed, known, "client_id", |it| it.client_id.clone())
            error=typed.error("client_id")
            longest=1024
        />
        <LineField
            id="client_secret"
            name="provider[client_secret]"
            label="Client secret"
            hint=secret_hint
            value=String::new()
            error=typed.error("client_secret")
            longest=1024
            is_optional=true
            is_secret=true
        />
        <LineField
            id="scopes"
            name="provider[scopes]"
            label="Scopes beside openid"
            hint="With blanks between them. E-mail addresses take email."
            value=typed.or("scopes", &scopes)
            error=typed.error("scopes")
            is_optional=true
        />
    }
    .into_any()
}

/// Who is sent to the provider, and what they get.
fn people(frame: &Frame, known: Option<&IdentityProvider>, roles: &[Role]) -> AnyView {
    let typed = &frame.typed;
    let role = |it: &IdentityProvider| it.default_role.map(String::from).unwrap_or_default();
    let chosen = text(typed, known, "default_role", role);
    let none = SelectOption {
        value: String::new(),
        label: "Nothing, until somebody grants it".to_owned(),
        is_selected: chosen.is_empty(),
    };
    let options = role_options(roles, &frame.groups, &chosen);
    let roles = std::iter::once(none).chain(options).collect();
    view! {
        <LinesField
            id="domains"
            name="provider[domains]"
            label="E-mail domains"
            hint="One a line, such as acme.example: whoever types such an address is sent to this provider, once the domain is proven."
            value=text(typed, known, "domains", |it| it.domains.join("\n"))
            error=typed.error("domains")
        />
        {known.and_then(not_proven)}
        <SelectField
            name="provider[default_role]"
            label="Everybody who signs in gets"
            options=roles
            error=typed.error("default_role")
        />
        <TextAreaField
            name="provider[description]"
            label="Description (optional)"
            value=text(typed, known, "description", |it| it.description.clone())
            error=typed.error("description")
        />
    }
    .into_any()
}

/// Which domains the sign-in page does not know, and what mends that.
fn not_proven(provider: &IdentityProvider) -> Option<AnyView> {
    let domains = provider.unproven_domains.join(", ");
    let text = format!(
        "Not proven: {domains}. Whoever types such an address is not sent here until an owner of the installation saves this form, or the organization's name is verified as that domain."
    );
    (!domains.is_empty()).then(|| view! { <p class="quiet">{text}</p> }.into_any())
}

fn delete(provider: &IdentityProvider, held: CapabilitySet, place: &str) -> AnyView {
    view! {
        <section class="card max-w-[44rem]">
            {card_head("Delete it", ().into_any())}
            <div class="px-4.5 pb-4.5">
                <Confirm
                    open="Delete…"
                    label=format!("Delete provider {}", provider.name)
                    consequence="Nobody signs in through it any more. What its people hold stays, until it is revoked."
                    action="/api/console/delete_provider"
                    fields=vec![("id", provider.id.to_string())]
                    button=format!("Delete provider {}", provider.name)
                    denied=denied(held, Capability::IdentityProvidersDelete, place)
                />
            </div>
        </section>
    }
    .into_any()
}
