//! Every address of the console: made here, so that none is spelled twice, and read here.

use std::fmt;

use model::clusters::ClusterFilter;
use model::id::{ClusterId, GroupId, PolicyId};
use model::policies::PolicyFilter;

mod access;
mod account;
mod address;
mod as_of;
mod evidence;
mod tabs;

#[cfg(feature = "ssr")]
pub(crate) use access::invite_made;
pub(crate) use access::{
    accept_invite, audit, audit_export, edit_role, group, group_tab, identity, invites,
    new_identity, new_invite, new_provider, new_role, people, provider, providers, role, roles,
};
pub(crate) use account::{TokenLasts, account, new_token};
#[cfg(feature = "ssr")]
pub(crate) use account::{codes, sign_in_link, token_made};
pub(crate) use address::Address;
pub(crate) use as_of::{AsOf, END_OF_DAY, START_OF_DAY, SUCH_A_MOMENT, Standing, read_moment};
pub(crate) use evidence::{
    at_version, evidence_bytes, exactly, holders, image, image_tab, images, packages, sbom,
    vulnerabilities,
};
pub(crate) use tabs::{AccountTab, ClusterTab, GroupTab, ImageTab, PolicyTab};

/// The address of the policy form, the one page with an island.
pub(crate) const POLICY_FORM: &str = "/policies/new";

/// The group that an address asks about; every link of a page carries it on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Scope(pub(crate) Option<GroupId>);

/// A link in the making: a path and its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    path: String,
    query: Vec<(&'static str, String)>,
}

impl Link {
    pub(crate) fn to(path: impl Into<String>, scope: Scope) -> Self {
        let query = scope.0.map(|group| ("group", group.to_string())).into_iter().collect();
        Self { path: path.into(), query }
    }

    /// The same link with one more question; an empty answer is left out.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        let value = value.to_string();
        if !value.is_empty() {
            self.query.push((name, value));
        }
        self
    }

    /// The link as an attribute or a header holds it: ASCII only.
    pub(crate) fn href(&self) -> String {
        let mut href = self.path.clone();
        for (place, (name, value)) in self.query.iter().enumerate() {
            href.push(if place == 0 { '?' } else { '&' });
            href.push_str(name);
            href.push('=');
            href.push_str(&percent_encoded(value));
        }
        href
    }
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => encoded.push(char::from(byte)),
            // What a query may hold as it is (RFC 3986, 3.4), so that names stay readable.
            b'-' | b'.' | b'_' | b'~' | b'/' | b':' | b'@' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

/// What changed, newest first.
pub(crate) fn events(scope: Scope) -> Link {
    Link::to("/events", scope)
}

pub(crate) fn overview(scope: Scope) -> Link {
    Link::to("/", scope)
}

pub(crate) fn clusters(scope: Scope) -> Link {
    Link::to("/clusters", scope)
}

pub(crate) fn clusters_that_are(scope: Scope, filter: ClusterFilter) -> Link {
    match filter {
        ClusterFilter::All => clusters(scope),
        ClusterFilter::Active | ClusterFilter::NonCompliant | ClusterFilter::Stale => {
            clusters(scope).with("show", filter.as_str())
        }
    }
}

pub(crate) fn new_cluster(scope: Scope) -> Link {
    Link::to("/clusters/new", scope)
}

pub(crate) fn cluster(scope: Scope, id: ClusterId) -> Link {
    Link::to(format!("/clusters/{id}"), scope)
}

pub(crate) fn cluster_tab(scope: Scope, id: ClusterId, tab: ClusterTab) -> Link {
    cluster(scope, id).with("tab", tab.as_str())
}

pub(crate) fn connect_cluster(scope: Scope, id: ClusterId) -> Link {
    Link::to(format!("/clusters/{id}/connect"), scope)
}

pub(crate) fn policies(scope: Scope) -> Link {
    Link::to("/policies", scope)
}

pub(crate) fn policies_that_have(scope: Scope, filter: PolicyFilter) -> Link {
    match filter {
        PolicyFilter::All => policies(scope),
        PolicyFilter::Violations => policies(scope).with("show", filter.as_str()),
    }
}

pub(crate) fn new_policy(scope: Scope) -> Link {
    Link::to(POLICY_FORM, scope)
}

pub(crate) fn edit_policy(scope: Scope, id: PolicyId) -> Link {
    new_policy(scope).with("from", id)
}

pub(crate) fn policy(scope: Scope, id: PolicyId) -> Link {
    Link::to(format!("/policies/{id}"), scope)
}

pub(crate) fn policy_tab(scope: Scope, id: PolicyId, tab: PolicyTab) -> Link {
    policy(scope, id).with("tab", tab.as_str())
}

pub(crate) fn groups(scope: Scope) -> Link {
    Link::to("/groups", scope)
}

pub(crate) fn new_group(scope: Scope) -> Link {
    Link::to("/groups/new", scope)
}

pub(crate) fn trust(scope: Scope) -> Link {
    Link::to("/settings/trust", scope)
}

pub(crate) fn sign_in() -> Link {
    Link::to("/sign-in", Scope::default())
}

pub(crate) fn sign_in_with(provider: &str, next: &str) -> Link {
    Link::to(format!("/sign-in/with/{provider}"), Scope::default()).with("next", next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_plain_ascii_whatever_was_typed() {
        let link = new_group(Scope::default()).with("name", "a b&c=ü\r\n").with("description", "");
        assert_eq!(link.href(), "/groups/new?name=a%20b%26c%3D%C3%BC%0D%0A");
    }

    #[test]
    fn the_scope_comes_first() {
        let scope = Scope("0123456789abcdef".parse().ok());
        let link = clusters_that_are(scope, ClusterFilter::Stale);
        assert_eq!(link.href(), "/clusters?group=0123456789abcdef&show=stale");
    }
}
