//! Rego beside and inside authorities: results, time, limits, and where errors are told.

use std::collections::BTreeMap;

use model::timestamp::Timestamp;
use model::verdict::{Outcome, Verdict};

use super::{authorities, image, policy_of};
use crate::{Candidate, CompiledPolicy, Documents, Question, Subject, check, denial, judge};

const PASS: &str = "\n    static: {action: pass}";

fn with_rego(rego: &str) -> CompiledPolicy {
    let indented = rego.lines().map(|line| format!("      {line}\n")).collect::<String>();
    policy_of(&format!(
        "{}\n  policy:\n    type: rego\n    includeSpec: true\n    includeObjectMeta: true\n    \
         includeTypeMeta: true\n    data: |\n      package sigstore\n{indented}",
        authorities(&[PASS])
    ))
}

fn judged_at(policy: &CompiledPolicy, spec: &str, now: i64) -> Verdict {
    let labels = BTreeMap::new();
    let question = Question {
        candidate: Candidate::Admitted(&image()),
        subject: Some(Subject {
            api_version: "v1",
            kind: "Pod",
            labels: &labels,
            spec: Some(spec),
            metadata: Some(r#"{"name":"a"}"#),
        }),
        evidence: &model::evidence::Evidence::default(),
        documents: &Documents::default(),
        now: Timestamp::from_seconds(now),
    };
    judge(policy, &question).unwrap()
}

fn answer(rego: &str) -> (Outcome, String) {
    let verdict = judged_at(&with_rego(rego), r#"{"hostNetwork":true,"n":3}"#, 0);
    (verdict.outcome, denial::errors(&verdict, &image()).join("|"))
}

const PREFIX: &str = "failed evaluating rego policy for type ClusterImagePolicy: policy is not \
                      compliant for query 'isCompliant = data.sigstore.isCompliant'";

#[test]
fn spec_13_every_result_form_means_what_it_means_upstream() {
    let errors = |error: &str| format!("{PREFIX} with errors: {error}");
    let empty = PREFIX.replace('\'', "\"");
    for (rego, outcome, message) in [
        ("isCompliant = true", Outcome::Pass, String::new()),
        ("isCompliant = false", Outcome::Fail, PREFIX.to_owned()),
        (
            "default isCompliant = false\nisCompliant { input.spec.n == 3 }",
            Outcome::Pass,
            String::new(),
        ),
        ("isCompliant { input.spec.absent }", Outcome::Fail, PREFIX.to_owned()),
        ("isCompliant = 1", Outcome::Fail, PREFIX.to_owned()),
        ("isCompliant = {}", Outcome::Fail, PREFIX.to_owned()),
        (
            "isCompliant[r] { r := {\"result\": input.spec.hostNetwork == false, \"error\": \"no host network\", \"warning\": \"\"} }",
            Outcome::Fail,
            errors("no host network"),
        ),
        (
            "isCompliant[r] { r := {\"result\": true, \"error\": \"\", \"warning\": \"soon\"} }",
            Outcome::Fail,
            "warning: soon".to_owned(),
        ),
        (
            "isCompliant[r] { r := {\"result\": true, \"error\": \"\"} }",
            Outcome::Pass,
            String::new(),
        ),
        ("isCompliant[r] { input.spec.absent; r := {\"result\": true} }", Outcome::Fail, empty),
        (
            "import rego.v1\nisCompliant if { input.typemeta.kind == \"Pod\" }",
            Outcome::Pass,
            String::new(),
        ),
        ("isCompliant { input.metadata.name == \"a\" }", Outcome::Pass, String::new()),
        ("isCompliant { input.authorityMatches.a0.static }", Outcome::Pass, String::new()),
    ] {
        assert_eq!(answer(rego), (outcome, message), "{rego}");
    }
}

#[test]
fn spec_13_an_element_that_is_no_object_is_denied() {
    let (outcome, message) = answer("isCompliant = [1]");
    assert_eq!(outcome, Outcome::Fail);
    assert!(message.contains("something else than objects"), "{message}");
}

#[test]
fn a_policy_that_runs_on_ends_with_no_answer() {
    let rego = "n := numbers.range(1, 20000)\nisCompliant { count([1 | n[_] < n[_]]) == 0 }";
    let (outcome, message) = answer(rego);
    assert_eq!(outcome, Outcome::CouldNotCheck);
    assert!(message.contains("steps"), "{message}");
}

#[test]
fn the_given_time_is_the_only_clock_and_its_flip_is_found() {
    let day = 24 * 60 * 60;
    let rego = "isCompliant { time.now_ns() < time.parse_rfc3339_ns(\"1970-01-21T00:00:00Z\") }";
    let policy = with_rego(rego);
    let before = judged_at(&policy, "{}", 0);
    assert_eq!(before.outcome, Outcome::Pass);
    let flip = before.recheck_at.unwrap().as_seconds();
    assert!((20 * day - 1..=20 * day + 1).contains(&flip), "{flip}");
    let after = judged_at(&policy, "{}", 20 * day);
    assert_eq!(after.outcome, Outcome::Fail);
    assert_eq!(after.recheck_at.unwrap().as_seconds(), 110 * day);
    // An answer that comes and goes is asked for again within the hour.
    let rego = "isCompliant { time.clock(time.now_ns())[0] != 1 }";
    let odd = judged_at(&with_rego(rego), "{}", 0);
    assert_eq!(odd.recheck_at.unwrap().as_seconds(), 3600);
    // Who does not read it is not asked again.
    assert_eq!(judged_at(&with_rego("isCompliant = true"), "{}", 0).recheck_at, None);
}

#[test]
fn what_does_not_compile_is_told_at_its_line_of_the_document() {
    let document = |data: &str| {
        format!(
            "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n\
             metadata: {{name: a}}\nspec:\n  images: [{{glob: '**'}}]\n  authorities: [{{static: \
             {{action: pass}}}}]\n  policy:\n    type: rego\n    data: |\n{data}"
        )
    };
    for (data, line, column, says) in [
        ("      package sigstore\n      isCompliant { ! }\n", 11, 0, ""),
        (
            "      package sigstore\n      isCompliant { http.send({}) }\n",
            11,
            21,
            "http.send is not allowed",
        ),
        ("      package other\n      isCompliant = true\n", 10, 7, "the package must be sigstore"),
        ("      package sigstore\n      isOk = true\n", 10, 7, "no rule isCompliant"),
        (
            "      package sigstore\n      isCompliant { nothing.like(1) }\n",
            11,
            0,
            "could not find function nothing.like",
        ),
    ] {
        let parsed = check(&document(data));
        assert!(parsed.document.is_none(), "{data}");
        let said = &parsed.diagnostics[0];
        assert_eq!(said.code, "rego-invalid");
        assert_eq!(said.line, line, "{data}: {}", said.message);
        assert!(column == 0 || said.column == column, "{data}: {said:?}");
        assert!(said.message.contains(says), "{data}: {}", said.message);
    }
}

#[test]
fn hostile_policies_are_refused_before_they_run() {
    let deep = format!("package sigstore\nisCompliant = {}1{}", "(".repeat(5000), ")".repeat(5000));
    let long = format!("package sigstore\n# {}\nisCompliant = true", "x".repeat(300_000));
    for rego in [deep, long] {
        assert!(crate::rego::RegoPolicy::compile(&rego).is_err());
    }
}
