//! Who can act in a group: people who hold a role there, and what can be assumed.

use leptos::prelude::*;
use model::iam::{Capability, Identity, ProofKind};

use crate::api;
use crate::api::access::identities::IdentityList;
use crate::components::{AccessPart, AccessTabs, FilterForm, denied, kind_name};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, Scope};
use crate::ui::{
    ActLink, Ago, Chip, Column, Empty, FilterField, Icon, PageHead, Pager, SelectField,
    SelectOption, Table, Tone,
};

#[component]
pub(crate) fn PeoplePage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let kind = kind_named(&frame.address.text("kind"));
        let text = frame.address.text("text").trim().to_owned();
        let page = frame.address.page();
        let list = api::access::identities::list(frame.group.id, kind, text, page).await?;
        Ok(Screen::new("People and identities", body(&frame, kind, list)))
    })
}

/// The kind of that text form; anything else is every kind.
fn kind_named(name: &str) -> Option<ProofKind> {
    ProofKind::ALL.into_iter().find(|kind| kind.as_str() == name)
}

fn body(frame: &Frame, kind: Option<ProofKind>, list: IdentityList) -> AnyView {
    let IdentityList { page, held } = list;
    let text = frame.address.text("text");
    let is_narrowed = kind.is_some() || !text.trim().is_empty();
    let title = headline(frame, page.total, is_narrowed);
    let here = routes::people(frame.scope);
    let address = here.clone().with("kind", kind.map_or("", ProofKind::as_str)).with("text", &text);
    let scope = Scope(Some(frame.group.id));
    let place = frame.group.name_path();
    let new = routes::new_identity(scope, "claim_match").href();
    let invite = routes::new_invite(scope).href();
    let rows = if page.rows.is_empty() {
        nothing(frame, is_narrowed)
    } else {
        let row = |identity| row(frame, identity);
        let rows = page.rows.into_iter().map(row).collect_view();
        let columns = vec![
            Column::Text("Name"),
            Column::Text("Kind"),
            Column::Text("Belongs to"),
            Column::Number("Last seen"),
            Column::Text("State"),
        ];
        let total = page.total;
        let next = page.next;
        view! {
            <Table caption="People and identities" columns=columns>
                {rows}
            </Table>
            <Pager total=total noun="identity" next=next list=address address=frame.address.clone() />
        }
        .into_any()
    };
    view! {
        <PageHead title=title>
            <ActLink
                label="Invite somebody"
                href=invite
                class="button"
                denied=denied(held, Capability::GroupInvitesCreate, &place)
            />
            <ActLink
                label="New identity"
                href=new
                icon=Icon::Plus
                denied=denied(held, Capability::IdentityCreate, &place)
            />
        </PageHead>
        <AccessTabs current=AccessPart::People scope=frame.scope />
        <section class="card">
            <FilterForm label="Find identities" action="/people" scope=frame.scope clear=is_narrowed.then_some(here)>
                <FilterField name="text" label="Name or e-mail" example="ada, or deploy" value=text />
                <SelectField name="kind" label="Kind" options=kinds(kind) error=None />
            </FilterForm>
            <div class="border-t border-line">{rows}</div>
        </section>
    }
    .into_any()
}

fn headline(frame: &Frame, total: u64, is_narrowed: bool) -> String {
    let group = frame.group.name();
    let verb = if total == 1 { "has" } else { "have" };
    let counted = format::opening_total(total, "identity");
    match is_narrowed {
        true => format!("{counted} of that kind {verb} something to do with {group}"),
        false => format!("{counted} can act in {group}"),
    }
}

fn kinds(chosen: Option<ProofKind>) -> Vec<SelectOption> {
    let any = SelectOption {
        value: String::new(),
        label: "Any".to_owned(),
        is_selected: chosen.is_none(),
    };
    let option = |kind: ProofKind| SelectOption {
        value: kind.as_str().to_owned(),
        label: kind_name(kind).to_owned(),
        is_selected: chosen == Some(kind),
    };
    std::iter::once(any).chain(ProofKind::ALL.into_iter().map(option)).collect()
}

fn row(frame: &Frame, identity: Identity) -> AnyView {
    let home = match identity.group {
        None => "The installation".to_owned(),
        Some(id) => crate::components::group_name(&frame.groups, id),
    };
    let seen = match identity.seen_at {
        Some(at) => view! { <Ago now=frame.now at=at /> }.into_any(),
        None => "never".into_any(),
    };
    let state = match identity.disabled_at {
        Some(_) => view! { <Chip tone=Tone::Fail icon=Icon::Cross label="Disabled" /> }.into_any(),
        None => view! { <Chip tone=Tone::Pass icon=Icon::Check label="Active" /> }.into_any(),
    };
    let kind = kind_name(identity.proof.kind());
    let email = identity.email.map(|email| view! { <br /><span class="quiet">{email}</span> });
    view! {
        <tr>
            <td>
                <a class="name" href=routes::identity(frame.scope, identity.id).href()>{identity.name}</a>
                {email}
            </td>
            <td>{kind}</td>
            <td>{home}</td>
            <td class="num">{seen}</td>
            <td>{state}</td>
        </tr>
    }
    .into_any()
}

fn nothing(frame: &Frame, is_narrowed: bool) -> AnyView {
    if is_narrowed {
        let all = routes::people(frame.scope).href();
        return view! {
            <Empty title="Nobody is like that">
                <p class="text-ink-2">"The search looks at names and e-mail addresses of whoever holds a role here, and of what can be assumed here."</p>
                <a class="button" href=all>"Show everybody"</a>
            </Empty>
        }
        .into_any();
    }
    let above = frame.group.names.len() > 1;
    let hint =
        above.then_some(" Whoever holds a role above it acts here as well: its members tell who.");
    let members = routes::group_tab(frame.scope, frame.group.id, routes::GroupTab::Members).href();
    view! {
        <Empty title=format!("Nobody was granted anything in {}", frame.group.name())>
            <p class="text-ink-2">"Invite people, or make an identity that a CI system assumes." {hint}</p>
            <a class="button" href=members>"Who is a member here"</a>
        </Empty>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_kind_is_every_kind() {
        assert_eq!(kind_named("aws"), Some(ProofKind::Aws));
        assert_eq!(kind_named("<b>"), None);
    }
}
