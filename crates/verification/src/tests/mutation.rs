//! Whatever bit is flipped, a signature is never accepted, unless it still means the same.

use authority::SigningKey;
use model::evidence::HashAlgorithm;

use super::*;
use crate::layer::{BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, SIGNATURE_ANNOTATION};
use crate::text::pem_certificates;

const TRIES: usize = 3_000;

/// A small generator with a fixed seed, so that a failure can be seen again.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// Flips one bit of one byte; `None` when the text would be no text any more.
fn flipped(text: &str, random: &mut Random) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let place = random.below(bytes.len());
    bytes[place] ^= 1 << random.below(8);
    String::from_utf8(bytes).ok()
}

/// Two certificate annotations that hold the same certificate, as PEM may be spelled freely.
fn same_certificate(one: &str, other: &str) -> bool {
    pem_certificates(one.as_bytes()) == pem_certificates(other.as_bytes())
}

fn no_mutation_is_accepted(trust: &Trust, layer: &SignatureLayer, names: &[&str], seed: u64) {
    let verifier = verifier(trust);
    let accepts = |layer: &SignatureLayer| {
        is_accepted(&verifier.signature(&image().digest, layer, NOW).verification)
    };
    assert!(accepts(layer));
    let mut random = Random(seed);
    for attempt in 0..TRIES {
        let choice = random.below(names.len() + 1);
        let Some(name) = names.get(choice) else {
            let mut changed = layer.clone();
            let place = random.below(changed.payload.len());
            changed.payload[place] ^= 1 << random.below(8);
            assert!(!accepts(&changed), "attempt {attempt}: payload byte {place}");
            continue;
        };
        let before = &layer.annotations[*name];
        let Some(after) = flipped(before, &mut random) else { continue };
        if *name == CERTIFICATE_ANNOTATION && same_certificate(before, &after) {
            continue;
        }
        assert!(!accepts(&with(layer, name, Some(&after))), "attempt {attempt}: {name}\n{after}");
    }
}

#[test]
fn no_flipped_bit_survives_keyless() {
    let (authority, layer) = signed();
    let names = [SIGNATURE_ANNOTATION, CERTIFICATE_ANNOTATION, BUNDLE_ANNOTATION];
    no_mutation_is_accepted(&keyless(&authority.sigstore_keys()), &layer, &names, 0x5eed);
}

#[test]
fn no_flipped_bit_survives_without_a_log() {
    let (authority, layer) = signed();
    let names = [SIGNATURE_ANNOTATION, CERTIFICATE_ANNOTATION];
    no_mutation_is_accepted(&unlogged(&authority.sigstore_keys()), &layer, &names, 0xcafe);
}

#[test]
fn no_flipped_bit_survives_with_a_logged_key() {
    let authority = Authority::generate(NOW).unwrap();
    let key = SigningKey::generate().unwrap();
    let layer = layer(authority.sign_with_key(&key, &image(), NOW).unwrap());
    let trust = Trust::Key {
        pem: key.public_pem(),
        hash: HashAlgorithm::Sha256,
        log: LogRule::Required,
        logs: Some(authority.sigstore_keys()),
    };
    let names = [SIGNATURE_ANNOTATION, BUNDLE_ANNOTATION];
    no_mutation_is_accepted(&trust, &layer, &names, 0xf1a9);
}

#[test]
fn no_cut_annotation_is_accepted() {
    let (authority, layer) = signed();
    let verifier = verifier(&keyless(&authority.sigstore_keys()));
    for name in [SIGNATURE_ANNOTATION, CERTIFICATE_ANNOTATION, BUNDLE_ANNOTATION] {
        let whole = &layer.annotations[name];
        for end in (0..whole.trim_end().len()).step_by(7) {
            let start = whole.split_at(end).0;
            let cut = with(&layer, name, Some(start));
            let fact = verifier.signature(&image().digest, &cut, NOW);
            let is_same = same_certificate(start, whole);
            assert!(is_same || !is_accepted(&fact.verification), "{name} cut at {end}");
        }
    }
}
