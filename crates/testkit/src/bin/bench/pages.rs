//! A snapshot of 10,000 containers, and the pages of the cluster that sent it.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use testkit::{Fleet, Shape};

use crate::process::Server;
use crate::row;

const CONNECTIONS: usize = 20;
const REQUESTS_EACH: usize = 100;

const POLICIES: [(&str, &str, &str); 3] = [
    ("signed-fails", "registry.fleet.test/signed/**", "fail"),
    ("keyless-passes", "registry.fleet.test/keyless/**", "pass"),
    ("everything-passes", "**", "pass"),
];

pub(crate) async fn run(program: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let site =
        std::env::var_os("LOADLINE_SITE").map_or_else(|| folder.path().join("site"), Into::into);
    let started = Instant::now();
    let site = site.to_string_lossy();
    let server = Server::start(program, folder.path(), &["--site", &site]).await?;
    server.get("/api/v1/whoami").await?;
    row("start to first answer", "≤ 1 s", &format!("{} ms", started.elapsed().as_millis()));
    server.post("/api/v1/groups", &json!({ "name": "acme" })).await?;
    for (name, glob, action) in POLICIES {
        let document = format!(
            "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {{name: {name}}}\nspec:\n  images: [{{glob: '{glob}'}}]\n  authorities: [{{static: {{action: {action}}}}}]\n"
        );
        server.post("/api/v1/policies", &json!({ "group": "acme", "document": document })).await?;
    }
    let body = json!({ "group": "acme", "name": "prod" });
    let made = server.post("/api/v1/clusters", &body).await?;
    let token = made.get("token").and_then(Value::as_str).context("a token")?;
    let id = made.get("cluster").and_then(Value::as_str).context("an id")?;
    ingest(&server, token).await?;
    let judged = Instant::now();
    let path = format!("/api/v1/clusters/{id}");
    loop {
        // 500 deployments use `keyless` images and all of them are covered by `**`.
        let overview = server.get("/api/v1/overview?group=acme").await?;
        if number(&overview, "nPending") == Some(0)
            && number(&overview, "nWorkloads") == Some(1_000)
        {
            break;
        }
        if judged.elapsed() > Duration::from_secs(120) {
            bail!("never judged: {}", server.get(&path).await?);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    row(
        "2,000 new images judged by 3 policies",
        "–",
        &format!("{} ms", judged.elapsed().as_millis()),
    );
    let server = Arc::new(server);
    for (figure, path) in [
        ("Overview, p95", "/".to_owned()),
        ("Cluster with 2,000 images, images, p95", format!("/clusters/{id}?tab=images")),
        ("Cluster with 2,000 images, violations, p95", format!("/clusters/{id}?tab=violations")),
        ("Clusters, p95", "/clusters".to_owned()),
        ("API: images of the cluster, p95", format!("/api/v1/clusters/{id}/images")),
    ] {
        row(figure, "≤ 50 ms", &load(&server, &path, Some(&server.token)).await?);
    }
    row("resident memory at the end", "–", &format!("{} MB", server.memory("VmRSS")?));
    Ok(())
}

fn number(answer: &Value, name: &str) -> Option<u64> {
    answer.get(name).and_then(Value::as_u64)
}

async fn ingest(server: &Server, token: &str) -> Result<()> {
    let batch = Fleet::new(1, Shape::TEN_THOUSAND).snapshot(1, 1);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&serde_json::to_vec(&batch)?)?;
    let body = packed.finish()?;
    let request = server
        .client
        .post(format!("{}/ingest/v1/inventory", server.url))
        .bearer_auth(token)
        .header("content-encoding", "gzip")
        .body(body);
    let started = Instant::now();
    let answer: Value = request.send().await?.error_for_status()?.json().await?;
    let took = format!("{} ms", started.elapsed().as_millis());
    if number(&answer, "nWorkloads") != Some(1_000) || number(&answer, "nImages") != Some(2_000) {
        bail!("the snapshot did not land whole: {answer}");
    }
    row("ingest of a snapshot with 10,000 containers", "≤ 2 s", &took);
    row("server's peak memory", "≤ 256 MB", &format!("{} MB", server.memory("VmHWM")?));
    Ok(())
}

/// 20 closed-loop connections; p50 and p95 of what the server says it worked on each.
///
/// Load generator and server share the machine's cores, and in a closed loop a request waits for
/// both. The generator's share of the processor is measured and taken off; what was measured
/// stands beside it.
pub(crate) async fn load(server: &Arc<Server>, path: &str, token: Option<&str>) -> Result<String> {
    let before = (server.processor_ticks()?, own_ticks()?);
    let mut loops = Vec::new();
    for _ in 0..CONNECTIONS {
        let (server, url) = (Arc::clone(server), format!("{}{path}", server.url));
        let token = token.map(str::to_owned);
        loops.push(tokio::spawn(async move {
            let mut times = Vec::with_capacity(REQUESTS_EACH);
            for _ in 0..REQUESTS_EACH {
                let request = server.client.get(&url);
                let request = match &token {
                    Some(token) => request.bearer_auth(token),
                    None => request,
                };
                let response = request.send().await?.error_for_status()?;
                times.push(millis(&response)?);
                response.bytes().await?;
            }
            anyhow::Ok(times)
        }));
    }
    let mut times = Vec::new();
    for each in loops {
        times.extend(each.await??);
    }
    times.sort_by(f64::total_cmp);
    let theirs = server.processor_ticks()?.saturating_sub(before.0) as f64;
    let ours = own_ticks()?.saturating_sub(before.1) as f64;
    let share = theirs / (theirs + ours).max(1.0);
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    let (p95, median) = (at(95), at(50));
    Ok(format!(
        "{:.1} ms (median {:.1} ms; with the load generator {p95:.1} and {median:.1} ms)",
        p95 * share,
        median * share,
    ))
}

/// How long the server says that it worked on an answer.
pub(crate) fn millis(response: &reqwest::Response) -> Result<f64> {
    let timing = response.headers().get("server-timing").and_then(|it| it.to_str().ok());
    let millis = timing.and_then(|it| it.strip_prefix("total;dur="));
    Ok(millis.context("a server timing")?.parse()?)
}

fn own_ticks() -> Result<u64> {
    crate::process::ticks(Path::new("/proc/self/stat"))
}
