//! People, and what can be assumed.

use leptos::prelude::*;
use model::iam::{CapabilitySet, Identity, ProofKind, Role, RoleBindingRow};
use model::id::{GroupId, IdentityId};
use model::page::{Page, PageRequest};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// What the list of people shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdentityList {
    pub(crate) page: Page<Identity>,
    /// What the visitor holds at the group that is asked about.
    pub(crate) held: CapabilitySet,
}

/// Who holds something at a group or below it, and what can be assumed there.
#[server(prefix = "/api/console", endpoint = "identities")]
pub(crate) async fn list(
    scope: GroupId,
    kind: Option<ProofKind>,
    find: String,
    page: PageRequest,
) -> Result<IdentityList, ApiError> {
    use service::IdentityFilter;
    let (service, caller) = crate::api::session::session()?;
    let held = service.held_at(&caller, Some(scope)).await?;
    let filter = IdentityFilter { kind, find };
    let page = service.identities().list(&caller, scope, &filter, &page).await?;
    Ok(IdentityList { page, held })
}

/// What the page of an identity shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdentityView {
    pub(crate) identity: Identity,
    /// What it was granted, as far as the visitor sees that.
    pub(crate) bindings: Vec<RoleBindingRow>,
    /// What the visitor holds where the identity belongs: its group, else the installation.
    pub(crate) held: CapabilitySet,
    /// What may be granted to it.
    pub(crate) roles: Vec<Role>,
    /// The groups where the visitor may grant, and take away.
    pub(crate) grantable: Vec<GroupId>,
    /// Whether it is the visitor.
    pub(crate) is_self: bool,
}

/// One identity.
#[server(prefix = "/api/console", endpoint = "identity")]
pub(crate) async fn one(id: IdentityId) -> Result<IdentityView, ApiError> {
    use model::iam::{Capability, Subject};
    let (service, caller) = crate::api::session::session()?;
    let identity = service.identities().get(&caller, id).await?;
    let bindings = service.role_bindings().of(&caller, id).await?;
    let held = match service.held_at(&caller, identity.group).await {
        Ok(held) => held,
        Err(_) => CapabilitySet::EMPTY,
    };
    let mut grantable = Vec::new();
    let mut may_see_roles = false;
    for group in service.groups().list(&caller).await? {
        let held = service.held_at(&caller, Some(group.id)).await?;
        may_see_roles |= held.contains(Capability::RolesList);
        if held.contains(Capability::RoleBindingsCreate) {
            grantable.push(group.id);
        }
    }
    let roles = if may_see_roles { service.roles().list(&caller).await? } else { Vec::new() };
    let is_self = matches!(caller.subject(), Subject::Person { id: own, .. } if *own == id);
    Ok(IdentityView { identity, bindings, held, roles, grantable, is_self })
}

/// The proof that a form describes, field by field; every kind of identity has its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "a form sends it as fields"))]
pub(crate) struct ProofForm {
    pub(crate) kind: String,
    pub(crate) issuer: String,
    pub(crate) issuer_match: String,
    pub(crate) subject: String,
    pub(crate) subject_match: String,
    pub(crate) audience: String,
    pub(crate) audience_match: String,
    pub(crate) claims: String,
    pub(crate) keys: String,
    pub(crate) expires: String,
    pub(crate) account: String,
    pub(crate) arn: String,
    pub(crate) arn_match: String,
    pub(crate) user_id: String,
    pub(crate) user_id_match: String,
    pub(crate) principal: String,
}

impl ProofForm {
    /// By field, as the form names them.
    #[cfg(feature = "ssr")]
    fn typed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("kind", self.kind.clone()),
            ("issuer", self.issuer.clone()),
            ("issuer_match", self.issuer_match.clone()),
            ("subject", self.subject.clone()),
            ("subject_match", self.subject_match.clone()),
            ("audience", self.audience.clone()),
            ("audience_match", self.audience_match.clone()),
            ("claims", self.claims.clone()),
            ("keys", self.keys.clone()),
            ("expires", self.expires.clone()),
            ("account", self.account.clone()),
            ("arn", self.arn.clone()),
            ("arn_match", self.arn_match.clone()),
            ("user_id", self.user_id.clone()),
            ("user_id_match", self.user_id_match.clone()),
            ("principal", self.principal.clone()),
        ]
    }
}

/// Makes something that can be assumed, or makes a person known who has not signed in yet.
#[server(prefix = "/api/console", endpoint = "create_identity")]
pub(crate) async fn create_identity(
    #[server(default)] group: String,
    name: String,
    #[server(default)] description: String,
    #[server(default)] email: String,
    proof: ProofForm,
) -> Result<(), ApiError> {
    use crate::api::typed::{answer, wrong};
    use crate::routes::{self, Scope};
    use service::iam::IdentityDraft;
    let (service, caller) = crate::api::session::session()?;
    let scope = Scope(group.parse().ok());
    let done = async {
        let read = super::proof::read(&proof).map_err(service::ServiceError::Invalid)?;
        let name = name.trim().to_owned();
        let draft = IdentityDraft { name, description: description.clone(), proof: read };
        if draft.proof.kind() == ProofKind::Person {
            let email = Some(email.trim().to_owned()).filter(|email| !email.is_empty());
            return Ok(service.identities().create_person(&caller, draft, email).await?.0);
        }
        let group = scope.0.ok_or_else(|| wrong("group", "Choose a group."))?;
        service.identities().create(&caller, group, draft).await
    };
    let done = done.await.map(|made| routes::identity(scope, made.id));
    let back = routes::new_identity(scope, &proof.kind);
    let mut typed = proof.typed();
    typed.extend([("name", name), ("description", description), ("email", email)]);
    answer((&service, &caller), done, back, typed)
}

/// Changes how an identity is shown and what it is for.
#[server(prefix = "/api/console", endpoint = "update_identity")]
pub(crate) async fn update_identity(
    id: IdentityId,
    name: String,
    #[server(default)] description: String,
) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    use service::iam::IdentityChange;
    let (service, caller) = crate::api::session::session()?;
    let back = routes::identity(Scope::default(), id);
    let change = IdentityChange {
        name: Some(name.trim().to_owned()),
        description: Some(description.clone()),
        ..IdentityChange::default()
    };
    let done = service.identities().update(&caller, id, change).await.map(|_| back.clone());
    let typed = vec![("name", name), ("description", description)];
    crate::api::typed::answer((&service, &caller), done, back, typed)
}

/// Keeps an identity from acting, or lets it act again.
#[server(prefix = "/api/console", endpoint = "disable_identity")]
pub(crate) async fn disable_identity(id: IdentityId, is_disabled: bool) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    use service::iam::IdentityChange;
    let (service, caller) = crate::api::session::session()?;
    let back = routes::identity(Scope::default(), id);
    let change = IdentityChange { is_disabled: Some(is_disabled), ..IdentityChange::default() };
    let done = service.identities().update(&caller, id, change).await.map(|_| back.clone());
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}

/// Deletes an identity with every role it holds.
#[server(prefix = "/api/console", endpoint = "delete_identity")]
pub(crate) async fn delete_identity(id: IdentityId) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::identity(Scope::default(), id);
    let done = service.identities().delete(&caller, id).await;
    let done = done.map(|()| routes::people(Scope::default()));
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}
