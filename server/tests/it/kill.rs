//! SIGKILL during ingest: no acknowledged batch is lost, and none is half there.

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::ingest::{Accepted, Batch, Content, Delta};
use reqwest::StatusCode;
use testkit::{Fleet, Seed, Shape};

use crate::harness::Server;

const SHAPE: Shape = Shape {
    n_images: 40,
    n_deployments: 20,
    n_pods: 2,
    n_containers: 2,
    n_namespaces: 4,
    n_nodes: 4,
};

/// The n-th delta takes the n-th deployment's pods away, so that the count tells exactly
/// which deltas landed.
fn delta(snapshot: &Batch, number: u64) -> Batch {
    let Content::Snapshot(all) = &snapshot.content else { panic!("a snapshot") };
    let name = format!("service-{:05}-", number - 1);
    let gone = all.workloads.iter().filter(|it| it.running && it.name.starts_with(&name));
    let gone_workloads = gone.map(|it| it.uid.clone()).collect();
    let content = Content::Delta(Delta { gone_workloads, ..Delta::default() });
    Batch { sequence: number, content, ..snapshot.clone() }
}

#[tokio::test]
async fn kills_lose_nothing_that_was_acknowledged() {
    // `cargo xtask soak` asks for more.
    let asked = std::env::var("LOADLINE_KILLS").ok().and_then(|text| text.parse().ok());
    let n_kills: u64 = asked.unwrap_or(20);
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::over(folder.path(), &[]);
    server.sign_in().await;
    let made = server.cluster("prod").await;
    std::fs::write(folder.path().join("expects-no-link"), "").unwrap();
    let fleet = Fleet::new(42, SHAPE);
    let mut seed = Seed::new(42);
    for round in 1..=n_kills {
        let snapshot = fleet.snapshot(1, round);
        server.accepted(&made.token, &snapshot).await;
        let acknowledged = feed_until_killed(&mut server, &made.token, &snapshot, &mut seed).await;
        let next = Server::over(folder.path(), &[]);
        server = {
            let mut next = next;
            next.keep_token_of(&server);
            next
        };
        // The delta after the last acknowledged one either landed before the kill, then it is
        // a repeat, or it did not, then it lands now. Anything else would be a gap.
        let probe = delta(&snapshot, acknowledged + 1);
        let landed: Accepted = server.accepted(&made.token, &probe).await;
        assert_eq!(landed.n_workloads, 20 - acknowledged - 1, "round {round}");
        // Workloads, what they use and what is present come from one change: all of it landed.
        let left = images_left(&snapshot, acknowledged + 1);
        assert_eq!(landed.n_images, left.len() as u64, "round {round}");
        let path = format!("/api/v1/clusters/{}/images?limit=100", made.cluster);
        let rows = server.json(&path).await;
        let rows = rows["rows"].as_array().unwrap();
        assert_eq!(rows.len(), left.len(), "round {round}");
        for row in rows {
            assert!(row["nWorkloads"].as_u64().unwrap() > 0, "round {round}: {row}");
        }
    }
}

/// The images that still run after the first `n_gone` deployments went away.
fn images_left(snapshot: &Batch, n_gone: u64) -> BTreeSet<&str> {
    let Content::Snapshot(all) = &snapshot.content else { panic!("a snapshot") };
    let is_left =
        |name: &str| (0..n_gone).all(|number| !name.starts_with(&format!("service-{number:05}-")));
    let pods = all.workloads.iter().filter(|it| it.running && is_left(&it.name));
    let containers = pods.flat_map(|pod| &pod.containers);
    containers.filter_map(|container| container.image_id.as_deref()).collect()
}

/// Sends deltas one by one and kills the server at a random moment; gives the last sequence
/// that was acknowledged.
async fn feed_until_killed(
    server: &mut Server,
    token: &str,
    snapshot: &Batch,
    seed: &mut Seed,
) -> u64 {
    let delay = Duration::from_micros(500 + seed.below(40_000));
    let client = crate::harness::client();
    let url = format!("{}/ingest/v1/inventory", server.url);
    let (sent, token) = (snapshot.clone(), token.to_owned());
    let feeding = tokio::spawn(async move {
        let mut acknowledged = 0;
        for number in 1..=19 {
            let request = client.post(&url).bearer_auth(&token).json(&delta(&sent, number));
            match request.send().await {
                Ok(response) if response.status() == StatusCode::OK => acknowledged = number,
                Ok(response) => panic!("{}", response.status()),
                Err(_) => break,
            }
        }
        acknowledged
    });
    tokio::time::sleep(delay).await;
    server.kill();
    feeding.await.unwrap()
}
