//! An image's life, told as sentences.

use leptos::prelude::*;
use model::verdict::Outcome;

use super::detail::Shown;
use super::piece::kind_name;
use super::timeline::{Moment, moments};
use crate::components::{OutcomeChip, Sentence};
use crate::routes::{self, ClusterTab};
use crate::ui::{Ago, Chip, Icon, Tone};

/// Moments that the page tells, the latest first.
const MOST_ROWS: usize = 300;

pub(super) fn show(shown: &Shown) -> AnyView {
    let found = moments(&shown.detail, shown.as_of.or(shown.frame.now));
    let is_cut = found.len() > MOST_ROWS;
    let rows = found.into_iter().take(MOST_ROWS).map(|(at, moment)| {
        let (chip, sentence) = told(shown, moment);
        view! {
            <li>
                <span class="lead">{chip}</span>
                <p class="flex-1 min-w-[min(100%,18rem)] wrap-anywhere">{sentence}</p>
                <span class="quiet"><Ago now=shown.frame.now at=at /></span>
            </li>
        }
    });
    let cut = is_cut.then(|| {
        let note = format!("The latest {MOST_ROWS}. The API has all of it.");
        view! { <p class="quiet px-4.5 py-2.5 border-t border-line">{note}</p> }
    });
    view! {
        <section class="card">
            <h2 class="sr-only">"Timeline"</h2>
            <ul class="list">{rows.collect_view()}</ul>
            {cut}
        </section>
    }
    .into_any()
}

fn told(shown: &Shown, moment: Moment) -> (AnyView, AnyView) {
    let chip = |tone, icon, label| view! { <Chip tone=tone icon=icon label=label /> }.into_any();
    let cluster = |cluster, name: String| {
        let href = routes::cluster_tab(shown.frame.scope, cluster, ClusterTab::Images).href();
        view! { <a class="name" href=href>{name}</a> }
    };
    match moment {
        Moment::Built => (
            chip(Tone::Plain, Icon::Images, "Built"),
            "It was built, as its configuration says.".into_any(),
        ),
        Moment::Signed { by, digest } => (
            chip(Tone::Plain, Icon::Key, "Signed"),
            view! {
                <span>
                    <code>{by}</code> " signed it, as a log or timestamp authority saw: signature " <code>{digest.short()}</code> "."
                </span>
            }
            .into_any(),
        ),
        Moment::Came { kind, digest, place } => (
            chip(Tone::Plain, Icon::Plus, "Found"),
            view! { <span><b>{kind_name(kind)}</b> " " <code>{digest.short()}</code> " was found at " <code>{place}</code> "."</span> }
                .into_any(),
        ),
        Moment::Went { kind, digest, place } => (
            chip(Tone::Unknown, Icon::Dash, "Gone"),
            view! { <span><b>{kind_name(kind)}</b> " " <code>{digest.short()}</code> " was no longer at " <code>{place}</code> "."</span> }
                .into_any(),
        ),
        Moment::Ran { cluster: id, name } => (
            chip(Tone::Plain, Icon::Clusters, "Ran"),
            view! { <span>{cluster(id, name)} " ran it."</span> }.into_any(),
        ),
        Moment::Left { cluster: id, name } => (
            chip(Tone::Unknown, Icon::Clusters, "Left"),
            view! { <span>{cluster(id, name)} " ran it no longer."</span> }.into_any(),
        ),
        Moment::Judged { policy, was, now, sentence } => {
            let verb = verb(was, now);
            let colon = (!sentence.is_empty()).then_some(": ");
            (
                view! { <OutcomeChip outcome=Some(now) /> }.into_any(),
                view! { <span>"It " {verb} " " <b>{policy}</b> {colon} <Sentence text=sentence /></span> }.into_any(),
            )
        }
        Moment::Released { policy } => (
            view! { <OutcomeChip outcome=None /> }.into_any(),
            view! { <span><b>{policy}</b> " said nothing of it any more."</span> }.into_any(),
        ),
    }
}

/// What a verdict did, seen from the one before.
const fn verb(was: Option<Outcome>, now: Outcome) -> &'static str {
    match (was, now) {
        (Some(Outcome::Pass), Outcome::Pass) => "still passed",
        (Some(_), Outcome::Pass) => "passed again under",
        (None, Outcome::Pass) => "passed",
        (Some(Outcome::Warn), Outcome::Warn) => "was still warned by",
        (_, Outcome::Warn) => "was warned by",
        (Some(Outcome::Fail), Outcome::Fail) => "still failed",
        (Some(Outcome::Pass), Outcome::Fail) => "stopped passing",
        (_, Outcome::Fail) => "failed",
        (_, Outcome::CouldNotCheck) => "could not be checked against",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_from_what_was_before() {
        assert_eq!(verb(Some(Outcome::Pass), Outcome::Fail), "stopped passing");
        assert_eq!(verb(Some(Outcome::Fail), Outcome::Pass), "passed again under");
        assert_eq!(verb(None, Outcome::Fail), "failed");
    }
}
