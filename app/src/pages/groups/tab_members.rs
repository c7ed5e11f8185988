//! Who holds which role in a group, from where, and who granted it.

use leptos::prelude::*;
use model::groups::Group;
use model::iam::{Capability, CapabilitySet, Identity, RoleBindingRow};

use crate::api::access::members::Members;
use crate::api::{self, ApiError};
use crate::components::{denied, kind_name, role_options, roles_at};
use crate::format;
use crate::layouts::Frame;
use crate::routes::{self, Scope};
use crate::ui::{
    Act, Ago, Column, Confirm, Empty, LineField, SelectField, SelectOption, Table, card_head,
};

pub(super) async fn show(frame: &Frame, group: &Group) -> Result<(String, AnyView), ApiError> {
    let members = api::access::members::of_group(group.id).await?;
    let title = headline(group.name(), &members);
    let grant = grant(frame, group, &members);
    let Members { direct, inherited, held, .. } = members;
    let direct = match direct.is_empty() {
        true => view! {
            <Empty title="Nobody holds a role in this very group">
                <p class="text-ink-2">"Who holds one above it is listed below, and holds it here as well."</p>
            </Empty>
        }
        .into_any(),
        false => {
            let row = |row| row_of(frame, row, Some((group, held)));
            let rows = direct.into_iter().map(row).collect_view();
            view! { <Table caption="Granted in this group" columns=columns(true)>{rows}</Table> }
                .into_any()
        }
    };
    let inherited = (!inherited.is_empty()).then(|| {
        let rows = inherited.into_iter().map(|row| row_of(frame, row, None)).collect_view();
        view! {
            <section class="card">
                {card_head("Inherited", ().into_any())}
                <Table caption="Inherited from groups above" columns=columns(false)>
                    {rows}
                </Table>
            </section>
        }
    });
    let content = view! {
        <section class="card">{card_head("Granted here", ().into_any())} {direct}</section>
        {inherited}
        {grant}
    };
    Ok((title, content.into_any()))
}

fn headline(group: &str, members: &Members) -> String {
    let mut all: Vec<_> =
        members.direct.iter().chain(&members.inherited).map(|row| row.binding.identity).collect();
    all.sort_unstable();
    all.dedup();
    let n = u64::try_from(all.len()).unwrap_or(u64::MAX);
    match n {
        0 => format!("Nobody that you see holds a role in {group}"),
        1 => format!("One identity holds a role in {group}"),
        _ => format!("{} hold a role in {group}", format::opening(n, "identity")),
    }
}

fn columns(is_direct: bool) -> Vec<Column> {
    let last = if is_direct { "Action" } else { "From" };
    vec![
        Column::Text("Who"),
        Column::Text("Role"),
        Column::Text("Granted by"),
        Column::Number("Granted"),
        Column::Text(last),
    ]
}

fn row_of(frame: &Frame, row: RoleBindingRow, own: Option<(&Group, CapabilitySet)>) -> AnyView {
    let RoleBindingRow {
        binding, group_name, role_name, identity_name, identity_kind, email, ..
    } = row;
    let last = match own {
        Some((group, held)) => {
            let place = group.name_path();
            let fields = vec![
                ("binding", binding.id.to_string()),
                ("group", group.id.to_string()),
                ("back", "group".to_owned()),
            ];
            let label = format!("Revoke {role_name} of {identity_name}");
            let consequence = format!(
                "{identity_name} loses {role_name} in {place} and everything below it, at once. What they hold by other roles stays."
            );
            view! {
                <Confirm
                    open="Revoke…"
                    label=label.clone()
                    consequence=consequence
                    action="/api/console/revoke_role"
                    fields=fields
                    button=label
                    denied=denied(held, Capability::RoleBindingsDelete, &place)
                />
            }
            .into_any()
        }
        None => match (binding.group, group_name) {
            (Some(id), Some(name)) => {
                let href = routes::group_tab(frame.scope, id, routes::GroupTab::Members).href();
                view! { <a class="link" href=href>{name}</a> }.into_any()
            }
            _ => "The whole installation".into_any(),
        },
    };
    let role = routes::role(frame.scope, binding.role).href();
    let who = routes::identity(frame.scope, binding.identity).href();
    let what = email.unwrap_or_else(|| kind_name(identity_kind).to_owned());
    view! {
        <tr>
            <td>
                <a class="name" href=who>{identity_name}</a>
                <br />
                <span class="quiet">{what}</span>
            </td>
            <td><a class="link" href=role>{role_name}</a></td>
            <td>{binding.created_by.to_string()}</td>
            <td class="num"><Ago now=frame.now at=binding.created_at /></td>
            <td>{last}</td>
        </tr>
    }
    .into_any()
}

fn grant(frame: &Frame, group: &Group, members: &Members) -> AnyView {
    let typed = &frame.typed;
    let place = group.name_path();
    let who = whom(frame, members);
    let roles = roles_at(&members.roles, &frame.groups, group.id);
    let roles = role_options(&roles, &frame.groups, &typed.or("role", "viewer"));
    let invite = routes::new_invite(Scope(Some(group.id))).href();
    let known = routes::new_identity(Scope(Some(group.id)), "person").href();
    view! {
        <section class="card">
            {card_head("Grant a role", ().into_any())}
            <form method="post" action="/api/console/grant_role" class="grid gap-4 px-4.5 pb-4.5 max-w-[40rem]">
                <input type="hidden" name="group" value=group.id.to_string() />
                <input type="hidden" name="back" value="group" />
                {who}
                <SelectField
                    name="role"
                    label="Role"
                    hint="It holds here and in everything below. Nobody grants more than they hold."
                    options=roles
                    error=typed.error("role")
                />
                <Act
                    label=format!("Grant it in {place}")
                    denied=denied(members.held, Capability::RoleBindingsCreate, &place)
                />
                <p class="quiet">
                    "Somebody who is not listed: " <a class="link" href=invite>"invite them"</a> ", or "
                    <a class="link" href=known>"name the account they will sign in with"</a> "."
                </p>
            </form>
        </section>
    }
    .into_any()
}

/// A choice of those who are known; an id where there are too many to choose from.
fn whom(frame: &Frame, members: &Members) -> AnyView {
    let typed = &frame.typed;
    let chosen = typed.text("identity");
    if members.has_more || members.identities.is_empty() {
        return view! {
            <LineField
                id="identity"
                label="Identity"
                hint="Its id: 16 hex digits, as its page shows it."
                value=chosen
                error=typed.error("identity")
                longest=16
            />
        }
        .into_any();
    }
    let option = |identity: &Identity| {
        let value = identity.id.to_string();
        let detail =
            identity.email.clone().unwrap_or_else(|| kind_name(identity.proof.kind()).to_owned());
        let label = format!("{} ({detail})", identity.name);
        SelectOption { is_selected: value == chosen, value, label }
    };
    let options = members.identities.iter().map(option).collect();
    view! { <SelectField name="identity" label="Who" options=options error=typed.error("identity") /> }
        .into_any()
}
