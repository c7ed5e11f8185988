//! A router that remembers what was put into it, so that it can be described, and held against
//! the permission table.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use super::Shared;
use super::openapi::{Answers, Inputs, Operation};

/// Routes, and what each of them takes and answers.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    router: Router<Shared>,
    known: Vec<Operation>,
}

impl Routes {
    pub(crate) fn get<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: Inputs + 'static,
    {
        self.add("GET", path, get(handler)).takes::<T>()
    }

    pub(crate) fn post<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: Inputs + 'static,
    {
        self.add("POST", path, post(handler)).takes::<T>()
    }

    pub(crate) fn delete<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: Inputs + 'static,
    {
        self.add("DELETE", path, delete(handler)).takes::<T>()
    }

    pub(crate) fn put<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: Inputs + 'static,
    {
        self.add("PUT", path, put(handler)).takes::<T>()
    }

    pub(crate) fn patch<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: Inputs + 'static,
    {
        self.add("PATCH", path, patch(handler)).takes::<T>()
    }

    /// A route whose handler stands in layers of its own; what it takes is told by
    /// [`Routes::takes`].
    pub(crate) fn add(mut self, method: &str, path: &str, route: MethodRouter<Shared>) -> Self {
        self.known.push(Operation::of(method, path));
        self.router = self.router.route(path, route);
        self
    }

    /// What the route added last takes, by the arguments of its handler.
    pub(crate) fn takes<T: Inputs>(mut self) -> Self {
        if let Some(last) = self.known.last_mut() {
            T::describe(last);
        }
        self
    }

    /// What the route added last does, in a few words, and what it answers.
    pub(crate) fn says(mut self, summary: &'static str, answers: Answers) -> Self {
        if let Some(last) = self.known.last_mut() {
            last.says(summary, answers);
        }
        self
    }

    pub(crate) fn into_parts(self) -> (Router<Shared>, Vec<Operation>) {
        (self.router, self.known)
    }
}
