//! The demo's images: small, but real, and signed by whom their story says.

use std::collections::BTreeMap;
use std::path::Path;

use authority::{By, Stated};
use model::image::{Image, ReferenceError, Repository};
use model::timestamp::Timestamp;
use registry::{LayoutWriter, Referring, tar_layer};
use serde_json::json;

use super::DemoError;
use super::keys::Keys;
use super::software;

/// The registry that the images claim to lie in.
pub(super) const REGISTRY: &str = "registry.demo.test";
/// The issuer of workflow identities.
pub(super) const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// Who signs an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signer {
    /// The platform team, with its key.
    PlatformKey,
    /// A workflow of the image's own repository, on main.
    Workflow(&'static str),
    /// Nobody.
    Nobody,
}

/// One image of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Picture {
    /// Its path below the organization, such as `base/tools`.
    pub(super) name: &'static str,
    pub(super) tag: &'static str,
    pub(super) signer: Signer,
}

const fn picture(name: &'static str, tag: &'static str, signer: Signer) -> Picture {
    Picture { name, tag, signer }
}

pub(super) const PICTURES: [Picture; 7] = [
    picture("base/tools", "2.1.0", Signer::PlatformKey),
    picture("base/log-agent", "5.4.2", Signer::PlatformKey),
    picture("storefront", "1.8.0", Signer::Workflow("release.yaml")),
    picture("payments-api", "3.2.1", Signer::Workflow("release.yaml")),
    // Somebody shipped this one past the release: the story that the console tells.
    picture("payments-worker", "3.2.1", Signer::Workflow("deploy.yaml")),
    picture("catalog", "0.9.4", Signer::Workflow("release.yaml")),
    picture("legacy-report", "1.0.7", Signer::Nobody),
];

impl Picture {
    pub(super) fn repository(&self) -> String {
        format!("{REGISTRY}/acme/{}", self.name)
    }

    /// Who signed it, for people.
    pub(super) fn told(&self) -> String {
        match self.signer {
            Signer::PlatformKey => "signed with the platform team's key".to_owned(),
            Signer::Workflow(workflow) => format!("signed by {}", self.subject(workflow)),
            Signer::Nobody => "not signed".to_owned(),
        }
    }

    /// In whose name a workflow signs it.
    fn subject(&self, workflow: &str) -> String {
        let name = self.name;
        format!("https://github.com/acme/{name}/.github/workflows/{workflow}@refs/heads/main")
    }
}

/// The images by name, made and signed where an earlier run did not.
pub(super) fn ensure(
    folder: &Path,
    keys: &Keys,
    now: Timestamp,
) -> Result<BTreeMap<String, (Picture, Image)>, DemoError> {
    let made = match keys.images()? {
        Some(made) => made,
        None => make(folder, keys, now)?,
    };
    let found = PICTURES.into_iter().map(|picture| match made.get(picture.name) {
        Some(image) => Ok((picture.name.to_owned(), (picture, image.clone()))),
        None => Err(DemoError::OtherPlan { folder: folder.to_owned(), image: picture.name }),
    });
    found.collect()
}

/// Makes and signs every image. What an earlier run left unfinished is made anew: the same
/// image under the same digest, its signatures replaced.
fn make(folder: &Path, keys: &Keys, now: Timestamp) -> Result<BTreeMap<String, Image>, DemoError> {
    let layout = LayoutWriter::create(folder)?;
    let mut made = BTreeMap::new();
    for picture in PICTURES {
        let image = make_one(&layout, &picture)
            .map_err(|cause| DemoError::Image { image: picture.name, cause: Box::new(cause) })?;
        layout.remove_signatures(&image)?;
        let signed = match picture.signer {
            Signer::PlatformKey => Some(keys.platform.sign_image(&image)?),
            Signer::Workflow(workflow) => {
                let subject = picture.subject(workflow);
                Some(keys.authority.sign_keyless(&image, GITHUB, &subject, now)?)
            }
            Signer::Nobody => None,
        };
        if let Some(signed) = signed {
            layout.add_signature(&image, &signed.payload, &signed.annotations)?;
        }
        if let Signer::Workflow(workflow) = picture.signer {
            attest(&layout, keys, &picture, (&image, workflow), now)?;
        }
        made.insert(picture.name.to_owned(), image);
    }
    keys.save_authority()?;
    keys.keep_images(&made)?;
    Ok(made)
}

/// What a workflow states of the image it built: what is in it, how it was built, what a scan
/// found, and which of that does not matter.
fn attest(
    layout: &LayoutWriter,
    keys: &Keys,
    picture: &Picture,
    (image, workflow): (&Image, &str),
    now: Timestamp,
) -> Result<(), DemoError> {
    let Some(sbom) = software::sbom(picture.name, picture.tag, now) else { return Ok(()) };
    let mut stated = vec![
        (SLSA, software::provenance(picture.name, workflow, now)),
        (VULNERABILITIES, software::report(&sbom, now).unwrap_or_default()),
        (SPDX, sbom),
    ];
    stated.extend(software::excuse(picture.name, now).map(|excuse| (OPENVEX, excuse)));
    let subject = picture.subject(workflow);
    let by = By::Identity { issuer: GITHUB, subject: &subject };
    for (predicate_type, predicate) in stated {
        let stated = Stated { predicate_type, predicate };
        let bundle = keys.authority.bundle(by, image, &stated, now)?;
        let annotations = BTreeMap::from([(PREDICATE_TYPE.to_owned(), predicate_type.to_owned())]);
        let referring = Referring {
            artifact_type: BUNDLE,
            media_type: BUNDLE,
            bytes: &bundle,
            annotations: &annotations,
        };
        layout.add_referrer(image, referring)?;
    }
    Ok(())
}

const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// Where cosign says beside a bundle what it states.
const PREDICATE_TYPE: &str = "dev.sigstore.bundle.predicateType";
const SPDX: &str = "https://spdx.dev/Document";
const SLSA: &str = "https://slsa.dev/provenance/v1";
const VULNERABILITIES: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";
const OPENVEX: &str = "https://openvex.dev/ns/v0.2.0";

/// Why one image could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Its name is none.
    #[error(transparent)]
    Name(#[from] ReferenceError),
    /// Its layer could not be packed.
    #[error(transparent)]
    Layer(#[from] std::io::Error),
    /// It could not be put into the folder.
    #[error(transparent)]
    Layout(#[from] registry::LayoutError),
}

/// When the demo's images say that they were made: the same each time, as their digests are.
const MADE: &str = "2026-11-20T08:00:00Z";

/// An image with one layer, which holds one script that says what it is.
fn make_one(layout: &LayoutWriter, picture: &Picture) -> Result<Image, ImageError> {
    let repository: Repository = picture.repository().parse()?;
    let Picture { name, tag, .. } = picture;
    let script = format!("#!/bin/sh\necho this is {name} {tag} of the Loadline demo\n");
    let manifests = software::manifests(name);
    let mut files = vec![("entrypoint.sh", script.as_bytes())];
    files.extend(manifests.iter().map(|(path, text)| (path.as_str(), text.as_bytes())));
    let layer = tar_layer(&files)?;
    let config = json!({
        "created": MADE,
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Entrypoint": ["/entrypoint.sh"],
            "Labels": {
                "org.opencontainers.image.title": name,
                "org.opencontainers.image.version": tag,
            },
        },
    });
    Ok(layout.add_image(&repository, tag, &config, &[layer])?)
}
