//! Who we are in the clouds that were enabled, by the variables that their platforms set.

use anyhow::Context as _;
use registry::{AwsIdentity, AwsKeys, AzureIdentity, AzureLogin, EcrLogin, GoogleLogin, Sources};

use crate::config::Cloud;

/// The sources, with logins of these clouds.
pub(super) fn enabled(sources: Sources, clouds: &[Cloud]) -> anyhow::Result<Sources> {
    let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    clouds.iter().try_fold(sources, |sources, cloud| {
        Ok(match cloud {
            Cloud::Aws => sources.with_cloud(EcrLogin { identity: aws(variable) }),
            Cloud::Azure => sources.with_cloud(azure(variable)?),
            Cloud::Google => sources.with_cloud(GoogleLogin),
        })
    })
}

fn aws(variable: impl Fn(&str) -> Option<String>) -> AwsIdentity {
    let role = variable("AWS_ROLE_ARN").zip(variable("AWS_WEB_IDENTITY_TOKEN_FILE"));
    if let Some((role, token_file)) = role {
        return AwsIdentity::WebIdentity { role, token_file: token_file.into() };
    }
    match variable("AWS_ACCESS_KEY_ID").zip(variable("AWS_SECRET_ACCESS_KEY")) {
        Some((access_key, secret)) => {
            let session_token = variable("AWS_SESSION_TOKEN");
            AwsIdentity::Keys(AwsKeys { access_key, secret, session_token })
        }
        None => AwsIdentity::Instance,
    }
}

fn azure(variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<AzureLogin> {
    let tenant = variable("AZURE_TENANT_ID")
        .context("logins of Azure need the directory's id in AZURE_TENANT_ID")?;
    let client = variable("AZURE_CLIENT_ID");
    let identity = match (client, variable("AZURE_FEDERATED_TOKEN_FILE")) {
        (Some(client), Some(file)) => AzureIdentity::Workload { client, token_file: file.into() },
        (client, _) => AzureIdentity::Managed { client },
    };
    Ok(AzureLogin { tenant, identity })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_pods_role_comes_before_keys_and_keys_before_the_machine() {
        const KEYS: [(&str, &str); 2] =
            [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "s")];
        const ROLE: [(&str, &str); 4] =
            [KEYS[0], KEYS[1], ("AWS_ROLE_ARN", "r"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")];
        assert!(matches!(aws(of(&ROLE)), AwsIdentity::WebIdentity { .. }));
        assert!(matches!(aws(of(&KEYS)), AwsIdentity::Keys(_)));
        assert_eq!(aws(of(&[("AWS_ROLE_ARN", "r")])), AwsIdentity::Instance);
    }

    #[test]
    fn azure_needs_its_directory() {
        assert!(azure(of(&[])).unwrap_err().to_string().contains("AZURE_TENANT_ID"));
        let managed = azure(of(&[("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")])).unwrap();
        let client = Some("c".to_owned());
        assert_eq!(managed.identity, AzureIdentity::Managed { client });
        const WORKLOAD: [(&str, &str); 3] = [
            ("AZURE_TENANT_ID", "t"),
            ("AZURE_CLIENT_ID", "c"),
            ("AZURE_FEDERATED_TOKEN_FILE", "/token"),
        ];
        let workload = azure(of(&WORKLOAD)).unwrap();
        assert!(matches!(workload.identity, AzureIdentity::Workload { .. }));
    }
}
