//! Secrets between a form and the page after it: held in memory, handed out once.

use std::collections::BTreeMap;
use std::sync::Mutex;

use model::iam::Subject;
use protocol::api::ClusterCredential;

use crate::Caller;

/// Credentials that wait to be shown. They are lost with the process, and that is right: a
/// further token is one click away, and the secret is nowhere on disk.
#[derive(Debug, Default)]
pub struct Once {
    waiting: Mutex<BTreeMap<String, (Subject, ClusterCredential)>>,
}

/// More than this many waiting credentials mean that nobody fetches them.
const MOST: usize = 256;

impl Once {
    /// Keeps a credential for the caller; gives the ticket to fetch it by.
    pub fn put(&self, caller: &Caller, credential: ClusterCredential) -> String {
        let ticket = credential.token_id.to_string();
        if let Ok(mut waiting) = self.waiting.lock() {
            if waiting.len() >= MOST {
                waiting.pop_first();
            }
            waiting.insert(ticket.clone(), (caller.subject().clone(), credential));
        }
        ticket
    }

    /// Hands a credential out, to the caller that put it there, and forgets it.
    pub fn take(&self, caller: &Caller, ticket: &str) -> Option<ClusterCredential> {
        let mut waiting = self.waiting.lock().ok()?;
        if waiting.get(ticket).is_some_and(|(owner, _)| owner != caller.subject()) {
            return None;
        }
        waiting.remove(ticket).map(|(_, credential)| credential)
    }
}
