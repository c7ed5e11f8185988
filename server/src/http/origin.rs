//! Where a request comes from: the address, what the program says it is, and an id of the
//! request, which its answer carries too.
//!
//! What a proxy says of whom it stands for is believed of the proxies that the operator listed.
//! Of everybody else it is taken off the request here, so that whoever reads it later may.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use model::iam::Origin;

use crate::config::Network;

/// The header that tells a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// Characters of what a program says it is that are kept.
const LONGEST_USER_AGENT: usize = 200;

/// Who stands in front, and how people reach us.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    /// Proxies that are believed.
    pub(crate) proxies: Arc<[Network]>,
    /// Whether the server itself speaks https.
    pub(crate) has_tls: bool,
}

impl Front {
    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.holds(address))
    }

    /// The last address on the way here that is no proxy of ours: what stands before it, anybody
    /// can write.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.is_proxy(peer) {
            return peer;
        }
        let texts = headers.get_all(&FORWARDED_FOR).iter().filter_map(|it| it.to_str().ok());
        let hops: Vec<&str> = texts.flat_map(|text| text.split(',')).map(str::trim).collect();
        let mut client = peer;
        for hop in hops.iter().rev() {
            let Ok(address) = hop.parse::<IpAddr>() else { break };
            client = address;
            if !self.is_proxy(address) {
                break;
            }
        }
        client
    }
}

/// Notes where a request comes from, for whoever handles it, and gives it an id of our own: one
/// that a client chose would let it write into our log.
pub(crate) async fn note(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    let mut bytes = [0; 8];
    let id = aws_lc_rs::rand::fill(&mut bytes).ok().map(|()| hex::encode(bytes));
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(address)| address.ip().to_canonical());
    let origin = Origin {
        address: peer.map(|peer| front.client(peer, request.headers())),
        user_agent: request.headers().get(USER_AGENT).and_then(said),
        request_id: id.clone(),
    };
    if !peer.is_some_and(|peer| front.is_proxy(peer)) {
        request.headers_mut().remove(&FORWARDED_FOR);
        request.headers_mut().remove(&FORWARDED_PROTO);
    }
    if front.has_tls {
        let https = HeaderValue::from_static("https");
        request.headers_mut().insert(FORWARDED_PROTO, https);
    }
    request.extensions_mut().insert(origin);
    let mut response = next.run(request).await;
    if let Some(value) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// What the log says of a request beside what happens in it.
pub(crate) fn span(request: &Request) -> tracing::Span {
    let origin = request.extensions().get::<Origin>();
    let id = origin.and_then(|origin| origin.request_id.as_deref()).unwrap_or_default();
    tracing::debug_span!(
        "request",
        request.id = id,
        http.method = %request.method(),
        // Without the query: it may hold a one-time link.
        url.path = request.uri().path(),
    )
}

fn said(header: &HeaderValue) -> Option<String> {
    let text = header.to_str().ok()?;
    Some(text.chars().filter(|c| !c.is_control()).take(LONGEST_USER_AGENT).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_proxies_are_believed() {
        let front = Front { proxies: Arc::from(["10.0.0.0/24".parse().unwrap()]), has_tls: false };
        let client = |peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_FOR, HeaderValue::from_str(forwarded).unwrap());
            front.client(peer.parse().unwrap(), &headers).to_string()
        };
        assert_eq!(client("192.0.2.9", "203.0.113.5"), "192.0.2.9");
        assert_eq!(client("10.0.0.7", "203.0.113.5"), "203.0.113.5");
        // What stands before the last stranger was written by that stranger.
        assert_eq!(client("10.0.0.7", "127.0.0.1, 203.0.113.5, 10.0.0.8"), "203.0.113.5");
        assert_eq!(client("10.0.0.7", "nonsense"), "10.0.0.7");
        assert_eq!(client("10.0.0.7", ""), "10.0.0.7");
    }
}
