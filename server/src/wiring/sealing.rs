//! Secrets at rest: AES-256-GCM under a key that lies in a file of its own.
//!
//! The file has a key a line, 64 hex digits each. The first seals; all of them open, so a new key
//! is put on top, and an old one goes when nothing is sealed by it any more. What is sealed reads:
//! a byte for the format, four that tell the key, the nonce (12), the ciphertext with its tag.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use service::ports::{SealError, Sealing};

/// The key file's name in the data folder.
pub(super) const FILE: &str = "sealing.keys";
/// The format of what is sealed.
const FORMAT: u8 = 1;
/// Bytes that tell which key sealed.
const KEY_ID: usize = 4;

/// The keys of this installation, newest first.
pub(crate) struct KeyFile {
    newest: Key,
    older: Vec<Key>,
}

struct Key {
    id: [u8; KEY_ID],
    key: RandomizedNonceKey,
}

impl KeyFile {
    /// Reads the key file of a data folder, and makes it where there is none.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(FILE);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => make(&file)
                .with_context(|| format!("the key file {} cannot be made", file.display()))?,
            Err(error) => {
                let message = format!("the key file {} cannot be read", file.display());
                return Err(anyhow::Error::new(error).context(message));
            }
        };
        Self::read(&text).with_context(|| format!("the key file {} is wrong", file.display()))
    }

    fn read(text: &str) -> anyhow::Result<Self> {
        let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        let mut keys = lines.map(|(number, line)| {
            Key::read(line).with_context(|| format!("line {}", number.saturating_add(1)))
        });
        let Some(newest) = keys.next() else {
            bail!("it holds no key: put one of 64 hex digits on the first line");
        };
        Ok(Self { newest: newest?, older: keys.collect::<anyhow::Result<_>>()? })
    }
}

impl Key {
    fn read(line: &str) -> anyhow::Result<Self> {
        let mut bytes = [0; 32];
        // The line is a secret: no error may repeat it.
        if hex::decode_to_slice(line, &mut bytes).is_err() {
            bail!("write a key as 64 hex digits");
        }
        let hashed = digest(&SHA256, &bytes);
        let id = hashed.as_ref().first_chunk().copied().context("a hash has four bytes")?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).ok().context("no key")?;
        Ok(Self { id, key })
    }
}

/// Makes the file with a fresh key, readable by the server's own user only.
fn make(file: &Path) -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).ok().context("the system gives no random bytes")?;
    let text = format!("{}\n", hex::encode(bytes));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(file)?;
    written.write_all(text.as_bytes())?;
    written.sync_all()?;
    Ok(text)
}

impl Sealing for KeyFile {
    fn seal(&self, place: &str, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut text = secret.to_vec();
        let sealed = self.newest.key.seal_in_place_append_tag(Aad::from(place), &mut text);
        let nonce = sealed.map_err(|_| SealError("the secret could not be sealed".to_owned()))?;
        let parts: [&[u8]; 4] = [&[FORMAT], &self.newest.id, nonce.as_ref(), &text];
        Ok(parts.concat())
    }

    fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let damaged = || SealError("a sealed secret of the database is damaged".to_owned());
        let (&FORMAT, rest) = sealed.split_first().ok_or_else(damaged)? else {
            return Err(damaged());
        };
        let (id, rest) = rest.split_first_chunk::<KEY_ID>().ok_or_else(damaged)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(damaged)?;
        let mut keys = std::iter::once(&self.newest).chain(&self.older);
        let key = keys.find(|key| key.id == *id).ok_or_else(|| {
            SealError(format!("a secret was sealed by a key that {FILE} has no more"))
        })?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = key.key.open_in_place(nonce, Aad::from(place), &mut text);
        opened.map(|plain| plain.to_vec()).map_err(|_| damaged())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_opened_in_its_own_place_only_and_by_any_key_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFile::open(folder.path()).unwrap();
        let sealed = keys.seal("provider 1", b"hush").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"hush"));
        assert_ne!(sealed, keys.seal("provider 1", b"hush").unwrap());
        assert_eq!(keys.open("provider 1", &sealed).unwrap(), b"hush");
        assert!(keys.open("provider 2", &sealed).is_err());
        for end in [0, 1, 5, 17, sealed.len() - 1] {
            assert!(keys.open("provider 1", &sealed[..end]).is_err(), "{end}");
        }
        let file = folder.path().join(FILE);
        let old = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{}\n{old}", "ab".repeat(32))).unwrap();
        let turned = KeyFile::open(folder.path()).unwrap();
        assert_eq!(turned.open("provider 1", &sealed).unwrap(), b"hush");
        let again = turned.seal("provider 1", b"hush").unwrap();
        assert!(keys.open("provider 1", &again).unwrap_err().to_string().contains("no more"));
    }

    #[test]
    fn a_wrong_key_file_is_refused_without_showing_what_it_holds() {
        for wrong in ["", "\n", "abc", &"g".repeat(64), &"a".repeat(63)] {
            let error = format!("{:#}", KeyFile::read(wrong).err().unwrap());
            assert!(wrong.trim().is_empty() || !error.contains(wrong), "{error}");
        }
    }
}
