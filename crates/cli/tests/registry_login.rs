//! `loadline policies test` at a registry that asks who one is.

use std::path::Path;
use std::process::{Command, Output};

use authority::SigningKey;
use model::image::Repository;
use registry::LayoutWriter;
use serde_json::json;
use testkit::docker_registry::KNOWN;
use testkit::{DockerRegistry, skipped};

/// Copies an entry of the layout to where its name says; whether there is anything to do so.
fn copy(layout: &Path, name: &str) -> bool {
    let mut command = Command::new("skopeo");
    command.args(["copy", "--insecure-policy", "--dest-tls-verify=false", "--preserve-digests"]);
    command.args(["--dest-creds", &format!("{}:{}", KNOWN.user, KNOWN.password)]);
    command.arg(format!("oci:{}:{name}", layout.display())).arg(format!("docker://{name}"));
    let Ok(output) = command.output() else { return false };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}

#[tokio::test]
async fn a_login_comes_from_the_named_file_or_from_dockers_own() {
    let Some(registry) = DockerRegistry::start_guarded().await.unwrap() else {
        return skipped("the command line at a guarded registry: docker-registry is missing")
            .unwrap();
    };
    let folder = tempfile::tempdir().unwrap();
    let layout = folder.path().join("layout");
    let writer = LayoutWriter::create(&layout).unwrap();
    let repository: Repository = format!("{}/acme/api", registry.host()).parse().unwrap();
    let layer = registry::tar_layer(&[("a", b"a")]).unwrap();
    let config = json!({ "architecture": "amd64", "os": "linux", "config": {} });
    let image = writer.add_image(&repository, "v1", &config, &[layer]).unwrap();
    let key = SigningKey::generate().unwrap();
    let signed = key.sign_image(&image).unwrap();
    writer.add_signature(&image, &signed.payload, &signed.annotations).unwrap();
    let (name, hex) = (format!("{repository}:v1"), image.digest.hex());
    if !copy(&layout, &name) || !copy(&layout, &format!("{repository}:sha256-{hex}.sig")) {
        return skipped("the command line at a guarded registry: skopeo is missing").unwrap();
    }

    let pem = key.public_pem().replace('\n', "\n        ");
    let policy = format!(
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n\
         metadata: {{name: p}}\nspec:\n  images: [{{glob: '**'}}]\n  authorities:\n  \
         - key:\n      data: |\n        {pem}\n"
    );
    std::fs::write(folder.path().join("p.yaml"), policy).unwrap();
    let write = |name: &str, password: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, registry.docker_config(KNOWN.user, password)).unwrap();
    };
    write("right/config.json", KNOWN.password);
    write("wrong/config.json", "let me out");
    let tested = |docker_folder: &str, rest: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loadline"));
        command.current_dir(folder.path()).args(["policies", "test", "p.yaml", "--image", &name]);
        command.args(["--plain-http", registry.host()]).args(rest);
        command.env("HOME", folder.path()).env("DOCKER_CONFIG", docker_folder).output().unwrap()
    };
    let right = ["--docker-config", "right/config.json"];
    for (docker_folder, rest, code) in [
        ("", &[][..], 2),
        ("wrong", &[], 2),
        ("right", &[], 0),
        ("wrong", &right, 0),
        ("right", &["--docker-config", "wrong/config.json"], 2),
        ("", &["--docker-config", "none.json"], 64),
    ] {
        let output = tested(docker_folder, rest);
        assert_eq!(output.status.code(), Some(code), "{docker_folder} {rest:?}: {output:?}");
        if code == 2 {
            assert!(said(&output).contains("401 Unauthorized"), "{}", said(&output));
        }
    }
    write(".docker/config.json", KNOWN.password);
    assert_eq!(tested("", &[]).status.code(), Some(0), "below the home folder");
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
