//! Policies: check, publish, list, look into.

use model::clusters::{ClusterFilter, ClusterSummary, Violation};
use model::events::Change;
use model::groups::Group;
use model::iam::{Capability, Subject};
use model::id::{GroupId, PolicyId, PolicyVersionId};
use model::page::{Page, PageRequest};
use model::policies::{Diagnostic, PolicyFilter, PolicySummary, PolicyVersion, Severity};
use protocol::api::AppliedPolicy;
use store::{ActivePolicy, GroupRow, PolicyRow, Tx};

use crate::audit::{Act, note};
use crate::clusters::summary;
use crate::groups::wrong_description;
use crate::scope::Tree;
use crate::{Caller, FieldError, Result, Service, ServiceError};

mod changes;

/// Bytes of a document, at most.
pub const LONGEST_DOCUMENT: usize = 1024 * 1024;

/// The use cases of policies.
#[derive(Debug, Clone, Copy)]
pub struct Policies<'a>(&'a Service);

impl Service {
    /// The use cases of policies.
    #[must_use]
    pub const fn policies(&self) -> Policies<'_> {
        Policies(self)
    }
}

impl Policies<'_> {
    /// Policies that hold for some of the scope: of its groups, and inherited from above.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn list(
        &self,
        caller: &Caller,
        scope: GroupId,
        filter: PolicyFilter,
        page: &PageRequest,
    ) -> Result<Page<PolicySummary>> {
        let scope = self.0.scope(caller, Capability::PolicyList, scope).await?;
        let mut rows = self.summaries(&scope).await?;
        if filter == PolicyFilter::Violations {
            rows.retain(|row| row.tally.violations() > 0);
        }
        let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let after = page.after.as_deref().unwrap_or_default();
        let mut rest =
            rows.into_iter().skip_while(|row| !after.is_empty() && cursor(row).as_str() <= after);
        let size = usize::try_from(page.rows()).unwrap_or(usize::MAX);
        let rows: Vec<PolicySummary> = rest.by_ref().take(size).collect();
        let next = rest.next().and(rows.last()).map(cursor);
        Ok(Page { rows, next, total })
    }

    /// One policy, counted over everything the policy's own group holds.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn get(&self, caller: &Caller, id: PolicyId) -> Result<PolicySummary> {
        let (_, group) = self.seen(caller, id).await?;
        let rows = self.summaries(&group).await?;
        rows.into_iter().find(|row| row.id == id).ok_or(ServiceError::NotFound)
    }

    /// A policy's versions, newest first.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn versions(&self, caller: &Caller, id: PolicyId) -> Result<Vec<PolicyVersion>> {
        let (active, _) = self.seen(caller, id).await?;
        Ok(self.0.store().policy_versions(&active.policy).await?)
    }

    /// What a policy finds wrong, worst and latest first.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn violations(
        &self,
        caller: &Caller,
        id: PolicyId,
        page: &PageRequest,
    ) -> Result<Page<Violation>> {
        let (active, group) = self.seen(caller, id).await?;
        caller.require(Capability::RecordsList, Capability::PolicyList, &group)?;
        let root = active.policy.root;
        Ok(self.0.store().violations_of_policy(root, id, &group.path_key, page).await?)
    }

    /// The clusters a policy holds for.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn clusters(
        &self,
        caller: &Caller,
        id: PolicyId,
        page: &PageRequest,
    ) -> Result<Page<ClusterSummary>> {
        let (_, group) = self.seen(caller, id).await?;
        caller.require(Capability::ClustersList, Capability::PolicyList, &group)?;
        let stale = self.0.stale_before();
        let store = self.0.store();
        let filter = ClusterFilter::All;
        let rows = store.clusters_below(group.root, &group.path_key, filter, stale, page).await?;
        let tree = self.0.tree().await?;
        let policies = self.0.policies_now().await?;
        Ok(rows.map(|row| summary(&row, &tree, &policies, stale)))
    }

    /// What there is to say about a document; errors first, then by line.
    ///
    /// # Errors
    /// Forbidden for clusters: reading documents costs time, and they write none. Any person may
    /// ask, for nothing that is stored is read.
    pub async fn check(&self, caller: &Caller, document: &str) -> Result<Vec<Diagnostic>> {
        if matches!(caller.subject(), Subject::Cluster { .. }) {
            return Err(ServiceError::Forbidden(
                "A cluster's token writes no policies.".to_owned(),
            ));
        }
        match too_long(document) {
            Some(error) => Err(ServiceError::Invalid(vec![error])),
            None => Ok(diagnose(document)),
        }
    }

    /// Publishes a document: a new policy, or a new version of the group's policy of that
    /// name. The same document again changes nothing.
    ///
    /// # Errors
    /// Diagnostics where the document cannot be published; a conflict where a group above or
    /// below has a policy of that name; not found or forbidden at the group.
    pub async fn apply(
        &self,
        caller: &Caller,
        group: GroupId,
        document: &str,
        description: &str,
    ) -> Result<AppliedPolicy> {
        let group = self.0.scope(caller, Capability::PolicyCreate, group).await?;
        if let Some(error) = wrong_description(description).or_else(|| too_long(document)) {
            return Err(ServiceError::Invalid(vec![error]));
        }
        let diagnostics = diagnose(document);
        if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(ServiceError::Diagnostics(diagnostics));
        }
        let parsed = evaluator::check(document);
        let parsed =
            parsed.document.ok_or_else(|| ServiceError::Diagnostics(diagnostics.clone()))?;
        let policy =
            parsed.only_policy().map_err(|wrong| ServiceError::Diagnostics(vec![wrong]))?;
        // Read inside the change: two at once cannot both find a name free.
        let (mut tx, now) = self.0.begin().await?;
        let all = self.0.store().active_policies().await?;
        let tree = self.0.tree().await?;
        refuse_name_taken(&all, &tree, &group, &policy.name)?;
        let own = |active: &&ActivePolicy| {
            active.policy.root == group.root
                && active.policy.group == group.group.id
                && active.policy.name == policy.name
        };
        let before = all.iter().find(own);
        let answer = |id, version, is_unchanged| AppliedPolicy {
            policy: id,
            name: policy.name.clone(),
            group: group.group.name_path(),
            version,
            is_unchanged,
            warnings: diagnostics.clone(),
        };
        if before.is_some() {
            caller.require(Capability::PolicyUpdate, Capability::PolicyList, &group)?;
        }
        if let Some(active) = before.filter(|active| active.document == document) {
            return Ok(answer(active.policy.id, active.policy.version, true));
        }
        // An earlier version may be the active one: the next number follows the last one.
        let last = match before {
            Some(active) => tx.last_version(group.root, active.policy.id).await?,
            None => 0,
        };
        let row = PolicyRow {
            root: group.root,
            id: before.map_or_else(|| PolicyId(self.0.fresh_suid()), |active| active.policy.id),
            group: group.group.id,
            name: policy.name.clone(),
            description: match before {
                Some(active) if description.is_empty() => active.policy.description.clone(),
                Some(_) | None => description.to_owned(),
            },
            version: last.saturating_add(1),
            mode: policy.mode,
            changed_at: now,
        };
        self.publish(tx, caller, &group, &row, document).await?;
        Ok(answer(row.id, row.version, false))
    }

    async fn publish(
        &self,
        mut tx: Tx,
        caller: &Caller,
        group: &GroupRow,
        row: &PolicyRow,
        document: &str,
    ) -> Result<()> {
        let now = row.changed_at;
        let version = PolicyVersionId(self.0.fresh_suid());
        if row.version == 1 {
            let limits = self.0.store().limits(group.root).await?;
            let n_policies = tx.n_policies(group.root).await?;
            Service::refuse_beyond(group, "policies", limits.policies, n_policies)?;
        }
        let author = caller.subject().to_string();
        let published = tx.publish_version(row, (version, document), &author, now).await;
        published.map_err(|error| {
            if error.is_conflict() {
                let name = &row.name;
                return ServiceError::Conflict(format!(
                    "{name} was published by somebody else just now. Look at it and publish again."
                ));
            }
            error.into()
        })?;
        let change = Change::PolicyPublished {
            policy: row.name.clone(),
            group: group.group.name_path(),
            version: row.version,
        };
        tx.append_event(group.root, &group.path_key, caller.subject(), &change, now).await?;
        let needed =
            if row.version == 1 { Capability::PolicyCreate } else { Capability::PolicyUpdate };
        let told = serde_json::json!({ "name": row.name, "version": row.version, "id": version });
        let act = Act::of(needed, format!("policy {}", row.id)).after(&told);
        note(&mut tx, caller, Some(group), &act, now).await?;
        tx.queue_running_images(group.root, now).await?;
        tx.commit().await?;
        self.0.inner.policies.forget();
        self.0.wake_sweep();
        Ok(())
    }

    async fn seen(&self, caller: &Caller, id: PolicyId) -> Result<(ActivePolicy, GroupRow)> {
        let policies = self.0.policies_now().await?;
        let active = policies.iter().find(|active| active.policy.id == id);
        let active = active.ok_or(ServiceError::NotFound)?.clone();
        let tree = self.0.tree().await?;
        let group = tree.by_id(active.policy.group).ok_or(ServiceError::NotFound)?;
        caller.require(Capability::PolicyList, Capability::PolicyList, group)?;
        Ok((active, group.clone()))
    }

    async fn summaries(&self, scope: &GroupRow) -> Result<Vec<PolicySummary>> {
        let store = self.0.store();
        let tree = self.0.tree().await?;
        let tallies = store.tallies_below(scope.root, &scope.path_key).await?;
        let clusters = store.clusters_by_group(scope.root).await?;
        let mut rows = Vec::new();
        for active in self.0.policies_now().await?.iter() {
            let Some(home) = tree.by_id(active.policy.group) else { continue };
            if !Tree::is_below(home, scope) && !Tree::is_below(scope, home) {
                continue;
            }
            // The policy's clusters within the scope: below whichever of the two is lower.
            let lower = if Tree::is_below(home, scope) { home } else { scope };
            let n_clusters = tree
                .rows()
                .iter()
                .filter(|row| Tree::is_below(row, lower))
                .filter_map(|row| clusters.get(&row.group.id))
                .map(Vec::len)
                .sum::<usize>();
            rows.push(row(active, &home.group, n_clusters, &tallies));
        }
        rows.sort_by_key(cursor);
        Ok(rows)
    }
}

fn row(
    active: &ActivePolicy,
    home: &Group,
    n_clusters: usize,
    tallies: &std::collections::BTreeMap<PolicyId, model::compliance::Tally>,
) -> PolicySummary {
    let policy = &active.policy;
    PolicySummary {
        id: policy.id,
        path: home.path.child(policy.id),
        name: policy.name.clone(),
        description: policy.description.clone(),
        mode: policy.mode,
        group: home.name_path(),
        n_clusters: u64::try_from(n_clusters).unwrap_or(u64::MAX),
        tally: tallies.get(&policy.id).copied().unwrap_or_default(),
        version: policy.version,
        changed_at: policy.changed_at,
    }
}

fn cursor(row: &PolicySummary) -> String {
    format!("{} {}", row.name, row.id)
}

/// A name is unique on the path from root group to cluster, so that "fails X" names one policy.
fn refuse_name_taken(
    all: &[ActivePolicy],
    tree: &Tree,
    group: &GroupRow,
    name: &str,
) -> Result<()> {
    let clash = all.iter().filter(|active| active.policy.name == name).find_map(|active| {
        let home = tree.by_id(active.policy.group)?;
        let is_related = Tree::is_below(home, group) || Tree::is_below(group, home);
        (is_related && home.group.id != group.group.id).then(|| home.group.name_path())
    });
    match clash {
        None => Ok(()),
        Some(home) => Err(ServiceError::Conflict(format!(
            "{home} has a policy {name} already, and both would hold for the same clusters. Choose another metadata.name."
        ))),
    }
}

fn too_long(document: &str) -> Option<FieldError> {
    (document.len() > LONGEST_DOCUMENT).then(|| {
        let length = document.len();
        let message = format!("The document has {length} bytes; {LONGEST_DOCUMENT} are allowed.");
        FieldError::new("document", message)
    })
}

fn diagnose(document: &str) -> Vec<Diagnostic> {
    let parsed = evaluator::check(document);
    let mut diagnostics = parsed.diagnostics;
    let policies = parsed.document.iter().flat_map(|document| &document.policies);
    diagnostics.extend(policies.filter_map(not_swept));
    if let Some(Err(wrong)) = parsed.document.as_ref().map(policy::Document::only_policy) {
        diagnostics.push(wrong);
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.severity, diagnostic.line, diagnostic.column));
    diagnostics
}

/// What a sweep of the fleet cannot judge yet; its author should learn of it while writing.
fn not_swept(policy: &policy::ClusterImagePolicy) -> Option<Diagnostic> {
    let plan = evaluator::CompiledPolicy::new(policy.clone(), &evaluator::References::default());
    plan.reads_workload().then(|| Diagnostic {
        severity: Severity::Warning,
        code: "not-supported".to_owned(),
        message:
            "this version of Loadline does not check match and what policy reads of workloads \
                  over the whole fleet: images show as could not check. loadline policies test \
                  checks them."
                .to_owned(),
        line: 1,
        column: 1,
        fix: None,
    })
}

impl ServiceError {
    /// The wrong fields, where that is what this is.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(fields) => fields,
            Self::NotFound
            | Self::Conflict(_)
            | Self::Limit(_)
            | Self::Diagnostics(_)
            | Self::Gap(_)
            | Self::Unauthenticated
            | Self::Forbidden(_)
            | Self::TooMany(_)
            | Self::Unavailable(_)
            | Self::Internal(_) => &[],
        }
    }
}
