//! Signing in, and turning what somebody shows into a caller.
//!
//! | module | holds |
//! |---|---|
//! | `sessions` | where a person is signed in; ending that |
//! | `providers` | signing in by an OIDC provider |
//! | `local_accounts` | names, passwords and one-time codes, for installations without a provider |
//! | `pace` | how often somebody may try |

mod local_accounts;
mod pace;
mod providers;
mod sessions;

use std::time::Duration;

use model::iam::{ApiToken, Capability, Origin, Subject, TokenScope};
use model::id::{ClusterId, IdentityId, RoleBindingId, SessionId, TokenId};
use protocol::api::SignedIn;
use store::{Person, PersonalToken};

use crate::audit::{Act, note};
use crate::iam::Credential;
use crate::secret::{self, SecretKind};
use crate::{Caller, Result, Service, ServiceError};

pub use local_accounts::{AccountState, CodeSecret, LocalAccounts};
pub(crate) use pace::{Bucket, Pace};
pub use providers::{ConfiguredProvider, PendingSignIn, ProviderAnswer, ProviderChoice, SignInAs};
pub use sessions::Sessions;

/// How long a one-time link waits.
const LINK_LASTS: Duration = Duration::from_secs(60 * 60);
/// How long a person's token lasts.
const TOKEN_LASTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// That a token was used is kept when it was not for this long.
const USE_IS_KEPT_AFTER: Duration = Duration::from_secs(60 * 60);

impl Service {
    /// Whether anybody owns the installation.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_owner(&self) -> Result<bool> {
        Ok(self.store().has_owner().await?)
    }

    /// Makes a one-time link's secret; it signs in as the owner, once, within an hour.
    ///
    /// # Errors
    /// When the caller is not the control plane itself; when the database does not answer.
    pub async fn owner_link(&self, caller: &Caller) -> Result<String> {
        if !matches!(caller.subject(), Subject::System { .. }) {
            return Err(ServiceError::Forbidden("Only the server makes sign-in links.".to_owned()));
        }
        let secret = self.fresh_secret(SecretKind::Link);
        let (mut tx, now) = self.begin().await?;
        tx.insert_signin_link(&secret::hash(&secret), now, now + LINK_LASTS).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Uses a link up and gives the identity that signed in.
    ///
    /// # Errors
    /// Unauthenticated where the link never was, ended, or was used before.
    pub async fn redeem_link(&self, link: &str, origin: &Origin) -> Result<IdentityId> {
        Ok(self.redeem(link, origin).await?.id)
    }

    /// Uses a link up and gives a token for the command line.
    ///
    /// # Errors
    /// As [`Service::redeem_link`].
    pub async fn redeem_link_for_token(&self, link: &str, origin: &Origin) -> Result<SignedIn> {
        let person = self.redeem(link, origin).await?;
        let token = self.fresh_secret(SecretKind::Person);
        let (mut tx, now) = self.begin().await?;
        let expires_at = now + TOKEN_LASTS;
        let kept = ApiToken {
            id: TokenId(self.fresh_suid()),
            name: "loadline auth login".to_owned(),
            scope: TokenScope::WHOLE,
            created_at: now,
            expires_at,
            used_at: None,
        };
        tx.insert_personal_token(person.id, &secret::hash(&token), &kept).await?;
        tx.commit().await?;
        Ok(SignedIn { token, expires_at })
    }

    async fn redeem(&self, link: &str, origin: &Origin) -> Result<Person> {
        if !SecretKind::Link.fits(link) {
            return Err(ServiceError::Unauthenticated);
        }
        let fresh = (IdentityId(self.fresh_suid()), RoleBindingId(self.fresh_suid()));
        let (mut tx, now) = self.begin().await?;
        if !tx.use_signin_link(&secret::hash(link), now).await? {
            return Err(ServiceError::Unauthenticated);
        }
        let person = tx.ensure_owner(fresh, "Owner", now).await?;
        let act = Act::named("sign_in.link", format!("identity {}", person.id));
        note(&mut tx, &as_person(&person, origin), None, &act, now).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// The caller of a browser's session.
    ///
    /// # Errors
    /// Unauthenticated where the identity is gone.
    pub async fn caller_of_session(&self, id: IdentityId, session: SessionId) -> Result<Caller> {
        let person = self.store().person(id).await?.ok_or(ServiceError::Unauthenticated)?;
        Ok(self.caller_of_person(person).await?.showing(Credential::Session(session), None))
    }

    /// The caller of a bearer token: a person's, a cluster's, or one that we signed.
    ///
    /// # Errors
    /// Unauthenticated where the token is not in force.
    pub async fn caller_of_token(&self, token: &str) -> Result<Caller> {
        let hash = secret::hash(token);
        if SecretKind::Person.fits(token) {
            let found = self.store().personal_token(&hash, self.now()).await?;
            return self.caller_of_personal(found.ok_or(ServiceError::Unauthenticated)?).await;
        }
        if !SecretKind::Cluster.fits(token) {
            return self.caller_of_access(token).await;
        }
        let row =
            self.store().cluster_by_token(&hash).await?.ok_or(ServiceError::Unauthenticated)?;
        self.caller_of_cluster(row.cluster).await
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
