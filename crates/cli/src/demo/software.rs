//! What is in the demo's images, and what their workflow attests of it: an SBOM of the package
//! manifests that really lie in the layer, the provenance of the build, and what a scan of the
//! SBOM found. The advisories are published ones, cut down to what matching needs.

use findings::osv::{Builder, Record};
use findings::sbom::Sbom;
use findings::vulnerabilities::Vulnerability;
use model::timestamp::Timestamp;
use model::vulnerabilities::Severity;
use serde_json::{Value, json};

/// A package of npm, and its version and licence as published.
type Package = (&'static str, &'static str, &'static str);

/// GHSA-xvch-5gv4-984h and GHSA-p6mc-m468-83gw, as the GitHub Advisory Database has them.
const ADVISORIES: [&str; 2] = [
    r#"{"id":"GHSA-xvch-5gv4-984h","aliases":["CVE-2021-44906"],
        "summary":"Prototype Pollution in minimist",
        "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected":[{"package":{"ecosystem":"npm","name":"minimist"},"ranges":[{"type":"SEMVER",
        "events":[{"introduced":"1.0.0"},{"fixed":"1.2.6"}]}]}]}"#,
    r#"{"id":"GHSA-p6mc-m468-83gw","aliases":["CVE-2020-8203"],
        "summary":"Prototype Pollution in lodash",
        "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:H"}],
        "affected":[{"package":{"ecosystem":"npm","name":"lodash"},"ranges":[{"type":"SEMVER",
        "events":[{"introduced":"3.7.0"},{"fixed":"4.17.19"}]}]}]}"#,
];

/// The packages of an image, by its name in the plan.
pub(super) const fn packages(image: &str) -> &'static [Package] {
    match image.as_bytes() {
        b"storefront" => {
            &[("express", "4.18.2", "MIT"), ("minimist", "1.2.5", "MIT"), ("ms", "2.1.3", "MIT")]
        }
        b"catalog" => &[("lodash", "4.17.15", "MIT"), ("ms", "2.1.3", "MIT")],
        b"payments-api" => &[("express", "4.18.2", "MIT"), ("semver", "7.6.0", "ISC")],
        _ => &[],
    }
}

/// The files of an image's layer that say which packages it holds.
pub(super) fn manifests(image: &str) -> Vec<(String, String)> {
    let manifest = |(name, version, licence): &Package| {
        let path = format!("usr/lib/node_modules/{name}/package.json");
        (path, json!({ "name": name, "version": version, "license": licence }).to_string())
    };
    packages(image).iter().map(manifest).collect()
}

/// The SBOM of an image, SPDX; `None` where nobody made one.
pub(super) fn sbom(image: &str, tag: &str, now: Timestamp) -> Option<Value> {
    let listed = packages(image);
    if listed.is_empty() {
        return None;
    }
    let packages: Vec<Value> = listed
        .iter()
        .map(|(name, version, licence)| {
            json!({
                "SPDXID": format!("SPDXRef-{name}"), "name": name, "versionInfo": version,
                "downloadLocation": "NOASSERTION", "licenseDeclared": licence,
                "externalRefs": [{
                    "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                    "referenceLocator": format!("pkg:npm/{name}@{version}"),
                }],
            })
        })
        .collect();
    Some(json!({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": format!("{image} {tag}"),
        "documentNamespace": format!("https://acme.demo.test/sboms/{image}/{tag}"),
        "creationInfo": { "created": now, "creators": ["Tool: loadline-demo"] },
        "packages": packages,
    }))
}

/// Who built an image, from what.
pub(super) fn provenance(image: &str, workflow: &str, now: Timestamp) -> Value {
    let repository = format!("https://github.com/acme/{image}");
    let commit = model::digest::Digest::of(image.as_bytes()).hex();
    json!({
        "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": { "workflow": {
                "ref": "refs/heads/main", "repository": repository,
                "path": format!(".github/workflows/{workflow}"),
            } },
            "resolvedDependencies": [{
                "uri": format!("git+{repository}@refs/heads/main"),
                "digest": { "gitCommit": commit.chars().take(40).collect::<String>() },
            }],
        },
        "runDetails": {
            "builder": { "id": "https://github.com/actions/runner/github-hosted" },
            "metadata": { "finishedOn": now },
        },
    })
}

/// What a scan of an SBOM finds, in cosign's wrapping of a scanner's report.
pub(super) fn report(sbom: &Value, now: Timestamp) -> Option<Value> {
    let sbom = Sbom::read(sbom.to_string().as_bytes()).ok()?;
    let mut advisories = Builder::new();
    for text in ADVISORIES {
        advisories.add(Record::read(text.as_bytes()).ok()?).ok()?;
    }
    let found = advisories.finish().find_all(&sbom).findings;
    let found: Vec<Value> = found.iter().map(finding).collect();
    Some(json!({
        "invocation": {},
        "scanner": {
            "uri": "pkg:generic/loadline-demo", "version": env!("CARGO_PKG_VERSION"),
            "result": {
                "SchemaVersion": 2,
                "Results": [{ "Target": "node_modules", "Vulnerabilities": found }],
            },
        },
        "metadata": { "scanStartedOn": now, "scanFinishedOn": now },
    }))
}

fn finding(found: &Vulnerability) -> Value {
    let cve = found.aliases.iter().find(|alias| alias.starts_with("CVE-"));
    json!({
        "VulnerabilityID": cve.unwrap_or(&found.id),
        "PkgName": found.package,
        "PkgIdentifier": { "PURL": found.purl },
        "InstalledVersion": found.version,
        "FixedVersion": found.fix.versions.join(", "),
        "Status": if found.fix.versions.is_empty() { "affected" } else { "fixed" },
        "Severity": found.severity.max(Severity::Negligible).as_str().to_ascii_uppercase(),
        "Title": found.title,
    })
}

/// Why something that a scan found does not matter, where somebody looked.
pub(super) fn excuse(image: &str, now: Timestamp) -> Option<Value> {
    (image == "storefront").then(|| {
        json!({
            "@context": "https://openvex.dev/ns/v0.2.0",
            "@id": "https://acme.demo.test/vex/storefront", "version": 1,
            "author": "acme", "timestamp": now,
            "statements": [{
                "vulnerability": { "name": "CVE-2021-44906" },
                "products": [{ "@id": "pkg:npm/minimist@1.2.5" }],
                "status": "not_affected",
                "justification": "vulnerable_code_not_in_execute_path",
            }],
        })
    })
}

#[cfg(test)]
mod tests {
    use findings::sbom::Imprint;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    #[test]
    fn what_the_sbom_lists_lies_in_the_image() {
        for image in ["storefront", "catalog", "payments-api"] {
            let sbom = sbom(image, "1", NOW).unwrap();
            let read = Sbom::read(sbom.to_string().as_bytes()).unwrap();
            assert!(read.problems.is_empty(), "{image}");
            let listed: Vec<_> = read.packages.iter().map(|it| it.name.as_str()).collect();
            let files = manifests(image);
            assert_eq!(listed.len(), files.len());
            for (name, (path, _)) in listed.iter().zip(&files) {
                assert_eq!(path, &format!("usr/lib/node_modules/{name}/package.json"));
            }
            assert!(read.to_spdx(Imprint { at: NOW, tool: "t", namespace: "n" }).is_ok());
        }
        assert!(sbom("legacy-report", "1", NOW).is_none());
    }

    #[test]
    fn the_scan_finds_what_was_published_and_no_more() {
        let ids = |image: &str| {
            let sbom = sbom(image, "1", NOW).unwrap();
            let report = report(&sbom, NOW).unwrap().to_string();
            let read = findings::vulnerabilities::Report::read(report.as_bytes()).unwrap();
            read.findings.into_iter().map(|found| found.id).collect::<Vec<_>>()
        };
        assert_eq!(ids("storefront"), ["CVE-2021-44906"]);
        assert_eq!(ids("catalog"), ["CVE-2020-8203"]);
        assert!(ids("payments-api").is_empty());
    }
}
