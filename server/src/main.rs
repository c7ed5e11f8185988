//! `loadline-server`: the control plane and its console in one process.

mod config;
mod http;
mod metrics;
mod run;
mod sbom_maker;
mod sweeper;
mod tls;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // First of all: rustls and its users must find one provider, ours.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        return said("another cryptography provider was installed before ours");
    }
    let arguments = config::Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return said(&format!("the runtime did not start: {error}")),
    };
    match runtime.block_on(run::run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => said(&format!("{error:#}")),
    }
}

/// Starts the log, which goes to stderr.
pub(crate) fn log(format: config::LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LOADLINE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        config::LogFormat::Text => log.init(),
        config::LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

fn said(message: &str) -> ExitCode {
    use std::io::Write as _;
    let line = format!("loadline-server: {message}\n");
    // Where stderr is closed there is nobody left to tell.
    drop(std::io::stderr().write_all(line.as_bytes()));
    ExitCode::FAILURE
}
