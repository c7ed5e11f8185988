//! The demo's images: small, but real, and signed by whom their story says.

use std::collections::BTreeMap;
use std::path::Path;

use model::image::{Image, ReferenceError, Repository};
use model::timestamp::Timestamp;
use registry::{LayoutWriter, tar_layer};
use serde_json::json;

use super::DemoError;
use super::keys::Keys;

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
        made.insert(picture.name.to_owned(), image);
    }
    keys.save_authority()?;
    keys.keep_images(&made)?;
    Ok(made)
}

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

/// An image with one layer, which holds one script that says what it is.
fn make_one(layout: &LayoutWriter, picture: &Picture) -> Result<Image, ImageError> {
    let repository: Repository = picture.repository().parse()?;
    let Picture { name, tag, .. } = picture;
    let script = format!("#!/bin/sh\necho this is {name} {tag} of the Loadline demo\n");
    let layer = tar_layer(&[("entrypoint.sh", script.as_bytes())])?;
    let config = json!({
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
