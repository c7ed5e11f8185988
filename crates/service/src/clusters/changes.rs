//! Clusters renamed, moved and deleted.

use model::clusters::ClusterSummary;
use model::events::Change;
use model::iam::Capability;
use model::id::{ClusterId, GroupId};
use serde_json::json;

use super::Clusters;
use crate::audit::{Act, note};
use crate::{Caller, Result, ServiceError};

impl Clusters<'_> {
    /// Gives a cluster another name or description; what is `None` stays.
    ///
    /// # Errors
    /// Invalid fields; a conflict where the name was taken just now; not found or forbidden at the
    /// cluster.
    pub async fn update(
        &self,
        caller: &Caller,
        id: ClusterId,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<ClusterSummary> {
        let (row, group) = self.seen(caller, id, Capability::ClustersUpdate).await?;
        let becomes = name.unwrap_or(&row.name);
        let description = description.unwrap_or(&row.description);
        let errors = self.wrong(&group, Some(id), becomes, description).await?;
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let (mut tx, now) = self.0.begin().await?;
        let renamed = tx.rename_cluster(row.root, id, becomes, description).await;
        renamed.map_err(|error| match error.is_conflict() {
            true => ServiceError::Conflict(format!(
                "There is a cluster {becomes} already, made just now. Choose another name."
            )),
            false => error.into(),
        })?;
        if becomes != row.name {
            let change =
                Change::ClusterRenamed { cluster: row.name.clone(), becomes: becomes.to_owned() };
            tx.append_event(row.root, &group.path_key, caller.subject(), &change, now).await?;
        }
        let before = json!({ "name": row.name, "description": row.description });
        let after = json!({ "name": becomes, "description": description });
        let act = Act::of(Capability::ClustersUpdate, format!("cluster {id}"));
        note(&mut tx, caller, Some(&group), &act.before(&before).after(&after), now).await?;
        tx.commit().await?;
        self.get(caller, id).await
    }

    /// Puts a cluster into another group of its organization: other policies hold for it from now
    /// on, and what runs there is judged again. It takes `clusters.delete` where it leaves and
    /// `clusters.create` where it goes.
    ///
    /// # Errors
    /// A conflict where the group is of another organization; not found or forbidden.
    pub async fn move_to(
        &self,
        caller: &Caller,
        id: ClusterId,
        group: GroupId,
    ) -> Result<ClusterSummary> {
        let (row, from) = self.seen(caller, id, Capability::ClustersDelete).await?;
        let to = self.0.scope(caller, Capability::ClustersCreate, group).await?;
        if to.root != row.root {
            return Err(ServiceError::Conflict(
                "A cluster stays in its organization. Register it anew in the other one."
                    .to_owned(),
            ));
        }
        if to.group.id == from.group.id {
            return self.get(caller, id).await;
        }
        let (mut tx, now) = self.0.begin().await?;
        tx.move_cluster(row.root, id, to.group.id).await?;
        tx.queue_running_images(row.root, now).await?;
        tx.queue_tally(row.root, id, now).await?;
        let (group, becomes) = (from.group.name_path(), to.group.name_path());
        let change = Change::ClusterMoved { cluster: row.name, group, becomes };
        tx.append_event(row.root, &to.path_key, caller.subject(), &change, now).await?;
        let act = Act::of(Capability::ClustersUpdate, format!("cluster {id}"));
        let act = act.before(&from.group.name_path()).after(&to.group.name_path());
        note(&mut tx, caller, Some(&to), &act, now).await?;
        tx.commit().await?;
        self.0.inner.standings.forget(id);
        self.0.wake_sweep();
        self.get(caller, id).await
    }

    /// Deletes a cluster: its tokens end at once, and what it ran belongs to the past.
    ///
    /// # Errors
    /// Not found or forbidden at the cluster.
    pub async fn delete(&self, caller: &Caller, id: ClusterId) -> Result<()> {
        let (row, group) = self.seen(caller, id, Capability::ClustersDelete).await?;
        let (mut tx, now) = self.0.begin().await?;
        // What ran there may run nowhere any more: what is known of it is worked out again.
        tx.queue_running_images(row.root, now).await?;
        tx.delete_cluster(row.root, id, now).await?;
        let change =
            Change::ClusterDeleted { cluster: row.name.clone(), group: group.group.name_path() };
        tx.append_event(row.root, &group.path_key, caller.subject(), &change, now).await?;
        let act = Act::of(Capability::ClustersDelete, format!("cluster {id}")).before(&row.name);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        tx.commit().await?;
        self.0.inner.standings.forget(id);
        self.0.wake_sweep();
        Ok(())
    }
}
