//! Certificates that a proper authority would not issue, or used at odd times.

use model::evidence::Signer;
use rcgen::{ExtendedKeyUsagePurpose, SanType};

use super::forgery::Forgery;
use super::*;

/// A forgery under its own trust, with embedded timestamps left alone.
fn forged(forgery: &Forgery) -> Verification {
    let keys = forgery.keys();
    let trust = Trust::Keyless {
        roots: Some(keys.clone()),
        log: LogRule::Required,
        logs: Some(keys),
        ignore_sct: true,
    };
    verify(&trust, &forgery.sign())
}

#[test]
fn a_certificate_without_timestamps_is_refused_unless_they_are_ignored() {
    let forgery = Forgery::new(later(0), later(86_400));
    assert!(is_accepted(&forged(&forgery)));
    let mut keys = forgery.keys();
    keys.ct_logs.clone_from(&keys.t_logs);
    assert_eq!(
        cause(verify(&keyless(&keys), &forgery.sign())),
        "certificate does not include required embedded SCT and no detached SCT was set"
    );
}

#[test]
fn a_certificate_for_other_uses_is_refused() {
    let mut forgery = Forgery::new(later(0), later(86_400));
    for usages in [vec![], vec![ExtendedKeyUsagePurpose::ServerAuth]] {
        forgery.usages = usages;
        assert!(
            cause(forged(&forgery)).contains("certificate specifies an incompatible key usage")
        );
    }
}

#[test]
fn a_signature_logged_outside_the_certificates_life_is_refused() {
    let mut forgery = Forgery::new(later(0), later(86_400));
    forgery.logged_at = later(601);
    assert_eq!(
        cause(forged(&forgery)),
        "checking expiry on certificate with bundle: certificate expired before observed time: \
         2026-05-28T20:36:40Z is before 2026-05-28T20:36:41Z"
    );
    forgery.logged_at = NOW - std::time::Duration::from_secs(1);
    assert_eq!(
        cause(forged(&forgery)),
        "checking expiry on certificate with bundle: certificate was issued after observed time: \
         2026-05-28T20:26:40Z is after 2026-05-28T20:26:39Z"
    );
}

#[test]
fn a_root_counts_only_while_it_is_valid() {
    let not_yet = Forgery::new(later(1), later(86_400));
    assert!(cause(forged(&not_yet)).contains("signed by unknown authority"));
    let no_more = Forgery::new(NOW - std::time::Duration::from_secs(9), NOW);
    assert!(is_accepted(&forged(&no_more)));
    let mut used_late = no_more;
    used_late.logged_at = later(1);
    assert!(cause(forged(&used_late)).contains("issuing CA certificate expired before observed"));
}

#[test]
fn every_alternative_name_is_read_in_upstreams_order() {
    let mut forgery = Forgery::new(later(0), later(86_400));
    forgery.names = vec![
        SanType::URI("https://b.example".try_into().unwrap()),
        SanType::URI("https://a.example".try_into().unwrap()),
        SanType::IpAddress([192, 0, 2, 7].into()),
        SanType::IpAddress(std::net::Ipv6Addr::LOCALHOST.into()),
        SanType::Rfc822Name("ada@example.com".try_into().unwrap()),
        SanType::DnsName("ada.example".try_into().unwrap()),
        SanType::OtherName((vec![1, 3, 6, 1, 4, 1, 57_264, 1, 7], "ada!chat".into())),
        SanType::OtherName((vec![1, 2, 3, 4], "nobody".into())),
    ];
    let Verification::Accepted { signer: Signer::Certificate { identity }, .. } = forged(&forgery)
    else {
        panic!("refused");
    };
    assert_eq!(
        identity.subjects,
        [
            "ada.example",
            "ada@example.com",
            "192.0.2.7",
            "::1",
            "https://b.example",
            "https://a.example",
            "ada!chat",
        ]
    );
    assert_eq!(identity.issuer, "");
}
