//! Rego, by `regorus`: the wrapper that upstream puts around it (`policy-controller.md` part 13),
//! with a given time and counted limits.
//!
//! `regorus` is built without its own clock. Its timer asks [`StepCounter`] instead, so that an
//! evaluation ends after so many steps on every machine, and never after so many seconds.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use model::timestamp::Timestamp;
use regorus::utils::limits::{ExecutionTimerConfig, TimeSource, set_time_source};
use regorus::{Engine, Value};

use crate::embedded::{Answer, CompileError};

mod bounds;
mod calls;
mod time;
mod urlquery;
mod walk;

const RULE: &str = "data.sigstore.isCompliant";
/// What the engine calls a policy.
const FILE: &str = "sigstore.rego";
/// No policy has it: every policy is of the package `sigstore`.
const NO_RULE: &str = "data.none";
/// Work units between two looks at the counter.
const STEPS_A_LOOK: NonZeroU32 = NonZeroU32::new(256).expect("it is not zero");
/// Looks before an evaluation ends: about ten million steps.
const MOST_LOOKS: u64 = 40_000;
/// Brackets inside brackets: the engine's parser has no limit of its own.
const MOST_LEVELS: usize = 64;
const LONGEST: usize = 256 * 1024;
/// What talks to somebody else or rolls dice; a verdict must depend on its inputs alone.
const REFUSED: [&str; 5] =
    ["http.send", "net.lookup_ip_addr", "rand.intn", "uuid.rfc4122", "opa.runtime"];

/// A function of ours, which is undefined where it fails.
type Function = fn(&[Value]) -> anyhow::Result<Value>;

thread_local! {
    /// Looks at the counter so far, on this thread; only differences mean anything.
    static LOOKS: Cell<u64> = const { Cell::new(0) };
    /// The time of the evaluation under way on this thread, and whether it was read.
    static NOW: Cell<(i64, bool)> = const { Cell::new((0, false)) };
}

/// A clock that moves one nanosecond whenever somebody looks at it.
struct StepCounter;

impl TimeSource for StepCounter {
    fn now(&self) -> Option<Duration> {
        let looks = LOOKS.get().wrapping_add(1);
        LOOKS.set(looks);
        Some(Duration::from_nanos(looks))
    }
}

static STEP_COUNTER: StepCounter = StepCounter;

/// A Rego policy, parsed and prepared once.
#[derive(Clone)]
pub(crate) struct RegoPolicy {
    engine: Engine,
}

impl std::fmt::Debug for RegoPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegoPolicy").finish_non_exhaustive()
    }
}

impl RegoPolicy {
    /// Compiles a module in the syntax of version 0, or of version 1 where it imports `rego.v1`.
    pub(crate) fn compile(text: &str) -> Result<Self, CompileError> {
        refuse_unbounded(text)?;
        match bounds::refuse_deep(FILE, text) {
            Ok(None) => {}
            Ok(Some(deep)) => return Err(deep),
            Err(error) => return Err(compile_error(&error)),
        }
        // Whoever comes first sets it; it is the same for all.
        let _ = set_time_source(&STEP_COUNTER);
        let mut engine = Engine::new();
        engine.set_rego_v0(true);
        engine.set_strict_builtin_errors(false);
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: Duration::from_nanos(MOST_LOOKS),
            check_interval: STEPS_A_LOOK,
        });
        register(&mut engine).map_err(|error| compile_error(&error))?;
        let package = engine
            .add_policy(FILE.to_owned(), text.to_owned())
            .map_err(|error| compile_error(&error))?;
        if package != "data.sigstore" {
            let message = "the package must be sigstore: isCompliant is looked up there";
            return Err(CompileError { message: message.to_owned(), line: 1, column: 1 });
        }
        for module in engine.get_modules() {
            let unknown = calls::first_unknown(module).map_err(|error| compile_error(&error))?;
            if let Some((name, at)) = unknown {
                let message = format!("could not find function {name}: it is not supported here");
                return Err(CompileError { message, line: at.line, column: at.col });
            }
            if let Some(endless) = bounds::first_endless(module) {
                return Err(endless);
            }
        }
        // Prepares the engine, so that clones of it need not be prepared again. Nothing is
        // evaluated: what an evaluation that failed leaves behind would be cloned with it.
        match engine.eval_rule(NO_RULE.to_owned()) {
            Err(error) if !is_no_rule(&error) => return Err(compile_error(&error)),
            Err(_) | Ok(_) => {}
        }
        // Whether it holds of nothing, at no time, does not matter; whether there is a rule does.
        NOW.set((0, false));
        let mut trial = engine.clone();
        trial.set_input(Value::new_object());
        match trial.eval_rule(RULE.to_owned()) {
            Err(error) if is_no_rule(&error) => Err(CompileError {
                message: "the package has no rule isCompliant".to_owned(),
                line: 1,
                column: 1,
            }),
            Err(_) | Ok(_) => Ok(Self { engine }),
        }
    }

    /// What it says of a document at a time, and whether it read that time. `name` is what the
    /// policy belongs to: an attestation's name, or `ClusterImagePolicy`.
    pub(crate) fn check(&self, name: &str, input: Value, now: Timestamp) -> (Answer, bool) {
        NOW.set((now.as_micros().saturating_mul(1000), false));
        let mut engine = self.engine.clone();
        engine.set_input(input);
        let result = engine.eval_rule(RULE.to_owned());
        let (_, read_time) = NOW.get();
        (answer(name, result), read_time)
    }
}

/// The functions that are ours: name, number of arguments, function.
fn functions() -> impl Iterator<Item = (&'static str, u8, Function)> {
    time::FUNCTIONS.into_iter().chain(urlquery::FUNCTIONS)
}

fn has_function(name: &str) -> bool {
    functions().any(|(known, ..)| known == name)
}

fn register(engine: &mut Engine) -> anyhow::Result<()> {
    for (name, arity, function) in functions() {
        // A call that cannot be answered is undefined, as in OPA.
        let extension = move |arguments: Vec<Value>| match function(&arguments) {
            Ok(value) => Ok(value),
            Err(_) => Ok(Value::Undefined),
        };
        engine.add_extension(name.to_owned(), arity, Box::new(extension))?;
    }
    Ok(())
}

fn answer(name: &str, result: anyhow::Result<Value>) -> Answer {
    let prefix = format!("failed evaluating rego policy for type {name}: ");
    let plain = || "policy is not compliant for query 'isCompliant = data.sigstore.isCompliant'";
    let value = match result {
        Ok(value) => value,
        Err(error) if format!("{error:#}").contains("exceeded") => {
            let steps = MOST_LOOKS.saturating_mul(u64::from(STEPS_A_LOOK.get()));
            return Answer::Limit(format!("{prefix}it takes more than {steps} steps"));
        }
        Err(error) => return Answer::Fails(format!("{prefix}{}", last_line(&error))),
    };
    let elements: Vec<&Value> = match &value {
        Value::Bool(true) => return Answer::Holds,
        Value::Set(set) => set.iter().collect(),
        Value::Array(array) => array.iter().collect(),
        Value::Null
        | Value::Bool(false)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_)
        | Value::Undefined => return Answer::Fails(format!("{prefix}{}", plain())),
    };
    if elements.is_empty() {
        let query = "policy is not compliant for query \"isCompliant = data.sigstore.isCompliant\"";
        return Answer::Fails(format!("{prefix}{query}"));
    }
    let mut last = String::new();
    for element in elements {
        // Upstream crashes on anything else (ledger row 16).
        let Value::Object(object) = element else {
            return Answer::Fails(format!(
                "{prefix}isCompliant holds something else than objects with result, error and \
                 warning"
            ));
        };
        let text = |field: &str| match object.get(&Value::from(field)) {
            Some(Value::String(text)) => text.to_string(),
            Some(_) | None => String::new(),
        };
        if object.get(&Value::from("result")) == Some(&Value::Bool(true)) {
            return match text("warning") {
                warning if warning.is_empty() => Answer::Holds,
                // Upstream counts a warning as a failure, without the prefix (ledger row 15).
                warning => Answer::Fails(format!("warning: {warning}")),
            };
        }
        last = text("error");
    }
    Answer::Fails(format!("{prefix}{} with errors: {last}", plain()))
}

/// What the engine would only find out while it runs.
fn refuse_unbounded(text: &str) -> Result<(), CompileError> {
    let wrong = |at: usize, message: String| {
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.chars().rev().take_while(|it| *it != '\n').count().saturating_add(1);
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        CompileError { message, line: number(line), column: number(column) }
    };
    if text.len() > LONGEST {
        return Err(wrong(0, format!("the policy is longer than {LONGEST} bytes")));
    }
    let mut levels = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' | '{' => levels = levels.saturating_add(1),
            ')' | ']' | '}' => levels = levels.saturating_sub(1),
            _ => {}
        }
        if levels > MOST_LEVELS {
            return Err(wrong(at, format!("brackets are nested deeper than {MOST_LEVELS} levels")));
        }
    }
    for name in REFUSED {
        let code = text.lines().map(|line| line.split('#').next().unwrap_or_default());
        let mut start = 0_usize;
        for (line, code) in text.lines().zip(code) {
            if let Some(at) = code.find(name) {
                let message = format!(
                    "{name} is not allowed: a verdict depends on the document and the given time \
                     alone"
                );
                return Err(wrong(start.saturating_add(at), message));
            }
            start = start.saturating_add(line.len()).saturating_add(1);
        }
    }
    Ok(())
}

/// The engine writes `--> sigstore.rego:LINE:COLUMN`, the line, a mark, and `error: …`.
fn compile_error(error: &anyhow::Error) -> CompileError {
    let text = format!("{error:#}");
    let place = text.split("sigstore.rego:").nth(1).unwrap_or_default();
    let mut numbers = place
        .split(|character: char| !character.is_ascii_digit())
        .map(|number| number.parse::<u32>().unwrap_or(1));
    let (line, column) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
    CompileError { message: last_line(error), line: line.max(1), column: column.max(1) }
}

fn is_no_rule(error: &anyhow::Error) -> bool {
    last_line(error).contains("not a valid rule path")
}

fn last_line(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}
