//! The list of packages: what everything that runs is made of.

use leptos::prelude::*;
use model::packages::{PackageFilter, PackageSummary};
use model::page::Page;

use super::filter;
use crate::api::{self, FieldError};
use crate::components::{SeverityLine, asked_moment, clearing, moment_notice};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, AsOf};
use crate::ui::{Column, Empty, PageHead, Pager, Table};

#[component]
pub(crate) fn PackagesPage() -> impl IntoView {
    framed(Section::Packages, |frame: Frame| async move {
        let filter = filter::read(&frame.address);
        let (as_of, wrong) = asked_moment(&frame);
        let answer = match wrong {
            None => {
                let page = frame.address.page();
                let asked = api::packages::packages(frame.group.id, filter.clone(), as_of.0, page);
                filter::answered(asked.await)?
            }
            Some(message) => Err(vec![FieldError { field: "at".to_owned(), message }]),
        };
        Ok(Screen::new("Packages", body(&frame, filter, as_of, answer)))
    })
}

fn body(
    frame: &Frame,
    filter: PackageFilter,
    as_of: AsOf,
    answer: Result<Page<PackageSummary>, Vec<FieldError>>,
) -> AnyView {
    let scope = frame.scope;
    let is_narrowed = filter != PackageFilter::default();
    let all = routes::packages(scope, AsOf::default());
    let clear = clearing(frame, is_narrowed, &all);
    let now = filter::link(all, &filter);
    let errors = answer.as_ref().err().cloned().unwrap_or_default();
    let form = filter::form(frame, ("Find packages", "/packages"), &filter, &errors, clear);
    let (title, rows) = match answer {
        Err(_) => ("Packages: one field cannot be read".to_owned(), wrong()),
        Ok(page) => {
            let title = headline(frame, is_narrowed, as_of, page.total);
            (title, rows(frame, &filter, as_of, page))
        }
    };
    view! {
        <PageHead title=title />
        {moment_notice(as_of, &now)}
        <section class="card">{form}</section>
        <section class="card">{rows}</section>
    }
    .into_any()
}

fn headline(frame: &Frame, is_narrowed: bool, as_of: AsOf, total: u64) -> String {
    let count = format::opening_total(total, "package");
    let what = if is_narrowed { " like that" } else { "" };
    let verb = match (as_of.0, total) {
        (Some(_), 1) => "was",
        (Some(_), _) => "were",
        (None, 1) => "is",
        (None, _) => "are",
    };
    format!("{count}{what} {verb} in what runs in {}", frame.group.name())
}

fn rows(frame: &Frame, filter: &PackageFilter, as_of: AsOf, page: Page<PackageSummary>) -> AnyView {
    if page.rows.is_empty() {
        return nothing(frame, filter, as_of);
    }
    let list = filter::link(routes::packages(frame.scope, as_of), filter);
    let caption = format!("Packages in {}", frame.group.name_path());
    let where_all = (!filter.text.is_empty()).then(|| {
        let href = routes::holders(frame.scope, as_of, filter).href();
        view! {
            <p class="px-3.5 py-2.5 border-b border-line">
                <a class="link" href=href>"Which images hold any of these, and where they run"</a>
            </p>
        }
    });
    let rows = page.rows.into_iter().map(|package| row(frame, as_of, package)).collect_view();
    view! {
        {where_all}
        <Table caption=caption columns=columns()>
            {rows}
        </Table>
        <Pager total=page.total noun="package" next=page.next list=list address=frame.address.clone() />
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::Text("Name"),
        Column::Text("Version"),
        Column::Text("Ecosystem"),
        Column::Text("Licence"),
        Column::Number("Images"),
        Column::Number("Clusters"),
        Column::Text("Vulnerabilities"),
    ]
}

fn row(frame: &Frame, as_of: AsOf, summary: PackageSummary) -> AnyView {
    let PackageSummary { package, n_images, n_clusters, vulnerabilities } = summary;
    let href = routes::holders(frame.scope, as_of, &routes::exactly(&package)).href();
    let or_not_said = |text: String| match text.as_str() {
        "" => view! { <span class="quiet">"not said"</span> }.into_any(),
        _ => text.into_any(),
    };
    let known = match vulnerabilities.total() {
        0 => view! { <span class="quiet">"none known"</span> }.into_any(),
        _ => view! { <SeverityLine counts=vulnerabilities /> }.into_any(),
    };
    view! {
        <tr>
            <td><a class="name" href=href title=package.purl>{package.name}</a></td>
            <td><code>{package.version}</code></td>
            <td>{or_not_said(package.ecosystem)}</td>
            <td>{or_not_said(package.licences)}</td>
            <td class="num">{format::count(n_images)}</td>
            <td class="num">{format::count(n_clusters)}</td>
            <td>{known}</td>
        </tr>
    }
    .into_any()
}

/// What stands in place of rows where a field is not filled in as it should be.
fn wrong() -> AnyView {
    view! {
        <Empty title="Nothing was looked for">
            <p class="text-ink-2">"Mend the field above, then ask again."</p>
        </Empty>
    }
    .into_any()
}

fn nothing(frame: &Frame, filter: &PackageFilter, as_of: AsOf) -> AnyView {
    if *filter != PackageFilter::default() {
        let all = routes::packages(frame.scope, as_of).href();
        return view! {
            <Empty title="No package is like that">
                <p class="text-ink-2">"Nothing that runs holds one, as far as SBOMs say."</p>
                <a class="button" href=all>"Show all packages"</a>
            </Empty>
        }
        .into_any();
    }
    let images = routes::images(frame.scope, as_of).with("sbom", "without").href();
    view! {
        <Empty title="No SBOM says what runs">
            <p class="text-ink-2 max-w-[34rem]">
                "Packages come from SBOMs beside images. Attest one, and its packages are here after the next look-up."
            </p>
            <a class="button" href=images>"Show the images without an SBOM"</a>
        </Empty>
    }
    .into_any()
}
