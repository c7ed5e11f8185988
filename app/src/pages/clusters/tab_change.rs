//! A cluster's name and place, and its end.

use leptos::prelude::*;
use model::clusters::ClusterSummary;
use model::groups::Group;
use model::iam::Capability;

use crate::api::clusters::ClusterPlace;
use crate::api::{self, ApiError};
use crate::components::denied;
use crate::layouts::Frame;
use crate::ui::{Act, DeleteByName, LineField, SelectField, SelectOption, TextAreaField};

pub(super) async fn show(frame: &Frame, cluster: &ClusterSummary) -> Result<AnyView, ApiError> {
    let place = api::clusters::place(cluster.id).await?;
    let rename = rename(frame, cluster, &place);
    let moving = moving(frame, cluster, &place);
    let delete = delete(frame, cluster, &place);
    Ok(view! { <div class="grid gap-7 p-4.5 max-w-[42rem]">{rename} {moving} {delete}</div> }
        .into_any())
}

fn rename(frame: &Frame, cluster: &ClusterSummary, place: &ClusterPlace) -> AnyView {
    let typed = &frame.typed;
    let refused = denied(place.held, Capability::ClustersUpdate, &cluster.group);
    view! {
        <form method="post" action="/api/console/update_cluster" class="grid gap-4">
            <h2>"Name and description"</h2>
            <input type="hidden" name="id" value=cluster.id.to_string() />
            <LineField
                id="name"
                label="Name"
                hint="What reports goes on: tokens name the cluster by its id."
                value=typed.or("name", &cluster.name)
                error=typed.error("name")
                longest=63
            />
            <TextAreaField
                name="description"
                label="Description (optional)"
                value=typed.or("description", &cluster.description)
                error=typed.error("description")
            />
            <Act label="Save" denied=refused />
        </form>
    }
    .into_any()
}

fn moving(frame: &Frame, cluster: &ClusterSummary, place: &ClusterPlace) -> AnyView {
    let is_place = |group: &&Group| group.path.organization() == cluster.path.organization();
    let option = |group: &Group| SelectOption {
        value: group.id.to_string(),
        label: group.name_path(),
        is_selected: group.id == place.group,
    };
    let options = frame.groups.iter().filter(is_place).map(option).collect();
    let refused = denied(place.held, Capability::ClustersDelete, &cluster.group);
    view! {
        <form method="post" action="/api/console/move_cluster" class="grid gap-4">
            <h2>"Move"</h2>
            <input type="hidden" name="id" value=cluster.id.to_string() />
            <SelectField
                name="place"
                label="Group"
                hint="The policies that hold there hold for it, and what runs is judged again at once."
                options=options
                error=frame.typed.error("place")
            />
            <Act label="Move it there" denied=refused />
        </form>
    }
    .into_any()
}

fn delete(frame: &Frame, cluster: &ClusterSummary, place: &ClusterPlace) -> AnyView {
    let refused = denied(place.held, Capability::ClustersDelete, &cluster.group);
    let typed = (frame.typed.text("confirm"), frame.typed.error("confirm"));
    view! {
        <section class="grid gap-4">
            <h2>"Delete"</h2>
            <p class="text-ink-2">
                "Its tokens end at once, and nothing that runs there counts any more. What is known of its images stays."
            </p>
            <DeleteByName
                action="/api/console/delete_cluster"
                id=cluster.id.to_string()
                label="Type the cluster's name to delete it"
                name=cluster.name.clone()
                longest=63
                typed=typed
                denied=refused
            />
        </section>
    }
    .into_any()
}
