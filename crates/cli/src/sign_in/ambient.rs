//! Tokens that the place this runs in hands out: to be exchanged, without any secret of ours.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::error::CommandError;

/// The variable that GitLab's `id_tokens:` is told to put its token into.
const TOKEN: &str = "LOADLINE_ID_TOKEN";
/// The variable that names a file with a token, such as a projected service-account token.
const TOKEN_FILE: &str = "LOADLINE_ID_TOKEN_FILE";
/// Where such a file is looked for when nobody names one.
const USUAL_FILE: &str = "/var/run/loadline/oidc-token";
/// How long a place may take to hand its token out.
const LONGEST: Duration = Duration::from_secs(30);

/// A place that hands tokens out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A variable has the token.
    Variable(String),
    /// A file has it.
    File(PathBuf),
    /// GitHub Actions is asked for it.
    GitHub {
        /// Where.
        url: String,
        /// With what.
        bearer: String,
    },
    /// Buildkite's agent is asked for it.
    Buildkite,
}

impl Place {
    /// The place that this runs in, by the variables that it sets.
    pub fn found(
        variable: impl Fn(&str) -> Option<String>,
        is_file: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if let Some(token) = set(TOKEN) {
            return Some(Self::Variable(token));
        }
        if let Some(path) = set(TOKEN_FILE) {
            return Some(Self::File(path.into()));
        }
        let github = (set("ACTIONS_ID_TOKEN_REQUEST_URL"), set("ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
        if let (Some(url), Some(bearer)) = github {
            return Some(Self::GitHub { url, bearer });
        }
        if set("BUILDKITE_AGENT_ACCESS_TOKEN").is_some() {
            return Some(Self::Buildkite);
        }
        is_file(USUAL_FILE).then(|| Self::File(USUAL_FILE.into()))
    }

    /// The place's token for an audience.
    ///
    /// # Errors
    /// When the place gives none.
    pub async fn token(&self, audience: &str) -> Result<String, CommandError> {
        let failed = |text: String| CommandError::SignIn(text);
        match self {
            Self::Variable(token) => Ok(token.trim().to_owned()),
            Self::File(path) => {
                let text = std::fs::read_to_string(path);
                let text =
                    text.map_err(|cause| CommandError::File { path: path.clone(), cause })?;
                Ok(text.trim().to_owned())
            }
            Self::GitHub { url, bearer } => github(url, bearer, audience).await,
            Self::Buildkite => {
                let mut command = tokio::process::Command::new("buildkite-agent");
                command.args(["oidc", "request-token", "--audience", audience]);
                let output = tokio::time::timeout(LONGEST, command.kill_on_drop(true).output());
                let output = output
                    .await
                    .map_err(|_| failed("buildkite-agent gave no token in 30 seconds".to_owned()))?
                    .map_err(|error| failed(format!("buildkite-agent did not start: {error}")))?;
                if !output.status.success() {
                    return Err(failed("buildkite-agent gave no token".to_owned()));
                }
                Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
            }
        }
    }
}

#[derive(Deserialize)]
struct GitHubToken {
    value: String,
}

async fn github(url: &str, bearer: &str, audience: &str) -> Result<String, CommandError> {
    let failed = |text: &str| CommandError::SignIn(format!("GitHub Actions gave no token: {text}"));
    let mut url: Url = url.parse().map_err(|_| failed("its address is none"))?;
    url.query_pairs_mut().append_pair("audience", audience);
    let client = reqwest::Client::builder().timeout(LONGEST).build();
    let client = client.map_err(|error| failed(&error.to_string()))?;
    let answer = client.get(url).bearer_auth(bearer).send().await;
    // The address is a secret's neighbour; it is not repeated.
    let answer = answer.map_err(|error| failed(&error.without_url().to_string()))?;
    if !answer.status().is_success() {
        return Err(failed(&format!("it answered {}", answer.status())));
    }
    let token: GitHubToken = answer.json().await.map_err(|_| failed("its answer is no token"))?;
    Ok(token.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)], has_file: bool) -> Option<Place> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Place::found(variable, |_| has_file)
    }

    #[test]
    fn each_place_is_known_by_what_it_sets() {
        assert_eq!(found(&[], false), None);
        assert_eq!(found(&[(TOKEN, "")], false), None);
        let github = [
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://a.example/?v=1"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t"),
        ];
        assert!(matches!(found(&github, false), Some(Place::GitHub { .. })));
        // Without `id-token: write` GitHub sets neither, or one alone is of no use.
        assert_eq!(found(&github[..1], false), None);
        assert_eq!(found(&[("BUILDKITE_AGENT_ACCESS_TOKEN", "t")], false), Some(Place::Buildkite));
        assert_eq!(found(&[], true), Some(Place::File(USUAL_FILE.into())));
        // What somebody set for us wins.
        let said = [(TOKEN, "x"), github[0], github[1]];
        assert_eq!(found(&said, true), Some(Place::Variable("x".to_owned())));
    }
}
