//! Requests against a server on this machine: who may be asked, what is followed, what is read.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use url::Url;

use crate::{Egress, EgressError, EgressRules, Request, Timeouts};

/// Serves until the test ends.
async fn serve(routes: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

/// What the server saw of a request's headers.
async fn seen(headers: HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("-");
    format!("{} {} {}", text("authorization"), text("x-secret"), text("accept"))
}

fn redirect(to: String) -> axum::routing::MethodRouter {
    get(move || async move { (StatusCode::FOUND, [(header::LOCATION, to)]) })
}

fn open(hosts: &[&str]) -> EgressRules {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    EgressRules { allow_private: hosts.clone(), plain_http: hosts, ..EgressRules::default() }
}

fn request(url: &str) -> Request {
    let mut request = Request::new(Url::parse(url).unwrap());
    request.headers.insert("authorization", "Bearer t".parse().unwrap());
    request.headers.insert("x-secret", "s".parse().unwrap());
    request.headers.insert("accept", "a/b".parse().unwrap());
    request
}

async fn ask(rules: EgressRules, url: &str) -> Result<String, EgressError> {
    let response = Egress::new(rules).unwrap().get(request(url)).await?;
    Ok(String::from_utf8(response.body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_listed_host_is_asked_and_any_status_is_an_answer() {
    let teapot = get(|| async { (StatusCode::IM_A_TEAPOT, "tea") });
    let address = serve(Router::new().route("/", teapot)).await;
    let egress = Egress::new(open(&["127.0.0.1"])).unwrap();
    let url = egress.root_of(&address.to_string()).unwrap();
    assert_eq!(url.scheme(), "http");
    let response = egress.get(Request::new(url.clone())).await.unwrap();
    assert_eq!((response.status.as_u16(), &response.body[..]), (418, &b"tea"[..]));
    let head = egress.head(Request::new(url)).await.unwrap();
    assert_eq!((head.status.as_u16(), head.body.len()), (418, 0));
    assert_eq!(head.headers.get("content-length").unwrap(), "3");
}

#[tokio::test]
async fn an_inner_address_is_refused_however_it_is_written() {
    let address = serve(Router::new().route("/", get(|| async { "inside" }))).await;
    let port = address.port();
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        let rules = EgressRules { plain_http: vec![host.to_owned()], ..EgressRules::default() };
        let error = ask(rules, &format!("http://{host}:{port}/")).await.unwrap_err();
        assert!(matches!(error, EgressError::Internal { .. }), "{host}: {error}");
        assert!(error.to_string().contains("allow_private"), "{error}");
    }
}

#[tokio::test]
async fn a_port_that_is_not_listed_stays_closed() {
    let address = serve(Router::new().route("/", get(|| async { "inside" }))).await;
    let listed = format!("localhost:{}", address.port());
    let url = format!("http://{listed}/");
    assert_eq!(ask(open(&[&listed]), &url).await.unwrap(), "inside");
    let mut rules = open(&["localhost:1"]);
    rules.plain_http = vec!["localhost".to_owned()];
    assert!(matches!(ask(rules, &url).await.unwrap_err(), EgressError::Internal { .. }));
}

#[tokio::test]
async fn plain_http_and_urls_with_passwords_are_refused() {
    let plain = ask(EgressRules::default(), "http://registry.test/").await.unwrap_err();
    assert!(plain.to_string().contains("plain_http"), "{plain}");
    for url in ["https://u:p@registry.test/", "https://u@registry.test/", "file:///etc/passwd"] {
        let error = ask(EgressRules::default(), url).await.unwrap_err();
        assert!(matches!(error, EgressError::Url { .. }), "{error}");
        assert!(!error.to_string().contains("u:p"), "{error}");
    }
}

#[tokio::test]
async fn headers_stay_with_their_origin() {
    let target = serve(Router::new().route("/", get(seen))).await;
    let port = target.port();
    let routes = Router::new()
        .route("/here", get(seen))
        .route("/same", redirect("/here".to_owned()))
        .route("/other", redirect(format!("http://127.0.0.1:{port}/")));
    let address = serve(routes).await;
    let rules = || open(&["127.0.0.1"]);
    let same = ask(rules(), &format!("http://{address}/same")).await.unwrap();
    assert_eq!(same, "Bearer t s a/b");
    let other = ask(rules(), &format!("http://{address}/other")).await.unwrap();
    assert_eq!(other, "- - a/b");
}

#[tokio::test]
async fn redirects_obey_the_same_rules_and_end() {
    let routes = Router::new()
        .route("/metadata", redirect("http://169.254.169.254/latest/meta-data/".to_owned()))
        .route("/file", redirect("file:///etc/passwd".to_owned()))
        .route("/inside", redirect("http://localhost:9/".to_owned()))
        .route("/round", redirect("/round".to_owned()));
    let address = serve(routes).await;
    let rules = || {
        let mut rules = open(&["127.0.0.1"]);
        rules.plain_http.extend(["169.254.169.254".to_owned(), "localhost".to_owned()]);
        rules
    };
    let error = |path: &str| {
        let url = format!("http://{address}{path}");
        async move { ask(rules(), &url).await.unwrap_err() }
    };
    assert!(matches!(error("/metadata").await, EgressError::Never { .. }));
    assert!(matches!(error("/file").await, EgressError::Url { .. }));
    assert!(matches!(error("/inside").await, EgressError::Internal { .. }));
    assert!(matches!(error("/round").await, EgressError::TooManyRedirects { .. }));
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit_and_no_further() {
    let endless = get(|| async {
        let chunks = futures::stream::repeat_with(|| Ok::<_, std::io::Error>("0123456789"));
        axum::body::Body::from_stream(chunks).into_response()
    });
    let exact = get(|| async { "0123456789" });
    let address = serve(Router::new().route("/endless", endless).route("/exact", exact)).await;
    let rules = |max_body_bytes| EgressRules { max_body_bytes, ..open(&["127.0.0.1"]) };
    let ask = |path: &str, most| {
        let url = format!("http://{address}{path}");
        async move { ask(rules(most), &url).await }
    };
    assert_eq!(ask("/exact", 10).await.unwrap(), "0123456789");
    assert!(matches!(ask("/exact", 9).await.unwrap_err(), EgressError::TooLarge { .. }));
    assert!(matches!(ask("/endless", 99).await.unwrap_err(), EgressError::TooLarge { .. }));
}

#[tokio::test]
async fn who_does_not_begin_or_end_is_given_up() {
    let silent = get(|| async { std::future::pending::<&str>().await });
    let dripping = get(|| async {
        let first = futures::stream::iter([Ok::<_, std::io::Error>("0")]);
        let never = futures::stream::pending();
        axum::body::Body::from_stream(futures::StreamExt::chain(first, never)).into_response()
    });
    let routes = Router::new().route("/silent", silent).route("/dripping", dripping);
    let address = serve(routes).await;
    let error = |path: &str, first_byte_ms, whole_ms| {
        let timeouts = Timeouts { first_byte_ms, whole_ms, ..Timeouts::default() };
        let rules = EgressRules { timeouts, ..open(&["127.0.0.1"]) };
        let url = format!("http://{address}{path}");
        async move { ask(rules, &url).await.unwrap_err() }
    };
    let begun = error("/silent", 50, 10_000).await;
    let limit = Duration::from_millis(50);
    assert!(matches!(begun, EgressError::TimedOut { limit: l, .. } if l == limit), "{begun}");
    let ended = error("/dripping", 10_000, 80).await.to_string();
    assert_eq!(ended, "127.0.0.1 took longer than 0.08 s for the whole answer");
}

#[tokio::test]
async fn a_closed_port_says_so_with_the_host() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = ask(open(&["127.0.0.1"]), &format!("http://{address}/")).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("no answer from 127.0.0.1: Connection refused"), "{text}");
}

#[tokio::test]
async fn a_proxy_is_used_but_not_for_hosts_of_ones_own() {
    let proxy = serve(Router::new().fallback(get(|| async { "by proxy" }))).await;
    let own = serve(Router::new().route("/", get(|| async { "own" }))).await;
    let rules = || EgressRules {
        proxy: Some(format!("http://{proxy}")),
        plain_http: vec!["registry.test".to_owned(), "127.0.0.1".to_owned()],
        allow_private: vec!["127.0.0.1".to_owned()],
        ..EgressRules::default()
    };
    assert_eq!(ask(rules(), "http://registry.test/").await.unwrap(), "by proxy");
    assert_eq!(ask(rules(), &format!("http://{own}/")).await.unwrap(), "own");
    let error = ask(rules(), "https://10.0.0.1/").await.unwrap_err();
    assert!(matches!(error, EgressError::Internal { .. }), "{error}");
}

#[test]
fn a_root_has_a_host_and_nothing_else() {
    let egress = Egress::new(open(&["registry.corp:5000"])).unwrap();
    let root = |host: &str| egress.root_of(host).map(|url| url.to_string());
    assert_eq!(root("registry.corp:5000").unwrap(), "http://registry.corp:5000/");
    assert_eq!(root("registry.corp").unwrap(), "https://registry.corp/");
    for host in ["", "a/b", "u@a", "a b", "a?b"] {
        assert!(root(host).is_err(), "{host}");
    }
}

#[tokio::test]
async fn what_is_sent_arrives_and_goes_to_no_other_address() {
    let echo = axum::routing::post(|headers: HeaderMap, body: String| async move {
        let kind = headers.get("content-type").map(|value| value.to_str().unwrap().to_owned());
        format!("{} {body}", kind.unwrap_or_default())
    });
    let away = axum::routing::post(|| async {
        (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/echo")])
    });
    let address = serve(Router::new().route("/echo", echo).route("/away", away)).await;
    let egress = Egress::new(open(&["127.0.0.1"])).unwrap();
    let send = |path: &str| {
        let url = Url::parse(&format!("http://{address}{path}")).unwrap();
        egress.send(Request::form(url, [("a", "b c")]))
    };
    let echoed = send("/echo").await.unwrap();
    assert_eq!(&echoed.body[..], b"application/x-www-form-urlencoded a=b+c");
    let away = send("/away").await.unwrap();
    assert_eq!((away.status.as_u16(), away.body.len()), (307, 0));
}

#[tokio::test]
async fn a_metadata_service_is_asked_for_paths_only_and_sends_nobody_on() {
    let routes = Router::new()
        .route("/token", get(|headers: HeaderMap| async move { format!("{headers:?}") }))
        .route("/away", redirect("/token".to_owned()));
    let address = serve(routes).await;
    // No rule names the address, and a proxy would not be asked.
    let proxy = Some("http://127.0.0.1:9".to_owned());
    let egress = Egress::new(EgressRules { proxy, ..EgressRules::default() }).unwrap();
    let root = format!("http://{address}/");
    let ask = |path: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("metadata-flavor", "Google".parse().unwrap());
        egress.ask_below(&root, http::Method::GET, path, headers)
    };
    let token = ask("/token").await.unwrap();
    assert!(String::from_utf8_lossy(&token.body).contains("Google"));
    assert_eq!(ask("/away").await.unwrap().status.as_u16(), 302);
    for path in ["//127.0.0.1:9/token", "http://127.0.0.1:9/token", "token", "\\\\127.0.0.1:9/x"] {
        let error = ask(path).await.unwrap_err();
        assert!(matches!(error, EgressError::Url { .. }), "{path}: {error}");
    }
    let named = Url::parse("http://169.254.169.254/latest/meta-data/").unwrap();
    let mut rules = open(&["169.254.169.254"]);
    rules.timeouts.whole_ms = 1_000;
    let error = Egress::new(rules).unwrap().get(Request::new(named)).await.unwrap_err();
    assert!(matches!(error, EgressError::Never { .. }), "{error}");
}

#[test]
fn extra_roots_have_to_be_certificates() {
    for text in ["no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let rules = EgressRules { extra_roots: text.to_owned(), ..EgressRules::default() };
        let error = Egress::new(rules).unwrap_err().to_string();
        assert!(error.contains("certificate"), "{text}: {error}");
    }
}

/// Answers one request over TLS, with a certificate that it makes; tells where, and the
/// certificate.
async fn serve_tls() -> (SocketAddr, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(std::sync::Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nours";
            drop(tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await);
            drop(tokio::io::AsyncWriteExt::shutdown(&mut stream).await);
        }
    });
    (address, made.cert.pem())
}

#[tokio::test]
async fn an_own_authority_is_believed_where_it_is_given_and_nowhere_else() {
    let (address, certificate) = serve_tls().await;
    let url = format!("https://localhost:{}/", address.port());
    let rules = |extra_roots: &str| EgressRules {
        allow_private: vec!["localhost".to_owned()],
        extra_roots: extra_roots.to_owned(),
        ..EgressRules::default()
    };
    let unknown = ask(rules(""), &url).await.unwrap_err();
    assert!(matches!(unknown, EgressError::NoAnswer { .. }), "{unknown}");
    assert_eq!(ask(rules(&certificate), &url).await.unwrap(), "ours");
    let (_, another) = serve_tls().await;
    assert!(ask(rules(&another), &url).await.is_err());
}
