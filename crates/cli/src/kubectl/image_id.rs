//! Which image a container became, as the container runtime tells it in `imageID`.

use model::image::ImageReference;

/// The repository digest that an `imageID` names, without the prefixes that runtimes add.
///
/// Runtimes also report a bare `sha256:…`: that is the digest of the image's configuration on
/// that node, and no registry knows it, so it answers nothing.
#[must_use]
pub fn repository_digest(image_id: &str) -> Option<String> {
    let bare = image_id.strip_prefix("docker-pullable://").unwrap_or(image_id);
    let bare = bare.strip_prefix("docker://").unwrap_or(bare);
    let is_pinned = bare.parse::<ImageReference>().is_ok_and(|it| it.pinned().is_some());
    is_pinned.then(|| bare.to_owned())
}

/// What is sent as `imageID` for a container: the runtime's repository digest, else the
/// specification's own where the container ran and the specification is pinned.
#[must_use]
pub fn of_container(reported: Option<&str>, written: &str) -> Option<String> {
    let reported = reported.filter(|image_id| !image_id.is_empty())?;
    repository_digest(reported).or_else(|| repository_digest(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "5504f2a95018e3d8a52d80d9e1a128c6ea337581808ff9fe96f5628ce2336350";

    #[test]
    fn runtimes_write_repository_digests_in_several_ways() {
        for prefix in ["", "docker-pullable://", "docker://"] {
            let plain = format!("ghcr.io/acme/api@sha256:{HEX}");
            assert_eq!(repository_digest(&format!("{prefix}{plain}")), Some(plain));
        }
    }

    #[test]
    fn an_image_id_without_a_repository_is_no_repository_digest() {
        for image_id in [
            format!("sha256:{HEX}"),
            format!("docker://sha256:{HEX}"),
            HEX.to_owned(),
            "ghcr.io/acme/api:1".to_owned(),
            String::new(),
        ] {
            assert_eq!(repository_digest(&image_id), None, "{image_id}");
        }
    }

    #[test]
    fn a_pinned_specification_answers_where_the_runtime_does_not() {
        let pinned = format!("ghcr.io/acme/api@sha256:{HEX}");
        let local = format!("sha256:{HEX}");
        assert_eq!(of_container(Some(&local), &pinned), Some(pinned.clone()));
        assert_eq!(of_container(Some(&local), "ghcr.io/acme/api:1"), None);
        assert_eq!(of_container(None, &pinned), None);
        assert_eq!(of_container(Some(""), &pinned), None);
    }
}
