//! Starting other programs: said first, then either done or an error that names them.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};

/// Runs a program to its end, with its output on ours.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", line(command));
    let status = command.status().with_context(|| not_started(command))?;
    done(command, status)
}

/// Runs a program to its end and looks at each line of its stdout while it goes by.
pub(crate) fn watch(command: &mut Command, mut look: impl FnMut(&str)) -> Result<()> {
    println!("$ {}", line(command));
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| not_started(command))?;
    if let Some(stdout) = child.stdout.take() {
        for text in BufReader::new(stdout).split(b'\n') {
            let text = text.context("the output of a program was cut off")?;
            let text = String::from_utf8_lossy(&text);
            println!("{text}");
            look(&text);
        }
    }
    let status = child.wait().context("a program cannot be waited for")?;
    done(command, status)
}

/// What a program says on stdout; its stderr is ours.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| not_started(command))?;
    done(command, output.status)?;
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` answered with something else than text", line(command)))
}

/// What a program says on stdout, or nothing where it is missing or fails.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn done(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    match status.code() {
        Some(code) => bail!("`{}` ended with {code}", line(command)),
        None => bail!("`{}` was ended by a signal", line(command)),
    }
}

fn not_started(command: &Command) -> String {
    format!("`{}` cannot be started; is it installed?", line(command))
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_is_named_with_its_code() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 3` ended with 3");
    }

    #[test]
    fn each_line_is_seen() {
        let mut seen = Vec::new();
        let mut command = Command::new("printf");
        watch(command.arg("a\\nb\\n"), |line| seen.push(line.to_owned())).unwrap();
        assert_eq!(seen, ["a", "b"]);
    }

    #[test]
    fn a_missing_program_answers_nothing() {
        assert_eq!(ask(&mut Command::new("no-such-program-here")), None);
    }
}
