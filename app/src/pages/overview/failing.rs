//! Beside the trend: which policies fail, or what else to do next.

use leptos::prelude::*;
use model::compliance::Overview;
use model::policies::{PolicyFilter, PolicySummary};

use crate::components::Compliance;
use crate::format;
use crate::layouts::Frame;
use crate::routes;
use crate::ui::card_head;

/// Policies that the card names.
const NAMED: usize = 5;

pub(super) fn card(frame: &Frame, overview: &Overview, failing: Vec<PolicySummary>) -> AnyView {
    let scope = frame.scope;
    let all = routes::policies_that_have(scope, PolicyFilter::Violations);
    if failing.is_empty() {
        return next_step(frame, overview);
    }
    let row = |policy: PolicySummary| {
        let found =
            format!("{} in violation", format::counted(policy.tally.violations(), "workload"));
        view! {
            <li>
                <div class="grid gap-0.5 flex-1 min-w-0">
                    <div class="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
                        <a class="name" href=routes::policy(scope, policy.id).href()>{policy.name}</a>
                        <Compliance tally=policy.tally />
                    </div>
                    <p class="quiet">{format!("{found} · {}", policy.group)}</p>
                </div>
            </li>
        }
    };
    view! {
        <section class="card">
            {card_head(
                "Failing policies",
                view! { <a class="link quiet" href=all.href()>"All of them"</a> }.into_any(),
            )}
            <ul class="list">{failing.into_iter().take(NAMED).map(row).collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// Nothing fails: what would tell more.
fn next_step(frame: &Frame, overview: &Overview) -> AnyView {
    let not_covered = overview.n_not_covered;
    let (sentence, note) = if overview.n_policies == 0 {
        ("Write the first policy".to_owned(), "Until then, nothing that runs here is checked.")
    } else if not_covered > 0 {
        let workloads = format::counted(not_covered, "workload");
        let verb = if not_covered == 1 { "is" } else { "are" };
        (format!("{workloads} {verb} covered by no policy"), "A policy's globs say what it covers.")
    } else {
        ("Nothing to do".to_owned(), "Every running workload is covered, and none is in violation.")
    };
    let link = (overview.n_policies == 0 || not_covered > 0).then(|| {
        let href = routes::new_policy(frame.scope).href();
        view! { <a class="button small" href=href>"Write a policy"</a> }
    });
    view! {
        <section class="card">
            {card_head("What would help most", ().into_any())}
            <ul class="list">
                <li>
                    <div class="flex-1 min-w-0">
                        <b>{sentence}</b>
                        <p class="quiet">{note}</p>
                    </div>
                    {link}
                </li>
            </ul>
        </section>
    }
    .into_any()
}
