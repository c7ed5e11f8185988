//! The list of policies: which hold here, and which are violated.

use leptos::prelude::*;
use model::page::Page;
use model::policies::{PolicyFilter, PolicySummary};

use crate::api;
use crate::components::PolicyTable;
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{Choice, Command, Empty, Filters, Glyph, Icon, PageHead, Pager};

#[component]
pub(crate) fn PoliciesPage() -> impl IntoView {
    framed(Section::Policies, |frame: Frame| async move {
        let filter = PolicyFilter::from_name(&frame.address.text("show")).unwrap_or_default();
        let asked = frame.address.page();
        let page = api::policies::policies(frame.group.id, filter, asked).await?;
        Ok(Screen::new("Policies", body(&frame, filter, page)))
    })
}

fn body(frame: &Frame, filter: PolicyFilter, page: Page<PolicySummary>) -> AnyView {
    let scope = frame.scope;
    let title = headline(frame.group.name(), filter, page.total);
    let rows = if page.rows.is_empty() {
        nothing(frame, filter)
    } else {
        let caption = format!("Policies of {}", frame.group.name_path());
        let link = routes::policies_that_have(scope, filter);
        view! {
            <PolicyTable caption=caption rows=page.rows now=frame.now scope=scope />
            <Pager total=page.total noun="policy" next=page.next list=link address=frame.address.clone() />
        }
        .into_any()
    };
    let choice = |label, shown: PolicyFilter| Choice {
        label,
        count: None,
        href: routes::policies_that_have(scope, shown).href(),
        is_current: shown == filter,
    };
    let choices =
        vec![choice("All", PolicyFilter::All), choice("Violations", PolicyFilter::Violations)];
    view! {
        <PageHead title=title>
            <a class="button primary" href=routes::new_policy(scope).href()>
                <Glyph icon=Icon::Plus />
                "Write a policy"
            </a>
        </PageHead>
        <Filters label="Which policies" choices=choices />
        <section class="card">{rows}</section>
    }
    .into_any()
}

fn headline(group: &str, filter: PolicyFilter, total: u64) -> String {
    let policies = format::opening(total, "policy");
    match (filter, total) {
        (PolicyFilter::All, 0) => format!("No policy holds in {group} yet"),
        (PolicyFilter::All, 1) => format!("One policy holds in {group}"),
        (PolicyFilter::All, _) => format!("{policies} hold in {group}"),
        (PolicyFilter::Violations, 0) => format!("No policy is violated in {group}"),
        (PolicyFilter::Violations, 1) => format!("One policy is violated in {group}"),
        (PolicyFilter::Violations, _) => format!("{policies} are violated in {group}"),
    }
}

fn nothing(frame: &Frame, filter: PolicyFilter) -> AnyView {
    let all = routes::policies(frame.scope).href();
    let write = routes::new_policy(frame.scope).href();
    match filter {
        PolicyFilter::Violations => view! {
            <Empty title="No policy is violated">
                <p class="text-ink-2">"The filter shows only policies that something running violates."</p>
                <a class="button" href=all>"Show all policies"</a>
            </Empty>
        }
        .into_any(),
        PolicyFilter::All => {
            let group = frame.group.name_path();
            let line = format!("loadline policies apply -f policy.yaml --group '{group}'");
            view! {
                <Empty title="No policies yet">
                    <p class="text-ink-2 max-w-[34rem]">
                        "A policy says which images it covers and who must have signed them. It holds for every cluster of its group and below."
                    </p>
                    <a class="button primary" href=write>"Write a policy"</a>
                    <p class="quiet">"Or publish one that you have:"</p>
                    <Command line=line />
                </Empty>
            }
            .into_any()
        }
    }
}
