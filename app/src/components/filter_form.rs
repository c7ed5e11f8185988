//! The form above a list: what narrows it, and the moment it is asked about. Sent as a query,
//! so that every answer has an address.

use leptos::prelude::*;

use crate::layouts::Frame;
use crate::routes::{AsOf, Link, Scope};
use crate::ui::{FilterField, Glyph, Icon, Notice, SelectOption, Tone};

/// Fields that most visitors leave alone.
pub(crate) struct MoreFields {
    pub(crate) fields: AnyView,
    /// Whether one of them is filled in.
    pub(crate) is_open: bool,
}

#[component]
pub(crate) fn FilterForm(
    /// What is looked for: "Find images".
    label: &'static str,
    /// The path of the list.
    action: &'static str,
    scope: Scope,
    /// What the form sends besides its fields.
    #[prop(optional)]
    fixed: Vec<(&'static str, String)>,
    #[prop(optional)] more: Option<MoreFields>,
    /// Where nothing is narrowed, if something is now.
    clear: Option<Link>,
    children: Children,
) -> impl IntoView {
    let group = scope.0.map(|id| ("group", id.to_string()));
    let hidden = group.into_iter().chain(fixed).filter(|(_, value)| !value.is_empty());
    let hidden = hidden.map(|(name, value)| {
        view! { <input type="hidden" name=name value=value /> }
    });
    let more = more.map(|MoreFields { fields, is_open }| {
        view! {
            <details class="show" open=is_open>
                <summary>
                    <Glyph icon=Icon::ChevronRight />
                    "More filters"
                </summary>
                <div class="search-fields mt-2">{fields}</div>
            </details>
        }
    });
    let clear = clear.map(|link| view! { <a class="button" href=link.href()>"Clear"</a> });
    view! {
        <form class="search" method="get" action=action aria-label=label>
            {hidden.collect_view()}
            <div class="search-fields">
                {children()}
                <div class="search-act">
                    <button type="submit" class="button primary">
                        "Show"
                    </button>
                    {clear}
                </div>
            </div>
            {more}
        </form>
    }
}

/// The moment of the address: what it is, and what is wrong with it where it is none.
pub(crate) fn asked_moment(frame: &Frame) -> (AsOf, Option<String>) {
    match AsOf::read(&frame.address.text("at"), frame.now) {
        Ok(as_of) => (as_of, None),
        Err(wrong) => (AsOf::default(), Some(wrong)),
    }
}

/// The field for the moment.
pub(crate) fn moment_field(frame: &Frame, error: Option<String>) -> AnyView {
    view! {
        <FilterField
            name="at"
            label="As of (UTC)"
            example="now, or 2026-03-03 14:00"
            value=frame.address.text("at")
            error=error
        />
    }
    .into_any()
}

/// Where everything is shown as it is now, for a list that shows less, or another moment.
pub(crate) fn clearing(frame: &Frame, is_narrowed: bool, all: &Link) -> Option<Link> {
    let is_past = !frame.address.text("at").is_empty();
    (is_narrowed || is_past).then(|| all.clone())
}

/// That a page shows the past, with the way back.
pub(crate) fn moment_notice(as_of: AsOf, to_now: &Link) -> Option<AnyView> {
    let at = as_of.0?;
    let href = to_now.href();
    Some(
        view! {
            <Notice tone=Tone::Unknown icon=Icon::Clock>
                "As it was on " {crate::format::moment(at)} ". " <a class="link" href=href>"Show it as it is now"</a>
            </Notice>
        }
        .into_any(),
    )
}

/// A choice between everything, only with and only without.
pub(crate) fn either_options(chosen: Option<bool>) -> Vec<SelectOption> {
    let option = |value: &str, label: &str, is_selected| SelectOption {
        value: value.to_owned(),
        label: label.to_owned(),
        is_selected,
    };
    vec![
        option("", "Any", chosen.is_none()),
        option("with", "With", chosen == Some(true)),
        option("without", "Without", chosen == Some(false)),
    ]
}

/// Reads what such a choice sent.
pub(crate) fn read_either(text: &str) -> Option<bool> {
    match text {
        "with" => Some(true),
        "without" => Some(false),
        _ => None,
    }
}
