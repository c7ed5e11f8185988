//! The workloads of a cluster: top owners, with the worst that policy says of their images.

use leptos::prelude::*;
use model::clusters::RunningWorkload;
use model::id::ClusterId;

use crate::api::{self, ApiError};
use crate::components::OutcomeChip;
use crate::format;
use crate::layouts::Frame;
use crate::routes::{self, ClusterTab};
use crate::ui::{Column, Empty, Pager, Since, Table};

pub(super) async fn show(frame: &Frame, id: ClusterId) -> Result<AnyView, ApiError> {
    let page = api::clusters::workloads(id, frame.address.page()).await?;
    if page.rows.is_empty() {
        return Ok(view! {
            <Empty title="Nothing runs here">
                <p class="text-ink-2">"The cluster's last report names no running pod."</p>
            </Empty>
        }
        .into_any());
    }
    let columns = vec![
        Column::Text("Namespace"),
        Column::Text("Name"),
        Column::Text("Kind"),
        Column::Text("Outcome"),
        Column::Number("Pods"),
        Column::Number("Images"),
        Column::Number("Runs"),
    ];
    let row = |workload: RunningWorkload| {
        view! {
            <tr>
                <td class="text-ink-2">{workload.namespace}</td>
                <td><b>{workload.name}</b></td>
                <td class="text-ink-2">{workload.kind.as_str()}</td>
                <td><OutcomeChip outcome=workload.worst /></td>
                <td class="num">{format::count(workload.n_pods)}</td>
                <td class="num">{format::count(workload.n_images)}</td>
                <td class="num"><Since now=frame.now at=workload.since /></td>
            </tr>
        }
    };
    let link = routes::cluster_tab(frame.scope, id, ClusterTab::Workloads);
    let rows = page.rows.into_iter().map(row).collect_view();
    Ok(view! {
        <Table caption="Workloads that run in this cluster" columns=columns>
            {rows}
        </Table>
        <Pager total=page.total noun="workload" next=page.next list=link address=frame.address.clone() />
    }
    .into_any())
}
