//! `loadline evidence`: handed over to the server, or verified here without one.

use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::evidence::{
    HashAlgorithm, LogRule, SignatureFact, SignatureNeed, SignatureSource, Signer, SigstoreKeys,
    Trust, Verification,
};
use protocol::api::{GiveEvidence, GivenEvidence};
use serde::Serialize;
use verification::Verifier;

use crate::arguments::{Evidence, Format, VerifyEvidence};
use crate::client::Client;
use crate::error::CommandError;
use crate::output;
use crate::tester::{Answer, now, text_of, trusted_root};

pub(super) async fn run(
    client: &Client,
    verb: Evidence,
    format: Format,
) -> Result<(), CommandError> {
    match verb {
        Evidence::Verify(arguments) => verify(&arguments, format),
        Evidence::Add { image, file, media_type, group } => {
            let image = image.parse().map_err(|_| {
                let right = "name the image by its digest: ghcr.io/acme/api@sha256:…";
                CommandError::Usage(right.to_owned())
            })?;
            let document = STANDARD.encode(bytes_of(&file)?);
            let request = GiveEvidence { image, group, document, media_type };
            let given: GivenEvidence = client.post("api/v1/images/evidence", &request).await?;
            match format {
                Format::Json | Format::Yaml => output::one(format, &given),
                Format::Table => output::line(&match given.is_repeat {
                    true => format!("{} was there already; nothing changed.", given.digest),
                    false => format!(
                        "Taken: {} {}. What it says shows after the next sweep.",
                        given.kind.as_str(),
                        given.digest
                    ),
                }),
            }
        }
    }
}

/// What was checked, and what came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Verified {
    /// The digest that the bundle had to be about.
    artifact: Digest,
    /// `verified` or `refused`.
    result: &'static str,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// Everything that verification found.
    #[serde(flatten)]
    fact: SignatureFact,
    /// The predicate type of the statement, where the bundle holds one.
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate_type: Option<String>,
}

/// Verifies a bundle without a server.
///
/// # Errors
/// When something could not be read; [`CommandError::Tested`] where it was refused or could not
/// be checked.
pub fn verify(arguments: &VerifyEvidence, format: Format) -> Result<(), CommandError> {
    let need = need(arguments)?;
    let artifact = artifact(&arguments.artifact)?;
    let bundle = bytes_of(&arguments.bundle).map_err(unusable)?;
    let verifier = match Verifier::new(&need) {
        Ok(verifier) => verifier,
        Err(error) => {
            output::say(&format!("error: the trust cannot be used: {error}"));
            return Err(CommandError::Tested(Answer::CouldNotCheck));
        }
    };
    let found = verifier.bundle(&artifact, Digest::of(&bundle), &bundle, now());
    let cause = refusal(arguments, &found.fact);
    let predicate_type = found.statement.as_deref().and_then(predicate_type);
    let result = if cause.is_none() { "verified" } else { "refused" };
    let verified = Verified { artifact, result, cause, fact: found.fact, predicate_type };
    match format {
        Format::Json | Format::Yaml => output::one(format, &verified)?,
        Format::Table => output::line(&in_words(&verified))?,
    }
    match verified.cause {
        None => Ok(()),
        Some(_) => Err(CommandError::Tested(Answer::Fail)),
    }
}

fn need(arguments: &VerifyEvidence) -> Result<SignatureNeed, CommandError> {
    let roots: Option<SigstoreKeys> = match &arguments.trusted_root {
        Some(path) => Some(trusted_root::keys_of(path)?),
        None => None,
    };
    let trust = match &arguments.key {
        Some(path) => Trust::Key {
            pem: text_of(path).map_err(unusable)?,
            hash: HashAlgorithm::Sha256,
            // A key needs no witness, unless somebody says whose log it is to be in.
            log: if roots.is_some() { LogRule::Required } else { LogRule::Ignored },
            logs: roots,
        },
        None => Trust::Keyless {
            roots: roots.clone(),
            log: LogRule::Required,
            logs: roots,
            ignore_sct: false,
        },
    };
    let source = SignatureSource::default();
    Ok(SignatureNeed { source, trust, is_bundle: true, timestamps: None })
}

/// The digest of what is signed: given as such, or made of the file.
fn artifact(text: &str) -> Result<Digest, CommandError> {
    if let Ok(digest) = text.parse() {
        return Ok(digest);
    }
    Ok(Digest::of(&bytes_of(Path::new(text)).map_err(unusable)?))
}

/// Why it does not hold; `None` where it does.
fn refusal(arguments: &VerifyEvidence, fact: &SignatureFact) -> Option<String> {
    let signer = match &fact.verification {
        Verification::Refused { cause, .. } => return Some(cause.clone()),
        Verification::Accepted { signer, .. } => signer,
    };
    let identity = match signer {
        Signer::Key => return None,
        Signer::Certificate { identity } => identity,
    };
    let wanted = arguments.certificate_identity.as_deref().unwrap_or_default();
    let issuer = arguments.certificate_oidc_issuer.as_deref().unwrap_or_default();
    if identity.issuer == issuer && identity.subjects.iter().any(|subject| subject == wanted) {
        return None;
    }
    Some(format!(
        "none of the expected identities matched what was in the certificate, \
         got subjects [{}] with issuer {}",
        identity.subjects.join(", "),
        identity.issuer
    ))
}

fn predicate_type(statement: &str) -> Option<String> {
    let statement: serde_json::Value = serde_json::from_str(statement).ok()?;
    statement.get("predicateType")?.as_str().map(str::to_owned)
}

fn in_words(verified: &Verified) -> String {
    if let Some(cause) = &verified.cause {
        return format!("refused: {cause}");
    }
    let mut text = format!("verified: {}", verified.artifact);
    if let Verification::Accepted { signer, witnessed_at, .. } = &verified.fact.verification {
        text.push_str(&match signer {
            Signer::Key => "\n  signed by the key".to_owned(),
            Signer::Certificate { identity } => format!(
                "\n  signed by {} (issuer {})",
                identity.subjects.join(", "),
                identity.issuer
            ),
        });
        if let Some(at) = witnessed_at {
            text.push_str(&format!("\n  witnessed at {}", output::moment(Some(*at))));
        }
    }
    if let Some(predicate_type) = &verified.predicate_type {
        text.push_str(&format!("\n  attests {predicate_type}"));
    }
    text
}

/// A file that is not there is no answer about the evidence.
fn unusable(error: CommandError) -> CommandError {
    if let CommandError::File { path, cause } = error {
        return CommandError::Resource { path, cause: cause.to_string() };
    }
    error
}

/// The bytes of a file, or of standard input where it is named `-`.
fn bytes_of(path: &Path) -> Result<Vec<u8>, CommandError> {
    let read = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|cause| CommandError::File { path: path.to_owned(), cause })
}
