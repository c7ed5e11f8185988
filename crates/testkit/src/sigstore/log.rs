//! Rekor's first API: entries are taken in where their signature holds, and can be read back.

use std::sync::{Arc, PoisonError};

use authority::Entry;
use aws_lc_rs::digest;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use serde::Deserialize;
use serde_json::{Value, json};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

use super::{House, Refusal, now};

/// What is handed in.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", content = "spec", rename_all = "lowercase")]
enum Proposed {
    HashedRekord(Message),
    Dsse(Statement),
}

#[derive(Debug, Deserialize)]
struct Message {
    data: Signed,
    signature: Signature,
}

#[derive(Debug, Deserialize)]
struct Signed {
    hash: Hash,
}

#[derive(Debug, Deserialize)]
struct Hash {
    algorithm: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signature {
    content: String,
    public_key: Key,
}

#[derive(Debug, Deserialize)]
struct Key {
    content: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    proposed_content: Content,
}

#[derive(Debug, Deserialize)]
struct Content {
    envelope: String,
    verifiers: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload_type: String,
    payload: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Debug, Deserialize)]
struct EnvelopeSignature {
    sig: String,
}

/// `POST /api/v1/log/entries`
pub(super) async fn enter(
    State(house): State<Arc<House>>,
    Json(proposed): Json<Proposal>,
) -> Result<Response, Refusal> {
    let logged = match proposed.0 {
        Proposed::HashedRekord(message) => message.enter(&house)?,
        Proposed::Dsse(statement) => statement.enter(&house)?,
    };
    let (uuid, entry) = (logged.uuid(), logged.rekor_entry());
    house
        .entries
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(uuid.clone(), entry.clone());
    let place = format!("/api/v1/log/entries/{uuid}");
    let headers = [(header::LOCATION, place), (header::ETAG, uuid.clone())];
    Ok((StatusCode::CREATED, headers, Json(json!({ uuid: entry }))).into_response())
}

/// Kept apart, so that what of an entry is read stays in this module.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Proposal(Proposed);

/// `GET /api/v1/log/entries/{uuid}`
pub(super) async fn entry(
    State(house): State<Arc<House>>,
    Path(uuid): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let entries = house.entries.lock().unwrap_or_else(PoisonError::into_inner);
    let found = entries.get(&uuid).map(|entry| Json(json!({ uuid.clone(): entry })));
    found.ok_or(Refusal { status: StatusCode::NOT_FOUND, cause: format!("no entry {uuid}") })
}

/// `GET /api/v1/log`
pub(super) async fn told(State(house): State<Arc<House>>) -> Json<Value> {
    let n_entries = house.entries.lock().unwrap_or_else(PoisonError::into_inner).len();
    Json(json!({ "treeSize": n_entries, "inactiveShards": [] }))
}

/// `GET /api/v1/log/publicKey`
pub(super) async fn public_key(State(house): State<Arc<House>>) -> Result<Response, Refusal> {
    let keys = house.authority.sigstore_keys();
    let pem = keys.t_logs.first().map(|log| decoded(&log.public_key)).transpose()?;
    let kind = [(header::CONTENT_TYPE, "application/x-pem-file")];
    Ok((kind, pem.unwrap_or_default()).into_response())
}

impl Message {
    fn enter(self, house: &House) -> Result<authority::Logged, Refusal> {
        let Hash { algorithm, value } = &self.data.hash;
        if algorithm != "sha256" {
            return Err(Refusal::bad(format!("hash {algorithm} is not taken here")));
        }
        let digest: Digest = format!("sha256:{value}")
            .parse()
            .map_err(|_| Refusal::bad(format!("{value} is no SHA-256")))?;
        let (pem, key) = verifier(&self.signature.public_key.content)?;
        let signature = decoded(&self.signature.content)?;
        let hashed = digest::Digest::import_less_safe(digest.as_bytes(), &digest::SHA256);
        let hashed = hashed.map_err(|_| Refusal::bad("no SHA-256"))?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
            .verify_digest(&hashed, &signature)
            .map_err(|_| Refusal::bad("the signature does not hold"))?;
        let entry = Entry::Message { digest, signature: &signature };
        Ok(house.authority.enter(&entry, &pem, now())?)
    }
}

impl Statement {
    fn enter(self, house: &House) -> Result<authority::Logged, Refusal> {
        let Content { envelope: text, verifiers } = self.proposed_content;
        let envelope: Envelope = serde_json::from_str(&text)
            .map_err(|error| Refusal::bad(format!("envelope: {error}")))?;
        let ([signature], [verified_by]) = (&envelope.signatures[..], &verifiers[..]) else {
            return Err(Refusal::bad("one signature and one verifier are taken here"));
        };
        let (pem, key) = verifier(verified_by)?;
        let (payload, signature) = (decoded(&envelope.payload)?, decoded(&signature.sig)?);
        let kind = &envelope.payload_type;
        let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
            .verify(&[head.as_bytes(), &payload].concat(), &signature)
            .map_err(|_| Refusal::bad("the signature does not hold"))?;
        let entry =
            Entry::Envelope { envelope: text.as_bytes(), payload: &payload, signature: &signature };
        Ok(house.authority.enter(&entry, &pem, now())?)
    }
}

/// The certificate or public key in PEM, and the DER `SubjectPublicKeyInfo` in it.
fn verifier(base64: &str) -> Result<(String, Vec<u8>), Refusal> {
    let pem = String::from_utf8(decoded(base64)?)
        .map_err(|error| Refusal::bad(format!("verifier: {error}")))?;
    let block = pem::parse(&pem).map_err(|error| Refusal::bad(format!("verifier: {error}")))?;
    let info = match block.tag() {
        "CERTIFICATE" => Certificate::from_der(block.contents())
            .and_then(|it| it.tbs_certificate.subject_public_key_info.to_der())
            .map_err(|error| Refusal::bad(format!("verifier: {error}")))?,
        _ => block.into_contents(),
    };
    Ok((pem, info))
}

fn decoded(text: &str) -> Result<Vec<u8>, Refusal> {
    STANDARD.decode(text).map_err(|error| Refusal::bad(format!("not base64: {error}")))
}
