//! Signing in: the page that strangers see, and proofs of a CI system turned into tokens of ours.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use authentication::signing;
use serde_json::{Map, Value, json};

use crate::pages::{load, millis};
use crate::process::Server;
use crate::row;

const ISSUER: &str = "https://ci.example";
const SUBJECT: &str = "repo:acme/api:ref:refs/heads/main";
/// Fewer than one address may ask for at once.
const N_EXCHANGES: usize = 250;

pub(crate) async fn run(program: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Arc::new(Server::start(program, folder.path(), &[]).await?);
    row("Sign-in page, p95", "≤ 50 ms", &load(&server, "/sign-in", None).await?);
    exchange(&server).await
}

/// One after the other: verified by a key that was given, looked up, signed, written down and
/// flushed. Nothing else runs meanwhile, so that it is one core's work.
async fn exchange(server: &Server) -> Result<()> {
    let key = signing::generate().map_err(|error| anyhow::anyhow!("a key: {error:?}"))?;
    server.post("/api/v1/groups", &json!({ "name": "acme" })).await?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let identity = json!({
        "group": "acme",
        "name": "ci",
        "proof": {
            "kind": "static",
            "issuer": ISSUER,
            "subject": SUBJECT,
            "keys": { "keys": [key.public] },
        },
    });
    let made = server.post("/api/v1/identities", &identity).await?;
    let id = made.get("id").and_then(Value::as_str).context("an id")?;
    let binding = json!({ "group": "acme", "identity": id, "role": "editor" });
    server.post("/api/v1/role-bindings", &binding).await?;
    let mut times = Vec::with_capacity(N_EXCHANGES);
    for number in 0..N_EXCHANGES {
        let mut claims = Map::new();
        for (name, value) in [
            ("iss", json!(ISSUER)),
            ("sub", json!(SUBJECT)),
            ("aud", json!(server.url)),
            ("exp", json!(seconds + 300)),
            ("jti", json!(number.to_string())),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let proof = signing::sign(&key.kid, &key.private, "JWT", &claims)
            .map_err(|error| anyhow::anyhow!("a token: {error:?}"))?;
        let body = format!(
            "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token_type=urn:ietf:params:oauth:token-type:jwt&subject_token={proof}&identity={id}"
        );
        let request = server.client.post(format!("{}/sts/exchange", server.url)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = request.send().await?;
        let took = millis(&response)?;
        ensure!(response.status().is_success(), "{}", response.text().await?);
        times.push(took);
        response.bytes().await?;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    let measured = format!("{:.1} ms (median {:.1} ms)", at(95), at(50));
    row("a CI system's token exchanged for one of ours, p95", "≤ 20 ms", &measured);
    Ok(())
}
