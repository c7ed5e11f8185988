//! Identity providers: whose people may sign in to an organization.

use leptos::prelude::*;
use model::iam::{CapabilitySet, IdentityProvider, Role};
use model::id::{GroupId, IdentityProviderId};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// What the list of providers, and the form that makes one, show.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ProviderList {
    pub(crate) providers: Vec<IdentityProvider>,
    /// Every role that the visitor may see, for names and for choices.
    pub(crate) roles: Vec<Role>,
    /// What the visitor holds at the group that is asked about.
    pub(crate) held: CapabilitySet,
}

/// The providers at a group and below it.
#[server(prefix = "/api/console", endpoint = "providers")]
pub(crate) async fn list(scope: GroupId) -> Result<ProviderList, ApiError> {
    use model::iam::Capability;
    let (service, caller) = crate::api::session::session()?;
    let held = service.held_at(&caller, Some(scope)).await?;
    let providers = service.identity_providers().list(&caller, scope).await?;
    let roles = match held.contains(Capability::RolesList) {
        true => service.roles().list(&caller).await?,
        false => Vec::new(),
    };
    Ok(ProviderList { providers, roles, held })
}

/// What the form that changes a provider shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ProviderView {
    pub(crate) provider: IdentityProvider,
    /// What its people may be granted.
    pub(crate) roles: Vec<Role>,
    /// What the visitor holds at its group.
    pub(crate) held: CapabilitySet,
}

/// One provider.
#[server(prefix = "/api/console", endpoint = "provider")]
pub(crate) async fn provider(id: IdentityProviderId) -> Result<ProviderView, ApiError> {
    use model::iam::Capability;
    let (service, caller) = crate::api::session::session()?;
    let provider = service.identity_providers().get(&caller, id).await?;
    let held = service.held_at(&caller, Some(provider.group)).await?;
    let roles = match held.contains(Capability::RolesList) {
        true => service.roles().list(&caller).await?,
        false => Vec::new(),
    };
    Ok(ProviderView { provider, roles, held })
}

/// The fields of a provider's form. The secret goes in and never comes out.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "a form sends it as fields"))]
pub(crate) struct ProviderForm {
    name: String,
    description: String,
    issuer: String,
    client_id: String,
    client_secret: String,
    scopes: String,
    default_role: String,
    domains: String,
}

impl std::fmt::Debug for ProviderForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the secret: what is printed may end in a log.
        f.debug_struct("ProviderForm").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(feature = "ssr")]
impl ProviderForm {
    fn draft(&self) -> Result<service::iam::ProviderDraft, service::ServiceError> {
        let words = |text: &str| {
            let words = text.split([' ', ',', '\n', '\r', '\t']).filter(|word| !word.is_empty());
            words.map(str::to_owned).collect()
        };
        let default_role = match self.default_role.as_str() {
            "" => None,
            role => Some(role.parse().map_err(|_| {
                crate::api::typed::wrong("default_role", "Choose a role, or none.")
            })?),
        };
        Ok(service::iam::ProviderDraft {
            name: self.name.trim().to_owned(),
            description: self.description.clone(),
            issuer: self.issuer.trim().to_owned(),
            client_id: self.client_id.trim().to_owned(),
            client_secret: Some(self.client_secret.clone()).filter(|secret| !secret.is_empty()),
            scopes: words(&self.scopes),
            default_role,
            domains: words(&self.domains),
        })
    }

    /// Everything that was typed but the secret.
    fn typed(self) -> Vec<(&'static str, String)> {
        vec![
            ("name", self.name),
            ("description", self.description),
            ("issuer", self.issuer),
            ("client_id", self.client_id),
            ("scopes", self.scopes),
            ("default_role", self.default_role),
            ("domains", self.domains),
        ]
    }
}

/// Lets people of a provider sign in.
#[server(prefix = "/api/console", endpoint = "create_provider")]
pub(crate) async fn create_provider(
    #[server(default)] group: String,
    provider: ProviderForm,
) -> Result<(), ApiError> {
    use crate::api::typed::{answer, wrong};
    use crate::routes::{self, Scope};
    let (service, caller) = crate::api::session::session()?;
    let scope = Scope(group.parse().ok());
    let done = async {
        let group = scope.0.ok_or_else(|| wrong("group", "Choose a group."))?;
        service.identity_providers().create(&caller, group, provider.draft()?).await
    };
    let done = done.await.map(|_| routes::providers(scope));
    answer((&service, &caller), done, routes::new_provider(scope), provider.typed())
}

/// Changes a provider; without a secret, the one there is stays.
#[server(prefix = "/api/console", endpoint = "update_provider")]
pub(crate) async fn update_provider(
    id: IdentityProviderId,
    provider: ProviderForm,
) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    let (service, caller) = crate::api::session::session()?;
    let done = async { service.identity_providers().update(&caller, id, provider.draft()?).await };
    let done = done.await.map(|_| routes::providers(Scope::default()));
    let back = routes::provider(Scope::default(), id);
    crate::api::typed::answer((&service, &caller), done, back, provider.typed())
}

/// Deletes a provider; what its people hold stays.
#[server(prefix = "/api/console", endpoint = "delete_provider")]
pub(crate) async fn delete_provider(id: IdentityProviderId) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    let (service, caller) = crate::api::session::session()?;
    let done = service.identity_providers().delete(&caller, id).await;
    let done = done.map(|()| routes::providers(Scope::default()));
    let back = routes::provider(Scope::default(), id);
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}
