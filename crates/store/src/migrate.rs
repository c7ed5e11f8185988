//! Migrations: the portable SQL of `migrations/`, in SQLite's own types.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

/// Every step, oldest first; append-only.
const STEPS: &[(i64, &str, &str)] = &[
    (1, "create house", include_str!("../../../migrations/0001_create_house.sql")),
    (2, "widen look-ups", include_str!("../../../migrations/0002_widen_look_ups.sql")),
    (4, "identity and access", include_str!("../../../migrations/0004_identity_and_access.sql")),
    (5, "sign in and tokens", include_str!("../../../migrations/0005_sign_in_and_tokens.sql")),
];

pub(crate) fn migrator() -> Migrator {
    let steps = STEPS.iter().map(|(version, description, sql)| {
        Migration::new(
            *version,
            Cow::Borrowed(*description),
            MigrationType::Simple,
            AssertSqlSafe(for_sqlite(sql)).into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(steps.collect())
}

/// PostgreSQL's spelling in SQLite's: its own type names, strict tables clustered by key.
fn for_sqlite(sql: &str) -> String {
    sql.replace("BIGINT", "INTEGER")
        .replace("BYTEA", "BLOB")
        .replace("\n);", "\n) STRICT, WITHOUT ROWID;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_a_step() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        let n_files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(n_files, STEPS.len());
    }

    #[test]
    fn tables_become_strict() {
        let sql = for_sqlite("CREATE TABLE a (\n    b BIGINT,\n    c BYTEA\n);");
        assert_eq!(sql, "CREATE TABLE a (\n    b INTEGER,\n    c BLOB\n) STRICT, WITHOUT ROWID;");
    }
}
