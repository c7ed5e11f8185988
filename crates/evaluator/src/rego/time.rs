//! `time.*` for Rego: the given time in place of a clock, and UTC in place of the world's time
//! zones (their tables alone would be an eighth of a megabyte in the browser).

use anyhow::{Result, anyhow, bail};
use regorus::Value;
use time::format_description::well_known::Rfc3339;
use time::{Date, Duration, Month, OffsetDateTime};

use super::{Function, NOW};

pub(super) const FUNCTIONS: [(&str, u8, Function); 9] = [
    ("time.now_ns", 0, now_ns),
    ("time.parse_rfc3339_ns", 1, parse_rfc3339_ns),
    ("time.parse_duration_ns", 1, parse_duration_ns),
    ("time.date", 1, date),
    ("time.clock", 1, clock),
    ("time.weekday", 1, weekday),
    ("time.format", 1, format),
    ("time.add_date", 4, add_date),
    ("time.diff", 2, diff),
];

fn now_ns(_: &[Value]) -> Result<Value> {
    let (now, _) = NOW.get();
    NOW.set((now, true));
    Ok(Value::from(now))
}

fn parse_rfc3339_ns(arguments: &[Value]) -> Result<Value> {
    let text = text(arguments, 0)?;
    let parsed = OffsetDateTime::parse(text, &Rfc3339)?;
    nanos(parsed.unix_timestamp_nanos())
}

/// Go's durations: `1h30m`, `300ms`, `-1.5h`.
fn parse_duration_ns(arguments: &[Value]) -> Result<Value> {
    let written = text(arguments, 0)?;
    let (sign, mut rest) = match written.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, written.strip_prefix('+').unwrap_or(written)),
    };
    if rest == "0" {
        return Ok(Value::from(0_i64));
    }
    if rest.is_empty() {
        bail!("invalid duration");
    }
    let mut sum = 0.0_f64;
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(end).unwrap_or_default();
        let end = after.find(|it: char| it.is_ascii_digit() || it == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at_checked(end).unwrap_or_default();
        let nanos = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => bail!("unknown unit"),
        };
        sum += number.parse::<f64>()? * nanos;
        rest = next;
    }
    #[expect(clippy::cast_possible_truncation, reason = "as Go does; what is too large saturates")]
    let nanos = (sign * sum) as i64;
    Ok(Value::from(nanos))
}

fn date(arguments: &[Value]) -> Result<Value> {
    let at = moment(arguments, 0)?;
    let (year, month, day) = at.to_calendar_date();
    Ok(list([i64::from(year), i64::from(u8::from(month)), i64::from(day)]))
}

fn clock(arguments: &[Value]) -> Result<Value> {
    let (hour, minute, second) = moment(arguments, 0)?.to_hms();
    Ok(list([hour, minute, second].map(i64::from)))
}

fn weekday(arguments: &[Value]) -> Result<Value> {
    Ok(Value::from(moment(arguments, 0)?.weekday().to_string()))
}

fn format(arguments: &[Value]) -> Result<Value> {
    Ok(Value::from(moment(arguments, 0)?.format(&Rfc3339)?))
}

/// As Go's `AddDate`: months and days that overflow go on into the next.
fn add_date(arguments: &[Value]) -> Result<Value> {
    let at = moment(arguments, 0)?;
    let [years, months, days] = [1, 2, 3].map(|index| integer(arguments, index));
    let (years, months, days) = (years?, months?, days?);
    let month = i64::from(u8::from(at.month())).saturating_sub(1).saturating_add(months);
    let year = i64::from(at.year()).saturating_add(years).saturating_add(month.div_euclid(12));
    let month = Month::try_from(u8::try_from(month.rem_euclid(12).saturating_add(1))?)?;
    let first = Date::from_calendar_date(i32::try_from(year)?, month, 1)?;
    let days = i64::from(at.day()).saturating_sub(1).saturating_add(days);
    let day = first.checked_add(Duration::days(days)).ok_or_else(|| anyhow!("out of range"))?;
    nanos(at.replace_date(day).unix_timestamp_nanos())
}

/// Years, months, days, hours, minutes and seconds between two moments.
fn diff(arguments: &[Value]) -> Result<Value> {
    let (first, second) = (moment(arguments, 0)?, moment(arguments, 1)?);
    let (from, to) = if first <= second { (first, second) } else { (second, first) };
    let units = |at: OffsetDateTime| {
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second) = at.to_hms();
        [
            i64::from(year),
            i64::from(u8::from(month)),
            i64::from(day),
            i64::from(hour),
            i64::from(minute),
            i64::from(second),
        ]
    };
    let [mut year, mut month, mut day, mut hour, mut minute, mut second] = units(to);
    let [from_year, from_month, from_day, from_hour, from_minute, from_second] = units(from);
    let month_length = i64::from(from.month().length(from.year()));
    year = year.saturating_sub(from_year);
    month = month.saturating_sub(from_month);
    day = day.saturating_sub(from_day);
    hour = hour.saturating_sub(from_hour);
    minute = minute.saturating_sub(from_minute);
    second = second.saturating_sub(from_second);
    for (small, large, size) in [(&mut second, &mut minute, 60), (&mut hour, &mut day, 24)] {
        if *small < 0 {
            *small = small.saturating_add(size);
            *large = large.saturating_sub(1);
        }
    }
    if minute < 0 {
        minute = minute.saturating_add(60);
        hour = hour.saturating_sub(1);
    }
    if hour < 0 {
        hour = hour.saturating_add(24);
        day = day.saturating_sub(1);
    }
    if day < 0 {
        day = day.saturating_add(month_length);
        month = month.saturating_sub(1);
    }
    if month < 0 {
        month = month.saturating_add(12);
        year = year.saturating_sub(1);
    }
    Ok(Value::from(
        vec![year, month, day, hour, minute, second]
            .into_iter()
            .map(Value::from)
            .collect::<Vec<_>>(),
    ))
}

/// Nanoseconds since 1970, alone or as `[ns, "UTC"]`.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is no number is told so below")]
fn moment(arguments: &[Value], index: usize) -> Result<OffsetDateTime> {
    let argument = arguments.get(index).ok_or_else(|| anyhow!("missing argument"))?;
    let value = match argument {
        Value::Array(pair) => {
            let zone = pair.get(1).map(Value::as_string).transpose()?;
            if zone.is_some_and(|zone| !matches!(zone.as_ref(), "" | "UTC")) {
                bail!("only UTC is known here");
            }
            pair.first().ok_or_else(|| anyhow!("missing time"))?
        }
        other => other,
    };
    Ok(OffsetDateTime::from_unix_timestamp_nanos(i128::from(value.as_i64()?))?)
}

fn integer(arguments: &[Value], index: usize) -> Result<i64> {
    arguments.get(index).ok_or_else(|| anyhow!("missing argument"))?.as_i64()
}

fn text(arguments: &[Value], index: usize) -> Result<&str> {
    let argument = arguments.get(index).ok_or_else(|| anyhow!("missing argument"))?;
    Ok(argument.as_string()?.as_ref())
}

fn nanos(nanos: i128) -> Result<Value> {
    Ok(Value::from(i64::try_from(nanos)?))
}

fn list<const N: usize>(numbers: [i64; N]) -> Value {
    Value::from(numbers.map(Value::from).to_vec())
}
