//! Loadline as an issuer: the keys that sign, when they turn, and what a token says.
//!
//! A token is verified by public keys and a look at who it is for: without a write, and without
//! anything that would have to be kept of it. What its identity holds is read anew each time, so
//! that taking a role away needs no token to end first.

use std::sync::Arc;
use std::time::Duration;

use authentication::signing;
use model::iam::{CapabilitySet, TokenScope};
use model::id::{ClusterId, GroupId, IdentityId, SessionId};
use model::timestamp::Timestamp;
use protocol::credentials::{HeldAt, WhoAmI};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Person, SigningKeyRow};

use crate::iam::Credential;
use crate::{Caller, Result, Service, ServiceError};

/// How long a token of ours counts.
pub const ACCESS_LASTS: Duration = Duration::from_secs(60 * 60);
/// How long a key signs.
const KEY_SIGNS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long a key is shown before it signs: twice what others may keep our key set for.
const KEY_IS_SHOWN_BEFORE: Duration = Duration::from_secs(2 * 60 * 60);
/// The header's `typ` of access tokens (RFC 9068): an ID token is none, and the other way round.
const KIND: &str = "at+jwt";

/// Whom a token of ours stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "sub")]
pub(crate) enum Bearer {
    /// A person or an assumed identity.
    Identity(IdentityId),
    /// A cluster.
    Cluster(ClusterId),
}

/// What a token of ours says, beside when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ours {
    /// Whom it stands for.
    #[serde(flatten)]
    pub(crate) bearer: Bearer,
    /// What it is narrowed to.
    #[serde(flatten)]
    pub(crate) scope: Narrowed,
    /// The program that it belongs to, whose end ends it.
    #[serde(default, rename = "sid", skip_serializing_if = "Option::is_none")]
    pub(crate) program: Option<SessionId>,
}

/// A [`TokenScope`] among other claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Narrowed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<GroupId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    capabilities: Option<CapabilitySet>,
}

impl From<TokenScope> for Narrowed {
    fn from(scope: TokenScope) -> Self {
        Self { group: scope.group, capabilities: scope.capabilities }
    }
}

impl Ours {
    pub(crate) fn identity(id: IdentityId, scope: TokenScope, program: Option<SessionId>) -> Self {
        Self { bearer: Bearer::Identity(id), scope: scope.into(), program }
    }

    pub(crate) fn cluster(id: ClusterId) -> Self {
        Self { bearer: Bearer::Cluster(id), scope: TokenScope::WHOLE.into(), program: None }
    }
}

impl Service {
    /// Who the caller is, and what they may do where.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn who_am_i(&self, caller: &Caller) -> Result<WhoAmI> {
        let tree = self.tree().await?;
        let everywhere = caller.holds_everywhere();
        let mut groups = Vec::new();
        for row in tree.rows() {
            let held = caller.holds(row);
            let above = tree.parent(row).map_or(everywhere, |above| caller.holds(above));
            if held != above {
                let group = row.group.name_path();
                groups.push(HeldAt { group, capabilities: held });
            }
        }
        Ok(WhoAmI {
            subject: caller.subject().clone(),
            scope: caller.scope(),
            expires_at: caller.expires_at(),
            everywhere,
            groups,
        })
    }

    /// Our public keys (RFC 7517), the next one among them.
    ///
    /// # Errors
    /// When no key can be made, or the database does not answer.
    pub async fn key_set(&self) -> Result<Value> {
        let keys: Vec<Value> = self.keys().await?.iter().map(|key| key.public.clone()).collect();
        Ok(json!({ "keys": keys }))
    }

    /// A token of ours, and when it ends.
    pub(crate) async fn access_token(&self, ours: &Ours) -> Result<(String, Timestamp)> {
        // The time after the keys: the first one of all is made with the asking.
        let keys = self.keys().await?;
        let now = self.now();
        let ends = now + ACCESS_LASTS;
        let key = keys.iter().find(|key| key.from_at <= now);
        let key = key.ok_or_else(|| broken("no signing key is in force"))?;
        let Ok(Value::Object(mut claims)) = serde_json::to_value(ours) else {
            return Err(broken("the claims of a token cannot be written"));
        };
        let more = [
            ("iss", Value::from(self.address())),
            ("aud", Value::from(self.address())),
            ("iat", Value::from(now.as_seconds())),
            ("exp", Value::from(ends.as_seconds())),
            ("jti", Value::from(self.fresh_text())),
        ];
        claims.extend(more.map(|(name, value)| (name.to_owned(), value)));
        let place = sealed_for(&key.kid);
        let opened = self.ports().sealing.open(&place, &key.sealed);
        let private = opened.map_err(|error| ServiceError::Unavailable(error.to_string()))?;
        let token = signing::sign(&key.kid, &private, KIND, &claims);
        Ok((token.map_err(internal)?, Timestamp::from_seconds(ends.as_seconds())))
    }

    /// The caller of a token of ours.
    pub(crate) async fn caller_of_access(&self, token: &str) -> Result<Caller> {
        let (ours, ends) = self.verified(token).await?;
        match ours.bearer {
            Bearer::Cluster(id) => Ok(self.caller_of_cluster(id).await?),
            Bearer::Identity(id) => {
                let row = self.store().identity(id).await?;
                let identity = row.map(|row| row.identity).filter(|it| it.disabled_at.is_none());
                let identity = identity.ok_or(ServiceError::Unauthenticated)?;
                let credential = match ours.program {
                    None => Credential::Exchanged,
                    Some(program) if self.store().has_family(program, self.now()).await? => {
                        Credential::Program(program)
                    }
                    Some(_) => return Err(ServiceError::Unauthenticated),
                };
                let scope =
                    TokenScope { group: ours.scope.group, capabilities: ours.scope.capabilities };
                let person = Person { id, name: identity.name };
                let caller = self.caller_of_person(person).await?.narrowed(scope);
                Ok(caller.showing(credential, Some(ends)))
            }
        }
    }

    /// What a token of ours says, if it is one and counts now.
    async fn verified(&self, token: &str) -> Result<(Ours, Timestamp)> {
        let refused = || ServiceError::Unauthenticated;
        if token.split('.').count() != 3 || authentication::kind_of(token).as_deref() != Some(KIND)
        {
            return Err(refused());
        }
        let keys: Vec<Value> = self.keys().await?.iter().map(|key| key.public.clone()).collect();
        let claims = signing::verify(token, &keys).map_err(|_| refused())?;
        claims.check_times(self.now(), 0).map_err(|_| refused())?;
        let is_ours =
            claims.text("iss") == Some(self.address()) && claims.audiences() == [self.address()];
        if !is_ours {
            return Err(refused());
        }
        let ends = claims.0.get("exp").and_then(Value::as_i64).ok_or_else(refused)?;
        let ours: Ours = serde_json::from_value(Value::Object(claims.0)).map_err(|_| refused())?;
        Ok((ours, Timestamp::from_seconds(ends)))
    }

    /// Keys that are shown, the latest first; the first key of all is made here.
    async fn keys(&self) -> Result<Arc<Vec<SigningKeyRow>>> {
        let kept = &self.inner.signing_keys;
        let keys = kept.or_read(async || Ok(self.store().signing_keys(self.now()).await?)).await?;
        let now = self.now();
        if keys.iter().any(|key| key.from_at <= now && key.until_at > now) {
            return Ok(keys);
        }
        self.add_signing_key(now, Duration::ZERO).await?;
        kept.or_read(async || Ok(self.store().signing_keys(self.now()).await?)).await
    }

    /// Makes the next key when the present one has signed for long enough.
    pub(crate) async fn turn_signing_keys(&self) -> Result<()> {
        // What has ended is not shown any longer.
        self.inner.signing_keys.forget();
        let now = self.now();
        let keys = self.keys().await?;
        let is_due = keys.first().is_some_and(|key| now.since(key.from_at) >= KEY_SIGNS);
        if is_due { self.add_signing_key(now, KEY_IS_SHOWN_BEFORE).await } else { Ok(()) }
    }

    async fn add_signing_key(&self, now: Timestamp, shown_before: Duration) -> Result<()> {
        let fresh = signing::generate().map_err(internal)?;
        let sealed = self.ports().sealing.seal(&sealed_for(&fresh.kid), &fresh.private);
        let sealed = sealed.map_err(|error| ServiceError::Unavailable(error.to_string()))?;
        let from_at = now + shown_before;
        let row = SigningKeyRow {
            kid: fresh.kid,
            sealed,
            public: fresh.public,
            from_at,
            until_at: Timestamp::FOREVER,
        };
        let (mut tx, _) = self.begin().await?;
        if tx.insert_signing_key(&row, from_at + ACCESS_LASTS, now - KEY_SIGNS).await? {
            let caller = Caller::system("signing keys");
            let act = crate::audit::Act::named("signing_keys.create", format!("key {}", row.kid));
            crate::audit::note(&mut tx, &caller, None, &act, now).await?;
            tx.commit().await?;
        }
        self.inner.signing_keys.forget();
        Ok(())
    }
}

/// What a signing key is sealed for.
fn sealed_for(kid: &str) -> String {
    format!("signing-key {kid}")
}

pub(crate) fn internal(error: impl std::error::Error + Send + Sync + 'static) -> ServiceError {
    ServiceError::Internal(Box::new(error))
}

fn broken(text: &'static str) -> ServiceError {
    ServiceError::Internal(text.into())
}
