//! The image itself: its manifest, or its index with everything below, and the configurations
//! (`policy-controller.md` 14).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use futures::StreamExt as _;
use model::digest::Digest;
use model::evidence::{EvidenceKind, EvidencePiece};
use model::image::Pointer;
use serde::Deserialize;

use crate::failure::{Blame, Failure};
use crate::lookup::{Answer, PLATFORM, Validator};
use crate::manifest::{
    Body, DOCKER_CONFIG, Descriptor, Document, Manifest, OCI_CONFIG, Platform, is_document,
};
use crate::place::Place;

/// Content by digest never changes, so the digest is the validator.
pub(crate) async fn look_up(
    place: &Place<'_>,
    digest: &Digest,
    known: Option<&Validator>,
) -> Result<Answer, Failure> {
    let validator = Validator::of_digest(digest);
    if known == Some(&validator) {
        return Ok(Answer::Unchanged);
    }
    let root = place.document(&Pointer::Digest(*digest)).await?;
    let root = root.ok_or_else(|| Failure::gap(format!("there is no image at {digest}")))?;
    let mut walk = Walk { place, pieces: Vec::new(), images: Vec::new(), is_whole: true };
    walk.below(root).await?;
    walk.configurations().await?;
    let validator = walk.is_whole.then_some(validator);
    Ok(Answer::Found { pieces: walk.pieces, validator })
}

struct Walk<'a, 'place> {
    place: &'a Place<'place>,
    pieces: Vec<EvidencePiece>,
    /// The configuration of each image, with the platform that an index gives it.
    images: Vec<(Descriptor, Option<Platform>)>,
    /// Whether everything that is listed is there.
    is_whole: bool,
}

impl Walk<'_, '_> {
    /// The manifests below a document, level by level, each once.
    async fn below(&mut self, root: Document) -> Result<(), Failure> {
        let mut seen = BTreeSet::from([root.digest]);
        let mut level = VecDeque::from([(root, None)]);
        for depth in 0..=self.place.limits.index_depth {
            let mut next = Vec::new();
            while let Some((document, platform)) = level.pop_front() {
                next.extend(self.keep(document, platform));
            }
            if next.is_empty() {
                return Ok(());
            }
            if depth == self.place.limits.index_depth {
                let most = self.place.limits.index_depth;
                let cause = format!("indexes lie within indexes more than {most} deep");
                return Err(Failure::content(cause));
            }
            let mut wanted = Vec::new();
            for descriptor in next {
                let digest = descriptor.digest()?;
                if seen.insert(digest) {
                    wanted.push((digest, descriptor.platform));
                }
            }
            if seen.len() > self.place.limits.manifests.saturating_add(1) {
                let most = self.place.limits.manifests;
                let cause = format!("the index lists more than {most} manifests");
                return Err(Failure::content(cause));
            }
            level = self.fetched(wanted).await?;
        }
        Ok(())
    }

    /// Keeps a document and tells what lies below it.
    fn keep(&mut self, document: Document, platform: Option<Platform>) -> Vec<Descriptor> {
        let (kind, below) = match document.body {
            Body::Index(index) => {
                let below = index.manifests.into_iter();
                (EvidenceKind::Index, below.filter(|each| is_document(&each.media_type)).collect())
            }
            Body::Manifest(manifest) => {
                let Manifest { config, .. } = *manifest;
                let is_image = |config: &Descriptor| {
                    matches!(config.media_type.as_str(), OCI_CONFIG | DOCKER_CONFIG)
                };
                self.images.extend(config.filter(is_image).map(|config| (config, platform)));
                (EvidenceKind::Manifest, Vec::new())
            }
        };
        self.pieces.push(EvidencePiece {
            kind,
            media_type: document.media_type,
            digest: document.digest,
            bytes: document.bytes.to_vec(),
            annotations: BTreeMap::new(),
        });
        below
    }

    async fn fetched(
        &mut self,
        wanted: Vec<(Digest, Option<Platform>)>,
    ) -> Result<VecDeque<(Document, Option<Platform>)>, Failure> {
        let place = self.place;
        let fetches = wanted.into_iter().map(|(digest, platform)| async move {
            Ok::<_, Failure>((place.document(&Pointer::Digest(digest)).await?, platform))
        });
        let mut fetched = futures::stream::iter(fetches).buffered(place.limits.at_once.max(1));
        let mut found = VecDeque::new();
        while let Some(fetch) = fetched.next().await {
            match fetch? {
                (Some(document), platform) => found.push_back((document, platform)),
                // Mirrors keep the platforms they need and the whole index.
                (None, _) => self.is_whole = false,
            }
        }
        Ok(found)
    }

    async fn configurations(&mut self) -> Result<(), Failure> {
        let place = self.place;
        let fetches =
            std::mem::take(&mut self.images).into_iter().map(|(config, platform)| async move {
                let (digest, size) = (config.digest()?, config.size());
                let most = place.limits.manifest_bytes;
                if size > most {
                    let cause =
                        format!("the configuration {digest} is {size} bytes, more than {most}");
                    return Err(Failure::content(cause));
                }
                place.budget.take(size)?;
                let bytes = match place.blob(&digest, size).await {
                    Err(failure) if failure.blame == Blame::Gap => return Ok(None),
                    bytes => bytes?,
                };
                let name = platform_of(&bytes, platform);
                Ok(Some(EvidencePiece {
                    kind: EvidenceKind::Config,
                    media_type: config.media_type,
                    digest,
                    bytes: bytes.to_vec(),
                    annotations: [(PLATFORM.to_owned(), name)].into(),
                }))
            });
        let mut fetched = futures::stream::iter(fetches).buffered(place.limits.at_once.max(1));
        while let Some(fetch) = fetched.next().await {
            match fetch? {
                Some(piece) => self.pieces.push(piece),
                None => self.is_whole = false,
            }
        }
        Ok(())
    }
}

/// A configuration, as far as it says whose it is.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Configured {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
}

/// `os/arch[/variant][:osversion]` as the configuration says it, else as the index does.
fn platform_of(config: &[u8], listed: Option<Platform>) -> String {
    let own: Configured = serde_json::from_slice(config).unwrap_or_default();
    let own = Platform {
        os: own.os.unwrap_or_default(),
        architecture: own.architecture.unwrap_or_default(),
        variant: own.variant,
        os_version: own.os_version,
    };
    let says_nothing = own.os.is_empty() && own.architecture.is_empty();
    let platform = if says_nothing { listed.unwrap_or(own) } else { own };
    let Platform { os, architecture, variant, os_version } = platform;
    let bounded = |text: String| -> String {
        let text = text.chars().filter(|character| !character.is_control()).take(64).collect();
        if String::is_empty(&text) { "unknown".to_owned() } else { text }
    };
    let mut name = format!("{}/{}", bounded(os), bounded(architecture));
    for (mark, part) in [('/', variant), (':', os_version)] {
        if let Some(part) = part.filter(|part| !part.is_empty()) {
            name.push(mark);
            name.push_str(&bounded(part));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_named_as_policies_read_it() {
        let listed =
            || Platform { os: "linux".into(), architecture: "s390x".into(), ..Platform::default() };
        for (config, name) in [
            (r#"{"os":"linux","architecture":"amd64"}"#, "linux/amd64"),
            (r#"{"os":"linux","architecture":"arm","variant":"v7"}"#, "linux/arm/v7"),
            (
                r#"{"os":"windows","architecture":"amd64","os.version":"10.0.1"}"#,
                "windows/amd64:10.0.1",
            ),
            (r#"{"os":"unknown","architecture":"unknown"}"#, "unknown/unknown"),
            (r#"{"os":"linux","variant":""}"#, "linux/unknown"),
            ("{}", "linux/s390x"),
            ("no JSON", "linux/s390x"),
        ] {
            assert_eq!(platform_of(config.as_bytes(), Some(listed())), name, "{config}");
        }
        assert_eq!(platform_of(b"{}", None), "unknown/unknown");
    }
}
