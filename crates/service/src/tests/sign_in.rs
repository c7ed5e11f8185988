//! Local accounts: who gets in, who does not, and what guessing tells.

use std::time::Duration;

use authentication::one_time_code;
use data_encoding::BASE32_NOPAD;
use model::iam::{BuiltInRole, Origin};

use model::page::PageRequest;
use store::AuditFilter;

use super::World;
use crate::sign_in::{PasswordChange, SignInWay};
use crate::{Caller, ServiceError};

const PASSWORD: &str = "four plain words here";

fn from(address: &str) -> Origin {
    Origin { address: Some(address.parse().unwrap()), ..Origin::default() }
}

impl World {
    /// Ada, who has an account, and is signed in by it.
    async fn ada(&self) -> Caller {
        let who = self.person("ada").await;
        self.grant(who, "acme", BuiltInRole::Viewer).await;
        let ada = self.ada_by(SignInWay::Link).await;
        let accounts = self.service.local_accounts();
        accounts.set_password(&ada, "Ada@Acme.example", PASSWORD, None).await.unwrap();
        self.ada_by(SignInWay::LocalAccount).await
    }

    /// Ada, signed in just now in that way.
    async fn ada_by(&self, way: SignInWay) -> Caller {
        let people =
            self.store.person_by_account("https://login.example", "github|ada").await.unwrap();
        let who = people.unwrap().identity.id;
        self.caller_by(who, way).await.asking_from(from("192.0.2.1"))
    }

    async fn tries(&self, name: &str, password: &str, code: &str, address: &str) -> Option<String> {
        let accounts = self.service.local_accounts();
        let answer = accounts.sign_in(name, password, code, &from(address)).await;
        answer.err().map(|error| error.to_string())
    }
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_are_answered_alike() {
    let world = World::new().await;
    world.ada().await;
    assert_eq!(world.tries(" ada@acme.EXAMPLE", PASSWORD, "", "192.0.2.2").await, None);
    let wrong = world.tries("ada@acme.example", "another password", "", "192.0.2.2").await;
    let unknown = world.tries("bob@acme.example", PASSWORD, "", "192.0.2.2").await;
    assert!(wrong.is_some() && wrong == unknown);
    let long = "x".repeat(100_000);
    assert_eq!(world.tries("ada@acme.example", &long, "", "192.0.2.2").await, wrong);
    let log = world.acts_of_installation().await;
    assert_eq!(log.iter().filter(|action| *action == "sign_in.refused").count(), 3);
    assert!(log.contains(&"sign_in.local".to_owned()));
}

#[tokio::test]
async fn ten_thousand_attempts_do_not_shut_the_owner_out() {
    let world = World::new().await;
    world.ada().await;
    let name = "ada@acme.example";
    assert_eq!(world.tries(name, PASSWORD, "", "192.0.2.1").await, None);
    let (mut n_checked, mut n_slowed) = (0, 0);
    for attempt in 0..10_000_u32 {
        let address = format!("198.51.{}.{}", attempt % 100 / 10, attempt % 10);
        let error = world.tries(name, "guess", "", &address).await.unwrap();
        if error.contains("too many") { n_slowed += 1 } else { n_checked += 1 }
    }
    // Fifty for all strangers together, of which the owner's first sign-in took one.
    assert_eq!((n_checked, n_slowed), (49, 9_951));
    // From where the owner signed in before, nothing of this counts.
    assert_eq!(world.tries(name, PASSWORD, "", "192.0.2.1").await, None);
    // From elsewhere a moment later.
    let elsewhere = world.tries(name, PASSWORD, "", "203.0.113.9").await;
    assert!(elsewhere.is_some_and(|error| error.contains("seconds")));
    world.wait(Duration::from_secs(60));
    assert_eq!(world.tries(name, PASSWORD, "", "203.0.113.9").await, None);
}

/// What is refused for its pace was never held against a hash: only what was is written down.
#[tokio::test]
async fn of_ten_thousand_attempts_from_one_address_few_are_hashed() {
    let world = World::new().await;
    world.ada().await;
    let (thief, name) = ("198.51.100.1", "ada@acme.example");
    let n_hashed = async || {
        let refused = AuditFilter { action: Some("sign_in.refused".to_owned()), ..<_>::default() };
        let page = PageRequest { limit: Some(200), ..PageRequest::default() };
        let log = world.service.audit(&world.system, None, &refused, &page).await.unwrap();
        log.rows.iter().filter(|entry| entry.action == "sign_in.refused").count()
    };
    for _ in 0..10_000 {
        assert!(world.tries(name, "guess", "", thief).await.is_some());
    }
    assert_eq!(n_hashed().await, 10, "of one account");
    // Other accounts of the same address, known or not, have what is left of the address's own.
    for nth in 0..10_000 {
        assert!(world.tries(&format!("{nth}@acme.example"), "guess", "", thief).await.is_some());
    }
    assert_eq!(n_hashed().await, 30, "of all accounts");
    // However long nobody came, there are no more at once than these.
    world.wait(Duration::from_secs(24 * 60 * 60));
    for nth in 0..1_000 {
        assert!(world.tries(&format!("{nth}@acme.example"), "guess", "", thief).await.is_some());
    }
    assert_eq!(n_hashed().await, 60);
    // And the owner came through all the while.
    assert_eq!(world.tries(name, PASSWORD, "", "192.0.2.1").await, None);
}

#[tokio::test]
async fn a_code_is_asked_for_once_it_was_shown_and_counts_once() {
    let world = World::new().await;
    let ada = world.ada().await;
    let accounts = world.service.local_accounts();
    let address = accounts.begin_codes(&ada).await.unwrap().address;
    let secret = address.split_once("secret=").unwrap().1.split('&').next().unwrap().to_owned();
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let code = |steps: i64| {
        let step = one_time_code::step_at(world.service.now().as_seconds()) + steps;
        one_time_code::code(&secret, step)
    };
    let name = "ada@acme.example";
    // Not confirmed yet: nobody is shut out by an app that was set up wrongly.
    assert_eq!(world.tries(name, PASSWORD, "", "192.0.2.1").await, None);
    assert!(accounts.confirm_codes(&ada, "000000x").await.is_err());
    accounts.confirm_codes(&ada, &code(0)).await.unwrap();
    assert!(accounts.state(&ada).await.unwrap().asks_for_codes);
    // The one that was shown is used up.
    assert!(world.tries(name, PASSWORD, &code(0), "192.0.2.1").await.is_some());
    world.wait(Duration::from_secs(30));
    let wrong_password = world.tries(name, "another password", &code(0), "192.0.2.1").await;
    for bad in ["", "000000x", &code(-2), &code(2)] {
        assert_eq!(world.tries(name, PASSWORD, bad, "192.0.2.1").await, wrong_password, "{bad}");
    }
    let right = code(0);
    assert_eq!(world.tries(name, PASSWORD, &right, "192.0.2.1").await, None);
    assert_eq!(world.tries(name, PASSWORD, &right, "192.0.2.1").await, wrong_password);
    world.wait(Duration::from_secs(60));
    accounts.end_codes(&ada, &code(0)).await.unwrap();
    assert_eq!(world.tries(name, PASSWORD, "", "192.0.2.1").await, None);
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it_and_signs_everybody_else_out() {
    let world = World::new().await;
    let ada = world.ada().await;
    let accounts = world.service.local_accounts();
    let name = "ada@acme.example";
    for wrong in [None, Some("not it, I fear")] {
        let answer = accounts.set_password(&ada, name, "five other plain words", wrong).await;
        assert!(matches!(answer, Err(ServiceError::Invalid(_))));
    }
    for weak in ["short", &"a".repeat(20), &"x".repeat(257), "ada@acme.example1", "P@ssw0rd1234"] {
        let answer = accounts.set_password(&ada, name, weak, Some(PASSWORD)).await;
        assert!(matches!(answer, Err(ServiceError::Invalid(_))), "{weak}");
    }
    accounts.set_password(&ada, name, "five other plain words", Some(PASSWORD)).await.unwrap();
    assert!(world.tries(name, PASSWORD, "", "192.0.2.7").await.is_some());
    assert_eq!(world.tries(name, "five other plain words", "", "192.0.2.7").await, None);
    let bob = world.person("bob").await;
    let bob = world.caller_by(bob, SignInWay::Link).await;
    let taken = accounts.set_password(&bob, "ADA@acme.example", PASSWORD, None).await;
    assert!(matches!(taken, Err(ServiceError::Conflict(_))));
}

#[tokio::test]
async fn a_link_lets_somebody_in_who_has_no_account_yet() {
    let world = World::new().await;
    let bob = world.person("bob").await;
    world.grant(bob, "acme", BuiltInRole::Viewer).await;
    let people = world.service.identities();
    let made = people.sign_in_link(&world.system, bob).await.unwrap();
    assert!(!format!("{made:?}").contains("lll_"));
    let (place, secret) = made.address.split_once("?secret=").unwrap();
    assert_eq!(place, format!("{}/sign-in", world.service.address()));
    assert_eq!(world.service.redeem_link(secret, &from("192.0.2.1")).await.unwrap(), bob);
    let again = world.service.redeem_link(secret, &from("192.0.2.1")).await;
    assert!(matches!(again, Err(ServiceError::Unauthenticated)));
    assert!(people.get(&world.system, bob).await.unwrap().seen_at.is_some());
    let log = world.acts_of_installation().await;
    assert!(log.contains(&"sign_in_links.create".to_owned()));
    assert!(log.contains(&"sign_in.link".to_owned()));
    let caller = world.caller_by(bob, SignInWay::Link).await;
    let accounts = world.service.local_accounts();
    accounts.set_password(&caller, "bob", PASSWORD, None).await.unwrap();
    assert_eq!(world.tries("bob", PASSWORD, "", "192.0.2.1").await, None);

    // Whoever does not decide about people makes none, and whoever is disabled uses none.
    let refused = people.sign_in_link(&caller, bob).await;
    assert!(matches!(refused, Err(ServiceError::Forbidden(_))));
    let made = people.sign_in_link(&world.system, bob).await.unwrap();
    let off = crate::iam::IdentityChange { is_disabled: Some(true), ..Default::default() };
    people.update(&world.system, bob, off).await.unwrap();
    let (_, secret) = made.address.split_once("?secret=").unwrap();
    let disabled = world.service.redeem_link(secret, &from("192.0.2.1")).await;
    assert!(matches!(disabled, Err(ServiceError::Unauthenticated)));
    let refused = people.sign_in_link(&world.system, bob).await;
    assert!(matches!(refused, Err(ServiceError::Conflict(_))));
}

#[tokio::test]
async fn a_first_password_is_set_by_whoever_came_by_a_link_and_by_nobody_else() {
    let world = World::new().await;
    let bob = world.person("bob").await;
    let accounts = world.service.local_accounts();
    let of_old = world.caller(bob).await;
    let by_provider = world.caller_by(bob, SignInWay::Provider).await;
    for caller in [&of_old, &by_provider] {
        let change = accounts.password_change(caller).await.unwrap();
        assert_eq!(change, PasswordChange::Refused);
        let refused = accounts.set_password(caller, "bob", PASSWORD, None).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))));
        let refused = accounts.begin_codes(caller).await;
        assert!(matches!(refused, Err(ServiceError::Conflict(_))));
    }
    let by_link = world.caller_by(bob, SignInWay::Link).await;
    // A first one is set in good time, or a little later: nothing is replaced by it.
    world.wait(Duration::from_secs(60 * 60));
    assert_eq!(accounts.password_change(&by_link).await.unwrap(), PasswordChange::ByLink);
    accounts.set_password(&by_link, "bob", PASSWORD, None).await.unwrap();
    // Who has one changes it by it, whatever they signed in by.
    assert_eq!(accounts.password_change(&by_provider).await.unwrap(), PasswordChange::ByPresent);
    let other = "five other plain words";
    assert!(accounts.set_password(&by_provider, "bob", other, None).await.is_err());
    accounts.set_password(&by_provider, "bob", other, Some(PASSWORD)).await.unwrap();
    assert_eq!(world.tries("bob", other, "", "192.0.2.1").await, None);
}

#[tokio::test]
async fn a_fresh_link_stands_for_the_password_and_the_codes_that_somebody_lost() {
    let world = World::new().await;
    let ada = world.ada().await;
    let accounts = world.service.local_accounts();
    let name = "ada@acme.example";
    let address = accounts.begin_codes(&ada).await.unwrap().address;
    let secret = address.split_once("secret=").unwrap().1.split('&').next().unwrap().to_owned();
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let step = one_time_code::step_at(world.service.now().as_seconds());
    accounts.confirm_codes(&ada, &one_time_code::code(&secret, step)).await.unwrap();
    let other = "five other plain words";

    // Neither a password's session nor an old link's does.
    let by_link = world.ada_by(SignInWay::Link).await;
    world.wait(Duration::from_secs(15 * 60));
    for caller in [&ada, &by_link] {
        assert_eq!(accounts.password_change(caller).await.unwrap(), PasswordChange::ByPresent);
        let refused = accounts.set_password(caller, name, other, None).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))));
        assert!(!accounts.ends_codes_by_link(caller));
        let refused = accounts.end_codes(caller, "").await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))));
    }

    let by_link = world.ada_by(SignInWay::Link).await;
    assert_eq!(accounts.password_change(&by_link).await.unwrap(), PasswordChange::ByLink);
    accounts.set_password(&by_link, name, other, None).await.unwrap();
    // The codes are still asked for, until they are given up as well.
    assert!(world.tries(name, other, "", "192.0.2.1").await.is_some());
    // Who still has the app shows a code, and a wrong one is a wrong one.
    assert!(accounts.end_codes(&by_link, "000000x").await.is_err());
    accounts.end_codes(&by_link, " ").await.unwrap();
    assert_eq!(world.tries(name, other, "", "192.0.2.1").await, None);
    let log = world.acts_of_installation().await;
    for act in ["local_account.reset_password", "local_account.reset_codes"] {
        assert_eq!(log.iter().filter(|action| *action == act).count(), 1, "{act}");
    }
}

#[tokio::test]
async fn the_token_endpoint_takes_so_many_from_one_address() {
    let world = World::new().await;
    let (one, other) = (from("192.0.2.1"), from("192.0.2.2"));
    for _ in 0..300 {
        world.service.count_exchange(&one).unwrap();
    }
    assert!(matches!(world.service.count_exchange(&one), Err(ServiceError::TooMany(1))));
    world.service.count_exchange(&other).unwrap();
    world.wait(Duration::from_secs(1));
    assert!((0..5).all(|_| world.service.count_exchange(&one).is_ok()));
    assert!(world.service.count_exchange(&one).is_err());
}
