//! `policy-controller.md` part 9: which trust and which checks each shape of authority asks for.

use model::evidence::trust::{HashAlgorithm, LogKey};
use model::evidence::{LogRule, SigstoreKeys, Trust};
use model::verdict::sentence;
use policy::TrustRoot;

use super::{KEY, KEYLESS, authorities, found, image, judge_on, judged};
use crate::{CompiledPolicy, EvidenceKind, Reference, ReferenceNeed, References, denial};

fn keys(of: &str) -> SigstoreKeys {
    let log = LogKey {
        valid_for: None,
        base_url: format!("https://{of}.test"),
        hash_algorithm: "sha-256".to_owned(),
        public_key: String::new(),
    };
    SigstoreKeys { t_logs: vec![log], ..SigstoreKeys::default() }
}

/// A policy of one authority, with the TrustRoots `fulcio`, `rekor` and `tsa` beside it.
fn compiled(authority: &str) -> CompiledPolicy {
    let text = format!(
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {{name: \
         signed}}\nspec:\n  images: [{{glob: ghcr.io/acme/**}}]\n{}\n",
        authorities(&[authority])
    );
    let parsed = policy::parse(&text);
    let document = parsed.document.unwrap_or_else(|| panic!("{text}\n{:?}", parsed.diagnostics));
    let trust_root = |name: &str| TrustRoot { name: name.to_owned(), keys: keys(name), tuf: None };
    let trust_roots = ["fulcio", "rekor", "tsa"].map(trust_root).to_vec();
    let references = References { trust_roots, ..References::beside(&document) };
    CompiledPolicy::new(document.only_policy().unwrap().clone(), &references)
}

fn keyless(rest: &str) -> String {
    format!("\n    keyless:\n      identities: [{{issuer: i, subject: s}}]{rest}")
}

const OWN: &str = "\n      trustRootRef: fulcio";
const URL: &str = "\n    ctlog: {url: 'https://rekor.test'}";
const ROOT: &str = "\n    ctlog: {trustRootRef: rekor}";
const EMPTY: &str = "\n    ctlog: {}";
const TSA: &str = "\n    rfc3161timestamp: {trustRootRef: tsa}";

#[test]
fn spec_9_1_the_trust_of_each_shape_of_authority() {
    use LogRule::{Ignored, Required};
    let (fulcio, rekor) = (Some(keys("fulcio")), Some(keys("rekor")));
    for (authority, wanted_roots, wanted_logs, wanted_rule) in [
        (keyless(""), None, None, Required),
        (keyless(URL), None, None, Required),
        // The log's keys stay public-good even where the authority has a TrustRoot of its own.
        (keyless(&format!("{OWN}{URL}")), fulcio.clone(), None, Required),
        (keyless(EMPTY), None, None, Ignored),
        (keyless(ROOT), None, rekor.clone(), Required),
        (keyless(&format!("{OWN}{ROOT}")), fulcio.clone(), rekor.clone(), Required),
        (keyless(OWN), fulcio.clone(), None, Ignored),
        (keyless(&format!("{OWN}{EMPTY}")), fulcio.clone(), None, Ignored),
        // A timestamp authority takes the log's place.
        (keyless(TSA), None, None, Ignored),
        (keyless(&format!("{OWN}{ROOT}{TSA}")), fulcio, rekor.clone(), Ignored),
        // An empty block is no block.
        (keyless("\n    rfc3161timestamp: {}"), None, None, Required),
    ] {
        let plan = compiled(&authority).plan(&image());
        let Trust::Keyless { roots, log, logs, ignore_sct } = &plan.signatures[0].trust else {
            panic!("{authority}")
        };
        assert_eq!((roots, logs), (&wanted_roots, &wanted_logs), "{authority}");
        assert_eq!((*log, *ignore_sct), (wanted_rule, false), "{authority}");
    }
    for (rest, wanted_logs, wanted_rule) in [
        ("", None, Ignored),
        (EMPTY, None, Ignored),
        (URL, None, Required),
        (ROOT, rekor, Required),
        (TSA, None, Ignored),
    ] {
        let plan = compiled(&format!("{KEY}{rest}")).plan(&image());
        let Trust::Key { log, logs, hash, .. } = &plan.signatures[0].trust else {
            panic!("{rest}")
        };
        assert_eq!(
            (*log, logs, *hash),
            (wanted_rule, &wanted_logs, HashAlgorithm::Sha256),
            "{rest}"
        );
    }
}

#[test]
fn spec_9_1_timestamps_are_asked_for_by_their_trust_root() {
    let timestamps =
        |rest: &str| compiled(&keyless(rest)).plan(&image()).signatures[0].timestamps.clone();
    assert_eq!(timestamps(TSA), Some(keys("tsa")));
    assert_eq!(timestamps("\n    rfc3161timestamp: {}"), None);
    assert_eq!(timestamps(""), None);
}

#[test]
fn spec_9_1_the_url_of_keyless_decides_nothing() {
    let trust = |rest: &str| compiled(&keyless(rest)).plan(&image()).signatures[0].trust.clone();
    assert_eq!(trust("\n      url: https://fulcio.acme.test"), trust(""));
}

#[test]
fn spec_9_1_insecure_ignore_sct_is_the_only_knob_for_scts() {
    let plan = compiled(&keyless("\n      insecureIgnoreSCT: true")).plan(&image());
    assert!(matches!(plan.signatures[0].trust, Trust::Keyless { ignore_sct: true, .. }));
}

#[test]
fn spec_9_1_a_source_moves_the_look_up_and_nothing_else() {
    let beside = compiled(KEY).plan(&image()).signatures[0].clone();
    let source = "\n    source: [{oci: ghcr.io/acme/signatures, tagPrefix: x-}]";
    let elsewhere = compiled(&format!("{KEY}{source}")).plan(&image()).signatures[0].clone();
    assert_eq!(elsewhere.trust, beside.trust);
    let place = format!("ghcr.io/acme/signatures:x-sha256-{}.sig", "ab".repeat(32));
    assert_eq!(elsewhere.source.place_of(&image()), place);
    let place = place.replace(".sig", ".att");
    assert_eq!(elsewhere.source.attestations_of(&image()), place);
}

#[test]
fn spec_9_1_attestations_take_the_place_of_signatures() {
    let rule = "\n    attestations: [{name: a, predicateType: 'https://a.test'}]";
    let policy = compiled(&format!("{KEY}{rule}"));
    let plan = policy.plan(&image());
    assert_eq!((plan.signatures.len(), plan.attestations.len(), plan.config), (0, 1, false));
    assert_eq!(policy.needs_by_authority()[0].2, EvidenceKind::Attestations);
}

#[test]
fn spec_9_2_a_bundle_is_always_held_to_the_log_unless_timestamps_are_asked_for() {
    let bundle = "\n    signatureFormat: bundle";
    for (rest, wanted) in [
        (String::new(), LogRule::Required),
        (EMPTY.to_owned(), LogRule::Required),
        ("\n    rfc3161timestamp: {}".to_owned(), LogRule::Ignored),
    ] {
        let plan = compiled(&keyless(&format!("{rest}{bundle}"))).plan(&image());
        let need = &plan.signatures[0];
        assert!(need.is_bundle);
        assert!(matches!(need.trust, Trust::Keyless { log, .. } if log == wanted), "{rest}");
    }
    // Whatever else is written means the format of cosign 2.
    let plan = compiled(&keyless("\n    signatureFormat: Bundle")).plan(&image());
    assert!(!plan.signatures[0].is_bundle);
}

#[test]
fn spec_9_3_each_obstacle_is_told_with_authority_and_image() {
    let name = image().to_string();
    let said = |authority: &str, answer| {
        let policy = compiled(authority);
        denial::errors(&judged(&policy, &answer), &image()).join("|")
    };
    assert_eq!(
        said("\n    static: {action: fail, message: closed}", found(vec![])),
        "disallowed by static policy: closed"
    );
    assert_eq!(
        said(KEY, found(vec![])),
        format!("signature key validation failed for authority a0 for {name}: no signatures found")
    );
    assert_eq!(
        said(KEYLESS, found(vec![])),
        format!(
            "signature keyless validation failed for authority a0 for {name}: no signatures found"
        )
    );
    assert_eq!(
        said(KEY, found(vec![super::refused(), super::refused()])),
        format!(
            "signature key validation failed for authority a0 for {name}: no matching signatures: \
             invalid signature\ninvalid signature"
        )
    );
}

#[test]
fn spec_9_3_a_dangling_trust_root_is_named() {
    let policy = compiled(&keyless("\n      trustRootRef: nobody"));
    assert!(policy.plan(&image()).signatures.is_empty());
    let verdict = judge_on(&policy, &image(), &model::evidence::Evidence::default(), 0).unwrap();
    assert!(sentence::of_verdict(&verdict).contains("TrustRoot nobody, which does not exist"));
}

#[test]
fn spec_16_a_trust_root_in_a_repository_counts_once_its_keys_were_read() {
    let text = format!(
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {{name: \
         signed}}\nspec:\n  images: [{{glob: ghcr.io/acme/**}}]\n{}\n---\napiVersion: \
         policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: {{name: far}}\nspec:\n  remote: \
         {{mirror: 'https://tuf.test', root: eyJzaWduYXR1cmVzIjpbXX0=}}\n",
        authorities(&[&keyless("\n      trustRootRef: far")])
    );
    let parsed = policy::parse(&text);
    let document = parsed.document.unwrap_or_else(|| panic!("{text}\n{:?}", parsed.diagnostics));
    let is_refused = parsed.diagnostics.iter().any(|said| said.code == "not-supported");
    assert!(!is_refused, "{:?}", parsed.diagnostics);
    let policy = document.only_policy().unwrap();
    let mut references = References::beside(&document);
    let needs = CompiledPolicy::reference_needs(policy, &references);
    let [need @ ReferenceNeed::TufKeys { repository }] = needs.as_slice() else {
        panic!("{needs:?}")
    };
    assert_eq!(repository.form(), "remote");
    let mut said_with = |found: Option<Result<Reference, String>>| {
        if let Some(found) = found {
            references.add(need.clone(), found);
        }
        let policy = CompiledPolicy::new(policy.clone(), &references);
        let roots = policy.plan(&image()).signatures.first().map(|need| match &need.trust {
            Trust::Keyless { roots, .. } => roots.clone(),
            Trust::Key { .. } => None,
        });
        let verdict = judge_on(&policy, &image(), &model::evidence::Evidence::default(), 0);
        (roots.flatten(), sentence::of_verdict(&verdict.unwrap()))
    };
    let (roots, said) = said_with(None);
    assert!(roots.is_none() && said.contains("remote of TrustRoot far"), "{said}");
    let (roots, said) = said_with(Some(Err("timestamp.json expired".to_owned())));
    assert!(roots.is_none() && said.contains("timestamp.json expired"), "{said}");
    let (roots, _) = said_with(Some(Ok(Reference::Keys(Box::new(keys("far"))))));
    assert_eq!(roots, Some(keys("far")));
    let (roots, _) = said_with(Some(Ok(Reference::Text(String::new()))));
    assert_eq!(roots, None);
}
