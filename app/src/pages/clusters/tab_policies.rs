//! The policies that hold for a cluster, inherited ones marked.

use leptos::prelude::*;
use model::clusters::AppliedPolicy;
use model::id::ClusterId;

use crate::api::{self, ApiError};
use crate::components::{Compliance, ModeChip};
use crate::layouts::Frame;
use crate::routes;
use crate::ui::{Column, Empty, Table};

pub(super) async fn show(frame: &Frame, id: ClusterId) -> Result<AnyView, ApiError> {
    let policies = api::clusters::policies(id).await?;
    if policies.is_empty() {
        let write = routes::new_policy(frame.scope).href();
        return Ok(view! {
            <Empty title="No policy holds for this cluster">
                <p class="text-ink-2">"Publish one to its group, or to any group above."</p>
                <a class="button" href=write>"Write a policy"</a>
            </Empty>
        }
        .into_any());
    }
    let columns = vec![
        Column::Text("Name"),
        Column::Text("Policy compliance"),
        Column::Text("Mode"),
        Column::Text("From"),
    ];
    let row = |policy: AppliedPolicy| {
        let from = if policy.is_inherited { "inherited from " } else { "" };
        view! {
            <tr>
                <td>
                    <a class="name" href=routes::policy(frame.scope, policy.id).href()>{policy.name}</a>
                </td>
                <td><Compliance tally=policy.tally /></td>
                <td><ModeChip mode=policy.mode /></td>
                <td><span class="quiet">{from}</span>{policy.group}</td>
            </tr>
        }
    };
    let rows = policies.into_iter().map(row).collect_view();
    Ok(view! {
        <Table caption="Policies that hold for this cluster" columns=columns>
            {rows}
        </Table>
    }
    .into_any())
}
