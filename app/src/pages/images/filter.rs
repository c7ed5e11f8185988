//! What the list of images is narrowed by: read from the address, written into its form.

use leptos::prelude::*;
use model::images::ImageFilter;

use crate::components::{FilterForm, MoreFields, either_options, moment_field, read_either};
use crate::layouts::Frame;
use crate::routes::{Address, Link};
use crate::ui::{FilterField, SelectField};

/// What the address narrows the list by.
pub(super) fn read(address: &Address) -> ImageFilter {
    ImageFilter {
        text: address.text("text").trim().to_owned(),
        signer: address.text("signer").trim().to_owned(),
        builder: address.text("builder").trim().to_owned(),
        base: address.text("base").trim().to_owned(),
        has_sbom: read_either(&address.text("sbom")),
        is_signed: read_either(&address.text("signed")),
        older_than_days: address.text("older").trim().parse().ok(),
        file: address.text("file").trim().to_owned(),
    }
}

/// The list's address with the same filter.
pub(super) fn link(list: Link, filter: &ImageFilter) -> Link {
    let either = |chosen: Option<bool>| match chosen {
        Some(true) => "with",
        Some(false) => "without",
        None => "",
    };
    let days = filter.older_than_days.map(|days| days.to_string()).unwrap_or_default();
    list.with("text", &filter.text)
        .with("signer", &filter.signer)
        .with("builder", &filter.builder)
        .with("base", &filter.base)
        .with("sbom", either(filter.has_sbom))
        .with("signed", either(filter.is_signed))
        .with("older", days)
        .with("file", &filter.file)
}

/// The form, filled in as the address has it.
pub(super) fn form(
    frame: &Frame,
    filter: &ImageFilter,
    wrong_moment: Option<String>,
    clear: Option<Link>,
) -> AnyView {
    let address = &frame.address;
    let is_open = *filter != ImageFilter { text: filter.text.clone(), ..ImageFilter::default() };
    let (text, moment) = (address.text("text"), moment_field(frame, wrong_moment));
    let fields = view! {
        <FilterField name="signer" label="Signed by" example="release.yaml" value=address.text("signer") />
        <FilterField name="builder" label="Built by" example="github.com" value=address.text("builder") />
        <FilterField name="base" label="Base image" example="debian" value=address.text("base") />
        <FilterField name="file" label="Holds a file" example="log4j-core" value=address.text("file") />
        <SelectField name="signed" label="Signature" options=either_options(filter.is_signed) error=None />
        <SelectField name="sbom" label="SBOM" options=either_options(filter.has_sbom) error=None />
        <FilterField name="older" label="Built at least … days ago" example="30" value=address.text("older") error=wrong_days(&address.text("older")) />
    };
    view! {
        <FilterForm
            label="Find images"
            action="/images"
            scope=frame.scope
            clear=clear
            more=MoreFields { fields: fields.into_any(), is_open: is_open || !address.text("older").is_empty() }
        >
            <FilterField name="text" label="Image" example="payments, or sha256:…" value=text />
            {moment}
        </FilterForm>
    }
    .into_any()
}

/// What is wrong with a number of days.
fn wrong_days(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.parse::<u32>().is_err())
        .then(|| "Write a whole number, such as 30.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::{self, AsOf, Scope};

    #[test]
    fn a_filter_is_carried_on_in_the_address() {
        let filter = ImageFilter {
            text: "pay".to_owned(),
            has_sbom: Some(false),
            older_than_days: Some(30),
            ..ImageFilter::default()
        };
        let list = routes::images(Scope::default(), AsOf::default());
        assert_eq!(link(list, &filter).href(), "/images?text=pay&sbom=without&older=30");
    }

    #[test]
    fn a_number_of_days_is_whole() {
        assert!(wrong_days("-1").is_some() && wrong_days("a month").is_some());
        assert!(wrong_days("").is_none() && wrong_days(" 30 ").is_none());
    }
}
