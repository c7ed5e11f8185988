//! The side of every page: where one can go, who one is, and the theme.

use leptos::prelude::*;

use crate::api::request::{self, Theme};
use crate::routes::{self, AccountTab, AsOf, Link, Scope};
use crate::ui::{Glyph, Icon, Mark};

/// The parts of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Clusters,
    Images,
    Packages,
    Vulnerabilities,
    Policies,
    Groups,
    Access,
    Events,
    Audit,
    Settings,
    /// The visitor's own; reached by their name, not among the places.
    Account,
}

impl Section {
    /// Where one can go from the side.
    const PLACES: [Self; 11] = [
        Self::Overview,
        Self::Clusters,
        Self::Images,
        Self::Packages,
        Self::Vulnerabilities,
        Self::Policies,
        Self::Groups,
        Self::Access,
        Self::Events,
        Self::Audit,
        Self::Settings,
    ];

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Clusters => "Clusters",
            Self::Images => "Images",
            Self::Packages => "Packages",
            Self::Vulnerabilities => "Vulnerabilities",
            Self::Policies => "Policies",
            Self::Groups => "Groups",
            Self::Access => "Access",
            Self::Events => "Events",
            Self::Audit => "Audit",
            Self::Settings => "Settings",
            Self::Account => "Your account",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Overview => Icon::Overview,
            Self::Clusters => Icon::Clusters,
            Self::Images => Icon::Images,
            Self::Packages => Icon::Packages,
            Self::Vulnerabilities => Icon::Vulnerabilities,
            Self::Policies => Icon::Policies,
            Self::Groups => Icon::Groups,
            Self::Access => Icon::People,
            Self::Events => Icon::Clock,
            Self::Audit => Icon::Audit,
            Self::Settings => Icon::Settings,
            Self::Account => Icon::Key,
        }
    }

    /// The section's first page, within a scope.
    pub(crate) fn link(self, scope: Scope) -> Link {
        match self {
            Self::Overview => routes::overview(scope),
            Self::Clusters => routes::clusters(scope),
            Self::Images => routes::images(scope, AsOf::default()),
            Self::Packages => routes::packages(scope, AsOf::default()),
            Self::Vulnerabilities => routes::vulnerabilities(scope, AsOf::default()),
            Self::Policies => routes::policies(scope),
            Self::Groups => routes::groups(scope),
            Self::Access => routes::people(scope),
            Self::Events => routes::events(scope),
            Self::Audit => routes::audit(scope),
            Self::Settings => routes::trust(scope),
            Self::Account => routes::account(scope, AccountTab::Sessions),
        }
    }
}

#[component]
pub(crate) fn Navigation(current: Section, scope: Scope, person: String) -> impl IntoView {
    let place = |section: Section| {
        view! {
            <li>
                <a href=section.link(scope).href() aria-current=(section == current).then_some("true")>
                    <Glyph icon=section.icon() />
                    {section.label()}
                </a>
            </li>
        }
    };
    view! {
        <nav class="side" aria-label="Console">
            <a class="brand" href=routes::overview(scope).href() aria-label="Loadline, to the overview">
                <Mark />
                <span>"Loadline"</span>
            </a>
            <ul class="places">{Section::PLACES.into_iter().map(place).collect_view()}</ul>
            <div class="side-foot">
                <ThemeChoice />
                <div class="flex flex-wrap items-center justify-between gap-x-2 gap-y-1">
                    <a
                        class="person"
                        href=Section::Account.link(scope).href()
                        aria-current=(current == Section::Account).then_some("true")
                    >
                        <b>{person}</b>
                        <span>"Sessions and tokens"</span>
                    </a>
                    <form method="post" action="/sign-out">
                        <button type="submit" class="link cursor-pointer whitespace-nowrap">
                            "Sign out"
                        </button>
                    </form>
                </div>
            </div>
        </nav>
    }
}

#[component]
fn ThemeChoice() -> impl IntoView {
    let chosen = request::theme();
    let button = |theme: Theme| {
        let (icon, label) = match theme {
            Theme::System => (Icon::Screen, "Theme of this system"),
            Theme::Light => (Icon::Sun, "Light theme"),
            Theme::Dark => (Icon::Moon, "Dark theme"),
        };
        view! {
            <button
                type="submit"
                name="theme"
                value=theme.as_str()
                aria-label=label
                title=label
                aria-pressed=(theme == chosen).to_string()
            >
                <Glyph icon=icon />
            </button>
        }
    };
    view! {
        <form method="post" action="/api/console/set_theme" data-theme-form="" class="segments" aria-label="Theme">
            {Theme::ALL.into_iter().map(button).collect_view()}
        </form>
    }
}
