//! What waits between a form and the page after it, in memory: secrets that are shown once, and
//! forms that were refused, with what was typed.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use model::iam::Subject;
use protocol::api::ClusterCredential;
use protocol::credentials::{CodeSecret, CreatedLink, CreatedToken};
use protocol::iam::InviteMade;

use crate::{Caller, FieldError, Service};

/// More than this many things that wait mean that nobody fetches them: the oldest goes.
const MOST: usize = 256;
/// Bytes of a refused form that are kept, at most.
const LONGEST_FORM: usize = 64 * 1024;

/// Things that wait for the caller who put them there, each under a ticket. They are lost with
/// the process, and that is right: a further secret is one click away, and is nowhere on disk.
#[derive(Debug)]
pub struct Once<T> {
    waiting: Mutex<VecDeque<Waiting<T>>>,
}

#[derive(Debug)]
struct Waiting<T> {
    ticket: String,
    owner: Subject,
    thing: T,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { waiting: Mutex::default() }
    }
}

impl<T> Once<T> {
    /// Keeps something for the caller under a ticket.
    fn keep(&self, caller: &Caller, ticket: String, thing: T) {
        let owner = caller.subject().clone();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MOST {
            waiting.pop_front();
        }
        waiting.push_back(Waiting { ticket, owner, thing });
    }

    /// Hands something out, to the caller that put it there, and forgets it.
    pub fn take(&self, caller: &Caller, ticket: &str) -> Option<T> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |it: &Waiting<T>| it.ticket == ticket && it.owner == *caller.subject();
        let place = waiting.iter().position(is_it)?;
        waiting.remove(place).map(|it| it.thing)
    }
}

impl<T: Clone> Once<T> {
    /// The same without forgetting it.
    fn look(&self, caller: &Caller, ticket: &str) -> Option<T> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |it: &&Waiting<T>| it.ticket == ticket && it.owner == *caller.subject();
        waiting.iter().find(is_it).map(|it| it.thing.clone())
    }
}

impl Once<ClusterCredential> {
    /// Keeps a credential for the caller; gives the ticket to fetch it by.
    pub fn put(&self, caller: &Caller, credential: ClusterCredential) -> String {
        let ticket = credential.token_id.to_string();
        self.keep(caller, ticket.clone(), credential);
        ticket
    }
}

impl Once<InviteMade> {
    /// Keeps an invite's code for the caller; gives the ticket to fetch it by.
    pub fn put(&self, caller: &Caller, made: InviteMade) -> String {
        let ticket = made.invite.id.to_string();
        self.keep(caller, ticket.clone(), made);
        ticket
    }
}

impl Once<CreatedToken> {
    /// Keeps a token for the caller; gives the ticket to fetch it by.
    pub fn put(&self, caller: &Caller, made: CreatedToken) -> String {
        let ticket = made.token.id.to_string();
        self.keep(caller, ticket.clone(), made);
        ticket
    }
}

/// A form that was sent and not done: what was typed, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefusedForm {
    /// What was typed, by field; never a secret.
    pub typed: Vec<(String, String)>,
    /// What is wrong with single fields.
    pub errors: Vec<FieldError>,
    /// Why it cannot be done at all, as a sentence; empty where fields are to blame.
    pub sentence: String,
}

impl Service {
    /// Keeps a refused form for the page that shows it again; gives its ticket. What was typed is
    /// dropped where it is too long to be kept.
    #[must_use]
    pub fn keep_refused(&self, caller: &Caller, mut form: RefusedForm) -> String {
        let length = |(name, text): &(String, String)| name.len().saturating_add(text.len());
        if form.typed.iter().map(length).fold(0, usize::saturating_add) > LONGEST_FORM {
            form.typed.clear();
        }
        let ticket = self.fresh_suid().to_string();
        self.refused_forms().keep(caller, ticket.clone(), form);
        ticket
    }

    /// Keeps a sign-in link for the caller until it is shown; gives the ticket to fetch it by.
    #[must_use]
    pub fn keep_link(&self, caller: &Caller, link: CreatedLink) -> String {
        let ticket = self.fresh_suid().to_string();
        self.links().keep(caller, ticket.clone(), link);
        ticket
    }

    /// Keeps the secret of one-time codes for the caller; gives the ticket to fetch it by.
    #[must_use]
    pub fn keep_code_secret(&self, caller: &Caller, secret: CodeSecret) -> String {
        let ticket = self.fresh_suid().to_string();
        self.code_secrets().keep(caller, ticket.clone(), secret);
        ticket
    }

    /// A refused form of the caller's, as often as its page is shown.
    #[must_use]
    pub fn refused_form(&self, caller: &Caller, ticket: &str) -> Option<RefusedForm> {
        self.refused_forms().look(caller, ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_its_owners_and_is_handed_out_once() {
        let (ours, theirs) = (Caller::system("a"), Caller::system("b"));
        let once = Once::<u8>::default();
        once.keep(&ours, "t".to_owned(), 1);
        assert_eq!(once.take(&theirs, "t"), None);
        assert_eq!(once.look(&ours, "t"), Some(1));
        assert_eq!(once.take(&ours, "t"), Some(1));
        assert_eq!(once.take(&ours, "t"), None);
    }

    #[test]
    fn the_oldest_goes_when_nobody_fetches() {
        let ours = Caller::system("a");
        let once = Once::<usize>::default();
        for number in 0..=MOST {
            once.keep(&ours, number.to_string(), number);
        }
        assert_eq!(once.take(&ours, "0"), None);
        assert_eq!(once.take(&ours, "1"), Some(1));
    }
}
