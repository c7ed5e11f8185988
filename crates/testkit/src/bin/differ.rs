//! `cargo xtask differ [SECONDS] [SEED]`: our CUE against the real one, for as long as one likes.
//!
//! `differ --program PROGRAM [--argument ARGUMENT]… [--cases N | --seconds N] [--seed N]
//! [--exceptions none]`: the program reads a case a line and answers each with a line. An engine of
//! the release that ours follows needs no exceptions.
#![expect(clippy::print_stdout, reason = "it tells what it did")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use testkit::differ::{Answer, Case, Tally};

/// Differences that are told before a run ends.
const MOST_TOLD: usize = 20;

fn main() -> Result<()> {
    let request = Request::read(std::env::args().skip(1))?;
    let mut oracle = Oracle::start(&request)?;
    let (started, mut tally, mut told) =
        (Instant::now(), Tally { is_exact: request.is_exact, ..Tally::default() }, Vec::new());
    let mut number = 0;
    while request.goes_on(number, started.elapsed()) && told.len() < MOST_TOLD {
        let case = Case::new(request.seed, number);
        let theirs = oracle.ask(&case)?;
        if let Err(difference) = tally.add(&case, &case.ours(), &theirs) {
            println!("seed {} {difference}\n", request.seed);
            told.push(number);
        }
        number = number.wrapping_add(1);
    }
    oracle.end()?;
    let Tally { passed, failed, explained, .. } = &tally;
    println!(
        "seed {}: {} cases: {passed} pass and {failed} fail in both, {} differ for a listed reason",
        request.seed,
        tally.total(),
        explained.values().sum::<u64>()
    );
    for (name, count) in explained {
        println!("  {count} × {name}");
    }
    // The form that `cargo xtask test` counts.
    let agreed = tally.total();
    println!("test result: {agreed} passed; {} failed; 0 ignored;", told.len());
    if told.is_empty() { Ok(()) } else { bail!("the engines differ on {told:?}") }
}

/// What was asked for.
#[derive(Debug, Default)]
struct Request {
    program: String,
    arguments: Vec<String>,
    cases: Option<u64>,
    seconds: u64,
    seed: u64,
    is_exact: bool,
}

impl Request {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut request = Self { seconds: 60, seed: 1, ..Self::default() };
        while let Some(flag) = words.next() {
            let value = words.next().with_context(|| format!("{flag} needs a value"))?;
            match flag.as_str() {
                "--program" => request.program = value,
                "--argument" => request.arguments.push(value),
                "--cases" => request.cases = Some(value.parse()?),
                "--seconds" => request.seconds = value.parse()?,
                "--seed" => request.seed = value.parse()?,
                "--exceptions" if value == "none" => request.is_exact = true,
                other => bail!("there is no {other}"),
            }
        }
        if request.program.is_empty() { bail!("--program is needed") } else { Ok(request) }
    }

    fn goes_on(&self, number: u64, elapsed: Duration) -> bool {
        match self.cases {
            Some(cases) => number < cases,
            None => elapsed < Duration::from_secs(self.seconds),
        }
    }
}

/// The other engine.
struct Oracle {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    fn start(request: &Request) -> Result<Self> {
        let mut command = Command::new(&request.program);
        command.args(&request.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("the other engine cannot be started")?;
        let asks = child.stdin.take().context("it has no standard input")?;
        let answers = BufReader::new(child.stdout.take().context("it has no standard output")?);
        Ok(Self { child, asks, answers })
    }

    fn ask(&mut self, case: &Case) -> Result<Answer> {
        let mut line = serde_json::to_vec(case)?;
        line.push(b'\n');
        self.asks.write_all(&line)?;
        self.asks.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Answer = serde_json::from_str(&line).with_context(|| {
            format!("the other engine answered case {} with {line:?}", case.number)
        })?;
        if answer.number != case.number {
            bail!("case {} was answered for case {}", answer.number, case.number);
        }
        Ok(answer)
    }

    fn end(self) -> Result<()> {
        let Self { mut child, asks, answers } = self;
        // Without questions it ends by itself.
        drop((asks, answers));
        child.wait().context("the other engine cannot be waited for")?;
        Ok(())
    }
}
