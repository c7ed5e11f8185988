//! Policies in a table.

use leptos::prelude::*;
use model::policies::PolicySummary;
use model::timestamp::Timestamp;

use super::{Compliance, ModeChip};
use crate::format;
use crate::routes::{self, Scope};
use crate::ui::{Ago, Chip, Column, Icon, Table, Tone};

/// How many of a policy's checks fail, by its mode.
fn violations(policy: &PolicySummary) -> AnyView {
    let number = policy.tally.violations();
    let (tone, icon, label) = if number == 0 && policy.tally.could_not_check > 0 {
        let label = format!("{} not checked", format::count(policy.tally.could_not_check));
        (Tone::Unknown, Icon::Clock, label)
    } else if policy.tally.total() == 0 {
        (Tone::Unknown, Icon::Dash, "Nothing matches".to_owned())
    } else if number == 0 {
        (Tone::Pass, Icon::Check, "None".to_owned())
    } else if policy.tally.fail > 0 {
        (Tone::Fail, Icon::Cross, format::count(number))
    } else {
        (Tone::Warn, Icon::Alert, format::count(number))
    };
    view! { <Chip tone=tone icon=icon label=label /> }.into_any()
}

#[component]
pub(crate) fn PolicyTable(
    #[prop(into)] caption: String,
    rows: Vec<PolicySummary>,
    now: Timestamp,
    scope: Scope,
) -> impl IntoView {
    let columns = vec![
        Column::Text("Name"),
        Column::Text("In violation"),
        Column::Text("Policy compliance"),
        Column::Text("Mode"),
        Column::Text("Group"),
        Column::Number("Clusters"),
        Column::Number("Changed"),
    ];
    let row = |policy: PolicySummary| {
        let violations = violations(&policy);
        view! {
            <tr>
                <td>
                    <a class="name" href=routes::policy(scope, policy.id).href()>{policy.name}</a>
                </td>
                <td>{violations}</td>
                <td><Compliance tally=policy.tally /></td>
                <td><ModeChip mode=policy.mode /></td>
                <td>{policy.group}</td>
                <td class="num">{format::count(policy.n_clusters)}</td>
                <td class="num"><Ago now=now at=policy.changed_at /></td>
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
