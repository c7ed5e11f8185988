//! Where a person is signed in, in browsers and on command lines, and ending that.

use model::iam::{Capability, Session, SessionKind, Subject};
use model::id::{IdentityId, SessionId};

use crate::audit::{Act, note};
use crate::iam::Credential;
use crate::{Caller, Result, Service, ServiceError};

/// The use cases of sessions.
#[derive(Debug, Clone, Copy)]
pub struct Sessions<'a>(&'a Service);

impl Service {
    /// The use cases of sessions.
    #[must_use]
    pub const fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }
}

impl Sessions<'_> {
    /// Where the caller is signed in, last used first.
    ///
    /// # Errors
    /// Forbidden to clusters and the control plane.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Session>> {
        let identity = caller.identity()?;
        let mut sessions = self.0.store().sessions_of(identity, self.0.now()).await?;
        for session in &mut sessions {
            session.is_current = current(caller) == Some((session.kind, session.id));
        }
        Ok(sessions)
    }

    /// Ends one of the caller's own sessions.
    ///
    /// # Errors
    /// Not found where they have none of that id.
    pub async fn end(&self, caller: &Caller, id: SessionId) -> Result<()> {
        let identity = caller.identity()?;
        let (mut tx, now) = self.0.begin().await?;
        if !tx.end_session(identity, id).await? {
            return Err(ServiceError::NotFound);
        }
        let act = Act::named("sessions.end", format!("session {id}"));
        note(&mut tx, caller, None, &act, now).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the caller's own sessions, but for the one that asks; gives how many.
    ///
    /// # Errors
    /// Forbidden to clusters and the control plane.
    pub async fn end_others(&self, caller: &Caller) -> Result<u64> {
        let identity = caller.identity()?;
        self.end_all(caller, identity, current(caller).map(|(_, id)| id)).await
    }

    /// Ends every session of a person: for whoever may change identities over the whole
    /// installation, and for the person.
    ///
    /// # Errors
    /// Forbidden to everybody else.
    pub async fn end_of(&self, caller: &Caller, identity: IdentityId) -> Result<u64> {
        let is_own = matches!(caller.subject(), Subject::Person { id, .. } if *id == identity);
        if !is_own {
            Service::require_everywhere(caller, Capability::IdentityUpdate)?;
        }
        self.end_all(caller, identity, None).await
    }

    async fn end_all(
        &self,
        caller: &Caller,
        identity: IdentityId,
        kept: Option<SessionId>,
    ) -> Result<u64> {
        let (mut tx, now) = self.0.begin().await?;
        let n_ended = tx.end_sessions(identity, kept).await?;
        if n_ended > 0 {
            let act = Act::named("sessions.end", format!("identity {identity}")).before(&n_ended);
            note(&mut tx, caller, None, &act, now).await?;
            tx.commit().await?;
        }
        Ok(n_ended)
    }

    /// Keeps in the audit log that a browser signed out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn signed_out(&self, caller: &Caller) -> Result<()> {
        let (mut tx, now) = self.0.begin().await?;
        let target = match current(caller) {
            Some((_, id)) => format!("session {id}"),
            None => "session".to_owned(),
        };
        note(&mut tx, caller, None, &Act::named("sign_out", target), now).await?;
        Ok(tx.commit().await?)
    }
}

/// The session that asks.
fn current(caller: &Caller) -> Option<(SessionKind, SessionId)> {
    match caller.credential() {
        Credential::Session(id) => Some((SessionKind::Browser, id)),
        Credential::Program(id) => Some((SessionKind::Program, id)),
        Credential::None | Credential::Token(_) | Credential::Exchanged | Credential::Cluster => {
            None
        }
    }
}
