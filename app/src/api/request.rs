//! What a page needs to know of the request it answers, and may say beside its HTML.
//!
//! In the browser these answer with the plainest value: nothing there asks.

use crate::routes;

/// The theme that the visitor chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the visitor's system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of that text form, else the system's.
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.as_str() == name).unwrap_or_default()
    }

    /// What `<html data-theme>` says; nothing leaves it to the system.
    pub(crate) const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light | Self::Dark => Some(self.as_str()),
        }
    }
}

/// What a page loads besides `loadline.js`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageScripts {
    /// Nothing: the page has no island.
    None,
    /// The console's WebAssembly module.
    Islands,
}

impl PageScripts {
    /// What the page of that path loads: one has an island.
    fn of(path: &str) -> Self {
        if path == routes::POLICY_FORM { Self::Islands } else { Self::None }
    }
}

/// The cookie that holds the theme. Not a secret: `loadline.js` writes it too.
#[cfg(feature = "ssr")]
pub(super) const THEME_COOKIE: &str = "loadline_theme";

#[cfg(feature = "ssr")]
mod on_the_server {
    use http::request::Parts;
    use http::{HeaderName, HeaderValue, StatusCode, header};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    use super::{PageScripts, THEME_COOKIE, Theme};

    pub(crate) fn theme() -> Theme {
        let Some(parts) = use_context::<Parts>() else { return Theme::System };
        let cookies = parts.headers.get_all(header::COOKIE).iter();
        let mut pairs = cookies.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(';'));
        let chosen = pairs
            .find_map(|pair| pair.trim().split_once('=').filter(|(name, _)| *name == THEME_COOKIE));
        chosen.map_or(Theme::System, |(_, name)| Theme::named(name))
    }

    pub(crate) fn page_scripts() -> PageScripts {
        use_context::<Parts>().map_or(PageScripts::None, |parts| PageScripts::of(parts.uri.path()))
    }

    /// Whether the caller reads JSON rather than a page: an island, or somebody's script.
    pub(crate) fn wants_json() -> bool {
        use_context::<Parts>().is_some_and(|parts| {
            let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
            !accept.is_some_and(|accept| accept.contains("text/html"))
        })
    }

    pub(crate) fn set_status(status: u16) {
        let status = StatusCode::from_u16(status);
        if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), status) {
            response.set_status(status);
        }
    }

    pub(crate) fn protect() {
        let nonce = nonce();
        let wasm = match page_scripts() {
            PageScripts::Islands => " 'wasm-unsafe-eval'",
            PageScripts::None => "",
        };
        insert_header(header::CONTENT_SECURITY_POLICY, &policy(&nonce, wasm, ""));
        // Pages say what one person may see, and one of them shows a token.
        insert_header(header::CACHE_CONTROL, "no-store");
    }

    /// Lets this page's forms lead to a program of the visitor's own machine.
    pub(crate) fn let_forms_lead_to(redirect: &str) {
        let port = redirect
            .strip_prefix("http://127.0.0.1:")
            .map(|rest| rest.chars().take_while(char::is_ascii_digit).take(5).collect::<String>());
        if let Some(port) = port.filter(|port| !port.is_empty()) {
            let place = format!(" http://127.0.0.1:{port}");
            insert_header(header::CONTENT_SECURITY_POLICY, &policy(&nonce(), "", &place));
        }
    }

    fn nonce() -> String {
        let nonce = leptos::nonce::use_nonce();
        nonce.map(|nonce| format!("'nonce-{nonce}'")).unwrap_or_else(|| "'none'".to_owned())
    }

    /// No script runs without this answer's nonce; those it starts may load what they need.
    fn policy(nonce: &str, wasm: &str, forms: &str) -> String {
        format!(
            "default-src 'self'; script-src {nonce} 'strict-dynamic'{wasm}; style-src 'self'; \
             img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'{forms}; \
             frame-ancestors 'none'"
        )
    }

    pub(crate) fn server_address() -> String {
        let Some(parts) = use_context::<Parts>() else { return String::new() };
        let text = |name: HeaderName| parts.headers.get(name).and_then(|v| v.to_str().ok());
        let host =
            text(header::HOST).or_else(|| parts.uri.authority().map(http::uri::Authority::as_str));
        let scheme = match text(HeaderName::from_static("x-forwarded-proto")) {
            Some("https") => "https",
            Some(_) | None => "http",
        };
        format!("{scheme}://{}", host.unwrap_or("localhost"))
    }

    pub(crate) fn insert_header(name: HeaderName, value: &str) {
        let value = HeaderValue::from_str(value);
        if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), value) {
            response.insert_header(name, value);
        }
    }
}

#[cfg(not(feature = "ssr"))]
mod in_the_browser {
    use super::{PageScripts, Theme};
    use crate::routes;

    pub(crate) fn theme() -> Theme {
        Theme::named("")
    }

    /// Nothing of this runs in a browser where no island is.
    pub(crate) fn page_scripts() -> PageScripts {
        PageScripts::of(routes::POLICY_FORM)
    }

    pub(crate) const fn set_status(_status: u16) {}

    pub(crate) const fn wants_json() -> bool {
        false
    }

    pub(crate) const fn protect() {}

    pub(crate) const fn let_forms_lead_to(_redirect: &str) {}
}

#[cfg(not(feature = "ssr"))]
pub(crate) use in_the_browser::{
    let_forms_lead_to, page_scripts, protect, set_status, theme, wants_json,
};
#[cfg(feature = "ssr")]
pub(crate) use on_the_server::{
    insert_header, let_forms_lead_to, page_scripts, protect, server_address, set_status, theme,
    wants_json,
};
