//! What the demo must find again on a second run: keys, tokens, and which images it made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use authority::{Authority, SigningKey};
use model::image::Image;
use model::timestamp::Timestamp;

use super::DemoError;
use crate::credentials::write_private;

/// The folder `keys` of the demo's folder; only its owner may read what is in it.
#[derive(Debug)]
pub(super) struct Keys {
    folder: PathBuf,
    pub(super) authority: Authority,
    pub(super) platform: SigningKey,
    /// The key of the digests that stand for `env`, `args` and `command`.
    pub(super) digests: Vec<u8>,
}

impl Keys {
    /// Reads the keys, and makes those that are missing.
    pub(super) fn open(demo: &Path, now: Timestamp) -> Result<Self, DemoError> {
        let folder = demo.join("keys");
        let authority = match text(&folder.join("authority.json"))? {
            Some(saved) => Authority::load(&saved)?,
            None => Authority::generate(now)?,
        };
        let platform = match text(&folder.join("platform.pem"))? {
            Some(pem) => SigningKey::from_pkcs8_pem(&pem)?,
            None => {
                let key = SigningKey::generate()?;
                write(&folder.join("platform.pem"), key.to_pkcs8_pem().as_bytes())?;
                key
            }
        };
        let digests = match read(&folder.join("digests.key"))? {
            Some(key) => key,
            None => {
                let mut key = vec![0; 32];
                aws_lc_rs::rand::fill(&mut key).map_err(|_| DemoError::Randomness)?;
                write(&folder.join("digests.key"), &key)?;
                key
            }
        };
        let keys = Self { folder, authority, platform, digests };
        keys.save_authority()?;
        Ok(keys)
    }

    /// Keeps the authority as it is now: its log counts on.
    pub(super) fn save_authority(&self) -> Result<(), DemoError> {
        let saved = self.authority.save()?;
        let path = self.folder.join("authority.json");
        if text(&path)?.as_deref() == Some(saved.as_str()) {
            return Ok(());
        }
        write(&path, saved.as_bytes())
    }

    /// The images that an earlier run made, by name; `None` where it did not come to its end.
    pub(super) fn images(&self) -> Result<Option<BTreeMap<String, Image>>, DemoError> {
        let path = self.folder.join("images.json");
        let Some(bytes) = read(&path)? else { return Ok(None) };
        let images = serde_json::from_slice(&bytes);
        images.map(Some).map_err(|cause| DemoError::NotOurs { path, cause })
    }

    /// Notes that every image is made.
    pub(super) fn keep_images(&self, images: &BTreeMap<String, Image>) -> Result<(), DemoError> {
        let path = self.folder.join("images.json");
        let json = serde_json::to_vec_pretty(images)
            .map_err(|cause| DemoError::NotOurs { path: path.clone(), cause })?;
        write(&path, &json)
    }

    /// A cluster's token, where an earlier run kept it.
    pub(super) fn token(&self, cluster: &str) -> Result<Option<String>, DemoError> {
        let token = text(&self.token_path(cluster))?;
        Ok(token.map(|token| token.trim().to_owned()))
    }

    pub(super) fn keep_token(&self, cluster: &str, token: &str) -> Result<(), DemoError> {
        write(&self.token_path(cluster), token.as_bytes())
    }

    fn token_path(&self, cluster: &str) -> PathBuf {
        self.folder.join(format!("{cluster}.token"))
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, DemoError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(DemoError::Folder { path: path.to_owned(), cause }),
    }
}

fn text(path: &Path) -> Result<Option<String>, DemoError> {
    let not_text = |_| DemoError::Folder {
        path: path.to_owned(),
        cause: io::Error::new(io::ErrorKind::InvalidData, "it is no text"),
    };
    read(path)?.map(|bytes| String::from_utf8(bytes).map_err(not_text)).transpose()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), DemoError> {
    write_private(path, bytes).map_err(|cause| DemoError::Folder { path: path.to_owned(), cause })
}
