//! `loadline policies test` as scripts call it: the program, its exit codes, its output.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use authority::SigningKey;
use model::image::Repository;
use registry::LayoutWriter;
use serde_json::{Value, json};

const IMAGE: &str =
    "ghcr.io/acme/api@sha256:abababababababababababababababababababababababababababababababab";

fn policy(authority: &str, rest: &str) -> String {
    format!(
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {{name: \
         p}}\nspec:\n  images: [{{glob: '**'}}]\n  authorities: [{authority}]\n{rest}"
    )
}

fn tested(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadline"));
    command.current_dir(folder).args(["policies", "test"]).args(arguments);
    command.env_remove("LOADLINE_SERVER").env("HOME", folder).output().unwrap()
}

fn written(files: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn the_exit_code_is_the_answer() {
    let folder = written(&[
        ("pass.yaml", policy("{static: {action: pass}}", "")),
        ("fail.yaml", policy("{static: {action: fail, message: closed}}", "")),
        ("warn.yaml", policy("{static: {action: fail, message: closed}}", "  mode: warn\n")),
        ("away.yaml", policy("{keyless: {identities: [{issuer: i, subject: s}]}}", "")),
        ("wrong.yaml", policy("{}", "")),
        ("other.yaml", policy("{static: {action: pass}}", "").replace("'**'", "quay.io/**")),
    ]);
    for (policy, code) in
        [("pass", 0), ("warn", 0), ("fail", 1), ("other", 1), ("away", 2), ("wrong", 3)]
    {
        let file = format!("{policy}.yaml");
        let arguments = [file.as_str(), "--image", "127.0.0.1:1/acme/api:1"];
        let output = tested(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(code), "{policy}: {output:?}");
    }
    for arguments in [
        &["pass.yaml"][..],
        &["--image", IMAGE][..],
        &["pass.yaml", "--image", IMAGE, "--evidence", "moon"][..],
        &["pass.yaml", "--image", "in@valid"][..],
        &["pass.yaml", "--image", IMAGE, "--no-such-flag"][..],
    ] {
        assert_eq!(tested(folder.path(), arguments).status.code(), Some(64), "{arguments:?}");
    }
}

#[test]
fn json_has_the_fields_that_scripts_read() {
    let folder = written(&[
        ("fail.yaml", policy("{name: closed, static: {action: fail, message: closed}}", "")),
        ("warn.yaml", policy("{static: {action: fail}}", "  mode: warn\n")),
    ]);
    let output = tested(folder.path(), &["fail.yaml", "--image", IMAGE, "-o", "json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json[0]["policy"], "p");
    assert_eq!(json[0]["outcome"], "fail");
    assert_eq!(json[0]["errors"], serde_json::json!(["disallowed by static policy: closed"]));
    assert_eq!(json[0]["warnings"], serde_json::json!([]));
    assert_eq!(json[0]["reasons"]["finding"]["what"], "policy");
    let output = tested(folder.path(), &["warn.yaml", "--image", IMAGE, "-o", "yaml"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("outcome: warn"), "{output:?}");
}

#[test]
fn a_static_policy_over_a_workload_asks_nobody() {
    let rego = "  policy:\n    type: rego\n    includeSpec: true\n    data: |\n      package \
                sigstore\n      isCompliant { not input.spec.hostNetwork }\n";
    let pod = |spec: &str| {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{{spec}}}\n")
    };
    let folder = written(&[
        ("p.yaml", policy("{static: {action: pass}}", rego)),
        ("good.yaml", pod("containers: []")),
        ("bad.yaml", pod("hostNetwork: true")),
        ("none.yaml", "kind: Pod".to_owned()),
    ]);
    // The name stands for no registry: nobody is asked.
    for (resource, code) in
        [("good.yaml", 0), ("bad.yaml", 1), ("absent.yaml", 64), ("none.yaml", 64)]
    {
        let arguments = ["p.yaml", "--image", "no.such.registry.test/app", "--resource", resource];
        let output = tested(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(code), "{resource}: {output:?}");
    }
}

#[test]
fn evidence_may_be_written_down() {
    let folder = written(&[(
        "p.yaml",
        policy(
            "{name: ci, keyless: {identities: [{issuer: i, subject: s}]}, attestations: [{name: a, \
             predicateType: 'https://slsa.dev/provenance/v1'}]}",
            "",
        ),
    )]);
    for (subject, code) in [("s", 0), ("t", 1)] {
        let evidence = format!(
            "attestations:\n- {{issuer: i, subject: {subject}, predicateType: \
             'https://slsa.dev/provenance/v1', predicate: {{}}}}\n"
        );
        std::fs::write(folder.path().join("evidence.yaml"), evidence).unwrap();
        let arguments = ["p.yaml", "--image", IMAGE, "--evidence", "folder:."];
        assert_eq!(tested(folder.path(), &arguments).status.code(), Some(code), "{subject}");
    }
}

#[test]
fn a_layout_stands_for_every_registry() {
    let key = SigningKey::generate().unwrap();
    let pem: String = key.public_pem().lines().map(|line| format!("        {line}\n")).collect();
    let text = policy("{static: {action: fail}}", "").replace(
        "  authorities: [{static: {action: fail}}]\n",
        &format!("  authorities:\n  - key:\n      data: |\n{pem}"),
    );
    let folder = written(&[("p.yaml", text)]);
    let layout = LayoutWriter::create(&folder.path().join("layout")).unwrap();
    let repository: Repository = "no.such.registry.test/acme/api".parse().unwrap();
    let layer = registry::tar_layer(&[("a", b"a")]).unwrap();
    let image = layout.add_image(&repository, "v1", &json!({}), &[layer]).unwrap();
    let tested = |reference: &str| {
        let arguments = ["p.yaml", "--image", reference, "--evidence", "layout:layout"];
        tested(folder.path(), &arguments).status.code()
    };
    let pinned = image.to_string();
    assert_eq!(tested(&pinned), Some(1), "it is not signed yet");
    let signed = key.sign_image(&image).unwrap();
    layout.add_signature(&image, &signed.payload, &signed.annotations).unwrap();
    assert_eq!(tested(&pinned), Some(0));
    assert_eq!(tested("no.such.registry.test/acme/api:v1"), Some(0), "the tag is resolved there");
    assert_eq!(tested("no.such.registry.test/acme/api:v2"), Some(2), "there is no such tag");
}

#[test]
fn a_digest_that_a_registry_does_not_tell_is_told_as_that() {
    let keyless = policy("{keyless: {identities: [{issuer: i, subject: s}]}}", "");
    let folder = written(&[("p.yaml", keyless)]);
    let output = tested(folder.path(), &["p.yaml", "--image", "127.0.0.1:1/acme/api:1"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.starts_with("Could not check p: 127.0.0.1:1/acme/api:1 could not be asked"),
        "{said}"
    );
}

#[test]
fn policies_come_from_folders_and_standard_input_too() {
    let folder = written(&[
        ("a.yaml", policy("{static: {action: pass}}", "")),
        ("b.yaml", policy("{static: {action: fail}}", "").replace("name: p", "name: q")),
        ("a.cases.yaml", "not a policy".to_owned()),
    ]);
    let output = tested(folder.path(), &[".", "--image", IMAGE]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("Passes p") && said.contains("Fails q"), "{said}");
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_loadline");
    let script = format!("{program} policies test - --image {IMAGE} < a.yaml");
    assert_eq!(
        command.current_dir(folder.path()).args(["-c", &script]).status().unwrap().code(),
        Some(0)
    );
}
