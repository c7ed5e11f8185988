//! Permissions as data: which role holds which capability, and what each endpoint needs.
//!
//! Printed to `tests/golden/permissions.txt`, so that a change of rights is a change of text.

use model::iam::{Capability, Role};

/// Whether a role holds a capability.
#[must_use]
pub const fn allows(role: Role, capability: Capability) -> bool {
    match (role, capability) {
        (Role::Owner, Capability::InventoryReport) => false,
        (Role::Owner, _) => true,
        (Role::Cluster, Capability::InventoryReport) => true,
        (Role::Cluster, _) => false,
    }
}

/// What an endpoint asks of its caller before the use case itself does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may call it.
    Nothing,
    /// To be signed in; the answer holds only what the caller may see.
    SignIn,
    /// A capability at the group concerned.
    Capability(Capability),
}

/// An endpoint of the server: method, path as the router has it, and what it needs.
pub type Endpoint = (&'static str, &'static str, Needs);

/// Every endpoint. A test holds the running program's routes against this list.
pub const ENDPOINTS: &[Endpoint] = &[
    ("GET", "/healthz", Needs::Nothing),
    ("GET", "/readyz", Needs::Nothing),
    ("POST", "/sign-in", Needs::Nothing),
    ("POST", "/sign-out", Needs::Nothing),
    ("POST", "/ingest/v1/inventory", Needs::Capability(Capability::InventoryReport)),
    ("POST", "/api/v1/sign-in", Needs::Nothing),
    ("GET", "/api/v1/whoami", Needs::SignIn),
    ("GET", "/api/v1/groups", Needs::SignIn),
    ("POST", "/api/v1/groups", Needs::Capability(Capability::GroupsCreate)),
    ("GET", "/api/v1/clusters", Needs::Capability(Capability::ClustersList)),
    ("POST", "/api/v1/clusters", Needs::Capability(Capability::ClustersCreate)),
    ("GET", "/api/v1/clusters/{id}", Needs::Capability(Capability::ClustersList)),
    ("POST", "/api/v1/clusters/{id}/tokens", Needs::Capability(Capability::ClustersUpdate)),
    (
        "DELETE",
        "/api/v1/clusters/{id}/tokens/{token}",
        Needs::Capability(Capability::ClustersUpdate),
    ),
    ("GET", "/api/v1/clusters/{id}/violations", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/clusters/{id}/images", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/clusters/{id}/workloads", Needs::Capability(Capability::WorkloadsList)),
    ("GET", "/api/v1/policies", Needs::Capability(Capability::PolicyList)),
    ("POST", "/api/v1/policies", Needs::Capability(Capability::PolicyCreate)),
    ("GET", "/api/v1/policies/{id}", Needs::Capability(Capability::PolicyList)),
    ("GET", "/api/v1/overview", Needs::Capability(Capability::RecordsList)),
    ("POST", "/api/v1/images/refresh", Needs::Capability(Capability::RecordsRefresh)),
];

/// The table of roles and capabilities, and that of endpoints, as text.
#[must_use]
pub fn printed() -> String {
    let mut text = String::from("capability           owner  cluster\n");
    for capability in Capability::ALL {
        let cell = |role| if allows(role, capability) { "yes" } else { "-" };
        let (owner, cluster) = (cell(Role::Owner), cell(Role::Cluster));
        text.push_str(&format!("{:<20} {owner:<6} {cluster}\n", capability.as_str()));
    }
    text.push('\n');
    for (method, path, needs) in ENDPOINTS {
        let needs = match needs {
            Needs::Nothing => "nothing".to_owned(),
            Needs::SignIn => "to be signed in".to_owned(),
            Needs::Capability(capability) => capability.to_string(),
        };
        text.push_str(&format!("{method:<6} {path:<40} {needs}\n"));
    }
    text
}
