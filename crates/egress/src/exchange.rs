//! One request, its redirects and its body, under the rules.

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, LOCATION, RANGE};
use http::{HeaderMap, Method, StatusCode};
use url::{Host, Url};

use crate::client::root_cause;
use crate::resolver::Allowed;
use crate::rules::host_of;
use crate::{Egress, EgressError, Request, Response};

const MOST_REDIRECTS: usize = 3;

impl Egress {
    /// Asks somebody.
    ///
    /// # Errors
    /// When the rules forbid it, and when there is no whole answer in time and size.
    pub async fn send(&self, request: Request) -> Result<Response, EgressError> {
        let limit = self.inner.timeouts.whole();
        let host = host_of(&request.url);
        let late = |_| EgressError::TimedOut { host, waited_for: "for the whole answer", limit };
        tokio::time::timeout(limit, self.follow(request)).await.map_err(late)?
    }

    async fn follow(&self, mut request: Request) -> Result<Response, EgressError> {
        for _ in 0..=MOST_REDIRECTS {
            let allowed = self.check(&request.url)?;
            let response = self.exchange(&request, allowed).await?;
            // What was sent was meant for one address, and is not sent to another.
            let is_followed = matches!(request.method, Method::GET | Method::HEAD);
            let next = if is_followed { redirection(&response, &request.url)? } else { None };
            let Some(next) = next else {
                let max_bytes = request.max_bytes.unwrap_or(self.inner.max_body_bytes);
                return collect(response, request.url, max_bytes).await;
            };
            if allowed == Allowed::Outside && self.check(&next)? == Allowed::InsideToo {
                // Else anybody's registry could have us ask anything of a host inside.
                return Err(EgressError::RedirectInside {
                    host: host_of(&request.url),
                    to: host_of(&next),
                });
            }
            if next.origin() != request.url.origin() {
                request.headers = for_strangers(&request.headers);
            }
            request.url = next;
        }
        let host = host_of(&request.url);
        Err(EgressError::TooManyRedirects { host, most: MOST_REDIRECTS })
    }

    pub(crate) async fn exchange(
        &self,
        request: &Request,
        allowed: Allowed,
    ) -> Result<reqwest::Response, EgressError> {
        let client = match allowed {
            Allowed::Outside => &self.inner.outside,
            Allowed::InsideToo => &self.inner.inside,
        };
        let Request { method, url, headers, body, .. } = request;
        let mut sending = client.request(method.clone(), url.clone()).headers(headers.clone());
        if !body.is_empty() {
            sending = sending.body(body.clone());
        }
        let (host, limit) = (host_of(url), self.inner.timeouts.first_byte());
        match tokio::time::timeout(limit, sending.send()).await {
            Ok(sent) => sent.map_err(|error| self.explained(&error, host)),
            Err(_) => Err(EgressError::TimedOut { host, waited_for: "to begin its answer", limit }),
        }
    }

    /// Scheme, form and, where it is written out, address. Names are checked when they are
    /// resolved.
    fn check(&self, url: &Url) -> Result<Allowed, EgressError> {
        let host = host_of(url);
        let is_anonymous = url.username().is_empty() && url.password().is_none();
        if host.is_empty() || !is_anonymous {
            return Err(EgressError::Url { host });
        }
        match url.scheme() {
            "https" => {}
            "http" if self.inner.plain_http.names(url) => {}
            "http" => return Err(EgressError::PlainHttp { host }),
            _ => return Err(EgressError::Url { host }),
        }
        let is_listed = self.inner.allow_private.names(url);
        let allowed = if is_listed { Allowed::InsideToo } else { Allowed::Outside };
        match url.host() {
            Some(Host::Ipv4(address)) => allowed.check(&host, address.into())?,
            Some(Host::Ipv6(address)) => allowed.check(&host, address.into())?,
            Some(Host::Domain(_)) | None => {}
        }
        Ok(allowed)
    }

    fn explained(&self, error: &reqwest::Error, host: String) -> EgressError {
        if let Some(own) = own_error(error) {
            return own;
        }
        if error.is_timeout() {
            let limit = self.inner.timeouts.connect();
            return EgressError::TimedOut { host, waited_for: "to connect", limit };
        }
        EgressError::NoAnswer { host, cause: root_cause(error) }
    }
}

/// The resolver's error, which arrives wrapped by every layer above it.
fn own_error(error: &reqwest::Error) -> Option<EgressError> {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(own) = inner.downcast_ref::<EgressError>() {
            return Some(own.clone());
        }
        cause = inner.source();
    }
    None
}

/// Where the answer sends the request on, if it does.
fn redirection(response: &reqwest::Response, url: &Url) -> Result<Option<Url>, EgressError> {
    let is_redirection = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let Some(location) = response.headers().get(LOCATION).filter(|_| is_redirection) else {
        return Ok(None);
    };
    let next = location.to_str().ok().and_then(|location| url.join(location).ok());
    let cause = "it redirects to what is no URL";
    let wrong = || EgressError::NoAnswer { host: host_of(url), cause: cause.to_owned() };
    next.map(Some).ok_or_else(wrong)
}

/// What another origin may see of a caller's headers. A list of harmless ones, because nobody
/// can list every header that holds a secret.
fn for_strangers(headers: &HeaderMap) -> HeaderMap {
    let harmless = [ACCEPT, RANGE];
    let kept = harmless.iter().flat_map(|name| {
        headers.get_all(name).iter().map(move |value| (name.clone(), value.clone()))
    });
    kept.collect()
}

pub(crate) async fn collect(
    mut response: reqwest::Response,
    url: Url,
    max_bytes: usize,
) -> Result<Response, EgressError> {
    let host = host_of(&url);
    let too_large = || EgressError::TooLarge { host: host.clone(), max_bytes };
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = BytesMut::new();
    while let Some(chunk) = next_chunk(&mut response, &host).await? {
        if body.len().saturating_add(chunk.len()) > max_bytes {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, headers, body: body.freeze(), url })
}

async fn next_chunk(
    response: &mut reqwest::Response,
    host: &str,
) -> Result<Option<Bytes>, EgressError> {
    response
        .chunk()
        .await
        .map_err(|error| EgressError::NoAnswer { host: host.to_owned(), cause: root_cause(&error) })
}
