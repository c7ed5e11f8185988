//! Patience: how often a registry is asked, and when it is left alone.

use std::time::Instant;

use super::*;

#[tokio::test]
async fn a_registry_that_is_busy_is_asked_again_and_not_for_ever() {
    let (registry, image) = signed(Settings::default(), &[b"one"]).await;
    registry.misbehave(Faults::times(2, "/manifests/", Fault::Busy(Some("0".to_owned()))));
    let lookup = signatures(&sources(&registry, quick()), &image).await;
    assert_eq!((texts(&lookup), lookup.n_requests), (vec!["one"], 4));

    registry.misbehave(Faults::at("", Fault::Status(502, String::new())));
    let ill = signatures(&sources(&registry, quick()), &image).await;
    assert_eq!((ill.answer.is_err(), ill.n_requests), (true, 3), "once, and two retries");
}

#[tokio::test]
async fn an_hour_is_not_waited_for_and_nobody_is_asked_meanwhile() {
    let (registry, image) = signed(Settings::default(), &[b"one"]).await;
    let sources = sources(&registry, quick());
    for wait in ["3600", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let sources = super::sources(&registry, quick());
        registry.misbehave(Faults::at("", Fault::Busy(Some(wait.to_owned()))));
        let lookup = signatures(&sources, &image).await;
        assert!(cause(&lookup).contains("asked less often"), "{}", cause(&lookup));
        assert_eq!(lookup.n_requests, 1);
        let left = lookup.answer.unwrap_err().retry_after.unwrap();
        assert!(left > Duration::from_secs(3_500) && left <= Duration::from_secs(3_600));
        registry.misbehave(Faults::none());
        let second = signatures(&sources, &image).await;
        assert!(cause(&second).contains("left alone"), "{}", cause(&second));
        assert_eq!(second.n_requests, 0);
        assert!(second.answer.unwrap_err().retry_after.is_some());
    }
    assert!(signatures(&sources, &image).await.answer.is_ok(), "others have a pace of their own");
}

#[tokio::test]
async fn a_registry_that_drips_or_is_silent_costs_one_look_up_its_time() {
    let (registry, image) = signed(Settings::default(), &[b"one"]).await;
    let whole = Duration::from_millis(200);
    for fault in [Fault::Drip(Duration::from_secs(5)), Fault::Silence] {
        let sources = sources(&registry, Limits { whole, ..quick() });
        registry.misbehave(Faults::at("/manifests/", fault));
        let lookup = signatures(&sources, &image).await;
        assert!(cause(&lookup).contains("took longer"), "{}", cause(&lookup));
        assert!(lookup.answer.unwrap_err().retry_after.is_some());
        let second = signatures(&sources, &image).await;
        assert_eq!((second.answer.is_err(), second.n_requests), (true, 0));
    }
    // Egress gives up earlier than the look-up does.
    let host = registry.host();
    let timeouts = Timeouts { first_byte_ms: 100, ..Timeouts::default() };
    let (allow_private, plain_http) = (vec![host.clone()], vec![host]);
    let rules = EgressRules { allow_private, plain_http, timeouts, ..EgressRules::default() };
    let sources = Sources::new(Egress::new(rules).unwrap(), Vec::new(), quick());
    assert!(signatures(&sources, &image).await.answer.is_err());
    assert_eq!(signatures(&sources, &image).await.n_requests, 0);
}

#[tokio::test]
async fn what_a_look_up_waits_for_its_turn_is_not_held_against_the_registry() {
    let (registry, image) = signed(Settings::default(), &[b"one", b"two", b"three"]).await;
    let whole = Duration::from_millis(700);
    let sources = sources(&registry, Limits { whole, per_second: Some(2), ..quick() });
    let start = Instant::now();
    let lookup = signatures(&sources, &image).await;
    assert_eq!(texts(&lookup), ["one", "two", "three"]);
    assert!(start.elapsed() > whole, "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_rate_of_a_registry_holds_for_all_look_ups_together() {
    let (registry, image) = signed(Settings::default(), &[b"one"]).await;
    let sources = sources(&registry, Limits { per_second: Some(10), ..quick() });
    let start = Instant::now();
    let look_ups = (0..11).map(|_| signatures(&sources, &image));
    let found = futures::future::join_all(look_ups).await;
    assert!(found.iter().all(|lookup| lookup.answer.is_ok()));
    // 22 requests: ten at once, ten a second later, two after another one.
    assert!(start.elapsed() >= Duration::from_secs(2), "{:?}", start.elapsed());
}
