//! `cargo xtask`: the one entry for every developer command.
#![expect(clippy::print_stdout, reason = "this program talks to the person at the terminal")]

mod arguments;
mod bench;
mod cache;
mod check;
mod child;
mod differ;
mod house;
mod npm;
mod python;
mod report;
mod run;
mod server;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::Request;
use crate::cache::Cache;

fn main() -> ExitCode {
    match obey() {
        Ok(code) => code,
        Err(error) => {
            println!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey() -> Result<ExitCode> {
    let request = arguments::read(std::env::args().skip(1))?;
    let mut cache = Cache::open(house::root())?;
    match request {
        Request::Help => println!("{}", arguments::HELP),
        Request::Format => child::run(cache.command("cargo").args(["fmt", "--all"]))?,
        Request::Check => return check::check(&mut cache),
        Request::Test => return test::test(&mut cache),
        Request::Run { listen } => return run::run(&mut cache, &listen),
        Request::Bench => bench::bench(&mut cache)?,
        Request::Soak { kills } => bench::soak(&cache, kills)?,
        Request::Fuzz { arguments } => bench::fuzz(&cache, &arguments)?,
        Request::Differ { numbers } => differ::differ(&cache, &numbers)?,
    }
    Ok(ExitCode::SUCCESS)
}
