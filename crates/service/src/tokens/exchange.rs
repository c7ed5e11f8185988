//! The security token service: a proof of somebody else for a token of ours (RFC 8693).
//!
//! Whoever asks names the identity they want to be; the proof has to be good, made for this
//! installation, and the one that the identity asks for (`enforce.md` 3.7, 3.8).

use authentication::aws::{self, AwsPrincipal};
use authentication::issuers::{Keys, issuer_of};
use authentication::{Claims, TokenError};
use model::iam::{
    AwsMatch, Capability, CapabilitySet, ClaimMatch, Identity, Matcher, Origin, Proof, TokenScope,
};
use model::id::{ClusterId, IdentityId};
use model::timestamp::Timestamp;
use serde_json::{Value, json};
use store::{ClusterIssuer, IdentityRow, Person};

use super::Ours;
use crate::audit::{Act, note};
use crate::iam::proofs::{self, wrong_issuer};
use crate::sign_in::{Bucket, Network, as_person};
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Exchange {
    /// The proof: a JWT, or a signed request of AWS.
    pub proof: String,
    /// The identity to act as; either this or `cluster`.
    pub identity: Option<String>,
    /// The cluster to act as.
    pub cluster: Option<String>,
    /// The group that the token is narrowed to, by name path, UIDP or id.
    pub group: Option<String>,
    /// The capabilities that it is narrowed to; none is all.
    pub capabilities: Vec<String>,
}

/// A token that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The token.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What it is renewed by, where a person signed a program in.
    pub refresh_token: Option<String>,
}

impl Service {
    /// Counts a request of the token endpoint, where it comes from: verifying a signature is
    /// work, and codes can be guessed.
    ///
    /// # Errors
    /// Too many.
    pub fn count_exchange(&self, origin: &Origin) -> Result<()> {
        let bucket = Bucket::Exchange(origin.address.map(Network::of));
        self.inner.pace.take(bucket, self.now())
    }

    /// Exchanges a proof for a token of ours.
    ///
    /// # Errors
    /// Forbidden where the proof is not good, or not the one that is asked for, with what is
    /// wrong with it; invalid fields; unavailable where its issuer gives no keys.
    pub async fn exchange(&self, ask: &Exchange, origin: &Origin) -> Result<Granted> {
        match (&ask.identity, &ask.cluster) {
            (Some(id), None) => self.exchange_for_identity(id, ask, origin).await,
            (None, Some(id)) => self.exchange_for_cluster(id, ask, origin).await,
            (Some(_), Some(_)) | (None, None) => Err(wrong(
                "identity",
                "Say whom to act as: either an identity or a cluster, by its id.",
            )),
        }
    }

    async fn exchange_for_identity(
        &self,
        id: &str,
        ask: &Exchange,
        origin: &Origin,
    ) -> Result<Granted> {
        let id: IdentityId =
            id.parse().map_err(|_| wrong("identity", "An identity's id has 16 hex digits."))?;
        let row = self.store().identity(id).await?;
        let row = row.filter(|row| row.identity.disabled_at.is_none());
        let row = row.ok_or_else(|| refused("There is no identity of that id to act as."))?;
        let now = self.now();
        let shown = self.check_proof(&row.identity, &ask.proof, now).await?;
        let scope = self.narrowing(ask).await?;
        let ours = Ours::identity(id, scope, None);
        let (token, expires_at) = self.access_token(&ours).await?;
        self.assumed(row, origin, &shown, scope).await?;
        Ok(Granted { token, expires_at, refresh_token: None })
    }

    /// Keeps that an identity was assumed.
    async fn assumed(
        &self,
        row: IdentityRow,
        origin: &Origin,
        shown: &Value,
        scope: TokenScope,
    ) -> Result<()> {
        let tree = self.tree().await?;
        let place = row.identity.group.and_then(|group| tree.by_id(group));
        let id = row.identity.id;
        let person = Person { id, name: row.identity.name.clone() };
        let act = Act::named("sts.exchange", format!("identity {id}"))
            .after(&json!({ "proof": shown, "scope": scope }));
        let (mut tx, now) = self.begin().await?;
        let seen = Identity { seen_at: Some(now), ..row.identity };
        tx.put_identity(&IdentityRow { identity: seen, ..row }).await?;
        note(&mut tx, &as_person(&person, origin), place, &act, now).await?;
        Ok(tx.commit().await?)
    }

    async fn exchange_for_cluster(
        &self,
        id: &str,
        ask: &Exchange,
        origin: &Origin,
    ) -> Result<Granted> {
        let id: ClusterId =
            id.parse().map_err(|_| wrong("cluster", "A cluster's id has 16 hex digits."))?;
        if ask.group.is_some() || !ask.capabilities.is_empty() {
            let message = "A cluster's token reports its inventory and nothing else: leave it out.";
            return Err(wrong("scope", message));
        }
        let none = || refused("There is no cluster of that id whose issuer is known.");
        let cluster = self.store().cluster(id).await?.ok_or_else(none)?;
        let issuer = self.store().cluster_issuer(cluster.root, id).await?.ok_or_else(none)?;
        let keys = issuer.keys.as_ref().map_or(Keys::Published, Keys::Given);
        let claims = self.verified_by(&ask.proof, &issuer.issuer, keys, self.now()).await?;
        same("subject", claims.text("sub").unwrap_or_default(), &issuer.subject)?;
        self.meant_for_us(&claims, None)?;
        let (token, expires_at) = self.access_token(&Ours::cluster(id)).await?;
        let caller = self.caller_of_cluster(id).await?.asking_from(origin.clone());
        let tree = self.tree().await?;
        let shown = json!({ "issuer": issuer.issuer, "subject": issuer.subject });
        let act = Act::named("sts.exchange", format!("cluster {id}")).after(&shown);
        let (mut tx, now) = self.begin().await?;
        note(&mut tx, &caller, tree.by_id(cluster.group), &act, now).await?;
        tx.commit().await?;
        Ok(Granted { token, expires_at, refresh_token: None })
    }

    /// Passes where a proof is good for an identity; gives what the audit log tells of it.
    async fn check_proof(&self, identity: &Identity, proof: &str, now: Timestamp) -> Result<Value> {
        match &identity.proof {
            Proof::ClaimMatch(wanted) => {
                let issuer = issuer_of(proof).map_err(token_refused)?;
                // Before anybody is asked for keys: whom we ask is not for strangers to say.
                matched("issuer", &issuer, &wanted.issuer)?;
                let claims = self.verified_by(proof, &issuer, Keys::Published, now).await?;
                self.check_claims(&claims, wanted)?;
                Ok(json!({ "issuer": issuer, "subject": claims.text("sub") }))
            }
            Proof::Static(wanted) => {
                if wanted.expires_at <= now {
                    return Err(refused(&format!(
                        "The keys of the identity counted until {}. Give it fresh ones.",
                        wanted.expires_at
                    )));
                }
                let keys = Keys::Given(&wanted.keys);
                let claims = self.verified_by(proof, &wanted.issuer, keys, now).await?;
                same("subject", claims.text("sub").unwrap_or_default(), &wanted.subject)?;
                self.meant_for_us(&claims, None)?;
                Ok(json!({ "issuer": wanted.issuer, "subject": wanted.subject }))
            }
            Proof::Aws(wanted) => {
                let id = identity.id.to_string();
                let web = &self.ports().web;
                let found = aws::principal(web, proof, self.address(), &id, now).await;
                let principal = found.map_err(|error| refused(&sentence(&error.to_string())))?;
                check_principal(&principal, wanted)?;
                Ok(json!({ "arn": principal.arn, "userId": principal.user_id }))
            }
            Proof::Person { .. } => {
                Err(refused("The identity is a person's, who signs in. Nothing can act as it."))
            }
            Proof::ServicePrincipal { .. } => {
                Err(refused("The identity is for a part of the control plane only."))
            }
        }
    }

    async fn verified_by(
        &self,
        token: &str,
        issuer: &str,
        keys: Keys<'_>,
        now: Timestamp,
    ) -> Result<Claims> {
        self.inner.issuers.verify(token, issuer, keys, now).await.map_err(token_refused)
    }

    fn check_claims(&self, claims: &Claims, wanted: &ClaimMatch) -> Result<()> {
        matched("subject", claims.text("sub").unwrap_or_default(), &wanted.subject)?;
        self.meant_for_us(claims, wanted.audience.as_ref())?;
        for (name, matcher) in &wanted.claims {
            let text = match claims.0.get(name) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Bool(truth)) => truth.to_string(),
                Some(Value::Number(number)) => number.to_string(),
                Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => {
                    return Err(refused(&format!("The token has no plain claim {name}.")));
                }
            };
            matched(name, &text, matcher)?;
        }
        Ok(())
    }

    /// Passes where a token was made for us: its audience is our address, or what the identity
    /// says instead.
    fn meant_for_us(&self, claims: &Claims, wanted: Option<&Matcher>) -> Result<()> {
        let audiences = claims.audiences();
        let is_ours = audiences.iter().any(|audience| match wanted {
            None => *audience == self.address(),
            Some(matcher) => is_matched(audience, matcher),
        });
        if is_ours {
            return Ok(());
        }
        Err(refused(&format!(
            "The token is for {audiences:?}. Ask its issuer for one for the audience {}.",
            wanted.map_or(self.address(), |_| "that the identity names")
        )))
    }

    /// The scope that is asked for. It can only take away, so nothing is checked but that it
    /// means something.
    async fn narrowing(&self, ask: &Exchange) -> Result<TokenScope> {
        let group = match &ask.group {
            None => None,
            Some(text) => {
                let tree = self.tree().await?;
                let row = tree.by_text(text);
                let message = "There is no such group. Write its name path or its id.";
                Some(row.ok_or_else(|| wrong("scope", message))?.group.id)
            }
        };
        Ok(TokenScope { group, capabilities: capabilities("capability", &ask.capabilities)? })
    }
}

/// Whom clusters are vouched for by.
#[derive(Debug, Clone, Copy)]
pub struct ClusterIssuers<'a>(&'a Service);

impl Service {
    /// The use cases of clusters' issuers.
    #[must_use]
    pub const fn cluster_issuers(&self) -> ClusterIssuers<'_> {
        ClusterIssuers(self)
    }
}

impl ClusterIssuers<'_> {
    /// Says whose service-account tokens stand for a cluster. Without `keys` the issuer is asked
    /// for them.
    ///
    /// # Errors
    /// Invalid fields; not found or forbidden at the cluster's group.
    pub async fn set(
        &self,
        caller: &Caller,
        id: ClusterId,
        issuer: String,
        subject: String,
        keys: Option<Value>,
    ) -> Result<()> {
        let cluster = self.0.store().cluster(id).await?.ok_or(ServiceError::NotFound)?;
        let tree = self.0.tree().await?;
        let group = tree.by_id(cluster.group).ok_or(ServiceError::NotFound)?;
        caller.require(Capability::ClustersUpdate, Capability::ClustersList, group)?;
        let mut errors = Vec::new();
        wrong_issuer(&mut errors, "issuer", &issuer);
        if !subject.starts_with("system:serviceaccount:") || subject.len() > 512 {
            let message =
                "Write the service account as its tokens do: system:serviceaccount:NAMESPACE:NAME.";
            errors.push(FieldError::new("subject", message));
        }
        if let Some(Err(message)) = keys.as_ref().map(proofs::check_jwks) {
            errors.push(FieldError::new("keys", message));
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let before = self.0.store().cluster_issuer(cluster.root, id).await?;
        let shown = |it: &ClusterIssuer| json!({ "issuer": it.issuer, "subject": it.subject, "keys": it.keys });
        let after = ClusterIssuer { issuer, subject, keys };
        let (mut tx, now) = self.0.begin().await?;
        tx.put_cluster_issuer(cluster.root, id, &after, now).await?;
        let act = Act::of(Capability::ClustersUpdate, format!("issuer of cluster {id}"));
        let act = match &before {
            Some(before) => act.before(&shown(before)),
            None => act,
        };
        note(&mut tx, caller, Some(group), &act.after(&shown(&after)), now).await?;
        Ok(tx.commit().await?)
    }
}

/// Capabilities by their names; none is no narrowing.
pub(crate) fn capabilities(field: &str, names: &[String]) -> Result<Option<CapabilitySet>> {
    if names.is_empty() {
        return Ok(None);
    }
    let read: std::result::Result<Vec<Capability>, _> =
        names.iter().map(|name| name.parse()).collect();
    let read = read.map_err(|error| wrong(field, &error.to_string()))?;
    Ok(Some(CapabilitySet::of(&read)))
}

fn check_principal(principal: &AwsPrincipal, wanted: &AwsMatch) -> Result<()> {
    same("account", &principal.account, &wanted.account)?;
    if let Some(arn) = &wanted.arn {
        matched("ARN", &principal.arn, arn)?;
    }
    if let Some(user) = &wanted.user_id {
        matched("user id", &principal.user_id, user)?;
    }
    Ok(())
}

fn same(what: &str, shown: &str, wanted: &str) -> Result<()> {
    if shown == wanted { Ok(()) } else { Err(another(what, shown)) }
}

fn matched(what: &str, shown: &str, wanted: &Matcher) -> Result<()> {
    if is_matched(shown, wanted) { Ok(()) } else { Err(another(what, shown)) }
}

fn is_matched(shown: &str, wanted: &Matcher) -> bool {
    match wanted {
        Matcher::Exact(text) => text == shown,
        Matcher::Pattern(text) => proofs::pattern(text).is_ok_and(|known| known.is_match(shown)),
    }
}

/// Tells what was shown, which whoever asks knows, and not what is wanted.
fn another(what: &str, shown: &str) -> ServiceError {
    let shown: String = shown.chars().take(256).collect();
    refused(&format!("The {what} is {shown:?}, which is not the one that is asked for."))
}

fn token_refused(error: TokenError) -> ServiceError {
    match error {
        TokenError::Issuer(cause) => ServiceError::Unavailable(sentence(&cause)),
        TokenError::Malformed
        | TokenError::UnknownKey(_)
        | TokenError::Signature
        | TokenError::Claim(_)
        | TokenError::Ended(_)
        | TokenError::Early(_) => refused(&sentence(&error.to_string())),
    }
}

fn refused(text: &str) -> ServiceError {
    ServiceError::Forbidden(text.to_owned())
}

fn wrong(field: &str, message: &str) -> ServiceError {
    ServiceError::Invalid(vec![FieldError::new(field, message)])
}

/// An error's text as a sentence for people.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}
