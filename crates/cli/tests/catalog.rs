//! The catalog: every entry is what it says it is, and passes its own cases.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use loadline::arguments::Format;
use loadline::tester::{Answer, cases, documents};

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
