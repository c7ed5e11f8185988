//! A batch's own rules, before anything is held against it: limits, names, references.

use std::collections::BTreeSet;

use model::groups::{Collection, Group};
use model::inventory::{Node, Workload};
use protocol::ingest::{Batch, Content, limits};
use serde_json::Value;

use crate::{FieldError, Result, ServiceError};

mod values;

/// Microseconds of the year 5138: larger than whatever a sender counts by.
const LARGEST_EPOCH: u64 = 100_000_000_000_000_000;
/// Wrong places that are told, at most.
const MOST_ERRORS: usize = 20;

/// Refuses a batch that breaks a limit or names things twice; nothing of it lands.
pub(super) fn check(batch: &Batch, group: &Group) -> Result<()> {
    let mut errors = Errors(Vec::new());
    // The largest epochs would leave no room for a larger one.
    if batch.epoch > LARGEST_EPOCH || batch.sequence > LARGEST_EPOCH {
        errors.add("epoch", format!("is larger than {LARGEST_EPOCH}, as is no count of anything"));
    }
    errors.text("kubernetesVersion", &batch.kubernetes_version);
    let (nodes, namespaces, workloads) = match &batch.content {
        Content::Snapshot(it) | Content::Part(it) => (&it.nodes, &it.namespaces, &it.workloads),
        Content::Delta(it) => (&it.nodes, &it.namespaces, &it.workloads),
    };
    errors.at_most("nodes", nodes.len(), limits::NODES);
    errors.at_most("namespaces", namespaces.len(), limits::NAMESPACES);
    errors.at_most("workloads", workloads.len(), limits::WORKLOADS);
    if let Content::Delta(delta) = &batch.content {
        errors.gone("goneNodes", &delta.gone_nodes, limits::NODES);
        errors.gone("goneNamespaces", &delta.gone_namespaces, limits::NAMESPACES);
        errors.gone("goneWorkloads", &delta.gone_workloads, limits::WORKLOADS);
    }
    for (place, node) in nodes.iter().enumerate() {
        errors.node(&format!("nodes[{place}]"), node);
    }
    errors.once("nodes", nodes.iter().map(|node| node.name.as_str()));
    errors.once("namespaces", namespaces.iter().map(|namespace| namespace.name.as_str()));
    errors.once("workloads", workloads.iter().map(|workload| workload.uid.as_str()));
    for (place, namespace) in namespaces.iter().enumerate() {
        errors.labels(&format!("namespaces[{place}].labels"), &namespace.labels);
    }
    for (place, workload) in workloads.iter().enumerate() {
        let at = format!("workloads[{place}]");
        errors.workload(&at, workload);
        if group.collection == Collection::Digests {
            errors.values(&format!("{at}.template.spec"), &workload.template, group);
        }
    }
    if errors.0.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(errors.0)) }
}

struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, at: &str, message: String) {
        if self.0.len() < MOST_ERRORS {
            self.0.push(FieldError { field: at.to_owned(), message });
        }
    }

    fn at_most(&mut self, at: &str, n: usize, most: usize) {
        if n > most {
            self.add(
                at,
                format!("has {n} entries; {most} are allowed in a batch. Send the rest as deltas."),
            );
        }
    }

    /// Names must be there, once each.
    fn once<'a>(&mut self, at: &str, names: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (place, name) in names.enumerate() {
            let at = format!("{at}[{place}]");
            if name.is_empty() {
                self.add(&at, "has no name or uid".to_owned());
            }
            self.text(&at, name);
            if !seen.insert(name) {
                self.add(&at, format!("is the second one named {name:?}; each is sent once"));
            }
        }
    }

    fn gone(&mut self, at: &str, names: &[String], most: usize) {
        self.at_most(at, names.len(), most);
        for (place, name) in names.iter().enumerate() {
            self.text(&format!("{at}[{place}]"), name);
        }
    }

    fn node(&mut self, at: &str, node: &Node) {
        for (field, text) in [
            ("providerId", &node.provider_id),
            ("kubeletVersion", &node.kubelet_version),
            ("osImage", &node.os_image),
            ("architecture", &node.architecture),
            ("containerRuntime", &node.container_runtime),
        ] {
            self.text(&format!("{at}.{field}"), text);
        }
    }

    fn text(&mut self, at: &str, text: &str) {
        if text.len() > limits::TEXT_BYTES {
            self.add(at, format!("is longer than {} bytes", limits::TEXT_BYTES));
        }
        if text.chars().any(char::is_control) {
            self.add(at, "holds a control character".to_owned());
        }
    }

    /// Where secrets stand, only keyed digests are taken (design 1.8).
    fn values(&mut self, at: &str, template: &Value, group: &Group) {
        let Some(found) = values::plain(template) else { return };
        let name = group.name_path();
        let message = format!(
            "is sent as it is, and {name} takes keyed digests only. Replace it, as loadline does \
             without --collect-values, or let the group take values: \
             loadline groups collect {name} values"
        );
        self.add(&format!("{at}.{found}"), message);
    }

    fn labels(&mut self, at: &str, labels: &std::collections::BTreeMap<String, String>) {
        self.at_most(at, labels.len(), limits::LABELS);
        for (key, value) in labels {
            self.text(at, key);
            self.text(at, value);
        }
    }

    fn workload(&mut self, at: &str, workload: &Workload) {
        for (field, text) in [
            ("apiVersion", &workload.api_version),
            ("namespace", &workload.namespace),
            ("name", &workload.name),
        ] {
            self.text(&format!("{at}.{field}"), text);
        }
        if let Some(owner) = &workload.owner {
            for (field, text) in [("kind", &owner.kind), ("name", &owner.name), ("uid", &owner.uid)]
            {
                self.text(&format!("{at}.owner.{field}"), text);
            }
        }
        if workload.name.is_empty() {
            self.add(&format!("{at}.name"), "is empty".to_owned());
        }
        self.labels(&format!("{at}.labels"), &workload.labels);
        self.at_most(&format!("{at}.containers"), workload.containers.len(), limits::CONTAINERS);
        if !workload.template.is_null() {
            let bytes = workload.template.to_string().len();
            if bytes > limits::TEMPLATE_BYTES {
                let most = limits::TEMPLATE_BYTES;
                self.add(
                    &format!("{at}.template"),
                    format!("has {bytes} bytes; {most} are allowed"),
                );
            }
        }
        for (place, container) in workload.containers.iter().enumerate() {
            let at = format!("{at}.containers[{place}]");
            self.text(&format!("{at}.name"), &container.name);
            self.text(&format!("{at}.imageId"), container.image_id.as_deref().unwrap_or_default());
            if let Err(error) = container.image.parse::<model::image::ImageReference>() {
                self.add(&format!("{at}.image"), error.to_string());
            }
        }
    }
}
