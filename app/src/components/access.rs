//! What the pages of identity and access share: their tabs, roles in choices and in words.

use leptos::prelude::*;
use model::groups::Group;
use model::iam::{ProofKind, Role, RoleRef};
use model::id::GroupId;

use crate::routes::{self, Link, Scope};
use crate::ui::{Choice, SelectOption, Tabs};

/// The parts of Access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessPart {
    People,
    Roles,
    Invites,
    Providers,
}

#[component]
pub(crate) fn AccessTabs(current: AccessPart, scope: Scope) -> impl IntoView {
    let choice = |part: AccessPart, label: &'static str, link: Link| Choice {
        label,
        count: None,
        href: link.href(),
        is_current: part == current,
    };
    let choices = vec![
        choice(AccessPart::People, "People and identities", routes::people(scope)),
        choice(AccessPart::Roles, "Roles", routes::roles(scope)),
        choice(AccessPart::Invites, "Invites", routes::invites(scope)),
        choice(AccessPart::Providers, "Identity providers", routes::providers(scope)),
    ];
    view! { <Tabs label="Parts of access" choices=choices /> }
}

/// Roles as a choice, each with what it is for.
pub(crate) fn role_options(roles: &[Role], groups: &[Group], chosen: &str) -> Vec<SelectOption> {
    let option = |role: &Role| {
        let value = role.id.to_string();
        // Two groups may have a role of one name: the option says whose it is.
        let name = match role.group {
            Some(home) => format!("{} (of {})", role.name, group_name(groups, home)),
            None => role.name.clone(),
        };
        let label = match role.description.as_str() {
            "" => name,
            description => {
                let short: String = description.chars().take(60).collect();
                format!("{name}: {short}")
            }
        };
        SelectOption { is_selected: value == chosen, value, label }
    };
    roles.iter().map(option).collect()
}

/// The roles that can be granted at a group: built-in ones, and those made there or above it.
pub(crate) fn roles_at(roles: &[Role], groups: &[Group], at: GroupId) -> Vec<Role> {
    let at = groups.iter().find(|known| known.id == at);
    let is_here = |role: &&Role| {
        let home = role.group.and_then(|home| groups.iter().find(|known| known.id == home));
        // A role of a group that the visitor does not see may be one from above.
        home.zip(at).is_none_or(|(home, at)| home.path.contains(&at.path))
    };
    roles.iter().filter(is_here).cloned().collect()
}

/// How a role is called; its id where the visitor does not see it.
pub(crate) fn role_name(roles: &[Role], id: RoleRef) -> String {
    let known = roles.iter().find(|role| role.id == id);
    known.map_or_else(|| id.to_string(), |role| role.name.clone())
}

/// How a group is called; a plain word where the visitor does not see it.
pub(crate) fn group_name(groups: &[Group], id: GroupId) -> String {
    let known = groups.iter().find(|group| group.id == id);
    known.map_or_else(|| "a group that you do not see".to_owned(), Group::name_path)
}

/// The kind of an identity in words.
pub(crate) const fn kind_name(kind: ProofKind) -> &'static str {
    match kind {
        ProofKind::Person => "Person",
        ProofKind::ClaimMatch => "Token whose claims match",
        ProofKind::Static => "Token by static keys",
        ProofKind::Aws => "AWS principal",
        ProofKind::ServicePrincipal => "Part of Loadline",
    }
}
