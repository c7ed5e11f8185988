//! Other people's verifiers as a second opinion on Sigstore bundles: `@sigstore/verify` of npm
//! and `sigstore` of PyPI, each a program that answers a line of JSON with a line of JSON.
//!
//! A bundle is good where its signature, certificate, log entry and timestamps hold under a trusted
//! root, it is about the artifact, and the certificate is that of the one who was named. What they
//! refuse we must refuse, and what they accept we must accept; where that is not so for a reason,
//! [`exceptions`] has the reason.

pub mod exceptions;
pub mod mutations;
mod tally;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Context as _;
use model::digest::Digest;
use model::evidence::{LogRule, SignatureNeed, SignatureSource, Signer, Trust, Verification};
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use verification::Verifier;

pub use tally::Tally;

/// A question for every verifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// Its number, which comes back with the answer.
    pub number: u64,
    /// A `trusted_root.json`.
    pub trusted_root: String,
    /// The bundle, JSON if all is well.
    pub bundle: String,
    /// The artifact in base64, where its bytes are known.
    pub artifact: Option<String>,
    /// The artifact's SHA-256 in hexadecimal.
    pub digest: String,
    /// The OIDC issuer that has to stand in the certificate.
    pub issuer: String,
    /// The name that has to stand there.
    pub subject: String,
}

/// What a verifier makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Answer {
    /// The question's number.
    pub number: u64,
    /// Whether the bundle is good.
    pub accepts: bool,
    /// Why not.
    pub said: String,
}

impl Question {
    /// What our verifier makes of it at a time.
    #[must_use]
    pub fn ours(&self, now: Timestamp) -> Answer {
        let said = self.accepted(now).err();
        Answer { number: self.number, accepts: said.is_none(), said: said.unwrap_or_default() }
    }

    fn accepted(&self, now: Timestamp) -> Result<(), String> {
        // The others want every timestamp to hold that is there. Here they have to if a policy
        // names their authority, and then no log is looked at: so it is asked twice.
        if self.has_timestamps() {
            let verification = self.verified(true, now)?;
            if let Verification::Refused { cause, .. } = verification {
                return Err(cause);
            }
        }
        let verification = self.verified(false, now)?;
        let identity = match verification {
            Verification::Refused { cause, .. } => return Err(cause),
            Verification::Accepted { signer: Signer::Key, .. } => return Err("a key".to_owned()),
            Verification::Accepted { signer: Signer::Certificate { identity }, .. } => identity,
        };
        if identity.issuer != self.issuer || !identity.subjects.contains(&self.subject) {
            return Err(format!("by {:?} of {}", identity.subjects, identity.issuer));
        }
        Ok(())
    }

    fn has_timestamps(&self) -> bool {
        let bundle: Value = serde_json::from_str(&self.bundle).unwrap_or(Value::Null);
        let pointer = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps";
        bundle.pointer(pointer).and_then(Value::as_array).is_some_and(|all| !all.is_empty())
    }

    /// What our verifier says of the bundle, whoever was named: by the log, or by timestamps.
    ///
    /// # Errors
    /// When trusted root or digest are none.
    pub fn verified(&self, by_timestamp: bool, now: Timestamp) -> Result<Verification, String> {
        let keys = verification::trusted_root::read(self.trusted_root.as_bytes())
            .map_err(|error| error.to_string())?;
        let need = SignatureNeed {
            source: SignatureSource::default(),
            trust: Trust::Keyless {
                roots: Some(keys.clone()),
                log: LogRule::Required,
                logs: Some(keys.clone()),
                ignore_sct: false,
            },
            is_bundle: true,
            timestamps: by_timestamp.then_some(keys),
        };
        let digest: Digest = format!("sha256:{}", self.digest)
            .parse()
            .map_err(|_| format!("{} is no SHA-256", self.digest))?;
        let verifier = Verifier::new(&need).map_err(|error| error.to_string())?;
        let bytes = self.bundle.as_bytes();
        let found = verifier.bundle(&digest, Digest::of(bytes), bytes, now);
        Ok(found.fact.verification)
    }
}

/// Somebody else's verifier, ended when it is dropped.
#[derive(Debug)]
pub struct Peer {
    /// How it is told from others.
    pub name: &'static str,
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// `@sigstore/verify` of npm.
pub const JAVASCRIPT: &str = "@sigstore/verify";
/// `sigstore` of PyPI.
pub const PYTHON: &str = "sigstore of PyPI";
/// Names Python where `sigstore` is installed for it.
const PYTHON_VARIABLE: &str = "LOADLINE_SIGSTORE_PYTHON";

impl Peer {
    /// `@sigstore/verify`, where node finds it.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn javascript() -> anyhow::Result<Self> {
        Self::start(JAVASCRIPT, || javascript_command("verify.cjs"))
    }

    /// `sigstore` of PyPI, for the Python that `LOADLINE_SIGSTORE_PYTHON` names.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn python() -> anyhow::Result<Self> {
        let python = std::env::var_os(PYTHON_VARIABLE)
            .with_context(|| format!("{PYTHON_VARIABLE} names no Python with sigstore"))?;
        Self::start(PYTHON, || {
            let mut command = Command::new(&python);
            command.arg(script("verify.py"));
            command
        })
    }

    fn start(name: &'static str, command: impl Fn() -> Command) -> anyhow::Result<Self> {
        // Without a question it ends at once, and in peace if it is there.
        let probe = command().stdin(Stdio::null()).output();
        let probe = probe.with_context(|| format!("{name} cannot be started"))?;
        anyhow::ensure!(probe.status.success(), "{name} is not installed");
        let mut child = command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let questions = child.stdin.take().context("a pipe was asked for")?;
        let answers = BufReader::new(child.stdout.take().context("a pipe was asked for")?);
        Ok(Self { name, child, questions, answers })
    }

    /// What it makes of a question.
    ///
    /// # Errors
    /// When it ended, or does not answer in kind.
    pub fn ask(&mut self, question: &Question) -> anyhow::Result<Answer> {
        let mut line = serde_json::to_vec(question)?;
        line.push(b'\n');
        self.questions.write_all(&line)?;
        self.questions.flush()?;
        let mut text = String::new();
        self.answers.read_line(&mut text)?;
        let answer: Answer = serde_json::from_str(&text)
            .with_context(|| format!("{} answered {text:?}", self.name))?;
        anyhow::ensure!(answer.number == question.number, "{} answers another", self.name);
        Ok(answer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What `@sigstore/sign` made with the services of `@sigstore/mock`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedByJavascript {
    /// The services' keys, a `trusted_root.json`.
    pub trusted_root: String,
    /// Bundles by what is in them.
    pub bundles: std::collections::BTreeMap<String, String>,
}

/// Has the artifact and the statement signed in that name.
///
/// # Errors
/// Why that cannot be had.
pub fn sign_by_javascript(
    issuer: &str,
    subject: &str,
    artifact: &str,
    statement: &str,
) -> anyhow::Result<SignedByJavascript> {
    let mut command = javascript_command("sign.cjs");
    let output = command.args([issuer, subject, artifact, statement]).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{said}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn javascript_command(name: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(script(name));
    command
}

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../end2end/sigstore").join(name)
}
