//! Foreign bytes from a seed: good input, bent at random, held against everything that reads
//! what others wrote. A run proves nothing; a panic, or a promise that does not hold, is a find,
//! and its seed and number bring it back.
//!
//! `cargo xtask fuzz` runs it for as long as one likes, the tests a sample of fixed seed.

use model::image::ImageReference;
use protocol::ingest::Batch;

use crate::{Fleet, Seed, Shape};

mod evidence;

/// Something that reads foreign bytes.
pub struct Target {
    /// Its name, as on the command line.
    pub name: &'static str,
    /// Good input to bend.
    pub corpus: Vec<Vec<u8>>,
    /// Reads the bytes; an error says which promise did not hold.
    pub read: Read,
}

/// Reads foreign bytes; an error says which promise did not hold.
pub type Read = Box<dyn Fn(&[u8]) -> Result<(), String>>;

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("name", &self.name).finish_non_exhaustive()
    }
}

const POLICY: &str = "apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  mode: warn
  images: [{glob: 'ghcr.io/acme/**'}, {glob: \"*\"}]
  authorities:
  - name: key
    key: &key
      hashAlgorithm: sha256
      data: |
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8nXRh950IZbRj8Ra/N9sbqOPZrfM
        5/KAQN0/KjHcorm/J5yctVd7iEcnessRQjU917hmKO6JWVGHpDguIyakZA==
        -----END PUBLIC KEY-----
  - keyless:
      url: https://fulcio.sigstore.dev
      identities: [{issuerRegExp: '^https://[a-z-\\d.]+$', subject: 'a@b.c'}]
    ctlog: {url: https://rekor.sigstore.dev}
    source: [{oci: ghcr.io/acme/signatures, tagPrefix: x-}]
  - static: {action: fail, message: \"no \\u00e4\"}
";

const CUE: [&str; 3] = [
    "import \"list\"\n#P: {hostNetwork?: false, containers: [...{privileged: *false | bool, n: >2 & <9}]}\nspec: #P & {...}\nl: list.MinItems(1)\nif len(l) > 2 {x: \"\\(l[0])-\"}\nm: [for c in spec.containers if c.n > 3 {c.n * 2}]\n",
    "a: b: c: =~\"^x+$\" | 3.5e2 | null\nlet q = a.b\n[string]: _\nr: q.c & string\n_h: {z!: int, y?: 0x1f}\n",
    "spec: template: {replicas: >=1 & <=5 | *1, \"k-\\(1+1)\": #\"raw\"#, e: '\\x01'}\n",
];

const REGO: [&str; 3] = [
    "package sigstore\nimport future.keywords\ndefault isCompliant = false\nisCompliant { every c in input.spec.containers { not c.privileged } }\n",
    "package sigstore\nisCompliant[r] { c := input.spec.containers[_]; r := {\"result\": c.n > 1, \"error\": sprintf(\"%v\", [c]), \"warning\": \"\"} }\n",
    "package sigstore\nimport rego.v1\nf(x) := x + 1 if x > 0\nisCompliant if { count([y | some y in numbers.range(1, 9); f(y) > 3]) == 7; time.now_ns() > 0; regex.match(\"^a\", \"ab\") }\n",
];

const CASES: &str = "blanks: {A: b}
cases:
- name: a
  now: 2026-01-01T00:00:00Z
  resource: {apiVersion: v1, kind: Pod, metadata: {labels: {a: b}}, spec: {hostNetwork: true}}
  signatures: [{authority: key, key: true}, {issuer: i, subject: s, claims: {a: b}}]
  attestations: [{issuer: i, subject: s, predicateType: 'https://a', predicate: {n: 1.5}}]
  expect: {outcome: warn, errors: [x]}
";

const EXPRESSIONS: [&str; 6] = [
    r"^https://github\.com/acme/[\w.-]+/\.github/workflows/release\.ya?ml@refs/(heads|tags)/.+$",
    r"[[:^alpha:]\d\s-]{1,20}(?i:x|y)*?",
    r"\Qa.b\E[^\W_]+\x{41}\pL",
    "(?P<name>a+)+$",
    "[]a-z&&[^b]]",
    ".*",
];

const REFERENCES: [&str; 5] = [
    "ghcr.io/acme/api:v1.2.3@sha256:5504f2a95018e3d8a52d80d9e1a128c6ea337581808ff9fe96f5628ce2336350",
    "nginx",
    "localhost:5000/a/b_c--d.e",
    "[::1]:5000/a",
    "docker.io/library/nginx@sha256:00",
];

/// Everything that reads foreign bytes and can be had as a library.
///
/// # Errors
/// When a fixture of the corpus cannot be made.
pub fn targets() -> anyhow::Result<Vec<Target>> {
    let shape = Shape {
        n_images: 2,
        n_deployments: 2,
        n_pods: 1,
        n_containers: 2,
        n_namespaces: 1,
        n_nodes: 1,
    };
    let batch = serde_json::to_vec(&Fleet::new(1, shape).snapshot(1, 1))?;
    let mut targets = vec![
        Target { name: "policy", corpus: bytes(&[POLICY]), read: Box::new(read_policy) },
        Target { name: "cue", corpus: bytes(&CUE), read: Box::new(read_cue) },
        Target { name: "rego", corpus: bytes(&REGO), read: Box::new(read_rego) },
        Target { name: "cases", corpus: bytes(&[CASES]), read: Box::new(read_cases) },
        Target { name: "expression", corpus: bytes(&EXPRESSIONS), read: Box::new(read_expression) },
        Target { name: "reference", corpus: bytes(&REFERENCES), read: Box::new(read_reference) },
        Target { name: "batch", corpus: vec![batch], read: Box::new(read_batch) },
    ];
    targets.extend(evidence::targets()?);
    Ok(targets)
}

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// What parses has no error, says where each complaint belongs, and means the same each time.
fn read_policy(bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    let parsed = evaluator::check(text);
    let is_error =
        |it: &model::policies::Diagnostic| it.severity == model::policies::Severity::Error;
    let n_errors = parsed.diagnostics.iter().filter(|it| is_error(it)).count();
    if parsed.document.is_some() != (n_errors == 0) {
        return Err(format!("a document and {n_errors} errors"));
    }
    if parsed.diagnostics != evaluator::check(text).diagnostics {
        return Err("the same text is told differently the second time".to_owned());
    }
    Ok(())
}

/// Whatever it means, it ends, and means the same the second time.
fn read_cue(bytes: &[u8]) -> Result<(), String> {
    read_embedded("cue", bytes)
}

fn read_rego(bytes: &[u8]) -> Result<(), String> {
    read_embedded("rego", bytes)
}

fn read_embedded(language: &str, bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    let data: String = text.lines().map(|line| format!("      {line}\n")).collect();
    let policy = format!(
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {{name: \
         a}}\nspec:\n  images: [{{glob: '**'}}]\n  authorities: [{{static: {{action: pass}}}}]\n  \
         policy:\n    type: {language}\n    includeSpec: true\n    data: |\n{data}"
    );
    let case = "cases:\n- name: a\n  resource: {apiVersion: v1, kind: Pod, metadata: {}, spec: \
                {hostNetwork: true, containers: [{n: 3, privileged: true}], template: {}}}\n  \
                expect: {outcome: pass}\n";
    let first = evaluator::cases::run(&policy, case)?;
    if first != evaluator::cases::run(&policy, case)? {
        return Err("the same policy answered differently the second time".to_owned());
    }
    Ok(())
}

fn read_cases(bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    // What is no cases is told; what is, ends.
    drop(evaluator::cases::run(POLICY, text));
    Ok(())
}

fn read_expression(bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    if let Ok(expression) = policy::Expression::new(text) {
        // Whatever it finds, it ends, and finds the same again.
        let subject = "https://github.com/acme/api/.github/workflows/release.yaml";
        for text in [subject, text] {
            if expression.is_found_in(text) != expression.is_found_in(text) {
                return Err("an expression that changes its mind".to_owned());
            }
        }
    }
    if let Ok(glob) = policy::Glob::new(text)
        && glob.as_str() != text
    {
        return Err("a glob that is not what was written".to_owned());
    }
    Ok(())
}

/// A reference that parses is written so that it parses to the same.
fn read_reference(bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    let Ok(reference) = text.parse::<ImageReference>() else { return Ok(()) };
    let written = reference.to_string();
    match written.parse::<ImageReference>() {
        Ok(again) if again == reference => Ok(()),
        Ok(_) | Err(_) => Err(format!("{text:?} is written as {written:?}, which is another")),
    }
}

/// A batch that parses is written so that it parses to the same.
fn read_batch(bytes: &[u8]) -> Result<(), String> {
    let Ok(batch) = serde_json::from_slice::<Batch>(bytes) else { return Ok(()) };
    let written = serde_json::to_vec(&batch).map_err(|error| error.to_string())?;
    let again: Batch = serde_json::from_slice(&written).map_err(|error| error.to_string())?;
    if again == batch { Ok(()) } else { Err("a batch is written as another one".to_owned()) }
}

/// Good input, bent: bytes changed, cut out, doubled, moved, or taken from another input.
#[must_use]
pub fn bent(corpus: &[Vec<u8>], seed: &mut Seed) -> Vec<u8> {
    let pick = |seed: &mut Seed| {
        let place = usize::try_from(seed.below(corpus.len() as u64)).unwrap_or_default();
        corpus.get(place).cloned().unwrap_or_default()
    };
    let mut bytes = pick(seed);
    for _ in 0..=seed.below(6) {
        let length = bytes.len() as u64;
        let at = usize::try_from(seed.below(length.max(1))).unwrap_or_default();
        let end = at.saturating_add(usize::try_from(seed.below(40)).unwrap_or_default());
        let end = end.min(bytes.len());
        let at = at.min(end);
        match seed.below(6) {
            0 => bytes.insert(at, SPECIAL.get(index(seed, SPECIAL.len())).copied().unwrap_or(0)),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes.get(at..end).unwrap_or_default().repeat(1 + index(seed, 8));
                bytes.splice(at..at, piece);
            }
            3 => {
                let other = pick(seed);
                let from = index(seed, other.len().max(1));
                let piece = other.get(from..).unwrap_or_default().to_vec();
                bytes.splice(at..end, piece.into_iter().take(60));
            }
            4 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = byte.wrapping_add(u8::try_from(seed.below(255)).unwrap_or(1));
                }
            }
            _ => {
                let piece: Vec<u8> = bytes.drain(at..end).collect();
                let to = index(seed, bytes.len().max(1));
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

/// Bytes that mean something to one reader or another.
const SPECIAL: [u8; 24] = *b"\0\t\n\r \"'#&*!|>{}[]:,\\/@%\xff";
/// Longer input takes time and finds nothing new.
const LONGEST: usize = 64 * 1024;

fn index(seed: &mut Seed, length: usize) -> usize {
    usize::try_from(seed.below(length as u64)).unwrap_or_default()
}

/// Runs one target `n` times from a seed.
///
/// # Errors
/// The promise that did not hold, with the seed and number that bring it back.
pub fn run(target: &Target, seed: u64, n: u64) -> Result<(), String> {
    let mut numbers = Seed::new(seed);
    for number in 0..n {
        let input = bent(&target.corpus, &mut numbers);
        (target.read)(&input).map_err(|broken| {
            let shown = String::from_utf8_lossy(&input).into_owned();
            format!("{} seed {seed} number {number}: {broken}\n{shown:?}", target.name)
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_of_every_target_finds_nothing() {
        for target in targets().unwrap() {
            run(&target, 1, 400).unwrap();
        }
    }

    #[test]
    fn good_input_is_good_and_bent_input_is_bent() {
        assert!(evaluator::check(POLICY).document.is_some(), "{:?}", evaluator::check(POLICY));
        let corpus = bytes(&[POLICY]);
        let mut seed = Seed::new(7);
        let n_bent = (0..100).filter(|_| bent(&corpus, &mut seed) != corpus[0]).count();
        assert!(n_bent > 90, "{n_bent}");
    }
}
