//! Logins for registries: whose there are, and in which order they are asked
//! (`policy-controller.md` 17).

use std::path::PathBuf;
use std::sync::Arc;

use egress::Egress;
use model::image::{DEFAULT_REGISTRY, Repository};

pub(crate) mod cloud;
mod docker;
mod helper;
mod keychain;
mod login;

pub use docker::CredentialsError;
pub(crate) use docker::DockerConfig;
pub use keychain::{Keychain, KeychainError, PullSecret};
pub use login::Login;

/// Where logins come from. The first that knows the repository wins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Logins {
    keychain: Option<Arc<Keychain>>,
    docker_config: Option<PathBuf>,
    helpers: Helpers,
    clouds: cloud::Clouds,
}

/// Whether the programs that a docker configuration names are started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Helpers {
    #[default]
    LeftAlone,
    Started,
}

impl Logins {
    pub(crate) fn with_keychain(self, keychain: Keychain) -> Self {
        Self { keychain: Some(Arc::new(keychain)), ..self }
    }

    pub(crate) fn with_docker_config(self, path: PathBuf) -> Self {
        Self { docker_config: Some(path), ..self }
    }

    pub(crate) fn with_helpers(self) -> Self {
        Self { helpers: Helpers::Started, ..self }
    }

    pub(crate) fn with_cloud(mut self, login: Arc<dyn cloud::CloudLogin>) -> Self {
        self.clouds.push(login);
        self
    }

    /// The login for a repository: pull secrets, then the docker configuration, then the clouds.
    pub(crate) async fn find(
        &self,
        repository: &Repository,
        egress: &Egress,
    ) -> Result<Option<Login>, String> {
        let own = self.keychain.as_ref().and_then(|keychain| keychain.find(repository));
        if let Some(login) = own {
            return Ok(Some(login.clone()));
        }
        if let Some(path) = self.docker_config.clone() {
            let read = move || DockerConfig::read(&path).map_err(|error| error.to_string());
            let read = tokio::task::spawn_blocking(read).await;
            let config = read.map_err(|_| "reading the docker configuration was broken off")??;
            if let Some(login) = config.find(repository, self.helpers).await? {
                return Ok(Some(login));
            }
        }
        self.clouds.find(repository.registry(), egress).await
    }
}

/// A host with its path in one spelling: docker writes hosts as URLs, too, and its own registry
/// under several names.
pub(crate) fn normalized(key: &str) -> String {
    let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://"));
    let bare = bare.unwrap_or(key).trim_end_matches('/');
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let host = match host.to_ascii_lowercase() {
        host if host == "docker.io" || host == "registry-1.docker.io" => {
            DEFAULT_REGISTRY.to_owned()
        }
        host => host,
    };
    let path = match path.split_once('/') {
        Some(("v1" | "v2", rest)) => rest,
        Some(_) => path,
        None if matches!(path, "v1" | "v2") => "",
        None => path,
    };
    if path.is_empty() { host } else { format!("{host}/{path}") }
}

/// Whether a key names a repository or a path above it.
pub(crate) fn covers(key: &str, name: &str) -> bool {
    let rest = name.strip_prefix(key);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A key as errors show it.
fn shown(key: &str) -> String {
    key.chars().take(200).collect()
}
