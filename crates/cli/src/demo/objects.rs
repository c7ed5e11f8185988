//! The plan of a cluster as the objects that kubectl would print of it.
//!
//! They go through the same reader as every other cluster's, so that the demo shows what
//! people will see.

use std::collections::{BTreeMap, BTreeSet};

use model::digest::Digest;
use model::image::Image;
use model::inventory::WorkloadKind;
use serde_json::{Value, json};

use super::fleet::{App, ClusterPlan, NodePlan};
use super::images::Picture;

/// Everything in a cluster, as a `v1` List.
pub(super) fn list(plan: &ClusterPlan, images: &BTreeMap<String, (Picture, Image)>) -> Value {
    let mut writer = Writer { plan, images, items: Vec::new(), n_pods: 0 };
    for node in plan.nodes {
        writer.node(node);
    }
    let namespaces: BTreeSet<&str> = plan.apps.iter().map(|app| app.namespace).collect();
    for namespace in namespaces {
        let labels = json!({ "kubernetes.io/metadata.name": namespace, "team": namespace });
        let metadata =
            json!({ "name": namespace, "uid": uid(&[plan.name, namespace]), "labels": labels });
        writer.items.push(json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata }));
    }
    for app in plan.apps {
        writer.app(app);
    }
    json!({ "apiVersion": "v1", "kind": "List", "items": writer.items })
}

struct Writer<'p> {
    plan: &'p ClusterPlan,
    images: &'p BTreeMap<String, (Picture, Image)>,
    items: Vec<Value>,
    n_pods: usize,
}

/// An object that owns others: kind, name and uid.
type Owner = (WorkloadKind, String, String);

impl Writer<'_> {
    fn node(&mut self, node: &NodePlan) {
        let NodePlan { name, provider_id, os_image, architecture } = node;
        self.items.push(json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": { "name": name, "uid": uid(&[self.plan.name, "Node", name]) },
            "spec": { "providerID": provider_id },
            "status": { "nodeInfo": {
                "kubeletVersion": self.plan.kubernetes_version,
                "osImage": os_image,
                "architecture": architecture,
                "containerRuntimeVersion": "containerd://2.1.4",
            }},
        }));
    }

    fn app(&mut self, app: &App) {
        let spec = self.pod_spec(app);
        let template = json!({ "metadata": { "labels": labels(app) }, "spec": spec });
        let n_nodes = self.plan.nodes.len();
        let hash = short(&template.to_string(), 10);
        match app.kind {
            WorkloadKind::Deployment => {
                let top =
                    self.owner(app, app.kind, app.name, None, &json!({ "template": template }));
                let name = format!("{}-{hash}", app.name);
                let below = json!({ "replicas": app.replicas, "template": template });
                let set = self.owner(app, WorkloadKind::ReplicaSet, &name, Some(&top), &below);
                self.pods(app, &spec, Some(&set), app.replicas);
            }
            WorkloadKind::CronJob => {
                let spec_of_job = json!({ "schedule": "0 4 * * *", "jobTemplate": { "spec": { "template": template } } });
                let top = self.owner(app, app.kind, app.name, None, &spec_of_job);
                let name = format!("{}-29401200", app.name);
                let job = self.owner(
                    app,
                    WorkloadKind::Job,
                    &name,
                    Some(&top),
                    &json!({ "template": template }),
                );
                self.pods(app, &spec, Some(&job), 1);
            }
            WorkloadKind::DaemonSet => {
                let top =
                    self.owner(app, app.kind, app.name, None, &json!({ "template": template }));
                self.pods(app, &spec, Some(&top), n_nodes);
            }
            WorkloadKind::StatefulSet | WorkloadKind::Job => {
                let top =
                    self.owner(app, app.kind, app.name, None, &json!({ "template": template }));
                self.pods(app, &spec, Some(&top), app.replicas.max(1));
            }
            WorkloadKind::ReplicaSet | WorkloadKind::Pod => {
                self.pods(app, &spec, None, app.replicas);
            }
        }
    }

    /// Writes one object above pods, and gives it as the owner of what is below.
    fn owner(
        &mut self,
        app: &App,
        kind: WorkloadKind,
        name: &str,
        above: Option<&Owner>,
        spec: &Value,
    ) -> Owner {
        let uid = uid(&[self.plan.name, kind.as_str(), app.namespace, name]);
        self.items.push(json!({
            "apiVersion": api_version(kind),
            "kind": kind.as_str(),
            "metadata": metadata(app, name, &uid, above),
            "spec": spec,
        }));
        (kind, name.to_owned(), uid)
    }

    fn pods(&mut self, app: &App, spec: &Value, owner: Option<&Owner>, n_pods: usize) {
        let above = owner.map_or(app.name, |(_, name, _)| name.as_str());
        for number in 0..n_pods {
            let name = match app.kind {
                WorkloadKind::StatefulSet => format!("{above}-{number}"),
                WorkloadKind::Pod
                | WorkloadKind::ReplicaSet
                | WorkloadKind::Deployment
                | WorkloadKind::DaemonSet
                | WorkloadKind::Job
                | WorkloadKind::CronJob => {
                    format!("{above}-{}", short(&format!("{}{above}{number}", self.plan.name), 5))
                }
            };
            let mut spec = spec.clone();
            let node = self.plan.nodes.iter().cycle().nth(self.n_pods);
            if let (Some(fields), Some(node)) = (spec.as_object_mut(), node) {
                fields.insert("nodeName".to_owned(), json!(node.name));
            }
            self.n_pods = self.n_pods.saturating_add(1);
            let uid = uid(&[self.plan.name, "Pod", app.namespace, &name]);
            self.items.push(json!({
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": metadata(app, &name, &uid, owner),
                "spec": spec,
                "status": self.status(app),
            }));
        }
    }

    fn pod_spec(&self, app: &App) -> Value {
        let containers: Vec<Value> = app
            .images
            .iter()
            .map(|image| {
                json!({
                    "name": container_name(image),
                    "image": self.tagged(image),
                    "args": ["--listen", ":8080"],
                    "env": [
                        { "name": "LOG_LEVEL", "value": "info" },
                        { "name": "REGION", "value": self.plan.name },
                    ],
                    "resources": { "limits": { "memory": "256Mi" }, "requests": { "cpu": "50m" } },
                    "securityContext": {
                        "allowPrivilegeEscalation": *image == "legacy-report",
                        "runAsNonRoot": *image != "legacy-report",
                    },
                })
            })
            .collect();
        let mut spec = json!({ "containers": containers, "serviceAccountName": app.name });
        if let (Some(image), Some(fields)) = (app.first, spec.as_object_mut()) {
            let first = json!([{
                "name": "prepare",
                "image": self.tagged(image),
                "command": ["/bin/prepare", app.name],
            }]);
            fields.insert("initContainers".to_owned(), first);
        }
        spec
    }

    fn status(&self, app: &App) -> Value {
        let is_over =
            matches!(app.kind, WorkloadKind::CronJob | WorkloadKind::Job) && app.replicas == 0;
        let ran = |name: &str, image: &str| json!({ "name": name, "image": self.tagged(image), "imageID": self.pinned(image) });
        let main: Vec<Value> =
            app.images.iter().map(|image| ran(container_name(image), image)).collect();
        let first: Vec<Value> = app.first.iter().map(|image| ran("prepare", image)).collect();
        json!({
            "phase": if is_over { "Succeeded" } else { "Running" },
            "containerStatuses": main,
            "initContainerStatuses": first,
        })
    }

    fn tagged(&self, name: &str) -> String {
        let found = self.images.get(name);
        found
            .map(|(picture, image)| format!("{}:{}", image.repository, picture.tag))
            .unwrap_or_default()
    }

    fn pinned(&self, name: &str) -> String {
        self.images.get(name).map(|(_, image)| image.to_string()).unwrap_or_default()
    }
}

fn metadata(app: &App, name: &str, uid: &str, owner: Option<&Owner>) -> Value {
    let owners: Vec<Value> = owner
        .map(|(kind, name, uid)| {
            json!({
                "apiVersion": api_version(*kind), "kind": kind.as_str(),
                "name": name, "uid": uid, "controller": true,
            })
        })
        .into_iter()
        .collect();
    json!({
        "name": name, "namespace": app.namespace, "uid": uid,
        "labels": labels(app), "ownerReferences": owners,
    })
}

fn labels(app: &App) -> Value {
    json!({ "app.kubernetes.io/name": app.name, "app.kubernetes.io/part-of": app.namespace })
}

/// An image's last path segment: `tools` of `base/tools`.
fn container_name(image: &str) -> &str {
    image.rsplit_once('/').map_or(image, |(_, name)| name)
}

const fn api_version(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Pod => "v1",
        WorkloadKind::ReplicaSet
        | WorkloadKind::Deployment
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet => "apps/v1",
        WorkloadKind::Job | WorkloadKind::CronJob => "batch/v1",
    }
}

/// A uid that is the same on every run, so that a second run reports no change.
fn uid(parts: &[&str]) -> String {
    let hex = Digest::of(parts.join("/").as_bytes()).hex();
    let mut digits = hex.chars();
    let groups = [8, 4, 4, 4, 12].map(|length| digits.by_ref().take(length).collect::<String>());
    groups.join("-")
}

fn short(text: &str, length: usize) -> String {
    Digest::of(text.as_bytes()).hex().chars().take(length).collect()
}
