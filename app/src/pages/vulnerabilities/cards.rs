//! Everything wrong at a glance: by severity, by whether it can be mended, and where.

use leptos::prelude::*;
use model::vulnerabilities::{ClusterAtRisk, Severity, SeverityCounts, VulnerabilityOverview};

use crate::components::SeverityBar;
use crate::format;
use crate::layouts::Frame;
use crate::routes::{self, AsOf, ClusterTab};
use crate::ui::card_head;

pub(super) fn show(frame: &Frame, as_of: AsOf, overview: VulnerabilityOverview) -> AnyView {
    view! {
        <div class="grid gap-3.5 wide:grid-cols-3">
            {severities(frame, as_of, overview.severities)}
            {fixes(&overview)}
            {at_risk(frame, overview.at_risk)}
        </div>
    }
    .into_any()
}

fn severities(frame: &Frame, as_of: AsOf, counts: SeverityCounts) -> AnyView {
    let count = |class: &'static str, severity: Severity, label: &'static str, number: u64| {
        let link = routes::vulnerabilities(frame.scope, as_of).with("severity", severity.as_str());
        view! {
            <div class=format!("counted {class}")>
                <dt><a class="hover:underline" href=link.href()>{label}</a></dt>
                <dd>{format::count(number)}</dd>
            </div>
        }
    };
    let other = (counts.other > 0).then(|| {
        view! {
            <div class="counted key-other">
                <dt>"Negligible or not rated"</dt>
                <dd>{format::count(counts.other)}</dd>
            </div>
        }
    });
    view! {
        <section class="card">
            {card_head("CVEs by severity", ().into_any())}
            <div class="grid gap-2.5 px-4.5 pb-4">
                <SeverityBar counts=counts />
                <dl class="grid gap-0.5">
                    {count("key-critical", Severity::Critical, "Critical", counts.critical)}
                    {count("key-high", Severity::High, "High", counts.high)}
                    {count("key-medium", Severity::Medium, "Medium", counts.medium)}
                    {count("key-low", Severity::Low, "Low", counts.low)}
                    {other}
                </dl>
            </div>
        </section>
    }
    .into_any()
}

fn fixes(overview: &VulnerabilityOverview) -> AnyView {
    let count = |label: &'static str, number: u64, note: &'static str| {
        view! {
            <div class="counted">
                <dt>{label} <span class="quiet">" " {note}</span></dt>
                <dd>{format::count(number)}</dd>
            </div>
        }
    };
    view! {
        <section class="card">
            {card_head("Fixes", ().into_any())}
            <dl class="grid gap-0.5 px-4.5 pb-4">
                {count("Fixed", overview.n_fixed, "in a newer version")}
                {count("Not fixed", overview.n_not_fixed, "or nobody said")}
                {count("Won't fix", overview.n_wont_fix, "")}
            </dl>
        </section>
    }
    .into_any()
}

fn at_risk(frame: &Frame, clusters: Vec<ClusterAtRisk>) -> AnyView {
    let rows = if clusters.is_empty() {
        view! { <p class="quiet px-4.5 pb-4">"No critical or high one runs in any cluster."</p> }
            .into_any()
    } else {
        let row = |cluster: ClusterAtRisk| {
            let tab = ClusterTab::Images;
            let href = routes::cluster_tab(frame.scope, cluster.cluster, tab).href();
            view! {
                <div class="counted">
                    <dt><a class="name" href=href>{cluster.name}</a></dt>
                    <dd>{format::counted(cluster.n_images, "image")}</dd>
                </div>
            }
        };
        let rows = clusters.into_iter().map(row).collect_view();
        view! { <dl class="grid gap-0.5 px-4.5 pb-4">{rows}</dl> }.into_any()
    };
    view! {
        <section class="card">
            {card_head("At risk clusters", ().into_any())}
            {rows}
        </section>
    }
    .into_any()
}
