//! The client that callers hold: made once from the rules, cheap to clone.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy};
use url::Url;

use crate::resolver::{Allowed, CheckedResolver, system};
use crate::rules::Hosts;
use crate::{EgressError, EgressRules, Timeouts};

const USER_AGENT: &str = concat!("loadline/", env!("CARGO_PKG_VERSION"));

/// The outbound HTTP client.
#[derive(Clone)]
pub struct Egress {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) allow_private: Hosts,
    pub(crate) plain_http: Hosts,
    pub(crate) max_body_bytes: usize,
    pub(crate) timeouts: Timeouts,
    /// For everybody; through the proxy where there is one.
    pub(crate) outside: Client,
    /// For hosts under `allow_private`; never through a proxy.
    pub(crate) inside: Client,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// Of whom.
    pub url: Url,
    /// What goes along; kept from other origins when the request is redirected.
    pub headers: HeaderMap,
    /// The largest body to read; `None` for the configured limit.
    pub max_bytes: Option<usize>,
}

impl Request {
    /// Without headers, up to the configured size.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self { url, headers: HeaderMap::new(), max_bytes: None }
    }
}

/// What was answered. Any status counts as an answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, as it was sent; empty after `head`.
    pub body: Bytes,
    /// Who answered, after redirects.
    pub url: Url,
}

impl Egress {
    /// Makes the client.
    ///
    /// # Errors
    /// When a rule names no host, or the proxy is no URL.
    pub fn new(rules: EgressRules) -> Result<Self, EgressError> {
        let EgressRules { allow_private, plain_http, max_body_bytes, timeouts, proxy } = rules;
        let open = CheckedResolver::new(system(), Allowed::InsideToo);
        let proxy = proxy.map(|url| Proxy::all(url).map_err(|_| EgressError::Proxy)).transpose()?;
        let outside = match proxy {
            // The only name this client resolves is the proxy's, which the operator chose.
            Some(proxy) => build(timeouts, &open, Some(&proxy))?,
            None => build(timeouts, &CheckedResolver::new(system(), Allowed::Outside), None)?,
        };
        let inside = build(timeouts, &open, None)?;
        Ok(Self {
            inner: Arc::new(Inner {
                allow_private: Hosts::parse("allow_private", &allow_private)?,
                plain_http: Hosts::parse("plain_http", &plain_http)?,
                max_body_bytes,
                timeouts,
                outside,
                inside,
            }),
        })
    }

    /// The root URL of a host (`ghcr.io`, `127.0.0.1:5000`), with the scheme that the rules
    /// give it.
    ///
    /// # Errors
    /// When the text is no host with an optional port.
    pub fn root_of(&self, host: &str) -> Result<Url, EgressError> {
        let wrong = || EgressError::Url { host: host.chars().take(256).collect() };
        let with = |scheme| Url::parse(&format!("{scheme}://{host}/")).map_err(|_| wrong());
        if host.contains(['/', '?', '#', '@', '\\']) {
            return Err(wrong());
        }
        let plain = with("http")?;
        if self.inner.plain_http.names(&plain) { Ok(plain) } else { with("https") }
    }

    /// Asks with `GET`.
    ///
    /// # Errors
    /// When the rules forbid it, and when there is no whole answer in time and size.
    pub async fn get(&self, request: Request) -> Result<Response, EgressError> {
        self.send(Method::GET, request).await
    }

    /// Asks with `HEAD`.
    ///
    /// # Errors
    /// When the rules forbid it, and when there is no answer in time.
    pub async fn head(&self, request: Request) -> Result<Response, EgressError> {
        self.send(Method::HEAD, request).await
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress")
            .field("allow_private", &self.inner.allow_private)
            .field("plain_http", &self.inner.plain_http)
            .finish_non_exhaustive()
    }
}

fn build(
    timeouts: Timeouts,
    resolver: &CheckedResolver,
    proxy: Option<&Proxy>,
) -> Result<Client, EgressError> {
    let builder = || {
        let builder = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .connect_timeout(timeouts.connect())
            .dns_resolver(resolver.clone())
            .no_proxy();
        match proxy {
            Some(proxy) => builder.proxy(proxy.clone()),
            None => builder,
        }
    };
    // A machine without certificate authorities can still ask a plain registry of its own;
    // every https host is then refused when it is asked, which a verdict can say.
    builder().build().or_else(|error| {
        let cause = root_cause(&error);
        tracing::warn!(cause, "no certificate authorities were found: https hosts are refused");
        let client = builder().tls_certs_only([]).build();
        client.map_err(|error| EgressError::Client { cause: root_cause(&error) })
    })
}

/// The innermost cause: the outer ones only say that a request was not made.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
