//! Signing in by an OIDC provider: of the installation, by configuration, or of a group.

use authentication::provider::{Account, Bond, ProviderError, Settings};
use model::iam::{Identity, Origin, Proof, RoleBinding, RoleRef, Subject};
use model::id::{IdentityId, IdentityProviderId, RoleBindingId};
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use store::{GroupRow, IdentityRow, Person, ProviderRow, RootKey};

use super::{Bucket, Network, as_person};
use crate::audit::{Act, note};
use crate::{Caller, Result, Service, ServiceError};

/// How long a person may take at their provider.
const WAITS: std::time::Duration = std::time::Duration::from_secs(15 * 60);

/// A provider that the operator named.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfiguredProvider {
    /// What addresses name it by.
    pub key: String,
    /// How it is shown.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
    /// What it knows us as.
    pub client_id: String,
    /// What we show it.
    pub client_secret: Option<String>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// What everybody who signs in through it holds over the whole installation.
    pub default_role: Option<RoleRef>,
    /// The domains of e-mail addresses that are sent to it.
    pub domains: Vec<String>,
}

/// Without the secret.
impl std::fmt::Debug for ConfiguredProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConfiguredProvider").field("key", &self.key).finish_non_exhaustive()
    }
}

/// A provider, as the sign-in page offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderChoice {
    /// What addresses name it by.
    pub key: String,
    /// How it is shown.
    pub name: String,
}

/// A sign-in that waits for the provider's answer; kept in the browser's own session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// The provider.
    pub provider: String,
    /// What the answer has to repeat.
    pub bond: Bond,
    /// When the person was sent there.
    pub began_at: Timestamp,
}

/// What a provider answers with, through the browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderAnswer {
    /// The code.
    pub code: String,
    /// What we gave it to repeat.
    pub state: String,
    /// Whose answer it says it is (RFC 9207).
    pub issuer: Option<String>,
}

/// Who was signed in, and what signs them out of their provider, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInAs {
    /// Who.
    pub identity: IdentityId,
    /// The provider.
    pub provider: String,
    /// Its ID token.
    pub id_token: String,
}

/// A provider with all it takes to use it.
struct Found {
    settings: Settings,
    role: Option<(Option<GroupRow>, RoleRef)>,
    domains: Vec<String>,
    place: Option<GroupRow>,
}

impl Service {
    /// The providers that everybody is offered.
    #[must_use]
    pub fn offered_providers(&self) -> Vec<ProviderChoice> {
        let choice =
            |it: &ConfiguredProvider| ProviderChoice { key: it.key.clone(), name: it.name.clone() };
        self.inner.settings.providers.iter().map(choice).collect()
    }

    /// The provider of an e-mail address, by its proven domain, or of an organization, by its
    /// name.
    ///
    /// # Errors
    /// Not found where there is none.
    pub async fn find_provider(&self, text: &str) -> Result<ProviderChoice> {
        let text = text.trim().to_lowercase();
        let rows = self.providers_now().await?;
        let of_row = |row: &ProviderRow| ProviderChoice {
            key: row.provider.id.to_string(),
            name: row.provider.name.clone(),
        };
        if let Some((_, domain)) = text.rsplit_once('@') {
            let configured = self.inner.settings.providers.iter();
            let mut configured = configured.filter(|it| it.domains.iter().any(|d| d == domain));
            if let Some(found) = configured.next() {
                return Ok(ProviderChoice { key: found.key.clone(), name: found.name.clone() });
            }
            let found = rows.iter().find(|row| row.provider.proven_domains().any(|d| d == domain));
            return found.map(of_row).ok_or(ServiceError::NotFound);
        }
        let tree = self.tree().await?;
        let roots = tree.rows().iter().filter(|row| tree.parent(row).is_none());
        let mut named = roots.filter(|row| row.group.name_path().to_lowercase() == text);
        let root = named.next().ok_or(ServiceError::NotFound)?.root;
        rows.iter().find(|row| row.root == root).map(of_row).ok_or(ServiceError::NotFound)
    }

    /// Where a person is sent to sign in, and what has to be kept until they come back.
    ///
    /// # Errors
    /// Not found where there is no such provider; unavailable where it does not answer.
    pub async fn begin_sign_in(&self, provider: &str) -> Result<(String, PendingSignIn)> {
        let found = self.provider(provider).await?;
        let bond = Bond {
            state: self.fresh_text(),
            nonce: self.fresh_text(),
            verifier: self.fresh_text(),
        };
        let now = self.now();
        let url = self.inner.providers.begin(&found.settings, &bond, now).await;
        let url = url.map_err(|error| away(&error))?;
        let pending = PendingSignIn { provider: provider.to_owned(), bond, began_at: now };
        Ok((url.into(), pending))
    }

    /// Signs the person in whom a provider's answer stands for; whoever was not known before is
    /// from now on, and holds the provider's default role.
    ///
    /// # Errors
    /// Unauthenticated where the answer is not to this question, or not good; forbidden where
    /// the person was disabled.
    pub async fn finish_sign_in(
        &self,
        pending: &PendingSignIn,
        provider: &str,
        answer: &ProviderAnswer,
        origin: &Origin,
    ) -> Result<SignInAs> {
        let now = self.now();
        let is_answer = provider == pending.provider
            && answer.state == pending.bond.state
            && now.since(pending.began_at) < WAITS;
        if !is_answer {
            return self.refused(origin, "the answer is not to this browser's question").await;
        }
        let found = self.provider(provider).await?;
        let (settings, bond) = (&found.settings, &pending.bond);
        let said = answer.issuer.as_deref();
        let finished = self.inner.providers.finish(settings, bond, &answer.code, said, now).await;
        let account = match finished {
            Ok(account) => account,
            Err(error @ ProviderError::Answer { .. }) => {
                tracing::warn!(error = error.to_string(), "a sign-in was refused");
                return self.refused(origin, &error.to_string()).await;
            }
            Err(error @ (ProviderError::Away { .. } | ProviderError::Settings { .. })) => {
                return Err(away(&error));
            }
        };
        let identity = self.signed_in(&found, &account, origin).await?;
        let id_token = account.id_token;
        Ok(SignInAs { identity, provider: provider.to_owned(), id_token })
    }

    /// Where a browser signs out of its provider, too; `None` where that is not to be had.
    pub async fn provider_sign_out(&self, provider: &str, id_token: &str) -> Option<String> {
        let found = self.provider(provider).await.ok()?;
        let back = format!("{}/sign-in", self.address());
        let (providers, now) = (&self.inner.providers, self.now());
        let url = providers.sign_out(&found.settings, id_token, &back, now).await.ok()?;
        url.map(String::from)
    }

    async fn signed_in(
        &self,
        found: &Found,
        account: &Account,
        origin: &Origin,
    ) -> Result<IdentityId> {
        let known = self.store().person_by_account(&account.issuer, &account.subject).await?;
        if known.as_ref().is_some_and(|row| row.identity.disabled_at.is_some()) {
            return Err(ServiceError::Forbidden(
                "Your account is switched off here. Ask an owner.".to_owned(),
            ));
        }
        let is_first = known.as_ref().is_none_or(|row| row.identity.seen_at.is_none());
        let (mut tx, now) = self.begin().await?;
        let email = own_address(account, &found.domains);
        let name = account.name.clone().or_else(|| email.clone());
        let before = known.map(|row| row.identity);
        let identity = Identity {
            id: before.as_ref().map_or_else(|| IdentityId(self.fresh_suid()), |it| it.id),
            group: None,
            name: name
                .or_else(|| before.as_ref().map(|it| it.name.clone()))
                .map_or_else(|| account.subject.clone(), |name| shortened(&name)),
            description: before.as_ref().map(|it| it.description.clone()).unwrap_or_default(),
            email: email.or_else(|| before.as_ref().and_then(|it| it.email.clone())),
            proof: Proof::Person {
                issuer: account.issuer.clone(),
                subject: account.subject.clone(),
            },
            created_at: before.as_ref().map_or(now, |it| it.created_at),
            seen_at: Some(now),
            disabled_at: None,
        };
        let row = IdentityRow { root: RootKey::INSTALLATION, identity };
        tx.put_identity(&row).await?;
        if let Some((group, role)) = found.role.as_ref().filter(|_| is_first) {
            let binding = RoleBinding {
                id: RoleBindingId(self.fresh_suid()),
                group: group.as_ref().map(|group| group.group.id),
                identity: row.identity.id,
                role: *role,
                created_by: Subject::System { reason: "default role".to_owned() },
                created_at: now,
            };
            let root = group.as_ref().map_or(RootKey::INSTALLATION, |group| group.root);
            tx.ensure_binding(root, &binding).await?;
        }
        let person = Person { id: row.identity.id, name: row.identity.name.clone() };
        let act = Act::named("sign_in.provider", format!("identity {}", person.id));
        let act = act.after(&account.issuer);
        note(&mut tx, &as_person(&person, origin), found.place.as_ref(), &act, now).await?;
        tx.commit().await?;
        Ok(person.id)
    }

    /// Keeps that an answer was refused; of one address so many that the log stays readable.
    async fn refused<T>(&self, origin: &Origin, cause: &str) -> Result<T> {
        let bucket = Bucket::Address(origin.address.map(Network::of));
        self.inner.pace.take(bucket, self.now())?;
        let (mut tx, now) = self.begin().await?;
        let caller = Caller::system("sign-in").asking_from(origin.clone());
        let act = Act::named("sign_in.refused", "provider").after(&cause);
        note(&mut tx, &caller, None, &act, now).await?;
        tx.commit().await?;
        Err(ServiceError::Unauthenticated)
    }

    async fn provider(&self, key: &str) -> Result<Found> {
        let redirect = format!("{}/sign-in/callback/{key}", self.address());
        let configured = self.inner.settings.providers.iter().find(|it| it.key == key);
        if let Some(it) = configured {
            let settings = Settings {
                issuer: it.issuer.clone(),
                client_id: it.client_id.clone(),
                client_secret: it.client_secret.clone(),
                scopes: it.scopes.clone(),
                redirect,
            };
            let role = it.default_role.map(|role| (None, role));
            return Ok(Found { settings, role, domains: it.domains.clone(), place: None });
        }
        let id: IdentityProviderId = key.parse().map_err(|_| ServiceError::NotFound)?;
        let rows = self.providers_now().await?;
        let row = rows.into_iter().find(|row| row.provider.id == id);
        let provider = row.ok_or(ServiceError::NotFound)?.provider;
        let tree = self.tree().await?;
        let group = tree.by_id(provider.group).cloned();
        let caller = Caller::system("sign-in");
        let client_secret = self.identity_providers().client_secret(&caller, id).await?;
        let domains = provider.proven_domains().cloned().collect();
        let settings = Settings {
            issuer: provider.issuer,
            client_id: provider.client_id,
            client_secret,
            scopes: provider.scopes,
            redirect,
        };
        let role = provider.default_role.zip(group.clone());
        let role = role.map(|(role, group)| (Some(group), role));
        Ok(Found { settings, role, domains, place: group })
    }
}

/// The address of an account, where it is known to be the account's own: the provider says that
/// it was verified, or the domain is the provider's.
fn own_address(account: &Account, domains: &[String]) -> Option<String> {
    let email = account.email.as_ref()?.to_lowercase();
    let domain = email.rsplit_once('@').map(|(_, domain)| domain)?;
    let is_own = account.is_email_verified || domains.iter().any(|own| own == domain);
    is_own.then_some(email.clone())
}

fn shortened(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

fn away(error: &ProviderError) -> ServiceError {
    tracing::warn!(error = error.to_string(), "a provider cannot be used");
    ServiceError::Unavailable(
        "Your provider does not answer as it should. Try again, or ask whoever runs Loadline."
            .to_owned(),
    )
}
