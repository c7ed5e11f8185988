//! Outcomes, modes and the states of a record as chips.

use leptos::prelude::*;
use model::clusters::Record;
use model::policies::Mode;
use model::verdict::Outcome;

use crate::ui::{Chip, Icon, Tone};

/// One of the four outcomes; *not covered* where no policy says anything.
#[component]
pub(crate) fn OutcomeChip(outcome: Option<Outcome>) -> impl IntoView {
    let (tone, icon, label) = match outcome {
        Some(Outcome::Pass) => (Tone::Pass, Icon::Check, "Pass"),
        Some(Outcome::Warn) => (Tone::Warn, Icon::Alert, "Warn"),
        Some(Outcome::Fail) => (Tone::Fail, Icon::Cross, "Fail"),
        Some(Outcome::CouldNotCheck) => (Tone::Unknown, Icon::Clock, "Could not check"),
        None => (Tone::Unknown, Icon::Dash, "Not covered"),
    };
    view! { <Chip tone=tone icon=icon label=label /> }
}

/// The state of a record: its worst outcome, or that it waits for its first check.
pub(crate) fn record_chip(record: &Record) -> AnyView {
    if record.is_pending {
        return view! { <Chip tone=Tone::Unknown icon=Icon::Clock label="Not checked yet" /> }
            .into_any();
    }
    view! { <OutcomeChip outcome=record.worst /> }.into_any()
}

/// What a failing image meets.
#[component]
pub(crate) fn ModeChip(mode: Mode) -> impl IntoView {
    let (icon, label) = match mode {
        Mode::Enforce => (Icon::Policies, "Enforce"),
        Mode::Warn => (Icon::Alert, "Warn only"),
    };
    view! { <Chip tone=Tone::Plain icon=icon label=label /> }
}
