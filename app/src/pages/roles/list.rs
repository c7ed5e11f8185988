//! Every role, and the matrix of what each holds.

use leptos::prelude::*;
use model::iam::{Capability, Role, RoleRef};

use crate::api;
use crate::api::access::roles::RoleList;
use crate::components::{AccessPart, AccessTabs, Noun, denied, group_name, nouns};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, Scope};
use crate::ui::{ActLink, Column, Glyph, Icon, PageHead, Table, card_head};

#[component]
pub(crate) fn RolesPage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let list = api::access::roles::list(frame.group.id).await?;
        Ok(Screen::new("Roles", body(&frame, list)))
    })
}

fn body(frame: &Frame, list: RoleList) -> AnyView {
    let RoleList { roles, held } = list;
    let n_custom = roles.iter().filter(|role| matches!(role.id, RoleRef::Custom(_))).count();
    let n_custom = u64::try_from(n_custom).unwrap_or(u64::MAX);
    let n_built_in = u64::try_from(roles.len()).unwrap_or(u64::MAX).saturating_sub(n_custom);
    let title = match n_custom {
        0 => {
            format!("{} come with Loadline, none is your own", format::opening(n_built_in, "role"))
        }
        _ => format!(
            "{} come with Loadline, {} your own",
            format::opening(n_built_in, "role"),
            if n_custom == 1 {
                "one is".to_owned()
            } else {
                format!("{} are", format::count(n_custom))
            },
        ),
    };
    let row = |role: &Role| {
        let from = match role.group {
            None => "Built in".to_owned(),
            Some(id) => group_name(&frame.groups, id),
        };
        let n = u64::try_from(role.capabilities.iter().count()).unwrap_or(u64::MAX);
        view! {
            <tr>
                <td><a class="name" href=routes::role(frame.scope, role.id).href()>{role.name.clone()}</a></td>
                <td class="wide">{role.description.clone()}</td>
                <td>{from}</td>
                <td class="num">{format::count(n)}</td>
            </tr>
        }
    };
    let rows = roles.iter().map(row).collect_view();
    let columns = vec![
        Column::Text("Role"),
        Column::Text("What it is for"),
        Column::Text("Made in"),
        Column::Number("Capabilities"),
    ];
    let new = routes::new_role(Scope(Some(frame.group.id))).href();
    let refused = denied(held, Capability::RolesCreate, &frame.group.name_path());
    view! {
        <PageHead title=title>
            <ActLink
                label="New role"
                href=new
                icon=Icon::Plus
                denied=refused
            />
        </PageHead>
        <AccessTabs current=AccessPart::Roles scope=frame.scope />
        <section class="card">
            {card_head("Roles", ().into_any())}
            <Table caption="Roles" columns=columns>
                {rows}
            </Table>
        </section>
        <section class="card">
            {card_head("What each holds", ().into_any())}
            {matrix(frame, &roles)}
        </section>
    }
    .into_any()
}

fn matrix(frame: &Frame, roles: &[Role]) -> AnyView {
    let heading = |role: &Role| {
        let href = routes::role(frame.scope, role.id).href();
        view! { <th scope="col" class="upright"><a class="hover:underline" href=href>{role.name.clone()}</a></th> }
    };
    let headings = roles.iter().map(heading).collect_view();
    let line = |capability: Capability| {
        let cell = |role: &Role| match role.capabilities.contains(capability) {
            true => view! {
                <td class="mark"><Glyph icon=Icon::Check /><span class="sr-only">"yes"</span></td>
            }
            .into_any(),
            false => view! { <td class="mark"><span class="sr-only">"no"</span></td> }.into_any(),
        };
        view! {
            <tr>
                <th scope="row"><code>{capability.as_str()}</code></th>
                {roles.iter().map(cell).collect_view()}
            </tr>
        }
    };
    let group = |noun: Noun| {
        let lines = noun.capabilities.into_iter().map(line).collect_view();
        view! {
            <tbody>
                {lines}
            </tbody>
        }
    };
    let groups = nouns().into_iter().map(group).collect_view();
    view! {
        <div class="scroller matrix" tabindex="0" role="region" aria-label="Which role holds which capability">
            <table>
                <caption class="sr-only">"Which role holds which capability"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Capability"</th>
                        {headings}
                    </tr>
                </thead>
                {groups}
            </table>
        </div>
    }
    .into_any()
}
