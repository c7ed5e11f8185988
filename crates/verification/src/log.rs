//! A transparency log's entry: that the log has this very signature, by the log's promise
//! (Rekor v1) or by a proof under its checkpoint (both versions).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::LogWitness;
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::key::Hash;
use crate::refusal::LogFault;
use crate::text::shortened;
use crate::trust::LogKeys;

mod proof;
mod record;

pub(crate) use proof::Proof;
pub(crate) use record::{Logged, LoggedVerifier};

use record::Record;

/// An entry, unproven.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The log's own words, of which proofs and promises speak.
    pub(crate) body: Vec<u8>,
    /// The kind and version that a bundle says the body is of.
    pub(crate) kind: Option<(String, String)>,
    pub(crate) log_id: Vec<u8>,
    pub(crate) index: i64,
    /// Seconds since the epoch; worth something only under a promise.
    pub(crate) integrated_time: i64,
    /// The log's signature that it will take the entry in: Rekor's SET.
    pub(crate) promise: Option<Vec<u8>>,
    pub(crate) proof: Option<Proof>,
}

/// The bundle annotation of cosign's layers.
#[derive(Deserialize)]
struct Annotation {
    #[serde(rename = "SignedEntryTimestamp")]
    signed_entry_timestamp: String,
    #[serde(rename = "Payload")]
    payload: Promised,
}

/// What the log signed, in RFC 8785 canonical JSON.
#[derive(Serialize, Deserialize)]
struct Promised {
    body: String,
    #[serde(rename = "integratedTime")]
    integrated_time: i64,
    #[serde(rename = "logID")]
    log_id: String,
    #[serde(rename = "logIndex")]
    log_index: i64,
}

impl Entry {
    /// From the bundle annotation, whose proofs are not looked at (10.3).
    pub(crate) fn from_annotation(text: &str) -> Result<Self, LogFault> {
        let annotation: Annotation = serde_json::from_str(text).map_err(unreadable)?;
        let Promised { body, integrated_time, log_id, log_index } = annotation.payload;
        let promise =
            STANDARD.decode(annotation.signed_entry_timestamp).map_err(|_| LogFault::BadPromise)?;
        // The log signed the text, which is lower case.
        let id = hex::decode(&log_id).ok().filter(|id| hex::encode(id) == log_id);
        Ok(Self {
            body: STANDARD.decode(body).map_err(unreadable)?,
            kind: None,
            log_id: id.ok_or(LogFault::UnknownLog)?,
            index: log_index,
            integrated_time,
            promise: Some(promise),
            proof: None,
        })
    }

    /// Whether a trusted log has the signature, and what it says of it.
    ///
    /// `now` bounds the trust of a log that says no time.
    pub(crate) fn check(
        &self,
        logged: &Logged<'_>,
        verifier: &LoggedVerifier<'_>,
        logs: &LogKeys,
        now: Timestamp,
    ) -> Result<LogWitness, LogFault> {
        if logs.is_empty() {
            return Err(LogFault::NoKeys);
        }
        let record = Record::read(&self.body)?;
        if let Some((kind, version)) = &self.kind {
            record.check_name(kind, version)?;
        }
        record.check(logged, verifier)?;
        let integrated_at = self.promise.as_ref().map(|promise| self.check_promise(promise, logs));
        let integrated_at = integrated_at.transpose()?;
        match &self.proof {
            Some(proof) => {
                let log = logs.get(&self.log_id).ok_or(LogFault::UnknownLog)?;
                if !log.has_begun_by(integrated_at.unwrap_or(now)) {
                    return Err(LogFault::UnknownLog);
                }
                let index = record.is_second_version().then_some(self.index);
                proof.check(&self.body, index, log)?;
            }
            None if integrated_at.is_none() => return Err(LogFault::NoProof),
            None => {}
        }
        Ok(LogWitness {
            log_id: hex::encode(&self.log_id),
            index: u64::try_from(self.index).unwrap_or_default(),
            integrated_at,
        })
    }

    /// Whether both say the same place in the same log.
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        (&self.log_id, self.index) == (&other.log_id, other.index)
    }

    /// The moment the log vouches for.
    fn check_promise(&self, promise: &[u8], logs: &LogKeys) -> Result<Timestamp, LogFault> {
        let integrated = Timestamp::from_seconds(self.integrated_time);
        let key = logs.at(&self.log_id, integrated).ok_or(LogFault::UnknownLog)?;
        let promised = Promised {
            body: STANDARD.encode(&self.body),
            integrated_time: self.integrated_time,
            log_id: hex::encode(&self.log_id),
            log_index: self.index,
        };
        let message = serde_json_canonicalizer::to_vec(&promised).map_err(unreadable)?;
        key.verify(Hash::Sha256, &message, promise).map_err(|_| LogFault::BadPromise)?;
        Ok(integrated)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn unreadable(error: impl ToString) -> LogFault {
    LogFault::Unreadable { cause: shortened(&error.to_string()) }
}
