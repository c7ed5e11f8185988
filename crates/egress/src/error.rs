//! Why a request was not made, or not answered: who was asked, and what to do about it.

use std::net::IpAddr;
use std::time::Duration;

/// A request was not made, or not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// A rule names no host.
    #[error(
        "{rule:?} under {list} is no host: write a name or an address, with a port if it matters"
    )]
    Rule {
        /// The list it stands in.
        list: &'static str,
        /// What is written there.
        rule: String,
    },
    /// The proxy's address cannot be read. It may hold a password, so it is not repeated.
    #[error("the proxy is no URL: write it like http://proxy.example:3128")]
    Proxy,
    /// The extra certificate authorities cannot be read.
    #[error("the extra certificate authorities cannot be read: {cause}; give PEM certificates")]
    Roots {
        /// What is wrong.
        cause: String,
    },
    /// The client cannot be made.
    #[error("the HTTP client cannot be made: {cause}")]
    Client {
        /// What went wrong.
        cause: String,
    },
    /// The address is none that can be asked.
    #[error("{host:?} cannot be asked: write an https URL with a host, without user and password")]
    Url {
        /// The host, or what stands in its place.
        host: String,
    },
    /// Plain HTTP was asked for.
    #[error(
        "{host} would be asked over http, which anybody on the way can change: use https, or list the host under plain_http"
    )]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// The host lies inside a network and nobody said that it may be asked.
    #[error(
        "{host} is at {address}, a {kind} address: list the host under allow_private if it is meant to be asked"
    )]
    Internal {
        /// The host.
        host: String,
        /// Where it is.
        address: IpAddr,
        /// What kind of address that is.
        kind: &'static str,
    },
    /// A host outside redirects to one inside, which only the operator may have asked.
    #[error("{host} redirects to {to}, a host under allow_private, which only its own names may")]
    RedirectInside {
        /// The host outside.
        host: String,
        /// The host inside.
        to: String,
    },
    /// The host is at an address that is never asked.
    #[error(
        "{host} is at {address}, a {kind} address, which is never asked: use a host with an address of its own"
    )]
    Never {
        /// The host.
        host: String,
        /// Where it is.
        address: IpAddr,
        /// What kind of address that is.
        kind: &'static str,
    },
    /// The name service knows no such host.
    #[error("the name {host} could not be resolved: {cause}")]
    Name {
        /// The host.
        host: String,
        /// What the name service said.
        cause: String,
    },
    /// No connection, or it broke, or the other side is not who it should be.
    #[error("no answer from {host}: {cause}")]
    NoAnswer {
        /// The host.
        host: String,
        /// What went wrong.
        cause: String,
    },
    /// It took too long.
    #[error("{host} took longer than {} s {waited_for}", .limit.as_secs_f32())]
    TimedOut {
        /// The host.
        host: String,
        /// What was waited for.
        waited_for: &'static str,
        /// How long.
        limit: Duration,
    },
    /// The body is larger than the caller wants to read.
    #[error("the answer of {host} is larger than {max_bytes} bytes")]
    TooLarge {
        /// The host.
        host: String,
        /// The limit.
        max_bytes: usize,
    },
    /// The other side sent the request on and on.
    #[error("{host} redirected more than {most} times")]
    TooManyRedirects {
        /// The host that was asked last.
        host: String,
        /// The limit.
        most: usize,
    },
}
