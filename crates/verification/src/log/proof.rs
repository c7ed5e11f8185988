//! Inclusion proofs (RFC 6962 2.1.1) and the checkpoints they end in (signed notes).

use sigstore_types::{Checkpoint, Sha256Hash};

use crate::key::Hash;
use crate::refusal::LogFault;
use crate::text::shortened;
use crate::trust::TrustedLog;

/// The longest checkpoint that is looked at; a log's is a few hundred bytes, witnesses add some.
const LONGEST_CHECKPOINT: usize = 64 * 1024;
/// No tree of 64-bit size is higher.
const HIGHEST: usize = 64;

/// That a log's tree holds an entry, unproven.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The entry's place in the tree; a log of several trees numbers its entries otherwise.
    pub(crate) index: i64,
    pub(crate) tree_size: i64,
    pub(crate) root: Vec<u8>,
    /// The siblings on the way from the entry up to the root.
    pub(crate) hashes: Vec<Vec<u8>>,
    pub(crate) checkpoint: String,
}

impl Proof {
    /// Whether `body` is in the tree that the log signed the head of.
    ///
    /// `index` is the entry's own where the log has a single tree, as Rekor v2 has: then the proof
    /// need not repeat it, nor what the checkpoint says; but what it says has to be the same.
    pub(super) fn check(
        &self,
        body: &[u8],
        index: Option<i64>,
        log: &TrustedLog,
    ) -> Result<(), LogFault> {
        let checkpoint = self.checked_checkpoint(log)?;
        let wrong = |cause: String| LogFault::BadProof { cause: shortened(&cause) };
        let (size, root) = (checkpoint.tree_size(), *checkpoint.root_hash());
        let may_leave_out = index.is_some();
        let repeats = (may_leave_out && self.tree_size == 0
            || u64::try_from(self.tree_size) == Ok(size))
            && (may_leave_out && self.root.is_empty() || self.root == root.as_bytes());
        if !repeats {
            return Err(wrong("it is for another tree than its checkpoint".to_owned()));
        }
        if index.is_some_and(|own| self.index != 0 && self.index != own) {
            return Err(wrong("it is for another index than its entry".to_owned()));
        }
        let index = u64::try_from(index.unwrap_or(self.index))
            .map_err(|_| wrong("its index is negative".to_owned()))?;
        if self.hashes.len() > HIGHEST {
            return Err(wrong(format!(
                "{} hashes exceed the limit of {HIGHEST}",
                self.hashes.len()
            )));
        }
        let hashes = self.hashes.iter().map(|hash| Sha256Hash::try_from(hash.as_slice()));
        let hashes: Vec<_> =
            hashes.collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
        let leaf = sigstore_merkle::hash_leaf(body);
        sigstore_merkle::verify_inclusion_proof(&leaf, index, size, &hashes, &root)
            .map_err(|error| wrong(error.to_string()))
    }

    /// The checkpoint, if the log signed it.
    fn checked_checkpoint(&self, log: &TrustedLog) -> Result<Checkpoint, LogFault> {
        let wrong = |cause: String| LogFault::BadCheckpoint { cause: shortened(&cause) };
        if self.checkpoint.len() > LONGEST_CHECKPOINT {
            return Err(wrong(format!("it exceeds the limit of {LONGEST_CHECKPOINT} bytes")));
        }
        let checkpoint =
            Checkpoint::from_text(&self.checkpoint).map_err(|error| wrong(error.to_string()))?;
        let is_signed = checkpoint.signatures().iter().any(|it| {
            log.answers_to(*it.key_id.as_bytes())
                && log
                    .key
                    .verify(Hash::Sha256, checkpoint.signed_data(), it.signature.as_bytes())
                    .is_ok()
        });
        if is_signed {
            Ok(checkpoint)
        } else {
            Err(wrong("it is not signed by the log".to_owned()))
        }
    }
}
