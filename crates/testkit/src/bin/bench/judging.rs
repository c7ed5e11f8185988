//! How many (image, policy) pairs are judged in a second on one core, from stored evidence.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use evaluator::{Candidate, CompiledPolicy, Documents, Question, References};
use model::digest::Digest;
use model::evidence::{
    CertificateIdentity, Evidence, Gathered, SignatureFact, Signer, Verification,
};
use model::timestamp::Timestamp;
use testkit::{Fleet, Shape};

const DOCUMENT: &str = "apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: signed-by-release}
spec:
  images:
  - glob: registry.fleet.test/signed/**
  - glob: registry.fleet.test/keyless/**
  - glob: registry.fleet.test/unsigned/**
  authorities:
  - name: release
    keyless:
      url: https://fulcio.sigstore.dev
      identities:
      - issuer: https://token.actions.githubusercontent.com
        subjectRegExp: ^https://github.com/acme/.+/release.yaml@refs/tags/v[0-9.]+$
";

pub(crate) fn run() -> Result<()> {
    let document = policy::parse(DOCUMENT).document.context("the bench's policy parses")?;
    let policy = document.only_policy().ok().context("one policy")?.clone();
    let policy = CompiledPolicy::new(policy, &References::beside(&document));
    let fleet = Fleet::new(1, Shape::TEN_THOUSAND);
    let now = Timestamp::from_seconds(1_800_000_000);
    let inputs: Vec<_> = fleet
        .images()
        .map(|image| {
            let mut evidence = Evidence::default();
            for need in policy.plan(&image).signatures {
                let value = vec![fact(&image.to_string())];
                evidence.signatures.insert(need.key(), Gathered::Found { value });
            }
            (image, evidence)
        })
        .collect();
    let documents = Documents::default();
    let (started, before) = (Instant::now(), crate::process::own_time()?);
    let mut n_pairs: u32 = 0;
    while started.elapsed() < Duration::from_secs(3) {
        for (image, evidence) in &inputs {
            let candidate = Candidate::Admitted(image);
            let question =
                Question { candidate, subject: None, evidence, documents: &documents, now };
            std::hint::black_box(evaluator::judge(&policy, &question));
            n_pairs += 1;
        }
    }
    let spent = crate::process::own_time()?.saturating_sub(before);
    let a_second = f64::from(n_pairs) / spent.as_secs_f64();
    crate::row(
        "(image, policy) pairs judged a second, one core",
        "≥ 50,000",
        &format!("{a_second:.0}"),
    );
    Ok(())
}

fn fact(name: &str) -> SignatureFact {
    let identity = CertificateIdentity {
        issuer: "https://token.actions.githubusercontent.com".to_owned(),
        subjects: vec![format!(
            "https://github.com/acme/{}/release.yaml@refs/tags/v1.2.3",
            name.len()
        )],
        ..CertificateIdentity::default()
    };
    SignatureFact {
        layer: Digest::of(name.as_bytes()),
        id: String::new(),
        verification: Verification::accepted(Signer::Certificate { identity }),
        recheck_at: None,
    }
}
