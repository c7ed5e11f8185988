//! The reading half of the OCI distribution protocol.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use egress::{Egress, Request, Response};
use futures::{StreamExt as _, TryStreamExt as _};
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderName, HeaderValue, StatusCode};
use model::digest::Digest;
use model::image::Repository;
use url::Url;

use crate::Limits;
use crate::distribution::authorization::Authorizations;
use crate::distribution::pace::Pace;
use crate::manifest::{DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST};
use crate::signatures::{Found, Listed, verified};

mod authorization;
mod failure;
mod pace;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// Asks registries.
#[derive(Debug, Clone)]
pub(crate) struct Distribution {
    egress: Egress,
    limits: Limits,
    credentials: Option<PathBuf>,
    authorizations: Arc<Authorizations>,
    pace: Arc<Pace>,
}

/// Whether the body is wanted.
#[derive(Debug, Clone, Copy)]
enum Verb {
    Get,
    Head,
}

impl Distribution {
    pub(crate) fn new(egress: Egress, limits: Limits) -> Self {
        Self {
            egress,
            limits,
            credentials: None,
            authorizations: Arc::default(),
            pace: Arc::default(),
        }
    }

    pub(crate) fn with_credentials(self, path: PathBuf) -> Self {
        Self { credentials: Some(path), ..self }
    }

    /// The signatures under a tag; a missing tag has none. A registry that took too long is
    /// left alone for a while, so that it delays one look-up and not each.
    pub(crate) async fn signatures(
        &self,
        repository: &Repository,
        tag: &str,
    ) -> Result<Found, String> {
        let registry = repository.registry();
        self.pace.is_left_alone(registry, self.limits.left_alone)?;
        let limit = self.limits.whole;
        let asked = tokio::time::timeout(limit, self.all_signatures(repository, tag)).await;
        asked.unwrap_or_else(|_| {
            self.pace.leave_alone(registry);
            Err(format!("{registry} took longer than {} s for one look-up", limit.as_secs()))
        })
    }

    async fn all_signatures(&self, repository: &Repository, tag: &str) -> Result<Found, String> {
        let url = self.url(repository, "manifests", tag)?;
        let accepted = [OCI_MANIFEST, DOCKER_MANIFEST];
        let Some(manifest) = self.manifest(repository, url, &accepted).await? else {
            return Ok(Found::default());
        };
        let listed = Listed::read(manifest, &self.limits)?;
        let fetches = listed.payloads().into_iter().map(|(digest, size)| async move {
            Ok::<_, String>((digest, self.blob(repository, &digest, size).await?))
        });
        let fetched = futures::stream::iter(fetches).buffer_unordered(self.limits.at_once.max(1));
        let payloads: BTreeMap<Digest, Bytes> = fetched.try_collect().await?;
        Ok(listed.with(&payloads))
    }

    /// What a tag points at, if it exists.
    pub(crate) async fn resolve(
        &self,
        repository: &Repository,
        tag: &str,
    ) -> Result<Option<Digest>, String> {
        let url = self.url(repository, "manifests", tag)?;
        let accepted = [OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST];
        let request = self.request(url.clone(), &accepted, self.limits.manifest_bytes);
        let response = self.ask(Verb::Head, repository, request).await?;
        if response.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if let Some(digest) = named_digest(&response).filter(|_| response.status.is_success()) {
            return Ok(Some(digest));
        }
        // HEAD is younger than some registries.
        let manifest = self.manifest(repository, url, &accepted).await?;
        Ok(manifest.map(|bytes| Digest::of(&bytes)))
    }

    async fn manifest(
        &self,
        repository: &Repository,
        url: Url,
        accepted: &[&str],
    ) -> Result<Option<Bytes>, String> {
        let request = self.request(url, accepted, self.limits.manifest_bytes);
        let response = self.ask(Verb::Get, repository, request).await?;
        if failure::is_missing(&response) {
            return Ok(None);
        }
        if !response.status.is_success() {
            return Err(failure::of(repository, &response));
        }
        match named_digest(&response) {
            Some(digest) => verified(response.body, &digest).map(Some),
            None => Ok(Some(response.body)),
        }
    }

    async fn blob(
        &self,
        repository: &Repository,
        digest: &Digest,
        size: usize,
    ) -> Result<Bytes, String> {
        let url = self.url(repository, "blobs", &digest.to_string())?;
        let request = self.request(url, &["*/*"], size);
        let response = self.ask(Verb::Get, repository, request).await?;
        if failure::is_missing(&response) {
            return Err(format!("the manifest lists {digest}, which the registry does not have"));
        }
        if !response.status.is_success() {
            return Err(failure::of(repository, &response));
        }
        verified(response.body, digest)
    }

    /// Asks with what let us in last time; where that is not enough, answers the challenge once.
    async fn ask(
        &self,
        verb: Verb,
        repository: &Repository,
        mut request: Request,
    ) -> Result<Response, String> {
        if let Some(known) = self.authorizations.known(repository) {
            request.headers.insert(AUTHORIZATION, known);
        }
        let response = self.paced(verb, request.clone()).await?;
        // A stranger that the registry redirects to gets no answer to its challenge: the login
        // is the registry's.
        let is_own = response.url.origin() == request.url.origin();
        if response.status != StatusCode::UNAUTHORIZED || !is_own {
            return Ok(response);
        }
        let fresh = self.authorize(repository, &response).await?;
        request.headers.insert(AUTHORIZATION, fresh.clone());
        let response = self.paced(verb, request).await?;
        if response.status == StatusCode::UNAUTHORIZED {
            self.authorizations.forget(repository);
        } else {
            self.authorizations.remember(repository, fresh);
        }
        Ok(response)
    }

    /// `…/v2/<path>/<kind>/<reference>`. Repository paths are text that users write, and dots
    /// in them would lead to other parts of the registry's host.
    fn url(&self, repository: &Repository, kind: &str, reference: &str) -> Result<Url, String> {
        let path = repository.path();
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(format!("{path:?} is no repository: its parts are names with / between"));
        }
        let mut url =
            self.egress.root_of(repository.registry()).map_err(|error| error.to_string())?;
        url.set_path(&format!("/v2/{path}/{kind}/{reference}"));
        Ok(url)
    }

    fn request(&self, url: Url, accepted: &[&str], max_bytes: usize) -> Request {
        let mut request = Request::new(url);
        if let Ok(accepted) = HeaderValue::try_from(accepted.join(", ")) {
            request.headers.insert(ACCEPT, accepted);
        }
        request.max_bytes = Some(max_bytes);
        request
    }
}

/// The digest that the registry says the manifest has.
fn named_digest(response: &Response) -> Option<Digest> {
    response.headers.get(CONTENT_DIGEST)?.to_str().ok()?.parse().ok()
}
