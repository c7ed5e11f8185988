//! One's own tokens for programs: what each may do, until when, and whether it is used.

use leptos::prelude::*;
use model::iam::{ApiToken, Capability};

use crate::api::{self, ApiError};
use crate::components::group_name;
use crate::format;
use crate::layouts::Frame;
use crate::ui::{Ago, Column, Confirm, Empty, Table};

pub(super) async fn show(frame: &Frame) -> Result<(String, AnyView), ApiError> {
    let tokens = api::account::tokens::list().await?;
    let n = u64::try_from(tokens.len()).unwrap_or(u64::MAX);
    let verb = if n == 1 { "acts" } else { "act" };
    let title = format!("{} {verb} as you", format::opening(n, "token"));
    let rows = if tokens.is_empty() {
        view! {
            <Empty title="No program acts as you by a token">
                <p class="text-ink-2">
                    "A token lets a script or a CI job use the API as you, with as much of your rights as you leave it. People sign in on the command line by "
                    <code>"loadline auth login"</code> " instead."
                </p>
            </Empty>
        }
        .into_any()
    } else {
        let rows = tokens.into_iter().map(|token| row(frame, token)).collect_view();
        let columns = vec![
            Column::Text("Name"),
            Column::Text("Where"),
            Column::Text("What it may do"),
            Column::Text("Ends"),
            Column::Number("Last used"),
            Column::Number("Made"),
            Column::Text("Action"),
        ];
        view! { <Table caption="Your tokens" columns=columns>{rows}</Table> }.into_any()
    };
    Ok((title, view! { <section class="card">{rows}</section> }.into_any()))
}

fn row(frame: &Frame, token: ApiToken) -> AnyView {
    let ApiToken { id, name, scope, created_at, expires_at, used_at } = token;
    let place = match scope.group {
        Some(group) => format!("{} and below", group_name(&frame.groups, group)),
        None => "Wherever you hold something".to_owned(),
    };
    let may = match scope.capabilities {
        None => "All that you may".into_any(),
        Some(only) => {
            let names: Vec<&str> = only.iter().map(Capability::as_str).collect();
            let n = u64::try_from(names.len()).unwrap_or(u64::MAX);
            let summary = format::counted(n, "capability");
            let label = format!("{summary} of {name}");
            view! {
                <details class="show">
                    <summary aria-label=label>{summary}</summary>
                    <p class="quiet wrap-anywhere">{names.join(", ")}</p>
                </details>
            }
            .into_any()
        }
    };
    let used = match used_at {
        Some(at) => view! { <Ago now=frame.now at=at /> }.into_any(),
        None => "never".into_any(),
    };
    let left = format!("in {}", format::span(expires_at, frame.now));
    view! {
        <tr>
            <td><b class="wrap-anywhere">{name.clone()}</b></td>
            <td>{place}</td>
            <td>{may}</td>
            <td>
                <time datetime=expires_at.to_string() title=format::moment(expires_at)>{left}</time>
            </td>
            <td class="num">{used}</td>
            <td class="num"><Ago now=frame.now at=created_at /></td>
            <td>
                <Confirm
                    open="Revoke…"
                    label=format!("Revoke the token {name}")
                    consequence="Whatever uses it is refused from now on."
                    action="/api/console/revoke_own_token"
                    fields=vec![("id", id.to_string())]
                    button=format!("Revoke {name}")
                />
            </td>
        </tr>
    }
    .into_any()
}
