//! What a handler takes, told by the types of its arguments.

use axum::Form;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::HeaderMap;
use bytes::Bytes;
use tower_sessions::Session;
use utoipa::ToSchema;

use super::Operation;
use crate::http::api::{Body, Id};
use crate::http::identify::Known;

/// The arguments of a handler, as [`axum::handler::Handler`] is marked by them.
pub(crate) trait Inputs {
    /// Says what is taken.
    fn describe(operation: &mut Operation);
}

/// One argument of a handler.
pub(crate) trait Input {
    /// Says what is taken; most arguments take nothing that a caller would send.
    fn describe(_: &mut Operation) {}
}

impl Input for () {}
impl Input for Known {}
impl Input for Session {}
impl Input for HeaderMap {}
impl<S> Input for State<S> {}
impl<T> Input for Extension<T> {}
impl<T> Input for Option<Extension<T>> {}
/// The parameters of a path are read off the path.
impl<T> Input for Path<T> {}
impl<T> Input for Id<T> {}

impl<T: ToSchema> Input for Query<T> {
    fn describe(operation: &mut Operation) {
        operation.takes_query::<T>();
    }
}

impl<T: ToSchema> Input for Body<T> {
    fn describe(operation: &mut Operation) {
        operation.takes_json::<T>();
    }
}

impl<T: ToSchema> Input for Form<T> {
    fn describe(operation: &mut Operation) {
        operation.takes_form::<T>();
    }
}

impl Input for Result<Bytes, BytesRejection> {
    fn describe(operation: &mut Operation) {
        operation.takes_bytes();
    }
}

macro_rules! arguments {
    ($($argument:ident)*) => {
        /// The first is axum's own mark.
        impl<M, $($argument: Input),*> Inputs for (M, $($argument,)*) {
            fn describe(_operation: &mut Operation) {
                $($argument::describe(_operation);)*
            }
        }
    };
}

arguments!();
arguments!(A);
arguments!(A B);
arguments!(A B C);
arguments!(A B C D);
arguments!(A B C D E);
arguments!(A B C D E F);
