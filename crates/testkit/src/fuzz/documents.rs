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
    include_str!("../../../../fuzz/seeds/sbom/spdx-2.3.json"),
    include_str!("../../../../fuzz/seeds/sbom/spdx-3.0.json"),
    include_str!("../../../../fuzz/seeds/sbom/cyclonedx-1.6.json"),
    include_str!("../../../../fuzz/seeds/sbom/cyclonedx-1.4.xml"),
];

const STATEMENTS: [&str; 2] = [
    include_str!("../../../../fuzz/seeds/statement/1.json"),
    include_str!("../../../../fuzz/seeds/statement/2.json"),
];

const PREDICATES: [&str; 4] = [
    include_str!("../../../../fuzz/seeds/predicate/1.json"),
    include_str!("../../../../fuzz/seeds/predicate/2.json"),
    include_str!("../../../../fuzz/seeds/predicate/3.json"),
    include_str!("../../../../fuzz/seeds/predicate/4.json"),
];

const REPORTS: [&str; 5] = [
    include_str!("../../../../fuzz/seeds/report/1.json"),
    include_str!("../../../../fuzz/seeds/report/2.json"),
    include_str!("../../../../fuzz/seeds/report/3.json"),
    include_str!("../../../../fuzz/seeds/report/4.json"),
    include_str!("../../../../fuzz/seeds/report/5.json"),
];

const RECORDS: [&str; 2] = [
    include_str!("../../../../fuzz/seeds/osv/1.json"),
    include_str!("../../../../fuzz/seeds/osv/2.json"),
];

const VECTORS: [&str; 4] = [
    include_str!("../../../../fuzz/seeds/cvss/1.txt"),
    include_str!("../../../../fuzz/seeds/cvss/2.txt"),
    include_str!("../../../../fuzz/seeds/cvss/3.txt"),
    include_str!("../../../../fuzz/seeds/cvss/4.txt"),
];

const STANCES: [&str; 2] = [
    include_str!("../../../../fuzz/seeds/vex/1.json"),
    include_str!("../../../../fuzz/seeds/vex/2.json"),
];

/// Two versions and a range, a line each.
const VERSIONS: [&str; 8] = [
    include_str!("../../../../fuzz/seeds/version/1.txt"),
    include_str!("../../../../fuzz/seeds/version/2.txt"),
    include_str!("../../../../fuzz/seeds/version/3.txt"),
    include_str!("../../../../fuzz/seeds/version/4.txt"),
    include_str!("../../../../fuzz/seeds/version/5.txt"),
    include_str!("../../../../fuzz/seeds/version/6.txt"),
    include_str!("../../../../fuzz/seeds/version/7.txt"),
    include_str!("../../../../fuzz/seeds/version/8.txt"),
];

const URLS: [&str; 3] = [
    include_str!("../../../../fuzz/seeds/purl/1.txt"),
    include_str!("../../../../fuzz/seeds/purl/2.txt"),
    include_str!("../../../../fuzz/seeds/purl/3.txt"),
];

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "statement", corpus: bytes(&STATEMENTS), read: Box::new(read_statement) },
        Target { name: "predicate", corpus: bytes(&PREDICATES), read: Box::new(read_predicate) },
        Target { name: "sbom", corpus: bytes(&BILLS), read: Box::new(read_bill) },
        Target { name: "report", corpus: bytes(&REPORTS), read: Box::new(read_report) },
        Target { name: "cvss", corpus: bytes(&VECTORS), read: Box::new(read_vector) },
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

/// A score lies between 0 and 10, on the scale's steps, and white space around a vector says nothing.
fn read_vector(bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    let Some(score) = Score::of_vector(text) else { return Ok(()) };
    let tenths = score.base * 10.0;
    if !(0.0..=100.0).contains(&tenths) || (tenths - tenths.round()).abs() > 1e-6 {
        return Err(format!("a score of {}", score.base));
    }
    match Score::of_vector(&format!(" {text}\n")) {
        Some(again) if again == score => Ok(()),
        again => Err(format!("{score:?}, and {again:?} with white space around it")),
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
        let holds = |range: &VersionRange| range.contains(&left);
        if range.as_ref().map(holds) != range.as_ref().map(holds) {
            return Err("a range that changes its mind".to_owned());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_documents_are_good() {
        for text in STATEMENTS {
            Statement::read(text.as_bytes()).unwrap();
        }
        Provenance::read(PREDICATES[0]).unwrap();
        Provenance::read(PREDICATES[1]).unwrap();
        VerificationSummary::read(PREDICATES[2]).unwrap();
        TestResult::read(PREDICATES[3]).unwrap();
        for text in BILLS {
            assert!(!Sbom::read(text.as_bytes()).unwrap().packages.is_empty(), "{text}");
        }
        for text in REPORTS {
            assert_eq!(Report::read(text.as_bytes()).unwrap().findings.len(), 1, "{text}");
        }
        for text in RECORDS {
            assert_eq!(Record::read(text.as_bytes()).unwrap().affected.len(), 1, "{text}");
        }
        for text in STANCES {
            assert_eq!(Document::read(text.as_bytes()).unwrap().statements.len(), 1, "{text}");
        }
        for text in VECTORS {
            assert!(Score::of_vector(text).is_some(), "{text}");
        }
        for text in URLS {
            text.parse::<Purl>().unwrap();
        }
    }
}
