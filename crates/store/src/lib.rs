//! The only SQL in the house: one SQLite file, one writer, many readers (design D1).
//!
//! [`Store`] answers questions; [`Tx`], from [`Store::begin`], changes things and lasts when
//! [`Tx::commit`] returns. Methods are use cases, spread over one file for each concept, and
//! hand out `model` nouns, never rows. Ids and times come in as arguments.

mod audit;
mod cluster_issuers;
mod clusters;
mod compliance;
mod copy;
mod documents;
mod error;
mod events;
mod evidence;
mod figures;
mod files;
mod groups;
mod holdings;
mod iam;
mod images;
mod inventory;
mod local_accounts;
mod migrate;
mod open;
mod organizations;
mod packages;
mod past_evidence;
mod policies;
mod repeats;
mod row;
mod sessions;
mod standing;
mod tokens;
mod verdicts;
mod violations;
mod vulnerabilities;

pub use audit::{AuditFilter, NewAuditEntry};
pub use cluster_issuers::ClusterIssuer;
pub use clusters::{ClusterRow, NewCluster};
pub use compliance::{ClusterTally, Coverage};
pub use copy::copy_database;
pub use error::StoreError;
pub use evidence::{DueLookup, LookupOutcome, LookupRow, PHASES, StoredPiece};
pub use figures::Figures;
pub use groups::GroupRow;
pub use iam::{
    BindingFilter, BindingRow, ClusterCredentialRow, Grant, IdentityFilter, IdentityRow, InviteRow,
    Person, ProviderRow, RoleRow,
};
pub use images::ScopeAt;
pub use inventory::{InventoryChange, NewWorkload, StoredWorkload, TopRow};
pub use local_accounts::LocalAccount;
pub use open::{Store, Tx};
pub use packages::PackageKey;
pub use past_evidence::EndedPiece;
pub use policies::{ActivePolicy, PolicyRow};
pub use repeats::RepeatableAnswer;
pub use row::{ImageKey, RootKey};
pub use sessions::{SessionRow, session_id};
pub use standing::{Standing, StandingImage, StandingViolation};
pub use tokens::{
    AuthorizationCode, DeviceCode, DeviceState, Family, PersonalToken, Renewal, SigningKeyRow,
};
pub use verdicts::{NewVerdict, StoredVerdict};
pub use vulnerabilities::{NewVulnerabilities, NewVulnerability};
