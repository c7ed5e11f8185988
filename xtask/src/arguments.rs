//! What was asked for on the command line.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};

/// The text of `cargo xtask help`.
pub(crate) const HELP: &str = "\
Every developer command of Loadline.

  cargo xtask run [--listen ADDR]   build, start the server with the demo fleet on
                                    127.0.0.1:3000, print the address and a sign-in link
  cargo xtask test                  everything: check, unit, integration and browser tests
  cargo xtask check                 format, lints, the wasm build of ring 0, licences and
                                    bans, the house's own rules
  cargo xtask fmt                   format all Rust code
  cargo xtask bench                 measure, in release mode; never part of the tests
  cargo xtask soak [KILLS]          kill the server KILLS times (1000) while a cluster reports
  cargo xtask fuzz [SECONDS] [SEED] [TARGET]
                                    bend good input and read it, for SECONDS (60)
  cargo xtask differ [SECONDS] [SEED]
                                    hold our CUE against the real one, for SECONDS (60)
  cargo xtask help                  this text

What is missing is installed when it is needed, after a line that says what and why, into
$LOADLINE_CACHE, else $XDG_CACHE_HOME/loadline, else ~/.cache/loadline. Compiled code goes
there, too, unless CARGO_TARGET_DIR says otherwise.";

const DEFAULT_LISTEN: &str = "127.0.0.1:3000";

/// One developer command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Help,
    Format,
    Check,
    Test,
    Run { listen: String },
    Bench,
    Soak { kills: u32 },
    Fuzz { arguments: Vec<String> },
    Differ { numbers: Vec<String> },
}

/// Reads the words after `cargo xtask`.
pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Request> {
    let words: Vec<String> = words.collect();
    let Some((command, rest)) = words.split_first() else {
        return Ok(Request::Help);
    };
    let request = match command.as_str() {
        "help" | "--help" | "-h" => Request::Help,
        "fmt" => Request::Format,
        "check" => Request::Check,
        "test" => Request::Test,
        "run" => {
            return Ok(Request::Run { listen: listen(rest)? });
        }
        "bench" => Request::Bench,
        "soak" => return Ok(Request::Soak { kills: kills(rest)? }),
        "fuzz" => return Ok(Request::Fuzz { arguments: fuzz(rest)? }),
        "differ" => return Ok(Request::Differ { numbers: numbers("differ", rest)? }),
        other => bail!("there is no command {other}; `cargo xtask help` lists them"),
    };
    match rest.first() {
        None => Ok(request),
        Some(word) => bail!("{command} takes no arguments, and {word} is one"),
    }
}

fn kills(words: &[String]) -> Result<u32> {
    match words {
        [] => Ok(1000),
        [number] => number.parse().with_context(|| format!("{number} is no number of kills")),
        [_, word, ..] => bail!("soak takes one number, and {word} is another word"),
    }
}

fn numbers(command: &str, words: &[String]) -> Result<Vec<String>> {
    match words.iter().find(|word| word.parse::<u64>().is_err()) {
        Some(word) => bail!("{command} takes seconds and a seed, and {word} is no number"),
        None if words.len() > 2 => bail!("{command} takes seconds and a seed, and nothing else"),
        None => Ok(words.to_vec()),
    }
}

/// Seconds and a seed, and the name of a target, which the program knows.
fn fuzz(words: &[String]) -> Result<Vec<String>> {
    let (first, target) = words.split_at(words.len().min(2));
    let mut arguments = numbers("fuzz", first)?;
    match target {
        [] => {}
        [target] => arguments.push(target.clone()),
        [_, word, ..] => bail!("fuzz takes one target, and {word} is another word"),
    }
    Ok(arguments)
}

fn listen(words: &[String]) -> Result<String> {
    let address = match words {
        [] => DEFAULT_LISTEN,
        [flag, address] if flag == "--listen" => address,
        [word, ..] => bail!("run knows --listen ADDR only, not {word}"),
    };
    let parsed: SocketAddr = address
        .parse()
        .with_context(|| format!("{address} is no address; write it as {DEFAULT_LISTEN}"))?;
    Ok(parsed.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Result<Request> {
        read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn nothing_asked_is_answered_with_help() {
        assert_eq!(words("").unwrap(), Request::Help);
    }

    #[test]
    fn run_listens_where_it_is_told() {
        let run = |listen: &str| Request::Run { listen: listen.to_owned() };
        assert_eq!(words("run").unwrap(), run("127.0.0.1:3000"));
        assert_eq!(words("run --listen 127.0.0.1:0").unwrap(), run("127.0.0.1:0"));
        assert!(words("run --listen here").is_err());
        assert!(words("run --port 1").is_err());
    }

    #[test]
    fn soak_fuzz_and_differ_take_numbers() {
        assert_eq!(words("soak").unwrap(), Request::Soak { kills: 1000 });
        assert_eq!(words("soak 7").unwrap(), Request::Soak { kills: 7 });
        let arguments = vec!["5".to_owned(), "7".to_owned()];
        assert_eq!(words("fuzz 5 7").unwrap(), Request::Fuzz { arguments: arguments.clone() });
        assert_eq!(words("differ 5 7").unwrap(), Request::Differ { numbers: arguments });
        assert!(words("differ quickly").is_err());
        assert!(words("soak many").is_err());
        assert!(words("fuzz -1").is_err());
        let arguments = ["5", "7", "rego"].map(str::to_owned).to_vec();
        assert_eq!(words("fuzz 5 7 rego").unwrap(), Request::Fuzz { arguments });
        assert!(words("fuzz rego").is_err());
        assert!(words("fuzz 1 2 rego cue").is_err());
    }

    #[test]
    fn unknown_words_are_refused() {
        assert!(words("deploy").is_err());
        assert!(words("check --fast").is_err());
    }
}
