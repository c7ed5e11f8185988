//! What policies say of evidence: tables, laws, and the sentences people read.

use model::digest::Digest;
use model::evidence::{
    CertificateIdentity, Evidence, Gathered, LogRule, SignatureFact, Signer, Trust, Verification,
};
use model::image::Image;
use model::timestamp::Timestamp;
use model::verdict::{Bearing, Finding, Outcome, Verdict, sentence};
use proptest::prelude::*;

use crate::{Candidate, CompiledPolicy, Documents, Question, References, judge};

mod attested;
mod combination;
mod conformance;
mod documents;
mod embedded;
mod ledger;
mod planning;
mod reference;
mod spelling;

const ISSUER: &str = "https://token.actions.test";
const RELEASE: &str = "https://github.com/acme/api/.github/workflows/release.yaml@refs/tags/v1";
const DEPLOY: &str = "https://github.com/acme/api/.github/workflows/deploy.yaml@refs/heads/main";
const KEY: &str = "
    key:
      data: |
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8nXRh950IZbRj8Ra/N9sbqOPZrfM
        5/KAQN0/KjHcorm/J5yctVd7iEcnessRQjU917hmKO6JWVGHpDguIyakZA==
        -----END PUBLIC KEY-----";
const KEYLESS: &str = "
    keyless:
      url: https://fulcio.sigstore.dev
      identities:
      - issuer: https://token.actions.test
        subjectRegExp: release[.]yaml@refs/tags/";

fn policy_of(spec: &str) -> CompiledPolicy {
    let text = format!(
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n\
         metadata: {{name: signed}}\nspec:\n  images: [{{glob: ghcr.io/acme/**}}]\n{spec}\n"
    );
    let parsed = policy::parse(&text);
    let document = parsed.document.unwrap_or_else(|| panic!("{text}\n{:?}", parsed.diagnostics));
    CompiledPolicy::new(document.only_policy().unwrap().clone(), &References::beside(&document))
}

fn authorities(each: &[&str]) -> String {
    let each = each.iter().enumerate();
    let each = each.map(|(index, text)| format!("\n  - name: a{index}{text}"));
    format!("  authorities:{}", each.collect::<String>())
}

fn image() -> Image {
    format!("ghcr.io/acme/api@sha256:{}", "ab".repeat(32)).parse().unwrap()
}

fn fact(verification: Verification) -> SignatureFact {
    SignatureFact {
        layer: Digest::of(b"layer"),
        id: "id".to_owned(),
        verification,
        recheck_at: None,
    }
}

fn by_key() -> SignatureFact {
    fact(Verification::accepted(Signer::Key))
}

fn by(subject: &str) -> SignatureFact {
    let identity = CertificateIdentity {
        issuer: ISSUER.to_owned(),
        subjects: vec![subject.to_owned()],
        ..CertificateIdentity::default()
    };
    fact(Verification::accepted(Signer::Certificate { identity }))
}

fn refused() -> SignatureFact {
    fact(Verification::Refused { cause: "invalid signature".to_owned(), claimed: None })
}

fn found(value: Vec<SignatureFact>) -> Gathered<Vec<SignatureFact>> {
    Gathered::Found { value }
}

fn away() -> Gathered<Vec<SignatureFact>> {
    Gathered::CouldNotAsk { place: "ghcr.io".to_owned(), cause: "connection refused".to_owned() }
}

/// A verdict on evidence alone.
fn judge_on(
    policy: &CompiledPolicy,
    image: &Image,
    evidence: &Evidence,
    now: i64,
) -> Option<Verdict> {
    let question = Question {
        candidate: Candidate::Admitted(image),
        subject: None,
        evidence,
        documents: &Documents::default(),
        now: Timestamp::from_seconds(now),
    };
    judge(policy, &question)
}

/// The same answer to every need of a policy.
fn judged(policy: &CompiledPolicy, answer: &Gathered<Vec<SignatureFact>>) -> Verdict {
    let mut evidence = Evidence::default();
    for need in policy.plan(&image()).signatures {
        evidence.signatures.insert(need.key(), answer.clone());
    }
    judge_on(policy, &image(), &evidence, 0).unwrap()
}

#[test]
fn each_kind_of_authority_and_answer_has_its_outcome_and_sentence() {
    let place = format!("ghcr.io/acme/api:sha256-{}.sig", "ab".repeat(32));
    let nothing = format!("no signature was found at {place}");
    let wrong =
        format!("signed by {DEPLOY}, the policy wants a match of release[.]yaml@refs/tags/");
    for (spec, answer, outcome, why) in [
        (KEY, found(vec![by_key()]), Outcome::Pass, "signed by the policy's key"),
        (KEY, found(vec![]), Outcome::Fail, nothing.as_str()),
        (KEY, found(vec![refused()]), Outcome::Fail, "a signature was refused: invalid signature"),
        (KEY, found(vec![refused(), by_key()]), Outcome::Pass, "signed by the policy's key"),
        (KEY, away(), Outcome::CouldNotCheck, "ghcr.io could not be asked: connection refused"),
        (KEY, Gathered::NotYet, Outcome::CouldNotCheck, "its registry was not asked yet"),
        (KEYLESS, found(vec![by(DEPLOY)]), Outcome::Fail, wrong.as_str()),
        (KEYLESS, found(vec![]), Outcome::Fail, nothing.as_str()),
        ("\n    static: {action: pass}", away(), Outcome::Pass, "the policy says so always"),
        (
            "\n    static: {action: fail, message: legacy is closed}",
            found(vec![by_key()]),
            Outcome::Fail,
            "legacy is closed",
        ),
    ] {
        let verdict = judged(&policy_of(&authorities(&[spec])), &answer);
        assert_eq!(verdict.outcome, outcome, "{spec} {answer:?}");
        let said = sentence::of_verdict(&verdict);
        assert!(said.ends_with(&format!("signed: {why}.")), "{said}");
    }
}

#[test]
fn a_keyless_signature_by_the_right_identity_passes() {
    let policy = policy_of(&authorities(&[KEYLESS]));
    let verdict = judged(&policy, &found(vec![by(DEPLOY), by(RELEASE)]));
    assert_eq!(verdict.outcome, Outcome::Pass);
    let nodes = verdict.reason.flatten();
    let identities: Vec<Bearing> = nodes
        .iter()
        .filter(|(_, node)| matches!(node.finding, Finding::Identity { .. }))
        .map(|(_, node)| node.bearing)
        .collect();
    assert_eq!(identities, [Bearing::Broken, Bearing::Holds]);
}

#[test]
fn an_issuer_that_differs_is_named() {
    let mut fact = by(RELEASE);
    if let Verification::Accepted { signer: Signer::Certificate { identity }, .. } =
        &mut fact.verification
    {
        "https://evil.test".clone_into(&mut identity.issuer);
    }
    let verdict = judged(&policy_of(&authorities(&[KEYLESS])), &found(vec![fact]));
    assert_eq!(verdict.outcome, Outcome::Fail);
    let said = sentence::of_verdict(&verdict);
    let wanted = format!("of issuer https://evil.test, the policy wants issuer {ISSUER}.");
    assert!(said.ends_with(&wanted), "{said}");
}

#[test]
fn warn_turns_a_fail_into_a_warning_and_nothing_else() {
    let policy = policy_of(&format!("  mode: warn\n{}", authorities(&[KEY])));
    for (answer, outcome) in [
        (found(vec![]), Outcome::Warn),
        (found(vec![by_key()]), Outcome::Pass),
        (away(), Outcome::CouldNotCheck),
    ] {
        assert_eq!(judged(&policy, &answer).outcome, outcome);
    }
}

#[test]
fn one_authority_is_enough_and_one_that_is_away_leaves_it_open() {
    let both = policy_of(&authorities(&[KEY, KEYLESS]));
    let [key, keyless] = both.plan(&image()).signatures.try_into().unwrap();
    for (first, second, outcome) in [
        (found(vec![by_key()]), away(), Outcome::Pass),
        (away(), found(vec![by(RELEASE)]), Outcome::Pass),
        (found(vec![]), away(), Outcome::CouldNotCheck),
        (found(vec![]), found(vec![by(DEPLOY)]), Outcome::Fail),
    ] {
        let signatures = [(key.key(), first), (keyless.key(), second)].into();
        let evidence = Evidence { signatures, ..Evidence::default() };
        let verdict = judge_on(&both, &image(), &evidence, 0).unwrap();
        assert_eq!(verdict.outcome, outcome);
    }
}

#[test]
fn an_image_outside_the_globs_is_not_judged_and_needs_nothing() {
    let policy = policy_of(&authorities(&[KEY]));
    let other: Image = format!("ghcr.io/other/api@sha256:{}", "ab".repeat(32)).parse().unwrap();
    assert_eq!(policy.covers(&other), None);
    assert!(policy.plan(&other).signatures.is_empty());
    assert_eq!(judge_on(&policy, &other, &Evidence::default(), 0), None);
}

#[test]
fn a_policy_beside_the_authorities_cannot_save_an_image() {
    let spec =
        format!("{}\n  policy: {{type: cue, data: 'isCompliant: true'}}", authorities(&[KEY]));
    assert_eq!(judged(&policy_of(&spec), &found(vec![])).outcome, Outcome::Fail);
}

#[test]
fn a_trust_root_that_is_not_there_is_named_and_does_not_pass() {
    let spec = KEYLESS.replace("url: https://fulcio.sigstore.dev", "trustRootRef: ours");
    let policy = policy_of(&authorities(&[&spec]));
    assert!(policy.plan(&image()).signatures.is_empty());
    let verdict = judged(&policy, &found(vec![by(RELEASE)]));
    assert_eq!(verdict.outcome, Outcome::CouldNotCheck);
    let said = sentence::of_verdict(&verdict);
    assert!(said.contains("names TrustRoot ours, which does not exist"), "{said}");
}

#[test]
fn the_log_is_looked_at_where_upstream_looks_at_it() {
    let log_of =
        |spec: &str| match &policy_of(&authorities(&[spec])).plan(&image()).signatures[0].trust {
            Trust::Key { log, .. } | Trust::Keyless { log, .. } => *log,
        };
    for (method, ctlog, log) in [
        (KEY, "", LogRule::Ignored),
        (KEY, "\n    ctlog: {}", LogRule::Ignored),
        (KEY, "\n    ctlog: {url: https://rekor.sigstore.dev}", LogRule::Required),
        (KEYLESS, "", LogRule::Required),
        (KEYLESS, "\n    ctlog: {}", LogRule::Ignored),
        (KEYLESS, "\n    ctlog: {url: https://rekor.sigstore.dev}", LogRule::Required),
    ] {
        assert_eq!(log_of(&format!("{method}{ctlog}")), log, "{method}{ctlog}");
    }
}

#[test]
fn very_many_signatures_are_judged_all_and_shown_in_part() {
    let policy = policy_of(&authorities(&[KEY]));
    let mut many = vec![refused(); 1000];
    let verdict = judged(&policy, &found(many.clone()));
    assert_eq!(verdict.outcome, Outcome::Fail);
    assert!(verdict.reason.flatten().len() < 50);
    many.push(by_key());
    let verdict = judged(&policy, &found(many));
    assert_eq!(verdict.outcome, Outcome::Pass);
    assert!(sentence::of_verdict(&verdict).contains("signed by the policy's key"));
    let more = Finding::MoreSignatures { count: 981 };
    assert!(verdict.reason.flatten().iter().any(|(_, node)| node.finding == more));
}

fn any_fact() -> impl Strategy<Value = SignatureFact> {
    prop_oneof![Just(by_key()), Just(by(RELEASE)), Just(by(DEPLOY)), Just(refused())]
}

fn any_answer() -> impl Strategy<Value = Gathered<Vec<SignatureFact>>> {
    prop_oneof![
        Just(away()),
        Just(Gathered::NotYet),
        prop::collection::vec(any_fact(), 0..40).prop_map(found),
    ]
}

/// How a verdict ranks: the better an answer, the higher.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Fail | Outcome::Warn => 0,
        Outcome::CouldNotCheck => 1,
        Outcome::Pass => 2,
    }
}

proptest! {
    /// The order of signatures decides nothing, and one more never makes an image worse.
    #[test]
    fn more_signatures_never_harm(
        facts in prop::collection::vec(any_fact(), 0..40), more in any_fact(), keyless: bool,
    ) {
        let policy = policy_of(&authorities(&[if keyless { KEYLESS } else { KEY }]));
        let before = judged(&policy, &found(facts.clone())).outcome;
        let mut turned = facts.clone();
        turned.reverse();
        prop_assert_eq!(judged(&policy, &found(turned)).outcome, before);
        let mut longer = facts;
        longer.push(more);
        prop_assert!(rank(judged(&policy, &found(longer)).outcome) >= rank(before));
    }

    /// A second authority never makes an image worse than it is under the first, except that
    /// one that is away leaves a failure open.
    #[test]
    fn one_more_authority_never_harms(answer in any_answer()) {
        let alone = judged(&policy_of(&authorities(&[KEY])), &answer).outcome;
        let both = judged(&policy_of(&authorities(&[KEY, KEYLESS])), &answer).outcome;
        prop_assert!(rank(both) >= rank(alone));
    }

    /// The tree says the same as the outcome, and survives being stored.
    #[test]
    fn the_tree_and_the_outcome_agree(answer in any_answer(), warn: bool) {
        let mode = if warn { "  mode: warn\n" } else { "" };
        let policy = policy_of(&format!("{mode}{}", authorities(&[KEY, KEYLESS])));
        let verdict = judged(&policy, &answer);
        let expected = match verdict.outcome {
            Outcome::Pass => Bearing::Holds,
            Outcome::CouldNotCheck => Bearing::Unknown,
            Outcome::Warn | Outcome::Fail => Bearing::Broken,
        };
        prop_assert_eq!(verdict.reason.bearing, expected);
        prop_assert_eq!(verdict.outcome == Outcome::Warn, warn && expected == Bearing::Broken);
        prop_assert_eq!(&judged(&policy, &answer), &verdict);
    }
}

#[test]
fn an_image_whose_digest_is_unknown_cannot_be_checked_by_anybody() {
    for authority in [KEY, KEYLESS, "\n    static: {action: pass}", "\n    static: {action: fail}"]
    {
        let policy = policy_of(&authorities(&[authority]));
        let image = Image::unresolved(image().repository);
        assert!(policy.plan(&image).signatures.is_empty());
        let verdict = judge_on(&policy, &image, &Evidence::default(), 0);
        let verdict = verdict.unwrap();
        assert_eq!(verdict.outcome, Outcome::CouldNotCheck);
        assert!(sentence::of_verdict(&verdict).contains("did not report at which digest"));
    }
}

#[test]
fn what_was_held_against_another_time_must_be_verified_again() {
    let policy = policy_of(&authorities(&[KEYLESS]));
    let mut fact = by(RELEASE);
    fact.recheck_at = Some(Timestamp::from_seconds(10));
    let mut evidence = Evidence::default();
    evidence.signatures.insert(policy.plan(&image()).signatures[0].key(), found(vec![fact]));
    for (now, outcome, recheck_at) in
        [(9, Outcome::Pass, Some(Timestamp::from_seconds(10))), (10, Outcome::CouldNotCheck, None)]
    {
        let verdict = judge_on(&policy, &image(), &evidence, now).unwrap();
        assert_eq!((verdict.outcome, verdict.recheck_at), (outcome, recheck_at));
    }
}
