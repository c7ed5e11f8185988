//! From configuration to a serving process, and back down on a signal.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use service::{Caller, Service};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::config::{Arguments, Command, Config};
use crate::wiring::backup;
use crate::{http, metrics, sbom_maker, sweeper, tls, wiring};

/// Runs the command until it is done, or the server until SIGTERM or SIGINT.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = arguments.options.resolve()?;
    crate::log(config.log_format);
    match &arguments.command {
        None => {}
        Some(Command::OwnerLink) => wiring::has_database(&config)?,
        // Nothing is wired for it: a newer program must not bring the database up to date.
        Some(Command::Backup { folder }) => {
            wiring::has_database(&config)?;
            return say(&backup::make(&config.data, folder).await?);
        }
    }
    match arguments.command {
        Some(Command::OwnerLink) => {
            let wired = wiring::wire(&config, base_url(&config, config.listen)).await?;
            say_link(&wired.service).await
        }
        Some(Command::Backup { .. }) | None => serve(config).await,
    }
}

/// How long the sweep under way is waited for at the end.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

async fn serve(config: Config) -> anyhow::Result<()> {
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}: is another server there?", config.listen))?;
    let address = listener.local_addr().context("the listener has no address")?;
    let wired = wiring::wire(&config, base_url(&config, address)).await?;
    let router = http::router(&wired, &config.site, address);
    metrics::serve(&wired, config.metrics_listen).await?;
    let (stop, stopped) = watch::channel(false);
    let sweeper =
        tokio::spawn(sweeper::sweep(wired.service.clone(), wired.metrics.clone(), stopped.clone()));
    let maker = config.syft.is_some();
    let maker = maker.then(|| sbom_maker::make(wired.service.clone(), stopped.clone()));
    let maker = maker.map(tokio::spawn);
    say(&format!("listening on {}://{address}", scheme(&config)))?;
    warn_of_plain_http(&wired, address);
    if config.demo || !wired.service.has_owner().await? {
        say_link(&wired.service).await?;
    }
    match &config.sign_in.tls {
        Some(files) => {
            tokio::spawn(ended(stop));
            tls::serve(listener, router, files, stopped).await?;
        }
        None => {
            let router = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, router).with_graceful_shutdown(ended(stop)).await?;
        }
    }
    tracing::info!("draining");
    // An image under way may wait for its registry; what is not written yet is still queued.
    if tokio::time::timeout(LONGEST_DRAIN, sweeper).await.is_err() {
        tracing::warn!("a sweep was broken off; it goes on at the next start");
    }
    if let Some(maker) = maker {
        // It was told to stop, and waits for nobody.
        drop(maker.await);
    }
    wired.store.close().await;
    Ok(())
}

fn base_url(config: &Config, address: SocketAddr) -> String {
    let url = config.public_url.clone();
    let url = url.unwrap_or_else(|| format!("{}://{address}", scheme(config)));
    url.trim_end_matches('/').to_owned()
}

fn scheme(config: &Config) -> &'static str {
    if config.sign_in.tls.is_some() { "https" } else { "http" }
}

/// Sessions over plain HTTP are for this very machine.
fn warn_of_plain_http(wired: &wiring::Wired, address: SocketAddr) {
    if !wired.is_https && !address.ip().is_loopback() {
        tracing::warn!(
            "people reach this server by plain http, and anybody on the way can read their sessions: give --tls-cert and --tls-key, or a proxy that adds https and --public-url https://…"
        );
    }
}

async fn say_link(service: &Service) -> anyhow::Result<()> {
    let secret = service.owner_link(&Caller::system("owner link")).await?;
    say(&format!("sign in: {}/sign-in?secret={secret}", service.address()))
}

/// What scripts read goes to stdout, line by line; logs go to stderr.
fn say(line: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).context("stdout is closed")
}

async fn ended(stop: watch::Sender<bool>) {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            // Without the handler the signal ends the process by itself.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    stop.send_replace(true);
}
