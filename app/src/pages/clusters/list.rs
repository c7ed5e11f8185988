//! The list of clusters: how many, which fail, which are silent.

use leptos::prelude::*;
use model::clusters::{ClusterCounts, ClusterFilter};
use model::compliance::Overview;

use crate::api;
use crate::api::clusters::ClusterList;
use crate::components::ClusterTable;
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, Scope};
use crate::ui::{Choice, Empty, Figure, FigureCard, Filters, Glyph, Icon, PageHead, Pager};

#[component]
pub(crate) fn ClustersPage() -> impl IntoView {
    framed(Section::Clusters, |frame: Frame| async move {
        let filter = ClusterFilter::from_name(&frame.address.text("show")).unwrap_or_default();
        let page = frame.address.page();
        let list = api::clusters::clusters(frame.group.id, filter, page).await?;
        Ok(Screen::new("Clusters", body(&frame, filter, list)))
    })
}

fn body(frame: &Frame, filter: ClusterFilter, list: ClusterList) -> AnyView {
    let ClusterList { page, counts, overview } = list;
    let scope = frame.scope;
    let connect = routes::new_cluster(scope).href();
    let rows = if page.rows.is_empty() {
        nothing(frame, counts)
    } else {
        let caption = format!("Clusters in {}", frame.group.name_path());
        let link = routes::clusters_that_are(scope, filter);
        view! {
            <ClusterTable caption=caption rows=page.rows now=frame.now scope=scope />
            <Pager total=page.total noun="cluster" next=page.next list=link address=frame.address.clone() />
        }
        .into_any()
    };
    let cards = (counts.all > 0).then(|| {
        view! {
            <dl class="grid gap-3.5 grid-cols-2 max-w-[40rem]">
                {figures(&overview, scope).map(|figure| view! { <FigureCard figure=figure /> }).collect_view()}
            </dl>
            <Filters label="Which clusters" choices=choices(scope, filter, counts) />
        }
    });
    view! {
        <PageHead title=headline(counts)>
            <a class="button primary" href=connect>
                <Glyph icon=Icon::Plus />
                "Connect a cluster"
            </a>
        </PageHead>
        {cards}
        <section class="card">{rows}</section>
    }
    .into_any()
}

fn headline(counts: ClusterCounts) -> String {
    let ClusterCounts { all, non_compliant, stale, .. } = counts;
    if all == 0 {
        return "No clusters yet".to_owned();
    }
    let mut parts = vec![format::counted(all, "cluster")];
    if non_compliant > 0 {
        parts.push(format!("{} failing", format::count(non_compliant)));
    }
    if stale > 0 {
        parts.push(format!("{} not heard from", format::count(stale)));
    }
    if non_compliant == 0 && stale == 0 {
        parts.push("none failing".to_owned());
    }
    parts.join(", ")
}

fn figures(overview: &Overview, scope: Scope) -> [Figure; 2] {
    let tally = &overview.tally;
    [
        Figure {
            label: "Policy compliance",
            value: tally.permille().map_or_else(|| "–".to_owned(), format::percent),
            note: format!(
                "{} of {} pass",
                format::count(tally.pass),
                format::counted(tally.total(), "check")
            ),
            href: None,
        },
        Figure {
            label: "Failed policies",
            value: format::count(overview.n_failed_policies),
            note: format!("of {}", format::counted(overview.n_policies, "policy")),
            href: Some(routes::policies(scope).with("show", "violations").href()),
        },
    ]
}

fn choices(scope: Scope, current: ClusterFilter, counts: ClusterCounts) -> Vec<Choice> {
    [
        ("All", ClusterFilter::All, counts.all),
        ("Active", ClusterFilter::Active, counts.active),
        ("Non-compliant", ClusterFilter::NonCompliant, counts.non_compliant),
        ("Stale", ClusterFilter::Stale, counts.stale),
    ]
    .into_iter()
    .map(|(label, filter, count)| Choice {
        label,
        count: Some(count),
        href: routes::clusters_that_are(scope, filter).href(),
        is_current: filter == current,
    })
    .collect()
}

fn nothing(frame: &Frame, counts: ClusterCounts) -> AnyView {
    let all = routes::clusters(frame.scope).href();
    let connect = routes::new_cluster(frame.scope).href();
    if counts.all > 0 {
        return view! {
            <Empty title="No cluster is like that">
                <p class="text-ink-2">"The filter hides every cluster of this group."</p>
                <a class="button" href=all>"Show all clusters"</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty title=format!("Nothing reports to {} yet", frame.group.name())>
            <p class="text-ink-2 max-w-[34rem]">
                "Register a cluster, then run one line wherever kubectl reaches it. No agent is needed."
            </p>
            <a class="button primary" href=connect>"Connect a cluster"</a>
        </Empty>
    }
    .into_any()
}
