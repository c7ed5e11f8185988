//! TrustRoot: keys and certificates of a private Sigstore (`policy-controller.md` part 5).

use model::evidence::SigstoreKeys;
use model::evidence::trust::{AuthoritySubject, CertificateAuthority, LogKey};

use crate::diagnostics::Diagnostics;
use crate::fields::{Fields, Text};
use crate::pem;

const FORMS: [&str; 3] = ["remote", "repository", "sigstoreKeys"];

/// A trust root, checked.
#[derive(Debug, Clone)]
pub struct TrustRoot {
    /// `metadata.name`, by which `trustRootRef` finds it.
    pub name: String,
    /// Its keys and certificates; empty where they come in another form.
    pub keys: SigstoreKeys,
    /// The form this version cannot read, `remote` or `repository`, where it has one.
    pub not_supported: Option<String>,
}

/// Reads the `spec` of a trust root of that name.
pub(crate) fn read(name: String, mut spec: Fields<'_>, diagnostics: &mut Diagnostics) -> TrustRoot {
    let present: Vec<&str> = FORMS.into_iter().filter(|form| spec.any(form).is_some()).collect();
    let mut trust_root = TrustRoot { name, keys: SigstoreKeys::default(), not_supported: None };
    match present.as_slice() {
        ["sigstoreKeys"] => {
            if let Some(fields) = spec.map("sigstoreKeys", diagnostics) {
                trust_root.keys = keys(fields, diagnostics);
            }
        }
        [form] => {
            trust_root.not_supported = Some((*form).to_owned());
            let message = format!(
                "this version of Loadline cannot read {}: authorities that use this TrustRoot show as \
                 could not check; write sigstoreKeys",
                spec.path_of(form)
            );
            diagnostics.warning(spec.place_of(form), "not-supported", message);
        }
        other => spec.say_exactly_one(other.len(), &FORMS, diagnostics),
    }
    spec.finish(diagnostics);
    trust_root
}

fn keys(mut fields: Fields<'_>, diagnostics: &mut Diagnostics) -> SigstoreKeys {
    let keys = SigstoreKeys {
        certificate_authorities: authorities(&mut fields, "certificateAuthorities", diagnostics),
        t_logs: logs(&mut fields, "tLogs", diagnostics),
        ct_logs: logs(&mut fields, "ctLogs", diagnostics),
        timestamp_authorities: authorities(&mut fields, "timestampAuthorities", diagnostics),
    };
    let lists = ["certificateAuthorities", "timestampAuthorities", "tLogs", "ctLogs"];
    // Upstream asks for certificate or timestamp authorities, but accepts a list of logs alone,
    // which is what a private log needs.
    if lists.into_iter().all(|name| fields.any(name).is_none()) {
        fields.say_exactly_one(0, &["certificateAuthority", "timestampAuthorities"], diagnostics);
    }
    fields.finish(diagnostics);
    keys
}

fn authorities(
    keys: &mut Fields<'_>,
    name: &'static str,
    diagnostics: &mut Diagnostics,
) -> Vec<CertificateAuthority> {
    let entries = keys.maps(name, diagnostics);
    entries.into_iter().filter_map(|entry| certificate_authority(entry, diagnostics)).collect()
}

fn certificate_authority(
    mut fields: Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<CertificateAuthority> {
    let subject = match fields.map("subject", diagnostics) {
        Some(mut subject) => {
            let organization = required(&mut subject, "organization", diagnostics);
            let common_name = required(&mut subject, "commonName", diagnostics);
            subject.finish(diagnostics);
            organization.zip(common_name)
        }
        None => {
            let names = ["subject.organization", "subject.commonName"];
            fields.say_missing(&names, "Write what the certificate names.", diagnostics);
            None
        }
    };
    let uri = required(&mut fields, "uri", diagnostics);
    let chain = encoded(&mut fields, "certChain", pem::are_certificates, diagnostics);
    fields.finish(diagnostics);
    let (organization, common_name) = subject?;
    let subject = AuthoritySubject {
        organization: organization.value.to_owned(),
        common_name: common_name.value.to_owned(),
    };
    Some(CertificateAuthority { subject, uri: uri?.value.to_owned(), cert_chain: chain? })
}

fn logs(keys: &mut Fields<'_>, name: &'static str, diagnostics: &mut Diagnostics) -> Vec<LogKey> {
    let entries = keys.maps(name, diagnostics);
    entries.into_iter().filter_map(|entry| log_key(entry, diagnostics)).collect()
}

fn log_key(mut fields: Fields<'_>, diagnostics: &mut Diagnostics) -> Option<LogKey> {
    let base_url = required(&mut fields, "baseURL", diagnostics);
    let hash_algorithm = required(&mut fields, "hashAlgorithm", diagnostics);
    let public_key = encoded(&mut fields, "publicKey", pem::is_public_key, diagnostics);
    fields.finish(diagnostics);
    Some(LogKey {
        base_url: base_url?.value.to_owned(),
        hash_algorithm: hash_algorithm?.value.to_owned(),
        public_key: public_key?,
    })
}

fn required<'a>(
    fields: &mut Fields<'a>,
    name: &'static str,
    diagnostics: &mut Diagnostics,
) -> Option<Text<'a>> {
    let text = fields.text(name, diagnostics);
    if fields.is_blank(name) {
        fields.say_missing(&[name], "Write a text.", diagnostics);
    }
    text
}

/// PEM in one more layer of base64; the line breaks of that layer are left out.
fn encoded(
    fields: &mut Fields<'_>,
    name: &'static str,
    is_right: fn(&str) -> bool,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let text = required(fields, name, diagnostics)?;
    if pem::unwrapped(text.value).is_some_and(|pem| is_right(&pem)) {
        return Some(text.value.split_ascii_whitespace().collect());
    }
    let message = format!(
        "invalid value: {}. Write the base64 of PEM text, such as base64 -w0 prints it.",
        fields.path_of(name)
    );
    diagnostics.error(text.at, "pem-invalid", message);
    None
}
