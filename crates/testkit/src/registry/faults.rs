//! Ways to misbehave.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;

/// What goes wrong, and where. The first that is about a request's path counts.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<(String, Fault, Option<usize>)>);

/// One way to misbehave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A status with this body.
    Status(u16, String),
    /// 429, with `Retry-After` where it is given.
    Busy(Option<String>),
    /// The right answer, a byte at a time with this pause between.
    Drip(Duration),
    /// No answer ever.
    Silence,
    /// Other bytes in place of the right ones.
    Bytes(Vec<u8>),
    /// The right answer's length, and half of its bytes.
    CutOff,
    /// Bytes without end.
    Endless,
    /// A redirection to this address.
    Redirect(String),
}

impl Faults {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// This fault, wherever the path holds a text (everywhere for the empty one).
    #[must_use]
    pub fn at(path: &str, fault: Fault) -> Self {
        Self::default().and(path, fault)
    }

    /// One more.
    #[must_use]
    pub fn and(mut self, path: &str, fault: Fault) -> Self {
        self.0.push((path.to_owned(), fault, None));
        self
    }

    /// This fault for the first `n` requests only.
    #[must_use]
    pub fn times(n: usize, path: &str, fault: Fault) -> Self {
        Self(vec![(path.to_owned(), fault, Some(n))])
    }

    /// The fault of a request.
    pub(super) fn take(&mut self, path: &str) -> Option<Fault> {
        let is_it = |(part, _, left): &&mut (String, Fault, Option<usize>)| {
            path.contains(part.as_str()) && *left != Some(0)
        };
        let (_, fault, left) = self.0.iter_mut().find(is_it)?;
        *left = left.map(|left| left.saturating_sub(1));
        Some(fault.clone())
    }
}

impl Fault {
    /// What comes in place of the right answer.
    pub(super) async fn in_place_of(self, right: Response) -> Response {
        match self {
            Self::Status(status, body) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
                (status, body).into_response()
            }
            Self::Busy(None) => StatusCode::TOO_MANY_REQUESTS.into_response(),
            Self::Busy(Some(wait)) => {
                (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait)]).into_response()
            }
            Self::Drip(pause) => {
                let (head, bytes) = whole(right).await;
                let drops = futures::stream::iter(bytes).then(move |byte| async move {
                    tokio::time::sleep(pause).await;
                    Ok::<_, std::io::Error>(Bytes::copy_from_slice(&[byte]))
                });
                Response::from_parts(head, Body::from_stream(drops))
            }
            Self::Silence => std::future::pending().await,
            Self::Bytes(bytes) => {
                let (mut head, _) = whole(right).await;
                head.headers.remove(header::CONTENT_LENGTH);
                Response::from_parts(head, Body::from(bytes))
            }
            Self::CutOff => {
                let (mut head, bytes) = whole(right).await;
                head.headers.insert(header::CONTENT_LENGTH, bytes.len().into());
                let half = bytes.slice(..bytes.len() / 2);
                let broken = std::io::Error::other("cut off");
                let parts = futures::stream::iter([Ok(half), Err(broken)]);
                Response::from_parts(head, Body::from_stream(parts))
            }
            Self::Endless => {
                let chunk = Bytes::from_static(&[b' '; 8192]);
                let chunks =
                    futures::stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()));
                Body::from_stream(chunks).into_response()
            }
            Self::Redirect(to) => {
                (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
            }
        }
    }
}

async fn whole(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    (head, bytes)
}
