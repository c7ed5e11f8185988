//! `loadline evidence verify` of what cosign makes of files, by a private Sigstore over HTTP.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Stdio};

use authority::{Authority, trusted_root_json};
use model::timestamp::Timestamp;
use testkit::sigstore::{AUDIENCE, Issuer, Person, Sigstore};
use testkit::skipped;

const SUBJECT: &str = "ada@example.com";
const PREDICATE: &str = "https://acme.test/reviewed/v1";

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Has cosign sign a file, and state something about it; where the bundles are.
fn bundles(folder: &Path) -> [&'static str; 2] {
    let attest = ["attest-blob", "--type", PREDICATE, "--predicate", "predicate.json"];
    for (verb, bundle) in [(&["sign-blob"][..], "signed.json"), (&attest, "stated.json")] {
        let mut command = Command::new("cosign3");
        command.current_dir(folder).env("HOME", folder).args(verb);
        command.args(["--signing-config", "signing_config.json"]);
        command.args(["--trusted-root", "trusted_root.json", "--identity-token", "token"]);
        let output = command.args(["--yes", "--bundle", bundle, "artifact"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    ["signed.json", "stated.json"]
}

fn verified(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadline"));
    command.current_dir(folder).args(["evidence", "verify"]).args(arguments);
    let output = command.env_remove("LOADLINE_SERVER").env("HOME", folder).output().unwrap();
    (output.status.code(), format!("{output:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_of_cosigns_is_verified_by_name_artifact_and_trusted_root() {
    if !is_there("cosign3") {
        return skipped("bundles of files by cosign3: it is missing").unwrap();
    }
    let issuer = Issuer::start().await.unwrap();
    let sigstore = Sigstore::start(&issuer).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let root = |authority: &Authority| trusted_root_json(&authority.sigstore_keys()).unwrap();
    let stranger = Authority::generate(Timestamp::from_seconds(1_790_000_000)).unwrap();
    write("artifact", "an artifact\n");
    write("another", "another artifact\n");
    write("predicate.json", "{}");
    write("token", &issuer.token(Person::Address(SUBJECT), AUDIENCE).unwrap());
    write("signing_config.json", &sigstore.signing_config());
    write("trusted_root.json", &root(sigstore.authority()));
    write("strangers_root.json", &root(&stranger));
    for bundle in bundles(folder.path()) {
        for (subject, issuer, root, artifact, code) in [
            (SUBJECT, issuer.url(), "trusted_root.json", "artifact", 0),
            ("mallory@example.com", issuer.url(), "trusted_root.json", "artifact", 1),
            (SUBJECT, "https://accounts.example", "trusted_root.json", "artifact", 1),
            (SUBJECT, issuer.url(), "strangers_root.json", "artifact", 1),
            (SUBJECT, issuer.url(), "trusted_root.json", "another", 1),
        ] {
            let by = ["--certificate-identity", subject, "--certificate-oidc-issuer", issuer];
            let of = ["--bundle", bundle, "--trusted-root", root, artifact];
            let (found, said) = verified(folder.path(), &[&by[..], &of].concat());
            assert_eq!(found, Some(code), "{bundle} {subject} {issuer} {root} {artifact}: {said}");
        }
    }
}
