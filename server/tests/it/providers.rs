//! Signing in by a real OIDC provider (npm `oidc-provider`), as a browser does it, and by one that
//! answers as it should not.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Server, skipped};

/// The provider, ended with the test.
struct Provider {
    issuer: String,
    child: Child,
    /// Held open: a program whose output nobody takes any more ends.
    _output: BufReader<ChildStdout>,
}

impl Provider {
    /// Changes how the provider behaves.
    async fn told(&self, path: &str) {
        let address = format!("{}/{path}", self.issuer);
        let answer = crate::harness::client().get(address).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../end2end/provider"))
}

/// A port that was free a moment ago: the provider has to know where it sends people back to.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server, its provider, and the pages between them. `None` where the provider is missing.
async fn house(mode: &str) -> Option<(Server, Provider)> {
    let port = free_port();
    let callback = format!("http://127.0.0.1:{port}/sign-in/callback/acme");
    let mut command = Command::new("node");
    command.current_dir(folder()).args(["provider.mjs", &callback, mode]);
    let started = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = started else {
        skipped("signing in by a real provider: node is missing");
        return None;
    };
    let (mut output, mut issuer) = (BufReader::new(child.stdout.take().unwrap()), String::new());
    output.read_line(&mut issuer).unwrap();
    let provider = Provider { issuer: issuer.trim().to_owned(), child, _output: output };
    if provider.issuer.is_empty() {
        skipped("signing in by a real provider: npm oidc-provider is missing");
        return None;
    }
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "the provider's secret\n").unwrap();
    let (listen, public) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let server = Server::start(&[
        "--listen",
        &listen,
        "--public-url",
        &public,
        "--oidc-issuer",
        &provider.issuer,
        "--oidc-client-id",
        "loadline",
        "--oidc-client-secret",
        secret.path().to_str().unwrap(),
        "--oidc-name",
        "Acme",
        "--oidc-domain",
        "acme.example",
        "--allow-private",
        "127.0.0.1",
        "--plain-http",
        "127.0.0.1",
    ])
    .await;
    Some((server, provider))
}

/// A browser: it keeps the cookies of each host, and follows no redirect by itself.
#[derive(Default, Clone)]
struct Browser {
    cookies: Vec<(String, String, String)>,
}

impl Browser {
    async fn get(&mut self, address: &str) -> Response {
        let url: reqwest::Url = address.parse().unwrap();
        let place = url.authority().to_owned();
        let mine = self.cookies.iter().filter(|(at, _, _)| *at == place);
        let header: Vec<String> = mine.map(|(_, name, value)| format!("{name}={value}")).collect();
        let request = crate::harness::client().get(url).header("cookie", header.join("; "));
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(at, kept, _)| (at, kept.as_str()) != (&place, name));
            self.cookies.push((place.clone(), name.to_owned(), value.to_owned()));
        }
        answer
    }

    /// Follows from an address until it leads back to our callback; gives that address.
    async fn answer_of_provider(&mut self, server: &Server) -> String {
        let mut address = format!("{}/sign-in/with/acme?next=/clusters", server.url);
        for _ in 0..10 {
            let answer = self.get(&address).await;
            let place = answer.headers().get("location");
            let place = place.unwrap_or_else(|| panic!("{address} answered {}", answer.status()));
            let base: reqwest::Url = address.parse().unwrap();
            address = base.join(place.to_str().unwrap()).unwrap().into();
            if address.contains("/sign-in/callback/") {
                return address;
            }
        }
        panic!("the provider sent us round and round")
    }

    async fn finish(&mut self, answer: &str) -> String {
        self.get(answer).await.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn who(&mut self, server: &Server) -> Option<Value> {
        let answer = self.get(&format!("{}/api/v1/whoami", server.url)).await;
        (answer.status() == StatusCode::OK).then_some(())?;
        answer.json().await.ok()
    }

    fn session(&self) -> Option<String> {
        let ours = self.cookies.iter().find(|(_, name, _)| name == "loadline");
        ours.map(|(_, _, value)| value.clone())
    }
}

/// The entries of the installation's audit log that tell an act, latest first.
async fn acts(server: &Server, action: &str) -> Vec<Value> {
    let log = server.json("/api/v1/audit?limit=100").await;
    let rows = log["rows"].as_array().unwrap();
    rows.iter().filter(|entry| entry["action"] == action).cloned().collect()
}

async fn n_acts(server: &Server, action: &str) -> usize {
    acts(server, action).await.len()
}

async fn browser_after_sign_in(server: &Server) -> Browser {
    let mut browser = Browser::default();
    let answer = browser.answer_of_provider(server).await;
    browser.finish(&answer).await;
    browser
}

#[tokio::test]
async fn a_person_signs_in_by_a_provider_and_out_again() {
    let Some((server, provider)) = house("plain").await else { return };
    let mut browser = Browser::default();
    let answer = browser.answer_of_provider(&server).await;
    let planted = browser.session();
    assert_eq!(browser.finish(&answer).await, "/clusters");
    // A session that was planted before is worth nothing after it.
    assert_ne!(browser.session(), planted);
    let who = browser.who(&server).await.unwrap();
    assert_eq!(who["name"], "Ada Lovelace");
    let found = server
        .json(&format!("/api/v1/identities/lookup?issuer={}&subject=ada", provider.issuer))
        .await;
    // The address is in the userinfo answer alone.
    assert_eq!(found["email"], "ada@acme.example");
    assert_eq!(n_acts(&server, "sign_in.provider").await, 1);
    let sessions = browser.get(&format!("{}/api/v1/sessions", server.url)).await;
    let sessions: Value = sessions.json().await.unwrap();
    assert_eq!(sessions["sessions"][0]["isCurrent"], true);
    // The answer, once more: in this browser, and in another one.
    assert!(browser.clone().finish(&answer).await.contains("problem=provider"));
    assert!(Browser::default().finish(&answer).await.contains("problem=provider"));

    let session = browser.session().unwrap();
    let out = server
        .request(Method::POST, "/sign-out")
        .header("cookie", format!("loadline={session}"))
        .send()
        .await
        .unwrap();
    assert_eq!(out.headers()["location"], "/sign-in?out=provider");
    assert!(browser.clone().who(&server).await.is_none());
    let after = out.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let there = server.request(Method::GET, "/sign-out/provider").header("cookie", after);
    let there = there.send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    assert!(there.starts_with(&provider.issuer) && there.contains("id_token_hint="), "{there}");
}

#[tokio::test]
async fn whoever_came_by_a_provider_sets_no_first_password() {
    let Some((server, _provider)) = house("email-in-token").await else { return };
    let browser = browser_after_sign_in(&server).await;
    let cookie = format!("loadline={}", browser.session().unwrap());
    let account = json!({ "name": "ada", "password": "four plain words here" });
    let put = server.request(Method::PUT, "/api/v1/local-account").header("cookie", &cookie);
    let refused = put.json(&account).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let told = refused.text().await.unwrap();
    assert!(told.contains("takes a one-time link"), "{told}");
    // Somebody without a role is asked to name an organization first.
    server.cluster("one").await;
    let who = browser.clone().who(&server).await.unwrap();
    let grant = json!({ "group": "acme", "identity": who["id"], "role": "viewer" });
    server.post("/api/v1/role-bindings", grant).await.error_for_status().unwrap();
    let page = server.request(Method::GET, "/account?tab=sign-in").header("cookie", &cookie);
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("A first password takes a one-time link"), "{page}");
    assert_eq!(n_acts(&server, "local_account.set_password").await, 0);
}

#[tokio::test]
async fn an_answer_that_is_not_to_this_question_signs_nobody_in() {
    let Some((server, _provider)) = house("email-in-token").await else { return };
    let other = Browser::default().answer_of_provider(&server).await;
    let state_of = |address: &str| {
        let url: reqwest::Url = address.parse().unwrap();
        url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
    };
    for case in ["state", "code of another", "issuer", "no issuer", "refusal", "provider"] {
        let mut browser = Browser::default();
        let answer = browser.answer_of_provider(&server).await;
        let spoiled = match case {
            "state" => answer.replace(&state_of(&answer), &"0".repeat(64)),
            // Its nonce and its verifier are those of another browser.
            "code of another" => other.replace(&state_of(&other), &state_of(&answer)),
            "issuer" => answer.replace("iss=http", "iss=https"),
            "no issuer" => answer.split("&iss=").next().unwrap().to_owned(),
            "refusal" => format!("{answer}&error=access_denied"),
            _ => answer.replace("/callback/acme", "/callback/0123456789abcdef"),
        };
        assert_ne!(spoiled, answer, "{case}");
        assert!(browser.finish(&spoiled).await.contains("problem=provider"), "{case}");
        assert!(browser.who(&server).await.is_none(), "{case}");
        // What was refused is used up.
        assert!(browser.finish(&answer).await.contains("problem=provider"), "{case}");
    }
    let mut browser = Browser::default();
    let answer = browser.answer_of_provider(&server).await;
    browser.finish(&answer).await;
    assert!(browser.who(&server).await.is_some());
    let missing = format!("{}/sign-in/with/nobody", server.url);
    assert!(Browser::default().finish(&missing).await.contains("problem=away"));
}

/// What is wrong with each token, as the audit log tells it.
const BAD_TOKENS: [(&str, &str); 9] = [
    ("alg-none", "No signature found"),
    ("unknown-kid", "No matching key found"),
    ("changed", "Crypto error"),
    ("client-secret", "Disallowed signature algorithm"),
    ("key-as-secret", "Disallowed signature algorithm"),
    ("audience", "Invalid audiences"),
    ("issuer", "Invalid issuer"),
    ("nonce", "Invalid nonce"),
    ("ended", "Expired"),
];

#[tokio::test]
async fn a_bad_id_token_signs_nobody_in_and_the_log_tells_what_is_wrong_with_it() {
    let Some((server, provider)) = house("signed-again").await else { return };
    // The provider's own tokens are good, also those that were signed by hand.
    assert!(browser_after_sign_in(&server).await.who(&server).await.is_some());
    for (nth, (mode, cause)) in BAD_TOKENS.into_iter().enumerate() {
        provider.told(&format!("mode/{mode}")).await;
        let mut browser = Browser::default();
        let answer = browser.answer_of_provider(&server).await;
        assert!(browser.finish(&answer).await.contains("problem=provider"), "{mode}");
        assert!(browser.who(&server).await.is_none(), "{mode}");
        let refused = acts(&server, "sign_in.refused").await;
        assert_eq!(refused.len(), nth + 1, "{mode}");
        let told = refused[0]["after"].as_str().unwrap();
        assert!(told.contains(cause), "{mode}: {told}");
    }
    // Nothing but the tokens was wrong: the same provider, asked once more.
    provider.told("mode/plain").await;
    assert!(browser_after_sign_in(&server).await.who(&server).await.is_some());
}

#[tokio::test]
async fn keys_that_the_provider_turns_between_two_sign_ins_are_asked_for() {
    let Some((server, provider)) = house("plain").await else { return };
    assert!(browser_after_sign_in(&server).await.who(&server).await.is_some());
    provider.told("turn-keys").await;
    assert!(browser_after_sign_in(&server).await.who(&server).await.is_some());
    assert_eq!(n_acts(&server, "sign_in.provider").await, 2);
    assert_eq!(n_acts(&server, "sign_in.refused").await, 0);
}

#[tokio::test]
async fn an_address_that_nobody_verified_counts_within_the_providers_own_domain() {
    let Some((server, provider)) = house("unverified").await else { return };
    let mut browser = Browser::default();
    let answer = browser.answer_of_provider(&server).await;
    browser.finish(&answer).await;
    let at = format!("/api/v1/identities/lookup?issuer={}&subject=ada", provider.issuer);
    assert_eq!(server.json(&at).await["email"], "ada@acme.example");
    // Signed in, and disabled since: neither the session nor the provider helps.
    let id = server.json(&at).await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/identities/{id}");
    let off = server.send_as_owner(Method::PATCH, &path, Some(json!({ "isDisabled": true }))).await;
    assert_eq!(off.status(), StatusCode::OK, "{:?}", off.text().await);
    assert!(browser.who(&server).await.is_none());
    let mut again = Browser::default();
    let answer = again.answer_of_provider(&server).await;
    assert!(again.finish(&answer).await.contains("problem=off"));
}

#[tokio::test]
async fn beginning_to_sign_in_signs_nobody_out_and_only_a_good_answer_does() {
    let Some((server, _provider)) = house("plain").await else { return };
    let mut browser = browser_after_sign_in(&server).await;
    let (before, who) = (browser.session().unwrap(), browser.who(&server).await.unwrap());

    // Somebody's link: the browser is on its way, and is who it was.
    let begin = format!("{}/sign-in/with/acme?next=/clusters", server.url);
    assert!(browser.get(&begin).await.headers()["location"].to_str().unwrap().contains("state="));
    assert_eq!(browser.session().unwrap(), before);
    assert_eq!(browser.who(&server).await.as_ref(), Some(&who));
    // An answer that is none does not sign out either, and is used up.
    let answer = browser.answer_of_provider(&server).await;
    let refused = browser.finish(&format!("{answer}&error=access_denied")).await;
    assert!(refused.contains("problem=provider"));
    assert!(browser.finish(&answer).await.contains("problem=provider"));
    assert_eq!(browser.who(&server).await.as_ref(), Some(&who));
    // A provider that there is not changes nothing.
    let missing = format!("{}/sign-in/with/nobody", server.url);
    assert!(browser.finish(&missing).await.contains("problem=away"));
    assert_eq!(browser.who(&server).await.as_ref(), Some(&who));
    // A link of another site does not even begin: the visitor chooses, unless they are somebody.
    for (cookie, place) in
        [(format!("loadline={before}"), "/clusters"), (String::new(), "/sign-in?next=%2Fclusters")]
    {
        let foreign = server.request(Method::GET, "/sign-in/with/acme?next=/clusters");
        let foreign = foreign.header("cookie", &cookie).header("sec-fetch-site", "cross-site");
        assert_eq!(foreign.send().await.unwrap().headers()["location"], place);
    }

    // A good answer replaces the session: the id is fresh, and the old one is worth nothing.
    let answer = browser.answer_of_provider(&server).await;
    let old = browser.clone();
    assert_eq!(browser.finish(&answer).await, "/clusters");
    assert_ne!(browser.session().unwrap(), before);
    assert!(browser.who(&server).await.is_some());
    assert!(old.clone().who(&server).await.is_none());
    // What waited in the session does not come along.
    assert!(browser.finish(&answer).await.contains("problem=provider"));
    assert!(browser.who(&server).await.is_some());
}
