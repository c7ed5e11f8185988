//! Icons, drawn with one line each, and the mark: a circle with a line through it.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    Check,
    Cross,
    Alert,
    Clock,
    Dash,
    ChevronRight,
    ChevronDown,
    Plus,
    Overview,
    Clusters,
    Images,
    Packages,
    Vulnerabilities,
    Policies,
    Groups,
    People,
    Audit,
    Download,
    Low,
    Medium,
    High,
    Critical,
    Sun,
    Moon,
    Screen,
    Flask,
    Key,
    Settings,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Check => "M3 8.5 6.5 12 13 4.5",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Alert => "M8 2.5 14 13H2zM8 6.5v3M8 11v.3",
            Self::Clock => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.5V8l2.2 1.6",
            Self::Dash => "M3.5 8h9",
            Self::ChevronRight => "M6 3.5 10.5 8 6 12.5",
            Self::ChevronDown => "M3.5 6 8 10.5 12.5 6",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Overview => "M2 13.5h12M3.5 10l3-3.5 2.5 2 4-5",
            Self::Clusters => "M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.7 5 8 8l5.3-3M8 8v6",
            Self::Images => "M2 5.2 8 2l6 3.2L8 8.4zM2 8l6 3.2L14 8M2 10.8 8 14l6-3.2",
            Self::Packages => "M2.5 5v6.5L8 14l5.5-2.5V5L8 2.5zM2.5 5 8 7.5 13.5 5M8 7.5V14",
            Self::Vulnerabilities => {
                "M5 7.5a3 3 0 0 1 6 0v2.7a3 3 0 0 1-6 0zM5.6 5.2 4 3.5M10.4 5.2 12 3.5\
                 M5 8.8H2M11 8.8h3M5.3 11.6 3.2 13.4M10.7 11.6l2.1 1.8"
            }
            Self::Download => "M8 2v7.5M4.8 6.6 8 9.8l3.2-3.2M2.5 13.2h11",
            // One to four bars: how bad something is, told by their number.
            Self::Low => "M2.5 13.5v-2.5",
            Self::Medium => "M2.5 13.5v-2.5M6.2 13.5V8.5",
            Self::High => "M2.5 13.5v-2.5M6.2 13.5V8.5M9.9 13.5V5.7",
            Self::Critical => "M2.5 13.5v-2.5M6.2 13.5V8.5M9.9 13.5V5.7M13.6 13.5V2.8",
            Self::Policies => {
                "M8 1.8 13 3.8v4c0 3-2 5.2-5 6.4-3-1.2-5-3.4-5-6.4v-4zM5.8 8l1.6 1.6 3-3.2"
            }
            Self::Groups => "M3 2.5v9h4M3 6h4M9 4.2h4.5v3.4H9zM9 9.8h4.5v3.4H9z",
            Self::People => {
                "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1.5 13.5c0-2.6 2-4 4.5-4s4.5 1.4 4.5 4\
                 M10.5 3a2.4 2.4 0 0 1 0 4.4M12 10c1.5.5 2.5 1.7 2.5 3.5"
            }
            Self::Audit => "M3.5 2h7L13 4.5V14H3.5zM6 6h4.5M6 8.6h4.5M6 11.2h2.8",
            Self::Sun => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1.2v1.2M8 13.6v1.2M1.2 8h1.2M13.6 8h1.2\
                 M3.2 3.2l.9.9M11.9 11.9l.9.9M12.8 3.2l-.9.9M4.1 11.9l-.9.9"
            }
            Self::Moon => "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8",
            Self::Screen => "M2 3h12v8H2zM6 13.5h4M8 11v2.5",
            Self::Flask => {
                "M6 2h4M6.8 2v4L3 12.6c-.4.7.1 1.4.9 1.4h8.2c.8 0 1.3-.7.9-1.4L9.2 6V2M5 10h6"
            }
            Self::Settings => "M2.5 4.5h6M11.5 4.5h2M10 3v3M2.5 11.5h2M7.5 11.5h6M6 10v3",
            Self::Key => "M5.5 7.5a3 3 0 1 0 0 .1M8.5 7.6H14v2.6M11.5 7.6v2",
        }
    }
}

/// An icon beside a word that says the same, so hidden from screen readers.
#[component]
pub(crate) fn Glyph(icon: Icon) -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=icon.path() />
        </svg>
    }
}

/// The load line's mark, which is also the logo.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! {
        <svg
            viewBox="0 0 26 26"
            fill="none"
            stroke="currentColor"
            stroke-width="2.2"
            aria-hidden="true"
            focusable="false"
        >
            <circle cx="13" cy="13" r="8" />
            <path d="M1 13h24" />
        </svg>
    }
}
