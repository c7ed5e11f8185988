//! What a trust root holds, for people: each certificate and key, and when it counts.

use model::evidence::SigstoreKeys;
use model::evidence::trust::{CertificateAuthority, LogKey, ValidFor};
use model::timestamp::Timestamp;
use model::trust::{MaterialKind, TrustMaterial};

use super::{certificates, log_keys, timestamp_authority, window};
use crate::certificate::{Certificate, Validity};

/// Every authority and log, in the order of the document. What cannot be used says why.
#[must_use]
pub fn listed(keys: &SigstoreKeys) -> Vec<TrustMaterial> {
    let authority = |it: &CertificateAuthority| {
        let found = certificates(it).and_then(|all| span(all, it.valid_for));
        material(MaterialKind::CertificateAuthority, name_of(it), found)
    };
    let timestamps = |it: &CertificateAuthority| {
        let usable = timestamp_authority(it).and_then(|_| certificates(it));
        let found = usable.and_then(|all| span(all, it.valid_for));
        material(MaterialKind::TimestampAuthority, name_of(it), found)
    };
    let authorities = keys.certificate_authorities.iter().map(authority);
    let logs = keys.t_logs.iter().map(|it| log(MaterialKind::TransparencyLog, it));
    let certificate_logs = keys.ct_logs.iter().map(|it| log(MaterialKind::CertificateLog, it));
    let timestamps = keys.timestamp_authorities.iter().map(timestamps);
    authorities.chain(logs).chain(certificate_logs).chain(timestamps).collect()
}

fn log(kind: MaterialKind, key: &LogKey) -> TrustMaterial {
    let usable = log_keys("logs", std::slice::from_ref(key));
    let found = usable.map(|_| window(key.valid_for)).map_err(|error| error.to_string());
    material(kind, key.base_url.clone(), found)
}

fn material(kind: MaterialKind, name: String, found: Result<Validity, String>) -> TrustMaterial {
    let (validity, problem) = match found {
        Ok(validity) => (validity, None),
        Err(problem) => (Validity::ALWAYS, Some(problem)),
    };
    let Validity { not_before, not_after } = validity;
    TrustMaterial {
        kind,
        name,
        since: (not_before != Validity::ALWAYS.not_before).then_some(not_before),
        until: (not_after != Timestamp::FOREVER).then_some(not_after),
        problem,
    }
}

/// While every certificate of a chain counts, and the document says so.
fn span(chain: Vec<Vec<u8>>, valid_for: Option<ValidFor>) -> Result<Validity, String> {
    let mut span = window(valid_for);
    for der in chain {
        let own = Certificate::from_der(der)?.validity;
        span.not_before = span.not_before.max(own.not_before);
        span.not_after = span.not_after.min(own.not_after);
    }
    Ok(span)
}

fn name_of(authority: &CertificateAuthority) -> String {
    let subject = &authority.subject;
    let parts = [subject.common_name.as_str(), subject.organization.as_str()];
    let named: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match named.is_empty() {
        true => authority.uri.clone(),
        false => named.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::shipped;

    #[test]
    fn the_shipped_keys_are_listed_with_their_ends() {
        let listed = listed(&shipped().unwrap());
        for kind in [
            MaterialKind::CertificateAuthority,
            MaterialKind::TransparencyLog,
            MaterialKind::CertificateLog,
            MaterialKind::TimestampAuthority,
        ] {
            assert!(listed.iter().any(|it| it.kind == kind), "{kind:?}");
        }
        assert!(listed.iter().all(|it| it.problem.is_none() && !it.name.is_empty()), "{listed:?}");
        let authorities = listed.iter().filter(|it| it.kind == MaterialKind::CertificateAuthority);
        for authority in authorities {
            assert!(authority.since < authority.until, "{authority:?}");
        }
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let key = LogKey {
            base_url: "https://log.test".to_owned(),
            hash_algorithm: "sha-256".to_owned(),
            public_key: "!".to_owned(),
            valid_for: None,
        };
        let keys = SigstoreKeys { t_logs: vec![key], ..SigstoreKeys::default() };
        let [only] = listed(&keys).try_into().unwrap();
        assert!(only.problem.unwrap().contains("not base64"));
    }
}
