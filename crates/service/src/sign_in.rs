//! Signing in, and turning what somebody shows into a caller.
//!
//! | module | holds |
//! |---|---|
//! | `links` | one-time links: the owner's, and those that an owner makes for others |
//! | `sessions` | where a person is signed in; ending that |
//! | `providers` | signing in by an OIDC provider |
//! | `local_accounts` | names, passwords and one-time codes, for installations without a provider |
//! | `vouching` | what stands for somebody who changes how they sign in |
//! | `pace` | how often somebody may try |
//! | `shown` | which kind of token a request shows |

mod links;
mod local_accounts;
mod pace;
mod providers;
mod sessions;
mod shown;
mod vouching;

use std::time::Duration;

use model::iam::{Capability, Origin, Subject};
use model::id::{ClusterId, IdentityId, SessionId};
use store::{Person, PersonalToken};

use crate::iam::Credential;
use crate::secret;
use crate::{Caller, Result, Service, ServiceError};

pub use links::OneTimeLink;
pub use local_accounts::LocalAccounts;
pub(crate) use pace::{Bucket, Network, Pace};
pub use providers::{ConfiguredProvider, PendingSignIn, ProviderAnswer, ProviderChoice, SignInAs};
pub use sessions::Sessions;
pub use shown::{Shown, bearer};
pub use vouching::{Began, PasswordChange, SignInWay};

/// That a token was used is kept when it was not for this long.
const USE_IS_KEPT_AFTER: Duration = Duration::from_secs(60 * 60);

impl Service {
    /// The caller of a browser's session; `began` is how it began, where that is known.
    ///
    /// # Errors
    /// Unauthenticated where the identity is gone.
    pub async fn caller_of_session(
        &self,
        id: IdentityId,
        session: SessionId,
        began: Option<Began>,
    ) -> Result<Caller> {
        let person = self.store().person(id).await?.ok_or(ServiceError::Unauthenticated)?;
        let caller = self.caller_of_person(person).await?;
        Ok(caller.showing(Credential::Session(session), None).signed_in(began))
    }

    /// The caller of a bearer token: a person's, a cluster's, or one that we signed.
    ///
    /// # Errors
    /// Unauthenticated where the token is not in force.
    pub async fn caller_of_token(&self, token: &str) -> Result<Caller> {
        let hash = secret::hash(token);
        match Shown::of(token) {
            Shown::Person(_) => {
                let found = self.store().personal_token(&hash, self.now()).await?;
                self.caller_of_personal(found.ok_or(ServiceError::Unauthenticated)?).await
            }
            Shown::Cluster(_) => {
                let row = self.store().cluster_by_token(&hash).await?;
                let cluster = row.ok_or(ServiceError::Unauthenticated)?.cluster;
                self.caller_of_cluster(cluster).await
            }
            Shown::Signed(_) => self.caller_of_access(token).await,
        }
    }

    async fn caller_of_personal(&self, found: PersonalToken) -> Result<Caller> {
        let PersonalToken { person, token } = found;
        let now = self.now();
        // Coarse, so that a busy token costs one write an hour and not one a request.
        if token.used_at.is_none_or(|at| now.since(at) >= USE_IS_KEPT_AFTER) {
            let (mut tx, now) = self.begin().await?;
            tx.token_used(token.id, now).await?;
            tx.commit().await?;
        }
        let caller = self.caller_of_person(person).await?.narrowed(token.scope);
        Ok(caller.showing(Credential::Token(token.id), Some(token.expires_at)))
    }

    pub(crate) async fn caller_of_cluster(&self, id: ClusterId) -> Result<Caller> {
        let cluster = self.store().cluster(id).await?.ok_or(ServiceError::Unauthenticated)?;
        let tree = self.tree().await?;
        let group = tree.by_id(cluster.group).ok_or(ServiceError::Unauthenticated)?;
        let subject = Subject::Cluster { id, name: cluster.name.clone() };
        Ok(Caller::cluster(subject, group))
    }

    pub(crate) async fn caller_of_person(&self, person: Person) -> Result<Caller> {
        let grants = self.store().grants(person.id).await?;
        Ok(Caller::granted(Subject::Person { id: person.id, name: person.name }, &grants))
    }

    /// Refuses unless the caller owns the whole installation: what making organizations takes.
    pub(crate) fn require_everywhere(caller: &Caller, capability: Capability) -> Result<()> {
        if caller.may_everywhere(capability) {
            return Ok(());
        }
        Err(ServiceError::Forbidden(format!(
            "You need {capability} over the whole installation. Ask its owner."
        )))
    }
}

/// A person who is about to be signed in: holds nothing yet, and is who the audit log names.
pub(crate) fn as_person(person: &Person, origin: &Origin) -> Caller {
    let subject = Subject::Person { id: person.id, name: person.name.clone() };
    Caller::granted(subject, &[]).asking_from(origin.clone())
}
