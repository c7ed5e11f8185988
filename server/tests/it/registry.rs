//! The main job against a real registry: pushed by skopeo, signed by cosign.
//!
//! Where a peer is missing, the test says so in the file of skipped tests and goes without: no
//! registry or skopeo, no test; no cosign, our own key signs in cosign's form.

use std::path::Path;
use std::process::Command;

use authority::SigningKey;
use model::image::Image;
use model::verdict::Verdict;
use model::verdict::sentence::of_verdict;
use registry::{LayoutWriter, tar_layer};
use serde_json::json;
use testkit::DockerRegistry;
use testkit::docker_registry::KNOWN;

use crate::harness::{Server, is_there, skipped};
use crate::main_job::{policy_of, report};

/// A real registry, and the layout that images are made in on their way to it.
pub(crate) struct Registry(DockerRegistry);

impl Registry {
    pub(crate) async fn start() -> Self {
        Self(DockerRegistry::start().await.unwrap().unwrap())
    }

    async fn start_guarded() -> Self {
        Self(DockerRegistry::start_guarded().await.unwrap().unwrap())
    }

    /// Makes an image and pushes it.
    pub(crate) fn push(&self, layout: &LayoutWriter, name: &str) -> Image {
        let repository = format!("{}/acme/{name}", self.0.host()).parse().unwrap();
        let tar = tar_layer(&[("bin/app", name.as_bytes())]).unwrap();
        let config = json!({ "architecture": "amd64", "os": "linux", "config": {} });
        let image = layout.add_image(&repository, "v1", &config, &[tar]).unwrap();
        self.copy(&format!("{repository}:v1"));
        image
    }

    pub(crate) fn host(&self) -> &str {
        self.0.host()
    }

    pub(crate) fn layout(&self) -> LayoutWriter {
        LayoutWriter::create(&self.0.folder().join("layout")).unwrap()
    }

    /// Copies an entry of the layout to where its name says.
    fn copy(&self, name: &str) {
        let layout = self.0.folder().join("layout");
        let mut command = Command::new("skopeo");
        command.args(["copy", "--insecure-policy", "--dest-tls-verify=false", "--quiet"]);
        // Layers that are packed anew on the way would be another image.
        command.arg("--preserve-digests");
        // A registry that lets in everybody looks at no login.
        command.args(["--dest-creds", &format!("{}:{}", KNOWN.user, KNOWN.password)]);
        command.arg(format!("oci:{}:{name}", layout.display())).arg(format!("docker://{name}"));
        run(&mut command);
    }
}

/// A key, and how it signs.
enum Signer {
    Cosign { folder: tempfile::TempDir },
    Own(SigningKey),
}

impl Signer {
    fn new() -> Self {
        if !is_there("cosign", "version") {
            return Self::Own(SigningKey::generate().unwrap());
        }
        let folder = tempfile::tempdir().unwrap();
        run(cosign(folder.path()).arg("generate-key-pair"));
        Self::Cosign { folder }
    }

    fn public_pem(&self) -> String {
        match self {
            Self::Cosign { folder } => {
                std::fs::read_to_string(folder.path().join("cosign.pub")).unwrap()
            }
            Self::Own(key) => key.public_pem(),
        }
    }

    fn sign(&self, registry: &Registry, image: &Image) {
        match self {
            Self::Cosign { folder } => {
                let mut command = cosign(folder.path());
                command.args(["sign", "--key", "cosign.key", "--tlog-upload=false", "--yes"]);
                run(command.args(["--allow-http-registry"]).arg(image.to_string()));
            }
            Self::Own(key) => {
                let signed = key.sign_image(image).unwrap();
                let layout = registry.layout();
                layout.add_signature(image, &signed.payload, &signed.annotations).unwrap();
                let hex = image.digest.hex();
                registry.copy(&format!("{}:sha256-{hex}.sig", image.repository));
            }
        }
    }
}

fn cosign(folder: &Path) -> Command {
    let mut command = Command::new("cosign");
    command.current_dir(folder).env("COSIGN_PASSWORD", "").env("HOME", folder);
    command
}

pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

#[tokio::test]
async fn images_of_a_real_registry_pass_by_the_right_key_only() {
    if !is_there("docker-registry", "--version") || !is_there("skopeo", "--version") {
        return skipped("a real registry: docker-registry or skopeo is missing");
    }
    let mut registry = Registry::start().await;
    let layout = registry.layout();
    let [signed, unsigned, by_another] =
        ["signed", "unsigned", "by-another"].map(|name| registry.push(&layout, name));
    let (ours, theirs) = (Signer::new(), Signer::new());
    if matches!(ours, Signer::Own(_)) {
        skipped("signatures by cosign: it is missing, so our own key signed in its form");
    }
    ours.sign(&registry, &signed);
    theirs.sign(&registry, &by_another);

    let host = registry.host().to_owned();
    let server = Server::start(&["--allow-private", &host, "--plain-http", &host]).await;
    let made = server.cluster("prod").await;
    let document = policy_of(&ours.public_pem(), &format!("{host}/**"));
    let body = json!({ "group": "acme", "document": document });
    let published = server.post("/api/v1/policies", body).await;
    assert!(published.status().is_success(), "{}", published.text().await.unwrap());
    server.accepted(&made.token, &report(1, &[&signed, &unsigned, &by_another])).await;
    let cluster = format!("/api/v1/clusters/{}", made.cluster);
    server.until(&cluster, |it| it["tally"]["pass"] == 1 && it["tally"]["fail"] == 2).await;
    let found = server.json(&format!("{cluster}/violations")).await;
    let sentence = |image: &Image| {
        let rows = found["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["image"] == image.to_string()).unwrap();
        let verdict: Verdict = serde_json::from_value(row["verdict"].clone()).unwrap();
        of_verdict(&verdict)
    };
    assert!(sentence(&unsigned).contains("no signature was found"), "{}", sentence(&unsigned));
    assert!(sentence(&by_another).contains("a signature was refused"), "{}", sentence(&by_another));

    // A registry that goes away takes the verdict with it, and gives it back.
    registry.0.end().unwrap();
    let body = json!({ "image": signed, "group": "acme" });
    let refreshed = server.post("/api/v1/images/refresh", body).await;
    assert!(refreshed.status().is_success(), "{}", refreshed.text().await.unwrap());
    server.until(&cluster, |it| it["tally"]["couldNotCheck"] == 1).await;
}

/// Signs an image with a new key and without a log, attests an SBOM and, in the older line,
/// attaches it too; the key's public half.
fn sign_attest_and_attach(program: &str, is_bundle: bool, image: &Image) -> String {
    let folder = tempfile::tempdir().unwrap();
    let cosign = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command.current_dir(folder.path()).env("COSIGN_PASSWORD", "");
        run(command.env("HOME", folder.path()).args(arguments));
    };
    cosign(&["generate-key-pair"]);
    let sbom = json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": program,
        "packages": [{ "SPDXID": "SPDXRef-a", "name": "left-pad", "versionInfo": "1.2.0" }],
    });
    std::fs::write(folder.path().join("sbom.json"), sbom.to_string()).unwrap();
    let reference = image.to_string();
    let plain = ["--key", "cosign.key", "--yes", "--allow-http-registry"];
    // Version 3 takes the services from a signing configuration; an empty one has no log.
    let without_log: &[&str] = if is_bundle {
        let empty = json!({
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "rekorTlogConfig": {}, "tsaConfig": {},
        });
        std::fs::write(folder.path().join("signing.json"), empty.to_string()).unwrap();
        &["--signing-config", "signing.json"]
    } else {
        &["--tlog-upload=false"]
    };
    cosign(&[&["sign"], &plain[..], without_log, &[&reference]].concat());
    let attest = ["attest", "--type", "spdxjson", "--predicate", "sbom.json"];
    cosign(&[&attest, &plain[..], without_log, &[&reference]].concat());
    if !is_bundle {
        let attach = ["attach", "sbom", "--sbom", "sbom.json", "--type", "spdx"];
        cosign(&[&attach[..], &["--allow-http-registry", &reference]].concat());
    }
    std::fs::read_to_string(folder.path().join("cosign.pub")).unwrap()
}

/// What makes an authority ask for the SBOM too.
const ATTESTED: &str = "
    attestations:
    - {name: sbom, predicateType: spdxjson}";

/// What both lines of cosign make, with a key and without a log: found, verified, and judged by
/// policies that ask for it in its own format.
#[tokio::test]
async fn both_lines_of_cosign_sign_attest_and_attach_and_we_accept_what_they_made() {
    if !is_there("docker-registry", "--version") || !is_there("skopeo", "--version") {
        return skipped("evidence in a real registry: docker-registry or skopeo is missing");
    }
    let lines: Vec<(&str, bool)> = [("cosign", false), ("cosign3", true)]
        .into_iter()
        .filter(|(program, _)| is_there(program, "version"))
        .collect();
    for (program, _) in [("cosign", false), ("cosign3", true)] {
        if !lines.iter().any(|(known, _)| *known == program) {
            skipped(&format!("evidence made by {program}: it is missing"));
        }
    }
    let registry = Registry::start().await;
    let layout = registry.layout();
    let host = registry.host().to_owned();
    let server = Server::start(&["--allow-private", &host, "--plain-http", &host]).await;
    let made = server.cluster("prod").await;
    let mut images = Vec::new();
    for (program, is_bundle) in lines {
        let image = registry.push(&layout, program);
        let other = registry.push(&layout, &format!("{program}-other"));
        let pem = sign_attest_and_attach(program, is_bundle, &image);
        let pem = pem.replace('\n', "\n        ");
        let format = if is_bundle { "\n    signatureFormat: bundle" } else { "" };
        for (name, rest) in [("signed", ""), ("attested", ATTESTED)] {
            let document = format!(
                "apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {{name: {name}-{program}}}
spec:
  images: [{{glob: '{host}/acme/{program}@*'}}, {{glob: '{host}/acme/{program}-*'}}]
  authorities:
  - name: release{format}{rest}
    key:
      data: |
        {pem}
"
            );
            let body = json!({ "group": "acme", "document": document });
            let published = server.post("/api/v1/policies", body).await;
            assert!(published.status().is_success(), "{}", published.text().await.unwrap());
        }
        images.extend([(image, true), (other, false)]);
    }
    let all: Vec<&Image> = images.iter().map(|(image, _)| image).collect();
    server.accepted(&made.token, &report(1, &all)).await;
    for (image, is_good) in &images {
        let describe = format!("/api/v1/images/describe?group=acme&image={image}");
        let wanted = if *is_good { "pass" } else { "fail" };
        let detail = server.until(&describe, |it| it["worst"] == wanted).await;
        let n_sboms = detail["nSboms"].as_u64().unwrap();
        assert_eq!(n_sboms > 0, *is_good, "{detail:#}");
        assert_eq!(detail["nPackages"].as_u64().unwrap(), u64::from(*is_good), "{detail:#}");
    }
}

/// cosign 2 keeps signatures among what refers to the image where it is told to, not under a tag.
#[tokio::test]
async fn a_signature_that_cosign_keeps_as_a_referrer_counts_like_one_under_a_tag() {
    let missing = ["docker-registry", "skopeo"].iter().find(|it| !is_there(it, "--version"));
    let missing = missing.or((!is_there("cosign", "version")).then_some(&"cosign"));
    if let Some(missing) = missing {
        return skipped(&format!("cosign's signatures as referrers: {missing} is missing"));
    }
    let registry = Registry::start().await;
    let layout = registry.layout();
    let host = registry.host().to_owned();
    let image = registry.push(&layout, "referred");
    let folder = tempfile::tempdir().unwrap();
    run(cosign(folder.path()).arg("generate-key-pair"));
    let mut sign = cosign(folder.path());
    sign.env("COSIGN_EXPERIMENTAL", "1").args(["sign", "--registry-referrers-mode=oci-1-1"]);
    sign.args(["--key", "cosign.key", "--tlog-upload=false", "--yes", "--allow-http-registry"]);
    run(sign.arg(image.to_string()));

    let server = Server::start(&["--allow-private", &host, "--plain-http", &host]).await;
    let made = server.cluster("prod").await;
    let pem = std::fs::read_to_string(folder.path().join("cosign.pub")).unwrap();
    let document = policy_of(&pem, &format!("{host}/**"));
    let published =
        server.post("/api/v1/policies", json!({ "group": "acme", "document": document })).await;
    assert!(published.status().is_success(), "{}", published.text().await.unwrap());
    server.accepted(&made.token, &report(1, &[&image])).await;
    let describe = format!("/api/v1/images/describe?group=acme&image={image}");
    let detail = server.until(&describe, |it| it["worst"] == "pass").await;
    assert_eq!(detail["nSignatures"], 1, "{detail:#}");
}

/// A registry that asks who one is: a login that is missing or wrong shows as that, and never as an
/// image without signatures; the file of logins is read again, so the right one takes effect.
#[tokio::test]
async fn a_guarded_registry_is_not_checked_until_the_login_is_right() {
    if !is_there("docker-registry", "--version") || !is_there("skopeo", "--version") {
        return skipped("a guarded registry: docker-registry or skopeo is missing");
    }
    let registry = Registry::start_guarded().await;
    let layout = registry.layout();
    let [signed, unsigned] = ["signed", "unsigned"].map(|name| registry.push(&layout, name));
    let signer = Signer::Own(SigningKey::generate().unwrap());
    signer.sign(&registry, &signed);
    let host = registry.host().to_owned();
    let login = registry.0.folder().join("config.json");
    let path = login.display().to_string();
    let write = |password: &str| {
        std::fs::write(&login, registry.0.docker_config(KNOWN.user, password)).unwrap();
    };
    write("let me out");
    for arguments in [&[][..], &["--docker-config", &path]] {
        let inside = ["--allow-private", &host, "--plain-http", &host];
        let server = Server::start(&[&inside, arguments].concat()).await;
        let made = server.cluster("prod").await;
        let document = policy_of(&signer.public_pem(), &format!("{host}/**"));
        let body = json!({ "group": "acme", "document": document });
        let published = server.post("/api/v1/policies", body).await;
        assert!(published.status().is_success(), "{}", published.text().await.unwrap());
        server.accepted(&made.token, &report(1, &[&signed, &unsigned])).await;
        let cluster = format!("/api/v1/clusters/{}", made.cluster);
        let told = server.until(&cluster, |it| it["tally"]["couldNotCheck"] == 2).await;
        assert_eq!(told["tally"]["pass"], 0, "{told}");
        let describe = format!("/api/v1/images/describe?group=acme&image={signed}");
        let detail = server.json(&describe).await;
        let verdict = detail["verdicts"][0]["verdict"].clone();
        let sentence = of_verdict(&serde_json::from_value::<Verdict>(verdict).unwrap());
        assert!(sentence.starts_with("Could not check signed-by-release: "), "{sentence}");
        assert!(sentence.contains("401 Unauthorized"), "{sentence}");
        if arguments.is_empty() {
            continue;
        }
        write(KNOWN.password);
        for image in [&signed, &unsigned] {
            let body = json!({ "image": image, "group": "acme" });
            let refreshed = server.post("/api/v1/images/refresh", body).await;
            assert!(refreshed.status().is_success(), "{}", refreshed.text().await.unwrap());
        }
        server.until(&cluster, |it| it["tally"]["pass"] == 1 && it["tally"]["fail"] == 1).await;
    }
}
