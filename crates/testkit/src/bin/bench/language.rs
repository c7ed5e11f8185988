//! The policy language: how fast texts are checked, and policies in CUE and Rego judged, on one
//! core.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use evaluator::{Candidate, CompiledPolicy, Documents, Question, References, Subject, judge};
use model::digest::Digest;
use model::evidence::{
    AttestationFact, CertificateIdentity, Evidence, Gathered, SignatureFact, Signer, Verification,
};
use model::image::Image;
use model::timestamp::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const SPEC: &str = r#"{"containers":[{"name":"api","image":"ghcr.io/acme/api","securityContext":
{"privileged":false,"runAsNonRoot":true,"capabilities":{"drop":["ALL"]}},"resources":{},"env":[]},
{"name":"side","image":"ghcr.io/acme/side","securityContext":{"privileged":false}}],
"hostNetwork":false,"serviceAccountName":"api","volumes":[{"name":"a","emptyDir":{}}]}"#;

pub(crate) fn run() -> Result<()> {
    checking()?;
    let workload = |language: &str, data: &str| {
        let policy = format!(
            "{}  authorities: [{{static: {{action: pass}}}}]\n  policy:\n    type: {language}\n    \
             includeSpec: true\n    data: |\n{data}",
            head()
        );
        over_workload(&policy)
    };
    let cue = "      spec: {\n        hostNetwork: false\n        containers: [...{securityContext: \
               privileged: false}]\n      }\n";
    let rego = "      package sigstore\n      privileged[c] { c := input.spec.containers[_]; \
                c.securityContext.privileged }\n      isCompliant { count(privileged) == 0; not \
                input.spec.hostNetwork }\n";
    tell("CUE policies over a workload judged a second", "≥ 20,000", workload("cue", cue)?);
    tell("Rego policies over a workload judged a second", "≥ 20,000", workload("rego", rego)?);
    let rule = |language: &str, data: &str| {
        format!(
            "{}  authorities:\n  - name: ci\n    keyless: {{identities: [{{issuer: i, subject: \
             s}}]}}\n    attestations:\n    - name: sbom\n      predicateType: \
             https://spdx.dev/Document\n      policy:\n        type: {language}\n        data: |\n{data}",
            head()
        )
    };
    let cue = rule(
        "cue",
        "          predicate: packages: [...{name: !~\"^log4j\", versionInfo: string}]\n",
    );
    let rego = rule(
        "rego",
        "          package sigstore\n          isCompliant { count([p | p := \
         input.predicate.packages[_]; startswith(p.name, \"log4j\")]) == 0 }\n",
    );
    for (language, text) in [("CUE", &cue), ("Rego", &rego)] {
        let (shared, converted) = over_predicate(text, 1_000)?;
        let figure = format!(
            "{language} policies over a 100 KB predicate judged a second, converted before"
        );
        tell(&figure, "≥ 2,000", shared);
        tell(&format!("{language}, with conversion"), "≥ 150", converted);
    }
    large(&cue)
}

fn head() -> &'static str {
    "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: p}\nspec:\n  \
     images: [{glob: '**'}]\n"
}

fn tell(figure: &str, aim: &str, a_second: f64) {
    crate::row(figure, aim, &format!("{a_second:.0}"));
}

fn image() -> Result<Image> {
    Ok(format!("ghcr.io/acme/api@{}", Digest::of(b"image")).parse()?)
}

fn compiled(text: &str) -> Result<CompiledPolicy> {
    let parsed = evaluator::check(text);
    let document = parsed.document.with_context(|| format!("{text}\n{:?}", parsed.diagnostics))?;
    let policy = document.only_policy().ok().context("one policy")?.clone();
    Ok(CompiledPolicy::new(policy, &References::beside(&document)))
}

/// How often something is done in a second of a core.
fn rate(mut work: impl FnMut()) -> Result<f64> {
    let (started, before) = (Instant::now(), crate::process::own_time()?);
    let mut n_done = 0_u32;
    while started.elapsed() < Duration::from_secs(2) {
        work();
        n_done += 1;
    }
    Ok(f64::from(n_done) / crate::process::own_time()?.saturating_sub(before).as_secs_f64())
}

fn over_workload(text: &str) -> Result<f64> {
    let (policy, image, labels) = (compiled(text)?, image()?, BTreeMap::new());
    let (evidence, documents) = (Evidence::default(), Documents::default());
    let subject = Subject {
        api_version: "v1",
        kind: "Pod",
        labels: &labels,
        spec: Some(SPEC),
        metadata: Some("{}"),
    };
    let question = Question {
        candidate: Candidate::Admitted(&image),
        subject: Some(subject),
        evidence: &evidence,
        documents: &documents,
        now: NOW,
    };
    rate(|| drop(black_box(judge(&policy, &question))))
}

fn sbom(n_packages: u32) -> String {
    let mut packages = String::new();
    for number in 0..n_packages {
        let comma = if number == 0 { "" } else { "," };
        // Writing to a text cannot fail.
        let _ = write!(
            packages,
            r#"{comma}{{"SPDXID":"SPDXRef-{number}","name":"package-{number}","versionInfo":"1.{number}.0","downloadLocation":"NOASSERTION"}}"#
        );
    }
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","subject":[],"predicate":{{"spdxVersion":"SPDX-2.3","packages":[{packages}]}}}}"#
    )
}

fn attested(policy: &CompiledPolicy, statement: String) -> Evidence {
    let identity = CertificateIdentity {
        issuer: "i".to_owned(),
        subjects: vec!["s".to_owned()],
        ..CertificateIdentity::default()
    };
    let verification = Verification::accepted(Signer::Certificate { identity });
    let layer = Digest::of(statement.as_bytes());
    let signature = SignatureFact { layer, id: String::new(), verification, recheck_at: None };
    let value = vec![AttestationFact { signature, statement }];
    let mut evidence = Evidence::default();
    for need in policy.plan_for_covered().attestations {
        evidence.attestations.insert(need.key(), Gathered::Found { value: value.clone() });
    }
    evidence
}

/// With the statement converted before, and with its conversion each time.
fn over_predicate(text: &str, n_packages: u32) -> Result<(f64, f64)> {
    let (policy, image) = (compiled(text)?, image()?);
    let evidence = attested(&policy, sbom(n_packages));
    let documents = Documents::default();
    let question = |documents: &Documents| {
        let candidate = Candidate::Admitted(&image);
        let question =
            Question { candidate, subject: None, evidence: &evidence, documents, now: NOW };
        black_box(judge(&policy, &question))
    };
    let verdict = question(&documents).context("covered")?;
    anyhow::ensure!(verdict.outcome == model::verdict::Outcome::Pass, "{verdict:?}");
    let shared = rate(|| drop(question(&documents)))?;
    let converted = rate(|| drop(question(&Documents::default())))?;
    Ok((shared, converted))
}

/// An SBOM of 20 MB under CUE: time, and what it adds to the peak of this process.
fn large(text: &str) -> Result<()> {
    let (policy, image) = (compiled(text)?, image()?);
    let statement = sbom(200_000);
    let n_megabytes = statement.len() / 1_000_000;
    let evidence = attested(&policy, statement);
    let before = crate::process::own_memory("VmRSS")?;
    let started = Instant::now();
    let documents = Documents::default();
    let candidate = Candidate::Admitted(&image);
    let question =
        Question { candidate, subject: None, evidence: &evidence, documents: &documents, now: NOW };
    let verdict = judge(&policy, &question).context("covered")?;
    let seconds = started.elapsed().as_secs_f64();
    anyhow::ensure!(verdict.outcome == model::verdict::Outcome::Pass, "{:?}", verdict.outcome);
    let peak = crate::process::own_memory("VmHWM")?;
    crate::row(
        &format!("a {n_megabytes} MB SBOM under CUE, conversion included"),
        "≤ 2 s",
        &format!("{seconds:.2} s"),
    );
    let more = peak.saturating_sub(before);
    crate::row("memory that this adds", "≤ 300 MB", &format!("{more} MB"));
    Ok(())
}

fn checking() -> Result<()> {
    let authority = |number: usize| {
        format!(
            "  - name: a{number}\n    keyless:\n      identities:\n      - issuer: https://accounts.example.com\n        \
             subjectRegExp: ^https://github\\.com/acme/.+@refs/tags/v{number}$\n"
        )
    };
    for (n_authorities, aim) in [(4, "≤ 1 ms"), (39, "≤ 5 ms")] {
        let authorities: String = (0..n_authorities).map(authority).collect();
        let text = format!("{}  authorities:\n{authorities}", head());
        compiled(&text)?;
        let milliseconds = 1000.0 / rate(|| drop(black_box(evaluator::check(&text))))?;
        let n_lines = text.lines().count();
        crate::row(
            &format!("a policy of {n_lines} lines parsed, validated and linted"),
            aim,
            &format!("{milliseconds:.2} ms"),
        );
    }
    Ok(())
}
