//! What may be written after `loadline evidence`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::image;

/// Evidence.
#[derive(Debug, Subcommand)]
pub enum Evidence {
    /// Hand over a Sigstore bundle, an SBOM or a report for an image.
    Add {
        /// The image, such as `ghcr.io/acme/api@sha256:…`.
        #[arg(value_parser = image)]
        image: String,
        /// The document; `-` reads it from standard input.
        #[arg(short, long)]
        file: PathBuf,
        /// What it is, where it is no Sigstore bundle, such as `application/spdx+json`.
        #[arg(long, default_value = "")]
        media_type: String,
        /// The group, such as `acme/production`.
        #[arg(long)]
        group: Option<String>,
    },
    /// Verify a Sigstore bundle here, without a server. Exits 0 verified, 1 refused, 2 where it
    /// could not be checked, 64 for wrong usage.
    Verify(VerifyEvidence),
}

/// `evidence verify`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("signer").required(true).args(["key", "certificate_identity"]))]
pub struct VerifyEvidence {
    /// The file that is signed, or its digest, `sha256:HEX`.
    #[arg(value_name = "ARTIFACT")]
    pub artifact: String,
    /// The Sigstore bundle; `-` reads it from standard input.
    #[arg(long, value_name = "FILE")]
    pub bundle: PathBuf,
    /// Who must have signed: the certificate's subject, exactly.
    #[arg(long, value_name = "SUBJECT", requires = "certificate_oidc_issuer")]
    pub certificate_identity: Option<String>,
    /// Who must have said so: the issuer, exactly.
    #[arg(long, value_name = "URL", requires = "certificate_identity")]
    pub certificate_oidc_issuer: Option<String>,
    /// The public key that must have signed, PEM.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// A `trusted_root.json` in place of the public-good Sigstore.
    #[arg(long, value_name = "FILE")]
    pub trusted_root: Option<PathBuf>,
}
