//! What changed below a group, newest first, a page at a time.

use leptos::prelude::*;
use model::events::Event;
use model::page::Page;

use crate::api;
use crate::components::EventSentence;
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{Command, Empty, PageHead, Pager};

#[component]
pub(crate) fn EventsPage() -> impl IntoView {
    framed(Section::Events, |frame: Frame| async move {
        let page = api::events::events(frame.group.id, frame.address.page()).await?;
        Ok(Screen::new("Events", body(&frame, page)))
    })
}

fn body(frame: &Frame, page: Page<Event>) -> AnyView {
    let Page { rows, next, total } = page;
    let place = frame.group.name_path();
    let title = format!("{} in {place}", format::opening_total(total, "event"));
    let content = if rows.is_empty() {
        view! {
            <Empty title="Nothing happened here yet">
                <p class="text-ink-2">"Events come with the first cluster, policy or group below this one."</p>
            </Empty>
        }
        .into_any()
    } else {
        let list = routes::events(frame.scope);
        let row = |event: Event| {
            view! { <EventSentence event=event now=frame.now scope=frame.scope /> }
        };
        let rows = rows.into_iter().map(row).collect_view();
        view! {
            <ul class="list">{rows}</ul>
            <Pager total=total noun="event" next=next list=list address=frame.address.clone() />
        }
        .into_any()
    };
    let line = format!(
        "curl --header \"authorization: Bearer $TOKEN\" \"$LOADLINE/api/v1/events?group={}\"",
        frame.group.path.to_string().replace('/', "%2F")
    );
    view! {
        <PageHead title=title />
        <section class="card">{content}</section>
        <section class="card p-4.5 grid gap-3">
            <h2>"The same for a program"</h2>
            <Command line=line />
        </section>
    }
    .into_any()
}
