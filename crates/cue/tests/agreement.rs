//! What the comparison with CUE 0.15.4 itself brought to light, case by case: policies generated
//! from a seed, made as small as they go. `cargo xtask differ` finds more.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use cue::{Document, Failure, Limits, Policy};

/// The error; empty where the two agree.
fn said(policy: &str, document: &str) -> String {
    let policy = match Policy::compile(policy) {
        Ok(policy) => policy,
        Err(error) => return format!("policy: {error}"),
    };
    let limits = Limits::default();
    let document = Document::parse(document.to_owned(), &limits).unwrap();
    match policy.check(&document, &limits) {
        Ok(()) => String::new(),
        Err(Failure::Conflict { text, .. } | Failure::Limit(text)) => text,
    }
}

#[test]
fn a_bound_below_zero_needs_a_blank() {
    assert_eq!(said("n: <-1", "{}"), "policy: expected operand, found '<-'");
    assert_eq!(said("n: < -1", r#"{"n":-2}"#), "");
    assert_eq!(said("n: >-1", r#"{"n":-2}"#), "n: invalid value -2 (out of bound >-1)");
}

#[test]
fn a_struct_whose_fields_are_not_known_yet_cannot_be_counted_or_gone_through() {
    let waits = "policy: labels: key value of dynamic field must be concrete, found string";
    for rule in ["if len(labels) > 2 {x: 1}", "for k, v in labels {x: 1}"] {
        let policy = format!("name: string\nlabels: (name): 1\n{rule}");
        assert_eq!(said(&policy, "{}"), waits, "{rule}");
    }
    // Where it is only the value of a field, it is incomplete, and passes.
    let policy = "name: string\nlabels: (name): 1\nx: [for k, v in labels {v}]";
    assert_eq!(said(policy, r#"{"x":[1,2]}"#), "");
    let policy = "c: {t: _, if len(t) > 3 {m: 1}}\nx: c.r";
    assert_eq!(said(policy, r#"{"x":2,"c":{"r":1}}"#), "");
}

#[test]
fn alternatives_that_wait_for_something_are_held_against_each_other() {
    let policy = "spec: {a: int} | {a?: _}\nspec: c: [...{n: _, if len(n) > 0 {ok: bool}}]";
    assert_eq!(said(policy, r#"{"spec":{"a":1,"c":[{}]}}"#), "");
    let policy = "import \"struct\"\nname: string\nlabels: (name): 1\nlabels: struct.MaxFields(0)";
    assert_eq!(said(policy, r#"{"labels":{"a":1}}"#), "");
}

#[test]
fn what_is_computed_from_itself_still_has_the_wrong_type() {
    for (policy, document, says) in [
        (
            "n: n + 1",
            r#"{"n":{"a":1}}"#,
            "n: invalid operands {a:1} and 1 to '+' (type struct and int)",
        ),
        ("n: n - 1", r#"{"n":{"a":1}}"#, "n: cannot use {a:1} (type struct) as type number in -"),
        (
            "n: n + 1",
            r#"{"n":"a"}"#,
            "n: invalid operands \"a\" and 1 to '+' (type string and int)",
        ),
    ] {
        assert_eq!(said(policy, document), says);
    }
}

#[test]
fn several_alternatives_are_there() {
    for a in ["1 | 2", "\"x\" | string", "\"x\" | \"y\""] {
        let policy = format!("a: {a}\nif a != _|_ {{x: 1}}\nx: 2");
        assert_eq!(said(&policy, "{}"), "policy: x: conflicting values 1 and 2", "{a}");
    }
    assert_eq!(said("a: string\nif a != _|_ {x: 1}\nx: 2", "{}"), "");
}

#[test]
fn what_waits_for_something_is_not_there() {
    let conflict = "x: conflicting values 1 and 2";
    let policy = "n: string\na: \"a\" + n\nif a == _|_ {x: 1}";
    assert_eq!(said(policy, r#"{"a":"","x":2}"#), conflict);
    let policy = policy.replace("==", "!=");
    assert_eq!(said(&policy, r#"{"a":"","x":2}"#), "");
    let policy = "k: string\nl: {if k == \"a\" {b: 1}}\nif l == _|_ {x: 1}";
    assert_eq!(said(policy, r#"{"x":2}"#), conflict);
    let policy = "c: {t: _, if len(t) > 3 {m: 1}}\nif c.r == _|_ {x: 1}";
    assert_eq!(said(policy, r#"{"x":2,"c":{"r":1}}"#), conflict);
}
