//! `loadline iam identities`.

use std::collections::BTreeMap;

use model::iam::{ClaimMatch, Identity, Matcher, Proof, StaticKeys};
use model::timestamp::Timestamp;
use protocol::credentials::CreatedLink;
use protocol::iam::{CreateIdentity as Request, Placed, UpdateIdentity};

use super::read_json;
use crate::arguments::{CreateIdentity, Format, Identities};
use crate::client::Client;
use crate::commands::borrowed;
use crate::error::CommandError;
use crate::output;

/// The issuer of tokens that GitHub gives its workflows.
const GITHUB: &str = "https://token.actions.githubusercontent.com";

pub(super) async fn run(
    client: &Client,
    verb: Identities,
    format: Format,
) -> Result<(), CommandError> {
    match verb {
        Identities::List { group, kind } => {
            let query = [
                ("group", group.unwrap_or_default()),
                ("kind", kind.map(|kind| kind.to_string()).unwrap_or_default()),
            ];
            let rows: Vec<Placed<Identity>> =
                client.rows("api/v1/identities", &borrowed(&query)).await?;
            let header = ["ID", "NAME", "KIND", "GROUP", "LAST SEEN", "DESCRIPTION"];
            output::list(format, &rows, &header, |row| {
                let identity = &row.noun;
                let seen = identity.seen_at.map(|at| at.to_string());
                vec![
                    identity.id.to_string(),
                    identity.name.clone(),
                    identity.proof.kind().to_string(),
                    row.group_name.clone().unwrap_or_default(),
                    seen.unwrap_or_else(|| "never".to_owned()),
                    identity.description.clone(),
                ]
            })
        }
        Identities::Describe { identity } => {
            let path = format!("api/v1/identities/{identity}");
            output::one(format, &client.get::<Placed<Identity>>(&path, &[]).await?)
        }
        Identities::Lookup { issuer, subject } => {
            let query = [("issuer", issuer.as_str()), ("subject", subject.as_str())];
            let found: Placed<Identity> = client.get("api/v1/identities/lookup", &query).await?;
            output::one(format, &found)
        }
        Identities::Create(wanted) => {
            let proof = proof(&wanted)?;
            let CreateIdentity { name, group, email, description, .. } = *wanted;
            let request = Request { group, name, description, email, proof };
            let made: Placed<Identity> = client.post("api/v1/identities", &request).await?;
            let id = made.path.map_or_else(|| made.noun.id.to_string(), |path| path.to_string());
            output::line(&format!("{} is known as {id}", made.noun.name))
        }
        Identities::Update { identity, name, description, proof, disable, enable } => {
            let proof = proof.as_deref().map(read_json).transpose()?;
            let is_disabled = (disable || enable).then_some(disable);
            let request = UpdateIdentity { name, description, proof, is_disabled };
            let path = format!("api/v1/identities/{identity}");
            output::one(format, &client.patch::<Placed<Identity>>(&path, &request).await?)
        }
        Identities::Delete { identity } => {
            client.delete(&format!("api/v1/identities/{identity}")).await?;
            output::line(&format!("Deleted identity {identity}"))
        }
        Identities::SignInLink { identity } => {
            let path = format!("api/v1/identities/{identity}/sign-in-links");
            let made: CreatedLink = client.post(&path, &serde_json::json!({})).await?;
            output::say(&format!("It works once, until {}:", made.expires_at));
            output::line(&made.link)
        }
    }
}

/// Who may act as it, as the options say it. What they leave open, the server refuses.
fn proof(wanted: &CreateIdentity) -> Result<Proof, CommandError> {
    if let Some(file) = &wanted.proof {
        return read_json(file);
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    if wanted.person {
        let (issuer, subject) = (text(&wanted.issuer), text(&wanted.subject));
        return Ok(Proof::Person { issuer, subject });
    }
    if let Some(file) = &wanted.issuer_keys {
        return Ok(Proof::Static(StaticKeys {
            issuer: text(&wanted.issuer),
            subject: text(&wanted.subject),
            keys: read_json(file)?,
            expires_at: wanted.expires.unwrap_or(Timestamp::FOREVER),
        }));
    }
    let matcher = |exact: &Option<String>, pattern: &Option<String>| match pattern {
        Some(pattern) => Matcher::Pattern(pattern.clone()),
        None => Matcher::Exact(text(exact)),
    };
    let (issuer, subject) = match &wanted.github_repo {
        Some(repository) => (
            Matcher::Exact(GITHUB.to_owned()),
            Matcher::Exact(format!("repo:{repository}:ref:{}", wanted.github_ref)),
        ),
        None => (
            matcher(&wanted.issuer, &wanted.issuer_pattern),
            matcher(&wanted.subject, &wanted.subject_pattern),
        ),
    };
    let names_audience = wanted.audience.is_some() || wanted.audience_pattern.is_some();
    let audience = names_audience.then(|| matcher(&wanted.audience, &wanted.audience_pattern));
    Ok(Proof::ClaimMatch(ClaimMatch { issuer, subject, audience, claims: BTreeMap::new() }))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::arguments::{Arguments, Command, Iam};

    fn said(options: &str) -> Option<Proof> {
        let words = format!("loadline iam identities create ci {options}");
        let arguments = Arguments::try_parse_from(words.split_whitespace()).ok()?;
        let Command::Iam(Iam::Identities(Identities::Create(wanted))) = arguments.command else {
            return None;
        };
        proof(&wanted).ok()
    }

    #[test]
    fn options_say_who_may_act() {
        let github = said("--group acme --github-repo acme/api").unwrap();
        let wanted = r#"{"kind":"claim_match","issuer":{"exact":"https://token.actions.githubusercontent.com"},"subject":{"exact":"repo:acme/api:ref:refs/heads/main"}}"#;
        assert_eq!(serde_json::to_string(&github).unwrap(), wanted);
        let pattern =
            said("--group acme --issuer https://gitlab.com --subject-pattern project_path:acme/.*");
        let Some(Proof::ClaimMatch(claims)) = pattern else { panic!("{pattern:?}") };
        assert_eq!(claims.subject, Matcher::Pattern("project_path:acme/.*".to_owned()));
        assert!(matches!(
            said("--person --issuer https://a.example --subject b"),
            Some(Proof::Person { .. })
        ));
        for wrong in [
            "--issuer https://a.example --subject b",
            "--person --group acme --issuer a --subject b",
            "--group acme --issuer a --issuer-pattern b",
            "--group acme --email a@b.example",
        ] {
            assert!(said(wrong).is_none(), "{wrong}");
        }
    }
}
