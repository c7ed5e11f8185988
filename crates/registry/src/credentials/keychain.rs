//! Kubernetes pull secrets, several at once, with the rules of the kubelet
//! (`policy-controller.md` 17; Kubernetes' "Interpretation of config.json").

use std::collections::BTreeMap;
use std::fmt;

use model::image::Repository;
use serde::Deserialize;

use super::login::Entry;
use super::{Login, normalized, shown};

/// Entries of all secrets together.
const MOST_ENTRIES: usize = 10_000;
/// A Secret holds no more (Kubernetes limits it to 1 MiB).
const LONGEST_SECRET: usize = 1024 * 1024;

/// A secret of the two types that hold registry logins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PullSecret<'a> {
    /// The value `.dockerconfigjson` of a `kubernetes.io/dockerconfigjson`.
    DockerConfigJson(&'a [u8]),
    /// The value `.dockercfg` of a `kubernetes.io/dockercfg`.
    DockerCfg(&'a [u8]),
}

/// Without what is secret.
impl fmt::Debug for PullSecret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DockerConfigJson(_) => "DockerConfigJson(..)",
            Self::DockerCfg(_) => "DockerCfg(..)",
        })
    }
}

/// A pull secret is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// It is no such document.
    #[error("pull secret {number} is no JSON with registry logins (line {line}, column {column})")]
    Document {
        /// Which, counted from 1.
        number: usize,
        /// Where: never what is there, which may be a password.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// A login in it is not in the form docker writes.
    #[error("the entry {entry:?} of pull secret {number} has no base64 of user:password")]
    Entry {
        /// Which, counted from 1.
        number: usize,
        /// Which entry.
        entry: String,
    },
    /// They are too large, or hold too much.
    #[error(
        "pull secret {number} is more than {LONGEST_SECRET} bytes, or the secrets hold more than {MOST_ENTRIES} logins"
    )]
    TooMuch {
        /// Which, counted from 1.
        number: usize,
    },
}

/// The logins of several pull secrets.
#[derive(Debug, Clone, Default)]
pub struct Keychain {
    /// The most specific first; of equal ones, that of the earlier secret.
    entries: Vec<(Pattern, Login)>,
}

/// Which repositories a login is for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    /// Each may hold `*` and `?`, which never reach over a dot.
    labels: Vec<String>,
    port: String,
    /// Without a slash at either end.
    path: String,
}

#[derive(Deserialize)]
struct ConfigJson {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
}

impl Keychain {
    /// Reads the secrets of a pod in their order, then those of its service account.
    ///
    /// # Errors
    /// Which secret is of no use, and where, without what it says.
    pub fn read<'a>(
        secrets: impl IntoIterator<Item = PullSecret<'a>>,
    ) -> Result<Self, KeychainError> {
        let mut entries = Vec::new();
        for (number, secret) in (1..).zip(secrets) {
            let wrong = |error: serde_json::Error| KeychainError::Document {
                number,
                line: error.line(),
                column: error.column(),
            };
            let (PullSecret::DockerConfigJson(bytes) | PullSecret::DockerCfg(bytes)) = secret;
            if bytes.len() > LONGEST_SECRET {
                return Err(KeychainError::TooMuch { number });
            }
            let auths = match secret {
                PullSecret::DockerConfigJson(bytes) => {
                    serde_json::from_slice::<ConfigJson>(bytes).map_err(wrong)?.auths
                }
                PullSecret::DockerCfg(bytes) => serde_json::from_slice(bytes).map_err(wrong)?,
            };
            for (key, entry) in auths {
                let wrong = |_| KeychainError::Entry { number, entry: shown(&key) };
                // An entry without a login is anonymous, and a later one may know better.
                if let Some(login) = entry.login().map_err(wrong)? {
                    entries.push((Pattern::parse(&key), login));
                }
            }
            if entries.len() > MOST_ENTRIES {
                return Err(KeychainError::TooMuch { number });
            }
        }
        entries.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.weight()));
        Ok(Self { entries })
    }

    /// The login for a repository: the longest path wins, then a host that is written out.
    pub(crate) fn find(&self, repository: &Repository) -> Option<&Login> {
        let name = Pattern::parse(&repository.to_string());
        self.entries.iter().find(|(pattern, _)| pattern.covers(&name)).map(|(_, login)| login)
    }

    /// Whether there is no login at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Pattern {
    fn parse(key: &str) -> Self {
        let key = normalized(key);
        let (host, path) = key.split_once('/').unwrap_or((&key, ""));
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
            Some(_) | None => (host, ""),
        };
        Self {
            labels: host.split('.').map(ToOwned::to_owned).collect(),
            port: port.to_owned(),
            path: path.trim_matches('/').to_owned(),
        }
    }

    /// How much it says.
    fn weight(&self) -> (usize, bool, usize) {
        let is_written_out = !self.labels.iter().any(|label| label.contains(['*', '?']));
        (self.path.len(), is_written_out, self.labels.iter().map(String::len).sum())
    }

    fn covers(&self, name: &Self) -> bool {
        let is_path = self.path.is_empty() || super::covers(&self.path, &name.path);
        let is_host = self.labels.len() == name.labels.len() && self.port == name.port;
        let mut labels = self.labels.iter().zip(&name.labels);
        is_path && is_host && labels.all(|(glob, label)| matches(glob.as_bytes(), label.as_bytes()))
    }
}

/// `*` is any text, `?` any character, within one label of a host.
fn matches(glob: &[u8], text: &[u8]) -> bool {
    let (mut glob, mut text) = (glob, text);
    // Where to go on after the last `*` took one more character.
    let mut again: Option<(&[u8], &[u8])> = None;
    loop {
        match (glob.split_first(), text.split_first()) {
            (Some((b'*', rest)), _) => {
                again = Some((rest, text));
                glob = rest;
            }
            (Some((wanted, glob_rest)), Some((found, text_rest)))
                if wanted == found || *wanted == b'?' =>
            {
                (glob, text) = (glob_rest, text_rest);
            }
            (None, None) => return true,
            (_, _) => {
                let Some((rest, [_, taken @ ..])) = again else { return false };
                again = Some((rest, taken));
                (glob, text) = (rest, taken);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(secrets: &[&str], repository: &str) -> Option<String> {
        let secrets = secrets.iter().map(|text| PullSecret::DockerConfigJson(text.as_bytes()));
        let keychain = Keychain::read(secrets).unwrap();
        keychain.find(&repository.parse().unwrap()).map(|login| match login {
            Login::Basic { user, .. } => user.clone(),
            Login::Identity(token) | Login::Bearer(token) => token.clone(),
        })
    }

    fn secret(entries: &[(&str, &str)]) -> String {
        let entries = entries.iter().map(|(key, user)| {
            let entry = serde_json::json!({ "username": user, "password": "p" });
            ((*key).to_owned(), if user.is_empty() { serde_json::json!({}) } else { entry })
        });
        let auths: serde_json::Map<_, _> = entries.collect();
        serde_json::json!({ "auths": auths }).to_string()
    }

    #[test]
    fn keys_cover_repositories_as_the_kubelet_reads_them() {
        for (key, repository, is_covered) in [
            ("ghcr.io", "ghcr.io/acme/api", true),
            ("https://ghcr.io", "ghcr.io/acme/api", true),
            ("http://ghcr.io/", "ghcr.io/acme/api", true),
            ("https://ghcr.io/v2/", "ghcr.io/acme/api", true),
            ("https://ghcr.io/v1/acme", "ghcr.io/acme/api", true),
            ("GHCR.io", "ghcr.io/acme/api", true),
            ("ghcr.io/acme", "ghcr.io/acme/api", true),
            ("ghcr.io/acme/api", "ghcr.io/acme/api", true),
            ("ghcr.io/acme/ap", "ghcr.io/acme/api", false),
            ("ghcr.io/other", "ghcr.io/acme/api", false),
            ("ghcr.io", "ghcr.io.evil.test/acme/api", false),
            ("ghcr.io", "a.ghcr.io/acme/api", false),
            ("*.example.com", "a.example.com/x/y", true),
            ("*.example.com", "example.com/x/y", false),
            ("*.example.com", "a.b.example.com/x/y", false),
            ("*.*.example.com", "a.b.example.com/x/y", true),
            ("*.example.com/x", "a.example.com/x/y", true),
            ("*.example.com/z", "a.example.com/x/y", false),
            ("reg*ry.example.com", "registry.example.com/x/y", true),
            ("regist?y.example.com", "registry.example.com/x/y", true),
            ("*", "example.com/x/y", false),
            ("*.io", "ghcr.io/x/y", true),
            ("example.com:5000", "example.com:5000/x/y", true),
            ("example.com", "example.com:5000/x/y", false),
            ("*.example.com:5000", "a.example.com:5000/x/y", true),
            ("*.example.com:5000", "a.example.com/x/y", false),
            ("https://index.docker.io/v1/", "nginx", true),
            ("index.docker.io", "nginx", true),
            ("docker.io", "nginx", true),
            ("registry-1.docker.io", "acme/api", true),
            ("docker.io/acme", "acme/api", true),
            ("docker.io/library", "acme/api", false),
        ] {
            let wanted = is_covered.then(|| "u".to_owned());
            assert_eq!(found(&[&secret(&[(key, "u")])], repository), wanted, "{key} {repository}");
        }
    }

    #[test]
    fn of_several_logins_the_longest_path_wins_then_the_earlier_secret() {
        let repository = "a.example.com/x/y/z";
        for (secrets, wanted) in [
            (vec![vec![("a.example.com", "host"), ("a.example.com/x", "path")]], "path"),
            (vec![vec![("a.example.com", "host")], vec![("a.example.com/x", "path")]], "path"),
            (vec![vec![("a.example.com/x/y", "long"), ("a.example.com/x", "short")]], "long"),
            (vec![vec![("*.example.com/x", "glob"), ("a.example.com", "host")]], "glob"),
            (vec![vec![("*.example.com", "glob")], vec![("a.example.com", "host")]], "host"),
            (vec![vec![("a.example.com", "first")], vec![("a.example.com", "second")]], "first"),
            (vec![vec![("a.example.com", "")], vec![("a.example.com", "second")]], "second"),
            (vec![vec![("a.example.com/x", "")], vec![("a.example.com", "host")]], "host"),
        ] {
            let texts: Vec<String> = secrets.iter().map(|entries| secret(entries)).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            assert_eq!(found(&texts, repository).as_deref(), Some(wanted), "{secrets:?}");
        }
    }

    #[test]
    fn the_old_type_has_the_entries_at_its_root() {
        let text = r#"{"ghcr.io": {"auth": "dTpw", "email": "e@x"}}"#;
        let keychain = Keychain::read([PullSecret::DockerCfg(text.as_bytes())]).unwrap();
        let login = keychain.find(&"ghcr.io/a/b".parse().unwrap()).unwrap();
        assert_eq!(*login, Login::Basic { user: "u".into(), password: "p".into() });
    }

    #[test]
    fn a_secret_of_no_use_is_named_by_number_without_what_it_says() {
        let good = secret(&[("a.test", "u")]);
        let read = |second: &str| {
            let secrets = [good.as_bytes(), second.as_bytes()].map(PullSecret::DockerConfigJson);
            Keychain::read(secrets).unwrap_err()
        };
        assert!(matches!(read("c2VjcmV0"), KeychainError::Document { number: 2, .. }));
        let error = read(r#"{"auths": {"b.test": {"auth": "c2VjcmV0"}}}"#);
        assert!(matches!(&error, KeychainError::Entry { number: 2, entry } if entry == "b.test"));
        assert!(!format!("{error:?} {error}").contains("c2VjcmV0"));
        let large = format!("{{\"auths\": {{}}}}{}", " ".repeat(LONGEST_SECRET));
        assert_eq!(read(&large), KeychainError::TooMuch { number: 2 });
    }
}
