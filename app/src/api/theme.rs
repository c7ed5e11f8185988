//! Choosing a theme: a form, so that it works without scripts.

use leptos::prelude::*;

use super::ApiError;

/// Keeps the visitor's theme in a cookie; the answer leads back to where the form stood.
#[server(prefix = "/api/console", endpoint = "set_theme")]
pub(crate) async fn set_theme(theme: String) -> Result<(), ApiError> {
    use super::request::{THEME_COOKIE, Theme, insert_header};
    let lifetime = match Theme::named(&theme) {
        Theme::System => 0,
        Theme::Light | Theme::Dark => 365 * 24 * 60 * 60,
    };
    let name = Theme::named(&theme).as_str();
    let cookie = format!("{THEME_COOKIE}={name}; Path=/; Max-Age={lifetime}; SameSite=Lax");
    insert_header(http::header::SET_COOKIE, &cookie);
    Ok(())
}
