//! Invites: made, shown once, accepted, taken back.

use leptos::prelude::*;
use model::iam::{CapabilitySet, Invite, InviteOffer, Role};
use model::id::{GroupId, InviteId};
use protocol::iam::InviteMade;
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// What the list of invites, and the form that makes one, show.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct InviteList {
    pub(crate) invites: Vec<Invite>,
    /// Every role that the visitor may see, for names and for choices.
    pub(crate) roles: Vec<Role>,
    /// What the visitor holds at the group that is asked about.
    pub(crate) held: CapabilitySet,
}

/// The invites at a group and below it.
#[server(prefix = "/api/console", endpoint = "invites")]
pub(crate) async fn list(scope: GroupId) -> Result<InviteList, ApiError> {
    use model::iam::Capability;
    let (service, caller) = crate::api::session::session()?;
    let held = service.held_at(&caller, Some(scope)).await?;
    let invites = service.invites().list(&caller, scope).await?;
    let roles = match held.contains(Capability::RolesList) {
        true => service.roles().list(&caller).await?,
        false => Vec::new(),
    };
    Ok(InviteList { invites, roles, held })
}

/// Makes an invite, then leads to the page that shows its code once.
#[server(prefix = "/api/console", endpoint = "create_invite")]
pub(crate) async fn create_invite(
    #[server(default)] group: String,
    #[server(default)] role: String,
    #[server(default)] email: String,
    #[server(default)] uses: String,
    #[server(default)] expires: String,
) -> Result<(), ApiError> {
    use crate::api::typed::{answer, wrong};
    use crate::routes::{self, Scope};
    use model::iam::InviteUses;
    use service::iam::InviteDraft;
    let (service, caller) = crate::api::session::session()?;
    let scope = Scope(group.parse().ok());
    let done = async {
        let group = scope.0.ok_or_else(|| wrong("group", "Choose a group."))?;
        let role = role.parse().map_err(|_| wrong("role", "Choose a role."))?;
        let expires_at = match routes::read_moment(&expires, routes::END_OF_DAY) {
            _ if expires.trim().is_empty() => None,
            Some(at) => Some(at),
            None => return Err(wrong("expires", routes::SUCH_A_MOMENT)),
        };
        let email = Some(email.trim().to_owned()).filter(|email| !email.is_empty());
        let uses = if uses == "many" { InviteUses::Many } else { InviteUses::Single };
        let draft = InviteDraft { role, email, uses, expires_at };
        service.invites().create(&caller, group, draft).await
    };
    let done = done.await.map(|(invite, code)| {
        let ticket = service.codes().put(&caller, InviteMade { invite, code });
        routes::invite_made(scope).with("ticket", ticket)
    });
    let typed = vec![("role", role), ("email", email), ("uses", uses), ("expires", expires)];
    answer((&service, &caller), done, routes::new_invite(scope), typed)
}

/// An invite that was just made, with its code and how the visitor reached this server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ShownInvite {
    pub(crate) made: InviteMade,
    pub(crate) server: String,
}

/// An invite with its code, which this uses up; `None` where it was shown before.
#[server(prefix = "/api/console", endpoint = "invite_code")]
pub(crate) async fn take_code(ticket: String) -> Result<Option<ShownInvite>, ApiError> {
    let (service, caller) = crate::api::session::session()?;
    let made = service.codes().take(&caller, &ticket);
    Ok(made.map(|made| ShownInvite { made, server: crate::api::request::server_address() }))
}

/// Takes an invite back.
#[server(prefix = "/api/console", endpoint = "revoke_invite")]
pub(crate) async fn revoke_invite(
    id: InviteId,
    #[server(default)] group: String,
) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::invites(Scope(group.parse().ok()));
    let done = service.invites().revoke(&caller, id).await.map(|()| back.clone());
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}

/// Who is asked whether they accept, and what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) person: String,
    pub(crate) offer: InviteOffer,
}

/// What an invite offers, to whoever brings its code.
#[server(prefix = "/api/console", endpoint = "invite_offer")]
pub(crate) async fn offered(code: String) -> Result<Offer, ApiError> {
    let (service, caller) = crate::api::session::session()?;
    let offer = service.invites().offered(&code).await?;
    Ok(Offer { person: caller.subject().to_string(), offer })
}

/// Accepts an invite for whoever is signed in.
#[server(prefix = "/api/console", endpoint = "accept_invite")]
pub(crate) async fn accept_invite(code: String) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    let (service, caller) = crate::api::session::session()?;
    let done = service.invites().accept(&caller, &code).await;
    let done = done.map(|binding| routes::overview(Scope(binding.group)));
    crate::api::typed::answer((&service, &caller), done, routes::accept_invite(&code), Vec::new())
}
