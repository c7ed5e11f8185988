//! What each noun and verb does.

use clap::CommandFactory as _;
use model::clusters::ClusterSummary;
use model::id::{ClusterId, PolicyId};
use model::policies::PolicySummary;
use protocol::api::Groups;
use serde::de::DeserializeOwned;
use url::Url;

use crate::arguments::{
    Arguments, Auth, Command, Connection, DEFAULT_SERVER, Evidence, Policies, ScopeArguments,
    server,
};
use crate::client::{Client, ClientError};
use crate::credentials::{self, Credentials, CredentialsError};
use crate::demo;
use crate::error::CommandError;
use crate::output;

pub mod auth;
pub mod clusters;
pub mod evidence;
pub mod groups;
pub mod iam;
pub mod images;
pub mod ingest;
pub mod packages;
pub mod policies;
mod pull_secrets;

/// Does what the command line says.
///
/// # Errors
/// Why it could not be done.
pub async fn run(arguments: Arguments) -> Result<(), CommandError> {
    let Arguments { connection, output: format, command } = arguments;
    if asks_a_server(&command) {
        auth::renew(&connection).await?;
    }
    match command {
        Command::Auth(verb) => auth::run(&connection, verb).await,
        Command::Groups(verb) => groups::run(&client(&connection)?, verb, format).await,
        Command::Iam(noun) => iam::run(&client(&connection)?, noun, format).await,
        Command::Clusters(verb) => clusters::run(&client(&connection)?, verb, format).await,
        Command::Policies(Policies::Check { file }) => policies::check(&file),
        Command::Policies(Policies::Test(arguments)) => crate::tester::run(arguments, format).await,
        Command::Policies(verb) => policies::run(&client(&connection)?, verb, format).await,
        Command::Images(verb) => images::run(&client(&connection)?, verb, format).await,
        Command::Evidence(Evidence::Verify(arguments)) => evidence::verify(&arguments, format),
        Command::Evidence(verb) => evidence::run(&client(&connection)?, verb, format).await,
        Command::Packages(verb) => packages::run(&client(&connection)?, verb, format).await,
        Command::Vulns(verb) => {
            packages::vulnerabilities(&client(&connection)?, verb, format).await
        }
        Command::Demo(arguments) => demo::run(&connection, arguments).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "loadline", &mut script);
            output::raw(&script)
        }
    }
}

/// Whether a command asks a server with the stored token.
const fn asks_a_server(command: &Command) -> bool {
    !matches!(
        command,
        Command::Auth(Auth::Login(_))
            | Command::Policies(Policies::Check { .. } | Policies::Test(_))
            | Command::Evidence(Evidence::Verify(_))
            | Command::Completions { .. }
    )
}

/// A client for the server that the command line, the environment or the last sign-in names.
///
/// # Errors
/// When the stored tokens cannot be read.
pub fn client(connection: &Connection) -> Result<Client, CommandError> {
    let credentials = stored()?;
    let server = server_of(connection, &credentials)?;
    let given = connection.token.clone().filter(|token| !token.is_empty());
    let kept = || credentials.servers.get(&server).map(|credential| credential.token.clone());
    let token = given.or_else(kept);
    Ok(Client::new(server, token)?)
}

/// The server that is meant.
fn server_of(connection: &Connection, credentials: &Credentials) -> Result<Url, CommandError> {
    let named = connection.server.clone().or_else(|| credentials.current.clone());
    match named {
        Some(server) => Ok(server),
        None => server(DEFAULT_SERVER).map_err(CommandError::Address),
    }
}

/// The stored tokens; where there is no place for a file there are none.
fn stored() -> Result<Credentials, CredentialsError> {
    match credentials::path(|name| std::env::var_os(name)) {
        Ok(path) => Credentials::read(&path),
        Err(CredentialsError::NoPlace) => Ok(Credentials::default()),
        Err(error) => Err(error),
    }
}

/// The id of a cluster that is named, or given by its id.
///
/// # Errors
/// When there is none, or more than one.
pub async fn cluster_id(client: &Client, cluster: &str) -> Result<ClusterId, CommandError> {
    if let Ok(id) = cluster.parse() {
        return Ok(id);
    }
    let found: Vec<ClusterSummary> = named(client, "api/v1/clusters", cluster).await?;
    let told = |row: &ClusterSummary| format!("{}/{} ({})", row.group, row.name, row.id);
    let row = only("clusters", cluster, found, told)?;
    row.map(|row| row.id).ok_or_else(|| CommandError::NoSuchCluster(cluster.to_owned()))
}

/// The id of a policy that is named, or given by its id.
///
/// # Errors
/// When there is none, or more than one.
pub async fn policy_id(client: &Client, policy: &str) -> Result<PolicyId, CommandError> {
    if let Ok(id) = policy.parse() {
        return Ok(id);
    }
    let found: Vec<PolicySummary> = named(client, "api/v1/policies", policy).await?;
    let told = |row: &PolicySummary| format!("{}/{} ({})", row.group, row.name, row.id);
    let row = only("policies", policy, found, told)?;
    row.map(|row| row.id).ok_or_else(|| CommandError::NoSuchPolicy(policy.to_owned()))
}

/// The one of that name, if there is one; several are an error that tells them apart.
fn only<T>(
    nouns: &'static str,
    name: &str,
    mut found: Vec<T>,
    told: impl Fn(&T) -> String,
) -> Result<Option<T>, CommandError> {
    if found.len() > 1 {
        let found = found.iter().map(told).collect();
        return Err(CommandError::Several { nouns, name: name.to_owned(), found });
    }
    Ok(found.pop())
}

/// Everything of that name, in every organization: names are unique within one at most.
async fn named<T: DeserializeOwned>(
    client: &Client,
    path: &str,
    name: &str,
) -> Result<Vec<T>, CommandError> {
    let Groups { groups } = client.get("api/v1/groups", &[]).await?;
    let mut rows = Vec::new();
    for organization in groups.iter().filter(|group| group.names.len() == 1) {
        let query = [("group", organization.name()), ("name", name)];
        rows.extend(client.rows::<T>(path, &query).await?);
    }
    Ok(rows)
}

/// A scope as the query of a request has it.
fn of_scope(scope: &ScopeArguments) -> Vec<(&'static str, String)> {
    let group = scope.group.iter().map(|group| ("group", group.clone()));
    group.chain(scope.at.map(|at| ("at", at.to_string()))).collect()
}

/// The pairs as a request takes them; what is empty asks for nothing and is left out.
fn borrowed<'a>(pairs: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
    pairs.filter(|(_, value)| !value.is_empty()).collect()
}

/// Whether a refusal means that nobody is signed in.
#[must_use]
pub fn is_unauthenticated(error: &ClientError) -> bool {
    matches!(error, ClientError::NotSignedIn { .. }) || error.status() == Some(401)
}
