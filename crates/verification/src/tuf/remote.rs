//! A repository that is fetched (`policy-controller.md` part 16, "TrustRoot `remote`").

use egress::cloud::Exchange;
use egress::{EgressError, Request};
use http::StatusCode;
use model::timestamp::Timestamp;
use url::Url;

use super::walk::{Step, Walk, Wanted};
use super::{Mirrored, TufError};
use crate::text::shortened;

/// Where a repository is fetched from: the fields of a TrustRoot's `remote`.
#[derive(Debug, Clone, Copy)]
pub struct Remote<'a> {
    /// The pinned root, JSON.
    pub root: &'a [u8],
    /// The repository's address.
    pub mirror: &'a str,
    /// The folder of targets below it, usually `targets`.
    pub targets: &'a str,
    /// The target that is wanted, usually `trusted_root.json`.
    pub target: &'a str,
}

/// Fetches a repository file by file, verifies it, and reads the trusted root in it.
///
/// # Errors
/// Which file is wrong or could not be fetched, and why. Expired metadata is refused, as by any
/// TUF client.
pub async fn fetch(
    remote: Remote<'_>,
    through: &dyn Exchange,
    now: Timestamp,
) -> Result<Mirrored, TufError> {
    let no_address = || TufError::Fetch {
        file: "root.json".to_owned(),
        cause: format!("the mirror {:?} is no address", shortened(remote.mirror)),
    };
    let mirror = Url::parse(remote.mirror).map_err(|_| no_address())?;
    if mirror.cannot_be_a_base() {
        return Err(no_address());
    }
    let mut walk = Walk::begin(remote.root, (remote.targets, remote.target), now)?;
    loop {
        match walk.step() {
            Step::Wants(wanted) => {
                let bytes = file(&mirror, &wanted, through).await?;
                walk.take(&wanted.path, bytes.as_deref())?;
            }
            Step::Arrived(mirrored) => return Ok(mirrored),
        }
    }
}

/// One file; `None` where there is none.
async fn file(
    mirror: &Url,
    wanted: &Wanted,
    through: &dyn Exchange,
) -> Result<Option<bytes::Bytes>, TufError> {
    let wrong = |cause: String| TufError::Fetch { file: wanted.path.clone(), cause };
    let mut request = Request::new(below(mirror, &wanted.path));
    request.max_bytes = usize::try_from(wanted.max_bytes).ok();
    let sent = through.send(request).await;
    let answer = sent.map_err(|error: EgressError| wrong(error.to_string()))?;
    match answer.status {
        // Object stores answer so for what is not there, and go-tuf takes it for that.
        StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Ok(None),
        status if status.is_success() => Ok(Some(answer.body)),
        status => Err(wrong(format!("it answered {status}"))),
    }
}

fn below(mirror: &Url, path: &str) -> Url {
    let mut url = mirror.clone();
    url.set_query(None);
    url.set_fragment(None);
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/').filter(|part| !part.is_empty()));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_below_the_mirror_whatever_their_names() {
        let at = |mirror: &str, path: &str| below(&Url::parse(mirror).unwrap(), path).to_string();
        assert_eq!(at("https://m.test", "1.root.json"), "https://m.test/1.root.json");
        assert_eq!(at("https://m.test/a/?b#c", "x/y z"), "https://m.test/a/x/y%20z");
        assert_eq!(at("https://m.test/a", "../../x?y"), "https://m.test/a/x%3Fy");
    }
}
