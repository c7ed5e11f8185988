//! Provenance of both versions, and what it is worth.

use super::*;

const V0: &str = r#"{
  "builder": {"id": "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.0.0"},
  "buildType": "https://github.com/slsa-framework/slsa-github-generator/container@v1",
  "invocation": {"configSource": {"uri": "git+https://github.com/acme/api@refs/heads/main",
    "digest": {"sha1": "c0ffee"}, "entryPoint": ".github/workflows/release.yaml"}},
  "metadata": {"buildInvocationID": "1", "buildInvocationId": "123-1",
    "buildStartedOn": "2026-11-24T09:30:00Z",
    "completeness": {"parameters": true, "environment": false, "materials": "false"},
    "reproducible": false},
  "materials": [{"uri": "git+https://github.com/acme/api@refs/heads/main", "digest": {"sha1": "c0ffee"}}, 7]
}"#;

const V1: &str = r#"{
  "buildDefinition": {
    "buildType": "https://actions.github.io/buildtypes/workflow/v1",
    "externalParameters": {"workflow": {"ref": "refs/heads/main",
      "repository": "https://github.com/acme/api", "path": ".github/workflows/release.yaml"}},
    "internalParameters": {"github": {"event_name": "push"}},
    "resolvedDependencies": [{"uri": "git+https://github.com/acme/api@refs/heads/main",
      "digest": {"gitCommit": "c0ffee"}}]},
  "runDetails": {"builder": {"id": "https://github.com/actions/runner/github-hosted"},
    "metadata": {"invocationId": "https://github.com/acme/api/actions/runs/1/attempts/1",
      "startedOn": "2026-11-24T09:30:00Z", "finishedOn": "2026-11-24T09:31:00Z"}}
}"#;

fn level(text: &str, signed: Signed<'_>) -> Level {
    LevelEstimate::of(&Provenance::read(text).unwrap(), signed).level
}

#[test]
fn version_0_says_who_built_from_what() {
    let read = Provenance::read(V0).unwrap();
    assert_eq!(read.sources[0].uri, "git+https://github.com/acme/api@refs/heads/main");
    assert_eq!(read.sources[0].digests, [("sha1".to_owned(), "c0ffee".to_owned())]);
    assert_eq!((read.n_materials, read.materials.len()), (1, 1));
    assert_eq!(read.invocation.as_deref(), Some("123-1"));
    assert_eq!(read.claims.has_all_parameters, Some(true));
    assert_eq!(read.claims.has_all_materials, Some(false));
    assert!(read.started_at.is_some() && read.finished_at.is_none());
}

#[test]
fn version_1_says_the_same_in_other_words() {
    let read = Provenance::read(V1).unwrap();
    assert_eq!(read.sources[0].uri, "https://github.com/acme/api@refs/heads/main");
    assert_eq!(read.sources[0].digests, [("gitcommit".to_owned(), "c0ffee".to_owned())]);
    assert_eq!(read.builder.as_deref(), Some("https://github.com/actions/runner/github-hosted"));
    assert!(read.finished_at > read.started_at);
    assert_eq!(read.claims, Claims::default());
}

#[test]
fn materials_beyond_the_limit_are_counted() {
    let one = r#"{"uri":"a"},"#;
    let text = format!(r#"{{"builder":{{"id":"b"}},"materials":[{}{{}}]}}"#, one.repeat(1500));
    let read = Provenance::read(&text).unwrap();
    assert_eq!((read.n_materials, read.materials.len()), (1501, MOST_MATERIALS));
}

#[test]
fn levels_follow_builder_and_signature() {
    let generator = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.1.0";
    let own = "https://github.com/acme/api/.github/workflows/release.yaml@refs/heads/main";
    for (text, signed, wanted) in [
        (V0, Signed::Identity(generator), Level::L3),
        (V0, Signed::Identity(own), Level::L2),
        (V0, Signed::Key, Level::L2),
        (V0, Signed::NotVerified, Level::L1),
        (V1, Signed::Identity(own), Level::L2),
        (r#"{"builder":{"id":"https://ci.acme.test"}}"#, Signed::Key, Level::L1),
        (r#"{"buildType":"a"}"#, Signed::Key, Level::L0),
    ] {
        assert_eq!(level(text, signed), wanted, "{signed:?} {text}");
    }
    let self_hosted = V1.replace("github-hosted", "self-hosted");
    assert_eq!(level(&self_hosted, Signed::Key), Level::L1);
}

#[test]
fn an_estimate_says_that_it_is_one() {
    let estimate = LevelEstimate::of(&Provenance::read(V1).unwrap(), Signed::Key);
    let told = estimate.to_string();
    assert!(
        told.starts_with("probably SLSA build level 2 (an estimate): names its builder"),
        "{told}"
    );
    assert!(estimate.reasons.iter().any(|reason| !reason.is_for()));
}

#[test]
fn what_is_no_provenance_says_so() {
    for text in ["{}", "null", "[]", r#"{"builder":"b"}"#] {
        assert!(Provenance::read(text).is_err(), "{text}");
    }
}
