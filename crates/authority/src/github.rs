//! The claims Fulcio copies from GitHub's workload tokens into its certificates.

use model::digest::Digest;

/// GitHub's OIDC issuer.
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The extension numbers under `1.3.6.1.4.1.57264.1` and their values, for a certificate of a
/// GitHub workflow; empty for anybody else.
///
/// `commit_of` stands for the commit: its digest is cut to the length of one.
pub(crate) fn claims(issuer: &str, subject: &str, commit_of: &Digest) -> Vec<(u64, String)> {
    if issuer != ISSUER {
        return Vec::new();
    }
    let Some(workflow) = Workflow::parse(subject) else { return Vec::new() };
    let commit: String = commit_of.hex().chars().take(40).collect();
    let home = format!("https://github.com/{}", workflow.repository);
    let owner = home.rsplit_once('/').map_or(home.as_str(), |(owner, _)| owner).to_owned();
    vec![
        (2, "push".to_owned()),
        (3, commit.clone()),
        (4, workflow.name.to_owned()),
        (5, workflow.repository.to_owned()),
        (6, workflow.reference.to_owned()),
        (9, subject.to_owned()),
        (10, commit.clone()),
        (11, "github-hosted".to_owned()),
        (12, home.clone()),
        (13, commit.clone()),
        (14, workflow.reference.to_owned()),
        (16, owner),
        (18, subject.to_owned()),
        (19, commit),
        (20, "push".to_owned()),
        (21, format!("{home}/actions/runs/1/attempts/1")),
        (22, "private".to_owned()),
    ]
}

/// The parts of `https://github.com/OWNER/NAME/.github/workflows/FILE@REF`.
struct Workflow<'a> {
    repository: &'a str,
    name: &'a str,
    reference: &'a str,
}

impl<'a> Workflow<'a> {
    fn parse(subject: &'a str) -> Option<Self> {
        let path = subject.strip_prefix("https://github.com/")?;
        let (repository, file) = path.split_once("/.github/workflows/")?;
        let (file, reference) = file.split_once('@')?;
        let name = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        Some(Self { repository, name, reference })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECT: &str =
        "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";

    #[test]
    fn a_workflow_says_where_it_ran() {
        let values: Vec<_> = claims(ISSUER, SUBJECT, &Digest::of(b"")).into_iter().collect();
        assert_eq!(values[2], (4, "release".to_owned()));
        assert_eq!(values[3], (5, "acme/api".to_owned()));
        assert_eq!(values[4], (6, "refs/heads/main".to_owned()));
        assert_eq!(values[1].1.len(), 40);
    }

    #[test]
    fn other_issuers_and_people_have_no_claims() {
        assert!(claims("https://accounts.example", SUBJECT, &Digest::of(b"")).is_empty());
        assert!(claims(ISSUER, "ada@example.com", &Digest::of(b"")).is_empty());
    }
}
