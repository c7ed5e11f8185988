//! Statements of both formats, and what they take away.

use super::*;
use crate::vulnerabilities::Vulnerability;

const DIGEST: &str = "5504f2a95018e3d8a52d80d9e1a128c6ea337581808ff9fe96f5628ce2336350";
const IMAGE: Image<'_> = Image { sha256: DIGEST, repository: "ghcr.io/acme/api" };

fn openvex(statements: &str) -> Document {
    let text = format!(
        r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://acme.test/vex/1", "author": "Acme",
        "timestamp": "2026-11-24T09:30:00Z", "version": 1, "statements": [{statements}]}}"#
    );
    Document::read(text.as_bytes()).unwrap()
}

fn finding(id: &str, purl: &str) -> Vulnerability {
    Vulnerability {
        id: id.to_owned(),
        aliases: vec!["CVE-2021-44228".to_owned()],
        purl: Some(purl.to_owned()),
        ..Vulnerability::default()
    }
}

const LOG4J: &str = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1";

/// The status that counts for a finding in log4j.
fn status(document: &Document) -> Option<Status> {
    let findings = [finding("GHSA-jfh8-c2jp-5v3q", LOG4J)];
    let judged = apply(&findings, &document.statements, IMAGE);
    judged[0].statement.map(|statement| statement.status)
}

#[test]
fn openvex_is_read_in_both_its_forms() {
    let new = openvex(
        r#"{"vulnerability": {"name": "CVE-1", "aliases": ["GHSA-1"]}, "status": "not_affected",
        "justification": "vulnerable_code_not_present", "impact_statement": "not built in",
        "products": [{"@id": "pkg:oci/api@sha256%3Aab", "hashes": {"sha-256": "AB"},
          "subcomponents": [{"@id": "pkg:npm/a@1.0.0"}, "pkg:npm/b"]}]}"#,
    );
    let statement = &new.statements[0];
    assert_eq!(statement.vulnerability, ["CVE-1", "GHSA-1"]);
    assert_eq!(statement.products[0].parts.len(), 2);
    assert_eq!(statement.products[0].sha256, ["ab"]);
    assert_eq!(statement.justification.as_deref(), Some("vulnerable_code_not_present"));
    assert!(statement.at.is_some(), "the document's time stands in");
    let old =
        openvex(r#"{"vulnerability": "CVE-1", "status": "fixed", "products": ["pkg:npm/a"]}"#);
    assert_eq!(old.statements[0].vulnerability, ["CVE-1"]);
    assert_eq!(old.statements[0].products[0].purls[0].name(), "a");
}

#[test]
fn a_statement_counts_where_it_names_the_image_or_the_package() {
    let oci = format!("pkg:oci/api@sha256%3A{DIGEST}?repository_url=ghcr.io/acme");
    let by_digest = format!("pkg:oci/api@sha256%3A{DIGEST}");
    let reference = format!("ghcr.io/acme/api@sha256:{DIGEST}");
    let foreign = format!("ghcr.io/evil/api@sha256:{DIGEST}");
    for (product, counts) in [
        (oci.as_str(), true),
        (&by_digest, true),
        ("pkg:oci/api?repository_url=ghcr.io/acme/api&tag=v1", true),
        (&reference, true),
        (LOG4J, true),
        ("pkg:maven/org.apache.logging.log4j/log4j-core", true),
        ("pkg:oci/api", false),
        ("pkg:oci/api@sha256%3A00", false),
        ("pkg:oci/api?repository_url=ghcr.io/evil", false),
        (&foreign, false),
        ("pkg:maven/org.apache.logging.log4j/log4j-core@2.15.0", false),
        ("pkg:npm/log4j-core", false),
    ] {
        let document = openvex(&format!(
            r#"{{"vulnerability": {{"name": "cve-2021-44228"}}, "status": "not_affected",
            "products": [{{"@id": "{product}"}}]}}"#
        ));
        assert_eq!(status(&document).is_some(), counts, "{product}");
    }
}

#[test]
fn parts_narrow_what_is_meant() {
    for (part, counts) in [(LOG4J, true), ("pkg:npm/other", false)] {
        let document = openvex(&format!(
            r#"{{"vulnerability": {{"name": "CVE-2021-44228"}}, "status": "not_affected",
            "products": [{{"@id": "x", "hashes": {{"sha-256": "{DIGEST}"}}, "subcomponents": [{{"@id": "{part}"}}]}}]}}"#
        ));
        assert_eq!(status(&document).is_some(), counts, "{part}");
    }
}

#[test]
fn the_latest_statement_counts_and_nothing_is_lost() {
    let say = |status: &str, day: u8| {
        format!(
            r#"{{"vulnerability": {{"name": "CVE-2021-44228"}}, "status": "{status}",
            "timestamp": "2026-11-{day:02}T00:00:00Z", "products": ["{LOG4J}"]}}"#
        )
    };
    let affected_last = openvex(&format!("{},{}", say("affected", 20), say("not_affected", 10)));
    assert_eq!(status(&affected_last), Some(Status::Affected));
    let same_day = openvex(&format!("{},{}", say("affected", 10), say("fixed", 10)));
    assert_eq!(status(&same_day), Some(Status::Fixed));
    let findings = [finding("GHSA-jfh8-c2jp-5v3q", LOG4J), Vulnerability::default()];
    let judged = apply(&findings, &same_day.statements, IMAGE);
    assert_eq!(judged.iter().map(Judged::is_suppressed).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn cyclonedx_is_read_by_its_references() {
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"timestamp": "2026-11-24T09:30:00Z"},
      "components": [{"bom-ref": "log4j", "type": "library", "name": "log4j-core",
        "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}],
      "vulnerabilities": [
        {"id": "CVE-2021-44228", "references": [{"id": "GHSA-jfh8-c2jp-5v3q"}], "affects": [{"ref": "log4j"}],
         "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "no lookups"}},
        {"id": "CVE-2", "affects": [{"ref": "urn:cdx:3e671687/1#pkg:npm/a@1.0.0"}], "analysis": {"state": "exploitable"}},
        {"id": "CVE-3", "affects": [{"ref": "log4j"}]}]}"#;
    let document = Document::read(text.as_bytes()).unwrap();
    assert_eq!(document.statements.len(), 2, "what is not analysed is no statement");
    assert_eq!(status(&document), Some(Status::NotAffected));
    assert_eq!(document.statements[0].explanation.as_deref(), Some("no lookups"));
    assert_eq!(document.statements[1].status, Status::Affected);
    assert_eq!(document.statements[1].products[0].purls[0].name(), "a");
}

#[test]
fn what_is_no_vex_says_what_would_be_one() {
    for text in ["", "{}", "[]", "{\"statements\":["] {
        assert!(Document::read(text.as_bytes()).is_err(), "{text}");
    }
    let odd = openvex(
        r#"5, {}, {"vulnerability": {}}, {"vulnerability": "A", "products": [5, null, {}], "status": "odd"}"#,
    );
    assert_eq!(odd.statements.len(), 1);
    assert_eq!(odd.statements[0].status, Status::UnderInvestigation);
}
