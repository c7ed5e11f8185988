//! Tokens: proofs of others exchanged for ours, programs signed in and renewed, personal tokens,
//! and the keys that sign.

use std::sync::Arc;
use std::time::Duration;

use authentication::signing::{self, FreshKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use egress::cloud::Recorded;
use model::digest::Digest;
use model::iam::{
    BuiltInRole, Capability, ClaimMatch, Matcher, Origin, Proof, StaticKeys, Subject,
};
use model::id::{IdentityId, SessionId, Suid};
use model::page::PageRequest;
use model::timestamp::Timestamp;
use serde_json::{Value, json};
use store::AuditFilter;

use super::{World, is_hidden, settings};
use crate::iam::{IdentityChange, IdentityDraft};
use crate::ports::Ports;
use crate::tokens::{Exchange, PollError, TokenDraft};
use crate::{Caller, Service, ServiceError, Settings};

const CI: &str = "https://ci.example";
const US: &str = "https://loadline.example";
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl World {
    /// The same installation, with issuers that answer from a record.
    fn asking(&self, answers: &[&str]) -> (Service, Arc<Recorded>) {
        let web = Arc::new(Recorded::of(answers));
        let ports = Ports {
            web: Arc::clone(&web) as Arc<dyn authentication::Exchange>,
            ..self.service.ports().clone()
        };
        (Service::new(self.store.clone(), ports, settings()), web)
    }

    /// Something that can be assumed at acme/production, and is an editor there.
    async fn robot(&self, proof: Proof) -> IdentityId {
        let group = self.group("acme/production").await.id;
        let draft = IdentityDraft { name: "ci".to_owned(), description: String::new(), proof };
        let made = self.service.identities().create(&self.system, group, draft).await.unwrap();
        self.grant(made.id, "acme/production", BuiltInRole::Editor).await;
        made.id
    }

    /// What the audit log of the installation as a whole tells.
    pub(super) async fn acts_of_installation(&self) -> Vec<String> {
        let (filter, page) = (AuditFilter::default(), PageRequest::default());
        let entries = self.service.audit(&self.system, None, &filter, &page).await.unwrap();
        entries.rows.into_iter().map(|entry| entry.action).collect()
    }

    async fn signed_in(&self, name: &str) -> Caller {
        let who = self.person(name).await;
        self.grant(who, "acme", BuiltInRole::Editor).await;
        self.caller(who).await
    }
}

fn by_claims() -> Proof {
    Proof::ClaimMatch(ClaimMatch {
        issuer: Matcher::Exact(CI.to_owned()),
        subject: Matcher::Pattern("repo:acme/.*:ref:refs/heads/main".to_owned()),
        audience: None,
        claims: [("environment".to_owned(), Matcher::Exact("production".to_owned()))].into(),
    })
}

fn published(key: &FreshKey) -> [String; 2] {
    [
        json!({ "issuer": CI, "jwks_uri": format!("{CI}/keys") }).to_string(),
        json!({ "keys": [key.public] }).to_string(),
    ]
}

/// A CI system's token, with what is other about it.
fn ci_token(key: &FreshKey, now: Timestamp, other: &Value) -> String {
    let mut claims = json!({
        "iss": CI, "sub": "repo:acme/api:ref:refs/heads/main", "aud": US,
        "environment": "production", "exp": now.as_seconds() + 300,
    });
    let claims = claims.as_object_mut().unwrap();
    claims.extend(other.as_object().unwrap().clone());
    signing::sign(&key.kid, &key.private, "JWT", claims).unwrap()
}

fn ask(proof: String, identity: IdentityId) -> Exchange {
    Exchange { proof, identity: Some(identity.to_string()), ..Exchange::default() }
}

fn is_refused<T: std::fmt::Debug>(answer: &crate::Result<T>, part: &str) -> bool {
    matches!(answer, Err(ServiceError::Forbidden(text)) if text.contains(part))
}

#[tokio::test]
async fn a_proof_becomes_a_token_that_is_narrowed_and_ends() {
    let world = World::new().await;
    let key = signing::generate().unwrap();
    let [discovery, keys] = published(&key);
    let (service, web) = world.asking(&[&discovery, &keys]);
    let robot = world.robot(by_claims()).await;
    let exchange = Exchange {
        group: Some("acme/production".to_owned()),
        capabilities: vec!["clusters.list".to_owned(), "policy.create".to_owned()],
        ..ask(ci_token(&key, service.now(), &json!({})), robot)
    };
    let granted = service.exchange(&exchange, &Origin::default()).await.unwrap();
    assert_eq!((granted.refresh_token, web.asked().len()), (None, 2));
    let caller = service.caller_of_token(&granted.token).await.unwrap();
    let (production, staging) =
        (world.row("acme/production").await, world.row("acme/staging").await);
    assert!(caller.may(Capability::ClustersList, &production));
    // Not asked for, although held; asked for, although not held.
    assert!(!caller.may(Capability::ClustersCreate, &production));
    assert!(!caller.may(Capability::PolicyCreate, &production));
    assert!(!caller.may(Capability::ClustersList, &staging));
    let who = service.who_am_i(&caller).await.unwrap();
    assert_eq!(who.expires_at, Some(granted.expires_at));
    assert!(matches!(who.subject, Subject::Person { id, .. } if id == robot));
    assert_eq!(who.scope.group, Some(production.group.id));
    assert_eq!(who.groups.len(), 1);
    // Whole, it is what the identity holds, and what is taken away is gone at once.
    let again = ask(ci_token(&key, service.now(), &json!({})), robot);
    let whole = service.exchange(&again, &Origin::default()).await.unwrap();
    let caller = service.caller_of_token(&whole.token).await.unwrap();
    assert!(caller.may(Capability::ClustersCreate, &production) && caller.scope().is_whole());
    assert!(caller.require_signed_in().is_err());
    world.wait(HOUR);
    let ended = service.caller_of_token(&whole.token).await;
    assert!(matches!(ended, Err(ServiceError::Unauthenticated)));
    let fresh = ask(ci_token(&key, service.now(), &json!({})), robot);
    let fresh = service.exchange(&fresh, &Origin::default()).await.unwrap();
    let change = IdentityChange { is_disabled: Some(true), ..IdentityChange::default() };
    service.identities().update(&world.system, robot, change).await.unwrap();
    assert!(service.caller_of_token(&fresh.token).await.is_err());
    let (filter, page) = (AuditFilter::default(), PageRequest::default());
    let scope = Some(production.group.id);
    let log = service.audit(&world.system, scope, &filter, &page).await.unwrap();
    let entry = log.rows.iter().find(|entry| entry.action == "sts.exchange").unwrap();
    let told = entry.after.as_ref().unwrap().to_string();
    assert!(told.contains("repo:acme/api") && !told.contains(&fresh.token));
}

#[tokio::test]
async fn what_is_not_the_proof_that_is_asked_for_is_refused_and_told_why() {
    let world = World::new().await;
    let (key, other) = (signing::generate().unwrap(), signing::generate().unwrap());
    let [discovery, keys] = published(&key);
    let (service, web) = world.asking(&[&discovery, &keys]);
    let robot = world.robot(by_claims()).await;
    let now = service.now();
    let refused = async |proof: String, part: &str| {
        let answer = service.exchange(&ask(proof, robot), &Origin::default()).await;
        assert!(is_refused(&answer, part), "{part}: {answer:?}");
    };
    // Nobody is asked for keys on the word of a stranger.
    refused(ci_token(&key, now, &json!({ "iss": "https://evil.example" })), "issuer").await;
    assert!(web.asked().is_empty());
    refused(ci_token(&key, now, &json!({ "aud": "https://other.example" })), "audience").await;
    refused(ci_token(&key, now, &json!({ "aud": ["a", "b"] })), "audience").await;
    refused(ci_token(&key, now, &json!({ "sub": "repo:acme/api:ref:refs/heads/x" })), "subject")
        .await;
    refused(ci_token(&key, now, &json!({ "sub": "x repo:acme/a:ref:refs/heads/main" })), "subject")
        .await;
    refused(ci_token(&key, now, &json!({ "environment": "staging" })), "environment").await;
    refused(ci_token(&key, now, &json!({ "environment": null })), "environment").await;
    refused(ci_token(&key, now, &json!({ "exp": now.as_seconds() - 120 })), "ended").await;
    refused(ci_token(&other, now, &json!({})), "which its issuer does not have").await;
    let forged = FreshKey { kid: key.kid.clone(), ..other };
    refused(ci_token(&forged, now, &json!({})), "signature").await;
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = format!("{}.{}.", part(json!({ "alg": "none" })), part(json!({ "iss": CI })));
    refused(none, "no JWT").await;
    refused("nonsense".to_owned(), "no JWT").await;
    refused(String::new(), "no JWT").await;
    // Nobody is there, nobody may be, and nobody said whom.
    let good = ci_token(&key, now, &json!({}));
    let nobody = IdentityId(Suid::from_column(77));
    let answer = service.exchange(&ask(good.clone(), nobody), &Origin::default()).await;
    assert!(is_refused(&answer, "no identity"), "{answer:?}");
    let ada = world.person("ada").await;
    let answer = service.exchange(&ask(good.clone(), ada), &Origin::default()).await;
    assert!(is_refused(&answer, "signs in"), "{answer:?}");
    let nameless = Exchange { proof: good.clone(), ..Exchange::default() };
    let answer = service.exchange(&nameless, &Origin::default()).await;
    assert!(matches!(answer, Err(ServiceError::Invalid(_))));
    let wide = Exchange { capabilities: vec!["everything".to_owned()], ..ask(good, robot) };
    let answer = service.exchange(&wide, &Origin::default()).await;
    assert!(matches!(answer, Err(ServiceError::Invalid(_))));
    assert!(!world.acts_of_installation().await.contains(&"sts.exchange".to_owned()));
}

#[tokio::test]
async fn keys_that_were_given_count_for_their_time_and_a_clusters_account_for_the_cluster() {
    let world = World::new().await;
    let key = signing::generate().unwrap();
    let (service, web) = world.asking(&[]);
    let keys = json!({ "keys": [key.public] });
    let now = service.now();
    let robot = world
        .robot(Proof::Static(StaticKeys {
            issuer: "https://kind.example".to_owned(),
            subject: "system:serviceaccount:ci:push".to_owned(),
            keys: keys.clone(),
            expires_at: now + DAY,
        }))
        .await;
    let claims = json!({ "iss": "https://kind.example", "sub": "system:serviceaccount:ci:push",
                         "exp": now.as_seconds() + 1_000_000 });
    let token = ci_token(&key, now, &claims);
    let granted = service.exchange(&ask(token.clone(), robot), &Origin::default()).await;
    granted.unwrap();
    world.wait(DAY);
    let late = service.exchange(&ask(token, robot), &Origin::default()).await;
    assert!(is_refused(&late, "fresh ones"), "{late:?}");

    let reporter = world.reporter().await;
    let Subject::Cluster { id, .. } = reporter.subject() else { panic!("no cluster") };
    let account = "system:serviceaccount:loadline:agent".to_owned();
    let issuers = service.cluster_issuers();
    let issuer = "https://kind.example".to_owned();
    let outsider = world.owner_of("other").await;
    let foreign = issuers.set(&outsider, *id, issuer.clone(), account.clone(), None).await;
    assert!(is_hidden(foreign));
    issuers.set(&world.system, *id, issuer, account.clone(), Some(keys)).await.unwrap();
    let exchange = |sub: &str| Exchange {
        proof: ci_token(&key, service.now(), &json!({ "iss": "https://kind.example", "sub": sub })),
        cluster: Some(id.to_string()),
        ..Exchange::default()
    };
    let other = service.exchange(&exchange("system:serviceaccount:x:y"), &Origin::default()).await;
    assert!(is_refused(&other, "subject"), "{other:?}");
    let granted = service.exchange(&exchange(&account), &Origin::default()).await.unwrap();
    let caller = service.caller_of_token(&granted.token).await.unwrap();
    assert_eq!(caller.subject(), reporter.subject());
    let row = world.row("acme/production").await;
    assert!(caller.may(Capability::InventoryReport, &row));
    assert!(!caller.may(Capability::ClustersList, &row));
    assert!(web.asked().is_empty());
}

#[tokio::test]
async fn a_token_of_another_installation_or_kind_is_none_of_ours() {
    let world = World::new().await;
    let (service, _) = world.asking(&[]);
    let ada = world.signed_in("ada").await;
    let (granted, _) = device(&service, &ada).await;
    service.caller_of_token(&granted.token).await.unwrap();
    // The same database under another address: another issuer, another audience.
    let moved = Settings { address: "https://elsewhere.example".to_owned(), ..settings() };
    let moved = Service::new(world.store.clone(), service.ports().clone(), moved);
    assert!(moved.caller_of_token(&granted.token).await.is_err());
    // Signed by our key, but for something else.
    let keys = world.store.signing_keys(service.now()).await.unwrap();
    let place = format!("signing-key {}", keys[0].kid);
    let private = service.ports().sealing.open(&place, &keys[0].sealed).unwrap();
    let mut parts = granted.token.split('.');
    let payload = URL_SAFE_NO_PAD.decode(parts.nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    let claims = claims.as_object().unwrap();
    let right = signing::sign(&keys[0].kid, &private, "at+jwt", claims).unwrap();
    service.caller_of_token(&right).await.unwrap();
    let other_kind = signing::sign(&keys[0].kid, &private, "JWT", claims).unwrap();
    assert!(service.caller_of_token(&other_kind).await.is_err());
    for (name, value) in [
        ("aud", json!("https://other.example")),
        ("aud", json!([US, "https://other.example"])),
        ("iss", json!("https://other.example")),
        ("exp", json!(1)),
        ("sub", json!("0000000000000000")),
        ("kind", json!("system")),
    ] {
        let mut changed = claims.clone();
        changed.insert(name.to_owned(), value.clone());
        let token = signing::sign(&keys[0].kid, &private, "at+jwt", &changed).unwrap();
        assert!(service.caller_of_token(&token).await.is_err(), "{name} {value}");
    }
}

/// Signs a program in by the device flow.
async fn device(service: &Service, caller: &Caller) -> (crate::tokens::Granted, String) {
    let programs = service.programs();
    let start = programs.start_device(&Origin::default()).await.unwrap();
    let typed = start.user_code.replace('-', " ").to_lowercase();
    programs.decide(caller, &typed, true).await.unwrap();
    let granted = programs.poll_device(&start.device_code, &Origin::default()).await.unwrap();
    (granted, start.device_code)
}

#[tokio::test]
async fn a_device_waits_for_its_person_and_is_signed_in_once() {
    let world = World::new().await;
    let service = &world.service;
    let ada = world.signed_in("ada").await;
    let programs = service.programs();
    let start = programs.start_device(&Origin::default()).await.unwrap();
    let poll = async || programs.poll_device(&start.device_code, &Origin::default()).await;
    assert!(matches!(poll().await, Err(PollError::Pending)));
    assert!(matches!(poll().await, Err(PollError::SlowDown)));
    world.wait(Duration::from_secs(5));
    assert!(matches!(poll().await, Err(PollError::Pending)));
    assert!(is_hidden(programs.decide(&ada, "BBBB-CCCC", true).await));
    programs.device(&ada, &start.user_code).await.unwrap();
    // A token that somebody found lets nobody in.
    let (_, secret) = service
        .api_tokens()
        .create(&ada, &TokenDraft { name: "x".to_owned(), ..TokenDraft::default() })
        .await
        .unwrap();
    let by_token = service.caller_of_token(&secret).await.unwrap();
    let denied = programs.decide(&by_token, &start.user_code, true).await;
    assert!(matches!(denied, Err(ServiceError::Forbidden(_))));
    programs.decide(&ada, &start.user_code, true).await.unwrap();
    assert!(is_hidden(programs.decide(&ada, &start.user_code, false).await));
    let granted = poll().await.unwrap();
    assert!(matches!(poll().await, Err(PollError::Ended)));
    let caller = service.caller_of_token(&granted.token).await.unwrap();
    assert_eq!(caller.subject(), ada.subject());
    let sessions = service.sessions().list(&caller).await.unwrap();
    assert!(sessions.len() == 1 && sessions[0].is_current);

    let refused = programs.start_device(&Origin::default()).await.unwrap();
    programs.decide(&ada, &refused.user_code, false).await.unwrap();
    let answer = programs.poll_device(&refused.device_code, &Origin::default()).await;
    assert!(matches!(answer, Err(PollError::Denied)));
    let late = programs.start_device(&Origin::default()).await.unwrap();
    world.wait(Duration::from_secs(900));
    assert!(is_hidden(programs.decide(&ada, &late.user_code, true).await));
    let answer = programs.poll_device(&late.device_code, &Origin::default()).await;
    assert!(matches!(answer, Err(PollError::Ended)));
    for typed in ["", "BBBB", "BBBB-CCCC-DDDD"] {
        assert!(programs.device(&ada, typed).await.is_err(), "{typed}");
    }
}

#[tokio::test]
async fn codes_cannot_be_guessed_one_after_the_other() {
    let world = World::new().await;
    let ada = world.signed_in("ada").await;
    let mut n_tried = 0;
    for _ in 0..100 {
        match world.service.programs().device(&ada, "BBBB-CCCC").await {
            Err(ServiceError::NotFound) => n_tried += 1,
            Err(ServiceError::TooMany(seconds)) => assert!(seconds > 0),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(n_tried, 10);
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_a_second_use_ends_its_family() {
    let world = World::new().await;
    let service = &world.service;
    let ada = world.signed_in("ada").await;
    let (first, _) = device(service, &ada).await;
    let programs = service.programs();
    let origin = Origin::default();
    let stolen = first.refresh_token.unwrap();
    let second = programs.renew(&stolen, &origin).await.unwrap();
    let third = programs.renew(second.refresh_token.as_ref().unwrap(), &origin).await.unwrap();
    service.caller_of_token(&third.token).await.unwrap();
    assert!(is_refused(&programs.renew(&stolen, &origin).await, "Sign in again"));
    // Nobody can tell who the thief is: everything of the family has ended.
    let newest = third.refresh_token.unwrap();
    assert!(is_refused(&programs.renew(&newest, &origin).await, "Sign in again"));
    for token in [&first.token, &second.token, &third.token] {
        assert!(service.caller_of_token(token).await.is_err());
    }
    assert!(world.acts_of_installation().await.contains(&"tokens.reuse".to_owned()));
    assert!(service.sessions().list(&ada).await.unwrap().is_empty());
    for none in ["", "llr_", &format!("llr_{}", "0".repeat(64))] {
        assert!(programs.renew(none, &origin).await.is_err(), "{none}");
    }
}

#[tokio::test]
async fn a_program_that_is_not_used_is_signed_out_and_so_is_an_old_one() {
    let world = World::new().await;
    let (service, origin) = (&world.service, Origin::default());
    let ada = world.signed_in("ada").await;
    let programs = service.programs();
    let (idle, _) = device(service, &ada).await;
    world.wait(30 * DAY);
    assert!(programs.renew(idle.refresh_token.as_ref().unwrap(), &origin).await.is_err());
    let (mut used, _) = device(service, &ada).await;
    for _ in 0..4 {
        world.wait(20 * DAY);
        used = programs.renew(used.refresh_token.as_ref().unwrap(), &origin).await.unwrap();
    }
    world.wait(20 * DAY);
    assert!(programs.renew(used.refresh_token.as_ref().unwrap(), &origin).await.is_err());
}

#[tokio::test]
async fn whoever_is_disabled_is_signed_out_for_good() {
    let world = World::new().await;
    let (service, origin) = (&world.service, Origin::default());
    let ada = world.signed_in("ada").await;
    let id = ada.identity().unwrap();
    let (people, programs) = (service.identities(), service.programs());
    let (program, _) = device(service, &ada).await;
    let waiting = programs.start_device(&origin).await.unwrap();
    programs.decide(&ada, &waiting.user_code, true).await.unwrap();
    let challenge = URL_SAFE_NO_PAD.encode(Digest::of(b"verifier").as_bytes());
    let redirect = "http://127.0.0.1:4711/";
    let code = programs.authorize(&ada, redirect, &challenge).await.unwrap();
    let link = people.sign_in_link(&world.system, id).await.unwrap().address;
    for is_disabled in [true, false] {
        let change = IdentityChange { is_disabled: Some(is_disabled), ..IdentityChange::default() };
        people.update(&world.system, id, change).await.unwrap();
        // Gone at once, and not back with the person.
        assert!(world.store.sessions_of(id, service.now()).await.unwrap().is_empty());
        let refresh = program.refresh_token.as_ref().unwrap();
        assert!(is_refused(&programs.renew(refresh, &origin).await, "Sign in again"));
        assert!(service.caller_of_token(&program.token).await.is_err());
        let answer = programs.redeem(&code, redirect, "verifier", &origin).await;
        assert!(is_refused(&answer, "The code is none"), "{answer:?}");
        let answer = programs.poll_device(&waiting.device_code, &origin).await;
        assert!(matches!(answer, Err(PollError::Ended)));
        let (_, secret) = link.split_once("?secret=").unwrap();
        assert!(service.redeem_link(secret, &origin).await.is_err());
    }
    let ada = world.caller(id).await;
    let (again, _) = device(service, &ada).await;
    service.caller_of_token(&again.token).await.unwrap();
    people.delete(&world.system, id).await.unwrap();
    assert!(world.store.sessions_of(id, service.now()).await.unwrap().is_empty());
    assert!(programs.renew(&again.refresh_token.unwrap(), &origin).await.is_err());
    assert!(service.caller_of_token(&again.token).await.is_err());
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_only() {
    let world = World::new().await;
    let service = &world.service;
    let (ada, bob) = (world.signed_in("ada").await, world.signed_in("bob").await);
    let (granted, _) = device(service, &ada).await;
    let (other, _) = device(service, &ada).await;
    let listed = service.sessions().list(&ada).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(service.sessions().list(&bob).await.unwrap().is_empty());
    assert!(is_hidden(service.sessions().end(&bob, listed[0].id).await));
    let Subject::Person { id, .. } = ada.subject() else { panic!("no person") };
    let foreign = service.sessions().end_of(&bob, *id).await;
    assert!(matches!(foreign, Err(ServiceError::Forbidden(_))));
    service.caller_of_token(&granted.token).await.unwrap();
    // From a program, the others end and it stays.
    let program = service.caller_of_token(&granted.token).await.unwrap();
    assert_eq!(service.sessions().end_others(&program).await.unwrap(), 1);
    assert!(service.caller_of_token(&other.token).await.is_err());
    assert_eq!(service.sessions().end_of(&world.system, *id).await.unwrap(), 1);
    assert!(service.caller_of_token(&granted.token).await.is_err());
    let gone = SessionId(Suid::from_column(5));
    assert!(is_hidden(service.sessions().end(&ada, gone).await));
}

#[tokio::test]
async fn a_code_of_the_browser_flow_is_for_one_program_and_one_use() {
    let world = World::new().await;
    let (service, origin) = (&world.service, Origin::default());
    let ada = world.signed_in("ada").await;
    let programs = service.programs();
    let verifier = "v".repeat(43);
    let challenge = URL_SAFE_NO_PAD.encode(Digest::of(verifier.as_bytes()).as_bytes());
    let here = "http://127.0.0.1:4711/callback";
    let elsewhere = programs.authorize(&ada, "https://evil.example/", &challenge).await;
    assert!(matches!(elsewhere, Err(ServiceError::Invalid(_))));
    assert!(programs.authorize(&ada, here, "plain").await.is_err());
    let code = programs.authorize(&ada, here, &challenge).await.unwrap();
    let wrong = programs.redeem(&code, here, "another verifier", &origin).await;
    assert!(wrong.is_err());
    assert!(programs.redeem(&code, "http://127.0.0.1:1/", &verifier, &origin).await.is_err());
    let granted = programs.redeem(&code, here, &verifier, &origin).await.unwrap();
    service.caller_of_token(&granted.token).await.unwrap();
    // Shown again, it was stolen: what it gave is ended.
    assert!(programs.redeem(&code, here, &verifier, &origin).await.is_err());
    assert!(service.caller_of_token(&granted.token).await.is_err());
    assert!(world.acts_of_installation().await.contains(&"tokens.reuse".to_owned()));
    let late = programs.authorize(&ada, here, &challenge).await.unwrap();
    world.wait(Duration::from_secs(60));
    assert!(programs.redeem(&late, here, &verifier, &origin).await.is_err());
}

#[tokio::test]
async fn a_personal_token_is_narrowed_ends_and_makes_no_wider_one() {
    let world = World::new().await;
    let service = &world.service;
    let (ada, bob) = (world.signed_in("ada").await, world.signed_in("bob").await);
    let tokens = service.api_tokens();
    let draft = |name: &str| TokenDraft { name: name.to_owned(), ..TokenDraft::default() };
    let (made, secret) = tokens
        .create(
            &ada,
            &TokenDraft {
                group: Some("acme/production".to_owned()),
                capabilities: vec!["clusters.list".to_owned(), "groups.list".to_owned()],
                ..draft("deploy")
            },
        )
        .await
        .unwrap();
    assert_eq!(made.used_at, None);
    let caller = service.caller_of_token(&secret).await.unwrap();
    let (production, staging) =
        (world.row("acme/production").await, world.row("acme/staging").await);
    assert!(caller.may(Capability::ClustersList, &production));
    assert!(!caller.may(Capability::ClustersUpdate, &production));
    assert!(!caller.may(Capability::ClustersList, &staging));
    // It makes another one, but none that is wider or lasts longer.
    let (narrow, second) = tokens.create(&caller, &draft("copy")).await.unwrap();
    assert_eq!((narrow.scope, narrow.expires_at), (made.scope, made.expires_at));
    let all = TokenDraft { capabilities: vec!["clusters.update".to_owned()], ..draft("more") };
    let (wider, _) = tokens.create(&caller, &all).await.unwrap();
    assert!(wider.scope.capabilities.unwrap().is_empty());
    let up = TokenDraft { group: Some("acme".to_owned()), ..draft("up") };
    assert!(matches!(tokens.create(&caller, &up).await, Err(ServiceError::Invalid(_))));
    let longer = TokenDraft { expires_at: Some(made.expires_at + DAY), ..draft("longer") };
    assert!(matches!(tokens.create(&caller, &longer).await, Err(ServiceError::Invalid(_))));
    let past = TokenDraft { expires_at: Some(Timestamp::from_seconds(1)), ..draft("past") };
    assert!(matches!(tokens.create(&ada, &past).await, Err(ServiceError::Invalid(_))));
    assert!(matches!(tokens.create(&ada, &draft(" ")).await, Err(ServiceError::Invalid(_))));

    // Its use is kept once an hour.
    let used_at = async || {
        let listed = tokens.list(&ada).await.unwrap();
        listed.into_iter().find(|token| token.id == made.id).unwrap().used_at.unwrap()
    };
    let first = used_at().await;
    service.caller_of_token(&secret).await.unwrap();
    assert_eq!(used_at().await, first);
    world.wait(HOUR);
    service.caller_of_token(&secret).await.unwrap();
    assert!(used_at().await > first);

    assert!(is_hidden(tokens.revoke(&bob, made.id).await));
    tokens.revoke(&ada, made.id).await.unwrap();
    assert!(is_hidden(tokens.revoke(&ada, made.id).await));
    assert!(service.caller_of_token(&secret).await.is_err());
    service.caller_of_token(&second).await.unwrap();
    world.wait(30 * DAY);
    assert!(service.caller_of_token(&second).await.is_err());
    assert!(tokens.list(&ada).await.unwrap().is_empty());
    assert!(world.acts_of_installation().await.contains(&"tokens.revoke".to_owned()));
}

#[tokio::test]
async fn keys_turn_without_a_token_in_force_becoming_worthless() {
    let world = World::new().await;
    let service = &world.service;
    let ada = world.signed_in("ada").await;
    let n_keys = async || service.key_set().await.unwrap()["keys"].as_array().unwrap().len();
    assert_eq!(n_keys().await, 1);
    service.tidy(&world.system).await.unwrap();
    assert_eq!(n_keys().await, 1);
    world.wait(30 * DAY);
    service.tidy(&world.system).await.unwrap();
    // The next key is shown before it signs, so that nobody meets it unprepared.
    assert_eq!(n_keys().await, 2);
    let kid = |token: &str| {
        let head = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
        serde_json::from_slice::<Value>(&head).unwrap()["kid"].as_str().unwrap().to_owned()
    };
    let (before, _) = device(service, &ada).await;
    world.wait(2 * HOUR);
    let (after, _) = device(service, &ada).await;
    assert_ne!(kid(&before.token), kid(&after.token));
    let (filter, page) = (AuditFilter::default(), PageRequest::default());
    let log = service.audit(&world.system, None, &filter, &page).await.unwrap();
    assert!(log.rows.iter().any(|entry| entry.action == "signing_keys.create"));
    world.wait(HOUR);
    service.tidy(&world.system).await.unwrap();
    assert_eq!(n_keys().await, 1);
    // Another process of the same installation reads the same keys.
    let (restarted, _) = world.asking(&[]);
    let (granted, _) = device(&restarted, &ada).await;
    assert_eq!(kid(&granted.token), kid(&after.token));
    service.caller_of_token(&granted.token).await.unwrap();
}
