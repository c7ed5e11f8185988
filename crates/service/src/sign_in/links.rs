//! One-time links: whoever opens one is signed in, once, within an hour.
//!
//! The server prints the owner's. An owner makes them for people who are known already, so that
//! somebody can be let in where there is no provider; with one they set a password of their own.

use std::time::Duration;

use model::iam::{ApiToken, Capability, Origin, Proof, Subject, TokenScope};
use model::id::{IdentityId, RoleBindingId, TokenId};
use model::timestamp::Timestamp;
use protocol::api::SignedIn;
use serde_json::json;
use store::{Person, Tx};

use super::as_person;
use crate::audit::{Act, note};
use crate::iam::Identities;
use crate::secret::{self, SecretKind};
use crate::{Caller, Result, Service, ServiceError};

/// How long a link waits.
const LINK_LASTS: Duration = Duration::from_secs(60 * 60);
/// How long a token lasts that a link was turned into.
const TOKEN_LASTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A link that was just made.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeLink {
    /// Its address; shown once.
    pub address: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Without the address: it holds the secret.
impl std::fmt::Debug for OneTimeLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTimeLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Identities<'_> {
    /// Makes a link that signs a person in, for whoever decides about people and holds everything
    /// that this one holds: else it would be a way to their rights.
    ///
    /// # Errors
    /// A conflict where the identity is no person, or is disabled; not found or forbidden.
    pub async fn sign_in_link(&self, caller: &Caller, id: IdentityId) -> Result<OneTimeLink> {
        let service = self.0;
        let (row, place) = self.changeable(caller, id, Capability::IdentityUpdate).await?;
        let identity = row.identity;
        if !matches!(identity.proof, Proof::Person { .. }) {
            let text = "Only people sign in by a link. What can be assumed shows a proof.";
            return Err(ServiceError::Conflict(text.to_owned()));
        }
        if identity.disabled_at.is_some() {
            let text = "The person is disabled. Enable them first.";
            return Err(ServiceError::Conflict(text.to_owned()));
        }
        let grants = service.store().grants(id).await?;
        self.refuse_stronger(caller, &identity, &grants).await?;
        let secret = service.fresh_secret(SecretKind::Link);
        let (mut tx, now) = service.begin().await?;
        let expires_at = now + LINK_LASTS;
        tx.insert_signin_link(&secret::hash(&secret), Some(id), now, expires_at).await?;
        let act = Act::named("sign_in_links.create", format!("identity {id}"));
        let act = act.after(&json!({ "expiresAt": expires_at }));
        note(&mut tx, caller, place.as_ref(), &act, now).await?;
        tx.commit().await?;
        let address = format!("{}/sign-in?secret={secret}", service.address());
        Ok(OneTimeLink { address, expires_at })
    }
}

impl Service {
    /// Whether anybody owns the installation.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_owner(&self) -> Result<bool> {
        Ok(self.store().has_owner().await?)
    }

    /// Makes the secret of the owner's link.
    ///
    /// # Errors
    /// When the caller is not the control plane itself; when the database does not answer.
    pub async fn owner_link(&self, caller: &Caller) -> Result<String> {
        if !matches!(caller.subject(), Subject::System { .. }) {
            return Err(ServiceError::Forbidden("Only the server makes sign-in links.".to_owned()));
        }
        let secret = self.fresh_secret(SecretKind::Link);
        let (mut tx, now) = self.begin().await?;
        tx.insert_signin_link(&secret::hash(&secret), None, now, now + LINK_LASTS).await?;
        note(&mut tx, caller, None, &Act::named("sign_in_links.create", "owner"), now).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Uses a link up and gives the identity that signed in.
    ///
    /// # Errors
    /// Unauthenticated where the link never was, ended, or was used before.
    pub async fn redeem_link(&self, link: &str, origin: &Origin) -> Result<IdentityId> {
        let (tx, person, _) = self.redeem(link, origin).await?;
        tx.commit().await?;
        Ok(person.id)
    }

    /// Uses a link up and gives a token for the command line.
    ///
    /// # Errors
    /// As [`Service::redeem_link`].
    pub async fn redeem_link_for_token(&self, link: &str, origin: &Origin) -> Result<SignedIn> {
        let (mut tx, person, now) = self.redeem(link, origin).await?;
        let token = self.fresh_secret(SecretKind::Person);
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

    /// Uses a link up, in a transaction that is still open.
    async fn redeem(&self, link: &str, origin: &Origin) -> Result<(Tx, Person, Timestamp)> {
        if !SecretKind::Link.fits(link) {
            return Err(ServiceError::Unauthenticated);
        }
        let fresh = (IdentityId(self.fresh_suid()), RoleBindingId(self.fresh_suid()));
        let (mut tx, now) = self.begin().await?;
        let used = tx.use_signin_link(&secret::hash(link), now).await?;
        let person = match used.ok_or(ServiceError::Unauthenticated)? {
            None => tx.ensure_owner(fresh, "Owner", now).await?,
            // Whoever was disabled or deleted meanwhile is not let in.
            Some(id) => self.store().person(id).await?.ok_or(ServiceError::Unauthenticated)?,
        };
        tx.identity_seen(person.id, now).await?;
        let act = Act::named("sign_in.link", format!("identity {}", person.id));
        note(&mut tx, &as_person(&person, origin), None, &act, now).await?;
        Ok((tx, person, now))
    }
}
