//! Nouns of a group with where they stand, as far as the caller may see that.

use model::iam::{Identity, IdentityProvider, Invite, Role, RoleRef};
use model::id::{GroupId, Suid};
use protocol::iam::Placed;
use serde::Deserialize;
use service::{Caller, Service};
use utoipa::ToSchema;

use super::list::Row;
use crate::http::problem::Refusal;

/// Something that belongs to a group.
pub(super) trait Noun {
    /// Its group, and its own id below that; none of what belongs to no group.
    fn place(&self) -> (Option<GroupId>, Option<Suid>);

    /// What people call it; empty where they do not.
    fn name(&self) -> &str;
}

impl Noun for Identity {
    fn place(&self) -> (Option<GroupId>, Option<Suid>) {
        (self.group, Some(self.id.into()))
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Noun for IdentityProvider {
    fn place(&self) -> (Option<GroupId>, Option<Suid>) {
        (Some(self.group), Some(self.id.into()))
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Noun for Invite {
    fn place(&self) -> (Option<GroupId>, Option<Suid>) {
        (Some(self.group), Some(self.id.into()))
    }

    fn name(&self) -> &str {
        ""
    }
}

impl Noun for Role {
    fn place(&self) -> (Option<GroupId>, Option<Suid>) {
        match self.id {
            RoleRef::BuiltIn(_) => (None, None),
            RoleRef::Custom(id) => (self.group, Some(id.into())),
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

pub(super) async fn placed<T: Noun>(
    service: &Service,
    caller: &Caller,
    noun: T,
) -> Result<Placed<T>, Refusal> {
    let (group, id) = noun.place();
    Ok(service.placed(caller, noun, group, id).await?)
}

/// The same of each, in their order.
pub(super) async fn all_placed<T: Noun>(
    service: &Service,
    caller: &Caller,
    nouns: Vec<T>,
) -> Result<Vec<Placed<T>>, Refusal> {
    let mut all = Vec::with_capacity(nouns.len());
    for noun in nouns {
        all.push(placed(service, caller, noun).await?);
    }
    Ok(all)
}

/// A noun as filters see it.
pub(super) fn row<T: Noun>(it: &Placed<T>) -> Row<'_> {
    Row { path: it.path.clone(), name: it.noun.name(), is_group: false, seen_at: None }
}

/// Which group's nouns: the query of lists that take nothing else.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Scope {
    /// The group that is looked at, with everything below it: its id, path of ids or path of
    /// names; the first one that you see where it is left out.
    pub(super) group: Option<String>,
}
