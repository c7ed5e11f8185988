//! How people sign in, and how they reach the server.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, bail, ensure};
use clap::{Args, ValueEnum};
use model::iam::RoleRef;
use serde::Deserialize;
use service::sign_in::ConfiguredProvider;
use url::Url;

/// The options, each also as a variable and in the file.
#[derive(Debug, Default, Args)]
pub(crate) struct SignInOptions {
    /// Whether people may sign in by a name and a password of this installation [default: on]
    #[arg(long, env = "LOADLINE_LOCAL_ACCOUNTS", value_name = "on|off", global = true)]
    local_accounts: Option<LocalAccounts>,
    /// An OIDC provider whose people may sign in: its issuer, exactly as its tokens say it. More
    /// than one are written in the file, as [[oidc]]
    #[arg(long, env = "LOADLINE_OIDC_ISSUER", value_name = "URL", global = true)]
    oidc_issuer: Option<String>,
    /// What the provider knows Loadline as
    #[arg(long, env = "LOADLINE_OIDC_CLIENT_ID", value_name = "ID", global = true)]
    oidc_client_id: Option<String>,
    /// A file with the client secret; without it Loadline is a public client
    #[arg(long, env = "LOADLINE_OIDC_CLIENT_SECRET", value_name = "FILE", global = true)]
    oidc_client_secret: Option<PathBuf>,
    /// How the provider is shown [default: the issuer's host]
    #[arg(long, env = "LOADLINE_OIDC_NAME", value_name = "NAME", global = true)]
    oidc_name: Option<String>,
    /// The role that its people hold over the whole installation from their first sign-in on
    #[arg(long, env = "LOADLINE_OIDC_DEFAULT_ROLE", value_name = "ROLE", global = true)]
    oidc_default_role: Option<RoleRef>,
    /// Domain of e-mail addresses that are sent to the provider; repeatable
    #[arg(
        long,
        env = "LOADLINE_OIDC_DOMAIN",
        value_name = "DOMAIN",
        value_delimiter = ',',
        global = true
    )]
    oidc_domain: Vec<String>,
    /// The certificates that the server shows, PEM, its own first; with --tls-key the server
    /// speaks https. Read again when the file changes
    #[arg(long, env = "LOADLINE_TLS_CERT", value_name = "FILE", global = true)]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM
    #[arg(long, env = "LOADLINE_TLS_KEY", value_name = "FILE", global = true)]
    tls_key: Option<PathBuf>,
    /// Address or network of a proxy in front, whose X-Forwarded-For and X-Forwarded-Proto are
    /// believed, such as 10.0.0.7 or 10.0.0.0/24; repeatable
    #[arg(
        long,
        env = "LOADLINE_TRUSTED_PROXY",
        value_name = "ADDRESS",
        value_delimiter = ',',
        global = true
    )]
    trusted_proxy: Vec<Network>,
}

/// Whether local accounts are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LocalAccounts {
    On,
    Off,
}

/// The same in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SignInFile {
    local_accounts: Option<LocalAccounts>,
    oidc: Vec<Provider>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    trusted_proxy: Vec<Network>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    issuer: String,
    client_id: String,
    /// A file.
    client_secret: Option<PathBuf>,
    name: Option<String>,
    /// What addresses name it by.
    key: Option<String>,
    #[serde(default = "usual_scopes")]
    scopes: Vec<String>,
    default_role: Option<RoleRef>,
    #[serde(default)]
    domains: Vec<String>,
}

fn usual_scopes() -> Vec<String> {
    vec!["email".to_owned(), "profile".to_owned()]
}

/// What holds.
#[derive(Debug, Clone)]
pub(crate) struct SignInConfig {
    pub(crate) has_local_accounts: bool,
    pub(crate) providers: Vec<ConfiguredProvider>,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) trusted_proxies: Vec<Network>,
}

/// Certificates and their key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    pub(crate) certificates: PathBuf,
    pub(crate) key: PathBuf,
}

impl SignInOptions {
    /// Flags and variables, then the file, then defaults.
    pub(crate) fn resolve(self, file: SignInFile) -> anyhow::Result<SignInConfig> {
        let mut written = file.oidc;
        match (self.oidc_issuer, self.oidc_client_id) {
            (Some(issuer), Some(client_id)) => written.insert(
                0,
                Provider {
                    issuer,
                    client_id,
                    client_secret: self.oidc_client_secret,
                    name: self.oidc_name,
                    key: None,
                    scopes: usual_scopes(),
                    default_role: self.oidc_default_role,
                    domains: self.oidc_domain,
                },
            ),
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                bail!("--oidc-issuer and --oidc-client-id go together: give both")
            }
        }
        let mut providers: Vec<ConfiguredProvider> = Vec::with_capacity(written.len());
        for provider in written {
            let provider = provider.checked()?;
            let key = &provider.key;
            ensure!(
                providers.iter().all(|other| other.key != *key),
                "two providers have the key {key}: give one of them another `key`"
            );
            providers.push(provider);
        }
        let tls = match (self.tls_cert.or(file.tls_cert), self.tls_key.or(file.tls_key)) {
            (Some(certificates), Some(key)) => Some(TlsFiles { certificates, key }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                bail!("--tls-cert and --tls-key go together: give both")
            }
        };
        let local_accounts = self.local_accounts.or(file.local_accounts);
        let trusted_proxies = match self.trusted_proxy {
            none if none.is_empty() => file.trusted_proxy,
            some => some,
        };
        Ok(SignInConfig {
            has_local_accounts: local_accounts != Some(LocalAccounts::Off),
            providers,
            tls,
            trusted_proxies,
        })
    }
}

impl Provider {
    fn checked(self) -> anyhow::Result<ConfiguredProvider> {
        let issuer = Url::parse(&self.issuer).ok();
        let host = issuer.as_ref().and_then(|url| url.host_str()).map(str::to_owned);
        let host = host.with_context(|| {
            format!("{:?} is no issuer: write an https URL as the tokens do", self.issuer)
        })?;
        let name = self.name.unwrap_or_else(|| host.clone());
        let key = self.key.unwrap_or_else(|| slug(&name));
        // Sixteen hex digits are a group's provider's.
        let is_key = !key.is_empty()
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && key.len() != 16;
        ensure!(
            is_key,
            "{key:?} is no key of a provider: write lower-case letters, digits and hyphens, not 16 of them"
        );
        Ok(ConfiguredProvider {
            key,
            name,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret: self.client_secret.as_deref().map(secret).transpose()?,
            scopes: self.scopes,
            default_role: self.default_role,
            domains: self.domains.iter().map(|domain| domain.to_lowercase()).collect(),
        })
    }
}

/// A client secret has the length that its provider gave it.
fn secret(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the client secret {} cannot be read", path.display()))?;
    let text = text.trim();
    ensure!(!text.is_empty(), "the client secret {} is empty", path.display());
    Ok(text.to_owned())
}

fn slug(name: &str) -> String {
    let plain = |letter: char| match letter.to_ascii_lowercase() {
        letter @ ('a'..='z' | '0'..='9') => letter,
        _ => '-',
    };
    name.chars().map(plain).collect::<String>().trim_matches('-').to_owned()
}

/// An address, or all that begin like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether an address is of it.
    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(mine), IpAddr::V4(other)) => {
                let shift = u32::BITS.saturating_sub(self.bits);
                (mine.to_bits() ^ other.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(mine), IpAddr::V6(other)) => {
                let shift = u128::BITS.saturating_sub(self.bits);
                (mine.to_bits() ^ other.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no address or network: write 10.0.0.7 or 10.0.0.0/24");
        let (address, bits) = match text.split_once('/') {
            None => (text, None),
            Some((address, bits)) => (address, Some(bits)),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { u32::BITS } else { u128::BITS };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> anyhow::Result<SignInConfig> {
        SignInOptions::default().resolve(toml::from_str(text).unwrap())
    }

    #[test]
    fn a_network_holds_what_begins_like_it() {
        let holds = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().holds(address.parse().unwrap())
        };
        assert!(holds("10.0.0.7", "10.0.0.7") && !holds("10.0.0.7", "10.0.0.8"));
        assert!(holds("10.0.0.0/24", "10.0.0.255") && !holds("10.0.0.0/24", "10.0.1.0"));
        assert!(holds("0.0.0.0/0", "192.0.2.1") && holds("10.0.0.7", "::ffff:10.0.0.7"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "::1"));
        assert!(!holds("::/0", "10.0.0.7"));
        for wrong in ["", "proxy", "10.0.0.0/33", "10.0.0.0/x", "10.0.0", "::1/129"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn providers_have_a_name_and_a_key_of_their_own() {
        let text = "[[oidc]]\nissuer = \"https://login.acme.example\"\nclient_id = \"a\"\n";
        let config = file(text).unwrap();
        assert_eq!(config.providers[0].key, "login-acme-example");
        assert_eq!(config.providers[0].scopes, ["email", "profile"]);
        assert!(config.has_local_accounts);
        assert!(file(&format!("{text}{text}")).unwrap_err().to_string().contains("another `key`"));
        let hex = text.replace("client_id", "key = \"0123456789abcdef\"\nclient_id");
        assert!(file(&hex).is_err());
        assert!(file("[[oidc]]\nissuer = \"acme\"\nclient_id = \"a\"\n").is_err());
        assert!(!file("local_accounts = \"off\"").unwrap().has_local_accounts);
        assert!(file("tls_cert = \"a.pem\"").unwrap_err().to_string().contains("go together"));
    }
}
