//! Texts: kinds, places, unknown fields, YAML's traps, and what stands beside a policy.

use model::policies::Severity;

use super::{codes, policy, with_authority};
use crate::{Method, PolicySource, parse};

#[test]
fn spec_4_a_version_changes_nothing_of_what_is_written() {
    let text = policy(
        "  images: [{glob: ghcr.io/acme/**}]\n  authorities:\n  - keyless: {identities: [{issuer: i, \
         subject: s}]}\n    ctlog: {trustRootRef: logs}\n    rfc3161timestamp: {}\n",
    );
    for version in ["v1alpha1", "v1beta1"] {
        let parsed = parse(&text.replace("v1beta1", version));
        let document = parsed.document.unwrap();
        let authority = &document.policies[0].authorities[0];
        // Upstream's conversion drops both (ledger row 6).
        assert_eq!(authority.ctlog.as_ref().unwrap().trust_root.as_deref(), Some("logs"));
        assert_eq!(authority.timestamp.as_deref(), Some(""));
        assert!(matches!(&authority.method, Method::Keyless { has_ca_cert: false, .. }));
    }
}

#[test]
fn complaints_stand_where_their_reason_stands() {
    let text = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata:\n  name: \
                a\nspec:\n  images:\n  - glob: 'a?'\n  authorities:\n  - static:\n      action: maybe\n  \
                - keyless: {}\n  mode: x\n";
    let parsed = parse(text);
    let places: Vec<(u32, u32, &str)> = parsed
        .diagnostics
        .iter()
        .map(|said| (said.line, said.column, said.code.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            (7, 11, "glob-invalid"),
            (10, 15, "static-action-invalid"),
            (11, 5, "field-missing"),
            (12, 9, "mode-invalid"),
        ]
    );
}

#[test]
fn unknown_fields_are_refused_with_the_one_that_was_meant() {
    let parsed = with_authority("{statik: {action: pass}, Name: x}");
    let said: Vec<&str> = parsed.diagnostics.iter().map(|said| said.message.as_str()).collect();
    assert!(
        said[1].contains("unknown field spec.authorities[0].statik. Did you mean static?"),
        "{said:?}"
    );
    let fix = parsed.diagnostics[1].fix.as_ref().unwrap();
    assert_eq!((fix.length, fix.replacement.as_str()), (6, "static"));
    assert!(said[2].contains("Did you mean name?"), "{said:?}");
}

#[test]
fn yaml_1_1_traps_are_named_and_mended() {
    for (written, says) in
        [("no", "for a truth value"), ("on", "for a truth value"), ("0755", "for a number")]
    {
        let text = policy(&format!("  mode: {written}\n  images: [{{glob: a/**}}]\n"));
        let parsed = parse(&text);
        let trap = parsed.diagnostics.iter().find(|said| said.code == "yaml-1.1");
        let said = trap.unwrap_or_else(|| panic!("{written}: {:?}", parsed.diagnostics));
        assert!(said.message.contains(says), "{}", said.message);
        let mended =
            crate::edit::apply(&text, (said.line, said.column), said.fix.as_ref().unwrap());
        assert!(mended.unwrap().contains(&format!("mode: \"{written}\"")));
    }
    let plain = parse(&policy("  mode: true\n"));
    assert!(codes(&plain, Severity::Error).contains(&"type-wrong"));
}

#[test]
fn secrets_and_config_maps_beside_a_policy_belong_to_the_system_namespace() {
    let key = "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFYUVPVkpDRnRkdVlyM3hxVHhlUldTVzMyQ1kvcwpUQk5aajRvSVVQbDhKdmhWUEoxVEtEUGxOY3VUNFlwaFN0NnQzeU9tTXZrZFFiQ2o4YnJvWDZ2aWp3PT0KLS0tLS1FTkQgUFVCTElDIEtFWS0tLS0tCg==";
    let secret = |namespace: &str, data: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: k, namespace: {namespace}}}\ndata: {data}\n---\n"
        )
    };
    let policy =
        policy("  images: [{glob: a/**}]\n  authorities: [{key: {secretRef: {name: k}}}]\n");
    let parse_with = |secret: String| parse(&format!("{secret}{policy}"));
    let good =
        parse_with(secret("cosign-system", &format!("{{key.pub: {key}}}"))).document.unwrap();
    assert!(good.secrets[0].public_key.as_ref().unwrap().starts_with("-----BEGIN PUBLIC KEY"));
    for (data, says) in [
        ("{}", "contains no data"),
        ("{a: YQ==, b: YQ==}", "multiple data entries"),
        ("{a: YQ==}", "invalid public key: PEM decoding failed"),
    ] {
        let document = parse_with(secret("cosign-system", data)).document.unwrap();
        assert!(document.secrets[0].public_key.as_ref().unwrap_err().contains(says), "{data}");
    }
    let foreign = parse_with(secret("default", "{a: YQ==}"));
    assert_eq!(codes(&foreign, Severity::Error), ["namespace-foreign"]);
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p, namespace: cosign-system}\ndata: {a: b}\n---\n";
    let document = parse(&format!("{config}{policy}")).document.unwrap();
    assert_eq!(document.config_maps[0].entry("a"), Ok("b"));
    assert_eq!(
        document.config_maps[0].entry("c"),
        Err("configmap \"p\" does not contain key c".to_owned())
    );
}

#[test]
fn lines_of_an_embedded_policy_are_lines_of_the_document() {
    let place = |data: &str, line, column| {
        let text = policy(&format!(
            "  images: [{{glob: a/**}}]\n  authorities: [{{static: {{action: pass}}}}]\n  policy:\n    \
             type: cue\n    data: {data}\n"
        ));
        let document = parse(&text).document.unwrap();
        let embedded = document.policies[0].policy.clone().unwrap();
        let PolicySource::Inline(embedded) = embedded.source else { panic!() };
        embedded.position(line, column)
    };
    let block = "|\n      a: 1\n\n      b: 2";
    assert_eq!(place(block, 1, 1), (10, 7));
    assert_eq!(place(block, 3, 4), (12, 10));
    assert_eq!(place(&block.replace('|', "|-"), 3, 4), (12, 10));
    assert_eq!(place("'a: 1'", 1, 4), (9, 15));
    assert_eq!(place("\"a: 1\"", 1, 4), (9, 15));
    assert_eq!(place("a", 1, 1), (9, 11));
}

#[test]
fn several_policies_in_one_text_are_read_and_only_one_can_be_published() {
    let one = policy("  images: [{glob: a/**}]\n  authorities: [{static: {action: fail}}]\n");
    let two = format!("{one}---\n{}", one.replace("{name: a}", "{name: b}"));
    let document = parse(&two).document.unwrap();
    assert_eq!(document.policies.len(), 2);
    assert_eq!(document.only_policy().unwrap_err().code, "policy-several");
    let twice = parse(&format!("{one}---\n{one}"));
    assert_eq!(codes(&twice, Severity::Error), ["name-twice"]);
}
