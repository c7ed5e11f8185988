//! A cluster's report, from batch to intervals: numbered, checked, held against what is stored.

use std::collections::BTreeMap;

use model::digest::Digest;
use model::events::Change;
use model::iam::{Capability, Subject};
use model::id::ClusterId;
use model::inventory::{Namespace, Node, Workload};
use protocol::ingest::{Accepted, Batch, Content, Delta, Snapshot, limits};
use store::{ClusterRow, GroupRow, InventoryChange, NewWorkload, Tx};

use crate::{Caller, Result, Service, ServiceError};

mod check;
pub(crate) mod pull_secrets;
mod running;

/// How the batch relates to what landed before.
enum Place {
    /// It lands.
    Next,
    /// It is a part that waits for the last one.
    Staged,
    /// It landed before.
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
        let (cluster, group) = self.reporting(caller, "Inventory is").await?;
        check::check(&batch, &group.group)?;
        self.land(caller, &cluster, &group, batch).await
    }

    /// The cluster that calls, and its group. `what` it wants to do begins the refusal of others.
    pub(crate) async fn reporting(
        &self,
        caller: &Caller,
        what: &str,
    ) -> Result<(ClusterRow, GroupRow)> {
        let Subject::Cluster { id, .. } = caller.subject() else {
            return Err(ServiceError::Forbidden(format!(
                "{what} sent with a cluster's token. Make one on the cluster's page."
            )));
        };
        let cluster = self.store().cluster(*id).await?.ok_or(ServiceError::Unauthenticated)?;
        let tree = self.tree().await?;
        let group = tree.by_id(cluster.group).ok_or(ServiceError::Unauthenticated)?;
        caller.require(Capability::InventoryReport, Capability::InventoryReport, group)?;
        Ok((cluster, group.clone()))
    }

    async fn land(
        &self,
        caller: &Caller,
        cluster: &ClusterRow,
        group: &GroupRow,
        batch: Batch,
    ) -> Result<Accepted> {
        let (epoch, sequence) = (batch.epoch, batch.sequence);
        let (mut tx, now) = self.begin().await?;
        let last = tx.last_batch(cluster.root, cluster.id).await?;
        let n_staged = tx.n_staged_parts(cluster.root, cluster.id, epoch).await?;
        let mut unresolved = Vec::new();
        let place = place(last, n_staged, &batch)?;
        match place {
            Place::Repeat => {}
            Place::Staged => {
                let json = serde_json::to_string(&batch.content)
                    .map_err(|error| ServiceError::Internal(Box::new(error)))?;
                tx.stage_part(cluster.root, cluster.id, (epoch, sequence), &json).await?;
            }
            Place::Next => {
                let batch = whole(&mut tx, cluster, batch).await?;
                let change = self.change(&mut tx, cluster, batch, &mut unresolved).await?;
                tx.write_inventory(cluster.root, cluster.id, &change, now).await?;
                if last.is_none() {
                    let event = Change::ClusterConnected { cluster: cluster.name.clone() };
                    let actor = caller.subject();
                    tx.append_event(group.root, &group.path_key, actor, &event, now).await?;
                }
            }
        }
        tx.commit().await?;
        self.inner.standings.forget(cluster.id);
        self.wake_sweep();
        let counts = self.store().running_counts(cluster.root, cluster.id).await?;
        Ok(Accepted {
            cluster: cluster.name.clone(),
            epoch,
            sequence,
            is_repeat: matches!(place, Place::Repeat),
            is_staged: matches!(place, Place::Staged),
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
            Content::Snapshot(snapshot) | Content::Part(snapshot) => {
                State::from_snapshot(snapshot, &mut templates)
            }
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

/// Numbering: a snapshot opens a larger epoch, its parts and then deltas follow one by one, a
/// repeat is harmless. `n_staged` parts of the batch's epoch wait for the last one.
fn place(last: Option<(u64, u64)>, n_staged: u64, batch: &Batch) -> Result<Place> {
    let new = (batch.epoch, batch.sequence);
    if let Some(last) = last {
        if new.0 == last.0 && new <= last {
            return Ok(Place::Repeat);
        }
        if new.0 < last.0 {
            return Err(ServiceError::Gap(format!(
                "Epoch {} is over; the cluster is at epoch {}. Send a snapshot with a larger epoch.",
                new.0, last.0
            )));
        }
    }
    let landing = |part: &Snapshot| if part.is_continued { Place::Staged } else { Place::Next };
    match &batch.content {
        Content::Snapshot(_) if new.1 != 0 => {
            Err(ServiceError::Gap("A snapshot opens its epoch, so its sequence is 0.".to_owned()))
        }
        Content::Snapshot(_) if n_staged > 0 => Ok(Place::Repeat),
        Content::Snapshot(part) => Ok(landing(part)),
        Content::Part(_) if new.1 < n_staged => Ok(Place::Repeat),
        Content::Part(_) if n_staged == 0 || new.1 != n_staged => Err(ServiceError::Gap(format!(
            "{n_staged} parts of epoch {}'s snapshot are there; this is part {}. Send the whole snapshot again, with a larger epoch.",
            new.0, new.1
        ))),
        Content::Part(_) if new.1 >= limits::PARTS => Err(ServiceError::Gap(format!(
            "A snapshot has at most {} parts. Send fewer, larger ones.",
            limits::PARTS
        ))),
        Content::Part(part) => Ok(landing(part)),
        Content::Delta(_) => match last {
            Some(last) if new == (last.0, last.1.saturating_add(1)) => Ok(Place::Next),
            Some(last) => Err(ServiceError::Gap(format!(
                "The last batch that landed is epoch {}, sequence {}; this is epoch {}, sequence {}. Send a snapshot.",
                last.0, last.1, new.0, new.1
            ))),
            None => Err(ServiceError::Gap(
                "Nothing landed yet from this cluster. Send a snapshot first.".to_owned(),
            )),
        },
    }
}

/// The last part of a snapshot together with those that waited for it.
async fn whole(tx: &mut Tx, cluster: &ClusterRow, batch: Batch) -> Result<Batch> {
    let Content::Part(last) = batch.content else { return Ok(batch) };
    let mut whole = Snapshot::default();
    let staged = tx.take_parts(cluster.root, cluster.id, batch.epoch).await?;
    let staged = staged.iter().map(|json| serde_json::from_str::<Content>(json));
    for part in staged.chain([Ok(Content::Part(last))]) {
        let part = part.map_err(|error| ServiceError::Internal(Box::new(error)))?;
        if let Content::Snapshot(part) | Content::Part(part) = part {
            whole.nodes.extend(part.nodes);
            whole.namespaces.extend(part.namespaces);
            whole.workloads.extend(part.workloads);
        }
    }
    Ok(Batch { content: Content::Snapshot(whole), ..batch })
}

type Templates = BTreeMap<Digest, String>;

impl State {
    fn from_snapshot(snapshot: Snapshot, templates: &mut Templates) -> Self {
        let mut state = Self::default();
        let Snapshot { nodes, namespaces, workloads, .. } = snapshot;
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
