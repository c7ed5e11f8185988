//! One group: what applies there, who is a member, and what changes it.

use leptos::prelude::*;
use model::groups::Group;
use model::id::GroupId;

use super::{tab_change, tab_members, tab_overview};
use crate::api::{self, ApiError};
use crate::layouts::{Screen, Section, framed};
use crate::routes::{self, GroupTab, Scope};
use crate::ui::{Choice, PageHead, Tabs};

#[component]
pub(crate) fn GroupPage() -> impl IntoView {
    framed(Section::Groups, |frame| async move {
        let id: GroupId = frame.address.id().ok_or(ApiError::NotFound)?;
        let view = api::groups::group(id).await?;
        let tab = GroupTab::named(&frame.address.text("tab"));
        let name = view.node.group.name().to_owned();
        let description = view.node.group.description.clone();
        let parents = above(&frame.groups, &view.node.group);
        let (title, content) = match tab {
            GroupTab::Overview => tab_overview::show(&frame, view),
            GroupTab::Members => tab_members::show(&frame, &view.node.group).await?,
            GroupTab::Change => tab_change::show(&frame, view).await?,
        };
        let choice = |shown: GroupTab| Choice {
            label: shown.label(),
            count: None,
            href: routes::group_tab(frame.scope, id, shown).href(),
            is_current: shown == tab,
        };
        let choices = GroupTab::ALL.into_iter().map(choice).collect();
        let description = (!description.is_empty()).then(
            || view! { <p class="text-ink-2 whitespace-pre-line wrap-anywhere">{description}</p> },
        );
        let body = view! {
            <PageHead title=title>
                <a class="button" href=routes::overview(Scope(Some(id))).href()>"Its overview"</a>
            </PageHead>
            {description}
            <Tabs label="Views of this group" choices=choices />
            {content}
        };
        let mut screen = Screen::new(name, body.into_any());
        screen = screen.below("Groups", routes::groups(frame.scope));
        for parent in parents {
            screen = screen.below(parent.name(), routes::group(frame.scope, parent.id));
        }
        Ok(screen)
    })
}

/// The groups above one, the organization first.
fn above(groups: &[Group], group: &Group) -> Vec<Group> {
    let is_above = |other: &&Group| other.id != group.id && other.path.contains(&group.path);
    groups.iter().filter(is_above).cloned().collect()
}
