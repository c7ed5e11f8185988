//! What upstream accepts and users get wrong.

use model::policies::Severity;

use super::{codes, policy, with_authority};
use crate::edit;
use crate::parse;

fn identity(identity: &str) -> String {
    format!("{{keyless: {{identities: [{identity}]}}}}")
}

#[test]
fn identities_that_mean_more_people_than_their_author_thinks() {
    let issuer = "issuer: 'https://token.actions.githubusercontent.com'";
    for (written, code) in [
        (format!("{{{issuer}, subject: 'https://github.com/acme/*'}}"), Some("identity-star")),
        (format!("{{{issuer}, subjectRegExp: '.*'}}"), Some("identity-anybody")),
        ("{issuerRegExp: .*, subjectRegExp: .+}".to_owned(), Some("identity-anybody")),
        (
            format!("{{{issuer}, subjectRegExp: 'https://github.com/acme/'}}"),
            Some("expression-unanchored"),
        ),
        (
            format!("{{{issuer}, subjectRegExp: '^https://github.com/acme/api'}}"),
            Some("expression-unanchored"),
        ),
        (format!("{{{issuer}, subjectRegExp: '^a$|b'}}"), Some("expression-unanchored")),
        (format!("{{{issuer}, subjectRegExp: '^https://github.com/acme/.*'}}"), None),
        (format!("{{{issuer}, subjectRegExp: '^(a|b)$'}}"), None),
        (
            format!(
                "{{{issuer}, subject: 'https://github.com/acme/api/.github/workflows/a.yaml@refs/heads/main'}}"
            ),
            None,
        ),
    ] {
        let parsed = with_authority(&identity(&written));
        assert!(parsed.document.is_some());
        assert_eq!(codes(&parsed, Severity::Warning), Vec::from_iter(code), "{written}");
        assert_eq!(parsed.upstream_warnings, "", "a lint of ours is no warning of upstream's");
    }
}

#[test]
fn an_expression_is_anchored_by_its_fix() {
    let text = policy(
        "  images: [{glob: ghcr.io/acme/**}]\n  authorities:\n  - keyless:\n      identities:\n      - \
         issuer: https://token.actions.githubusercontent.com\n        subjectRegExp: \
         'github.com/acme/.+@refs/heads/main' # ours\n",
    );
    let parsed = parse(&text);
    let said = &parsed.diagnostics[0];
    let mended = edit::apply(&text, (said.line, said.column), said.fix.as_ref().unwrap()).unwrap();
    assert!(mended.contains("'^github.com/acme/.+@refs/heads/main$' # ours"), "{mended}");
    assert!(parse(&mended).diagnostics.is_empty());
}

#[test]
fn trust_that_is_not_what_it_looks_like() {
    let identities = "identities: [{issuer: i, subject: s}]";
    for (authority, code) in [
        (format!("{{keyless: {{{identities}}}, ctlog: {{}}}}"), Some("ctlog-empty")),
        (format!("{{keyless: {{{identities}, trustRootRef: r}}}}"), Some("no-witness")),
        (
            format!("{{keyless: {{{identities}, url: 'https://fulcio.acme.test'}}}}"),
            Some("url-decides-nothing"),
        ),
        (
            format!("{{keyless: {{{identities}, trustRootRef: r}}, ctlog: {{trustRootRef: r}}}}"),
            None,
        ),
        (format!("{{keyless: {{{identities}, url: 'https://fulcio.sigstore.dev'}}}}"), None),
    ] {
        let parsed = with_authority(&authority);
        assert_eq!(codes(&parsed, Severity::Warning), Vec::from_iter(code), "{authority}");
    }
}

#[test]
fn spec_9_2_bundles_that_upstream_could_never_verify() {
    let identity = "identities: [{issuer: i, subject: s}]";
    let rules = "attestations: [{name: a, predicateType: 'https://a.test'}]";
    let key = "key: {secretRef: {name: k}}";
    for (authority, says) in [
        (format!("{key}, {rules}"), Some("the authority must be keyless")),
        (
            format!("keyless: {{{identity}}}, {rules}, rfc3161timestamp: {{trustRootRef: t}}"),
            Some("the trustRootRef for the TSA must be the same"),
        ),
        (
            format!(
                "keyless: {{{identity}, trustRootRef: r}}, {rules}, ctlog: {{url: 'https://r.test'}}"
            ),
            Some("the trustRootRef for the TLog must be the same"),
        ),
        (
            format!("keyless: {{{identity}}}"),
            Some("bundle support for image signatures is not yet implemented"),
        ),
        (
            format!(
                "keyless: {{identities: [{{issuer: i, subject: s}}, {{issuer: i, subject: t}}]}}, {rules}"
            ),
            Some("multiple identities are not supported"),
        ),
        (format!("keyless: {{{identity}}}, {rules}"), None),
    ] {
        let parsed = with_authority(&format!("{{{authority}, signatureFormat: bundle}}"));
        assert!(parsed.document.is_some(), "{authority}: {:?}", parsed.diagnostics);
        let of_bundles = |said: &&model::policies::Diagnostic| said.code == "bundle-impossible";
        let said = parsed.diagnostics.iter().find(of_bundles).map(|said| said.message.as_str());
        assert_eq!(said.is_some(), says.is_some(), "{authority}: {said:?}");
        assert!(said.unwrap_or_default().contains(says.unwrap_or_default()), "{said:?}");
        assert_eq!(parsed.upstream_warnings, "");
    }
    let parsed = with_authority(&format!("{{keyless: {{{identity}}}, signatureFormat: Bundle}}"));
    assert_eq!(codes(&parsed, Severity::Warning), ["signature-format-unknown"]);
}

#[test]
fn policies_that_can_never_fail_and_globs_that_cover_nothing() {
    let spec = "  mode: warn\n  images: [{glob: 'docker.io/library/nginx:1.2'}]\n  authorities: [{static: {action: pass}}]\n";
    let parsed = parse(&policy(spec));
    assert_eq!(codes(&parsed, Severity::Warning), ["glob-covers-nothing", "never-fails"]);
    let glob = &parsed.diagnostics[0];
    assert_eq!(glob.fix.as_ref().unwrap().replacement, "index.docker.io/library/nginx:1.2");
}

#[test]
fn a_template_cannot_be_published_unfilled() {
    let parsed = with_authority(&identity("{issuer: '<<ISSUER>>', subject: 's'}"));
    assert_eq!(codes(&parsed, Severity::Error), ["blank-unfilled"]);
    assert!(parsed.diagnostics[0].message.contains("<<ISSUER>>"));
    let text = policy("  images: [{glob: a/**}]\n  authorities: [{static: {action: fail}}]\n");
    let explained = text.replace("{name: a}", "{name: a, annotations: {x: 'write <<ISSUER>>'}}");
    assert!(parse(&explained).document.is_some(), "annotations explain blanks");
}
