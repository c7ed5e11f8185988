//! From one object to what the inventory keeps of it.

use model::image::ImageReference;
use model::inventory::{Container, ContainerKind, Namespace, Node, Owner, Workload, WorkloadKind};
use protocol::ingest::limits;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::image_id;
use super::object::{ContainerStatus, Metadata, NodeSpec, NodeStatus, Object, PodStatus};
use super::redaction::Redaction;

/// What an object becomes.
pub(super) enum Taken {
    /// A pod or an owner of pods, and what was left out of it.
    Workload(Box<Workload>, Vec<String>),
    Namespace(Namespace),
    Node(Node),
    /// It is of this kind, which the inventory does not know.
    Skipped(String),
}

/// Takes what the inventory keeps of an object, or says what is wrong with it.
pub(super) fn of(mut object: Object, redaction: &Redaction) -> Result<Taken, String> {
    let group = object.api_version.rsplit_once('/').map_or("", |(group, _)| group);
    let kind = match (group, object.kind.as_str()) {
        ("", "Namespace") => {
            let Metadata { name, labels, .. } = object.metadata;
            return Ok(Taken::Namespace(Namespace { name: named(name)?, labels }));
        }
        ("", "Node") => return node(object).map(Taken::Node),
        ("", "Pod") => WorkloadKind::Pod,
        // Others have kinds of these names too, such as Volcano's Job.
        ("apps", "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet")
        | ("batch", "Job" | "CronJob") => match WorkloadKind::from_name(&object.kind) {
            Some(kind) => kind,
            None => return Ok(Taken::Skipped(object.kind)),
        },
        ("", "") => return Ok(Taken::Skipped("object without a kind".to_owned())),
        ("", _) => return Ok(Taken::Skipped(object.kind)),
        (group, kind) => return Ok(Taken::Skipped(format!("{kind}.{group}"))),
    };
    let status = match kind {
        WorkloadKind::Pod => typed("status", std::mem::take(&mut object.status))?,
        WorkloadKind::ReplicaSet
        | WorkloadKind::Deployment
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet
        | WorkloadKind::Job
        | WorkloadKind::CronJob => PodStatus::default(),
    };
    let (workload, left_out) = workload(kind, object, &status, redaction)?;
    Ok(Taken::Workload(Box::new(workload), left_out))
}

fn workload(
    kind: WorkloadKind,
    mut object: Object,
    status: &PodStatus,
    redaction: &Redaction,
) -> Result<(Workload, Vec<String>), String> {
    let title = object.title();
    let mut pod_spec = object.spec.pointer_mut(pod_spec_place(kind)).map(Value::take);
    let pod_spec = pod_spec.as_mut().filter(|spec| spec.is_object());
    let pod_spec = pod_spec.ok_or_else(|| format!("there is no spec{}", pod_spec_place(kind)))?;
    let mut left_out = Vec::new();
    let containers =
        containers(pod_spec, status, &mut |what| left_out.push(format!("{title}: {what}")));
    redaction.apply(pod_spec);
    let pod_spec = pod_spec.take();
    let labels = template_labels_place(kind).and_then(|place| object.spec.pointer_mut(place));
    let mut template = match labels {
        Some(labels) => json!({ "metadata": { "labels": labels.take() }, "spec": pod_spec }),
        None => json!({ "spec": pod_spec }),
    };
    let n_bytes = template.to_string().len();
    if n_bytes > limits::TEMPLATE_BYTES {
        let most = limits::TEMPLATE_BYTES;
        left_out.push(format!("{title}: its pod template has {n_bytes} bytes; {most} are taken"));
        template = Value::Null;
    }
    let Metadata { name, namespace, uid, labels, owner_references } = object.metadata;
    if uid.is_empty() {
        return Err("it has no metadata.uid".to_owned());
    }
    let owner = owner_references.into_iter().find(|owner| owner.controller);
    let workload = Workload {
        uid,
        kind,
        api_version: object.api_version,
        namespace,
        name: named(name)?,
        labels,
        owner: owner.map(|it| Owner { kind: it.kind, name: it.name, uid: it.uid }),
        running: kind == WorkloadKind::Pod && is_running(&status.phase),
        template,
        containers,
    };
    Ok((workload, left_out))
}

/// Where, within `spec`, the specification of pods is.
const fn pod_spec_place(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Pod => "",
        WorkloadKind::ReplicaSet
        | WorkloadKind::Deployment
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet
        | WorkloadKind::Job => "/template/spec",
        WorkloadKind::CronJob => "/jobTemplate/spec/template/spec",
    }
}

/// Where, within `spec`, a template has its labels; a pod's own are the workload's.
const fn template_labels_place(kind: WorkloadKind) -> Option<&'static str> {
    match kind {
        WorkloadKind::Pod => None,
        WorkloadKind::ReplicaSet
        | WorkloadKind::Deployment
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet
        | WorkloadKind::Job => Some("/template/metadata/labels"),
        WorkloadKind::CronJob => Some("/jobTemplate/spec/template/metadata/labels"),
    }
}

/// A pod that is being deleted still runs; one that never got a status will.
fn is_running(phase: &str) -> bool {
    !matches!(phase, "Succeeded" | "Failed")
}

/// The containers, in the order of `policy-controller.md` 8.1.
fn containers(
    spec: &Value,
    status: &PodStatus,
    leave_out: &mut dyn FnMut(String),
) -> Vec<Container> {
    let mut containers = Vec::new();
    for (kind, list, statuses) in [
        (ContainerKind::Init, "initContainers", &status.init_container_statuses),
        (ContainerKind::Main, "containers", &status.container_statuses),
        (ContainerKind::Ephemeral, "ephemeralContainers", &status.ephemeral_container_statuses),
    ] {
        for container in spec.get(list).and_then(Value::as_array).into_iter().flatten() {
            let name = text(container, "/name");
            let status = statuses.iter().find(|status| status.name == name);
            let reported = status.map(|status| status.image_id.as_str());
            containers.extend(one(kind, name, text(container, "/image"), reported, leave_out));
        }
    }
    for volume in spec.get("volumes").and_then(Value::as_array).into_iter().flatten() {
        let (name, image) = (text(volume, "/name"), text(volume, "/image/reference"));
        if !image.is_empty() {
            let reported = of_volume(status, name);
            containers.extend(one(ContainerKind::Volume, name, image, reported, leave_out));
        }
    }
    containers
}

/// Which image a volume became, as told by the first container that mounts it.
fn of_volume<'s>(status: &'s PodStatus, volume: &str) -> Option<&'s str> {
    let lists = [&status.init_container_statuses, &status.container_statuses];
    let mounts =
        lists.into_iter().flatten().flat_map(|status: &ContainerStatus| &status.volume_mounts);
    let mut told = mounts
        .filter(|mount| mount.name == volume)
        .map(|mount| mount.volume_status.image.image_ref.as_str());
    told.find(|image_ref| !image_ref.is_empty())
}

fn one(
    kind: ContainerKind,
    name: &str,
    image: &str,
    reported: Option<&str>,
    leave_out: &mut dyn FnMut(String),
) -> Option<Container> {
    // The control plane refuses a whole report for one such text, and nothing can run by it.
    if image.parse::<ImageReference>().is_err() {
        leave_out(format!("container {name}: {image:?} names no image"));
        return None;
    }
    let image_id = image_id::of_container(reported, image);
    Some(Container { kind, name: name.to_owned(), image: image.to_owned(), image_id })
}

fn node(object: Object) -> Result<Node, String> {
    let spec: NodeSpec = typed("spec", object.spec)?;
    let NodeStatus { node_info } = typed("status", object.status)?;
    Ok(Node {
        name: named(object.metadata.name)?,
        kubelet_version: node_info.kubelet_version,
        os_image: node_info.os_image,
        architecture: node_info.architecture,
        container_runtime: node_info.container_runtime_version,
        provider_id: spec.provider_id,
    })
}

fn named(name: String) -> Result<String, String> {
    if name.is_empty() { Err("it has no metadata.name".to_owned()) } else { Ok(name) }
}

fn typed<T: DeserializeOwned + Default>(field: &str, value: Value) -> Result<T, String> {
    let read = serde_json::from_value::<Option<T>>(value);
    read.map(Option::unwrap_or_default).map_err(|error| format!("{field}: {error}"))
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
