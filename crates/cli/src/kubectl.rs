//! From `kubectl get … -o json` to an inventory.
//!
//! [`reader`] reads the text object by object, so that a large cluster is never in memory as
//! text; [`object`] names the few fields that are looked at; [`workload`] turns an object into
//! what `model::inventory` knows; [`image_id`] says which image a container became; and
//! [`redaction`] replaces what may be secret before it leaves this machine.

use std::collections::BTreeMap;
use std::io::Read;

use model::inventory::{Namespace, Node, Workload};

pub mod image_id;
mod object;
mod reader;
pub mod redaction;
mod workload;

use redaction::Redaction;

/// What kubectl printed, as far as policies may read it.
#[derive(Debug, Default, PartialEq)]
pub struct Inventory {
    /// Nodes by name.
    pub nodes: BTreeMap<String, Node>,
    /// Namespaces by name.
    pub namespaces: BTreeMap<String, Namespace>,
    /// Pods and what owns them, by uid.
    pub workloads: BTreeMap<String, Workload>,
    /// Objects of other kinds, which were left out, counted by kind.
    pub skipped: BTreeMap<String, u64>,
    /// What was left out of objects that were taken, and why.
    pub left_out: Vec<String>,
}

/// Why the input is no inventory.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There was nothing to read.
    #[error("the input is empty; did kubectl fail?")]
    Empty,
    /// It could not be read to its end.
    #[error("the input could not be read: {0}")]
    Input(#[source] std::io::Error),
    /// It is no JSON.
    #[error("the input is not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// It ended in the middle.
    #[error("the input ends in the middle of an object; was kubectl interrupted?")]
    CutOff,
    /// It is JSON, but not Kubernetes objects.
    #[error("the input is JSON, but not what kubectl prints: {0}")]
    NotObjects(#[source] serde_json::Error),
    /// It is the server-side table that `kubectl get --raw` and others give.
    #[error("the input is a table of printed columns, not the objects themselves")]
    Table,
    /// An object that should be known is not as it should be.
    #[error("{object} is not as Kubernetes has it: {cause}")]
    Object {
        /// Its kind, namespace and name.
        object: String,
        /// What is wrong with it.
        cause: String,
    },
    /// There are objects, but no pods among them: nothing would seem to run.
    #[error("the input holds no pods, so nothing would seem to run ({})", .0)]
    NoPods(String),
}

impl ReadError {
    /// What to do about it.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Empty | Self::CutOff => "Run the kubectl command alone and see what it says.",
            Self::Input(_) => "Check the file, and that you may read it.",
            Self::NotJson(_) | Self::NotObjects(_) | Self::Table => {
                "Ask kubectl for objects: kubectl get pods,deployments,… -A -o json"
            }
            Self::Object { .. } => {
                "Objects must come from a cluster, as kubectl get -o json prints them."
            }
            Self::NoPods(_) => {
                "Name pods first (kubectl get pods,deployments,… -A -o json), and check the context."
            }
        }
    }
}

/// Reads one or several JSON documents: Lists of any kind, or single objects.
///
/// # Errors
/// When the input is not what kubectl prints, or holds no pods.
pub fn read(input: impl Read, redaction: &Redaction) -> Result<Inventory, ReadError> {
    let inventory = reader::read(input, redaction)?;
    let has_pods =
        inventory.workloads.values().any(|it| it.kind == model::inventory::WorkloadKind::Pod);
    if has_pods { Ok(inventory) } else { Err(ReadError::NoPods(inventory.by_kind())) }
}

impl Inventory {
    /// How many objects of each kind were taken, as `3 Pods, 1 Deployment`.
    #[must_use]
    pub fn by_kind(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for workload in self.workloads.values() {
            let count = counts.entry(workload.kind.as_str()).or_default();
            *count = count.saturating_add(1);
        }
        let mut parts: Vec<String> = model::inventory::WorkloadKind::ALL
            .into_iter()
            .filter_map(|kind| counts.get(kind.as_str()).map(|n| counted(*n, kind.as_str())))
            .collect();
        for (n, kind) in [(self.namespaces.len(), "Namespace"), (self.nodes.len(), "Node")] {
            if n > 0 {
                parts.push(counted(n, kind));
            }
        }
        if parts.is_empty() { "nothing that Loadline knows".to_owned() } else { parts.join(", ") }
    }

    /// What was skipped, as `2 ConfigMap, 1 Service`; empty where nothing was.
    #[must_use]
    pub fn skipped_by_kind(&self) -> String {
        let part = |(kind, n): (&String, &u64)| format!("{n} {kind}");
        self.skipped.iter().map(part).collect::<Vec<_>>().join(", ")
    }
}

fn counted(n: usize, kind: &str) -> String {
    if n == 1 { format!("1 {kind}") } else { format!("{n} {kind}s") }
}
