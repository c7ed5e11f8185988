//! One place that is asked during one look-up: a repository of a registry, or of an image layout.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use model::digest::Digest;
use model::image::{Pointer, Repository};

use crate::Limits;
use crate::distribution::Errand;
use crate::failure::Failure;
use crate::layout::{ImageLayout, Naming};
use crate::lookup::Validator;
use crate::manifest::{Descriptor, Document};

/// A place, and what is left of the look-up's limits.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) at: At<'a>,
    pub(crate) limits: &'a Limits,
    pub(crate) budget: Budget,
}

/// Where it is.
#[derive(Debug)]
pub(crate) enum At<'a> {
    Registry(Errand<'a>),
    Layout { layout: Arc<ImageLayout>, repository: &'a Repository, naming: Naming },
}

/// What a question for the newest state of a tag tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    /// There is no such thing.
    Missing,
    /// There is, at this digest.
    At(Digest),
    /// There is something, and the registry does not say what.
    Unsaid,
}

/// What refers to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listing {
    /// The same as last time.
    Unchanged,
    /// These.
    Listed { entries: Vec<Descriptor>, validator: Option<Validator> },
}

/// Bytes that a look-up may still read.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
    whole: usize,
}

impl Budget {
    pub(crate) const fn new(whole: usize) -> Self {
        Self { left: AtomicUsize::new(whole), whole }
    }

    /// Takes bytes before they are read.
    pub(crate) fn take(&self, size: usize) -> Result<(), Failure> {
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(size));
        taken.map(drop).map_err(|_| {
            let most = self.whole;
            Failure::content(format!("what lies there is more than {most} bytes in all"))
        })
    }
}

impl<'a> Place<'a> {
    pub(crate) const fn new(at: At<'a>, limits: &'a Limits) -> Self {
        Self { at, limits, budget: Budget::new(limits.total_bytes) }
    }

    /// Whether there is a manifest, and which.
    pub(crate) async fn head(&self, pointer: &Pointer) -> Result<Head, Failure> {
        match &self.at {
            At::Registry(errand) => errand.head(pointer).await,
            At::Layout { layout, repository, naming } => {
                let (repository, naming) = ((*repository).clone(), *naming);
                let found = off_thread(layout, pointer, move |layout, pointer| {
                    layout.digest_of(&repository, &pointer, naming)
                });
                Ok(found.await?.map_or(Head::Missing, Head::At))
            }
        }
    }

    /// A manifest or index, if it is there; one asked for by digest is what the digest names.
    pub(crate) async fn document(&self, pointer: &Pointer) -> Result<Option<Document>, Failure> {
        let document = match &self.at {
            At::Registry(errand) => errand.document(pointer).await?,
            At::Layout { layout, repository, naming } => {
                let (repository, naming) = ((*repository).clone(), *naming);
                let read = move |layout: &ImageLayout, pointer: Pointer| {
                    layout.document(&repository, &pointer, naming)
                };
                off_thread(layout, pointer, read).await?
            }
        };
        if let Some(document) = &document {
            self.budget.take(document.bytes.len())?;
        }
        Ok(document)
    }

    /// Bytes by digest, of which no more than `size` are read.
    pub(crate) async fn blob(&self, digest: &Digest, size: usize) -> Result<Bytes, Failure> {
        match &self.at {
            At::Registry(errand) => errand.blob(digest, size).await,
            At::Layout { layout, .. } => {
                off_thread(layout, &(*digest, size), |layout, (digest, size)| {
                    layout.blob(&digest, size)
                })
                .await
            }
        }
    }

    /// Bytes of a blob of `length` from one place to another, the first included, or as many as
    /// are handed out at once.
    pub(crate) async fn part(
        &self,
        digest: &Digest,
        from_to: (u64, u64),
        length: u64,
    ) -> Result<Bytes, Failure> {
        match &self.at {
            At::Registry(errand) => errand.part(digest, from_to, length).await,
            // Files of this machine are read whole.
            At::Layout { .. } => {
                let size = usize::try_from(length).unwrap_or(usize::MAX);
                let whole = self.blob(digest, size).await?;
                match u64::try_from(whole.len()) {
                    Ok(found) if found == length && from_to.0 == 0 => Ok(whole),
                    Ok(_) | Err(_) => Err(Failure::content(format!(
                        "the blob {digest} is shorter than the {length} bytes it is said to be"
                    ))),
                }
            }
        }
    }

    /// What refers to a digest.
    pub(crate) async fn referrers(
        &self,
        digest: &Digest,
        known: Option<&Validator>,
    ) -> Result<Listing, Failure> {
        match &self.at {
            At::Registry(errand) => errand.referrers(digest, known).await,
            At::Layout { layout, repository, naming } => {
                let (repository, naming) = ((*repository).clone(), *naming);
                let read = move |layout: &ImageLayout, digest: Digest| {
                    layout.referrers(&repository, &digest, naming)
                };
                let entries = off_thread(layout, digest, read).await?;
                let validator = Validator::of_list(&digest_of_list(&entries));
                if known == Some(&validator) {
                    return Ok(Listing::Unchanged);
                }
                Ok(Listing::Listed { entries, validator: Some(validator) })
            }
        }
    }
}

/// Names a list by what it points at, in its order.
pub(crate) fn digest_of_list(entries: &[Descriptor]) -> Digest {
    // Descriptors hold text and numbers: serialising them cannot fail.
    Digest::of(&serde_json::to_vec(entries).unwrap_or_default())
}

/// Files are read off the threads that serve others.
async fn off_thread<Q: Clone + Send + 'static, T: Send + 'static>(
    layout: &Arc<ImageLayout>,
    question: &Q,
    read: impl FnOnce(&ImageLayout, Q) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (layout, question) = (Arc::clone(layout), question.clone());
    let read = tokio::task::spawn_blocking(move || read(&layout, question)).await;
    read.unwrap_or_else(|_| Err(Failure::place("reading the image layout was broken off")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends_and_what_was_refused_costs_nothing() {
        let budget = Budget::new(10);
        budget.take(6).unwrap();
        assert!(budget.take(5).unwrap_err().cause.contains("more than 10 bytes"));
        budget.take(4).unwrap();
        assert!(budget.take(1).is_err());
    }
}
