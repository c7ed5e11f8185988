//! HTTP: routes, who is calling, and the headers of every answer.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::http::header::STRICT_TRANSPORT_SECURITY;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use leptos::prelude::LeptosOptions;
use service::Service;
use tower::util::option_layer;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use crate::wiring::Wired;
use crate::wiring::sessions::Sessions;

mod api;
mod console;
mod documents;
mod headers;
mod hooks;
mod identify;
mod ingest;
mod limit;
mod oauth;
mod openapi;
mod origin;
mod problem;
mod routes;
mod session;
mod sign_in;
mod timing;

pub(crate) use limit::Rates;
pub(crate) use origin::Front;
pub(crate) use routes::Routes;

/// Browsers use https for a year, whatever a link says. Without its subdomains: they are not ours
/// to speak for.
const HSTS: &str = "max-age=31536000";

/// What handlers share.
#[derive(Debug, Clone, FromRef)]
pub(crate) struct Shared {
    pub(crate) service: Service,
    pub(crate) leptos: LeptosOptions,
    pub(crate) hook: HookSecret,
    pub(crate) document: openapi::Document,
}

/// What registries show when they call by themselves; without one nobody may.
#[derive(Debug, Clone)]
pub(crate) struct HookSecret(pub(crate) Option<Arc<str>>);

/// The whole router.
pub(crate) fn router(wired: &Wired, site: &Path, address: SocketAddr) -> Router {
    let (endpoints, operations) = endpoints().into_parts();
    let shared = Shared {
        service: wired.service.clone(),
        leptos: console::options(site, address),
        hook: HookSecret(wired.registry_hook_secret.clone()),
        document: openapi::Document::of(&operations),
    };
    let sessions = session::layer(Sessions::new(wired.store.clone()), wired.is_https);
    let bare = endpoints.clone().with_state(shared.clone());
    let router = api::around(console::mount(endpoints, &shared), bare, &shared);
    router
        .layer(from_fn(console::send_to_sign_in))
        .layer(from_fn_with_state(shared.clone(), identify::identify))
        .layer(from_fn_with_state(limit::Limits::new(wired.rates), limit::count))
        .layer(sessions)
        .layer(CsrfLayer::new())
        .layer(from_fn(problem::explain))
        .layer(CompressionLayer::new().compress_when(files_only()))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn(headers::tell))
        .layer(header_layer(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header_layer(header::REFERRER_POLICY, "same-origin"))
        .layer(header_layer(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header_layer(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(option_layer(wired.is_https.then(|| header_layer(STRICT_TRANSPORT_SECURITY, HSTS))))
        .layer(from_fn(timing::tell))
        .layer(from_fn_with_state(wired.metrics.clone(), crate::metrics::count))
        .layer(TraceLayer::new_for_http().make_span_with(origin::span))
        .layer(from_fn_with_state(wired.front.clone(), origin::note))
        .with_state(shared)
}

/// Every route that is no page, each with its place in the permission table.
pub(crate) fn endpoints() -> Routes {
    let routes = Routes::default();
    let routes = sign_in::routes(routes);
    let routes = oauth::routes(routes);
    let routes = documents::routes(routes);
    let routes = api::routes(routes);
    let routes = hooks::routes(routes);
    ingest::routes(routes)
}

/// Files are compressed well, for browsers keep them; pages and answers, which nobody keeps, fast.
fn files_only() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("text/html"))
        .and(NotForContentType::const_new("application/json"))
}

fn header_layer(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use service::iam::matrix;

    #[test]
    fn every_endpoint_is_in_the_permission_table_and_no_other() {
        let (_, known) = super::endpoints().into_parts();
        let known: BTreeSet<(String, String)> =
            known.into_iter().map(|operation| (operation.method, operation.path)).collect();
        let listed: BTreeSet<(String, String)> = matrix::ENDPOINTS
            .iter()
            .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
            .collect();
        assert_eq!(known, listed);
    }

    #[test]
    fn the_openapi_document_describes_every_endpoint_and_is_the_committed_one() {
        let (_, known) = super::endpoints().into_parts();
        let document = super::openapi::Document::of(&known).json();
        let paths = document["paths"].as_object().unwrap();
        let mut ids = BTreeSet::new();
        for (method, path, needs) in matrix::ENDPOINTS {
            let operation = &paths[*path][method.to_lowercase()];
            assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{path}");
            assert_eq!(operation["x-needs"], needs.to_string(), "{method} {path}");
            assert!(operation["responses"].as_object().unwrap().len() > 1, "{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
        }
        let text = format!("{}\n", serde_json::to_string_pretty(&*document).unwrap());
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/openapi.json");
        if std::env::var_os("LOADLINE_BLESS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(text == committed, "the API changed; LOADLINE_BLESS=1 renews openapi.json");
    }

    #[test]
    fn every_server_function_is_in_the_permission_table_and_no_other() {
        let known: BTreeSet<String> =
            server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
        let listed: BTreeSet<String> =
            matrix::CONSOLE.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(known, listed);
    }
}
