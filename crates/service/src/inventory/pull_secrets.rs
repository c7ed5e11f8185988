//! Pull secrets of clusters: kept in memory, never written, and used for the look-ups of images
//! that run in their namespaces (`policy-controller.md` part 17).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::id::ClusterId;
use protocol::ingest::pull_secrets::{
    KeptPullSecrets, PullSecret, PullSecretKind, PullSecrets, limits,
};
use store::{ImageKey, RootKey};

use crate::ports::Logins;
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// Of each cluster of an organization, by namespace.
#[derive(Default)]
pub(crate) struct KeptSecrets {
    by_cluster: Mutex<BTreeMap<(RootKey, ClusterId), Namespaces>>,
}

type Namespaces = BTreeMap<String, Vec<(PullSecretKind, Arc<[u8]>)>>;

/// Without what is secret.
impl fmt::Debug for KeptSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptSecrets").finish_non_exhaustive()
    }
}

impl KeptSecrets {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(RootKey, ClusterId), Namespaces>> {
        self.by_cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what a cluster sent in place of what it sent before; tells whether that is other.
    fn keep(&self, cluster: (RootKey, ClusterId), namespaces: &Namespaces) -> bool {
        let mut by_cluster = self.lock();
        let before = match namespaces.is_empty() {
            true => by_cluster.remove(&cluster),
            false => by_cluster.insert(cluster, namespaces.clone()),
        };
        before.unwrap_or_default() != *namespaces
    }

    fn are_kept_for(&self, root: RootKey) -> bool {
        self.lock().keys().any(|(of, _)| *of == root)
    }

    /// Those of the namespaces where something runs.
    fn of(&self, root: RootKey, places: &[(ClusterId, String)]) -> Option<Logins> {
        let by_cluster = self.lock();
        let found = places
            .iter()
            .filter_map(|(cluster, namespace)| by_cluster.get(&(root, *cluster))?.get(namespace));
        let secrets: Vec<_> = found.flatten().cloned().collect();
        drop(by_cluster);
        if secrets.is_empty() {
            return None;
        }
        let digests =
            secrets.iter().map(|(kind, document)| format!("{kind:?} {}\n", Digest::of(document)));
        let id = Digest::of(digests.collect::<String>().as_bytes());
        Some(Logins { id, secrets })
    }
}

impl Service {
    /// Takes the pull secrets of the calling cluster, in place of those it sent before. Look-ups
    /// of its images that had no answer are made again with them.
    ///
    /// # Errors
    /// Invalid where one cannot be read, which names it; forbidden for callers that are no cluster.
    pub async fn accept_pull_secrets(
        &self,
        caller: &Caller,
        report: PullSecrets,
    ) -> Result<KeptPullSecrets> {
        let (cluster, _) = self.reporting(caller, "Pull secrets are").await?;
        let n_secrets = report.secrets.len();
        let namespaces = self.read(report)?;
        let is_changed = self.inner.pull_secrets.keep((cluster.root, cluster.id), &namespaces);
        if is_changed {
            let (mut tx, now) = self.begin().await?;
            tx.expire_unanswered(cluster.root, cluster.id, now).await?;
            tx.commit().await?;
            self.wake_sweep();
        }
        Ok(KeptPullSecrets { n_secrets, is_changed })
    }

    fn read(&self, report: PullSecrets) -> Result<Namespaces> {
        let wrong = |field: String, message: String| {
            ServiceError::Invalid(vec![FieldError::new(&field, message)])
        };
        if report.secrets.len() > limits::SECRETS {
            let most = limits::SECRETS;
            let message = format!("A cluster sends {most} pull secrets at most.");
            return Err(wrong("secrets".to_owned(), message));
        }
        let mut namespaces = Namespaces::new();
        for (number, secret) in report.secrets.into_iter().enumerate() {
            let PullSecret { namespace, name, kind, data } = secret;
            let field = format!("secrets[{number}]");
            let named = |cause: &str| format!("Secret {namespace}/{name}: {cause}.");
            let document = STANDARD
                .decode(&data)
                .map_err(|_| wrong(format!("{field}.data"), named("its value is no base64")))?;
            let document: Arc<[u8]> = document.into();
            let only =
                Logins { id: Digest::of(&document), secrets: vec![(kind, Arc::clone(&document))] };
            self.ports()
                .evidence
                .check(&only)
                .map_err(|cause| wrong(format!("{field}.data"), named(&cause)))?;
            namespaces.entry(namespace).or_default().push((kind, document));
        }
        Ok(namespaces)
    }

    /// The pull secrets that count for an image: those of the namespaces where it runs.
    pub(crate) async fn logins(&self, root: RootKey, image: ImageKey) -> Result<Option<Logins>> {
        let kept = &self.inner.pull_secrets;
        if !kept.are_kept_for(root) {
            return Ok(None);
        }
        let places = self.store().namespaces_of_image(root, image).await?;
        Ok(kept.of(root, &places))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> (KeptSecrets, RootKey, ClusterId) {
        let (kept, root) = (KeptSecrets::default(), RootKey::INSTALLATION);
        let cluster = ClusterId("0123456789abcdef".parse().unwrap());
        (kept, root, cluster)
    }

    fn secret(text: &str) -> (PullSecretKind, Arc<[u8]>) {
        (PullSecretKind::DockerConfigJson, text.as_bytes().into())
    }

    #[test]
    fn secrets_count_for_what_runs_in_their_namespace_and_nothing_else() {
        let (kept, root, cluster) = world();
        let namespaces = Namespaces::from([("payments".to_owned(), vec![secret("a")])]);
        assert!(kept.keep((root, cluster), &namespaces));
        let of = |namespace: &str| kept.of(root, &[(cluster, namespace.to_owned())]);
        assert_eq!(of("payments").unwrap().secrets, [secret("a")]);
        assert_eq!(of("web"), None);
    }

    #[test]
    fn what_a_cluster_leaves_out_is_forgotten() {
        let (kept, root, cluster) = world();
        let namespaces = Namespaces::from([("payments".to_owned(), vec![secret("a")])]);
        assert!(kept.keep((root, cluster), &namespaces));
        assert!(!kept.keep((root, cluster), &namespaces));
        assert!(kept.keep((root, cluster), &Namespaces::new()));
        assert!(!kept.are_kept_for(root));
    }
}
