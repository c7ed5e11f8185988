//! Fulcio: a certificate for whoever shows who they are and that they hold the key.

use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

use super::{House, Refusal, identity, now};

/// What cosign's second line sends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct First {
    public_key: FirstKey,
    signed_email_address: String,
}

#[derive(Debug, Deserialize)]
struct FirstKey {
    content: String,
}

/// What cosign's third line sends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Second {
    public_key_request: SecondKey,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecondKey {
    public_key: FirstKey,
    proof_of_possession: String,
}

/// `POST /api/v1/signingCert`: all of the chain as text.
pub(super) async fn first(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    Json(asked): Json<First>,
) -> Result<Response, Refusal> {
    let key = decoded(&asked.public_key.content)?;
    let chain = certify(&house, &headers, &key, &asked.signed_email_address).await?;
    let kind = [(header::CONTENT_TYPE, "application/pem-certificate-chain")];
    Ok((StatusCode::CREATED, kind, chain.concat()).into_response())
}

/// `POST /api/v2/signingCert`: the chain, certificate by certificate.
pub(super) async fn second(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    Json(asked): Json<Second>,
) -> Result<Response, Refusal> {
    let SecondKey { public_key, proof_of_possession } = asked.public_key_request;
    let key = public_key.content.as_bytes();
    let chain = certify(&house, &headers, key, &proof_of_possession).await?;
    let answer = json!({ "signedCertificateEmbeddedSct": { "chain": { "certificates": chain } } });
    Ok(Json(answer).into_response())
}

/// `GET /api/v1/rootCert`
pub(super) async fn root(State(house): State<Arc<House>>) -> Result<String, Refusal> {
    chain(&house)
}

/// `GET /api/v2/trustBundle`
pub(super) async fn trust_bundle(State(house): State<Arc<House>>) -> Result<Response, Refusal> {
    let blocks =
        pem::parse_many(chain(&house)?).map_err(|error| Refusal::bad(error.to_string()))?;
    let certificates: Vec<String> = blocks.iter().map(pem::encode).collect();
    Ok(Json(json!({ "chains": [{ "certificates": certificates }] })).into_response())
}

fn chain(house: &House) -> Result<String, Refusal> {
    let keys = house.authority.sigstore_keys();
    let chain = keys.certificate_authorities.first().map(|it| decoded(&it.cert_chain));
    let chain = chain.transpose()?.unwrap_or_default();
    String::from_utf8(chain).map_err(|error| Refusal::bad(error.to_string()))
}

async fn certify(
    house: &House,
    headers: &HeaderMap,
    key_pem: &[u8],
    proof: &str,
) -> Result<Vec<String>, Refusal> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = shown.and_then(|shown| shown.strip_prefix("Bearer ")).unwrap_or_default();
    let subject = identity::check(house, token)
        .await
        .map_err(|cause| Refusal { status: StatusCode::UNAUTHORIZED, cause })?;
    let key = pem::parse(key_pem).map_err(|error| Refusal::bad(format!("public key: {error}")))?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.contents())
        .verify(subject.as_bytes(), &decoded(proof)?)
        .map_err(|_| Refusal::bad("the key's holder did not sign the subject"))?;
    Ok(house.authority.certify(key.contents(), &house.issuer, &subject, now())?)
}

fn decoded(text: &str) -> Result<Vec<u8>, Refusal> {
    STANDARD.decode(text).map_err(|error| Refusal::bad(format!("not base64: {error}")))
}
