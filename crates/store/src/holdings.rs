//! What an image holds, from when until when: numbers of packages, of files.

use std::collections::BTreeSet;

use model::timestamp::Timestamp;
use sqlx::QueryBuilder;

use crate::row::{ImageKey, RootKey, STILL};
use crate::{StoreError, Tx};

/// Rows written or asked for by one statement: far below SQLite's limit of bound values.
pub(crate) const CHUNK: usize = 400;

/// A table of intervals `(root, image, <column>, from_at, until_at)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holdings {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
}

impl Tx {
    /// Holds what an image has now against what is stored, and writes what changed.
    pub(crate) async fn write_holdings(
        &mut self,
        Holdings { table, column }: Holdings,
        (root, image): (RootKey, ImageKey),
        held: &BTreeSet<i64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut query = QueryBuilder::new(format!("SELECT {column} FROM {table} WHERE root = "));
        query.push_bind(root.0).push(" AND image = ").push_bind(image.0);
        query.push(" AND until_at = ").push_bind(STILL);
        let rows: Vec<i64> = query.build_query_scalar().fetch_all(self.conn()).await?;
        let old: BTreeSet<i64> = rows.into_iter().collect();
        let gone: Vec<&i64> = old.difference(held).collect();
        for chunk in gone.chunks(CHUNK) {
            let mut query = QueryBuilder::new(format!("UPDATE {table} SET until_at = "));
            query.push_bind(now.as_micros()).push(" WHERE root = ").push_bind(root.0);
            query.push(" AND image = ").push_bind(image.0);
            query.push(" AND until_at = ").push_bind(STILL);
            query.push(format!(" AND {column} IN ("));
            let mut list = query.separated(", ");
            for key in chunk {
                list.push_bind(**key);
            }
            query.push(")");
            query.build().execute(self.conn()).await?;
        }
        let fresh: Vec<&i64> = held.difference(&old).collect();
        for chunk in fresh.chunks(CHUNK) {
            let insert = format!("INSERT INTO {table} (root, image, {column}, from_at, until_at) ");
            let mut insert = QueryBuilder::new(insert);
            insert.push_values(chunk, |mut row, key| {
                row.push_bind(root.0).push_bind(image.0).push_bind(**key);
                row.push_bind(now.as_micros()).push_bind(STILL);
            });
            insert.build().execute(self.conn()).await?;
        }
        Ok(())
    }
}
