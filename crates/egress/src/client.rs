//! The client that callers hold: made once from the rules, cheap to clone.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Proxy};
use url::{Url, form_urlencoded};

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
    /// How. Only `GET` and `HEAD` follow redirects.
    pub method: Method,
    /// Of whom.
    pub url: Url,
    /// What goes along; kept from other origins when the request is redirected.
    pub headers: HeaderMap,
    /// What is sent.
    pub body: Bytes,
    /// The largest body to read; `None` for the configured limit.
    pub max_bytes: Option<usize>,
}

impl Request {
    /// A `GET` without headers, up to the configured size.
    #[must_use]
    pub fn new(url: Url) -> Self {
        let (method, headers, body) = (Method::GET, HeaderMap::new(), Bytes::new());
        Self { method, url, headers, body, max_bytes: None }
    }

    /// A `POST` of a form.
    #[must_use]
    pub fn form<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut request = Self::new(url);
        request.method = Method::POST;
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(CONTENT_TYPE, kind);
        request.body = form.finish().into();
        request
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
    /// When a rule names no host, the proxy is no URL, or an extra root is no certificate.
    pub fn new(rules: EgressRules) -> Result<Self, EgressError> {
        let EgressRules { allow_private, plain_http, max_body_bytes, timeouts, proxy, extra_roots } =
            rules;
        let roots = Certificate::from_pem_bundle(extra_roots.as_bytes())
            .map_err(|error| EgressError::Roots { cause: root_cause(&error) })?;
        if roots.is_empty() && !extra_roots.trim().is_empty() {
            let cause = "there is no certificate in it".to_owned();
            return Err(EgressError::Roots { cause });
        }
        let build = |resolver: &CheckedResolver, proxy: Option<&Proxy>| {
            build(timeouts, resolver, proxy, &roots)
        };
        let open = CheckedResolver::new(system(), Allowed::InsideToo);
        let proxy = proxy.map(|url| Proxy::all(url).map_err(|_| EgressError::Proxy)).transpose()?;
        let outside = match proxy {
            // The only name this client resolves is the proxy's, which the operator chose.
            Some(proxy) => build(&open, Some(&proxy))?,
            None => build(&CheckedResolver::new(system(), Allowed::Outside), None)?,
        };
        let inside = build(&open, None)?;
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
        self.send(Request { method: Method::GET, ..request }).await
    }

    /// Asks with `HEAD`.
    ///
    /// # Errors
    /// When the rules forbid it, and when there is no answer in time.
    pub async fn head(&self, request: Request) -> Result<Response, EgressError> {
        self.send(Request { method: Method::HEAD, ..request }).await
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
    roots: &[Certificate],
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
    builder().tls_certs_merge(roots.iter().cloned()).build().or_else(|error| {
        let cause = root_cause(&error);
        tracing::warn!(
            cause,
            "the machine has no certificate authorities: only the given ones count"
        );
        let client = builder().tls_certs_only(roots.iter().cloned()).build();
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
