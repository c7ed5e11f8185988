//! Requests to answers: the distribution specification's addresses.

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::digest::Digest;
use serde_json::json;
use url::form_urlencoded;

use super::{Asked, House, Referrers, lock};

const DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Nobody pushes more to a test.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// A request, taken apart.
struct Call {
    method: Method,
    path: String,
    fields: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

pub(super) async fn answer(house: &House, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MOST_BYTES).await.unwrap_or_default();
    let query = head.uri.query().unwrap_or_default();
    let fields = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let path = head.uri.path().to_owned();
    let whole = head.uri.to_string();
    let call = Call { method: head.method, path, fields, headers: head.headers, body };
    let (method, fault) = (call.method.to_string(), lock(&house.faults).take(&whole));
    let right = right(house, call);
    let response = match fault {
        Some(fault) => fault.in_place_of(right).await,
        None => right,
    };
    let status = response.status().as_u16();
    lock(&house.asked).push(Asked { method, path: whole, status });
    response
}

fn right(house: &House, mut call: Call) -> Response {
    let guard = &house.settings.guard;
    if call.path == "/token" {
        let form = form_urlencoded::parse(&call.body).into_owned();
        call.fields.extend(form);
        return guard.token(&call.headers, &call.fields);
    }
    let Some(rest) = call.path.strip_prefix("/v2/") else { return missing("NOT_FOUND") };
    let split = ["/manifests/", "/blobs/uploads/", "/blobs/", "/referrers/", "/tags/"];
    let mut split = split.into_iter().filter_map(|part| {
        rest.rsplit_once(part)
            .map(|(name, reference)| (name.to_owned(), part, reference.to_owned()))
    });
    let found = split.next();
    let repository = found.as_ref().map_or("", |(name, _, _)| name.as_str());
    let host = call.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if let Some(refusal) = guard.refusal(host.unwrap_or_default(), repository, &call.headers) {
        return refusal;
    }
    match found {
        None if rest.is_empty() => "{}".into_response(),
        None => missing("NOT_FOUND"),
        Some((name, "/manifests/", reference)) => manifests(house, &call, &name, &reference),
        Some((name, "/blobs/uploads/", upload)) => uploads(house, &call, &name, &upload),
        Some((name, "/blobs/", digest)) => blobs(house, &call, &name, &digest),
        Some((name, "/referrers/", digest)) => referrers(house, &call, &name, &digest),
        Some((name, _, _)) => match lock(&house.content).tags(&name) {
            Some(tags) => json!({ "name": name, "tags": tags }).to_string().into_response(),
            None => missing("NAME_UNKNOWN"),
        },
    }
}

fn manifests(house: &House, call: &Call, name: &str, reference: &str) -> Response {
    let mut content = lock(&house.content);
    match call.method {
        Method::GET | Method::HEAD => {
            let Some((digest, media_type, bytes)) = content.find(name, reference) else {
                return missing("MANIFEST_UNKNOWN");
            };
            let mut response = document(house, call, media_type, bytes.to_vec());
            if house.settings.names_digests {
                set(&mut response, DIGEST, &digest.to_string());
            }
            response
        }
        Method::PUT => {
            let told = call.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
            let Ok(manifest) = serde_json::from_slice::<serde_json::Value>(&call.body) else {
                return StatusCode::BAD_REQUEST.into_response();
            };
            let tag = Some(reference).filter(|it| it.parse::<Digest>().is_err());
            let digest = content.manifest(name, tag, told.unwrap_or_default(), &call.body);
            let mut response = StatusCode::CREATED.into_response();
            set(&mut response, DIGEST, &digest.to_string());
            set(&mut response, header::LOCATION, &format!("/v2/{name}/manifests/{digest}"));
            let subject = manifest.get("subject").and_then(|it| it.get("digest")?.as_str());
            let is_listed = matches!(house.settings.referrers, Referrers::Listed { .. });
            if let Some(subject) = subject.filter(|_| is_listed) {
                set(&mut response, SUBJECT, subject);
            }
            response
        }
        Method::DELETE => {
            match reference.parse() {
                Ok(digest) => content.delete(name, &digest),
                Err(_) => content.untag(name, reference),
            }
            StatusCode::ACCEPTED.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn blobs(house: &House, call: &Call, name: &str, digest: &str) -> Response {
    if !matches!(call.method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let content = lock(&house.content);
    let bytes = digest.parse().ok().and_then(|digest| content.find_blob(name, &digest));
    match bytes {
        Some(bytes) => {
            let range = call.headers.get(header::RANGE).and_then(|value| value.to_str().ok());
            part(bytes, range)
        }
        None => missing("BLOB_UNKNOWN"),
    }
}

/// The part of a blob that `bytes=FROM-TO` asks for; all of it where nothing is asked for.
fn part(bytes: &[u8], range: Option<&str>) -> Response {
    let bounds = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let bounds = bounds
        .and_then(|(from, to)| Some((from.parse::<usize>().ok()?, to.parse::<usize>().ok()?)));
    let part = bounds.and_then(|(from, to)| bytes.get(from..=to.min(bytes.len().checked_sub(1)?)));
    match part {
        Some(part) => (StatusCode::PARTIAL_CONTENT, part.to_vec()).into_response(),
        None => bytes.to_vec().into_response(),
    }
}

fn uploads(house: &House, call: &Call, name: &str, upload: &str) -> Response {
    let mut uploads = lock(&house.uploads);
    let digest = call.fields.iter().find(|(key, _)| key == "digest").map(|(_, value)| value);
    let upload = match call.method {
        Method::POST => uploads.begin(),
        Method::PATCH | Method::PUT => upload.to_owned(),
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let Some(length) = uploads.go_on(&upload, &call.body) else {
        return missing("BLOB_UPLOAD_UNKNOWN");
    };
    let Some(digest) = digest else {
        let mut response = StatusCode::ACCEPTED.into_response();
        set(&mut response, header::LOCATION, &format!("/v2/{name}/blobs/uploads/{upload}"));
        set(&mut response, header::RANGE, &format!("0-{}", length.saturating_sub(1)));
        return response;
    };
    let bytes = uploads.finish(&upload).unwrap_or_default();
    if Digest::of(&bytes).to_string() != *digest {
        return StatusCode::BAD_REQUEST.into_response();
    }
    lock(&house.content).blob(name, &bytes);
    let mut response = StatusCode::CREATED.into_response();
    set(&mut response, header::LOCATION, &format!("/v2/{name}/blobs/{digest}"));
    set(&mut response, DIGEST, digest);
    response
}

fn referrers(house: &House, call: &Call, name: &str, digest: &str) -> Response {
    let page = match house.settings.referrers {
        Referrers::Listed { page } => page.unwrap_or(usize::MAX),
        Referrers::Unknown { status } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
            return status.into_response();
        }
    };
    let Ok(digest) = digest.parse::<Digest>() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let after = call.fields.iter().find(|(key, _)| key == "after").and_then(|it| it.1.parse().ok());
    let after: usize = after.unwrap_or_default();
    let all = lock(&house.content).referrers(name, &digest);
    let entries: Vec<_> = all.iter().skip(after).take(page).collect();
    let next = after.saturating_add(entries.len());
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": entries });
    let mut response = document(house, call, INDEX, index.to_string().into_bytes());
    if next < all.len() {
        let link = format!("</v2/{name}/referrers/{digest}?after={next}>; rel=\"next\"");
        set(&mut response, header::LINK, &link);
    }
    response
}

/// A document with what it is recognised by.
fn document(house: &House, call: &Call, media_type: &str, bytes: Vec<u8>) -> Response {
    let etag = format!("\"{}\"", Digest::of(&bytes).hex());
    let known = call.headers.get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok());
    let is_known = house.settings.has_etags && known == Some(etag.as_str());
    let mut response =
        if is_known { StatusCode::NOT_MODIFIED.into_response() } else { bytes.into_response() };
    set(&mut response, header::CONTENT_TYPE, media_type);
    if house.settings.has_etags {
        set(&mut response, header::ETAG, &etag);
    }
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = value.parse() {
        response.headers_mut().insert(name, value);
    }
}

fn missing(code: &str) -> Response {
    let body = json!({ "errors": [{ "code": code, "message": "there is no such thing" }] });
    (StatusCode::NOT_FOUND, body.to_string()).into_response()
}
