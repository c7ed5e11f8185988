//! SARIF 2.1.0, as scanners write it.
//!
//! Source: docs.oasis-open.org/sarif. SARIF knows rules and places, no packages: Grype gives their
//! purls with the rule, Trivy their names in the message; where neither is found the package is
//! left open.

use std::collections::HashMap;

use model::vulnerabilities::Severity;
use serde::Deserialize;

use super::{Fix, LONGEST_REPORT, READ_FINDINGS, Report, Vulnerability};
use crate::problem::Unreadable;
use crate::severity::{self, Score};
use crate::tolerant::{self, Many, One, Text};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Written {
    runs: Many<One<Run>, 100>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Run {
    tool: One<Tool>,
    results: Many<One<Finding>, READ_FINDINGS>,
    invocations: Many<One<Invocation>, 10>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tool {
    driver: One<Driver>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Driver {
    name: Text,
    version: Text,
    semantic_version: Text,
    rules: Many<One<Rule>, READ_FINDINGS>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Rule {
    id: Text,
    short_description: One<Message>,
    full_description: One<Message>,
    help_uri: Text,
    properties: One<Properties>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Properties {
    #[serde(rename = "security-severity")]
    score: Text,
    purls: Many<Text, 20>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Message {
    text: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Finding {
    rule_id: Text,
    rule_index: Text,
    rule: One<RuleReference>,
    level: Text,
    message: One<Message>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RuleReference {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Invocation {
    start_time_utc: Text,
    end_time_utc: Text,
}

pub(super) fn read(bytes: &[u8]) -> Result<Report, Unreadable> {
    let written: Written = tolerant::read(bytes, LONGEST_REPORT)?;
    let mut report = Report::default();
    for run in written.runs.objects() {
        for invocation in run.invocations.objects() {
            report.started_at = report.started_at.or_else(|| invocation.start_time_utc.time());
            report.finished_at = invocation.end_time_utc.time().or(report.finished_at);
        }
        let driver = run.tool.0.and_then(|tool| tool.driver.0).unwrap_or_default();
        report.scanner = report.scanner.or_else(|| driver.name.take());
        let version = driver.semantic_version.take().or_else(|| driver.version.take());
        report.scanner_version = report.scanner_version.or(version);
        let rules = driver.rules.objects();
        let mut ids = Vec::new();
        let mut told = HashMap::new();
        for rule in rules {
            let id = rule.id.as_str().unwrap_or_default().to_owned();
            ids.push(id.clone());
            told.insert(id, Told::new(rule));
        }
        let rules = Rules { ids, told };
        report.take(run.results.objects().filter_map(|finding| finding.finding(&rules)));
    }
    Ok(report)
}

/// A run's rules, by id and by place.
struct Rules {
    ids: Vec<String>,
    told: HashMap<String, Told>,
}

/// What a rule tells of each of its findings.
struct Told {
    title: Option<String>,
    description: Option<String>,
    url: Option<String>,
    score: Option<f64>,
    purl: Option<String>,
}

impl Told {
    fn new(rule: Rule) -> Self {
        let properties = rule.properties.0.unwrap_or_default();
        Self {
            title: rule.short_description.0.and_then(|message| message.text.take()),
            description: rule.full_description.0.and_then(|message| message.text.take()),
            url: rule.help_uri.take(),
            score: properties.score.number(),
            purl: properties.purls.texts().next(),
        }
    }
}

impl Finding {
    fn finding(self, rules: &Rules) -> Option<Vulnerability> {
        let place = self.rule_index.as_str().and_then(|place| place.parse::<usize>().ok());
        let rule_id = self.rule_id.take();
        let rule_id = rule_id.or_else(|| self.rule.0.and_then(|rule| rule.id.take()));
        let rule_id = rule_id.or_else(|| rules.ids.get(place?).cloned())?;
        let told = rules.told.get(&rule_id);
        let message = self.message.0.and_then(|message| message.text.take()).unwrap_or_default();
        let line = |name: &str| {
            let mut values = message.lines().filter_map(|line| line.strip_prefix(name));
            values.next().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let purl = told.and_then(|told| told.purl.clone());
        let parsed = purl.as_deref().and_then(|purl| purl.parse::<crate::purl::Purl>().ok());
        let of_purl = parsed.as_ref().map(crate::purl::Purl::full_name);
        let version_of_purl = parsed.and_then(|purl| purl.version().map(str::to_owned));
        let severity = line("Severity:").map(|word| severity::of_word(&word));
        let score = told.and_then(|told| told.score);
        // The level is the last resort: it says how loud to be, not how bad it is.
        let level = match self.level.as_str() {
            Some("error") if score.is_none() => Severity::High,
            Some("warning") if score.is_none() => Severity::Medium,
            Some("note") if score.is_none() => Severity::Low,
            Some(_) | None => Severity::Unknown,
        };
        // Grype makes ids of rules from id and package: CVE-2021-44228-log4j-core.
        let package = line("Package:").or(of_purl).unwrap_or_default();
        let short = package.rsplit([':', '/']).next().unwrap_or_default();
        let id = rule_id.strip_suffix(&format!("-{short}")).filter(|_| !short.is_empty());
        Some(Vulnerability {
            id: line("Vulnerability").unwrap_or_else(|| id.unwrap_or(&rule_id).to_owned()),
            severity: severity.unwrap_or(level),
            scores: Score::of(None, score).into_iter().collect(),
            version: line("Installed Version:").or(version_of_purl),
            fix: Fix {
                versions: line("Fixed Version:").map_or_else(Vec::new, |versions| {
                    versions.split(',').map(|each| each.trim().to_owned()).collect()
                }),
                ..Fix::default()
            },
            title: told.and_then(|told| told.title.clone()),
            description: told.and_then(|told| told.description.clone()),
            urls: told.and_then(|told| told.url.clone()).into_iter().collect(),
            package,
            purl,
            ..Vulnerability::default()
        })
    }
}
