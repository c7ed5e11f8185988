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
mod hooks;
mod identify;
mod ingest;
mod oauth;
mod origin;
mod problem;
mod routes;
mod session;
mod sign_in;
mod timing;

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
}

/// What registries show when they call by themselves; without one nobody may.
#[derive(Debug, Clone)]
pub(crate) struct HookSecret(pub(crate) Option<Arc<str>>);

/// The whole router.
pub(crate) fn router(wired: &Wired, site: &Path, address: SocketAddr) -> Router {
    let shared = Shared {
        service: wired.service.clone(),
        leptos: console::options(site, address),
        hook: HookSecret(wired.registry_hook_secret.clone()),
    };
    let sessions = session::layer(Sessions::new(wired.store.clone()), wired.is_https);
    let (endpoints, _) = endpoints().into_parts();
    let router = console::mount(endpoints, &shared);
    router
        .layer(from_fn(problem::explain))
        .layer(from_fn(console::send_to_sign_in))
        .layer(from_fn_with_state(shared.clone(), identify::identify))
        .layer(sessions)
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new().compress_when(files_only()))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(header_layer(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header_layer(header::REFERRER_POLICY, "same-origin"))
        .layer(header_layer(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header_layer(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(option_layer(wired.is_https.then(|| header_layer(STRICT_TRANSPORT_SECURITY, HSTS))))
        .layer(from_fn(timing::tell))
        .layer(TraceLayer::new_for_http().make_span_with(origin::span))
        .layer(from_fn_with_state(wired.front.clone(), origin::note))
        .with_state(shared)
}

/// Every route that is no page, each with its place in the permission table.
pub(crate) fn endpoints() -> Routes {
    let routes = Routes::default();
    let routes = sign_in::routes(routes);
    let routes = oauth::routes(routes);
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
        let known: BTreeSet<(String, String)> = known.into_iter().collect();
        let listed: BTreeSet<(String, String)> = matrix::ENDPOINTS
            .iter()
            .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
            .collect();
        assert_eq!(known, listed);
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
