//! The console: its pages, its server functions and its files.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use leptos::config::{Env, LeptosOptions, ReloadWSProtocol};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, file_and_error_handler_with_context, generate_route_list};
use service::Caller;
use url::form_urlencoded::byte_serialize;

use super::Shared;

/// Where the console finds its files.
pub(crate) fn options(site: &Path, address: SocketAddr) -> LeptosOptions {
    let name: Arc<str> = Arc::from("loadline");
    let site: Arc<str> = Arc::from(site.to_string_lossy());
    let builder = LeptosOptions::builder().output_name(name).site_root(site);
    builder.site_addr(address).env(Env::PROD).reload_ws_protocol(ReloadWSProtocol::WS).build()
}

/// Adds pages, server functions and files to the other routes.
pub(crate) fn mount(router: Router<Shared>, shared: &Shared) -> Router<Shared> {
    let service = shared.service.clone();
    let document = app::ApiDocument(shared.document.json());
    let context = move || {
        provide_context(service.clone());
        provide_context(document.clone());
        let caller =
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<Caller>().cloned());
        if let Some(caller) = caller {
            provide_context(caller);
        }
    };
    let options = shared.leptos.clone();
    let pages = generate_route_list(app::App);
    router
        .leptos_routes_with_context(shared, pages, context.clone(), move || {
            app::shell(options.clone())
        })
        .fallback(file_and_error_handler_with_context::<Shared, _>(context, app::shell))
}

/// Sends a person who is not signed in to the page that says how; programs get a 401 from
/// the routes themselves. Files, and that page, are for everybody.
pub(crate) async fn send_to_sign_in(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let begins = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
    let is_known = request.extensions().get::<Caller>().is_some();
    // A route answers whoever asks, however its path is spelt: a name in it may hold a dot.
    let is_file = request.extensions().get::<MatchedPath>().is_none()
        && (begins(&["/pkg/", "/fonts/"]) || path.contains('.'));
    let is_open = is_file
        || begins(&["/api/v1/", "/sign-in/", "/sign-out/", "/sts/", "/oauth/", "/.well-known/"])
        || begins(&["/ingest/", "/hooks/"])
        || matches!(path, "/sign-in" | "/sign-out" | "/healthz" | "/readyz")
        || matches!(path, "/api/reference" | "/api/problems" | "/api/openapi.json")
        || path.ends_with("/set_theme")
        || path.ends_with("/sign_in_choices");
    if is_known || is_open {
        let mut response = next.run(request).await;
        if is_file && response.status() == StatusCode::OK {
            let kept = HeaderValue::from_static("public, max-age=3600");
            response.headers_mut().entry(header::CACHE_CONTROL).or_insert(kept);
        }
        return response;
    }
    if request.method() == Method::GET {
        // Back to where they wanted to go; the front page needs no telling.
        let wanted = request.uri().path_and_query().map_or("/", |it| it.as_str());
        if wanted == "/" {
            return Redirect::to("/sign-in").into_response();
        }
        let next: String = byte_serialize(wanted.as_bytes()).collect();
        return Redirect::to(&format!("/sign-in?next={next}")).into_response();
    }
    (StatusCode::UNAUTHORIZED, "Sign in first.\n").into_response()
}
