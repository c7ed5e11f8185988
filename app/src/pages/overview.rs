//! Overview: whether what runs may run, in one sentence, and what to do about it.

use leptos::prelude::*;

use crate::api;
use crate::api::overview::OverviewContents;
use crate::components::EventSentence;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::ui::{FigureCard, PageHead, card_head};

mod answer;
mod failing;
mod first_steps;
mod trend;

#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    framed(Section::Overview, |frame: Frame| async move {
        let contents = api::overview::get_overview(frame.group.id).await?;
        Ok(Screen::new("Overview", body(&frame, contents)))
    })
}

fn body(frame: &Frame, contents: OverviewContents) -> AnyView {
    let OverviewContents { overview, failing, events, chart } = contents;
    let headline = answer::headline(&overview, frame.group.name());
    if overview.n_clusters == 0 {
        return view! {
            <PageHead title=headline />
            {first_steps::connect(frame)}
        }
        .into_any();
    }
    let figures = answer::figures(&overview, frame.scope);
    let swept = answer::swept(&overview, frame.now);
    let trend = trend::card(&overview, chart);
    let beside = failing::card(frame, &overview, failing);
    let (now, scope) = (frame.now, frame.scope);
    let changes =
        events.into_iter().map(|event| view! { <EventSentence event=event now=now scope=scope /> });
    view! {
        <PageHead title=headline>
            <span class="quiet">{swept}</span>
        </PageHead>
        <dl class="grid gap-3.5 grid-cols-2 wide:grid-cols-4">
            {figures.into_iter().map(|figure| view! { <FigureCard figure=figure /> }).collect_view()}
        </dl>
        <div class="grid gap-4.5 wide:grid-cols-[minmax(0,2fr)_minmax(0,1fr)] items-start">
            {trend} {beside}
        </div>
        <section class="card">
            {card_head("What changed last", ().into_any())}
            <ul class="list">{changes.collect_view()}</ul>
        </section>
    }
    .into_any()
}
