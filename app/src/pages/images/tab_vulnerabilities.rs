//! What is known to be wrong with an image; what a VEX statement excuses comes last.

use leptos::prelude::*;
use model::vulnerabilities::VulnerabilitySummary;

use super::detail::Shown;
use crate::api::{self, ApiError};
use crate::components::{vulnerability_columns, vulnerability_row};
use crate::format;
use crate::routes::ImageTab;
use crate::ui::{Column, Empty, Table, card_head};

/// Rows that the page shows, the worst first; more would help nobody.
const MOST_ROWS: usize = 500;

pub(super) async fn show(shown: &Shown) -> Result<AnyView, ApiError> {
    let (group, image, at) = (shown.frame.group.id, shown.image().clone(), shown.as_of.0);
    let found = api::images::vulnerabilities(group, image, at).await?;
    let (open, excused): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, excuse)| excuse.is_empty());
    let are_excused = !excused.is_empty();
    let excused_card = are_excused.then(|| {
        let columns = vulnerability_columns([Column::Text("Because")]);
        let rows =
            excused.into_iter().take(MOST_ROWS).map(|(summary, excuse)| row(summary, Some(excuse)));
        view! {
            <section class="card">
                {card_head("Excused by a VEX statement", ().into_any())}
                <Table caption="Vulnerabilities that do not apply" columns=columns>
                    {rows.collect_view()}
                </Table>
            </section>
        }
    });
    let total = open.len();
    let rows = if total == 0 {
        nothing(shown, are_excused)
    } else {
        let rows = open.into_iter().take(MOST_ROWS).map(|(summary, _)| row(summary, None));
        view! {
            <Table caption="Vulnerabilities of this image" columns=vulnerability_columns([])>
                {rows.collect_view()}
            </Table>
            <p class="quiet px-3.5 py-2.5 border-t border-line">{counted(total)}</p>
        }
        .into_any()
    };
    Ok(view! {
        <section class="card">{rows}</section>
        {excused_card}
    }
    .into_any())
}

fn counted(total: usize) -> String {
    let all = format::counted(u64::try_from(total).unwrap_or(u64::MAX), "vulnerability");
    if total > MOST_ROWS { format!("The worst {MOST_ROWS} of {all}") } else { all }
}

fn row(summary: VulnerabilitySummary, excuse: Option<String>) -> AnyView {
    let id = view! { <b>{summary.id.clone()}</b> }.into_any();
    let because = excuse.map(|excuse| view! { <td class="wide">{excuse}</td> });
    vulnerability_row(id, summary, because.into_any())
}

fn nothing(shown: &Shown, are_excused: bool) -> AnyView {
    if are_excused {
        return view! {
            <Empty title="Nothing is left that applies">
                <p class="text-ink-2">"A signed VEX statement excuses all that is known, below."</p>
            </Empty>
        }
        .into_any();
    }
    if shown.detail.summary.state.n_sboms == 0 {
        let packages = shown.tab(ImageTab::Packages).href();
        return view! {
            <Empty title="Not known">
                <p class="text-ink-2 max-w-[34rem]">
                    "Without an SBOM or a report nobody can tell what is wrong with this image. That is not the same as nothing."
                </p>
                <a class="button" href=packages>"How to attest an SBOM"</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty title="No vulnerability is known">
            <p class="text-ink-2">"Neither a report nor the operator's database names one for its packages."</p>
        </Empty>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn a_cut_list_says_so() {
        assert_eq!(counted(1), "1 vulnerability");
        assert_eq!(counted(1_204), "The worst 500 of 1,204 vulnerabilities");
    }
}
