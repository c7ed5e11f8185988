//! Roles, bindings, identities, invites, providers and the audit log: who may, who may not, and
//! what cannot be got round.

use std::collections::BTreeSet;
use std::time::Duration;

use model::iam::{
    BuiltInRole, Capability, CapabilitySet, InviteUses, Matcher, OrganizationLimits, Origin, Proof,
    RoleRef,
};
use model::id::{IdentityId, SessionId, Suid};
use model::page::PageRequest;
use store::{AuditFilter, BindingFilter, IdentityFilter};

use super::{World, is_hidden};
use crate::iam::{IdentityChange, IdentityDraft, InviteDraft, ProviderDraft, RoleDraft};
use crate::sign_in::{Began, SignInWay};
use crate::{Caller, ServiceError};

const OWNER: RoleRef = RoleRef::BuiltIn(BuiltInRole::Owner);
const VIEWER: RoleRef = RoleRef::BuiltIn(BuiltInRole::Viewer);
const SESSION: SessionId = SessionId(Suid::from_column(1));

impl World {
    /// Somebody whose account is known; the address is theirs.
    pub(super) async fn person(&self, name: &str) -> IdentityId {
        let proof = Proof::Person {
            issuer: "https://login.example".to_owned(),
            subject: format!("github|{name}"),
        };
        let draft = IdentityDraft { name: name.to_owned(), description: String::new(), proof };
        let email = Some(format!("{name}@acme.example"));
        let made = self.service.identities().create_person(&self.system, draft, email).await;
        made.unwrap().0.id
    }

    pub(super) async fn grant(&self, who: IdentityId, path: &str, role: BuiltInRole) {
        let group = self.group(path).await.id;
        let role = RoleRef::BuiltIn(role);
        let bindings = self.service.role_bindings();
        bindings.create(&self.system, Some(group), who, role).await.unwrap();
    }

    /// The caller that somebody is now.
    pub(super) async fn caller(&self, who: IdentityId) -> Caller {
        self.service.caller_of_session(who, SESSION, None).await.unwrap()
    }

    /// The same, signed in just now in that way.
    pub(super) async fn caller_by(&self, who: IdentityId, way: SignInWay) -> Caller {
        let began = Some(Began { way, at: self.service.now() });
        self.service.caller_of_session(who, SESSION, began).await.unwrap()
    }

    /// Somebody new who holds a role at a group.
    pub(super) async fn holder(&self, role: BuiltInRole, path: &str) -> Caller {
        let name = format!("{role}-of-{}", path.replace('/', "-"));
        let who = self.person(&name).await;
        self.grant(who, path, role).await;
        self.caller(who).await
    }

    async fn actions(&self, path: &str) -> Vec<String> {
        let (group, page) = (self.group(path).await.id, PageRequest::default());
        let filter = AuditFilter::default();
        let log = self.service.audit(&self.system, Some(group), &filter, &page).await.unwrap();
        log.rows.into_iter().map(|entry| entry.action).collect()
    }
}

fn is_forbidden<T>(answer: crate::Result<T>) -> bool {
    answer.is_err_and(|error| matches!(error, ServiceError::Forbidden(_)))
}

fn is_conflict<T>(answer: crate::Result<T>) -> bool {
    answer.is_err_and(|error| matches!(error, ServiceError::Conflict(_)))
}

fn wrong_fields<T>(answer: crate::Result<T>) -> Vec<String> {
    let error = answer.err().expect("it is refused");
    error.fields().iter().map(|field| field.field.clone()).collect()
}

fn draft<'a>(name: &'a str, capabilities: &[Capability]) -> RoleDraft<'a> {
    let capabilities = capabilities.iter().copied().collect();
    RoleDraft { name, description: "", capabilities }
}

fn automation(name: &str) -> IdentityDraft {
    let text = r#"{"kind":"claim_match","issuer":{"exact":"https://gitlab.com"},"subject":{"exact":"project_path:acme/api:ref_type:branch:ref:main"}}"#;
    let proof = serde_json::from_str(text).unwrap();
    IdentityDraft { name: name.to_owned(), description: String::new(), proof }
}

fn provider(name: &str, role: Option<RoleRef>, domain: &str) -> ProviderDraft {
    ProviderDraft {
        name: name.to_owned(),
        description: String::new(),
        issuer: "https://login.acme.example".to_owned(),
        client_id: "loadline".to_owned(),
        client_secret: Some("hush".to_owned()),
        scopes: vec!["email".to_owned()],
        default_role: role,
        domains: vec![domain.to_owned()],
    }
}

#[tokio::test]
async fn granting_again_changes_nothing_and_grants_reach_all_that_is_below() {
    let world = World::new().await;
    let bindings = world.service.role_bindings();
    let bob = world.person("bob").await;
    let acme = world.group("acme").await.id;
    let (first, is_new) = bindings.create(&world.system, Some(acme), bob, VIEWER).await.unwrap();
    assert!(is_new);
    let again = bindings.create(&world.system, Some(acme), bob, VIEWER).await.unwrap();
    assert_eq!(again, (first.clone(), false));
    let caller = world.caller(bob).await;
    for (path, may) in [("acme", true), ("acme/production", true), ("other", false)] {
        assert_eq!(caller.may(Capability::ClustersList, &world.row(path).await), may, "{path}");
    }
    bindings.delete(&world.system, first.id).await.unwrap();
    assert!(is_hidden(bindings.delete(&world.system, first.id).await));
    assert!(!world.caller(bob).await.may(Capability::ClustersList, &world.row("acme").await));
    assert_eq!(world.actions("acme").await[..2], ["role_bindings.delete", "role_bindings.create"]);
}

#[tokio::test]
async fn nobody_grants_takes_or_changes_what_they_do_not_hold() {
    let world = World::new().await;
    let bindings = world.service.role_bindings();
    let [acme, production] =
        [world.group("acme").await.id, world.group("acme/production").await.id];
    let (bob, ann) = (world.person("bob").await, world.person("ann").await);
    world.grant(ann, "acme", BuiltInRole::Owner).await;
    // A custom role that may grant, and holds little else.
    let some = [
        Capability::RoleBindingsCreate,
        Capability::RoleBindingsList,
        Capability::RoleBindingsUpdate,
        Capability::RoleBindingsDelete,
        Capability::GroupsList,
        Capability::RolesCreate,
        Capability::RolesList,
        Capability::RolesUpdate,
    ];
    let role = world.service.roles().create(&world.system, acme, draft("granter", &some)).await;
    let role = role.unwrap().id;
    let gil = world.person("gil").await;
    bindings.create(&world.system, Some(acme), gil, role).await.unwrap();
    let gil = world.caller(gil).await;

    for stronger in BuiltInRole::ALL {
        let answer = bindings.create(&gil, Some(production), bob, RoleRef::BuiltIn(stronger)).await;
        assert!(is_forbidden(answer), "{stronger}");
    }
    let (own, _) = bindings.create(&gil, Some(production), bob, role).await.unwrap();
    assert!(is_forbidden(bindings.update(&gil, own.id, OWNER).await));
    let page = PageRequest::default();
    let all = bindings.list(&gil, Some(acme), &BindingFilter::default(), &page).await.unwrap();
    let owner = all.rows.iter().find(|row| row.role_name == "owner").unwrap();
    assert_eq!((owner.identity_name.as_str(), owner.group_name.as_deref()), ("ann", Some("acme")));
    assert!(is_forbidden(bindings.delete(&gil, owner.binding.id).await));
    assert!(is_forbidden(bindings.update(&gil, owner.binding.id, role).await));
    // Nor by way of the role: he can make and change roles of what he holds only.
    let roles = world.service.roles();
    let more = [Capability::PolicyCreate];
    assert!(is_forbidden(roles.create(&gil, acme, draft("more", &more)).await));
    assert!(is_forbidden(roles.update(&gil, role, draft("granter", &more)).await));
    // The cluster's role is nobody's to give: not even an owner reports an inventory.
    let cluster = RoleRef::BuiltIn(BuiltInRole::Cluster);
    assert!(is_forbidden(
        bindings.create(&world.caller(ann).await, Some(acme), bob, cluster).await
    ));
}

#[tokio::test]
async fn the_last_owner_stays_whichever_way_he_would_go() {
    let world = World::new().await;
    let (service, bindings) = (&world.service, world.service.role_bindings());
    let acme = world.group("acme").await.id;
    let bob = world.person("bob").await;
    let (only, _) = bindings.create(&world.system, Some(acme), bob, OWNER).await.unwrap();
    let caller = world.caller(bob).await;
    let off = IdentityChange { is_disabled: Some(true), ..IdentityChange::default() };
    for by in [&caller, &world.system] {
        assert!(is_conflict(bindings.delete(by, only.id).await));
        assert!(is_conflict(bindings.update(by, only.id, VIEWER).await));
    }
    assert!(is_conflict(service.identities().update(&world.system, bob, off.clone()).await));
    assert!(is_conflict(service.identities().delete(&world.system, bob).await));
    // What an assumable identity owns counts, until it can act no more.
    let robot =
        service.identities().create(&world.system, acme, automation("robot")).await.unwrap();
    bindings.create(&world.system, Some(acme), robot.id, OWNER).await.unwrap();
    bindings.delete(&caller, only.id).await.unwrap();
    assert!(is_conflict(service.identities().update(&world.system, robot.id, off).await));
    assert!(is_conflict(service.identities().delete(&world.system, robot.id).await));
    let row = world.row("acme").await;
    assert!(!world.caller(bob).await.may(Capability::GroupsList, &row));
    // Below a root group owners come from above.
    let production = world.group("acme/production").await.id;
    let below = bindings.create(&world.system, Some(production), bob, OWNER).await.unwrap().0;
    bindings.delete(&world.system, below.id).await.unwrap();
}

#[tokio::test]
async fn bindings_are_seen_and_made_only_where_one_may() {
    let world = World::new().await;
    let bindings = world.service.role_bindings();
    let page = PageRequest::default();
    let bob = world.person("bob").await;
    world.grant(bob, "acme/production", BuiltInRole::Viewer).await;
    let production = world.group("acme/production").await.id;
    let filter = BindingFilter { identity: Some(bob), ..BindingFilter::default() };
    let id = bindings.list(&world.system, Some(production), &filter, &page).await.unwrap().rows[0]
        .binding
        .id;
    let above = world.owner_of("acme").await;
    assert_eq!(bindings.get(&above, id).await.unwrap().role_name, "viewer");
    for stranger in ["acme/staging", "other"] {
        let stranger = world.owner_of(stranger).await;
        assert!(is_hidden(bindings.get(&stranger, id).await));
        assert!(is_hidden(bindings.delete(&stranger, id).await));
        assert!(is_hidden(bindings.update(&stranger, id, OWNER).await));
        assert!(is_hidden(bindings.list(&stranger, Some(production), &filter, &page).await));
        assert!(is_hidden(bindings.create(&stranger, Some(production), bob, VIEWER).await));
        assert!(is_forbidden(bindings.create(&stranger, None, bob, VIEWER).await));
        assert!(is_forbidden(bindings.list(&stranger, None, &filter, &page).await));
    }
    for weak in [BuiltInRole::Viewer, BuiltInRole::Editor, BuiltInRole::PolicyEditor] {
        let weak = world.holder(weak, "acme").await;
        assert!(bindings.get(&weak, id).await.is_ok());
        assert!(is_forbidden(bindings.create(&weak, Some(production), bob, VIEWER).await));
        assert!(is_forbidden(bindings.delete(&weak, id).await));
    }
    // What is inherited shows as far as one may see above.
    world.grant(world.person("ann").await, "acme", BuiltInRole::Editor).await;
    let names = async |caller: &Caller| -> BTreeSet<String> {
        let rows = bindings.inherited(caller, production).await.unwrap();
        rows.into_iter().map(|row| row.identity_name).collect()
    };
    assert!(names(&above).await.contains("ann"));
    assert!(names(&world.owner_of("acme/production").await).await.is_empty());
    let nobody = IdentityId(Suid::from_column(4_711));
    assert_eq!(
        wrong_fields(bindings.create(&above, Some(production), nobody, VIEWER).await),
        ["identity"]
    );
}

#[tokio::test]
async fn a_custom_role_is_granted_in_its_group_and_below_and_kept_while_somebody_holds_it() {
    let world = World::new().await;
    let (roles, bindings) = (world.service.roles(), world.service.role_bindings());
    let [acme, production, other] = [
        world.group("acme").await.id,
        world.group("acme/production").await.id,
        world.group("other").await.id,
    ];
    let (ann, bob) = (world.owner_of("acme/production").await, world.person("bob").await);
    let some = [Capability::ClustersList, Capability::GroupsList];
    for wrong in ["owner", "", "A", "0123456789abcdef", "x' OR 1=1"] {
        assert_eq!(
            wrong_fields(roles.create(&ann, production, draft(wrong, &some)).await),
            ["name"],
            "{wrong}"
        );
    }
    assert_eq!(
        wrong_fields(roles.create(&ann, production, draft("x", &[])).await),
        ["capabilities"]
    );
    let role = roles.create(&ann, production, draft("watcher", &some)).await.unwrap();
    assert_eq!(
        wrong_fields(roles.create(&ann, production, draft("watcher", &some)).await),
        ["name"]
    );
    for elsewhere in [acme, other] {
        let answer = bindings.create(&world.system, Some(elsewhere), bob, role.id).await;
        assert_eq!(wrong_fields(answer), ["role"]);
    }
    let (held, _) = bindings.create(&ann, Some(production), bob, role.id).await.unwrap();
    let row = world.row("acme/production").await;
    assert_eq!(world.caller(bob).await.holds(&row), CapabilitySet::of(&some));
    let less = roles.update(&ann, role.id, draft("watcher", &[Capability::GroupsList])).await;
    assert_eq!(less.unwrap().capabilities, CapabilitySet::of(&[Capability::GroupsList]));
    assert!(!world.caller(bob).await.may(Capability::ClustersList, &row));
    assert!(is_conflict(roles.delete(&ann, role.id).await));
    bindings.delete(&ann, held.id).await.unwrap();
    for stranger in ["acme/staging", "other"] {
        let stranger = world.owner_of(stranger).await;
        assert!(is_hidden(roles.get(&stranger, role.id).await));
        assert!(is_hidden(roles.update(&stranger, role.id, draft("x", &some)).await));
        assert!(is_hidden(roles.delete(&stranger, role.id).await));
        assert!(is_hidden(roles.create(&stranger, production, draft("x", &some)).await));
        let seen = roles.list(&stranger).await.unwrap();
        assert_eq!(seen.len(), BuiltInRole::ALL.len());
    }
    assert!(
        roles
            .list(&world.owner_of("acme").await)
            .await
            .unwrap()
            .contains(&roles.get(&ann, role.id).await.unwrap())
    );
    assert!(is_forbidden(
        roles.delete(&world.holder(BuiltInRole::Viewer, "acme").await, role.id).await
    ));
    for built_in in [OWNER, VIEWER] {
        assert!(is_conflict(roles.delete(&world.system, built_in).await));
        assert!(is_conflict(roles.update(&world.system, built_in, draft("x", &some)).await));
    }
    roles.delete(&ann, role.id).await.unwrap();
}

#[tokio::test]
async fn a_person_is_known_and_granted_something_before_they_sign_in() {
    let world = World::new().await;
    let identities = world.service.identities();
    let ann = world.owner_of("acme").await;
    let draft = |subject: &str| IdentityDraft {
        name: "Bob".to_owned(),
        description: String::new(),
        proof: Proof::Person {
            issuer: "https://login.example".to_owned(),
            subject: subject.to_owned(),
        },
    };
    let missing = identities.look_up(&ann, "https://login.example", "github|7").await;
    assert!(is_hidden(missing));
    let email = Some("bob@acme.example".to_owned());
    let (bob, is_new) = identities.create_person(&ann, draft("github|7"), email).await.unwrap();
    assert!(is_new);
    assert_eq!(identities.create_person(&ann, draft("github|7"), None).await.unwrap().0.id, bob.id);
    let acme = world.group("acme").await.id;
    world.service.role_bindings().create(&ann, Some(acme), bob.id, VIEWER).await.unwrap();
    assert!(world.caller(bob.id).await.may(Capability::ClustersList, &world.row("acme").await));

    // Another organization's owner learns that the account is known, and nothing of the person.
    let eve = world.owner_of("other").await;
    let seen = identities.look_up(&eve, "https://login.example", "github|7").await.unwrap();
    assert_eq!((seen.id, seen.name.as_str(), seen.email), (bob.id, "github|7", None));
    assert!(is_hidden(identities.get(&eve, bob.id).await));
    assert_eq!(identities.get(&ann, bob.id).await.unwrap().name, "Bob");
    let nobody = world.caller(world.person("nobody").await).await;
    assert!(is_hidden(identities.look_up(&nobody, "https://login.example", "github|7").await));
    assert!(is_forbidden(identities.create_person(&nobody, draft("github|8"), None).await));
    for (email, name, fields) in [
        ("no address", "Bob", vec!["email"]),
        ("a@b", "Bob", vec!["email"]),
        ("a@b.example", "", vec!["name"]),
    ] {
        let draft = IdentityDraft { name: name.to_owned(), ..draft("github|9") };
        let answer = identities.create_person(&ann, draft, Some(email.to_owned())).await;
        assert_eq!(wrong_fields(answer), fields);
    }
    // People are the installation's: an organization's owner neither disables nor deletes them.
    let off = IdentityChange { is_disabled: Some(true), ..IdentityChange::default() };
    assert!(is_forbidden(identities.update(&ann, bob.id, off.clone()).await));
    assert!(is_forbidden(identities.delete(&ann, bob.id).await));
    identities.update(&world.system, bob.id, off).await.unwrap();
    assert!(matches!(
        world.service.caller_of_session(bob.id, SESSION, None).await,
        Err(ServiceError::Unauthenticated)
    ));
}

#[tokio::test]
async fn who_may_act_as_an_identity_is_changed_only_by_who_holds_all_it_holds() {
    let world = World::new().await;
    let (identities, bindings) = (world.service.identities(), world.service.role_bindings());
    let acme = world.group("acme").await.id;
    let robot = identities.create(&world.system, acme, automation("robot")).await.unwrap();
    bindings.create(&world.system, Some(acme), robot.id, OWNER).await.unwrap();
    let some = [
        Capability::IdentityList,
        Capability::IdentityUpdate,
        Capability::IdentityDelete,
        Capability::GroupsList,
    ];
    let role = world.service.roles().create(&world.system, acme, draft("keeper", &some)).await;
    let gil = world.person("gil").await;
    bindings.create(&world.system, Some(acme), gil, role.unwrap().id).await.unwrap();
    let gil = world.caller(gil).await;
    let mine = automation("x").proof;
    for change in [
        IdentityChange { proof: Some(mine.clone()), ..IdentityChange::default() },
        IdentityChange { is_disabled: Some(false), ..IdentityChange::default() },
    ] {
        assert!(is_forbidden(identities.update(&gil, robot.id, change).await));
    }
    assert!(is_forbidden(identities.delete(&gil, robot.id).await));
    let described =
        IdentityChange { description: Some("Builds.".to_owned()), ..IdentityChange::default() };
    assert_eq!(identities.update(&gil, robot.id, described).await.unwrap().description, "Builds.");
    // Somebody else's group, and nobody's at all.
    for stranger in ["acme/production", "other"] {
        let stranger = world.owner_of(stranger).await;
        assert!(is_hidden(identities.get(&stranger, robot.id).await));
        assert!(is_hidden(identities.delete(&stranger, robot.id).await));
        assert!(is_hidden(identities.create(&stranger, acme, automation("x")).await));
    }
    let other = world.group("other").await.id;
    let across = bindings.create(&world.system, Some(other), robot.id, VIEWER).await;
    assert_eq!(wrong_fields(across), ["identity"], "what can be assumed stays in its organization");
    let person = Proof::Person { issuer: "loadline".to_owned(), subject: "owner".to_owned() };
    let change = IdentityChange { proof: Some(person.clone()), ..IdentityChange::default() };
    assert_eq!(wrong_fields(identities.update(&world.system, robot.id, change).await)[0], "proof");
    let as_person = IdentityDraft { proof: person, ..automation("x") };
    assert_eq!(wrong_fields(identities.create(&world.system, acme, as_person).await), ["group"]);
    let loose = Proof::ClaimMatch(model::iam::ClaimMatch {
        issuer: Matcher::Exact("https://gitlab.com".to_owned()),
        subject: Matcher::Pattern(".*".to_owned()),
        audience: None,
        claims: Default::default(),
    });
    let loose = IdentityDraft { proof: loose, ..automation("x") };
    assert_eq!(
        wrong_fields(identities.create(&world.system, acme, loose).await),
        ["proof.subject"]
    );
    assert_eq!(
        wrong_fields(identities.create(&world.system, acme, automation("robot")).await),
        ["name"]
    );
    assert_eq!(
        wrong_fields(identities.create(&world.system, acme, automation("'; --")).await),
        ["name"]
    );
    let page = PageRequest::default();
    let listed = identities.list(&gil, acme, &IdentityFilter::default(), &page).await.unwrap();
    let names: Vec<&str> = listed.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!((names, listed.total), (vec!["gil", "robot"], 2));
    for (find, wanted) in [("ROB", vec!["robot"]), ("gil@", vec!["gil"]), ("%", vec![])] {
        let filter = IdentityFilter { kind: None, find: find.to_owned() };
        let listed = identities.list(&gil, acme, &filter, &page).await.unwrap();
        let names: Vec<&str> = listed.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, wanted, "{find}");
        assert_eq!(listed.total, u64::try_from(wanted.len()).unwrap());
    }
}

#[tokio::test]
async fn a_page_is_told_what_is_held_where_and_by_whom() {
    let world = World::new().await;
    let bindings = world.service.role_bindings();
    let (acme, production) =
        (world.group("acme").await.id, world.group("acme/production").await.id);
    let ann = world.holder(BuiltInRole::Owner, "acme").await;
    let bob = world.person("bob").await;
    world.grant(bob, "acme", BuiltInRole::Viewer).await;
    world.grant(bob, "acme/production", BuiltInRole::Editor).await;

    let direct = bindings.direct(&ann, production).await.unwrap();
    let told: Vec<_> = direct.iter().map(|row| row.role_name.as_str()).collect();
    assert_eq!(told, ["editor"], "what was granted above or below is not granted here");
    let of_bob = bindings.of(&ann, bob).await.unwrap();
    assert_eq!(of_bob.len(), 2);
    let stranger = world.holder(BuiltInRole::Owner, "other").await;
    assert!(is_hidden(bindings.of(&stranger, bob).await));
    assert!(is_hidden(bindings.direct(&stranger, production).await));

    let held = world.service.held_at(&ann, Some(acme)).await.unwrap();
    assert!(held.contains(Capability::RolesCreate));
    assert!(world.service.held_at(&ann, None).await.unwrap().is_empty());
    assert!(is_hidden(world.service.held_at(&stranger, Some(acme)).await));
}

#[tokio::test]
async fn an_invite_is_accepted_once_in_time_and_by_whom_it_is_for() {
    let world = World::new().await;
    let invites = world.service.invites();
    let production = world.group("acme/production").await.id;
    let ann = world.holder(BuiltInRole::Owner, "acme").await;
    let draft =
        InviteDraft { role: VIEWER, email: None, uses: InviteUses::Single, expires_at: None };
    let (bob, eve) = (world.person("bob").await, world.person("eve").await);
    let row = world.row("acme/production").await;

    let (single, code) = invites.create(&ann, production, draft.clone()).await.unwrap();
    let offer = invites.offered(&code).await.unwrap();
    assert_eq!((offer.group_name.as_str(), offer.role.as_str()), ("acme/production", "viewer"));
    assert_eq!(offer.state, model::iam::InviteState::Open);
    let unknown = format!("lli_{}", "0".repeat(64));
    for wrong in ["", "lli_", "' OR 1=1 --", unknown.as_str()] {
        assert!(is_hidden(invites.offered(wrong).await), "{wrong}");
    }
    let binding = invites.accept(&world.caller(bob).await, &code).await.unwrap();
    assert_eq!((binding.identity, binding.role), (bob, VIEWER));
    assert!(world.caller(bob).await.may(Capability::ClustersList, &row));
    assert!(is_conflict(invites.accept(&world.caller(bob).await, &code).await), "replayed");
    assert!(is_conflict(invites.accept(&world.caller(eve).await, &code).await), "used up");
    assert!(is_conflict(invites.revoke(&ann, single.id).await));
    assert_eq!(invites.get(&ann, single.id).await.unwrap().accepted[0].0, bob);

    let many = InviteDraft { uses: InviteUses::Many, ..draft.clone() };
    let (many, code) = invites.create(&ann, production, many).await.unwrap();
    for _ in 0..2 {
        invites.accept(&world.caller(eve).await, &code).await.unwrap();
    }
    invites.revoke(&ann, many.id).await.unwrap();
    let late = world.person("late").await;
    assert!(is_conflict(invites.accept(&world.caller(late).await, &code).await), "revoked");

    let locked = InviteDraft { email: Some("Late@Acme.Example".to_owned()), ..draft.clone() };
    let (_, code) = invites.create(&ann, production, locked).await.unwrap();
    assert!(is_forbidden(invites.accept(&world.caller(eve).await, &code).await), "another address");
    invites.accept(&world.caller(late).await, &code).await.unwrap();

    let (expired, code) = invites.create(&ann, production, draft.clone()).await.unwrap();
    world.wait(Duration::from_secs(168 * 60 * 60 + 1));
    assert!(is_conflict(invites.accept(&world.caller(late).await, &code).await), "expired");
    let sibling = world.group("acme/staging").await.id;
    assert_eq!(invites.sweep(&ann, sibling).await.unwrap(), 0);
    assert_eq!(invites.sweep(&ann, world.group("acme").await.id).await.unwrap(), 4);
    assert!(is_hidden(invites.get(&ann, expired.id).await));
    assert!(invites.list(&ann, production).await.unwrap().is_empty());

    for nonsense in ["", "lli_", &code.replace("lli_", "llp_"), &format!("lli_{}", "0".repeat(64))]
    {
        assert!(is_hidden(invites.accept(&world.caller(late).await, nonsense).await), "{nonsense}");
    }
    assert!(is_forbidden(invites.accept(&world.reporter().await, &code).await), "for people");
    let now = world.service.now();
    for (change, field) in [
        (InviteDraft { email: Some("nobody".to_owned()), ..draft.clone() }, "email"),
        (InviteDraft { expires_at: Some(now), ..draft.clone() }, "expiresAt"),
        (
            InviteDraft {
                expires_at: Some(now + Duration::from_secs(31 * 24 * 60 * 60)),
                ..draft.clone()
            },
            "expiresAt",
        ),
    ] {
        assert_eq!(wrong_fields(invites.create(&ann, production, change).await), [field]);
    }
}

#[tokio::test]
async fn an_invite_gives_no_more_than_its_maker_holds_then_and_when_it_is_accepted() {
    let world = World::new().await;
    let (invites, bindings) = (world.service.invites(), world.service.role_bindings());
    let acme = world.group("acme").await.id;
    let draft =
        InviteDraft { role: OWNER, email: None, uses: InviteUses::Single, expires_at: None };
    for weak in [BuiltInRole::Viewer, BuiltInRole::Editor, BuiltInRole::PolicyEditor] {
        let weak = world.holder(weak, "acme").await;
        assert!(is_forbidden(invites.create(&weak, acme, draft.clone()).await));
    }
    for stranger in ["other", "acme/production"] {
        let stranger = world.owner_of(stranger).await;
        assert!(is_hidden(invites.create(&stranger, acme, draft.clone()).await));
        assert!(is_hidden(invites.list(&stranger, acme).await));
    }
    let some =
        [Capability::GroupInvitesCreate, Capability::GroupsList, Capability::RoleBindingsCreate];
    let role =
        world.service.roles().create(&world.system, acme, self::draft("inviter", &some)).await;
    let gil = world.person("gil").await;
    bindings.create(&world.system, Some(acme), gil, role.unwrap().id).await.unwrap();
    assert!(is_forbidden(invites.create(&world.caller(gil).await, acme, draft.clone()).await));

    let ann = world.person("ann").await;
    let (as_owner, _) = bindings.create(&world.system, Some(acme), ann, OWNER).await.unwrap();
    world.grant(world.person("second").await, "acme", BuiltInRole::Owner).await;
    let (_, code) = invites.create(&world.caller(ann).await, acme, draft.clone()).await.unwrap();
    bindings.delete(&world.system, as_owner.id).await.unwrap();
    let eve = world.caller(world.person("eve").await).await;
    assert!(is_conflict(invites.accept(&eve, &code).await), "its maker was put out since");

    let limits = OrganizationLimits { invites: Some(2), ..OrganizationLimits::default() };
    world.service.groups().set_limits(&world.system, acme, limits).await.unwrap();
    let (second, _) = invites.create(&world.system, acme, draft.clone()).await.unwrap();
    let third = invites.create(&world.system, acme, draft.clone()).await;
    assert!(matches!(third, Err(ServiceError::Limit(_))));
    invites.revoke(&world.system, second.id).await.unwrap();
    invites.create(&world.system, acme, draft).await.unwrap();
}

#[tokio::test]
async fn a_provider_keeps_its_secret_and_a_domain_is_one_providers() {
    let world = World::new().await;
    let providers = world.service.identity_providers();
    let [acme, other] = [world.group("acme").await.id, world.group("other").await.id];
    let ann = world.owner_of("acme").await;
    let made = providers.create(&ann, acme, provider("okta", Some(VIEWER), "acme.example")).await;
    let made = made.unwrap();
    assert!(made.has_secret);
    let secret = providers.client_secret(&world.system, made.id).await.unwrap();
    assert_eq!(secret.as_deref(), Some("hush"));
    assert!(is_forbidden(providers.client_secret(&ann, made.id).await));
    let kept = world.store.identity_providers().await.unwrap()[0].secret.clone().unwrap();
    assert!(!kept.windows(4).any(|part| part == b"hush"), "sealed in the database");

    let eve = world.owner_of("other").await;
    assert!(is_conflict(providers.create(&eve, other, provider("x", None, "acme.example")).await));
    assert!(is_conflict(providers.create(&ann, acme, provider("okta", None, "b.example")).await));
    for hidden in [
        providers.get(&eve, made.id).await.map(|_| ()),
        providers.delete(&eve, made.id).await,
        providers.update(&eve, made.id, provider("x", None, "c.example")).await.map(|_| ()),
        providers.list(&eve, acme).await.map(|_| ()),
    ] {
        assert!(is_hidden(hidden));
    }
    let viewer = world.holder(BuiltInRole::Viewer, "acme").await;
    assert_eq!(providers.list(&viewer, acme).await.unwrap().len(), 1);
    assert!(is_forbidden(providers.delete(&viewer, made.id).await));
    let manages = [
        Capability::IdentityProvidersCreate,
        Capability::RoleBindingsCreate,
        Capability::GroupsList,
    ];
    let role = world.service.roles().create(&ann, acme, draft("idp", &manages)).await.unwrap();
    let gil = world.person("gil").await;
    world.service.role_bindings().create(&ann, Some(acme), gil, role.id).await.unwrap();
    let through = provider("mine", Some(OWNER), "d.example");
    assert!(is_forbidden(providers.create(&world.caller(gil).await, acme, through).await));

    // Kept when it is left out, and gone with the issuer it was for.
    let same = ProviderDraft { client_secret: None, ..provider("okta", None, "acme.example") };
    assert!(providers.update(&ann, made.id, same.clone()).await.unwrap().has_secret);
    let moved = ProviderDraft { issuer: "https://evil.example".to_owned(), ..same };
    assert!(!providers.update(&ann, made.id, moved).await.unwrap().has_secret);
    let wrong = ProviderDraft {
        issuer: "http://login.example".to_owned(),
        client_id: String::new(),
        scopes: vec!["two words".to_owned()],
        domains: vec!["acme".to_owned()],
        ..provider("A", None, "x")
    };
    let fields = wrong_fields(providers.create(&ann, acme, wrong).await);
    assert_eq!(fields, ["name", "issuer", "clientId", "scopes", "domains"]);
    providers.delete(&ann, made.id).await.unwrap();
    providers.create(&eve, other, provider("x", None, "acme.example")).await.unwrap();
    let (filter, page) = (AuditFilter::default(), PageRequest::default());
    let log = world.service.audit(&ann, Some(acme), &filter, &page).await.unwrap();
    let text = serde_json::to_string(&log).unwrap();
    assert!(text.contains("identity_providers.create") && !text.contains("hush"));
}

#[tokio::test]
async fn a_domain_leads_to_a_provider_only_once_it_is_proven() {
    let world = World::new().await;
    let providers = world.service.identity_providers();
    let [acme, other] = [world.group("acme").await.id, world.group("other").await.id];
    let (ann, eve) = (world.owner_of("acme").await, world.owner_of("other").await);
    let led_to = async |address: &str| {
        world.service.find_provider(address).await.ok().map(|choice| choice.key)
    };
    // Anybody may say that a domain is theirs. That leads nobody there.
    let evil = providers.create(&eve, other, provider("evil", None, "acme.example")).await.unwrap();
    assert_eq!(evil.unproven_domains, ["acme.example"]);
    assert_eq!(providers.get(&eve, evil.id).await.unwrap(), evil);
    assert_eq!(providers.list(&eve, other).await.unwrap()[0].unproven_domains, ["acme.example"]);
    assert_eq!(led_to("ada@acme.example").await, None);
    // The organization itself is found by its name.
    assert_eq!(led_to("other").await, Some(evil.id.to_string()));
    // Saved by the same person it is no truer.
    let evil = providers.update(&eve, evil.id, provider("evil", None, "acme.example")).await;
    assert_eq!(evil.unwrap().unproven_domains, ["acme.example"]);

    // The verified name, and what is below it, are the organization's; and nobody keeps it out.
    let groups = world.service.groups();
    groups.update(&world.system, acme, Some("acme.example"), None).await.unwrap();
    let draft = |domains: &[&str]| ProviderDraft {
        domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
        ..provider("okta", None, "")
    };
    assert!(is_conflict(providers.create(&ann, acme, draft(&["acme.example"])).await));
    groups.set_verified(&world.system, acme, true).await.unwrap();
    let wanted = draft(&["acme.example", "eu.acme.example", "notacme.example"]);
    let okta = providers.create(&ann, acme, wanted.clone()).await.unwrap();
    assert_eq!(okta.unproven_domains, ["notacme.example"]);
    for domain in ["acme.example", "EU.acme.example"] {
        assert_eq!(led_to(&format!("ada@{domain}")).await, Some(okta.id.to_string()), "{domain}");
    }
    assert_eq!(led_to("ada@notacme.example").await, None);
    assert!(world.actions("other").await.contains(&"identity_providers.domain_lost".to_owned()));
    // It is not to be had back by asking for it.
    assert!(is_conflict(providers.create(&eve, other, provider("x", None, "acme.example")).await));
    // What is proven by the name is so no longer than the name is verified.
    groups.set_verified(&world.system, acme, false).await.unwrap();
    assert_eq!(led_to("ada@acme.example").await, None);

    // An owner of the installation proves a domain by writing it, as long as the issuer stays.
    let okta = providers.update(&world.system, okta.id, wanted.clone()).await.unwrap();
    assert!(okta.unproven_domains.is_empty());
    assert_eq!(led_to("ada@notacme.example").await, Some(okta.id.to_string()));
    let renamed = ProviderDraft { description: "ours".to_owned(), ..wanted.clone() };
    assert!(providers.update(&ann, okta.id, renamed).await.unwrap().unproven_domains.is_empty());
    let moved = ProviderDraft { issuer: "https://login.evil.example".to_owned(), ..wanted };
    let okta = providers.update(&ann, okta.id, moved).await.unwrap();
    assert_eq!(okta.unproven_domains.len(), 3);
    assert_eq!(led_to("ada@notacme.example").await, None);

    // Where there is one organization only, nobody is drawn away from another.
    groups.delete(&world.system, other).await.unwrap();
    assert_eq!(led_to("ada@notacme.example").await, Some(okta.id.to_string()));
    assert!(providers.get(&ann, okta.id).await.unwrap().unproven_domains.is_empty());
}

#[tokio::test]
async fn the_audit_log_tells_who_did_what_from_where_to_those_who_may_know() {
    let world = World::new().await;
    let [acme, production, staging] = [
        world.group("acme").await.id,
        world.group("acme/production").await.id,
        world.group("acme/staging").await.id,
    ];
    let ann = world.person("ann").await;
    world.grant(ann, "acme", BuiltInRole::Owner).await;
    let origin = Origin {
        address: Some("192.0.2.7".parse().unwrap()),
        user_agent: Some("curl/8".to_owned()),
        request_id: Some("r1".to_owned()),
    };
    let caller = world.caller(ann).await.asking_from(origin.clone());
    let before = world.service.now();
    world.service.groups().update(&caller, production, None, Some("Shops.")).await.unwrap();
    world.service.groups().update(&caller, staging, Some("test"), None).await.unwrap();
    let refused = world.service.groups().update(&caller, staging, Some("production"), None).await;
    assert!(refused.is_err());
    let after = world.service.now();

    let page = PageRequest { after: None, limit: Some(1) };
    let filter = AuditFilter { actor: Some(ann.to_string()), ..AuditFilter::default() };
    let newest = world.service.audit(&caller, Some(acme), &filter, &page).await.unwrap();
    assert_eq!(newest.total, 2, "what was refused changed nothing");
    let entry = &newest.rows[0];
    assert_eq!((entry.action.as_str(), &entry.origin), ("groups.update", &origin));
    assert_eq!(entry.before.as_ref().unwrap()["names"][1], "staging");
    assert_eq!(entry.after.as_ref().unwrap()["names"][1], "test");
    let page = PageRequest { after: newest.next, limit: Some(1) };
    let oldest = world.service.audit(&caller, Some(acme), &filter, &page).await.unwrap();
    assert_eq!((oldest.rows[0].group.as_str(), oldest.next), ("acme/production", None));

    let count = async |filter: AuditFilter, scope| {
        let page = PageRequest::default();
        world.service.audit(&world.system, Some(scope), &filter, &page).await.unwrap().total
    };
    let named = |action: &str| AuditFilter { action: Some(action.to_owned()), ..filter.clone() };
    assert_eq!(count(named("groups.update"), acme).await, 2);
    assert_eq!(count(named("groups.update"), production).await, 1);
    assert_eq!(count(named("groups.' OR 1=1"), acme).await, 0);
    let spans = [(None, Some(before), 0), (Some(before), Some(after), 2), (Some(after), None, 0)];
    for (from, until, n) in spans {
        assert_eq!(count(AuditFilter { from, until, ..filter.clone() }, acme).await, n);
    }

    for weak in [BuiltInRole::Viewer, BuiltInRole::Editor, BuiltInRole::PolicyEditor] {
        let weak = world.holder(weak, "acme").await;
        let answer = world.service.audit(&weak, Some(acme), &filter, &page).await;
        assert!(is_forbidden(answer), "{weak:?}");
    }
    let stranger = world.owner_of("other").await;
    assert!(is_hidden(world.service.audit(&stranger, Some(acme), &filter, &page).await));
    assert!(is_forbidden(world.service.audit(&stranger, None, &filter, &page).await));
}
