//! TLS ended by the server itself, and certificates that change while it runs.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client};

use crate::harness::{Server, command};

/// Writes a fresh certificate for loopback and its key; gives the certificate.
fn write_certificate(folder: &Path) -> String {
    let names = vec!["127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let pem = made.cert.pem();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), &pem).unwrap();
    pem
}

/// A client that believes one certificate, by a connection of its own.
fn believing(pem: &str) -> Client {
    let certificate = Certificate::from_pem(pem.as_bytes()).unwrap();
    Client::builder().tls_certs_only([certificate]).no_proxy().build().unwrap()
}

#[tokio::test]
async fn the_server_speaks_https_and_shows_a_new_certificate_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = write_certificate(folder.path());
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    let arguments = ["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let mut server = Server::over(folder.path(), &arguments);
    assert!(server.url.starts_with("https://") && server.links[0].starts_with("https://"));
    let health = format!("{}/healthz", server.url);
    let answer = believing(&first).get(&health).send().await.unwrap();
    assert!(answer.headers().contains_key("strict-transport-security"));
    let plain = health.replace("https://", "http://");
    assert!(Client::builder().no_proxy().build().unwrap().get(plain).send().await.is_err());

    let second = write_certificate(folder.path());
    let mut is_shown = false;
    // The files are looked at every ten seconds.
    for _ in 0..120 {
        is_shown = believing(&second).get(&health).send().await.is_ok();
        if is_shown {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(is_shown, "the new certificate was never shown");
    assert!(believing(&first).get(&health).send().await.is_err());
    assert!(server.terminate());
}

#[tokio::test]
async fn half_a_certificate_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    let cert = folder.path().join("cert.pem");
    let cert = cert.to_str().unwrap();
    for (arguments, told) in [
        (&["--tls-cert", cert][..], "go together"),
        (&["--tls-cert", cert, "--tls-key", cert][..], "no certificate and its key"),
    ] {
        let output = command(folder.path(), arguments).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(told), "{text}");
    }
}
