//! The console: pages rendered by the server, one island, and the server functions they call.
//!
//! | module | holds |
//! |---|---|
//! | `routes` | every address, made and read in one place |
//! | `api` | server functions: find the caller, call the service, convert |
//! | `pages`, `layouts` | what an address shows, and the frame around it |
//! | `components`, `ui` | pieces that know the domain, and pieces that do not |
//! | `islands` | what also runs in the browser: the policy editor |
//! | `charts` | drawings, made on the server |
//! | `format` | how times, counts and digests are written |

#![expect(unreachable_pub, reason = "the component macro writes its builders as pub")]
#![expect(clippy::needless_pass_by_value, reason = "components own their properties")]

mod api;
#[cfg(feature = "ssr")]
mod charts;
mod components;
mod format;
mod islands;
mod layouts;
mod pages;
mod routes;
mod shell;
mod ui;

pub use pages::ApiDocument;
pub use shell::{App, shell};

/// Wakes the islands of a page. Called by the page's own script, in the browser only.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
