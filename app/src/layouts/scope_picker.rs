//! The group that a page asks about, and the others it could ask about, as links.

use leptos::prelude::*;
use model::groups::Group;

use super::Section;
use crate::routes::Scope;
use crate::ui::{Glyph, Icon};

#[component]
pub(crate) fn ScopePicker(groups: Vec<Group>, scope: Group, section: Section) -> impl IntoView {
    let chosen = scope.id;
    let row = |group: Group| {
        let href = section.link(Scope(Some(group.id))).href();
        let is_chosen = group.id == chosen;
        let name = group.name().to_owned();
        let above = group.names.iter().rev().skip(1).rev();
        let above: String = above.flat_map(|name| [name.as_str(), " / "]).collect();
        view! {
            <li>
                <a href=href aria-current=is_chosen.then_some("true")>
                    <span><span class="text-ink-3 font-normal">{above}</span>{name}</span>
                </a>
            </li>
        }
    };
    view! {
        <details class="picker">
            <summary>
                <span class="sr-only">"Group: "</span>
                <span class="truncate">{scope.names.join(" / ")}</span>
                <Glyph icon=Icon::ChevronDown />
            </summary>
            <div>
                <ul>{groups.into_iter().map(row).collect_view()}</ul>
            </div>
        </details>
    }
}
