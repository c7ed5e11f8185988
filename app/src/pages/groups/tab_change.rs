//! A group's name and place: each change shows what it does before its button.

use leptos::prelude::*;
use model::groups::Group;
use model::iam::{Capability, CapabilitySet};
use model::id::GroupId;

use super::preview;
use crate::api::groups::GroupView;
use crate::api::{self, ApiError};
use crate::components::denied;
use crate::layouts::Frame;
use crate::routes::{self, GroupTab};
use crate::ui::{
    Act, DeleteByName, Icon, LineField, Notice, SelectField, SelectOption, TextAreaField, Tone,
    card_head,
};

pub(super) async fn show(frame: &Frame, view: GroupView) -> Result<(String, AnyView), ApiError> {
    let GroupView { node, held, .. } = view;
    let group = node.group;
    let rename = rename(frame, &group, held);
    let moving = moving(frame, &group, held).await?;
    let delete = delete(frame, &group, held).await?;
    let content = view! { {rename} {moving} {delete} };
    Ok((format!("Change {}", group.name_path()), content.into_any()))
}

fn rename(frame: &Frame, group: &Group, held: CapabilitySet) -> AnyView {
    let typed = &frame.typed;
    let verified = group.is_verified.then(|| {
        view! { <p class="quiet">"The name is a verified domain and stays. The description can change."</p> }
    });
    view! {
        <section class="card">
            {card_head("Name and description", ().into_any())}
            <form method="post" action="/api/console/update_group" class="grid gap-4 px-4.5 pb-4.5 max-w-[40rem]">
                <input type="hidden" name="id" value=group.id.to_string() />
                {verified}
                <LineField
                    id="name"
                    label="Name"
                    hint="Name paths change with it, also in scripts. Ids stay."
                    value=typed.or("name", group.name())
                    error=typed.error("name")
                    longest=63
                />
                <TextAreaField
                    name="description"
                    label="Description (optional)"
                    value=typed.or("description", &group.description)
                    error=typed.error("description")
                />
                <Act label="Save" denied=denied(held, Capability::GroupsUpdate, &group.name_path()) />
            </form>
        </section>
    }
    .into_any()
}

async fn moving(frame: &Frame, group: &Group, held: CapabilitySet) -> Result<AnyView, ApiError> {
    if group.names.len() == 1 {
        return Ok(view! {
            <section class="card">
                {card_head("Move", ().into_any())}
                <p class="px-4.5 pb-4.5 text-ink-2">"An organization stands at the top and stays there."</p>
            </section>
        }
        .into_any());
    }
    let parent: Option<GroupId> = frame.address.parsed("parent");
    let places = places(frame, group, parent);
    let plan = match parent {
        None => None,
        Some(parent) => Some(planned_move(group, parent, held).await?),
    };
    let action = routes::group(frame.scope, group.id).href();
    let action = action.split('?').next().unwrap_or_default().to_owned();
    let group_in_address = frame.scope.0.map(|id| {
        view! { <input type="hidden" name="group" value=id.to_string() /> }
    });
    Ok(view! {
        <section class="card">
            {card_head("Move", ().into_any())}
            <div class="grid gap-4 px-4.5 pb-4.5 max-w-[40rem]">
                <form method="get" action=action class="grid gap-3">
                    {group_in_address}
                    <input type="hidden" name="tab" value=GroupTab::Change.as_str() />
                    <SelectField
                        name="parent"
                        label="Below"
                        hint="Everything below the group moves with it, within the organization."
                        options=places
                        error=frame.typed.error("parent")
                    />
                    <button type="submit" class="button justify-self-start">"Show what moving changes"</button>
                </form>
                {plan}
            </div>
        </section>
    }
    .into_any())
}

/// Where the group can go: its organization's groups that are not itself or below it.
fn places(frame: &Frame, group: &Group, chosen: Option<GroupId>) -> Vec<SelectOption> {
    let is_place = |other: &&Group| {
        other.names.first() == group.names.first() && !group.path.contains(&other.path)
    };
    let option = |other: &Group| SelectOption {
        value: other.id.to_string(),
        label: other.name_path(),
        is_selected: chosen == Some(other.id),
    };
    frame.groups.iter().filter(is_place).map(option).collect()
}

async fn planned_move(
    group: &Group,
    parent: GroupId,
    held: CapabilitySet,
) -> Result<AnyView, ApiError> {
    let preview = match api::groups::preview_move(group.id, parent).await {
        Ok(preview) => preview,
        Err(ApiError::Invalid(errors)) => {
            let reasons: Vec<String> = errors.into_iter().map(|error| error.message).collect();
            return Ok(cannot(reasons.join(" ")));
        }
        Err(ApiError::Conflict(reason) | ApiError::Forbidden(reason)) => return Ok(cannot(reason)),
        Err(other) => return Err(other),
    };
    let becomes = preview.becomes.clone().unwrap_or_default();
    let button = format!("Move: {} becomes {becomes}", preview.group);
    let told = preview::told(preview);
    Ok(view! {
        <div class="grid gap-3 border-t border-line pt-4">
            {told}
            <form method="post" action="/api/console/move_group">
                <input type="hidden" name="id" value=group.id.to_string() />
                <input type="hidden" name="parent" value=parent.to_string() />
                <Act label=button denied=denied(held, Capability::GroupsUpdate, &group.name_path()) />
            </form>
        </div>
    }
    .into_any())
}

fn cannot(reason: String) -> AnyView {
    view! { <Notice tone=Tone::Fail icon=Icon::Alert>{format!("It cannot move there. {reason}")}</Notice> }
        .into_any()
}

async fn delete(frame: &Frame, group: &Group, held: CapabilitySet) -> Result<AnyView, ApiError> {
    let refused = denied(held, Capability::GroupsDelete, &group.name_path());
    let body = match (refused, frame.address.has("delete")) {
        (Some(reason), _) => {
            view! { <Act label="Delete" class="button danger" denied=Some(reason) /> }.into_any()
        }
        (None, false) => {
            let link = routes::group_tab(frame.scope, group.id, GroupTab::Change).with("delete", 1);
            view! {
                <p class="text-ink-2">"Everything below it goes as well, and what it knows of its clusters."</p>
                <a class="button justify-self-start" href=link.href()>"Show what deleting changes"</a>
            }
            .into_any()
        }
        (None, true) => {
            let told = preview::told(api::groups::preview_delete(group.id).await?);
            view! {
                {told}
                <div class="border-t border-line pt-4">
                    <DeleteByName
                        action="/api/console/delete_group"
                        id=group.id.to_string()
                        label="Type the group's name to delete it"
                        name=group.name_path()
                        longest=63
                        typed=(frame.typed.text("confirm"), frame.typed.error("confirm"))
                    />
                </div>
            }
            .into_any()
        }
    };
    Ok(view! {
        <section class="card">
            {card_head("Delete", ().into_any())}
            <div class="grid gap-4 px-4.5 pb-4.5 max-w-[40rem]">{body}</div>
        </section>
    }
    .into_any())
}
