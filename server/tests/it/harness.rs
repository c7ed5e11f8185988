//! Starts the server's own binary on a free port and speaks to it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use protocol::api::ClusterCredential;
use protocol::ingest::{Accepted, Batch};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A server of one's own, ended with the test.
pub(crate) struct Server {
    pub(crate) data: PathBuf,
    pub(crate) url: String,
    pub(crate) links: Vec<String>,
    child: Child,
    client: reqwest::Client,
    token: String,
    _folder: Option<tempfile::TempDir>,
}

impl Server {
    /// A server over an empty folder, with an owner's token at hand.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self::over(folder.path(), arguments);
        server._folder = Some(folder);
        server.sign_in().await;
        server
    }

    /// A server over a folder that outlives it.
    pub(crate) fn over(data: &Path, arguments: &[&str]) -> Self {
        let mut child = command(data, arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let url = line_after(&mut lines, "listening on ");
        let mut server = Self {
            data: data.to_owned(),
            url,
            links: Vec::new(),
            child,
            client: client(),
            token: String::new(),
            _folder: None,
        };
        // While nobody owns the installation, a link follows the address.
        if data.join("expects-no-link").exists() {
            return server;
        }
        server.links.push(line_after(&mut lines, "sign in: "));
        server
    }

    /// Uses the printed link up for a token.
    pub(crate) async fn sign_in(&mut self) {
        let secret = secret(&self.links[0]);
        let answer =
            self.send(Method::POST, "/api/v1/sign-in", Some(json!({ "secret": secret })), None);
        let answer: Value = answer.await.json().await.unwrap();
        self.token = answer["token"].as_str().unwrap().to_owned();
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn keep_token_of(&mut self, other: &Self) {
        self.token.clone_from(&other.token);
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, None, Some(&self.token)).await
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.send(Method::POST, path, Some(body), Some(&self.token)).await
    }

    pub(crate) async fn send_as_owner(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Response {
        self.send(method, path, body, Some(&self.token)).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        token: Option<&str>,
    ) -> Response {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap()
    }

    /// A request of one's own making.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// The whole answer to a request that announces a body of that length and waits, as
    /// well-behaved clients do, before sending it.
    pub(crate) async fn announced(&self, path: &str, token: &str, length: usize) -> String {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // The server leaves the connection open for the body, so the answer's own end counts.
        let (mut answer, mut piece) = (String::new(), [0; 4096]);
        while !answer.contains('}') {
            match stream.read(&mut piece).await.unwrap() {
                0 => break,
                length => answer.push_str(std::str::from_utf8(&piece[..length]).unwrap()),
            }
        }
        answer
    }

    /// An organization `acme` with a cluster, and the cluster's credential.
    pub(crate) async fn cluster(&self, name: &str) -> ClusterCredential {
        let made = self.post("/api/v1/groups", json!({ "name": "acme" })).await;
        assert!(matches!(made.status(), StatusCode::CREATED | StatusCode::UNPROCESSABLE_ENTITY));
        let made = self.post("/api/v1/clusters", json!({ "group": "acme", "name": name })).await;
        assert_eq!(made.status(), StatusCode::CREATED);
        made.json().await.unwrap()
    }

    pub(crate) async fn report(&self, token: &str, batch: &Batch) -> Response {
        let body = serde_json::to_value(batch).unwrap();
        self.send(Method::POST, "/ingest/v1/inventory", Some(body), Some(token)).await
    }

    pub(crate) async fn accepted(&self, token: &str, batch: &Batch) -> Accepted {
        let response = self.report(token, batch).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Asks until the answer is as wanted. Sweeps run on their own time, so tests wait for
    /// what they cause, and give up after a minute.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..600 {
            let answer = self.json(path).await;
            if wanted(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{path} never became what was wanted: {}", self.json(path).await)
    }

    /// Ends the process at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to end, and gives whether it did so in peace.
    pub(crate) fn terminate(&mut self) -> bool {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadline-server"));
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.arg("--data").arg(data).args(arguments);
    command.env("LOADLINE_LOG", "warn");
    command
}

pub(crate) fn secret(link: &str) -> String {
    link.split_once("secret=").unwrap().1.to_owned()
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

fn line_after(lines: &mut BufReader<ChildStdout>, prefix: &str) -> String {
    let mut line = String::new();
    while lines.read_line(&mut line).unwrap() > 0 {
        if let Some(rest) = line.trim().strip_prefix(prefix) {
            return rest.to_owned();
        }
        line.clear();
    }
    panic!("the server never printed {prefix:?}")
}

/// Whether a peer is installed.
pub(crate) fn is_there(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Tells `cargo xtask test` what was not tested, and why.
pub(crate) fn skipped(reason: &str) {
    testkit::skipped(reason).unwrap();
}
