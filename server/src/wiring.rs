//! Wiring: the one place where the use cases meet the database, registries and cryptography.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use model::timestamp::Timestamp;
use service::Service;
use service::ports::{Clock, Ports, Randomness};
use store::Store;

use crate::config::Config;

mod evidence;
pub(crate) mod sessions;

/// What the front end needs.
#[derive(Debug, Clone)]
pub(crate) struct Wired {
    pub(crate) service: Service,
    pub(crate) store: Store,
}

/// Opens the database and puts everything together.
pub(crate) async fn wire(config: &Config) -> anyhow::Result<Wired> {
    let folder = &config.data;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
    let file = folder.join("loadline.db");
    let store = Store::open(&file)
        .await
        .with_context(|| format!("the database {} cannot be opened", file.display()))?;
    let is_demo = demo(&store, config).await?;
    let ports = Ports {
        clock: Arc::new(SystemClock),
        randomness: Arc::new(SystemRandomness),
        evidence: Arc::new(evidence::Registries::new(config)?),
        verifier: Arc::new(evidence::Sigstore::default()),
    };
    Ok(Wired { service: Service::new(store.clone(), ports, is_demo), store })
}

/// A demo database stays one, and a database with other content never becomes one.
async fn demo(store: &Store, config: &Config) -> anyhow::Result<bool> {
    let is_marked = store.installation_value("demo").await?.is_some();
    if is_marked || !config.demo {
        return Ok(is_marked);
    }
    if !store.groups().await?.is_empty() {
        bail!(
            "{} holds data of your own, and the demo would mix with it: name an empty folder with --data",
            config.data.display()
        );
    }
    let mut tx = store.begin().await?;
    tx.set_installation_value("demo", "yes").await?;
    tx.commit().await?;
    Ok(true)
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(clippy::expect_used, reason = "without randomness no secret may be made at all")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the system gives random bytes");
    }
}
