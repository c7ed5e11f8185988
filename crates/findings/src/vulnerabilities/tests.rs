//! Reports of every scanner, by themselves and in predicates.

use super::*;

const GRYPE: &str = r#"{
  "matches": [
    {"vulnerability": {"id": "GHSA-jfh8-c2jp-5v3q", "dataSource": "https://github.com/advisories/GHSA-jfh8-c2jp-5v3q",
      "severity": "Critical", "urls": ["https://github.com/advisories/GHSA-jfh8-c2jp-5v3q"], "description": "Remote code",
      "cvss": [{"version": "3.1", "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "metrics": {"baseScore": 10}}],
      "fix": {"versions": ["2.15.0"], "state": "fixed"}},
     "relatedVulnerabilities": [{"id": "CVE-2021-44228", "cvss": [{"vector": "nonsense", "metrics": {"baseScore": 9.3}}]}],
     "artifact": {"name": "log4j-core", "version": "2.14.1", "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}},
    {"vulnerability": {"id": "CVE-2005-2541", "severity": "Negligible", "fix": {"versions": [], "state": "wont-fix"}},
     "artifact": {"name": "tar", "version": "1.34"}},
    {"vulnerability": 5}
  ],
  "descriptor": {"name": "grype", "version": "0.74.0", "timestamp": "2026-11-24T09:30:00Z",
    "db": {"status": {"built": "2026-11-24T01:00:00Z", "schemaVersion": "v6.0.2"}}}
}"#;

const TRIVY: &str = r#"{
  "SchemaVersion": 2, "CreatedAt": "2026-11-24T09:30:00.5+01:00", "ArtifactName": "a", "Trivy": {"Version": "0.50.0"},
  "Results": [
    {"Target": "a", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [
      {"VulnerabilityID": "CVE-2023-0464", "VendorIDs": ["DSA-5417-1"], "PkgName": "libssl3",
       "PkgIdentifier": {"PURL": "pkg:deb/debian/libssl3@3.0.8-1?distro=debian-12"}, "InstalledVersion": "3.0.8-1",
       "FixedVersion": "3.0.9-1, 3.1.0", "Status": "fixed", "Severity": "HIGH", "Title": "openssl: loop",
       "CVSS": {"nvd": {"V2Vector": "AV:N/AC:L/Au:N/C:P/I:P/A:P", "V3Score": 7.5, "V2Score": 7.4}},
       "PrimaryURL": "https://avd.aquasec.com/nvd/cve-2023-0464", "References": ["https://example.test/1"]},
      {"VulnerabilityID": "CVE-1", "PkgName": "a", "Status": "will_not_fix", "Severity": "LOW"},
      {"VulnerabilityID": "CVE-2", "PkgName": "b", "Status": "affected", "Severity": "UNKNOWN"},
      {"VulnerabilityID": "CVE-3", "PkgName": "c", "Status": "not_affected"}]},
    {"Target": "b", "Class": "lang-pkgs"}
  ]
}"#;

const SNYK: &str = r#"{"vulnerabilities": [
  {"id": "SNYK-JS-A-1", "identifiers": {"CVE": ["CVE-2020-1"], "CWE": ["CWE-79"], "GHSA": ["GHSA-x"]}, "title": "Injection",
   "CVSSv3": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "severity": "critical", "packageName": "a",
   "version": "1.0.0", "fixedIn": ["1.0.1"], "references": [{"url": "https://example.test/2"}]}],
  "ok": false, "packageManager": "npm"}"#;

const SARIF: &str = r#"{"version": "2.1.0", "runs": [{
  "tool": {"driver": {"name": "Grype", "version": "0.74.0", "rules": [
    {"id": "CVE-2021-44228-log4j-core", "shortDescription": {"text": "CVE-2021-44228 critical"}, "helpUri": "https://example.test/3",
     "properties": {"security-severity": "10.0", "purls": ["pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"]}},
    {"id": "CVE-2023-0464"}]}},
  "invocations": [{"startTimeUtc": "2026-11-24T09:30:00Z"}],
  "results": [
    {"ruleId": "CVE-2021-44228-log4j-core", "level": "error", "message": {"text": "A critical vulnerability"}},
    {"ruleId": "CVE-2023-0464", "level": "warning",
     "message": {"text": "Package: libssl3\nInstalled Version: 3.0.8-1\nVulnerability CVE-2023-0464\nSeverity: HIGH\nFixed Version: 3.0.9-1\nLink: x"}},
    {"ruleId": "CVE-9", "level": "note"}, {}]}]}"#;

fn read(text: &str) -> Report {
    Report::read(text.as_bytes()).unwrap()
}

fn predicate(result: &str) -> String {
    format!(
        r#"{{"invocation": {{"uri": ""}}, "scanner": {{"uri": "pkg:github/acme/TRIVY@1", "version": "0.19.2",
        "db": {{"uri": "ghcr.io/acme/db", "version": "2", "lastUpdate": "2026-11-23T00:00:00Z"}}, "result": {result}}},
        "metadata": {{"scanStartedOn": "2026-11-24T09:00:00Z", "scanFinishedOn": "2026-11-24T09:01:00Z"}}}}"#
    )
}

#[test]
fn grype_is_read() {
    let report = read(GRYPE);
    assert_eq!(report.scanner.as_deref(), Some("grype"));
    assert!(report.database.built_at.is_some() && report.finished_at.is_some());
    assert_eq!(report.findings.len(), 2);
    let log4j = &report.findings[0];
    assert!(log4j.is_known_as("cve-2021-44228"));
    assert_eq!(log4j.score(), Some(10.0));
    assert_eq!(
        (log4j.fix.state, log4j.fix.versions.as_slice()),
        (FixState::Fixed, &["2.15.0".to_owned()][..])
    );
    assert_eq!(log4j.urls.len(), 1);
    assert_eq!(report.findings[1].fix.state, FixState::WontFix);
    assert_eq!(report.findings[1].severity, Severity::Negligible);
}

#[test]
fn trivy_is_read() {
    let report = read(TRIVY);
    assert_eq!(
        (report.scanner.as_deref(), report.scanner_version.as_deref()),
        (Some("Trivy"), Some("0.50.0"))
    );
    let states: Vec<FixState> = report.findings.iter().map(|each| each.fix.state).collect();
    assert_eq!(states, [FixState::Fixed, FixState::WontFix, FixState::NotFixed]);
    let openssl = &report.findings[0];
    assert_eq!(openssl.fix.versions, ["3.0.9-1", "3.1.0"]);
    assert_eq!(openssl.score(), Some(7.5));
    assert_eq!(openssl.aliases, ["DSA-5417-1"]);
    assert!(openssl.purl.is_some());
}

#[test]
fn trivy_without_findings_is_a_clean_report() {
    for text in
        [r#"{"SchemaVersion":2,"ArtifactName":"a"}"#, r#"{"SchemaVersion":2,"Results":null}"#]
    {
        let report = read(text);
        assert!(report.findings.is_empty() && report.problems.is_empty());
    }
}

#[test]
fn snyk_is_read_with_one_project_or_several() {
    for (text, n) in [(SNYK.to_owned(), 1), (format!("[{SNYK},{SNYK}]"), 2)] {
        let report = read(&text);
        assert_eq!(report.findings.len(), n);
        let finding = &report.findings[0];
        assert_eq!(finding.aliases, ["CVE-2020-1", "GHSA-x"]);
        assert_eq!(finding.score(), Some(9.8));
        assert_eq!(finding.fix.versions, ["1.0.1"]);
    }
}

#[test]
fn sarif_is_read_as_grype_and_trivy_write_it() {
    let report = read(SARIF);
    assert_eq!(report.findings.len(), 3);
    let log4j = &report.findings[0];
    assert_eq!(log4j.id, "CVE-2021-44228");
    assert_eq!(log4j.package, "org.apache.logging.log4j:log4j-core");
    assert_eq!((log4j.severity, log4j.version.as_deref()), (Severity::Critical, Some("2.14.1")));
    let openssl = &report.findings[1];
    assert_eq!((openssl.id.as_str(), openssl.package.as_str()), ("CVE-2023-0464", "libssl3"));
    assert_eq!((openssl.severity, openssl.fix.state), (Severity::High, FixState::Fixed));
    assert_eq!(report.findings[2].severity, Severity::Low);
}

#[test]
fn a_predicate_holds_any_of_them() {
    for (result, n) in [(GRYPE, 2), (TRIVY, 3), (SNYK, 1), (SARIF, 3)] {
        let report = read(&predicate(result));
        assert_eq!(report.findings.len(), n);
        assert_eq!(report.scanner_version.as_deref(), Some("0.19.2"));
        assert_eq!(report.database.uri.as_deref(), Some("ghcr.io/acme/db"));
        assert!(report.started_at < report.finished_at);
    }
    let plain = r#"[{"id": "CVE-1", "severity": [{"method": "CVSS_V3", "score": "7.5"}]}]"#;
    let report = read(&predicate(plain));
    assert_eq!(
        (report.findings[0].severity, report.scanner.as_deref()),
        (Severity::High, Some("Trivy"))
    );
}

#[test]
fn a_result_that_is_none_leaves_the_rest() {
    for result in ["null", "5", "{}", "\"text\"", &predicate("{}")] {
        let report = read(&predicate(result));
        assert!(report.findings.is_empty());
        assert_eq!(report.problems.count(), 1, "{result}");
        assert!(report.finished_at.is_some());
    }
}

#[test]
fn too_many_findings_are_told() {
    let one = r#"{"vulnerability":{"id":"CVE-1"}},"#;
    let text = format!(r#"{{"matches":[{}{{}}]}}"#, one.repeat(MOST_FINDINGS + 10));
    let report = read(&text);
    assert_eq!(report.findings.len(), MOST_FINDINGS);
    assert_eq!(report.problems.count(), 1);
}

#[test]
fn what_is_no_report_says_what_would_be_one() {
    for text in ["{}", "", "5", "{\"matches\":[", "{\"scanner\":1}"] {
        assert!(Report::read(text.as_bytes()).is_err(), "{text}");
    }
}
