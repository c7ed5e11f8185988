//! What a policy finds wanting.

use leptos::prelude::*;
use model::policies::PolicySummary;

use crate::api::{self, ApiError};
use crate::components::{Beside, ViolationList};
use crate::format;
use crate::layouts::Frame;
use crate::routes::{self, PolicyTab};
use crate::ui::{Empty, Pager};

pub(super) async fn show(frame: &Frame, policy: &PolicySummary) -> Result<AnyView, ApiError> {
    let page = api::policies::violations(policy.id, frame.address.page()).await?;
    if page.rows.is_empty() {
        return Ok(nothing(policy));
    }
    let link = routes::policy_tab(frame.scope, policy.id, PolicyTab::Violations);
    Ok(view! {
        <h2 class="sr-only">"Violations"</h2>
        <ViolationList rows=page.rows beside=Beside::Cluster now=frame.now scope=frame.scope />
        <Pager total=page.total noun="violation" next=page.next list=link address=frame.address.clone() />
    }
    .into_any())
}

fn nothing(policy: &PolicySummary) -> AnyView {
    let unchecked = policy.tally.could_not_check;
    let sentence = if policy.tally.total() == 0 {
        "None of its globs matches an image that runs.".to_owned()
    } else if unchecked > 0 {
        let checks = format::counted(unchecked, "check");
        format!("Nothing is known to be in violation, but {checks} could not be made.")
    } else {
        format!("All {} pass.", format::counted(policy.tally.total(), "check"))
    };
    view! {
        <Empty title="No violations">
            <p class="text-ink-2">{sentence}</p>
        </Empty>
    }
    .into_any()
}
