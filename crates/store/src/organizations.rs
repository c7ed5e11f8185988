//! Organizations: how much each may hold, and whether its name is verified.

use model::iam::OrganizationLimits;
use model::timestamp::Timestamp;

use crate::row::{RootKey, count, decode, encode};
use crate::{Store, StoreError, Tx};

impl Store {
    /// How much an organization may hold.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn limits(&self, root: RootKey) -> Result<OrganizationLimits, StoreError> {
        let sql = "SELECT limits FROM organizations WHERE root = $1";
        let text: Option<String> =
            sqlx::query_scalar(sql).bind(root.0).fetch_optional(self.read()).await?;
        text.map_or_else(
            || Ok(OrganizationLimits::default()),
            |text| decode("organizations", &text),
        )
    }
}

/// Whichever tables there are: what belongs to an organization has its number.
pub(crate) const TABLES: &str = "
    SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND c.name = 'root' ORDER BY t.name";

impl Tx {
    /// Sets how much an organization may hold.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_limits(
        &mut self,
        root: RootKey,
        limits: &OrganizationLimits,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE organizations SET limits = $2 WHERE root = $1";
        sqlx::query(sql).bind(root.0).bind(encode(limits)?).execute(self.conn()).await?;
        Ok(())
    }

    /// Sets since when the name of an organization is verified; `None`: it is not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_verified(
        &mut self,
        root: RootKey,
        since: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE organizations SET verified_at = $2 WHERE root = $1";
        let update = sqlx::query(sql).bind(root.0).bind(since.map(Timestamp::as_micros));
        update.execute(self.conn()).await?;
        Ok(())
    }

    /// How many clusters an organization has, as the change has it so far.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn n_clusters(&mut self, root: RootKey) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM clusters WHERE root = $1";
        Ok(count(sqlx::query_scalar(sql).bind(root.0).fetch_one(self.conn()).await?))
    }

    /// How many policies an organization has, as the change has it so far.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn n_policies(&mut self, root: RootKey) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM policies WHERE root = $1";
        Ok(count(sqlx::query_scalar(sql).bind(root.0).fetch_one(self.conn()).await?))
    }
}
