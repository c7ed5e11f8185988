//! The package `regexp`.

use super::{Entry, Package, entry};
use crate::kind::Kind;
use crate::machine::{Machine, Outcome};
use crate::problem::Stop;
use crate::value::Value;

pub(super) const PACKAGE: Package =
    Package { functions: &FUNCTIONS, constants: &[], unsupported: &[] };

const TEXT: Kind = Kind::STRING;
const INT: Kind = Kind::INT;
const LIST: Kind = Kind::LIST;

static FUNCTIONS: [Entry; 11] = [
    entry("regexp.Find", &[TEXT, TEXT], TEXT, find),
    entry("regexp.FindAll", &[TEXT, TEXT, INT], LIST, find_all),
    entry("regexp.FindSubmatch", &[TEXT, TEXT], LIST, find_submatch),
    entry("regexp.FindAllSubmatch", &[TEXT, TEXT, INT], LIST, find_all_submatch),
    entry("regexp.FindNamedSubmatch", &[TEXT, TEXT], Kind::STRUCT, find_named_submatch),
    entry("regexp.FindAllNamedSubmatch", &[TEXT, TEXT, INT], LIST, find_all_named_submatch),
    entry("regexp.ReplaceAll", &[TEXT, TEXT, TEXT], TEXT, replace_all),
    entry("regexp.ReplaceAllLiteral", &[TEXT, TEXT, TEXT], TEXT, replace_all_literal),
    entry("regexp.Valid", &[TEXT], Kind::BOOL, valid),
    entry("regexp.Match", &[TEXT, TEXT], Kind::BOOL, matches),
    entry("regexp.QuoteMeta", &[TEXT], TEXT, quote_meta),
];

/// The expression of the first argument; Go's own words where it is none.
fn expression(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    name: &str,
) -> Outcome<std::sync::Arc<crate::expression::Expression>> {
    let pattern = machine.text(arguments, 0)?;
    match machine.regex(&Value::Text(pattern)) {
        Err(Stop::Bottom(bottom)) => {
            let reason = bottom.problems.first().map(|first| machine.message(first));
            let reason = reason.unwrap_or_default();
            let reason = reason.strip_prefix("invalid regexp: ").unwrap_or(&reason).to_owned();
            machine.call_fault(name, reason)
        }
        outcome => outcome,
    }
}

fn searched(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<std::sync::Arc<str>> {
    let text = machine.text(arguments, 1)?;
    machine.work(text.len() / 16)?;
    Ok(text)
}

fn most(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<usize> {
    Ok(usize::try_from(machine.int(arguments, 2)?).unwrap_or(usize::MAX))
}

fn find(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let expression = expression(machine, arguments, "regexp.Find")?;
    let text = searched(machine, arguments)?;
    match expression.regex().find(&text) {
        Some(found) => machine.made(found.as_str()),
        None => machine.call_fault("regexp.Find", "no match"),
    }
}

fn find_all(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let expression = expression(machine, arguments, "regexp.FindAll")?;
    let (text, most) = (searched(machine, arguments)?, most(machine, arguments)?);
    let found: Vec<&str> =
        expression.regex().find_iter(&text).take(most).map(|found| found.as_str()).collect();
    if found.is_empty() {
        return machine.call_fault("regexp.FindAll", "no match");
    }
    machine.made_list(found)
}

fn groups<'t>(captures: &regex::Captures<'t>) -> Vec<&'t str> {
    captures.iter().map(|group| group.map_or("", |group| group.as_str())).collect()
}

fn find_submatch(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let expression = expression(machine, arguments, "regexp.FindSubmatch")?;
    let text = searched(machine, arguments)?;
    match expression.regex().captures(&text) {
        Some(captures) => machine.made_list(groups(&captures)),
        None => machine.call_fault("regexp.FindSubmatch", "no match"),
    }
}

fn find_all_submatch(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let expression = expression(machine, arguments, "regexp.FindAllSubmatch")?;
    let (text, most) = (searched(machine, arguments)?, most(machine, arguments)?);
    let mut rows = Vec::new();
    for captures in expression.regex().captures_iter(&text).take(most) {
        rows.push(machine.made_list(groups(&captures))?);
    }
    if rows.is_empty() {
        return machine.call_fault("regexp.FindAllSubmatch", "no match");
    }
    machine.list(rows)
}

fn named(
    machine: &mut Machine<'_>,
    expression: &crate::expression::Expression,
    captures: &regex::Captures<'_>,
) -> Outcome<Value> {
    let mut fields: Vec<(std::sync::Arc<str>, Value)> = Vec::new();
    for name in expression.regex().capture_names().flatten() {
        let group = captures.name(name).map_or("", |group| group.as_str());
        fields.push((name.into(), machine.made(group)?));
    }
    // Go builds a map, which is printed in the order of its keys.
    fields.sort_by(|(left, _), (right, _)| left.cmp(right));
    machine.structure(fields)
}

fn find_named_submatch(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let expression = expression(machine, arguments, "regexp.FindNamedSubmatch")?;
    let text = searched(machine, arguments)?;
    match expression.regex().captures(&text) {
        Some(captures) => named(machine, &expression, &captures),
        None => machine.call_fault("regexp.FindNamedSubmatch", "no match"),
    }
}

fn find_all_named_submatch(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let expression = expression(machine, arguments, "regexp.FindAllNamedSubmatch")?;
    let (text, most) = (searched(machine, arguments)?, most(machine, arguments)?);
    let mut rows = Vec::new();
    for captures in expression.regex().captures_iter(&text).take(most) {
        rows.push(named(machine, &expression, &captures)?);
    }
    if rows.is_empty() {
        return machine.call_fault("regexp.FindAllNamedSubmatch", "no match");
    }
    machine.list(rows)
}

/// Replaces every match; what it becomes is counted before it is made.
fn replaced(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    name: &str,
    expand: impl Fn(&regex::Captures<'_>, &str, &mut String),
) -> Outcome<Value> {
    let expression = expression(machine, arguments, name)?;
    let text = searched(machine, arguments)?;
    let replacement = machine.text(arguments, 2)?;
    let mut made = String::new();
    let mut behind = 0;
    for captures in expression.regex().captures_iter(&text) {
        let Some(whole) = captures.get(0) else { continue };
        let before = made.len();
        made.push_str(text.get(behind..whole.start()).unwrap_or_default());
        expand(&captures, &replacement, &mut made);
        machine.spend(made.len().saturating_sub(before))?;
        behind = whole.end();
    }
    made.push_str(text.get(behind..).unwrap_or_default());
    Ok(Value::text(&made))
}

fn replace_all(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    replaced(machine, arguments, "regexp.ReplaceAll", |captures, replacement, into| {
        captures.expand(replacement, into);
    })
}

fn replace_all_literal(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    replaced(machine, arguments, "regexp.ReplaceAllLiteral", |_, replacement, into| {
        into.push_str(replacement);
    })
}

fn valid(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    expression(machine, arguments, "regexp.Valid")?;
    Ok(Value::Bool(true))
}

fn matches(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let expression = expression(machine, arguments, "regexp.Match")?;
    let text = searched(machine, arguments)?;
    Ok(Value::Bool(expression.is_found_in(&text)))
}

fn quote_meta(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    let mut quoted = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\.+*?()|[]{}^$".contains(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    machine.made(&quoted)
}
