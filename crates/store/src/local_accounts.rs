//! Local accounts: names, passwords as PHC strings, and sealed secrets of one-time codes.

use model::id::{IdentityId, Suid};
use model::timestamp::Timestamp;

use crate::{Store, StoreError, Tx};

/// A local account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAccount {
    /// Whose.
    pub identity: IdentityId,
    /// Its name, in lower case.
    pub name: String,
    /// The password, as a PHC string.
    pub password: String,
    /// The secret of its one-time codes, sealed.
    pub code_secret: Option<Vec<u8>>,
    /// Since when codes are asked for; `None` where the first one was not shown yet.
    pub codes_from: Option<Timestamp>,
    /// The step of the last code that was used.
    pub code_step: Option<i64>,
}

type Row = (i64, String, String, Option<Vec<u8>>, Option<i64>, Option<i64>);

fn read((identity, name, password, code_secret, codes_from, code_step): Row) -> LocalAccount {
    LocalAccount {
        identity: IdentityId(Suid::from_column(identity)),
        name,
        password,
        code_secret,
        codes_from: codes_from.map(Timestamp::from_micros),
        code_step,
    }
}

impl Store {
    /// The account of that name, unless its person was disabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn local_account(&self, name: &str) -> Result<Option<LocalAccount>, StoreError> {
        let sql = "SELECT a.identity, a.name, a.password, a.code_secret, a.codes_from, a.code_step
                   FROM local_accounts a JOIN identities i ON i.id = a.identity
                   WHERE a.name = $1 AND i.disabled_at IS NULL";
        let row: Option<Row> = sqlx::query_as(sql).bind(name).fetch_optional(self.read()).await?;
        Ok(row.map(read))
    }

    /// Whether a person signed in from an address since `since`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_known_address(
        &self,
        identity: IdentityId,
        address: &str,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM known_addresses
                                  WHERE identity = $1 AND address = $2 AND seen_at > $3)";
        let query = sqlx::query_scalar::<_, i64>(sql)
            .bind(identity.0.to_column())
            .bind(address)
            .bind(since.as_micros());
        Ok(query.fetch_one(self.read()).await? == 1)
    }

    /// The account of a person.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn local_account_of(
        &self,
        identity: IdentityId,
    ) -> Result<Option<LocalAccount>, StoreError> {
        let sql = "SELECT identity, name, password, code_secret, codes_from, code_step
                   FROM local_accounts WHERE identity = $1";
        let query = sqlx::query_as(sql).bind(identity.0.to_column());
        let row: Option<Row> = query.fetch_optional(self.read()).await?;
        Ok(row.map(read))
    }
}

impl Tx {
    /// Keeps an account that is new or changed.
    ///
    /// # Errors
    /// A conflict when another person's account has that name; see
    /// [`StoreError::is_conflict`].
    pub async fn put_local_account(
        &mut self,
        account: &LocalAccount,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO local_accounts (identity, name, password, code_secret, codes_from,
                                               code_step, changed_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (identity) DO UPDATE
                   SET name = excluded.name, password = excluded.password,
                       code_secret = excluded.code_secret, codes_from = excluded.codes_from,
                       code_step = excluded.code_step, changed_at = excluded.changed_at";
        sqlx::query(sql)
            .bind(account.identity.0.to_column())
            .bind(&account.name)
            .bind(&account.password)
            .bind(&account.code_secret)
            .bind(account.codes_from.map(Timestamp::as_micros))
            .bind(account.code_step)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Keeps that a person signed in from an address, and forgets what was before `since`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_address(
        &mut self,
        identity: IdentityId,
        address: &str,
        now: Timestamp,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO known_addresses (identity, address, seen_at) VALUES ($1, $2, $3)
                   ON CONFLICT (identity, address) DO UPDATE SET seen_at = excluded.seen_at";
        sqlx::query(sql)
            .bind(identity.0.to_column())
            .bind(address)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        let sql = "DELETE FROM known_addresses WHERE identity = $1 AND seen_at <= $2";
        let forget = sqlx::query(sql).bind(identity.0.to_column()).bind(since.as_micros());
        forget.execute(self.conn()).await?;
        Ok(())
    }

    /// Uses a one-time code's step up; `false` where it, or a later one, was used before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn use_code_step(
        &mut self,
        identity: IdentityId,
        step: i64,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE local_accounts SET code_step = $2
                   WHERE identity = $1 AND (code_step IS NULL OR code_step < $2)";
        let used = sqlx::query(sql).bind(identity.0.to_column()).bind(step);
        Ok(used.execute(self.conn()).await?.rows_affected() == 1)
    }
}
