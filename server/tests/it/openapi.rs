//! The API against its own document: schemathesis sends what the document allows, and what it does
//! not, as an owner.

use std::path::PathBuf;
use std::process::Command;

use crate::harness::{Server, skipped};

/// Seconds, at most.
const LONGEST: &str = "60";

#[tokio::test(flavor = "multi_thread")]
async fn the_api_does_what_its_document_says() {
    let Some(program) = std::env::var_os("LOADLINE_SCHEMATHESIS").map(PathBuf::from) else {
        return skipped("no schemathesis to hold the API against its document");
    };
    let server = Server::start(&["--token-rate", "0", "--address-rate", "0"]).await;
    server.cluster("one").await;
    let mut command = Command::new(program);
    let configuration = concat!(env!("CARGO_MANIFEST_DIR"), "/../end2end/api/schemathesis.toml");
    command
        .args(["--config-file", configuration])
        .arg("run")
        .arg(format!("{}/api/openapi.json", server.url));
    command.args(["--header", &format!("Authorization: Bearer {}", server.token())]);
    command.args(["--include-path-regex", "^/api/v1/", "--max-time", LONGEST, "--no-color"]);
    // A link is good once; the header is the run's own; and whether a group is there, or a name
    // free, no schema says.
    command.args(["--exclude-path", "/api/v1/sign-in"]);
    command.args(["--exclude-checks", "ignored_auth,positive_data_acceptance"]);
    command.args(["--generation-deterministic", "--max-examples", "5", "--no-shrink"]);
    command.current_dir(&server.data);
    let ended = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{said}{}", String::from_utf8_lossy(&ended.stderr));
}
