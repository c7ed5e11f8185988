//! Records as databases write them, and packages held against them.

use super::*;
use crate::sbom::Sbom;

const LOG4J: &str = r#"{
  "id": "GHSA-jfh8-c2jp-5v3q", "aliases": ["CVE-2021-44228"], "summary": "Remote code injection in Log4j",
  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/E:H"}],
  "affected": [
    {"package": {"ecosystem": "Maven", "name": "org.apache.logging.log4j:log4j-core"},
     "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2.13.0"}, {"fixed": "2.15.0"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.12.2"}]},
                {"type": "GIT", "events": [{"introduced": "0"}]}],
     "versions": ["2.14.1", "2.0-beta9", "2.99-odd"]}]
}"#;

const OPENSSL: &str = r#"{
  "id": "DEBIAN-CVE-2023-0464", "upstream": ["CVE-2023-0464"], "details": "A loop.\nMore of it.",
  "affected": [
    {"package": {"ecosystem": "Debian:12", "name": "openssl"},
     "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.9-1"}]}],
     "ecosystem_specific": {"urgency": "low"}},
    {"package": {"ecosystem": "Debian:11", "name": "openssl"},
     "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]
}"#;

const NPM: &str = r#"{
  "id": "MAL-1", "affected": [{"package": {"ecosystem": "npm", "name": "@acme/evil"}, "versions": ["1.0.1", "weird"]}],
  "database_specific": {"severity": "MODERATE"}
}"#;

fn database() -> Database {
    let mut builder = Builder::new();
    for text in [LOG4J, OPENSSL, NPM] {
        builder.add(Record::read(text.as_bytes()).unwrap()).unwrap();
    }
    builder.finish()
}

fn found(purl: &str) -> Vec<(String, Option<String>)> {
    let database = database();
    let matches = database.find(&purl.parse().unwrap(), None);
    matches.iter().map(|each| (each.id().to_owned(), each.fixed().map(str::to_owned))).collect()
}

#[test]
fn records_say_how_bad_it_is() {
    let read = |text: &str| Record::read(text.as_bytes()).unwrap();
    assert_eq!(read(LOG4J).severity, Severity::Critical);
    assert_eq!(read(LOG4J).score.unwrap().base.to_string(), "10");
    assert_eq!(read(OPENSSL).severity, Severity::Low);
    assert_eq!(read(OPENSSL).summary.as_deref(), Some("A loop."));
    assert_eq!(read(NPM).severity, Severity::Medium);
    let ubuntu = r#"{"id":"U","severity":[{"type":"Ubuntu","score":"high"}]}"#;
    assert_eq!(read(ubuntu).severity, Severity::High);
}

#[test]
fn versions_in_a_span_are_not_kept_twice() {
    let record = Record::read(LOG4J.as_bytes()).unwrap();
    assert_eq!(record.affected[0].versions, ["2.99-odd"]);
}

#[test]
fn packages_are_found_by_their_urls() {
    let core = "pkg:maven/org.apache.logging.log4j/log4j-core";
    let log4j =
        |fixed: Option<&str>| vec![("GHSA-jfh8-c2jp-5v3q".to_owned(), fixed.map(str::to_owned))];
    assert_eq!(found(&format!("{core}@2.14.1")), log4j(Some("2.15.0")));
    assert_eq!(found(&format!("{core}@2.0-beta9")), log4j(Some("2.12.2")));
    assert_eq!(found(&format!("{core}@2.99-odd")), log4j(None));
    for version in ["2.15.0", "2.12.2", "2.12.4"] {
        assert_eq!(found(&format!("{core}@{version}")), [], "{version}");
    }
    assert_eq!(found(core), []);
    assert_eq!(found("pkg:npm/%40acme/evil@1.0.1").len(), 1);
    assert_eq!(found("pkg:npm/%40acme/evil@1.0.2"), []);
}

#[test]
fn packages_of_distributions_are_found_by_their_source() {
    let libssl = |version: &str, distro: &str| {
        found(&format!("pkg:deb/debian/libssl3@{version}?distro={distro}&upstream=openssl"))
    };
    assert_eq!(libssl("3.0.8-1", "debian-12")[0].1.as_deref(), Some("3.0.9-1"));
    assert_eq!(libssl("3.0.9-1", "debian-12"), []);
    assert_eq!(libssl("3.0.9-1", "debian-11").len(), 1);
    assert_eq!(libssl("3.0.8-1", "debian-13"), []);
    let other_version = "pkg:deb/debian/b@9-1?distro=debian-12&upstream=openssl%403.0.8-1";
    assert_eq!(found(other_version).len(), 1);
    let both = "pkg:deb/debian/openssl@3.0.8-1?distro=debian-12&upstream=openssl";
    assert_eq!(found(both).len(), 1);
}

#[test]
fn a_bill_of_materials_is_held_against_all_of_it() {
    let text = r#"{"bomFormat":"CycloneDX","components":[
        {"type":"operating-system","name":"debian","version":"12.5"},
        {"type":"library","name":"openssl","version":"3.0.8-1","purl":"pkg:deb/debian/openssl@3.0.8-1"},
        {"type":"library","name":"log4j-core","version":"2.14.1",
         "purl":"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"},
        {"type":"library","name":"unknown"},
        {"type":"library","name":"broken","purl":"pkg:"}]}"#;
    let found = database().find_all(&Sbom::read(text.as_bytes()).unwrap());
    assert!(found.is_complete);
    let found = found.findings;
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].fix.versions, ["3.0.9-1"]);
    assert!(found[1].is_known_as("CVE-2021-44228"));
}

#[test]
fn a_fix_is_known_missing_or_unknown() {
    use model::vulnerabilities::FixState;
    let database = database();
    for (purl, state) in [
        ("pkg:deb/debian/openssl@3.0.8-1?distro=debian-12", FixState::Fixed),
        ("pkg:deb/debian/openssl@3.0.8-1?distro=debian-11", FixState::NotFixed),
        ("pkg:npm/%40acme/evil@1.0.1", FixState::Unknown),
    ] {
        let found = database.find(&purl.parse().unwrap(), None);
        assert_eq!(found[0].fix_state(), state, "{purl}");
    }
}

#[test]
fn bills_that_are_made_to_cost_end_at_a_limit() {
    let package = r#"{"name":"evil","purl":"pkg:npm/%40acme/evil@1.0.1"},"#;
    let bill = format!(r#"{{"bomFormat":"CycloneDX","components":[{}5]}}"#, package.repeat(100));
    let bill = Sbom::read(bill.as_bytes()).unwrap();
    // One entry and two listed versions are three comparisons a package.
    let found = database().find_all_within(&bill, 30);
    assert_eq!((found.findings.len(), found.is_complete), (10, false));
    let found = database().find_all_within(&bill, 300);
    assert_eq!((found.findings.len(), found.is_complete), (100, true));
}

#[test]
fn withdrawn_records_are_not_kept_and_odd_ones_do_no_harm() {
    let mut builder = Builder::new();
    for text in [
        r#"{"id":"A","withdrawn":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"}}]}"#,
        r#"{"id":"B","affected":[{"package":"a"},{"package":{"name":"a"}},5]}"#,
        r#"{"id":"C","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{}]}]}]}"#,
    ] {
        builder.add(Record::read(text.as_bytes()).unwrap()).unwrap();
    }
    let database = builder.finish();
    assert_eq!(database.n_records(), 1);
    assert!(database.find(&"pkg:npm/a@1.0.0".parse().unwrap(), None).is_empty());
    for text in ["{}", "[]", "{\"id\":", r#"{"id":{}}"#] {
        assert!(Record::read(text.as_bytes()).is_err(), "{text}");
    }
}
