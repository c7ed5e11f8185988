//! Upstream's own tables, held against this crate. They lie in the folder that
//! `LOADLINE_CONFORMANCE` names; without it these tests skip themselves and say so.

#[cfg(test)]
mod tables {
    use std::io::Write as _;
    use std::path::PathBuf;

    use model::policies::Severity;
    use policy::settings::Resources;
    use policy::{Glob, Settings, parse_with};
    use serde_json::{Value, json};

    /// Why Loadline refuses what upstream accepts, by the code of the refusal: rows of
    /// `docs/compatibility.md`.
    const STRICTER: [&str; 1] = ["source-registry-only"];

    /// Whether everything that is said against a text is stricter than upstream on purpose.
    fn is_stricter(parsed: &policy::Parsed) -> bool {
        let mut errors =
            parsed.diagnostics.iter().filter(|said| said.severity == Severity::Error).peekable();
        errors.peek().is_some() && errors.all(|said| STRICTER.contains(&said.code.as_str()))
    }

    fn folder() -> Option<PathBuf> {
        if let Some(folder) = std::env::var_os("LOADLINE_CONFORMANCE") {
            return Some(PathBuf::from(folder).join("policy-controller"));
        }
        let reason = "LOADLINE_CONFORMANCE names no folder with upstream's tables";
        if let Some(path) = std::env::var_os("LOADLINE_SKIPS") {
            let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
            writeln!(file.unwrap(), "skipped: policy conformance: {reason}").unwrap();
        }
        None
    }

    fn json_of(path: &str) -> Option<Value> {
        let path = folder()?.join(path);
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        Some(serde_json::from_str(&text).unwrap())
    }

    fn text<'a>(case: &'a Value, name: &str) -> &'a str {
        case[name].as_str().unwrap_or_default()
    }

    /// A case's object as part of a whole policy, and the path that stands before its fields there.
    fn whole(case: &Value) -> (Value, &'static str) {
        let mut object = case["object"].clone();
        let identities = json!([{"issuer": "a", "subject": "b"}]);
        let authority = |authority: Value| json!({"spec": {"images": [{"glob": "registry.test/**"}], "authorities": [authority]}});
        let (mut document, prefix) = match text(case, "type") {
            "KeyRef" => (authority(json!({"key": object})), "spec.authorities[0].key."),
            "KeylessRef" => (authority(json!({"keyless": object})), "spec.authorities[0].keyless."),
            "Attestation" => {
                let keyless = json!({"url": "https://fulcio.test", "identities": identities});
                let authority = authority(json!({"keyless": keyless, "attestations": [object]}));
                (authority, "spec.authorities[0].attestations.")
            }
            _ => (object.take(), ""),
        };
        document["apiVersion"] = case["apiVersion"].clone();
        document["kind"] = json!("ClusterImagePolicy");
        document["metadata"] = json!({"name": "case"});
        (document, prefix)
    }

    #[test]
    fn validation_says_what_upstream_says() {
        let Some(tables) = json_of("extracted/cip-validation-cases.json") else { return };
        let cases = tables["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 201);
        let mut different = Vec::new();
        for case in cases {
            let names: Vec<String> =
                serde_json::from_value(case["validResourceNames"].clone()).unwrap();
            let settings = Settings {
                fail_on_empty_authorities: case["failOnEmptyAuthorities"].as_bool().unwrap(),
                resources: if names.is_empty() { Resources::Any } else { Resources::Only(names) },
                system_namespace: tables["systemNamespace"].as_str().unwrap().to_owned(),
                applies_defaults: false,
            };
            let (document, prefix) = whole(case);
            let parsed = parse_with(&document.to_string(), &settings);
            let said = [
                parsed.upstream_errors.replace(prefix, ""),
                parsed.upstream_warnings.replace(prefix, ""),
            ];
            let wanted = [text(case, "wantError"), text(case, "wantWarning")];
            if said != wanted {
                different.push(format!("{}: wanted {wanted:?}, said {said:?}", text(case, "test")));
            }
            if wanted[0].is_empty() && parsed.document.is_none() && !is_stricter(&parsed) {
                different.push(format!(
                    "{}: refused: {:?}",
                    text(case, "test"),
                    parsed.diagnostics
                ));
            }
        }
        assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    }

    #[test]
    fn globs_cover_what_upstream_covers() {
        let Some(tables) = json_of("extracted/glob-vectors.json") else { return };
        let mut different = Vec::new();
        let mut n_cases = 0;
        for (table, cases) in tables.as_object().unwrap() {
            let Some(cases) = cases.as_array() else { continue };
            for case in cases {
                n_cases += 1;
                let glob = text(case, "glob");
                // What admission asks has a digest, and short names no longer match.
                let admitted = case["podImage"].as_str();
                let image = admitted.unwrap_or_else(|| text(case, "image"));
                let covers = Glob::new(glob).ok().and_then(|glob| match admitted {
                    Some(image) => image.parse().ok().map(|image| glob.matches(&image)),
                    None => glob.matches_written(image).ok(),
                });
                let is_error = case["error"].as_bool().unwrap_or(case["error"].is_string());
                let wanted = if is_error { None } else { Some(case["match"] == true) };
                // Row 2 of the ledger: a host in capitals does not slip past a policy.
                let host = image.split('/').next().unwrap_or_default();
                let is_capital = image.contains('/') && host != host.to_lowercase();
                if covers != wanted && !(is_capital && covers == Some(true)) {
                    different
                        .push(format!("{table} {image} {glob}: wanted {wanted:?}, got {covers:?}"));
                }
            }
        }
        assert_eq!(n_cases, 101);
        assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    }

    #[test]
    fn references_are_read_as_upstream_reads_them() {
        let Some(cases) = json_of("extracted/reference-parsing.json") else { return };
        let cases = cases.as_array().unwrap();
        assert_eq!(cases.len(), 26);
        for case in cases {
            let image = text(case, "image");
            match image.parse::<model::image::ImageReference>() {
                Ok(reference) => {
                    assert_eq!(reference.to_string(), text(case, "name"), "{image}");
                    assert_eq!(reference.pinned().is_some(), case["isDigest"] == true, "{image}");
                }
                Err(error) => assert_eq!(error.to_string(), text(case, "error"), "{image}"),
            }
        }
    }

    #[test]
    fn sources_are_refused_as_upstream_refuses_them() {
        let Some(cases) = json_of("extracted/source-oci-vectors.json") else { return };
        let cases = cases.as_array().unwrap();
        assert_eq!(cases.len(), 7);
        for case in cases {
            let oci = text(case, "oci");
            let authority = json!({"static": {"action": "pass"}, "source": [{"oci": oci}]});
            let document = json!({
                "apiVersion": "policy.sigstore.dev/v1beta1", "kind": "ClusterImagePolicy",
                "metadata": {"name": "case"},
                "spec": {"images": [{"glob": "**"}], "authorities": [authority]},
            });
            let said = parse_with(&document.to_string(), &Settings::default()).upstream_errors;
            let wanted = text(case, "error");
            assert_eq!(
                said.contains("spec.authorities[0].source[0].oci"),
                case["valid"] == false,
                "{oci}"
            );
            assert!(said.contains(wanted), "{oci}: {said}");
        }
    }

    #[test]
    fn upstream_s_own_documents_are_accepted_and_refused_as_upstream_does() {
        let Some(folder) = folder() else { return };
        let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
        let (mut n_documents, mut different) = (0, Vec::new());
        for line in manifest.lines().skip(1) {
            let mut columns = line.split('\t');
            let (Some(path), Some(expected), Some(what)) =
                (columns.next(), columns.next(), columns.next())
            else {
                panic!("{line}")
            };
            let is_document = path.ends_with(".yaml") && !path.starts_with("pkg/");
            if expected == "n/a" || !is_document {
                continue;
            }
            n_documents += 1;
            let text = std::fs::read_to_string(folder.join(path)).unwrap();
            // Some hold, beside a policy, the workload it is tried on.
            let policies: Vec<&str> =
                text.split("\n---").filter(|part| part.contains("policy.sigstore.dev")).collect();
            let parsed = policy::parse(&policies.join("\n---\n"));
            let has_policy = parsed.document.is_some() || path.contains("trustroot");
            if (expected == "valid") != (parsed.upstream_errors.is_empty() && has_policy) {
                different.push(format!("{path}: {expected}, but {:?}", parsed.diagnostics));
            }
            let exact = what
                .split_once("exact error: ")
                .map(|(_, exact)| exact.split(" | ").next().unwrap());
            if let Some(exact) = exact
                && !exact.replace("\\n", "\n").starts_with(&parsed.upstream_errors)
            {
                different.push(format!("{path}: wanted {exact}, said {}", parsed.upstream_errors));
            }
        }
        assert!(n_documents > 70, "{n_documents}");
        assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    }
}
