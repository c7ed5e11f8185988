//! Where an image comes from: source, builder, image; and the images that belong with it.

use leptos::prelude::*;
use model::images::RelatedImage;

use super::detail::Shown;
use super::piece::Fate;
use super::provenance::{Build, Source, builds};
use crate::components::ImageName;
use crate::format;
use crate::ui::{Chip, Command, Empty, Glyph, Icon, card_head};

pub(super) fn show(shown: &Shown) -> AnyView {
    let builds = builds(&shown.detail.evidence);
    let cards = if builds.is_empty() {
        view! { <section class="card">{nothing(shown)}</section> }.into_any()
    } else {
        builds.into_iter().map(|(build, fate)| card(shown, build, fate)).collect_view().into_any()
    };
    view! {
        {cards}
        {related(shown)}
    }
    .into_any()
}

fn nothing(shown: &Shown) -> AnyView {
    let line = format!(
        "cosign attest --type slsaprovenance1 --predicate provenance.json {}",
        shown.image()
    );
    view! {
        <Empty title="Nobody attested how this image was built">
            <p class="text-ink-2 max-w-[36rem]">
                "SLSA provenance says it: from which source, by which builder. Many builders make one by themselves; otherwise:"
            </p>
            <Command line=line />
        </Empty>
    }
    .into_any()
}

fn card(shown: &Shown, build: Build, fate: Fate) -> AnyView {
    let (tone, icon, label) = fate.chip();
    let chip = view! { <Chip tone=tone icon=icon label=label /> }.into_any();
    let level = format!("Probably SLSA build level {}", build.level);
    let reasons = build.level_reasons.iter().map(|reason| view! { <li>{reason.clone()}</li> });
    let reasons = reasons.collect_view();
    let facts = [
        ("Build type", build.build_type.clone()),
        ("Invocation", build.invocation.clone()),
        ("Started", build.started_at.as_deref().map(moment)),
        ("Finished", build.finished_at.as_deref().map(moment)),
        ("Materials", (build.n_materials > 0).then(|| format::count(build.n_materials))),
    ];
    let facts = facts.into_iter().filter_map(|(label, value)| {
        value.map(|value| {
            view! {
                <dt class="quiet">{label}</dt>
                <dd>{value}</dd>
            }
        })
    });
    let facts = facts.collect_view();
    view! {
        <section class="card">
            {card_head("How it was built, as an attestation says", chip)}
            <div class="grid grid-cols-1 gap-4 px-4.5 pb-4.5 pt-1 wrap-anywhere">
                {diagram(shown, &build)}
                <div>
                    <h3>{level}</h3>
                    <p class="quiet">"An estimate by what it says, who signed it and what is known of the builder:"</p>
                    <ul class="list-disc pl-5">{reasons}</ul>
                </div>
                <dl class="facts">{facts}</dl>
            </div>
        </section>
    }
    .into_any()
}

/// A time that a builder wrote; as it is written where it is none.
fn moment(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), format::moment)
}

/// Source, builder and image as three boxes in a row: a list that is drawn.
fn diagram(shown: &Shown, build: &Build) -> AnyView {
    let image = shown.image();
    let source = match build.sources.first() {
        None => view! { <span class="quiet">"not said"</span> }.into_any(),
        Some(Source { uri, digest }) => {
            let digest =
                digest.clone().map(|digest| view! { <code class="text-ink-3">{digest}</code> });
            view! { <span class="grid"><code>{uri.clone()}</code> {digest}</span> }.into_any()
        }
    };
    let more = build.sources.len().saturating_sub(1);
    let more =
        (more > 0).then(|| view! { <span class="quiet">{format!("and {more} more")}</span> });
    let builder = match &build.builder {
        None => view! { <span class="quiet">"not said"</span> }.into_any(),
        Some(builder) => view! { <code>{builder.clone()}</code> }.into_any(),
    };
    let digest = format::digest_of(image);
    view! {
        <ol class="chain" aria-label="From source to image">
            <li>
                <span class="quiet">"Source"</span>
                {source}
                {more}
            </li>
            <li>
                <span class="quiet">"Builder"</span>
                {builder}
                <Glyph icon=Icon::ChevronRight />
            </li>
            <li>
                <span class="quiet">"Image"</span>
                <b>{format::image_name(image)}</b>
                <code class="text-ink-3">{digest}</code>
                <Glyph icon=Icon::ChevronRight />
            </li>
        </ol>
    }
    .into_any()
}

fn related(shown: &Shown) -> Option<AnyView> {
    let related = shown.detail.related.clone();
    let base = &shown.detail.summary.state.base;
    let is_base_listed = related.iter().any(|each| each.relation == "base");
    if related.is_empty() && base.is_empty() {
        return None;
    }
    let row = |RelatedImage { image, relation, is_known }: RelatedImage| {
        let name = if is_known {
            view! { <ImageName image=image scope=shown.frame.scope as_of=shown.as_of /> }.into_any()
        } else {
            view! {
                <b>{format::image_name(&image)}</b>
                <br />
                <code class="text-ink-3">{image.repository.to_string()} "@" {format::digest_of(&image)}</code>
                <span class="quiet">" has not run here"</span>
            }
            .into_any()
        };
        view! {
            <li>
                <span class="lead quiet">{relation_name(&relation)}</span>
                <div class="flex-1 min-w-[min(100%,16rem)] wrap-anywhere">{name}</div>
            </li>
        }
    };
    let rows = related.into_iter().map(row).collect_view();
    // A base without a digest is no image that could be looked up.
    let base = (!is_base_listed && !base.is_empty()).then(|| {
        view! {
            <li>
                <span class="lead quiet">"Built on"</span>
                <code class="flex-1">{base.clone()}</code>
            </li>
        }
    });
    Some(
        view! {
            <section class="card">
                {card_head("Images that belong with it", ().into_any())}
                <ul class="list">{rows} {base}</ul>
            </section>
        }
        .into_any(),
    )
}

fn relation_name(relation: &str) -> String {
    match relation {
        "base" => "Built on".to_owned(),
        "index" => "Index".to_owned(),
        other => other
            .strip_prefix("platform ")
            .map_or_else(|| other.to_owned(), |platform| format!("For {platform}")),
    }
}

#[cfg(test)]
mod tests {
    use super::relation_name;

    #[test]
    fn relations_read_as_words() {
        assert_eq!(relation_name("platform linux/arm64"), "For linux/arm64");
        assert_eq!(relation_name("base"), "Built on");
    }
}
