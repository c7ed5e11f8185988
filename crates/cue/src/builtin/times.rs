//! The package `time`: texts in Go's layouts, no clock.

use super::durations;
use super::layouts::{self, Moment};
use super::{Constant, Entry, Package, entry};
use crate::kind::Kind;
use crate::label;
use crate::machine::{Machine, Outcome};
use crate::value::Value;

pub(super) const PACKAGE: Package =
    Package { functions: &FUNCTIONS, constants: &CONSTANTS, unsupported: &[] };

const TEXT: Kind = Kind::STRING;
const INT: Kind = Kind::INT;
const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

static FUNCTIONS: [Entry; 9] = [
    entry("time.Time", &[TEXT], Kind::BOOL, |machine, arguments| {
        is_time(machine, arguments, RFC3339_NANO, "time.Time")
    }),
    entry("time.Format", &[TEXT, TEXT], Kind::BOOL, |machine, arguments| {
        let layout = machine.text(arguments, 1)?;
        is_time(machine, arguments, &layout, "time.Format")
    }),
    entry("time.FormatString", &[TEXT, TEXT], TEXT, |machine, arguments| {
        let layout = machine.text(arguments, 0)?;
        let moment = moment(machine, arguments, 1, RFC3339_NANO, "time.FormatString")?;
        machine.made(&layouts::format(&moment, &layout))
    }),
    entry("time.Parse", &[TEXT, TEXT], TEXT, |machine, arguments| {
        let layout = machine.text(arguments, 0)?;
        let moment = moment(machine, arguments, 1, &layout, "time.Parse")?;
        machine.made(&layouts::format(&moment.in_utc(), RFC3339_NANO))
    }),
    entry("time.Unix", &[INT, INT], TEXT, |machine, arguments| {
        let (seconds, nanoseconds) = (machine.int(arguments, 0)?, machine.int(arguments, 1)?);
        match Moment::of_unix(seconds, nanoseconds) {
            Some(moment) => machine.made(&layouts::format(&moment, RFC3339_NANO)),
            None => machine.call_fault("time.Unix", "time out of range"),
        }
    }),
    entry("time.Split", &[TEXT], Kind::STRUCT, split),
    entry("time.Duration", &[TEXT], Kind::BOOL, |machine, arguments| {
        let text = machine.text(arguments, 0)?;
        match durations::parse(&text) {
            Ok(_) => Ok(Value::Bool(true)),
            Err(message) => machine.call_fault("time.Duration", message),
        }
    }),
    entry("time.ParseDuration", &[TEXT], INT, |machine, arguments| {
        let text = machine.text(arguments, 0)?;
        match durations::parse(&text) {
            Ok(nanoseconds) => Ok(Value::int(nanoseconds)),
            Err(message) => machine.call_fault("time.ParseDuration", message),
        }
    }),
    entry("time.FormatDuration", &[INT], TEXT, |machine, arguments| {
        let nanoseconds = machine.int(arguments, 0)?;
        machine.made(&durations::format(nanoseconds))
    }),
];

static CONSTANTS: [(&str, Constant); 38] = [
    ("Nanosecond", Constant::Int(1)),
    ("Microsecond", Constant::Int(1_000)),
    ("Millisecond", Constant::Int(1_000_000)),
    ("Second", Constant::Int(1_000_000_000)),
    ("Minute", Constant::Int(60_000_000_000)),
    ("Hour", Constant::Int(3_600_000_000_000)),
    ("ANSIC", Constant::Text("Mon Jan _2 15:04:05 2006")),
    ("UnixDate", Constant::Text("Mon Jan _2 15:04:05 MST 2006")),
    ("RubyDate", Constant::Text("Mon Jan 02 15:04:05 -0700 2006")),
    ("RFC822", Constant::Text("02 Jan 06 15:04 MST")),
    ("RFC822Z", Constant::Text("02 Jan 06 15:04 -0700")),
    ("RFC850", Constant::Text("Monday, 02-Jan-06 15:04:05 MST")),
    ("RFC1123", Constant::Text("Mon, 02 Jan 2006 15:04:05 MST")),
    ("RFC1123Z", Constant::Text("Mon, 02 Jan 2006 15:04:05 -0700")),
    ("RFC3339", Constant::Text("2006-01-02T15:04:05Z07:00")),
    ("RFC3339Nano", Constant::Text(RFC3339_NANO)),
    ("RFC3339Date", Constant::Text("2006-01-02")),
    ("Kitchen", Constant::Text("3:04PM")),
    ("Kitchen24", Constant::Text("15:04")),
    ("January", Constant::Int(1)),
    ("February", Constant::Int(2)),
    ("March", Constant::Int(3)),
    ("April", Constant::Int(4)),
    ("May", Constant::Int(5)),
    ("June", Constant::Int(6)),
    ("July", Constant::Int(7)),
    ("August", Constant::Int(8)),
    ("September", Constant::Int(9)),
    ("October", Constant::Int(10)),
    ("November", Constant::Int(11)),
    ("December", Constant::Int(12)),
    ("Sunday", Constant::Int(0)),
    ("Monday", Constant::Int(1)),
    ("Tuesday", Constant::Int(2)),
    ("Wednesday", Constant::Int(3)),
    ("Thursday", Constant::Int(4)),
    ("Friday", Constant::Int(5)),
    ("Saturday", Constant::Int(6)),
];

fn is_time(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    layout: &str,
    name: &str,
) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    if layouts::parse(layout, &text).is_ok() {
        return Ok(Value::Bool(true));
    }
    machine.call_fault(name, format!("invalid time {}", label::quoted(&text)))
}

fn moment(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    index: usize,
    layout: &str,
    name: &str,
) -> Outcome<Moment> {
    let text = machine.text(arguments, index)?;
    match layouts::parse(layout, &text) {
        Ok(moment) => Ok(moment),
        Err(failure) => {
            let text = failure.text(layout, &text);
            machine.call_fault(name, text)
        }
    }
}

fn split(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let moment = moment(machine, arguments, 0, RFC3339_NANO, "time.Split")?;
    machine.structure(vec![
        ("year".into(), Value::int(moment.year)),
        ("month".into(), Value::int(moment.month)),
        ("day".into(), Value::int(moment.day)),
        ("hour".into(), Value::int(moment.hour)),
        ("minute".into(), Value::int(moment.minute)),
        ("second".into(), Value::int(moment.second)),
        ("nanosecond".into(), Value::int(moment.nanosecond)),
    ])
}
