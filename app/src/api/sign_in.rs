//! Signing in: how it can be done here, and which program a person is asked to let in.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// A provider to sign in by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choice {
    pub(crate) key: String,
    pub(crate) name: String,
}

/// How one can sign in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choices {
    pub(crate) has_local_accounts: bool,
    /// The providers of the installation.
    pub(crate) providers: Vec<Choice>,
    /// The one of the address or organization that was asked for.
    pub(crate) found: Option<Choice>,
}

/// How one can sign in; `who` is an e-mail address or an organization, or empty.
#[server(prefix = "/api/console", endpoint = "sign_in_choices")]
pub(crate) async fn sign_in_choices(who: String) -> Result<Choices, ApiError> {
    use service::ServiceError;
    use service::sign_in::ProviderChoice;
    let service = super::session::service()?;
    let choice = |ProviderChoice { key, name }: ProviderChoice| Choice { key, name };
    let found = match who.trim() {
        "" => None,
        who => match service.find_provider(who).await {
            Ok(found) => Some(choice(found)),
            Err(ServiceError::NotFound) => None,
            Err(error) => return Err(error.into()),
        },
    };
    Ok(Choices {
        has_local_accounts: service.local_accounts().are_on(),
        providers: service.offered_providers().into_iter().map(choice).collect(),
        found,
    })
}

/// Where a device asks from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) address: String,
    pub(crate) program: String,
}

/// The device that shows a code.
#[server(prefix = "/api/console", endpoint = "waiting_device")]
pub(crate) async fn waiting_device(code: String) -> Result<Device, ApiError> {
    let (service, caller) = super::session::session()?;
    let origin = service.programs().device(&caller, &code).await?;
    Ok(Device {
        address: origin.address.map(|address| address.to_string()).unwrap_or_default(),
        program: origin.user_agent.unwrap_or_default(),
    })
}

/// Whether a program may be answered: it runs on this very machine, and asks as it should.
#[server(prefix = "/api/console", endpoint = "check_program")]
pub(crate) async fn check_program(redirect: String, challenge: String) -> Result<(), ApiError> {
    use service::tokens::Programs;
    let (_, _) = super::session::session()?;
    Ok(Programs::check(&redirect, &challenge)?)
}
