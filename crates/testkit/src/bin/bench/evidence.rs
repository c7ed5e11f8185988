//! How many signatures are verified in a second on one core: layers of cosign 2, and bundles as
//! cosign 3 writes them, everything checked and everything read again each time.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use authority::{Authority, By, Stated};
use model::digest::Digest;
use model::evidence::{LogRule, SignatureNeed, SignatureSource, SigstoreKeys, Trust, Verification};
use model::image::Image;
use model::timestamp::Timestamp;
use verification::{SignatureLayer, Verifier};

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
const ISSUER: &str = "https://token.actions.githubusercontent.com";
const SUBJECT: &str = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";

pub(crate) fn run() -> Result<()> {
    let image: Image = format!("ghcr.io/acme/api@{}", Digest::of(b"image")).parse()?;
    let authority = Authority::generate(NOW)?;
    let keys = authority.sigstore_keys();
    let by = By::Identity { issuer: ISSUER, subject: SUBJECT };

    let signed = authority.sign_keyless(&image, ISSUER, SUBJECT, NOW)?;
    let layer = SignatureLayer {
        digest: Digest::of(&signed.payload),
        payload: signed.payload,
        annotations: signed.annotations,
    };
    let verifier = Verifier::new(&need(&keys, false))?;
    let rate = rate(|| verifier.signature(&image.digest, &layer, NOW).verification)?;
    crate::row("keyless cosign signatures verified a second, one core", "–", &rate);

    let bundle = authority.bundle(by, &image, &Stated::signed(), NOW)?;
    let digest = Digest::of(&bundle);
    let verifier = Verifier::new(&need(&keys, true))?;
    let verify = || verifier.bundle(&image.digest, digest, &bundle, NOW).fact.verification;
    let figure = "keyless bundles verified a second, one core: chain, SCT, promise, proof, \
                  checkpoint, timestamp, signature";
    crate::row(figure, "≥ 900", &self::rate(verify)?);
    Ok(())
}

fn need(keys: &SigstoreKeys, is_bundle: bool) -> SignatureNeed {
    SignatureNeed {
        source: SignatureSource::default(),
        trust: Trust::Keyless {
            roots: Some(keys.clone()),
            log: LogRule::Required,
            logs: Some(keys.clone()),
            ignore_sct: false,
        },
        is_bundle,
        timestamps: None,
    }
}

fn rate(verify: impl Fn() -> Verification) -> Result<String> {
    let is_good = matches!(verify(), Verification::Accepted { .. });
    anyhow::ensure!(is_good, "the bench's own evidence was refused");
    let started = Instant::now();
    let mut n: u32 = 0;
    while started.elapsed() < Duration::from_secs(3) {
        black_box(verify());
        n += 1;
    }
    Ok(format!("{:.0}", f64::from(n) / started.elapsed().as_secs_f64()))
}
