//! Loadline as an OAuth 2.0 and OIDC issuer: its description and keys, `POST /sts/exchange`, and
//! the forms by which a person lets a program in. Errors are those of RFC 6749, for the clients of
//! these addresses are OAuth clients.

use axum::extract::{Extension, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Json};
use model::iam::{Capability, Origin};
use serde::Deserialize;
use serde_json::json;
use service::tokens::{Exchange, Granted, PollError};
use service::{Service, ServiceError};
use url::Url;
use utoipa::ToSchema;

use super::Routes;
use super::identify::Known;
use super::openapi::{file, ok, redirected};
use super::problem::Refusal;
use crate::sweeper::describe;

mod wire;

use wire::{DeviceRequest, DeviceResponse, Error, TokenRequest, TokenResponse};

/// How long others may keep our key set, and where it is: half of what a new key is shown for before it signs.
const KEYS_ARE_KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600");

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// The command line: the one program that signs people in, without a secret, for everybody has it.
const CLIENT: &str = "loadline";

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/.well-known/openid-configuration", description)
        .says("Describe the server as an OAuth and OIDC issuer", file(&["application/json"]))
        .get("/.well-known/jwks.json", keys)
        .says("List the keys that tokens are signed with", file(&["application/json"]))
        .add("POST", "/sts/exchange", post(exchange))
        .takes::<((), Form<TokenRequest>)>()
        .says(
            "Turn a proof of who one is into a token",
            ok::<TokenResponse>().and::<Error>(400, "Refused, as RFC 6749 says."),
        )
        .add("POST", "/oauth/device", post(device))
        .takes::<((), Form<DeviceRequest>)>()
        .says(
            "Begin to sign in on another device",
            ok::<DeviceResponse>().and::<Error>(400, "Refused, as RFC 6749 says."),
        )
        .post("/oauth/authorize", authorize)
        .says("Let a program in, or not: a form of the console", redirected("To the program."))
        .post("/oauth/activate", activate)
        .says("Let a device in, or not: a form of the console", redirected("To the page."))
}

async fn description(State(service): State<Service>) -> Response {
    let at = |path: &str| format!("{}{path}", service.address());
    let capabilities: Vec<&str> = Capability::ALL.iter().map(|one| one.as_str()).collect();
    let description = Json(json!({
        "issuer": service.address(),
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/sts/exchange"),
        "device_authorization_endpoint": at("/oauth/device"),
        "jwks_uri": at("/.well-known/jwks.json"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported":
            ["authorization_code", "refresh_token", DEVICE_CODE, TOKEN_EXCHANGE],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
        "claims_supported":
            ["iss", "sub", "aud", "exp", "iat", "jti", "kind", "group", "capabilities"],
        "scopes_supported": capabilities,
    }));
    ([(header::CACHE_CONTROL, KEYS_ARE_KEPT)], description).into_response()
}

async fn keys(State(service): State<Service>) -> Result<Response, Refusal> {
    let mut response = Json(service.key_set().await?).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, KEYS_ARE_KEPT);
    Ok(response)
}

/// Parameters of a token request, some of which may be repeated.
struct Asked(Vec<(String, String)>);

impl Asked {
    fn one(&self, name: &str) -> Result<Option<String>, OauthError> {
        let mut all = self.0.iter().filter(|(given, _)| given == name).map(|(_, value)| value);
        let first = all.next();
        if all.next().is_some() {
            return Err(OauthError::request(format!("{name} is given more than once")));
        }
        Ok(first.filter(|value| !value.is_empty()).cloned())
    }

    fn needed(&self, name: &str) -> Result<String, OauthError> {
        self.one(name)?.ok_or_else(|| OauthError::request(format!("{name} is missing")))
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(given, _)| given == name).map(|(_, value)| value.clone()).collect()
    }
}

async fn exchange(
    State(service): State<Service>,
    Extension(origin): Extension<Origin>,
    Form(asked): Form<Vec<(String, String)>>,
) -> Result<Response, OauthError> {
    service.count_exchange(&origin)?;
    let asked = Asked(asked);
    let granted = match asked.needed("grant_type")?.as_str() {
        TOKEN_EXCHANGE => {
            let audiences = asked.all("audience");
            if audiences.iter().any(|audience| audience != service.address()) {
                let text = format!("tokens are for {} only", service.address());
                return Err(OauthError::new(StatusCode::BAD_REQUEST, "invalid_target", text));
            }
            let ask = Exchange {
                proof: asked.needed("subject_token")?,
                identity: asked.one("identity")?,
                cluster: asked.one("cluster")?,
                group: asked.one("scope")?,
                capabilities: asked.all("cap"),
            };
            service.exchange(&ask, &origin).await?
        }
        "refresh_token" => {
            service.programs().renew(&asked.needed("refresh_token")?, &origin).await?
        }
        "authorization_code" => {
            of_client(&asked)?;
            let (code, redirect) = (asked.needed("code")?, asked.needed("redirect_uri")?);
            let verifier = asked.needed("code_verifier")?;
            service.programs().redeem(&code, &redirect, &verifier, &origin).await?
        }
        DEVICE_CODE => {
            of_client(&asked)?;
            service.programs().poll_device(&asked.needed("device_code")?, &origin).await?
        }
        _ => {
            let text = format!(
                "write {TOKEN_EXCHANGE}, refresh_token, authorization_code or {DEVICE_CODE}"
            );
            return Err(OauthError::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", text));
        }
    };
    Ok(answered(&service, granted))
}

fn answered(service: &Service, granted: Granted) -> Response {
    let lasts = granted.expires_at.since(service.now()).as_secs();
    let body = TokenResponse {
        access_token: granted.token,
        issued_token_type: ACCESS_TOKEN,
        token_type: "Bearer",
        expires_in: lasts,
        refresh_token: granted.refresh_token,
    };
    unkept(Json(body).into_response())
}

async fn device(
    State(service): State<Service>,
    Extension(origin): Extension<Origin>,
    Form(asked): Form<Vec<(String, String)>>,
) -> Result<Response, OauthError> {
    service.count_exchange(&origin)?;
    of_client(&Asked(asked))?;
    let start = service.programs().start_device(&origin).await?;
    let place = format!("{}/activate", service.address());
    let body = DeviceResponse {
        verification_uri_complete: format!("{place}?code={}", start.user_code),
        device_code: start.device_code,
        user_code: start.user_code,
        verification_uri: place,
        expires_in: start.expires_in,
        interval: start.interval,
    };
    Ok(unkept(Json(body).into_response()))
}

fn of_client(asked: &Asked) -> Result<(), OauthError> {
    if asked.needed("client_id")? == CLIENT {
        return Ok(());
    }
    let text = format!("there is one client, {CLIENT}");
    Err(OauthError::new(StatusCode::BAD_REQUEST, "invalid_client", text))
}

#[derive(Debug, Deserialize, ToSchema)]
struct Authorize {
    redirect_uri: String,
    code_challenge: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    decision: String,
}

/// The form of the page `/authorize`: the person decided.
async fn authorize(
    State(service): State<Service>,
    Known(caller): Known,
    Form(form): Form<Authorize>,
) -> Result<Redirect, Refusal> {
    let Authorize { redirect_uri, code_challenge, state, decision } = form;
    service::tokens::Programs::check(&redirect_uri, &code_challenge)?;
    let mut back: Url =
        redirect_uri.parse().map_err(|error| ServiceError::Internal(Box::new(error)))?;
    if decision == "yes" {
        let code = service.programs().authorize(&caller, &redirect_uri, &code_challenge).await?;
        back.query_pairs_mut().append_pair("code", &code);
    } else {
        back.query_pairs_mut().append_pair("error", "access_denied");
    }
    back.query_pairs_mut().append_pair("state", &state).append_pair("iss", service.address());
    Ok(Redirect::to(back.as_str()))
}

#[derive(Debug, Deserialize, ToSchema)]
struct Activate {
    code: String,
    #[serde(default)]
    decision: String,
}

/// The form of the page `/activate`: the person decided.
async fn activate(
    State(service): State<Service>,
    Known(caller): Known,
    Form(form): Form<Activate>,
) -> Result<Redirect, Refusal> {
    let is_granted = form.decision == "yes";
    match service.programs().decide(&caller, &form.code, is_granted).await {
        Ok(()) if is_granted => Ok(Redirect::to("/activate?done=yes")),
        Ok(()) => Ok(Redirect::to("/activate?done=no")),
        Err(ServiceError::NotFound) => Ok(Redirect::to("/activate?problem=code")),
        Err(ServiceError::TooMany(_)) => Ok(Redirect::to("/activate?problem=pace")),
        Err(error) => Err(error.into()),
    }
}

/// A refusal in OAuth's form (RFC 6749, 5.2).
#[derive(Debug)]
struct OauthError {
    status: StatusCode,
    code: &'static str,
    text: String,
    /// Seconds after which it is worth trying again.
    retry_after: Option<u64>,
}

impl OauthError {
    fn new(status: StatusCode, code: &'static str, text: String) -> Self {
        Self { status, code, text, retry_after: None }
    }

    fn request(text: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", text)
    }
}

impl From<ServiceError> for OauthError {
    fn from(error: ServiceError) -> Self {
        let text = error.to_string();
        let (status, code) = match &error {
            ServiceError::Forbidden(_) | ServiceError::Unauthenticated | ServiceError::NotFound => {
                (StatusCode::BAD_REQUEST, "invalid_grant")
            }
            ServiceError::Invalid(fields) if fields.iter().any(|it| it.field == "scope") => {
                (StatusCode::BAD_REQUEST, "invalid_scope")
            }
            ServiceError::Invalid(_)
            | ServiceError::Conflict(_)
            | ServiceError::Limit(_)
            | ServiceError::Diagnostics(_)
            | ServiceError::Gap(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            ServiceError::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "slow_down"),
            ServiceError::Unavailable(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
            }
            ServiceError::Internal(source) => {
                tracing::error!(error = describe(&**source), "a request broke on our side");
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error")
            }
        };
        let retry_after =
            if let ServiceError::TooMany(seconds) = error { Some(seconds) } else { None };
        Self { retry_after, ..Self::new(status, code, text) }
    }
}

impl From<PollError> for OauthError {
    fn from(error: PollError) -> Self {
        let code = match error {
            PollError::Pending => "authorization_pending",
            PollError::SlowDown => "slow_down",
            PollError::Denied => "access_denied",
            PollError::Ended => "expired_token",
            PollError::Service(error) => return error.into(),
        };
        Self::new(StatusCode::BAD_REQUEST, code, error.to_string())
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let body = Error { error: self.code, error_description: self.text };
        let mut response = unkept((self.status, Json(body)).into_response());
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn unkept(mut response: Response) -> Response {
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}
