//! `policy-controller.md` part 7: how policies, authorities and matches combine.

use std::collections::BTreeMap;

use model::evidence::Evidence;
use model::timestamp::Timestamp;
use model::verdict::{Outcome, Verdict};

use super::{KEY, KEYLESS, authorities, by_key, found, image, judged, policy_of, refused};
use crate::{Candidate, CompiledPolicy, Documents, Question, Subject, denial, judge};

const PASS: &str = "\n    static: {action: pass}";
const FAIL: &str = "\n    static: {action: fail, message: closed}";

fn on_workload(policy: &CompiledPolicy, kind: (&str, &str), label: &str) -> Option<Verdict> {
    let labels = BTreeMap::from([("tier".to_owned(), label.to_owned())]);
    let (api_version, kind) = kind;
    let template = r#"{"template":{"metadata":{"labels":{"tier":"production"}}}}"#;
    let subject =
        Subject { api_version, kind, labels: &labels, spec: Some(template), metadata: Some("{}") };
    let question = Question {
        candidate: Candidate::Admitted(&image()),
        subject: Some(subject),
        evidence: &Evidence::default(),
        documents: &Documents::default(),
        now: Timestamp::from_seconds(0),
    };
    judge(policy, &question)
}

#[test]
fn spec_7_1_without_match_every_workload_is_covered() {
    let policy = policy_of(&authorities(&[FAIL]));
    for kind in [("v1", "Pod"), ("apps/v1", "Deployment"), ("acme.test/v1", "Anything")] {
        assert!(on_workload(&policy, kind, "x").is_some(), "{kind:?}");
    }
}

#[test]
fn spec_7_1_entries_are_or_and_their_parts_are_and() {
    let entries = "  match:\n  - {version: v1, resource: pods}\n  - {group: apps, version: '*', \
                   resource: deployments, selector: {matchLabels: {tier: production}}}\n";
    let policy = policy_of(&format!("{entries}{}", authorities(&[FAIL])));
    for (kind, label, is_covered) in [
        (("v1", "Pod"), "x", true),
        (("apps/v1", "Deployment"), "production", true),
        // The labels of the object itself count, and not those of its pod template.
        (("apps/v1", "Deployment"), "x", false),
        (("apps/v1", "ReplicaSet"), "production", false),
    ] {
        assert_eq!(on_workload(&policy, kind, label).is_some(), is_covered, "{kind:?} {label}");
    }
}

#[test]
fn spec_7_1_globs_are_or() {
    let policy = policy_of(&authorities(&[FAIL]));
    let two =
        policy_of(&authorities(&[FAIL]).replace("  authorities", "  match: []\n  authorities"));
    assert_eq!(policy.covers(&image()), two.covers(&image()));
    let text = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: \
                a}\nspec:\n  images: [{glob: quay.io/**}, {glob: ghcr.io/acme/*@**}]\n  authorities: \
                [{static: {action: fail}}]\n";
    let document = policy::parse(text).document.unwrap();
    let references = crate::References::beside(&document);
    let policy = CompiledPolicy::new(document.only_policy().unwrap().clone(), &references);
    assert_eq!(policy.covers(&image()), Some("ghcr.io/acme/*@**"));
}

#[test]
fn spec_7_3_one_success_makes_the_errors_of_the_others_unimportant() {
    let policy = policy_of(&authorities(&[FAIL, KEY]));
    let verdict = judged(&policy, &found(vec![by_key()]));
    assert_eq!(verdict.outcome, Outcome::Pass);
    assert_eq!(denial::errors(&verdict, &image()), Vec::<String>::new());
}

#[test]
fn spec_7_3_without_a_success_all_errors_are_told() {
    let policy = policy_of(&authorities(&[FAIL, KEY, KEYLESS]));
    let errors = denial::errors(&judged(&policy, &found(vec![refused()])), &image());
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert_eq!(errors[0], "disallowed by static policy: closed");
    assert!(errors[1].starts_with("signature key validation failed for authority a1 "));
    assert!(errors[2].starts_with("signature keyless validation failed for authority a2 "));
}

#[test]
fn spec_7_3_a_policy_beside_may_veto_and_the_errors_so_far_are_told_before_it() {
    let beside = "\n  policy:\n    type: cue\n    data: |\n      authorityMatches: a0: static: \
                  false\n";
    let policy = policy_of(&format!("{}{beside}", authorities(&[PASS, FAIL])));
    let verdict = judged(&policy, &found(vec![]));
    assert_eq!(verdict.outcome, Outcome::Fail);
    assert_eq!(
        denial::errors(&verdict, &image()),
        [
            "disallowed by static policy: closed",
            "failed evaluating cue policy for ClusterImagePolicy: failed to evaluate the policy \
             with error: authorityMatches.a0.static: conflicting values true and false",
        ]
    );
}

#[test]
fn spec_7_3_only_authorities_that_vouched_reach_the_policy_beside() {
    let beside = "\n  policy:\n    type: rego\n    data: |\n      package sigstore\n      isCompliant \
                  { input.authorityMatches.a0.static; not input.authorityMatches.a1 }\n";
    let policy = policy_of(&format!("{}{beside}", authorities(&[PASS, FAIL])));
    assert_eq!(judged(&policy, &found(vec![])).outcome, Outcome::Pass);
}

#[test]
fn spec_7_4_the_answer_names_policy_field_image_and_errors_in_one_line_each() {
    let policy = policy_of(&authorities(&[KEY]));
    let errors = denial::errors(&judged(&policy, &found(vec![])), &image());
    let written = "ghcr.io/acme/api:1.0";
    assert_eq!(
        denial::message("my-cip", "spec.containers[0].image", written, &errors),
        format!(
            "failed policy: my-cip: spec.containers[0].image\n{written} signature key validation \
             failed for authority a0 for {}: no signatures found",
            image()
        )
    );
}

#[test]
fn spec_7_4_each_policy_has_its_own_mode_and_words() {
    let enforce = policy_of(&authorities(&[FAIL]));
    let warn = policy_of(&format!("  mode: warn\n{}", authorities(&[KEY])));
    let [first, second] = [&enforce, &warn].map(|policy| judged(policy, &found(vec![])));
    assert_eq!((first.outcome, second.outcome), (Outcome::Fail, Outcome::Warn));
    assert_eq!(denial::errors(&first, &image()), ["disallowed by static policy: closed"]);
    assert!(denial::errors(&second, &image())[0].ends_with("no signatures found"));
}
