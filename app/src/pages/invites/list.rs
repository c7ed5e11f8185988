//! The invites at a group and below it, and what became of each.

use leptos::prelude::*;
use model::iam::{Capability, CapabilitySet, Invite, InviteState, InviteUses, Role};

use crate::api;
use crate::api::access::invites::InviteList;
use crate::components::{AccessPart, AccessTabs, denied, group_name, role_name};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, Scope};
use crate::ui::{ActLink, Ago, Chip, Column, Command, Confirm, Empty, Icon, PageHead, Table, Tone};

#[component]
pub(crate) fn InvitesPage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let list = api::access::invites::list(frame.group.id).await?;
        Ok(Screen::new("Invites", body(&frame, list)))
    })
}

fn body(frame: &Frame, list: InviteList) -> AnyView {
    let InviteList { invites, roles, held } = list;
    let is_open = |invite: &&Invite| invite.state(frame.now) == InviteState::Open;
    let n_open = u64::try_from(invites.iter().filter(is_open).count()).unwrap_or(u64::MAX);
    let verb = if n_open == 1 { "waits" } else { "wait" };
    let title =
        format!("{} {verb} in {}", format::opening(n_open, "open invite"), frame.group.name());
    let new = routes::new_invite(Scope(Some(frame.group.id))).href();
    let rows = if invites.is_empty() {
        let line = format!(
            "loadline iam invites create --group {} --role viewer",
            word(&frame.group.name_path())
        );
        view! {
            <Empty title="Nobody was invited yet">
                <p class="text-ink-2">"An invite is a code that makes whoever brings it hold a role. Make one here, or:"</p>
                <Command line=line />
            </Empty>
        }
        .into_any()
    } else {
        let row = |invite| row(frame, invite, &roles, held);
        let rows = invites.into_iter().map(row).collect_view();
        let columns = vec![
            Column::Text("Role"),
            Column::Text("Group"),
            Column::Text("For"),
            Column::Text("State"),
            Column::Text("Made by"),
            Column::Number("Made"),
            Column::Text("Action"),
        ];
        view! { <Table caption="Invites" columns=columns>{rows}</Table> }.into_any()
    };
    let refused = denied(held, Capability::GroupInvitesCreate, &frame.group.name_path());
    view! {
        <PageHead title=title>
            <ActLink
                label="Invite somebody"
                href=new
                icon=Icon::Plus
                denied=refused
            />
        </PageHead>
        <AccessTabs current=AccessPart::Invites scope=frame.scope />
        <section class="card">{rows}</section>
    }
    .into_any()
}

/// A name as a shell reads it as one word. Names hold no quotes.
fn word(name: &str) -> String {
    if name.contains(' ') { format!("'{name}'") } else { name.to_owned() }
}

fn row(frame: &Frame, invite: Invite, roles: &[Role], held: CapabilitySet) -> AnyView {
    let now = frame.now;
    let state = invite.state(now);
    let n = u64::try_from(invite.accepted.len()).unwrap_or(u64::MAX);
    let (tone, icon, label, detail) = match state {
        InviteState::Open => {
            let accepted = match n {
                0 => String::new(),
                _ => format!(", accepted {}", format::counted(n, "time")),
            };
            let left = format::span(invite.expires_at, now);
            (Tone::Pass, Icon::Clock, "Open", format!("for {left} more{accepted}"))
        }
        InviteState::Accepted => (Tone::Plain, Icon::Check, "Accepted", String::new()),
        InviteState::Expired => {
            (Tone::Unknown, Icon::Clock, "Expired", format::ago(now, invite.expires_at))
        }
        InviteState::Revoked => {
            let at = invite.revoked_at.map(|at| format::ago(now, at));
            (Tone::Unknown, Icon::Dash, "Revoked", at.unwrap_or_default())
        }
    };
    let whom = invite.email.clone().unwrap_or_else(|| match invite.uses {
        InviteUses::Single => "Whoever has the code, once".to_owned(),
        InviteUses::Many => "Everybody who has the code".to_owned(),
    });
    let place = group_name(&frame.groups, invite.group);
    let role = role_name(roles, invite.role);
    let label_of_revoke = format!("Revoke the invite {} to {place}", invite.id);
    let fields = vec![("id", invite.id.to_string()), ("group", frame.group.id.to_string())];
    let action = (state == InviteState::Open).then(|| {
        view! {
            <Confirm
                open="Revoke…"
                label=label_of_revoke.clone()
                consequence="Its code is refused from now on. Who accepted it before keeps the role."
                action="/api/console/revoke_invite"
                fields=fields
                button="Revoke the invite"
                denied=denied(held, Capability::GroupInvitesDelete, &frame.group.name_path())
            />
        }
    });
    view! {
        <tr>
            <td><a class="name" href=routes::role(frame.scope, invite.role).href()>{role}</a></td>
            <td>{place}</td>
            <td class="wrap-anywhere">{whom}</td>
            <td><Chip tone=tone icon=icon label=label /> " " <span class="quiet">{detail}</span></td>
            <td>{invite.created_by.to_string()}</td>
            <td class="num"><Ago now=now at=invite.created_at /></td>
            <td>{action}</td>
        </tr>
    }
    .into_any()
}
