//! The clusters that a policy holds for.

use leptos::prelude::*;
use model::id::PolicyId;

use crate::api::{self, ApiError};
use crate::components::ClusterTable;
use crate::layouts::Frame;
use crate::routes::{self, PolicyTab};
use crate::ui::{Empty, Pager};

pub(super) async fn show(frame: &Frame, id: PolicyId) -> Result<AnyView, ApiError> {
    let page = api::policies::clusters(id, frame.address.page()).await?;
    if page.rows.is_empty() {
        let connect = routes::new_cluster(frame.scope).href();
        return Ok(view! {
            <Empty title="It holds for no cluster">
                <p class="text-ink-2">"No cluster is registered in the policy's group or below."</p>
                <a class="button" href=connect>"Connect a cluster"</a>
            </Empty>
        }
        .into_any());
    }
    let link = routes::policy_tab(frame.scope, id, PolicyTab::Clusters);
    Ok(view! {
        <ClusterTable
            caption="Clusters that this policy holds for, with the compliance of all their policies"
            rows=page.rows
            now=frame.now
            scope=frame.scope
        />
        <Pager total=page.total noun="cluster" next=page.next list=link address=frame.address.clone() />
    }
    .into_any())
}
