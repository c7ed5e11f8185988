//! The simple signing payload: which image the signature is for.

use model::digest::Digest;
use serde::Deserialize;

use crate::refusal::Refusal;
use crate::text::shortened;

/// The only members that are read: upstream checks neither reference nor type.
#[derive(Deserialize)]
struct SimpleSigning {
    #[serde(default)]
    critical: Critical,
}

#[derive(Default, Deserialize)]
struct Critical {
    #[serde(default)]
    image: ClaimedImage,
}

#[derive(Default, Deserialize)]
struct ClaimedImage {
    #[serde(default, rename = "docker-manifest-digest")]
    digest: String,
}

/// Whether the payload claims the image that was asked about.
pub(crate) fn check(payload: &[u8], image: &Digest) -> Result<(), Refusal> {
    let document: SimpleSigning = serde_json::from_slice(payload)
        .map_err(|error| Refusal::PayloadUnreadable { cause: shortened(&error.to_string()) })?;
    let claimed = document.critical.image.digest;
    if claimed == image.to_string() {
        return Ok(());
    }
    Err(Refusal::OtherDigest { claimed: shortened(&claimed) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_digest_is_compared() {
        let image = Digest::of(b"image");
        let claim = |digest: &str| {
            format!(r#"{{"critical":{{"image":{{"docker-manifest-digest":"{digest}"}}}},"x":1}}"#)
        };
        assert_eq!(check(claim(&image.to_string()).as_bytes(), &image), Ok(()));
        let other = check(claim("sha256:abc").as_bytes(), &image).unwrap_err();
        assert_eq!(other.to_string(), "invalid or missing digest in claim: sha256:abc");
    }

    #[test]
    fn a_claim_without_a_digest_is_refused() {
        for payload in ["{}", r#"{"critical":{}}"#, r#"{"critical":{"image":{}}}"#] {
            let refusal = check(payload.as_bytes(), &Digest::of(b"image")).unwrap_err();
            assert_eq!(refusal.to_string(), "invalid or missing digest in claim: ");
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for payload in ["", "null", "[", "hello", "\u{0}", r#"{"critical":1}"#] {
            let refusal = check(payload.as_bytes(), &Digest::of(b"image")).unwrap_err();
            assert!(matches!(refusal, Refusal::PayloadUnreadable { .. }), "{payload}");
        }
    }
}
