//! From an inventory to numbered batches, and from a batch to the bytes that are sent.

use std::io;

use flate2::Compression;
use flate2::write::GzEncoder;
use model::inventory::{Namespace, Node, Workload};
use protocol::ingest::{Batch, Content, Snapshot, limits};
use serde::Serialize;

use crate::kubectl::Inventory;

/// How much goes into one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes before compression.
    pub bytes: usize,
    /// Workloads.
    pub workloads: usize,
    /// Namespaces.
    pub namespaces: usize,
    /// Nodes.
    pub nodes: usize,
}

impl Limits {
    /// What the control plane takes; some room is left for what surrounds the objects.
    pub const OF_THE_PROTOCOL: Self = Self {
        bytes: limits::BODY_BYTES.saturating_sub(1024 * 1024),
        workloads: limits::WORKLOADS,
        namespaces: limits::NAMESPACES,
        nodes: limits::NODES,
    };
}

/// One batch's worth of objects.
#[derive(Debug, Default)]
struct Load {
    bytes: usize,
    nodes: Vec<Node>,
    namespaces: Vec<Namespace>,
    workloads: Vec<Workload>,
}

/// The batches that report an inventory: a snapshot, in as many parts as it takes.
///
/// # Errors
/// Never in practice: objects that were read as JSON can be written as JSON.
pub fn of_inventory(
    inventory: Inventory,
    epoch: u64,
    kubernetes_version: &str,
    limits: Limits,
) -> io::Result<Vec<Batch>> {
    let mut loads = Loads { full: Vec::new(), load: Load::default(), limits };
    for node in inventory.nodes.into_values() {
        loads.room(&node, |load| load.nodes.len() < limits.nodes)?.nodes.push(node);
    }
    for namespace in inventory.namespaces.into_values() {
        let has_room = |load: &Load| load.namespaces.len() < limits.namespaces;
        loads.room(&namespace, has_room)?.namespaces.push(namespace);
    }
    for workload in inventory.workloads.into_values() {
        let has_room = |load: &Load| load.workloads.len() < limits.workloads;
        loads.room(&workload, has_room)?.workloads.push(workload);
    }
    let Loads { mut full, load, .. } = loads;
    full.push(load);
    let n_parts = full.len() as u64;
    let batch = |(load, sequence): (Load, u64)| Batch {
        epoch,
        sequence,
        kubernetes_version: kubernetes_version.to_owned(),
        content: content(load, sequence, n_parts),
    };
    Ok(full.into_iter().zip(0..).map(batch).collect())
}

fn content(load: Load, sequence: u64, n_parts: u64) -> Content {
    let Load { nodes, namespaces, workloads, .. } = load;
    let is_continued = sequence.saturating_add(1) < n_parts;
    let part = Snapshot { nodes, namespaces, workloads, is_continued };
    if sequence == 0 { Content::Snapshot(part) } else { Content::Part(part) }
}

struct Loads {
    full: Vec<Load>,
    load: Load,
    limits: Limits,
}

impl Loads {
    /// The load that one more object goes into: this one, or the next where it is full.
    fn room(
        &mut self,
        object: &impl Serialize,
        has_room: impl Fn(&Load) -> bool,
    ) -> io::Result<&mut Load> {
        let bytes = serde_json::to_vec(object)?.len().saturating_add(1);
        let is_first = self.load.bytes == 0;
        let fits = self.load.bytes.saturating_add(bytes) <= self.limits.bytes;
        let is_full = !fits || !has_room(&self.load);
        if !is_first && is_full {
            self.full.push(std::mem::take(&mut self.load));
        }
        self.load.bytes = self.load.bytes.saturating_add(bytes);
        Ok(&mut self.load)
    }
}

/// A batch as it is sent: JSON, compressed.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn gzip(batch: &Batch) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    serde_json::to_writer(&mut encoder, batch)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use model::inventory::WorkloadKind;
    use serde_json::Value;

    use super::*;

    fn inventory(n_workloads: usize) -> Inventory {
        let workload = |number: usize| Workload {
            uid: format!("uid-{number:04}"),
            kind: WorkloadKind::Pod,
            api_version: "v1".to_owned(),
            namespace: "shop".to_owned(),
            name: format!("pod-{number}"),
            labels: [].into(),
            owner: None,
            running: true,
            template: Value::Null,
            containers: Vec::new(),
        };
        let workloads = (0..n_workloads).map(|number| (format!("{number:04}"), workload(number)));
        let namespace = Namespace { name: "shop".to_owned(), labels: [].into() };
        Inventory {
            workloads: workloads.collect(),
            namespaces: [("shop".to_owned(), namespace)].into(),
            ..Inventory::default()
        }
    }

    fn sizes(batches: &[Batch]) -> Vec<(u64, bool, usize)> {
        let size = |batch: &Batch| match &batch.content {
            Content::Snapshot(it) | Content::Part(it) => {
                (batch.sequence, it.is_continued, it.workloads.len())
            }
            Content::Delta(_) => panic!("a whole inventory is no delta"),
        };
        batches.iter().map(size).collect()
    }

    #[test]
    fn an_inventory_is_one_snapshot() {
        let batches = of_inventory(inventory(5), 7, "v1.36.2", Limits::OF_THE_PROTOCOL).unwrap();
        assert_eq!(sizes(&batches), [(0, false, 5)]);
        assert_eq!((batches[0].epoch, batches[0].kubernetes_version.as_str()), (7, "v1.36.2"));
    }

    #[test]
    fn what_does_not_fit_follows_as_parts_of_the_same_snapshot() {
        let by_count = Limits { workloads: 2, ..Limits::OF_THE_PROTOCOL };
        let batches = of_inventory(inventory(5), 7, "", by_count).unwrap();
        assert_eq!(sizes(&batches), [(0, true, 2), (1, true, 2), (2, false, 1)]);
        assert!(batches.iter().all(|batch| batch.epoch == 7));
        let by_bytes = Limits { bytes: 300, ..Limits::OF_THE_PROTOCOL };
        let batches = of_inventory(inventory(5), 7, "", by_bytes).unwrap();
        assert_eq!(sizes(&batches).iter().map(|(_, _, n)| n).sum::<usize>(), 5);
        for batch in &batches {
            assert!(serde_json::to_vec(batch).unwrap().len() < 300 + 150, "{batch:?}");
        }
    }

    #[test]
    fn the_body_is_the_batch_as_gzip() {
        let batches = of_inventory(inventory(3), 7, "", Limits::OF_THE_PROTOCOL).unwrap();
        let body = gzip(&batches[0]).unwrap();
        assert_eq!(body[..2], [0x1f, 0x8b]);
        let mut json = String::new();
        GzDecoder::new(body.as_slice()).read_to_string(&mut json).unwrap();
        assert_eq!(serde_json::from_str::<Batch>(&json).unwrap(), batches[0]);
    }
}
