//! One role: what it holds, who holds it, and what changes it.

use leptos::prelude::*;
use model::iam::{Capability, Role, RoleBindingRow, RoleRef};

use crate::api::access::roles::RoleView;
use crate::api::{self, ApiError};
use crate::components::{Noun, denied, group_name, kind_name, nouns, verb};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{ActLink, Ago, Column, Confirm, Empty, PageHead, Pager, Table, card_head};

#[component]
pub(crate) fn RolePage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let id: RoleRef = frame.address.id().ok_or(ApiError::NotFound)?;
        let view = api::access::roles::one(id, frame.group.id, frame.address.page()).await?;
        let name = view.role.name.clone();
        let screen = Screen::new(name, body(&frame, view));
        let access = routes::people(frame.scope);
        Ok(screen.below("Access", access).below("Roles", routes::roles(frame.scope)))
    })
}

fn body(frame: &Frame, view: RoleView) -> AnyView {
    let RoleView { role, holders, held } = view;
    let n = u64::try_from(role.capabilities.iter().count()).unwrap_or(u64::MAX);
    let title = format!("{} holds {}", role.name, format::counted(n, "capability"));
    let edit = role.group.map(|home| {
        let place = group_name(&frame.groups, home);
        let href = routes::edit_role(frame.scope, role.id).href();
        view! {
            <ActLink
                label="Change"
                href=href
                class="button"
                denied=denied(held, Capability::RolesUpdate, &place)
            />
        }
    });
    let about = match role.group {
        None => "Built in: every installation has it as it is.".to_owned(),
        Some(home) => {
            let place = group_name(&frame.groups, home);
            format!("Made in {place}; it can be granted there and below.")
        }
    };
    let description = role.description.clone();
    let delete = delete(frame, &role, held);
    let capabilities = capabilities(&role);
    view! {
        <PageHead title=title>{edit}</PageHead>
        <p class="text-ink-2 whitespace-pre-line wrap-anywhere">{description} " " {about}</p>
        <section class="card">
            {card_head(format!("Who holds it in {}", frame.group.name()), ().into_any())}
            {holding(frame, &role, holders)}
        </section>
        <section class="card">{card_head("What it holds", ().into_any())} {capabilities}</section>
        {delete}
    }
    .into_any()
}

fn holding(
    frame: &Frame,
    role: &Role,
    holders: Option<model::page::Page<RoleBindingRow>>,
) -> AnyView {
    let place = frame.group.name_path();
    let Some(page) = holders else {
        let reason = format!(
            "You need role_bindings.list at {place} to see who holds it. Ask an owner of {place}."
        );
        return view! { <p class="px-4.5 pb-4.5 quiet">{reason}</p> }.into_any();
    };
    if page.rows.is_empty() {
        let members =
            routes::group_tab(frame.scope, frame.group.id, routes::GroupTab::Members).href();
        return view! {
            <Empty title=format!("Nobody holds {} in {place} or below", role.name)>
                <a class="button" href=members>{format!("Grant a role in {place}")}</a>
            </Empty>
        }
        .into_any();
    }
    let row = |row: RoleBindingRow| {
        let RoleBindingRow { binding, group_name, identity_name, identity_kind, email, .. } = row;
        let what = email.unwrap_or_else(|| kind_name(identity_kind).to_owned());
        let who = routes::identity(frame.scope, binding.identity).href();
        view! {
            <tr>
                <td>
                    <a class="name" href=who>{identity_name}</a>
                    <br />
                    <span class="quiet">{what}</span>
                </td>
                <td>{group_name.unwrap_or_else(|| "The whole installation".to_owned())}</td>
                <td>{binding.created_by.to_string()}</td>
                <td class="num"><Ago now=frame.now at=binding.created_at /></td>
            </tr>
        }
    };
    let (total, next) = (page.total, page.next);
    let rows = page.rows.into_iter().map(row).collect_view();
    let columns = vec![
        Column::Text("Who"),
        Column::Text("Where"),
        Column::Text("Granted by"),
        Column::Number("Granted"),
    ];
    let list = routes::role(frame.scope, role.id);
    view! {
        <Table caption="Who holds it" columns=columns>
            {rows}
        </Table>
        <Pager total=total noun="holder" next=next list=list address=frame.address.clone() />
    }
    .into_any()
}

fn capabilities(role: &Role) -> AnyView {
    let line = |noun: Noun| {
        let held: Vec<&str> = noun
            .capabilities
            .into_iter()
            .filter(|one| role.capabilities.contains(*one))
            .map(verb)
            .collect();
        (!held.is_empty()).then(|| {
            view! {
                <dt>{noun.name}</dt>
                <dd class="text-ink-2">{held.join(", ")}</dd>
            }
        })
    };
    let lines: Vec<_> = nouns().into_iter().filter_map(line).collect();
    view! { <dl class="facts px-4.5 pb-4.5">{lines}</dl> }.into_any()
}

fn delete(frame: &Frame, role: &Role, held: model::iam::CapabilitySet) -> Option<AnyView> {
    let place = group_name(&frame.groups, role.group?);
    Some(
        view! {
            <section class="card">
                {card_head("Delete it", ().into_any())}
                <div class="px-4.5 pb-4.5">
                    <Confirm
                        open="Delete…"
                        label=format!("Delete role {}", role.name)
                        consequence="It can be deleted once nobody holds it and no invite or provider grants it."
                        action="/api/console/delete_role"
                        fields=vec![("id", role.id.to_string())]
                        button=format!("Delete role {}", role.name)
                        denied=denied(held, Capability::RolesDelete, &place)
                    />
                </div>
            </section>
        }
        .into_any(),
    )
}
