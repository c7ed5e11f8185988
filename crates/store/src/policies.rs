//! Policies and their versions; which held when.

use model::id::{GroupId, PolicyId, PolicyVersionId, Suid};
use model::policies::{Mode, PolicyVersion};
use model::timestamp::Timestamp;
use sqlx::FromRow;

use crate::row::{RootKey, STILL, column, count};
use crate::{Store, StoreError, Tx};

/// A policy as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// The organization.
    pub root: RootKey,
    /// Its id.
    pub id: PolicyId,
    /// The group it belongs to.
    pub group: GroupId,
    /// `metadata.name`.
    pub name: String,
    /// Free text.
    pub description: String,
    /// The active version's number.
    pub version: u64,
    /// The active version's mode.
    pub mode: Mode,
    /// When the active version was published.
    pub changed_at: Timestamp,
}

/// A policy with its active document, to be judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivePolicy {
    /// The policy.
    pub policy: PolicyRow,
    /// The YAML.
    pub document: String,
}

#[derive(FromRow)]
struct Row {
    root: i64,
    id: i64,
    group_id: i64,
    name: String,
    description: String,
    version: i64,
    mode: String,
    changed_at: i64,
    document: String,
}

impl Row {
    fn read(self) -> Result<ActivePolicy, StoreError> {
        let mode = Mode::from_name(&self.mode);
        let policy = PolicyRow {
            root: RootKey(self.root),
            id: PolicyId(Suid::from_column(self.id)),
            group: GroupId(Suid::from_column(self.group_id)),
            name: self.name,
            description: self.description,
            version: count(self.version),
            mode: mode.ok_or_else(|| StoreError::corrupt("policies", self.mode))?,
            changed_at: Timestamp::from_micros(self.changed_at),
        };
        Ok(ActivePolicy { policy, document: self.document })
    }
}

impl Store {
    /// Every policy with its active document, by organization and name.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn active_policies(&self) -> Result<Vec<ActivePolicy>, StoreError> {
        let sql = "SELECT p.root, p.id, p.group_id, p.name, p.description, p.version, p.mode,
                          p.changed_at, v.document
                   FROM policies p
                   JOIN policy_versions v ON v.root = p.root AND v.policy = p.id AND v.number = p.version
                   ORDER BY p.root, p.name, p.id";
        let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The versions of a policy, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn policy_versions(
        &self,
        policy: &PolicyRow,
    ) -> Result<Vec<PolicyVersion>, StoreError> {
        let sql = "SELECT id, number, author, created_at, document FROM policy_versions
                   WHERE root = $1 AND policy = $2 ORDER BY number DESC";
        let rows: Vec<(i64, i64, String, i64, String)> = sqlx::query_as(sql)
            .bind(policy.root.0)
            .bind(policy.id.0.to_column())
            .fetch_all(self.read())
            .await?;
        let read = |(id, number, author, created_at, document)| PolicyVersion {
            id: PolicyVersionId(Suid::from_column(id)),
            number: count(number),
            is_active: count(number) == policy.version,
            author,
            created_at: Timestamp::from_micros(created_at),
            document,
        };
        Ok(rows.into_iter().map(read).collect())
    }
}

impl Tx {
    /// Publishes a version: makes the policy where it is new, and the version active.
    ///
    /// # Errors
    /// When the database does not answer; a conflict when somebody else was first.
    pub async fn publish_version(
        &mut self,
        policy: &PolicyRow,
        version: (PolicyVersionId, &str),
        author: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO policies (root, id, group_id, name, description, version, mode,
                                         created_at, changed_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
                   ON CONFLICT (root, id) DO UPDATE
                   SET description = excluded.description, version = excluded.version,
                       mode = excluded.mode, changed_at = excluded.changed_at";
        sqlx::query(sql)
            .bind(policy.root.0)
            .bind(policy.id.0.to_column())
            .bind(policy.group.0.to_column())
            .bind(&policy.name)
            .bind(&policy.description)
            .bind(column(policy.version))
            .bind(policy.mode.as_str())
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        let sql =
            "INSERT INTO policy_versions (root, policy, number, id, document, author, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        sqlx::query(sql)
            .bind(policy.root.0)
            .bind(policy.id.0.to_column())
            .bind(column(policy.version))
            .bind(version.0.0.to_column())
            .bind(version.1)
            .bind(author)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        self.activate_version(policy, now).await
    }

    /// The number of a policy's latest version, read inside the change.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_version(&mut self, root: RootKey, id: PolicyId) -> Result<u64, StoreError> {
        let sql = "SELECT COALESCE(MAX(number), 0) FROM policy_versions
                   WHERE root = $1 AND policy = $2";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(id.0.to_column());
        Ok(count(query.fetch_one(self.conn()).await?))
    }

    /// Makes the version that `policy` names the active one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn activate(&mut self, policy: &PolicyRow, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE policies SET version = $3, mode = $4, changed_at = $5
                   WHERE root = $1 AND id = $2";
        sqlx::query(sql)
            .bind(policy.root.0)
            .bind(policy.id.0.to_column())
            .bind(column(policy.version))
            .bind(policy.mode.as_str())
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        self.activate_version(policy, now).await
    }

    /// Sets a policy's description.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn describe_policy(
        &mut self,
        root: RootKey,
        id: PolicyId,
        description: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE policies SET description = $3 WHERE root = $1 AND id = $2";
        let update = sqlx::query(sql).bind(root.0).bind(id.0.to_column());
        update.bind(description).execute(self.conn()).await?;
        Ok(())
    }

    /// Deletes a policy. What it says ends now; its versions and what it said stay written.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_policy(
        &mut self,
        root: RootKey,
        id: PolicyId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for sql in [
            "UPDATE policy_activity SET until_at = $3
             WHERE root = $1 AND policy = $2 AND until_at = $4",
            "UPDATE verdicts SET until_at = $3 WHERE root = $1 AND policy = $2 AND until_at = $4",
        ] {
            let update = sqlx::query(sql).bind(root.0).bind(id.0.to_column());
            update.bind(now.as_micros()).bind(STILL).execute(self.conn()).await?;
        }
        let delete = sqlx::query("DELETE FROM policies WHERE root = $1 AND id = $2");
        delete.bind(root.0).bind(id.0.to_column()).execute(self.conn()).await?;
        Ok(())
    }

    async fn activate_version(
        &mut self,
        policy: &PolicyRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE policy_activity SET until_at = $4
                   WHERE root = $1 AND policy = $2 AND until_at = $3";
        sqlx::query(sql)
            .bind(policy.root.0)
            .bind(policy.id.0.to_column())
            .bind(STILL)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        let sql = "INSERT INTO policy_activity (root, policy, number, from_at, until_at)
                   VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(sql)
            .bind(policy.root.0)
            .bind(policy.id.0.to_column())
            .bind(column(policy.version))
            .bind(now.as_micros())
            .bind(STILL)
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
