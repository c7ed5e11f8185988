//! The package `math`.

use std::sync::Arc;

use num_bigint::BigInt;

use super::{Constant, Entry, Package, entry};
use crate::decimal::{Decimal, Number};
use crate::kind::Kind;
use crate::machine::{Machine, Outcome};
use crate::value::Value;

pub(super) const PACKAGE: Package = Package {
    functions: &FUNCTIONS,
    constants: &[
        (
            "Pi",
            Constant::Decimal("3.14159265358979323846264338327950288419716939937510582097494459"),
        ),
        (
            "E",
            Constant::Decimal("2.71828182845904523536028747135266249775724709369995957496696763"),
        ),
    ],
    unsupported: &[
        "Acosh",
        "Acos",
        "Asin",
        "Asinh",
        "Atan",
        "Atan2",
        "Atanh",
        "Cbrt",
        "Copysign",
        "Cos",
        "Cosh",
        "Dim",
        "Erf",
        "Erfc",
        "Exp",
        "Exp2",
        "Gamma",
        "Hypot",
        "Ldexp",
        "Ln10",
        "Ln2",
        "Log",
        "Log10",
        "Log10E",
        "Log1p",
        "Log2",
        "Log2E",
        "Logb",
        "Mod",
        "Phi",
        "Pow10",
        "Remainder",
        "Signbit",
        "Sin",
        "Sinh",
        "Sqrt",
        "Sqrt2",
        "SqrtE",
        "SqrtPhi",
        "SqrtPi",
        "Tan",
        "Tanh",
        "MaxBase",
        "MaxExp",
        "MinExp",
        "MaxPrec",
        "Jacobi",
        "RoundToEven",
        "Pow",
    ],
};

const NUMBER: Kind = Kind::NUMBER;

static FUNCTIONS: [Entry; 6] = [
    entry("math.Floor", &[NUMBER], Kind::INT, |machine, arguments| {
        rounded(machine, arguments, Decimal::floor)
    }),
    entry("math.Ceil", &[NUMBER], Kind::INT, |machine, arguments| {
        rounded(machine, arguments, Decimal::ceil)
    }),
    entry("math.Trunc", &[NUMBER], Kind::INT, |machine, arguments| {
        rounded(machine, arguments, Decimal::trunc)
    }),
    entry("math.Round", &[NUMBER], Kind::INT, |machine, arguments| {
        rounded(machine, arguments, Decimal::round)
    }),
    entry("math.Abs", &[NUMBER], NUMBER, |machine, arguments| {
        let number = machine.number(arguments, 0)?;
        let value = number.value.absolute();
        Ok(Value::Number(Arc::new(Number { value, is_int: number.is_int })))
    }),
    entry("math.MultipleOf", &[NUMBER, NUMBER], Kind::BOOL, multiple_of),
];

fn rounded(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    round: fn(&Decimal) -> BigInt,
) -> Outcome<Value> {
    let number = machine.number(arguments, 0)?;
    Ok(Value::int(round(&number.value)))
}

fn multiple_of(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let (number, unit) = (machine.number(arguments, 0)?, machine.number(arguments, 1)?);
    match number.value.divided_by(&unit.value) {
        Some(quotient) => Ok(Value::Bool(quotient.to_int().is_some())),
        None => machine.call_fault("math.MultipleOf", "division by zero"),
    }
}
