//! What policies name and do not hold, fetched from here with this machine's own logins.

use std::collections::BTreeSet;
use std::sync::Arc;

use egress::{Egress, EgressRules, remote_policy};
use evaluator::{Reference, ReferenceNeed};
use kms::{KeyServices, Vault};
use model::timestamp::Timestamp;
use policy::{TufFiles, TufRepository};
use url::Url;
use verification::tuf;

use crate::error::CommandError;

/// Whatever policies name and do not hold.
#[derive(Debug)]
pub struct Elsewhere {
    keys: KeyServices,
    egress: Egress,
}

impl Elsewhere {
    /// Whoever can fetch these. Who tests a policy of their own means the addresses in it.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(needs: &BTreeSet<ReferenceNeed>) -> Result<Self, CommandError> {
        let hosts: Vec<String> = needs.iter().filter_map(address_of).filter_map(host_of).collect();
        let with = |hosts: Vec<String>| {
            let rules = EgressRules {
                allow_private: hosts.clone(),
                plain_http: hosts,
                ..EgressRules::default()
            };
            let wrong = |error: egress::EgressError| CommandError::Usage(error.to_string());
            Egress::new(rules).map_err(wrong)
        };
        let vault = Vault::from_variables(&variable);
        let for_keys = with(vault.host().into_iter().collect())?;
        let google = variable("GOOGLE_APPLICATION_CREDENTIALS").map(|path| {
            std::fs::read_to_string(&path)
                .map_err(|error| format!("{path} cannot be read: {error}"))
        });
        let keys = KeyServices::from_variables(&variable, google, Vec::new(), Arc::new(for_keys));
        Ok(Self { keys, egress: with(hosts)? })
    }

    /// Fetches one thing.
    ///
    /// # Errors
    /// Why there is nothing, as a verdict says it.
    pub async fn fetch(&self, need: &ReferenceNeed, now: Timestamp) -> Result<Reference, String> {
        match need {
            ReferenceNeed::KmsKey { address } => {
                let key = self.keys.public_key(address).await;
                key.map(Reference::Text).map_err(|error| error.to_string())
            }
            ReferenceNeed::RemotePolicy { url, sha256 } => {
                let policy = remote_policy::fetch(url, sha256, &self.egress).await;
                policy.map(Reference::Text).map_err(|error| error.to_string())
            }
            ReferenceNeed::TufKeys { repository } => {
                let mirrored = self.mirrored(repository, now).await?;
                Ok(Reference::Keys(Box::new(mirrored.keys)))
            }
        }
    }

    async fn mirrored(
        &self,
        repository: &TufRepository,
        now: Timestamp,
    ) -> Result<tuf::Mirrored, String> {
        let TufRepository { root, files, targets, target } = repository;
        match files {
            TufFiles::Mirror(mirror) => {
                let found =
                    tuf::fetch(tuf::Remote { root, mirror, targets, target }, &self.egress, now);
                let wrong = |error| format!("failed to construct TUF client from remote: {error}");
                found.await.map_err(wrong)
            }
            TufFiles::Archive(archive) => {
                let found = tuf::read(tuf::Mirror { root, archive, targets, target }, now);
                let wrong = |error| format!("failed to construct TUF client from mirror: {error}");
                found.map_err(wrong)
            }
        }
    }
}

fn address_of(need: &ReferenceNeed) -> Option<&str> {
    match need {
        ReferenceNeed::KmsKey { .. } => None,
        ReferenceNeed::RemotePolicy { url, .. } => Some(url),
        ReferenceNeed::TufKeys { repository } => match &repository.files {
            TufFiles::Mirror(address) => Some(address),
            TufFiles::Archive(_) => None,
        },
    }
}

fn host_of(address: &str) -> Option<String> {
    Some(Url::parse(address).ok()?.host_str()?.to_owned())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
