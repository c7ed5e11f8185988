//! Configuration: flags over environment over file over defaults; unknown keys are refused.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

mod sign_in;

pub(crate) use sign_in::{Network, SignInConfig, TlsFiles};
use sign_in::{SignInFile, SignInOptions};

use crate::http::Rates;

const AFTER_HELP: &str = "\
Flags win over variables, variables over the file.

Standard output: `listening on http://ADDRESS`, then, while nobody owns the installation or with
--demo, `sign in: http://…`, a link that works once and for an hour.
Standard error: the log. LOADLINE_LOG says how much of it, such as `warn` or `info,store=debug`.
SIGTERM and SIGINT: what is under way is finished, at most ten seconds of a sweep.
Health: /healthz answers as soon as the server listens, /readyz when its database answers.
Exit code: 0 after a signal, 1 when something is wrong, 2 when the command line is.";

/// Loadline's control plane and console, with its database inside.
#[derive(Debug, Parser)]
#[command(name = "loadline-server", version, about, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What else the program does than serve.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print a fresh one-time sign-in link; for whoever can read the database file.
    OwnerLink,
    /// Copy the database and the key file into a new folder, as they stand now, while the server
    /// runs. A server started with --data on that folder goes on from there.
    Backup {
        /// The folder; made, or empty.
        folder: PathBuf,
    },
}

/// The options, each also as a variable and in the file.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Address and port to listen on [default: 127.0.0.1:3000]
    #[arg(long, env = "LOADLINE_LISTEN", global = true)]
    listen: Option<SocketAddr>,
    /// Folder of the database; made where it is missing [default: loadline-data]
    #[arg(long, env = "LOADLINE_DATA", global = true)]
    data: Option<PathBuf>,
    /// Hold the demo fleet: shows a banner, and refuses a database with other content
    #[arg(long, env = "LOADLINE_DEMO", num_args = 0..=1, default_missing_value = "true", global = true)]
    demo: Option<bool>,
    /// TOML file with these options, `-` written as `_`
    #[arg(long, env = "LOADLINE_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// Folder of the console's assets [default: `site` beside the program, else target/site]
    #[arg(long, env = "LOADLINE_SITE", global = true)]
    site: Option<PathBuf>,
    /// The address people reach the server at, for printed links [default: the listening one]
    #[arg(long, env = "LOADLINE_PUBLIC_URL", global = true)]
    public_url: Option<String>,
    /// Read images below a repository prefix from an OCI image-layout folder; repeatable
    #[arg(
        long,
        env = "LOADLINE_LAYOUT",
        value_name = "PREFIX=FOLDER",
        value_delimiter = ',',
        global = true
    )]
    layout: Vec<Layout>,
    /// Host that may resolve to a private or loopback address, such as a registry of your
    /// own; repeatable
    #[arg(
        long,
        env = "LOADLINE_ALLOW_PRIVATE",
        value_name = "HOST",
        value_delimiter = ',',
        global = true
    )]
    allow_private: Vec<String>,
    /// Host that is asked over plain HTTP; repeatable
    #[arg(
        long,
        env = "LOADLINE_PLAIN_HTTP",
        value_name = "HOST",
        value_delimiter = ',',
        global = true
    )]
    plain_http: Vec<String>,
    /// A docker `config.json` with registry credentials; helpers that it names are started
    #[arg(long, env = "LOADLINE_DOCKER_CONFIG", global = true)]
    docker_config: Option<PathBuf>,
    /// A cloud that the server runs in and gets logins for its registries from; repeatable
    #[arg(
        long,
        env = "LOADLINE_CLOUD_LOGIN",
        value_name = "CLOUD",
        value_delimiter = ',',
        global = true
    )]
    cloud_login: Vec<Cloud>,
    /// Certificate authorities that are believed beside the machine's own, PEM
    #[arg(long, env = "LOADLINE_CA_FILE", value_name = "FILE", global = true)]
    ca_file: Option<PathBuf>,
    /// A proxy for registries that are not under --allow-private, such as
    /// http://proxy.example:3128
    #[arg(long, env = "LOADLINE_PROXY", value_name = "URL", global = true)]
    proxy: Option<String>,
    /// A folder or tar archive of OSV records that packages are held against; read again when it
    /// was replaced
    #[arg(long, env = "LOADLINE_VULNERABILITY_DATABASE", value_name = "PATH", global = true)]
    vulnerability_database: Option<PathBuf>,
    /// A syft program, by which SBOMs are made of running images that have none; without it none
    /// are made
    #[arg(long, env = "LOADLINE_SYFT", value_name = "PROGRAM", global = true)]
    syft: Option<PathBuf>,
    /// Requests that each registry is asked a second, at most; 0 lifts the limit [default: 20]
    #[arg(long, env = "LOADLINE_REGISTRY_RATE", value_name = "N", global = true)]
    registry_rate: Option<u32>,
    /// Requests that the API takes a minute with one token; 0 lifts the limit [default: 3000]
    #[arg(long, env = "LOADLINE_TOKEN_RATE", value_name = "N", global = true)]
    token_rate: Option<u32>,
    /// Requests that the API takes a minute from one address without a token that is in force; 0
    /// lifts the limit [default: 600]
    #[arg(long, env = "LOADLINE_ADDRESS_RATE", value_name = "N", global = true)]
    address_rate: Option<u32>,
    /// A further address and port, where Prometheus finds /metrics; whoever reaches it may read
    /// them
    #[arg(long, env = "LOADLINE_METRICS_LISTEN", value_name = "ADDRESS", global = true)]
    metrics_listen: Option<SocketAddr>,
    /// How the log is written [default: text]
    #[arg(long, env = "LOADLINE_LOG_FORMAT", value_name = "text|json", global = true)]
    log_format: Option<LogFormat>,
    /// A file with the secret that registries show at /hooks/registry; without it that address
    /// refuses everybody
    #[arg(long, env = "LOADLINE_REGISTRY_HOOK_SECRET", value_name = "FILE", global = true)]
    registry_hook_secret: Option<PathBuf>,
    /// Whether the public-good Sigstore is asked for fresh keys, daily; off, the shipped ones
    /// count and it is never contacted [default: off]
    #[arg(long, env = "LOADLINE_SIGSTORE_UPDATES", value_name = "on|off", global = true)]
    sigstore_updates: Option<Updates>,
    #[command(flatten)]
    sign_in: SignInOptions,
}

/// Whether something is kept fresh over the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Updates {
    /// It is.
    On,
    /// It is not.
    #[default]
    Off,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// An object a line.
    Json,
}

/// A cloud that hands out logins to what runs in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cloud {
    /// By `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`, else by `AWS_ACCESS_KEY_ID` and
    /// `AWS_SECRET_ACCESS_KEY`, else by the machine's role.
    Aws,
    /// In the directory `AZURE_TENANT_ID`, by `AZURE_FEDERATED_TOKEN_FILE` and
    /// `AZURE_CLIENT_ID`, else by the machine's identity.
    Azure,
    /// By the service account of the pod or the machine.
    Google,
}

/// A repository prefix and the folder that holds its images.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layout {
    pub(crate) prefix: String,
    pub(crate) folder: PathBuf,
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((prefix, folder)) if !prefix.is_empty() && !folder.is_empty() => {
                Ok(Self { prefix: prefix.to_owned(), folder: PathBuf::from(folder) })
            }
            Some(_) | None => Err("write it as registry.example/=/path/to/layout".to_owned()),
        }
    }
}

/// The file, which has the same names with `_`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    listen: Option<SocketAddr>,
    data: Option<PathBuf>,
    demo: Option<bool>,
    site: Option<PathBuf>,
    public_url: Option<String>,
    layout: Vec<Layout>,
    allow_private: Vec<String>,
    plain_http: Vec<String>,
    docker_config: Option<PathBuf>,
    cloud_login: Vec<Cloud>,
    ca_file: Option<PathBuf>,
    proxy: Option<String>,
    vulnerability_database: Option<PathBuf>,
    syft: Option<PathBuf>,
    registry_rate: Option<u32>,
    token_rate: Option<u32>,
    address_rate: Option<u32>,
    metrics_listen: Option<SocketAddr>,
    log_format: Option<LogFormat>,
    registry_hook_secret: Option<PathBuf>,
    sigstore_updates: Option<Updates>,
    #[serde(flatten)]
    sign_in: SignInFile,
}

/// What holds.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) data: PathBuf,
    pub(crate) demo: bool,
    pub(crate) site: PathBuf,
    pub(crate) public_url: Option<String>,
    pub(crate) layouts: Vec<Layout>,
    pub(crate) allow_private: Vec<String>,
    pub(crate) plain_http: Vec<String>,
    pub(crate) docker_config: Option<PathBuf>,
    pub(crate) cloud_logins: Vec<Cloud>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) proxy: Option<String>,
    pub(crate) vulnerability_database: Option<PathBuf>,
    /// The program that makes SBOMs.
    pub(crate) syft: Option<PathBuf>,
    /// Requests a second and registry; `None` lifts the limit.
    pub(crate) registry_rate: Option<u32>,
    /// What registries show when they call by themselves.
    pub(crate) registry_hook_secret: Option<String>,
    pub(crate) sigstore_updates: Updates,
    /// How people sign in, and how they reach the server.
    pub(crate) sign_in: SignInConfig,
    /// How often the API may be called.
    pub(crate) rates: Rates,
    /// Where Prometheus finds the metrics.
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) log_format: LogFormat,
}

/// Requests that a registry is asked a second when nobody says.
const REGISTRY_RATE: u32 = 20;
/// Requests a minute with one token when nobody says: fifty a second, which no person and few
/// scripts reach.
const TOKEN_RATE: u32 = 3000;
/// The same from one address without one.
const ADDRESS_RATE: u32 = 600;

/// A limit as it was given; zero is none.
fn limit(given: Option<u32>, default: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(given.unwrap_or(default))
}

impl Options {
    /// Flags and variables, then the file, then defaults.
    pub(crate) fn resolve(self) -> anyhow::Result<Config> {
        let file = match &self.config {
            None => File::default(),
            Some(path) => read(path)?,
        };
        let listen = self.listen.or(file.listen);
        let either = |mine: Vec<String>, filed| if mine.is_empty() { filed } else { mine };
        Ok(Config {
            listen: listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3000))),
            data: self.data.or(file.data).unwrap_or_else(|| PathBuf::from("loadline-data")),
            demo: self.demo.or(file.demo).unwrap_or(false),
            site: self.site.or(file.site).unwrap_or_else(default_site),
            public_url: self.public_url.or(file.public_url),
            layouts: if self.layout.is_empty() { file.layout } else { self.layout },
            allow_private: either(self.allow_private, file.allow_private),
            plain_http: either(self.plain_http, file.plain_http),
            docker_config: self.docker_config.or(file.docker_config),
            cloud_logins: match self.cloud_login {
                none if none.is_empty() => file.cloud_login,
                some => some,
            },
            ca_file: self.ca_file.or(file.ca_file),
            proxy: self.proxy.or(file.proxy),
            vulnerability_database: self.vulnerability_database.or(file.vulnerability_database),
            syft: self.syft.or(file.syft),
            registry_rate: match self.registry_rate.or(file.registry_rate) {
                Some(0) => None,
                Some(rate) => Some(rate),
                None => Some(REGISTRY_RATE),
            },
            rates: Rates {
                token: limit(self.token_rate.or(file.token_rate), TOKEN_RATE),
                address: limit(self.address_rate.or(file.address_rate), ADDRESS_RATE),
            },
            metrics_listen: self.metrics_listen.or(file.metrics_listen),
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
            sigstore_updates: self.sigstore_updates.or(file.sigstore_updates).unwrap_or_default(),
            sign_in: self.sign_in.resolve(file.sign_in)?,
            registry_hook_secret: match self.registry_hook_secret.or(file.registry_hook_secret) {
                Some(path) => Some(secret(&path)?),
                None => None,
            },
        })
    }
}

fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the configuration file {} cannot be read", path.display()))?;
    toml::from_str(&text)
        .with_context(|| format!("the configuration file {} is wrong", path.display()))
}

/// A variable that other programs have, too, such as `VAULT_ADDR`; an empty one is none.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The secret in a file, without the line's end.
fn secret(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the secret {} cannot be read", path.display()))?;
    let text = text.trim();
    anyhow::ensure!(
        text.len() >= SHORTEST_SECRET,
        "the secret {} is shorter than {SHORTEST_SECRET} characters",
        path.display()
    );
    Ok(text.to_owned())
}

/// A shorter secret can be guessed.
const SHORTEST_SECRET: usize = 16;

fn default_site() -> PathBuf {
    let program = std::env::current_exe().ok();
    let beside = program.and_then(|path| path.parent().map(|folder| folder.join("site")));
    beside.filter(|folder| folder.is_dir()).unwrap_or_else(|| PathBuf::from("target/site"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused_with_their_place() {
        let error = toml::from_str::<File>("listne = \"127.0.0.1:1\"").unwrap_err().to_string();
        assert!(error.contains("listne") && error.contains("line 1"), "{error}");
    }

    #[test]
    fn flags_win_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loadline.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:1\"\ndata = \"from-file\"\n").unwrap();
        let arguments = Arguments::parse_from([
            "loadline-server".as_ref(),
            "--config".as_ref(),
            path.as_os_str(),
            "--listen".as_ref(),
            "127.0.0.1:2".as_ref(),
        ]);
        let config = arguments.options.resolve().unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.data, PathBuf::from("from-file"));
    }

    #[test]
    fn clouds_have_the_same_names_in_the_file_and_on_the_command_line() {
        let file: File = toml::from_str("cloud_login = [\"aws\", \"google\"]").unwrap();
        assert_eq!(file.cloud_login, [Cloud::Aws, Cloud::Google]);
        let arguments = ["loadline-server", "--cloud-login", "azure,google"];
        let arguments = Arguments::parse_from(arguments);
        assert_eq!(arguments.options.cloud_login, [Cloud::Azure, Cloud::Google]);
        assert!(toml::from_str::<File>("cloud_login = [\"cloud\"]").is_err());
    }

    #[test]
    fn nobody_is_asked_for_fresh_keys_unless_that_is_said() {
        let resolved = |arguments: &[&str]| {
            let program = std::iter::once(&"loadline-server").chain(arguments);
            Arguments::parse_from(program).options.resolve().unwrap().sigstore_updates
        };
        assert_eq!(resolved(&[]), Updates::Off);
        assert_eq!(resolved(&["--sigstore-updates", "on"]), Updates::On);
        let file: File = toml::from_str("sigstore_updates = \"on\"").unwrap();
        assert_eq!(file.sigstore_updates, Some(Updates::On));
    }

    #[test]
    fn a_layout_needs_both_sides() {
        assert!("registry.test/=/images".parse::<Layout>().is_ok());
        assert!("registry.test/".parse::<Layout>().is_err());
    }
}
