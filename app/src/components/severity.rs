//! Severities and fixes: in words, with bars that say the same.

use leptos::prelude::*;
use model::vulnerabilities::{FixState, Severity, SeverityCounts};

use crate::format;
use crate::ui::{Chip, Icon, SelectOption, Tone};

const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical => Tone::Fail,
        Severity::High => Tone::Warn,
        Severity::Medium | Severity::Low | Severity::Negligible => Tone::Plain,
        Severity::Unknown => Tone::Unknown,
    }
}

/// The word for a severity.
pub(crate) const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Negligible => "Negligible",
        Severity::Unknown => "Not rated",
    }
}

#[component]
pub(crate) fn SeverityChip(severity: Severity) -> impl IntoView {
    let icon = match severity {
        Severity::Critical => Icon::Critical,
        Severity::High => Icon::High,
        Severity::Medium => Icon::Medium,
        Severity::Low | Severity::Negligible => Icon::Low,
        Severity::Unknown => Icon::Dash,
    };
    view! { <Chip tone=tone(severity) icon=icon label=severity_word(severity) /> }
}

/// Counts with their words, the worst first, without those that are none.
pub(crate) fn counted_severities(counts: &SeverityCounts) -> Vec<(u64, &'static str)> {
    let SeverityCounts { critical, high, medium, low, other } = *counts;
    let all = [
        (critical, "critical"),
        (high, "high"),
        (medium, "medium"),
        (low, "low"),
        (other, "other"),
    ];
    all.into_iter().filter(|(number, _)| *number > 0).collect()
}

/// The same as one line of text.
#[component]
pub(crate) fn SeverityLine(counts: SeverityCounts) -> impl IntoView {
    let part = |(number, word): (u64, &'static str)| {
        view! {
            <li>
                <b>{format::count(number)}</b>
                " "
                {word}
            </li>
        }
    };
    let parts = counted_severities(&counts).into_iter().map(part).collect_view();
    view! { <ul class="severities">{parts}</ul> }
}

/// Shares of the whole as one bar. The counts beside it say the same.
#[component]
pub(crate) fn SeverityBar(counts: SeverityCounts) -> impl IntoView {
    let total = counts.total().max(1);
    let share = |number: u64| number.saturating_mul(1_000).checked_div(total).unwrap_or(0);
    let parts = [
        ("bar-critical", counts.critical),
        ("bar-high", counts.high),
        ("bar-medium", counts.medium),
        ("bar-low", counts.low),
        ("bar-other", counts.other),
    ];
    let mut start: u64 = 0;
    let bars = parts.into_iter().map(|(class, number)| {
        let (x, width) = (start, share(number));
        start = start.saturating_add(width);
        (width > 0).then(|| {
            view! { <rect class=class x=x.to_string() y="0" width=width.to_string() height="10" /> }
        })
    });
    let bars = bars.collect_view();
    view! {
        <svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar-none" x="0" y="0" width="1000" height="10" />
            {bars}
        </svg>
    }
}

/// How a state of mending stands in addresses.
pub(crate) const fn fix_name(fix: FixState) -> &'static str {
    match fix {
        FixState::Fixed => "fixed",
        FixState::NotFixed => "not-fixed",
        FixState::WontFix => "wont-fix",
        FixState::Unknown => "unknown",
    }
}

/// The state of that name.
pub(crate) fn fix_named(name: &str) -> Option<FixState> {
    FixState::ALL.into_iter().find(|fix| fix_name(*fix) == name)
}

pub(super) const fn fix_word(fix: FixState) -> &'static str {
    match fix {
        FixState::Fixed => "Fixed",
        FixState::NotFixed => "Not fixed",
        FixState::WontFix => "Won't fix",
        FixState::Unknown => "Nobody said",
    }
}

/// Every severity as an option.
pub(crate) fn severity_options(chosen: Option<Severity>) -> Vec<SelectOption> {
    let any = SelectOption {
        value: String::new(),
        label: "Any".to_owned(),
        is_selected: chosen.is_none(),
    };
    let option = |severity: Severity| SelectOption {
        value: severity.as_str().to_owned(),
        label: severity_word(severity).to_owned(),
        is_selected: chosen == Some(severity),
    };
    std::iter::once(any).chain(Severity::ALL.into_iter().rev().map(option)).collect()
}

/// Every state of mending as an option.
pub(crate) fn fix_options(chosen: Option<FixState>) -> Vec<SelectOption> {
    let any = SelectOption {
        value: String::new(),
        label: "Any".to_owned(),
        is_selected: chosen.is_none(),
    };
    let option = |fix: FixState| SelectOption {
        value: fix_name(fix).to_owned(),
        label: fix_word(fix).to_owned(),
        is_selected: chosen == Some(fix),
    };
    let order = [FixState::Fixed, FixState::NotFixed, FixState::WontFix, FixState::Unknown];
    std::iter::once(any).chain(order.into_iter().map(option)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_mending_is_found_by_its_name() {
        for fix in FixState::ALL {
            assert_eq!(fix_named(fix_name(fix)), Some(fix));
        }
        assert_eq!(fix_named(""), None);
    }

    #[test]
    fn counts_of_nothing_are_left_out() {
        let counts = SeverityCounts { critical: 2, low: 1, ..SeverityCounts::default() };
        assert_eq!(counted_severities(&counts), [(2, "critical"), (1, "low")]);
    }
}
