//! The tree of groups, with the clusters and policies of each; also what the search finds.

use leptos::prelude::*;
use model::groups::{Collection, Group, GroupNode, NodePolicy};
use model::id::ClusterId;

use crate::api;
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, Scope};
use crate::ui::{Empty, Glyph, Icon, PageHead};

#[component]
pub(crate) fn GroupsPage() -> impl IntoView {
    framed(Section::Groups, |frame: Frame| async move {
        let nodes = api::groups::tree().await?;
        let find = frame.address.text("find").trim().to_lowercase();
        let title = if find.is_empty() { "Groups" } else { "Search" };
        Ok(Screen::new(title, body(&frame, nodes, &find)))
    })
}

fn body(frame: &Frame, nodes: Vec<GroupNode>, find: &str) -> AnyView {
    let below = nodes.into_iter().filter(|node| frame.group.path.contains(&node.group.path));
    let shown: Vec<GroupNode> = below.filter_map(|node| found(node, find)).collect();
    let title = headline(frame, &shown, find);
    let rows = if shown.is_empty() {
        nothing(frame, find)
    } else {
        let top = frame.group.names.len();
        let row = |node| item(frame.scope, top, node);
        view! { <ul class="list">{shown.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    let new = routes::new_group(Scope(Some(frame.group.id))).href();
    view! {
        <PageHead title=title>
            <a class="button primary" href=new>
                <Glyph icon=Icon::Plus />
                "New group"
            </a>
        </PageHead>
        <section class="card">{rows}</section>
    }
    .into_any()
}

/// The node as far as the search finds something in it.
fn found(mut node: GroupNode, find: &str) -> Option<GroupNode> {
    let matches = |name: &str| name.to_lowercase().contains(find);
    if find.is_empty() || matches(node.group.name()) {
        return Some(node);
    }
    node.clusters.retain(|(_, name)| matches(name));
    node.policies.retain(|policy| policy.inherited_from.is_none() && matches(&policy.name));
    (!node.clusters.is_empty() || !node.policies.is_empty()).then_some(node)
}

fn headline(frame: &Frame, shown: &[GroupNode], find: &str) -> String {
    if !find.is_empty() {
        return format!("What is called “{find}” in {}", frame.group.name());
    }
    let groups = u64::try_from(shown.len()).unwrap_or(u64::MAX);
    let clusters = shown.iter().map(|node| node.clusters.len()).sum::<usize>();
    format!(
        "{} in {}, with {}",
        format::counted(groups, "group"),
        frame.group.name(),
        format::counted(u64::try_from(clusters).unwrap_or(u64::MAX), "cluster")
    )
}

fn item(scope: Scope, top: usize, node: GroupNode) -> AnyView {
    let depth = node.group.names.len().saturating_sub(top);
    let indent = (0..depth).map(|_| view! { <span class="w-5 flex-none border-l border-line-strong ml-2 self-stretch"></span> });
    let own = Scope(Some(node.group.id));
    let clusters = node.clusters.into_iter().map(|one| cluster(scope, one)).collect_view();
    let policies = node.policies.into_iter().map(|one| policy(scope, one)).collect_view();
    let sent = sent(&node.group, node.own_collection);
    view! {
        <li class="py-0! flex-nowrap! gap-0!">
            <span class="flex flex-none self-stretch" aria-hidden="true">{indent.collect_view()}</span>
            <div class="grid gap-1.5 py-2.75 min-w-0 flex-1">
                <div class="flex flex-wrap items-baseline gap-x-3">
                    <h2 class="text-body!">
                        <a class="name" href=routes::group(scope, node.group.id).href()>{node.group.name().to_owned()}</a>
                    </h2>
                    <span class="quiet">{node.group.description}</span>
                </div>
                <ul class="flex flex-wrap gap-1.5">{clusters} {policies}</ul>
                {sent}
            </div>
            <a
                class="link quiet py-3 whitespace-nowrap"
                href=routes::new_group(own).href()
                aria-label=format!("Add below {}", node.group.names.join("/"))
            >
                "Add below"
            </a>
        </li>
    }
    .into_any()
}

/// What clusters of the group may send, and the form that changes it.
fn sent(group: &Group, own: Option<Collection>) -> AnyView {
    let summary = match group.collection {
        Collection::Digests => "Env values, args and commands arrive as keyed digests",
        Collection::Values => "Env values, args and commands arrive as they are",
    };
    // Above an organization there is no group to take the setting from.
    let is_organization = group.names.len() == 1;
    let chosen = match own {
        None if !is_organization => "inherit",
        Some(_) | None => group.collection.as_str(),
    };
    let choices = [
        ("inherit", "As the group above says"),
        ("digests", "Keyed digests"),
        ("values", "Values as they are"),
    ];
    let offered = choices.into_iter().filter(|(value, _)| !is_organization || *value != "inherit");
    let option = |(value, label): (&'static str, &'static str)| {
        view! { <option value=value selected=value == chosen>{label}</option> }
    };
    let options = offered.map(option).collect_view();
    let field = format!("collection-{}", group.id);
    view! {
        <details class="show is-aside">
            <summary>
                <Glyph icon=Icon::ChevronRight />
                {summary}
            </summary>
            <form method="post" action="/api/console/set_collection" class="grid gap-2 pt-2 max-w-[34rem]">
                <p class="quiet">
                    "Secrets stand in env values, args and commands. Digests tell whether two are equal and nothing else; a policy that reads them needs the values."
                </p>
                <input type="hidden" name="group" value=group.id.to_string() />
                <label for=field.clone()>{format!("What clusters of {} may send", group.name())}</label>
                <div class="flex flex-wrap gap-2">
                    <select class="input w-auto!" id=field name="collection">
                        {options}
                    </select>
                    <button class="button" type="submit">"Save"</button>
                </div>
            </form>
        </details>
    }
    .into_any()
}

fn cluster(scope: Scope, (id, name): (ClusterId, String)) -> AnyView {
    view! {
        <li>
            <a class="chip may-wrap tone-plain hover:underline" href=routes::cluster(scope, id).href()>
                <Glyph icon=Icon::Clusters />
                <span class="sr-only">"Cluster "</span>
                {name}
            </a>
        </li>
    }
    .into_any()
}

fn policy(scope: Scope, policy: NodePolicy) -> AnyView {
    let from = policy
        .inherited_from
        .map(|from| view! { <span class="font-normal">{format!("inherited from {from}")}</span> });
    view! {
        <li>
            <a class="chip may-wrap tone-plain hover:underline" href=routes::policy(scope, policy.id).href()>
                <Glyph icon=Icon::Policies />
                <span class="sr-only">"Policy "</span>
                {policy.name}
                {from}
            </a>
        </li>
    }
    .into_any()
}

fn nothing(frame: &Frame, find: &str) -> AnyView {
    let group = frame.group.name_path();
    let all = routes::groups(frame.scope).href();
    view! {
        <Empty title=format!("Nothing is called “{find}”")>
            <p class="text-ink-2">
                "The search looks at the names of groups, clusters and policies in " {group} "."
            </p>
            <a class="button" href=all>"Show all groups"</a>
        </Empty>
    }
    .into_any()
}
