//! Globs: which images a policy covers (`policy-controller.md` part 6).

use std::fmt;

use model::image::{DEFAULT_REGISTRY, Image, ImageReference, ReferenceError};
use regex::{Regex, RegexBuilder};

mod coverage;

const LONGEST: usize = 1024;
const LARGEST_PROGRAM: usize = 4 * 1024 * 1024;

/// The text is no glob. The messages are upstream's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// A bracket or a backslash stands alone.
    #[error("syntax error in pattern")]
    Syntax,
    /// A character is used that image names do not have.
    #[error("invalid glob {0:?}")]
    Character(String),
    /// It is longer than any image name.
    #[error("it is longer than {LONGEST} characters")]
    TooLong,
}

/// A pattern over canonical image names, compiled.
///
/// `*` stands for any characters but `/`, `**` for any characters; everything else stands for
/// itself, and the whole name must match.
#[derive(Clone)]
pub struct Glob {
    text: String,
    pattern: Regex,
}

impl Glob {
    /// Compiles a glob.
    ///
    /// # Errors
    /// When it is empty or uses a character outside `A-Za-z0-9-_:/*.@`.
    pub fn new(text: &str) -> Result<Self, GlobError> {
        if text.len() > LONGEST {
            return Err(GlobError::TooLong);
        }
        if is_unfinished(text) {
            return Err(GlobError::Syntax);
        }
        let wrong = || GlobError::Character(text.to_owned());
        if text.is_empty() || !text.chars().all(is_glob_character) {
            return Err(wrong());
        }
        let full = match text {
            "*" => "index.docker.io/library/*",
            "*/*" => "index.docker.io/*/*",
            other => other,
        };
        let pattern = RegexBuilder::new(&pattern(full))
            .size_limit(LARGEST_PROGRAM)
            .build()
            .map_err(|_| wrong())?;
        Ok(Self { text: text.to_owned(), pattern })
    }

    /// The glob as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it covers an image.
    #[must_use]
    pub fn matches(&self, image: &Image) -> bool {
        self.matches_any(&Names::of(image))
    }

    /// Whether it covers an image as somebody wrote it, tag and short name included: what
    /// upstream's tester answers. Running images always have a digest; ask
    /// [`Glob::matches`] for them.
    ///
    /// # Errors
    /// When the text names no image.
    pub fn matches_written(&self, written: &str) -> Result<bool, ReferenceError> {
        let reference: ImageReference = written.parse()?;
        let name = reference.to_string();
        let plain = with_plain_host(&name, reference.repository().registry());
        let names = [Some(name.as_str()), plain.as_deref(), Some(written)];
        Ok(names.into_iter().flatten().any(|name| self.pattern.is_match(name)))
    }

    /// Why the glob can never cover an image that runs, and the glob that would, where that is
    /// so.
    pub(crate) fn coverage_warning(&self) -> Option<(String, String)> {
        coverage::warning(&self.text)
    }

    pub(crate) fn matches_any(&self, names: &Names) -> bool {
        self.pattern.is_match(&names.written)
            || names.plain.as_ref().is_some_and(|name| self.pattern.is_match(name))
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({:?})", self.text)
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Glob {}

/// The names that one image goes by. A registry answers under its host however that is spelled,
/// so a spelling of its own must not slip past a policy; upstream lets it.
#[derive(Debug)]
pub(crate) struct Names {
    written: String,
    plain: Option<String>,
}

impl Names {
    pub(crate) fn of(image: &Image) -> Self {
        let written = image.to_string();
        let plain = with_plain_host(&written, image.repository.registry());
        Self { written, plain }
    }
}

/// Hosts at which Docker Hub answers with the same images.
const HUB: [&str; 4] =
    ["docker.io", DEFAULT_REGISTRY, "registry-1.docker.io", "registry.hub.docker.com"];

/// The name with its host in its plain spelling; `None` where it has that already.
fn with_plain_host(name: &str, host: &str) -> Option<String> {
    let plain = plain_host(host);
    let is_hub = HUB.contains(&plain.as_str());
    if host == DEFAULT_REGISTRY || (plain == host && !is_hub) {
        return None;
    }
    let path = name.strip_prefix(host)?;
    let path = path.strip_prefix('/').unwrap_or(path);
    if is_hub {
        let library = if repository_of(path).contains('/') { "" } else { "library/" };
        return Some(format!("{DEFAULT_REGISTRY}/{library}{path}"));
    }
    Some(format!("{plain}/{path}"))
}

/// What stands before the tag or digest.
fn repository_of(path: &str) -> &str {
    path.split(['@', ':']).next().unwrap_or(path)
}

/// In lower case, without the port that is asked anyway, and without the dot that a name from
/// the root of the domain names ends with.
fn plain_host(host: &str) -> String {
    let lower = host.to_ascii_lowercase();
    let name = match lower.rsplit_once(':') {
        Some((name, port)) if is_redundant(port) => name,
        Some(_) | None => lower.as_str(),
    };
    match name.rsplit_once(':') {
        // A port of its own stays, and the name before it is plain.
        Some((name, port)) if !name.contains('[') => {
            format!("{}:{port}", name.strip_suffix('.').unwrap_or(name))
        }
        Some(_) | None => name.strip_suffix('.').unwrap_or(name).to_owned(),
    }
}

/// Whether a port says what `https` says anyway, zeros before it included.
fn is_redundant(port: &str) -> bool {
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    is_number && matches!(port.trim_start_matches('0'), "" | "443")
}

fn pattern(glob: &str) -> String {
    let mut pattern = String::from("^(?:");
    let mut rest = glob;
    while let Some(character) = rest.chars().next() {
        let (piece, length) = match character {
            '*' if rest.starts_with("**") => (".*".to_owned(), 2),
            '*' => ("[^/]*".to_owned(), 1),
            other => (regex::escape(other.encode_utf8(&mut [0; 4])), other.len_utf8()),
        };
        pattern.push_str(&piece);
        rest = rest.get(length..).unwrap_or_default();
    }
    pattern.push_str(")$");
    pattern
}

const fn is_glob_character(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(character, '-' | '_' | ':' | '/' | '*' | '.' | '@')
}

/// What Go's `filepath.Match` calls a bad pattern, as far as it can be told apart here: every
/// text with a bracket or backslash is refused anyway, only the message differs.
fn is_unfinished(text: &str) -> bool {
    let backslashes = text.chars().rev().take_while(|character| *character == '\\').count();
    let open = text.rfind('[').is_some_and(|open| {
        let class = text.get(open.saturating_add(1)..).unwrap_or_default();
        !class.trim_start_matches('^').chars().skip(1).any(|character| character == ']')
    });
    backslashes % 2 == 1 || open
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "@sha256:5504f2a95018e3d8a52d80d9e1a128c6ea337581808ff9fe96f5628ce2336350";

    fn covers(glob: &str, image: &str) -> bool {
        Glob::new(glob).unwrap().matches(&format!("{image}{DIGEST}").parse().unwrap())
    }

    #[test]
    fn spec_6_2_running_images_are_matched_by_canonical_name() {
        for (image, glob, covered) in [
            ("ubuntu:22.04", "ubuntu*", false),
            ("ubuntu", "ubuntu", false),
            ("ubuntu:22.04", "index.docker.io/library/ubuntu*", true),
            ("ubuntu:22.04", "index.docker.io/library/ubuntu:22.04*", false),
            ("ubuntu", "*", true),
            ("nginxinc/nginx", "*", false),
            ("nginxinc/nginx", "*/*", true),
            ("ubuntu", "*/*", true),
            ("docker.io/library/ubuntu", "docker.io/library/ubuntu*", false),
            ("docker.io/library/ubuntu", "index.docker.io/**", true),
            ("ghcr.io/a/b", "ghcr.io/a/b", false),
            ("ghcr.io/a/b:1.0", "ghcr.io/a/b*", true),
            ("ghcr.io/a/b-evil", "ghcr.io/a/b*", true),
            ("ghcr.io/a/b:1.0", "ghcr.io/a/b@**", true),
            ("ghcr.io/a/b-evil", "ghcr.io/a/b@**", false),
            ("ghcr.io/a/b:1.0", "ghcr.io/a/b:**", false),
            ("ghcr.io/a/b/c:1.0", "ghcr.io/**", true),
            ("ghcr.io/a/b", "ghcr.io/*", false),
            ("ghcr.io/a/b", "ghcr.io/***", true),
            ("ghcrxio/a/b", "ghcr.io/**", false),
            ("localhost:5000/app", "localhost:5000/**", true),
            ("evil.example/ghcr.io/a", "ghcr.io/**", false),
        ] {
            assert_eq!(covers(glob, image), covered, "{image} {glob}");
        }
    }

    #[test]
    fn a_host_in_capitals_does_not_slip_past() {
        assert!(covers("ghcr.io/**", "GHCR.IO/a/b"));
        assert!(covers("GHCR.IO/**", "GHCR.IO/a/b"));
        assert!(!covers("GHCR.IO/**", "ghcr.io/a/b"));
        assert!(covers("index.docker.io/**", "DOCKER.IO/library/nginx"));
    }

    #[test]
    fn a_redundant_port_and_a_dot_at_the_end_do_not_slip_past() {
        for image in [
            "ghcr.io:443/a/b",
            "ghcr.io:0443/a/b",
            "ghcr.io:/a/b",
            "ghcr.io./a/b",
            "GHCR.io.:443/a/b",
        ] {
            assert!(covers("ghcr.io/**", image), "{image}");
        }
        assert!(covers("index.docker.io/library/**", "docker.io:443/nginx"));
        assert!(covers("index.docker.io/library/**", "registry-1.docker.io/library/nginx"));
        assert!(covers("index.docker.io/acme/**", "Registry.Hub.Docker.com/acme/api"));
        // A glob that says that host means it.
        assert!(covers("registry-1.docker.io/library/**", "registry-1.docker.io/library/nginx"));
        assert!(!covers("index.docker.io/library/**", "registry-2.docker.io/library/nginx"));
        assert!(covers("index.docker.io/library/**", "Index.Docker.IO./nginx"));
        assert!(covers("localhost:5000/**", "LOCALHOST.:5000/app"));
        // Another port is another registry, and a glob may name one.
        assert!(!covers("ghcr.io/**", "ghcr.io:8443/a/b"));
        assert!(covers("ghcr.io:443/**", "ghcr.io:443/a/b"));
        assert!(covers("**", "[::1]:443/app"));
    }

    #[test]
    fn spec_6_1_other_characters_are_refused() {
        for glob in
            ["", " ", "foo?", "foo+", "foo#bar", "foo bar", "föö", "foo\n", "[a-z]*", "a$", "\u{0}"]
        {
            let wrong = Glob::new(glob).unwrap_err();
            assert_eq!(wrong, GlobError::Character(glob.to_owned()));
        }
        for glob in ["[", "[a", "a\\", "x/[b-"] {
            assert_eq!(Glob::new(glob).unwrap_err(), GlobError::Syntax, "{glob}");
        }
        assert_eq!(Glob::new(&"*".repeat(1025)).unwrap_err(), GlobError::TooLong);
        assert!(Glob::new(&"*".repeat(1024)).is_ok());
    }

    #[test]
    fn spec_6_2_short_names_and_tags_match_only_as_written() {
        let written = |glob: &str, image: &str| Glob::new(glob).unwrap().matches_written(image);
        assert_eq!(written("foo", "foo"), Ok(true));
        assert_eq!(written("foo", "foo:latest"), Ok(false));
        assert_eq!(written("index.docker.io/library/foo:*", "foo"), Ok(true));
        assert!(written("**", "invalid&name").is_err());
    }
}
