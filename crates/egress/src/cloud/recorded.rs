//! An exchange that answers from a record: for the tests of whoever asks a cloud.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use url::Url;

use super::Exchange;
use crate::{EgressError, MetadataRequest, Request, Response};

/// Answers from a record, in its order, and keeps what was asked.
#[derive(Debug, Default)]
pub struct Recorded {
    answers: Mutex<VecDeque<(u16, String)>>,
    asked: Mutex<Vec<(String, HeaderMap, String)>>,
}

impl Recorded {
    /// These texts, each with status 200.
    #[must_use]
    pub fn of(answers: &[&str]) -> Self {
        let answers = answers.iter().map(|text| (200, (*text).to_owned())).collect();
        Self { answers: Mutex::new(answers), asked: Mutex::default() }
    }

    /// One refusal.
    #[must_use]
    pub fn refusing(status: u16, text: &str) -> Self {
        let answers = VecDeque::from([(status, text.to_owned())]);
        Self { answers: Mutex::new(answers), asked: Mutex::default() }
    }

    /// What was asked: method and address, headers, body. The metadata service's host is
    /// `metadata`.
    #[must_use]
    pub fn asked(&self) -> Vec<(String, HeaderMap, String)> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The recorded answer; past the end of the record, nobody answers.
    fn answer(&self, request: &Request) -> Result<Response, EgressError> {
        let line = format!("{} {}", request.method, request.url);
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push((line, request.headers.clone(), body));
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let silence = |cause: &str| EgressError::NoAnswer {
            host: request.url.host_str().unwrap_or_default().to_owned(),
            cause: cause.to_owned(),
        };
        let (status, text) = answers.pop_front().ok_or_else(|| silence("the record ends here"))?;
        let status = StatusCode::from_u16(status).map_err(|_| silence("no status"))?;
        let url = request.url.clone();
        Ok(Response { status, headers: HeaderMap::new(), body: text.into(), url })
    }
}

impl Exchange for Recorded {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, EgressError>> {
        async move { self.answer(&request) }.boxed()
    }

    fn metadata(&self, request: MetadataRequest) -> BoxFuture<'_, Result<Response, EgressError>> {
        async move {
            let MetadataRequest { method, path, headers, .. } = request;
            let url = Url::parse(&format!("http://metadata{path}"))
                .map_err(|_| EgressError::Url { host: path })?;
            self.answer(&Request { method, headers, ..Request::new(url) })
        }
        .boxed()
    }
}
