//! The package `strconv`.

use std::sync::Arc;

use num_bigint::BigInt;

use super::{Entry, Package, entry};
use crate::decimal::{Decimal, Number};
use crate::kind::Kind;
use crate::label;
use crate::machine::{Machine, Outcome};
use crate::value::Value;

pub(super) const PACKAGE: Package = Package {
    functions: &FUNCTIONS,
    constants: &[("IntSize", super::Constant::Int(64))],
    unsupported: &[
        "FormatFloat",
        "QuoteToASCII",
        "QuoteToGraphic",
        "QuoteRune",
        "QuoteRuneToASCII",
        "QuoteRuneToGraphic",
        "IsPrint",
        "IsGraphic",
        "Unquote",
    ],
};

const TEXT: Kind = Kind::STRING;
const INT: Kind = Kind::INT;

static FUNCTIONS: [Entry; 9] = [
    entry("strconv.ParseBool", &[TEXT], Kind::BOOL, parse_bool),
    entry("strconv.FormatBool", &[Kind::BOOL], TEXT, |machine, arguments| {
        let value = machine.bool_argument(arguments, 0)?;
        machine.made(if value { "true" } else { "false" })
    }),
    entry("strconv.ParseFloat", &[TEXT, INT], Kind::NUMBER, parse_float),
    entry("strconv.ParseInt", &[TEXT, INT, INT], INT, |machine, arguments| {
        let (base, bits) = (machine.int(arguments, 1)?, machine.int(arguments, 2)?);
        parse_int(machine, arguments, "ParseInt", base, bits)
    }),
    entry("strconv.ParseUint", &[TEXT, INT, INT], INT, |machine, arguments| {
        let (base, bits) = (machine.int(arguments, 1)?, machine.int(arguments, 2)?);
        parse_int(machine, arguments, "ParseUint", base, bits)
    }),
    entry("strconv.Atoi", &[TEXT], INT, |machine, arguments| {
        parse_int(machine, arguments, "Atoi", 10, 0)
    }),
    entry("strconv.FormatInt", &[INT, INT], TEXT, format_int),
    entry("strconv.FormatUint", &[INT, INT], TEXT, format_int),
    entry("strconv.Quote", &[TEXT], TEXT, |machine, arguments| {
        let text = machine.text(arguments, 0)?;
        machine.made(&label::quoted(&text))
    }),
];

fn syntax<T>(machine: &Machine<'_>, function: &str, text: &str, what: &str) -> Outcome<T> {
    let quoted = label::quoted(text);
    machine.call_fault(
        &format!("strconv.{function}"),
        format!("strconv.{function}: parsing {quoted}: {what}"),
    )
}

fn parse_bool(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    match &*text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
        _ => syntax(machine, "ParseBool", &text, "invalid syntax"),
    }
}

fn parse_float(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    let Some(number) = number.filter(|_| !text.contains(['n', 'N', 'i', 'I'])) else {
        return syntax(machine, "ParseFloat", &text, "invalid syntax");
    };
    let written = number.abs().to_string();
    match Decimal::parse(&written) {
        Ok(value) => {
            let value = if number < 0.0 { value.negated() } else { value };
            Ok(Value::Number(Arc::new(Number::float(value))))
        }
        Err(_) => syntax(machine, "ParseFloat", &text, "value out of range"),
    }
}

fn parse_int(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    function: &str,
    base: i64,
    bits: i64,
) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    let is_signed = function != "ParseUint";
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) if is_signed => (true, digits),
        _ => (false, text.strip_prefix('+').filter(|_| is_signed).unwrap_or(&text)),
    };
    let (base, digits) = if base == 0 { detected(digits) } else { (base, digits) };
    let radix = u32::try_from(base).ok().filter(|radix| (2..=36).contains(radix));
    let Some(radix) = radix else {
        return syntax(machine, function, &text, &format!("invalid base {base}"));
    };
    let is_right = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let number = (is_right && digits.len() < 256)
        .then(|| BigInt::parse_bytes(digits.as_bytes(), radix))
        .flatten();
    let Some(number) = number else {
        return syntax(machine, function, &text, "invalid syntax");
    };
    let number = if is_negative { -number } else { number };
    let bits = if bits == 0 { 64 } else { bits.clamp(1, 64) };
    let bits = u64::try_from(bits).unwrap_or(64);
    let (least, most): (BigInt, BigInt) = if is_signed {
        let half = BigInt::from(1) << (bits - 1);
        (-half.clone(), half - 1)
    } else {
        (BigInt::from(0), (BigInt::from(1) << bits) - 1)
    };
    if number < least || number > most {
        return syntax(machine, function, &text, "value out of range");
    }
    Ok(Value::int(number))
}

/// The base that a prefix says.
fn detected(digits: &str) -> (i64, &str) {
    for (prefix, base) in [("0x", 16), ("0X", 16), ("0b", 2), ("0B", 2), ("0o", 8), ("0O", 8)] {
        if let Some(digits) = digits.strip_prefix(prefix) {
            return (base, digits);
        }
    }
    match digits.strip_prefix('0') {
        Some(rest) if !rest.is_empty() => (8, rest),
        _ => (10, digits),
    }
}

fn format_int(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let number = machine.number(arguments, 0)?;
    let base = machine.int(arguments, 1)?;
    let radix = u32::try_from(base).ok().filter(|radix| (2..=36).contains(radix));
    match (number.value.to_int(), radix) {
        (Some(number), Some(radix)) => machine.made(&number.to_str_radix(radix)),
        _ => machine.call_fault("strconv.FormatInt", format!("invalid base {base}")),
    }
}
