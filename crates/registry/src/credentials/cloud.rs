//! Logins that a cloud hands out for its own registries, to whoever runs inside it.
//!
//! Who we are to each cloud is `egress`'s business ([`egress::cloud`]); what its registries want to
//! be shown is told here. Nobody is asked whom an image name could choose.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use egress::cloud::Exchange;
use futures::future::BoxFuture;

use super::Login;

mod aws;
mod azure;
mod google;

pub use aws::EcrLogin;
pub use azure::AzureLogin;
pub use google::GoogleLogin;

/// The shortest life of any cloud's login is an hour.
const KEPT: Duration = Duration::from_secs(15 * 60);
const MANY_REGISTRIES: usize = 1024;

/// A cloud that hands out logins for its registries.
pub trait CloudLogin: fmt::Debug + Send + Sync {
    /// Whether a registry is this cloud's, by its host.
    fn covers(&self, registry: &str) -> bool;

    /// Gets a login for one of its registries.
    ///
    /// # Errors
    /// What went wrong, for people and without secrets.
    fn login<'a>(
        &'a self,
        registry: &'a str,
        through: &'a dyn Exchange,
    ) -> BoxFuture<'a, Result<Login, String>>;
}

/// The clouds that were enabled, and the logins they gave lately.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clouds {
    logins: Vec<Arc<dyn CloudLogin>>,
    kept: Arc<Mutex<HashMap<String, (Login, Instant)>>>,
}

impl Clouds {
    pub(crate) fn push(&mut self, login: Arc<dyn CloudLogin>) {
        self.logins.push(login);
        // What another set of clouds gave is not this one's.
        self.kept = Arc::default();
    }

    pub(crate) async fn find(
        &self,
        registry: &str,
        through: &dyn Exchange,
    ) -> Result<Option<Login>, String> {
        let Some(cloud) = self.logins.iter().find(|cloud| cloud.covers(registry)) else {
            return Ok(None);
        };
        if let Some(login) = self.kept(registry) {
            return Ok(Some(login));
        }
        let login = cloud.login(registry, through).await?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MANY_REGISTRIES {
            kept.clear();
        }
        kept.insert(registry.to_owned(), (login.clone(), Instant::now()));
        Ok(Some(login))
    }

    fn kept(&self, registry: &str) -> Option<Login> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (login, since) = kept.get(registry)?;
        (since.elapsed() < KEPT).then(|| login.clone())
    }
}

#[cfg(test)]
mod tests {
    use egress::cloud::Recorded;

    use super::*;

    #[tokio::test]
    async fn a_login_is_kept_for_its_registry_and_nobody_else_is_asked_for_one() {
        let mut clouds = Clouds::default();
        clouds.push(Arc::new(GoogleLogin));
        let record = Recorded::of(&[r#"{"access_token":"one"}"#, r#"{"access_token":"two"}"#]);
        let first = clouds.find("gcr.io", &record).await.unwrap();
        assert!(first.is_some());
        assert_eq!(clouds.find("gcr.io", &record).await.unwrap(), first);
        assert_ne!(clouds.find("eu.gcr.io", &record).await.unwrap(), first);
        assert_eq!(clouds.find("ghcr.io", &record).await.unwrap(), None);
        assert_eq!(record.asked().len(), 2);
    }
}
