//! A router that remembers what was put into it, so that a test can hold it against the
//! permission table.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use super::Shared;

/// Routes, and their methods and paths.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    router: Router<Shared>,
    known: Vec<(String, String)>,
}

impl Routes {
    pub(crate) fn get<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add("GET", path, get(handler))
    }

    pub(crate) fn post<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add("POST", path, post(handler))
    }

    pub(crate) fn delete<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add("DELETE", path, delete(handler))
    }

    pub(crate) fn put<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add("PUT", path, put(handler))
    }

    pub(crate) fn patch<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add("PATCH", path, patch(handler))
    }

    pub(crate) fn add(mut self, method: &str, path: &str, route: MethodRouter<Shared>) -> Self {
        self.known.push((method.to_owned(), path.to_owned()));
        self.router = self.router.route(path, route);
        self
    }

    pub(crate) fn into_parts(self) -> (Router<Shared>, Vec<(String, String)>) {
        (self.router, self.known)
    }
}
