//! Clusters: register, list, look into; tokens for their reports.

use std::sync::Arc;
use std::time::Duration;

use model::clusters::{
    AppliedPolicy, ClusterCounts, ClusterFilter, ClusterStatus, ClusterSummary, ClusterToken,
    Record, RunningWorkload, Violation,
};
use model::events::Change;
use model::groups::check_name;
use model::iam::Capability;
use model::id::{ClusterId, GroupId, TokenId};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use protocol::api::ClusterCredential;
use store::{ActivePolicy, ClusterRow, GroupRow, NewCluster, Standing};

use crate::audit::{Act, note};
use crate::groups::wrong_description;
use crate::scope::Tree;
use crate::secret::{self, SecretKind};
use crate::{Caller, FieldError, Result, Service, ServiceError};

mod changes;

/// A cluster not heard from for this long is stale.
pub const STALE_AFTER: Duration = Duration::from_secs(30 * 60);

/// The use cases of clusters.
#[derive(Debug, Clone, Copy)]
pub struct Clusters<'a>(&'a Service);

impl Service {
    /// The use cases of clusters.
    #[must_use]
    pub const fn clusters(&self) -> Clusters<'_> {
        Clusters(self)
    }

    /// Heard from before this means stale.
    pub(crate) fn stale_before(&self) -> Timestamp {
        self.now() - STALE_AFTER
    }
}

impl Clusters<'_> {
    /// Clusters below a group, by name.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn list(
        &self,
        caller: &Caller,
        scope: GroupId,
        filter: ClusterFilter,
        page: &PageRequest,
    ) -> Result<Page<ClusterSummary>> {
        let scope = self.0.scope(caller, Capability::ClustersList, scope).await?;
        let stale = self.0.stale_before();
        let store = self.0.store();
        let rows = store.clusters_below(scope.root, &scope.path_key, filter, stale, page).await?;
        let tree = self.0.tree().await?;
        let policies = self.0.policies_now().await?;
        Ok(rows.map(|row| summary(&row, &tree, &policies, stale)))
    }

    /// How many clusters below a group each filter would show.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn counts(&self, caller: &Caller, scope: GroupId) -> Result<ClusterCounts> {
        let scope = self.0.scope(caller, Capability::ClustersList, scope).await?;
        let stale = self.0.stale_before();
        Ok(self.0.store().cluster_counts(scope.root, &scope.path_key, stale).await?)
    }

    /// One cluster.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn get(&self, caller: &Caller, id: ClusterId) -> Result<ClusterSummary> {
        let (row, _) = self.seen(caller, id, Capability::ClustersList).await?;
        let tree = self.0.tree().await?;
        let policies = self.0.policies_now().await?;
        Ok(summary(&row, &tree, &policies, self.0.stale_before()))
    }

    /// What is wrong with a new cluster before it is made.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn check_new(
        &self,
        caller: &Caller,
        group: GroupId,
        name: &str,
    ) -> Result<Vec<FieldError>> {
        let group = self.0.scope(caller, Capability::ClustersCreate, group).await?;
        self.wrong(&group, None, name, "").await
    }

    /// Registers a cluster and makes its first token.
    ///
    /// # Errors
    /// Invalid fields; not found or forbidden at the group.
    pub async fn create(
        &self,
        caller: &Caller,
        group: GroupId,
        name: &str,
        description: &str,
    ) -> Result<ClusterCredential> {
        let group = self.0.scope(caller, Capability::ClustersCreate, group).await?;
        let errors = self.wrong(&group, None, name, description).await?;
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let id = ClusterId(self.0.fresh_suid());
        let credential = self.credential(id, name);
        let new = NewCluster { id, group: group.group.id, name, description };
        let (mut tx, now) = self.0.begin().await?;
        let limits = self.0.store().limits(group.root).await?;
        let n_clusters = tx.n_clusters(group.root).await?;
        Service::refuse_beyond(&group, "clusters", limits.clusters, n_clusters)?;
        let inserted = tx.insert_cluster(group.root, new, now).await;
        inserted.map_err(|error| match error.is_conflict() {
            true => ServiceError::Conflict(format!(
                "There is a cluster {name} already, made just now. Choose another name."
            )),
            false => error.into(),
        })?;
        let hash = secret::hash(&credential.token);
        tx.insert_cluster_token(group.root, id, credential.token_id, &hash, now).await?;
        let change =
            Change::ClusterCreated { cluster: name.to_owned(), group: group.group.name_path() };
        tx.append_event(group.root, &group.path_key, caller.subject(), &change, now).await?;
        let act = Act::of(Capability::ClustersCreate, format!("cluster {id}")).after(&name);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        tx.commit().await?;
        Ok(credential)
    }

    /// A cluster's tokens, newest first.
    ///
    /// # Errors
    /// Not found or forbidden at the cluster.
    pub async fn tokens(&self, caller: &Caller, id: ClusterId) -> Result<Vec<ClusterToken>> {
        let (row, _) = self.seen(caller, id, Capability::ClustersUpdate).await?;
        Ok(self.0.store().cluster_tokens(row.root, id).await?)
    }

    /// Makes a further token; it is shown once.
    ///
    /// # Errors
    /// Not found or forbidden at the cluster.
    pub async fn issue_token(&self, caller: &Caller, id: ClusterId) -> Result<ClusterCredential> {
        let (row, group) = self.seen(caller, id, Capability::ClustersUpdate).await?;
        let credential = self.credential(id, &row.name);
        let (mut tx, now) = self.0.begin().await?;
        let hash = secret::hash(&credential.token);
        tx.insert_cluster_token(row.root, id, credential.token_id, &hash, now).await?;
        let change = Change::TokenIssued { cluster: row.name };
        tx.append_event(row.root, &group.path_key, caller.subject(), &change, now).await?;
        let act = Act::named("clusters.token.create", format!("cluster {id}"));
        let act = act.after(&credential.token_id);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        tx.commit().await?;
        Ok(credential)
    }

    /// Ends a token at once.
    ///
    /// # Errors
    /// Not found where it is not in force; forbidden at the cluster.
    pub async fn revoke_token(&self, caller: &Caller, id: ClusterId, token: TokenId) -> Result<()> {
        let (row, group) = self.seen(caller, id, Capability::ClustersUpdate).await?;
        let (mut tx, now) = self.0.begin().await?;
        if !tx.revoke_cluster_token(row.root, id, token, now).await? {
            return Err(ServiceError::NotFound);
        }
        let change = Change::TokenRevoked { cluster: row.name };
        tx.append_event(row.root, &group.path_key, caller.subject(), &change, now).await?;
        let act = Act::named("clusters.token.revoke", format!("cluster {id}")).before(&token);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        Ok(tx.commit().await?)
    }

    /// What runs here and should not, worst and latest first.
    ///
    /// # Errors
    /// Not found or forbidden at the cluster.
    pub async fn violations(
        &self,
        caller: &Caller,
        id: ClusterId,
        page: &PageRequest,
    ) -> Result<Page<Violation>> {
        let (row, _) = self.seen(caller, id, Capability::RecordsList).await?;
        let standing = self.standing(&row).await?;
        let (shown, next) = page.of(&standing.violations);
        let cluster = (id, row.name.as_str());
        let rows = self.0.store().violations_in_cluster(row.root, cluster, shown).await?;
        Ok(Page { rows, next, total: standing.violations.len() as u64 })
    }

    /// The images here with the worst that policy says of each.
    ///
    /// # Errors
    /// Not found or forbidden at the cluster.
    pub async fn records(
        &self,
        caller: &Caller,
        id: ClusterId,
        page: &PageRequest,
    ) -> Result<Page<Record>> {
        let (row, _) = self.seen(caller, id, Capability::RecordsList).await?;
        let standing = self.standing(&row).await?;
        let (shown, next) = page.of(&standing.images);
        let schedules = self.0.schedules().await?;
        let rows = self.0.store().records(row.root, id, shown).await?;
        let rows = rows.into_iter().map(|(mut record, lookup)| {
            record.looked_up_at = lookup.map(|lookup| schedules.of(&lookup, true).0);
            record
        });
        Ok(Page { rows: rows.collect(), next, total: standing.images.len() as u64 })
    }

    /// The running workloads here with the worst that policy says of each.
    ///
    /// # Errors
    /// Not found or forbidden at the cluster.
    pub async fn workloads(
        &self,
        caller: &Caller,
        id: ClusterId,
        page: &PageRequest,
    ) -> Result<Page<RunningWorkload>> {
        let (row, _) = self.seen(caller, id, Capability::WorkloadsList).await?;
        Ok(self.0.store().running_workloads(row.root, id, page).await?)
    }

    /// The policies that hold here, by name.
    ///
    /// # Errors
    /// Not found or forbidden at the cluster.
    pub async fn policies(&self, caller: &Caller, id: ClusterId) -> Result<Vec<AppliedPolicy>> {
        let (row, group) = self.seen(caller, id, Capability::PolicyList).await?;
        let tree = self.0.tree().await?;
        let tallies = self.0.store().tallies_of_cluster(row.root, id).await?;
        let policies = self.0.policies_now().await?;
        let held = policies.iter().filter_map(|active| {
            let home = tree.by_id(active.policy.group)?;
            Tree::is_below(&group, home).then(|| AppliedPolicy {
                id: active.policy.id,
                name: active.policy.name.clone(),
                mode: active.policy.mode,
                group: home.group.name_path(),
                is_inherited: home.group.id != group.group.id,
                tally: tallies.get(&active.policy.id).copied().unwrap_or_default(),
            })
        });
        Ok(held.collect())
    }

    /// How a cluster stands; kept until it reports, or is counted again.
    async fn standing(&self, row: &ClusterRow) -> Result<Arc<Standing>> {
        let kept = self.0.inner.standings.of(row.id);
        kept.or_read(async || Ok(self.0.store().standing(row.root, row.id).await?)).await
    }

    fn credential(&self, cluster: ClusterId, name: &str) -> ClusterCredential {
        ClusterCredential {
            cluster,
            name: name.to_owned(),
            token_id: TokenId(self.0.fresh_suid()),
            token: self.0.fresh_secret(SecretKind::Cluster),
        }
    }

    async fn seen(
        &self,
        caller: &Caller,
        id: ClusterId,
        capability: Capability,
    ) -> Result<(ClusterRow, GroupRow)> {
        let row = self.0.store().cluster(id).await?.ok_or(ServiceError::NotFound)?;
        let tree = self.0.tree().await?;
        let group = tree.by_id(row.group).ok_or(ServiceError::NotFound)?;
        caller.require(capability, Capability::ClustersList, group)?;
        Ok((row, group.clone()))
    }

    /// What is wrong with a cluster's fields; with its `own` name nothing is, once it has one.
    async fn wrong(
        &self,
        group: &GroupRow,
        own: Option<ClusterId>,
        name: &str,
        description: &str,
    ) -> Result<Vec<FieldError>> {
        let mut errors = Vec::new();
        if let Err(message) = check_name(name) {
            errors.push(FieldError::new("name", message));
        }
        errors.extend(wrong_description(description));
        let clusters = self.0.store().clusters_by_group(group.root).await?;
        if clusters.values().flatten().any(|(id, taken)| taken == name && Some(*id) != own) {
            let organization = group.group.names.first().map_or("", String::as_str);
            let message =
                format!("{organization} has a cluster {name} already. Choose another name.");
            errors.push(FieldError::new("name", message));
        }
        Ok(errors)
    }
}

pub(crate) fn summary(
    row: &ClusterRow,
    tree: &Tree,
    policies: &[ActivePolicy],
    stale_before: Timestamp,
) -> ClusterSummary {
    let group = tree.by_id(row.group);
    let holds = |active: &&ActivePolicy| {
        let home = tree.by_id(active.policy.group);
        group.zip(home).is_some_and(|(group, home)| Tree::is_below(group, home))
    };
    let status = match row.seen_at {
        None => ClusterStatus::NothingYet,
        Some(seen_at) if seen_at <= stale_before => ClusterStatus::Stale,
        Some(_) => ClusterStatus::Active,
    };
    ClusterSummary {
        id: row.id,
        path: group.map_or_else(
            || model::id::Uidp::root(model::id::Uid::from_bytes([0; 20])),
            |group| group.group.path.child(row.id),
        ),
        name: row.name.clone(),
        description: row.description.clone(),
        provider: row.provider.clone(),
        kubernetes_version: row.kubernetes_version.clone(),
        group: group.map(|group| group.group.name_path()).unwrap_or_default(),
        seen_at: row.seen_at,
        status,
        n_policies: u64::try_from(policies.iter().filter(holds).count()).unwrap_or(u64::MAX),
        n_failed_policies: row.n_failed_policies,
        tally: row.tally,
    }
}
