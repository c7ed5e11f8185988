//! Debian's docker-registry over an empty folder, on a free port of loopback, until it is dropped.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Whom a guarded registry lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The name.
    pub user: &'static str,
    /// The password.
    pub password: &'static str,
}

/// The one whom [`DockerRegistry::start_guarded`] lets in.
pub const KNOWN: Known = Known { user: "ada", password: "let me in" };
/// That one in the form of `htpasswd -B`, which is the only one that the registry takes.
const HTPASSWD: &str = "ada:$2b$04$sb8YMZ7ZzNPxHLGX5ocQhulJEj1yLxzx39msytmAdo6kjStxK.8Ne\n";

/// A running one.
#[derive(Debug)]
pub struct DockerRegistry {
    host: String,
    child: Child,
    folder: tempfile::TempDir,
}

impl DockerRegistry {
    /// Starts one, and waits until it answers; `None` where the program is missing.
    ///
    /// # Errors
    /// When it cannot be started, or does not answer within half a minute.
    pub async fn start() -> anyhow::Result<Option<Self>> {
        Self::run(tempfile::tempdir()?, None).await
    }

    /// One that lets in nobody but [`KNOWN`].
    ///
    /// # Errors
    /// As [`DockerRegistry::start`].
    pub async fn start_guarded() -> anyhow::Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("htpasswd");
        std::fs::write(&path, HTPASSWD)?;
        let guard = json!({ "htpasswd": { "realm": "acme", "path": path } });
        Self::run(folder, Some(guard)).await
    }

    async fn run(folder: tempfile::TempDir, guard: Option<Value>) -> anyhow::Result<Option<Self>> {
        // The port is free a moment before the registry takes it; nobody else asks for it here.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let host = format!("127.0.0.1:{port}");
        let mut configuration = json!({
            "version": 0.1,
            "log": { "level": "error" },
            "http": { "addr": host },
            "storage": { "filesystem": { "rootdirectory": folder.path().join("storage") } },
        });
        if let (Some(guard), Some(members)) = (guard, configuration.as_object_mut()) {
            members.insert("auth".to_owned(), guard);
        }
        let path = folder.path().join("registry.yml");
        std::fs::write(&path, configuration.to_string())?;
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(path).stdout(Stdio::null()).stderr(Stdio::null());
        let child = match command.spawn() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            spawned => spawned?,
        };
        let registry = Self { host, child, folder };
        let client = reqwest::Client::builder().no_proxy().build()?;
        for _ in 0..600 {
            if client.get(format!("http://{}/v2/", registry.host)).send().await.is_ok() {
                return Ok(Some(registry));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("docker-registry never answered at {}", registry.host)
    }

    /// Its host and port, as image names have them.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A docker `config.json` that shows it a login.
    #[must_use]
    pub fn docker_config(&self, user: &str, password: &str) -> String {
        let login = STANDARD.encode(format!("{user}:{password}"));
        json!({ "auths": { &self.host: { "auth": login } } }).to_string()
    }

    /// A folder that lives as long as it does.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it before its time.
    ///
    /// # Errors
    /// When it had ended already.
    pub fn end(&mut self) -> std::io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
