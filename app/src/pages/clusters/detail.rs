//! One cluster: what it is, and five views of it.

use leptos::prelude::*;
use model::clusters::{ClusterStatus, ClusterSummary};
use model::id::ClusterId;

use super::{tab_change, tab_images, tab_policies, tab_tokens, tab_violations, tab_workloads};
use crate::api::{self, ApiError};
use crate::components::{Compliance, status_chip};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, ClusterTab};
use crate::ui::{Ago, Choice, Command, Empty, PageHead, Tabs};

#[component]
pub(crate) fn ClusterPage() -> impl IntoView {
    framed(Section::Clusters, |frame: Frame| async move {
        let id: ClusterId = frame.address.id().ok_or(ApiError::NotFound)?;
        let cluster = api::clusters::cluster(id).await?;
        let tab = ClusterTab::named(&frame.address.text("tab"));
        let is_silent = cluster.status == ClusterStatus::NothingYet;
        let content = match tab {
            ClusterTab::Tokens => tab_tokens::show(&frame, id).await?,
            ClusterTab::Change => tab_change::show(&frame, &cluster).await?,
            _ if is_silent => nothing_yet(&frame, &cluster),
            ClusterTab::Violations => tab_violations::show(&frame, &cluster).await?,
            ClusterTab::Images => tab_images::show(&frame, id).await?,
            ClusterTab::Workloads => tab_workloads::show(&frame, id).await?,
            ClusterTab::Policies => tab_policies::show(&frame, id).await?,
        };
        let name = cluster.name.clone();
        let link = routes::clusters(frame.scope);
        Ok(Screen::new(name, body(&frame, cluster, tab, content)).below("Clusters", link))
    })
}

fn body(frame: &Frame, cluster: ClusterSummary, tab: ClusterTab, content: AnyView) -> AnyView {
    let choice = |shown: ClusterTab| Choice {
        label: shown.label(),
        count: None,
        href: routes::cluster_tab(frame.scope, cluster.id, shown).href(),
        is_current: shown == tab,
    };
    let choices = ClusterTab::ALL.into_iter().map(choice).collect();
    let status = status_chip(&cluster);
    view! {
        <PageHead title=headline(&cluster)>
            {status}
        </PageHead>
        {facts(frame, cluster)}
        <Tabs label="Views of this cluster" choices=choices />
        <section class="card">{content}</section>
    }
    .into_any()
}

fn headline(cluster: &ClusterSummary) -> String {
    let name = &cluster.name;
    match cluster.status {
        ClusterStatus::NothingYet => format!("{name} has not reported yet"),
        ClusterStatus::Stale => format!("{name} is not heard from"),
        ClusterStatus::Active if cluster.n_failed_policies > 0 => {
            let policies = format::counted(cluster.n_failed_policies, "policy");
            let verb = if cluster.n_failed_policies == 1 { "is" } else { "are" };
            format!("{name}: {policies} {verb} failing")
        }
        ClusterStatus::Active if cluster.tally.total() == 0 => {
            format!("{name}: no policy covers what runs")
        }
        ClusterStatus::Active if cluster.tally.could_not_check > 0 => {
            format!("{name}: not everything could be checked")
        }
        ClusterStatus::Active => format!("{name}: everything that policy covers passes"),
    }
}

fn facts(frame: &Frame, cluster: ClusterSummary) -> AnyView {
    let or_unknown = |text: String| if text.is_empty() { "unknown".to_owned() } else { text };
    let seen = match cluster.seen_at {
        Some(at) => view! { <Ago now=frame.now at=at /> }.into_any(),
        None => "never".into_any(),
    };
    let description = (!cluster.description.is_empty())
        .then(|| view! { <p class="text-ink-2 whitespace-pre-line wrap-anywhere">{cluster.description}</p> });
    let fact = |label: &'static str, value: AnyView| {
        view! {
            <div>
                <dt class="quiet">{label}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    view! {
        {description}
        <dl class="flex flex-wrap gap-x-9 gap-y-3">
            {fact("Policy compliance", view! { <Compliance tally=cluster.tally /> }.into_any())}
            {fact("Policies", format::count(cluster.n_policies).into_any())}
            {fact("Seen", seen)}
            {fact("Provider", or_unknown(cluster.provider).into_any())}
            {fact("Kubernetes", or_unknown(cluster.kubernetes_version).into_any())}
            {fact("Group", cluster.group.into_any())}
        </dl>
    }
    .into_any()
}

fn nothing_yet(frame: &Frame, cluster: &ClusterSummary) -> AnyView {
    let connect = routes::connect_cluster(frame.scope, cluster.id).href();
    let line = format!(
        "kubectl get pods,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,namespaces,nodes -A -o json | loadline clusters ingest {} --file -",
        cluster.name
    );
    view! {
        <Empty title="Nothing yet">
            <p class="text-ink-2">"One line reports what runs in it:"</p>
            <Command line=line />
            <a class="link" href=connect>"How to connect it"</a>
        </Empty>
    }
    .into_any()
}
