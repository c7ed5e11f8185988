//! A cluster's report, from batch to intervals: numbered, checked, held against what is stored.

use std::collections::BTreeMap;

use model::digest::Digest;
use model::events::Change;
use model::iam::{Capability, Subject};
use model::id::ClusterId;
use model::inventory::{Namespace, Node, Workload};
use protocol::ingest::{Accepted, Batch, Content, Delta, Snapshot};
use store::{ClusterRow, GroupRow, InventoryChange, NewWorkload, Tx};

use crate::{Caller, Result, Service, ServiceError};

mod check;
mod running;

/// How the batch relates to what landed before.
enum Place {
    Next,
    Repeat,
}

/// The whole state of a cluster as reports have it.
#[derive(Default)]
struct State {
    nodes: BTreeMap<String, Node>,
    namespaces: BTreeMap<String, Namespace>,
    workloads: BTreeMap<String, (Workload, Option<Digest>)>,
}

impl Service {
    /// Takes one batch of the calling cluster; it lands whole or not at all.
    ///
    /// # Errors
    /// Invalid content, a gap in the numbering; forbidden for callers that are no cluster.
    pub async fn accept_inventory(&self, caller: &Caller, batch: Batch) -> Result<Accepted> {
        let Subject::Cluster { id } = caller.subject() else {
            return Err(ServiceError::Forbidden(
                "Inventory is sent with a cluster's token. Make one on the cluster's page."
                    .to_owned(),
            ));
        };
        let cluster = self.store().cluster(*id).await?.ok_or(ServiceError::Unauthenticated)?;
        let tree = self.tree().await?;
        let group = tree.by_id(cluster.group).ok_or(ServiceError::Unauthenticated)?;
        caller.require(Capability::InventoryReport, Capability::InventoryReport, group)?;
        check::check(&batch, &group.group)?;
        self.land(caller, &cluster, group, batch).await
    }

    async fn land(
        &self,
        caller: &Caller,
        cluster: &ClusterRow,
        group: &GroupRow,
        batch: Batch,
    ) -> Result<Accepted> {
        let (epoch, sequence) = (batch.epoch, batch.sequence);
        let mut tx = self.store().begin().await?;
        let last = tx.last_batch(cluster.root, cluster.id).await?;
        let mut unresolved = Vec::new();
        let place = place(last, &batch)?;
        if matches!(place, Place::Next) {
            let change = self.change(&mut tx, cluster, batch, &mut unresolved).await?;
            let now = self.now();
            tx.write_inventory(cluster.root, cluster.id, &change, now).await?;
            if last.is_none() {
                let event = Change::ClusterConnected { cluster: cluster.name.clone() };
                let actor = caller.subject();
                tx.append_event(group.root, &group.path_key, actor, &event, now).await?;
            }
        }
        tx.commit().await?;
        self.wake_sweep();
        let counts = self.store().running_counts(cluster.root, cluster.id).await?;
        Ok(Accepted {
            cluster: cluster.name.clone(),
            epoch,
            sequence,
            is_repeat: matches!(place, Place::Repeat),
            n_workloads: counts.0,
            n_images: counts.1,
            unresolved,
        })
    }

    async fn change(
        &self,
        tx: &mut Tx,
        cluster: &ClusterRow,
        batch: Batch,
        unresolved: &mut Vec<String>,
    ) -> Result<InventoryChange> {
        let mut templates = BTreeMap::new();
        let state = match batch.content {
            Content::Snapshot(snapshot) => State::from_snapshot(snapshot, &mut templates),
            Content::Delta(delta) => {
                let mut state = stored(tx, cluster.root, cluster.id).await?;
                state.apply(delta, &mut templates);
                state
            }
        };
        let provider = provider(state.nodes.values()).unwrap_or(&cluster.provider).to_owned();
        let kubernetes_version = match batch.kubernetes_version.as_str() {
            "" => cluster.kubernetes_version.clone(),
            told => told.to_owned(),
        };
        Ok(InventoryChange {
            batch: (batch.epoch, batch.sequence),
            kubernetes_version,
            provider,
            workloads: new_workloads(state.workloads, &templates, unresolved),
            nodes: state.nodes,
            namespaces: state.namespaces,
        })
    }
}

/// Numbering: a snapshot opens a larger epoch, deltas follow one by one, a repeat is harmless.
fn place(last: Option<(u64, u64)>, batch: &Batch) -> Result<Place> {
    let new = (batch.epoch, batch.sequence);
    let is_snapshot = matches!(batch.content, Content::Snapshot(_));
    match last {
        Some(last) if new <= last && new.0 == last.0 => Ok(Place::Repeat),
        Some(last) if new.0 < last.0 => Err(ServiceError::Gap(format!(
            "Epoch {} is over; the cluster is at epoch {}. Send a snapshot with a larger epoch.",
            new.0, last.0
        ))),
        Some(last) if !is_snapshot && new.0 == last.0 && new.1 == last.1.saturating_add(1) => {
            Ok(Place::Next)
        }
        Some(_) | None if is_snapshot && new.1 == 0 => Ok(Place::Next),
        Some(_) | None if is_snapshot => {
            Err(ServiceError::Gap("A snapshot opens its epoch, so its sequence is 0.".to_owned()))
        }
        Some(last) => Err(ServiceError::Gap(format!(
            "The last batch that landed is epoch {}, sequence {}; this is epoch {}, sequence {}. Send a snapshot.",
            last.0, last.1, new.0, new.1
        ))),
        None => Err(ServiceError::Gap(
            "Nothing landed yet from this cluster. Send a snapshot first.".to_owned(),
        )),
    }
}

type Templates = BTreeMap<Digest, String>;

impl State {
    fn from_snapshot(snapshot: Snapshot, templates: &mut Templates) -> Self {
        let mut state = Self::default();
        let Snapshot { nodes, namespaces, workloads } = snapshot;
        let delta = Delta { nodes, namespaces, workloads, ..Delta::default() };
        state.apply(delta, templates);
        state
    }

    fn apply(&mut self, delta: Delta, templates: &mut Templates) {
        for name in &delta.gone_nodes {
            self.nodes.remove(name);
        }
        for name in &delta.gone_namespaces {
            self.namespaces.remove(name);
        }
        for uid in &delta.gone_workloads {
            self.workloads.remove(uid);
        }
        self.nodes.extend(delta.nodes.into_iter().map(|node| (node.name.clone(), node)));
        self.namespaces.extend(delta.namespaces.into_iter().map(|it| (it.name.clone(), it)));
        for mut workload in delta.workloads {
            let template = std::mem::take(&mut workload.template);
            let digest = (!template.is_null()).then(|| {
                let json = template.to_string();
                let digest = Digest::of(json.as_bytes());
                templates.insert(digest, json);
                digest
            });
            self.workloads.insert(workload.uid.clone(), (workload, digest));
        }
    }
}

async fn stored(tx: &mut Tx, root: store::RootKey, cluster: ClusterId) -> Result<State> {
    let (nodes, namespaces) = tx.stored_places(root, cluster).await?;
    let rows = tx.stored_workloads(root, cluster).await?;
    let workloads =
        rows.into_iter().map(|row| (row.workload.uid.clone(), (row.workload, row.template)));
    Ok(State { nodes, namespaces, workloads: workloads.collect() })
}

fn new_workloads(
    workloads: BTreeMap<String, (Workload, Option<Digest>)>,
    templates: &Templates,
    unresolved: &mut Vec<String>,
) -> BTreeMap<String, NewWorkload> {
    let owners = running::Owners::of(workloads.values().map(|(workload, _)| workload));
    let tops: Vec<_> = workloads.values().map(|(workload, _)| owners.top(workload)).collect();
    let mut new = BTreeMap::new();
    for ((uid, (workload, template)), top) in workloads.into_iter().zip(tops) {
        let images = running::images(&workload, unresolved);
        let identity = (&workload, template);
        let json = serde_json::to_vec(&identity).unwrap_or_default();
        let template = template.map(|digest| (digest, templates.get(&digest).cloned()));
        new.insert(uid, NewWorkload { digest: Digest::of(&json), workload, template, top, images });
    }
    new
}

/// The cloud that the nodes' `spec.providerID` tells.
fn provider<'a>(nodes: impl Iterator<Item = &'a Node>) -> Option<&'static str> {
    let schemes = [
        ("gce://", "GKE"),
        ("aws://", "EKS"),
        ("azure://", "AKS"),
        ("kind://", "kind"),
        ("k3s://", "k3s"),
        ("digitalocean://", "DigitalOcean"),
        ("openstack://", "OpenStack"),
        ("vsphere://", "vSphere"),
        ("ibm://", "IBM Cloud"),
        ("oci://", "Oracle Cloud"),
    ];
    let mut nodes = nodes;
    nodes.find_map(|node| {
        let known = schemes.iter().find(|(scheme, _)| node.provider_id.starts_with(scheme));
        known.map(|(_, name)| *name)
    })
}
