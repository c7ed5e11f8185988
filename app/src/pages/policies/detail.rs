//! One policy: what it says of what runs, and four views of it.

use leptos::prelude::*;
use model::id::PolicyId;
use model::policies::{Mode, PolicySummary};

use super::{tab_change, tab_clusters, tab_document, tab_versions, tab_violations};
use crate::api::{self, ApiError};
use crate::components::{Compliance, ModeChip};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, PolicyTab};
use crate::ui::{Ago, Choice, PageHead, Tabs};

#[component]
pub(crate) fn PolicyPage() -> impl IntoView {
    framed(Section::Policies, |frame: Frame| async move {
        let id: PolicyId = frame.address.id().ok_or(ApiError::NotFound)?;
        let policy = api::policies::policy(id).await?;
        let tab = PolicyTab::named(&frame.address.text("tab"));
        let content = match tab {
            PolicyTab::Violations => tab_violations::show(&frame, &policy).await?,
            PolicyTab::Clusters => tab_clusters::show(&frame, id).await?,
            PolicyTab::Versions => tab_versions::show(&frame, &policy).await?,
            PolicyTab::Document => tab_document::show(&frame, id).await?,
            PolicyTab::Change => tab_change::show(&frame, &policy).await?,
        };
        let name = policy.name.clone();
        let link = routes::policies(frame.scope);
        Ok(Screen::new(name, body(&frame, policy, tab, content)).below("Policies", link))
    })
}

fn body(frame: &Frame, policy: PolicySummary, tab: PolicyTab, content: AnyView) -> AnyView {
    let choice = |shown: PolicyTab| Choice {
        label: shown.label(),
        count: None,
        href: routes::policy_tab(frame.scope, policy.id, shown).href(),
        is_current: shown == tab,
    };
    let choices = PolicyTab::ALL.into_iter().map(choice).collect();
    let edit = routes::edit_policy(frame.scope, policy.id).href();
    view! {
        <PageHead title=headline(&policy)>
            <a class="button" href=edit>"Edit"</a>
        </PageHead>
        {facts(frame, policy)}
        <Tabs label="Views of this policy" choices=choices />
        <section class="card">{content}</section>
    }
    .into_any()
}

fn headline(policy: &PolicySummary) -> String {
    let name = &policy.name;
    let tally = &policy.tally;
    let violations = format!("{} in violation", format::counted(tally.violations(), "workload"));
    if tally.violations() > 0 {
        return match policy.mode {
            Mode::Enforce => format!("{name}: {violations}"),
            Mode::Warn => format!("{name}: {violations}, warned about only"),
        };
    }
    if tally.total() == 0 {
        return format!("{name} covers nothing that runs");
    }
    if tally.could_not_check > 0 {
        return format!("{name}: not everything could be checked");
    }
    format!("{name}: everything that it covers passes")
}

fn facts(frame: &Frame, policy: PolicySummary) -> AnyView {
    let fact = |label: &'static str, value: AnyView| {
        view! {
            <div>
                <dt class="quiet">{label}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let description = (!policy.description.is_empty())
        .then(|| view! { <p class="text-ink-2 whitespace-pre-line wrap-anywhere">{policy.description}</p> });
    let changed = view! { <Ago now=frame.now at=policy.changed_at /> }.into_any();
    view! {
        {description}
        <dl class="flex flex-wrap gap-x-9 gap-y-3">
            {fact("Policy compliance", view! { <Compliance tally=policy.tally /> }.into_any())}
            {fact("Mode", view! { <ModeChip mode=policy.mode /> }.into_any())}
            {fact("Group", policy.group.into_any())}
            {fact("Clusters", format::count(policy.n_clusters).into_any())}
            {fact("Version", policy.version.to_string().into_any())}
            {fact("Changed", changed)}
        </dl>
    }
    .into_any()
}
