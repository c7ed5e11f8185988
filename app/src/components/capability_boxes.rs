//! A box for each capability, by noun: what a role holds, or a token is narrowed to.

use leptos::prelude::*;
use model::iam::{Capability, CapabilitySet};

use super::nouns::{Noun, nouns, verb};

/// The boxes; what the visitor does not hold is greyed out.
#[component]
pub(crate) fn CapabilityBoxes(held: CapabilitySet, ticked: CapabilitySet) -> impl IntoView {
    let noun = |noun: Noun| boxes(noun, held, ticked);
    view! {
        <div class="grid gap-x-6 gap-y-3 mid:grid-cols-2 wide:grid-cols-3">
            {nouns().into_iter().map(noun).collect_view()}
        </div>
    }
}

fn boxes(noun: Noun, held: CapabilitySet, ticked: CapabilitySet) -> AnyView {
    let tick = |capability: Capability| {
        let is_ticked = ticked.contains(capability);
        // What is ticked already stays sendable, so that a change does not drop it unseen.
        let is_refused = !held.contains(capability) && !is_ticked;
        view! {
            <label class="inline-flex items-center gap-1.5">
                <input
                    type="checkbox"
                    name="capabilities[]"
                    value=capability.as_str()
                    checked=is_ticked
                    disabled=is_refused
                    aria-label=capability.as_str()
                />
                <span class=if is_refused { "quiet" } else { "" }>{verb(capability)}</span>
            </label>
        }
    };
    let ticks = noun.capabilities.into_iter().map(tick).collect_view();
    view! {
        <fieldset>
            <legend class="font-semibold">{noun.name}</legend>
            <div class="flex flex-wrap gap-x-3.5 gap-y-1">{ticks}</div>
        </fieldset>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn what_one_does_not_hold_cannot_be_ticked() {
        let held = CapabilitySet::of(&[Capability::GroupsList]);
        let groups = nouns().into_iter().next().unwrap();
        let html = boxes(groups, held, held).to_html();
        assert_eq!(html.matches("disabled").count(), 3, "{html}");
        assert_eq!(html.matches("checked").count(), 1, "{html}");
        assert!(html.contains(r#"value="groups.list""#), "{html}");
    }
}
