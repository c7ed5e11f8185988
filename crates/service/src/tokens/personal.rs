//! Tokens that a person makes for a program: named, narrowed, ending, shown once.

use std::time::Duration;

use model::iam::{ApiToken, CapabilitySet, TokenScope};
use model::id::TokenId;
use model::timestamp::Timestamp;

use crate::audit::{Act, note};
use crate::iam::Credential;
use crate::scope::Tree;
use crate::secret::{self, SecretKind};
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// How long a token lasts where nobody says.
const LASTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long it lasts at most.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// Tokens that a person has in force, at most.
const MOST: u64 = 50;
/// Characters of a name, at most.
const LONGEST_NAME: usize = 100;

/// The use cases of personal tokens.
#[derive(Debug, Clone, Copy)]
pub struct ApiTokens<'a>(&'a Service);

impl Service {
    /// The use cases of personal tokens.
    #[must_use]
    pub const fn api_tokens(&self) -> ApiTokens<'_> {
        ApiTokens(self)
    }
}

/// What a token is to be.
#[derive(Debug, Clone, Default)]
pub struct TokenDraft {
    /// What its owner calls it.
    pub name: String,
    /// The group that it is narrowed to, by name path, UIDP or id.
    pub group: Option<String>,
    /// The capabilities that it is narrowed to; none is all.
    pub capabilities: Vec<String>,
    /// When it ends; `None` is in 30 days.
    pub expires_at: Option<Timestamp>,
}

impl ApiTokens<'_> {
    /// The caller's tokens that are in force, newest first.
    ///
    /// # Errors
    /// Forbidden to clusters and the control plane.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<ApiToken>> {
        Ok(self.0.store().personal_tokens(caller.identity()?, self.0.now()).await?)
    }

    /// Makes a token for the caller; its secret is shown once. Made by means of another token,
    /// it is no wider and lasts no longer than that.
    ///
    /// # Errors
    /// Invalid fields; a limit; forbidden to clusters and the control plane.
    pub async fn create(&self, caller: &Caller, draft: &TokenDraft) -> Result<(ApiToken, String)> {
        let owner = caller.identity()?;
        let scope = self.scope(caller, draft).await?;
        let (mut tx, now) = self.0.begin().await?;
        let expires_at = ends(caller, draft, now)?;
        if tx.n_personal_tokens(owner, now).await? >= MOST {
            return Err(ServiceError::Conflict(format!(
                "You have {MOST} tokens. Revoke one that is not used any more."
            )));
        }
        let secret = self.0.fresh_secret(SecretKind::Person);
        let token = ApiToken {
            id: TokenId(self.0.fresh_suid()),
            name: draft.name.clone(),
            scope,
            created_at: now,
            expires_at,
            used_at: None,
        };
        tx.insert_personal_token(owner, &secret::hash(&secret), &token).await?;
        let act = Act::named("tokens.create", target(token.id)).after(&token);
        note(&mut tx, caller, None, &act, now).await?;
        tx.commit().await?;
        Ok((token, secret))
    }

    /// Ends one of the caller's tokens.
    ///
    /// # Errors
    /// Not found where they have none of that id in force.
    pub async fn revoke(&self, caller: &Caller, id: TokenId) -> Result<()> {
        let owner = caller.identity()?;
        let (mut tx, now) = self.0.begin().await?;
        let name = tx.revoke_personal_token(owner, id, now).await?;
        let name = name.ok_or(ServiceError::NotFound)?;
        let act = Act::named("tokens.revoke", target(id)).before(&name);
        note(&mut tx, caller, None, &act, now).await?;
        Ok(tx.commit().await?)
    }

    async fn scope(&self, caller: &Caller, draft: &TokenDraft) -> Result<TokenScope> {
        let wrong = |field: &str, message: &str| {
            ServiceError::Invalid(vec![FieldError::new(field, message)])
        };
        let length = draft.name.trim().chars().count();
        if length == 0 || length > LONGEST_NAME || draft.name.chars().any(char::is_control) {
            let message = format!("Name it in 1 to {LONGEST_NAME} characters, by what uses it.");
            return Err(wrong("name", &message));
        }
        let only = super::exchange::capabilities("capabilities", &draft.capabilities)?;
        let mine = caller.scope();
        let capabilities = match (mine.capabilities, only) {
            (None, only) => only,
            (Some(mine), None) => Some(mine),
            (Some(mine), Some(only)) => Some(CapabilitySet::intersection(mine, only)),
        };
        let group = match &draft.group {
            None => mine.group,
            Some(text) => {
                let tree = self.0.tree().await?;
                let row = tree.by_text(text).filter(|row| !caller.holds(row).is_empty());
                let row = row.ok_or_else(|| {
                    wrong("group", "There is no such group, or none that you may see.")
                })?;
                let above = mine.group.and_then(|id| tree.by_id(id));
                if above.is_some_and(|above| !Tree::is_below(row, above)) {
                    return Err(wrong(
                        "group",
                        "Your own token reaches no further than its group.",
                    ));
                }
                Some(row.group.id)
            }
        };
        Ok(TokenScope { group, capabilities })
    }
}

/// When a new token ends.
fn ends(caller: &Caller, draft: &TokenDraft, now: Timestamp) -> Result<Timestamp> {
    let own = match caller.credential() {
        Credential::Token(_) | Credential::Exchanged => caller.expires_at(),
        Credential::None
        | Credential::Session(_)
        | Credential::Program(_)
        | Credential::Cluster => None,
    };
    let latest = own.unwrap_or(Timestamp::FOREVER).min(now + LONGEST);
    let ends = draft.expires_at.unwrap_or_else(|| latest.min(now + LASTS));
    if ends > now && ends <= latest {
        return Ok(ends);
    }
    let message = format!("Write a time from now until {latest}.");
    Err(ServiceError::Invalid(vec![FieldError::new("expiresAt", message)]))
}

fn target(id: TokenId) -> String {
    format!("token {id}")
}
