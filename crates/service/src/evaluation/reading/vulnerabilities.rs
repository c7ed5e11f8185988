//! What reports and the database say of an image's packages, held against what VEX excuses.

use std::collections::{BTreeMap, BTreeSet};

use findings::vex;
use findings::vulnerabilities::Vulnerability;
use model::image::Image;
use model::packages::Package;
use model::vulnerabilities::{FixState, Severity};
use store::NewVulnerability;

use super::{Reading, package, shortened};

impl Reading {
    /// Everything that reports and the database say, each once, held against what VEX excuses.
    pub(super) fn judge_vulnerabilities(&mut self, image: &Image) {
        let repository = image.repository.to_string();
        let hex = image.digest.hex();
        let product = vex::Image { sha256: &hex, repository: &repository };
        let held = Held::of(&self.packages);
        for judged in vex::apply(&self.reported, &self.statements, product) {
            let found = judged.vulnerability;
            let Some(named) = vulnerable(found) else { continue };
            let package = held.same(&named).unwrap_or(named);
            let cve = std::iter::once(&found.id).chain(&found.aliases);
            let id = cve.clone().find(|id| id.starts_with("CVE-")).unwrap_or(&found.id);
            let excuse = judged.statement.filter(|_| judged.is_suppressed()).map(excuse);
            let new = NewVulnerability {
                severity: found.severity,
                fix: found.fix.state,
                fixed_in: shortened(&found.fix.versions.join(", ")),
                excuse: excuse.unwrap_or_default(),
                title: shortened(found.title.as_deref().unwrap_or_default()),
            };
            let entry = self.vulnerabilities.entry((shortened(id), package));
            entry
                .and_modify(|known| {
                    known.severity = known.severity.max(new.severity);
                    if known.fix == FixState::Unknown || new.fix == FixState::Fixed {
                        known.fix = new.fix;
                        known.fixed_in.clone_from(&new.fixed_in);
                    }
                })
                .or_insert(new);
        }
        let mut worst: BTreeMap<&str, Severity> = BTreeMap::new();
        for ((id, _), found) in &self.vulnerabilities {
            if found.excuse.is_empty() {
                let known = worst.entry(id).or_default();
                *known = (*known).max(found.severity);
            }
        }
        let all: BTreeSet<&str> = self.vulnerabilities.keys().map(|(id, _)| id.as_str()).collect();
        let n_excused = all.len().saturating_sub(worst.len());
        self.state.n_excused = u64::try_from(n_excused).unwrap_or(u64::MAX);
        for severity in worst.into_values() {
            self.state.vulnerabilities.add(severity, 1);
        }
    }
}

/// The package that a vulnerability is of, as it is kept.
fn vulnerable(found: &Vulnerability) -> Option<Package> {
    package(findings::sbom::Package {
        name: found.package.clone(),
        version: found.version.clone(),
        purl: found.purl.clone(),
        ..findings::sbom::Package::default()
    })
}

/// The packages that an image holds, by what reports call them.
struct Held<'a> {
    by_purl: BTreeMap<&'a str, &'a Package>,
    by_name: BTreeMap<(&'a str, &'a str), &'a Package>,
}

impl<'a> Held<'a> {
    fn of(packages: &'a BTreeSet<Package>) -> Self {
        let by_purl = packages.iter().filter(|held| !held.purl.is_empty());
        let by_purl = by_purl.map(|held| (held.purl.as_str(), held)).collect();
        let by_name =
            packages.iter().map(|held| ((held.name.as_str(), held.version.as_str()), held));
        Self { by_purl, by_name: by_name.collect() }
    }

    /// The same package as an SBOM describes it, which says more of it than a report does;
    /// `None` where no SBOM lists it.
    fn same(&self, named: &Package) -> Option<Package> {
        let by_name = || self.by_name.get(&(named.name.as_str(), named.version.as_str()));
        // Packages of one name in two ecosystems are kept apart where both have a purl.
        let is_same = |held: &&&Package| named.purl.is_empty() || held.purl.is_empty();
        let held = self.by_purl.get(named.purl.as_str());
        held.or_else(|| by_name().filter(is_same)).map(|held| (*held).clone())
    }
}

fn excuse(statement: &vex::Statement) -> String {
    let reason = statement.justification.as_ref().or(statement.explanation.as_ref());
    match reason {
        Some(reason) => format!("{}: {}", statement.status.as_str(), shortened(reason)),
        None => statement.status.as_str().to_owned(),
    }
}
