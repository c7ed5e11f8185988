//! What reports and the database say of an image's packages, held against what VEX excuses.

use std::collections::BTreeMap;

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
        for judged in vex::apply(&self.reported, &self.statements, product) {
            let found = judged.vulnerability;
            let Some(package) = vulnerable(found) else { continue };
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

fn excuse(statement: &vex::Statement) -> String {
    let reason = statement.justification.as_ref().or(statement.explanation.as_ref());
    match reason {
        Some(reason) => format!("{}: {}", statement.status.as_str(), shortened(reason)),
        None => statement.status.as_str().to_owned(),
    }
}
