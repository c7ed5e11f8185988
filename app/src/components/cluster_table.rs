//! Clusters in a table: the same columns wherever clusters are listed.

use leptos::prelude::*;
use model::clusters::{ClusterStatus, ClusterSummary};
use model::timestamp::Timestamp;

use super::Compliance;
use crate::routes::{self, Scope};
use crate::ui::{Ago, Chip, Column, Icon, Table, Tone};

/// Whether a cluster is heard from and, if so, whether it is well.
pub(crate) fn status_chip(cluster: &ClusterSummary) -> AnyView {
    let (tone, icon, label) = match cluster.status {
        ClusterStatus::NothingYet => (Tone::Unknown, Icon::Clock, "Nothing yet".to_owned()),
        ClusterStatus::Stale => (Tone::Unknown, Icon::Clock, "Stale".to_owned()),
        ClusterStatus::Active if cluster.n_failed_policies > 0 => {
            (Tone::Fail, Icon::Cross, format!("{} failing", cluster.n_failed_policies))
        }
        ClusterStatus::Active if cluster.tally.could_not_check > 0 => {
            (Tone::Unknown, Icon::Clock, "Not all checked".to_owned())
        }
        ClusterStatus::Active if cluster.tally.total() == 0 => {
            (Tone::Unknown, Icon::Dash, "Not covered".to_owned())
        }
        ClusterStatus::Active => (Tone::Pass, Icon::Check, "Active".to_owned()),
    };
    view! { <Chip tone=tone icon=icon label=label /> }.into_any()
}

#[component]
pub(crate) fn ClusterTable(
    #[prop(into)] caption: String,
    rows: Vec<ClusterSummary>,
    now: Timestamp,
    scope: Scope,
) -> impl IntoView {
    let columns = vec![
        Column::Text("Provider"),
        Column::Text("Name"),
        Column::Text("Policy compliance"),
        Column::Number("Seen"),
        Column::Text("Status"),
        Column::Text("Group"),
        Column::Text("Kubernetes"),
    ];
    let row = |cluster: ClusterSummary| {
        let status = status_chip(&cluster);
        let provider = match cluster.provider.as_str() {
            "" => view! { <span class="quiet">"unknown"</span> }.into_any(),
            _ => cluster.provider.into_any(),
        };
        let seen = match cluster.seen_at {
            Some(at) => view! { <Ago now=now at=at /> }.into_any(),
            None => view! { <span class="quiet">"never"</span> }.into_any(),
        };
        view! {
            <tr>
                <td>{provider}</td>
                <td>
                    <a class="name" href=routes::cluster(scope, cluster.id).href()>{cluster.name}</a>
                </td>
                <td><Compliance tally=cluster.tally /></td>
                <td class="num">{seen}</td>
                <td>{status}</td>
                <td>{cluster.group}</td>
                <td><code class="text-ink-3">{cluster.kubernetes_version}</code></td>
            </tr>
        }
    };
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <Table caption=caption columns=columns>
            {rows}
        </Table>
    }
}
