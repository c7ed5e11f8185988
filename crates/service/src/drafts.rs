//! Drafts: documents kept as typed, so that a refused form loses nothing.

use model::iam::Subject;
use model::id::{DraftId, GroupId, IdentityId};
use model::policies::Draft;

use crate::policies::LONGEST_DOCUMENT;
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// The use cases of drafts.
#[derive(Debug, Clone, Copy)]
pub struct Drafts<'a>(&'a Service);

impl Service {
    /// The use cases of drafts.
    #[must_use]
    pub const fn drafts(&self) -> Drafts<'_> {
        Drafts(self)
    }
}

impl Drafts<'_> {
    /// Keeps a document for the caller alone.
    ///
    /// # Errors
    /// Invalid where it is too long; unauthenticated for callers that are no person.
    pub async fn save(
        &self,
        caller: &Caller,
        group: Option<GroupId>,
        document: &str,
        description: &str,
    ) -> Result<DraftId> {
        let owner = person(caller)?;
        if document.len() > LONGEST_DOCUMENT {
            let message = format!("A document has at most {LONGEST_DOCUMENT} bytes.");
            return Err(ServiceError::Invalid(vec![FieldError::new("document", message)]));
        }
        let id = DraftId(self.0.fresh_suid());
        let draft =
            Draft { group, document: document.to_owned(), description: description.to_owned() };
        let (mut tx, now) = self.0.begin().await?;
        tx.insert_draft(owner, id, &draft, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A draft of the caller's own.
    ///
    /// # Errors
    /// Not found where there is none of the caller's.
    pub async fn get(&self, caller: &Caller, id: DraftId) -> Result<Draft> {
        let draft = self.0.store().draft(person(caller)?, id).await?;
        draft.ok_or(ServiceError::NotFound)
    }
}

fn person(caller: &Caller) -> Result<IdentityId> {
    match caller.subject() {
        Subject::Person { id, .. } => Ok(*id),
        Subject::Cluster { .. } | Subject::System { .. } => Err(ServiceError::Unauthenticated),
    }
}
