//! What packages are looked for by: read from the address, written into the form of both pages.

use leptos::prelude::*;
use model::packages::PackageFilter;

use crate::api::{ApiError, FieldError, error_for};
use crate::components::{FilterForm, MoreFields, moment_field};
use crate::layouts::Frame;
use crate::routes::{Address, Link};
use crate::ui::FilterField;

/// What the address asks for.
pub(super) fn read(address: &Address) -> PackageFilter {
    PackageFilter {
        text: address.text("text").trim().to_owned(),
        version: address.text("version").trim().to_owned(),
        licence: address.text("licence").trim().to_owned(),
        ecosystem: address.text("ecosystem").trim().to_lowercase(),
    }
}

/// The list's address with the same filter.
pub(super) fn link(list: Link, filter: &PackageFilter) -> Link {
    list.with("text", &filter.text)
        .with("version", &filter.version)
        .with("licence", &filter.licence)
        .with("ecosystem", &filter.ecosystem)
}

/// What came of a question: an answer, or what is wrong with its fields. Anything else that
/// went wrong is an error of the page.
pub(super) fn answered<T>(
    answer: Result<T, ApiError>,
) -> Result<Result<T, Vec<FieldError>>, ApiError> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(ApiError::Invalid(fields)) => Ok(Err(fields)),
        Err(other) => Err(other),
    }
}

/// The form, filled in as the address has it.
pub(super) fn form(
    frame: &Frame,
    (label, action): (&'static str, &'static str),
    filter: &PackageFilter,
    errors: &[FieldError],
    clear: Option<Link>,
) -> AnyView {
    let fields = view! {
        <FilterField name="licence" label="Licence" example="GPL" value=filter.licence.clone() />
        <FilterField name="ecosystem" label="Ecosystem" example="deb, npm, maven, golang" value=filter.ecosystem.clone() />
    };
    let text = filter.text.clone();
    let version = filter.version.clone();
    let wrong_text = error_for(errors, "text");
    let wrong_version = error_for(errors, "version");
    let moment = moment_field(frame, error_for(errors, "at"));
    let is_open = !filter.licence.is_empty() || !filter.ecosystem.is_empty();
    view! {
        <FilterForm
            label=label
            action=action
            scope=frame.scope
            clear=clear
            more=MoreFields { fields: fields.into_any(), is_open }
        >
            <FilterField name="text" label="Name or purl" example="log4j-core, pkg:npm/…" value=text error=wrong_text />
            <FilterField name="version" label="Version" example="<2.17.1" value=version error=wrong_version />
            {moment}
        </FilterForm>
    }
    .into_any()
}
