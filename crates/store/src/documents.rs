//! Documents found for images: what each says, read once by the digest of its bytes.

use std::collections::BTreeMap;

use model::digest::Digest;
use model::images::DocumentView;

use crate::row::{RootKey, decode, digest, encode};
use crate::{Store, StoreError, Tx};

impl Store {
    /// What documents say, by the digest of the bytes they were found in, as far as they were
    /// read by this version of the readers.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn documents(
        &self,
        root: RootKey,
        digests: &[Digest],
        reader: u32,
    ) -> Result<BTreeMap<Digest, DocumentView>, StoreError> {
        let mut views = BTreeMap::new();
        for wanted in digests {
            let sql = "SELECT digest, kind, summary, problem FROM documents
                       WHERE root = $1 AND digest = $2 AND reader = $3";
            let row: Option<(Vec<u8>, String, String, Option<String>)> = sqlx::query_as(sql)
                .bind(root.0)
                .bind(wanted.as_bytes().as_slice())
                .bind(i64::from(reader))
                .fetch_optional(self.read())
                .await?;
            if let Some((hash, kind, summary, problem)) = row {
                let summary = decode("documents", &summary)?;
                let view = DocumentView { kind, summary, problem };
                views.insert(digest("documents", &hash)?, view);
            }
        }
        Ok(views)
    }
}

impl Tx {
    /// Keeps what a document says.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_document(
        &mut self,
        root: RootKey,
        digest: &Digest,
        reader: u32,
        view: &DocumentView,
    ) -> Result<(), StoreError> {
        let id = self.allocate(root, "documents", 1).await?;
        let sql = "INSERT INTO documents (root, id, digest, reader, kind, summary, problem)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (root, digest) DO UPDATE
                   SET reader = excluded.reader, kind = excluded.kind,
                       summary = excluded.summary, problem = excluded.problem";
        sqlx::query(sql)
            .bind(root.0)
            .bind(id)
            .bind(digest.as_bytes().as_slice())
            .bind(i64::from(reader))
            .bind(&view.kind)
            .bind(encode(&view.summary)?)
            .bind(&view.problem)
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
