//! Who is asking, and what they may do.
//!
//! | module | holds |
//! |---|---|
//! | [`capability`] | the single things that may be allowed, and sets of them |
//! | [`role`] | named sets of capabilities, built in or made by an organization |
//! | [`identity`] | who can act, and what they have to show for it |
//! | [`binding`] | who holds which role where |
//! | [`invite`], [`provider`] | how people come in |
//! | [`limits`] | how much an organization may hold |
//! | [`token`] | what was handed out to act as somebody |
//! | [`audit`] | who did what, from where |
//!
//! Which built-in role holds which capability is a table in `service::iam`, not code here.

pub mod audit;
pub mod binding;
pub mod capability;
pub mod identity;
pub mod invite;
pub mod limits;
pub mod provider;
pub mod role;
pub mod token;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ClusterId, IdentityId};

pub use audit::{AuditEntry, Origin};
pub use binding::{RoleBinding, RoleBindingRow};
pub use capability::{Capability, CapabilitySet, UnknownCapability};
pub use identity::{
    AwsMatch, ClaimMatch, Identity, Matcher, Proof, ProofKind, ServicePrincipal, StaticKeys,
};
pub use invite::{Invite, InviteOffer, InviteState, InviteUses};
pub use limits::OrganizationLimits;
pub use provider::IdentityProvider;
pub use role::{BuiltInRole, Role, RoleRef, UnknownRole};
pub use token::{ApiToken, Session, SessionKind, TokenScope};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Subject {
    /// Somebody who signed in, or something that was assumed.
    Person {
        /// Their identity.
        id: IdentityId,
        /// How they are shown.
        name: String,
    },
    /// A cluster, by its token.
    Cluster {
        /// The cluster.
        id: ClusterId,
        /// Its name.
        name: String,
    },
    /// The control plane itself.
    System {
        /// Why it acts, such as `sweep`.
        reason: String,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { name, .. } => f.write_str(name),
            Self::Cluster { name, .. } => write!(f, "cluster {name}"),
            Self::System { reason } => write!(f, "Loadline ({reason})"),
        }
    }
}
