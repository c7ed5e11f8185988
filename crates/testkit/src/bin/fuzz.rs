//! `cargo xtask fuzz [SECONDS] [SEED] [TARGET]`: every reader of foreign bytes, or one of them, for
//! as long as one likes.
#![expect(clippy::print_stdout, reason = "it tells what it did")]

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail, ensure};
use testkit::fuzz::{self, Target};

/// Inputs of one seed.
const ROUND: usize = 2_000;

/// As much as a thread of the server has, so that what falls there falls here.
const STACK: usize = 2 * 1024 * 1024;

fn main() -> Result<()> {
    let fuzzing = thread::Builder::new().stack_size(STACK).spawn(fuzz_all)?;
    fuzzing.join().map_err(|_| anyhow!("the run itself panicked"))?
}

fn fuzz_all() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |otherwise| match arguments.next() {
        Some(word) => word.parse::<u64>(),
        None => Ok(otherwise),
    };
    let (seconds, first) = (number(60)?, number(1)?);
    let mut targets = fuzz::targets()?;
    if let Some(name) = arguments.next() {
        let names: Vec<&str> = targets.iter().map(|target| target.name).collect();
        ensure!(names.contains(&name.as_str()), "{name} is none of {}", names.join(", "));
        targets.retain(|target| target.name == name);
    }
    let each = Duration::from_secs(seconds) / u32::try_from(targets.len())?;
    let n_finds = targets.iter().filter(|target| !holds(target, first, each)).count();
    if n_finds > 0 {
        bail!("{n_finds} of {} targets did not hold", targets.len());
    }
    Ok(())
}

/// Runs one target until time is up or something is found, and tells.
fn holds(target: &Target, first: u64, time: Duration) -> bool {
    // Whoever overflows the stack ends the process, and this is then the last that was said.
    println!("{} from seed {first}", target.name);
    let (started, mut n_inputs) = (Instant::now(), 0_u64);
    let (mut slowest, mut slow) = (Duration::ZERO, String::new());
    let seeds = (first..).take_while(|_| started.elapsed() < time);
    for input in seeds.flat_map(|seed| target.inputs(seed).take(ROUND)) {
        let before = Instant::now();
        if let Err(find) = input.read() {
            println!("{find}");
            return false;
        }
        n_inputs = n_inputs.saturating_add(1);
        if before.elapsed() > slowest {
            (slowest, slow) = (before.elapsed(), input.to_string());
        }
    }
    println!("  {n_inputs} inputs, the slowest {slowest:?}");
    if slowest > SLOW {
        println!("  {slow}");
    }
    true
}

/// What takes longer is worth a look.
const SLOW: Duration = Duration::from_secs(1);
