//! What can go wrong, said in two lines: what is wrong, and what to do.

use std::io;
use std::path::PathBuf;

use crate::client::ClientError;
use crate::credentials::CredentialsError;
use crate::demo::DemoError;
use crate::kubectl::ReadError;
use crate::tester::Answer;

/// Exit code: it was refused, or failed.
pub const FAILED: u8 = 1;
/// Exit code: the command line was not understood. (2 is an answer of `policies test`.)
pub const USAGE: u8 = 64;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The server refused, or could not be talked to.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The input is not what kubectl prints.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The stored token could not be read or written.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The demo could not be made.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// Nobody was signed in.
    #[error("not signed in: {0}")]
    SignIn(String),
    /// A server's address is none.
    #[error("the server's address is wrong: {0}")]
    Address(String),
    /// A file could not be read.
    #[error("{} could not be read: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The digests' key is too short to hide anything.
    #[error("{} holds {n_bytes} bytes; a key has 16 or more", path.display())]
    ShortKey {
        /// The file.
        path: PathBuf,
        /// How many bytes it holds.
        n_bytes: usize,
    },
    /// The machine gave no random bytes.
    #[error("no random bytes could be had from this machine")]
    Randomness,
    /// No group has that name path.
    #[error("there is no group {0:?}, or none that you may see")]
    NoSuchGroup(String),
    /// No cluster has that name or id.
    #[error("there is no cluster {0:?}, or none that you may see")]
    NoSuchCluster(String),
    /// No policy has that name or id.
    #[error("there is no policy {0:?}, or none that you may see")]
    NoSuchPolicy(String),
    /// A policy has no version of that number.
    #[error("policy {policy:?} has no version {version}")]
    NoSuchVersion {
        /// The policy, as it was named.
        policy: String,
        /// The number.
        version: u64,
    },
    /// Several things have that name.
    #[error("{name:?} names {} {nouns}: {}", found.len(), found.join(", "))]
    Several {
        /// What they are.
        nouns: &'static str,
        /// The name.
        name: String,
        /// Each of them, as `group/name (id)`.
        found: Vec<String>,
    },
    /// The token is not that of the cluster that was named; nothing was sent.
    #[error("nothing was sent: the token is that of {token_of}, not of cluster {named}")]
    OtherCluster {
        /// The cluster that was named.
        named: String,
        /// Whom the token belongs to.
        token_of: String,
    },
    /// A document has errors; they were printed already.
    #[error("{} has {n_errors} {}; nothing was changed", path.display(), if *n_errors == 1 { "error" } else { "errors" })]
    Document {
        /// The file.
        path: PathBuf,
        /// How many.
        n_errors: usize,
    },
    /// Policies were tested, and the answer is no pass; it was printed already.
    #[error("{}", match .0 {
        Answer::Pass => "it passes",
        Answer::CouldNotCheck => "it could not be checked",
        Answer::Fail => "it fails",
        Answer::Invalid => "a policy is invalid",
    })]
    Tested(Answer),
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// An object, or a file of cases, is not what it should be.
    #[error("{} cannot be used: {cause}", path.display())]
    Resource {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: String,
    },
    /// A trusted root is none.
    #[error("{} is no trusted root: {cause}", path.display())]
    TrustedRoot {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: String,
    },
    /// A policy could not be fetched.
    #[error("{url} could not be fetched: {cause}")]
    Fetch {
        /// Its address.
        url: String,
        /// Why not.
        cause: String,
    },
    /// A sign-in link was used before, or is too old.
    #[error("this sign-in link is not in force: each works once, within an hour")]
    LinkOver,
    /// Somebody pressed Ctrl-C.
    #[error("interrupted before the inventory was accepted")]
    Interrupted,
    /// Standard output could not be written.
    #[error("the output could not be written: {0}")]
    Output(#[source] io::Error),
}

impl CommandError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Client(error) => error.advice(),
            Self::Read(error) => error.advice().to_owned(),
            Self::Credentials(error) => error.advice(),
            Self::Demo(error) => error.advice(),
            Self::SignIn(_) => {
                "Sign in: loadline auth login, with --headless where there is no browser.".to_owned()
            }
            Self::Address(_) => "Give another with --server or LOADLINE_SERVER.".to_owned(),
            Self::File { .. } => "Check the path, and that you may read it.".to_owned(),
            Self::ShortKey { .. } => {
                "Make one: head -c 32 /dev/urandom > FILE, and keep it secret.".to_owned()
            }
            Self::Randomness => "Give a key of your own with --digest-key-file.".to_owned(),
            Self::NoSuchGroup(_) => "See which there are: loadline groups list.".to_owned(),
            Self::NoSuchCluster(_) => {
                "See which there are: loadline clusters list. Make one: loadline clusters create."
                    .to_owned()
            }
            Self::NoSuchPolicy(_) => "See which there are: loadline policies list.".to_owned(),
            Self::NoSuchVersion { policy, .. } => {
                format!("See which there are: loadline policies versions list {policy}.")
            }
            Self::Several { .. } => "Write the id instead of the name.".to_owned(),
            Self::OtherCluster { named, .. } => {
                format!("Use a token of {named}, or name the cluster that the token belongs to.")
            }
            Self::Document { .. } => "Correct the places above and run it again.".to_owned(),
            Self::Tested(_) => "The answer stands above.".to_owned(),
            Self::Usage(_) => "See loadline help policies test.".to_owned(),
            Self::Resource { .. } => {
                "Give policies or cases as in catalog/, or one object with apiVersion, kind, metadata \
                 and spec."
                    .to_owned()
            }
            Self::TrustedRoot { .. } => {
                "Give TrustRoot documents, or the trusted_root.json of a Sigstore.".to_owned()
            }
            Self::Fetch { .. } => "Check the address, and that you may read it.".to_owned(),
            Self::LinkOver => "Have the server print another link, and use that one.".to_owned(),
            Self::Interrupted => {
                "Run it again; a report that did not land changes nothing.".to_owned()
            }
            Self::Output(_) => "Check where the output goes.".to_owned(),
        }
    }

    /// The exit code of the whole command.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "everything else is a plain failure")]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Tested(answer) => answer.exit_code(),
            // An answer of 1 or 2 would be taken for the policy's.
            Self::Usage(_) | Self::Resource { .. } | Self::TrustedRoot { .. } => USAGE,
            Self::Fetch { .. } => Answer::CouldNotCheck.exit_code(),
            _ => FAILED,
        }
    }

    /// Both lines, as printed.
    #[must_use]
    pub fn report(&self) -> String {
        format!("error: {self}\n       {}", self.advice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_what_is_wrong_and_then_what_to_do() {
        let error = CommandError::NoSuchCluster("prod".to_owned());
        assert_eq!(
            error.report(),
            "error: there is no cluster \"prod\", or none that you may see\n       \
             See which there are: loadline clusters list. Make one: loadline clusters create."
        );
    }

    #[test]
    fn one_error_is_not_called_errors() {
        let of = |n_errors| CommandError::Document { path: "p.yaml".into(), n_errors }.to_string();
        assert_eq!(of(1), "p.yaml has 1 error; nothing was changed");
        assert_eq!(of(2), "p.yaml has 2 errors; nothing was changed");
    }
}
