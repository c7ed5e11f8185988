//! Identities: people before and after they sign in, and what can be assumed.

use model::groups::check_name;
use model::iam::{BuiltInRole, Capability, Identity, Proof, ProofKind, RoleRef, Subject};
use model::id::{GroupId, IdentityId};
use model::page::{Page, PageRequest};
use store::{Grant, GroupRow, IdentityFilter, IdentityRow, RootKey, Tx};

use super::bindings::refuse_ownerless;
use super::proofs;
use super::roles::refuse_more;
use crate::audit::{Act, note};
use crate::groups::wrong_description;
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// Characters of an e-mail address, at most (RFC 5321, 4.5.3.1.3).
const LONGEST_EMAIL: usize = 254;

/// The use cases of identities.
#[derive(Debug, Clone, Copy)]
pub struct Identities<'a>(pub(crate) &'a Service);

impl Service {
    /// The use cases of identities.
    #[must_use]
    pub const fn identities(&self) -> Identities<'_> {
        Identities(self)
    }
}

/// What an identity is to be.
#[derive(Debug, Clone)]
pub struct IdentityDraft {
    /// How it is shown; a person's provider says it anew at each sign-in.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who may act as it.
    pub proof: Proof,
}

/// What is to change of an identity; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct IdentityChange {
    /// How it is shown.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Who may act as it.
    pub proof: Option<Proof>,
    /// Whether it can neither sign in nor be assumed.
    pub is_disabled: Option<bool>,
}

impl Identities<'_> {
    /// What can be assumed at a group and below it, and everybody who holds a role there.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn list(
        &self,
        caller: &Caller,
        scope: GroupId,
        filter: &IdentityFilter,
        page: &PageRequest,
    ) -> Result<Page<Identity>> {
        let row = self.0.scope(caller, Capability::IdentityList, scope).await?;
        let rows = self.0.store().identities_below(row.root, &row.path_key, filter, page).await?;
        Ok(rows.map(|row| row.identity))
    }

    /// One identity.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn get(&self, caller: &Caller, id: IdentityId) -> Result<Identity> {
        let row = self.0.store().identity(id).await?.ok_or(ServiceError::NotFound)?;
        if self.is_seen(caller, &row).await? {
            return Ok(row.identity);
        }
        Err(ServiceError::NotFound)
    }

    /// The person of an account, to grant something to. Whoever may grant roles somewhere learns
    /// whether there is one, and nothing else of people they may not see.
    ///
    /// # Errors
    /// Not found where there is none.
    pub async fn look_up(&self, caller: &Caller, issuer: &str, subject: &str) -> Result<Identity> {
        let row = self.0.store().person_by_account(issuer, subject).await?;
        let row = row.ok_or(ServiceError::NotFound)?;
        if self.is_seen(caller, &row).await? {
            return Ok(row.identity);
        }
        if caller.may_somewhere(Capability::RoleBindingsCreate) {
            return Ok(outline(row.identity));
        }
        Err(ServiceError::NotFound)
    }

    /// Makes something that can be assumed.
    ///
    /// # Errors
    /// Invalid fields; a limit; not found or forbidden at the group.
    pub async fn create(
        &self,
        caller: &Caller,
        group: GroupId,
        draft: IdentityDraft,
    ) -> Result<Identity> {
        let group = self.0.scope(caller, Capability::IdentityCreate, group).await?;
        if draft.proof.kind() == ProofKind::Person {
            let message = "A person belongs to no group. Leave the group out.";
            return Err(ServiceError::Invalid(vec![FieldError::new("group", message)]));
        }
        let (mut tx, now) = self.0.begin().await?;
        let mut errors: Vec<FieldError> =
            wrong_description(&draft.description).into_iter().collect();
        if let Err(message) = check_name(&draft.name) {
            errors.push(FieldError::new("name", message));
        }
        let proof = match proofs::check(draft.proof, now) {
            Ok(proof) if errors.is_empty() => proof,
            Ok(_) => return Err(ServiceError::Invalid(errors)),
            Err(more) => {
                errors.extend(more);
                return Err(ServiceError::Invalid(errors));
            }
        };
        let limits = self.0.store().limits(group.root).await?;
        let n_identities = tx.n_identities(group.root).await?;
        Service::refuse_beyond(&group, "identities", limits.identities, n_identities)?;
        let identity = Identity {
            id: IdentityId(self.0.fresh_suid()),
            group: Some(group.group.id),
            name: draft.name,
            description: draft.description,
            email: None,
            proof,
            created_at: now,
            seen_at: None,
            disabled_at: None,
        };
        let row = IdentityRow { root: group.root, identity };
        put(&mut tx, &row).await?;
        let act = Act::of(Capability::IdentityCreate, target(row.identity.id));
        note(&mut tx, caller, Some(&group), &act.after(&row.identity), now).await?;
        tx.commit().await?;
        Ok(row.identity)
    }

    /// Makes a person known before they sign in for the first time, so that they can be granted
    /// something. Where the person is known already, nothing changes; the answer tells whether
    /// they are new.
    ///
    /// # Errors
    /// Invalid fields; forbidden where the caller may grant roles nowhere.
    pub async fn create_person(
        &self,
        caller: &Caller,
        draft: IdentityDraft,
        email: Option<String>,
    ) -> Result<(Identity, bool)> {
        if !caller.may_somewhere(Capability::RoleBindingsCreate) {
            return Err(ServiceError::Forbidden(
                "You need role_bindings.create in some group. Ask its owner.".to_owned(),
            ));
        }
        let Proof::Person { issuer, subject } = &draft.proof else {
            let message = "Only people belong to no group. Name the group whose identity it is.";
            return Err(ServiceError::Invalid(vec![FieldError::new("group", message)]));
        };
        let (mut tx, now) = self.0.begin().await?;
        if let Some(row) = self.0.store().person_by_account(issuer, subject).await? {
            let is_seen = self.is_seen(caller, &row).await?;
            return Ok((if is_seen { row.identity } else { outline(row.identity) }, false));
        }
        let mut errors = proofs::check(draft.proof.clone(), now).err().unwrap_or_default();
        errors.extend(wrong_description(&draft.description));
        errors.extend(email.as_deref().and_then(wrong_email));
        errors.extend(wrong_display_name(&draft.name));
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let identity = Identity {
            id: IdentityId(self.0.fresh_suid()),
            group: None,
            name: draft.name,
            description: draft.description,
            email,
            proof: draft.proof,
            created_at: now,
            seen_at: None,
            disabled_at: None,
        };
        let row = IdentityRow { root: RootKey::INSTALLATION, identity };
        tx.put_identity(&row).await?;
        let act = Act::of(Capability::IdentityCreate, target(row.identity.id));
        note(&mut tx, caller, None, &act.after(&row.identity), now).await?;
        tx.commit().await?;
        Ok((row.identity, true))
    }

    /// Changes an identity. Who may act as it, and whether it can act at all, is changed only by
    /// somebody who holds everything it holds: else that would be a way to its rights. Whoever is
    /// disabled is signed out everywhere, and signs in anew when they are enabled again.
    ///
    /// # Errors
    /// Invalid fields; a conflict where an organization would be left without an owner; not found
    /// or forbidden.
    pub async fn update(
        &self,
        caller: &Caller,
        id: IdentityId,
        change: IdentityChange,
    ) -> Result<Identity> {
        let (before, place) = self.changeable(caller, id, Capability::IdentityUpdate).await?;
        let grants = self.0.store().grants(id).await?;
        if change.proof.is_some() || change.is_disabled.is_some() {
            self.refuse_stronger(caller, &before.identity, &grants).await?;
        }
        let (mut tx, now) = self.0.begin().await?;
        let after = changed(before.identity.clone(), change, now)?;
        if after == before.identity {
            return Ok(after);
        }
        let row = IdentityRow { identity: after, ..before.clone() };
        put(&mut tx, &row).await?;
        if row.identity.disabled_at.is_some() {
            tx.sign_out_everywhere(id).await?;
            self.refuse_ownerless(&mut tx, &grants).await?;
        }
        let act = Act::of(Capability::IdentityUpdate, target(id));
        let act = act.before(&before.identity).after(&row.identity);
        note(&mut tx, caller, place.as_ref(), &act, now).await?;
        tx.commit().await?;
        Ok(row.identity)
    }

    /// Deletes an identity with every role it holds.
    ///
    /// # Errors
    /// A conflict where an organization would be left without an owner; not found or forbidden.
    pub async fn delete(&self, caller: &Caller, id: IdentityId) -> Result<()> {
        let (row, place) = self.changeable(caller, id, Capability::IdentityDelete).await?;
        let grants = self.0.store().grants(id).await?;
        self.refuse_stronger(caller, &row.identity, &grants).await?;
        let (mut tx, now) = self.0.begin().await?;
        tx.delete_identity(id).await?;
        self.refuse_ownerless(&mut tx, &grants).await?;
        let act = Act::of(Capability::IdentityDelete, target(id)).before(&row.identity);
        note(&mut tx, caller, place.as_ref(), &act, now).await?;
        Ok(tx.commit().await?)
    }

    /// People see themselves; others see who belongs to, or holds something in, a group where
    /// they may see identities.
    async fn is_seen(&self, caller: &Caller, row: &IdentityRow) -> Result<bool> {
        let is_self =
            matches!(caller.subject(), Subject::Person { id, .. } if *id == row.identity.id);
        if is_self || caller.may_everywhere(Capability::IdentityList) {
            return Ok(true);
        }
        let tree = self.0.tree().await?;
        let may_at =
            |id: GroupId| tree.by_id(id).is_some_and(|at| caller.may(Capability::IdentityList, at));
        if row.identity.group.is_some_and(may_at) {
            return Ok(true);
        }
        let groups = self.0.store().groups_of_identity(row.identity.id).await?;
        Ok(groups.into_iter().any(|(_, id)| may_at(id)))
    }

    /// An identity and its group, if the caller may do that to it. People belong to the
    /// installation, and its owner decides about them.
    pub(crate) async fn changeable(
        &self,
        caller: &Caller,
        id: IdentityId,
        capability: Capability,
    ) -> Result<(IdentityRow, Option<GroupRow>)> {
        let row = self.0.store().identity(id).await?.ok_or(ServiceError::NotFound)?;
        let Some(group) = row.identity.group else {
            if !self.is_seen(caller, &row).await? {
                return Err(ServiceError::NotFound);
            }
            Service::require_everywhere(caller, capability)?;
            return Ok((row, None));
        };
        let tree = self.0.tree().await?;
        let group = tree.by_id(group).ok_or(ServiceError::NotFound)?;
        caller.require(capability, Capability::IdentityList, group)?;
        Ok((row, Some(group.clone())))
    }

    /// Refuses where the identity holds anything that the caller does not.
    pub(crate) async fn refuse_stronger(
        &self,
        caller: &Caller,
        identity: &Identity,
        grants: &[Grant],
    ) -> Result<()> {
        let tree = self.0.tree().await?;
        for grant in grants {
            let place = grant.group.and_then(|id| tree.by_id(id));
            if grant.group.is_some() && place.is_none() {
                continue;
            }
            let held = self.0.held_by(grant.role).await?;
            refuse_more(caller, place, &identity.name, held)?;
        }
        Ok(())
    }

    async fn refuse_ownerless(&self, tx: &mut Tx, grants: &[Grant]) -> Result<()> {
        let tree = self.0.tree().await?;
        let is_owner = |grant: &&Grant| grant.role == RoleRef::BuiltIn(BuiltInRole::Owner);
        for grant in grants.iter().filter(is_owner) {
            let group = grant.group.and_then(|id| tree.by_id(id));
            // A group that is gone meanwhile needs no owner.
            if grant.group.is_none() || group.is_some() {
                refuse_ownerless(tx, group).await?;
            }
        }
        Ok(())
    }
}

/// The identity as a change makes it.
fn changed(
    before: Identity,
    change: IdentityChange,
    now: model::timestamp::Timestamp,
) -> Result<Identity> {
    let mut errors = Vec::new();
    let mut after = before;
    let is_person = after.proof.kind() == ProofKind::Person;
    if let Some(name) = change.name {
        let wrong = match is_person {
            true => wrong_display_name(&name),
            false => check_name(&name).err().map(|message| FieldError::new("name", message)),
        };
        errors.extend(wrong);
        after.name = name;
    }
    if let Some(description) = change.description {
        errors.extend(wrong_description(&description));
        after.description = description;
    }
    if let Some(proof) = change.proof {
        if is_person || proof.kind() == ProofKind::Person {
            let message = "A person stays the person they are, and nothing else becomes one.";
            errors.push(FieldError::new("proof", message));
        }
        match proofs::check(proof, now) {
            Ok(proof) => after.proof = proof,
            Err(more) => errors.extend(more),
        }
    }
    if let Some(is_disabled) = change.is_disabled {
        after.disabled_at = is_disabled.then(|| after.disabled_at.unwrap_or(now));
    }
    if errors.is_empty() { Ok(after) } else { Err(ServiceError::Invalid(errors)) }
}

async fn put(tx: &mut Tx, row: &IdentityRow) -> Result<()> {
    tx.put_identity(row).await.map_err(|error| match error.is_conflict() {
        true => {
            let message = format!("The group has an identity {} already.", row.identity.name);
            ServiceError::Invalid(vec![FieldError::new("name", message)])
        }
        false => error.into(),
    })
}

/// What somebody learns of a person they may not see: that the account is known.
fn outline(identity: Identity) -> Identity {
    let name = match &identity.proof {
        Proof::Person { subject, .. } => subject.clone(),
        Proof::ClaimMatch(_)
        | Proof::Static(_)
        | Proof::Aws(_)
        | Proof::ServicePrincipal { .. } => String::new(),
    };
    Identity {
        name,
        description: String::new(),
        email: None,
        seen_at: None,
        disabled_at: None,
        ..identity
    }
}

/// What is wrong with how a person is shown.
fn wrong_display_name(name: &str) -> Option<FieldError> {
    let length = name.chars().count();
    let is_right = (1..=200).contains(&length) && !name.chars().any(char::is_control);
    (!is_right).then(|| {
        let message = "A person's name has 1 to 200 characters, no control characters among them.";
        FieldError::new("name", message)
    })
}

/// What is wrong with an e-mail address: something, an at sign, a domain.
pub(crate) fn wrong_email(email: &str) -> Option<FieldError> {
    let is_right = email.len() <= LONGEST_EMAIL
        && !email.chars().any(|c| c.is_control() || c.is_whitespace())
        && email.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && model::groups::check_domain(&domain.to_lowercase()).is_ok()
        });
    (!is_right).then(|| FieldError::new("email", "Write an address such as ada@acme.example."))
}

fn target(id: IdentityId) -> String {
    format!("identity {id}")
}
