//! The `loadline` command: speaks to a control plane, and to nothing else of the house.
//!
//! `loadline <noun> <verb>`. [`arguments`] says what may be written, [`commands`] does it,
//! [`client`] carries it to the server, [`kubectl`] turns `kubectl get … -o json` into the
//! inventory that [`batches`] posts, and [`demo`] makes the demo fleet by the same door as
//! everybody else. Every error is one line of what is wrong and one line of what to do.

use std::io;
use std::process::ExitCode;

use clap::Parser as _;

pub mod arguments;
pub mod batches;
pub mod client;
pub mod commands;
pub mod credentials;
pub mod demo;
pub mod error;
pub mod kubectl;
pub mod output;
pub mod sign_in;
pub mod tester;

use arguments::Arguments;
use error::CommandError;

/// Reads the command line, does what it says, and tells how it went: 0 done, 1 refused or
/// failed, 64 not understood.
#[must_use]
pub fn run() -> ExitCode {
    // The first thing of all: reqwest and rustls refuse to guess a cryptography provider. It
    // fails only where one is installed already, which is as good.
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing is left to say where neither stream can be written.
            let _written = error.print();
            return ExitCode::from(if error.use_stderr() { error::USAGE } else { 0 });
        }
    };
    let done = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(CommandError::Output)
        .and_then(|runtime| runtime.block_on(commands::run(arguments)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        // The answer was printed; a complaint below it would only be in the way.
        Err(error @ CommandError::Tested(_)) => ExitCode::from(error.exit_code()),
        Err(error) => {
            output::say(&error.report());
            ExitCode::from(error.exit_code())
        }
    }
}
