//! Attestations: every rule must hold, one attestation is enough for each, and who made them is
//! seen by the policy beside the authorities.

use model::digest::Digest;
use model::evidence::{AttestationFact, Evidence, Gathered, SignatureFact};
use model::verdict::{Outcome, Verdict, sentence};

use super::{DEPLOY, KEYLESS, RELEASE, by, image, judge_on, policy_of, refused};
use crate::{CompiledPolicy, denial, remedy};

const SLSA: &str = "https://slsa.dev/provenance/v1";
const SPDX: &str = "https://spdx.dev/Document";

fn attested(signature: SignatureFact, predicate_type: &str, predicate: &str) -> AttestationFact {
    let statement = format!(
        r#"{{"_type":"s","predicateType":"{predicate_type}","subject":[],"predicate":{predicate}}}"#
    );
    let layer = Digest::of(statement.as_bytes());
    AttestationFact { signature: SignatureFact { layer, ..signature }, statement }
}

fn policy(attestations: &str, beside: &str) -> CompiledPolicy {
    policy_of(&format!(
        "  authorities:\n  - name: ci{KEYLESS}\n    attestations:\n{attestations}{beside}"
    ))
}

fn judged(policy: &CompiledPolicy, facts: &[AttestationFact]) -> Verdict {
    let mut evidence = Evidence::default();
    let plan = policy.plan(&image());
    assert!(plan.signatures.is_empty());
    for need in plan.attestations {
        evidence.attestations.insert(need.key(), Gathered::Found { value: facts.to_vec() });
    }
    judge_on(policy, &image(), &evidence, 0).unwrap()
}

const BOTH: &str = "    - {name: built, predicateType: 'https://slsa.dev/provenance/v1'}\n    - \
                    {name: sbom, predicateType: spdxjson}\n";

#[test]
fn spec_11_every_rule_must_hold_and_one_attestation_is_enough_for_each() {
    let policy = policy(BOTH, "");
    let slsa = || attested(by(RELEASE), SLSA, "{}");
    let spdx = || attested(by(RELEASE), SPDX, "{}");
    let foreign = || attested(by(DEPLOY), SPDX, "{}");
    for (facts, outcome) in [
        (vec![slsa(), spdx()], Outcome::Pass),
        (vec![foreign(), attested(refused(), SLSA, "{}"), spdx(), slsa()], Outcome::Pass),
        (vec![slsa()], Outcome::Fail),
        (vec![slsa(), foreign()], Outcome::Fail),
        (vec![], Outcome::Fail),
    ] {
        let verdict = judged(&policy, &facts);
        assert_eq!(verdict.outcome, outcome, "{}", sentence::of_verdict(&verdict));
    }
}

#[test]
fn spec_9_3_what_is_wrong_with_attestations_is_said_in_upstream_s_words() {
    let policy = policy(BOTH, "");
    let name = image().to_string();
    let errors =
        |facts: Vec<AttestationFact>| denial::errors(&judged(&policy, &facts), &image()).join("|");
    assert_eq!(
        errors(vec![]),
        format!(
            "attestation keyless validation failed for authority ci for {name}: no matching attestations: "
        )
    );
    assert_eq!(
        errors(vec![attested(by(RELEASE), SLSA, "{}")]),
        format!(
            "no matching attestations with type spdxjson, checked the following predicateTypes: \"{SLSA}\""
        )
    );
    let wrong = errors(vec![attested(by(DEPLOY), SLSA, "{}")]);
    assert_eq!(
        wrong,
        format!(
            "attestation keyless validation failed for authority ci for {name}: no matching \
             attestations: none of the expected identities matched what was in the certificate, \
             got subjects [{DEPLOY}] with issuer https://token.actions.test"
        )
    );
}

#[test]
fn a_rule_s_policy_looks_into_the_attestation() {
    let rule = "    - name: built\n      predicateType: https://slsa.dev/provenance/v1\n      \
                policy:\n        type: rego\n        data: |\n          package sigstore\n          \
                isCompliant { input.predicate.builder.id == \"ours\" }\n";
    let policy = policy(rule, "");
    let built =
        |id: &str| attested(by(RELEASE), SLSA, &format!(r#"{{"builder":{{"id":"{id}"}}}}"#));
    assert_eq!(judged(&policy, &[built("ours")]).outcome, Outcome::Pass);
    assert_eq!(judged(&policy, &[built("theirs"), built("ours")]).outcome, Outcome::Pass);
    let verdict = judged(&policy, &[built("theirs")]);
    assert_eq!(verdict.outcome, Outcome::Fail);
    let errors = denial::errors(&verdict, &image());
    assert!(errors[0].starts_with("failed evaluating rego policy for type built: "), "{errors:?}");
}

#[test]
fn spec_14_the_policy_beside_sees_who_attested_and_of_what() {
    let beside = "  policy:\n    type: rego\n    data: |\n      package sigstore\n      isCompliant \
                  {\n        some a\n        a = input.authorityMatches.ci.attestations.sbom[_]\n        \
                  a.issuer == \"https://token.actions.test\"\n        a.predicateType == \"spdxjson\"\n        \
                  startswith(a.digest, \"sha256:\")\n      }\n";
    let policy = policy(BOTH, beside);
    let facts = vec![attested(by(RELEASE), SLSA, "{}"), attested(by(RELEASE), SPDX, "{}")];
    let verdict = judged(&policy, &facts);
    assert_eq!(verdict.outcome, Outcome::Pass, "{}", sentence::of_verdict(&verdict));
}

#[test]
fn the_nearest_miss_and_the_shortest_path_are_named() {
    let policy = policy(BOTH, "");
    let verdict = judged(&policy, &[attested(by(RELEASE), SLSA, "{}")]);
    let miss = remedy::nearest_miss(&verdict).unwrap();
    assert_eq!((miss.authority.as_str(), miss.check.as_str()), ("ci", "predicate type"));
    let path = remedy::shortest_path(&policy, &verdict, &image()).unwrap();
    let [remedy::Missing::Attestation { predicate_type, place, .. }] = path.as_slice() else {
        panic!("{path:?}")
    };
    assert_eq!(predicate_type, SPDX);
    assert!(place.ends_with(".att"), "{place}");
}
