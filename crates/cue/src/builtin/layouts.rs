//! Go's time layouts: the reference time written as the text should be.

mod elements;

use crate::label;
use elements::{Element, MONTHS, WEEKDAYS, next_element};

/// A time of day on a date, in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) nanosecond: i64,
    /// Seconds east of Greenwich.
    offset: i64,
    zone: String,
}

/// Why a text does not follow a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    element: String,
    rest: String,
    message: &'static str,
}

impl Failure {
    /// As Go words it.
    pub(super) fn text(&self, layout: &str, value: &str) -> String {
        let quoted = label::quoted;
        if self.message.is_empty() {
            return format!(
                "parsing time {} as {}: cannot parse {} as {}",
                quoted(value),
                quoted(layout),
                quoted(&self.rest),
                quoted(&self.element)
            );
        }
        format!("parsing time {}{}", quoted(value), self.message)
    }
}

impl Moment {
    fn start() -> Self {
        Self {
            year: 0,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            offset: 0,
            zone: "UTC".to_owned(),
        }
    }

    /// Seconds and nanoseconds since 1970.
    pub(super) fn of_unix(seconds: i64, nanoseconds: i64) -> Option<Self> {
        let seconds = seconds.checked_add(nanoseconds.div_euclid(1_000_000_000))?;
        if seconds.abs() > 100_000_000_000_000 {
            return None;
        }
        let (year, month, day) = civil(seconds.div_euclid(86_400));
        let clock = seconds.rem_euclid(86_400);
        Some(Self {
            year,
            month,
            day,
            hour: clock / 3_600,
            minute: clock / 60 % 60,
            second: clock % 60,
            nanosecond: nanoseconds.rem_euclid(1_000_000_000),
            ..Self::start()
        })
    }

    fn seconds(&self) -> i64 {
        let clock = self.hour * 3_600 + self.minute * 60 + self.second;
        days(self.year, self.month, self.day) * 86_400 + clock
    }

    pub(super) fn in_utc(&self) -> Self {
        Self::of_unix(self.seconds() - self.offset, self.nanosecond).unwrap_or_else(Self::start)
    }
}

/// Days since 1970 of a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Writes a time by a layout.
pub(super) fn format(moment: &Moment, layout: &str) -> String {
    let mut written = String::new();
    let mut rest = layout;
    while let Some((before, element, behind)) = next_element(rest) {
        written.push_str(before);
        written.push_str(&element.format(moment));
        rest = behind;
    }
    written.push_str(rest);
    written
}

/// What is read so far.
struct Reading<'t> {
    moment: Moment,
    rest: &'t str,
    is_afternoon: Option<bool>,
    day_of_year: Option<i64>,
}

/// Reads a time by a layout.
pub(super) fn parse(layout: &str, text: &str) -> Result<Moment, Failure> {
    let mut reading =
        Reading { moment: Moment::start(), rest: text, is_afternoon: None, day_of_year: None };
    let mut rest = layout;
    loop {
        let found = next_element(rest);
        let before = found.as_ref().map_or(rest, |(before, _, _)| *before);
        reading.rest = literal(reading.rest, before).ok_or_else(|| Failure {
            element: before.to_owned(),
            rest: reading.rest.to_owned(),
            message: "",
        })?;
        let Some((_, element, behind)) = found else { break };
        let start = reading.rest;
        read(&mut reading, element, behind).map_err(|message| Failure {
            element: element.text().to_owned(),
            rest: start.to_owned(),
            message,
        })?;
        rest = behind;
    }
    let failure = |message| Failure { element: String::new(), rest: String::new(), message };
    if !reading.rest.is_empty() {
        return Err(failure(": extra text"));
    }
    let mut moment = reading.moment;
    match reading.is_afternoon {
        Some(true) if moment.hour < 12 => moment.hour += 12,
        Some(false) if moment.hour == 12 => moment.hour = 0,
        _ => {}
    }
    if let Some(day) = reading.day_of_year {
        let most = if is_leap(moment.year) { 366 } else { 365 };
        if !(1..=most).contains(&day) {
            return Err(failure(": day-of-year out of range"));
        }
        (_, moment.month, moment.day) = civil(days(moment.year, 1, 1) + day - 1);
    }
    if moment.day < 1 || moment.day > days_in(moment.year, moment.month) {
        return Err(failure(": day out of range"));
    }
    Ok(moment)
}

/// Skips what a layout has as it stands; one space there stands for several here.
fn literal<'t>(mut text: &'t str, mut wanted: &str) -> Option<&'t str> {
    while let Some(next) = wanted.chars().next() {
        if next == ' ' {
            if !text.is_empty() && !text.starts_with(' ') {
                return None;
            }
            wanted = wanted.trim_start_matches(' ');
            text = text.trim_start_matches(' ');
            continue;
        }
        text = text.strip_prefix(next)?;
        wanted = wanted.get(next.len_utf8()..).unwrap_or_default();
    }
    Some(text)
}

/// Digits at the start, between two counts of them.
fn digits(text: &str, least: usize, most: usize) -> Result<(i64, &str), &'static str> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return Err("");
    }
    let (digits, behind) = text.split_at(count);
    Ok((digits.parse().map_err(|_| "")?, behind))
}

fn in_range(
    number: i64,
    least: i64,
    most: i64,
    message: &'static str,
) -> Result<i64, &'static str> {
    if (least..=most).contains(&number) { Ok(number) } else { Err(message) }
}

fn named<'t>(text: &'t str, names: &[&str], length: Option<usize>) -> Option<(i64, &'t str)> {
    for (index, name) in (0_i64..).zip(names) {
        let name = length.map_or(*name, |length| name.get(..length).unwrap_or(name));
        let start = text.get(..name.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return Some((index, text.get(name.len()..).unwrap_or_default()));
        }
    }
    None
}

/// Reads one element.
#[expect(clippy::too_many_lines, reason = "one short arm for each element of a layout")]
fn read(reading: &mut Reading<'_>, element: Element, behind: &str) -> Result<(), &'static str> {
    let text = reading.rest;
    let moment = &mut reading.moment;
    reading.rest = match element {
        Element::LongYear => {
            let (year, rest) = digits(text, 4, 4)?;
            moment.year = year;
            rest
        }
        Element::Year => {
            let (year, rest) = digits(text, 2, 2)?;
            moment.year = if year >= 69 { 1900 + year } else { 2000 + year };
            rest
        }
        Element::LongMonth | Element::MonthName => {
            let length = (element == Element::MonthName).then_some(3);
            let (month, rest) = named(text, &MONTHS, length).ok_or("")?;
            moment.month = month + 1;
            rest
        }
        Element::Month | Element::ZeroMonth => {
            let least = if element == Element::ZeroMonth { 2 } else { 1 };
            let (month, rest) = digits(text, least, 2)?;
            moment.month = in_range(month, 1, 12, ": month out of range")?;
            rest
        }
        Element::LongWeekday => named(text, &WEEKDAYS, None).ok_or("")?.1,
        Element::Weekday => named(text, &WEEKDAYS, Some(3)).ok_or("")?.1,
        Element::Day | Element::SpaceDay | Element::ZeroDay => {
            let text = if element == Element::SpaceDay {
                text.strip_prefix(' ').unwrap_or(text)
            } else {
                text
            };
            let least = if element == Element::ZeroDay { 2 } else { 1 };
            let (day, rest) = digits(text, least, 2)?;
            moment.day = day;
            rest
        }
        Element::DayOfYear => {
            let (day, rest) = digits(text.trim_start_matches(' '), 1, 3)?;
            reading.day_of_year = Some(day);
            rest
        }
        Element::Hour => {
            // RFC 3339 as Go reads it allows a single digit here.
            let (hour, rest) = digits(text, 1, 2)?;
            moment.hour = in_range(hour, 0, 23, ": hour out of range")?;
            rest
        }
        Element::Hour12 | Element::ZeroHour12 => {
            let least = if element == Element::ZeroHour12 { 2 } else { 1 };
            let (hour, rest) = digits(text, least, 2)?;
            moment.hour = in_range(hour, 0, 12, ": hour out of range")?;
            rest
        }
        Element::Minute | Element::ZeroMinute => {
            let least = if element == Element::ZeroMinute { 2 } else { 1 };
            let (minute, rest) = digits(text, least, 2)?;
            moment.minute = in_range(minute, 0, 59, ": minute out of range")?;
            rest
        }
        Element::Second | Element::ZeroSecond => {
            let least = if element == Element::ZeroSecond { 2 } else { 1 };
            let (second, rest) = digits(text, least, 2)?;
            moment.second = in_range(second, 0, 59, ": second out of range")?;
            // A fraction may follow even where the layout has none.
            if elements::is_fraction_next(behind) { rest } else { fraction(rest, None, moment)? }
        }
        Element::Fraction(count) => fraction(text, Some(count), moment)?,
        Element::OptionalFraction => fraction(text, None, moment)?,
        Element::UpperHalf | Element::LowerHalf => {
            let names = if element == Element::UpperHalf { ["AM", "PM"] } else { ["am", "pm"] };
            let found = names.iter().position(|name| text.starts_with(name)).ok_or("")?;
            reading.is_afternoon = Some(found == 1);
            text.get(2..).unwrap_or_default()
        }
        Element::Zone => zone_name(text, moment)?,
        Element::Offset { is_z, has_colon, parts } => offset(text, is_z, has_colon, parts, moment)?,
    };
    Ok(())
}

fn fraction<'t>(
    text: &'t str,
    count: Option<usize>,
    moment: &mut Moment,
) -> Result<&'t str, &'static str> {
    let Some(rest) = text.strip_prefix(['.', ',']) else {
        return if count.is_some() { Err("") } else { Ok(text) };
    };
    let found = rest.bytes().take_while(u8::is_ascii_digit).count();
    if found == 0 || count.is_some_and(|count| count != found) {
        return if count.is_some() { Err("") } else { Ok(text) };
    }
    let (digits, behind) = rest.split_at(found);
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    moment.nanosecond = nine.parse().map_err(|_| "")?;
    Ok(behind)
}

/// A zone's short name: three or four capital letters, which say nothing but their name.
fn zone_name<'t>(text: &'t str, moment: &mut Moment) -> Result<&'t str, &'static str> {
    let length = text.bytes().take_while(u8::is_ascii_uppercase).count();
    if !(3..=5).contains(&length) {
        return Err("");
    }
    let (name, rest) = text.split_at(length);
    moment.zone = name.to_owned();
    Ok(rest)
}

fn offset<'t>(
    text: &'t str,
    is_z: bool,
    has_colon: bool,
    parts: usize,
    moment: &mut Moment,
) -> Result<&'t str, &'static str> {
    if is_z && let Some(rest) = text.strip_prefix('Z') {
        return Ok(rest);
    }
    let (sign, mut rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(""),
    };
    let mut total = 0;
    for (index, unit) in [3_600, 60, 1].into_iter().take(parts).enumerate() {
        if index > 0 && has_colon {
            rest = rest.strip_prefix(':').ok_or("")?;
        }
        let (number, behind) = digits(rest, 2, 2)?;
        let most = if index == 0 { 24 } else { 60 };
        in_range(number, 0, most, ": time zone offset out of range")?;
        total += number * unit;
        rest = behind;
    }
    moment.offset = sign * total;
    moment.zone = String::new();
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

    #[test]
    fn times_are_read_and_written_as_go_does() {
        for (layout, text, expected) in [
            ("2006-01-02T15:04:05Z07:00", "2022-04-20T18:17:19Z", "2022-04-20T18:17:19Z"),
            ("2006-01-02T15:04:05Z07:00", "2022-04-20T18:17:19.5Z", "2022-04-20T18:17:19.5Z"),
            ("2006-01-02T15:04:05Z07:00", "2022-04-20T18:17:19+02:00", "2022-04-20T16:17:19Z"),
            ("2006-01-02", "2024-02-29", "2024-02-29T00:00:00Z"),
            (
                "Mon, 02 Jan 2006 15:04:05 MST",
                "Tue, 05 Mar 2019 01:02:03 UTC",
                "2019-03-05T01:02:03Z",
            ),
            ("3:04PM", "11:59PM", "0000-01-01T23:59:00Z"),
            ("02 Jan 06 15:04 -0700", "02 Jan 71 15:04 -0700", "1971-01-02T22:04:00Z"),
            ("Mon Jan _2 15:04:05 2006", "Mon Jan  2 15:04:05 2006", "2006-01-02T15:04:05Z"),
        ] {
            let moment = parse(layout, text).map(|moment| format(&moment.in_utc(), RFC3339_NANO));
            assert_eq!(moment.as_deref(), Ok(expected), "{layout} {text}");
        }
        for (layout, text) in [
            ("2006-01-02", "2023-02-29"),
            ("2006-01-02", "2023-13-01"),
            ("2006-01-02T15:04:05Z07:00", "2022-04-20"),
            ("2006-01-02", "2023-01-01x"),
            ("15:04", "24:00"),
        ] {
            assert!(parse(layout, text).is_err(), "{layout} {text}");
        }
    }

    #[test]
    fn seconds_since_1970_are_dates() {
        let written = |seconds| {
            Moment::of_unix(seconds, 0).map(|moment| format(&moment, RFC3339_NANO)).unwrap()
        };
        assert_eq!(written(0), "1970-01-01T00:00:00Z");
        assert_eq!(written(1_700_000_000), "2023-11-14T22:13:20Z");
        assert_eq!(written(-1), "1969-12-31T23:59:59Z");
    }
}
