//! What each policy says of an image, and what it said before.

use leptos::prelude::*;
use model::images::ImageVerdict;
use model::verdict::Outcome;
use model::verdict::sentence::of_verdict;

use super::detail::Shown;
use crate::components::{ModeChip, OutcomeChip, Sentence, VerdictTree};
use crate::format;
use crate::routes::{self, Standing};
use crate::ui::{Empty, Since, card_head};

pub(super) fn show(shown: &Shown) -> AnyView {
    let standing = |verdict: &&ImageVerdict| shown.as_of.standing(verdict.since, verdict.until);
    let of = |wanted: Standing| {
        let found = shown.detail.verdicts.iter().filter(|each| standing(each) == wanted);
        found.cloned().collect::<Vec<_>>()
    };
    let (now, past) = (of(Standing::Holds), of(Standing::Past));
    let current = if now.is_empty() {
        let write = routes::new_policy(shown.frame.scope).href();
        view! {
            <Empty title="No policy covers this image">
                <p class="text-ink-2">"Whoever may deploy may run it. Publish a policy whose globs match its name."</p>
                <a class="button" href=write>"Write a policy"</a>
            </Empty>
        }
        .into_any()
    } else {
        let rows = now.into_iter().map(|verdict| row(shown, verdict)).collect_view();
        view! { <h2 class="sr-only">"Verdicts"</h2> <ul class="list">{rows}</ul> }.into_any()
    };
    let before = (!past.is_empty()).then(|| {
        let rows = past.into_iter().map(|verdict| row(shown, verdict)).collect_view();
        view! {
            <section class="card">
                {card_head("Before", ().into_any())}
                <ul class="list">{rows}</ul>
            </section>
        }
    });
    view! {
        <section class="card">{current}</section>
        {before}
    }
    .into_any()
}

fn row(shown: &Shown, verdict: ImageVerdict) -> AnyView {
    let is_past = shown.as_of.standing(verdict.since, verdict.until) == Standing::Past;
    let verb = match (verdict.verdict.outcome, is_past) {
        (Outcome::Pass, false) => "Passes ",
        (Outcome::Warn, false) => "Is warned by ",
        (Outcome::Fail, false) => "Fails ",
        (Outcome::CouldNotCheck, false) => "Could not be checked against ",
        (Outcome::Pass, true) => "Passed ",
        (Outcome::Warn, true) => "Was warned by ",
        (Outcome::Fail, true) => "Failed ",
        (Outcome::CouldNotCheck, true) => "Could not be checked against ",
    };
    let sentence = of_verdict(&verdict.verdict);
    let cause = sentence.split_once(": ").map_or("", |(_, cause)| cause).to_owned();
    let href = routes::policy(shown.frame.scope, verdict.policy).href();
    let when = match verdict.until.filter(|_| is_past) {
        Some(until) => {
            format!("for {}, until {}", format::span(until, verdict.since), format::moment(until))
                .into_any()
        }
        None => {
            let now = shown.as_of.or(shown.frame.now);
            view! { <Since now=now at=verdict.since /> }.into_any()
        }
    };
    view! {
        <li>
            <span class="lead"><OutcomeChip outcome=Some(verdict.verdict.outcome) /></span>
            <div class="flex-1 min-w-[min(100%,20rem)]">
                <p class="wrap-anywhere">
                    {verb}
                    <a class="name" href=href>{verdict.policy_name}</a>
                    {(!cause.is_empty()).then_some(": ")}
                    <Sentence text=cause />
                </p>
                <p class="quiet">{format!("version {} ", verdict.version)} <ModeChip mode=verdict.mode /></p>
                <VerdictTree verdict=verdict.verdict />
            </div>
            <span class="quiet">{when}</span>
        </li>
    }
    .into_any()
}
