//! Foreign bytes from a seed: good input, bent at random, held against everything that reads
//! what others wrote. A run proves nothing; a panic, or a promise that does not hold, is a find,
//! and its seed and number bring it back.
//!
//! `cargo xtask fuzz` runs it for as long as one likes, the tests a sample of fixed seed.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use model::image::{Image, ImageReference};
use model::timestamp::Timestamp;
use protocol::ingest::Batch;

use crate::{Fleet, Seed, Shape};

mod admission;
mod credentials;
mod documents;
mod evidence;
mod repository;
mod tokens;

use admission::Admission;

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

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("name", &self.name).finish_non_exhaustive()
    }
}

/// One piece of bent input, and what brings it back.
#[derive(Debug)]
pub struct Input<'target> {
    target: &'target Target,
    seed: u64,
    number: u64,
    bytes: Vec<u8>,
}

impl Target {
    /// The inputs of a seed, without an end.
    pub fn inputs(&self, seed: u64) -> impl Iterator<Item = Input<'_>> {
        let mut numbers = Seed::new(seed);
        (0_u64..).map(move |number| {
            let bytes = bent(&self.corpus, &mut numbers);
            Input { target: self, seed, number, bytes }
        })
    }
}

impl Input<'_> {
    /// Has the target read it.
    ///
    /// # Errors
    /// The promise that did not hold, or that it panicked, with the seed and number that bring it
    /// back.
    pub fn read(&self) -> Result<(), String> {
        // A reader that panicked is not asked again, so what it leaves behind is nobody's.
        let read = catch_unwind(AssertUnwindSafe(|| (self.target.read)(&self.bytes)));
        let held = read.unwrap_or_else(|_| Err("it panicked".to_owned()));
        held.map_err(|broken| format!("{self}: {broken}"))
    }
}

impl fmt::Display for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = String::from_utf8_lossy(&self.bytes);
        write!(f, "{} seed {} number {} ({shown:?})", self.target.name, self.seed, self.number)
    }
}

const POLICY: &str = include_str!("../../../fuzz/seeds/policy/signed.yaml");

const CUE: [&str; 3] = [
    include_str!("../../../fuzz/seeds/cue/1.cue"),
    include_str!("../../../fuzz/seeds/cue/2.cue"),
    include_str!("../../../fuzz/seeds/cue/3.cue"),
];

const REGO: [&str; 3] = [
    include_str!("../../../fuzz/seeds/rego/1.rego"),
    include_str!("../../../fuzz/seeds/rego/2.rego"),
    include_str!("../../../fuzz/seeds/rego/3.rego"),
];

const CASES: &str = include_str!("../../../fuzz/seeds/cases/one.yaml");

const EXPRESSIONS: [&str; 6] = [
    include_str!("../../../fuzz/seeds/expression/1.txt"),
    include_str!("../../../fuzz/seeds/expression/2.txt"),
    include_str!("../../../fuzz/seeds/expression/3.txt"),
    include_str!("../../../fuzz/seeds/expression/4.txt"),
    include_str!("../../../fuzz/seeds/expression/5.txt"),
    include_str!("../../../fuzz/seeds/expression/6.txt"),
];

const REFERENCES: [&str; 5] = [
    include_str!("../../../fuzz/seeds/reference/1.txt"),
    include_str!("../../../fuzz/seeds/reference/2.txt"),
    include_str!("../../../fuzz/seeds/reference/3.txt"),
    include_str!("../../../fuzz/seeds/reference/4.txt"),
    include_str!("../../../fuzz/seeds/reference/5.txt"),
];

/// A manifest, an index, a list of referrers.
const MANIFESTS: [&str; 3] = [
    include_str!("../../../fuzz/seeds/manifest/1.json"),
    include_str!("../../../fuzz/seeds/manifest/2.json"),
    include_str!("../../../fuzz/seeds/manifest/3.json"),
];

const LINKS: [&str; 2] = [
    include_str!("../../../fuzz/seeds/link/1.txt"),
    include_str!("../../../fuzz/seeds/link/2.txt"),
];

const NOTIFICATIONS: [&str; 1] = [include_str!("../../../fuzz/seeds/notifications/1.json")];

const LOGINS: [&str; 2] = [
    include_str!("../../../fuzz/seeds/logins/1.json"),
    include_str!("../../../fuzz/seeds/logins/2.json"),
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
    let admission = Rc::new(Admission::new()?);
    let asked = |read: fn(&Admission, &[u8]) -> Result<(), String>| -> Read {
        let admission = Rc::clone(&admission);
        Box::new(move |bytes| read(&admission, bytes))
    };
    let target = |name, corpus: &[&str], read| Target { name, corpus: bytes(corpus), read };
    let mut targets = vec![
        target("glob", &admission::GLOBS, Box::new(admission::read_glob)),
        target("spelling", &admission::SPELLINGS, asked(Admission::read_spelling)),
        target("attested", &admission::STATEMENTS, asked(Admission::read_statement)),
        target("object", &admission::OBJECTS, asked(Admission::read_object)),
        target("policy", &[POLICY], Box::new(read_policy)),
        target("cue", &CUE, Box::new(read_cue)),
        target("rego", &REGO, Box::new(read_rego)),
        target("cases", &[CASES], Box::new(read_cases)),
        target("expression", &EXPRESSIONS, Box::new(read_expression)),
        target("reference", &REFERENCES, Box::new(read_reference)),
        Target { name: "batch", corpus: vec![batch], read: Box::new(read_batch) },
        Target { name: "manifest", corpus: bytes(&MANIFESTS), read: Box::new(read_manifest) },
        Target { name: "link", corpus: bytes(&LINKS), read: Box::new(read_link) },
        Target {
            name: "notifications",
            corpus: bytes(&NOTIFICATIONS),
            read: Box::new(read_notices),
        },
        Target { name: "logins", corpus: bytes(&LOGINS), read: Box::new(read_logins) },
    ];
    targets.extend(documents::targets());
    targets.extend(evidence::targets()?);
    targets.push(repository::target()?);
    targets.push(tokens::target()?);
    targets.push(credentials::target());
    Ok(targets)
}

/// The time of every target that reads one.
const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

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
    let second = evaluator::cases::run(&policy, case)?;
    if first != second {
        return Err(format!("{first:?} the first time, and {second:?} the second"));
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
        let later = policy::DeferredExpression::new(text).map(|later| later.is_found_in(subject));
        if later.ok() != Some(expression.is_found_in(subject)) {
            return Err("an expression that is another once it is put off".to_owned());
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

/// A document that is read keeps its bytes, has their digest, and is told the same again.
fn read_manifest(bytes: &[u8]) -> Result<(), String> {
    match ::registry::foreign::document(bytes) {
        Ok(told) if ::registry::foreign::document(bytes) != Ok(told.clone()) => {
            Err(format!("{told} the first time, and something else the second"))
        }
        Ok(_) => Ok(()),
        Err(cause) if cause.is_empty() => Err("refused without a cause".to_owned()),
        Err(_) => Ok(()),
    }
}

/// Where a list goes on is a part of the header that says so.
fn read_link(bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    match ::registry::foreign::next_link(text) {
        Some(target) if target.is_empty() || !text.contains(&target) => {
            Err(format!("{target:?} is no part of the header"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Every event is told or counted, and what is told can be asked for.
fn read_notices(bytes: &[u8]) -> Result<(), String> {
    let Ok(found) = ::registry::read_notifications(bytes, None) else { return Ok(()) };
    for notice in found.notices {
        let written = format!("{}@{}", notice.repository, notice.digest);
        if written.parse::<Image>().is_err() {
            return Err(format!("{written:?} is told and is no image"));
        }
    }
    Ok(())
}

/// Errors say where, not what, and stay short however long a document is.
fn read_logins(bytes: &[u8]) -> Result<(), String> {
    let secrets =
        [::registry::PullSecret::DockerConfigJson(bytes), ::registry::PullSecret::DockerCfg(bytes)];
    for secret in secrets {
        if let Err(error) = ::registry::Keychain::read([secret]) {
            let told = error.to_string();
            if told.len() > 4096 {
                return Err(format!("an error of {} bytes", told.len()));
            }
        }
    }
    Ok(())
}

/// Good input, bent: bytes changed, cut out, repeated, moved, or taken from another input.
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
        match seed.below(7) {
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
            4 if seed.below(8) == 0 => {
                let end = bytes.len().min(at.saturating_add(1).saturating_add(index(seed, 8)));
                let piece = bytes.get(at..end).unwrap_or_default().repeat(index(seed, MOST_TIMES));
                bytes.splice(at..at, piece);
            }
            4 | 5 => {
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
/// How often a few bytes stand behind one another: a reader that calls itself for each falls.
const MOST_TIMES: usize = 8_000;
/// Longer input takes time and finds nothing new.
const LONGEST: usize = 64 * 1024;

fn index(seed: &mut Seed, length: usize) -> usize {
    usize::try_from(seed.below(length as u64)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_sample_of_every_target_finds_nothing() {
        let targets = targets().unwrap();
        let inputs = targets.iter().flat_map(|target| target.inputs(1).take(400));
        let finds: Vec<String> = inputs.filter_map(|input| input.read().err()).collect();
        assert!(finds.is_empty(), "{}", finds.join("\n"));
    }

    #[test]
    fn every_target_is_one_of_libfuzzer_s_with_seeds() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
        let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
        let mut targets = targets().unwrap();
        targets.sort_by_key(|target| target.name);
        let names: Vec<&str> = targets.iter().map(|target| target.name).collect();
        let built: Vec<&str> = manifest
            .lines()
            .filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"))
            .collect();
        assert_eq!(built, names.iter().map(|name| format!("{name}.rs\"")).collect::<Vec<_>>());
        for Target { name, corpus, .. } in &targets {
            let main = std::fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs")));
            assert!(main.unwrap().contains(&format!("hold(\"{name}\", bytes)")), "{name}");
            // A batch is made from its types, so that it cannot fall behind them.
            if *name != "batch" {
                let seeds = std::fs::read_dir(fuzz.join("seeds").join(name)).unwrap();
                assert_eq!(seeds.count(), corpus.len(), "{name}");
            }
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
