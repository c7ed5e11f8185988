//! People, one-time links, tokens and role bindings. Secrets arrive here as hashes only.

mod bindings;
mod identities;
mod invites;
mod providers;
mod roles;

pub use bindings::{BindingFilter, BindingRow};
pub use identities::{IdentityFilter, IdentityRow};
pub use invites::InviteRow;
pub use providers::ProviderRow;
pub use roles::RoleRow;

use std::collections::BTreeMap;

use model::clusters::ClusterToken;
use model::digest::Digest;
use model::iam::{CapabilitySet, Proof, RoleRef, Subject};
use model::id::{ClusterId, DraftId, GroupId, IdentityId, RoleBindingId, RoleId, Suid, TokenId};
use model::policies::Draft;
use model::timestamp::Timestamp;

use crate::row::{RootKey, decode, encode};
use crate::{Store, StoreError, Tx};

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their identity.
    pub id: IdentityId,
    /// How they are shown.
    pub name: String,
}

/// What an identity holds somewhere: a role at a group and everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The organization; [`RootKey::INSTALLATION`] for the whole installation.
    pub root: RootKey,
    /// The group; `None` for the whole installation.
    pub group: Option<GroupId>,
    /// The role.
    pub role: RoleRef,
    /// What a custom role holds; nothing where the role is built in.
    pub custom: CapabilitySet,
}

/// A cluster's credential that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterCredentialRow {
    /// The organization.
    pub root: RootKey,
    /// The cluster.
    pub cluster: ClusterId,
}

impl Store {
    /// Whether anybody owns the installation.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_owner(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM role_bindings WHERE role = 'owner')";
        Ok(sqlx::query_scalar::<_, i64>(sql).fetch_one(self.read()).await? == 1)
    }

    /// The person of an identity, unless they were disabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn person(&self, id: IdentityId) -> Result<Option<Person>, StoreError> {
        let sql = "SELECT name FROM identities
                   WHERE id = $1 AND kind = 'person' AND disabled_at IS NULL";
        let name: Option<String> =
            sqlx::query_scalar(sql).bind(id.0.to_column()).fetch_optional(self.read()).await?;
        Ok(name.map(|name| Person { id, name }))
    }

    /// What an identity was granted.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn grants(&self, id: IdentityId) -> Result<Vec<Grant>, StoreError> {
        let sql = "SELECT root, group_id, role FROM role_bindings WHERE identity = $1";
        let rows: Vec<(i64, i64, String)> =
            sqlx::query_as(sql).bind(id.0.to_column()).fetch_all(self.read()).await?;
        let mut grants = Vec::with_capacity(rows.len());
        // Many bindings are of few roles.
        let mut customs: BTreeMap<(i64, RoleId), CapabilitySet> = BTreeMap::new();
        for (root, group, role) in rows {
            let role = role.parse().map_err(|error| StoreError::corrupt("role_bindings", error))?;
            let custom = match role {
                RoleRef::BuiltIn(_) => CapabilitySet::EMPTY,
                RoleRef::Custom(id) => match customs.get(&(root, id)) {
                    Some(known) => *known,
                    None => {
                        let held = self.custom_role_holds(RootKey(root), id).await?;
                        customs.insert((root, id), held);
                        held
                    }
                },
            };
            let group = (root != 0).then(|| GroupId(Suid::from_column(group)));
            grants.push(Grant { root: RootKey(root), group, role, custom });
        }
        Ok(grants)
    }

    /// What a custom role holds; nothing where there is none.
    async fn custom_role_holds(
        &self,
        root: RootKey,
        id: RoleId,
    ) -> Result<CapabilitySet, StoreError> {
        let sql = "SELECT capabilities FROM roles WHERE root = $1 AND id = $2";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(id.0.to_column());
        let text: Option<String> = query.fetch_optional(self.read()).await?;
        text.map_or(Ok(CapabilitySet::EMPTY), |text| decode("roles", &text))
    }

    /// The cluster whose token has this hash, if it is in force.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cluster_by_token(
        &self,
        hash: &Digest,
    ) -> Result<Option<ClusterCredentialRow>, StoreError> {
        let sql = "SELECT root, cluster FROM cluster_tokens WHERE hash = $1 AND revoked_at IS NULL";
        let row: Option<(i64, i64)> = sqlx::query_as(sql)
            .bind(hash.as_bytes().as_slice())
            .fetch_optional(self.read())
            .await?;
        Ok(row.map(|(root, cluster)| ClusterCredentialRow {
            root: RootKey(root),
            cluster: ClusterId(Suid::from_column(cluster)),
        }))
    }

    /// A cluster's tokens, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cluster_tokens(
        &self,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<Vec<ClusterToken>, StoreError> {
        let sql = "SELECT id, created_at, revoked_at FROM cluster_tokens
                   WHERE root = $1 AND cluster = $2 ORDER BY created_at DESC, id";
        let rows: Vec<(i64, i64, Option<i64>)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .fetch_all(self.read())
            .await?;
        let read = |(id, created_at, revoked_at): (i64, i64, Option<i64>)| ClusterToken {
            id: TokenId(Suid::from_column(id)),
            created_at: Timestamp::from_micros(created_at),
            revoked_at: revoked_at.map(Timestamp::from_micros),
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// A draft of this identity.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn draft(&self, owner: IdentityId, id: DraftId) -> Result<Option<Draft>, StoreError> {
        let sql = "SELECT group_id, document, description FROM drafts
                   WHERE id = $1 AND identity = $2";
        let row: Option<(Option<i64>, String, String)> = sqlx::query_as(sql)
            .bind(id.0.to_column())
            .bind(owner.0.to_column())
            .fetch_optional(self.read())
            .await?;
        Ok(row.map(|(group, document, description)| Draft {
            group: group.map(|group| GroupId(Suid::from_column(group))),
            document,
            description,
        }))
    }
}

impl Tx {
    /// Keeps that an identity signed in, or was assumed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn identity_seen(
        &mut self,
        id: IdentityId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE identities SET seen_at = $2 WHERE id = $1";
        let seen = sqlx::query(sql).bind(id.0.to_column()).bind(now.as_micros());
        seen.execute(self.conn()).await?;
        Ok(())
    }

    /// Keeps a one-time sign-in link: a person's, or without one the installation owner's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_signin_link(
        &mut self,
        hash: &Digest,
        person: Option<IdentityId>,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO signin_links (hash, created_at, expires_at, identity)
                   VALUES ($1, $2, $3, $4)";
        sqlx::query(sql)
            .bind(hash.as_bytes().as_slice())
            .bind(now.as_micros())
            .bind(expires_at.as_micros())
            .bind(person.map(|person| person.0.to_column()))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Uses a link up, and gives whose it is, `None` being the installation's owner; nothing where
    /// it never was, ended, or was used before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn use_signin_link(
        &mut self,
        hash: &Digest,
        now: Timestamp,
    ) -> Result<Option<Option<IdentityId>>, StoreError> {
        let sql = "UPDATE signin_links SET used_at = $2
                   WHERE hash = $1 AND used_at IS NULL AND expires_at > $2
                   RETURNING identity";
        let used: Option<Option<i64>> = sqlx::query_scalar(sql)
            .bind(hash.as_bytes().as_slice())
            .bind(now.as_micros())
            .fetch_optional(self.conn())
            .await?;
        Ok(used.map(|whose| whose.map(|id| IdentityId(Suid::from_column(id)))))
    }

    /// The owner of the installation, made as `fresh` where there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ensure_owner(
        &mut self,
        fresh: (IdentityId, RoleBindingId),
        name: &str,
        now: Timestamp,
    ) -> Result<Person, StoreError> {
        let proof = Proof::Person { issuer: "loadline".to_owned(), subject: "owner".to_owned() };
        let sql = "INSERT INTO identities (id, root, kind, issuer, subject, proof, name,
                                           description, created_at)
                   VALUES ($1, 0, 'person', 'loadline', 'owner', $2, $3, '', $4)
                   ON CONFLICT (issuer, subject) DO NOTHING";
        sqlx::query(sql)
            .bind(fresh.0.0.to_column())
            .bind(encode(&proof)?)
            .bind(name)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        let sql = "SELECT id, name FROM identities WHERE issuer = 'loadline' AND subject = 'owner'";
        let (id, name): (i64, String) = sqlx::query_as(sql).fetch_one(self.conn()).await?;
        let sql = "INSERT INTO role_bindings (root, id, group_id, identity, role, created_by,
                                              created_at)
                   VALUES (0, $1, 0, $2, 'owner', $3, $4)
                   ON CONFLICT (root, group_id, identity, role) DO NOTHING";
        sqlx::query(sql)
            .bind(fresh.1.0.to_column())
            .bind(id)
            .bind(encode(&Subject::System { reason: "first owner".to_owned() })?)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(Person { id: IdentityId(Suid::from_column(id)), name })
    }

    /// Keeps a cluster's token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_cluster_token(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        id: TokenId,
        hash: &Digest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO cluster_tokens (root, id, cluster, hash, created_at)
                   VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(sql)
            .bind(root.0)
            .bind(id.0.to_column())
            .bind(cluster.0.to_column())
            .bind(hash.as_bytes().as_slice())
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Ends a cluster's token; `false` where there is none in force.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_cluster_token(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        id: TokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE cluster_tokens SET revoked_at = $4
                   WHERE root = $1 AND cluster = $2 AND id = $3 AND revoked_at IS NULL";
        let done = sqlx::query(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(id.0.to_column())
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps a draft.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_draft(
        &mut self,
        owner: IdentityId,
        id: DraftId,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO drafts (id, identity, group_id, document, description, saved_at)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(sql)
            .bind(id.0.to_column())
            .bind(owner.0.to_column())
            .bind(draft.group.map(|group| group.0.to_column()))
            .bind(&draft.document)
            .bind(&draft.description)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
