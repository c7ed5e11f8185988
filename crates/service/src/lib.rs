//! The use cases: who may do what, what happens, and what is written of it, in one place.
//!
//! Every method takes a [`Caller`] first and states the capability it needs in its first
//! lines; front ends decide nothing. What lies outside (registries, cryptography, the clock,
//! randomness) is reached through [`ports`], so that a test needs none of it.
//!
//! | module | use cases |
//! |---|---|
//! | [`iam`] | callers, the permission table, roles, bindings, identities, invites, providers, links, tokens |
//! | [`audit`] | who did what, from where |
//! | [`groups`], [`clusters`], [`policies`], [`drafts`] | what people see and make |
//! | [`images`], [`packages`] | what is known of what runs |
//! | [`inventory`] | a cluster's report, from batch to intervals |
//! | [`evaluation`] | the sweep: look up, verify, judge, count |
//! | [`events`] | what changed, newest first |
//! | [`overview`] | a scope at a glance |
//! | [`repeats`] | requests that are sent again |

pub mod audit;
pub mod clusters;
pub mod drafts;
mod error;
pub mod evaluation;
pub mod events;
pub mod groups;
pub mod iam;
pub mod images;
pub mod inventory;
mod kept;
mod once;
pub mod overview;
pub mod packages;
pub mod policies;
pub mod ports;
pub mod repeats;
mod scope;
mod secret;
pub mod sign_in;
pub mod tokens;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use authentication::issuers::Issuers;
use authentication::provider::Providers;
use model::iam::Subject;
use model::id::ClusterId;
use model::timestamp::Timestamp;
use protocol::api::ClusterCredential;
use protocol::credentials::{CodeSecret, CreatedLink, CreatedToken};
use protocol::iam::InviteMade;
use store::{ActivePolicy, SigningKeyRow, Standing, Store, Tx};

pub use error::{FieldError, ServiceError};
pub use iam::Caller;
use kept::{Kept, KeptEach};
pub use once::{Once, RefusedForm};
use ports::Ports;
use scope::Tree;
pub use store::{AuditFilter, BindingFilter, Figures, IdentityFilter};

/// A result of a use case.
pub type Result<T> = std::result::Result<T, ServiceError>;

/// Passwords that are hashed at once: each takes 19 MiB and a core.
const HASHES_AT_ONCE: usize = 2;

/// What the operator decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether this installation holds the demo fleet.
    pub is_demo: bool,
    /// See [`Service::address`].
    pub address: String,
    /// Whether people may sign in by a name and a password.
    pub has_local_accounts: bool,
    /// Providers whose people may sign in, of the installation as a whole.
    pub providers: Vec<sign_in::ConfiguredProvider>,
}

/// The use cases over one database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    ports: Ports,
    once: Once<ClusterCredential>,
    codes: Once<InviteMade>,
    tokens_made: Once<CreatedToken>,
    links: Once<CreatedLink>,
    code_secrets: Once<CodeSecret>,
    refused: Once<RefusedForm>,
    settings: Settings,
    issuers: Issuers,
    providers: Providers,
    pace: sign_in::Pace,
    hashing: tokio::sync::Semaphore,
    signing_keys: Kept<Vec<SigningKeyRow>>,
    compiled: evaluation::CompiledPolicies,
    pull_secrets: inventory::pull_secrets::KeptSecrets,
    tree: Kept<Tree>,
    policies: Kept<Vec<ActivePolicy>>,
    standings: KeptEach<ClusterId, Standing>,
}

impl Service {
    /// The use cases over `store`, reaching outside through `ports`.
    #[must_use]
    pub fn new(store: Store, ports: Ports, settings: Settings) -> Self {
        let issuers = Issuers::new(Arc::clone(&ports.web));
        let providers = Providers::new(Arc::clone(&ports.web));
        let compiled = evaluation::CompiledPolicies::default();
        let inner = Inner {
            store,
            ports,
            once: Once::default(),
            codes: Once::default(),
            tokens_made: Once::default(),
            links: Once::default(),
            code_secrets: Once::default(),
            refused: Once::default(),
            settings,
            issuers,
            providers,
            pace: sign_in::Pace::default(),
            hashing: tokio::sync::Semaphore::new(HASHES_AT_ONCE),
            signing_keys: Kept::default(),
            compiled,
            pull_secrets: inventory::pull_secrets::KeptSecrets::default(),
            tree: Kept::default(),
            policies: Kept::default(),
            standings: KeptEach::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Whether this installation holds the demo fleet.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.inner.settings.is_demo
    }

    /// The address that people and programs reach the installation at, without a slash at its
    /// end: the issuer and the audience of our own tokens.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.inner.settings.address
    }

    /// The time, as the installation's clock has it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.ports.clock.now()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ready(&self) -> Result<()> {
        Ok(self.store().ping().await?)
    }

    /// The installation in numbers.
    ///
    /// # Errors
    /// Forbidden to all but the server itself, which knows whom it shows them to; when the
    /// database does not answer.
    pub async fn figures(&self, caller: &Caller) -> Result<Figures> {
        let Subject::System { .. } = caller.subject() else {
            return Err(ServiceError::Forbidden("Only the server counts everything.".to_owned()));
        };
        Ok(self.store().figures(self.now()).await?)
    }

    /// Secrets that are shown once after a form was sent.
    #[must_use]
    pub fn once(&self) -> &Once<ClusterCredential> {
        &self.inner.once
    }

    /// Codes of invites that are shown once after they were made.
    #[must_use]
    pub fn codes(&self) -> &Once<InviteMade> {
        &self.inner.codes
    }

    /// Personal tokens that are shown once after they were made.
    #[must_use]
    pub fn tokens_made(&self) -> &Once<CreatedToken> {
        &self.inner.tokens_made
    }

    /// One-time sign-in links that are shown once after they were made.
    #[must_use]
    pub fn links(&self) -> &Once<CreatedLink> {
        &self.inner.links
    }

    /// Secrets of one-time codes that are shown once, for an app to take.
    #[must_use]
    pub fn code_secrets(&self) -> &Once<CodeSecret> {
        &self.inner.code_secrets
    }

    fn refused_forms(&self) -> &Once<RefusedForm> {
        &self.inner.refused
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }

    fn ports(&self) -> &Ports {
        &self.inner.ports
    }

    /// Starts a change, and takes the time inside it: changes happen one after the other, so
    /// that times are written in the order in which they are taken.
    async fn begin(&self) -> Result<(Tx, Timestamp)> {
        let tx = self.store().begin().await?;
        Ok((tx, self.now()))
    }

    /// The groups as they stand; read again after a change.
    async fn tree(&self) -> Result<Arc<Tree>> {
        let kept = &self.inner.tree;
        kept.or_read(async || Ok(Tree::new(self.store().groups().await?))).await
    }

    /// The policies as they stand; read again after a change.
    async fn policies_now(&self) -> Result<Arc<Vec<ActivePolicy>>> {
        let kept = &self.inner.policies;
        kept.or_read(async || Ok(self.store().active_policies().await?)).await
    }
}
