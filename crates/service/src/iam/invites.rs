//! Invites: a code that makes whoever brings it hold a role.

use std::time::Duration;

use model::iam::{
    Capability, Invite, InviteOffer, InviteState, InviteUses, RoleBinding, RoleRef, Subject,
};
use model::id::{GroupId, InviteId, RoleBindingId};
use model::timestamp::Timestamp;
use store::{GroupRow, IdentityRow, InviteRow};

use super::identities::wrong_email;
use crate::audit::{Act, note};
use crate::scope::Tree;
use crate::secret::{self, SecretKind};
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// How long an invite waits where nobody says (`enforce.md` 3.9).
const LASTS: Duration = Duration::from_secs(168 * 60 * 60);
/// How long it waits, at most.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The use cases of invites.
#[derive(Debug, Clone, Copy)]
pub struct Invites<'a>(&'a Service);

impl Service {
    /// The use cases of invites.
    #[must_use]
    pub const fn invites(&self) -> Invites<'_> {
        Invites(self)
    }
}

/// What an invite is to be.
#[derive(Debug, Clone)]
pub struct InviteDraft {
    /// Which role its acceptance grants.
    pub role: RoleRef,
    /// The only address that may accept it.
    pub email: Option<String>,
    /// How often it may be accepted.
    pub uses: InviteUses,
    /// Until when; `None` is a week.
    pub expires_at: Option<Timestamp>,
}

impl Invites<'_> {
    /// The invites at a group and below it, newest first, whatever became of them.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn list(&self, caller: &Caller, scope: GroupId) -> Result<Vec<Invite>> {
        let scope = self.0.scope(caller, Capability::GroupInvitesList, scope).await?;
        let tree = self.0.tree().await?;
        let rows = self.0.store().invites_of(scope.root).await?;
        let is_here = |row: &InviteRow| {
            tree.by_id(row.invite.group).is_some_and(|group| Tree::is_below(group, &scope))
        };
        Ok(rows.into_iter().filter(is_here).map(|row| row.invite).collect())
    }

    /// One invite.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn get(&self, caller: &Caller, id: InviteId) -> Result<Invite> {
        Ok(self.seen(caller, id, Capability::GroupInvitesList).await?.0.invite)
    }

    /// Makes an invite and its code, which is shown once. It takes `group_invites.create` and
    /// `role_bindings.create`, and everything that the role holds.
    ///
    /// # Errors
    /// Invalid fields; a limit; not found or forbidden at the group.
    pub async fn create(
        &self,
        caller: &Caller,
        group: GroupId,
        draft: InviteDraft,
    ) -> Result<(Invite, String)> {
        let group = self.0.scope(caller, Capability::GroupInvitesCreate, group).await?;
        caller.require(Capability::RoleBindingsCreate, Capability::GroupsList, &group)?;
        self.0.grantable(caller, draft.role, Some(&group)).await?;
        let code = self.0.fresh_secret(SecretKind::Invite);
        let (mut tx, now) = self.0.begin().await?;
        let expires_at = draft.expires_at.unwrap_or(now + LASTS);
        let mut errors: Vec<FieldError> =
            draft.email.as_deref().and_then(wrong_email).into_iter().collect();
        if expires_at <= now || expires_at > now + LONGEST {
            let latest = now + LONGEST;
            let message = format!("An invite waits 30 days at most: write a time before {latest}.");
            errors.push(FieldError::new("expiresAt", message));
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let limits = self.0.store().limits(group.root).await?;
        let n_open = tx.n_open_invites(group.root, now).await?;
        Service::refuse_beyond(&group, "open invites", limits.invites, n_open)?;
        let invite = Invite {
            id: InviteId(self.0.fresh_suid()),
            group: group.group.id,
            role: draft.role,
            email: draft.email,
            uses: draft.uses,
            expires_at,
            created_by: caller.subject().clone(),
            created_at: now,
            revoked_at: None,
            accepted: Vec::new(),
        };
        let row = InviteRow { root: group.root, invite };
        tx.insert_invite(&row, &secret::hash(&code)).await?;
        let act = Act::of(Capability::GroupInvitesCreate, target(row.invite.id));
        note(&mut tx, caller, Some(&group), &act.after(&row.invite), now).await?;
        tx.commit().await?;
        Ok((row.invite, code))
    }

    /// Takes an invite back; who accepted it keeps the role.
    ///
    /// # Errors
    /// A conflict where it can be accepted no more anyway; not found or forbidden at its group.
    pub async fn revoke(&self, caller: &Caller, id: InviteId) -> Result<()> {
        let (row, group) = self.seen(caller, id, Capability::GroupInvitesDelete).await?;
        let (mut tx, now) = self.0.begin().await?;
        if row.invite.state(now) != InviteState::Open
            || !tx.revoke_invite(row.root, id, now).await?
        {
            return Err(ServiceError::Conflict(
                "The invite was accepted, has expired, or was revoked before.".to_owned(),
            ));
        }
        let act = Act::of(Capability::GroupInvitesDelete, target(id)).before(&row.invite);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes the invites at a group and below it whose time is over; gives how many.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn sweep(&self, caller: &Caller, scope: GroupId) -> Result<u64> {
        let scope = self.0.scope(caller, Capability::GroupInvitesDelete, scope).await?;
        let (mut tx, now) = self.0.begin().await?;
        let n_swept = tx.sweep_invites(scope.root, &scope.path_key, now).await?;
        if n_swept > 0 {
            let act = Act::of(Capability::GroupInvitesDelete, "expired invites").before(&n_swept);
            note(&mut tx, caller, Some(&scope), &act, now).await?;
            tx.commit().await?;
        }
        Ok(n_swept)
    }

    /// What an invite offers, for whoever brings its code, before they accept it.
    ///
    /// # Errors
    /// Not found where the code is none.
    pub async fn offered(&self, code: &str) -> Result<InviteOffer> {
        if !SecretKind::Invite.fits(code) {
            return Err(ServiceError::NotFound);
        }
        let (mut tx, now) = self.0.begin().await?;
        let row = tx.invite_by_code(&secret::hash(code)).await?.ok_or(ServiceError::NotFound)?;
        let tree = self.0.tree().await?;
        let group = tree.by_id(row.invite.group).ok_or(ServiceError::NotFound)?;
        let (role, description) = match row.invite.role {
            RoleRef::BuiltIn(role) => (role.to_string(), role.description().to_owned()),
            RoleRef::Custom(id) => {
                let role = self.0.store().custom_role(id).await?.ok_or(ServiceError::NotFound)?;
                (role.role.name, role.role.description)
            }
        };
        Ok(InviteOffer {
            state: row.invite.state(now),
            group: group.group.id,
            group_name: group.group.name_path(),
            role,
            description,
            invited_by: row.invite.created_by.to_string(),
            expires_at: row.invite.expires_at,
        })
    }

    /// Accepts an invite for the person who calls: they hold its role from now on. Accepting an
    /// invite for many again changes nothing.
    ///
    /// # Errors
    /// Not found where the code is none; a conflict, with the reason, where the invite cannot be
    /// accepted, or who made it may not grant that role any more; forbidden where it is for
    /// another address.
    pub async fn accept(&self, caller: &Caller, code: &str) -> Result<RoleBinding> {
        let Subject::Person { id: identity, .. } = caller.subject() else {
            return Err(ServiceError::Forbidden("Invites are for people.".to_owned()));
        };
        if !SecretKind::Invite.fits(code) {
            return Err(ServiceError::NotFound);
        }
        // Read inside the change: of two at once, a single invite is one's.
        let (mut tx, now) = self.0.begin().await?;
        let row = tx.invite_by_code(&secret::hash(code)).await?.ok_or(ServiceError::NotFound)?;
        let person = self.0.store().identity(*identity).await?;
        let person = person.ok_or(ServiceError::Unauthenticated)?;
        let tree = Tree::new(self.0.store().groups().await?);
        let group = tree.by_id(row.invite.group).ok_or(ServiceError::NotFound)?;
        acceptable(&row.invite, &person, now)?;
        self.refuse_without_right(&row.invite, group).await?;
        let binding = RoleBinding {
            id: RoleBindingId(self.0.fresh_suid()),
            group: Some(group.group.id),
            identity: *identity,
            role: row.invite.role,
            created_by: row.invite.created_by.clone(),
            created_at: now,
        };
        tx.use_invite(&row, *identity, now).await?;
        let (binding, _) = tx.ensure_binding(row.root, &binding).await?;
        let act = Act::named("group_invites.accept", target(row.invite.id)).after(&binding);
        note(&mut tx, caller, Some(group), &act, now).await?;
        tx.commit().await?;
        Ok(binding)
    }

    /// Nobody grants more than they hold, also by an invite they made when they still did.
    async fn refuse_without_right(&self, invite: &Invite, group: &GroupRow) -> Result<()> {
        let Subject::Person { id, .. } = &invite.created_by else { return Ok(()) };
        let row = self.0.store().identity(*id).await?;
        let is_there = row.is_some_and(|row| row.identity.disabled_at.is_none());
        let grants = self.0.store().grants(*id).await?;
        let inviter = Caller::granted(invite.created_by.clone(), &grants);
        let held = self.0.held_by(invite.role).await?;
        let may = inviter.may(Capability::RoleBindingsCreate, group);
        if is_there && may && !held.is_empty() && held.without(inviter.holds(group)).is_empty() {
            return Ok(());
        }
        Err(ServiceError::Conflict(
            "Who made the invite may not give that role any more. Ask for a new one.".to_owned(),
        ))
    }

    async fn seen(
        &self,
        caller: &Caller,
        id: InviteId,
        capability: Capability,
    ) -> Result<(InviteRow, GroupRow)> {
        let root = self.0.store().root_of_invite(id).await?.ok_or(ServiceError::NotFound)?;
        let rows = self.0.store().invites_of(root).await?;
        let row = rows.into_iter().find(|row| row.invite.id == id);
        let row = row.ok_or(ServiceError::NotFound)?;
        let tree = self.0.tree().await?;
        let group = tree.by_id(row.invite.group).ok_or(ServiceError::NotFound)?;
        caller.require(capability, Capability::GroupInvitesList, group)?;
        Ok((row, group.clone()))
    }
}

/// Whether a person may accept an invite now. The code is a secret of 256 bits, so whoever has it
/// may know what became of it.
fn acceptable(invite: &Invite, person: &IdentityRow, now: Timestamp) -> Result<()> {
    let refusal = match invite.state(now) {
        InviteState::Open => None,
        InviteState::Accepted => Some("The invite was accepted already. Ask for a new one."),
        InviteState::Expired => Some("The invite has expired. Ask for a new one."),
        InviteState::Revoked => Some("The invite was taken back. Ask for a new one."),
    };
    if let Some(refusal) = refusal {
        return Err(ServiceError::Conflict(refusal.to_owned()));
    }
    let is_addressed = invite.email.as_deref().is_none_or(|wanted| {
        person.identity.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(wanted))
    });
    if is_addressed {
        return Ok(());
    }
    Err(ServiceError::Forbidden(
        "The invite is for another address. Sign in with the account it was sent to.".to_owned(),
    ))
}

fn target(id: InviteId) -> String {
    format!("invite {id}")
}
