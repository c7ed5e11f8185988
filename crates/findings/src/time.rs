//! Times as documents write them: RFC 3339, and the forms that tools are known to use.

use model::timestamp::Timestamp;

/// Reads a time; `None` where it is none, or before the year 1970 as Go's zero time is.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    if text.len() > 64 || text == "forever" {
        return None;
    }
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        // "2026-11-24T09:30:00" without a zone is taken as UTC, "2026-11-24" as its midnight, and
        // "2026-11-24 09:30:00 +0000 UTC" is how Go prints a time.
        let zoned = match text.split_once(' ') {
            Some((day, rest)) => format!("{day}T{}Z", rest.split(' ').next().unwrap_or_default()),
            None if text.len() == 10 => format!("{text}T00:00:00Z"),
            None => format!("{text}Z"),
        };
        zoned.parse().ok()
    })?;
    (time >= Timestamp::from_seconds(0)).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_in_use_are_read() {
        let wanted = "2026-11-24T09:30:00Z".parse::<Timestamp>().unwrap();
        for text in [
            "2026-11-24T09:30:00Z",
            "2026-11-24T10:30:00+01:00",
            "2026-11-24T09:30:00",
            "2026-11-24 09:30:00 +0000 UTC",
        ] {
            assert_eq!(parse(text), Some(wanted), "{text}");
        }
        assert!(parse("2026-11-24").is_some());
    }

    #[test]
    fn the_zero_time_of_go_is_no_time() {
        for text in ["0001-01-01T00:00:00Z", "", "yesterday", "forever"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
