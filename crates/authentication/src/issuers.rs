//! Tokens of others: by the keys that their issuer publishes (OpenID Connect Discovery 1.0), or
//! by keys that somebody gave for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use egress::Request;
use egress::cloud::{ANSWER_BYTES, Exchange, body_of, document};
use jsonwebtoken::jwk::JwkSet;
use model::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::jwt::{self, Claims, TokenError};

/// How long fetched keys are used without asking again.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How long they are still used when their issuer does not answer.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long an issuer is left alone after it was asked, whatever came of it: tokens with made-up
/// keys must not have it asked again and again.
const PAUSE: Duration = Duration::from_secs(30);
/// Issuers that are remembered; a pattern may let in as many as somebody can make up.
const MOST_ISSUERS: usize = 256;
/// Seconds that clocks may differ.
const LEEWAY: i64 = 60;

/// Where the keys of a token's issuer come from.
#[derive(Debug, Clone, Copy)]
pub enum Keys<'a> {
    /// The issuer publishes them.
    Published,
    /// A JWKS document (RFC 7517) that was given.
    Given(&'a Value),
}

/// Issuers, with their keys as far as they were asked.
pub struct Issuers {
    exchange: Arc<dyn Exchange>,
    known: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Known>>>>,
}

impl std::fmt::Debug for Issuers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuers").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Known {
    keys: Option<(JwkSet, Timestamp)>,
    asked_at: Option<Timestamp>,
    refusal: String,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: Url,
}

/// Who a token says it is from, before anything of it is verified: to find out whether anybody
/// trusts that issuer at all.
///
/// # Errors
/// When it is no JWT, or names no issuer.
pub fn issuer_of(token: &str) -> Result<String, TokenError> {
    let claims = jwt::unverified(token)?;
    claims.text("iss").map(str::to_owned).ok_or(TokenError::Claim("iss"))
}

impl Issuers {
    /// Asks through `exchange`.
    #[must_use]
    pub fn new(exchange: Arc<dyn Exchange>) -> Self {
        Self { exchange, known: Mutex::default() }
    }

    /// Verifies that `issuer` signed a token that counts now. Whose it is, and whom for, is for
    /// the caller to judge by the claims.
    ///
    /// # Errors
    /// When it is not so, or the issuer gives no keys.
    pub async fn verify(
        &self,
        token: &str,
        issuer: &str,
        keys: Keys<'_>,
        now: Timestamp,
    ) -> Result<Claims, TokenError> {
        let claims = match keys {
            Keys::Given(document) => {
                let keys = jwt::key_set(document).ok_or_else(|| {
                    TokenError::Issuer(format!("the keys given for {issuer} are no JWKS document"))
                })?;
                jwt::verify(token, &keys)?
            }
            Keys::Published => self.by_published(token, issuer, now).await?,
        };
        claims.check_times(now, LEEWAY)?;
        if claims.text("iss") != Some(issuer) {
            return Err(TokenError::Claim("iss"));
        }
        Ok(claims)
    }

    async fn by_published(
        &self,
        token: &str,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Claims, TokenError> {
        let known = self.known(issuer);
        // One asks; whoever comes meanwhile waits for what is found.
        let mut known = known.lock().await;
        let is_fresh = |at: &Timestamp| now.since(*at) < FRESH;
        if let Some((keys, _)) = known.keys.as_ref().filter(|(_, at)| is_fresh(at)) {
            match jwt::verify(token, keys) {
                // It may have been turned since.
                Err(TokenError::UnknownKey(_)) => {}
                answer => return answer,
            }
        }
        if known.asked_at.is_none_or(|at| now.since(at) >= PAUSE) {
            known.asked_at = Some(now);
            match self.fetch(issuer).await {
                Ok(keys) => known.keys = Some((keys, now)),
                Err(cause) => known.refusal = cause,
            }
        }
        match &known.keys {
            Some((keys, at)) if now.since(*at) < STALE => jwt::verify(token, keys),
            Some(_) | None => Err(TokenError::Issuer(known.refusal.clone())),
        }
    }

    fn known(&self, issuer: &str) -> Arc<tokio::sync::Mutex<Known>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_ISSUERS && !known.contains_key(issuer) {
            known.clear();
        }
        Arc::clone(known.entry(issuer.to_owned()).or_default())
    }

    async fn fetch(&self, issuer: &str) -> Result<JwkSet, String> {
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let place: Url =
            place.parse().map_err(|_| format!("the issuer {issuer:?} is no https address"))?;
        let found: Discovery = self.ask(issuer, "discovery document", place).await?;
        if found.issuer != issuer {
            return Err(format!("{issuer} says that it is {:?}", found.issuer));
        }
        let keys: Value = self.ask(issuer, "key set", found.jwks_uri).await?;
        jwt::key_set(&keys).ok_or_else(|| format!("{issuer} gave an answer that is no key set"))
    }

    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        issuer: &str,
        wanted: &str,
        place: Url,
    ) -> Result<T, String> {
        let mut request = Request::new(place);
        request.max_bytes = Some(ANSWER_BYTES);
        let body = body_of(issuer, wanted, self.exchange.send(request).await)?;
        document(issuer, wanted, &body)
    }
}

#[cfg(test)]
mod tests;
