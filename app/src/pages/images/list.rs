//! The list of images: what runs, what policy says of each, and what is known of it.

use leptos::prelude::*;
use model::images::{ImageFilter, ImageState, ImageSummary};
use model::page::Page;
use model::verdict::Outcome;

use super::filter;
use crate::api;
use crate::components::{
    ImageName, OutcomeChip, SeverityLine, asked_moment, clearing, moment_notice,
};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, AsOf};
use crate::ui::{Ago, Column, Empty, PageHead, Pager, Since, Table};

#[component]
pub(crate) fn ImagesPage() -> impl IntoView {
    framed(Section::Images, |frame: Frame| async move {
        let filter = filter::read(&frame.address);
        let (as_of, wrong) = asked_moment(&frame);
        let page = match &wrong {
            None => {
                let page = frame.address.page();
                api::images::images(frame.group.id, filter.clone(), as_of.0, page).await?
            }
            // No rows rather than those of another moment than was meant.
            Some(_) => Page { rows: Vec::new(), next: None, total: 0 },
        };
        let title = match &wrong {
            None => headline(&frame, &filter, as_of, &page),
            Some(_) => "Images at no known time".to_owned(),
        };
        Ok(Screen::new("Images", body(&frame, filter, (as_of, wrong), title, page)))
    })
}

fn headline(frame: &Frame, filter: &ImageFilter, as_of: AsOf, page: &Page<ImageSummary>) -> String {
    let count = format::opening_total(page.total, "image");
    let is_one = page.total == 1;
    let verb = match (as_of.0, is_one) {
        (Some(_), _) => "ran",
        (None, true) => "runs",
        (None, false) => "run",
    };
    let what = if *filter == ImageFilter::default() { "" } else { " of that kind" };
    let sentence = format!("{count}{what} {verb} in {}", frame.group.name());
    // Only what is all in sight is counted: a part would be taken for the whole.
    if page.next.is_some() || frame.address.has("after") || page.rows.is_empty() {
        return sentence;
    }
    let n = |outcome: Outcome| page.rows.iter().filter(|row| row.worst == Some(outcome)).count();
    let counted = |number: usize, word: &str| (number > 0).then(|| format!("{number} {word}"));
    let parts: Vec<String> = [
        counted(n(Outcome::Fail), "failing"),
        counted(n(Outcome::Warn), "warned"),
        counted(n(Outcome::CouldNotCheck), "not checked"),
    ]
    .into_iter()
    .flatten()
    .collect();
    match parts.is_empty() {
        true => format!("{sentence}, none failing"),
        false => format!("{sentence}, {}", parts.join(", ")),
    }
}

fn body(
    frame: &Frame,
    filter: ImageFilter,
    (as_of, wrong): (AsOf, Option<String>),
    title: String,
    page: Page<ImageSummary>,
) -> AnyView {
    let scope = frame.scope;
    let is_narrowed = filter != ImageFilter::default();
    let all = routes::images(scope, AsOf::default());
    let clear = clearing(frame, is_narrowed, &all);
    let now = filter::link(all, &filter);
    let list = filter::link(routes::images(scope, as_of), &filter);
    let is_wrong = wrong.is_some();
    let form = filter::form(frame, &filter, wrong, clear.clone());
    let rows = if page.rows.is_empty() {
        nothing(frame, is_narrowed, as_of, is_wrong)
    } else {
        let caption = format!("Images in {}", frame.group.name_path());
        let rows = page.rows.into_iter().map(|image| row(frame, as_of, image)).collect_view();
        view! {
            <Table caption=caption columns=columns()>
                {rows}
            </Table>
            <Pager total=page.total noun="image" next=page.next list=list address=frame.address.clone() />
        }
        .into_any()
    };
    view! {
        <PageHead title=title />
        {moment_notice(as_of, &now)}
        <section class="card">{form}</section>
        <section class="card">{rows}</section>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::Text("Image"),
        Column::Text("Outcome"),
        Column::Text("Signed by"),
        Column::Number("SBOM"),
        Column::Text("Vulnerabilities"),
        Column::Number("Built"),
        Column::Number("Runs in"),
    ]
}

fn row(frame: &Frame, as_of: AsOf, summary: ImageSummary) -> AnyView {
    let ImageSummary { image, state, worst, n_clusters, n_workloads, since } = summary;
    let moment = as_of.or(frame.now);
    let built = match state.created_at {
        Some(at) => view! { <Ago now=frame.now at=at /> }.into_any(),
        None => view! { <span class="quiet">"not said"</span> }.into_any(),
    };
    view! {
        <tr>
            <td class="wide"><ImageName image=image scope=frame.scope as_of=as_of /></td>
            <td><OutcomeChip outcome=worst /></td>
            <td class="wide">{signed_by(&state)}</td>
            <td class="num">{sbom(&state)}</td>
            <td>{vulnerabilities(&state)}</td>
            <td class="num">{built}</td>
            <td class="num">
                {format::counted(n_clusters, "cluster")}
                <br />
                <span class="quiet">
                    {format::counted(n_workloads, "workload")} " " <Since now=moment at=since />
                </span>
            </td>
        </tr>
    }
    .into_any()
}

/// Who signed, and the three ways of knowing nobody.
fn signed_by(state: &ImageState) -> AnyView {
    let others = state.signers.len().saturating_sub(1);
    let Some(signer) = state.signers.first() else {
        let sentence = if state.n_signatures > 0 {
            format!("{}, none accepted", format::counted(state.n_signatures, "signature"))
        } else if state.n_unanswered > 0 {
            "not known: no answer".to_owned()
        } else {
            "nobody".to_owned()
        };
        return view! { <span class="quiet">{sentence}</span> }.into_any();
    };
    let (subject, _) = signer.split_once(" by ").unwrap_or((signer, ""));
    let (who, of) = shortened(subject);
    let more = (others > 0).then(|| format!(" and {others} more"));
    view! {
        <span title=signer.clone()>
            <code>{who}</code>
            {more}
            <br />
            <span class="quiet">{of}</span>
        </span>
    }
    .into_any()
}

/// A workflow as its file and branch, and the repository it is of; anybody else as they are.
fn shortened(subject: &str) -> (String, String) {
    match subject.split_once("/.github/workflows/") {
        Some((repository, workflow)) => {
            let workflow = workflow.replacen("@refs/heads/", "@", 1);
            let repository = repository.split_once("://").map_or(repository, |(_, rest)| rest);
            (workflow, repository.to_owned())
        }
        None => (subject.to_owned(), String::new()),
    }
}

fn sbom(state: &ImageState) -> AnyView {
    let whose = match (state.n_sboms, state.generated_by.is_empty()) {
        (0, true) => return view! { <span class="quiet">"none"</span> }.into_any(),
        (0, false) => "generated".to_owned(),
        (shipped, _) => format::counted(shipped, "SBOM"),
    };
    view! {
        {format::counted(state.n_packages, "package")}
        <br />
        <span class="quiet">{whose}</span>
    }
    .into_any()
}

fn vulnerabilities(state: &ImageState) -> AnyView {
    if state.vulnerabilities.total() > 0 {
        return view! { <SeverityLine counts=state.vulnerabilities /> }.into_any();
    }
    let sentence = match (state.n_excused, state.n_sboms, state.generated_by.is_empty()) {
        (0, 0, true) => "not known: no SBOM",
        (0, _, _) => "none known",
        (_, _, _) => "none applies",
    };
    view! { <span class="quiet">{sentence}</span> }.into_any()
}

fn nothing(frame: &Frame, is_narrowed: bool, as_of: AsOf, is_wrong: bool) -> AnyView {
    let all = routes::images(frame.scope, as_of).href();
    let connect = routes::new_cluster(frame.scope).href();
    if is_wrong {
        return view! {
            <Empty title="That is no time to look at">
                <p class="text-ink-2">"Mend the field above, or leave it empty for now."</p>
            </Empty>
        }
        .into_any();
    }
    if is_narrowed {
        return view! {
            <Empty title="No image is like that">
                <p class="text-ink-2">"The filter hides every image of this group."</p>
                <a class="button" href=all>"Show all images"</a>
            </Empty>
        }
        .into_any();
    }
    if as_of.0.is_some() {
        let now = routes::images(frame.scope, AsOf::default()).href();
        return view! {
            <Empty title="Nothing is known to have run then">
                <p class="text-ink-2">"No cluster of this group had reported anything by that time."</p>
                <a class="button" href=now>"Show what runs now"</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty title=format!("No image of {} is known yet", frame.group.name())>
            <p class="text-ink-2 max-w-[34rem]">
                "Images appear with the first report of a cluster, once their registries were asked."
            </p>
            <a class="button primary" href=connect>"Connect a cluster"</a>
        </Empty>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_workflow_is_its_file_first_and_a_person_is_left_whole() {
        let workflow = "https://github.com/acme/api/.github/workflows/release.yaml@refs/heads/main";
        let (who, of) = shortened(workflow);
        assert_eq!((who.as_str(), of.as_str()), ("release.yaml@main", "github.com/acme/api"));
        assert_eq!(shortened("me@acme.org"), ("me@acme.org".to_owned(), String::new()));
    }
}
