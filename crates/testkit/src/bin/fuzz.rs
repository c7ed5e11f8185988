//! `cargo xtask fuzz [SECONDS] [SEED]`: every reader of foreign bytes, for as long as one likes.
#![expect(clippy::print_stdout, reason = "it tells what it did")]

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use testkit::fuzz;

/// Inputs between two looks at the clock.
const ROUND: u64 = 2_000;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let seconds = arguments.next().transpose()?.unwrap_or(60);
    let first = arguments.next().transpose()?.unwrap_or(1);
    let targets = fuzz::targets()?;
    let each = Duration::from_secs(seconds) / u32::try_from(targets.len())?;
    for target in &targets {
        let (started, mut seed) = (Instant::now(), first);
        while started.elapsed() < each {
            fuzz::run(target, seed, ROUND).map_err(|find| anyhow!(find))?;
            seed = seed.wrapping_add(1);
        }
        let n_inputs = seed.wrapping_sub(first).saturating_mul(ROUND);
        println!("{}: {n_inputs} inputs, seeds {first} to {}", target.name, seed.wrapping_sub(1));
    }
    Ok(())
}
