//! How times, counts, percentages and digests are written, everywhere the same.

use model::image::Image;
use model::page::Page;
use model::timestamp::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long ago, such as "4 s ago", "41 min ago", "3 d ago".
pub(crate) fn ago(now: Timestamp, at: Timestamp) -> String {
    format!("{} ago", span(now, at))
}

/// How long since, such as "4 s", "41 min", "3 d".
pub(crate) fn span(now: Timestamp, at: Timestamp) -> String {
    duration(now.since(at).as_secs())
}

/// So many seconds, such as "4 s", "41 min", "3 d".
pub(crate) fn duration(seconds: u64) -> String {
    if seconds < MINUTE {
        format!("{seconds} s")
    } else if seconds < HOUR {
        format!("{} min", seconds / MINUTE)
    } else if seconds < 2 * DAY {
        format!("{} h", seconds / HOUR)
    } else {
        format!("{} d", seconds / DAY)
    }
}

/// A day, such as "24 Oct".
pub(crate) fn day(at: Timestamp) -> String {
    at.calendar().map_or_else(String::new, |moment| {
        let month: String = moment.month().to_string().chars().take(3).collect();
        format!("{} {month}", moment.day())
    })
}

/// A day with its year, such as "24 Oct 2031", for what lasts for years.
pub(crate) fn date(at: Timestamp) -> String {
    at.calendar().map_or_else(String::new, |moment| format!("{} {}", day(at), moment.year()))
}

/// A time of day, such as "14:02".
pub(crate) fn clock(at: Timestamp) -> String {
    at.calendar()
        .map_or_else(String::new, |moment| format!("{:02}:{:02}", moment.hour(), moment.minute()))
}

/// An image's digest, shortened; in words where the cluster did not report it.
pub(crate) fn digest_of(image: &Image) -> String {
    if image.is_resolved() { image.digest.short() } else { "digest not reported".to_owned() }
}

/// A moment in full, such as "24 Oct 2026, 14:02 UTC".
pub(crate) fn moment(at: Timestamp) -> String {
    let Some(moment) = at.calendar() else { return String::new() };
    let year = moment.year();
    format!("{} {year}, {} UTC", day(at), clock(at))
}

/// A count with its thousands set apart, such as "1,204".
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size, such as "812 B", "4.2 KB", "1.1 MB".
pub(crate) fn bytes(number: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", number / unit, number % unit * 10 / unit);
    if number < 1_000 {
        format!("{number} B")
    } else if number < 1_000_000 {
        format!("{} KB", tenths(1_000))
    } else {
        format!("{} MB", tenths(1_000_000))
    }
}

/// A count with its noun, such as "1 cluster" or "1,204 clusters".
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {}", count(number), plural(number, noun))
}

/// The noun as it stands beside that number.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => noun.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        (_, None) => format!("{noun}s"),
    }
}

/// How many rows a list has, which are counted up to a limit: "14 policies", "10,000+ policies".
pub(crate) fn total(number: u64, noun: &str) -> String {
    uncounted(number, noun).unwrap_or_else(|| counted(number, noun))
}

/// The same as a sentence begins with it.
pub(crate) fn opening_total(number: u64, noun: &str) -> String {
    uncounted(number, noun).unwrap_or_else(|| opening(number, noun))
}

fn uncounted(number: u64, noun: &str) -> Option<String> {
    let is_more = number >= Page::<()>::COUNT_LIMIT;
    is_more.then(|| format!("{}+ {}", count(number), plural(number, noun)))
}

/// A count as a sentence begins with it: "Three policies", "14 policies".
pub(crate) fn opening(number: u64, noun: &str) -> String {
    let words = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];
    match usize::try_from(number).ok().and_then(|place| words.get(place)) {
        Some(word) => format!("{word} {}", plural(number, noun)),
        None => counted(number, noun),
    }
}

/// Tenths of a percent as a percentage, such as "93.1%".
pub(crate) fn percent(permille: u64) -> String {
    match permille % 10 {
        0 => format!("{}%", permille / 10),
        tenths => format!("{}.{tenths}%", permille / 10),
    }
}

/// The last part of an image's repository path, as people call it: `api`.
pub(crate) fn image_name(image: &Image) -> String {
    let path = image.repository.path();
    path.rsplit_once('/').map_or(path, |(_, name)| name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        let now = Timestamp::from_seconds(1_000_000_000);
        for (seconds, text) in
            [(0, "0 s ago"), (61, "1 min ago"), (3 * 3600, "3 h ago"), (3 * 86_400, "3 d ago")]
        {
            assert_eq!(ago(now, Timestamp::from_seconds(1_000_000_000 - seconds)), text);
        }
        assert_eq!(moment(now), "9 Sep 2001, 01:46 UTC");
    }

    #[test]
    fn counts_are_set_apart_and_agree_with_their_noun() {
        assert_eq!(count(1_204_000), "1,204,000");
        assert_eq!(counted(1, "policy"), "1 policy");
        assert_eq!(counted(1_000, "policy"), "1,000 policies");
        assert_eq!(opening(3, "cluster"), "Three clusters");
    }

    #[test]
    fn sizes_have_one_tenth() {
        let sizes = [bytes(812), bytes(4_250), bytes(1_100_000)];
        assert_eq!(sizes, ["812 B", "4.2 KB", "1.1 MB"]);
    }

    #[test]
    fn percentages_show_a_tenth_only_where_there_is_one() {
        assert_eq!([percent(931), percent(1000), percent(0)], ["93.1%", "100%", "0%"]);
    }
}
