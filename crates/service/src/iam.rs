//! Identity and access: who calls, what each role allows, who holds what, how people come in.
//!
//! | module | holds |
//! |---|---|
//! | `caller` | the caller of a use case, with what they hold where |
//! | [`matrix`] | permissions as data: roles, endpoints, server functions |
//! | `roles`, `bindings` | custom roles; granting roles and taking them away |
//! | `identities`, [`proofs`] | people and what can be assumed; what proves it |
//! | `invites`, `providers` | how people come in |

mod bindings;
mod caller;
mod domains;
mod identities;
mod invites;
pub mod matrix;
pub mod proofs;
mod providers;
mod roles;

pub use bindings::RoleBindings;
pub(crate) use caller::is_below;
pub use caller::{Caller, Credential};
pub use identities::{Identities, IdentityChange, IdentityDraft};
pub use invites::{InviteDraft, Invites};
pub use providers::{IdentityProviders, ProviderDraft};
pub use roles::{RoleDraft, Roles};
