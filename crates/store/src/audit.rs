//! The audit log: appended in the act's own transaction, never updated.

use model::iam::{AuditEntry, Origin, Subject};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use serde_json::Value;
use sqlx::FromRow;

use crate::row::{RootKey, STILL, column, count, decode, encode};
use crate::{Store, StoreError, Tx};

/// One act on its way into the log.
#[derive(Debug, Clone)]
pub struct NewAuditEntry<'a> {
    /// The organization; [`RootKey::INSTALLATION`] for the installation as a whole.
    pub root: RootKey,
    /// The path of the group it is filed under; empty for the installation as a whole.
    pub group_path: &'a str,
    /// The group's name path.
    pub group_name: &'a str,
    /// Who.
    pub actor: &'a Subject,
    /// From where.
    pub origin: &'a Origin,
    /// What.
    pub action: &'a str,
    /// What it was done to.
    pub target: &'a str,
    /// What the target was before.
    pub before: Option<&'a Value>,
    /// What it was afterwards.
    pub after: Option<&'a Value>,
}

/// Which entries a list shows.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only those by this actor: an identity's or a cluster's id, or `system`.
    pub actor: Option<String>,
    /// Only this action.
    pub action: Option<String>,
    /// Only from this moment on.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub until: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    sequence: i64,
    at: i64,
    group_name: String,
    actor_document: String,
    origin: String,
    action: String,
    target: String,
    before: Option<String>,
    after: Option<String>,
}

impl Row {
    fn read(self) -> Result<AuditEntry, StoreError> {
        let value = |text: Option<String>| text.map(|text| decode("audit", &text)).transpose();
        Ok(AuditEntry {
            sequence: count(self.sequence),
            group: self.group_name,
            at: Timestamp::from_micros(self.at),
            actor: decode("audit", &self.actor_document)?,
            origin: decode("audit", &self.origin)?,
            action: self.action,
            target: self.target,
            before: value(self.before)?,
            after: value(self.after)?,
        })
    }
}

impl Store {
    /// Entries filed at a group or below it, latest first; the page's cursor is the sequence of
    /// the last one seen, so that entries written meanwhile shift nothing. An empty path is the
    /// whole of `root`.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn audit_below(
        &self,
        root: RootKey,
        path_key: &str,
        filter: &AuditFilter,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let before = request.after.as_deref().and_then(|text| text.parse::<i64>().ok());
        let wanted = i64::from(request.rows());
        let sql = "SELECT sequence, at, group_name, actor_document, origin, action, target, before,
                          after
                   FROM audit
                   WHERE root = $1 AND ($2 = '' OR group_path = $2 OR group_path LIKE $2 || '/%')
                     AND ($3 IS NULL OR actor = $3) AND ($4 IS NULL OR action = $4)
                     AND at >= $5 AND at < $6 AND sequence < $7
                   ORDER BY sequence DESC LIMIT $8";
        let from = filter.from.map_or(i64::MIN, Timestamp::as_micros);
        let until = filter.until.map_or(STILL, Timestamp::as_micros);
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(&filter.actor)
            .bind(&filter.action)
            .bind(from)
            .bind(until)
            .bind(before.unwrap_or(i64::MAX))
            .bind(wanted.saturating_add(1))
            .fetch_all(self.read())
            .await?;
        let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM audit
                   WHERE root = $1 AND ($2 = '' OR group_path = $2 OR group_path LIKE $2 || '/%')
                     AND ($3 IS NULL OR actor = $3) AND ($4 IS NULL OR action = $4)
                     AND at >= $5 AND at < $6 LIMIT $7)";
        let total: i64 = sqlx::query_scalar(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(&filter.actor)
            .bind(&filter.action)
            .bind(from)
            .bind(until)
            .bind(column(Page::<AuditEntry>::COUNT_LIMIT))
            .fetch_one(self.read())
            .await?;
        let mut rows: Vec<AuditEntry> =
            rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        let size = usize::try_from(wanted).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        rows.truncate(size);
        let next = rows.last().filter(|_| has_more).map(|entry| entry.sequence.to_string());
        Ok(Page { rows, next, total: count(total) })
    }
}

impl Tx {
    /// Appends an entry.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn append_audit(
        &mut self,
        entry: &NewAuditEntry<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sequence = self.allocate(entry.root, "audit", 1).await?;
        let actor = match entry.actor {
            Subject::Person { id, .. } => id.to_string(),
            Subject::Cluster { id, .. } => id.to_string(),
            Subject::System { .. } => "system".to_owned(),
        };
        let sql = "INSERT INTO audit (root, sequence, at, group_path, group_name, actor,
                                      actor_document, origin, action, target, before, after)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        sqlx::query(sql)
            .bind(entry.root.0)
            .bind(sequence)
            .bind(now.as_micros())
            .bind(entry.group_path)
            .bind(entry.group_name)
            .bind(actor)
            .bind(encode(entry.actor)?)
            .bind(encode(entry.origin)?)
            .bind(entry.action)
            .bind(entry.target)
            .bind(entry.before.map(Value::to_string))
            .bind(entry.after.map(Value::to_string))
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
