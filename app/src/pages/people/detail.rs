//! One identity: what it may do and where, who may act as it, and what changes it.

use leptos::prelude::*;
use model::iam::{Capability, Identity, ProofKind, RoleBindingRow};
use model::id::IdentityId;

use super::proof;
use crate::api::access::identities::IdentityView;
use crate::api::{self, ApiError};
use crate::components::{denied, group_name, kind_name, role_options};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{
    Act, Ago, Chip, Column, Confirm, Empty, Icon, LineField, Notice, PageHead, SelectField,
    SelectOption, Table, TextAreaField, Tone, card_head,
};

#[component]
pub(crate) fn IdentityPage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let id: IdentityId = frame.address.id().ok_or(ApiError::NotFound)?;
        let view = api::access::identities::one(id).await?;
        let name = view.identity.name.clone();
        let link = routes::people(frame.scope);
        Ok(Screen::new(name, body(&frame, view)).below("Access", link))
    })
}

fn body(frame: &Frame, view: IdentityView) -> AnyView {
    let title = headline(&view);
    let chip = match view.identity.disabled_at {
        Some(_) => view! { <Chip tone=Tone::Fail icon=Icon::Cross label="Disabled" /> }.into_any(),
        None => view! { <Chip tone=Tone::Pass icon=Icon::Check label="Active" /> }.into_any(),
    };
    let facts = facts(frame, &view.identity);
    let roles = roles(frame, &view);
    let grant = grant(frame, &view);
    let ended = ended(frame, &view);
    let way_in = way_in(frame, &view);
    let change = change(frame, &view);
    view! {
        <PageHead title=title>{chip}</PageHead>
        {ended}
        {facts}
        {roles}
        {grant}
        {way_in}
        {change}
    }
    .into_any()
}

fn headline(view: &IdentityView) -> String {
    let name = &view.identity.name;
    if view.identity.disabled_at.is_some() {
        return format!("{name} is disabled and can do nothing");
    }
    let n = u64::try_from(view.bindings.len()).unwrap_or(u64::MAX);
    match n {
        0 => format!("{name} holds no role that you see"),
        _ => format!("{name} holds {}", format::counted(n, "role")),
    }
}

fn facts(frame: &Frame, identity: &Identity) -> AnyView {
    let seen = match identity.seen_at {
        Some(at) => view! { <Ago now=frame.now at=at /> }.into_any(),
        None => "never".into_any(),
    };
    let home = identity
        .group
        .map_or_else(|| "The installation".to_owned(), |id| group_name(&frame.groups, id));
    let email = identity.email.clone().map(|email| {
        view! { <dt class="quiet">"E-mail"</dt> <dd class="wrap-anywhere">{email}</dd> }
    });
    let description = (!identity.description.is_empty()).then(|| {
        view! {
            <dt class="quiet">"Description"</dt>
            <dd class="whitespace-pre-line wrap-anywhere">{identity.description.clone()}</dd>
        }
    });
    view! {
        <section class="card">
            {card_head("Who it is", ().into_any())}
            <dl class="facts px-4.5 pb-4.5">
                <dt class="quiet">"Kind"</dt>
                <dd>{kind_name(identity.proof.kind())}</dd>
                {email}
                {proof::told(&identity.proof)}
                {description}
                <dt class="quiet">"Belongs to"</dt>
                <dd>{home}</dd>
                <dt class="quiet">"Last seen"</dt>
                <dd>{seen}</dd>
                <dt class="quiet">"Known for"</dt>
                <dd>{format::span(frame.now, identity.created_at)}</dd>
                <dt class="quiet">"Id"</dt>
                <dd><code>{identity.id.to_string()}</code></dd>
            </dl>
        </section>
    }
    .into_any()
}

fn roles(frame: &Frame, view: &IdentityView) -> AnyView {
    let content = if view.bindings.is_empty() {
        view! {
            <Empty title="No role">
                <p class="text-ink-2">"It can sign in or be assumed, and do nothing. Grant it a role below."</p>
            </Empty>
        }
        .into_any()
    } else {
        let row = |row: &RoleBindingRow| binding(frame, view, row.clone());
        let rows = view.bindings.iter().map(row).collect_view();
        let columns = vec![
            Column::Text("Where"),
            Column::Text("Role"),
            Column::Text("Granted by"),
            Column::Number("Granted"),
            Column::Text("Action"),
        ];
        view! { <Table caption="What it may do" columns=columns>{rows}</Table> }.into_any()
    };
    view! { <section class="card">{card_head("What it may do, and where", ().into_any())} {content}</section> }
        .into_any()
}

fn binding(frame: &Frame, view: &IdentityView, row: RoleBindingRow) -> AnyView {
    let RoleBindingRow { binding, group_name, role_name, .. } = row;
    let place = group_name.unwrap_or_else(|| "the whole installation".to_owned());
    let link = match binding.group {
        Some(id) => {
            let href = routes::group_tab(frame.scope, id, routes::GroupTab::Members).href();
            view! { <a class="name" href=href>{place.clone()}</a> " and below" }.into_any()
        }
        None => "The whole installation".into_any(),
    };
    let may = binding.group.is_some_and(|id| view.grantable.contains(&id));
    let refused = (!may).then(|| format!("Only an owner of {place} takes it away."));
    let fields = vec![
        ("binding", binding.id.to_string()),
        ("identity", view.identity.id.to_string()),
        ("back", "identity".to_owned()),
    ];
    let label = format!("Revoke {role_name} in {place}");
    let consequence = format!(
        "{} loses {role_name} in {place} and everything below it, at once.",
        view.identity.name
    );
    let role = routes::role(frame.scope, binding.role).href();
    view! {
        <tr>
            <td>{link}</td>
            <td><a class="link" href=role>{role_name}</a></td>
            <td>{binding.created_by.to_string()}</td>
            <td class="num"><Ago now=frame.now at=binding.created_at /></td>
            <td>
                <Confirm
                    open="Revoke…"
                    label=label.clone()
                    consequence=consequence
                    action="/api/console/revoke_role"
                    fields=fields
                    button=label
                    denied=refused
                />
            </td>
        </tr>
    }
    .into_any()
}

fn grant(frame: &Frame, view: &IdentityView) -> AnyView {
    let typed = &frame.typed;
    let chosen = typed.or("group", &frame.group.id.to_string());
    let option = |id: &model::id::GroupId| {
        let value = id.to_string();
        SelectOption { is_selected: value == chosen, label: group_name(&frame.groups, *id), value }
    };
    let groups: Vec<SelectOption> = view.grantable.iter().map(option).collect();
    let body = if groups.is_empty() {
        let reason = "You need role_bindings.create in some group. Ask an owner.".to_owned();
        view! { <div class="px-4.5 pb-4.5"><Act label="Grant it" denied=Some(reason) /></div> }
            .into_any()
    } else {
        let roles = role_options(&view.roles, &frame.groups, &typed.or("role", "viewer"));
        view! {
            <form method="post" action="/api/console/grant_role" class="grid gap-4 px-4.5 pb-4.5 max-w-[40rem]">
                <input type="hidden" name="identity" value=view.identity.id.to_string() />
                <input type="hidden" name="back" value="identity" />
                <SelectField
                    name="group"
                    label="Group"
                    hint="The role holds there and in everything below."
                    options=groups
                    error=typed.error("group")
                />
                <SelectField name="role" label="Role" options=roles error=typed.error("role") />
                <Act label=format!("Grant it to {}", view.identity.name) denied=None />
            </form>
        }
        .into_any()
    };
    view! { <section class="card">{card_head("Grant a role", ().into_any())} {body}</section> }
        .into_any()
}

/// What ending a person's sessions came to.
fn ended(frame: &Frame, view: &IdentityView) -> Option<AnyView> {
    let n = frame.address.parsed::<u64>("ended")?;
    let name = &view.identity.name;
    let sentence = match n {
        0 => format!("{name} was signed in nowhere."),
        n => format!("{} of {name} ended.", format::counted(n, "session")),
    };
    Some(view! { <Notice tone=Tone::Pass icon=Icon::Check>{sentence}</Notice> }.into_any())
}

/// How a person gets in, and is put out; what can be assumed shows a proof instead.
fn way_in(frame: &Frame, view: &IdentityView) -> Option<AnyView> {
    let identity = &view.identity;
    if identity.proof.kind() != ProofKind::Person {
        return None;
    }
    let (name, id) = (&identity.name, identity.id.to_string());
    let missing = denied(view.held, Capability::IdentityUpdate, "the installation");
    let disabled = identity.disabled_at.map(|_| format!("{name} is disabled. Enable them first."));
    let link = missing.clone().or(disabled);
    // One's own end without a right to.
    let end = missing.filter(|_| !view.is_self);
    let own = view.is_self.then(|| {
        let href = routes::account(frame.scope, routes::AccountTab::Sessions).href();
        view! {
            <p class="text-ink-2">
                "This is you: " <a class="link" href=href>"your sessions and tokens"</a>
            </p>
        }
    });
    // Whoever holds nothing sees no group, and without one there is no page to come to.
    let without_role = view.bindings.is_empty().then(|| {
        view! { <p class="text-warn">"Grant a role first: without one they see nothing here."</p> }
    });
    let body = view! {
        {own}
        <form method="post" action="/api/console/create_sign_in_link" class="grid gap-2">
            <input type="hidden" name="id" value=id.clone() />
            <p class="text-ink-2">
                {format!("If {name} has no account with a provider, or lost their password: a link that signs them in once, within an hour, to set a password of their own.")}
            </p>
            {without_role}
            <Act label="Make a one-time sign-in link" class="button justify-self-start" denied=link />
        </form>
        <div class="border-t border-line pt-4">
            <Confirm
                open="End all sessions…"
                label=format!("End all sessions of {name}")
                consequence=format!("Every browser and command line where {name} is signed in is signed out at once. They can sign in again, and their tokens for programs go on; disable them to stop both.")
                action="/api/console/end_sessions_of"
                fields=vec![("id", id)]
                button=format!("End all sessions of {name}")
                denied=end
            />
        </div>
    };
    Some(
        view! {
            <section class="card">
                {card_head("Signing in", ().into_any())}
                <div class="grid gap-4 px-4.5 pb-4.5 max-w-[40rem]">{body}</div>
            </section>
        }
        .into_any(),
    )
}

fn change(frame: &Frame, view: &IdentityView) -> AnyView {
    let typed = &frame.typed;
    let identity = &view.identity;
    let id = identity.id.to_string();
    let is_person = identity.proof.kind() == ProofKind::Person;
    let place = identity
        .group
        .map_or_else(|| "the installation".to_owned(), |id| group_name(&frame.groups, id));
    let update = denied(view.held, Capability::IdentityUpdate, &place);
    let ending = ending(view, &place);
    let warning = view.is_self.then(|| {
        view! { <p class="text-warn">"This is you: what you take away here you lose yourself."</p> }
    });
    let longest = if is_person { 200 } else { 63 };
    view! {
        <section class="card">
            {card_head("Change it", ().into_any())}
            <div class="grid gap-4 px-4.5 pb-4.5 max-w-[40rem]">
                {warning}
                <form method="post" action="/api/console/update_identity" class="grid gap-4">
                    <input type="hidden" name="id" value=id />
                    <LineField
                        id="name"
                        label="Name"
                        value=typed.or("name", &identity.name)
                        error=typed.error("name")
                        longest=longest
                    />
                    <TextAreaField
                        name="description"
                        label="Description (optional)"
                        value=typed.or("description", &identity.description)
                        error=typed.error("description")
                    />
                    <Act label="Save" denied=update />
                </form>
                {ending}
            </div>
        </section>
    }
    .into_any()
}

/// Disabling and deleting, each asked for first.
fn ending(view: &IdentityView, place: &str) -> AnyView {
    let identity = &view.identity;
    let id = identity.id.to_string();
    let update = denied(view.held, Capability::IdentityUpdate, place);
    let delete = denied(view.held, Capability::IdentityDelete, place);
    let (open, button, consequence, is_disabled) = match identity.disabled_at {
        None => (
            "Disable…",
            format!("Disable {}", identity.name),
            "Whoever acts as it is refused from now on. Its roles stay, and it can be enabled again.",
            "true",
        ),
        Some(_) => (
            "Enable…",
            format!("Enable {}", identity.name),
            "It can act again, with every role it holds.",
            "false",
        ),
    };
    view! {
                <div class="grid gap-2 border-t border-line pt-4">
                    <Confirm
                        open=open
                        label=button.clone()
                        consequence=consequence
                        action="/api/console/disable_identity"
                        fields=vec![("id", id.clone()), ("is_disabled", is_disabled.to_owned())]
                        button=button.clone()
                        denied=update
                    />
                    <Confirm
                        open="Delete…"
                        label=format!("Delete {}", identity.name)
                        consequence="It goes with every role it holds. This cannot be undone; the audit log keeps what it did."
                        action="/api/console/delete_identity"
                        fields=vec![("id", id)]
                        button=format!("Delete {}", identity.name)
                        denied=delete
                    />
                </div>
    }
    .into_any()
}
