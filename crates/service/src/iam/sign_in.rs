//! Signing in: one-time links, sessions and tokens, each turned into a caller.

use std::time::Duration;

use model::iam::{Capability, Subject};
use model::id::{IdentityId, RoleBindingId};
use model::timestamp::Timestamp;
use protocol::api::SignedIn;
use store::Person;

use super::Caller;
use crate::secret::{self, SecretKind};
use crate::{Result, Service, ServiceError};

/// How long a one-time link waits.
const LINK_LASTS: Duration = Duration::from_secs(60 * 60);
/// How long a person's token lasts.
const TOKEN_LASTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);

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
    pub async fn redeem_link(&self, link: &str) -> Result<IdentityId> {
        Ok(self.redeem(link).await?.id)
    }

    /// Uses a link up and gives a token for the command line.
    ///
    /// # Errors
    /// As [`Service::redeem_link`].
    pub async fn redeem_link_for_token(&self, link: &str) -> Result<SignedIn> {
        let person = self.redeem(link).await?;
        let token = self.fresh_secret(SecretKind::Person);
        let (mut tx, now) = self.begin().await?;
        let expires_at = now + TOKEN_LASTS;
        tx.insert_person_token(&secret::hash(&token), person.id, now, expires_at).await?;
        tx.commit().await?;
        Ok(SignedIn { token, expires_at })
    }

    async fn redeem(&self, link: &str) -> Result<Person> {
        if !SecretKind::Link.fits(link) {
            return Err(ServiceError::Unauthenticated);
        }
        let fresh = (IdentityId(self.fresh_suid()), RoleBindingId(self.fresh_suid()));
        let (mut tx, now) = self.begin().await?;
        if !tx.use_signin_link(&secret::hash(link), now).await? {
            return Err(ServiceError::Unauthenticated);
        }
        let person = tx.ensure_owner(fresh, "Owner", now).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// The caller of a session.
    ///
    /// # Errors
    /// Unauthenticated where the identity is gone.
    pub async fn caller_of_session(&self, id: IdentityId) -> Result<Caller> {
        let person = self.store().person(id).await?.ok_or(ServiceError::Unauthenticated)?;
        self.caller_of_person(person).await
    }

    /// The caller of a bearer token: a person's or a cluster's.
    ///
    /// # Errors
    /// Unauthenticated where the token is not in force.
    pub async fn caller_of_token(&self, token: &str) -> Result<Caller> {
        let hash = secret::hash(token);
        if SecretKind::Person.fits(token) {
            let person = self.store().person_by_token(&hash, self.now()).await?;
            return self.caller_of_person(person.ok_or(ServiceError::Unauthenticated)?).await;
        }
        if !SecretKind::Cluster.fits(token) {
            return Err(ServiceError::Unauthenticated);
        }
        let row =
            self.store().cluster_by_token(&hash).await?.ok_or(ServiceError::Unauthenticated)?;
        let cluster =
            self.store().cluster(row.cluster).await?.ok_or(ServiceError::Unauthenticated)?;
        let tree = self.tree().await?;
        let group = tree.by_id(cluster.group).ok_or(ServiceError::Unauthenticated)?;
        let subject = Subject::Cluster { id: row.cluster, name: cluster.name.clone() };
        Ok(Caller::cluster(subject, group))
    }

    /// How long a browser's session lasts from now.
    #[must_use]
    pub fn session_end(&self, now: Timestamp) -> Timestamp {
        now + Duration::from_secs(12 * 60 * 60)
    }

    async fn caller_of_person(&self, person: Person) -> Result<Caller> {
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
