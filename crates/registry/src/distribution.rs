//! The reading half of the OCI distribution protocol.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use egress::{Egress, Request, Response};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RANGE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use model::digest::Digest;
use model::image::{Pointer, Repository};
use url::Url;

use crate::Limits;
use crate::credentials::Logins;
use crate::distribution::authorization::Authorizations;
use crate::distribution::pace::Pace;
use crate::distribution::referrers::Ways;
use crate::failure::Failure;
use crate::manifest::{DOCKER_INDEX, DOCKER_MANIFEST, Document, OCI_INDEX, OCI_MANIFEST, verified};
use crate::place::Head;

mod authorization;
pub(crate) mod link;
mod pace;
mod referrers;
mod refusal;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
/// The longest refusal, with the registry's own words.
const REFUSAL_BYTES: usize = 16 * 1024;
const DOCUMENTS: [&str; 4] = [OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST];

/// Asks registries.
#[derive(Debug, Clone)]
pub(crate) struct Distribution {
    egress: Egress,
    limits: Limits,
    logins: Arc<Logins>,
    authorizations: Arc<Authorizations>,
    pace: Arc<Pace>,
    ways: Arc<Ways>,
}

/// Questions about one repository, counted.
#[derive(Debug)]
pub(crate) struct Errand<'a> {
    to: &'a Distribution,
    repository: &'a Repository,
    n_requests: &'a AtomicU32,
    /// Microseconds that its requests waited for their turn: our own doing, not the registry's.
    waited: AtomicU64,
}

impl Distribution {
    pub(crate) fn new(egress: Egress, limits: Limits) -> Self {
        Self {
            egress,
            limits,
            logins: Arc::default(),
            authorizations: Arc::default(),
            pace: Arc::default(),
            ways: Arc::default(),
        }
    }

    /// With other logins; what let others in is not theirs to use.
    pub(crate) fn with_logins(self, change: impl FnOnce(Logins) -> Logins) -> Self {
        let logins = Arc::new(change(Logins::clone(&self.logins)));
        Self { logins, authorizations: Arc::default(), ..self }
    }

    pub(crate) const fn errand<'a>(
        &'a self,
        repository: &'a Repository,
        n_requests: &'a AtomicU32,
    ) -> Errand<'a> {
        Errand { to: self, repository, n_requests, waited: AtomicU64::new(0) }
    }
}

impl<'a> Errand<'a> {
    /// Bounds the whole of it, without what it waited for its turn. A registry that took too
    /// long is left alone for a while, so that it delays one look-up and not each.
    pub(crate) async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let (limit, start) = (self.to.limits.whole, Instant::now());
        let waited = || Duration::from_micros(self.waited.load(Ordering::Relaxed));
        let mut asked = std::pin::pin!(asked);
        let mut left = limit;
        while !left.is_zero() {
            if let Ok(found) = tokio::time::timeout(left, asked.as_mut()).await {
                return found;
            }
            left = limit.saturating_add(waited()).saturating_sub(start.elapsed());
        }
        let (registry, left_alone) = (self.repository.registry(), self.to.limits.left_alone);
        if let Ok(root) = self.to.egress.root_of(registry) {
            self.to.pace.leave_alone(root.authority(), left_alone);
        }
        let cause = format!("{registry} took longer than {} s for one look-up", limit.as_secs());
        Err(Failure::place(cause).after(Some(left_alone)))
    }
}

impl Errand<'_> {
    /// Whether there is a manifest, and which.
    pub(crate) async fn head(&self, pointer: &Pointer) -> Result<Head, Failure> {
        let url = self.url("manifests", &text_of(pointer))?;
        let mut request = self.request(url, &DOCUMENTS, self.to.limits.manifest_bytes);
        request.method = Method::HEAD;
        let response = self.ask(request).await?;
        if response.status == StatusCode::NOT_FOUND {
            return Ok(Head::Missing);
        }
        let named = named_digest(&response).filter(|_| response.status.is_success());
        Ok(named.map_or(Head::Unsaid, Head::At))
    }

    /// A manifest or index, if it is there.
    pub(crate) async fn document(&self, pointer: &Pointer) -> Result<Option<Document>, Failure> {
        let url = self.url("manifests", &text_of(pointer))?;
        let request = self.request(url, &DOCUMENTS, self.to.limits.manifest_bytes);
        let response = self.ask(request).await?;
        if refusal::is_missing(&response) {
            return Ok(None);
        }
        if !response.status.is_success() {
            return Err(self.refused(&response));
        }
        let named = match pointer {
            Pointer::Digest(digest) => Some(*digest),
            Pointer::Tag(_) => named_digest(&response),
        };
        let content_type = content_type_of(&response);
        let bytes = match named {
            Some(digest) => verified(response.body, &digest)?,
            None => response.body,
        };
        Document::read(bytes, content_type.as_deref()).map(Some)
    }

    /// Bytes by digest, of which no more than `size` are read.
    pub(crate) async fn blob(&self, digest: &Digest, size: usize) -> Result<Bytes, Failure> {
        let url = self.url("blobs", &digest.to_string())?;
        // A refusal may be longer than the blob, and has to be read as well.
        let request = self.request(url, &["*/*"], size.max(REFUSAL_BYTES));
        let response = self.ask(request).await?;
        if refusal::is_missing(&response) {
            let cause = format!("the manifest lists {digest}, which the registry does not have");
            return Err(Failure::gap(cause));
        }
        if !response.status.is_success() {
            return Err(self.refused(&response));
        }
        if response.body.len() > size {
            let cause =
                format!("the blob {digest} is larger than the {size} bytes it is said to be");
            return Err(Failure::content(cause));
        }
        verified(response.body, digest)
    }

    /// Bytes of a blob from one place to another, the first included.
    pub(crate) async fn part(
        &self,
        digest: &Digest,
        (from, to): (u64, u64),
        length: u64,
    ) -> Result<Bytes, Failure> {
        let size = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
        if (from, to) == (0, length) {
            let whole = self.blob(digest, size).await?;
            return exactly(whole, size, digest);
        }
        let url = self.url("blobs", &digest.to_string())?;
        let mut request = self.request(url, &["*/*"], size.max(REFUSAL_BYTES));
        let range = format!("bytes={from}-{}", to.saturating_sub(1));
        if let Ok(range) = HeaderValue::try_from(range) {
            request.headers.insert(RANGE, range);
        }
        let response = self.ask(request).await?;
        match response.status {
            StatusCode::PARTIAL_CONTENT => exactly(response.body, size, digest),
            status if status.is_success() => {
                let registry = self.repository.registry();
                let cause = format!("{registry} does not hand out blobs in parts");
                Err(Failure::content(cause))
            }
            _ => Err(self.refused(&response)),
        }
    }

    /// Asks with what let us in last time; where that is not enough, answers the challenge once.
    async fn ask(&self, mut request: Request) -> Result<Response, Failure> {
        let authorizations = &self.to.authorizations;
        if let Some(known) = authorizations.known(self.repository) {
            request.headers.insert(AUTHORIZATION, known);
        }
        let response = self.paced(request.clone()).await?;
        // A stranger that the registry redirects to gets no answer to its challenge: the login
        // is the registry's.
        let is_own = response.url.origin() == request.url.origin();
        if response.status != StatusCode::UNAUTHORIZED || !is_own {
            return Ok(response);
        }
        let fresh = self.authorize(&response).await?;
        request.headers.insert(AUTHORIZATION, fresh.clone());
        let response = self.paced(request).await?;
        if response.status == StatusCode::UNAUTHORIZED {
            authorizations.forget(self.repository);
        } else {
            authorizations.remember(self.repository, fresh);
        }
        Ok(response)
    }

    fn counted(&self) {
        self.n_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds to what requests waited, or are about to wait, for their turn.
    fn waited(&self, waited: Duration) {
        let micros = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        self.waited.fetch_add(micros, Ordering::Relaxed);
    }

    fn refused(&self, response: &Response) -> Failure {
        let authority = response.url.authority();
        let retry_after = self.to.pace.left_alone_for(authority);
        Failure::place(refusal::of(self.repository, response)).after(retry_after)
    }

    /// `…/v2/<path>/<kind>/<reference>`. Repository paths are text that users write, and dots
    /// in them would lead to other parts of the registry's host.
    fn url(&self, kind: &str, reference: &str) -> Result<Url, Failure> {
        let path = self.repository.path();
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let cause = format!("{path:?} is no repository: its parts are names with / between");
            return Err(Failure::content(cause));
        }
        let root = self.to.egress.root_of(self.repository.registry());
        let mut url = root.map_err(|error| Failure::place(error.to_string()))?;
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

fn text_of(pointer: &Pointer) -> String {
    match pointer {
        Pointer::Tag(tag) => tag.clone(),
        Pointer::Digest(digest) => digest.to_string(),
    }
}

/// As many bytes as were asked for: fewer would be asked for without end.
fn exactly(bytes: Bytes, size: usize, digest: &Digest) -> Result<Bytes, Failure> {
    if bytes.len() == size {
        return Ok(bytes);
    }
    let found = bytes.len();
    let cause = format!("of the blob {digest} {found} bytes came where {size} were asked for");
    Err(Failure::content(cause))
}

/// The digest that the registry says the manifest has.
fn named_digest(response: &Response) -> Option<Digest> {
    response.headers.get(CONTENT_DIGEST)?.to_str().ok()?.parse().ok()
}

/// The media type without its parameters.
fn content_type_of(response: &Response) -> Option<String> {
    let text = response.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let bare = text.split(';').next().unwrap_or_default().trim();
    Some(bare.to_ascii_lowercase())
}
