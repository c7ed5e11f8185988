//! The list of vulnerabilities, the worst first.

use leptos::prelude::*;
use model::page::Page;
use model::vulnerabilities::{
    Severity, SeverityCounts, VulnerabilityFilter, VulnerabilityOverview, VulnerabilitySummary,
};

use super::cards;
use crate::api;
use crate::api::vulnerabilities::VulnerabilityList;
use crate::components::{
    FilterForm, asked_moment, clearing, counted_severities, fix_name, fix_named, fix_options,
    moment_field, moment_notice, severity_options, vulnerability_columns, vulnerability_row,
};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, Address, AsOf, Link};
use crate::ui::{Column, Empty, FilterField, PageHead, Pager, SelectField, Table};

#[component]
pub(crate) fn VulnerabilitiesPage() -> impl IntoView {
    framed(Section::Vulnerabilities, |frame: Frame| async move {
        let filter = read(&frame.address);
        let (as_of, wrong) = asked_moment(&frame);
        let list = match wrong {
            Some(_) => None,
            None => {
                let (group, page) = (frame.group.id, frame.address.page());
                let asked = api::vulnerabilities::vulnerabilities;
                Some(asked(group, filter.clone(), as_of.0, page).await?)
            }
        };
        Ok(Screen::new("Vulnerabilities", body(&frame, filter, (as_of, wrong), list)))
    })
}

fn read(address: &Address) -> VulnerabilityFilter {
    VulnerabilityFilter {
        text: address.text("text").trim().to_owned(),
        severity: Severity::from_name(&address.text("severity")),
        fix: fix_named(&address.text("fix")),
    }
}

fn link(list: Link, filter: &VulnerabilityFilter) -> Link {
    list.with("text", &filter.text)
        .with("severity", filter.severity.map(Severity::as_str).unwrap_or_default())
        .with("fix", filter.fix.map(fix_name).unwrap_or_default())
}

fn body(
    frame: &Frame,
    filter: VulnerabilityFilter,
    (as_of, wrong): (AsOf, Option<String>),
    list: Option<VulnerabilityList>,
) -> AnyView {
    let all = routes::vulnerabilities(frame.scope, AsOf::default());
    let is_narrowed = filter != VulnerabilityFilter::default();
    let clear = clearing(frame, is_narrowed, &all);
    let now = link(all, &filter);
    let text = filter.text.clone();
    let (severities, fixes) = (severity_options(filter.severity), fix_options(filter.fix));
    let moment = moment_field(frame, wrong);
    let form = view! {
        <FilterForm label="Find vulnerabilities" action="/vulnerabilities" scope=frame.scope clear=clear>
            <FilterField name="text" label="CVE ID or package" example="CVE-… or openssl" value=text />
            <SelectField name="severity" label="Severity" options=severities error=None />
            <SelectField name="fix" label="Fix" options=fixes error=None />
            {moment}
        </FilterForm>
    };
    let (title, cards, rows) = match list {
        None => ("Vulnerabilities at no known time".to_owned(), None, wrong_moment()),
        Some(VulnerabilityList { page, overview }) => {
            let title = headline(frame.group.name(), as_of, &overview.severities);
            let rows = rows(frame, &filter, as_of, &overview, page);
            let cards =
                (overview.severities.total() > 0).then(|| cards::show(frame, as_of, overview));
            (title, cards, rows)
        }
    };
    view! {
        <PageHead title=title />
        {moment_notice(as_of, &now)}
        {cards}
        <section class="card">{form}</section>
        <section class="card">{rows}</section>
    }
    .into_any()
}

/// "2 critical and 5 high vulnerabilities run in acme".
fn headline(group: &str, as_of: AsOf, counts: &SeverityCounts) -> String {
    let verb = |n: u64| match (as_of.0, n) {
        (Some(_), _) => "ran",
        (None, 1) => "runs",
        (None, _) => "run",
    };
    let known = if as_of.0.is_some() { "was" } else { "is" };
    let parts: Vec<String> = counted_severities(counts)
        .into_iter()
        .filter(|(_, word)| matches!(*word, "critical" | "high"))
        .map(|(number, word)| format!("{} {word}", format::count(number)))
        .collect();
    match (counts.total(), parts.is_empty()) {
        (0, _) => format!("No vulnerability {known} known in {group}"),
        (total, true) => {
            let count = format::opening(total, "vulnerability");
            format!("{count} {} in {group}, none critical or high", verb(total))
        }
        (total, false) => {
            let worst = counts.critical.saturating_add(counts.high);
            let noun = format::plural(worst, "vulnerability");
            let of = match total {
                total if total == worst => String::new(),
                total => format!(", of {}", format::count(total)),
            };
            format!("{} {noun} {} in {group}{of}", parts.join(" and "), verb(worst))
        }
    }
}

fn rows(
    frame: &Frame,
    filter: &VulnerabilityFilter,
    as_of: AsOf,
    overview: &VulnerabilityOverview,
    page: Page<VulnerabilitySummary>,
) -> AnyView {
    if page.rows.is_empty() {
        return nothing(frame, as_of, overview.severities.total() > 0);
    }
    let list = link(routes::vulnerabilities(frame.scope, as_of), filter);
    let caption = format!("Vulnerabilities in {}", frame.group.name_path());
    let rows = page.rows.into_iter().map(|summary| row(frame, as_of, summary)).collect_view();
    let columns = vulnerability_columns(["Images", "Clusters"].map(Column::Number));
    view! {
        <Table caption=caption columns=columns>
            {rows}
        </Table>
        <Pager total=page.total noun="vulnerability" next=page.next list=list address=frame.address.clone() />
    }
    .into_any()
}

fn row(frame: &Frame, as_of: AsOf, summary: VulnerabilitySummary) -> AnyView {
    let holding = model::packages::PackageFilter {
        text: summary.package.clone(),
        version: routes::at_version(&summary.version),
        ..Default::default()
    };
    let href = routes::holders(frame.scope, as_of, &holding).href();
    let id = view! { <a class="name" href=href>{summary.id.clone()}</a> }.into_any();
    let more = view! {
        <td class="num">{format::count(summary.n_images)}</td>
        <td class="num">{format::count(summary.n_clusters)}</td>
    };
    vulnerability_row(id, summary, more.into_any())
}

fn wrong_moment() -> AnyView {
    view! {
        <Empty title="That is no time to look at">
            <p class="text-ink-2">"Mend the field above, or leave it empty for now."</p>
        </Empty>
    }
    .into_any()
}

fn nothing(frame: &Frame, as_of: AsOf, are_there_others: bool) -> AnyView {
    if are_there_others {
        let all = routes::vulnerabilities(frame.scope, as_of).href();
        return view! {
            <Empty title="No vulnerability is like that">
                <p class="text-ink-2">"The filter hides every one of this group."</p>
                <a class="button" href=all>"Show all vulnerabilities"</a>
            </Empty>
        }
        .into_any();
    }
    let images = routes::images(frame.scope, as_of).with("sbom", "without").href();
    view! {
        <Empty title="Nothing is known to be wrong">
            <p class="text-ink-2 max-w-[36rem]">
                "Vulnerabilities come from reports beside images, and from matching SBOMs with a database that the operator gives. Without these, nobody can tell."
            </p>
            <a class="button" href=images>"Show the images without an SBOM"</a>
        </Empty>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headline_names_the_worst_and_never_more_than_there_is() {
        let counts = |critical, high, low| SeverityCounts {
            critical,
            high,
            low,
            ..SeverityCounts::default()
        };
        let now = |counts| headline("acme", AsOf::default(), &counts);
        assert_eq!(
            now(counts(2, 5, 10)),
            "2 critical and 5 high vulnerabilities run in acme, of 17"
        );
        assert_eq!(
            now(counts(0, 0, 3)),
            "Three vulnerabilities run in acme, none critical or high"
        );
        assert_eq!(now(counts(0, 1, 0)), "1 high vulnerability runs in acme");
        assert_eq!(now(counts(0, 0, 0)), "No vulnerability is known in acme");
    }
}
