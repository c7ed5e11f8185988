//! The loopback flow: the browser of this machine is sent to the server, and back to a port that
//! only this process listens on.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::granted;
use crate::client::Client;
use crate::credentials::Credential;
use crate::error::CommandError;
use crate::output;

/// How long somebody may take.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Bytes of a request's first line that are read.
const LONGEST_LINE: usize = 8 * 1024;

pub(super) async fn sign_in(client: &Client) -> Result<Credential, CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::SignIn(format!("no port could be had on this machine: {error}"))
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let redirect = format!("http://127.0.0.1:{port}/callback");
    let (verifier, state) = (random()?, random()?);
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let mut address: Url = client
        .page("authorize")
        .parse()
        .map_err(|error: url::ParseError| CommandError::Address(error.to_string()))?;
    address
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", "loadline")
        .append_pair("redirect_uri", &redirect)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .append_pair("state", &state);
    let is_opened =
        has_screen(|name| std::env::var_os(name)) && open::that_detached(address.as_str()).is_ok();
    let told = if is_opened { "Your browser shows" } else { "Open in the browser of this machine" };
    output::say(&format!("{told} where to sign in: {address}"));
    let waited = tokio::time::timeout(LONGEST, answer(&listener, &state)).await;
    let late = |_| CommandError::SignIn("nobody signed in within 15 minutes".to_owned());
    let code = waited.map_err(late)??;
    let asked = [
        ("grant_type", "authorization_code"),
        ("client_id", "loadline"),
        ("code", &code),
        ("redirect_uri", &redirect),
        ("code_verifier", &verifier),
    ];
    granted(client, &asked).await
}

/// Whether a browser could be shown here. Without a screen, what is opened instead may be one for
/// terminals, which would take this one.
fn has_screen(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> bool {
    let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
    cfg!(any(target_os = "macos", windows))
        || ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].into_iter().any(is_set)
}

/// Waits for the browser to come back with our state. Whatever else knocks is turned away.
async fn answer(listener: &TcpListener, state: &str) -> Result<String, CommandError> {
    loop {
        let Ok((mut stream, _)) = listener.accept().await else { continue };
        let read = tokio::time::timeout(Duration::from_secs(10), first_line(&mut stream)).await;
        let Some(answer) = read.ok().flatten().and_then(|line| Answer::read(&line, state)) else {
            reply(&mut stream, "404 Not Found", "There is nothing here.").await;
            continue;
        };
        return match answer {
            Answer::Code(code) => {
                reply(&mut stream, "200 OK", "You are signed in. You can close this page.").await;
                Ok(code)
            }
            Answer::Refused => {
                reply(&mut stream, "200 OK", "Nothing was signed in. You can close this page.")
                    .await;
                Err(CommandError::SignIn("it was refused in the browser".to_owned()))
            }
        };
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Code(String),
    Refused,
}

impl Answer {
    /// From a request's first line, if it is the answer to this question.
    fn read(line: &str, state: &str) -> Option<Self> {
        let target = line.strip_prefix("GET ")?.split(' ').next()?;
        let url = Url::parse("http://127.0.0.1/").ok()?.join(target).ok()?;
        let one = |wanted: &str| {
            let mut pairs = url.query_pairs();
            pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
        };
        if url.path() != "/callback" || one("state")? != state {
            return None;
        }
        Some(one("code").map_or(Self::Refused, Self::Code))
    }
}

async fn first_line(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut piece = [0; 1024];
    while bytes.len() < LONGEST_LINE {
        let length = stream.read(&mut piece).await.ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(piece.get(..length)?);
        if let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") {
            return String::from_utf8(bytes.get(..end)?.to_vec()).ok();
        }
    }
    None
}

async fn reply(stream: &mut TcpStream, status: &str, text: &str) {
    let length = text.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{text}"
    );
    // A browser that went away has read enough.
    drop(stream.write_all(answer.as_bytes()).await);
    drop(stream.shutdown().await);
}

/// 256 random bits, as 43 characters that both a verifier and a state may have.
fn random() -> Result<String, CommandError> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| CommandError::Randomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_browser_is_opened_where_there_is_a_screen() {
        let with = |set: &str| has_screen(|name| (name == set).then(|| ":0".into()));
        assert!(with("DISPLAY") && with("WAYLAND_DISPLAY") && with("WSL_DISTRO_NAME"));
        assert!(!with("TERM"));
        assert!(!has_screen(|_| Some("".into())));
    }

    #[test]
    fn only_the_answer_to_this_question_is_read() {
        let read = |line: &str| Answer::read(line, "s");
        let code = Some(Answer::Code("c".to_owned()));
        assert_eq!(read("GET /callback?code=c&state=s&iss=x HTTP/1.1"), code);
        assert_eq!(
            read("GET /callback?error=access_denied&state=s HTTP/1.1"),
            Some(Answer::Refused)
        );
        for other in [
            "GET /callback?code=c&state=other HTTP/1.1",
            "GET /callback?code=c HTTP/1.1",
            "GET /favicon.ico?state=s HTTP/1.1",
            "POST /callback?code=c&state=s HTTP/1.1",
            "",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
