//! What a trend covers: the stretch of time, the lowest value, and both in words.

use model::compliance::TrendPoint;
use model::timestamp::Timestamp;

use crate::format;

/// The ends of a trend and the room its values take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// The bottom of the scale, in thousandths: a tenth below the lowest value.
    pub(super) floor: u64,
}

impl Span {
    pub(super) fn of(points: &[TrendPoint], now: Timestamp) -> Option<Self> {
        let from = points.iter().find(|point| point.tally.permille().is_some())?.at;
        let lowest = points.iter().filter_map(|point| point.tally.permille()).min()?;
        let floor = (lowest / 100).saturating_sub(1).saturating_mul(100).min(800);
        Some(Self { from, to: now.max(from), floor })
    }

    /// How far along a moment lies, in millionths.
    pub(super) fn along(&self, at: Timestamp) -> i64 {
        let whole = self.to.as_micros().saturating_sub(self.from.as_micros()).max(1);
        let part = at.as_micros().saturating_sub(self.from.as_micros()).clamp(0, whole);
        let millionths = i128::from(part) * 1_000_000 / i128::from(whole);
        i64::try_from(millionths).unwrap_or(0)
    }

    /// The moment halfway.
    pub(super) fn middle(&self) -> Timestamp {
        let half = self.to.as_micros().saturating_sub(self.from.as_micros()) / 2;
        Timestamp::from_micros(self.from.as_micros().saturating_add(half))
    }

    /// A moment as the axis names it: a time of day where the trend is short.
    pub(super) fn tick(&self, at: Timestamp) -> String {
        if self.to.since(self.from).as_secs() < 2 * 86_400 {
            return format::clock(at);
        }
        format::day(at)
    }
}

/// The trend as a sentence.
pub(super) fn in_words(points: &[TrendPoint], span: &Span) -> String {
    let values = || points.iter().filter_map(|point| Some((point.at, point.tally.permille()?)));
    let (Some((_, first)), Some((_, last))) = (values().next(), values().next_back()) else {
        return "Compliance over time".to_owned();
    };
    let lowest = values().min_by_key(|(_, value)| *value);
    let lowest = lowest.map_or_else(String::new, |(at, value)| {
        format!(", lowest {} at {}", format::percent(value), format::moment(at))
    });
    format!(
        "Compliance from {}: first {}, now {}{lowest}",
        format::moment(span.from),
        format::percent(first),
        format::percent(last)
    )
}
