//! A small OCI registry in memory (distribution specification 1.1): push and pull, referrers,
//! logins, and every way to misbehave that a look-up has to survive.
//!
//! It serves on loopback until it is dropped. Content is put in by functions or over HTTP; what
//! was asked can be read back.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use model::digest::Digest;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

mod answers;
mod content;
mod faults;
mod guard;
mod uploads;

pub use content::{Content, Layer};
pub use faults::{Fault, Faults};
pub use guard::Guard;

/// How the registry behaves when nothing is wrong.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether, and how, it lists referrers.
    pub referrers: Referrers,
    /// Who is let in.
    pub guard: Guard,
    /// Whether answers have an ETag, and `If-None-Match` is looked at.
    pub has_etags: bool,
    /// Whether answers say the digest of a manifest.
    pub names_digests: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            referrers: Referrers::Listed { page: None },
            guard: Guard::Open,
            has_etags: false,
            names_digests: true,
        }
    }
}

/// Whether a registry has the referrers API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referrers {
    /// It has, with so many entries on a page; `None` puts all on one.
    Listed {
        /// Entries on a page.
        page: Option<usize>,
    },
    /// It answers with this status, and clients keep lists under tags.
    Unknown {
        /// The status.
        status: u16,
    },
}

/// A registry that serves until it is dropped.
#[derive(Debug)]
pub struct Registry {
    address: SocketAddr,
    house: Arc<House>,
    serving: JoinHandle<()>,
}

/// A request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
}

/// What requests share.
#[derive(Debug)]
struct House {
    settings: Settings,
    content: Mutex<Content>,
    uploads: Mutex<uploads::Uploads>,
    faults: Mutex<Faults>,
    asked: Mutex<Vec<Asked>>,
}

impl Registry {
    /// Starts a registry on a free port of loopback.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let house = Arc::new(House {
            settings,
            content: Mutex::default(),
            uploads: Mutex::default(),
            faults: Mutex::default(),
            asked: Mutex::default(),
        });
        let handler = |State(house): State<Arc<House>>, request: Request| async move {
            answers::answer(&house, request).await
        };
        let routes = Router::new().fallback(handler).with_state(Arc::clone(&house));
        let serving = tokio::spawn(async move {
            // It ends with the task.
            drop(axum::serve(listener, routes).await);
        });
        Ok(Self { address, house, serving })
    }

    /// Host and port.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Changes what it holds.
    pub fn content<T>(&self, change: impl FnOnce(&mut Content) -> T) -> T {
        change(&mut lock(&self.house.content))
    }

    /// Adds a manifest that refers to another; where referrers are not listed, also to the list
    /// that clients keep under the tag `sha256-<hex>`. Tells the manifest's digest.
    pub fn refer(&self, repository: &str, subject: &Digest, kind: &str, layer: &Layer) -> Digest {
        let is_listed = matches!(self.house.settings.referrers, Referrers::Listed { .. });
        self.content(|content| content.refer(repository, subject, kind, layer, !is_listed))
    }

    /// Misbehaves from now on in place of how it did.
    pub fn misbehave(&self, faults: Faults) {
        *lock(&self.house.faults) = faults;
    }

    /// Every request since the last call.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *lock(&self.house.asked))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
