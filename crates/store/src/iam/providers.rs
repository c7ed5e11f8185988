//! Identity providers. Their client secrets arrive sealed and leave sealed.

use std::collections::BTreeMap;

use model::iam::{IdentityProvider, RoleRef};
use model::id::{GroupId, IdentityProviderId, Suid};
use model::timestamp::Timestamp;
use sqlx::FromRow;

use crate::row::{RootKey, count, decode, encode};
use crate::{Store, StoreError, Tx};

/// A provider with its organization and its sealed client secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderRow {
    /// The organization.
    pub root: RootKey,
    /// The provider.
    pub provider: IdentityProvider,
    /// Its client secret, sealed.
    pub secret: Option<Vec<u8>>,
}

#[derive(FromRow)]
struct Row {
    root: i64,
    id: i64,
    group_id: i64,
    name: String,
    description: String,
    issuer: String,
    client_id: String,
    secret: Option<Vec<u8>>,
    scopes: String,
    default_role: Option<String>,
    created_at: i64,
}

impl Row {
    fn read(self, domains: Vec<(String, bool)>) -> Result<ProviderRow, StoreError> {
        let role = |text: String| -> Result<RoleRef, StoreError> {
            text.parse().map_err(|error| StoreError::corrupt("identity_providers", error))
        };
        let unproven = domains.iter().filter(|(_, is_proven)| !is_proven);
        let unproven_domains = unproven.map(|(domain, _)| domain.clone()).collect();
        let provider = IdentityProvider {
            id: IdentityProviderId(Suid::from_column(self.id)),
            group: GroupId(Suid::from_column(self.group_id)),
            name: self.name,
            description: self.description,
            issuer: self.issuer,
            client_id: self.client_id,
            has_secret: self.secret.is_some(),
            scopes: decode("identity_providers", &self.scopes)?,
            default_role: self.default_role.map(role).transpose()?,
            domains: domains.into_iter().map(|(domain, _)| domain).collect(),
            unproven_domains,
            created_at: Timestamp::from_micros(self.created_at),
        };
        Ok(ProviderRow { root: RootKey(self.root), provider, secret: self.secret })
    }
}

impl Store {
    /// Every provider of the installation, by organization and name.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn identity_providers(&self) -> Result<Vec<ProviderRow>, StoreError> {
        let sql = "SELECT root, id, group_id, name, description, issuer, client_id, secret, scopes,
                          default_role, created_at
                   FROM identity_providers ORDER BY root, name, id";
        let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        let sql = "SELECT root, provider, domain, is_proven FROM identity_provider_domains
                   ORDER BY domain";
        type Domain = (i64, i64, String, i64);
        let domains: Vec<Domain> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        let mut by_provider: BTreeMap<(i64, i64), Vec<(String, bool)>> = BTreeMap::new();
        for (root, provider, domain, is_proven) in domains {
            by_provider.entry((root, provider)).or_default().push((domain, is_proven == 1));
        }
        let read = |row: Row| {
            let domains = by_provider.remove(&(row.root, row.id)).unwrap_or_default();
            row.read(domains)
        };
        rows.into_iter().map(read).collect()
    }
}

impl Tx {
    /// Keeps a provider that is new or changed, with its domains.
    ///
    /// # Errors
    /// A conflict when the group has one of that name, or one of the domains is another
    /// provider's; see [`StoreError::is_conflict`].
    pub async fn put_identity_provider(&mut self, row: &ProviderRow) -> Result<(), StoreError> {
        let provider = &row.provider;
        let id = provider.id.0.to_column();
        let sql = "INSERT INTO identity_providers (root, id, group_id, name, description, issuer,
                                                   client_id, secret, scopes, default_role,
                                                   created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                   ON CONFLICT (root, id) DO UPDATE
                   SET name = excluded.name, description = excluded.description,
                       issuer = excluded.issuer, client_id = excluded.client_id,
                       secret = excluded.secret, scopes = excluded.scopes,
                       default_role = excluded.default_role";
        sqlx::query(sql)
            .bind(row.root.0)
            .bind(id)
            .bind(provider.group.0.to_column())
            .bind(&provider.name)
            .bind(&provider.description)
            .bind(&provider.issuer)
            .bind(&provider.client_id)
            .bind(&row.secret)
            .bind(encode(&provider.scopes)?)
            .bind(provider.default_role.map(|role| role.to_string()))
            .bind(provider.created_at.as_micros())
            .execute(self.conn())
            .await?;
        self.delete_domains(row.root, id).await?;
        for domain in &provider.domains {
            let sql = "INSERT INTO identity_provider_domains (domain, root, provider, is_proven)
                       VALUES ($1, $2, $3, $4)";
            let is_proven = !provider.unproven_domains.contains(domain);
            let insert = sqlx::query(sql).bind(domain).bind(row.root.0).bind(id);
            insert.bind(i64::from(is_proven)).execute(self.conn()).await?;
        }
        Ok(())
    }

    /// Deletes a provider.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_identity_provider(
        &mut self,
        root: RootKey,
        id: IdentityProviderId,
    ) -> Result<(), StoreError> {
        self.delete_domains(root, id.0.to_column()).await?;
        let sql = "DELETE FROM identity_providers WHERE root = $1 AND id = $2";
        sqlx::query(sql).bind(root.0).bind(id.0.to_column()).execute(self.conn()).await?;
        Ok(())
    }

    /// Takes a domain away from the provider that has it, unless it was proven.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn release_domain(&mut self, domain: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM identity_provider_domains WHERE domain = $1 AND is_proven = 0";
        sqlx::query(sql).bind(domain).execute(self.conn()).await?;
        Ok(())
    }

    async fn delete_domains(&mut self, root: RootKey, id: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM identity_provider_domains WHERE root = $1 AND provider = $2";
        sqlx::query(sql).bind(root.0).bind(id).execute(self.conn()).await?;
        Ok(())
    }

    /// How many providers an organization has, as the change has it so far.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn n_identity_providers(&mut self, root: RootKey) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM identity_providers WHERE root = $1";
        Ok(count(sqlx::query_scalar(sql).bind(root.0).fetch_one(self.conn()).await?))
    }
}
