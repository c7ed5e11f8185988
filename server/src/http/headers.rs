//! What every answer says of how it may be kept and shown. Pages say it themselves, and whoever
//! made an answer knows better; this is for the rest, refusals of whatever layer among them.

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Of what is no page: nothing of it runs, loads or is framed, should a browser ever show it.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// What depends on who asks, and that is all but files, is kept by nobody on the way and by no
/// browser either: it may be the next person's.
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// Adds `cache-control` and `content-security-policy` where an answer has none.
pub(crate) async fn tell(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // Files are for everybody, and scripts, styles and modules live under their page's policy.
    if is(headers, CACHE_CONTROL, "public") {
        return response;
    }
    headers.entry(CACHE_CONTROL).or_insert(NOT_KEPT);
    if !is(headers, CONTENT_TYPE, "text/html") {
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(NO_PAGE);
    }
    response
}

fn is(headers: &HeaderMap, name: HeaderName, beginning: &str) -> bool {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.starts_with(beginning))
}
