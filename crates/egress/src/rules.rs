//! What the operator decided: which hosts may lie inside, which speak plain HTTP, how long and
//! how much.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::EgressError;

/// The rules as they are configured.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EgressRules {
    /// Hosts (`registry.corp`, `registry.corp:5000`, `127.0.0.1:5000`) that may be at loopback,
    /// private, carrier-grade NAT, unique local or translated addresses.
    pub allow_private: Vec<String>,
    /// Hosts that are asked over `http`.
    pub plain_http: Vec<String>,
    /// The largest body that is read where the caller gives no limit.
    pub max_body_bytes: usize,
    /// Time limits.
    pub timeouts: Timeouts,
    /// A proxy for every host that is not under `allow_private`, such as
    /// `http://proxy.example:3128`.
    pub proxy: Option<String>,
    /// Certificate authorities that are believed beside the machine's own, as PEM text.
    pub extra_roots: String,
}

impl Default for EgressRules {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            plain_http: Vec::new(),
            max_body_bytes: 16 * 1024 * 1024,
            timeouts: Timeouts::default(),
            proxy: None,
            extra_roots: String::new(),
        }
    }
}

/// Without the proxy's address, which may hold a password.
impl fmt::Debug for EgressRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EgressRules")
            .field("allow_private", &self.allow_private)
            .field("plain_http", &self.plain_http)
            .field("max_body_bytes", &self.max_body_bytes)
            .field("timeouts", &self.timeouts)
            .field("has_proxy", &self.proxy.is_some())
            .field("has_extra_roots", &!self.extra_roots.is_empty())
            .finish()
    }
}

/// Time limits, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect_ms: u64,
    /// Until the answer's head is there, connecting included.
    pub first_byte_ms: u64,
    /// Until everything is there, redirects included.
    pub whole_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect_ms: 5_000, first_byte_ms: 10_000, whole_ms: 30_000 }
    }
}

impl Timeouts {
    pub(crate) const fn connect(self) -> Duration {
        Duration::from_millis(self.connect_ms)
    }

    pub(crate) const fn first_byte(self) -> Duration {
        Duration::from_millis(self.first_byte_ms)
    }

    pub(crate) const fn whole(self) -> Duration {
        Duration::from_millis(self.whole_ms)
    }
}

/// A list of hosts, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hosts(Vec<HostRule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct HostRule {
    host: String,
    port: Option<u16>,
}

impl Hosts {
    pub(crate) fn parse(list: &'static str, rules: &[String]) -> Result<Self, EgressError> {
        let parsed = rules.iter().map(|rule| {
            let wrong = || EgressError::Rule { list, rule: rule.clone() };
            HostRule::parse(rule).ok_or_else(wrong)
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }

    /// Whether the list names the URL's host, on the URL's port.
    pub(crate) fn names(&self, url: &Url) -> bool {
        let host = host_of(url);
        let port = url.port_or_known_default();
        self.0.iter().any(|rule| rule.host == host && (rule.port.is_none() || rule.port == port))
    }
}

impl HostRule {
    /// The host is read by the URL parser, so that a rule and a URL that mean the same address
    /// are spelled the same.
    fn parse(rule: &str) -> Option<Self> {
        let (host, port) = match rule.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
            Some(_) | None => (rule, None),
        };
        let port = port.map(str::parse::<u16>).transpose().ok()?;
        let host = match host.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => host.to_owned(),
        };
        let is_host = !host.is_empty() && !host.contains(['/', '?', '#', '@', '\\', '*']);
        let url = Url::parse(&format!("https://{host}/")).ok().filter(|_| is_host)?;
        Some(Self { host: host_of(&url), port })
    }
}

/// The host as lists are searched: without the dot that ends an absolute name.
pub(crate) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(rule: &str, url: &str) -> bool {
        let hosts = Hosts::parse("allow_private", &[rule.to_owned()]).unwrap();
        hosts.names(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_host_covers_every_port_and_a_port_only_itself() {
        assert!(names("registry.corp", "https://registry.corp:5000/v2/"));
        assert!(names("Registry.Corp", "https://registry.corp./v2/"));
        assert!(names("registry.corp:443", "https://registry.corp/"));
        assert!(names("registry.corp:80", "http://registry.corp/"));
        assert!(!names("registry.corp:5000", "https://registry.corp/"));
        assert!(!names("registry.corp", "https://registry.corp.evil.test/"));
        assert!(!names("registry.corp", "https://a.registry.corp/"));
    }

    #[test]
    fn addresses_are_named_however_they_are_written() {
        assert!(names("127.0.0.1:5000", "http://127.1:5000/"));
        assert!(names("::1", "http://[0:0::1]:80/"));
        assert!(names("[::1]:5000", "http://[::1]:5000/"));
    }

    #[test]
    fn what_is_no_host_is_refused_with_its_list() {
        for rule in ["", ":80", "a b", "https://a", "a/b", "u@a", "a:b", "a:70000", "*.corp"] {
            let error = Hosts::parse("plain_http", &[rule.to_owned()]).unwrap_err().to_string();
            assert!(error.contains("plain_http"), "{rule}: {error}");
        }
    }

    #[test]
    fn unknown_settings_are_refused() {
        let rules: EgressRules =
            toml::from_str("plain_http = [\"a\"]\ntimeouts.whole_ms = 5\n").unwrap();
        assert_eq!((rules.timeouts.whole_ms, rules.timeouts.connect_ms), (5, 5_000));
        assert!(toml::from_str::<EgressRules>("allow_privat = []").is_err());
        assert!(toml::from_str::<EgressRules>("timeouts.hole_ms = 5").is_err());
    }

    #[test]
    fn the_proxys_password_is_not_printed() {
        let proxy = Some("http://u:secret@proxy.example:3128".to_owned());
        let rules = EgressRules { proxy, ..EgressRules::default() };
        assert!(!format!("{rules:?}").contains("secret"));
    }
}
