//! What applies in a group, and where it comes from.

use leptos::prelude::*;
use model::groups::{Collection, GroupNode, NodePolicy};
use model::iam::OrganizationLimits;
use model::policies::Mode;

use crate::api::groups::GroupView;
use crate::format;
use crate::layouts::Frame;
use crate::routes;
use crate::ui::{Chip, Column, Empty, Icon, Table, Tone, card_head};

pub(super) fn show(frame: &Frame, view: GroupView) -> (String, AnyView) {
    let GroupView { node, children, limits, .. } = view;
    let group = &node.group;
    let n_policies = u64::try_from(node.policies.len()).unwrap_or(u64::MAX);
    let verb = if n_policies == 1 { "applies" } else { "apply" };
    let title = format!("{} {verb} in {}", format::opening(n_policies, "policy"), group.name());
    let collection = collection(&node);
    let below = below(frame, &node, children);
    let limits = told_limits(group.names.first().map_or("", String::as_str), limits);
    let policies = policies(frame, node.policies);
    let content = view! {
        {policies}
        {below}
        <section class="card">
            {card_head("Settings", ().into_any())}
            <dl class="facts px-4.5 pb-4.5">
                <dt class="quiet">"What clusters may send"</dt>
                <dd>{collection}</dd>
                <dt class="quiet">"Limits"</dt>
                <dd>{limits}</dd>
                <dt class="quiet">"Id"</dt>
                <dd><code class="wrap-anywhere">{node.group.path.to_string()}</code></dd>
            </dl>
        </section>
    };
    (title, content.into_any())
}

fn policies(frame: &Frame, policies: Vec<NodePolicy>) -> AnyView {
    if policies.is_empty() {
        let new = routes::new_policy(frame.scope).href();
        return view! {
            <section class="card">
                <Empty title="No policy applies here">
                    <p class="text-ink-2">"Neither this group nor one above it has a policy: whatever runs here is not covered."</p>
                    <a class="button" href=new>"Write a policy"</a>
                </Empty>
            </section>
        }
        .into_any();
    }
    let row = |policy: NodePolicy| {
        let (tone, icon, mode) = match policy.mode {
            Mode::Enforce => (Tone::Plain, Icon::Policies, "Enforced"),
            Mode::Warn => (Tone::Warn, Icon::Alert, "Warns"),
        };
        let from = policy
            .inherited_from
            .map_or_else(|| "This group".to_owned(), |from| format!("Inherited from {from}"));
        view! {
            <tr>
                <td><a class="name" href=routes::policy(frame.scope, policy.id).href()>{policy.name}</a></td>
                <td><Chip tone=tone icon=icon label=mode /></td>
                <td>{from}</td>
            </tr>
        }
    };
    let rows = policies.into_iter().map(row).collect_view();
    let columns = vec![Column::Text("Policy"), Column::Text("Mode"), Column::Text("From")];
    view! {
        <section class="card">
            {card_head("Policies", ().into_any())}
            <Table caption="Policies that apply here" columns=columns>
                {rows}
            </Table>
        </section>
    }
    .into_any()
}

/// What clusters may send, and which group says so.
fn collection(node: &GroupNode) -> String {
    let what = match node.group.collection {
        Collection::Digests => "Env values, args and commands as keyed digests",
        Collection::Values => "Env values, args and commands as they are",
    };
    let is_organization = node.group.names.len() == 1;
    let from = match node.own_collection {
        Some(_) => "set on this group",
        None if is_organization => "the default",
        None => "from a group above",
    };
    format!("{what} ({from})")
}

fn below(frame: &Frame, node: &GroupNode, children: Vec<GroupNode>) -> AnyView {
    let new = routes::new_group(routes::Scope(Some(node.group.id))).href();
    let clusters = node.clusters.iter().map(|(id, name)| {
        view! {
            <li>
                <a class="name" href=routes::cluster(frame.scope, *id).href()>{name.clone()}</a>
                <span class="quiet">"Cluster"</span>
            </li>
        }
    });
    let clusters = clusters.collect_view();
    let is_empty = children.is_empty() && node.clusters.is_empty();
    let groups = children.into_iter().map(|child| {
        let n_clusters = u64::try_from(child.clusters.len()).unwrap_or(u64::MAX);
        view! {
            <li>
                <a class="name" href=routes::group(frame.scope, child.group.id).href()>
                    {child.group.name().to_owned()}
                </a>
                <span class="quiet">{format!("Group with {}", format::counted(n_clusters, "cluster"))}</span>
            </li>
        }
    });
    let groups = groups.collect_view();
    let add = view! { <a class="link quiet" href=new>"Add a group below"</a> }.into_any();
    let list = match is_empty {
        false => view! { <ul class="list">{groups} {clusters}</ul> }.into_any(),
        true => {
            let connect = routes::new_cluster(routes::Scope(Some(node.group.id))).href();
            view! {
                <p class="px-4.5 pb-4.5 text-ink-2">
                    "No groups and no clusters. " <a class="link" href=connect>"Connect a cluster"</a>
                </p>
            }
            .into_any()
        }
    };
    view! { <section class="card">{card_head("Right below", add)} {list}</section> }.into_any()
}

/// How much the organization may hold, in words.
fn told_limits(organization: &str, limits: OrganizationLimits) -> String {
    let pairs = [
        (limits.groups, "group"),
        (limits.depth, "level"),
        (limits.clusters, "cluster"),
        (limits.policies, "policy"),
        (limits.identities, "identity"),
        (limits.invites, "open invite"),
        (limits.identity_providers, "identity provider"),
    ];
    let told: Vec<String> = pairs
        .into_iter()
        .filter_map(|(limit, noun)| limit.map(|limit| format::counted(u64::from(limit), noun)))
        .collect();
    match told.is_empty() {
        true => format!("{organization} has no limits of its own"),
        false => format!("{organization} may have {} at most", told.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_told_in_words() {
        let none = OrganizationLimits::default();
        assert_eq!(told_limits("acme", none), "acme has no limits of its own");
        let some = OrganizationLimits { groups: Some(1), policies: Some(20), ..none };
        assert_eq!(told_limits("acme", some), "acme may have 1 group, 20 policies at most");
    }
}
