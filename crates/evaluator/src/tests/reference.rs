//! The examples of `docs/reference/policies.md` are valid, warn of nothing, and can be judged.

use crate::check;

#[test]
fn every_example_of_the_reference_is_a_policy_without_complaints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/policies.md");
    let text = std::fs::read_to_string(path).unwrap();
    let examples: Vec<&str> = text
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect();
    assert!(examples.len() >= 5, "{}", examples.len());
    for example in examples {
        let parsed = check(example);
        assert!(parsed.document.is_some(), "{example}\n{:?}", parsed.diagnostics);
        assert!(parsed.diagnostics.is_empty(), "{example}\n{:?}", parsed.diagnostics);
    }
}
