//! Where evidence is asked for: the layout whose prefix names the repository, else its registry.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use egress::Egress;
use model::digest::Digest;
use model::evidence::{LookupKind, LookupTarget, SignatureSource};
use model::image::{Image, ImageReference, Pointer, Repository};
use verification::SignatureLayer;

use crate::credentials::cloud::CloudLogin;
use crate::credentials::{DockerConfig, Keychain, Logins, covers, normalized};
use crate::distribution::Distribution;
use crate::failure::Failure;
use crate::layout::{ImageLayout, Naming};
use crate::lookup::{self, Answer, Lookup, LookupError, Validator};
use crate::manifest::Body;
use crate::place::{At, Head, Place};
use crate::{CredentialsError, Limits};

/// An image layout that stands for a part of the world's repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Which: a registry (`registry.demo.test/`), a path in one, one whole repository, or
    /// everything (the empty text).
    pub prefix: String,
    /// An OCI image layout: a folder, or a tar archive of one, plain or gzipped.
    pub folder: PathBuf,
}

/// Registries and image layouts.
#[derive(Debug, Clone)]
pub struct Sources {
    limits: Limits,
    distribution: Distribution,
    /// The longest prefix first.
    layouts: Vec<(String, Arc<ImageLayout>)>,
}

/// The signatures that a place answered with.
#[derive(Debug, Clone)]
pub struct Signatures {
    /// Who was asked, and for what.
    pub place: String,
    /// Whether it is on this machine.
    pub is_folder: bool,
    /// The signatures in the manifest's order, which may be none; or why nobody could be asked.
    pub answer: Result<Vec<SignatureLayer>, LookupError>,
}

impl Sources {
    /// Asks registries through `egress`, without credentials, and layouts first.
    #[must_use]
    pub fn new(egress: Egress, layouts: Vec<Layout>, limits: Limits) -> Self {
        let mut layouts: Vec<_> = layouts
            .into_iter()
            .map(|Layout { prefix, folder }| {
                (normalized(&prefix), Arc::new(ImageLayout::new(folder, limits)))
            })
            .collect();
        layouts.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self { limits, distribution: Distribution::new(egress, limits), layouts }
    }

    /// Shows registries the credentials of a docker `config.json`. The file is read again for
    /// each new login, so that it can be replaced while this runs.
    ///
    /// # Errors
    /// When the file cannot be read now.
    pub fn with_docker_config(mut self, path: &Path) -> Result<Self, CredentialsError> {
        DockerConfig::read(path)?;
        let change = |logins: Logins| logins.with_docker_config(path.to_owned());
        self.distribution = self.distribution.with_logins(change);
        Ok(self)
    }

    /// Starts the credential helpers that the docker configuration names: programs of this
    /// machine. Without this they are left alone.
    #[must_use]
    pub fn with_credential_helpers(mut self) -> Self {
        self.distribution = self.distribution.with_logins(Logins::with_helpers);
        self
    }

    /// Shows registries the logins of pull secrets, before all others. Pace and limits are shared
    /// with the sources this was made of; what they were let in with is not.
    #[must_use]
    pub fn with_keychain(mut self, keychain: Keychain) -> Self {
        self.distribution = self.distribution.with_logins(|logins| logins.with_keychain(keychain));
        self
    }

    /// Gets logins for a cloud's registries from the cloud, after all others.
    #[must_use]
    pub fn with_cloud(mut self, login: impl CloudLogin + 'static) -> Self {
        self.distribution =
            self.distribution.with_logins(|logins| logins.with_cloud(Arc::new(login)));
        self
    }

    /// One look-up; `known` is what an earlier answer to the same was recognised by.
    pub async fn look_up(
        &self,
        image: &Image,
        target: &LookupTarget,
        known: Option<&Validator>,
    ) -> Lookup {
        let repository = target.source.repository_of(image);
        let (place, n_requests) = (target.place_of(image), AtomicU32::new(0));
        let at = self.place(repository, &n_requests);
        let is_folder = matches!(at.at, At::Layout { .. });
        let found = self.in_time(&at, lookup::look_up(&at, image, target, known)).await;
        let answer = found.map_err(|failure| LookupError::new(place.clone(), &failure));
        Lookup { place, is_folder, answer, n_requests: n_requests.load(Ordering::Relaxed) }
    }

    /// The signatures of an image at a place, in cosign's layout.
    pub async fn signatures(&self, image: &Image, source: &SignatureSource) -> Signatures {
        let target = LookupTarget { kind: LookupKind::Signatures, source: source.clone() };
        let Lookup { place, is_folder, answer, .. } = self.look_up(image, &target, None).await;
        let layers = answer.map(|answer| match answer {
            Answer::Unchanged => Vec::new(),
            Answer::Found { pieces, .. } => {
                let layers = pieces.into_iter().map(|piece| SignatureLayer {
                    digest: piece.digest,
                    payload: piece.bytes,
                    annotations: piece.annotations,
                });
                layers.collect()
            }
        });
        Signatures { place, is_folder, answer: layers }
    }

    /// The digest a reference points at now. One that says its digest is not looked up.
    ///
    /// # Errors
    /// When there is no such tag, or nobody could be asked.
    pub async fn resolve(&self, reference: &ImageReference) -> Result<Digest, LookupError> {
        let pointer = reference.pointer();
        if let Pointer::Digest(digest) = pointer {
            return Ok(*digest);
        }
        let n_requests = AtomicU32::new(0);
        let at = self.place(reference.repository(), &n_requests);
        let found = self.in_time(&at, async {
            match at.head(pointer).await? {
                Head::Missing => Ok(None),
                Head::At(digest) => Ok(Some(digest)),
                // HEAD is younger than some registries.
                Head::Unsaid => Ok(at.document(pointer).await?.map(|document| document.digest)),
            }
        });
        let missing = || Failure::gap("there is no such tag");
        let found = found.await.and_then(|digest| digest.ok_or_else(missing));
        found.map_err(|failure| LookupError::new(reference.to_string(), &failure))
    }

    /// What a manifest refers to, if it refers to anything: a notification names what was
    /// pushed, and that may be a referrer of the image that is to be looked up again.
    ///
    /// # Errors
    /// When there is no such manifest, or nobody could be asked.
    pub async fn subject_of(&self, image: &Image) -> Result<Option<Digest>, LookupError> {
        let n_requests = AtomicU32::new(0);
        let at = self.place(&image.repository, &n_requests);
        let found = self.in_time(&at, async {
            let document = at.document(&Pointer::Digest(image.digest)).await?;
            match document.ok_or_else(|| Failure::gap("there is no such manifest"))?.body {
                Body::Manifest(manifest) => {
                    manifest.subject.map(|subject| subject.digest()).transpose()
                }
                Body::Index(_) => Ok(None),
            }
        });
        found.await.map_err(|failure| LookupError::new(image.to_string(), &failure))
    }

    /// Registries are waited for so long, and layouts are on this machine.
    async fn in_time<T>(
        &self,
        place: &Place<'_>,
        found: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        match &place.at {
            At::Registry(errand) => errand.in_time(found).await,
            At::Layout { .. } => found.await,
        }
    }

    pub(crate) fn place<'a>(
        &'a self,
        repository: &'a Repository,
        n_requests: &'a AtomicU32,
    ) -> Place<'a> {
        let at = match self.layout(repository) {
            Some((layout, naming)) => At::Layout { layout, repository, naming },
            None => At::Registry(self.distribution.errand(repository, n_requests)),
        };
        Place::new(at, &self.limits)
    }

    fn layout(&self, repository: &Repository) -> Option<(Arc<ImageLayout>, Naming)> {
        let name = repository.to_string();
        self.layouts.iter().find_map(|(prefix, layout)| {
            let is_everything = prefix.is_empty();
            let is_one = is_everything || *prefix == name;
            let naming = if is_one { Naming::TagsToo } else { Naming::WholeNames };
            let is_here = is_everything || covers(prefix, &name);
            is_here.then(|| (Arc::clone(layout), naming))
        })
    }
}
