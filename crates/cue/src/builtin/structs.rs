//! The package `struct`.

use super::{Entry, Package, entry};
use crate::kind::Kind;
use crate::machine::{Machine, Outcome};
use crate::value::Value;

pub(super) const PACKAGE: Package =
    Package { functions: &FUNCTIONS, constants: &[], unsupported: &[] };

static FUNCTIONS: [Entry; 2] = [
    entry("struct.MinFields", &[Kind::STRUCT, Kind::INT], Kind::BOOL, min_fields),
    entry("struct.MaxFields", &[Kind::STRUCT, Kind::INT], Kind::BOOL, max_fields),
];

fn count(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<(usize, i64)> {
    let wanted = machine.int(arguments, 1)?;
    match arguments.first() {
        Some(Value::Vertex(vertex)) => Ok((machine.n_known(*vertex)?, wanted)),
        _ => Err(machine.incomplete("non-concrete struct for argument 0")),
    }
}

fn min_fields(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let (count, least) = count(machine, arguments)?;
    let wide = i64::try_from(count).unwrap_or(i64::MAX);
    if wide >= least {
        return Ok(Value::Bool(true));
    }
    let message = format!("len(fields) < MinFields({least}) ({count} < {least})");
    let may_grow = match arguments.first() {
        Some(Value::Vertex(vertex)) => {
            let more = i64::try_from(machine.n_constraints(*vertex)).unwrap_or(i64::MAX);
            machine.is_open_struct(*vertex) || wide.saturating_add(more) >= least
        }
        _ => true,
    };
    Err(if may_grow { machine.incomplete(message) } else { machine.fault(message) })
}

fn max_fields(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let (count, most) = count(machine, arguments)?;
    if i64::try_from(count).unwrap_or(i64::MAX) <= most {
        return Ok(Value::Bool(true));
    }
    Err(machine.fault(format!("len(fields) > MaxFields({most}) ({count} > {most})")))
}
