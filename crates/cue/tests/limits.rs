//! Hostile policies and documents end soon, with a message, and on a small stack.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use cue::{Document, Failure, Limits, Policy};

/// The stack of a thread of the server.
const STACK: usize = 2 * 1024 * 1024;

/// What became of a policy and a document, on a small stack.
fn outcome(policy: String, document: String) -> String {
    let run = move || {
        let policy = match Policy::compile(&policy) {
            Ok(policy) => policy,
            Err(error) => return format!("compile: {error}"),
        };
        let limits = Limits::default();
        let document = match Document::parse(document, &limits) {
            Ok(document) => document,
            Err(error) => return format!("document: {error}"),
        };
        match policy.check(&document, &limits) {
            Ok(()) => "pass".to_owned(),
            Err(Failure::Conflict { text, .. }) => format!("conflict: {text}"),
            Err(Failure::Limit(text)) => format!("limit: {text}"),
        }
    };
    std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap()
}

#[track_caller]
fn ends_with(policy: impl Into<String>, document: impl Into<String>, expected: &str) {
    let policy = policy.into();
    let start: String = policy.chars().take(60).collect();
    let outcome = outcome(policy, document.into());
    assert!(outcome.starts_with(expected), "{start}: {outcome}");
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{a:", "}"), ("-", ""), ("!", ""), ("a: ", "")] {
        let nested = format!("a: {}1{}", open.repeat(10_000), close.repeat(10_000));
        ends_with(nested, "{}", "compile: nested too deeply");
    }
    ends_with(format!("a: b{}\nb: _", ".c".repeat(10_000)), "{}", "compile: nested too deeply");
    ends_with(format!("a: b{}\nb: _", "[0]".repeat(10_000)), "{}", "compile: nested too deeply");
    ends_with(format!("a: 1{}", " + 1".repeat(10_000)), "{}", "compile: nested too deeply");
    ends_with(format!("a: {}x", "\"\\(".repeat(10_000)), "{}", "compile: interpolations");
    ends_with("a: _", "[".repeat(100_000), "document: the document is nested too deeply");
    ends_with("a: _", format!("{{\"a\":{}", "{\"a\":".repeat(100_000)), "document: ");
}

#[test]
fn what_is_nested_as_deep_as_may_be_is_evaluated() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{a:", "}"), ("-", ""), ("a: ", "")] {
        let nested = format!("a: {}1{}", open.repeat(60), close.repeat(60));
        ends_with(nested, "{}", "pass");
    }
    let document = format!("{{\"a\":{}1{}}}", "[".repeat(120), "]".repeat(120));
    ends_with("a: _\nb: a", document.clone(), "pass");
    ends_with("a: 1", document, "conflict: a: conflicting values 1 and [[[");
}

#[test]
fn long_chains_stay_flat() {
    let any = (0..5_000).map(|number| number.to_string()).collect::<Vec<_>>().join(" | ");
    ends_with(format!("a: {any}"), r#"{"a":4999}"#, "pass");
    ends_with(format!("a: {any}"), r#"{"a":-1}"#, "conflict: a: 5000 errors");
    let all = vec!["int"; 5_000].join(" & ");
    ends_with(format!("a: {all}"), r#"{"a":4999}"#, "pass");
}

#[test]
fn explosions_of_alternatives_stop() {
    let factors = vec!["({a: 1} | {b: 1} | {c: 1} | {d: 1})"; 30].join(" & ");
    ends_with(format!("x: {factors}"), "{}", "pass");
    let differing: String = (0..40).map(|n| format!("({{a{n}: 1}} | {{b{n}: 1}}) & ")).collect();
    ends_with(format!("x: {differing} {{}}"), "{}", "compile: the evaluation ");
    let numbers = vec!["(1 | 2 | 3 | 4)"; 200].join(" & ");
    ends_with(format!("x: {numbers}"), r#"{"x":3}"#, "pass");
    let nested = "#A: {x: #A | 1, y: #A | 1, z: #A | 1}\na: #A";
    ends_with(nested, "{}", "");
}

#[test]
fn what_contains_itself_is_an_error() {
    ends_with("#A: {x: #A}", "{}", "compile: #A.x: structural cycle");
    ends_with("a: {b: a}", "{}", "compile: a.b: structural cycle");
    ends_with("a: [a]", "{}", "compile: a.0: structural cycle");
    ends_with("#L: {n: int, next?: #L}\nl: #L", r#"{"l":{"n":1,"next":{"n":2}}}"#, "pass");
    ends_with("a: b\nb: c\nc: a", r#"{"a":1}"#, "pass");
    ends_with("a: b\nb: c\nc: a", r#"{"a":1,"c":2}"#, "conflict: ");
    ends_with("a: a + 1", r#"{"a":1}"#, "conflict: a: conflicting values 2 and 1");
    ends_with("a: {for k, v in a {\"\\(k)x\": v}}", r#"{"a":{"y":1}}"#, "");
    ends_with("let x = x\na: x", "{}", "");
    ends_with("a: \"\\(a)x\"", "{}", "pass");
}

#[test]
fn large_results_are_not_made() {
    ends_with("a: \"a\" * 1000000000", "{}", "compile: the evaluation makes too much text");
    ends_with("a: 'a' * 1000000000000", "{}", "compile: the evaluation makes too much text");
    ends_with(
        "import \"list\"\na: list.Range(0, 1000000000000, 1)",
        "{}",
        "compile: the evaluation takes too many steps",
    );
    ends_with(
        "import \"list\"\na: list.Repeat([1,2,3], 1000000000000)",
        "{}",
        "compile: the evaluation takes too many steps",
    );
    ends_with(
        "import \"strings\"\na: strings.Repeat(\"ab\", 1000000000000)",
        "{}",
        "compile: the evaluation makes too much text",
    );
    let doubled: String =
        (1..64).map(|n| format!("let x{n} = x{} + x{}\n", n - 1, n - 1)).collect();
    ends_with(
        format!("let x0 = \"0123456789\"\n{doubled}a: x63"),
        "{}",
        "compile: the evaluation ",
    );
    let squared: String = (1..40)
        .map(|n| format!("x{n}: [for a in x{} for b in x{} {{a}}]\n", n - 1, n - 1))
        .collect();
    ends_with(format!("x0: [1, 2, 3]\n{squared}"), "{}", "compile: the evaluation ");
}

#[test]
fn large_numbers_are_refused_or_exact() {
    ends_with("a: 1e999999999", "{}", "compile: ");
    ends_with("a: int", r#"{"a":1e999999999}"#, "document: ");
    ends_with(format!("a: {}", "9".repeat(100_000)), "{}", "compile: ");
    ends_with("a: int", format!("{{\"a\":{}}}", "9".repeat(100_000)), "document: ");
    ends_with("a: 1e15000 * 1e15000 * 1e15000", "{}", "compile: ");
    let large = "123456789012345678901234567890";
    ends_with(format!("a: {large}"), format!("{{\"a\":{large}}}"), "pass");
    ends_with(format!("a: {large}"), format!("{{\"a\":{large}1}}"), "conflict: ");
}

#[test]
fn regular_expressions_are_linear_and_bounded() {
    let text = "a".repeat(50_000);
    let document = format!("{{\"a\":\"{text}\"}}");
    ends_with("a: =~\"^(a+)+$\"", document.clone(), "pass");
    ends_with("a: =~\"^(a|aa)+b$\"", document, "conflict: ");
    ends_with("a: =~\"((a{100}){100}){100}\"", r#"{"a":"b"}"#, "conflict: a: invalid regexp");
}

#[test]
fn a_step_limit_is_kept() {
    let policy = Policy::compile("a: [...{b: int}]").unwrap();
    let rows = vec![r#"{"b":1}"#; 1_000].join(",");
    let document = Document::parse(format!("{{\"a\":[{rows}]}}"), &Limits::default()).unwrap();
    let check = |steps| policy.check(&document, &Limits { steps, ..Limits::default() });
    assert_eq!(check(100_000), Ok(()));
    assert!(matches!(check(1_000), Err(Failure::Limit(_))));
}

#[test]
fn what_ends_too_early_is_refused() {
    let whole = "import \"list\"\n#A: {x?: int, [=~\"^a\"]: \"\\(x)y\"}\na: #A & {if x > 1 {b: [1, ...]}}\n\
                 let l = '''\n  x\n  '''\nfor k, v in a {(k): v.\"b c\"[0:1]}\n// end";
    for end in 0..whole.len() {
        if let Some(start) = whole.get(..end) {
            // It must only end; what it says is another matter.
            let _ = outcome(start.to_owned(), "{\"a\":{}}".to_owned());
        }
    }
}
