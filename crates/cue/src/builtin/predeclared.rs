//! Names that need no import.

use std::sync::Arc;

use super::{Entry, Function, Member, entry};
use crate::compile::basic_type;
use crate::decimal::Number;
use crate::kind::Kind;
use crate::machine::{Machine, Outcome};
use crate::program::Expr;
use crate::syntax::Binary;
use crate::value::Value;

/// What has a length.
const SIZED: Kind = Kind::STRING.or(Kind::BYTES).or(Kind::LIST).or(Kind::STRUCT);
static INTS: [Kind; 2] = [Kind::INT, Kind::INT];

static TABLE: [Entry; 8] = [
    entry("len", &[SIZED], Kind::INT, len),
    entry("close", &[Kind::STRUCT], Kind::STRUCT, close),
    entry("and", &[Kind::LIST], Kind::INT, and),
    Entry { takes_open: true, ..entry("or", &[Kind::LIST], Kind::INT, or) },
    entry("div", &INTS, Kind::INT, |machine, arguments| integers(machine, Binary::Div, arguments)),
    entry("mod", &INTS, Kind::INT, |machine, arguments| integers(machine, Binary::Mod, arguments)),
    entry("quo", &INTS, Kind::INT, |machine, arguments| integers(machine, Binary::Quo, arguments)),
    entry("rem", &INTS, Kind::INT, |machine, arguments| integers(machine, Binary::Rem, arguments)),
];

/// What a name stands for where nothing in sight has it.
pub(crate) fn predeclared(name: &str) -> Option<Member> {
    let name = name.strip_prefix("__").unwrap_or(name);
    if let Some(kind) = basic_type(name) {
        return Some(Member::Value(Expr::Type(kind)));
    }
    if let Some(range) = range(name) {
        return Some(Member::Value(range));
    }
    if let Some(function) = TABLE.iter().find(|entry| entry.name == name) {
        return Some(Member::Value(Expr::Function(Function(function))));
    }
    matches!(name, "error" | "matchN" | "matchIf" | "self").then_some(Member::Unsupported)
}

fn range(name: &str) -> Option<Expr> {
    let (kind, least, most) = match name {
        "rune" => (Some(Kind::INT), "0", "1114111"),
        "int8" => (Some(Kind::INT), "-128", "127"),
        "int16" => (Some(Kind::INT), "-32768", "32767"),
        "int32" => (Some(Kind::INT), "-2147483648", "2147483647"),
        "int64" => (Some(Kind::INT), "-9223372036854775808", "9223372036854775807"),
        "int128" => (
            Some(Kind::INT),
            "-170141183460469231731687303715884105728",
            "170141183460469231731687303715884105727",
        ),
        "uint" => (Some(Kind::INT), "0", ""),
        "uint8" => (Some(Kind::INT), "0", "255"),
        "uint16" => (Some(Kind::INT), "0", "65535"),
        "uint32" => (Some(Kind::INT), "0", "4294967295"),
        "uint64" => (Some(Kind::INT), "0", "18446744073709551615"),
        "uint128" => (Some(Kind::INT), "0", "340282366920938463463374607431768211455"),
        "float32" => (
            None,
            "-3.40282346638528859811704183484516925440e+38",
            "3.40282346638528859811704183484516925440e+38",
        ),
        "float64" => (
            None,
            "-1.797693134862315708145274237317043567981e+308",
            "1.797693134862315708145274237317043567981e+308",
        ),
        _ => return None,
    };
    let number = |written: &str| {
        let number = Number::parse(written.trim_start_matches('-')).ok()?;
        let is_negative = written.starts_with('-');
        let value = if is_negative { number.value.negated() } else { number.value };
        Some(Arc::new(Number { value, is_int: kind.is_some() }))
    };
    Some(Expr::Range { kind, least: number(least), most: number(most) })
}

fn len(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    match arguments.first() {
        Some(Value::Text(text)) => Ok(Value::int(text.len())),
        Some(Value::Bytes(bytes)) => Ok(Value::int(bytes.len())),
        Some(Value::Vertex(vertex)) => machine.n_known(*vertex).map(Value::int),
        Some(other) => {
            let (printed, kind) = (machine.print(other), machine.kind_of(other));
            Err(machine.incomplete(format!("incomplete argument {printed} (type {kind})")))
        }
        None => Err(machine.fault("no argument")),
    }
}

fn close(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    match arguments.first() {
        Some(Value::Vertex(vertex)) => Ok(Value::Vertex(machine.closed_once(*vertex))),
        _ => Err(machine.fault("struct argument must be concrete")),
    }
}

fn and(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let elements = machine.elements(arguments, 0)?;
    if elements.is_empty() {
        return Ok(Value::Top);
    }
    Ok(Value::Conjunction(elements.into()))
}

fn or(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let elements = machine.elements(arguments, 0)?;
    if elements.is_empty() {
        return Err(machine.incomplete("empty list in call to or"));
    }
    Ok(Value::Vertex(machine.any_of(elements)))
}

fn integers(machine: &mut Machine<'_>, operator: Binary, arguments: &[Value]) -> Outcome<Value> {
    match arguments {
        [Value::Number(left), Value::Number(right)] => {
            let (left, right) = (Arc::clone(left), Arc::clone(right));
            machine.integer(operator, &left, &right)
        }
        _ => Err(machine.incomplete(format!("incomplete argument to {} builtin", operator.text()))),
    }
}
