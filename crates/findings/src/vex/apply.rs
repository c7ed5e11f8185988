//! Holds what scanners found against what VEX says of it.
//!
//! A statement counts for a finding when it names the vulnerability by any of its ids, and either
//! the package itself or the image, and then, where it names parts, the package among them. Of
//! several the latest counts; of equally late ones the last. An image is named by its digest, or
//! by its repository; by its bare name alone it is not, because names are anybody's.

use std::collections::HashMap;

use super::{Part, Product, Statement};
use crate::ecosystem::Ecosystem;
use crate::purl::Purl;
use crate::vulnerabilities::Vulnerability;

/// After so many comparisons the findings that are left stay as they are: documents that cost more
/// are made to cost.
const MOST_COMPARISONS: usize = 20_000_000;

/// The image in which something was found.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    /// The hex digits of its SHA-256 digest.
    pub sha256: &'a str,
    /// Its repository with its host: `ghcr.io/acme/api`.
    pub repository: &'a str,
}

/// A finding, with the statement that counts for it.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// What was found.
    pub vulnerability: &'a Vulnerability,
    /// What is said of it; the reason, where it is suppressed.
    pub statement: Option<&'a Statement>,
}

impl Judged<'_> {
    /// Whether it is said not to matter, or to be fixed.
    #[must_use]
    pub fn is_suppressed(&self) -> bool {
        self.statement.is_some_and(|statement| statement.status.suppresses())
    }
}

/// Holds findings against statements, in the order of the findings; none is left out. What
/// cannot be compared within the limit is not suppressed.
#[must_use]
pub fn apply<'a>(
    vulnerabilities: &'a [Vulnerability],
    statements: &'a [Statement],
    image: Image<'_>,
) -> Vec<Judged<'a>> {
    let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, statement) in statements.iter().enumerate() {
        for id in &statement.vulnerability {
            by_id.entry(id.to_lowercase()).or_default().push(place);
        }
    }
    let mut n_left = MOST_COMPARISONS;
    let judge = |vulnerability: &'a Vulnerability| {
        let ids = std::iter::once(&vulnerability.id).chain(&vulnerability.aliases);
        let places = ids.filter_map(|id| by_id.get(&id.to_lowercase())).flatten();
        let purl = vulnerability.purl.as_deref().and_then(|purl| purl.parse::<Purl>().ok());
        let mut latest: Option<(usize, &'a Statement)> = None;
        for place in places {
            let Some(statement) = statements.get(*place) else { continue };
            let Some(left) = n_left.checked_sub(cost(statement)) else {
                // What was not compared might have counted instead.
                return Judged { vulnerability, statement: None };
            };
            n_left = left;
            let is_later = latest.is_none_or(|(at, other)| (other.at, at) < (statement.at, *place));
            if is_later && statement.products.iter().any(|each| each.has(purl.as_ref(), image)) {
                latest = Some((*place, statement));
            }
        }
        Judged { vulnerability, statement: latest.map(|(_, statement)| statement) }
    };
    vulnerabilities.iter().map(judge).collect()
}

/// How many comparisons a statement takes.
fn cost(statement: &Statement) -> usize {
    let products = statement.products.iter();
    products.fold(1, |cost, product| cost + 1 + product.purls.len() + product.parts.len())
}

impl Product {
    /// Whether a package of an image is meant.
    fn has(&self, package: Option<&Purl>, image: Image<'_>) -> bool {
        let is_part = |part: &Part| {
            package.is_some_and(|package| part.purls.iter().any(|purl| purl.names(package)))
        };
        let is_among_parts = self.parts.iter().any(is_part);
        if self.is_image(image) {
            return self.parts.is_empty() || is_among_parts;
        }
        let is_package =
            package.is_some_and(|package| self.purls.iter().any(|purl| purl.names(package)));
        is_package && self.parts.is_empty()
    }

    fn is_image(&self, image: Image<'_>) -> bool {
        let digest = format!("sha256:{}", image.sha256);
        let is_id = |id: &str| {
            let (name, at) = id.split_once('@').unwrap_or(("", id));
            at == digest && (name.is_empty() || name == image.repository)
        };
        self.sha256.iter().any(|sha256| sha256.eq_ignore_ascii_case(image.sha256))
            || self.id.as_deref().is_some_and(is_id)
            || self.purls.iter().any(|purl| is_image(purl, image, &digest))
    }
}

/// A purl of type `oci` that names the digest, or the repository in any digest.
fn is_image(purl: &Purl, image: Image<'_>, digest: &str) -> bool {
    if purl.ecosystem() != Ecosystem::Oci {
        return false;
    }
    // With or without the name at its end, as both are in use.
    let repository = purl.qualifier("repository_url").map(|url| {
        let url = url.trim_end_matches('/');
        url == image.repository || format!("{url}/{}", purl.name()) == image.repository
    });
    match (purl.version(), repository) {
        (Some(version), repository) => version == digest && repository.unwrap_or(true),
        (None, repository) => repository.unwrap_or(false),
    }
}
