//! Tokens of servers that were signed in to, in one file that only its owner may read.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

/// The stored tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credentials {
    /// Where somebody signed in last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Url>,
    /// One token for each server.
    #[serde(default)]
    pub servers: BTreeMap<Url, Credential>,
}

/// One server's token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credential {
    /// The token.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What it is renewed by, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// Without the token: what is debugged ends up in logs.
impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Why the stored tokens could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// Nobody says where configuration belongs.
    #[error("neither XDG_CONFIG_HOME nor HOME is set, so there is no place for the token")]
    NoPlace,
    /// The file could not be read.
    #[error("{} could not be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The file is not one of ours.
    #[error("{} is not a credentials file: {cause}", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: serde_json::Error,
    },
    /// The file could not be written.
    #[error("{} could not be written: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
}

impl CredentialsError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::NoPlace => "Set one of them, or give the token with LOADLINE_TOKEN.".to_owned(),
            Self::Read { .. } | Self::Write { .. } => {
                "Check who owns it and its folder, or give the token with LOADLINE_TOKEN."
                    .to_owned()
            }
            Self::NotOurs { .. } => {
                "Move it away and sign in again: loadline auth login LINK".to_owned()
            }
        }
    }
}

/// Where the file is: `$XDG_CONFIG_HOME/loadline/credentials.json`, else below `~/.config`.
///
/// # Errors
/// Where neither is known.
pub fn path(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, CredentialsError> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || set("HOME").map(|home| home.join(".config"));
    let configuration = set("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).or_else(home);
    let folder = configuration.ok_or(CredentialsError::NoPlace)?.join("loadline");
    Ok(folder.join("credentials.json"))
}

impl Credentials {
    /// Reads the file; no file is no tokens.
    ///
    /// # Errors
    /// When it cannot be read, or is not ours.
    pub fn read(path: &Path) -> Result<Self, CredentialsError> {
        match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|cause| CredentialsError::NotOurs { path: path.to_owned(), cause }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(cause) => Err(CredentialsError::Read { path: path.to_owned(), cause }),
        }
    }

    /// Writes the file whole or not at all, readable by its owner only.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), CredentialsError> {
        let written = serde_json::to_vec_pretty(self).map_err(io::Error::other);
        written
            .and_then(|bytes| write_private(path, &bytes))
            .map_err(|cause| CredentialsError::Write { path: path.to_owned(), cause })
    }
}

/// Writes a file that only its owner may read: beside its place first, then moved there.
///
/// # Errors
/// When the folder cannot be made or the file cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let moved = written.and_then(|()| fs::rename(&beside, path));
    if moved.is_err() {
        // The first error is the one to tell; a leftover is no second one.
        let _removed = fs::remove_file(&beside);
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        let server: Url = "http://127.0.0.1:3000/".parse().unwrap();
        let credential = Credential {
            token: "llp_secret".to_owned(),
            expires_at: Timestamp::from_seconds(1),
            refresh_token: Some("llr_secret".to_owned()),
        };
        Credentials { current: Some(server.clone()), servers: [(server, credential)].into() }
    }

    #[test]
    fn what_is_written_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loadline/credentials.json");
        assert_eq!(Credentials::read(&path).unwrap(), Credentials::default());
        credentials().write(&path).unwrap();
        credentials().write(&path).unwrap();
        assert_eq!(Credentials::read(&path).unwrap(), credentials());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.json");
        fs::write(&path, "{}").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        credentials().write(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_file_is_where_configuration_belongs() {
        let of = |xdg: &str, home: &str| {
            path(|name| Some(if name == "HOME" { home } else { xdg }.into()))
                .map(|path| path.display().to_string())
        };
        assert_eq!(of("/c", "/home/a").unwrap(), "/c/loadline/credentials.json");
        assert_eq!(of("", "/home/a").unwrap(), "/home/a/.config/loadline/credentials.json");
        assert!(matches!(of("", ""), Err(CredentialsError::NoPlace)));
    }

    #[test]
    fn a_token_is_not_debugged() {
        assert!(!format!("{:?}", credentials()).contains("secret"));
    }
}
