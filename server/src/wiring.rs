//! Wiring: the one place where the use cases meet the database, registries and cryptography.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use egress::Egress;
use model::timestamp::Timestamp;
use service::ports::{Clock, Ports, Randomness};
use service::{Service, Settings};
use store::Store;

use crate::config::Config;
use crate::http::{Front, Rates};
use crate::metrics::Metrics;

pub(crate) mod backup;
mod clouds;
mod evidence;
mod references;
mod sealing;
pub(crate) mod sessions;
mod syft;
mod vulnerabilities;

/// The database's file in the data folder.
const DATABASE: &str = "loadline.db";

/// What the front end needs.
#[derive(Debug, Clone)]
pub(crate) struct Wired {
    pub(crate) service: Service,
    /// Whether people reach the server by https.
    pub(crate) is_https: bool,
    pub(crate) front: Front,
    pub(crate) store: Store,
    pub(crate) registry_hook_secret: Option<Arc<str>>,
    pub(crate) rates: Rates,
    pub(crate) metrics: Metrics,
}

/// Refuses a folder without a database: a link into an empty one would be of no use.
pub(crate) fn has_database(config: &Config) -> anyhow::Result<()> {
    let file = config.data.join(DATABASE);
    if !file.exists() {
        bail!("there is no database {}: name the server's own folder with --data", file.display());
    }
    Ok(())
}

/// Opens the database and puts everything together. `address` is where people reach the server,
/// without a slash at its end.
pub(crate) async fn wire(config: &Config, address: String) -> anyhow::Result<Wired> {
    let folder = &config.data;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
    let file = folder.join(DATABASE);
    let store = Store::open(&file)
        .await
        .with_context(|| format!("the database {} cannot be opened", file.display()))?;
    let is_demo = demo(&store, config).await?;
    let metrics = Metrics::default();
    let registries = evidence::Registries::new(config)?;
    let syft = syft::Syft::new(config.syft.as_deref(), registries.sources(), folder).await?;
    let ports = Ports {
        clock: Arc::new(SystemClock::after(store.latest_write().await?)),
        randomness: Arc::new(SystemRandomness),
        evidence: Arc::new(metrics.counting(registries)),
        references: Arc::new(references::Elsewhere::new(config)?),
        verifier: Arc::new(evidence::Sigstore::default()),
        vulnerabilities: Arc::new(vulnerabilities::OsvFiles::open(
            config.vulnerability_database.as_deref(),
        )?),
        generator: Arc::new(syft),
        sealing: Arc::new(sealing::KeyFile::open(folder)?),
        web: Arc::new(
            Egress::new(evidence::egress_rules(config)?)
                .context("the outbound HTTP client cannot be made")?,
        ),
    };
    let sign_in = &config.sign_in;
    let is_https = address.starts_with("https://");
    let settings = Settings {
        is_demo,
        address,
        has_local_accounts: sign_in.has_local_accounts,
        providers: sign_in.providers.clone(),
    };
    Ok(Wired {
        service: Service::new(store.clone(), ports, settings),
        is_https,
        front: Front {
            proxies: sign_in.trusted_proxies.as_slice().into(),
            has_tls: sign_in.tls.is_some(),
        },
        store,
        registry_hook_secret: config.registry_hook_secret.as_deref().map(Arc::from),
        rates: config.rates,
        metrics,
    })
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

/// The machine's clock, but never the same time twice and never back: history is written in the
/// order of its times. Where the machine's clock steps back, time creeps until it has caught up.
struct SystemClock {
    last: AtomicI64,
}

impl SystemClock {
    /// A clock that goes on after what was written before this start.
    fn after(latest: Option<Timestamp>) -> Self {
        Self { last: AtomicI64::new(latest.map_or(0, Timestamp::as_micros)) }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let machine = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        let next = |last: i64| machine.max(last.saturating_add(1));
        let before =
            self.last.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(next(last)));
        Timestamp::from_micros(next(before.unwrap_or(machine)))
    }
}

struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(clippy::expect_used, reason = "without randomness no secret may be made at all")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the system gives random bytes");
    }
}
