//! Chips: an icon, a word and a colour, never a colour alone.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// The colour family of a chip or a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Pass,
    Fail,
    Warn,
    Unknown,
    Plain,
}

impl Tone {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Pass => "tone-pass",
            Self::Fail => "tone-fail",
            Self::Warn => "tone-warn",
            Self::Unknown => "tone-unknown",
            Self::Plain => "tone-plain",
        }
    }
}

#[component]
pub(crate) fn Chip(tone: Tone, icon: Icon, #[prop(into)] label: String) -> impl IntoView {
    view! {
        <span class=format!("chip {}", tone.class())>
            <Glyph icon=icon />
            {label}
        </span>
    }
}
