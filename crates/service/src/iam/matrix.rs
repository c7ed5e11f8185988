//! Permissions as data: which role holds which capability, and what each endpoint needs.
//!
//! Printed to `tests/golden/permissions.txt`, so that a change of rights is a change of text.

use std::fmt;

use model::iam::{BuiltInRole, Capability, CapabilitySet};

/// What a built-in role holds.
#[must_use]
pub const fn held(role: BuiltInRole) -> CapabilitySet {
    match role {
        BuiltInRole::Viewer => CapabilitySet::of(VIEWER),
        BuiltInRole::Editor => held(BuiltInRole::Viewer).union(CapabilitySet::of(EDITOR)),
        BuiltInRole::PolicyEditor => {
            held(BuiltInRole::Viewer).union(CapabilitySet::of(POLICY_EDITOR))
        }
        BuiltInRole::Owner => {
            CapabilitySet::of(Capability::ALL).without(held(BuiltInRole::Cluster))
        }
        BuiltInRole::Cluster => CapabilitySet::of(CLUSTER),
        BuiltInRole::RegistryPull => CapabilitySet::of(PULL),
        BuiltInRole::RegistryPush => CapabilitySet::of(PULL).union(CapabilitySet::of(PUSH)),
        BuiltInRole::RegistryPullTokenCreator => {
            CapabilitySet::of(PULL).union(CapabilitySet::of(PULL_TOKEN_CREATOR))
        }
        BuiltInRole::SigningViewer => CapabilitySet::of(&[Capability::SigstoreList]),
        BuiltInRole::SigningCertificateRequester => CapabilitySet::of(CERTIFICATE_REQUESTER),
        BuiltInRole::SigningEditor => {
            CapabilitySet::of(CERTIFICATE_REQUESTER).union(CapabilitySet::of(SIGNING_EDITOR))
        }
    }
}

/// Everything that is seen, but for the audit log: it tells addresses of people.
const VIEWER: &[Capability] = &[
    Capability::GroupsList,
    Capability::GroupInvitesList,
    Capability::RolesList,
    Capability::RoleBindingsList,
    Capability::IdentityList,
    Capability::IdentityProvidersList,
    Capability::ClustersList,
    Capability::ClustersDiscover,
    Capability::NodesList,
    Capability::NamespacesList,
    Capability::WorkloadsList,
    Capability::RecordsList,
    Capability::RecordContextsList,
    Capability::RecordSignaturesList,
    Capability::RecordPolicyResultsList,
    Capability::AttestationsList,
    Capability::SbomsList,
    Capability::VulnReportsList,
    Capability::RisksList,
    Capability::PolicyList,
    Capability::SubscriptionsList,
    Capability::AccountAssociationsList,
    Capability::RepoList,
    Capability::ManifestList,
    Capability::TagList,
    Capability::SigstoreList,
];

/// Beside what a viewer holds. Not `role_bindings.*`: the original's documents and its code
/// contradict each other, and who may grant roles is an owner in all but name.
const EDITOR: &[Capability] = &[
    Capability::ClustersCreate,
    Capability::ClustersUpdate,
    Capability::ClustersDelete,
    Capability::RecordsRefresh,
    Capability::EvidenceCreate,
    Capability::SubscriptionsCreate,
    Capability::SubscriptionsUpdate,
    Capability::SubscriptionsDelete,
    Capability::SigstoreCreate,
    Capability::SigstoreUpdate,
    Capability::SigstoreDelete,
    Capability::SigstoreCertificateCreate,
];

/// Beside what a viewer holds: the role that the original lacks, where only owners write policy.
const POLICY_EDITOR: &[Capability] = &[
    Capability::RecordsRefresh,
    Capability::EvidenceCreate,
    Capability::PolicyCreate,
    Capability::PolicyUpdate,
    Capability::PolicyDelete,
];

const CLUSTER: &[Capability] = &[Capability::InventoryReport];

const PULL: &[Capability] = &[
    Capability::GroupsList,
    Capability::RecordSignaturesList,
    Capability::SbomsList,
    Capability::VulnReportsList,
    Capability::RepoList,
    Capability::ManifestList,
    Capability::TagList,
];

const PUSH: &[Capability] = &[
    Capability::RepoCreate,
    Capability::RepoUpdate,
    Capability::RepoDelete,
    Capability::ManifestCreate,
    Capability::ManifestUpdate,
    Capability::ManifestDelete,
    Capability::TagCreate,
    Capability::TagUpdate,
    Capability::TagDelete,
];

const PULL_TOKEN_CREATOR: &[Capability] =
    &[Capability::RolesList, Capability::RoleBindingsCreate, Capability::IdentityCreate];

const CERTIFICATE_REQUESTER: &[Capability] =
    &[Capability::SigstoreList, Capability::SigstoreCertificateCreate];

const SIGNING_EDITOR: &[Capability] =
    &[Capability::SigstoreCreate, Capability::SigstoreUpdate, Capability::SigstoreDelete];

/// What an endpoint asks of its caller before the use case itself does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may call it.
    Nothing,
    /// The secret that the operator gave to registries.
    HookSecret,
    /// To be signed in; the answer holds only what the caller may see.
    SignIn,
    /// A capability at the group concerned.
    Capability(Capability),
    /// A capability over the whole installation.
    Everywhere(Capability),
}

/// An endpoint of the server: method, path as the router has it, and what it needs.
pub type Endpoint = (&'static str, &'static str, Needs);

/// Every endpoint. A test holds the running program's routes against this list.
pub const ENDPOINTS: &[Endpoint] = &[
    ("GET", "/healthz", Needs::Nothing),
    ("GET", "/readyz", Needs::Nothing),
    ("GET", "/api/openapi.json", Needs::Nothing),
    ("POST", "/sign-in", Needs::Nothing),
    ("POST", "/sign-in/local", Needs::Nothing),
    ("GET", "/sign-in/with/{provider}", Needs::Nothing),
    ("GET", "/sign-in/callback/{provider}", Needs::Nothing),
    ("POST", "/sign-out", Needs::Nothing),
    ("GET", "/sign-out/provider", Needs::Nothing),
    ("GET", "/.well-known/openid-configuration", Needs::Nothing),
    ("GET", "/.well-known/jwks.json", Needs::Nothing),
    ("POST", "/sts/exchange", Needs::Nothing),
    ("POST", "/oauth/device", Needs::Nothing),
    ("POST", "/oauth/authorize", Needs::SignIn),
    ("POST", "/oauth/activate", Needs::SignIn),
    ("POST", "/ingest/v1/inventory", Needs::Capability(Capability::InventoryReport)),
    ("PUT", "/ingest/v1/pull-secrets", Needs::Capability(Capability::InventoryReport)),
    ("POST", "/api/v1/sign-in", Needs::Nothing),
    ("GET", "/api/v1/whoami", Needs::SignIn),
    ("GET", "/api/v1/sessions", Needs::SignIn),
    ("DELETE", "/api/v1/sessions", Needs::SignIn),
    ("DELETE", "/api/v1/sessions/{id}", Needs::SignIn),
    ("DELETE", "/api/v1/identities/{id}/sessions", Needs::Everywhere(Capability::IdentityUpdate)),
    (
        "POST",
        "/api/v1/identities/{id}/sign-in-links",
        Needs::Everywhere(Capability::IdentityUpdate),
    ),
    ("GET", "/api/v1/tokens", Needs::SignIn),
    ("POST", "/api/v1/tokens", Needs::SignIn),
    ("DELETE", "/api/v1/tokens/{id}", Needs::SignIn),
    ("GET", "/api/v1/local-account", Needs::SignIn),
    ("PUT", "/api/v1/local-account", Needs::SignIn),
    ("POST", "/api/v1/local-account/codes", Needs::SignIn),
    ("POST", "/api/v1/local-account/codes/confirm", Needs::SignIn),
    ("POST", "/api/v1/local-account/codes/end", Needs::SignIn),
    ("PUT", "/api/v1/clusters/{id}/issuer", Needs::Capability(Capability::ClustersUpdate)),
    ("GET", "/api/v1/groups", Needs::SignIn),
    ("POST", "/api/v1/groups", Needs::Capability(Capability::GroupsCreate)),
    ("PUT", "/api/v1/groups/{id}/collection", Needs::Capability(Capability::GroupsUpdate)),
    ("GET", "/api/v1/groups/{id}", Needs::Capability(Capability::GroupsList)),
    ("PATCH", "/api/v1/groups/{id}", Needs::Capability(Capability::GroupsUpdate)),
    ("DELETE", "/api/v1/groups/{id}", Needs::Capability(Capability::GroupsDelete)),
    ("POST", "/api/v1/groups/{id}/move", Needs::Capability(Capability::GroupsUpdate)),
    ("GET", "/api/v1/groups/{id}/limits", Needs::Capability(Capability::GroupsList)),
    ("PUT", "/api/v1/groups/{id}/limits", Needs::Everywhere(Capability::GroupsUpdate)),
    ("PUT", "/api/v1/groups/{id}/verified", Needs::Everywhere(Capability::GroupsUpdate)),
    ("GET", "/api/v1/roles", Needs::Capability(Capability::RolesList)),
    ("POST", "/api/v1/roles", Needs::Capability(Capability::RolesCreate)),
    ("GET", "/api/v1/roles/{id}", Needs::Capability(Capability::RolesList)),
    ("PUT", "/api/v1/roles/{id}", Needs::Capability(Capability::RolesUpdate)),
    ("DELETE", "/api/v1/roles/{id}", Needs::Capability(Capability::RolesDelete)),
    ("GET", "/api/v1/role-bindings", Needs::Capability(Capability::RoleBindingsList)),
    ("POST", "/api/v1/role-bindings", Needs::Capability(Capability::RoleBindingsCreate)),
    ("GET", "/api/v1/role-bindings/{id}", Needs::Capability(Capability::RoleBindingsList)),
    ("PATCH", "/api/v1/role-bindings/{id}", Needs::Capability(Capability::RoleBindingsUpdate)),
    ("DELETE", "/api/v1/role-bindings/{id}", Needs::Capability(Capability::RoleBindingsDelete)),
    ("GET", "/api/v1/identities", Needs::Capability(Capability::IdentityList)),
    ("POST", "/api/v1/identities", Needs::Capability(Capability::IdentityCreate)),
    ("GET", "/api/v1/identities/lookup", Needs::Capability(Capability::RoleBindingsCreate)),
    ("GET", "/api/v1/identities/{id}", Needs::Capability(Capability::IdentityList)),
    ("PATCH", "/api/v1/identities/{id}", Needs::Capability(Capability::IdentityUpdate)),
    ("DELETE", "/api/v1/identities/{id}", Needs::Capability(Capability::IdentityDelete)),
    ("GET", "/api/v1/invites", Needs::Capability(Capability::GroupInvitesList)),
    ("POST", "/api/v1/invites", Needs::Capability(Capability::GroupInvitesCreate)),
    ("DELETE", "/api/v1/invites", Needs::Capability(Capability::GroupInvitesDelete)),
    ("POST", "/api/v1/invites/accept", Needs::SignIn),
    ("GET", "/api/v1/invites/{id}", Needs::Capability(Capability::GroupInvitesList)),
    ("DELETE", "/api/v1/invites/{id}", Needs::Capability(Capability::GroupInvitesDelete)),
    ("GET", "/api/v1/identity-providers", Needs::Capability(Capability::IdentityProvidersList)),
    ("POST", "/api/v1/identity-providers", Needs::Capability(Capability::IdentityProvidersCreate)),
    (
        "GET",
        "/api/v1/identity-providers/{id}",
        Needs::Capability(Capability::IdentityProvidersList),
    ),
    (
        "PUT",
        "/api/v1/identity-providers/{id}",
        Needs::Capability(Capability::IdentityProvidersUpdate),
    ),
    (
        "DELETE",
        "/api/v1/identity-providers/{id}",
        Needs::Capability(Capability::IdentityProvidersDelete),
    ),
    ("GET", "/api/v1/audit", Needs::Capability(Capability::AuditList)),
    ("GET", "/api/v1/audit/export", Needs::Capability(Capability::AuditList)),
    ("GET", "/api/v1/clusters", Needs::Capability(Capability::ClustersList)),
    ("POST", "/api/v1/clusters", Needs::Capability(Capability::ClustersCreate)),
    ("GET", "/api/v1/clusters/{id}", Needs::Capability(Capability::ClustersList)),
    ("PATCH", "/api/v1/clusters/{id}", Needs::Capability(Capability::ClustersUpdate)),
    ("DELETE", "/api/v1/clusters/{id}", Needs::Capability(Capability::ClustersDelete)),
    ("POST", "/api/v1/clusters/{id}/move", Needs::Capability(Capability::ClustersDelete)),
    ("GET", "/api/v1/clusters/{id}/tokens", Needs::Capability(Capability::ClustersUpdate)),
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
    ("PATCH", "/api/v1/policies/{id}", Needs::Capability(Capability::PolicyUpdate)),
    ("DELETE", "/api/v1/policies/{id}", Needs::Capability(Capability::PolicyDelete)),
    ("GET", "/api/v1/policies/{id}/violations", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/policies/{id}/clusters", Needs::Capability(Capability::ClustersList)),
    ("GET", "/api/v1/policies/{id}/versions", Needs::Capability(Capability::PolicyList)),
    ("GET", "/api/v1/policies/{id}/versions/{version}", Needs::Capability(Capability::PolicyList)),
    (
        "POST",
        "/api/v1/policies/{id}/versions/{version}/activate",
        Needs::Capability(Capability::PolicyUpdate),
    ),
    ("GET", "/api/v1/policies/{id}/difference", Needs::Capability(Capability::PolicyList)),
    ("GET", "/api/v1/events", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/overview", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/images", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/images/describe", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/images/evidence", Needs::Capability(Capability::RecordsList)),
    ("POST", "/api/v1/images/evidence", Needs::Capability(Capability::EvidenceCreate)),
    ("GET", "/api/v1/images/files", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/images/packages", Needs::Capability(Capability::RecordsList)),
    ("POST", "/api/v1/images/refresh", Needs::Capability(Capability::RecordsRefresh)),
    ("GET", "/api/v1/images/sbom", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/images/vulnerabilities", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/packages", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/packages/images", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/trust", Needs::Capability(Capability::PolicyList)),
    ("GET", "/api/v1/vulnerabilities", Needs::Capability(Capability::RecordsList)),
    ("GET", "/api/v1/vulnerabilities/overview", Needs::Capability(Capability::RecordsList)),
    ("POST", "/hooks/registry", Needs::HookSecret),
];

/// Every server function of the console, by its path. All are called by signed-in people; their
/// use cases ask for these capabilities. A test holds the running program's functions against
/// this list.
pub const CONSOLE: &[(&str, Needs)] = &[
    ("/api/console/accept_invite", Needs::SignIn),
    ("/api/console/activate_version", Needs::Capability(Capability::PolicyUpdate)),
    ("/api/console/audit", Needs::Capability(Capability::AuditList)),
    ("/api/console/begin_codes", Needs::SignIn),
    ("/api/console/check_new_cluster", Needs::Capability(Capability::ClustersCreate)),
    ("/api/console/check_new_group", Needs::Capability(Capability::GroupsCreate)),
    ("/api/console/check_program", Needs::SignIn),
    ("/api/console/check_policy", Needs::SignIn),
    ("/api/console/cluster", Needs::Capability(Capability::ClustersList)),
    ("/api/console/cluster_place", Needs::Capability(Capability::ClustersList)),
    ("/api/console/cluster_policies", Needs::Capability(Capability::PolicyList)),
    ("/api/console/cluster_records", Needs::Capability(Capability::RecordsList)),
    ("/api/console/cluster_tokens", Needs::Capability(Capability::ClustersUpdate)),
    ("/api/console/cluster_violations", Needs::Capability(Capability::RecordsList)),
    ("/api/console/cluster_workloads", Needs::Capability(Capability::WorkloadsList)),
    ("/api/console/clusters", Needs::Capability(Capability::ClustersList)),
    ("/api/console/code_secret", Needs::SignIn),
    ("/api/console/confirm_codes", Needs::SignIn),
    ("/api/console/connection", Needs::Capability(Capability::ClustersUpdate)),
    ("/api/console/create_cluster", Needs::Capability(Capability::ClustersCreate)),
    ("/api/console/create_group", Needs::Capability(Capability::GroupsCreate)),
    ("/api/console/create_identity", Needs::Capability(Capability::IdentityCreate)),
    ("/api/console/create_invite", Needs::Capability(Capability::GroupInvitesCreate)),
    ("/api/console/create_provider", Needs::Capability(Capability::IdentityProvidersCreate)),
    ("/api/console/create_role", Needs::Capability(Capability::RolesCreate)),
    ("/api/console/create_sign_in_link", Needs::Everywhere(Capability::IdentityUpdate)),
    ("/api/console/create_token", Needs::SignIn),
    ("/api/console/delete_cluster", Needs::Capability(Capability::ClustersDelete)),
    ("/api/console/delete_group", Needs::Capability(Capability::GroupsDelete)),
    ("/api/console/delete_identity", Needs::Capability(Capability::IdentityDelete)),
    ("/api/console/delete_policy", Needs::Capability(Capability::PolicyDelete)),
    ("/api/console/delete_provider", Needs::Capability(Capability::IdentityProvidersDelete)),
    ("/api/console/delete_role", Needs::Capability(Capability::RolesDelete)),
    ("/api/console/describe_policy", Needs::Capability(Capability::PolicyUpdate)),
    ("/api/console/disable_identity", Needs::Capability(Capability::IdentityUpdate)),
    ("/api/console/end_codes", Needs::SignIn),
    ("/api/console/end_other_sessions", Needs::SignIn),
    ("/api/console/end_session", Needs::SignIn),
    ("/api/console/end_sessions_of", Needs::Everywhere(Capability::IdentityUpdate)),
    ("/api/console/events", Needs::Capability(Capability::RecordsList)),
    ("/api/console/frame", Needs::SignIn),
    ("/api/console/grant_role", Needs::Capability(Capability::RoleBindingsCreate)),
    ("/api/console/group", Needs::Capability(Capability::GroupsList)),
    ("/api/console/groups", Needs::SignIn),
    ("/api/console/identities", Needs::Capability(Capability::IdentityList)),
    ("/api/console/identity", Needs::Capability(Capability::IdentityList)),
    ("/api/console/image", Needs::Capability(Capability::RecordsList)),
    ("/api/console/image_files", Needs::Capability(Capability::RecordsList)),
    ("/api/console/image_packages", Needs::Capability(Capability::RecordsList)),
    ("/api/console/image_vulnerabilities", Needs::Capability(Capability::RecordsList)),
    ("/api/console/images", Needs::Capability(Capability::RecordsList)),
    ("/api/console/invite_code", Needs::SignIn),
    ("/api/console/invite_offer", Needs::SignIn),
    ("/api/console/invites", Needs::Capability(Capability::GroupInvitesList)),
    ("/api/console/issue_token", Needs::Capability(Capability::ClustersUpdate)),
    ("/api/console/local_account", Needs::SignIn),
    ("/api/console/members", Needs::Capability(Capability::RoleBindingsList)),
    ("/api/console/move_cluster", Needs::Capability(Capability::ClustersDelete)),
    ("/api/console/move_group", Needs::Capability(Capability::GroupsUpdate)),
    ("/api/console/overview", Needs::Capability(Capability::RecordsList)),
    ("/api/console/package_holders", Needs::Capability(Capability::RecordsList)),
    ("/api/console/packages", Needs::Capability(Capability::RecordsList)),
    ("/api/console/policies", Needs::Capability(Capability::PolicyList)),
    ("/api/console/policy", Needs::Capability(Capability::PolicyList)),
    ("/api/console/policy_clusters", Needs::Capability(Capability::ClustersList)),
    ("/api/console/policy_draft", Needs::Capability(Capability::PolicyCreate)),
    ("/api/console/policy_history", Needs::Capability(Capability::PolicyList)),
    ("/api/console/policy_rights", Needs::Capability(Capability::PolicyList)),
    ("/api/console/policy_versions", Needs::Capability(Capability::PolicyList)),
    ("/api/console/policy_violations", Needs::Capability(Capability::RecordsList)),
    ("/api/console/preview_delete", Needs::Capability(Capability::GroupsDelete)),
    ("/api/console/preview_move", Needs::Capability(Capability::GroupsUpdate)),
    ("/api/console/provider", Needs::Capability(Capability::IdentityProvidersList)),
    ("/api/console/providers", Needs::Capability(Capability::IdentityProvidersList)),
    ("/api/console/publish_policy", Needs::Capability(Capability::PolicyCreate)),
    ("/api/console/refresh_image", Needs::Capability(Capability::RecordsRefresh)),
    ("/api/console/refused_form", Needs::SignIn),
    ("/api/console/revoke_invite", Needs::Capability(Capability::GroupInvitesDelete)),
    ("/api/console/revoke_own_token", Needs::SignIn),
    ("/api/console/revoke_role", Needs::Capability(Capability::RoleBindingsDelete)),
    ("/api/console/revoke_token", Needs::Capability(Capability::ClustersUpdate)),
    ("/api/console/role", Needs::Capability(Capability::RolesList)),
    ("/api/console/roles", Needs::Capability(Capability::RolesList)),
    ("/api/console/sessions", Needs::SignIn),
    ("/api/console/set_collection", Needs::Capability(Capability::GroupsUpdate)),
    ("/api/console/set_password", Needs::SignIn),
    ("/api/console/set_theme", Needs::Nothing),
    ("/api/console/sign_in_choices", Needs::Nothing),
    ("/api/console/sign_in_link", Needs::SignIn),
    ("/api/console/token_capabilities", Needs::SignIn),
    ("/api/console/token_secret", Needs::SignIn),
    ("/api/console/tokens", Needs::SignIn),
    ("/api/console/trust", Needs::Capability(Capability::PolicyList)),
    ("/api/console/update_cluster", Needs::Capability(Capability::ClustersUpdate)),
    ("/api/console/update_group", Needs::Capability(Capability::GroupsUpdate)),
    ("/api/console/update_identity", Needs::Capability(Capability::IdentityUpdate)),
    ("/api/console/update_provider", Needs::Capability(Capability::IdentityProvidersUpdate)),
    ("/api/console/update_role", Needs::Capability(Capability::RolesUpdate)),
    ("/api/console/waiting_device", Needs::SignIn),
    ("/api/console/vulnerabilities", Needs::Capability(Capability::RecordsList)),
];

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::HookSecret => f.write_str("the registries' secret"),
            Self::SignIn => f.write_str("to be signed in"),
            Self::Capability(capability) => capability.fmt(f),
            Self::Everywhere(capability) => write!(f, "{capability} over the installation"),
        }
    }
}

/// The table of roles and capabilities, and those of endpoints, as text.
#[must_use]
pub fn printed() -> String {
    let mut text = String::new();
    for (number, role) in BuiltInRole::ALL.into_iter().enumerate() {
        text.push_str(&format!("{:<27}{}{role}\n", "", "|".repeat(number)));
    }
    for capability in Capability::ALL {
        let cell = |role| if held(role).contains(*capability) { 'y' } else { '-' };
        let cells: String = BuiltInRole::ALL.into_iter().map(cell).collect();
        text.push_str(&format!("{:<27}{cells}\n", capability.as_str()));
    }
    text.push('\n');
    for (method, path, needs) in ENDPOINTS {
        text.push_str(&format!("{method:<6} {path:<40} {needs}\n"));
    }
    text.push('\n');
    for (path, needs) in CONSOLE {
        text.push_str(&format!("{:<6} {path:<40} {needs}\n", "POST"));
    }
    text
}
