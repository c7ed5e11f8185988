//! Names to addresses, without those that may not be asked: what is checked is what is
//! connected to, so a name whose answer changes in between gains nothing.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::EgressError;
use crate::address::{Reach, reach};

/// Asks a name service.
pub(crate) type LookUp =
    Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Which addresses a client may connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// Public ones.
    Outside,
    /// Those of inner networks, too.
    InsideToo,
}

impl Allowed {
    /// Whether `host` may be asked at `address`.
    pub(crate) fn check(self, host: &str, address: IpAddr) -> Result<(), EgressError> {
        let host = || host.to_owned();
        match (reach(address), self) {
            (Reach::Public, _) | (Reach::Internal(_), Self::InsideToo) => Ok(()),
            (Reach::Internal(kind), Self::Outside) => {
                Err(EgressError::Internal { host: host(), address, kind })
            }
            (Reach::Never(kind), _) => Err(EgressError::Never { host: host(), address, kind }),
        }
    }
}

/// The machine's own name service.
pub(crate) fn system() -> LookUp {
    Arc::new(|host| {
        async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        }
        .boxed()
    })
}

/// A resolver that drops what may not be asked.
#[derive(Clone)]
pub(crate) struct CheckedResolver {
    look_up: LookUp,
    allowed: Allowed,
}

impl CheckedResolver {
    pub(crate) const fn new(look_up: LookUp, allowed: Allowed) -> Self {
        Self { look_up, allowed }
    }

    async fn addresses(&self, host: String) -> Result<Vec<IpAddr>, EgressError> {
        let found = (self.look_up)(host.clone())
            .await
            .map_err(|error| EgressError::Name { host: host.clone(), cause: error.to_string() })?;
        let mut refusal =
            EgressError::Name { host: host.clone(), cause: "it has no address".to_owned() };
        let mut addresses = Vec::with_capacity(found.len());
        for address in found {
            match self.allowed.check(&host, address) {
                Ok(()) => addresses.push(address),
                Err(error) => refusal = error,
            }
        }
        if addresses.is_empty() { Err(refusal) } else { Ok(addresses) }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses = resolver.addresses(name.as_str().to_owned()).await?;
            // Port 0 stands for the URL's own.
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            let addresses: Addrs = Box::new(addresses);
            Ok(addresses)
        })
    }
}

impl fmt::Debug for CheckedResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedResolver").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answering(addresses: &[&str]) -> LookUp {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(move |_| std::future::ready(Ok(addresses.clone())).boxed())
    }

    async fn resolve(addresses: &[&str], allowed: Allowed) -> Result<Vec<IpAddr>, EgressError> {
        CheckedResolver::new(answering(addresses), allowed).addresses("a.test".to_owned()).await
    }

    #[tokio::test]
    async fn only_addresses_that_may_be_asked_remain() {
        let mixed = ["10.0.0.1", "1.1.1.1", "169.254.169.254"];
        let outside = resolve(&mixed, Allowed::Outside).await.unwrap();
        assert_eq!(outside, ["1.1.1.1".parse::<IpAddr>().unwrap()]);
        assert_eq!(resolve(&mixed, Allowed::InsideToo).await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_name_with_inner_addresses_only_is_refused_with_the_remedy() {
        let error = resolve(&["192.168.0.7"], Allowed::Outside).await.unwrap_err().to_string();
        assert!(error.contains("a.test is at 192.168.0.7"), "{error}");
        assert!(error.contains("allow_private"), "{error}");
    }

    #[tokio::test]
    async fn listing_a_host_does_not_open_metadata() {
        let error = resolve(&["169.254.169.254"], Allowed::InsideToo).await.unwrap_err();
        assert!(matches!(error, EgressError::Never { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_name_without_addresses_is_said_to_have_none() {
        let error = resolve(&[], Allowed::Outside).await.unwrap_err();
        assert!(matches!(error, EgressError::Name { .. }), "{error}");
    }
}
