//! A policy that is kept elsewhere, known by the SHA-256 of its content (`policy-controller.md`
//! 3.8, 15.2).

use model::digest::Digest;
use url::Url;

use crate::Request;
use crate::cloud::Exchange;

/// The most that a policy may be long.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Why there is no policy, in upstream's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemotePolicyError {
    /// Nobody answered, or not with a policy.
    #[error("failed to fetch content from policy url: {0}")]
    Fetch(String),
    /// The answer was a refusal. Upstream prints the character of that number.
    #[error("failed to fetch content from policy url with code '{0}'")]
    Status(http::StatusCode),
    /// The content is another one than was meant.
    #[error("failed to check sha256sum from policy remote: {wanted} got {found}")]
    Sha256 {
        /// As the policy says.
        wanted: String,
        /// As the content has it.
        found: String,
    },
}

/// Fetches a policy and holds it against its SHA-256, lower-case hex.
///
/// # Errors
/// When nobody answers in time and size, or with something else.
pub async fn fetch(
    url: &str,
    sha256: &str,
    through: &dyn Exchange,
) -> Result<String, RemotePolicyError> {
    let address = Url::parse(url);
    let address = address.map_err(|error| RemotePolicyError::Fetch(error.to_string()))?;
    let mut request = Request::new(address);
    request.max_bytes = Some(MOST_BYTES);
    let answer = through.send(request).await;
    let answer = answer.map_err(|error| RemotePolicyError::Fetch(error.to_string()))?;
    if !answer.status.is_success() {
        return Err(RemotePolicyError::Status(answer.status));
    }
    let found = Digest::of(&answer.body).hex();
    if found != sha256 {
        return Err(RemotePolicyError::Sha256 { wanted: sha256.to_owned(), found });
    }
    let text = String::from_utf8(answer.body.to_vec());
    text.map_err(|_| RemotePolicyError::Fetch("it is no UTF-8 text".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Recorded;

    const URL: &str = "https://policies.test/signed.cue";

    #[tokio::test]
    async fn only_the_content_that_was_meant_is_taken() {
        let sha256 = Digest::of(b"a: 1").hex();
        let found = fetch(URL, &sha256, &Recorded::of(&["a: 1"])).await;
        assert_eq!(found.unwrap(), "a: 1");
        let error = fetch(URL, &sha256, &Recorded::of(&["a: 2"])).await.unwrap_err().to_string();
        let other = Digest::of(b"a: 2").hex();
        assert_eq!(
            error,
            format!("failed to check sha256sum from policy remote: {sha256} got {other}")
        );
        let error = fetch(URL, &sha256, &Recorded::refusing(404, "")).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "failed to fetch content from policy url with code '404 Not Found'"
        );
        let error = fetch(URL, &sha256, &Recorded::default()).await.unwrap_err().to_string();
        assert!(error.starts_with("failed to fetch content from policy url: no answer"), "{error}");
    }
}
