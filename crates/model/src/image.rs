//! Image references and images: text as people write it, and what it names for good.
//!
//! Parsing follows go-containerregistry's weak validation, oddities included, because that is
//! what policies were written against (`policy-controller.md` 6.4).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The registry a reference without one means.
pub const DEFAULT_REGISTRY: &str = "index.docker.io";
const DEFAULT_TAG: &str = "latest";
const LONGEST_REFERENCE: usize = 1024;
/// The longest host name has 253 bytes, and a port six. With the longest path and a digest the
/// whole stays below [`LONGEST_REFERENCE`], so that what was read can be read again.
const LONGEST_REGISTRY: usize = 300;

/// The text names no image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not parse reference: {0}")]
pub struct ReferenceError(String);

/// A registry and a repository in it, such as `ghcr.io/acme/api`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Repository {
    registry: String,
    path: String,
}

impl Repository {
    /// The registry's host, and port where one is written.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path inside the registry.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// This repository at a digest.
    #[must_use]
    pub const fn at(self, digest: Digest) -> Image {
        Image { repository: self, digest }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

impl FromStr for Repository {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let wrong = || ReferenceError(shortened(text));
        let (registry, path) = match text.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) => (host, path),
            Some(_) | None => ("", text),
        };
        // As it was written, where `library/` was filled in before.
        let bare = path.strip_prefix("library/").unwrap_or(path);
        let is_long_enough = [path, bare].iter().any(|it| (2..=255).contains(&it.len()));
        let is_path = is_long_enough && path.bytes().all(is_path_byte);
        if !is_path || registry.len() > LONGEST_REGISTRY || !is_authority(registry) {
            return Err(wrong());
        }
        let registry = match registry {
            "" | "docker.io" => DEFAULT_REGISTRY,
            other => other,
        };
        let is_short = registry == DEFAULT_REGISTRY && !path.contains('/');
        let path = if is_short { format!("library/{path}") } else { path.to_owned() };
        Ok(Self { registry: registry.to_owned(), path })
    }
}

impl TryFrom<String> for Repository {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl From<Repository> for String {
    fn from(repository: Repository) -> Self {
        repository.to_string()
    }
}

/// What a reference points with: a tag that may move, or a digest that cannot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pointer {
    /// A tag; `latest` where none was written.
    Tag(String),
    /// A digest; a tag written beside it is dropped, as upstream does.
    Digest(Digest),
}

/// An image as somebody wrote it: `nginx`, `ghcr.io/acme/api:1.2`, `…@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageReference {
    repository: Repository,
    pointer: Pointer,
}

impl ImageReference {
    /// The repository it lies in.
    #[must_use]
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The tag or digest it points with.
    #[must_use]
    pub const fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    /// The image, if the reference says exactly which one.
    #[must_use]
    pub fn pinned(&self) -> Option<Image> {
        match &self.pointer {
            Pointer::Digest(digest) => Some(self.repository.clone().at(*digest)),
            Pointer::Tag(_) => None,
        }
    }
}

/// The canonical name: with registry, `library/` and `latest` filled in.
impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pointer {
            Pointer::Tag(tag) => write!(f, "{}:{tag}", self.repository),
            Pointer::Digest(digest) => write!(f, "{}@{digest}", self.repository),
        }
    }
}

impl FromStr for ImageReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let wrong = || ReferenceError(shortened(text));
        if text.len() > LONGEST_REFERENCE {
            return Err(wrong());
        }
        if let Ok((repository, tag)) = repository_and_tag(text) {
            let tag = tag.unwrap_or(DEFAULT_TAG).to_owned();
            return Ok(Self { repository, pointer: Pointer::Tag(tag) });
        }
        let (base, digest) = text.split_once('@').ok_or_else(wrong)?;
        let digest = digest.parse().map_err(|_| wrong())?;
        let (repository, _) = repository_and_tag(base).map_err(|_| wrong())?;
        Ok(Self { repository, pointer: Pointer::Digest(digest) })
    }
}

impl TryFrom<String> for ImageReference {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl From<ImageReference> for String {
    fn from(reference: ImageReference) -> Self {
        reference.to_string()
    }
}

/// Repository and digest: never a digest alone, never a tag alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Image {
    /// Where it lies.
    pub repository: Repository,
    /// The manifest's or index's digest.
    pub digest: Digest,
}

/// The digest of an image that nobody could tell: no content has it.
const UNRESOLVED: Digest = Digest::from_bytes([0; 32]);

impl Image {
    /// An image that runs, but at a digest that the cluster did not report. It keeps its place
    /// in every count, as something that could not be checked.
    #[must_use]
    pub const fn unresolved(repository: Repository) -> Self {
        repository.at(UNRESOLVED)
    }

    /// Whether it is known at which digest it runs.
    #[must_use]
    pub fn is_resolved(&self) -> bool {
        self.digest != UNRESOLVED
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.repository, self.digest)
    }
}

impl FromStr for Image {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let reference: ImageReference = text.parse()?;
        reference.pinned().ok_or_else(|| ReferenceError(shortened(text)))
    }
}

impl TryFrom<String> for Image {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl From<Image> for String {
    fn from(image: Image) -> Self {
        image.to_string()
    }
}

/// Splits off a tag: a colon after the last slash. The tag is checked, the default not applied.
fn repository_and_tag(text: &str) -> Result<(Repository, Option<&str>), ReferenceError> {
    let wrong = || ReferenceError(shortened(text));
    let Some((base, tag)) = text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) else {
        return Ok((text.parse()?, None));
    };
    let is_tag = (1..=128).contains(&tag.len()) && tag.bytes().all(is_tag_byte);
    if !is_tag {
        return Err(wrong());
    }
    Ok((base.parse()?, Some(tag)))
}

const fn is_path_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/')
}

const fn is_tag_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.')
}

/// An RFC 3986 authority without user information; empty means "the default registry".
fn is_authority(host: &str) -> bool {
    let is_host_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:[]".contains(&byte);
    let port = match host.rsplit_once(':') {
        Some((_, port)) if !port.contains(']') => port,
        Some(_) | None => "",
    };
    host.bytes().all(is_host_byte) && port.bytes().all(|digit| digit.is_ascii_digit())
}

fn shortened(text: &str) -> String {
    text.chars().take(256).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "5504f2a95018e3d8a52d80d9e1a128c6ea337581808ff9fe96f5628ce2336350";

    #[test]
    fn spec_6_4_names_are_filled_in_as_docker_does() {
        for (written, name) in [
            ("ubuntu", "index.docker.io/library/ubuntu:latest"),
            ("docker.io/a/foo", "index.docker.io/a/foo:latest"),
            ("localhost/foo", "index.docker.io/localhost/foo:latest"),
            ("localhost:5000/foo", "localhost:5000/foo:latest"),
            ("[::1]:5000/foo", "[::1]:5000/foo:latest"),
            ("http://x/foo", "http://x/foo:latest"),
            ("ghcr.io/a/b:V1", "ghcr.io/a/b:V1"),
        ] {
            assert_eq!(written.parse::<ImageReference>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn spec_6_4_a_tag_beside_a_digest_is_dropped() {
        let reference: ImageReference = format!("foo:tag@sha256:{HEX}").parse().unwrap();
        let name = format!("index.docker.io/library/foo@sha256:{HEX}");
        assert_eq!(reference.to_string(), name);
        assert_eq!(reference.pinned().unwrap().to_string(), name);
    }

    #[test]
    fn spec_6_4_what_names_no_image_is_refused() {
        let long = "a".repeat(256);
        let sha512 = format!("foo@sha512:{HEX}");
        for text in [
            "",
            "a",
            "ubuntu:",
            "UBUNTU",
            "ghcr.io/",
            "ghcr.io/A/b",
            "in@valid",
            "a b",
            "../x",
            "foo@sha256:abc",
            "foo:ta g",
            "host:port/foo",
            "foo\u{0}bar",
            &long,
            &sha512,
        ] {
            assert!(text.parse::<ImageReference>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_repository_that_is_read_can_be_read_again_at_any_digest() {
        let of_host = |n: usize| format!("{}.test:5000/{}", "a".repeat(n), "b".repeat(255));
        let longest: Repository = of_host(290).parse().unwrap();
        let image = longest.at(format!("sha256:{HEX}").parse().unwrap());
        assert_eq!(image.to_string().parse(), Ok(image));
        assert!(of_host(291).parse::<Repository>().is_err());
    }

    #[test]
    fn a_tag_alone_is_no_image() {
        assert!("ghcr.io/a/b:1".parse::<Image>().is_err());
    }
}
