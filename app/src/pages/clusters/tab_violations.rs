//! What policy finds wanting in a cluster.

use leptos::prelude::*;
use model::clusters::ClusterSummary;

use crate::api::{self, ApiError};
use crate::components::{Beside, ViolationList};
use crate::format;
use crate::layouts::Frame;
use crate::routes::{self, ClusterTab};
use crate::ui::{Empty, Pager};

pub(super) async fn show(frame: &Frame, cluster: &ClusterSummary) -> Result<AnyView, ApiError> {
    let page = api::clusters::violations(cluster.id, frame.address.page()).await?;
    if page.rows.is_empty() {
        return Ok(nothing(cluster));
    }
    let link = routes::cluster_tab(frame.scope, cluster.id, ClusterTab::Violations);
    Ok(view! {
        <h2 class="sr-only">"Violations"</h2>
        <ViolationList rows=page.rows beside=Beside::Policy now=frame.now scope=frame.scope />
        <Pager total=page.total noun="violation" next=page.next list=link address=frame.address.clone() />
    }
    .into_any())
}

fn nothing(cluster: &ClusterSummary) -> AnyView {
    let unchecked = cluster.tally.could_not_check;
    let sentence = if cluster.tally.total() == 0 {
        "No policy covers anything that runs here, so nothing can be in violation.".to_owned()
    } else if unchecked > 0 {
        let checks = format::counted(unchecked, "check");
        format!("Nothing is known to be in violation, but {checks} could not be made.")
    } else {
        format!("All {} pass.", format::counted(cluster.tally.total(), "check"))
    };
    view! {
        <Empty title="No violations">
            <p class="text-ink-2">{sentence}</p>
        </Empty>
    }
    .into_any()
}
