//! The audit log, narrowed by the address, a page at a time.

use leptos::prelude::*;
use model::iam::{AuditEntry, Capability, Subject};
use model::page::Page;

use super::difference;
use crate::api;
use crate::api::access::audit::AuditQuery;
use crate::components::{FilterForm, MoreFields};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, END_OF_DAY, Link, START_OF_DAY, SUCH_A_MOMENT};
use crate::ui::{
    Ago, Command, Empty, FilterField, Glyph, Icon, PageHead, Pager, SelectField, SelectOption,
};

/// Acts that need no capability of their own.
const OTHER_ACTS: [&str; 3] = ["group_invites.accept", "groups.limits", "groups.verify"];

#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    framed(Section::Audit, |frame: Frame| async move {
        let asked = Asked::of(&frame);
        // A time that is none narrows nothing: the list would not be what was asked for.
        let page = match asked.is_right() {
            true => {
                api::access::audit::audit(
                    asked.scope(&frame),
                    asked.query.clone(),
                    frame.address.page(),
                )
                .await?
            }
            false => Page { rows: Vec::new(), next: None, total: 0 },
        };
        Ok(Screen::new("Audit", body(&frame, &asked, page)))
    })
}

/// What the address asks for.
struct Asked {
    query: AuditQuery,
    /// Whether it is about the installation as a whole.
    is_installation: bool,
    wrong_from: Option<String>,
    wrong_until: Option<String>,
}

impl Asked {
    fn of(frame: &Frame) -> Self {
        let moment = |name: &str, time_of_day| {
            let text = frame.address.text(name);
            let read = routes::read_moment(&text, time_of_day);
            let is_wrong = read.is_none() && !text.trim().is_empty();
            (read, is_wrong.then(|| SUCH_A_MOMENT.to_owned()))
        };
        let (from, wrong_from) = moment("from", START_OF_DAY);
        let (until, wrong_until) = moment("until", END_OF_DAY);
        let actor = frame.address.text("actor").trim().to_owned();
        let action = frame.address.text("action").trim().to_owned();
        Self {
            query: AuditQuery { actor, action, from, until },
            is_installation: frame.address.text("of") == "installation",
            wrong_from,
            wrong_until,
        }
    }

    fn is_right(&self) -> bool {
        self.wrong_from.is_none() && self.wrong_until.is_none()
    }

    fn is_narrowed(&self, frame: &Frame) -> bool {
        ["actor", "action", "from", "until", "of"]
            .iter()
            .any(|name| !frame.address.text(name).trim().is_empty())
    }

    fn scope(&self, frame: &Frame) -> Option<model::id::GroupId> {
        (!self.is_installation).then_some(frame.group.id)
    }

    /// The same question as another address asks it.
    fn on(&self, frame: &Frame, link: Link) -> Link {
        let of = if self.is_installation { "installation" } else { "" };
        link.with("actor", &self.query.actor)
            .with("action", &self.query.action)
            .with("from", frame.address.text("from"))
            .with("until", frame.address.text("until"))
            .with("of", of)
    }

    /// The file of what is shown.
    fn export(&self, frame: &Frame, format: &str) -> String {
        let moment = |at: Option<model::timestamp::Timestamp>| {
            at.map(|at| at.to_string()).unwrap_or_default()
        };
        routes::audit_export(self.scope(frame), format)
            .with("actor", &self.query.actor)
            .with("action", &self.query.action)
            .with("from", moment(self.query.from))
            .with("until", moment(self.query.until))
            .href()
    }
}

fn body(frame: &Frame, asked: &Asked, page: Page<AuditEntry>) -> AnyView {
    let place = match asked.is_installation {
        true => "the installation as a whole".to_owned(),
        false => frame.group.name_path(),
    };
    let title = match asked.is_right() {
        true => format!("{} in {place}", format::opening_total(page.total, "act")),
        false => "That is no time to look at".to_owned(),
    };
    let exports = [("csv", "CSV"), ("jsonl", "JSON lines")].map(|(format, label)| {
        view! {
            <a class="button" href=asked.export(frame, format) download="">
                <Glyph icon=Icon::Download />
                {label}
            </a>
        }
    });
    let exports = asked.is_right().then(|| exports.into_iter().collect_view());
    let list = asked.on(frame, routes::audit(frame.scope));
    let (total, next) = (page.total, page.next.clone());
    let rows = if page.rows.is_empty() {
        nothing(frame, asked)
    } else {
        let rows = page.rows.into_iter().map(|entry| row(frame, entry)).collect_view();
        view! {
            <ul class="list">{rows}</ul>
            <Pager total=total noun="act" next=next list=list address=frame.address.clone() />
        }
        .into_any()
    };
    let filter = filter(frame, asked);
    view! {
        <PageHead title=title>{exports}</PageHead>
        <section class="card">
            {filter}
            <div class="border-t border-line">{rows}</div>
        </section>
    }
    .into_any()
}

fn filter(frame: &Frame, asked: &Asked) -> AnyView {
    let clear = asked.is_narrowed(frame).then(|| routes::audit(frame.scope));
    let action = &asked.query.action;
    let option = |value: &str, label: &str| SelectOption {
        value: value.to_owned(),
        label: label.to_owned(),
        is_selected: value == action,
    };
    let acts = Capability::ALL.iter().map(|one| one.as_str()).chain(OTHER_ACTS);
    // What is only read is not noted.
    let acts = acts.filter(|name| !name.ends_with(".list")).map(|name| option(name, name));
    let actions = std::iter::once(option("", "Any")).chain(acts).collect();
    let of = |value: &str, label: String, is_selected| SelectOption {
        value: value.to_owned(),
        label,
        is_selected,
    };
    let places = vec![
        of("", format!("{} and below", frame.group.name_path()), !asked.is_installation),
        of("installation", "The installation as a whole".to_owned(), asked.is_installation),
    ];
    let actor = asked.query.actor.clone();
    let (from, until) = (frame.address.text("from"), frame.address.text("until"));
    let (wrong_from, wrong_until) = (asked.wrong_from.clone(), asked.wrong_until.clone());
    let place =
        view! { <SelectField name="of" label="Where" options=places error=None /> }.into_any();
    let more = MoreFields { fields: place, is_open: asked.is_installation };
    view! {
        <FilterForm label="Find acts" action="/audit" scope=frame.scope more=more clear=clear>
            <FilterField
                name="actor"
                label="Actor"
                example="an identity's id, or system"
                value=actor
            />
            <SelectField name="action" label="Action" options=actions error=None />
            <FilterField
                name="from"
                label="From (UTC)"
                example="2026-03-03"
                value=from
                error=wrong_from
            />
            <FilterField
                name="until"
                label="Until (UTC)"
                example="2026-03-03 14:00"
                value=until
                error=wrong_until
            />
        </FilterForm>
    }
    .into_any()
}

fn row(frame: &Frame, entry: AuditEntry) -> AnyView {
    let AuditEntry { group, at, actor, origin, action, target, before, after, .. } = entry;
    let who = actor.to_string();
    let own = match &actor {
        Subject::Person { id, .. } => Some(id.to_string()),
        Subject::Cluster { id, .. } => Some(id.to_string()),
        Subject::System { .. } => Some("system".to_owned()),
    };
    let only = own.map(|id| routes::audit(frame.scope).with("actor", id).href());
    let named = name_of(after.as_ref()).or_else(|| name_of(before.as_ref()));
    let named = named.map(|name| format!("“{name}” "));
    let from = origin.address.map(|address| format!("from {address}"));
    let with = origin.user_agent.map(|agent| format!("by {agent}"));
    let request = origin.request_id.map(|id| view! { "request " <code>{id}</code> });
    let place = if group.is_empty() { "the installation".to_owned() } else { group };
    view! {
        <li>
            <div class="grid gap-1 min-w-0 flex-1">
                <p class="wrap-anywhere">
                    <a class="name" href=only>{who}</a> " did " <code>{action}</code> " to " <b>{named} {target}</b> " in " {place}
                </p>
                <p class="quiet wrap-anywhere">
                    <Ago now=frame.now at=at /> ", " {format::moment(at)} " " {from} " " {with} " " {request}
                </p>
                <details class="show">
                    <summary>
                        <Glyph icon=Icon::ChevronRight />
                        "What changed"
                    </summary>
                    <div class="pt-2">{difference::shown(before.as_ref(), after.as_ref())}</div>
                </details>
            </div>
        </li>
    }
    .into_any()
}

/// How the target of an act is called, where what is noted of it says so.
fn name_of(side: Option<&serde_json::Value>) -> Option<String> {
    let name = side?.get("name")?.as_str()?;
    (!name.is_empty()).then(|| name.chars().take(80).collect())
}

fn nothing(frame: &Frame, asked: &Asked) -> AnyView {
    if !asked.is_right() {
        return view! {
            <Empty title="Nothing was looked for">
                <p class="text-ink-2">"One of the times cannot be read. See the field."</p>
            </Empty>
        }
        .into_any();
    }
    if asked.is_narrowed(frame) {
        let all = routes::audit(frame.scope).href();
        return view! {
            <Empty title="No act is like that">
                <a class="button" href=all>"Show all acts"</a>
            </Empty>
        }
        .into_any();
    }
    let name = frame.group.name_path();
    let name = if name.contains(' ') { format!("'{name}'") } else { name };
    view! {
        <Empty title="Nothing was done here yet">
            <p class="text-ink-2">"Every act that concerns security is noted: who, what, from where, what it was before and afterwards. The same on the command line:"</p>
            <Command line=format!("loadline iam audit list --group {name}") />
        </Empty>
    }
    .into_any()
}
