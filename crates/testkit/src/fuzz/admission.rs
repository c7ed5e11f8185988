//! What stands between a workload and a verdict: globs, spellings of image names, statements and
//! objects. Each is held against a second opinion that is simple enough to be believed.

use evaluator::{Candidate, CompiledPolicy, Documents, Object, Question, References, judge};
use model::digest::Digest;
use model::evidence::{
    AttestationFact, CertificateIdentity, Evidence, Gathered, SignatureFact, Signer, Verification,
};
use model::image::{Image, ImageReference};
use model::verdict::Outcome;
use serde_json::Value;

use super::NOW;

/// A glob, and the name of an image in the next line.
pub(super) const GLOBS: [&str; 7] = [
    include_str!("../../../../fuzz/seeds/glob/1.txt"),
    include_str!("../../../../fuzz/seeds/glob/2.txt"),
    include_str!("../../../../fuzz/seeds/glob/3.txt"),
    include_str!("../../../../fuzz/seeds/glob/4.txt"),
    include_str!("../../../../fuzz/seeds/glob/5.txt"),
    include_str!("../../../../fuzz/seeds/glob/6.txt"),
    include_str!("../../../../fuzz/seeds/glob/7.txt"),
];

/// One image, as it may be written.
pub(super) const SPELLINGS: [&str; 13] = [
    include_str!("../../../../fuzz/seeds/spelling/1.txt"),
    include_str!("../../../../fuzz/seeds/spelling/2.txt"),
    include_str!("../../../../fuzz/seeds/spelling/3.txt"),
    include_str!("../../../../fuzz/seeds/spelling/4.txt"),
    include_str!("../../../../fuzz/seeds/spelling/5.txt"),
    include_str!("../../../../fuzz/seeds/spelling/6.txt"),
    include_str!("../../../../fuzz/seeds/spelling/7.txt"),
    include_str!("../../../../fuzz/seeds/spelling/8.txt"),
    include_str!("../../../../fuzz/seeds/spelling/9.txt"),
    include_str!("../../../../fuzz/seeds/spelling/10.txt"),
    include_str!("../../../../fuzz/seeds/spelling/11.txt"),
    include_str!("../../../../fuzz/seeds/spelling/12.txt"),
    include_str!("../../../../fuzz/seeds/spelling/13.txt"),
];

pub(super) const STATEMENTS: [&str; 4] = [
    include_str!("../../../../fuzz/seeds/attested/1.json"),
    include_str!("../../../../fuzz/seeds/attested/2.json"),
    include_str!("../../../../fuzz/seeds/attested/3.json"),
    include_str!("../../../../fuzz/seeds/attested/4.json"),
];

pub(super) const OBJECTS: [&str; 4] = [
    include_str!("../../../../fuzz/seeds/object/1.json"),
    include_str!("../../../../fuzz/seeds/object/2.json"),
    include_str!("../../../../fuzz/seeds/object/3.json"),
    include_str!("../../../../fuzz/seeds/object/4.json"),
];

/// A glob covers what a matcher of ten lines says it covers.
pub(super) fn read_glob(bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    let Some((written, name)) = text.split_once('\n') else { return Ok(()) };
    let Ok(glob) = policy::Glob::new(written) else { return Ok(()) };
    let Ok(reference) = name.parse::<ImageReference>() else {
        return match glob.matches_written(name) {
            Err(_) => Ok(()),
            Ok(_) => Err("a glob had an opinion of what names no image".to_owned()),
        };
    };
    let covers = glob.matches_written(name).map_err(|error| error.to_string())?;
    let full = match written {
        "*" => "index.docker.io/library/*",
        "*/*" => "index.docker.io/*/*",
        other => other,
    };
    let expected = is_match(full, &reference.to_string()) || is_match(full, name);
    // A host in another spelling may be covered by its plain one as well.
    let is_plain = plain(reference.repository().registry()) == reference.repository().registry();
    if (expected && !covers) || (is_plain && covers && !expected) {
        return Err(format!("the glob answers {covers}, and {expected} is right"));
    }
    Ok(())
}

/// `**` is any text, `*` any text without `/`.
fn is_match(glob: &str, name: &str) -> bool {
    let name: Vec<u8> = name.bytes().collect();
    // Which beginnings of the name the glob so far may stand for.
    let mut reached: Vec<bool> = (0..=name.len()).map(|at| at == 0).collect();
    let mut rest = glob.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let is_any = *first == b'*' && after.first() == Some(&b'*');
        rest = if is_any { after.get(1..).unwrap_or_default() } else { after };
        let mut next = vec![false; reached.len()];
        let mut before = false;
        for (at, slot) in next.iter_mut().enumerate() {
            let here = reached.get(at).copied().unwrap_or(false);
            let letter = at.checked_sub(1).and_then(|at| name.get(at)).copied();
            before = match (*first, letter) {
                (b'*', Some(b'/')) if !is_any => here,
                (b'*', _) => here || before,
                (wanted, Some(letter)) => {
                    let start = at.checked_sub(1).and_then(|at| reached.get(at)).copied();
                    wanted == letter && start == Some(true)
                }
                (_, None) => false,
            };
            *slot = before;
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

/// The host as a browser would ask it, which knows nothing of ours.
fn plain(host: &str) -> String {
    let url = url::Url::parse(&format!("https://{host}/"));
    let Ok(url) = url else { return String::new() };
    let name = url.host_str().unwrap_or_default();
    let name = name.strip_suffix('.').unwrap_or(name);
    match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

/// The policies that the readers ask, and the image they ask about.
pub(super) struct Admission {
    closed: CompiledPolicy,
    closed_hub: CompiledPolicy,
    over_statements: Vec<CompiledPolicy>,
    over_objects: Vec<CompiledPolicy>,
    over_containers: Vec<CompiledPolicy>,
    image: Image,
}

impl Admission {
    /// # Errors
    /// When one of them is no policy.
    pub(super) fn new() -> anyhow::Result<Self> {
        let over_statement = |(language, text): (&str, &str)| {
            compiled(&format!(
                "  authorities:\n  - keyless: {{identities: [{{issuer: i, subject: s}}]}}\n    \
                 attestations:\n    - name: a\n      predicateType: https://a.test\n      \
                 policy: {{type: {language}, data: \"{text}\"}}\n"
            ))
        };
        let over_object = |(language, text): (&str, &str)| {
            compiled(&format!(
                "  authorities: [{{static: {{action: pass}}}}]\n  policy: {{type: {language}, \
                 includeSpec: true, includeObjectMeta: true, data: \"{text}\"}}\n"
            ))
        };
        Ok(Self {
            closed: compiled(CLOSED)?,
            closed_hub: compiled_for("index.docker.io/library/**", CLOSED)?,
            over_statements: STATEMENT_POLICIES
                .map(over_statement)
                .into_iter()
                .collect::<Result<_, _>>()?,
            over_objects: OBJECT_POLICIES.map(over_object).into_iter().collect::<Result<_, _>>()?,
            over_containers: CONTAINER_POLICIES
                .map(over_object)
                .into_iter()
                .collect::<Result<_, _>>()?,
            image: format!("ghcr.io/acme/api@{}", Digest::of(b"image")).parse()?,
        })
    }

    /// Whatever an image is called, if it is asked for at `ghcr.io` below `acme/`, or at Docker
    /// Hub below `library/`, the policy that closes that place refuses it.
    pub(super) fn read_spelling(&self, bytes: &[u8]) -> Result<(), String> {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
        let Ok(reference) = text.parse::<ImageReference>() else { return Ok(()) };
        let repository = reference.repository();
        let (host, path) = (plain(repository.registry()), repository.path());
        let is_official = path.starts_with("library/") || !path.contains('/');
        let closed = match host.as_str() {
            "ghcr.io" if path.starts_with("acme/") => &self.closed,
            host if HUB.contains(&host) && is_official => &self.closed_hub,
            _ => return Ok(()),
        };
        // A tag stands for whatever digest it is resolved to.
        let resolved = || repository.clone().at(Digest::of(text.as_bytes()));
        let image = reference.pinned().unwrap_or_else(resolved);
        match outcome(closed, &image, &Evidence::default(), None) {
            Some(Outcome::Fail) => Ok(()),
            other => Err(format!("{image} was not refused: {other:?}")),
        }
    }

    /// Only a statement of the right type that says so in its predicate passes.
    pub(super) fn read_statement(&self, bytes: &[u8]) -> Result<(), String> {
        let Ok(statement) = std::str::from_utf8(bytes) else { return Ok(()) };
        let read: Option<Value> = serde_json::from_str(statement).ok();
        let says = |pointer: &str, wanted: Value| {
            read.as_ref().and_then(|read| read.pointer(pointer)) == Some(&wanted)
        };
        let is_right = says("/predicateType", "https://a.test".into());
        let holds = is_right && says("/predicate/ok", true.into());
        for policy in &self.over_statements {
            let mut evidence = Evidence::default();
            for need in policy.plan(&self.image).attestations {
                let value = vec![attested(statement)];
                evidence.attestations.insert(need.key(), Gathered::Found { value });
            }
            let first = outcome(policy, &self.image, &evidence, None);
            if first != outcome(policy, &self.image, &evidence, None) {
                return Err("one statement is judged differently the second time".to_owned());
            }
            if first == Some(Outcome::Pass) && !holds {
                return Err("a statement passes that says nothing of the kind".to_owned());
            }
        }
        Ok(())
    }

    /// A pod in the host's network is refused by every policy that forbids that, and so is one
    /// with a privileged container of whatever kind.
    pub(super) fn read_object(&self, bytes: &[u8]) -> Result<(), String> {
        let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return Ok(()) };
        let Ok(object) = Object::new(&value) else { return Ok(()) };
        let is_bad = value.pointer("/spec/hostNetwork") == Some(&Value::Bool(true));
        for policy in &self.over_objects {
            let answer = outcome(policy, &self.image, &Evidence::default(), Some(&object));
            if is_bad && answer == Some(Outcome::Pass) {
                return Err("a pod in the host's network passes".to_owned());
            }
        }
        let is_privileged = |container: &Value| {
            container.pointer("/securityContext/privileged") == Some(&Value::Bool(true))
        };
        let mut containers = CONTAINERS
            .iter()
            .filter_map(|kind| value.pointer("/spec")?.get(kind)?.as_array())
            .flatten();
        let is_bad = containers.any(is_privileged);
        for policy in &self.over_containers {
            let answer = outcome(policy, &self.image, &Evidence::default(), Some(&object));
            if is_bad && answer == Some(Outcome::Pass) {
                return Err("a pod with a privileged container passes".to_owned());
            }
        }
        Ok(())
    }
}

fn outcome(
    policy: &CompiledPolicy,
    image: &Image,
    evidence: &Evidence,
    object: Option<&Object>,
) -> Option<Outcome> {
    let question = Question {
        candidate: Candidate::Admitted(image),
        subject: object.map(Object::subject),
        evidence,
        documents: &Documents::default(),
        now: NOW,
    };
    judge(policy, &question).map(|verdict| verdict.outcome)
}

fn attested(statement: &str) -> AttestationFact {
    let identity = CertificateIdentity {
        issuer: "i".to_owned(),
        subjects: vec!["s".to_owned()],
        ..CertificateIdentity::default()
    };
    let signer = Signer::Certificate { identity };
    let signature = SignatureFact {
        layer: Digest::of(statement.as_bytes()),
        id: String::new(),
        verification: Verification::accepted(signer),
        recheck_at: None,
    };
    AttestationFact { signature, statement: statement.to_owned() }
}

/// In both languages; what is in double quotes is YAML's.
const STATEMENT_POLICIES: [(&str, &str); 2] = [
    ("rego", "package sigstore\\nisCompliant { input.predicate.ok == true }"),
    ("cue", "predicate: ok: true"),
];
const OBJECT_POLICIES: [(&str, &str); 2] = [
    ("rego", "package sigstore\\nisCompliant { not input.spec.hostNetwork }"),
    ("cue", "spec: hostNetwork?: false"),
];

/// Containers of every kind.
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];
const CONTAINER_POLICIES: [(&str, &str); 2] = [
    (
        "rego",
        "package sigstore\\nkinds = {`containers`, `initContainers`, `ephemeralContainers`}\\nisCompliant \
         { not privileged }\\nprivileged { input.spec[kinds[_]][_].securityContext.privileged == true }",
    ),
    (
        "cue",
        "#C: {securityContext?: {privileged?: false, ...}, ...}\\nspec: {containers?: [...#C], \
         initContainers?: [...#C], ephemeralContainers?: [...#C], ...}",
    ),
];

const CLOSED: &str = "  authorities: [{static: {action: fail, message: closed}}]\n";

/// Hosts at which Docker Hub answers.
const HUB: [&str; 4] =
    ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

fn compiled(rest: &str) -> anyhow::Result<CompiledPolicy> {
    compiled_for("ghcr.io/acme/**", rest)
}

fn compiled_for(glob: &str, rest: &str) -> anyhow::Result<CompiledPolicy> {
    let text = format!(
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {{name: p, \
         annotations: {{loadline.dev/cue: concrete}}}}\nspec:\n  images: [{{glob: {glob}}}]\n{rest}"
    );
    let parsed = evaluator::check(&text);
    let Some(document) = parsed.document else {
        anyhow::bail!("{text}\n{:?}", parsed.diagnostics);
    };
    let policy = document.only_policy().map_err(|said| anyhow::anyhow!("{said:?}"))?.clone();
    Ok(CompiledPolicy::new(policy, &References::beside(&document)))
}
