//! The files of an image, as its SBOMs list them: searched by a part of the path.

use leptos::prelude::*;
use model::page::PageRequest;

use super::detail::Shown;
use crate::api::{self, ApiError};
use crate::components::FilterForm;
use crate::format;
use crate::routes::ImageTab;
use crate::ui::{Column, Empty, FilterField, Table, card_head};

/// Paths that the page shows; a part of the path finds the others.
const MOST_ROWS: u32 = 50;

pub(super) async fn show(shown: &Shown) -> Result<Option<AnyView>, ApiError> {
    let n_files = shown.detail.summary.state.n_files;
    let text = shown.frame.address.text("file").trim().to_owned();
    if n_files == 0 && text.is_empty() {
        return Ok(None);
    }
    let (group, image, at) = (shown.frame.group.id, shown.image().clone(), shown.as_of.0);
    let request = PageRequest { after: None, limit: Some(MOST_ROWS) };
    let page = api::images::files(group, image, text.clone(), at, request).await?;
    let shown_of = match page.rows.len() {
        n if page.next.is_some() => {
            format!("The first {n} of {}", format::total(page.total, "file"))
        }
        _ => format::total(page.total, "file"),
    };
    let rows = if page.rows.is_empty() {
        let tab = shown.tab(ImageTab::Packages).href();
        view! {
            <Empty title="No file of this image is called that">
                <a class="button" href=tab>"Show all files"</a>
            </Empty>
        }
        .into_any()
    } else {
        let row = |path: String| view! { <tr><td class="wide"><code>{path}</code></td></tr> };
        let rows = page.rows.into_iter().map(row).collect_view();
        view! {
            <Table caption="Files of this image" columns=vec![Column::Text("Path")]>
                {rows}
            </Table>
            <p class="quiet px-3.5 py-2.5 border-t border-line">{shown_of}</p>
        }
        .into_any()
    };
    let form = form(shown, text);
    Ok(Some(
        view! {
            <section class="card" id="files">
                {card_head("Files, as its SBOMs list them", ().into_any())}
                {form}
                <div class="border-t border-line">{rows}</div>
            </section>
        }
        .into_any(),
    ))
}

fn form(shown: &Shown, text: String) -> AnyView {
    let tab = shown.tab(ImageTab::Packages);
    let fixed = vec![
        ("image", shown.image().to_string()),
        ("at", shown.as_of.0.map(|at| at.to_string()).unwrap_or_default()),
        ("tab", ImageTab::Packages.as_str().to_owned()),
    ];
    let clear = (!text.is_empty()).then_some(tab);
    view! {
        <FilterForm
            label="Find files of this image"
            action="/images/one"
            scope=shown.frame.scope
            fixed=fixed
            clear=clear
        >
            <FilterField name="file" label="Path" example="log4j-core, or /usr/bin/ssh" value=text />
        </FilterForm>
    }
    .into_any()
}
