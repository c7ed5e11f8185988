//! How often two verifiers agree.

use std::collections::BTreeMap;

use model::timestamp::Timestamp;

use super::mutations::Bent;
use super::{Peer, exceptions};

/// What came of questions to two verifiers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What both accept.
    pub accepted: u64,
    /// What neither does.
    pub refused: u64,
    /// What only one accepts, for a reason that is listed, by its name.
    pub explained: BTreeMap<&'static str, u64>,
    /// What only one accepts, and nothing explains.
    pub unexplained: Vec<String>,
}

impl Tally {
    /// Asks both.
    ///
    /// # Errors
    /// When the other one does not answer.
    pub fn ask(&mut self, peer: &mut Peer, bent: &Bent, now: Timestamp) -> anyhow::Result<()> {
        let (ours, theirs) = (bent.question.ours(now), peer.ask(&bent.question)?);
        match (ours.accepts, theirs.accepts) {
            (true, true) => self.accepted = self.accepted.saturating_add(1),
            (false, false) => self.refused = self.refused.saturating_add(1),
            (true, false) | (false, true) => {
                match exceptions::of(peer.name, &bent.what, &ours, &theirs) {
                    Some(known) => {
                        let count = self.explained.entry(known.name).or_default();
                        *count = count.saturating_add(1);
                    }
                    None => self.unexplained.push(format!(
                        "{}: {} {}{}, we {}{}",
                        bent.what,
                        peer.name,
                        word(theirs.accepts),
                        theirs.said,
                        word(ours.accepts),
                        ours.said
                    )),
                }
            }
        }
        Ok(())
    }

    /// Whether they agreed on everything, and there was something of both kinds to agree on.
    ///
    /// # Errors
    /// What they did not agree on.
    pub fn close(&self) -> anyhow::Result<()> {
        let n_unexplained = self.unexplained.len();
        anyhow::ensure!(
            n_unexplained == 0,
            "{n_unexplained} differences that nothing explains:\n{}",
            self.unexplained.join("\n")
        );
        anyhow::ensure!(self.accepted > 0 && self.refused > 0, "it says nothing: {self:?}");
        Ok(())
    }
}

const fn word(accepts: bool) -> &'static str {
    if accepts { "accepts" } else { "refuses: " }
}
