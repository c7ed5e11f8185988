//! Files: which images hold them, as their SBOMs say, now and before.

use std::collections::BTreeSet;

use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

use crate::holdings::{CHUNK, Holdings};
use crate::images::like;
use crate::row::{ImageKey, RootKey, moment, offset, page};
use crate::{Store, StoreError, Tx};

const FILES: Holdings = Holdings { table: "image_files", column: "file" };

impl Store {
    /// The files that an image holds, by path; `text` is a part of it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn image_files(
        &self,
        (root, image): (RootKey, ImageKey),
        at: Option<Timestamp>,
        text: &str,
        request: &PageRequest,
    ) -> Result<Page<String>, StoreError> {
        let push_held = |query: &mut QueryBuilder<Sqlite>| {
            query.push(" FROM image_files h JOIN files f ON f.root = h.root AND f.id = h.file");
            query.push(" WHERE h.root = ").push_bind(root.0);
            query.push(" AND h.image = ").push_bind(image.0);
            query.push(" AND h.until_at > ").push_bind(moment(at));
            query.push(" AND h.from_at <= ").push_bind(moment(at));
            if !text.is_empty() {
                query.push(" AND f.path LIKE ").push_bind(format!("%{}%", like(text)));
                query.push(" ESCAPE '!'");
            }
        };
        let mut query = QueryBuilder::new("SELECT f.path");
        push_held(&mut query);
        query.push(" ORDER BY f.path LIMIT ");
        query.push_bind(i64::from(request.rows()).saturating_add(1)).push(" OFFSET ");
        query.push_bind(offset(request.after.as_deref()));
        let rows: Vec<String> = query.build_query_scalar().fetch_all(self.read()).await?;
        let mut query = QueryBuilder::new("SELECT COUNT(*)");
        push_held(&mut query);
        let total = query.build_query_scalar().fetch_one(self.read()).await?;
        Ok(page(rows, request, total))
    }
}

impl Tx {
    /// Holds the files of an image, by path, against the stored ones, and writes what changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write_image_files(
        &mut self,
        (root, image): (RootKey, ImageKey),
        paths: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let keys = self.file_keys(root, paths).await?;
        self.write_holdings(FILES, (root, image), &keys, now).await
    }

    /// The numbers of paths, made where they are new to the organization.
    async fn file_keys(
        &mut self,
        root: RootKey,
        paths: &BTreeSet<String>,
    ) -> Result<BTreeSet<i64>, StoreError> {
        let all: Vec<&String> = paths.iter().collect();
        let mut keys = BTreeSet::new();
        for chunk in all.chunks(CHUNK) {
            let known = self.known_files(root, chunk).await?;
            keys.extend(known.iter().map(|(id, _)| *id));
            let known: BTreeSet<&str> = known.iter().map(|(_, path)| path.as_str()).collect();
            let new: Vec<&&String> =
                chunk.iter().filter(|path| !known.contains(path.as_str())).collect();
            if new.is_empty() {
                continue;
            }
            let first = self.allocate(root, "files", i64::try_from(new.len()).unwrap_or(0)).await?;
            let mut insert = QueryBuilder::new("INSERT INTO files (root, id, path) ");
            insert.push_values(new.iter().zip(first..), |mut row, (path, id)| {
                row.push_bind(root.0).push_bind(id).push_bind(path.as_str());
            });
            insert.build().execute(self.conn()).await?;
            keys.extend((first..).take(new.len()));
        }
        Ok(keys)
    }

    async fn known_files(
        &mut self,
        root: RootKey,
        paths: &[&String],
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let mut query = QueryBuilder::new("SELECT id, path FROM files WHERE root = ");
        query.push_bind(root.0).push(" AND path IN (");
        let mut list = query.separated(", ");
        for path in paths {
            list.push_bind(path.as_str());
        }
        query.push(") ORDER BY path");
        Ok(query.build_query_as().fetch_all(self.conn()).await?)
    }
}
