//! What browsers and programs send of who they are: `authorization` and `cookie` headers, opaque
//! tokens and ids of sessions, before any of it is looked up.

use service::sign_in::{Shown, bearer};
use tower_sessions::cookie::Cookie;
use tower_sessions::session::Id;

use super::{Target, bytes};

const HEADERS: [&str; 4] = [
    include_str!("../../../../fuzz/seeds/credential/1.txt"),
    include_str!("../../../../fuzz/seeds/credential/2.txt"),
    include_str!("../../../../fuzz/seeds/credential/3.txt"),
    include_str!("../../../../fuzz/seeds/credential/4.txt"),
];

/// Characters of an opaque token: four that say its kind, and 256 bits in hexadecimal.
const OPAQUE: usize = 68;

pub(super) fn target() -> Target {
    Target { name: "credential", corpus: bytes(&HEADERS), read: Box::new(read) }
}

fn read(bytes: &[u8]) -> Result<(), String> {
    if let Some(token) = bearer(bytes) {
        if token.bytes().any(|byte| !(0x20..0x7f).contains(&byte)) {
            return Err(format!("{token:?} is a token and cannot be written into a header"));
        }
        read_token(token)?;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    read_token(text)?;
    // As the layer of sessions reads it.
    for piece in text.split(';') {
        let Ok(cookie) = Cookie::parse_encoded(piece.trim().to_owned()) else { continue };
        read_session(cookie.value())?;
    }
    read_session(text)
}

/// What is looked up as an opaque token has the one form that those have.
fn read_token(text: &str) -> Result<(), String> {
    let (token, prefix) = match Shown::of(text) {
        Shown::Person(token) => (token, "llp_"),
        Shown::Cluster(token) => (token, "llc_"),
        Shown::Signed(_) => return Ok(()),
    };
    let is_opaque = token == text && token.len() == OPAQUE && token.starts_with(prefix);
    if is_opaque { Ok(()) } else { Err(format!("{text:?} is taken for {token:?}")) }
}

/// An id that is read is written so that it reads back: two texts of one id are one session.
fn read_session(text: &str) -> Result<(), String> {
    let Ok(id) = text.parse::<Id>() else { return Ok(()) };
    let written = id.to_string();
    let again = written.parse::<Id>();
    if again.is_ok_and(|again| again == id) {
        return Ok(());
    }
    Err(format!("{text:?} is written as {written:?}, which is another"))
}
