//! What moving or deleting a group changes, line by line, before the button.

use leptos::prelude::*;
use model::groups::{Access, Collection, GroupPreview, PolicyReach};

use crate::format;

/// Names of one line that are shown before the rest is counted.
const MOST: usize = 20;

pub(super) fn told(preview: GroupPreview) -> AnyView {
    let lines = lines(preview);
    if lines.is_empty() {
        return view! { <p class="text-ink-2">"Nothing else changes."</p> }.into_any();
    }
    let line = |(what, names): (String, Vec<String>)| {
        let more = names.len().saturating_sub(MOST);
        let more = (more > 0).then(|| {
            let more = u64::try_from(more).unwrap_or(u64::MAX);
            view! { <li class="quiet">{format!("and {} more", format::count(more))}</li> }
        });
        let names = names
            .into_iter()
            .take(MOST)
            .map(|name| view! { <li class="wrap-anywhere">{name}</li> });
        view! {
            <div>
                <dt class="font-semibold">{what}</dt>
                <dd><ul class="pl-4 list-disc">{names.collect_view()} {more}</ul></dd>
            </div>
        }
    };
    view! { <dl class="grid gap-3">{lines.into_iter().map(line).collect_view()}</dl> }.into_any()
}

/// Each kind of change with what it touches; what touches nothing is left out.
fn lines(preview: GroupPreview) -> Vec<(String, Vec<String>)> {
    let is_move = preview.becomes.is_some();
    let verb = |noun: &str, n: usize| {
        let counted = format::counted(u64::try_from(n).unwrap_or(u64::MAX), noun);
        match is_move {
            true => format!("{counted} {} along", if n == 1 { "moves" } else { "move" }),
            false => format!("{counted} {} for good", if n == 1 { "goes" } else { "go" }),
        }
    };
    let plain = [
        ("group", preview.groups),
        ("cluster", preview.clusters),
        ("policy", preview.policies),
        ("identity", preview.identities),
        ("custom role", preview.roles),
        ("identity provider", preview.identity_providers),
    ];
    let mut lines: Vec<(String, Vec<String>)> =
        plain.into_iter().map(|(noun, names)| (verb(noun, names.len()), names)).collect();
    let who = |it: Access| format!("{} as {} of {}", it.identity, it.role, it.group);
    let access = [
        ("Roles that are lost", preview.bindings_lost),
        ("Who gains access", preview.access_gained),
        ("Who loses access", preview.access_lost),
    ];
    for (what, list) in access {
        lines.push((what.to_owned(), list.into_iter().map(who).collect()));
    }
    let reach =
        |it: PolicyReach| format!("{} of {}, for {}", it.policy, it.group, it.clusters.join(", "));
    let policies = [
        ("Policies that will apply", preview.policies_start),
        ("Policies that will apply no more", preview.policies_stop),
    ];
    for (what, list) in policies {
        lines.push((what.to_owned(), list.into_iter().map(reach).collect()));
    }
    if let Some((before, after)) = preview.collection {
        let name = |collection| match collection {
            Collection::Digests => "keyed digests",
            Collection::Values => "values as they are",
        };
        let change = format!("{} instead of {}", name(after), name(before));
        lines.push(("What clusters may send".to_owned(), vec![change]));
    }
    lines.retain(|(_, names)| !names.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_told_and_nothing_else() {
        let access = Access {
            identity: "ada".to_owned(),
            role: "viewer".to_owned(),
            group: "acme/eu".to_owned(),
        };
        let preview = GroupPreview {
            becomes: Some("acme/eu/shop".to_owned()),
            groups: vec!["acme/shop".to_owned()],
            clusters: vec!["a".to_owned(), "b".to_owned()],
            access_gained: vec![access],
            ..GroupPreview::default()
        };
        let wanted = [
            ("1 group moves along".to_owned(), vec!["acme/shop".to_owned()]),
            ("2 clusters move along".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
            ("Who gains access".to_owned(), vec!["ada as viewer of acme/eu".to_owned()]),
        ];
        assert_eq!(lines(preview), wanted);
        let gone = GroupPreview { groups: vec!["x".to_owned()], ..GroupPreview::default() };
        assert_eq!(lines(gone)[0].0, "1 group goes for good");
    }
}
