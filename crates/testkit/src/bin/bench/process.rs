//! A server process: started, spoken to, measured from outside.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    pub(crate) token: String,
    child: Child,
}

impl Server {
    pub(crate) async fn start(program: &Path, data: &Path, more: &[&str]) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(more)
            .env("LOADLINE_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("stdout")?).lines();
        let mut after = |prefix: &str| -> Result<String> {
            for line in lines.by_ref() {
                if let Some(rest) = line?.strip_prefix(prefix) {
                    return Ok(rest.to_owned());
                }
            }
            bail!("the server never printed {prefix:?}")
        };
        let url = after("listening on ")?;
        let link = after("sign in: ")?;
        let (_, secret) = link.split_once("secret=").context("a link with a secret")?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let sent = client.post(format!("{url}/api/v1/sign-in")).json(&json!({ "secret": secret }));
        let answer: Value = sent.send().await?.json().await?;
        let token = answer.get("token").and_then(Value::as_str).context("a token")?.to_owned();
        Ok(Self { url, client, token, child })
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let response = request.json(body).send().await?;
        let status = response.status();
        let answer = response.json().await?;
        if !status.is_success() {
            bail!("{path}: {status}: {answer}");
        }
        Ok(answer)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// Processor time of the server, in the kernel's ticks.
    pub(crate) fn processor_ticks(&self) -> Result<u64> {
        ticks(Path::new(&format!("/proc/{}/stat", self.child.id())))
    }

    /// A line of `/proc/PID/status`, in MB: `VmRSS` now, `VmHWM` at its highest.
    pub(crate) fn memory(&self, line: &str) -> Result<u64> {
        memory(&format!("/proc/{}/status", self.child.id()), line)
    }
}

/// The same of this process.
pub(crate) fn own_memory(line: &str) -> Result<u64> {
    memory("/proc/self/status", line)
}

fn memory(status: &str, line: &str) -> Result<u64> {
    let status = std::fs::read_to_string(status)?;
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kilobytes = found.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    Ok(kilobytes.context("a figure of the kernel's")? / 1024)
}

/// Processor time of this thread: what others do on the same cores does not count.
pub(crate) fn own_time() -> Result<Duration> {
    let figures = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = figures.split_whitespace().next().and_then(|it| it.parse().ok());
    nanoseconds.map(Duration::from_nanos).context("a figure of the kernel's")
}

/// Processor time of a process, in the kernel's ticks.
pub(crate) fn ticks(stat: &Path) -> Result<u64> {
    let stat = std::fs::read_to_string(stat)?;
    // The program's name stands in parentheses and may hold blanks; the rest is numbers.
    let (_, fields) = stat.rsplit_once(')').context("a process's figures")?;
    let field = |place: usize| fields.split_whitespace().nth(place).and_then(|it| it.parse().ok());
    let (user, system): (Option<u64>, Option<u64>) = (field(11), field(12));
    user.zip(system).map(|(user, system)| user + system).context("a process's figures")
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
