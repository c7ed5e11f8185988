//! Serving: plain, or by TLS with certificates that are read again when their files change.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::TlsFiles;

/// How often the files are looked at.
const LOOKS: Duration = Duration::from_secs(10);
/// How long requests under way are waited for at the end.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

/// Serves by TLS until told to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    files: &TlsFiles,
    mut stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let config = RustlsConfig::from_pem_file(&files.certificates, &files.key);
    let config = config.await.with_context(|| {
        format!(
            "{} and {} are no certificate and its key",
            files.certificates.display(),
            files.key.display()
        )
    })?;
    let handle: Handle<SocketAddr> = Handle::new();
    let watching = tokio::spawn(watch_files(config.clone(), files.clone()));
    let ending = handle.clone();
    tokio::spawn(async move {
        // An error means that whoever says so is gone: then it is time as well.
        drop(stopped.wait_for(|is_stopping| *is_stopping).await);
        ending.graceful_shutdown(Some(LONGEST_DRAIN));
    });
    let server = axum_server::Server::<SocketAddr>::from_listener(listener);
    let served = server
        .acceptor(RustlsAcceptor::new(config))
        .handle(handle)
        .serve(router.into_make_service_with_connect_info::<SocketAddr>())
        .await;
    watching.abort();
    served.context("the server broke off")
}

/// Reads the files again when they changed. What cannot be used is told, and the old ones stay.
async fn watch_files(config: RustlsConfig, files: TlsFiles) {
    let changed = || (changed_at(&files.certificates), changed_at(&files.key));
    let mut seen = changed();
    loop {
        tokio::time::sleep(LOOKS).await;
        let now = changed();
        if now == seen {
            continue;
        }
        seen = now;
        match config.reload_from_pem_file(&files.certificates, &files.key).await {
            Ok(()) => tracing::info!("the certificates were read again"),
            Err(error) => tracing::error!(
                error = error.to_string(),
                "the new certificates cannot be used; the old ones are shown still"
            ),
        }
    }
}

fn changed_at(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|it| it.modified()).ok()
}
