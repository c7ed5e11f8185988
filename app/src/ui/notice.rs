//! A sentence that must not be missed, above what it is about.

use leptos::prelude::*;

use super::{Glyph, Icon, Tone};

#[component]
pub(crate) fn Notice(tone: Tone, icon: Icon, children: Children) -> impl IntoView {
    view! {
        <div class=format!("notice {}", tone.class()) role="status">
            <Glyph icon=icon />
            <div>{children()}</div>
        </div>
    }
}
