//! The moment that a page is asked about: now, or any other that somebody typed.

use model::timestamp::Timestamp;

/// What a moment looks like.
pub(crate) const SUCH_A_MOMENT: &str = "Write a date such as 2026-03-03, or 2026-03-03 14:00.";
/// The time of day of a date that something lasts until.
pub(crate) const END_OF_DAY: &str = "23:59:59";
/// The time of day of a date that something begins at.
pub(crate) const START_OF_DAY: &str = "00:00:00";

/// Reads a date, at that time of day in UTC, or a date and time, in UTC where it names no zone.
pub(crate) fn read_moment(text: &str, time_of_day: &str) -> Option<Timestamp> {
    let text = text.trim().to_ascii_uppercase().replacen(' ', "T", 1);
    let forms =
        [text.clone(), format!("{text}Z"), format!("{text}:00Z"), format!("{text}T{time_of_day}Z")];
    let read = forms.iter().find_map(|form| form.parse::<Timestamp>().ok());
    read.filter(|at| at.calendar().is_some())
}

/// When an address asks about. Every link of a page carries it on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct AsOf(pub(crate) Option<Timestamp>);

impl AsOf {
    /// Reads what was typed: nothing for now, a date for its last second in UTC, or a date and
    /// time, in UTC where it names no zone.
    ///
    /// # Errors
    /// A sentence for the form where it is none of these, or lies ahead.
    pub(crate) fn read(text: &str, now: Timestamp) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::default());
        }
        match read_moment(text, END_OF_DAY) {
            None => Err(SUCH_A_MOMENT.to_owned()),
            Some(at) if at > now && !is_today(at, now) => {
                Err("That lies ahead: nothing is known of it yet.".to_owned())
            }
            Some(at) => Ok(Self(Some(at))),
        }
    }

    /// The moment that the page speaks of.
    pub(crate) fn or(self, now: Timestamp) -> Timestamp {
        self.0.unwrap_or(now)
    }

    /// What an interval is to this moment.
    pub(crate) fn standing(self, since: Timestamp, until: Option<Timestamp>) -> Standing {
        match (self.0, until) {
            (Some(at), _) if since > at => Standing::Later,
            (Some(at), Some(until)) if until > at => Standing::Holds,
            (_, Some(_)) => Standing::Past,
            (_, None) => Standing::Holds,
        }
    }
}

/// An interval beside a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It holds then.
    Holds,
    /// It was over by then.
    Past,
    /// It had not begun.
    Later,
}

fn is_today(at: Timestamp, now: Timestamp) -> bool {
    let day = |moment: Timestamp| moment.calendar().map(|day| (day.year(), day.ordinal()));
    day(at) == day(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_date_is_its_last_second_and_a_time_without_zone_is_utc() {
        let now = at("2026-11-24T09:30:00Z");
        for (typed, read) in [
            ("2026-03-03", "2026-03-03T23:59:59Z"),
            (" 2026-03-03 14:00 ", "2026-03-03T14:00:00Z"),
            ("2026-03-03T14:00:07", "2026-03-03T14:00:07Z"),
            ("2026-03-03t14:00:00+02:00", "2026-03-03T12:00:00Z"),
            ("2026-11-24", "2026-11-24T23:59:59Z"),
        ] {
            assert_eq!(AsOf::read(typed, now), Ok(AsOf(Some(at(read)))), "{typed}");
        }
        assert_eq!(AsOf::read("", now), Ok(AsOf(None)));
    }

    #[test]
    fn what_is_no_moment_or_lies_ahead_is_told() {
        let now = at("2026-11-24T09:30:00Z");
        for typed in ["yesterday", "3 March", "2026-13-01", "forever", "2026-11-25", "2030"] {
            assert!(AsOf::read(typed, now).is_err(), "{typed}");
        }
    }

    #[test]
    fn an_interval_holds_from_its_start_to_before_its_end() {
        let (start, end) = (at("2026-03-03T00:00:00Z"), at("2026-03-05T00:00:00Z"));
        let on = |text: &str| AsOf(Some(at(text)));
        assert_eq!(on("2026-03-02T00:00:00Z").standing(start, Some(end)), Standing::Later);
        assert_eq!(on("2026-03-03T00:00:00Z").standing(start, Some(end)), Standing::Holds);
        assert_eq!(on("2026-03-05T00:00:00Z").standing(start, Some(end)), Standing::Past);
        assert_eq!(AsOf(None).standing(start, Some(end)), Standing::Past);
        assert_eq!(AsOf(None).standing(start, None), Standing::Holds);
    }
}
