//! What may be written on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use model::id::TokenId;
use model::image::ImageReference;
use model::timestamp::Timestamp;
use url::Url;

mod evidence;
mod groups;
mod iam;
mod policies;

pub use evidence::{Evidence, VerifyEvidence};
pub use groups::{Collected, Groups};
pub use iam::{
    Audit, CreateIdentity, Export, Iam, Identities, IdentityProviders, Invites, Provider,
    RoleBindings, Roles,
};
pub use policies::{Policies, TestPolicies, Versions};

/// Where the control plane is when nobody says.
pub const DEFAULT_SERVER: &str = "http://127.0.0.1:3000";

/// Whether what runs in your clusters may run, and why.
#[derive(Debug, Parser)]
#[command(name = "loadline", version, propagate_version = true, arg_required_else_help = true)]
pub struct Arguments {
    /// Which server, and as whom.
    #[command(flatten)]
    pub connection: Connection,
    /// How lists are printed.
    #[arg(short, long, global = true, value_enum, default_value_t = Format::Table)]
    pub output: Format,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Which server, and as whom.
#[derive(Debug, Clone, Args)]
pub struct Connection {
    /// The control plane [default: where you signed in last, else http://127.0.0.1:3000].
    #[arg(long, global = true, env = "LOADLINE_SERVER", value_name = "URL", value_parser = server)]
    pub server: Option<Url>,
    /// A token [default: the one that `loadline auth login` stored].
    #[arg(long, global = true, env = "LOADLINE_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns, for people.
    Table,
    /// All fields, as one JSON array.
    Json,
    /// All fields, as YAML.
    Yaml,
}

/// The nouns.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sign in and out.
    #[command(subcommand)]
    Auth(Auth),
    /// The tree that clusters and policies hang from.
    #[command(subcommand)]
    Groups(Groups),
    /// Who may do what: roles, people, invites, providers, and the audit log.
    #[command(subcommand)]
    Iam(Iam),
    /// Clusters, their tokens, their inventory and what policy says of them.
    #[command(subcommand)]
    Clusters(Clusters),
    /// Policies.
    #[command(subcommand)]
    Policies(Policies),
    /// Images: what runs, what is known of it, what policy says of it.
    #[command(subcommand)]
    Images(Images),
    /// Evidence: hand it over, or verify it here without a server.
    #[command(subcommand)]
    Evidence(Evidence),
    /// Packages of what runs.
    #[command(subcommand)]
    Packages(Packages),
    /// Vulnerabilities of what runs.
    #[command(subcommand)]
    Vulns(Vulns),
    /// Make a demo fleet: signed images, groups, clusters, what runs there, policies.
    Demo(Demo),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// Signing in and out.
#[derive(Debug, Subcommand)]
pub enum Auth {
    /// Sign in, in the browser of this machine, and keep the token.
    Login(Login),
    /// Print the token that the server is asked with, for scripts.
    Token,
    /// Say who you are to the server.
    Status,
    /// Forget the stored token.
    Logout,
}

/// How to sign in.
#[derive(Debug, Args)]
pub struct Login {
    /// A one-time link as the server printed it: `http://…/sign-in?secret=…`.
    #[arg(value_parser = link)]
    pub link: Option<SignInLink>,
    /// Show a code to type in at any browser, where this machine has none.
    #[arg(long, conflicts_with = "link")]
    pub headless: bool,
    /// Act as this identity, by the token that GitHub Actions, GitLab, Buildkite or a file has.
    #[arg(long, env = "LOADLINE_IDENTITY", value_name = "ID", conflicts_with_all = ["link", "headless"])]
    pub identity: Option<String>,
    /// The file with that token, instead of what this place hands out.
    #[arg(long, value_name = "FILE", requires = "identity")]
    pub identity_token: Option<std::path::PathBuf>,
}

/// Clusters.
#[derive(Debug, Subcommand)]
pub enum Clusters {
    /// Every cluster you may see.
    List {
        /// Only those in this group and below, such as `acme/production`.
        #[arg(long)]
        group: Option<String>,
    },
    /// Register a cluster; prints its token once.
    Create {
        /// Its name.
        #[arg(value_parser = name)]
        name: String,
        /// The group it belongs to, such as `acme/production`.
        #[arg(long)]
        group: String,
        /// Free text.
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Rename or describe a cluster.
    Update {
        /// The cluster's name or id.
        cluster: String,
        /// Its new name.
        #[arg(long, value_parser = name)]
        name: Option<String>,
        /// Free text.
        #[arg(long)]
        description: Option<String>,
    },
    /// Put a cluster into another group: the policies that hold there hold for it.
    Move {
        /// The cluster's name or id.
        cluster: String,
        /// The group it goes to, such as `acme/production`.
        #[arg(long)]
        to: String,
    },
    /// Delete a cluster: its tokens end at once, and what it ran belongs to the past.
    Delete {
        /// The cluster's name or id.
        cluster: String,
        /// Do it; without this, nothing is changed.
        #[arg(long)]
        yes: bool,
    },
    /// A cluster's tokens.
    #[command(subcommand)]
    Token(Token),
    /// What runs there and should not.
    Violations {
        /// The cluster's name or id.
        cluster: String,
    },
    /// Send what runs in a cluster, from `kubectl get … -A -o json`.
    Ingest(Ingest),
    /// Send a cluster's pull secrets, by which the server asks registries for what runs there.
    #[command(after_help = concat!(
        "The server keeps them in memory only: send them again after it was started again.\n",
        "Example:\n  kubectl get secrets -A --field-selector ",
        "type=kubernetes.io/dockerconfigjson -o json \\\n",
        "    | loadline clusters pull-secrets --file -"
    ))]
    PullSecrets {
        /// What kubectl printed; `-` reads it from standard input.
        #[arg(short, long, default_value = "-")]
        file: PathBuf,
        /// The cluster's token.
        #[arg(long, env = "LOADLINE_CLUSTER_TOKEN", hide_env_values = true)]
        cluster_token: String,
    },
}

/// A cluster's tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a further token; it is printed once.
    Create {
        /// The cluster's name or id.
        cluster: String,
    },
    /// End a token at once.
    Revoke {
        /// The cluster's name or id.
        cluster: String,
        /// The token's id, printed when it was made.
        token_id: TokenId,
    },
}

/// `clusters ingest`.
#[derive(Debug, Args)]
#[command(after_help = concat!(
    "Example:\n  kubectl get ",
    "pods,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,namespaces,nodes",
    " -A -o json \\\n    | loadline clusters ingest NAME --file -"
))]
pub struct Ingest {
    /// The cluster's name or id.
    pub name: String,
    /// What kubectl printed; `-` reads it from standard input.
    #[arg(short, long, default_value = "-")]
    pub file: PathBuf,
    /// The cluster's token; without it one is made for this call with your own token.
    #[arg(long, env = "LOADLINE_CLUSTER_TOKEN", hide_env_values = true)]
    pub cluster_token: Option<String>,
    /// The API server's version, such as v1.36.2; what kubectl prints does not hold it.
    #[arg(long, default_value = "")]
    pub kubernetes_version: String,
    /// What is sent of values that may be secret.
    #[command(flatten)]
    pub collection: CollectionArguments,
}

/// What is sent of `env[].value`, `args` and `command`.
#[derive(Debug, Clone, Default, Args)]
pub struct CollectionArguments {
    /// Send `env[].value`, `args` and `command` as they are, instead of keyed digests.
    #[arg(long, conflicts_with = "digest_key_file")]
    pub collect_values: bool,
    /// The digests' key, 16 bytes or more [default: one of your own, made once and kept beside
    /// the stored token].
    #[arg(long, value_name = "FILE")]
    pub digest_key_file: Option<PathBuf>,
}

/// A scope, and a time to look back to.
#[derive(Debug, Clone, Default, Args)]
pub struct ScopeArguments {
    /// Only what runs in this group and below, such as `acme/production`.
    #[arg(long)]
    pub group: Option<String>,
    /// As it was at a time, such as `2026-03-03T12:00:00Z`.
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
}

/// Images.
#[derive(Debug, Subcommand)]
pub enum Images {
    /// The images that run, the worst first.
    List {
        /// Where, and when.
        #[command(flatten)]
        scope: ScopeArguments,
        /// Only with this in the repository's name, or this digest.
        #[arg(long, default_value = "")]
        text: String,
        /// Only with this in a signer's name.
        #[arg(long, default_value = "")]
        signer: String,
        /// Only with a file with this in its path, as SBOMs list them.
        #[arg(long, default_value = "")]
        file: String,
        /// Only with, or without, a signature that holds.
        #[arg(long)]
        signed: Option<bool>,
        /// Only with, or without, an SBOM.
        #[arg(long)]
        sbom: Option<bool>,
    },
    /// Everything that is known of an image: where it runs, its evidence, what policies say.
    Describe {
        /// The image, such as `ghcr.io/acme/api@sha256:…`.
        #[arg(value_parser = image)]
        image: String,
        /// Where, and when.
        #[command(flatten)]
        scope: ScopeArguments,
    },
    /// What the server's policies say of an image. Exits 0 for pass or warn, 1 for fail, 2 where
    /// it could not be checked.
    Verify {
        /// The image, such as `ghcr.io/acme/api@sha256:…`.
        #[arg(value_parser = image)]
        image: String,
        /// Where.
        #[command(flatten)]
        scope: ScopeArguments,
    },
    /// Ask an image's registry again at once.
    Refresh {
        /// The image, such as `ghcr.io/acme/api@sha256:…`.
        #[arg(value_parser = image)]
        image: String,
    },
}

/// Packages.
#[derive(Debug, Subcommand)]
pub enum Packages {
    /// The packages that run and where, such as
    /// `loadline packages search log4j-core --version '<2.17.1' --where`.
    // `--version` is the packages' here; `loadline --version` tells ours.
    #[command(disable_version_flag = true)]
    Search {
        /// A part of the name, or a purl.
        #[arg(default_value = "")]
        text: String,
        /// Only in this range, such as `<2.17.1` or `>=1, <2`.
        #[arg(long, default_value = "")]
        version: String,
        /// Only with this in the licence.
        #[arg(long, default_value = "")]
        licence: String,
        /// Only of this ecosystem, such as `npm`.
        #[arg(long, default_value = "")]
        ecosystem: String,
        /// Say which images hold them, and in which clusters these run.
        #[arg(long = "where")]
        is_where: bool,
        /// Where, and when.
        #[command(flatten)]
        scope: ScopeArguments,
    },
}

/// Vulnerabilities.
#[derive(Debug, Subcommand)]
pub enum Vulns {
    /// The vulnerabilities that run, the worst first.
    List {
        /// A part of the id, or of the package's name.
        #[arg(default_value = "")]
        text: String,
        /// Only of this severity, such as `critical`.
        #[arg(long)]
        severity: Option<String>,
        /// Where, and when.
        #[command(flatten)]
        scope: ScopeArguments,
    },
}

/// `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// The folder for the images (an OCI image layout) and, in `keys`, the demo's keys.
    #[arg(long)]
    pub folder: PathBuf,
    /// A one-time sign-in link; not needed where you are signed in.
    #[arg(long, value_name = "LINK", value_parser = link)]
    pub sign_in: Option<SignInLink>,
}

/// A one-time sign-in link, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInLink {
    /// The server that printed it.
    pub server: Url,
    /// What follows `secret=`.
    pub secret: String,
}

/// Reads a server's address; a path in it is kept, for servers behind a proxy.
///
/// # Errors
/// What is wrong with it, for clap to print.
pub fn server(text: &str) -> Result<Url, String> {
    let wrong = || format!("write it as {DEFAULT_SERVER} or https://loadline.example.com");
    let mut url = Url::parse(text).map_err(|_| wrong())?;
    let is_http = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    if !is_http || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address holds no user or password; use --token".to_owned());
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// Takes a sign-in link apart.
///
/// # Errors
/// What is wrong with it, for clap to print.
pub fn link(text: &str) -> Result<SignInLink, String> {
    let wrong = || "copy the whole link, http://…/sign-in?secret=…, as the server printed it";
    let mut url = Url::parse(text.trim()).map_err(|_| wrong().to_owned())?;
    let secret = url.query_pairs().find(|(key, _)| key == "secret").map(|(_, it)| it.into_owned());
    let secret = secret.filter(|secret| !secret.is_empty()).ok_or_else(wrong)?;
    let path = url.path().strip_suffix("sign-in").ok_or_else(wrong)?.to_owned();
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Ok(SignInLink { server: server(url.as_str())?, secret })
}

fn name(text: &str) -> Result<String, String> {
    model::groups::check_name(text).map(|()| text.to_owned())
}

fn image(text: &str) -> Result<String, String> {
    text.parse::<ImageReference>().map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_link_names_its_server_and_its_secret() {
        for (text, server) in [
            ("http://127.0.0.1:3000/sign-in?secret=lll_ab", "http://127.0.0.1:3000/"),
            (" https://x.test/loadline/sign-in?secret=lll_ab\n", "https://x.test/loadline/"),
        ] {
            let link = link(text).unwrap();
            assert_eq!((link.server.as_str(), link.secret.as_str()), (server, "lll_ab"));
        }
    }

    #[test]
    fn what_is_no_link_is_refused() {
        for text in [
            "lll_ab",
            "http://x/sign-in",
            "http://x/sign-in?secret=",
            "ftp://x/sign-in?secret=a",
            "http://x/other?secret=a",
        ] {
            assert!(link(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_is_http_and_holds_no_password() {
        assert_eq!(server("https://x.test/a").unwrap().as_str(), "https://x.test/a/");
        for text in ["x.test", "ftp://x.test", "http://me:secret@x.test", "http://x.test/?a=b"] {
            assert!(server(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_and_images_are_checked_before_anything_is_sent() {
        for line in [
            &["loadline", "groups", "create", "Acme"][..],
            &["loadline", "images", "refresh", "UPPER"],
            &["loadline", "clusters", "token", "revoke", "a", "not-an-id"],
        ] {
            let error = Arguments::try_parse_from(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line:?}");
        }
    }
}
