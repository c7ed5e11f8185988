//! Docker's credential helpers: programs `docker-credential-<name>` that hold logins.

use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::Login;

/// A program may ask a cloud, and must not ask a person.
const TIME_LIMIT: Duration = Duration::from_secs(15);
const LONGEST_ANSWER: u64 = 64 * 1024;
/// The user name by which a helper says that the secret is an identity token.
const IS_TOKEN: &str = "<token>";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// Asks a helper for the login of a host. What it writes besides is not repeated, as it may hold
/// a secret.
pub(super) async fn ask(name: &str, host: &str) -> Result<Option<Login>, String> {
    let is_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_byte) {
        return Err("the docker configuration names a credential helper that is no name".to_owned());
    }
    let program = format!("docker-credential-{name}");
    let mut command = Command::new(&program);
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.kill_on_drop(true).spawn();
    let child = child.map_err(|error| format!("{program} cannot be started: {error}"))?;
    let asked = tokio::time::timeout(TIME_LIMIT, exchange(child, host)).await;
    let limit = TIME_LIMIT.as_secs();
    let asked = asked.map_err(|_| format!("{program} took longer than {limit} s"))?;
    let (is_success, text) = asked.map_err(|error| format!("{program} broke off: {error}"))?;
    read(&program, host, is_success, &text)
}

fn read(program: &str, host: &str, is_success: bool, text: &[u8]) -> Result<Option<Login>, String> {
    if !is_success {
        // The helper protocol's own words for "there is no login".
        if String::from_utf8_lossy(text).contains("credentials not found") {
            return Ok(None);
        }
        return Err(format!("{program} gave no login for {host}"));
    }
    let answer: Answer = serde_json::from_slice(text)
        .map_err(|_| format!("{program} gave an answer that is no login"))?;
    let Answer { username, secret } = answer;
    Ok(match username.as_str() {
        "" if secret.is_empty() => None,
        IS_TOKEN => Some(Login::Identity(secret)),
        _ => Some(Login::Basic { user: username, password: secret }),
    })
}

async fn exchange(mut child: Child, host: &str) -> std::io::Result<(bool, Vec<u8>)> {
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input may still answer.
        drop(stdin.write_all(host.as_bytes()).await);
    }
    let mut text = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(LONGEST_ANSWER).read_to_end(&mut text).await?;
    }
    let status = child.wait().await?;
    Ok((status.success(), text))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A helper that a shell plays.
    async fn played(script: &str) -> Result<Option<Login>, String> {
        let mut command = Command::new("sh");
        command.args(["-c", script, "helper", "get"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let child = command.spawn().map_err(|error| error.to_string())?;
        let (is_success, text) =
            exchange(child, "r.test").await.map_err(|error| error.to_string())?;
        read("played", "r.test", is_success, &text)
    }

    #[tokio::test]
    async fn a_helper_reads_the_host_and_answers_with_a_login() {
        let script =
            r#"read host; [ "$1" = get ] && echo "{\"Username\":\"u\",\"Secret\":\"for $host\"}""#;
        let login = played(script).await.unwrap();
        assert_eq!(login, Some(Login::Basic { user: "u".into(), password: "for r.test".into() }));
        let token = played(r#"echo '{"Username":"<token>","Secret":"t"}'"#).await.unwrap();
        assert_eq!(token, Some(Login::Identity("t".into())));
    }

    #[tokio::test]
    async fn having_no_login_is_an_answer_and_failing_is_none() {
        let none = "echo credentials not found in native keychain; exit 1";
        assert_eq!(played(none).await.unwrap(), None);
        let failed = played("echo secret; exit 3").await.unwrap_err();
        assert!(!failed.contains("secret"), "{failed}");
        let odd = played("echo secret").await.unwrap_err();
        assert!(!odd.contains("secret"), "{odd}");
    }

    #[tokio::test]
    async fn names_that_are_paths_are_not_started() {
        for name in ["", "../x", "/bin/sh", "a b", &"x".repeat(65)] {
            assert!(ask(name, "r.test").await.unwrap_err().contains("no name"), "{name}");
        }
    }
}
