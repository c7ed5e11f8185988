//! `loadline auth`: sign in with a one-time link, say who that is, forget it.

use model::iam::Subject;
use protocol::api::{SignIn, SignedIn};

use super::client;
use crate::arguments::{Auth, Connection, SignInLink};
use crate::client::{Client, ClientError};
use crate::credentials::{self, Credential, Credentials};
use crate::error::CommandError;
use crate::output;

pub(super) async fn run(connection: &Connection, verb: Auth) -> Result<(), CommandError> {
    match verb {
        Auth::Login { link } => {
            let client = login(connection, link).await?;
            output::line(&format!("Signed in to {}.", client.server()))
        }
        Auth::Status => status(&client(connection)?).await,
        Auth::Logout => logout(connection),
    }
}

/// Uses a link up, keeps the token, and gives a client that asks with it.
///
/// # Errors
/// When the link is not in force, or the token cannot be kept.
pub async fn login(connection: &Connection, link: SignInLink) -> Result<Client, CommandError> {
    let path = credentials::path(|name| std::env::var_os(name))?;
    // Read before the link is used up: a file that is not ours must not cost a link.
    let mut credentials = Credentials::read(&path)?;
    // The address that was asked for wins: the server may not know how it is reached.
    let server = connection.server.clone().unwrap_or(link.server);
    let unsigned = Client::new(server.clone(), None)?;
    let sign_in = SignIn { secret: link.secret };
    let answer: Result<SignedIn, ClientError> =
        unsigned.post_unsigned("api/v1/sign-in", &sign_in).await;
    let signed_in = answer.map_err(|error| match error.status() {
        Some(401) => CommandError::LinkOver,
        Some(_) | None => CommandError::Client(error),
    })?;
    let SignedIn { token, expires_at } = signed_in;
    credentials.current = Some(server.clone());
    credentials.servers.insert(server.clone(), Credential { token: token.clone(), expires_at });
    credentials.write(&path)?;
    output::say(&format!("The token is in {} and lasts until {expires_at}.", path.display()));
    Ok(Client::new(server, Some(token))?)
}

async fn status(client: &Client) -> Result<(), CommandError> {
    let subject: Subject = client.get("api/v1/whoami", &[]).await?;
    output::line(&format!("You are {subject} at {}", client.server()))
}

fn logout(connection: &Connection) -> Result<(), CommandError> {
    let server = client(connection)?.server().clone();
    let path = credentials::path(|name| std::env::var_os(name))?;
    let mut credentials = Credentials::read(&path)?;
    if credentials.servers.remove(&server).is_none() {
        return output::line(&format!("There was no token for {server}"));
    }
    if credentials.current.as_ref() == Some(&server) {
        credentials.current = None;
    }
    credentials.write(&path)?;
    output::line(&format!("Forgot the token for {server}"))
}
