//! Rego beside and inside authorities: results, time, limits, and where errors are told.

use std::collections::BTreeMap;

use model::timestamp::Timestamp;
use model::verdict::{Outcome, Verdict};

use super::{authorities, image, policy_of};
use crate::{Candidate, CompiledPolicy, Documents, Question, Subject, check, denial, judge};

const PASS: &str = "\n    static: {action: pass}";

fn with_rego(rego: &str) -> CompiledPolicy {
    let indented = rego.lines().map(|line| format!("      {line}\n")).collect::<String>();
    policy_of(&format!(
        "{}\n  policy:\n    type: rego\n    includeSpec: true\n    includeObjectMeta: true\n    \
         includeTypeMeta: true\n    data: |\n      package sigstore\n{indented}",
        authorities(&[PASS])
    ))
}

fn judged_at(policy: &CompiledPolicy, spec: &str, now: i64) -> Verdict {
    let labels = BTreeMap::new();
    let question = Question {
        candidate: Candidate::Admitted(&image()),
        subject: Some(Subject {
            api_version: "v1",
            kind: "Pod",
            labels: &labels,
            spec: Some(spec),
            metadata: Some(r#"{"name":"a"}"#),
        }),
        evidence: &model::evidence::Evidence::default(),
        documents: &Documents::default(),
        now: Timestamp::from_seconds(now),
    };
    judge(policy, &question).unwrap()
}

fn answer(rego: &str) -> (Outcome, String) {
    let verdict = judged_at(&with_rego(rego), r#"{"hostNetwork":true,"n":3}"#, 0);
    (verdict.outcome, denial::errors(&verdict, &image()).join("|"))
}

const PREFIX: &str = "failed evaluating rego policy for type ClusterImagePolicy: policy is not \
                      compliant for query 'isCompliant = data.sigstore.isCompliant'";

#[test]
fn spec_13_every_result_form_means_what_it_means_upstream() {
    let errors = |error: &str| format!("{PREFIX} with errors: {error}");
    let empty = PREFIX.replace('\'', "\"");
    for (rego, outcome, message) in [
        ("isCompliant = true", Outcome::Pass, String::new()),
        ("isCompliant = false", Outcome::Fail, PREFIX.to_owned()),
        (
            "default isCompliant = false\nisCompliant { input.spec.n == 3 }",
            Outcome::Pass,
            String::new(),
        ),
        ("isCompliant { input.spec.absent }", Outcome::Fail, PREFIX.to_owned()),
        ("isCompliant = 1", Outcome::Fail, PREFIX.to_owned()),
        ("isCompliant = {}", Outcome::Fail, PREFIX.to_owned()),
        (
            "isCompliant[r] { r := {\"result\": input.spec.hostNetwork == false, \"error\": \"no host network\", \"warning\": \"\"} }",
            Outcome::Fail,
            errors("no host network"),
        ),
        (
            "isCompliant[r] { r := {\"result\": true, \"error\": \"\", \"warning\": \"soon\"} }",
            Outcome::Fail,
            "warning: soon".to_owned(),
        ),
        (
            "isCompliant[r] { r := {\"result\": true, \"error\": \"\"} }",
            Outcome::Pass,
            String::new(),
        ),
        ("isCompliant[r] { input.spec.absent; r := {\"result\": true} }", Outcome::Fail, empty),
        (
            "import rego.v1\nisCompliant if { input.typemeta.kind == \"Pod\" }",
            Outcome::Pass,
            String::new(),
        ),
        ("isCompliant { input.metadata.name == \"a\" }", Outcome::Pass, String::new()),
        ("isCompliant { input.authorityMatches.a0.static }", Outcome::Pass, String::new()),
    ] {
        assert_eq!(answer(rego), (outcome, message), "{rego}");
    }
}

#[test]
fn spec_13_an_element_that_is_no_object_is_denied() {
    let (outcome, message) = answer("isCompliant = [1]");
    assert_eq!(outcome, Outcome::Fail);
    assert!(message.contains("something else than objects"), "{message}");
}

#[test]
fn a_policy_that_runs_on_ends_with_no_answer() {
    let rego = "n := numbers.range(1, 20000)\nisCompliant { count([1 | n[_] < n[_]]) == 0 }";
    let (outcome, message) = answer(rego);
    assert_eq!(outcome, Outcome::CouldNotCheck);
    assert!(message.contains("steps"), "{message}");
}

#[test]
fn the_given_time_is_the_only_clock_and_its_flip_is_found() {
    let day = 24 * 60 * 60;
    let rego = "isCompliant { time.now_ns() < time.parse_rfc3339_ns(\"1970-01-21T00:00:00Z\") }";
    let policy = with_rego(rego);
    let before = judged_at(&policy, "{}", 0);
    assert_eq!(before.outcome, Outcome::Pass);
    let flip = before.recheck_at.unwrap().as_seconds();
    assert!((20 * day - 1..=20 * day + 1).contains(&flip), "{flip}");
    let after = judged_at(&policy, "{}", 20 * day);
    assert_eq!(after.outcome, Outcome::Fail);
    assert_eq!(after.recheck_at.unwrap().as_seconds(), 110 * day);
    // An answer that comes and goes is asked for again within the hour.
    let rego = "isCompliant { time.clock(time.now_ns())[0] != 1 }";
    let odd = judged_at(&with_rego(rego), "{}", 0);
    assert_eq!(odd.recheck_at.unwrap().as_seconds(), 3600);
    // Who does not read it is not asked again.
    assert_eq!(judged_at(&with_rego("isCompliant = true"), "{}", 0).recheck_at, None);
}

#[test]
fn what_does_not_compile_is_told_at_its_line_of_the_document() {
    let document = |data: &str| {
        format!(
            "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n\
             metadata: {{name: a}}\nspec:\n  images: [{{glob: '**'}}]\n  authorities: [{{static: \
             {{action: pass}}}}]\n  policy:\n    type: rego\n    data: |\n{data}"
        )
    };
    for (data, line, column, says) in [
        ("      package sigstore\n      isCompliant { ! }\n", 11, 0, ""),
        (
            "      package sigstore\n      isCompliant { http.send({}) }\n",
            11,
            21,
            "http.send is not allowed",
        ),
        ("      package other\n      isCompliant = true\n", 10, 7, "the package must be sigstore"),
        ("      package sigstore\n      isOk = true\n", 10, 7, "no rule isCompliant"),
        (
            "      package sigstore\n      isCompliant { nothing.like(1) }\n",
            11,
            0,
            "could not find function nothing.like",
        ),
    ] {
        let parsed = check(&document(data));
        assert!(parsed.document.is_none(), "{data}");
        let said = &parsed.diagnostics[0];
        assert_eq!(said.code, "rego-invalid");
        assert_eq!(said.line, line, "{data}: {}", said.message);
        assert!(column == 0 || said.column == column, "{data}: {said:?}");
        assert!(said.message.contains(says), "{data}: {}", said.message);
    }
}

#[test]
fn hostile_policies_are_refused_before_they_run() {
    let deep = format!("package sigstore\nisCompliant = {}1{}", "(".repeat(5000), ")".repeat(5000));
    let long = format!("package sigstore\n# {}\nisCompliant = true", "x".repeat(300_000));
    for rego in [deep, long] {
        assert!(crate::rego::RegoPolicy::compile(&rego).is_err());
    }
}

#[test]
fn what_compiles_does_not_depend_on_what_was_judged_before() {
    // On an empty document at time 0, nothing comes as far as the misspelled call.
    let misspelled = "package sigstore\nisCompliant { time.now_ns() > 0; misspelled(1) }";
    let first = crate::rego::RegoPolicy::compile(misspelled).unwrap_err();
    assert_eq!((first.line, first.column), (2, 44), "{first:?}");
    assert!(first.message.contains("could not find function misspelled"), "{first:?}");
    judged_at(&with_rego("isCompliant { time.now_ns() > 0 }"), "{}", 1_000);
    assert_eq!(crate::rego::RegoPolicy::compile(misspelled).unwrap_err(), first);
}

#[test]
fn a_function_that_nobody_defined_is_refused_wherever_it_is_called() {
    for rego in [
        "isCompliant = x { input.absent; x := f(1) }",
        "isCompliant { input.absent; count([y | y := f(1)]) == 0 }",
        "isCompliant { input.absent } else = f(1) { true }",
        "isCompliant[x] { x := {\"result\": f(1)} }",
        "g(x) = f(x) { true }\nisCompliant = true",
        "isCompliant { not f(1) }",
        "isCompliant { input.absent[f(1)] == -f(2) }",
        "isCompliant { input.spec with input.x as f(1) }",
        "import future.keywords\nisCompliant { every x in input.absent { f(x) } }",
        "import future.keywords\nisCompliant { some x in f(1) }",
        "isCompliant { [{1: f(1)}, {k: 1 | k := f(1)}] }",
        "f = 1\nisCompliant { f(1) }",
        "isCompliant { data.other.f(1) }",
        "isCompliant { http[\"f\"](1) }",
    ] {
        let error = crate::rego::RegoPolicy::compile(&format!("package sigstore\n{rego}"));
        let said = error.unwrap_err().message;
        assert!(said.contains("could not find function"), "{rego}: {said}");
    }
    for rego in [
        "f(x) = x { true }\nisCompliant { f(1) == 1 }",
        "f(x) = x { true }\nisCompliant { data.sigstore.f(1) == 1 }",
        "import data.sigstore as here\nf(x) = x { true }\nisCompliant { here.f(1) == 1 }",
        "import data.sigstore.f as g\nf(x) = x { true }\nisCompliant { g(1) == 1 }",
        "import rego.v1\ndefault f(_) := 1\nisCompliant if f(2) == 1",
        "f.g(x) = x { true }\nisCompliant { f.g(1) == 1; sum([1]) == 1 }",
        "isCompliant { print(1); time.now_ns() >= 0; regex.match(`a`, \"a\") }",
    ] {
        assert_eq!(answer(rego), (Outcome::Pass, String::new()), "{rego}");
    }
}

#[test]
fn an_expression_as_deep_as_it_is_long_is_refused_before_it_is_read() {
    // In lines of fifty: the engine has limits of its own for their length.
    let chain = |link: &str, n: usize| {
        let line = |at: usize| if at % 50 == 49 { format!("{link}\n") } else { link.to_owned() };
        (0..n).map(line).collect::<String>()
    };
    let policies = |n: usize| {
        [
            format!("isCompliant {{ {} 1 == 1 }}", chain("1 + ", n)),
            format!("isCompliant {{ 9 {} }}", chain(" -1", n)),
            format!("isCompliant {{ {} 1 == 1 }}", chain("- ", n)),
            format!("isCompliant {{ {} 1 }}", chain("1 < ", n)),
            format!("isCompliant = {} {{1}}", chain("{1} | ", n)),
            format!("isCompliant {{ {} {{1}} == {{1}} }}", chain("{1} & ", n)),
            format!("import future.keywords\nisCompliant {{ {} [1] }}", chain("1 in ", n)),
            format!("isCompliant {{ input{} }}", ".a".repeat(n.min(300))),
            format!("isCompliant {{ input{} }}", "[0]".repeat(n.min(300))),
        ]
    };
    for rego in policies(5_000) {
        let error = crate::rego::RegoPolicy::compile(&format!("package sigstore\n{rego}"));
        let said = error.unwrap_err().message;
        assert!(said.contains("deeper than 100 levels"), "{rego}: {said}");
    }
    for rego in policies(40) {
        let read = crate::rego::RegoPolicy::compile(&format!("package sigstore\n{rego}"));
        assert!(read.is_ok(), "{rego}: {read:?}");
    }
}

#[test]
fn what_would_be_read_again_and_again_is_refused_before_it_is_read() {
    for (open, close) in [("[", "]"), ("{", "}"), ("{1: ", "}"), ("[x | x = ", "]"), ("[-", "]")] {
        let nested = |n: usize| {
            let (open, close) = (open.repeat(n), close.repeat(n));
            format!("package sigstore\nisCompliant {{ x = {open}1{close} }}")
        };
        let said = crate::rego::RegoPolicy::compile(&nested(40)).unwrap_err().message;
        assert!(said.contains("nested too deep"), "{open}: {said}");
        assert!(crate::rego::RegoPolicy::compile(&nested(8)).is_ok(), "{open}");
    }
}

#[test]
fn what_is_long_and_not_deep_is_read() {
    let rules = "deny[x] { input.a[_].b == 1 + 2; not input.c; x := {\"r\": [1, 2]} }\n";
    let list = "\"ghcr.io/acme/api\",\n".repeat(2_000);
    let body = "[a, b] = [input.spec.n, input.spec.hostNetwork]\na + 1 == 4\nb\n".repeat(300);
    let rego = format!(
        "{}names = [{list}]\nisCompliant {{ count(names) == 2000\n{body} }}\n",
        rules.repeat(300)
    );
    assert_eq!(answer(&rego), (Outcome::Pass, String::new()));
}

#[test]
fn indices_that_would_be_prepared_without_an_end_are_refused() {
    let indices = |n: usize| format!("isCompliant {{ input{} }}", "[a]".repeat(n));
    for rego in [
        indices(20),
        indices(90),
        "isCompliant { input[[a,b,c,d]]".to_owned() + &"[[a,b,c,d]]".repeat(9) + " }",
    ] {
        let error = crate::rego::RegoPolicy::compile(&format!("package sigstore\n{rego}"));
        let said = error.unwrap_err().message;
        assert!(said.contains("too many variables stand in brackets"), "{rego}: {said}");
    }
    assert!(crate::rego::RegoPolicy::compile(&format!("package sigstore\n{}", indices(6))).is_ok());
}

#[test]
fn text_as_deep_as_it_is_long_is_refused_on_the_stack_of_a_thread() {
    let nested = |open: &str, n: usize| open.repeat(n);
    for text in [
        nested("[", 5_000),
        nested("{a: ", 5_000),
        nested("- ", 5_000),
        nested("? ", 5_000),
        (0..1_000).map(|at| format!("{}a:\n", " ".repeat(at))).collect(),
    ] {
        let said = check(&text).diagnostics;
        let is_told = |said: &str| said.contains("nested deeper") || said.contains("recursion");
        assert!(said.iter().any(|said| is_told(&said.message)), "{said:?}");
        let cases = format!("cases:\n- resource:\n    {}", text.replace('\n', "\n    "));
        assert!(crate::cases::run("kind: a", &cases).is_err());
    }
}
