//! Fields of a form: a label, a hint, the input, and what is wrong with it, tied together.

use leptos::prelude::*;

use super::{Glyph, Icon, escaped};

/// What stands around an input.
fn around(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    error: Option<String>,
    input: AnyView,
) -> AnyView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {(!hint.is_empty())
                .then(|| view! { <p class="quiet" id=format!("{name}-hint")>{hint}</p> })}
            {input}
            {error
                .map(|error| {
                    view! {
                        <p class="field-error" id=format!("{name}-error")>
                            <Glyph icon=Icon::Alert />
                            <span>{error}</span>
                        </p>
                    }
                })}
        </div>
    }
    .into_any()
}

fn described_by(name: &str, hint: &str, error: Option<&String>) -> Option<String> {
    let hint = (!hint.is_empty()).then(|| format!("{name}-hint"));
    let error = error.map(|_| format!("{name}-error"));
    let ids: Vec<String> = hint.into_iter().chain(error).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// One line of text.
#[component]
pub(crate) fn LineField(
    id: &'static str,
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    /// What the form sends it as, where that is not its id.
    #[prop(optional, into)]
    name: Option<String>,
    value: String,
    #[prop(default = None)] error: Option<String>,
    /// Characters, at most.
    #[prop(default = 512)]
    longest: u16,
    /// Whether it may be left empty.
    #[prop(optional)]
    is_optional: bool,
    /// Whether what is typed is hidden.
    #[prop(optional)]
    is_secret: bool,
    /// What the browser may fill in, in the words of HTML.
    #[prop(optional)]
    completes: Option<&'static str>,
) -> impl IntoView {
    let completes = completes.unwrap_or(if is_secret { "new-password" } else { "off" });
    let input = view! {
        <input
            class="input"
            id=id
            name=name.unwrap_or_else(|| id.to_owned())
            r#type=if is_secret { "password" } else { "text" }
            value=value
            required=!is_optional
            maxlength=longest.to_string()
            autocomplete=completes
            spellcheck="false"
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(id, hint, error.as_ref())
        />
    };
    around(id, label, hint, error, input.into_any())
}

/// A password of the visitor's own; never filled in by us.
#[component]
pub(crate) fn PasswordField(
    id: &'static str,
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    error: Option<String>,
    /// Which one the browser may fill in, in the words of HTML.
    completes: &'static str,
) -> impl IntoView {
    view! {
        <LineField
            id=id
            label=label
            hint=hint
            value=String::new()
            error=error
            longest=256
            is_secret=true
            completes=completes
        />
    }
}

/// A one-time code.
#[component]
pub(crate) fn CodeField(
    hint: &'static str,
    error: Option<String>,
    /// Whether it may be left empty.
    #[prop(optional)]
    is_optional: bool,
) -> impl IntoView {
    let input = view! {
        <input
            class="input"
            id="code"
            name="code"
            inputmode="numeric"
            required=!is_optional
            maxlength="8"
            autocomplete="one-time-code"
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by("code", hint, error.as_ref())
        />
    };
    around("code", "One-time code", hint, error, input.into_any())
}

/// Several lines of text as machines read them.
#[component]
pub(crate) fn LinesField(
    id: &'static str,
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    /// What the form sends it as, where that is not its id.
    #[prop(optional, into)]
    name: Option<String>,
    value: String,
    error: Option<String>,
    #[prop(default = 3)] rows: u8,
) -> impl IntoView {
    let input = view! {
        <textarea
            class="input font-mono"
            id=id
            name=name.unwrap_or_else(|| id.to_owned())
            rows=rows.to_string()
            maxlength="32000"
            spellcheck="false"
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(id, hint, error.as_ref())
            inner_html=escaped::text_area(&value)
        ></textarea>
    };
    around(id, label, hint, error, input.into_any())
}

/// One line of text that narrows a list; it may be left empty.
#[component]
pub(crate) fn FilterField(
    name: &'static str,
    label: &'static str,
    /// What could be written there.
    #[prop(optional)]
    example: &'static str,
    value: String,
    #[prop(default = None)] error: Option<String>,
) -> impl IntoView {
    let input = view! {
        <input
            class="input"
            id=name
            name=name
            value=value
            placeholder=example
            maxlength="512"
            autocomplete="off"
            spellcheck="false"
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(name, "", error.as_ref())
        />
    };
    around(name, label, "", error, input.into_any())
}

/// A few lines of text that may be left out.
#[component]
pub(crate) fn TextAreaField(
    name: &'static str,
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    value: String,
    error: Option<String>,
) -> impl IntoView {
    let input = view! {
        <textarea
            class="input"
            id=name
            name=name
            rows="2"
            maxlength="2000"
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(name, hint, error.as_ref())
            inner_html=escaped::text_area(&value)
        ></textarea>
    };
    around(name, label, hint, error, input.into_any())
}

/// One option of a choice.
#[derive(Debug, Clone)]
pub(crate) struct SelectOption {
    /// What the form sends.
    pub(crate) value: String,
    /// What is read.
    pub(crate) label: String,
    /// Whether it is chosen.
    pub(crate) is_selected: bool,
}

/// One of several.
#[component]
pub(crate) fn SelectField(
    name: &'static str,
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    options: Vec<SelectOption>,
    error: Option<String>,
) -> impl IntoView {
    let option = |option: SelectOption| {
        view! { <option value=option.value selected=option.is_selected>{option.label}</option> }
    };
    let input = view! {
        <select
            class="input"
            id=name
            name=name
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(name, hint, error.as_ref())
        >
            {options.into_iter().map(option).collect_view()}
        </select>
    };
    around(name, label, hint, error, input.into_any())
}
