//! A private Sigstore over HTTP and both lines of cosign, which get certificates, log entries and
//! timestamps from it, sign and attest into a real registry, and verify what they made: the server
//! finds the same and comes to the same.

use std::process::{Command, Output};

use authority::{Authority, SigningKey, trusted_root_json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::image::Image;
use model::verdict::Verdict;
use model::verdict::sentence::of_verdict;
use serde_json::{Value, json};
use testkit::sigstore::{AUDIENCE, Issuer, Person, Sigstore};

use crate::evidence::now;
use crate::harness::{Server, is_there, skipped};
use crate::main_job::report;
use crate::registry::{Registry, run};

const PREDICATE: &str = "https://acme.test/reviewed/v1";
const MALLORY: &str = "mallory@example.com";

/// A line of cosign.
#[derive(Clone, Copy)]
struct Line {
    program: &'static str,
    /// Whether it writes bundles that refer to the image, in place of tags beside it.
    is_bundle: bool,
}

const LINES: [Line; 2] =
    [Line { program: "cosign", is_bundle: false }, Line { program: "cosign3", is_bundle: true }];

/// Who signs.
#[derive(Clone, Copy)]
enum By {
    Key,
    Person(Person<'static>),
}

const SIGNERS: [(&str, By); 3] = [
    ("key", By::Key),
    ("person", By::Person(Person::Address("ada@example.com"))),
    ("workload", By::Person(Person::Workload("https://ci.example/acme/api/release@main"))),
];

/// Where cosign finds the services and what it shall trust, as files.
struct Desk<'a> {
    folder: tempfile::TempDir,
    sigstore: &'a Sigstore,
    issuer: &'a Issuer,
}

impl<'a> Desk<'a> {
    fn new(sigstore: &'a Sigstore, issuer: &'a Issuer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = sigstore.authority().sigstore_keys();
        let write = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        };
        let decoded = |text: &str| STANDARD.decode(text).unwrap();
        write("root.pem", &decoded(&keys.certificate_authorities[0].cert_chain));
        write("log.pem", &decoded(&keys.t_logs[0].public_key));
        write("certificate-log.pem", &decoded(&keys.ct_logs[0].public_key));
        write("timestamps.pem", &decoded(&keys.timestamp_authorities[0].cert_chain));
        write("trusted_root.json", trusted_root_json(&keys).unwrap().as_bytes());
        write("signing_config.json", sigstore.signing_config().as_bytes());
        write("other.pub", SigningKey::generate().unwrap().public_pem().as_bytes());
        write("predicate.json", json!({ "reviewedBy": "two" }).to_string().as_bytes());
        Self { folder, sigstore, issuer }
    }

    fn cosign(&self, line: Line) -> Command {
        let mut command = Command::new(line.program);
        command.current_dir(self.folder.path());
        command.env("HOME", self.folder.path()).env("COSIGN_PASSWORD", "");
        // The older line knows no trusted root.
        let of_older_line = [
            ("SIGSTORE_ROOT_FILE", "root.pem"),
            ("SIGSTORE_REKOR_PUBLIC_KEY", "log.pem"),
            ("SIGSTORE_CT_LOG_PUBLIC_KEY_FILE", "certificate-log.pem"),
            ("SIGSTORE_TSA_CERTIFICATE_FILE", "timestamps.pem"),
        ];
        if !line.is_bundle {
            command.envs(of_older_line.map(|(name, file)| (name, self.folder.path().join(file))));
        }
        command
    }

    /// Signs the image and states something about it.
    fn sign_and_attest(&self, line: Line, by: By, image: &Image) {
        let (services, timestamps) = (self.sigstore.url(), self.sigstore.timestamp_url());
        let from: Vec<&str> = if line.is_bundle {
            vec!["--signing-config", "signing_config.json", "--trusted-root", "trusted_root.json"]
        } else {
            let urls = ["--fulcio-url", &services, "--rekor-url", &services];
            [&urls[..], &["--timestamp-server-url", &timestamps]].concat()
        };
        let with = match by {
            By::Key => ["--key", "cosign.key"],
            By::Person(person) => {
                let token = self.issuer.token(person, AUDIENCE).unwrap();
                std::fs::write(self.folder.path().join("token"), token).unwrap();
                ["--identity-token", "token"]
            }
        };
        let attest = ["attest", "--type", PREDICATE, "--predicate", "predicate.json"];
        for verb in [&["sign"][..], &attest] {
            let mut command = self.cosign(line);
            command.args(verb).args(&from).args(with).arg("--yes");
            run(command.args(["--allow-http-registry", &image.to_string()]));
        }
    }

    /// Whether cosign accepts the image's signature and its attestation.
    fn verify(&self, line: Line, by: &[String], image: &Image) -> [Output; 2] {
        let attestation = ["verify-attestation", "--type", PREDICATE];
        [&["verify"][..], &attestation].map(|verb| {
            let mut command = self.cosign(line);
            command.args(verb).args(by);
            if line.is_bundle {
                command.args(["--trusted-root", "trusted_root.json"]);
            } else {
                command.args(["--rekor-url", &self.sigstore.url()]);
            }
            command.arg("--use-signed-timestamps");
            command.args(["--allow-http-registry", &image.to_string()]).output().unwrap()
        })
    }

    /// How cosign is told whose signature counts, and how a policy is; then the same for others.
    fn trust(&self, by: By) -> (Trust, Vec<Trust>) {
        let of_key = |file: &str| {
            let pem = std::fs::read_to_string(self.folder.path().join(file)).unwrap();
            let pem = pem.trim_end().replace('\n', "\n        ");
            Trust {
                flags: ["--key".to_owned(), file.to_owned()].into(),
                authority: format!("    key:\n      data: |\n        {pem}"),
                miss: "a signature was refused".to_owned(),
            }
        };
        let of_identity = |issuer: &str, subject: &str, miss: String| Trust {
            flags: [["--certificate-identity", subject], ["--certificate-oidc-issuer", issuer]]
                .concat()
                .into_iter()
                .map(str::to_owned)
                .collect(),
            authority: format!(
                "    keyless:\n      trustRootRef: ours\n      \
                 identities: [{{issuer: '{issuer}', subject: '{subject}'}}]"
            ),
            miss,
        };
        let person = match by {
            By::Key => return (of_key("cosign.pub"), vec![of_key("other.pub")]),
            By::Person(person) => person,
        };
        let (Person::Address(subject) | Person::Workload(subject)) = person;
        let (issuer, other) = (self.issuer.url(), "https://accounts.example");
        let wants = format!("signed by {subject}, the policy wants {MALLORY}");
        let of = format!("signed by {subject} of issuer {issuer}, the policy wants issuer {other}");
        let others = [of_identity(issuer, MALLORY, wants), of_identity(other, subject, of)];
        (of_identity(issuer, subject, String::new()), others.into())
    }
}

/// Whose signature counts.
struct Trust {
    /// As cosign is told.
    flags: Vec<String>,
    /// As a policy is told.
    authority: String,
    /// What a verdict says of a signature by somebody else.
    miss: String,
}

/// A policy that asks for a signature, and for an attestation with `rest`.
fn policy(line: Line, name: &str, image: &Image, authority: &str, rest: &str) -> String {
    let format = if line.is_bundle { "bundle" } else { "legacy" };
    format!(
        "apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {{name: {name}}}
spec:
  images: [{{glob: '{image}'}}]
  authorities:
  - name: release
    signatureFormat: {format}
{authority}
    ctlog: {{trustRootRef: ours}}
{rest}
"
    )
}

/// Asks for the statement that cosign makes here, and for the timestamps on all.
fn attested() -> String {
    format!(
        "    rfc3161timestamp: {{trustRootRef: ours}}
    attestations: [{{name: reviewed, predicateType: {PREDICATE}}}]"
    )
}

/// The sentence of a policy's verdict on the image.
fn sentence(detail: &Value, name: &str) -> String {
    let verdicts = detail["verdicts"].as_array().unwrap();
    let is_it = |it: &&Value| it["policyName"] == name && it["until"].is_null();
    let found = verdicts.iter().find(is_it).unwrap_or_else(|| panic!("{name}: {detail:#}"));
    let verdict: Verdict = serde_json::from_value(found["verdict"].clone()).unwrap();
    of_verdict(&verdict)
}

/// A policy on an image, and what its verdict has to say.
struct Expected {
    name: String,
    document: String,
    verdict: &'static str,
    says: String,
}

/// Signs an image; cosign itself has to accept it as by whom it is, and as by nobody else.
fn signed(desk: &Desk<'_>, line: Line, signer: (&str, By), image: &Image) -> Vec<Expected> {
    let (who, by) = signer;
    desk.sign_and_attest(line, by, image);
    let name = |what: &str| format!("{what}-{}-{who}", line.program);
    let root = desk.sigstore.authority().trust_root_yaml("ours");
    let stranger = Authority::generate(now()).unwrap().trust_root_yaml("ours");
    let (trust, others) = desk.trust(by);
    for output in desk.verify(line, &trust.flags, image) {
        assert!(output.status.success(), "{}: {}", name("verify"), said(&output));
    }
    let attested = attested();
    let of_root = |(what, rest, root, verdict): (&str, &str, &str, &'static str)| {
        let document = policy(line, &name(what), image, &trust.authority, rest);
        let document = format!("{document}---\n{root}");
        Expected { name: name(what), document, verdict, says: String::new() }
    };
    let mut expected: Vec<Expected> = [
        ("signed", "", root.as_str(), "Passes"),
        ("attested", &attested, &root, "Passes"),
        ("stranger", "", &stranger, "Fails"),
    ]
    .map(of_root)
    .into();
    for (place, other) in others.into_iter().enumerate() {
        for output in desk.verify(line, &other.flags, image) {
            assert!(!output.status.success(), "{}: {:?}", name("verify"), other.flags);
        }
        let name = name(&format!("other{place}"));
        let document = policy(line, &name, image, &other.authority, "");
        let document = format!("{document}---\n{root}");
        expected.push(Expected { name, document, verdict: "Fails", says: other.miss });
    }
    expected
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cosign_signs_by_a_private_sigstore_both_of_us_accept_and_refuse_alike() {
    if !is_there("docker-registry", "--version") || !is_there("skopeo", "--version") {
        return skipped("signatures by a private Sigstore: docker-registry or skopeo is missing");
    }
    let (lines, missing): (Vec<Line>, Vec<Line>) =
        LINES.into_iter().partition(|it| is_there(it.program, "version"));
    for line in missing {
        skipped(&format!("signatures by a private Sigstore and {}: it is missing", line.program));
    }
    let issuer = Issuer::start().await.unwrap();
    let sigstore = Sigstore::start(&issuer).await.unwrap();
    let registry = Registry::start().await;
    let layout = registry.layout();
    let host = registry.host().to_owned();
    let server = Server::start(&["--allow-private", &host, "--plain-http", &host]).await;
    let made = server.cluster("prod").await;
    let mut all = Vec::new();
    for line in lines {
        let desk = Desk::new(&sigstore, &issuer);
        run(desk.cosign(line).arg("generate-key-pair"));
        for signer in SIGNERS {
            let image = registry.push(&layout, &format!("{}-{}", line.program, signer.0));
            let expected = signed(&desk, line, signer, &image);
            all.push((image, expected));
        }
    }
    for expected in all.iter().flat_map(|(_, expected)| expected) {
        let body = json!({ "group": "acme", "document": expected.document });
        let published = server.post("/api/v1/policies", body).await;
        assert!(published.status().is_success(), "{}", published.text().await.unwrap());
    }
    let images: Vec<&Image> = all.iter().map(|(image, _)| image).collect();
    server.accepted(&made.token, &report(1, &images)).await;
    for (image, expected) in &all {
        let describe = format!("/api/v1/images/describe?group=acme&image={image}");
        let is_judged = |it: &Value| {
            let verdicts = it["verdicts"].as_array().unwrap().iter();
            verdicts.filter(|verdict| verdict["until"].is_null()).count() == expected.len()
        };
        let detail = server.until(&describe, is_judged).await;
        for Expected { name, verdict, says, .. } in expected {
            let sentence = sentence(&detail, name);
            assert!(sentence.starts_with(&format!("{verdict} {name}: ")), "{sentence}");
            assert!(sentence.contains(says), "{sentence}: {says}");
        }
        assert_eq!(detail["nSignatures"], 1, "{detail:#}");
        assert_eq!(detail["nAttestations"], 1, "{detail:#}");
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
