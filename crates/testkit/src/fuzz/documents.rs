//! Documents about images: statements, provenance, bills of materials, reports, VEX, versions.

use findings::osv::{Builder, Record};
use findings::provenance::{LevelEstimate, MOST_MATERIALS, Provenance, Signed};
use findings::purl::Purl;
use findings::sbom::{Edge, Imprint, Limits, Node, Sbom};
use findings::severity::Score;
use findings::statement::Statement;
use findings::test_result::TestResult;
use findings::version::{Scheme, Version, VersionRange};
use findings::vex::{Document, Image, apply};
use findings::vsa::VerificationSummary;
use findings::vulnerabilities::{MOST_FINDINGS, Report};

use super::{NOW, Target, bytes};

const BILLS: [&str; 4] = [
    include_str!("../../../findings/src/sbom/tests/spdx-2.3.json"),
    include_str!("../../../findings/src/sbom/tests/spdx-3.0.json"),
    include_str!("../../../findings/src/sbom/tests/cyclonedx-1.6.json"),
    include_str!("../../../findings/src/sbom/tests/cyclonedx-1.4.xml"),
];

const STATEMENTS: [&str; 2] = [
    r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"ab"}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{"a":[1,"\u00e4"]}}"#,
    r#"{"_type":"https://in-toto.io/Statement/v0.1","subject":[],"predicateType":"cosign.sigstore.dev/attestation/v1","predicate":{"Data":"{\"a\":1}","Timestamp":"x"}}"#,
];

const PREDICATES: [&str; 4] = [
    r#"{"builder":{"id":"https://github.com/actions/runner"},"buildType":"t","invocation":{"configSource":{"uri":"git+https://a@b","digest":{"sha1":"c0ffee"}}},"metadata":{"buildStartedOn":"2026-11-24T09:30:00Z","completeness":{"parameters":true}},"materials":[{"uri":"a","digest":{"sha1":"b"}}]}"#,
    r#"{"buildDefinition":{"buildType":"t","externalParameters":{"workflow":{"ref":"r","repository":"https://a"},"source":"b"},"resolvedDependencies":[{"uri":"git+https://a@r","digest":{"gitCommit":"c"}}]},"runDetails":{"builder":{"id":"https://cloudbuild.googleapis.com/GoogleHostedWorker"},"metadata":{"startedOn":"2026-11-24T09:30:00.5+01:00"}}}"#,
    r#"{"verifier":{"id":"v"},"timeVerified":"2026-11-24T09:30:00Z","verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_3"],"dependencyLevels":{"a":1}}"#,
    r#"{"result":"PASSED","passedTests":["a"],"configuration":[{"uri":"u","digest":{"sha256":"ab"}}]}"#,
];

const REPORTS: [&str; 5] = [
    r#"{"matches":[{"vulnerability":{"id":"CVE-1","severity":"High","cvss":[{"vector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","metrics":{"baseScore":9.8}}],"fix":{"versions":["1"],"state":"fixed"}},"relatedVulnerabilities":[{"id":"GHSA-1"}],"artifact":{"name":"a","version":"1","purl":"pkg:npm/a@1"}}],"descriptor":{"name":"grype","db":{"built":"2026-11-24T09:30:00Z"}}}"#,
    r#"{"SchemaVersion":2,"Results":[{"Vulnerabilities":[{"VulnerabilityID":"CVE-1","PkgName":"a","InstalledVersion":"1","FixedVersion":"2, 3","Status":"fixed","Severity":"LOW","CVSS":{"nvd":{"V3Score":5.5,"V2Vector":"AV:N/AC:L/Au:N/C:P/I:P/A:P"}}}]}]}"#,
    r#"[{"vulnerabilities":[{"id":"SNYK-1","identifiers":{"CVE":["CVE-1"]},"severity":"low","cvssScore":4.1,"packageName":"a","fixedIn":["2"]}]}]"#,
    r#"{"runs":[{"tool":{"driver":{"name":"t","rules":[{"id":"CVE-1-a","properties":{"security-severity":"7.5","purls":["pkg:npm/a@1"]}}]}},"results":[{"ruleId":"CVE-1-a","level":"error","message":{"text":"Package: a\nInstalled Version: 1\nFixed Version: 2"}}]}]}"#,
    r#"{"scanner":{"uri":"trivy","version":"1","db":{"lastUpdate":"2026-11-24T09:30:00Z"},"result":{"matches":[{"vulnerability":{"id":"CVE-1"}}]}},"metadata":{"scanStartedOn":"2026-11-24T09:30:00Z"}}"#,
];

const RECORDS: [&str; 2] = [
    r#"{"id":"GHSA-1","aliases":["CVE-1"],"severity":[{"type":"CVSS_V4","score":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}],"affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.5.0"}]}],"versions":["1.0.0","odd"]}]}"#,
    r#"{"id":"DSA-1","affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"last_affected":"1:3.0~rc1-2"}]}],"ecosystem_specific":{"urgency":"low"}}],"database_specific":{"severity":"HIGH"}}"#,
];

const STANCES: [&str; 2] = [
    r#"{"@id":"i","timestamp":"2026-11-24T09:30:00Z","statements":[{"vulnerability":{"name":"CVE-1","aliases":["GHSA-1"]},"status":"not_affected","justification":"component_not_present","products":[{"@id":"pkg:oci/api@sha256%3Aab?repository_url=ghcr.io/acme","hashes":{"sha-256":"ab"},"subcomponents":[{"@id":"pkg:npm/a"}]},"pkg:npm/a@1"]}]}"#,
    r#"{"bomFormat":"CycloneDX","components":[{"bom-ref":"a","name":"a","purl":"pkg:npm/a@1"}],"vulnerabilities":[{"id":"CVE-1","analysis":{"state":"resolved","detail":"d"},"affects":[{"ref":"a"},{"ref":"urn:cdx:u/1#a"}]}]}"#,
];

/// Two versions and a range, a line each.
const VERSIONS: [&str; 8] = [
    "1.2.3_rc1-r0\n1.2.3_p1-r1\n>=1.2, <2",
    "1:2.3~rc1-4+deb12u1\n2.3.1-1\n<< 2",
    "2.0-4.el9^git1\n1:2.0~rc1-1\n!=2 || >3",
    "v1.2.3-rc.1+b\n1.2.3\n^1.2 || ~0.9 || 1.x",
    "1!1.0a2.post3.dev4+local.5\n1.0rc1\n~=1.4.2",
    "2.0-beta9-SNAPSHOT\n1-sp.ga-1\n[1.0,2.0),(3,]",
    "v1.2.3-0.20191109021931-daa7c04131f5\ngo1.21rc2\n*",
    "1.0.0.pre1-x\n1.a.0\n~> 2.2.0",
];

const URLS: [&str; 3] = [
    "pkg:maven/org.apache.logging.log4j/log4j-core@2.17.0?type=jar#a/b",
    "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl%403",
    "pkg:npm/%40angular/core@1.0.0",
];

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "statement", corpus: bytes(&STATEMENTS), read: Box::new(read_statement) },
        Target { name: "predicate", corpus: bytes(&PREDICATES), read: Box::new(read_predicate) },
        Target { name: "sbom", corpus: bytes(&BILLS), read: Box::new(read_bill) },
        Target { name: "report", corpus: bytes(&REPORTS), read: Box::new(read_report) },
        Target { name: "osv", corpus: bytes(&RECORDS), read: Box::new(read_record) },
        Target { name: "vex", corpus: bytes(&STANCES), read: Box::new(read_stance) },
        Target { name: "version", corpus: bytes(&VERSIONS), read: Box::new(read_versions) },
        Target { name: "purl", corpus: bytes(&URLS), read: Box::new(read_url) },
    ]
}

/// The predicate stays JSON, and reads as itself.
fn read_statement(bytes: &[u8]) -> Result<(), String> {
    let Ok(statement) = Statement::read(bytes) else { return Ok(()) };
    let is_json = serde_json::from_str::<serde_json::Value>(statement.predicate).is_ok();
    drop((statement.document(), statement.kind()));
    if is_json { Ok(()) } else { Err(format!("{:?} is no JSON", statement.predicate)) }
}

/// Lists stay within their limits, and an estimate has its reasons.
fn read_predicate(bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    drop((VerificationSummary::read(text), TestResult::read(text)));
    let Ok(provenance) = Provenance::read(text) else { return Ok(()) };
    if provenance.materials.len() > provenance.n_materials.min(MOST_MATERIALS) {
        return Err("more materials than there are".to_owned());
    }
    for signed in [Signed::NotVerified, Signed::Key, Signed::Identity("https://a")] {
        if LevelEstimate::of(&provenance, signed).reasons.is_empty() {
            return Err("a level without a reason".to_owned());
        }
    }
    Ok(())
}

/// Limits hold, edges lead somewhere, and what is written again has the same packages.
fn read_bill(bytes: &[u8]) -> Result<(), String> {
    let limits = Limits { bytes: 64 * 1024, packages: 20, files: 5, edges: 50 };
    let Ok(sbom) = Sbom::read_within(bytes, limits) else { return Ok(()) };
    if sbom.packages.len() > 20 || sbom.files.len() > 5 || sbom.edges.len() > 50 {
        return Err("a limit does not hold".to_owned());
    }
    if sbom.is_truncated && sbom.problems.is_empty() {
        return Err("cut short without a word".to_owned());
    }
    let leads = |node: Node| match node {
        Node::Document => true,
        Node::Package(at) => (at as usize) < sbom.packages.len(),
        Node::File(at) => (at as usize) < sbom.files.len(),
    };
    if !sbom.edges.iter().all(|Edge { from, to, .. }| leads(*from) && leads(*to)) {
        return Err("an edge that leads nowhere".to_owned());
    }
    let imprint = Imprint { at: NOW, tool: "t", namespace: "https://a" };
    let written = [sbom.to_spdx(imprint), sbom.to_cyclonedx(imprint)];
    for written in written {
        let written = written.map_err(|error| error.to_string())?;
        let again = Sbom::read(&written).map_err(|error| error.to_string())?;
        if again.packages.len() != sbom.packages.len() || again.is_truncated {
            return Err(format!("written as {:?}", String::from_utf8_lossy(&written)));
        }
    }
    Ok(())
}

/// Findings stay within their limits, and scores between 0 and 10.
fn read_report(bytes: &[u8]) -> Result<(), String> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        drop(Score::of_vector(text));
        for word in text.split('"') {
            drop(Score::of_vector(word));
        }
    }
    let Ok(report) = Report::read(bytes) else { return Ok(()) };
    if report.findings.len() > MOST_FINDINGS {
        return Err("too many findings".to_owned());
    }
    let mut scores =
        report.findings.iter().filter_map(findings::vulnerabilities::Vulnerability::score);
    match scores.find(|score| !(0.0..=10.0).contains(score)) {
        Some(score) => Err(format!("a score of {score}")),
        None => Ok(()),
    }
}

/// Whatever a record says, packages can be held against it, with the same answer each time.
fn read_record(bytes: &[u8]) -> Result<(), String> {
    let Ok(record) = Record::read(bytes) else { return Ok(()) };
    let mut builder = Builder::new();
    builder.add(record).map_err(|error| error.to_string())?;
    let database = builder.finish();
    for url in ["pkg:npm/a@1.2.0", "pkg:deb/debian/openssl@3.0-1?distro=debian-12"] {
        let purl: Purl = url.parse().map_err(|_| "a good package URL is refused".to_owned())?;
        let found = |()| database.find(&purl, None).len();
        if found(()) != found(()) {
            return Err("found the first time only".to_owned());
        }
    }
    Ok(())
}

/// Nothing that was found is lost, whatever is said of it.
fn read_stance(bytes: &[u8]) -> Result<(), String> {
    let Ok(document) = Document::read(bytes) else { return Ok(()) };
    let report = Report::read(REPORTS[0].as_bytes()).map_err(|error| error.to_string())?;
    let image = Image { sha256: "ab", repository: "ghcr.io/acme/api" };
    let judged = apply(&report.findings, &document.statements, image);
    if judged.len() == report.findings.len() { Ok(()) } else { Err("a finding is lost".to_owned()) }
}

const SCHEMES: [Scheme; 10] = [
    Scheme::Apk,
    Scheme::Deb,
    Scheme::Rpm,
    Scheme::Semantic,
    Scheme::Pep440,
    Scheme::Maven,
    Scheme::Go,
    Scheme::Gem,
    Scheme::NuGet,
    Scheme::Plain,
];

/// Two versions stand to each other the same from both sides.
fn read_versions(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let (one, two) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let range = lines.next().unwrap_or_default();
    for scheme in SCHEMES {
        let range = VersionRange::parse(scheme, range).ok();
        let read = |text: &str| Version::parse(scheme, text).ok();
        let (Some(left), Some(right)) = (read(one), read(two)) else { continue };
        if range.as_ref().map(|range| range.contains(&left))
            != range.map(|range| range.contains(&left))
        {
            return Err(format!("{scheme}: {one:?} is in the range, and is not"));
        }
        let orders = (left.compare(&right), right.compare(&left).map(std::cmp::Ordering::reverse));
        if orders.0 != orders.1 || orders.0.is_none() {
            return Err(format!("{scheme}: {one:?} and {two:?} stand as {orders:?}"));
        }
    }
    Ok(())
}

/// What parses is written so that it parses to the same.
fn read_url(bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    let Ok(purl) = text.parse::<Purl>() else { return Ok(()) };
    drop((purl.full_name(), purl.ecosystem()));
    if !purl.names(&purl) {
        return Err(format!("{text:?} does not name itself"));
    }
    Ok(())
}
