//! OIDC providers that people are sent to: authorization code with PKCE (RFC 7636), by the
//! `openidconnect` crate over our own HTTP client.
//!
//! | attack | what holds it off |
//! |---|---|
//! | a code or an answer planted by somebody else | `state`, which the browser's own session repeats |
//! | an ID token of another sign-in | `nonce` |
//! | a stolen code | PKCE's verifier, which never leaves us |
//! | one provider answering for another (mix-up) | `iss` of the answer (RFC 9207), one redirect a provider |
//! | `none`, HMAC under the client secret | the algorithms taken are those of public keys |

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use egress::cloud::{ANSWER_BYTES, Exchange};
use egress::{EgressError, Request};
use model::timestamp::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
    CoreClientAuthMethod, CoreGrantType, CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalProviderMetadata, AuthType, AuthorizationCode,
    ClientId, ClientSecret, CsrfToken, EndUserName, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl,
    RequestTokenError, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use url::Url;

/// How long a provider's documents are used without asking again.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How long a provider is left alone after it was asked because no key of its fitted a signature:
/// tokens with made-up keys must not have it asked again and again.
const PAUSE: Duration = Duration::from_secs(30);
/// Providers whose documents are remembered.
const MOST_PROVIDERS: usize = 256;

/// A provider, and what we are to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its issuer, exactly as its tokens say it.
    pub issuer: String,
    /// What it knows us as.
    pub client_id: String,
    /// What we show it; `None` for a public client.
    pub client_secret: Option<String>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Where it sends people back to.
    pub redirect: String,
}

/// Without the secret.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What binds an answer to the question: fresh random texts, kept in the browser's session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bond {
    /// What the answer repeats.
    pub state: String,
    /// What the ID token repeats.
    pub nonce: String,
    /// What PKCE's challenge was made of: 43 to 128 characters.
    pub verifier: String,
}

/// An account that its provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's issuer.
    pub issuer: String,
    /// The account, as the issuer calls it.
    pub subject: String,
    /// Its e-mail address, where the provider says one.
    pub email: Option<String>,
    /// Whether the provider says that the address is the account's own.
    pub is_email_verified: bool,
    /// How its owner is called.
    pub name: Option<String>,
    /// The ID token, to sign out with.
    pub id_token: String,
}

/// Why nobody was signed in. Whoever tried sees a sentence; the log has this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// What we have of the provider cannot be used.
    #[error("the provider {issuer} is set up wrongly: {cause}")]
    Settings {
        /// The issuer.
        issuer: String,
        /// What is wrong.
        cause: String,
    },
    /// The provider could not be asked, or gave nothing usable.
    #[error("the provider {issuer} gave no {wanted}: {cause}")]
    Away {
        /// The issuer.
        issuer: String,
        /// What was asked for.
        wanted: &'static str,
        /// Why there was none.
        cause: String,
    },
    /// The answer is not the provider's, or not to this question.
    #[error("the answer of {issuer} is not good: {cause}")]
    Answer {
        /// The issuer.
        issuer: String,
        /// What is wrong with it.
        cause: String,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Beside {
    end_session_endpoint: Option<Url>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Beside {}

type Metadata = ProviderMetadata<
    Beside,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Signatures by public keys; never one by a secret that two have.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Providers, with their documents as far as they were asked.
pub struct Providers {
    exchange: Arc<dyn Exchange>,
    known: Mutex<HashMap<String, Known>>,
}

/// What a provider said of itself.
struct Known {
    metadata: Metadata,
    at: Timestamp,
    /// When it was last asked because no key of its fitted a signature.
    turned_at: Option<Timestamp>,
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Providers").finish_non_exhaustive()
    }
}

impl Providers {
    /// Asks through `exchange`.
    #[must_use]
    pub fn new(exchange: Arc<dyn Exchange>) -> Self {
        Self { exchange, known: Mutex::default() }
    }

    /// The address that a person is sent to.
    ///
    /// # Errors
    /// When the provider is set up wrongly, or does not answer.
    pub async fn begin(
        &self,
        settings: &Settings,
        bond: &Bond,
        now: Timestamp,
    ) -> Result<Url, ProviderError> {
        let metadata = self.metadata(settings, now).await?;
        let redirect = redirect(settings)?;
        let client = client(settings, metadata).set_redirect_uri(redirect);
        let verifier = PkceCodeVerifier::new(bond.verifier.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let (state, nonce) = (bond.state.clone(), bond.nonce.clone());
        let (url, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        Ok(url)
    }

    /// Turns the code of an answer into the account that it stands for. `said` is the issuer
    /// that the answer names, where it names one.
    ///
    /// # Errors
    /// When the answer is not good, or the provider does not answer.
    pub async fn finish(
        &self,
        settings: &Settings,
        bond: &Bond,
        code: &str,
        said: Option<&str>,
        now: Timestamp,
    ) -> Result<Account, ProviderError> {
        let wrong =
            |cause: String| ProviderError::Answer { issuer: settings.issuer.clone(), cause };
        let metadata = self.metadata(settings, now).await?;
        let says_issuer =
            metadata.additional_metadata().authorization_response_iss_parameter_supported;
        is_of(settings, said, says_issuer).map_err(wrong)?;
        let client = client(settings, metadata).set_redirect_uri(redirect(settings)?);
        let ask = |request| ask(Arc::clone(&self.exchange), request);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| wrong(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(bond.verifier.clone()))
            .request_async(&ask)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(error) => ProviderError::Away {
                    issuer: settings.issuer.clone(),
                    wanted: "tokens",
                    cause: whole(&error),
                },
                RequestTokenError::ServerResponse(_)
                | RequestTokenError::Parse(..)
                | RequestTokenError::Other(_) => {
                    wrong(format!("no tokens for the code: {}", whole(&error)))
                }
            })?;
        let id_token = tokens.id_token().ok_or_else(|| wrong("there is no ID token".to_owned()))?;
        let nonce = Nonce::new(bond.nonce.clone());
        let claims = match id_token.claims(&verifier(client.id_token_verifier(), now), &nonce) {
            Ok(claims) => claims.clone(),
            // The provider may have turned its keys since they were asked for.
            Err(openidconnect::ClaimsVerificationError::SignatureVerification(_)) => {
                let metadata = self.turned(settings, now).await?;
                let fresh = self::client(settings, metadata);
                let answer = id_token.claims(&verifier(fresh.id_token_verifier(), now), &nonce);
                answer.map_err(|error| wrong(format!("its ID token: {}", whole(&error))))?.clone()
            }
            Err(error) => return Err(wrong(format!("its ID token: {}", whole(&error)))),
        };
        if let Some(expected) = claims.access_token_hash() {
            let metadata = self.metadata(settings, now).await?;
            let fresh = self::client(settings, metadata);
            let checked = verifier(fresh.id_token_verifier(), now);
            belongs(id_token, tokens.access_token(), expected, &checked).map_err(wrong)?;
        }
        let mut account = Account {
            issuer: settings.issuer.clone(),
            subject: claims.subject().to_string(),
            email: claims.email().map(|email| email.to_string()),
            is_email_verified: claims.email_verified() == Some(true),
            name: plain(claims.name()),
            id_token: id_token.to_string(),
        };
        if account.email.is_none() {
            // Many providers put the address into their userinfo answer alone.
            let subject = claims.subject().clone();
            if let Ok(request) = client.user_info(tokens.access_token().clone(), Some(subject)) {
                let asked: Result<CoreUserInfoClaims, _> = request.request_async(&ask).await;
                let more = asked.map_err(|error| ProviderError::Away {
                    issuer: settings.issuer.clone(),
                    wanted: "userinfo",
                    cause: error.to_string(),
                })?;
                account.email = more.email().map(|email| email.to_string());
                account.is_email_verified = more.email_verified() == Some(true);
                account.name = account.name.or_else(|| plain(more.name()));
            }
        }
        Ok(account)
    }

    /// Where a browser signs out of the provider, too; `None` where it has no such address.
    ///
    /// # Errors
    /// When the provider does not answer.
    pub async fn sign_out(
        &self,
        settings: &Settings,
        id_token: &str,
        back: &str,
        now: Timestamp,
    ) -> Result<Option<Url>, ProviderError> {
        let metadata = self.metadata(settings, now).await?;
        Ok(metadata.additional_metadata().end_session_endpoint.clone().map(|mut url| {
            url.query_pairs_mut()
                .append_pair("id_token_hint", id_token)
                .append_pair("client_id", &settings.client_id)
                .append_pair("post_logout_redirect_uri", back);
            url
        }))
    }

    /// The provider's documents, not older than an hour.
    async fn metadata(
        &self,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Metadata, ProviderError> {
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = known.get(&settings.issuer);
            if let Some(kept) = kept.filter(|kept| now.since(kept.at) < FRESH) {
                return Ok(kept.metadata.clone());
            }
        }
        self.fetched(settings, now).await
    }

    /// The provider's documents after a signature that none of its keys fitted, as it may have
    /// turned them since: asked for again, but not by every such signature.
    async fn turned(&self, settings: &Settings, now: Timestamp) -> Result<Metadata, ProviderError> {
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(kept) = known.get_mut(&settings.issuer) {
                if kept.turned_at.is_some_and(|at| now.since(at) < PAUSE) {
                    return Ok(kept.metadata.clone());
                }
                kept.turned_at = Some(now);
            }
        }
        self.fetched(settings, now).await
    }

    async fn fetched(
        &self,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Metadata, ProviderError> {
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| {
            let cause = error.to_string();
            ProviderError::Settings { issuer: settings.issuer.clone(), cause }
        })?;
        let ask = |request| ask(Arc::clone(&self.exchange), request);
        let metadata = Metadata::discover_async(issuer, &ask).await.map_err(|error| {
            let cause = whole(&error);
            ProviderError::Away { issuer: settings.issuer.clone(), wanted: "description", cause }
        })?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_PROVIDERS {
            known.clear();
        }
        let turned_at = known.get(&settings.issuer).and_then(|kept| kept.turned_at);
        let kept = Known { metadata: metadata.clone(), at: now, turned_at };
        known.insert(settings.issuer.clone(), kept);
        Ok(metadata)
    }
}

type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

fn client(settings: &Settings, metadata: Metadata) -> Client {
    let methods = metadata.token_endpoint_auth_methods_supported();
    let by_header =
        methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
    let secret = settings.client_secret.clone().map(ClientSecret::new);
    let id = ClientId::new(settings.client_id.clone());
    let client = CoreClient::from_provider_metadata(metadata, id, secret);
    client.set_auth_type(if by_header { AuthType::BasicAuth } else { AuthType::RequestBody })
}

fn redirect(settings: &Settings) -> Result<RedirectUrl, ProviderError> {
    RedirectUrl::new(settings.redirect.clone()).map_err(|error| {
        let cause = format!("our own address: {error}");
        ProviderError::Settings { issuer: settings.issuer.clone(), cause }
    })
}

fn verifier(verifier: CoreIdTokenVerifier<'_>, now: Timestamp) -> CoreIdTokenVerifier<'_> {
    let seconds = now.as_seconds();
    verifier.set_allowed_algs(ALGORITHMS).set_time_fn(move || openidconnect_time(seconds))
}

fn openidconnect_time(seconds: i64) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// Whether an answer is of the provider that was asked: a browser could be led to bring the answer
/// of another one (RFC 9207).
fn is_of(settings: &Settings, said: Option<&str>, says_issuer: bool) -> Result<(), String> {
    match said {
        Some(said) if said != settings.issuer => Err(format!("it says that it is of {said:?}")),
        None if says_issuer => Err("it does not say whose it is".to_owned()),
        Some(_) | None => Ok(()),
    }
}

/// Whether an access token came with the ID token that names it by its hash.
fn belongs(
    id_token: &CoreIdToken,
    access_token: &AccessToken,
    expected: &AccessTokenHash,
    verifier: &CoreIdTokenVerifier<'_>,
) -> Result<(), String> {
    let algorithm = id_token.signing_alg().map_err(|error| error.to_string())?;
    let key = id_token.signing_key(verifier).map_err(|error| error.to_string())?;
    let actual = AccessTokenHash::from_token(access_token, algorithm, key);
    if actual.ok().as_ref() == Some(expected) {
        return Ok(());
    }
    Err("its access token belongs to another ID token".to_owned())
}

fn plain(name: Option<&openidconnect::LocalizedClaim<EndUserName>>) -> Option<String> {
    let name = name?;
    let any = name.get(None).or_else(|| name.iter().next().map(|(_, name)| name));
    any.map(|name| name.to_string())
}

/// One request of the library, by our own client.
async fn ask(
    exchange: Arc<dyn Exchange>,
    request: HttpRequest,
) -> Result<HttpResponse, EgressError> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string();
    let url = url.parse().map_err(|_| EgressError::Url { host: url })?;
    let (method, headers, body) = (parts.method, parts.headers, Bytes::from(body));
    let request = Request { method, url, headers, body, max_bytes: Some(ANSWER_BYTES) };
    let response = exchange.send(request).await?;
    let mut answer = HttpResponse::new(response.body.to_vec());
    *answer.status_mut() = response.status;
    *answer.headers_mut() = response.headers;
    Ok(answer)
}

/// An error with what is under it: the library's own text says little.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(cause) = below {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        below = cause.source();
    }
    text
}
