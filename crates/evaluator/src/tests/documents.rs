//! `policy-controller.md` parts 11 to 14: the documents that embedded policies are asked about,
//! seen through policies.

use std::collections::BTreeMap;

use model::digest::Digest;
use model::evidence::{AttestationFact, Evidence, Gathered, SignatureFact};
use model::timestamp::Timestamp;
use model::verdict::{Outcome, Verdict};

use super::{KEYLESS, RELEASE, authorities, by, image, judge_on, policy_of};
use crate::{Candidate, CompiledPolicy, Documents, Question, Subject, denial, judge};

fn rego(rule: &str) -> String {
    format!("package sigstore\nisCompliant {{ {rule} }}")
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}

/// A policy that asks of attestations of a type what a Rego rule says.
fn of_type(predicate_type: &str, rule: &str) -> CompiledPolicy {
    policy_of(&format!(
        "  authorities:\n  - name: ci{KEYLESS}\n    attestations:\n    - name: it\n      predicateType: \
         {predicate_type}\n      policy:\n        type: rego\n        data: |\n{}",
        indented(&rego(rule), 10)
    ))
}

fn attested(statement: &str) -> AttestationFact {
    let layer = Digest::of(statement.as_bytes());
    let signature = SignatureFact { layer, ..by(RELEASE) };
    AttestationFact { signature, statement: statement.to_owned() }
}

fn judged(policy: &CompiledPolicy, statements: &[&str]) -> Verdict {
    let mut evidence = Evidence::default();
    for need in policy.plan(&image()).attestations {
        let value = statements.iter().map(|statement| attested(statement)).collect();
        evidence.attestations.insert(need.key(), Gathered::Found { value });
    }
    judge_on(policy, &image(), &evidence, 0).unwrap()
}

fn statement(uri: &str, predicate: &str) -> String {
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"{uri}","subject":[{{"name":"api","digest":{{"sha256":"ab"}},"extra":1}}],"predicate":{predicate},"extra":1}}"#
    )
}

#[test]
fn spec_11_each_short_name_matches_its_uri() {
    for (written, uri) in [
        ("custom", "https://cosign.sigstore.dev/attestation/v1"),
        ("slsaprovenance", "https://slsa.dev/provenance/v0.2"),
        ("slsaprovenance02", "https://slsa.dev/provenance/v0.2"),
        ("slsaprovenance1", "https://slsa.dev/provenance/v1"),
        ("spdx", "https://spdx.dev/Document"),
        ("spdxjson", "https://spdx.dev/Document"),
        ("cyclonedx", "https://cyclonedx.org/bom"),
        ("link", "https://in-toto.io/Link/v1"),
        ("vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"),
        ("openvex", "https://openvex.dev/ns"),
        ("https://acme.test/own", "https://acme.test/own"),
    ] {
        let policy = of_type(written, "true");
        let right = judged(&policy, &[&statement(uri, "{}")]);
        assert_eq!(right.outcome, Outcome::Pass, "{written}");
        let wrong = judged(&policy, &[&statement(&format!("{uri}/"), "{}")]);
        assert_eq!(wrong.outcome, Outcome::Fail, "{written}");
    }
}

#[test]
fn spec_11_some_short_names_send_the_predicate_through_a_type() {
    let uri = "https://slsa.dev/provenance/v0.2";
    let document = statement(uri, r#"{"builder":{"id":"b"},"own":1}"#);
    let is_kept = "input.predicate.own == 1; not input.predicate.buildType";
    let is_typed = "not input.predicate.own; input.predicate.buildType == \"\"";
    for (written, rule) in
        [("slsaprovenance", is_typed), ("slsaprovenance02", is_kept), (uri, is_kept)]
    {
        let verdict = judged(&of_type(written, rule), &[&document]);
        assert_eq!(verdict.outcome, Outcome::Pass, "{written}");
    }
}

#[test]
fn spec_11_a_statement_has_four_members_and_its_subjects_two() {
    let rule = "count(input) == 4; input._type == \"https://in-toto.io/Statement/v0.1\"; \
                input.predicateType == \"https://a.test\"; count(input.subject[0]) == 2; \
                input.subject[0].digest.sha256 == \"ab\"; input.predicate.x == 1";
    let verdict =
        judged(&of_type("https://a.test", rule), &[&statement("https://a.test", r#"{"x":1}"#)]);
    assert_eq!(verdict.outcome, Outcome::Pass);
}

#[test]
fn spec_11_numbers_pass_through_a_float() {
    let document = statement("https://a.test", r#"{"one":1.0,"big":9007199254740993}"#);
    let rule = "input.predicate.one == 1; input.predicate.big == 9007199254740992";
    assert_eq!(judged(&of_type("https://a.test", rule), &[&document]).outcome, Outcome::Pass);
    let cue = "\n    attestations:\n    - name: it\n      predicateType: https://a.test\n      policy: \
               {type: cue, data: 'predicate: one: int & 1'}\n";
    let policy = policy_of(&format!("  authorities:\n  - name: ci{KEYLESS}{cue}"));
    assert_eq!(judged(&policy, &[&document]).outcome, Outcome::Pass);
}

#[test]
fn spec_11_of_several_of_one_type_one_is_enough_and_the_first_error_is_told() {
    let policy = of_type("https://a.test", "input.predicate.ok");
    let one = |ok: bool| statement("https://a.test", &format!(r#"{{"ok":{ok}}}"#));
    assert_eq!(judged(&policy, &[&one(false), &one(true)]).outcome, Outcome::Pass);
    let errors = denial::errors(&judged(&policy, &[&one(false)]), &image());
    assert_eq!(
        errors,
        ["failed evaluating rego policy for type it: policy is not compliant for query \
          'isCompliant = data.sigstore.isCompliant'"]
    );
}

#[test]
fn spec_11_one_attestation_may_satisfy_several_rules() {
    let rules = "\n    attestations:\n    - {name: a, predicateType: 'https://a.test'}\n    - {name: b, \
                 predicateType: 'https://a.test'}\n";
    let policy = policy_of(&format!("  authorities:\n  - name: ci{KEYLESS}{rules}"));
    assert_eq!(judged(&policy, &[&statement("https://a.test", "{}")]).outcome, Outcome::Pass);
}

#[test]
fn spec_11_what_is_no_statement_is_told_in_upstreams_words() {
    let policy = of_type("https://a.test", "true");
    for (broken, says) in [
        ("{", "unmarshal in-toto statement: "),
        (r#"{"_type":1}"#, "unmarshal in-toto statement: "),
    ] {
        let verdict = judged(&policy, &[broken]);
        assert_eq!(verdict.outcome, Outcome::Fail);
        let errors = denial::errors(&verdict, &image()).join("|");
        assert!(errors.contains(says), "{errors}");
    }
    let vuln = of_type("vuln", "true");
    let uri = "https://cosign.sigstore.dev/attestation/vuln/v1";
    let verdict = judged(&vuln, &[&statement(uri, r#"{"scanner":[]}"#)]);
    let errors = denial::errors(&verdict, &image()).join("|");
    assert!(errors.contains("unmarshaling CosignVulnStatement: "), "{errors}");
}

/// What a CUE text says of a statement whose predicate is `{"n": 1, "l": ["a"], "t": "x"}`.
fn cue(text: &str) -> String {
    let policy = policy_of(&format!(
        "  authorities:\n  - name: ci{KEYLESS}\n    attestations:\n    - name: it\n      predicateType: \
         https://a.test\n      policy:\n        type: cue\n        data: |\n{}",
        indented(text, 10)
    ));
    let verdict = judged(&policy, &[&statement("https://a.test", r#"{"n":1,"l":["a"],"t":"x"}"#)]);
    denial::errors(&verdict, &image()).join("|")
}

#[test]
fn spec_12_absent_fields_pass() {
    for text in [
        "predicate: x: string",
        "predicate: x: =~\"^a\"",
        "predicate: x: \"literal\"",
        "predicate: x!: string",
        "predicate: x?: string",
        "import \"list\"\npredicate: x: list.MinItems(1)",
        "import \"struct\"\npredicate: struct.MinFields(9)",
        "// states nothing",
    ] {
        assert_eq!(cue(text), "", "{text}");
    }
}

#[test]
fn spec_12_a_conflict_is_told_with_its_path_and_the_documents_value_first() {
    let prefix = "failed evaluating cue policy for it: failed to evaluate the policy with error: ";
    for (text, says) in [
        ("predicate: n: 2", "predicate.n: conflicting values 1 and 2"),
        ("predicate: t: \"y\"", "predicate.t: conflicting values \"x\" and \"y\""),
        ("predicate: n: <1", "predicate.n: invalid value 1 (out of bound <1)"),
        (
            "predicate: t: 1",
            "predicate.t: conflicting values 1 and \"x\" (mismatched types int and string)",
        ),
        (
            "predicate: {n: 2, t: \"y\"}",
            "predicate.n: conflicting values 1 and 2 (and 1 more errors)",
        ),
        ("predicate: l: []", "predicate.l: incompatible list lengths (0 and 1)"),
        ("predicate: close({n: int, t: string})", "predicate.l: field not allowed"),
    ] {
        assert_eq!(cue(text), format!("{prefix}{says}"), "{text}");
    }
}

#[test]
fn spec_12_a_policy_that_does_not_compile_is_refused_before_it_is_asked() {
    for text in [
        "predicate: x",
        "import \"list\"\npredicate: n: 1",
        "import \"acme.test/own\"\npredicate: own.x",
        "predicate: [",
    ] {
        let document = format!(
            "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {{name: \
             a}}\nspec:\n  images: [{{glob: '**'}}]\n  authorities: [{{static: {{action: pass}}}}]\n  \
             policy:\n    type: cue\n    data: |\n{}",
            indented(text, 6)
        );
        let parsed = crate::check(&document);
        assert!(parsed.document.is_none(), "{text}");
        assert_eq!(parsed.diagnostics[0].code, "cue-invalid");
    }
    assert_eq!(cue("package anything\npredicate: n: 1"), "");
}

#[test]
fn spec_13_the_input_has_exact_numbers() {
    // A pod's spec is handed on as it is written, and not through a float.
    let text = indented(&rego("input.spec.big == 9007199254740993"), 6);
    let policy = policy_of(&format!(
        "{}\n  policy:\n    type: rego\n    includeSpec: true\n    data: |\n{text}",
        authorities(&["\n    static: {action: pass}"])
    ));
    assert_eq!(on_pod(&policy, r#"{"big":9007199254740993}"#, "{}").outcome, Outcome::Pass);
    assert_eq!(on_pod(&policy, r#"{"big":9007199254740992}"#, "{}").outcome, Outcome::Fail);
}

fn on_pod(policy: &CompiledPolicy, spec: &str, metadata: &str) -> Verdict {
    let labels = BTreeMap::new();
    let subject = Subject {
        api_version: "v1",
        kind: "Pod",
        labels: &labels,
        spec: Some(spec),
        metadata: Some(metadata),
    };
    let config = r#"{"linux/amd64":{"config":{"User":"1000"}}}"#.to_owned();
    let evidence =
        Evidence { config: Some(Gathered::Found { value: config }), ..Evidence::default() };
    let question = Question {
        candidate: Candidate::Admitted(&image()),
        subject: Some(subject),
        evidence: &evidence,
        documents: &Documents::default(),
        now: Timestamp::from_seconds(0),
    };
    judge(policy, &question).unwrap()
}

#[test]
fn spec_14_members_are_there_only_where_they_are_asked_for() {
    let flags = [
        "fetchConfigFile: true",
        "includeSpec: true",
        "includeObjectMeta: true",
        "includeTypeMeta: true",
    ];
    for (index, member) in ["config", "spec", "metadata", "typemeta"].into_iter().enumerate() {
        for (flag, expected) in flags.iter().enumerate().map(|(at, flag)| (flag, at == index)) {
            let text = indented(&rego(&format!("input.{member}")), 6);
            let policy = policy_of(&format!(
                "{}\n  policy:\n    type: rego\n    {flag}\n    data: |\n{text}",
                authorities(&["\n    static: {action: pass}"])
            ));
            let outcome = on_pod(&policy, r#"{"a":1}"#, r#"{"name":"a"}"#).outcome;
            assert_eq!(outcome == Outcome::Pass, expected, "{member} by {flag}");
        }
    }
}

#[test]
fn spec_14_a_configuration_is_found_by_its_platform() {
    let text = indented(&rego("input.config[\"linux/amd64\"].config.User == \"1000\""), 6);
    let policy = policy_of(&format!(
        "{}\n  policy:\n    type: rego\n    fetchConfigFile: true\n    data: |\n{text}",
        authorities(&["\n    static: {action: pass}"])
    ));
    assert!(policy.plan(&image()).config);
    assert_eq!(on_pod(&policy, "{}", "{}").outcome, Outcome::Pass);
}

#[test]
fn spec_14_each_kind_of_success_has_its_own_member() {
    let rule = "input.authorityMatches.a0.static == true; count(input.authorityMatches.a0) == 1; \
                count(input.authorityMatches.a1.signatures) == 1; \
                input.authorityMatches.a1.signatures[0].issuer == \"https://token.actions.test\"";
    let beside = indented(&rego(rule), 6);
    let policy = policy_of(&format!(
        "{}\n  policy:\n    type: rego\n    data: |\n{beside}",
        authorities(&["\n    static: {action: pass}", KEYLESS])
    ));
    let verdict = super::judged(&policy, &super::found(vec![by(RELEASE)]));
    assert_eq!(verdict.outcome, Outcome::Pass);
}
