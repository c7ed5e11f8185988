//! Logins of the clouds that were enabled, by the variables that their platforms set.

use anyhow::Context as _;
use egress::cloud::{AwsIdentity, AzureIdentity};
use registry::{AzureLogin, EcrLogin, GoogleLogin, Sources};

use crate::config::{Cloud, variable};

/// The sources, with logins of these clouds.
pub(super) fn enabled(sources: Sources, clouds: &[Cloud]) -> anyhow::Result<Sources> {
    clouds.iter().try_fold(sources, |sources, cloud| {
        Ok(match cloud {
            Cloud::Aws => {
                sources.with_cloud(EcrLogin { identity: AwsIdentity::from_variables(&variable) })
            }
            Cloud::Azure => sources.with_cloud(azure(&variable)?),
            Cloud::Google => sources.with_cloud(GoogleLogin),
        })
    })
}

fn azure(variable: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<AzureLogin> {
    let tenant = variable("AZURE_TENANT_ID")
        .context("logins of Azure need the directory's id in AZURE_TENANT_ID")?;
    Ok(AzureLogin { tenant, identity: AzureIdentity::from_variables(variable) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azure_needs_its_directory() {
        assert!(azure(&|_| None).unwrap_err().to_string().contains("AZURE_TENANT_ID"));
        let set = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")];
        let variable = |name: &str| {
            set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let managed = azure(&variable).unwrap();
        assert_eq!(managed.identity, AzureIdentity::Managed { client: Some("c".to_owned()) });
    }
}
