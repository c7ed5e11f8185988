//! Being let in: who is shown what, and who is not.

use super::*;

fn basic() -> Guard {
    Guard::Basic { user: "u".to_owned(), password: "p".to_owned() }
}

fn bearer(user: Option<&str>) -> Guard {
    Guard::Bearer { user: user.map(ToOwned::to_owned), password: "p".to_owned() }
}

fn keychain(host: &str, entry: &serde_json::Value) -> Keychain {
    let secret = json!({ "auths": { host: entry } }).to_string();
    Keychain::read([PullSecret::DockerConfigJson(secret.as_bytes())]).unwrap()
}

async fn guarded(guard: Guard) -> (Registry, Image) {
    signed(Settings { guard, ..Settings::default() }, &[b"one"]).await
}

#[tokio::test]
async fn a_challenge_is_answered_with_a_token_that_is_kept() {
    let (registry, image) = guarded(bearer(None)).await;
    let sources = sources(&registry, quick());
    assert_eq!(texts(&signatures(&sources, &image).await), ["one"]);
    assert_eq!(registry.asked().len(), 4, "refused, token, manifest, payload");
    let second = signatures(&sources, &image).await;
    assert_eq!((texts(&second), second.n_requests), (vec!["one"], 2), "the token is kept");
}

#[tokio::test]
async fn passwords_and_identity_tokens_let_in_where_they_are_right() {
    let right = json!({ "username": "u", "password": "p" });
    let wrong = json!({ "username": "u", "password": "x" });
    let identity = json!({ "identitytoken": "identity" });
    for (guard, entry, is_let_in) in [
        (basic(), &right, true),
        (basic(), &wrong, false),
        (bearer(Some("u")), &right, true),
        (bearer(Some("u")), &wrong, false),
        (bearer(Some("u")), &identity, true),
    ] {
        let (registry, image) = guarded(guard.clone()).await;
        let keychain = keychain(&registry.host(), entry);
        let sources = sources(&registry, quick()).with_keychain(keychain);
        let lookup = signatures(&sources, &image).await;
        assert_eq!(lookup.answer.is_ok(), is_let_in, "{guard:?} {entry}");
        if !is_let_in {
            assert!(cause(&lookup).contains("401"), "{}", cause(&lookup));
        }
    }
}

#[tokio::test]
async fn what_let_one_in_does_not_let_others_in() {
    let (registry, image) = guarded(basic()).await;
    let anonymous = sources(&registry, quick());
    let entry = json!({ "username": "u", "password": "p" });
    let known = anonymous.clone().with_keychain(keychain(&registry.host(), &entry));
    assert!(signatures(&known, &image).await.answer.is_ok());
    assert!(signatures(&anonymous, &image).await.answer.is_err());
    let other = anonymous.with_keychain(keychain("other.test", &entry));
    assert!(signatures(&other, &image).await.answer.is_err());
}

#[tokio::test]
async fn pull_secrets_come_before_the_docker_configuration() {
    let (registry, image) = guarded(basic()).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let write = |password: &str| {
        let auths = json!({ registry.host(): { "username": "u", "password": password } });
        std::fs::write(file.path(), json!({ "auths": auths }).to_string()).unwrap();
    };
    write("p");
    let sources = sources(&registry, quick()).with_docker_config(file.path()).unwrap();
    assert!(signatures(&sources, &image).await.answer.is_ok());
    let wrong = json!({ "username": "u", "password": "x" });
    let both = sources.clone().with_keychain(keychain(&registry.host(), &wrong));
    assert!(signatures(&both, &image).await.answer.is_err(), "the first that knows the host wins");
    let empty = sources.clone().with_keychain(keychain(&registry.host(), &json!({})));
    assert!(signatures(&empty, &image).await.answer.is_ok(), "an empty entry is no login");
    std::fs::write(file.path(), "no longer JSON").unwrap();
    let fresh = sources.with_keychain(Keychain::default());
    let lookup = signatures(&fresh, &image).await;
    assert!(cause(&lookup).contains("no JSON"), "{}", cause(&lookup));
}

#[tokio::test]
async fn a_redirection_takes_no_login_along_and_leads_to_no_inner_host() {
    let (registry, image) = guarded(basic()).await;
    let (elsewhere, _) = guarded(basic()).await;
    let digest = Digest::of(b"one");
    let there = format!("http://{}/v2/{NAME}/blobs/{digest}", elsewhere.host());
    let entry = json!({ "username": "u", "password": "p" });
    let keychain = keychain(&registry.host(), &entry);
    let egress = egress(&[registry.host(), elsewhere.host()]);
    let sources = Sources::new(egress, Vec::new(), quick()).with_keychain(keychain);
    registry.misbehave(Faults::at("/blobs/", Fault::Redirect(there)));
    let lookup = signatures(&sources, &image).await;
    assert!(cause(&lookup).contains("401"), "{}", cause(&lookup));
    assert_eq!(elsewhere.asked()[0].status, 401, "asked without the login");

    let sources = super::sources(&registry, quick());
    for to in ["http://127.0.0.1:9/", "http://169.254.169.254/latest/meta-data/"] {
        registry.misbehave(Faults::at("/v2/", Fault::Redirect(to.to_owned())));
        let lookup = signatures(&sources, &image).await;
        assert!(lookup.answer.is_err(), "{to}");
        assert_eq!(lookup.n_requests, 1, "{to}");
    }
}
