//! The identity providers of a group and of what is below it.

use leptos::prelude::*;
use model::iam::{Capability, IdentityProvider, Role};

use crate::api;
use crate::api::access::providers::ProviderList;
use crate::components::{AccessPart, AccessTabs, denied, group_name, role_name};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, Scope};
use crate::ui::{ActLink, Column, Empty, Icon, PageHead, Table};

#[component]
pub(crate) fn ProvidersPage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let list = api::access::providers::list(frame.group.id).await?;
        Ok(Screen::new("Identity providers", body(&frame, list)))
    })
}

fn body(frame: &Frame, list: ProviderList) -> AnyView {
    let ProviderList { providers, roles, held } = list;
    let n = u64::try_from(providers.len()).unwrap_or(u64::MAX);
    let verb = if n == 1 { "signs" } else { "sign" };
    let title =
        format!("{} {verb} people in to {}", format::opening(n, "provider"), frame.group.name());
    let new = routes::new_provider(Scope(Some(frame.group.id))).href();
    let rows = if providers.is_empty() {
        view! {
            <Empty title="No provider of your own">
                <p class="text-ink-2">
                    "With one, people sign in with the accounts they have: any OIDC provider, such as Google, Okta, Entra or Keycloak. Until then they are let in as the server's configuration says."
                </p>
            </Empty>
        }
        .into_any()
    } else {
        let rows = providers.into_iter().map(|one| row(frame, one, &roles)).collect_view();
        let columns = vec![
            Column::Text("Provider"),
            Column::Text("Group"),
            Column::Text("Issuer"),
            Column::Text("E-mail domains"),
            Column::Text("Its people get"),
        ];
        view! { <Table caption="Identity providers" columns=columns>{rows}</Table> }.into_any()
    };
    let refused = denied(held, Capability::IdentityProvidersCreate, &frame.group.name_path());
    view! {
        <PageHead title=title>
            <ActLink
                label="New provider"
                href=new
                icon=Icon::Plus
                denied=refused
            />
        </PageHead>
        <AccessTabs current=AccessPart::Providers scope=frame.scope />
        <section class="card">{rows}</section>
    }
    .into_any()
}

fn row(frame: &Frame, provider: IdentityProvider, roles: &[Role]) -> AnyView {
    let domains = match provider.domains.is_empty() {
        true => "none: found by name only".to_owned(),
        false => {
            let unproven = &provider.unproven_domains;
            let domains = provider.domains.iter().map(|domain| match unproven.contains(domain) {
                true => format!("{domain} (not proven)"),
                false => domain.clone(),
            });
            domains.collect::<Vec<_>>().join(", ")
        }
    };
    let role = match provider.default_role {
        Some(role) => role_name(roles, role),
        None => "nothing, until it is granted".to_owned(),
    };
    view! {
        <tr>
            <td>
                <a class="name" href=routes::provider(frame.scope, provider.id).href()>{provider.name}</a>
            </td>
            <td>{group_name(&frame.groups, provider.group)}</td>
            <td><code class="wrap-anywhere">{provider.issuer}</code></td>
            <td>{domains}</td>
            <td>{role}</td>
        </tr>
    }
    .into_any()
}
