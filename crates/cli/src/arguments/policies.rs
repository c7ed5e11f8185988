//! What may be written after `loadline policies`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Policies.
#[derive(Debug, Subcommand)]
pub enum Policies {
    /// Every policy you may see.
    List {
        /// Only those that hold in this group or below.
        #[arg(long)]
        group: Option<String>,
    },
    /// Publish a document as a policy, or as a new version of the one of that name.
    Apply {
        /// The document; `-` reads it from standard input.
        #[arg(short, long)]
        file: PathBuf,
        /// The group it holds in, such as `acme/production`.
        #[arg(long)]
        group: String,
        /// Free text.
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Describe a policy; its version stays.
    Describe {
        /// The policy's name or id.
        policy: String,
        /// Free text.
        #[arg(long)]
        description: String,
    },
    /// A policy's versions.
    #[command(subcommand)]
    Versions(Versions),
    /// Delete a policy: it holds for nothing any more.
    Delete {
        /// The policy's name or id.
        policy: String,
        /// Do it; without this, nothing is changed.
        #[arg(long)]
        yes: bool,
    },
    /// Evaluate policies here, without a server, the way an agent will. Exits 0 for pass or warn,
    /// 1 for fail, 2 where it could not be checked, 3 for an invalid policy, 64 for wrong usage.
    Test(TestPolicies),
    /// Check a document here, without a server.
    Check {
        /// The document; `-` reads it from standard input.
        #[arg(short, long)]
        file: PathBuf,
    },
}

/// A policy's versions.
#[derive(Debug, Subcommand)]
pub enum Versions {
    /// Every version, newest first.
    List {
        /// The policy's name or id.
        policy: String,
    },
    /// Print a version's document.
    View {
        /// The policy's name or id.
        policy: String,
        /// The version's number; the active one where it is left out.
        #[arg(value_name = "VERSION")]
        number: Option<u64>,
    },
    /// Name the fields that differ between two versions.
    Diff {
        /// The policy's name or id.
        policy: String,
        /// The number of the one.
        from: u64,
        /// The number of the other.
        to: u64,
    },
    /// Make an earlier version the active one.
    Activate {
        /// The policy's name or id.
        policy: String,
        /// The version's number.
        #[arg(value_name = "VERSION")]
        number: u64,
    },
}

/// `policies test`.
#[derive(Debug, Args)]
pub struct TestPolicies {
    /// Files, folders, addresses, or `-` for standard input.
    #[arg(value_name = "POLICY")]
    pub policies: Vec<String>,
    /// The image, such as `ghcr.io/acme/api:1.2`; a tag is resolved where evidence is needed.
    #[arg(long, value_name = "REF")]
    pub image: Option<String>,
    /// An object of Kubernetes that runs the image, for policies that read workloads.
    #[arg(long, value_name = "FILE")]
    pub resource: Option<PathBuf>,
    /// Where evidence comes from: `registry`, `layout:DIR` (an OCI image layout), or `folder:DIR`
    /// (with an `evidence.yaml` that says what verification found).
    #[arg(long, value_name = "SOURCE", default_value = "registry")]
    pub evidence: String,
    /// TrustRoot documents, or a `trusted_root.json` in place of the public-good Sigstore.
    #[arg(long, value_name = "FILE")]
    pub trusted_root: Option<PathBuf>,
    /// A registry that is spoken to without TLS, such as `localhost:5000`; may be repeated.
    #[arg(long, value_name = "HOST")]
    pub plain_http: Vec<String>,
    /// A docker `config.json` with registry credentials; helpers that it names are started
    /// [default: docker's own, where there is one].
    #[arg(long, value_name = "FILE")]
    pub docker_config: Option<PathBuf>,
    /// Run the test cases (`NAME.cases.yaml` beside `NAME.yaml`) of a folder instead.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["policies", "image", "resource"])]
    pub cases: Option<PathBuf>,
}
