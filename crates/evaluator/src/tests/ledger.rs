//! `policy-controller.md` part 20, row by row, as far as a verdict shows it: what is copied, and
//! what is closed. Row 5 is `references`' (a policy whose text cannot be had leaves its images
//! unchecked); 9, 10, 21, 22 and 24 are `policy`'s; 7, 8, 18, 26 and 27 are about verification and
//! its sources; 13, 20 and 25 are about admission, and 19 cannot be written.

use std::collections::BTreeMap;

use model::evidence::{Evidence, Gathered, SignatureFact};
use model::image::Image;
use model::timestamp::Timestamp;
use model::verdict::{Outcome, Verdict};

use super::{KEY, authorities, by_key, found, image, judge_on, judged, policy_of};
use crate::{Candidate, CompiledPolicy, Documents, Question, References, Subject, check, denial};

const PASS: &str = "\n    static: {action: pass}";
const FAIL: &str = "\n    static: {action: fail}";

fn beside(language: &str, text: &str) -> CompiledPolicy {
    let indented: String = text.lines().map(|line| format!("      {line}\n")).collect();
    policy_of(&format!(
        "{}\n  policy:\n    type: {language}\n    includeSpec: true\n    includeTypeMeta: true\n    data: |\n{indented}",
        authorities(&[PASS])
    ))
}

fn on_pod(policy: &CompiledPolicy, spec: &str) -> Verdict {
    let labels = BTreeMap::new();
    let subject = Subject {
        api_version: "v1",
        kind: "Pod",
        labels: &labels,
        spec: Some(spec),
        metadata: Some("{}"),
    };
    let question = Question {
        candidate: Candidate::Admitted(&image()),
        subject: Some(subject),
        evidence: &Evidence::default(),
        documents: &Documents::default(),
        now: Timestamp::from_seconds(0),
    };
    crate::judge(policy, &question).unwrap()
}

fn with_glob(glob: &str) -> CompiledPolicy {
    let text = format!(
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {{name: \
         a}}\nspec:\n  images: [{{glob: '{glob}'}}]\n  authorities: [{{static: {{action: fail}}}}]\n"
    );
    let document = policy::parse(&text).document.unwrap();
    CompiledPolicy::new(document.only_policy().unwrap().clone(), &References::beside(&document))
}

#[test]
fn row_1_a_glob_with_a_tag_covers_nothing_that_runs() {
    for glob in ["ghcr.io/acme/api:1.0", "ghcr.io/acme/api", "acme/api*"] {
        assert_eq!(with_glob(glob).covers(&image()), None, "{glob}");
    }
}

#[test]
fn row_2_a_host_in_another_spelling_does_not_slip_past() {
    let digest = "ab".repeat(32);
    for host in ["ghcr.io", "GHCR.IO", "ghcr.io:443", "ghcr.io."] {
        let image: Image = format!("{host}/acme/api@sha256:{digest}").parse().unwrap();
        let verdict = judge_on(&policy_of(&authorities(&[FAIL])), &image, &Evidence::default(), 0);
        assert_eq!(verdict.unwrap().outcome, Outcome::Fail, "{host}");
    }
}

#[test]
fn row_3_cue_passes_what_is_missing_unless_it_is_asked_to_be_concrete() {
    let text = "spec: hostNetwork: false";
    assert_eq!(on_pod(&beside("cue", text), "{}").outcome, Outcome::Pass);
    let spec = format!(
        "{}\n  policy: {{type: cue, includeSpec: true, data: 'spec: hostNetwork: false'}}\n",
        authorities(&[PASS])
    );
    let text = format!(
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {{name: a, \
         annotations: {{loadline.dev/cue: concrete}}}}\nspec:\n  images: [{{glob: '**'}}]\n{spec}"
    );
    let document = check(&text).document.unwrap();
    let strict =
        CompiledPolicy::new(document.only_policy().unwrap().clone(), &References::default());
    assert_eq!(on_pod(&strict, "{}").outcome, Outcome::Fail);
    assert_eq!(on_pod(&strict, r#"{"hostNetwork":false}"#).outcome, Outcome::Pass);
}

#[test]
fn row_4_a_policy_without_authorities_lets_nothing_in() {
    let settings = policy::Settings { fail_on_empty_authorities: false, ..Default::default() };
    let text = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: \
                a}\nspec:\n  images: [{glob: '**'}]\n";
    let document = policy::parse_with(text, &settings).document.unwrap();
    let empty =
        CompiledPolicy::new(document.only_policy().unwrap().clone(), &References::default());
    let verdict = judge_on(&empty, &image(), &Evidence::default(), 0).unwrap();
    assert_eq!(verdict.outcome, Outcome::Fail);
}

#[test]
fn row_5_a_policy_whose_parts_cannot_be_had_stays_in_force() {
    let away = "\n    key: {secretRef: {name: nobody}}";
    let policy = policy_of(&authorities(&[away]));
    assert_eq!(judged(&policy, &found(vec![by_key()])).outcome, Outcome::CouldNotCheck);
    let remote = format!(
        "{}\n  policy: {{type: cue, remote: {{url: 'https://a.test/p', sha256sum: ab}}}}\n",
        authorities(&[PASS])
    );
    let verdict = judged(&policy_of(&remote), &found(vec![]));
    assert_eq!(verdict.outcome, Outcome::CouldNotCheck);
}

#[test]
fn row_6_a_version_drops_nothing() {
    let text = authorities(&[&format!("{KEY}\n    ctlog: {{url: 'https://rekor.test'}}")]);
    let plan = policy_of(&text).plan(&image());
    let model::evidence::Trust::Key { log, .. } = &plan.signatures[0].trust else { panic!() };
    assert_eq!(*log, model::evidence::LogRule::Required);
}

#[test]
fn row_11_a_certificate_authority_in_the_policy_can_never_vouch() {
    let pem = KEY.lines().skip(3).map(|line| format!("    {line}\n")).collect::<String>();
    let ca = format!(
        "\n    keyless:\n      identities: [{{issuer: i, subject: s}}]\n      ca-cert:\n        data: \
         |\n{pem}"
    );
    let policy = policy_of(&authorities(&[&ca]));
    assert!(policy.plan(&image()).signatures.is_empty());
    let verdict = judge_on(&policy, &image(), &Evidence::default(), 0).unwrap();
    assert_eq!(verdict.outcome, Outcome::CouldNotCheck);
}

#[test]
fn row_12_the_kind_of_a_pod_is_told() {
    let rego = "package sigstore\nisCompliant { input.typemeta.kind == \"Pod\" }";
    assert_eq!(on_pod(&beside("rego", rego), "{}").outcome, Outcome::Pass);
    let cue = beside("cue", "typemeta: kind: \"Job\"");
    assert_eq!(on_pod(&cue, "{}").outcome, Outcome::Fail);
}

#[test]
fn row_14_a_warning_and_a_refusal_keep_their_own_words() {
    let warn = policy_of(&format!("  mode: warn\n{}", authorities(&[KEY])));
    let enforce = policy_of(&authorities(&[FAIL]));
    for _ in 0..3 {
        let [one, other] = [&warn, &enforce].map(|policy| judged(policy, &found(vec![])));
        assert_eq!((one.outcome, other.outcome), (Outcome::Warn, Outcome::Fail));
        assert_eq!(denial::errors(&other, &image()), ["disallowed by static policy: "]);
    }
}

#[test]
fn row_15_a_rego_warning_is_a_failure() {
    let rego = "package sigstore\nisCompliant[r] { r := {\"result\": true, \"error\": \"\", \
                \"warning\": \"soon\"} }";
    let verdict = on_pod(&beside("rego", rego), "{}");
    assert_eq!(verdict.outcome, Outcome::Fail);
    assert_eq!(denial::errors(&verdict, &image()), ["warning: soon"]);
}

#[test]
fn row_16_a_rego_element_that_is_no_object_is_denied() {
    let rego = "package sigstore\nisCompliant = {\"a\"}";
    assert_eq!(on_pod(&beside("rego", rego), "{}").outcome, Outcome::Fail);
}

#[test]
fn row_17_a_certificate_beside_a_key_s_signature_is_not_believed() {
    let rego = "\n  policy:\n    type: rego\n    data: |\n      package sigstore\n      isCompliant { \
                not input.authorityMatches.a0.signatures[0].subject; \
                input.authorityMatches.a0.signatures[0].id == \"id\" }\n";
    let policy = policy_of(&format!("{}{rego}", authorities(&[KEY])));
    assert_eq!(judged(&policy, &found(vec![by_key()])).outcome, Outcome::Pass);
}

#[test]
fn row_23_the_namespace_of_a_config_map_is_not_read_and_that_is_told() {
    let text = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: \
                a}\nspec:\n  images: [{glob: '**'}]\n  authorities: [{static: {action: pass}}]\n  \
                policy: {type: cue, configMapRef: {name: a, key: b, namespace: other}}\n";
    let parsed = check(text);
    assert!(parsed.document.is_some());
    let codes: Vec<&str> = parsed.diagnostics.iter().map(|said| said.code.as_str()).collect();
    assert!(codes.contains(&"config-map-namespace"), "{codes:?}");
}

#[test]
fn an_authority_that_is_away_is_never_green() {
    let policy = policy_of(&authorities(&[KEY]));
    let need = policy.plan(&image()).signatures.remove(0);
    let away: Gathered<Vec<SignatureFact>> = super::away();
    let evidence = Evidence { signatures: [(need.key(), away)].into(), ..Evidence::default() };
    let verdict = judge_on(&policy, &image(), &evidence, 0).unwrap();
    assert_eq!(verdict.outcome, Outcome::CouldNotCheck);
}
