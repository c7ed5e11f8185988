//! The catalog: every entry is what it says it is, and passes its own cases.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use loadline::arguments::Format;
use loadline::tester::{Answer, cases, documents};
use serde_json::{Value, json};

fn catalog() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog")
}

fn annotation(text: &str, name: &str) -> Option<String> {
    let key = format!("catalog.loadline.dev/{name}:");
    let line = text.lines().map(str::trim).find(|line| line.starts_with(&key))?;
    Some(line.strip_prefix(&key)?.trim().trim_matches(['"', '\'']).to_owned())
}

#[test]
fn every_policy_passes_its_own_cases() {
    assert_eq!(cases::run(&catalog(), Format::Table).unwrap(), Answer::Pass);
}

#[test]
fn every_policy_has_cases_a_title_a_description_labels_and_somewhere_to_learn_more() {
    let policies = documents::files(&catalog()).unwrap();
    assert!(policies.len() >= 60, "{}", policies.len());
    let (mut names, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for path in policies {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(text.contains(&format!("  name: {name}\n")), "{name}: the name is the file's");
        assert!(names.insert(name.clone()), "{name} stands there twice");
        let title = annotation(&text, "title").unwrap_or_else(|| panic!("{name} has no title"));
        assert!(titles.insert(title.clone()), "{name}: {title} stands there twice");
        for part in ["description", "labels", "learn-more"] {
            let value = annotation(&text, part);
            assert!(value.is_some_and(|value| !value.is_empty()), "{name} has no {part}");
        }
        assert!(path.with_extension("cases.yaml").is_file(), "{name} has no cases");
    }
}

/// The security property: no policy of the Pod Security Standards or the benchmark is escaped by
/// writing a container under another heading.
#[test]
fn what_violates_in_one_kind_of_container_violates_in_every_other() {
    let mut n_moved = 0;
    for policy in documents::files(&catalog()).unwrap() {
        let path = policy.to_string_lossy().into_owned();
        // Others look at what only some kinds of containers have, such as resources.
        if !path.contains("/pod-security/") && !path.contains("/cis-5-2") {
            continue;
        }
        let file = std::fs::read_to_string(policy.with_extension("cases.yaml")).unwrap();
        let file: Value = serde_saphyr::from_str(&file).unwrap();
        let written = file.get("cases").and_then(Value::as_array).unwrap();
        let kinds = ["initContainers", "ephemeralContainers"];
        let moved = kinds
            .into_iter()
            .flat_map(|kind| written.iter().filter_map(move |case| moved(case, kind)));
        let moved: Vec<Value> = moved.collect();
        n_moved += moved.len();
        let text = std::fs::read_to_string(&policy).unwrap();
        let ran = evaluator::cases::run(&text, &json!({ "cases": moved }).to_string()).unwrap();
        for ran in ran {
            assert!(ran.passed, "{path}: {}: {}", ran.case, ran.difference);
        }
    }
    assert!(n_moved > 300, "{n_moved}");
}

/// A case of a pod that does not pass, with its containers under another heading.
fn moved(case: &Value, kind: &str) -> Option<Value> {
    let outcome = case.pointer("/expect/outcome")?;
    if case.pointer("/resource/kind")? != "Pod" || outcome == "pass" {
        return None;
    }
    let mut moved = case.clone();
    *moved.get_mut("expect")? = json!({ "outcome": outcome });
    let spec = moved.pointer_mut("/resource/spec")?.as_object_mut()?;
    let Some(Value::Array(containers)) = spec.insert("containers".to_owned(), json!([])) else {
        return None;
    };
    spec.entry(kind).or_insert_with(|| json!([])).as_array_mut()?.extend(containers);
    Some(moved)
}

#[test]
fn a_template_is_refused_until_its_blanks_are_filled() {
    let mut n_templates = 0;
    for path in documents::files(&catalog()).unwrap() {
        let text = std::fs::read_to_string(&path).unwrap();
        let parsed = evaluator::check(&text);
        let blanks: Vec<_> =
            parsed.diagnostics.iter().filter(|said| said.code == "blank-unfilled").collect();
        n_templates += usize::from(!blanks.is_empty());
        assert_eq!(parsed.document.is_none(), !blanks.is_empty(), "{}", path.display());
        for said in blanks {
            let name = said.message.split("<<").nth(1).unwrap().split(">>").next().unwrap();
            let explained = format!("blank-{}", name.to_lowercase().replace('_', "-"));
            let explanation = annotation(&text, &explained);
            assert!(explanation.is_some(), "{}: {explained} is missing", path.display());
        }
    }
    assert!(n_templates > 30, "{n_templates}");
}
