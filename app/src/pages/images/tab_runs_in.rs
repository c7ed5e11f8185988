//! Where an image runs, and where it ran.

use leptos::prelude::*;
use model::images::RunsIn;

use super::detail::Shown;
use crate::format;
use crate::routes::{self, ClusterTab, Standing};
use crate::ui::{Chip, Column, Empty, Icon, Table, Tone};

pub(super) fn show(shown: &Shown) -> AnyView {
    let known = |place: &&RunsIn| shown.as_of.standing(place.since, place.until) != Standing::Later;
    let places: Vec<RunsIn> = shown.detail.runs_in.iter().filter(known).cloned().collect();
    if places.is_empty() {
        return view! {
            <section class="card">
                <Empty title="It had not run anywhere by then">
                    <p class="text-ink-2">"No cluster of this group had reported it."</p>
                </Empty>
            </section>
        }
        .into_any();
    }
    let columns = vec![
        Column::Text("Cluster"),
        Column::Text("State"),
        Column::Text("Workloads"),
        Column::Text("From"),
        Column::Text("Until"),
        Column::Number("For"),
    ];
    let rows = places.into_iter().map(|place| row(shown, place)).collect_view();
    view! {
        <section class="card">
            <Table caption="Clusters where this image runs or ran" columns=columns>
                {rows}
            </Table>
        </section>
    }
    .into_any()
}

fn row(shown: &Shown, place: RunsIn) -> AnyView {
    let RunsIn { cluster, name, since, until, workloads, n_workloads } = place;
    let holds = shown.as_of.standing(since, until) == Standing::Holds;
    let href = routes::cluster_tab(shown.frame.scope, cluster, ClusterTab::Images).href();
    let (tone, icon, label) = match (holds, shown.as_of.0.is_some()) {
        (true, false) => (Tone::Plain, Icon::Check, "Runs"),
        (true, true) => (Tone::Plain, Icon::Check, "Ran then"),
        (false, _) => (Tone::Unknown, Icon::Dash, "Ran"),
    };
    let named = u64::try_from(workloads.len()).unwrap_or(u64::MAX);
    let more = n_workloads.saturating_sub(named);
    let more = (more > 0 && named > 0).then(|| format!("and {} more", format::count(more)));
    let names = if workloads.is_empty() {
        view! { <span class="quiet">{format::counted(n_workloads, "workload")}</span> }.into_any()
    } else {
        let names = workloads.into_iter().map(|name| view! { <li>{name}</li> });
        view! {
            <ul>{names.collect_view()}</ul>
            <span class="quiet">{more}</span>
        }
        .into_any()
    };
    let end = match until {
        Some(until) => format::moment(until).into_any(),
        None => view! { <span class="quiet">"still"</span> }.into_any(),
    };
    let length = format::span(until.unwrap_or_else(|| shown.as_of.or(shown.frame.now)), since);
    view! {
        <tr>
            <td><a class="name" href=href>{name}</a></td>
            <td><Chip tone=tone icon=icon label=label /></td>
            <td>{names}</td>
            <td class="whitespace-nowrap">{format::moment(since)}</td>
            <td class="whitespace-nowrap">{end}</td>
            <td class="num">{length}</td>
        </tr>
    }
    .into_any()
}
