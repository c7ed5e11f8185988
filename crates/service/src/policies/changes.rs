//! Policies described, set back to an earlier version, and deleted.

use model::events::Change;
use model::iam::Capability;
use model::id::PolicyId;
use model::policies::{PolicySummary, PolicyVersion, VersionDifference};
use serde_json::json;
use store::{ActivePolicy, GroupRow, PolicyRow};

use super::{Policies, diagnose};
use crate::audit::{Act, note};
use crate::groups::wrong_description;
use crate::{Caller, Result, ServiceError};

impl Policies<'_> {
    /// One version of a policy.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn version(
        &self,
        caller: &Caller,
        id: PolicyId,
        number: u64,
    ) -> Result<PolicyVersion> {
        let versions = self.versions(caller, id).await?;
        versions.into_iter().find(|it| it.number == number).ok_or(ServiceError::NotFound)
    }

    /// The fields that differ between two versions of a policy.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn difference(
        &self,
        caller: &Caller,
        id: PolicyId,
        (from, to): (u64, u64),
    ) -> Result<Vec<VersionDifference>> {
        let versions = self.versions(caller, id).await?;
        let document = |number| {
            let version = versions.iter().find(|it| it.number == number);
            version.map(|it| it.document.as_str()).ok_or(ServiceError::NotFound)
        };
        Ok(differences(document(from)?, document(to)?))
    }

    /// A policy's versions, newest first, each with the fields in which it differs from the active
    /// one: what going back to it would change.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn history(
        &self,
        caller: &Caller,
        id: PolicyId,
    ) -> Result<Vec<(PolicyVersion, Vec<VersionDifference>)>> {
        let versions = self.versions(caller, id).await?;
        let active = versions.iter().find(|it| it.is_active);
        let active = active.ok_or(ServiceError::NotFound)?.document.clone();
        let held_against_it = |version: PolicyVersion| {
            let differences = differences(&active, &version.document);
            (version, differences)
        };
        Ok(versions.into_iter().map(held_against_it).collect())
    }

    /// Sets a policy's description; its document and version stay.
    ///
    /// # Errors
    /// Invalid where it is too long; not found or forbidden at the policy.
    pub async fn describe(
        &self,
        caller: &Caller,
        id: PolicyId,
        description: &str,
    ) -> Result<PolicySummary> {
        let (active, group) = self.held(caller, id, Capability::PolicyUpdate).await?;
        if let Some(error) = wrong_description(description) {
            return Err(ServiceError::Invalid(vec![error]));
        }
        let (mut tx, now) = self.0.begin().await?;
        tx.describe_policy(group.root, id, description).await?;
        let before = json!({ "description": active.policy.description });
        let after = json!({ "description": description });
        let act = Act::of(Capability::PolicyUpdate, format!("policy {id}"));
        note(&mut tx, caller, Some(&group), &act.before(&before).after(&after), now).await?;
        tx.commit().await?;
        self.0.inner.policies.forget();
        self.get(caller, id).await
    }

    /// Makes an earlier version of a policy the active one; what runs is judged by it at once.
    ///
    /// # Errors
    /// Diagnostics where its document can no longer be published; not found or forbidden at the
    /// policy.
    pub async fn activate(
        &self,
        caller: &Caller,
        id: PolicyId,
        number: u64,
    ) -> Result<PolicySummary> {
        let (active, group) = self.held(caller, id, Capability::PolicyUpdate).await?;
        let version = self.version(caller, id, number).await?;
        if version.is_active {
            return self.get(caller, id).await;
        }
        let parsed = evaluator::check(&version.document).document;
        let policy = parsed.as_ref().and_then(|document| document.only_policy().ok());
        let Some(policy) = policy else {
            return Err(ServiceError::Diagnostics(diagnose(&version.document)));
        };
        let (mut tx, now) = self.0.begin().await?;
        let row = PolicyRow {
            version: number,
            mode: policy.mode,
            changed_at: now,
            ..active.policy.clone()
        };
        tx.activate(&row, now).await?;
        let (policy, group_name) = (row.name, group.group.name_path());
        let change = Change::VersionActivated { policy, group: group_name, version: number };
        tx.append_event(group.root, &group.path_key, caller.subject(), &change, now).await?;
        let act = Act::named("policy.version.activate", format!("policy {id}"));
        let act = act.before(&active.policy.version).after(&number);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        tx.queue_running_images(group.root, now).await?;
        tx.commit().await?;
        self.0.inner.policies.forget();
        self.0.wake_sweep();
        self.get(caller, id).await
    }

    /// Deletes a policy: it holds for nothing from now on. What it said stays in the past.
    ///
    /// # Errors
    /// Not found or forbidden at the policy.
    pub async fn delete(&self, caller: &Caller, id: PolicyId) -> Result<()> {
        let (active, group) = self.held(caller, id, Capability::PolicyDelete).await?;
        let (mut tx, now) = self.0.begin().await?;
        tx.delete_policy(group.root, id, now).await?;
        tx.queue_running_images(group.root, now).await?;
        tx.queue_tallies_below(group.root, &group.path_key, now).await?;
        let (policy, home) = (active.policy.name, group.group.name_path());
        let change = Change::PolicyDeleted { policy: policy.clone(), group: home };
        tx.append_event(group.root, &group.path_key, caller.subject(), &change, now).await?;
        let told = json!({ "name": policy, "version": active.policy.version });
        let act = Act::of(Capability::PolicyDelete, format!("policy {id}")).before(&told);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        tx.commit().await?;
        self.0.inner.policies.forget();
        self.0.wake_sweep();
        Ok(())
    }

    /// The policy and its home, if the caller holds a capability there.
    async fn held(
        &self,
        caller: &Caller,
        id: PolicyId,
        capability: Capability,
    ) -> Result<(ActivePolicy, GroupRow)> {
        let (active, group) = self.seen(caller, id).await?;
        caller.require(capability, Capability::PolicyList, &group)?;
        Ok((active, group))
    }
}

/// The fields that differ between two documents.
fn differences(before: &str, after: &str) -> Vec<VersionDifference> {
    let changes = policy::difference::between(before, after).unwrap_or_default().into_iter();
    let changed = |it: policy::difference::Change| VersionDifference {
        path: it.path,
        before: it.before,
        after: it.after,
    };
    changes.map(changed).collect()
}
