//! `GET /api/openapi.json`: what the API is, for programs. People read `/api/reference`.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};

use super::Routes;
use super::openapi::{Document, file};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/openapi.json", openapi).says("Read this document", file(&["application/json"]))
}

async fn openapi(State(document): State<Document>) -> Response {
    let mut response = Json(document.json()).into_response();
    // Another version of the server has another document.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
