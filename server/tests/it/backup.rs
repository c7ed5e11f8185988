//! A backup that is made while the server writes on, and a server that goes on from it.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Server, command};

fn backed_up(server: &Server, folder: &std::path::Path) -> std::process::Output {
    let mut backup = command(&server.data, &[]);
    backup.arg("backup").arg(folder).output().unwrap()
}

#[tokio::test]
async fn a_server_goes_on_from_a_backup_and_opens_what_was_sealed() {
    let mut server = Server::start(&[]).await;
    server.cluster("before").await;
    let provider = json!({
        "group": "acme", "name": "company", "issuer": "https://id.example", "clientId": "loadline",
        "clientSecret": "hush-hush-hush",
    });
    let made = server.post("/api/v1/identity-providers", provider).await;
    assert_eq!(made.status(), StatusCode::CREATED, "{}", made.text().await.unwrap());
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("backup");
    let output = backed_up(&server, &folder);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.starts_with("backup: "), "{output:?}");
    // What is written afterwards is not in it.
    server.cluster("after").await;
    // Whoever can read the folder has the keys, so nobody else can.
    let mode = std::os::unix::fs::PermissionsExt::mode(&folder.metadata().unwrap().permissions());
    assert_eq!(mode & 0o077, 0);
    let again = backed_up(&server, &folder);
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("is not empty"), "{again:?}");

    server.kill();
    std::fs::write(folder.join("expects-no-link"), "").unwrap();
    let mut restored = Server::over(&folder, &[]);
    restored.keep_token_of(&server);
    let clusters = restored.json("/api/v1/clusters?group=acme").await;
    let names: Vec<_> = clusters["rows"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["before"]);
    let providers = restored.json("/api/v1/identity-providers?group=acme").await;
    assert_eq!(providers[0]["hasSecret"], true, "{providers:#}");
    let keys = |folder: &std::path::Path| std::fs::read(folder.join("sealing.keys")).unwrap();
    assert_eq!(keys(&folder), keys(&server.data));
}
