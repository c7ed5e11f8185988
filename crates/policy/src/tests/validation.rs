//! Every rule of `policy-controller.md` part 3 and 5, with upstream's words for it.

use super::{policy, with_authority};
use crate::parse;

const KEYLESS: &str = "keyless: {identities: [{issuer: i, subject: s}]}";

/// What upstream says of an authority.
fn says(authority: &str) -> String {
    let parsed = with_authority(authority);
    [parsed.upstream_errors, parsed.upstream_warnings].concat()
}

#[test]
fn spec_3_1_images_authorities_mode_and_match() {
    for (spec, says) in [
        (
            "  mode: x",
            "invalid value: x: spec.mode\nunsupported mode\nmissing field(s): spec.authorities, spec.images",
        ),
        (
            "  images: [{glob: ''}]\n  authorities: [{static: {action: pass}}]",
            "missing field(s): spec.images[0].glob",
        ),
        (
            "  images: [{glob: a/**}]\n  authorities: [{static: {action: pass}}]\n  match: [{resource: apples, version: v1}]",
            "invalid value: apples: spec.match[0].resource\nunsupported resource name",
        ),
        (
            "  images: [{glob: a/**}]\n  authorities: [{static: {action: pass}}]\n  match: [{selector: {matchLabels: {a: b}}}]",
            "invalid value: : spec.match[0].selector\nselector requires a resource type to match the labels",
        ),
    ] {
        assert_eq!(parse(&policy(spec)).upstream_errors, says, "{spec}");
    }
}

#[test]
fn spec_3_2_globs() {
    for (glob, details) in [
        ("[", "syntax error in pattern"),
        ("foo?", "invalid glob \"foo?\""),
        ("[a-z]*", "invalid glob \"[a-z]*\""),
        ("a b", "invalid glob \"a b\""),
    ] {
        let spec = format!(
            "  images: [{{glob: '{glob}'}}]\n  authorities: [{{static: {{action: pass}}}}]"
        );
        let wanted =
            format!("invalid value: {glob}: spec.images[0].glob\nglob is invalid: {details}");
        assert_eq!(parse(&policy(&spec)).upstream_errors, wanted);
    }
}

#[test]
fn spec_3_3_exactly_one_method_and_nothing_else_is_said() {
    let path = "spec.authorities[0]";
    let fields = format!("{path}.key, {path}.keyless, {path}.static");
    assert_eq!(
        says("{name: x, source: [{}, {}]}"),
        format!("expected exactly one, got neither: {fields}")
    );
    assert_eq!(says("{key: {}, keyless: {}}"), format!("expected exactly one, got both: {fields}"));
}

#[test]
fn spec_3_4_keys() {
    let path = "spec.authorities[0].key";
    for (key, wanted) in [
        (
            "{}",
            format!("expected exactly one, got neither: {path}.data, {path}.kms, {path}.secretref"),
        ),
        ("{data: x}", format!("invalid value: x: {path}.data")),
        (
            "{secretRef: {name: s}, hashAlgorithm: md5}",
            format!("invalid value: md5: {path}.hashAlgorithm"),
        ),
        ("{secretRef: {name: s}, hashAlgorithm: ' SHA512 '}", String::new()),
        (
            "{secretRef: {name: s, namespace: other}}",
            format!(
                "invalid value: other: {path}.secretref.namespace\nsecretref.namespace is invalid. If set, \
                 it should use the same namespace where the policy-controller was deployed"
            ),
        ),
    ] {
        assert_eq!(says(&format!("{{key: {key}}}")), wanted, "{key}");
    }
}

#[test]
fn spec_3_5_key_management_services() {
    for (kms, details) in [
        (
            "x://y",
            "malformed KMS format, should be prefixed by any of the supported providers: [awskms:// azurekms:// hashivault:// gcpkms://]",
        ),
        ("awskms://1234abcd", "malformed AWS KMS format"),
        ("awskms://localhost/arn:no", "kms key should be in the format"),
        ("awskms:///alias/a", "failed to parse either key or alias arn: arn: invalid prefix"),
        ("awskms://a:1:2/alias/a", "malformed endpoint: address a:1:2: too many colons in address"),
        (
            "awskms:///arn:aws:kms:us-east-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "",
        ),
        ("gcpkms://anything", ""),
    ] {
        let said = says(&format!("{{key: {{kms: '{kms}'}}}}"));
        assert_eq!(said.is_empty(), details.is_empty(), "{kms}: {said}");
        assert!(said.contains(details), "{kms}: {said}");
    }
}

#[test]
fn spec_3_6_keyless_identities_static_and_source() {
    let path = "spec.authorities[0]";
    for (authority, wanted) in [
        ("{keyless: {}}".to_owned(), format!("missing field(s): {path}.keyless.identities")),
        (
            "{keyless: {identities: [{issuer: a, issuerRegExp: b}]}}".to_owned(),
            format!(
                "expected exactly one, got both: {path}.keyless.identities[0].issuer, \
                 {path}.keyless.identities[0].issuerRegExp\nmissing field(s): \
                 {path}.keyless.identities[0].subject, {path}.keyless.identities[0].subjectRegExp"
            ),
        ),
        (
            "{keyless: {identities: [{issuerRegExp: '**', subject: b}]}}".to_owned(),
            format!(
                "invalid value: **: {path}.keyless.identities[0].issuerRegExp\nregex is invalid: \
                 error parsing regexp: missing argument to repetition operator: `*`"
            ),
        ),
        ("{static: {}}".to_owned(), format!("missing field(s): {path}.static.action")),
        (
            "{static: {action: no way}}".to_owned(),
            format!("invalid value: no way: {path}.static.action\nunsupported action"),
        ),
        (
            "{static: {action: pass}, ctlog: {}, rfc3161timestamp: {}}".to_owned(),
            format!(
                "expected exactly one, got both: {path}.ctlog, {path}.rfc3161timestamp, {path}.static"
            ),
        ),
        (
            format!("{{{KEYLESS}, source: [{{}}, {{}}]}}"),
            format!("invalid value: source: {path}.source\nonly single source is supported"),
        ),
        (
            format!("{{{KEYLESS}, source: [{{oci: 'user/repo'}}]}}"),
            format!(
                "invalid value: user/repo: {path}.source[0].oci\nregistries must be valid RFC 3986 URI authorities: user/repo"
            ),
        ),
        (
            format!("{{{KEYLESS}, source: [{{signaturePullSecrets: [{{}}]}}]}}"),
            format!("missing field(s): {path}.source[0].signaturePullSecrets[0].name"),
        ),
    ] {
        assert_eq!(says(&authority), wanted, "{authority}");
    }
}

#[test]
fn spec_3_7_attestations_have_no_index_in_their_paths() {
    let path = "spec.authorities[0].attestations";
    for (attestation, wanted) in [
        ("{predicateType: 'https://a'}", format!("missing field(s): {path}.name")),
        ("{name: a}", format!("missing field(s): {path}.predicateType")),
        (
            "{name: a, predicateType: vuln}",
            format!(
                "invalid value: vuln: {path}.predicateType\ndeprecated value, please use RFC 3986 conformant values"
            ),
        ),
        (
            "{name: a, predicateType: slsaprovenance1}",
            format!(
                "invalid value: slsaprovenance1: {path}.predicateType\ndeprecated value, please use RFC 3986 conformant values"
            ),
        ),
        (
            "{name: a, predicateType: 'https://a', policy: {type: cue, data: x, includeSpec: false}}",
            format!("must not set the field(s): {path}.policy.includeSpec"),
        ),
    ] {
        assert_eq!(says(&format!("{{{KEYLESS}, attestations: [{attestation}]}}")), wanted);
    }
}

#[test]
fn spec_3_8_policies_are_named_without_policy_beside_the_authorities() {
    for (embedded, wanted) in [
        (
            "{type: lua, data: x}",
            "invalid value: lua: spec.type\nonly [cue,rego] are supported at the moment",
        ),
        ("{type: cue}", "missing field(s): spec.configMapRef, spec.data, spec.remote"),
        (
            "{type: cue, data: x, remote: {url: 'https://a', sha256sum: b}}",
            "expected exactly one, got both: spec.configMapRef, spec.data, spec.remote",
        ),
        (
            "{type: cue, remote: {url: 'http://a'}}",
            "invalid value: http://a: spec.remote.url\nurl valid is invalid. host and https scheme are expected\nmissing field(s): spec.remote.sha256sum",
        ),
        (
            "{type: rego, configMapRef: {}}",
            "missing field(s): spec.configMapRef.key, spec.configMapRef.name",
        ),
    ] {
        let spec = format!(
            "  images: [{{glob: a/**}}]\n  authorities: [{{static: {{action: pass}}}}]\n  policy: {embedded}"
        );
        assert_eq!(parse(&policy(&spec)).upstream_errors, wanted, "{embedded}");
    }
}

#[test]
fn spec_5_trust_roots_and_every_entry_of_them_counts() {
    let trust_root = |spec: &str| {
        let text = format!(
            "apiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: {{name: a}}\nspec: {spec}\n"
        );
        parse(&text).upstream_errors
    };
    let keys = "spec.sigstoreKeys";
    for (spec, wanted) in [
        (
            "{}",
            "expected exactly one, got neither: spec.remote, spec.repository, spec.sigstoreKeys"
                .to_owned(),
        ),
        ("{remote: {}}", "missing field(s): spec.remote.mirror, spec.remote.root".to_owned()),
        (
            "{remote: {mirror: m, root: e30=}}",
            "invalid value: missing signatures in root.json: spec.remote.root\nno signatures"
                .to_owned(),
        ),
        (
            "{repository: {root: eyJzaWduYXR1cmVzIjpbXX0=}}",
            "missing field(s): spec.repository.repository".to_owned(),
        ),
        (
            "{sigstoreKeys: {}}",
            format!(
                "expected exactly one, got neither: {keys}.certificateAuthority, {keys}.timestampAuthorities"
            ),
        ),
        (
            "{sigstoreKeys: {certificateAuthorities: [{}], tLogs: [{}]}}",
            format!(
                "missing field(s): {keys}.certificateAuthority[0].certchain, \
                 {keys}.certificateAuthority[0].subject.commonName, \
                 {keys}.certificateAuthority[0].subject.organization, \
                 {keys}.certificateAuthority[0].uri, {keys}.tLogs[0].baseURL, \
                 {keys}.tLogs[0].hashAlgorithm, {keys}.tLogs[0].publicKey"
            ),
        ),
    ] {
        assert_eq!(trust_root(spec), wanted, "{spec}");
    }
}
