//! Identity providers: whose people may sign in to an organization.

use model::groups::{check_domain, check_name};
use model::iam::{Capability, IdentityProvider, RoleRef};
use model::id::{GroupId, IdentityProviderId};
use store::{GroupRow, ProviderRow, Tx};

use super::domains::{lose, proven_now, unproven};
use super::proofs::wrong_issuer;
use crate::audit::{Act, note};
use crate::groups::wrong_description;
use crate::scope::Tree;
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// Characters of a client id or secret, at most.
const LONGEST_CREDENTIAL: usize = 1_024;
/// Scopes beside `openid`, at most.
const MOST_SCOPES: usize = 20;
/// E-mail domains of a provider, at most.
const MOST_DOMAINS: usize = 50;

/// The use cases of identity providers.
#[derive(Debug, Clone, Copy)]
pub struct IdentityProviders<'a>(&'a Service);

impl Service {
    /// The use cases of identity providers.
    #[must_use]
    pub const fn identity_providers(&self) -> IdentityProviders<'_> {
        IdentityProviders(self)
    }
}

/// What a provider is to be.
#[derive(Clone)]
pub struct ProviderDraft {
    /// How it is shown at sign-in.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Its issuer.
    pub issuer: String,
    /// What it knows this installation as.
    pub client_id: String,
    /// Its client secret; `None` keeps the one there is.
    pub client_secret: Option<String>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// What everybody who signs in through it holds at its group.
    pub default_role: Option<RoleRef>,
    /// The domains of e-mail addresses that are sent to it.
    pub domains: Vec<String>,
}

impl std::fmt::Debug for ProviderDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the secret: what is printed may end in a log.
        f.debug_struct("ProviderDraft").field("name", &self.name).finish_non_exhaustive()
    }
}

impl IdentityProviders<'_> {
    /// The providers at a group and below it, by name.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn list(&self, caller: &Caller, scope: GroupId) -> Result<Vec<IdentityProvider>> {
        let scope = self.0.scope(caller, Capability::IdentityProvidersList, scope).await?;
        let tree = self.0.tree().await?;
        let rows = self.0.providers_now().await?;
        let is_here = |row: &ProviderRow| {
            tree.by_id(row.provider.group).is_some_and(|group| Tree::is_below(group, &scope))
        };
        Ok(rows.into_iter().filter(is_here).map(|row| row.provider).collect())
    }

    /// One provider.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn get(&self, caller: &Caller, id: IdentityProviderId) -> Result<IdentityProvider> {
        let (row, _) = self.seen(caller, id, Capability::IdentityProvidersList).await?;
        Ok(proven_now(&*self.0.tree().await?, row.provider))
    }

    /// Lets people of a provider sign in. As its default role is granted to them, it takes
    /// `role_bindings.create` and everything the role holds.
    ///
    /// # Errors
    /// Invalid fields; a limit; not found or forbidden at the group.
    pub async fn create(
        &self,
        caller: &Caller,
        group: GroupId,
        draft: ProviderDraft,
    ) -> Result<IdentityProvider> {
        let create = Capability::IdentityProvidersCreate;
        let group = self.0.scope(caller, create, group).await?;
        self.check(caller, &group, &draft).await?;
        let unproven_domains = unproven(caller, &draft, None);
        let (mut tx, now) = self.0.begin().await?;
        let limits = self.0.store().limits(group.root).await?;
        let n_providers = tx.n_identity_providers(group.root).await?;
        let limit = limits.identity_providers;
        Service::refuse_beyond(&group, "identity providers", limit, n_providers)?;
        let id = IdentityProviderId(self.0.fresh_suid());
        let provider = IdentityProvider {
            id,
            group: group.group.id,
            name: draft.name,
            description: draft.description,
            issuer: draft.issuer,
            client_id: draft.client_id,
            has_secret: draft.client_secret.is_some(),
            scopes: draft.scopes,
            default_role: draft.default_role,
            domains: draft.domains,
            unproven_domains,
            created_at: now,
        };
        let secret = self.sealed(id, draft.client_secret.as_deref())?;
        let row = ProviderRow { root: group.root, provider, secret };
        for loser in self.0.losers(caller, &row).await? {
            lose(&mut tx, caller, &loser, now).await?;
        }
        put(&mut tx, &row).await?;
        let act = Act::of(create, target(id)).after(&row.provider);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        tx.commit().await?;
        Ok(proven_now(&*self.0.tree().await?, row.provider))
    }

    /// Changes a provider. Another issuer needs its secret anew: the old one is another's, and so
    /// is the word of the installation's owner for its domains.
    ///
    /// # Errors
    /// As [`IdentityProviders::create`].
    pub async fn update(
        &self,
        caller: &Caller,
        id: IdentityProviderId,
        draft: ProviderDraft,
    ) -> Result<IdentityProvider> {
        let update = Capability::IdentityProvidersUpdate;
        let (before, group) = self.seen(caller, id, update).await?;
        self.check(caller, &group, &draft).await?;
        let is_moved = draft.issuer != before.provider.issuer;
        let secret = match &draft.client_secret {
            None if is_moved => None,
            None => before.secret.clone(),
            Some(secret) => self.sealed(id, Some(secret))?,
        };
        let unproven_domains = unproven(caller, &draft, Some(&before.provider));
        let provider = IdentityProvider {
            name: draft.name,
            description: draft.description,
            issuer: draft.issuer,
            client_id: draft.client_id,
            has_secret: secret.is_some(),
            scopes: draft.scopes,
            default_role: draft.default_role,
            domains: draft.domains,
            unproven_domains,
            ..before.provider.clone()
        };
        let row = ProviderRow { provider, secret, ..before.clone() };
        let (mut tx, now) = self.0.begin().await?;
        for loser in self.0.losers(caller, &row).await? {
            lose(&mut tx, caller, &loser, now).await?;
        }
        put(&mut tx, &row).await?;
        let act = Act::of(update, target(id)).before(&before.provider).after(&row.provider);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        tx.commit().await?;
        Ok(proven_now(&*self.0.tree().await?, row.provider))
    }

    /// Deletes a provider; nobody signs in through it any more, and what its people hold stays.
    ///
    /// # Errors
    /// Not found or forbidden at its group.
    pub async fn delete(&self, caller: &Caller, id: IdentityProviderId) -> Result<()> {
        let (row, group) = self.seen(caller, id, Capability::IdentityProvidersDelete).await?;
        let (mut tx, now) = self.0.begin().await?;
        tx.delete_identity_provider(row.root, id).await?;
        let act = Act::of(Capability::IdentityProvidersDelete, target(id)).before(&row.provider);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        Ok(tx.commit().await?)
    }

    /// The client secret of a provider, for the control plane itself when somebody signs in.
    ///
    /// # Errors
    /// Forbidden but for the control plane; unavailable where the secret cannot be opened.
    pub async fn client_secret(
        &self,
        caller: &Caller,
        id: IdentityProviderId,
    ) -> Result<Option<String>> {
        if !matches!(caller.subject(), model::iam::Subject::System { .. }) {
            return Err(ServiceError::Forbidden("Client secrets are shown to nobody.".to_owned()));
        }
        let rows = self.0.store().identity_providers().await?;
        let row = rows.into_iter().find(|row| row.provider.id == id);
        let Some(sealed) = row.ok_or(ServiceError::NotFound)?.secret else { return Ok(None) };
        let opened = self.0.ports().sealing.open(&target(id), &sealed);
        let opened = opened.map_err(|error| ServiceError::Unavailable(error.to_string()))?;
        String::from_utf8(opened).map(Some).map_err(|error| ServiceError::Internal(Box::new(error)))
    }

    fn sealed(&self, id: IdentityProviderId, secret: Option<&str>) -> Result<Option<Vec<u8>>> {
        let seal = |secret: &str| self.0.ports().sealing.seal(&target(id), secret.as_bytes());
        let sealed = secret.map(seal).transpose();
        sealed.map_err(|error| ServiceError::Unavailable(error.to_string()))
    }

    async fn seen(
        &self,
        caller: &Caller,
        id: IdentityProviderId,
        capability: Capability,
    ) -> Result<(ProviderRow, GroupRow)> {
        let rows = self.0.store().identity_providers().await?;
        let row = rows.into_iter().find(|row| row.provider.id == id);
        let row = row.ok_or(ServiceError::NotFound)?;
        let tree = self.0.tree().await?;
        let group = tree.by_id(row.provider.group).ok_or(ServiceError::NotFound)?;
        caller.require(capability, Capability::IdentityProvidersList, group)?;
        Ok((row, group.clone()))
    }

    async fn check(&self, caller: &Caller, group: &GroupRow, draft: &ProviderDraft) -> Result<()> {
        if let Some(role) = draft.default_role {
            caller.require(Capability::RoleBindingsCreate, Capability::GroupsList, group)?;
            self.0.grantable(caller, role, Some(group)).await?;
        }
        let mut errors: Vec<FieldError> =
            wrong_description(&draft.description).into_iter().collect();
        if let Err(message) = check_name(&draft.name) {
            errors.push(FieldError::new("name", message));
        }
        wrong_issuer(&mut errors, "issuer", &draft.issuer);
        for (field, text) in [
            ("clientId", Some(draft.client_id.as_str())),
            ("clientSecret", draft.client_secret.as_deref()),
        ] {
            let is_right = text.is_none_or(|text| {
                (1..=LONGEST_CREDENTIAL).contains(&text.len())
                    && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
            });
            if !is_right {
                let message =
                    format!("Write 1 to {LONGEST_CREDENTIAL} printable ASCII characters.");
                errors.push(FieldError::new(field, message));
            }
        }
        errors.extend(wrong_scopes(&draft.scopes));
        errors.extend(wrong_domains(&draft.domains));
        if errors.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(errors)) }
    }
}

/// What is wrong with scopes (RFC 6749, 3.3).
fn wrong_scopes(scopes: &[String]) -> Option<FieldError> {
    let is_token = |scope: &String| {
        (1..=100).contains(&scope.len())
            && scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    };
    let is_right = scopes.len() <= MOST_SCOPES && scopes.iter().all(is_token);
    (!is_right).then(|| {
        let message = format!("Write at most {MOST_SCOPES} scopes such as email, without blanks.");
        FieldError::new("scopes", message)
    })
}

fn wrong_domains(domains: &[String]) -> Option<FieldError> {
    if domains.len() > MOST_DOMAINS {
        let message = format!("A provider has at most {MOST_DOMAINS} domains.");
        return Some(FieldError::new("domains", message));
    }
    let wrong = domains.iter().find_map(|domain| check_domain(domain).err())?;
    Some(FieldError::new("domains", wrong))
}

async fn put(tx: &mut Tx, row: &ProviderRow) -> Result<()> {
    tx.put_identity_provider(row).await.map_err(|error| match error.is_conflict() {
        true => ServiceError::Conflict(format!(
            "The group has a provider {} already, or one of the domains is written twice or another provider's.",
            row.provider.name
        )),
        false => error.into(),
    })
}

/// The provider in the audit log; also what its secret is sealed for.
pub(super) fn target(id: IdentityProviderId) -> String {
    format!("identity-provider {id}")
}
