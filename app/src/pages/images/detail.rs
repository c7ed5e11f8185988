//! One image: what it is, and seven views of it.

use leptos::prelude::*;
use model::image::Image;
use model::images::{ImageDetail, ImageVerdict};

use super::headline::headline;
use super::{
    cards, tab_evidence, tab_packages, tab_provenance, tab_runs_in, tab_timeline, tab_verdicts,
    tab_vulnerabilities,
};
use crate::api::{self, ApiError, FieldError};
use crate::components::{OutcomeChip, moment_notice};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, AsOf, ImageTab, Link, Standing};
use crate::ui::{Choice, Icon, Notice, PageHead, Tabs, Tone};

/// What every view of an image is given.
pub(super) struct Shown {
    pub(super) frame: Frame,
    pub(super) as_of: AsOf,
    pub(super) detail: ImageDetail,
}

impl Shown {
    pub(super) const fn image(&self) -> &Image {
        &self.detail.summary.image
    }

    /// The address of a view of it.
    pub(super) fn tab(&self, tab: ImageTab) -> Link {
        routes::image_tab(self.frame.scope, self.as_of, self.image(), tab)
    }

    /// The verdicts that hold at the moment asked about.
    pub(super) fn verdicts(&self) -> Vec<&ImageVerdict> {
        let holds = |verdict: &&ImageVerdict| {
            self.as_of.standing(verdict.since, verdict.until) == Standing::Holds
        };
        self.detail.verdicts.iter().filter(holds).collect()
    }
}

#[component]
pub(crate) fn ImagePage() -> impl IntoView {
    framed(Section::Images, |frame: Frame| async move {
        let image: Image = frame.address.parsed("image").ok_or(ApiError::NotFound)?;
        let as_of = AsOf::read(&frame.address.text("at"), frame.now).map_err(|message| {
            ApiError::Invalid(vec![FieldError { field: "at".to_owned(), message }])
        })?;
        let detail = api::images::one(frame.group.id, image, as_of.0).await?;
        let tab = ImageTab::named(&frame.address.text("tab"));
        let shown = Shown { frame, as_of, detail };
        let content = match tab {
            ImageTab::Verdicts => tab_verdicts::show(&shown),
            ImageTab::Evidence => tab_evidence::show(&shown),
            ImageTab::Provenance => tab_provenance::show(&shown),
            ImageTab::Packages => tab_packages::show(&shown).await?,
            ImageTab::Vulnerabilities => tab_vulnerabilities::show(&shown).await?,
            ImageTab::RunsIn => tab_runs_in::show(&shown),
            ImageTab::Timeline => tab_timeline::show(&shown),
        };
        let title = headline(&shown.detail.summary, &shown.verdicts());
        let list = routes::images(shown.frame.scope, as_of);
        Ok(Screen::new(title.clone(), body(&shown, title, tab, content)).below("Images", list))
    })
}

fn body(shown: &Shown, title: String, tab: ImageTab, content: AnyView) -> AnyView {
    let image = shown.image();
    let name = format!("{}@{}", image.repository, format::digest_of(image));
    let choice = |of: ImageTab| Choice {
        label: of.label(),
        count: count(shown, of),
        href: shown.tab(of).href(),
        is_current: of == tab,
    };
    let choices = ImageTab::ALL.into_iter().map(choice).collect();
    let now = routes::image_tab(shown.frame.scope, AsOf::default(), image, tab);
    let (worst, ask_again) = (shown.detail.summary.worst, ask_again(shown));
    view! {
        <PageHead title=title>
            <OutcomeChip outcome=worst />
            {ask_again}
        </PageHead>
        <p><code class="text-ink-2" title=image.to_string()>{name}</code></p>
        {moment_notice(shown.as_of, &now)}
        {notices(shown)}
        {cards::show(shown)}
        <Tabs label="Views of this image" choices=choices />
        {content}
    }
    .into_any()
}

/// How much a view has to show, where that is more than a sentence.
fn count(shown: &Shown, tab: ImageTab) -> Option<u64> {
    let detail = &shown.detail;
    let n = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    match tab {
        ImageTab::Verdicts => Some(n(shown.verdicts().len())),
        ImageTab::Evidence => Some(n(detail.evidence.len())),
        ImageTab::Packages => Some(detail.summary.state.n_packages),
        ImageTab::Vulnerabilities => Some(detail.summary.state.vulnerabilities.total()),
        ImageTab::RunsIn => Some(detail.summary.n_clusters),
        ImageTab::Provenance | ImageTab::Timeline => None,
    }
}

/// A form that has the image's places asked again.
fn ask_again(shown: &Shown) -> Option<AnyView> {
    let runs = shown.detail.summary.n_clusters > 0;
    let can_ask = runs && shown.as_of == AsOf::default() && shown.image().is_resolved();
    can_ask.then(|| {
        view! {
            <form method="post" action="/api/console/refresh_image">
                <input type="hidden" name="scope" value=shown.frame.group.id.to_string() />
                <input type="hidden" name="image" value=shown.image().to_string() />
                <button type="submit" class="button">
                    "Ask again now"
                </button>
            </form>
        }
        .into_any()
    })
}

/// What stands above everything: that it is being asked again, and who did not answer.
fn notices(shown: &Shown) -> AnyView {
    let asked = shown.frame.address.has("asked").then(|| {
        let reload = shown.tab(ImageTab::Evidence).href();
        view! {
            <Notice tone=Tone::Plain icon=Icon::Clock>
                "Everybody is asked again with the next sweep, within seconds. " <a class="link" href=reload>"Look again"</a>
            </Notice>
        }
    });
    let mut causes = shown.detail.lookups.iter().filter(|lookup| lookup.cause.is_some());
    let n_silent = u64::try_from(causes.clone().count()).unwrap_or(u64::MAX);
    let silent = causes.next().map(|first| {
        let href = format!("{}#look-ups", shown.tab(ImageTab::Evidence).href());
        let others = match n_silent {
            1 => String::new(),
            _ => format!(" and {} more", format::counted(n_silent.saturating_sub(1), "place")),
        };
        let (place, cause) = (first.place.clone(), first.cause.clone().unwrap_or_default());
        view! {
            <Notice tone=Tone::Unknown icon=Icon::Clock>
                <code>{place}</code>
                {others}
                " could not be asked: "
                {cause}
                ". "
                <a class="link" href=href>"All look-ups"</a>
            </Notice>
        }
    });
    view! {
        {asked}
        {silent}
    }
    .into_any()
}
