//! Packages and vulnerabilities of what runs: found by what people know of them.

use std::collections::{BTreeMap, BTreeSet};

use findings::ecosystem::Ecosystem;
use findings::version::{Scheme, Version, VersionRange};
use model::iam::Capability;
use model::id::GroupId;
use model::image::Image;
use model::packages::{Package, PackageFilter, PackageSummary};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use model::vulnerabilities::{
    HoldingImage, VulnerabilityFilter, VulnerabilityOverview, VulnerabilitySummary,
};
use store::{PackageKey, ScopeAt};

use crate::images::scope_at;
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// Packages of one name that a range of versions is held against, at most.
const MOST_VERSIONS: u32 = 20_000;
/// Images that an answer names, at most.
const MOST_IMAGES: u32 = 500;

/// The use cases of packages and vulnerabilities.
#[derive(Debug, Clone, Copy)]
pub struct Packages<'a>(&'a Service);

impl Service {
    /// The use cases of packages and vulnerabilities.
    #[must_use]
    pub const fn packages(&self) -> Packages<'_> {
        Packages(self)
    }
}

impl Packages<'_> {
    /// The packages that run in a scope, or ran at a time, by name.
    ///
    /// # Errors
    /// Not found or forbidden at the group; invalid where the range of versions is none.
    pub async fn list(
        &self,
        caller: &Caller,
        scope: GroupId,
        filter: &PackageFilter,
        at: Option<Timestamp>,
        page: &PageRequest,
    ) -> Result<Page<PackageSummary>> {
        let scope = self.0.scope(caller, Capability::RecordsList, scope).await?;
        let scope = scope_at(&scope, at);
        let keys = self.in_range(scope, filter).await?;
        Ok(self.0.store().packages_in_scope(scope, filter, keys.as_ref(), page).await?)
    }

    /// The images of a scope that hold a package, with the clusters where they run.
    ///
    /// # Errors
    /// Not found or forbidden at the group; invalid where the filter names no package, or the
    /// range of versions is none.
    pub async fn images(
        &self,
        caller: &Caller,
        scope: GroupId,
        filter: &PackageFilter,
        at: Option<Timestamp>,
    ) -> Result<Vec<HoldingImage>> {
        let scope = self.0.scope(caller, Capability::RecordsList, scope).await?;
        if filter.text.is_empty() {
            let message = "Name a package, or a purl: this answers where it runs.".to_owned();
            return Err(ServiceError::Invalid(vec![FieldError::new("text", message)]));
        }
        let scope = scope_at(&scope, at);
        let keys = match self.in_range(scope, filter).await? {
            Some(keys) => keys,
            None => {
                let named =
                    self.0.store().packages_named(scope.root, filter, MOST_VERSIONS).await?;
                named.into_iter().map(|(key, _)| key).collect()
            }
        };
        Ok(self.0.store().images_holding(scope, &keys, MOST_IMAGES).await?)
    }

    /// The packages of one image.
    ///
    /// # Errors
    /// Not found where the image never ran in the scope.
    pub async fn of_image(
        &self,
        caller: &Caller,
        scope: GroupId,
        image: &Image,
        at: Option<Timestamp>,
        page: &PageRequest,
    ) -> Result<Page<Package>> {
        self.search_image(caller, scope, (image, at), &PackageFilter::default(), page).await
    }

    /// Those packages that fit, of one image as it was at a time.
    ///
    /// # Errors
    /// Not found where the image never ran in the scope; invalid where the range of versions is
    /// none.
    pub async fn search_image(
        &self,
        caller: &Caller,
        scope: GroupId,
        (image, at): (&Image, Option<Timestamp>),
        filter: &PackageFilter,
        page: &PageRequest,
    ) -> Result<Page<Package>> {
        let (scope, key) = self.0.images().seen(caller, scope, image).await?;
        let keys = self.in_range(scope_at(&scope, at), filter).await?;
        let of = (scope.root, key);
        Ok(self.0.store().image_packages(of, at, filter, keys.as_ref(), page).await?)
    }

    /// The vulnerabilities of one image, each with the VEX statement that excuses it, if any.
    ///
    /// # Errors
    /// Not found where the image never ran in the scope.
    pub async fn vulnerabilities_of_image(
        &self,
        caller: &Caller,
        scope: GroupId,
        image: &Image,
        at: Option<Timestamp>,
    ) -> Result<Vec<(VulnerabilitySummary, String)>> {
        let (scope, key) = self.0.images().seen(caller, scope, image).await?;
        Ok(self.0.store().image_vulnerabilities(scope.root, key, at).await?)
    }

    /// The vulnerabilities that run in a scope, the worst first.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn vulnerabilities(
        &self,
        caller: &Caller,
        scope: GroupId,
        filter: &VulnerabilityFilter,
        at: Option<Timestamp>,
        page: &PageRequest,
    ) -> Result<Page<VulnerabilitySummary>> {
        let scope = self.0.scope(caller, Capability::RecordsList, scope).await?;
        Ok(self.0.store().vulnerabilities_in_scope(scope_at(&scope, at), filter, page).await?)
    }

    /// Everything wrong in a scope at a glance.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn vulnerability_overview(
        &self,
        caller: &Caller,
        scope: GroupId,
        at: Option<Timestamp>,
    ) -> Result<VulnerabilityOverview> {
        let scope = self.0.scope(caller, Capability::RecordsList, scope).await?;
        Ok(self.0.store().vulnerability_overview(scope_at(&scope, at)).await?)
    }

    /// The packages whose version lies in the filter's range; `None` where it asks for none.
    async fn in_range(
        &self,
        scope: ScopeAt<'_>,
        filter: &PackageFilter,
    ) -> Result<Option<BTreeSet<PackageKey>>> {
        if filter.version.is_empty() {
            return Ok(None);
        }
        let mut ranges = Ranges::new(&filter.version)?;
        let named = self.0.store().packages_named(scope.root, filter, MOST_VERSIONS).await?;
        let is_in_range = |(_, package): &(PackageKey, Package)| ranges.hold(package);
        Ok(Some(named.into_iter().filter(is_in_range).map(|(key, _)| key).collect()))
    }
}

/// One range of versions under the rules of each ecosystem.
struct Ranges<'a> {
    text: &'a str,
    by_scheme: BTreeMap<Scheme, Option<VersionRange>>,
}

impl<'a> Ranges<'a> {
    fn new(text: &'a str) -> Result<Self> {
        let range = VersionRange::parse(Scheme::Plain, text).map_err(|error| {
            ServiceError::Invalid(vec![FieldError::new("version", error.to_string())])
        })?;
        Ok(Self { text, by_scheme: BTreeMap::from([(Scheme::Plain, Some(range))]) })
    }

    fn hold(&mut self, package: &Package) -> bool {
        // What is asked for as it is written needs no order of versions.
        let exact = self.text.trim().strip_prefix('=').map(|rest| rest.trim_start_matches('='));
        if exact.is_some_and(|exact| exact.trim() == package.version) {
            return true;
        }
        let scheme = Scheme::of(Ecosystem::of_type(&package.ecosystem));
        let range = self
            .by_scheme
            .entry(scheme)
            .or_insert_with(|| VersionRange::parse(scheme, self.text).ok());
        let version = Version::parse(scheme, &package.version).ok();
        range.as_ref().zip(version).is_some_and(|(range, version)| range.contains(&version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(ecosystem: &str, version: &str) -> Package {
        let (ecosystem, version) = (ecosystem.to_owned(), version.to_owned());
        Package { ecosystem, version, ..Package::default() }
    }

    #[test]
    fn a_range_is_read_by_the_rules_of_each_packages_ecosystem() {
        let mut ranges = Ranges::new("<2.17.1").unwrap();
        for (ecosystem, version, is_held) in [
            ("maven", "2.14.0", true),
            ("maven", "2.17.1", false),
            ("npm", "2.17.1-rc.1", true),
            ("deb", "2.17.1~rc1", true),
            ("", "2.9", true),
        ] {
            assert_eq!(ranges.hold(&package(ecosystem, version)), is_held, "{ecosystem} {version}");
        }
        assert!(Ranges::new("<").is_err());
    }

    #[test]
    fn a_version_that_no_rule_can_order_is_found_as_it_is_written() {
        let mut ranges = Ranges::new("= not-a-version").unwrap();
        assert!(ranges.hold(&package("npm", "not-a-version")));
        assert!(!ranges.hold(&package("npm", "1.0.0")));
    }
}
