//! What a request shows of who it is, as it is written: nothing of it is known to be good yet.

use crate::secret::SecretKind;

/// A bearer token, told apart by how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'a> {
    /// What could be a person's token.
    Person(&'a str),
    /// What could be a cluster's token.
    Cluster(&'a str),
    /// Anything else: a token that we signed, or none.
    Signed(&'a str),
}

impl<'a> Shown<'a> {
    /// The kind of a token.
    #[must_use]
    pub fn of(token: &'a str) -> Self {
        if SecretKind::Person.fits(token) {
            Self::Person(token)
        } else if SecretKind::Cluster.fits(token) {
            Self::Cluster(token)
        } else {
            Self::Signed(token)
        }
    }
}

/// The token of an `authorization` header: printable ASCII after `Bearer` and a blank (RFC 6750).
#[must_use]
pub fn bearer(header: &[u8]) -> Option<&str> {
    let token = std::str::from_utf8(header).ok()?.strip_prefix("Bearer ")?;
    token.bytes().all(|byte| (0x20..0x7f).contains(&byte)).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_kind_and_only_as_it_was_made() {
        let hex = "0123456789abcdef".repeat(4);
        let (person, cluster) = (format!("llp_{hex}"), format!("llc_{hex}"));
        assert_eq!(Shown::of(&person), Shown::Person(&person));
        assert_eq!(Shown::of(&cluster), Shown::Cluster(&cluster));
        let short = format!("llp_0{}", "a".repeat(62));
        for other in ["", "llp_", &short, &format!("{person}0"), &format!("llr_{hex}")] {
            assert_eq!(Shown::of(other), Shown::Signed(other));
        }
        assert_eq!(bearer(b"Bearer a.b.c"), Some("a.b.c"));
        for none in [&b"bearer a"[..], b"Basic YTpi", b"Bearer", b"Bearer a\n", b"Bearer \xff", b""]
        {
            assert_eq!(bearer(none), None);
        }
    }
}
