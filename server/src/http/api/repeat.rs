//! `Idempotency-Key`: a POST that is sent again, because its answer was lost, is answered again and
//! not done again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use model::digest::Digest;
use service::repeats::{KeptAnswer, Repeat};
use service::{Caller, Service};

use crate::http::problem::Refusal;
use crate::sweeper::describe;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Tells that an answer is a repeated one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST_KEY: usize = 255;
/// Bytes of a body that is read to be compared, at most: evidence in base64 is the largest.
const LONGEST_BODY: usize = 64 * 1024 * 1024;

/// Answers repeated requests.
#[derive(Debug, Clone)]
pub(crate) struct Repeats {
    service: Service,
    /// Callers and keys of requests that are being worked on.
    under_way: Arc<Mutex<BTreeSet<(String, String)>>>,
}

impl Repeats {
    pub(crate) fn new(service: Service) -> Self {
        Self { service, under_way: Arc::default() }
    }

    fn begin(&self, caller: &Caller, key: &str) -> Result<UnderWay<'_>, Refusal> {
        let place = (caller.subject_key(), key.to_owned());
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if under_way.insert(place.clone()) {
            return Ok(UnderWay { repeats: self, place });
        }
        let title = "a request with this Idempotency-Key is being worked on; send it again later";
        Err(Refusal::new(StatusCode::CONFLICT, "in-progress", title))
    }
}

/// Until it is dropped, no other request with its key is worked on.
struct UnderWay<'a> {
    repeats: &'a Repeats,
    place: (String, String),
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut all = self.repeats.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.place);
    }
}

/// Answers a repeated request as the first one was.
pub(crate) async fn once(State(repeats): State<Repeats>, request: Request, next: Next) -> Response {
    let is_create =
        request.method() == Method::POST && request.uri().path().starts_with("/api/v1/");
    let caller = request.extensions().get::<Caller>().cloned();
    match (caller, request.headers().get(KEY).cloned()) {
        (Some(caller), Some(key)) if is_create => {
            let answer = answered(&repeats, &caller, &key, request, next).await;
            answer.unwrap_or_else(Refusal::into_response)
        }
        (Some(_) | None, Some(_) | None) => next.run(request).await,
    }
}

async fn answered(
    repeats: &Repeats,
    caller: &Caller,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let key = checked(key)?;
    let _under_way = repeats.begin(caller, &key)?;
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, LONGEST_BODY).await.map_err(|_| {
        let title = format!("the body is too large: at most {LONGEST_BODY} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", title)
    })?;
    let target = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let asked = Digest::of(&[target.as_bytes(), b"\n", &bytes].concat());
    match repeats.service.repeated(caller, &key, asked).await? {
        Repeat::Fresh => {}
        Repeat::Same(kept) => return Ok(replayed(kept)),
        Repeat::Other => {
            let title = "this Idempotency-Key was used for another request; use a fresh one. \
                         Nothing was changed";
            return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "key-reused", title));
        }
    }
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    if !response.status().is_success() {
        // Nothing was done, so the same key may try again.
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let internal = |error| Refusal::from(service::ServiceError::Internal(error));
    let body = axum::body::to_bytes(body, usize::MAX).await;
    let body = body.map_err(|error| internal(Box::new(error)))?;
    let kept = KeptAnswer { status: parts.status.as_u16(), body: body.to_vec() };
    // It is done: whoever asked for it learns of it, even if a repetition will not.
    if let Err(error) = repeats.service.keep_answer(caller, &key, asked, &kept).await {
        tracing::error!(error = describe(&error), "an answer could not be kept for repetitions");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn checked(key: &HeaderValue) -> Result<String, Refusal> {
    let is_visible = |key: &&str| key.bytes().all(|b| b.is_ascii_graphic());
    let key = key.to_str().ok().filter(is_visible);
    key.filter(|key| (1..=LONGEST_KEY).contains(&key.len())).map(str::to_owned).ok_or_else(|| {
        let title = format!("an Idempotency-Key has 1 to {LONGEST_KEY} visible ASCII characters");
        Refusal::new(StatusCode::BAD_REQUEST, "bad-request", title)
    })
}

fn replayed(kept: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let has_body = !kept.body.is_empty();
    let mut response = (status, kept.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if has_body {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
