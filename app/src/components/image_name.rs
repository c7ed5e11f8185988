//! An image by name: the last word as a link, and in full below it.

use leptos::prelude::*;
use model::image::Image;

use crate::format;
use crate::routes::{self, AsOf, Scope};

/// The short name as a link to the image's page.
pub(crate) fn image_link(image: &Image, scope: Scope, as_of: AsOf) -> AnyView {
    let href = routes::image(scope, as_of, image).href();
    view! { <a class="name" href=href>{format::image_name(image)}</a> }.into_any()
}

/// The name with its repository and digest, as a cell of a table.
#[component]
pub(crate) fn ImageName(
    image: Image,
    scope: Scope,
    #[prop(optional)] as_of: AsOf,
) -> impl IntoView {
    view! {
        {image_link(&image, scope, as_of)}
        <br />
        <code class="text-ink-3">{image.repository.to_string()} "@" {format::digest_of(&image)}</code>
    }
}
