//! What refers to an image: by the referrers API of OCI 1.1, or under the tag that clients
//! write where a registry has no such API.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use egress::Response;
use http::header::{ETAG, IF_NONE_MATCH, LINK};
use http::{HeaderValue, StatusCode};
use model::digest::Digest;
use model::image::Pointer;
use url::Url;

use super::{Errand, content_type_of, link, refusal};
use crate::failure::Failure;
use crate::lookup::Validator;
use crate::manifest::{Body, Descriptor, Document, OCI_INDEX};
use crate::place::{Head, Listing, digest_of_list};

/// Registries that are remembered.
const MANY_REGISTRIES: usize = 1024;
/// Pages of one list. Registries choose their size, and may link them in a circle.
const MOST_PAGES: usize = 64;

/// Which registries have no referrers API, and since when that is known. They may learn it.
#[derive(Debug, Default)]
pub(crate) struct Ways(Mutex<HashMap<String, Instant>>);

impl Ways {
    fn has_no_api(&self, authority: &str, remembered: Duration) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = known.get(authority).map(|since| since.elapsed() < remembered);
        if is_fresh == Some(false) {
            known.remove(authority);
        }
        is_fresh == Some(true)
    }

    fn remember(&self, authority: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MANY_REGISTRIES {
            known.clear();
        }
        known.insert(authority.to_owned(), Instant::now());
    }
}

/// What the referrers API said.
enum Native {
    Unchanged,
    Page {
        entries: Vec<Descriptor>,
        next: Option<Url>,
        etag: Option<Validator>,
    },
    /// The registry has no such API, and whether that holds for all of its repositories.
    None {
        is_everywhere: bool,
    },
}

impl Errand<'_> {
    /// What refers to a digest.
    pub(crate) async fn referrers(
        &self,
        digest: &Digest,
        known: Option<&Validator>,
    ) -> Result<Listing, Failure> {
        let first = self.url("referrers", &digest.to_string())?;
        let (ways, remembered) = (&self.to.ways, self.to.limits.remembered);
        let authority = first.authority().to_owned();
        if ways.has_no_api(&authority, remembered) {
            return self.tagged(digest, known).await;
        }
        match self.page(first.clone(), known).await? {
            Native::Unchanged => Ok(Listing::Unchanged),
            Native::Page { entries, next: None, etag: Some(etag) } => {
                Ok(Listing::Listed { entries, validator: Some(etag) })
            }
            Native::Page { entries, next, etag: _ } => {
                self.paged(&first, entries, next, known).await
            }
            Native::None { is_everywhere } => {
                if is_everywhere {
                    ways.remember(&authority);
                }
                self.tagged(digest, known).await
            }
        }
    }

    /// A list of several pages, which has no one ETag.
    async fn paged(
        &self,
        first: &Url,
        mut entries: Vec<Descriptor>,
        mut next: Option<Url>,
        known: Option<&Validator>,
    ) -> Result<Listing, Failure> {
        let most = self.to.limits.referrers;
        let mut n_pages = 1;
        while let Some(url) = next.take() {
            if n_pages == MOST_PAGES || entries.len() > most {
                let cause = format!("the list of referrers is longer than {most} entries");
                return Err(Failure::content(cause));
            }
            if url.origin() != first.origin() {
                let cause = "the list of referrers goes on at another host";
                return Err(Failure::content(cause));
            }
            match self.page(url, None).await? {
                Native::Page { entries: more, next: after, etag: _ } => {
                    entries.extend(more);
                    next = after;
                }
                Native::Unchanged | Native::None { .. } => {
                    let cause = "the list of referrers breaks off: a page of it is missing";
                    return Err(Failure::place(cause));
                }
            }
            n_pages += 1;
        }
        let validator = Validator::of_list(&digest_of_list(&entries));
        if known == Some(&validator) {
            return Ok(Listing::Unchanged);
        }
        Ok(Listing::Listed { entries, validator: Some(validator) })
    }

    async fn page(&self, url: Url, known: Option<&Validator>) -> Result<Native, Failure> {
        let mut request = self.request(url, &[OCI_INDEX], self.to.limits.manifest_bytes);
        let etag =
            known.and_then(Validator::etag).and_then(|text| HeaderValue::try_from(text).ok());
        let asks_for_news = etag.is_some();
        if let Some(etag) = etag {
            request.headers.insert(IF_NONE_MATCH, etag);
        }
        let url = request.url.clone();
        let response = self.ask(request).await?;
        match response.status {
            StatusCode::NOT_MODIFIED if asks_for_news => return Ok(Native::Unchanged),
            StatusCode::NOT_FOUND
            | StatusCode::BAD_REQUEST
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_ACCEPTABLE
            | StatusCode::NOT_IMPLEMENTED => {
                let is_everywhere = !refusal::says_name_unknown(&response);
                return Ok(Native::None { is_everywhere });
            }
            status if !status.is_success() => return Err(self.refused(&response)),
            _ => {}
        }
        // Some answer every address with a page for people.
        if content_type_of(&response).as_deref() != Some(OCI_INDEX) {
            return Ok(Native::None { is_everywhere: true });
        }
        let next = next_of(&response, &url)?;
        let etag = etag_of(&response);
        let entries = entries_of(Document::read(response.body, Some(OCI_INDEX))?)?;
        Ok(Native::Page { entries, next, etag })
    }

    /// The list that clients keep under the tag `sha256-<hex>`.
    async fn tagged(&self, digest: &Digest, known: Option<&Validator>) -> Result<Listing, Failure> {
        let pointer = Pointer::Tag(format!("sha256-{}", digest.hex()));
        if let Some(known) = known
            && let Head::At(digest) = self.head(&pointer).await?
            && Validator::of_digest(&digest) == *known
        {
            return Ok(Listing::Unchanged);
        }
        let Some(document) = self.document(&pointer).await? else {
            return Ok(Listing::Listed { entries: Vec::new(), validator: None });
        };
        let validator = Some(Validator::of_digest(&document.digest));
        Ok(Listing::Listed { entries: entries_of(document)?, validator })
    }
}

fn entries_of(document: Document) -> Result<Vec<Descriptor>, Failure> {
    match document.body {
        Body::Index(index) => Ok(index.manifests),
        Body::Manifest(_) => Err(Failure::content("the list of referrers is no index")),
    }
}

/// Where the list goes on. A link that cannot be followed breaks the list off, since what would
/// be left looks like a whole list.
fn next_of(response: &Response, url: &Url) -> Result<Option<Url>, Failure> {
    let texts = response.headers.get_all(LINK).iter().filter_map(|text| text.to_str().ok());
    let Some(next) = texts.filter_map(link::next).next() else { return Ok(None) };
    let wrong = |_| Failure::content("the list of referrers goes on at what is no URL");
    url.join(&next).map(Some).map_err(wrong)
}

/// A strong ETag; a weak one may stay the same while the bytes change.
fn etag_of(response: &Response) -> Option<Validator> {
    let text = response.headers.get(ETAG)?.to_str().ok()?;
    Validator::of_etag(text).filter(|_| !text.starts_with("W/"))
}
