//! Migrations: the portable SQL of `migrations/`, in SQLite's own types.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

/// Every step, oldest first; append-only.
const STEPS: &[(i64, &str, &str)] = &[
    (1, "create house", include_str!("../../../migrations/0001_create_house.sql")),
    (2, "widen look-ups", include_str!("../../../migrations/0002_widen_look_ups.sql")),
    (3, "list files", include_str!("../../../migrations/0003_list_files.sql")),
    (4, "identity and access", include_str!("../../../migrations/0004_identity_and_access.sql")),
    (5, "sign in and tokens", include_str!("../../../migrations/0005_sign_in_and_tokens.sql")),
    (6, "link people", include_str!("../../../migrations/0006_link_people.sql")),
    (7, "repeatable answers", include_str!("../../../migrations/0007_keep_repeatable_answers.sql")),
    (8, "prove domains", include_str!("../../../migrations/0008_prove_domains.sql")),
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
    use model::iam::{BuiltInRole, RoleRef};
    use model::id::{GroupId, IdentityId, Suid};
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{Connection as _, SqliteConnection};

    use super::*;
    use crate::RootKey;

    #[test]
    fn every_file_of_the_folder_is_a_step() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        let n_files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(n_files, STEPS.len());
    }

    /// What the owner of an installation of the first schema had, they have after every step.
    #[tokio::test]
    async fn people_and_what_they_were_granted_come_along() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("loadline.db");
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let mut before = SqliteConnection::connect_with(&options).await.unwrap();
        let steps = migrator().iter().filter(|step| step.version <= 2).cloned().collect();
        Migrator::with_migrations(steps).run(&mut before).await.unwrap();
        for sql in [
            "INSERT INTO identities VALUES (7, 'loadline', 'owner', 'Owner', 1)",
            "INSERT INTO identities VALUES (8, 'https://a.example', 'b', 'Bob', 2)",
            "INSERT INTO role_bindings VALUES (0, 0, 7, 'owner', 1)",
            "INSERT INTO role_bindings VALUES (3, 5, 8, 'owner', 2)",
            "INSERT INTO organizations VALUES (3, 'x', 1)",
        ] {
            sqlx::query(sql).execute(&mut before).await.unwrap();
        }
        before.close().await.unwrap();

        let store = crate::Store::open(&file).await.unwrap();
        let id = |column| IdentityId(Suid::from_column(column));
        let bob = store.person_by_account("https://a.example", "b").await.unwrap().unwrap();
        assert_eq!((bob.identity.id, bob.identity.name.as_str()), (id(8), "Bob"));
        assert_eq!(store.person(id(7)).await.unwrap().unwrap().name, "Owner");
        let owner = RoleRef::BuiltIn(BuiltInRole::Owner);
        for (who, root, group) in [(7, 0, None), (8, 3, Some(GroupId(Suid::from_column(5))))] {
            let grants = store.grants(id(who)).await.unwrap();
            let [grant] = grants.as_slice() else { panic!("{grants:?}") };
            assert_eq!((grant.root, grant.group, grant.role), (RootKey(root), group, owner));
            let bindings = store.bindings_of(RootKey(root)).await.unwrap();
            let found = store.binding(bindings[0].binding.id).await.unwrap().unwrap();
            assert_eq!((found.binding.identity, &found), (id(who), &bindings[0]));
        }
    }

    #[test]
    fn tables_become_strict() {
        let sql = for_sqlite("CREATE TABLE a (\n    b BIGINT,\n    c BYTEA\n);");
        assert_eq!(sql, "CREATE TABLE a (\n    b INTEGER,\n    c BLOB\n) STRICT, WITHOUT ROWID;");
    }
}
