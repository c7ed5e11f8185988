//! The pages of `docs/reference` about policies: every example is run, and says what the page
//! says.

use model::timestamp::Timestamp;
use policy::Language;

use crate::check;
use crate::documents::Converted;
use crate::embedded::{Answer, CompiledText};

fn page(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/");
    std::fs::read_to_string(format!("{folder}{name}")).unwrap()
}

/// The examples of a page: what stands behind the three ticks, and the lines.
fn examples(page: &str) -> Vec<(&str, &str)> {
    let pieces = page.split("\n```").skip(1).step_by(2);
    pieces.map(|piece| piece.split_once('\n').unwrap()).collect()
}

#[test]
fn every_example_of_the_reference_is_a_policy_without_complaints() {
    let text = page("policies.md");
    let examples = examples(&text);
    let policies: Vec<_> = examples.iter().filter(|(kind, _)| *kind == "yaml").collect();
    assert!(policies.len() >= 7, "{}", policies.len());
    for (_, example) in policies {
        let parsed = check(example);
        assert!(parsed.document.is_some(), "{example}\n{:?}", parsed.diagnostics);
        assert!(parsed.diagnostics.is_empty(), "{example}\n{:?}", parsed.diagnostics);
    }
}

/// What a policy of a page says of a document, without the words before it.
fn asked(policy: &CompiledText, document: &str) -> Option<String> {
    let document = Converted::new(document.to_owned());
    match policy.ask("it", &document, Timestamp::from_seconds(0)).0 {
        Answer::Holds => None,
        Answer::Fails(message) | Answer::Limit(message) => {
            let start = message.find("with error: ").map(|at| at + "with error: ".len());
            let start = start.or_else(|| message.find("policy is not compliant"));
            message.get(start.unwrap_or(0)..).map(str::to_owned)
        }
    }
}

#[test]
fn every_example_in_cue_and_rego_answers_as_its_page_says() {
    for (name, language) in [("cue", Language::Cue), ("rego", Language::Rego)] {
        let text = page(&format!("{name}.md"));
        let (mut policy, mut failed, mut n_asked) = (None, None, 0);
        for (kind, lines) in examples(&text) {
            let current = || policy.as_ref().expect("a policy stands before its documents");
            match kind {
                "json passes" => assert_eq!(asked(current(), lines), None, "{lines}"),
                "json fails" => failed = asked(current(), lines),
                "text" => assert_eq!(failed.take().as_deref(), Some(lines.trim()), "{lines}"),
                kind if kind == name => {
                    let compiled = CompiledText::compile(language, lines, false);
                    policy = Some(compiled.unwrap_or_else(|error| panic!("{lines}\n{error:?}")));
                }
                other => panic!("{name}.md has an example of kind {other:?}"),
            }
            n_asked += usize::from(kind.starts_with("json"));
        }
        assert!(failed.is_none(), "a failing document has its message behind it");
        assert!(n_asked >= 5, "{name}: {n_asked}");
    }
}
