//! The form that makes a token for a program.

use leptos::prelude::*;
use model::iam::{Capability, CapabilitySet};

use crate::api;
use crate::components::{CapabilityBoxes, group_options};
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, AccountTab, TokenLasts};
use crate::ui::{Act, Glyph, Icon, LineField, PageHead, SelectField, SelectOption};

#[component]
pub(crate) fn NewTokenPage() -> impl IntoView {
    framed(Section::Account, |frame: Frame| async move {
        let held = api::account::tokens::capabilities().await?;
        let screen = Screen::new("New token", body(&frame, held));
        Ok(screen.below("Your account", routes::account(frame.scope, AccountTab::Tokens)))
    })
}

fn body(frame: &Frame, held: CapabilitySet) -> AnyView {
    let typed = &frame.typed;
    let names = typed.every("capabilities");
    let ticked = names.into_iter().filter_map(|name| name.parse::<Capability>().ok()).collect();
    let wrong = typed.error("capabilities").map(|wrong| {
        view! {
            <p class="field-error">
                <Glyph icon=Icon::Alert />
                <span>{wrong}</span>
            </p>
        }
    });
    view! {
        <PageHead title="New token" />
        <form method="post" action="/api/console/create_token" class="card p-5 grid gap-4 max-w-[60rem]">
            <LineField
                id="name"
                label="Name"
                hint="By what uses it, such as nightly report"
                value=typed.text("name")
                error=typed.error("name")
                longest=100
            />
            <SelectField
                name="group"
                label="Where it may act"
                hint="There and in everything below, never further than you may yourself."
                options=places(frame)
                error=typed.error("group")
            />
            <SelectField
                name="lasts"
                label="It ends after"
                options=ends(&typed.or("lasts", &TokenLasts::Month.as_str()))
                error=typed.error("lasts")
            />
            <SelectField
                name="may"
                label="What it may do"
                options=widths(&typed.text("may"))
                error=typed.error("may")
            />
            <div class="grid gap-2">
                <h2 class="text-body!">"Only this"</h2>
                <p class="quiet">
                    "For \"Only what is ticked below\". What you hold nowhere yourself is greyed out; what you lose, the token loses."
                </p>
                {wrong}
                <CapabilityBoxes held=held ticked=ticked />
            </div>
            <div class="flex flex-wrap gap-3">
                <Act label="Make the token, and show its secret" denied=None />
                <a class="button" href=routes::account(frame.scope, AccountTab::Tokens).href()>"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}

fn places(frame: &Frame) -> Vec<SelectOption> {
    let chosen = frame.typed.text("group");
    let everywhere = SelectOption {
        value: String::new(),
        label: "Wherever you hold something".to_owned(),
        is_selected: chosen.is_empty(),
    };
    let groups = group_options(&frame.groups, chosen.parse().ok());
    std::iter::once(everywhere).chain(groups).collect()
}

fn ends(chosen: &str) -> Vec<SelectOption> {
    let option = |lasts: TokenLasts| SelectOption {
        value: lasts.as_str(),
        label: lasts.label().to_owned(),
        is_selected: lasts.as_str() == chosen,
    };
    TokenLasts::ALL.into_iter().map(option).collect()
}

/// Nothing is chosen before: a token that may everything is made on purpose only.
fn widths(chosen: &str) -> Vec<SelectOption> {
    let option = |value: &str, label: &str| SelectOption {
        value: value.to_owned(),
        label: label.to_owned(),
        is_selected: value == chosen,
    };
    vec![
        option("", "Choose"),
        option("only", "Only what is ticked below"),
        option("all", "Everything that you may"),
    ]
}
