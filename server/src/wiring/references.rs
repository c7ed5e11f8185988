//! Keys of key management services, policies and trust roots kept elsewhere, behind the use cases'
//! port.

use std::sync::Arc;

use anyhow::Context as _;
use egress::{Egress, remote_policy};
use evaluator::{Reference, ReferenceNeed};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use kms::{KeyServices, Vault};
use model::timestamp::Timestamp;
use model::trust::RepositoryVersions;
use policy::{TufFiles, TufRepository};
use service::ports::{FetchedReference, ReferenceSource};
use verification::tuf;

use super::evidence::egress_rules;
use crate::config::{Config, Updates, variable};

/// Whatever policies name and do not hold.
pub(crate) struct Elsewhere {
    keys: KeyServices,
    egress: Egress,
    /// Whether the public-good Sigstore is asked for fresh keys.
    is_updating: bool,
}

impl Elsewhere {
    pub(crate) fn new(config: &Config) -> anyhow::Result<Self> {
        let rules = egress_rules(config)?;
        let made = "the outbound HTTP client cannot be made";
        let egress = Egress::new(rules.clone()).context(made)?;
        let mut for_keys = rules;
        // The operator named it; policies reach it through its key management alone.
        let vault = Vault::from_variables(&variable);
        for_keys.allow_private.extend(vault.host());
        if vault.address.as_ref().is_some_and(|url| url.scheme() == "http") {
            for_keys.plain_http.extend(vault.host());
        }
        let for_keys = Egress::new(for_keys).context(made)?;
        let google = variable("GOOGLE_APPLICATION_CREDENTIALS").map(|path| {
            std::fs::read_to_string(&path)
                .map_err(|error| format!("{path} cannot be read: {error}"))
        });
        let endpoints = config.allow_private.iter().filter_map(|host| egress.root_of(host).ok());
        let endpoints = endpoints.collect();
        let keys = KeyServices::from_variables(&variable, google, endpoints, Arc::new(for_keys));
        let is_updating = config.sigstore_updates == Updates::On;
        Ok(Self { keys, egress, is_updating })
    }

    async fn reference(
        &self,
        need: &ReferenceNeed,
        earlier: Option<RepositoryVersions>,
        now: Timestamp,
    ) -> Result<FetchedReference, String> {
        let text = |text| FetchedReference {
            reference: Reference::Text(text),
            good_until: None,
            versions: None,
        };
        match need {
            ReferenceNeed::KmsKey { address } => {
                let key = self.keys.public_key(address).await;
                key.map(text).map_err(|error| error.to_string())
            }
            ReferenceNeed::RemotePolicy { url, sha256 } => {
                let policy = remote_policy::fetch(url, sha256, &self.egress).await;
                policy.map(text).map_err(|error| error.to_string())
            }
            ReferenceNeed::TufKeys { repository } => {
                let mirrored = self.mirrored(repository.clone(), earlier, now).await?;
                Ok(FetchedReference {
                    reference: Reference::Keys(Box::new(mirrored.keys)),
                    good_until: Some(mirrored.expires_at),
                    versions: Some(mirrored.versions),
                })
            }
        }
    }

    async fn mirrored(
        &self,
        repository: TufRepository,
        earlier: Option<RepositoryVersions>,
        now: Timestamp,
    ) -> Result<tuf::Mirrored, String> {
        let TufRepository { root, files, targets, target } = repository;
        match files {
            TufFiles::Mirror(mirror) => {
                let remote = tuf::Remote {
                    root: &root,
                    mirror: &mirror,
                    targets: &targets,
                    target: &target,
                };
                let found = tuf::fetch(remote, &self.egress, now).await;
                // Whoever keeps a repository may not show an older state of it.
                let found = found.and_then(|found| {
                    let follows = |earlier| tuf::follows(&found.versions, &earlier);
                    earlier.map_or(Ok(()), follows).map(|()| found)
                });
                found
                    .map_err(|error| format!("failed to construct TUF client from remote: {error}"))
            }
            TufFiles::Archive(archive) => {
                let read = move || {
                    let (root, archive) = (root.as_ref(), archive.as_ref());
                    tuf::read(
                        tuf::Mirror { root, archive, targets: &targets, target: &target },
                        now,
                    )
                };
                // Unpacking and verifying cost more than the async threads have to give.
                let read = tokio::task::spawn_blocking(read).await;
                let found = read.map_err(|_| "reading the repository was broken off".to_owned())?;
                found
                    .map_err(|error| format!("failed to construct TUF client from mirror: {error}"))
            }
        }
    }
}

impl ReferenceSource for Elsewhere {
    fn public_good(&self) -> Option<TufRepository> {
        self.is_updating.then(|| TufRepository {
            root: tuf::PUBLIC_GOOD_ROOT.into(),
            files: TufFiles::Mirror(tuf::PUBLIC_GOOD_MIRROR.to_owned()),
            targets: "targets".to_owned(),
            target: "trusted_root.json".to_owned(),
        })
    }

    fn fetch<'a>(
        &'a self,
        need: &'a ReferenceNeed,
        earlier: Option<RepositoryVersions>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<FetchedReference, String>> {
        self.reference(need, earlier, now).boxed()
    }
}
