//! Violations: a sentence each, with the tree of reasons behind it.

use leptos::prelude::*;
use model::clusters::Violation;
use model::timestamp::Timestamp;
use model::verdict::Outcome;
use model::verdict::sentence::of_verdict;

use super::{OutcomeChip, Sentence, VerdictTree, image_link};
use crate::format;
use crate::routes::{self, AsOf, Scope};
use crate::ui::Since;

/// What a violation is named beside its image: what the page is not about already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    Policy,
    Cluster,
}

#[component]
pub(crate) fn ViolationList(
    rows: Vec<Violation>,
    beside: Beside,
    now: Timestamp,
    scope: Scope,
) -> impl IntoView {
    let row = |violation: Violation| item(violation, beside, now, scope);
    view! { <ul class="list">{rows.into_iter().map(row).collect_view()}</ul> }
}

fn item(violation: Violation, beside: Beside, now: Timestamp, scope: Scope) -> AnyView {
    let verb = match violation.verdict.outcome {
        Outcome::Pass => "passes",
        Outcome::Warn => "is warned by",
        Outcome::Fail => "fails",
        Outcome::CouldNotCheck => "could not be checked against",
    };
    let linked = match beside {
        Beside::Policy => {
            let href = routes::policy(scope, violation.policy).href();
            view! { <span>{verb} " " <a class="name" href=href>{violation.policy_name}</a></span> }
        }
        Beside::Cluster => {
            let href = routes::cluster(scope, violation.cluster).href();
            view! { <span>"in " <a class="name" href=href>{violation.cluster_name}</a> {format!(" {verb} it")}</span> }
        }
    };
    // The verdict's own sentence begins with what the row says already.
    let sentence = of_verdict(&violation.verdict);
    let cause = sentence.split_once(": ").map_or("", |(_, cause)| cause).to_owned();
    let others = violation.n_workloads.saturating_sub(1);
    let used_by = match others {
        0 => String::new(),
        1 => " and 1 more workload".to_owned(),
        _ => format!(" and {} more workloads", format::count(others)),
    };
    view! {
        <li>
            <span class="lead"><OutcomeChip outcome=Some(violation.verdict.outcome) /></span>
            <div class="flex-1 min-w-[min(100%,20rem)]">
                <p class="wrap-anywhere">
                    {image_link(&violation.image, scope, AsOf::default())}
                    " "
                    {linked}
                    ": "
                    <Sentence text=cause />
                </p>
                <p class="quiet">
                    <code>
                        {violation.image.repository.to_string()} "@" {format::digest_of(&violation.image)}
                    </code>
                    " runs as " <b class="text-ink-2">{violation.example}</b> {used_by}
                </p>
                <VerdictTree verdict=violation.verdict />
            </div>
            <span class="quiet"><Since now=now at=violation.since /></span>
        </li>
    }
    .into_any()
}
