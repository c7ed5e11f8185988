//! TrustRoot (`policy-controller.md` part 5).
//!
//! Upstream overwrites the errors of one list's entry with those of the next, so that only the
//! last entry of the last list counts. Here every entry counts (ledger row 10).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Validation;
use crate::field_error::At;
use crate::pem;
use crate::written::trust_root::{
    CertificateAuthority, LogInstance, Remote, Repository, SigstoreKeys, Spec,
};

pub(crate) fn check(spec: &Spec, at: &At, validation: &mut Validation<'_>) {
    let how_many = usize::from(spec.remote.is_some())
        + usize::from(spec.repository.is_some())
        + usize::from(spec.sigstore_keys.is_some());
    if how_many != 1 {
        let forms = ["remote", "repository", "sigstoreKeys"].map(|name| at.field(name));
        validation.errors.not_exactly_one(how_many, &forms);
        return;
    }
    if let Some(written) = &spec.remote {
        remote(written, &at.field("remote"), validation);
    }
    if let Some(written) = &spec.repository {
        repository(written, &at.field("repository"), validation);
    }
    if let Some(written) = &spec.sigstore_keys {
        keys(written, &at.field("sigstoreKeys"), validation);
    }
}

fn remote(remote: &Remote, at: &At, validation: &mut Validation<'_>) {
    if remote.mirror.is_empty() {
        let advice = "Write the address of the TUF repository.";
        validation.errors.missing(&at.field("mirror"), advice);
    }
    root(&remote.root, &at.field("root"), validation);
}

fn repository(repository: &Repository, at: &At, validation: &mut Validation<'_>) {
    root(&repository.root, &at.field("root"), validation);
    if repository.targets.is_empty() {
        let advice = "Write the folder of the targets, usually targets.";
        validation.errors.missing(&at.field("targets"), advice);
    }
    let archive = at.field("mirrorFS");
    if repository.mirror_fs.is_empty() {
        let advice = "Write the repository as a gzip-compressed tar archive, base64.";
        validation.errors.missing(&at.field_as("mirrorFS", "repository"), advice);
        return;
    }
    let is_gzip =
        decoded(&repository.mirror_fs).is_some_and(|bytes| bytes.starts_with(&[0x1f, 0x8b]));
    if !is_gzip {
        let text = (
            "failed to uncompress: gzip: invalid header",
            "Write the base64 of a gzip-compressed tar archive.",
        );
        let value = "failed to construct a TUF client";
        validation.errors.invalid(&archive, "mirror-invalid", value, text);
    }
}

/// `root.json`, as far as it can be told without TUF.
fn root(root: &str, at: &At, validation: &mut Validation<'_>) {
    let advice = "Write the base64 of the repository's root.json.";
    if root.is_empty() {
        validation.errors.missing(at, advice);
        return;
    }
    let parsed = decoded(root).ok_or_else(|| "it is not base64".to_owned()).and_then(|bytes| {
        serde_json::from_slice::<serde_json::Value>(&bytes).map_err(|error| error.to_string())
    });
    match parsed {
        Err(wrong) => {
            let text = (wrong.as_str(), advice);
            validation.errors.invalid(at, "root-invalid", "failed to unmarshal", text);
        }
        Ok(json) if json.get("signatures").is_none() => {
            let text = ("no signatures", advice);
            let value = "missing signatures in root.json";
            validation.errors.invalid(at, "root-invalid", value, text);
        }
        Ok(_) => {}
    }
}

fn keys(keys: &SigstoreKeys, at: &At, validation: &mut Validation<'_>) {
    let is_empty = keys.certificate_authorities.is_empty()
        && keys.timestamp_authorities.is_empty()
        && keys.t_logs.is_empty()
        && keys.ct_logs.is_empty();
    // Upstream asks for certificate or timestamp authorities, but accepts a list of logs alone,
    // which is what a private log needs.
    if is_empty {
        let fields = [
            at.field_as("certificateAuthorities", "certificateAuthority"),
            at.field("timestampAuthorities"),
        ];
        validation.errors.not_exactly_one(0, &fields);
    }
    for (index, authority) in keys.certificate_authorities.iter().enumerate() {
        // Upstream does not look into these, and finds out when an image is checked.
        let at = at.field_as("certificateAuthorities", "certificateAuthority").index(index);
        certificate_authority(authority, &at, validation);
    }
    for (index, authority) in keys.timestamp_authorities.iter().enumerate() {
        let at = at.field("timestampAuthorities").index(index);
        certificate_authority(authority, &at, validation);
    }
    let logs = [("tLogs", &keys.t_logs), ("ctLogs", &keys.ct_logs)];
    for (name, logs) in logs {
        for (index, log) in logs.iter().enumerate() {
            log_instance(log, &at.field(name).index(index), validation);
        }
    }
}

fn certificate_authority(
    authority: &CertificateAuthority,
    at: &At,
    validation: &mut Validation<'_>,
) {
    let subject = at.field("subject");
    let required = [
        (&authority.subject.organization, subject.field("organization")),
        (&authority.subject.common_name, subject.field("commonName")),
        (&authority.uri, at.field("uri")),
    ];
    for (text, at) in required {
        if text.is_empty() {
            validation.errors.missing(&at, "Write what the certificate names.");
        }
    }
    let advice = "Write the base64 of PEM text, such as base64 -w0 prints it.";
    if authority.cert_chain.is_empty() {
        validation.errors.missing(&at.field_as("certChain", "certchain"), advice);
        return;
    }
    if !pem::unwrapped(&authority.cert_chain).is_some_and(|pem| pem::are_certificates(&pem)) {
        let text = ("error during PEM decoding", advice);
        let value = "error splitting the certificates";
        validation.errors.invalid(&at.field("certChain"), "pem-invalid", value, text);
    }
}

fn log_instance(log: &LogInstance, at: &At, validation: &mut Validation<'_>) {
    let required = [
        (&log.base_url, "baseURL"),
        (&log.hash_algorithm, "hashAlgorithm"),
        (&log.public_key, "publicKey"),
    ];
    for (text, name) in required {
        if text.is_empty() {
            validation.errors.missing(&at.field(name), "Write a text.");
        }
    }
    let is_key = pem::unwrapped(&log.public_key).is_some_and(|pem| pem::is_public_key(&pem));
    if !log.public_key.is_empty() && !is_key {
        let at = at.field("publicKey");
        let message = format!(
            "invalid value: {}. Write the base64 of PEM text, such as base64 -w0 prints it.",
            at.written()
        );
        validation.refuse(&at, "pem-invalid", message);
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let compact: String =
        text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).ok()
}
