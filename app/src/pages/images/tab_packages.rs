//! What an image is made of, as its SBOMs say: searched, copied, and taken away.

use leptos::prelude::*;
use model::images::ImageState;
use model::packages::{Package, PackageFilter};

use super::detail::Shown;
use crate::api::{self, ApiError};
use crate::components::FilterForm;
use crate::routes::{self, ImageTab};
use crate::ui::{
    Column, Command, Copyable, Empty, FilterField, Glyph, Icon, Pager, Table, card_head,
};

pub(super) async fn show(shown: &Shown) -> Result<AnyView, ApiError> {
    let address = &shown.frame.address;
    let filter = PackageFilter {
        text: address.text("text").trim().to_owned(),
        licence: address.text("licence").trim().to_owned(),
        ..PackageFilter::default()
    };
    let (group, image, at) = (shown.frame.group.id, shown.image().clone(), shown.as_of.0);
    let page = api::images::packages(group, image, filter.clone(), at, address.page()).await?;
    let is_narrowed = filter != PackageFilter::default();
    let files = super::files::show(shown).await?;
    if page.rows.is_empty() && !is_narrowed {
        let nothing = nothing(shown);
        return Ok(view! { <section class="card">{nothing}</section> {files} }.into_any());
    }
    let tab = shown.tab(ImageTab::Packages);
    let list = tab.clone().with("text", &filter.text).with("licence", &filter.licence);
    let form = form(shown, &filter, is_narrowed);
    let rows = if page.rows.is_empty() {
        view! {
            <Empty title="No package of this image is like that">
                <p class="text-ink-2">"The filter hides every one of them."</p>
                <a class="button" href=tab.href()>"Show all packages"</a>
            </Empty>
        }
        .into_any()
    } else {
        let rows = page.rows.into_iter().map(|package| row(shown, package)).collect_view();
        view! {
            <Table caption="Packages of this image" columns=columns()>
                {rows}
            </Table>
            <Pager total=page.total noun="package" next=page.next list=list address=address.clone() />
        }
        .into_any()
    };
    Ok(view! {
        <section class="card">
            {card_head(heading(&shown.detail.summary.state), exports(shown))}
            {form}
            <div class="border-t border-line">{rows}</div>
        </section>
        {files}
    }
    .into_any())
}

fn form(shown: &Shown, filter: &PackageFilter, is_narrowed: bool) -> AnyView {
    let tab = shown.tab(ImageTab::Packages);
    let fixed = vec![
        ("image", shown.image().to_string()),
        ("at", shown.as_of.0.map(|at| at.to_string()).unwrap_or_default()),
        ("tab", ImageTab::Packages.as_str().to_owned()),
    ];
    let (text, licence) = (filter.text.clone(), filter.licence.clone());
    view! {
        <FilterForm
            label="Find packages of this image"
            action="/images/one"
            scope=shown.frame.scope
            fixed=fixed
            clear=is_narrowed.then_some(tab)
        >
            <FilterField name="text" label="Name or purl" example="openssl, or pkg:deb/…" value=text />
            <FilterField name="licence" label="Licence" example="GPL" value=licence />
        </FilterForm>
    }
    .into_any()
}

/// Whose word it is.
fn heading(state: &ImageState) -> String {
    match (state.n_sboms, state.generated_by.as_str()) {
        (0, by) if !by.is_empty() => format!("Packages, as {by} found them here"),
        (_, _) => "Packages, as its SBOMs say".to_owned(),
    }
}

fn exports(shown: &Shown) -> AnyView {
    let link = |format: &'static str, label: &'static str| {
        let href = routes::sbom(shown.frame.scope, shown.image(), format).href();
        view! {
            <a class="button small" href=href download="">
                <Glyph icon=Icon::Download />
                {label}
            </a>
        }
    };
    view! {
        <span class="flex flex-wrap gap-2">
            {link("spdx", "SPDX")} {link("cyclonedx", "CycloneDX")}
        </span>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::Text("Name"),
        Column::Text("Version"),
        Column::Text("Licence"),
        Column::Text("Kind"),
        Column::Text("Purl"),
    ]
}

fn row(shown: &Shown, package: Package) -> AnyView {
    let filter = routes::exactly(&package);
    let href = routes::holders(shown.frame.scope, shown.as_of, &filter).href();
    let or_not_said = |text: String| match text.as_str() {
        "" => view! { <span class="quiet">"not said"</span> }.into_any(),
        _ => text.into_any(),
    };
    let purl = match package.purl.as_str() {
        "" => view! { <span class="quiet">"none"</span> }.into_any(),
        _ => {
            let what = format!("the purl of {}", package.name);
            view! { <Copyable text=package.purl.clone() what=what /> }.into_any()
        }
    };
    view! {
        <tr>
            <td><a class="name" href=href>{package.name}</a></td>
            <td><code>{package.version}</code></td>
            <td>{or_not_said(package.licences)}</td>
            <td class="text-ink-2">{package.kind}</td>
            <td class="wide">{purl}</td>
        </tr>
    }
    .into_any()
}

fn nothing(shown: &Shown) -> AnyView {
    if shown.detail.summary.state.n_sboms > 0 {
        let evidence = shown.tab(ImageTab::Evidence).href();
        return view! {
            <Empty title="Its SBOM lists no packages">
                <p class="text-ink-2">"Or it could not be read: the evidence tab says which."</p>
                <a class="button" href=evidence>"Go to the evidence"</a>
            </Empty>
        }
        .into_any();
    }
    let line =
        format!("cosign attest --type cyclonedx --predicate sbom.cdx.json {}", shown.image());
    view! {
        <Empty title="Nobody said what this image is made of">
            <p class="text-ink-2">"There is no SBOM beside it. To attest one:"</p>
            <Command line=line />
        </Empty>
    }
    .into_any()
}
