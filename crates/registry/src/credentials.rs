//! Registry logins from a docker `config.json`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use model::image::{DEFAULT_REGISTRY, Repository};
use serde::Deserialize;

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

/// Logins by host and, sometimes, path.
#[derive(Debug)]
pub(crate) struct Credentials(Vec<(String, Login)>);

/// A user name with its password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login {
    user: String,
    password: String,
}

/// Without the password.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Login {
    /// The value of an `Authorization` header.
    pub(crate) fn basic(&self) -> Option<HeaderValue> {
        let text = STANDARD.encode(format!("{}:{}", self.user, self.password));
        let mut value = HeaderValue::try_from(format!("Basic {text}")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// The part of the file that holds logins; the rest of it is docker's.
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
}

impl Credentials {
    pub(crate) fn read(path: &Path) -> Result<Self, CredentialsError> {
        let path = || path.to_owned();
        let bytes = std::fs::read(path())
            .map_err(|source| CredentialsError::Read { path: path(), source })?;
        let document: Document = serde_json::from_slice(&bytes).map_err(|error| {
            CredentialsError::Document { path: path(), line: error.line(), column: error.column() }
        })?;
        let mut logins = Vec::new();
        for (key, entry) in document.auths {
            let wrong = || CredentialsError::Entry { path: path(), entry: key.clone() };
            if let Some(login) = entry.login().map_err(|()| wrong())? {
                logins.push((normalized(&key), login));
            }
        }
        logins.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
        Ok(Self(logins))
    }

    /// The login whose key says most about the repository: a longer path wins.
    pub(crate) fn find(&self, repository: &Repository) -> Option<&Login> {
        let name = normalized(&repository.to_string());
        let covers = |key: &str| {
            let rest = name.strip_prefix(key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.0.iter().find(|(key, _)| covers(key)).map(|(_, login)| login)
    }
}

impl Entry {
    /// The login, if there is one: docker leaves empty entries where a helper holds it.
    fn login(self) -> Result<Option<Login>, ()> {
        if !self.username.is_empty() {
            return Ok(Some(Login { user: self.username, password: self.password }));
        }
        if self.auth.is_empty() {
            return Ok(None);
        }
        let bytes = STANDARD.decode(self.auth.trim()).map_err(|_| ())?;
        let text = String::from_utf8(bytes).map_err(|_| ())?;
        let (user, password) = text.split_once(':').ok_or(())?;
        let password = password.trim_end_matches('\0').to_owned();
        Ok(Some(Login { user: user.to_owned(), password }))
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
    match path {
        "" | "v1" | "v2" => host,
        path => format!("{host}/{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Credentials, CredentialsError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Credentials::read(file.path())
    }

    fn user<'a>(credentials: &'a Credentials, repository: &str) -> Option<&'a str> {
        credentials.find(&repository.parse().unwrap()).map(|login| login.user.as_str())
    }

    #[test]
    fn the_longest_key_that_covers_the_repository_wins() {
        let text = r#"{"auths": {
            "https://index.docker.io/v1/": {"auth": "aHViOnA="},
            "ghcr.io": {"username": "all", "password": "p"},
            "ghcr.io/acme": {"username": "acme", "password": "p:q", "email": "e"},
            "empty.test": {}
        }, "credsStore": "desktop"}"#;
        let credentials = read(text).unwrap();
        assert_eq!(user(&credentials, "nginx"), Some("hub"));
        assert_eq!(user(&credentials, "ghcr.io/acme/api"), Some("acme"));
        assert_eq!(user(&credentials, "ghcr.io/acmeother/api"), Some("all"));
        assert_eq!(user(&credentials, "ghcr.io.evil.test/acme"), None);
        assert_eq!(user(&credentials, "empty.test/a/b"), None);
        let login = credentials.find(&"ghcr.io/acme/api".parse().unwrap()).unwrap();
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
        let missing = Credentials::read(Path::new("missing/config.json")).unwrap_err();
        assert!(matches!(missing, CredentialsError::Read { .. }));
    }
}
