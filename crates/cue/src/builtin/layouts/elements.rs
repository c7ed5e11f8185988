//! The elements of a layout.

use super::{Moment, days};

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A part of the reference time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    LongMonth,
    MonthName,
    Month,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    SpaceDay,
    ZeroDay,
    DayOfYear,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    Zone,
    Offset {
        is_z: bool,
        has_colon: bool,
        parts: usize,
    },
    /// `.000`: that many digits.
    Fraction(usize),
    /// `.999`: as many digits as there are.
    OptionalFraction,
}

/// How elements are written; of two that start alike the longer stands first.
const WRITTEN: [(&str, Element); 33] = [
    ("January", Element::LongMonth),
    ("Jan", Element::MonthName),
    ("Monday", Element::LongWeekday),
    ("Mon", Element::Weekday),
    ("MST", Element::Zone),
    ("2006", Element::LongYear),
    ("002", Element::DayOfYear),
    ("01", Element::ZeroMonth),
    ("02", Element::ZeroDay),
    ("03", Element::ZeroHour12),
    ("04", Element::ZeroMinute),
    ("05", Element::ZeroSecond),
    ("06", Element::Year),
    ("15", Element::Hour),
    ("_2006", Element::LongYear),
    ("__2", Element::DayOfYear),
    ("_2", Element::SpaceDay),
    ("PM", Element::UpperHalf),
    ("pm", Element::LowerHalf),
    ("-07:00:00", Element::Offset { is_z: false, has_colon: true, parts: 3 }),
    ("-070000", Element::Offset { is_z: false, has_colon: false, parts: 3 }),
    ("-07:00", Element::Offset { is_z: false, has_colon: true, parts: 2 }),
    ("-0700", Element::Offset { is_z: false, has_colon: false, parts: 2 }),
    ("-07", Element::Offset { is_z: false, has_colon: false, parts: 1 }),
    ("Z07:00:00", Element::Offset { is_z: true, has_colon: true, parts: 3 }),
    ("Z070000", Element::Offset { is_z: true, has_colon: false, parts: 3 }),
    ("Z07:00", Element::Offset { is_z: true, has_colon: true, parts: 2 }),
    ("Z0700", Element::Offset { is_z: true, has_colon: false, parts: 2 }),
    ("Z07", Element::Offset { is_z: true, has_colon: false, parts: 1 }),
    ("1", Element::Month),
    ("2", Element::Day),
    ("3", Element::Hour12),
    ("4", Element::Minute),
];

/// The next element of a layout, with what stands before and behind it.
pub(super) fn next_element(layout: &str) -> Option<(&str, Element, &str)> {
    for (at, _) in layout.char_indices() {
        let (before, rest) = layout.split_at(at);
        if let Some((element, length)) = element_at(rest) {
            return Some((before, element, rest.get(length..).unwrap_or_default()));
        }
    }
    None
}

fn element_at(rest: &str) -> Option<(Element, usize)> {
    if let Some(found) = fraction_at(rest) {
        return Some(found);
    }
    for (written, element) in WRITTEN {
        if !rest.starts_with(written) {
            continue;
        }
        let behind = rest.get(written.len()..).unwrap_or_default();
        // `Jan` and `Mon` are none within a longer word.
        let is_cut = matches!(element, Element::MonthName | Element::Weekday)
            && behind.starts_with(|next: char| next.is_ascii_lowercase());
        if !is_cut {
            // The underscore of `_2006` is no part of the year.
            return match written {
                "_2006" => None,
                _ => Some((element, written.len())),
            };
        }
    }
    rest.starts_with('5').then_some((Element::Second, 1))
}

fn fraction_at(rest: &str) -> Option<(Element, usize)> {
    let digits = rest.strip_prefix(['.', ','])?;
    let kind = digits.chars().next().filter(|digit| matches!(digit, '0' | '9'))?;
    let count = digits.chars().take_while(|digit| *digit == kind).count();
    let is_number = digits
        .get(count..)
        .is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()));
    if is_number {
        return None;
    }
    let element = if kind == '0' { Element::Fraction(count) } else { Element::OptionalFraction };
    Some((element, count.saturating_add(1)))
}

/// Whether a layout goes on with a fraction of a second.
pub(super) fn is_fraction_next(layout: &str) -> bool {
    fraction_at(layout).is_some()
}

impl Element {
    /// As a layout has it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Second => "5",
            Self::Fraction(_) => ".000",
            Self::OptionalFraction => ".999",
            other => {
                let found = WRITTEN.iter().find(|(_, element)| *element == other);
                found.map_or("", |(written, _)| written)
            }
        }
    }

    pub(super) fn format(self, moment: &Moment) -> String {
        let name = |names: &[&str], index: i64| {
            let index = usize::try_from(index).unwrap_or(0);
            names.get(index).copied().unwrap_or_default().to_owned()
        };
        let weekday = || (days(moment.year, moment.month, moment.day) + 4).rem_euclid(7);
        let hour12 = || if moment.hour % 12 == 0 { 12 } else { moment.hour % 12 };
        let short = |text: String| text.chars().take(3).collect();
        match self {
            Self::LongMonth => name(&MONTHS, moment.month - 1),
            Self::MonthName => short(name(&MONTHS, moment.month - 1)),
            Self::Month => moment.month.to_string(),
            Self::ZeroMonth => format!("{:02}", moment.month),
            Self::LongWeekday => name(&WEEKDAYS, weekday()),
            Self::Weekday => short(name(&WEEKDAYS, weekday())),
            Self::Day => moment.day.to_string(),
            Self::SpaceDay => format!("{:2}", moment.day),
            Self::ZeroDay => format!("{:02}", moment.day),
            Self::DayOfYear => {
                let start = days(moment.year, 1, 1);
                format!("{:03}", days(moment.year, moment.month, moment.day) - start + 1)
            }
            Self::Hour => format!("{:02}", moment.hour),
            Self::Hour12 => hour12().to_string(),
            Self::ZeroHour12 => format!("{:02}", hour12()),
            Self::Minute => moment.minute.to_string(),
            Self::ZeroMinute => format!("{:02}", moment.minute),
            Self::Second => moment.second.to_string(),
            Self::ZeroSecond => format!("{:02}", moment.second),
            Self::LongYear => format!("{:04}", moment.year),
            Self::Year => format!("{:02}", moment.year.rem_euclid(100)),
            Self::UpperHalf => if moment.hour >= 12 { "PM" } else { "AM" }.to_owned(),
            Self::LowerHalf => if moment.hour >= 12 { "pm" } else { "am" }.to_owned(),
            Self::Zone => zone(moment),
            Self::Offset { is_z, has_colon, parts } => offset(moment, is_z, has_colon, parts),
            Self::Fraction(count) => {
                let digits = format!("{:09}", moment.nanosecond);
                format!(".{}", digits.get(..count).unwrap_or(&digits))
            }
            Self::OptionalFraction => {
                let digits = format!("{:09}", moment.nanosecond);
                match digits.trim_end_matches('0') {
                    "" => String::new(),
                    digits => format!(".{digits}"),
                }
            }
        }
    }
}

fn zone(moment: &Moment) -> String {
    if moment.zone.is_empty() {
        return offset(moment, false, false, 2);
    }
    moment.zone.clone()
}

fn offset(moment: &Moment, is_z: bool, has_colon: bool, parts: usize) -> String {
    if is_z && moment.offset == 0 {
        return "Z".to_owned();
    }
    let sign = if moment.offset < 0 { '-' } else { '+' };
    let total = moment.offset.abs();
    let numbers = [total / 3_600, total / 60 % 60, total % 60];
    let written: Vec<String> =
        numbers.iter().take(parts).map(|number| format!("{number:02}")).collect();
    format!("{sign}{}", written.join(if has_colon { ":" } else { "" }))
}
