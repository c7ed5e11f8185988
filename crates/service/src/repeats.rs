//! Requests that are sent again: answered as the first time, for a day, and not done again.

use std::time::Duration;

use model::digest::Digest;
use model::iam::Subject;
use store::RepeatableAnswer;

use crate::{Caller, Result, Service, ServiceError};

/// How long an answer is given again.
pub const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Its HTTP status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat {
    /// Nothing: the request is to be done.
    Fresh,
    /// The same request was answered this.
    Same(KeptAnswer),
    /// Another request was answered.
    Other,
}

impl Caller {
    /// Who acts, as a key: the same for every token of one caller.
    #[must_use]
    pub fn subject_key(&self) -> String {
        match self.subject() {
            Subject::Person { id, .. } => format!("identity {id}"),
            Subject::Cluster { id, .. } => format!("cluster {id}"),
            Subject::System { reason } => format!("system {reason}"),
        }
    }
}

impl Service {
    /// What a caller's key was used for. `asked` is the digest of the request.
    ///
    /// # Errors
    /// When the database does not answer, or the kept answer cannot be opened.
    pub async fn repeated(&self, caller: &Caller, key: &str, asked: Digest) -> Result<Repeat> {
        let subject = caller.subject_key();
        let since = self.now() - KEPT_FOR;
        let Some(kept) = self.store().repeatable_answer(&subject, key, since).await? else {
            return Ok(Repeat::Fresh);
        };
        if kept.request != asked {
            return Ok(Repeat::Other);
        }
        let opened = self.ports().sealing.open(&place(&subject, key), &kept.answer);
        let body = opened.map_err(|error| ServiceError::Internal(Box::new(error)))?;
        Ok(Repeat::Same(KeptAnswer { status: kept.status, body }))
    }

    /// Keeps the answer to a request, to give it again.
    ///
    /// # Errors
    /// When the database does not answer, or nothing can be sealed.
    pub async fn keep_answer(
        &self,
        caller: &Caller,
        key: &str,
        asked: Digest,
        answer: &KeptAnswer,
    ) -> Result<()> {
        let subject = caller.subject_key();
        let sealed = self.ports().sealing.seal(&place(&subject, key), &answer.body);
        let sealed = sealed.map_err(|error| ServiceError::Internal(Box::new(error)))?;
        let kept = RepeatableAnswer { request: asked, status: answer.status, answer: sealed };
        self.store().keep_repeatable_answer(&subject, key, &kept, self.now()).await?;
        Ok(())
    }
}

/// Where an answer is kept, for the seal.
fn place(subject: &str, key: &str) -> String {
    format!("repeatable answer of {subject} to {key}")
}
