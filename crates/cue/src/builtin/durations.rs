//! Durations as Go writes them: `1h2m3.5s`.

use crate::label;

const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration into nanoseconds.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", label::quoted(text));
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0_i128;
    while !rest.is_empty() {
        let length = rest.find(|part: char| !part.is_ascii_digit() && part != '.');
        let length = length.unwrap_or(rest.len());
        let (number, behind) = rest.split_at(length);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let has_digits = !(whole.is_empty() && fraction.is_empty());
        if !has_digits || fraction.contains('.') || whole.len() > 19 {
            return Err(invalid());
        }
        let end = behind.find(|part: char| part.is_ascii_digit() || part == '.');
        let (name, behind) = behind.split_at(end.unwrap_or(behind.len()));
        if name.is_empty() {
            return Err(format!("time: missing unit in duration {}", label::quoted(text)));
        }
        let Some((_, unit)) = UNITS.iter().find(|(known, _)| *known == name) else {
            let (name, text) = (label::quoted(name), label::quoted(text));
            return Err(format!("time: unknown unit {name} in duration {text}"));
        };
        let number = |digits: &str| digits.parse::<i128>().unwrap_or(0);
        total = total.saturating_add(number(whole).saturating_mul(*unit));
        let fraction = fraction.get(..fraction.len().min(18)).unwrap_or_default();
        let scale = 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
        total = total.saturating_add(number(fraction).saturating_mul(*unit) / scale);
        rest = behind;
    }
    i64::try_from(if is_negative { -total } else { total }).map_err(|_| invalid())
}

/// Writes nanoseconds as Go does.
pub(super) fn format(nanoseconds: i64) -> String {
    if nanoseconds == 0 {
        return "0s".to_owned();
    }
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    for (limit, unit, name) in
        [(1_000, 1, "ns"), (1_000_000, 1_000, "µs"), (1_000_000_000, 1_000_000, "ms")]
    {
        if total < limit {
            return format!("{sign}{}{name}", fraction(total, unit));
        }
    }
    let (minutes, seconds) = (total / 60_000_000_000, total % 60_000_000_000);
    let seconds = fraction(seconds, 1_000_000_000);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
        (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

fn fraction(total: u64, unit: u64) -> String {
    let (whole, rest) = (total / unit, total % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let digits = format!("{rest:0width$}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, nanoseconds, written) in [
            ("0", 0, "0s"),
            ("1s", 1_000_000_000, "1s"),
            ("1.5h", 5_400_000_000_000, "1h30m0s"),
            ("-2m3s", -123_000_000_000, "-2m3s"),
            ("1ms", 1_000_000, "1ms"),
            ("1500us", 1_500_000, "1.5ms"),
            ("1h0.001s", 3_600_001_000_000, "1h0m0.001s"),
        ] {
            assert_eq!(parse(text), Ok(nanoseconds), "{text}");
            assert_eq!(format(nanoseconds), written, "{text}");
        }
        for text in ["", "1", "s", "1x", "1.2.3s", "+", "."] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
