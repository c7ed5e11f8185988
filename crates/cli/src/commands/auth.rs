//! `loadline auth`: sign in, say who that is, print the token, forget it.

use model::iam::Subject;
use protocol::api::{SignIn, SignedIn};
use protocol::credentials::Sessions;

use super::client;
use crate::arguments::{Auth, Connection, Login, SignInLink};
use crate::client::{Client, ClientError};
use crate::credentials::{self, Credential, Credentials};
use crate::error::CommandError;
use crate::output;
use crate::sign_in::ambient::Place;
use crate::sign_in::{self, Way};

pub(super) async fn run(connection: &Connection, verb: Auth) -> Result<(), CommandError> {
    match verb {
        Auth::Login(Login { link: Some(link), .. }) => {
            let client = login(connection, link).await?;
            output::line(&format!("Signed in to {}.", client.server()))
        }
        Auth::Login(how) => login_without_link(connection, how).await,
        Auth::Token => match client(connection)?.token() {
            Some(token) => output::line(token),
            None => {
                Err(ClientError::NotSignedIn { server: client(connection)?.server().clone() }
                    .into())
            }
        },
        Auth::Status => status(&client(connection)?).await,
        Auth::Logout => logout(connection).await,
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
    let kept = Credential { token: token.clone(), expires_at, refresh_token: None };
    credentials.servers.insert(server.clone(), kept);
    credentials.write(&path)?;
    output::say(&format!("The token is in {} and lasts until {expires_at}.", path.display()));
    Ok(Client::new(server, Some(token))?)
}

/// Renews the stored token where it ends soon; not where another one was given.
pub(super) async fn renew(connection: &Connection) -> Result<(), CommandError> {
    if connection.token.as_ref().is_some_and(|token| !token.is_empty()) {
        return Ok(());
    }
    let Ok(path) = credentials::path(|name| std::env::var_os(name)) else { return Ok(()) };
    let server = super::server_of(connection, &Credentials::read(&path)?)?;
    match sign_in::renewed(&path, &server).await {
        // Whoever signs in again need not be told that the old sign-in ended.
        Err(CommandError::SignIn(cause)) => {
            output::say(&format!("The sign-in to {server} has ended: {cause}"));
            Ok(())
        }
        answer => answer,
    }
}

async fn login_without_link(connection: &Connection, how: Login) -> Result<(), CommandError> {
    let path = credentials::path(|name| std::env::var_os(name))?;
    let mut credentials = Credentials::read(&path)?;
    let server = super::server_of(connection, &credentials)?;
    let credential = match how.identity {
        Some(identity) => {
            let variable = |name: &str| std::env::var(name).ok();
            let place = match how.identity_token {
                Some(path) => Some(Place::File(path)),
                None => Place::found(variable, |path| std::path::Path::new(path).is_file()),
            };
            let place = place.ok_or_else(|| {
                CommandError::SignIn(
                    "this place hands no token out: name a file with --identity-token".to_owned(),
                )
            })?;
            let audience = server.as_str().trim_end_matches('/');
            sign_in::by_proof(&server, &place.token(audience).await?, &identity).await?
        }
        None if how.headless => sign_in::by_person(&server, Way::Code).await?,
        None => sign_in::by_person(&server, Way::Browser).await?,
    };
    credentials.current = Some(server.clone());
    credentials.servers.insert(server.clone(), credential);
    credentials.write(&path)?;
    output::line(&format!("Signed in to {server}."))
}

async fn status(client: &Client) -> Result<(), CommandError> {
    let subject: Subject = client.get("api/v1/whoami", &[]).await?;
    output::line(&format!("You are {subject} at {}", client.server()))
}

async fn logout(connection: &Connection) -> Result<(), CommandError> {
    let client = client(connection)?;
    let server = client.server().clone();
    end_session(&client).await;
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

/// Ends the program's session on the server, so that a copy of its tokens is worth nothing. Where
/// that is not to be had, forgetting the token is all that can be done.
async fn end_session(client: &Client) {
    let Ok(Sessions { sessions }) = client.get("api/v1/sessions", &[]).await else { return };
    for session in sessions.iter().filter(|session| session.is_current) {
        let path = format!("api/v1/sessions/{}", session.id);
        if let Err(error) = client.delete(&path).await {
            output::say(&format!("The session on the server was not ended: {error}"));
        }
    }
}
