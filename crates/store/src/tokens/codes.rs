//! One-time codes: of the browser flow, and of the device flow.

use model::digest::Digest;
use model::iam::Origin;
use model::id::{IdentityId, SessionId, Suid};
use model::timestamp::Timestamp;

use crate::row::{decode, encode};
use crate::{Store, StoreError, Tx};

/// A code of the browser flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// Who let the program in.
    pub identity: IdentityId,
    /// The S256 challenge whose verifier has to be shown.
    pub challenge: String,
    /// Where the code was sent, which has to be repeated.
    pub redirect: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The sign-in it was used for; `None` where it was not used yet.
    pub family: Option<SessionId>,
}

/// How far a device's code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceState {
    /// Nobody decided yet.
    Waiting,
    /// This person let the device in.
    Granted(IdentityId),
    /// Somebody said no.
    Denied,
}

/// A code of the device flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    /// From where the device asked.
    pub origin: Origin,
    /// How far it is.
    pub state: DeviceState,
    /// When the device asked.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the device last asked whether somebody decided.
    pub polled_at: Option<Timestamp>,
}

type DeviceRow = (String, String, Option<i64>, i64, i64, Option<i64>);

fn device(
    (origin, state, identity, created, expires, polled): DeviceRow,
) -> Result<DeviceCode, StoreError> {
    let identity = identity.map(|id| IdentityId(Suid::from_column(id)));
    let state = match (state.as_str(), identity) {
        ("waiting", _) => DeviceState::Waiting,
        ("granted", Some(identity)) => DeviceState::Granted(identity),
        ("denied", _) => DeviceState::Denied,
        (other, _) => {
            return Err(StoreError::corrupt("device_codes", format!("the state {other}")));
        }
    };
    Ok(DeviceCode {
        origin: decode("device_codes", &origin)?,
        state,
        created_at: Timestamp::from_micros(created),
        expires_at: Timestamp::from_micros(expires),
        polled_at: polled.map(Timestamp::from_micros),
    })
}

impl Store {
    /// The device that shows this code to its user, if it still waits.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn waiting_device(
        &self,
        user_hash: &Digest,
        now: Timestamp,
    ) -> Result<Option<DeviceCode>, StoreError> {
        let sql = "SELECT origin, state, identity, created_at, expires_at, polled_at
                   FROM device_codes
                   WHERE user_hash = $1 AND state = 'waiting' AND expires_at > $2";
        let row: Option<DeviceRow> = sqlx::query_as(sql)
            .bind(user_hash.as_bytes().as_slice())
            .bind(now.as_micros())
            .fetch_optional(self.read())
            .await?;
        row.map(device).transpose()
    }
}

impl Tx {
    /// Keeps a code of the browser flow.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_authorization_code(
        &mut self,
        hash: &Digest,
        code: &AuthorizationCode,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO authorization_codes (hash, identity, challenge, redirect,
                                                    expires_at)
                   VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(sql)
            .bind(hash.as_bytes().as_slice())
            .bind(code.identity.0.to_column())
            .bind(&code.challenge)
            .bind(&code.redirect)
            .bind(code.expires_at.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// A code of the browser flow, used or not, unless it ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn authorization_code(
        &mut self,
        hash: &Digest,
        now: Timestamp,
    ) -> Result<Option<AuthorizationCode>, StoreError> {
        let sql = "SELECT identity, challenge, redirect, expires_at, family
                   FROM authorization_codes WHERE hash = $1 AND expires_at > $2";
        let row: Option<(i64, String, String, i64, Option<i64>)> = sqlx::query_as(sql)
            .bind(hash.as_bytes().as_slice())
            .bind(now.as_micros())
            .fetch_optional(self.conn())
            .await?;
        Ok(row.map(|(identity, challenge, redirect, expires_at, family)| AuthorizationCode {
            identity: IdentityId(Suid::from_column(identity)),
            challenge,
            redirect,
            expires_at: Timestamp::from_micros(expires_at),
            family: family.map(|id| SessionId(Suid::from_column(id))),
        }))
    }

    /// Keeps what a code of the browser flow was used for.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn authorization_code_used(
        &mut self,
        hash: &Digest,
        family: SessionId,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE authorization_codes SET family = $2 WHERE hash = $1";
        let used = sqlx::query(sql).bind(hash.as_bytes().as_slice()).bind(family.0.to_column());
        used.execute(self.conn()).await?;
        Ok(())
    }

    /// Keeps a code of the device flow.
    ///
    /// # Errors
    /// A conflict when another device shows the same code to its user; see
    /// [`StoreError::is_conflict`].
    pub async fn insert_device_code(
        &mut self,
        hash: &Digest,
        user_hash: &Digest,
        code: &DeviceCode,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO device_codes (hash, user_hash, origin, state, created_at,
                                             expires_at)
                   VALUES ($1, $2, $3, 'waiting', $4, $5)";
        sqlx::query(sql)
            .bind(hash.as_bytes().as_slice())
            .bind(user_hash.as_bytes().as_slice())
            .bind(encode(&code.origin)?)
            .bind(code.created_at.as_micros())
            .bind(code.expires_at.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// A device asks whether somebody decided: the code as it was, with when it asked before.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn poll_device(
        &mut self,
        hash: &Digest,
        now: Timestamp,
    ) -> Result<Option<DeviceCode>, StoreError> {
        let sql = "SELECT origin, state, identity, created_at, expires_at, polled_at
                   FROM device_codes WHERE hash = $1";
        let query = sqlx::query_as(sql).bind(hash.as_bytes().as_slice());
        let row: Option<DeviceRow> = query.fetch_optional(self.conn()).await?;
        let sql = "UPDATE device_codes SET polled_at = $2 WHERE hash = $1";
        let polled = sqlx::query(sql).bind(hash.as_bytes().as_slice()).bind(now.as_micros());
        polled.execute(self.conn()).await?;
        row.map(device).transpose()
    }

    /// Lets the device in that shows this code, or not; `false` where none waits.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn decide_device(
        &mut self,
        user_hash: &Digest,
        decision: DeviceState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (state, identity) = match decision {
            DeviceState::Waiting => ("waiting", None),
            DeviceState::Granted(identity) => ("granted", Some(identity)),
            DeviceState::Denied => ("denied", None),
        };
        let sql = "UPDATE device_codes SET state = $2, identity = $3
                   WHERE user_hash = $1 AND state = 'waiting' AND expires_at > $4";
        let done = sqlx::query(sql)
            .bind(user_hash.as_bytes().as_slice())
            .bind(state)
            .bind(identity.map(|id| id.0.to_column()))
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets a device's code: it was used, or refused.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_device_code(&mut self, hash: &Digest) -> Result<(), StoreError> {
        let sql = "DELETE FROM device_codes WHERE hash = $1";
        sqlx::query(sql).bind(hash.as_bytes().as_slice()).execute(self.conn()).await?;
        Ok(())
    }
}
