//! Logins from a docker `config.json`: written in it, or held by the programs it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::image::{DEFAULT_REGISTRY, Repository};
use serde::Deserialize;

use super::login::Entry;
use super::{Helpers, Login, covers, helper, normalized, shown};

/// The file with logins is of no use.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// It cannot be read.
    #[error("the docker configuration {} cannot be read", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no such document.
    #[error(
        "the docker configuration {} is no JSON with \"auths\" (line {line}, column {column})",
        path.display()
    )]
    Document {
        /// Which file.
        path: PathBuf,
        /// Where: never what is there, which may be a password.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// A login in it is not in the form docker writes.
    #[error("the entry {entry:?} of the docker configuration {} has no base64 of user:password", path.display())]
    Entry {
        /// Which file.
        path: PathBuf,
        /// Which entry.
        entry: String,
    },
}

/// A file's logins, the most specific first, and the programs that hold others.
#[derive(Debug)]
pub(crate) struct DockerConfig {
    logins: Vec<(String, Login)>,
    /// By host.
    helpers: BTreeMap<String, String>,
    /// For every other host.
    store: Option<String>,
}

/// The part of the file that is about logins; the rest of it is docker's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
    #[serde(default)]
    creds_store: Option<String>,
}

impl DockerConfig {
    pub(crate) fn read(path: &Path) -> Result<Self, CredentialsError> {
        let source = |source| CredentialsError::Read { path: path.to_owned(), source };
        Self::parse(&std::fs::read(path).map_err(source)?, path)
    }

    /// Reads the document; `path` is where it lies, for errors.
    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Self, CredentialsError> {
        let path = || path.to_owned();
        let document: Document = serde_json::from_slice(bytes).map_err(|error| {
            CredentialsError::Document { path: path(), line: error.line(), column: error.column() }
        })?;
        let mut logins = Vec::new();
        for (key, entry) in document.auths {
            let wrong = |_| CredentialsError::Entry { path: path(), entry: shown(&key) };
            if let Some(login) = entry.login().map_err(wrong)? {
                logins.push((normalized(&key), login));
            }
        }
        logins.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
        let helpers = document.cred_helpers.into_iter();
        Ok(Self {
            logins,
            helpers: helpers.map(|(host, name)| (normalized(&host), name)).collect(),
            store: document.creds_store.filter(|name| !name.is_empty()),
        })
    }

    /// The login for a repository: the host's own program, then the program for all hosts, then
    /// what is written in the file, as docker does.
    pub(crate) async fn find(
        &self,
        repository: &Repository,
        helpers: Helpers,
    ) -> Result<Option<Login>, String> {
        let host = normalized(repository.registry());
        let program = self.helpers.get(&host).or(self.store.as_ref());
        if let Some(program) = program.filter(|_| helpers == Helpers::Started) {
            // The key that docker stores its own registry under.
            let is_hub = host == DEFAULT_REGISTRY;
            let key = if is_hub { "https://index.docker.io/v1/" } else { host.as_str() };
            if let Some(login) = helper::ask(program, key).await? {
                return Ok(Some(login));
            }
        }
        Ok(self.written(repository).cloned())
    }

    /// The login whose key says most about the repository: a longer path wins.
    fn written(&self, repository: &Repository) -> Option<&Login> {
        let name = normalized(&repository.to_string());
        self.logins.iter().find(|(key, _)| covers(key, &name)).map(|(_, login)| login)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DockerConfig, CredentialsError> {
        DockerConfig::parse(text.as_bytes(), Path::new("config.json"))
    }

    fn user<'a>(credentials: &'a DockerConfig, repository: &str) -> Option<&'a str> {
        match credentials.written(&repository.parse().unwrap())? {
            Login::Basic { user, .. } => Some(user),
            Login::Identity(_) => Some("identity"),
            Login::Bearer(_) => Some("bearer"),
        }
    }

    #[test]
    fn the_longest_key_that_covers_the_repository_wins() {
        let text = r#"{"auths": {
            "https://index.docker.io/v1/": {"auth": "aHViOnA="},
            "ghcr.io": {"username": "all", "password": "p"},
            "ghcr.io/acme": {"username": "acme", "password": "p:q", "email": "e"},
            "token.test": {"auth": "aHViOnA=", "identitytoken": "i"},
            "own.test": {"registrytoken": "r"},
            "empty.test": {}
        }, "credsStore": "desktop"}"#;
        let credentials = read(text).unwrap();
        assert_eq!(user(&credentials, "nginx"), Some("hub"));
        assert_eq!(user(&credentials, "ghcr.io/acme/api"), Some("acme"));
        assert_eq!(user(&credentials, "ghcr.io/acmeother/api"), Some("all"));
        assert_eq!(user(&credentials, "ghcr.io.evil.test/acme"), None);
        assert_eq!(user(&credentials, "empty.test/a/b"), None);
        assert_eq!(user(&credentials, "token.test/a/b"), Some("identity"));
        assert_eq!(user(&credentials, "own.test/a/b"), Some("bearer"));
        let login = credentials.written(&"ghcr.io/acme/api".parse().unwrap()).unwrap();
        assert_eq!(login.basic().unwrap(), "Basic YWNtZTpwOnE=");
        assert!(!format!("{credentials:?}").contains("p:q"));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        let text = r#"{"auths": {"ghcr.io": {"auth": "c2VjcmV0"}}}"#;
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains("ghcr.io") && !error.contains("c2VjcmV0"), "{error}");
        let swapped = r#"{"auths": {"ghcr.io": "c2VjcmV0OnBhc3M="}}"#;
        let error = format!("{:?} {}", read(swapped).unwrap_err(), read(swapped).unwrap_err());
        assert!(!error.contains("c2VjcmV0"), "{error}");
        assert!(matches!(read("3").unwrap_err(), CredentialsError::Document { .. }));
        let missing = DockerConfig::read(Path::new("missing/config.json")).unwrap_err();
        assert!(matches!(missing, CredentialsError::Read { .. }));
    }

    #[tokio::test]
    async fn programs_are_started_only_where_that_was_asked_for() {
        let text = r#"{"auths": {"a.test": {"username": "file", "password": "p"}},
            "credHelpers": {"a.test": "loadline-test-does-not-exist"}}"#;
        let (credentials, repository) = (read(text).unwrap(), "a.test/b/c".parse().unwrap());
        let written = credentials.find(&repository, Helpers::LeftAlone).await.unwrap();
        assert!(matches!(written, Some(Login::Basic { user, .. }) if user == "file"));
        let started = credentials.find(&repository, Helpers::Started).await.unwrap_err();
        assert!(started.contains("docker-credential-loadline-test-does-not-exist"), "{started}");
    }
}
