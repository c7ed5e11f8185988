//! The images of a cluster, each with the worst that policy says of it.

use leptos::prelude::*;
use model::clusters::Record;
use model::id::ClusterId;

use crate::api::{self, ApiError};
use crate::components::{ImageName, record_chip};
use crate::format;
use crate::layouts::Frame;
use crate::routes::{self, ClusterTab};
use crate::ui::{Ago, Column, Empty, Pager, Since, Table};

pub(super) async fn show(frame: &Frame, id: ClusterId) -> Result<AnyView, ApiError> {
    let page = api::clusters::records(id, frame.address.page()).await?;
    if page.rows.is_empty() {
        return Ok(view! {
            <Empty title="No images">
                <p class="text-ink-2">"The cluster's last report names no container whose image could be told."</p>
            </Empty>
        }
        .into_any());
    }
    let columns = vec![
        Column::Text("Image"),
        Column::Text("Outcome"),
        Column::Number("Policies"),
        Column::Number("Workloads"),
        Column::Number("Runs"),
        Column::Number("Registry asked"),
    ];
    let now = frame.now;
    let row = |record: Record| {
        let outcome = record_chip(&record);
        let asked = match record.looked_up_at {
            Some(at) => view! { <Ago now=now at=at /> }.into_any(),
            None => view! { <span class="quiet">"not yet"</span> }.into_any(),
        };
        view! {
            <tr>
                <td class="wide">
                    <ImageName image=record.image scope=frame.scope />
                </td>
                <td>{outcome}</td>
                <td class="num">{format::count(record.n_policies)}</td>
                <td class="num">{format::count(record.n_workloads)}</td>
                <td class="num"><Since now=now at=record.since /></td>
                <td class="num">{asked}</td>
            </tr>
        }
    };
    let link = routes::cluster_tab(frame.scope, id, ClusterTab::Images);
    let rows = page.rows.into_iter().map(row).collect_view();
    Ok(view! {
        <Table caption="Images that run in this cluster" columns=columns>
            {rows}
        </Table>
        <Pager total=page.total noun="image" next=page.next list=link address=frame.address.clone() />
    }
    .into_any())
}
