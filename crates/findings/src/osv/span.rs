//! A run of versions that have a vulnerability, made from a range's events.

use serde_json::{Map, Value};

use crate::tolerant::cut;
use crate::version::{LONGEST_VERSION, Scheme, Version};

/// Events of one range beyond these are left out.
const MOST_EVENTS: usize = 1_000;

/// From one version, or from the first one on, to an end. Kept as texts: a database holds
/// millions, and only the few that are asked for are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    from: Option<Box<str>>,
    end: End,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    None,
    /// The first version without it.
    Fixed(Box<str>),
    /// The last version with it.
    Last(Box<str>),
}

enum Event {
    Introduced(Version),
    Fixed(Version),
    Last(Version),
}

impl Event {
    const fn version(&self) -> &Version {
        match self {
            Self::Introduced(version) | Self::Fixed(version) | Self::Last(version) => version,
        }
    }
}

impl Span {
    /// The spans between events, in the order of their versions. Versions that cannot be read
    /// cannot be compared, and are left out.
    pub(super) fn of_events(
        scheme: Scheme,
        written: impl Iterator<Item = Map<String, Value>>,
    ) -> Vec<Self> {
        let mut is_open = false;
        let mut events = Vec::new();
        for (name, value) in written.take(MOST_EVENTS).flatten() {
            let Some(text) = value.as_str() else { continue };
            if name == "introduced" && text == "0" {
                is_open = true;
                continue;
            }
            let Ok(version) = Version::parse(scheme, text) else { continue };
            events.extend(match name.as_str() {
                "introduced" => Some(Event::Introduced(version)),
                "fixed" => Some(Event::Fixed(version)),
                "last_affected" => Some(Event::Last(version)),
                _ => None,
            });
        }
        events.sort_by(|one, two| {
            let order = one.version().compare(two.version());
            order.unwrap_or(std::cmp::Ordering::Equal)
        });
        let mut spans = Vec::new();
        let mut from: Option<Box<str>> = None;
        for event in &events {
            let text: Box<str> = event.version().as_str().into();
            let end = match event {
                Event::Introduced(_) => {
                    if !is_open {
                        (is_open, from) = (true, Some(text));
                    }
                    continue;
                }
                Event::Fixed(_) => End::Fixed(text),
                Event::Last(_) => End::Last(text),
            };
            if is_open {
                spans.push(Self { from: from.take(), end });
                is_open = false;
            }
        }
        if is_open {
            spans.push(Self { from, end: End::None });
        }
        spans
    }

    pub(super) fn contains(&self, version: &Version) -> bool {
        let scheme = version.scheme();
        let read = |text: &str| Version::parse(scheme, cut(text, LONGEST_VERSION)).ok();
        let is_from =
            self.from.as_deref().is_none_or(|from| read(from).is_some_and(|from| *version >= from));
        is_from
            && match &self.end {
                End::None => true,
                End::Fixed(fixed) => read(fixed).is_some_and(|fixed| *version < fixed),
                End::Last(last) => read(last).is_some_and(|last| *version <= last),
            }
    }

    /// The first version without it, where there is one.
    pub(super) fn fixed(&self) -> Option<&str> {
        match &self.end {
            End::Fixed(version) => Some(version),
            End::None | End::Last(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(events: &str, inside: &[&str], outside: &[&str]) {
        let events: Vec<Map<String, Value>> = serde_json::from_str(events).unwrap();
        let spans = Span::of_events(Scheme::Semantic, events.clone().into_iter());
        for (texts, is_inside) in [(inside, true), (outside, false)] {
            for text in texts {
                let version = Version::parse(Scheme::Semantic, text).unwrap();
                let found = spans.iter().any(|span| span.contains(&version));
                assert_eq!(found, is_inside, "{text} in {events:?}");
            }
        }
    }

    #[test]
    fn events_make_spans_in_any_order() {
        let two =
            r#"[{"fixed":"2.3.0"},{"introduced":"2.0.0"},{"introduced":"0"},{"fixed":"1.2.0"}]"#;
        check(two, &["0.1.0", "1.1.9", "2.0.0", "2.2.9"], &["1.2.0", "1.9.0", "2.3.0"]);
        check(r#"[{"introduced":"1.0.0"}]"#, &["1.0.0", "99.0.0"], &["0.9.0"]);
        let last = r#"[{"introduced":"0"},{"last_affected":"1.5.0"}]"#;
        check(last, &["1.5.0"], &["1.5.1"]);
        check(r#"[{"introduced":"0","fixed":"1.0.0"}]"#, &["0.5.0"], &["1.0.0"]);
    }

    #[test]
    fn events_without_sense_make_no_span() {
        check("[]", &[], &["1.0.0"]);
        check(r#"[{"fixed":"1.0.0"}]"#, &[], &["0.1.0"]);
        check(r#"[{"introduced":"nonsense"},{"introduced":5}]"#, &[], &["1.0.0"]);
    }
}
