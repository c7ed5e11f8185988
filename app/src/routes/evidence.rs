//! Addresses of images, packages and vulnerabilities, each at a time.

use model::digest::Digest;
use model::image::Image;
use model::packages::{Package, PackageFilter};

use super::{AsOf, ImageTab, Link, Scope};

fn at(link: Link, as_of: AsOf) -> Link {
    match as_of.0 {
        Some(moment) => link.with("at", moment),
        None => link,
    }
}

pub(crate) fn images(scope: Scope, as_of: AsOf) -> Link {
    at(Link::to("/images", scope), as_of)
}

/// One image. Its name has slashes, so it is asked for rather than walked to.
pub(crate) fn image(scope: Scope, as_of: AsOf, image: &Image) -> Link {
    at(Link::to("/images/one", scope).with("image", image), as_of)
}

pub(crate) fn image_tab(scope: Scope, as_of: AsOf, of: &Image, tab: ImageTab) -> Link {
    image(scope, as_of, of).with("tab", tab.as_str())
}

/// The bytes of a piece of an image's evidence.
pub(crate) fn evidence_bytes(scope: Scope, image: &Image, digest: Digest) -> Link {
    Link::to("/api/v1/images/evidence", scope).with("image", image).with("digest", digest)
}

/// An image's SBOM in a format: `spdx` or `cyclonedx`.
pub(crate) fn sbom(scope: Scope, image: &Image, format: &'static str) -> Link {
    Link::to("/api/v1/images/sbom", scope).with("image", image).with("format", format)
}

pub(crate) fn packages(scope: Scope, as_of: AsOf) -> Link {
    at(Link::to("/packages", scope), as_of)
}

/// Where packages run.
pub(crate) fn holders(scope: Scope, as_of: AsOf, filter: &PackageFilter) -> Link {
    let link = Link::to("/packages/where", scope)
        .with("text", &filter.text)
        .with("version", &filter.version)
        .with("licence", &filter.licence)
        .with("ecosystem", &filter.ecosystem);
    at(link, as_of)
}

/// The filter that finds one package again: by its purl where it has one, at its version.
pub(crate) fn exactly(package: &Package) -> PackageFilter {
    let by_purl = !package.purl.is_empty();
    let text = if by_purl { &package.purl } else { &package.name };
    PackageFilter {
        text: text.clone(),
        version: at_version(&package.version),
        ecosystem: if by_purl { String::new() } else { package.ecosystem.clone() },
        ..PackageFilter::default()
    }
}

/// The range that holds one version as it is written; none where there is none.
pub(crate) fn at_version(version: &str) -> String {
    if version.is_empty() { String::new() } else { format!("={version}") }
}

pub(crate) fn vulnerabilities(scope: Scope, as_of: AsOf) -> Link {
    at(Link::to("/vulnerabilities", scope), as_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_found_again_by_its_purl_or_else_by_its_name() {
        let purl = "pkg:npm/left-pad@1.3.0".to_owned();
        let named = |purl| Package {
            ecosystem: "npm".to_owned(),
            name: "left-pad".to_owned(),
            version: "1.3.0".to_owned(),
            purl,
            ..Package::default()
        };
        let filter = |package: Package| {
            let PackageFilter { text, version, ecosystem, .. } = exactly(&package);
            (text, version, ecosystem)
        };
        let text = |text: &str| text.to_owned();
        assert_eq!(filter(named(purl.clone())), (purl, text("=1.3.0"), text("")));
        let by_name = (text("left-pad"), text("=1.3.0"), text("npm"));
        assert_eq!(filter(named(String::new())), by_name);
        assert_eq!(at_version(""), "");
    }

    #[test]
    fn an_images_name_stays_readable_in_its_address() {
        let digest = Digest::of(b"image");
        let api: Image = format!("ghcr.io/acme/api@{digest}").parse().unwrap();
        let as_of = AsOf("2026-03-03T23:59:59Z".parse().ok());
        let link = image_tab(Scope::default(), as_of, &api, ImageTab::Evidence);
        let href = format!(
            "/images/one?image=ghcr.io/acme/api@{digest}&at=2026-03-03T23:59:59Z&tab=evidence"
        );
        assert_eq!(link.href(), href);
    }
}
