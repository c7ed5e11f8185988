//! Telling a glob that can never cover a running image, and what its author may have meant.
//!
//! Running images are matched as `registry/repository@sha256:…`, without their tag, so some
//! globs that look right match nothing; upstream says nothing about them.

/// The complaint, and the glob that was probably meant, for a glob that covers nothing.
pub(super) fn warning(glob: &str) -> Option<(String, String)> {
    if matches!(glob, "*" | "*/*") {
        return None;
    }
    let (host, path) = glob.split_once('/').unwrap_or((glob, ""));
    let is_open = host.contains("**");
    let (reason, right) = if !is_open && host == "docker.io" {
        ("images of Docker Hub are named by index.docker.io", format!("index.docker.io/{path}"))
    } else if !is_open && !glob.contains('/') {
        let right = format!("index.docker.io/library/{glob}");
        ("an image's name starts with its registry", right)
    } else if !is_open && !host.contains(['.', ':', '*']) {
        ("an image's name starts with its registry", format!("index.docker.io/{glob}"))
    } else if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        ("names of images are lower case", format!("{host}/{}", path.to_ascii_lowercase()))
    } else if let Some(repository) = before_tag(glob) {
        ("tags move and are not matched", format!("{repository}@**"))
    } else if !glob.contains(['*', '@']) {
        ("an image's name ends with its digest", format!("{glob}@**"))
    } else {
        return None;
    };
    Some((format!("the glob {glob} covers no image that runs: {reason}: write {right}"), right))
}

/// What stands before a colon in the last part, unless the colon can be that of `@sha256:`.
fn before_tag(glob: &str) -> Option<&str> {
    let (_, last) = glob.rsplit_once('/')?;
    let (name, _) = last.rsplit_once(':')?;
    let literal = name.rsplit_once('*').map_or(name, |(_, literal)| literal);
    let is_whole = literal == name;
    let may_be_digest = literal.ends_with("@sha256") || (!is_whole && "@sha256".ends_with(literal));
    if may_be_digest { None } else { glob.rsplit_once(':').map(|(before, _)| before) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_that_cover_nothing_are_told_with_the_right_spelling() {
        for (glob, advice) in [
            ("docker.io/library/nginx*", "index.docker.io/library/nginx*"),
            ("ubuntu*", "index.docker.io/library/ubuntu*"),
            ("acme/app*", "index.docker.io/acme/app*"),
            ("ghcr.io/Acme/**", "ghcr.io/acme/**"),
            ("ghcr.io/a/b", "ghcr.io/a/b@**"),
            ("ghcr.io/a/b:1.0", "ghcr.io/a/b@**"),
            ("ghcr.io/a/b:**", "ghcr.io/a/b@**"),
        ] {
            let (warning, right) = warning(glob).unwrap();
            assert!(warning.ends_with(advice), "{warning}");
            assert_eq!(right, advice);
        }
    }

    #[test]
    fn globs_that_may_cover_something_are_left_alone() {
        for glob in [
            "*",
            "*/*",
            "**",
            "**/app*",
            "*/**",
            "ghcr.io/**",
            "ghcr.io/a/b@**",
            "ghcr.io/a/b@sha256:*",
            "ghcr.io/a/*:*",
            "localhost:5000/**",
            "inde**",
            "index.docker.io/library/*",
        ] {
            assert_eq!(warning(glob), None);
        }
    }
}
