//! Groups: the tree that clusters and policies hang from.

mod preview;

pub use preview::{Access, GroupPreview, PolicyReach};

use serde::{Deserialize, Serialize};

use crate::id::{ClusterId, GroupId, PolicyId, Uidp};
use crate::policies::Mode;

/// A node of the tree; root groups are organizations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its id within the organization.
    pub id: GroupId,
    /// Its full path of ids, which contains the paths of everything below it.
    pub path: Uidp,
    /// Names from the organization down, such as `["acme", "production"]`.
    pub names: Vec<String>,
    /// Free text.
    pub description: String,
    /// What clusters of the group may send; its own setting, else that of the group above.
    pub collection: Collection,
    /// Whether the name is a domain that is known to be the organization's, and fixed; root
    /// groups only.
    #[serde(default)]
    pub is_verified: bool,
}

impl Group {
    /// The group's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// The name path as people write it: `acme/production`.
    #[must_use]
    pub fn name_path(&self) -> String {
        self.names.join("/")
    }
}

/// A group with what hangs from it: one node of the tree as the Groups page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupNode {
    /// The group.
    pub group: Group,
    /// What clusters may send, as set on this very group; `None` takes that of the group above.
    pub own_collection: Option<Collection>,
    /// The clusters registered in it, by name; those of groups below are theirs.
    pub clusters: Vec<(ClusterId, String)>,
    /// The policies that hold in it, its own before those it inherits.
    pub policies: Vec<NodePolicy>,
}

/// One policy as it holds in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodePolicy {
    /// Its id.
    pub id: PolicyId,
    /// Its name.
    pub name: String,
    /// Its mode.
    pub mode: Mode,
    /// The name path of the group above that it comes from; `None` where it is the group's own.
    pub inherited_from: Option<String>,
}

/// What clusters may send of `env[].value`, `args` and `command`, where secrets stand
/// (design 1.8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Collection {
    /// Keyed digests instead of them.
    #[default]
    Digests,
    /// Them as they are, because the group asked for it.
    Values,
}

impl Collection {
    /// The text form, as stored and as in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Digests => "digests",
            Self::Values => "values",
        }
    }

    /// The setting of that text form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Digests, Self::Values].into_iter().find(|one| one.as_str() == name)
    }
}

/// Why a name cannot be verified, as a sentence for people: a verified name is a domain
/// (`enforce.md` 3.2).
///
/// # Errors
/// The sentence to show.
pub fn check_domain(name: &str) -> Result<(), String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_numeric = |label: &str| label.bytes().all(|b| b.is_ascii_digit());
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_domain = name.len() <= 253
        && name.split('.').count() >= 2
        && name.split('.').all(label)
        && !is_numeric(last);
    if is_domain {
        return Ok(());
    }
    let name: String = name.chars().take(64).collect();
    Err(format!("{name:?} is no domain: write one such as acme.example, in lower case."))
}

/// Why a group, cluster or policy name is refused, as a sentence for people.
///
/// Names follow `enforce.md` 3.1 (`^[a-z0-9 ._-]{1,}$`) with an end: 63 characters, no blank
/// at either side, so that a name path reads back.
///
/// # Errors
/// The sentence to show beside the field.
pub fn check_name(name: &str) -> Result<(), String> {
    let allowed = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, ' ' | '.' | '_' | '-')
    };
    if name.is_empty() {
        return Err("Give it a name.".to_owned());
    }
    if name.chars().count() > 63 {
        return Err("A name has at most 63 characters.".to_owned());
    }
    if let Some(wrong) = name.chars().find(|c| !allowed(*c)) {
        return Err(format!(
            "A name has lower-case letters, digits, blanks, and . _ - only; {wrong:?} is none of these."
        ));
    }
    if name.trim() != name {
        return Err("A name neither begins nor ends with a blank.".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_told_from_names() {
        for name in ["acme.example", "a.b", "x-1.example.com"] {
            assert_eq!(check_domain(name), Ok(()), "{name}");
        }
        let long = format!("{}.example", "x".repeat(64));
        for name in ["", "acme", "acme.", ".acme", "a..b", "-a.b", "A.b", "1.2.3.4", "a b.c", &long]
        {
            assert!(check_domain(name).is_err(), "{name}");
        }
    }

    #[test]
    fn names_are_plain() {
        for name in ["acme", "eu west 1", "a.b_c-d", "0"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", "Acme", "a/b", " a", "a\u{0}", "<b>", "a'--", &"x".repeat(64)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
