//! Where packages run: the images that hold them, and the clusters, now or at a time.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::clusters::NamedCluster;
use model::packages::PackageFilter;
use model::vulnerabilities::HoldingImage;

use super::filter;
use crate::api::{self, FieldError};
use crate::components::{ImageName, asked_moment, moment_notice};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, AsOf, ClusterTab, Scope};
use crate::ui::{Column, Empty, PageHead, Table};

#[component]
pub(crate) fn HoldersPage() -> impl IntoView {
    framed(Section::Packages, |frame: Frame| async move {
        let filter = filter::read(&frame.address);
        let (as_of, wrong) = asked_moment(&frame);
        let answer = match wrong {
            Some(message) => Err(vec![FieldError { field: "at".to_owned(), message }]),
            // Nothing was asked yet, which is no mistake.
            None if filter.text.is_empty() && filter.version.is_empty() => Err(Vec::new()),
            None => {
                let asked = api::packages::holders(frame.group.id, filter.clone(), as_of.0);
                filter::answered(asked.await)?
            }
        };
        let link = routes::packages(frame.scope, as_of);
        let screen = Screen::new("Where it runs", body(&frame, filter, as_of, answer));
        Ok(screen.below("Packages", link))
    })
}

fn body(
    frame: &Frame,
    filter: PackageFilter,
    as_of: AsOf,
    answer: Result<Vec<HoldingImage>, Vec<FieldError>>,
) -> AnyView {
    let errors = answer.as_ref().err().cloned().unwrap_or_default();
    let clear = routes::holders(frame.scope, AsOf::default(), &PackageFilter::default());
    let now = routes::holders(frame.scope, AsOf::default(), &filter);
    let about = ("Find where a package runs", "/packages/where");
    let form = filter::form(frame, about, &filter, &errors, Some(clear));
    let (title, rows) = match answer {
        Err(errors) => ("Where a package runs".to_owned(), unasked(errors.is_empty())),
        Ok(found) => (headline(&filter, as_of, &found), rows(frame, &filter, as_of, found)),
    };
    view! {
        <PageHead title=title />
        {moment_notice(as_of, &now)}
        <section class="card">{form}</section>
        <section class="card">{rows}</section>
    }
    .into_any()
}

/// "log4j-core <2.17.1 runs in 3 images in 2 clusters".
fn headline(filter: &PackageFilter, as_of: AsOf, found: &[HoldingImage]) -> String {
    let what = format!("{} {}", filter.text, filter.version);
    let what = what.trim();
    let images: BTreeSet<_> = found.iter().map(|each| &each.image).collect();
    let clusters: BTreeSet<_> = found.iter().flat_map(|each| &each.clusters).collect();
    let n = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let (verb, nowhere) = match as_of.0 {
        Some(_) => ("ran", "ran nowhere"),
        None => ("runs", "runs nowhere"),
    };
    if images.is_empty() {
        return format!("{what} {nowhere}, as far as SBOMs say");
    }
    format!(
        "{what} {verb} in {} in {}",
        format::counted(n(images.len()), "image"),
        format::counted(n(clusters.len()), "cluster")
    )
}

fn rows(frame: &Frame, filter: &PackageFilter, as_of: AsOf, found: Vec<HoldingImage>) -> AnyView {
    if found.is_empty() {
        let without = routes::images(frame.scope, as_of).with("sbom", "without").href();
        let list = filter::link(routes::packages(frame.scope, as_of), filter).href();
        return view! {
            <Empty title="No image holds it">
                <p class="text-ink-2 max-w-[34rem]">
                    "That is what SBOMs say; images without one may hold it all the same."
                </p>
                <span class="flex flex-wrap gap-2 justify-center">
                    <a class="button" href=without>"Show the images without an SBOM"</a>
                    <a class="button" href=list>"Back to the packages"</a>
                </span>
            </Empty>
        }
        .into_any();
    }
    let columns = vec![
        Column::Text("Image"),
        Column::Text("Package"),
        Column::Text("Version"),
        Column::Text("Clusters"),
    ];
    let scope = frame.scope;
    let row = |holding: HoldingImage| {
        let HoldingImage { image, package, version, clusters } = holding;
        view! {
            <tr>
                <td class="wide"><ImageName image=image scope=frame.scope as_of=as_of /></td>
                <td>{package}</td>
                <td><code>{version}</code></td>
                <td class="wide">{running_in(scope, clusters)}</td>
            </tr>
        }
    };
    let rows = found.into_iter().map(row).collect_view();
    view! {
        <Table caption="Images that hold it" columns=columns>
            {rows}
        </Table>
    }
    .into_any()
}

/// Each cluster as a link to what it runs.
fn running_in(scope: Scope, clusters: Vec<NamedCluster>) -> AnyView {
    let links = clusters.into_iter().enumerate().map(|(place, NamedCluster { id, name })| {
        let href = routes::cluster_tab(scope, id, ClusterTab::Images).href();
        let comma = (place > 0).then_some(", ");
        view! { {comma} <a class="hover:underline" href=href>{name}</a> }
    });
    links.collect_view().into_any()
}

fn unasked(is_blank: bool) -> AnyView {
    let title = if is_blank { "Which package?" } else { "Nothing was looked for" };
    let hint = if is_blank {
        "Name one above, with a range of versions if you like, and a date for the past."
    } else {
        "Mend the field above, then ask again."
    };
    view! {
        <Empty title=title>
            <p class="text-ink-2">{hint}</p>
        </Empty>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use model::digest::Digest;
    use model::id::{ClusterId, Suid};

    use super::*;

    fn cluster(name: &str) -> NamedCluster {
        NamedCluster { id: ClusterId(Suid::from_column(1)), name: name.to_owned() }
    }

    fn holding(name: &str, version: &str, clusters: &[&str]) -> HoldingImage {
        HoldingImage {
            image: format!("a.test/{name}@{}", Digest::of(name.as_bytes())).parse().unwrap(),
            package: "log4j-core".to_owned(),
            version: version.to_owned(),
            clusters: clusters.iter().map(|name| cluster(name)).collect(),
        }
    }

    #[test]
    fn the_headline_counts_images_and_clusters_once() {
        let filter = PackageFilter {
            text: "log4j-core".to_owned(),
            version: "<2.17.1".to_owned(),
            ..PackageFilter::default()
        };
        let found = [
            holding("api", "2.14.0", &["prod", "edge"]),
            holding("api", "2.16.0", &["prod", "edge"]),
            holding("web", "2.14.0", &["prod"]),
        ];
        let now = headline(&filter, AsOf::default(), &found);
        assert_eq!(now, "log4j-core <2.17.1 runs in 2 images in 2 clusters");
        let then = AsOf("2026-03-03T23:59:59Z".parse().ok());
        let nowhere = headline(&filter, then, &[]);
        assert_eq!(nowhere, "log4j-core <2.17.1 ran nowhere, as far as SBOMs say");
    }
}
