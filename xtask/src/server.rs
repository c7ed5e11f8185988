//! The server as a child: started, read, told to end, and never left behind.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// A server that listens.
pub(crate) struct Server {
    child: Child,
    pid: Pid,
    was_told: Arc<AtomicBool>,
    address: String,
    sign_in: String,
}

impl Server {
    /// Starts it and waits for its address and its sign-in link.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        // Before the child, so that no signal is missed that would leave it behind.
        let signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("no signals here")?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server cannot be started")?;
        let pid = Pid::from_child(&child);
        let was_told = Arc::new(AtomicBool::new(false));
        hand_on(signals, pid, Arc::clone(&was_told));
        let stdout = child.stdout.take().context("the server's output cannot be read")?;
        let mut server =
            Self { child, pid, was_told, address: String::new(), sign_in: String::new() };
        server.listen_to(stdout)?;
        Ok(server)
    }

    /// `http://HOST:PORT`
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// `HOST:PORT`
    pub(crate) fn listen(&self) -> &str {
        self.address.strip_prefix("http://").unwrap_or(&self.address)
    }

    /// A link that is good once.
    pub(crate) fn sign_in(&self) -> &str {
        &self.sign_in
    }

    /// Whether a signal came.
    pub(crate) fn was_told_to_end(&self) -> bool {
        self.was_told.load(Ordering::SeqCst)
    }

    /// Stays until the server ends; whether that is well depends on who wanted it.
    pub(crate) fn wait(mut self) -> Result<ExitCode> {
        let status = self.child.wait().context("the server cannot be waited for")?;
        if status.success() || self.was_told_to_end() {
            return Ok(ExitCode::SUCCESS);
        }
        bail!("the server ended by itself: {status}")
    }

    fn listen_to(&mut self, stdout: ChildStdout) -> Result<()> {
        let mut lines = BufReader::new(stdout).lines();
        while self.address.is_empty() || self.sign_in.is_empty() {
            let Some(Ok(line)) = lines.next() else {
                bail!("the server ended before it listened; the reason is above")
            };
            if let Some(address) = line.strip_prefix("listening on ") {
                address.clone_into(&mut self.address);
            } else if let Some(link) = line.strip_prefix("sign in: ") {
                link.clone_into(&mut self.sign_in);
            } else {
                println!("{line}");
            }
        }
        // Read on, or the server would stop at a full pipe.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                println!("{line}");
            }
        });
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            end(self.pid);
            // Its own time limit for draining is shorter than anybody's patience.
            drop(self.child.wait());
        }
    }
}

fn hand_on(mut signals: Signals, pid: Pid, was_told: Arc<AtomicBool>) {
    thread::spawn(move || {
        for _ in signals.forever() {
            was_told.store(true, Ordering::SeqCst);
            end(pid);
        }
    });
}

fn end(pid: Pid) {
    // The one error is that it is gone already, which is what was wanted.
    let _ = kill_process(pid, Signal::TERM);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    const LISTENS: &str = "echo listening on http://127.0.0.1:7; echo sign in: http://x/y; ";

    #[test]
    fn address_and_link_are_read_in_any_order_of_lines() {
        let server = Server::start(&mut shell(&format!("echo hello; {LISTENS}"))).unwrap();
        assert_eq!(server.address(), "http://127.0.0.1:7");
        assert_eq!(server.listen(), "127.0.0.1:7");
        assert_eq!(server.sign_in(), "http://x/y");
        assert!(server.wait().is_ok());
    }

    #[test]
    fn a_server_that_never_listens_is_an_error() {
        assert!(Server::start(&mut shell("exit 1")).is_err());
    }

    #[test]
    fn a_server_that_ends_by_itself_is_an_error() {
        let server = Server::start(&mut shell(&format!("{LISTENS} exit 4"))).unwrap();
        assert!(server.wait().is_err());
    }

    #[test]
    fn a_dropped_server_is_told_to_end() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("ended");
        let script = format!(
            "trap 'touch {}; exit 0' TERM; {LISTENS} while :; do sleep 0.05; done",
            mark.display()
        );
        drop(Server::start(&mut shell(&script)).unwrap());
        assert!(mark.exists());
    }
}
