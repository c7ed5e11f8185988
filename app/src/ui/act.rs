//! What can be done: buttons that are disabled, with the reason, where somebody may not.

use leptos::prelude::*;

use super::{Glyph, Icon, LineField};

/// The button of a form; disabled where there is a reason against it.
#[component]
pub(crate) fn Act(
    #[prop(into)] label: String,
    #[prop(default = "button primary justify-self-start")] class: &'static str,
    /// Why the visitor may not.
    denied: Option<String>,
) -> impl IntoView {
    match denied {
        None => view! { <button type="submit" class=class>{label}</button> }.into_any(),
        Some(reason) => refused(label, class, reason),
    }
}

/// A link that looks like a button; disabled where there is a reason against it.
#[component]
pub(crate) fn ActLink(
    #[prop(into)] label: String,
    href: String,
    #[prop(default = "button primary")] class: &'static str,
    #[prop(optional)] icon: Option<Icon>,
    /// Why the visitor may not.
    denied: Option<String>,
) -> impl IntoView {
    match denied {
        None => {
            let icon = icon.map(|icon| view! { <Glyph icon=icon /> });
            view! { <a class=class href=href>{icon} {label}</a> }.into_any()
        }
        Some(reason) => refused(label, class, reason),
    }
}

fn refused(label: String, class: &'static str, reason: String) -> AnyView {
    view! {
        <span class="refused">
            <button type="button" class=class disabled>{label}</button>
            <span class="quiet">{reason}</span>
        </span>
    }
    .into_any()
}

/// Asks first: a disclosure with what will happen, and the button that does it.
#[component]
pub(crate) fn Confirm(
    /// What opens it, such as "Revoke…".
    #[prop(into)]
    open: String,
    /// The same in full, for whoever does not see the row.
    #[prop(into)]
    label: String,
    /// What will happen.
    #[prop(into)]
    consequence: String,
    /// The server function's path.
    action: &'static str,
    /// What the form sends.
    fields: Vec<(&'static str, String)>,
    /// What the button says.
    #[prop(into)]
    button: String,
    /// Why the visitor may not.
    #[prop(default = None)]
    denied: Option<String>,
) -> impl IntoView {
    let hidden = fields.into_iter().map(|(name, value)| {
        view! { <input type="hidden" name=name value=value /> }
    });
    if let Some(reason) = denied {
        return view! { <span class="quiet">{reason}</span> }.into_any();
    }
    view! {
        <details class="show">
            <summary aria-label=label>{open}</summary>
            <form method="post" action=action class="grid gap-2 justify-items-start py-1">
                {hidden.collect_view()}
                <p class="quiet">{consequence}</p>
                <button type="submit" class="button small danger">
                    {button}
                </button>
            </form>
        </details>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_not_reads_why_and_cannot_press() {
        let denied = Some("You need roles.create at acme.".to_owned());
        let html = view! { <Act label="Create" denied=denied /> }.to_html();
        assert!(
            html.contains("disabled") && html.contains("You need roles.create at acme."),
            "{html}"
        );
        assert!(!html.contains("submit"), "{html}");
        let html = view! { <Act label="Create" denied=None /> }.to_html();
        assert!(html.contains("submit") && !html.contains("disabled"), "{html}");
    }
}

/// A form that deletes something for good, once its name was typed.
#[component]
pub(crate) fn DeleteByName(
    /// The server function's path.
    action: &'static str,
    /// What is deleted.
    #[prop(into)]
    id: String,
    /// What is to be typed, such as "Type the cluster's name to delete it".
    label: &'static str,
    /// How the button calls it.
    #[prop(into)]
    name: String,
    /// Characters of the name, at most.
    longest: u16,
    /// What was typed before, and what was wrong with it.
    typed: (String, Option<String>),
    /// Why the visitor may not.
    #[prop(default = None)]
    denied: Option<String>,
) -> impl IntoView {
    let (value, error) = typed;
    view! {
        <form method="post" action=action class="grid gap-4">
            <input type="hidden" name="id" value=id />
            <LineField
                id="confirm"
                label=label
                hint="This cannot be undone."
                value=value
                error=error
                longest=longest
            />
            <Act
                label=format!("Delete {name} for good")
                class="button danger justify-self-start"
                denied=denied
            />
        </form>
    }
}
