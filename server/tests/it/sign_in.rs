//! Links work once, tokens are refused when not in force, and the demo keeps to itself.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Server, client, command, secret};

#[tokio::test]
async fn a_link_signs_in_once() {
    let server = Server::start(&[]).await;
    let body = json!({ "secret": secret(&server.links[0]) });
    let again = server.send(Method::POST, "/api/v1/sign-in", Some(body), None).await;
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_browser_gets_a_session_and_loses_it_by_signing_out() {
    let server = Server::start(&[]).await;
    let printed = command(&server.data, &["owner-link"]).output().unwrap();
    let link = String::from_utf8(printed.stdout).unwrap();
    let form = format!("secret={}", secret(link.trim()));
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    let sent = server.request(Method::POST, "/sign-in").header(form_type.0, form_type.1).body(form);
    let answer = sent.send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let whoami = async || {
        let request = server.request(Method::GET, "/api/v1/whoami").header("cookie", &cookie);
        request.send().await.unwrap().status()
    };
    assert_eq!(whoami().await, StatusCode::OK);
    let out = server.request(Method::POST, "/sign-out").header("cookie", &cookie);
    assert_eq!(out.send().await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!(whoami().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn another_site_cannot_send_our_forms() {
    let server = Server::start(&[]).await;
    let foreign = server
        .request(Method::POST, "/sign-out")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example");
    assert_eq!(foreign.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn tokens_that_are_not_in_force_are_refused() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let path = format!("/api/v1/clusters/{}/tokens/{}", made.cluster, made.token_id);
    let never = format!("llc_{}", "0".repeat(64));
    for token in ["", "nonsense", never.as_str()] {
        let answer = server.send(Method::GET, "/api/v1/groups", None, Some(token)).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token}");
    }
    // A cluster's token reports inventory; it reads nothing.
    let seen = server.send(Method::GET, &path, None, Some(&made.token)).await;
    assert_eq!(seen.status(), StatusCode::METHOD_NOT_ALLOWED);
    let cluster = format!("/api/v1/clusters/{}", made.cluster);
    let seen = server.send(Method::GET, &cluster, None, Some(&made.token)).await;
    assert_eq!(seen.status(), StatusCode::NOT_FOUND);
    let fleet = testkit::Fleet::new(
        1,
        testkit::Shape {
            n_deployments: 1,
            n_pods: 1,
            n_containers: 1,
            n_images: 1,
            n_namespaces: 1,
            n_nodes: 1,
        },
    );
    let batch = fleet.snapshot(1, 1);
    assert_eq!(server.report(&made.token, &batch).await.status(), StatusCode::OK);
    let revoked = server.request(Method::DELETE, &path).bearer_auth(&made.token);
    assert_eq!(revoked.send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_demo_is_not_switched_on_over_other_data() {
    let server = Server::start(&[]).await;
    server.cluster("prod").await;
    let refused = command(&server.data, &["--demo"]).output().unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("holds data of your own"), "{said}");
}

#[tokio::test]
async fn pages_send_strangers_to_the_sign_in_page_and_health_is_open() {
    let mut server = Server::start(&[]).await;
    let page = client().get(format!("{}/clusters", server.url)).send().await.unwrap();
    assert_eq!(page.headers()["location"], "/sign-in?next=%2Fclusters");
    for path in ["/healthz", "/readyz"] {
        let open = client().get(format!("{}{path}", server.url)).send().await.unwrap();
        assert_eq!(open.status(), StatusCode::OK, "{path}");
    }
    assert!(server.terminate(), "SIGTERM ends the server in peace");
}

/// The cookie of an answer: whole, and as it is sent back.
fn cookie_of(answer: &reqwest::Response) -> (String, String) {
    let whole = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    let sent = whole.split(';').next().unwrap().to_owned();
    (whole, sent)
}

/// Signs a browser in by a fresh link; `cookie` is what it had before.
async fn browser(server: &Server, cookie: &str) -> reqwest::Response {
    let printed = command(&server.data, &["owner-link"]).output().unwrap();
    let link = String::from_utf8(printed.stdout).unwrap();
    let request = server.request(Method::POST, "/sign-in").header("cookie", cookie);
    let form = format!("secret={}", secret(link.trim()));
    let form_type = "application/x-www-form-urlencoded";
    request.header("content-type", form_type).body(form).send().await.unwrap()
}

async fn form(
    server: &Server,
    path: &str,
    cookie: &str,
    form: &[(&str, &str)],
) -> reqwest::Response {
    let mut body = String::new();
    for (name, value) in form {
        let value: String = value
            .bytes()
            .map(|byte| match byte.is_ascii_alphanumeric() {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            })
            .collect();
        body.push_str(&format!("{name}={value}&"));
    }
    let request = server.request(Method::POST, path).header("cookie", cookie);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(body).send().await.unwrap()
}

async fn as_browser(
    server: &Server,
    method: Method,
    path: &str,
    cookie: &str,
) -> reqwest::Response {
    server.request(method, path).header("cookie", cookie).send().await.unwrap()
}

#[tokio::test]
async fn a_session_has_an_id_of_its_own_and_is_ended_from_elsewhere() {
    let server = Server::start(&[]).await;
    let planted = format!("loadline={}", "A".repeat(22));
    let (whole, first) = cookie_of(&browser(&server, &planted).await);
    assert!(first != planted && !whole.contains("Secure"), "{whole}");
    // Signed in again, the old id is worth nothing.
    let (_, again) = cookie_of(&browser(&server, &first).await);
    let whoami = async |cookie: &str| {
        as_browser(&server, Method::GET, "/api/v1/whoami", cookie).await.status()
    };
    assert_ne!(first, again);
    assert_eq!(whoami(&first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(whoami(&again).await, StatusCode::OK);
    let mut tampered = again.clone();
    let last = if tampered.pop() == Some('A') { 'Q' } else { 'A' };
    tampered.push(last);
    for none in [tampered.as_str(), "loadline=", "loadline=x", &planted] {
        assert_eq!(whoami(none).await, StatusCode::UNAUTHORIZED, "{none}");
    }
    let (_, other) = cookie_of(&browser(&server, "").await);
    let listed = as_browser(&server, Method::GET, "/api/v1/sessions", &again).await;
    let listed: serde_json::Value = listed.json().await.unwrap();
    let sessions = listed["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|it| it["isCurrent"] == true).count(), 1);
    assert_eq!(sessions[0]["origin"]["address"], "127.0.0.1");
    // What is listed opens nothing.
    let shown = format!("loadline={}", sessions[0]["id"].as_str().unwrap());
    assert_eq!(whoami(&shown).await, StatusCode::UNAUTHORIZED);
    let ended = as_browser(&server, Method::DELETE, "/api/v1/sessions", &again).await;
    assert_eq!(ended.json::<serde_json::Value>().await.unwrap()["nEnded"], 1);
    assert_eq!(whoami(&other).await, StatusCode::UNAUTHORIZED);
    assert_eq!(whoami(&again).await, StatusCode::OK);
    let mine = sessions.iter().find(|it| it["isCurrent"] == true).unwrap();
    let path = format!("/api/v1/sessions/{}", mine["id"].as_str().unwrap());
    let ended = as_browser(&server, Method::DELETE, &path, &again).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert_eq!(whoami(&again).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host_and_browsers_are_told() {
    let server = Server::start(&["--public-url", "https://loadline.example/"]).await;
    let answer = browser(&server, "").await;
    let (whole, sent) = cookie_of(&answer);
    assert!(sent.starts_with("__Host-loadline="), "{whole}");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(whole.contains(part), "{whole}");
    }
    assert!(!whole.contains("Domain"), "{whole}");
    assert!(answer.headers()["strict-transport-security"].to_str().unwrap().contains("max-age"));
    let description = server.json("/.well-known/openid-configuration").await;
    assert_eq!(description["issuer"], "https://loadline.example");
    assert_eq!(description["token_endpoint"], "https://loadline.example/sts/exchange");
    let keys = server.json("/.well-known/jwks.json").await;
    assert_eq!(keys["keys"][0]["alg"], "ES256");
    assert!(keys["keys"][0].get("d").is_none());
    let plain = Server::start(&[]).await;
    assert!(browser(&plain, "").await.headers().get("strict-transport-security").is_none());
}

#[tokio::test]
async fn a_local_account_signs_in_and_leads_to_pages_of_ours_only() {
    let server = Server::start(&[]).await;
    let (_, owner) = cookie_of(&browser(&server, "").await);
    let password = "four plain words here";
    let account = json!({ "name": "Owner", "password": password });
    let put = server.request(Method::PUT, "/api/v1/local-account").header("cookie", &owner);
    assert_eq!(put.json(&account).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    // A token that somebody found changes no password.
    let by_token = server.send_as_owner(Method::PUT, "/api/v1/local-account", Some(account)).await;
    assert_eq!(by_token.status(), StatusCode::FORBIDDEN);
    let wanted = [("name", "owner"), ("password", password), ("next", "/clusters?group=a")];
    let answer = form(&server, "/sign-in/local", "", &wanted).await;
    assert_eq!(answer.headers()["location"], "/clusters?group=a");
    let (_, cookie) = cookie_of(&answer);
    let who = as_browser(&server, Method::GET, "/api/v1/whoami", &cookie).await;
    assert_eq!(who.status(), StatusCode::OK);
    for foreign in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let wanted = [("name", "owner"), ("password", password), ("next", foreign)];
        let answer = form(&server, "/sign-in/local", "", &wanted).await;
        assert_eq!(answer.headers()["location"], "/", "{foreign}");
    }
    let mut places = Vec::new();
    for (name, password) in [("owner", "wrong"), ("nobody", password)] {
        let wanted = [("name", name), ("password", password)];
        let answer = form(&server, "/sign-in/local", "", &wanted).await;
        assert!(answer.headers().get("set-cookie").is_none());
        places.push(answer.headers()["location"].to_str().unwrap().to_owned());
    }
    assert_eq!(places[0], places[1]);
    let off = Server::start(&["--local-accounts", "off"]).await;
    let answer = form(&off, "/sign-in/local", "", &wanted).await;
    assert!(answer.headers()["location"].to_str().unwrap().contains("problem=off"));
}

/// Whatever a browser brings along, each way of signing in gives it an id that nobody knew before;
/// and an id is worth what its very letters are worth.
#[tokio::test]
async fn no_way_of_signing_in_keeps_an_id_and_no_changed_id_is_one() {
    let server = Server::start(&[]).await;
    let (_, owner) = cookie_of(&browser(&server, "").await);
    let password = "four plain words here";
    let account = json!({ "name": "owner", "password": password });
    let put = server.request(Method::PUT, "/api/v1/local-account").header("cookie", &owner);
    assert_eq!(put.json(&account).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    let whoami = async |cookie: &str| {
        as_browser(&server, Method::GET, "/api/v1/whoami", cookie).await.status()
    };
    // Planted: made up, one that counts for somebody, and several at once.
    let fields = [("name", "owner"), ("password", password)];
    let made_up = format!("loadline={}", "A".repeat(22));
    for planted in [made_up.clone(), owner.clone(), format!("{made_up}; {owner}")] {
        let (_, fresh) = cookie_of(&form(&server, "/sign-in/local", &planted, &fields).await);
        assert!(!planted.contains(&fresh), "{planted}");
        assert_eq!(whoami(&fresh).await, StatusCode::OK);
        assert_eq!(whoami(&made_up).await, StatusCode::UNAUTHORIZED);
    }
    let (_, session) = cookie_of(&form(&server, "/sign-in/local", "", &fields).await);
    let (name, id) = session.split_once('=').unwrap();
    for place in 0..id.len() {
        let mut letters: Vec<char> = id.chars().collect();
        letters[place] = if letters[place] == 'A' { 'Q' } else { 'A' };
        let changed = format!("{name}={}", letters.into_iter().collect::<String>());
        assert_eq!(whoami(&changed).await, StatusCode::UNAUTHORIZED, "{place}");
    }
    for changed in [
        format!("{name}={}", id.chars().skip(1).collect::<String>()),
        format!("{name}={id}A"),
        format!("{name}={id}{id}"),
        format!("{name}={}", id.to_uppercase()),
        format!("__Host-{name}={id}"),
        format!("Loadline={id}"),
        id.to_owned(),
        format!("{name}={}", "A".repeat(100_000)),
    ] {
        let answer = as_browser(&server, Method::GET, "/api/v1/whoami", &changed).await;
        let shown: String = changed.chars().take(40).collect();
        assert_ne!(answer.status(), StatusCode::OK, "{shown}");
    }
    assert_eq!(whoami(&session).await, StatusCode::OK);
}

#[tokio::test]
async fn a_fresh_link_sets_a_password_anew_and_a_password_does_not() {
    let server = Server::start(&[]).await;
    let put = async |cookie: &str, account: serde_json::Value| {
        let request = server.request(Method::PUT, "/api/v1/local-account");
        request.header("cookie", cookie).json(&account).send().await.unwrap().status()
    };
    let (_, by_link) = cookie_of(&browser(&server, "").await);
    let first = json!({ "name": "owner", "password": "four plain words here" });
    assert_eq!(put(&by_link, first.clone()).await, StatusCode::NO_CONTENT);
    let wanted = [("name", "owner"), ("password", "four plain words here")];
    let (_, by_password) = cookie_of(&form(&server, "/sign-in/local", "", &wanted).await);
    let anew = json!({ "name": "owner", "password": "five other plain words" });
    assert_eq!(put(&by_password, anew.clone()).await, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, by_link) = cookie_of(&browser(&server, "").await);
    assert_eq!(put(&by_link, anew).await, StatusCode::NO_CONTENT);
    // Whoever was signed in otherwise is out.
    let who = as_browser(&server, Method::GET, "/api/v1/whoami", &by_password).await;
    assert_eq!(who.status(), StatusCode::UNAUTHORIZED);
    let log = server.json("/api/v1/audit?limit=100").await;
    let acts: Vec<&serde_json::Value> =
        log["rows"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert!(acts.contains(&&json!("local_account.reset_password")), "{acts:?}");
}

#[tokio::test]
async fn a_device_is_signed_in_by_its_person_and_renews_its_token() {
    let server = Server::start(&[]).await;
    let (_, owner) = cookie_of(&browser(&server, "").await);
    let token = async |fields: &[(&str, &str)]| {
        let answer = form(&server, "/sts/exchange", "", fields).await;
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let status = answer.status();
        (status, answer.json::<serde_json::Value>().await.unwrap())
    };
    let start = form(&server, "/oauth/device", "", &[("client_id", "loadline")]).await;
    let start: serde_json::Value = start.json().await.unwrap();
    let device = start["device_code"].as_str().unwrap();
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let poll = [("grant_type", grant), ("client_id", "loadline"), ("device_code", device)];
    let (status, answer) = token(&poll).await;
    assert_eq!(
        (status, &answer["error"]),
        (StatusCode::BAD_REQUEST, &json!("authorization_pending"))
    );
    let code = start["user_code"].as_str().unwrap();
    let yes = [("code", code), ("decision", "yes")];
    let stranger = form(&server, "/oauth/activate", "", &yes).await;
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    let page = as_browser(&server, Method::GET, &format!("/activate?code={code}"), &owner).await;
    assert!(page.text().await.unwrap().contains("127.0.0.1"));
    let done = form(&server, "/oauth/activate", &owner, &yes).await;
    assert_eq!(done.headers()["location"], "/activate?done=yes");
    let (status, answer) = token(&poll).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let access = answer["access_token"].as_str().unwrap();
    let who = server.send(Method::GET, "/api/v1/whoami", None, Some(access)).await;
    let who: serde_json::Value = who.json().await.unwrap();
    assert!(who["expiresAt"].is_string() && who["everywhere"].as_array().unwrap().len() > 10);
    let refresh = answer["refresh_token"].as_str().unwrap();
    let renew = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let (status, renewed) = token(&renew).await;
    assert_eq!(status, StatusCode::OK);
    let (status, reused) = token(&renew).await;
    assert_eq!((status, &reused["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")));
    let access = renewed["access_token"].as_str().unwrap();
    let ended = server.send(Method::GET, "/api/v1/whoami", None, Some(access)).await;
    assert_eq!(ended.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_the_token_endpoint_does_not_take_is_told_in_the_words_of_oauth() {
    let server = Server::start(&[]).await;
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    for (fields, error) in [
        (&[("grant_type", "password")][..], "unsupported_grant_type"),
        (&[("client_id", "loadline")][..], "invalid_request"),
        (&[("grant_type", "refresh_token"), ("grant_type", "refresh_token")], "invalid_request"),
        (&[("grant_type", grant), ("client_id", "x"), ("device_code", "y")], "invalid_client"),
        (
            &[
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                ("audience", "https://other.example"),
                ("subject_token", "x"),
                ("identity", "0123456789abcdef"),
            ],
            "invalid_target",
        ),
        (
            &[
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                ("subject_token", "x"),
                ("identity", "0123456789abcdef"),
            ],
            "invalid_grant",
        ),
    ] {
        let answer = form(&server, "/sts/exchange", "", fields).await;
        let status = answer.status();
        let answer: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(
            (status, &answer["error"]),
            (StatusCode::BAD_REQUEST, &json!(error)),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn the_command_line_is_let_in_by_a_page_whose_form_leads_to_it_alone() {
    let server = Server::start(&[]).await;
    let (_, owner) = cookie_of(&browser(&server, "").await);
    // The challenge of RFC 7636, appendix B.
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let here = "http://127.0.0.1:4711/callback";
    let page = |redirect: &str| {
        format!(
            "/authorize?response_type=code&client_id=loadline&code_challenge_method=S256\
             &code_challenge={challenge}&state=s&redirect_uri={redirect}"
        )
    };
    let shown = as_browser(&server, Method::GET, &page(here), &owner).await;
    let policy = shown.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("form-action 'self' http://127.0.0.1:4711;"), "{policy}");
    assert!(!policy.contains("script-src 'self'") && policy.contains("'nonce-"), "{policy}");
    assert!(shown.text().await.unwrap().contains("Yes, sign it in"));
    let foreign = as_browser(&server, Method::GET, &page("https://evil.example/"), &owner).await;
    assert_eq!(foreign.status(), StatusCode::BAD_REQUEST);
    let policy = foreign.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("form-action 'self';"), "{policy}");
    let anonymous = as_browser(&server, Method::GET, &page(here), "").await;
    assert!(
        anonymous.headers()["location"].to_str().unwrap().starts_with("/sign-in?next=%2Fauthorize")
    );
    let fields = [
        ("redirect_uri", here),
        ("code_challenge", challenge),
        ("state", "s"),
        ("decision", "yes"),
    ];
    let elsewhere = [("redirect_uri", "https://evil.example/"), ("code_challenge", challenge)];
    let refused = form(&server, "/oauth/authorize", &owner, &elsewhere).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let answer = form(&server, "/oauth/authorize", &owner, &fields).await;
    let back: reqwest::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    let query: std::collections::HashMap<_, _> = back.query_pairs().into_owned().collect();
    assert_eq!((query["state"].as_str(), &query["iss"]), ("s", &server.url));
    let redeem = [
        ("grant_type", "authorization_code"),
        ("client_id", "loadline"),
        ("code", &query["code"]),
        ("redirect_uri", here),
        ("code_verifier", verifier),
    ];
    let granted = form(&server, "/sts/exchange", "", &redeem).await;
    assert_eq!(granted.status(), StatusCode::OK);
    let again = form(&server, "/sts/exchange", "", &redeem).await;
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_a_proxy_says_is_believed_of_listed_ones_only() {
    for (arguments, address) in
        [(&[][..], "127.0.0.1"), (&["--trusted-proxy", "127.0.0.0/8"][..], "203.0.113.5")]
    {
        let server = Server::start(arguments).await;
        let body = json!({ "name": "deploy" });
        let made = server
            .request(Method::POST, "/api/v1/tokens")
            .bearer_auth(server.token())
            .header("x-forwarded-for", "10.9.9.9, 203.0.113.5")
            .json(&body);
        assert_eq!(made.send().await.unwrap().status(), StatusCode::CREATED);
        let log = server.json("/api/v1/audit").await;
        let entries = log["rows"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["action"] == "tokens.create").unwrap();
        assert_eq!(entry["origin"]["address"], address);
    }
}

#[tokio::test]
async fn the_token_endpoint_says_when_to_try_again_and_believes_listed_proxies_only() {
    let asked = |server: &Server, client: String| {
        let request = server.request(Method::POST, "/sts/exchange");
        let request = request.header("x-forwarded-for", client);
        let form_type = "application/x-www-form-urlencoded";
        request.header("content-type", form_type).body("grant_type=nonsense").send()
    };
    // More than the bucket holds, and than comes back meanwhile.
    let most = 20_000;
    let server = Server::start(&["--trusted-proxy", "127.0.0.1"]).await;
    let mut answer = asked(&server, "192.0.2.1".to_owned()).await.unwrap();
    for _ in 0..most {
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        answer = asked(&server, "192.0.2.1".to_owned()).await.unwrap();
    }
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(answer.json::<Value>().await.unwrap()["error"], "slow_down");
    let other = asked(&server, "192.0.2.2".to_owned()).await.unwrap();
    assert_eq!(other.status(), StatusCode::BAD_REQUEST);

    // Of nobody in particular it is not believed: other addresses do not help.
    let server = Server::start(&[]).await;
    let mut is_limited = false;
    for nth in 0..most {
        let answer = asked(&server, format!("192.0.2.{}", nth % 250)).await.unwrap();
        is_limited = answer.status() == StatusCode::TOO_MANY_REQUESTS;
        if is_limited {
            break;
        }
    }
    assert!(is_limited);
}

#[tokio::test]
async fn a_browser_of_somebody_disabled_stays_signed_out_when_they_are_enabled_again() {
    let server = Server::start(&[]).await;
    let person = json!({
        "name": "Bob",
        "proof": { "kind": "person", "issuer": "https://login.example", "subject": "bob" },
    });
    let made = server.post("/api/v1/identities", person).await;
    assert_eq!(made.status(), StatusCode::CREATED, "{:?}", made.text().await);
    let made: Value = made.json().await.unwrap();
    let path = format!("/api/v1/identities/{}", made["id"].as_str().unwrap());
    let signed_in = async || {
        let link = server.post(&format!("{path}/sign-in-links"), json!({})).await;
        let link: Value = link.json().await.unwrap();
        let secret = secret(link["link"].as_str().unwrap());
        cookie_of(&form(&server, "/sign-in", "", &[("secret", &secret)]).await).1
    };
    let whoami = async |cookie: &str| {
        as_browser(&server, Method::GET, "/api/v1/whoami", cookie).await.status()
    };
    let change = async |is_disabled: bool| {
        let body = json!({ "isDisabled": is_disabled });
        let answer = server.send_as_owner(Method::PATCH, &path, Some(body)).await;
        assert_eq!(answer.status(), StatusCode::OK);
    };
    let before = signed_in().await;
    assert_eq!(whoami(&before).await, StatusCode::OK);
    change(true).await;
    assert_eq!(whoami(&before).await, StatusCode::UNAUTHORIZED);
    change(false).await;
    assert_eq!(whoami(&before).await, StatusCode::UNAUTHORIZED);
    let after = signed_in().await;
    assert_eq!(whoami(&after).await, StatusCode::OK);
    let gone = server.send_as_owner(Method::DELETE, &path, None).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(whoami(&after).await, StatusCode::UNAUTHORIZED);
}
