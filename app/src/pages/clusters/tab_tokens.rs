//! The credentials of a cluster: make another, revoke one.

use leptos::prelude::*;
use model::clusters::ClusterToken;
use model::id::ClusterId;

use crate::api::{self, ApiError};
use crate::layouts::Frame;
use crate::ui::{Ago, Chip, Column, Icon, Table, Tone};

pub(super) async fn show(frame: &Frame, id: ClusterId) -> Result<AnyView, ApiError> {
    let tokens = api::clusters::tokens(id).await?;
    let columns = vec![
        Column::Text("Token"),
        Column::Text("State"),
        Column::Number("Made"),
        Column::Text("Action"),
    ];
    let row = |token: ClusterToken| row(frame, id, token);
    let rows = tokens.into_iter().map(row).collect_view();
    Ok(view! {
        <div class="card-head pb-3! border-b border-line">
            <div>
                <h2>"Tokens"</h2>
                <p class="quiet">"A cluster reports with a token. Each is shown once, when it is made."</p>
            </div>
            <form method="post" action="/api/console/issue_token">
                <input type="hidden" name="cluster" value=id.to_string() />
                <button type="submit" class="button">
                    "Make another token"
                </button>
            </form>
        </div>
        <Table caption="Tokens of this cluster" columns=columns>
            {rows}
        </Table>
    }
    .into_any())
}

fn row(frame: &Frame, cluster: ClusterId, token: ClusterToken) -> AnyView {
    let now = frame.now;
    let (state, action) = match token.revoked_at {
        Some(at) => (
            view! {
                <Chip tone=Tone::Unknown icon=Icon::Dash label="Revoked" />
                " "
                <span class="quiet"><Ago now=now at=at /></span>
            }
            .into_any(),
            ().into_any(),
        ),
        None => (
            view! { <Chip tone=Tone::Pass icon=Icon::Check label="In force" /> }.into_any(),
            revoke(cluster, &token),
        ),
    };
    view! {
        <tr>
            <td><code>{token.id.to_string()}</code></td>
            <td>{state}</td>
            <td class="num"><Ago now=now at=token.created_at /></td>
            <td>{action}</td>
        </tr>
    }
    .into_any()
}

/// Asks first, and names what will happen.
fn revoke(cluster: ClusterId, token: &ClusterToken) -> AnyView {
    let id = token.id.to_string();
    view! {
        <details class="show">
            <summary aria-label=format!("Revoke token {id}")>"Revoke…"</summary>
            <form method="post" action="/api/console/revoke_token" class="grid gap-2 justify-items-start py-1">
                <input type="hidden" name="cluster" value=cluster.to_string() />
                <input type="hidden" name="token" value=id.clone() />
                <p class="quiet">"Whatever reports with it is refused at once. This cannot be undone."</p>
                <button type="submit" class="button small danger">
                    "Revoke token " <code>{id}</code>
                </button>
            </form>
        </details>
    }
    .into_any()
}
