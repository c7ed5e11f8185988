//! Permission checks in a large organization: 10,000 groups 12 deep, 1,000 bindings of a caller.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result};
use model::groups::{Collection, Group};
use model::iam::{BuiltInRole, Capability, RoleBinding, RoleRef, Subject};
use model::id::{GroupId, IdentityId, RoleBindingId, Suid, Uid, Uidp};
use model::timestamp::Timestamp;
use service::Caller;
use store::{GroupRow, Store};

const N_GROUPS: u64 = 10_000;
const N_BINDINGS: usize = 1_000;
const LEVELS: usize = 12;
const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

pub(crate) async fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&folder.path().join("loadline.db")).await?;
    let groups = tree(&store).await?;
    let who = IdentityId(suid(u64::MAX));
    let mut tx = store.begin().await?;
    // Everywhere but at the leaves that are asked for: most checks have to look all the way up.
    for (number, group) in groups.iter().step_by(groups.len() / N_BINDINGS).enumerate() {
        let roles = [BuiltInRole::Viewer, BuiltInRole::Editor, BuiltInRole::PolicyEditor];
        let role = roles.get(number % roles.len()).context("a role")?;
        let binding = RoleBinding {
            id: RoleBindingId(suid(u64::try_from(number)?)),
            group: Some(group.group.id),
            identity: who,
            role: RoleRef::BuiltIn(*role),
            created_by: Subject::System { reason: "bench".to_owned() },
            created_at: NOW,
        };
        tx.ensure_binding(group.root, &binding).await?;
    }
    tx.commit().await?;

    let started = Instant::now();
    let grants = store.grants(who).await?;
    let subject = Subject::Person { id: who, name: "bench".to_owned() };
    let caller = Caller::granted(subject, &grants);
    let made = started.elapsed();
    anyhow::ensure!(grants.len() >= N_BINDINGS, "{} bindings", grants.len());

    let started = Instant::now();
    let mut n_allowed = 0_usize;
    for group in &groups {
        for capability in [Capability::RecordsList, Capability::PolicyCreate, Capability::AuditList]
        {
            n_allowed += usize::from(black_box(&caller).may(capability, group));
        }
    }
    let n_checks = groups.len().saturating_mul(3);
    let each = started.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(n_checks)?);
    anyhow::ensure!(n_allowed > 0 && n_allowed < n_checks, "{n_allowed} of {n_checks} allowed");
    super::row(
        "a permission check, 10,000 groups 12 deep, 1,000 bindings of the caller",
        "≤ 20 µs",
        &format!("{each:.2} µs"),
    );
    super::row(
        "a caller with 1,000 bindings read from the database, once a request",
        "–",
        &format!("{:.1} ms", made.as_secs_f64() * 1e3),
    );
    Ok(())
}

/// Chains of groups, each [`LEVELS`] deep, below one root group.
async fn tree(store: &Store) -> Result<Vec<GroupRow>> {
    let uid = Uid::from_bytes([7; 20]);
    let mut tx = store.begin().await?;
    let (root, id) = tx.insert_organization(uid, "acme", "", NOW).await?;
    let row = |id: GroupId, path: Uidp, path_key: String| GroupRow {
        root,
        group: Group {
            id,
            path,
            names: Vec::new(),
            description: String::new(),
            collection: Collection::default(),
            is_verified: false,
        },
        path_key,
        own_collection: None,
    };
    let top = row(id, Uidp::root(uid), id.to_string());
    let mut groups = vec![top.clone()];
    let mut above = top.clone();
    for number in 1..N_GROUPS {
        if usize::try_from(number)? % (LEVELS - 1) == 1 {
            above = top.clone();
        }
        let id = GroupId(suid(number));
        tx.insert_group(&above, id, &format!("group-{number}"), "", NOW).await?;
        above = row(id, above.group.path.child(id), format!("{}/{id}", above.path_key));
        groups.push(above.clone());
    }
    tx.commit().await?;
    Ok(groups)
}

fn suid(number: u64) -> Suid {
    Suid::from_bytes(number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes())
}
