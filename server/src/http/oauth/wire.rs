//! What OAuth clients send and get (RFC 6749, 8628, 8693), as the OpenAPI document shows it.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The form of a token request. It is read as pairs, for some parameters may be repeated.
#[derive(Debug)]
pub(super) struct TokenRequest;

/// The form of a device authorization request.
#[derive(Debug)]
pub(super) struct DeviceRequest;

/// A token, and what to renew it by.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenResponse {
    pub(super) access_token: String,
    pub(super) issued_token_type: &'static str,
    pub(super) token_type: &'static str,
    /// Seconds.
    pub(super) expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
}

/// What a person types in where, and what the device asks with meanwhile.
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceResponse {
    pub(super) device_code: String,
    pub(super) user_code: String,
    pub(super) verification_uri: String,
    pub(super) verification_uri_complete: String,
    /// Seconds.
    pub(super) expires_in: u64,
    /// Seconds between two questions.
    pub(super) interval: u64,
}

/// A refusal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OauthError)]
pub(super) struct Error {
    /// One of the codes of RFC 6749, 5.2, RFC 8628, 3.5 or RFC 8693, 2.2.2.
    pub(super) error: &'static str,
    /// What is wrong, and what would be right.
    pub(super) error_description: String,
}

fn form(needed: &str, fields: &[(&str, &str)]) -> RefOr<Schema> {
    let mut form = ObjectBuilder::new().required(needed);
    for (name, says) in fields {
        let text = ObjectBuilder::new().schema_type(Type::String).description(Some(*says));
        form = form.property(*name, text);
    }
    form.into()
}

impl PartialSchema for TokenRequest {
    fn schema() -> RefOr<Schema> {
        form(
            "grant_type",
            &[
                ("grant_type", "Token exchange, refresh_token, authorization_code or device code."),
                ("subject_token", "Exchange: the token of another issuer."),
                (
                    "subject_token_type",
                    "Exchange: the kind of that token; it is recognised anyway.",
                ),
                ("identity", "Exchange: the id of the identity to act as."),
                ("cluster", "Exchange: the id of the cluster to act as."),
                ("scope", "Exchange: the group that the token is narrowed to."),
                ("cap", "Exchange: a capability that it is narrowed to; may be repeated."),
                ("audience", "Exchange: this server; anything else is refused."),
                ("refresh_token", "Renewal: the refresh token."),
                ("client_id", "Code and device: loadline."),
                ("code", "Code: what the browser brought."),
                ("redirect_uri", "Code: where the browser was sent."),
                ("code_verifier", "Code: the verifier of PKCE."),
                ("device_code", "Device: what it was given."),
            ],
        )
    }
}

impl ToSchema for TokenRequest {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("TokenRequest")
    }
}

impl PartialSchema for DeviceRequest {
    fn schema() -> RefOr<Schema> {
        form("client_id", &[("client_id", "Always loadline: there is one client.")])
    }
}

impl ToSchema for DeviceRequest {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("DeviceRequest")
    }
}
