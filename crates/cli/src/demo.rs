//! `loadline demo`: a fleet that shows what Loadline is for, made by the door that everybody
//! uses.
//!
//! [`images`] makes a folder of small, really signed images, [`software`] what is in them and
//! attested of them; [`fleet`] plans groups, clusters
//! and what runs there, and [`objects`] writes that as kubectl would print it; [`documents`]
//! has the policies. A second run finds everything and changes nothing: [`keys`] keeps what it
//! takes to find it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use model::image::Image;
use model::timestamp::Timestamp;

use crate::arguments::{Connection, Demo};
use crate::client::Client;
use crate::commands::{self, auth, ingest};
use crate::error::CommandError;
use crate::output;

mod documents;
mod fleet;
mod images;
mod installation;
mod keys;
mod objects;
mod software;

pub use images::ImageError;
use images::Picture;
use keys::Keys;

/// The demo's images by name.
type Images = BTreeMap<String, (Picture, Image)>;

/// Why the demo could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file of the demo's folder could not be read or written.
    #[error("{} could not be read or written: {cause}", path.display())]
    Folder {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// A file that the demo keeps is not as it left it.
    #[error("{} is not as the demo left it: {cause}", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: serde_json::Error,
    },
    /// The folder holds the demo of another version.
    #[error("{} holds another demo, without the image {image}", folder.display())]
    OtherPlan {
        /// The folder.
        folder: PathBuf,
        /// An image that it should hold.
        image: &'static str,
    },
    /// The images' folder could not be written.
    #[error(transparent)]
    Layout(#[from] registry::LayoutError),
    /// An image could not be made.
    #[error("the image {image} could not be made: {cause}")]
    Image {
        /// Which.
        image: &'static str,
        /// Why not.
        cause: Box<ImageError>,
    },
    /// Keys could not be made or read, or an image not signed.
    #[error(transparent)]
    Authority(#[from] authority::AuthorityError),
    /// The machine gave no random bytes.
    #[error("no random bytes could be had from this machine")]
    Randomness,
}

impl DemoError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Folder { .. } | Self::Layout(_) | Self::Image { .. } => {
                "Check that you own the folder, or name another with --folder."
            }
            Self::NotOurs { .. } | Self::OtherPlan { .. } | Self::Authority(_) => {
                "Name a new folder with --folder, and start with a new database."
            }
            Self::Randomness => "Try again, or on another machine.",
        }
        .to_owned()
    }
}

/// Makes the demo fleet, or finds it.
///
/// # Errors
/// When something cannot be made; running it again goes on from there.
pub async fn run(connection: &Connection, arguments: Demo) -> Result<(), CommandError> {
    let Demo { folder, sign_in } = arguments;
    let now = Timestamp::from_micros(
        i64::try_from(ingest::epoch()).unwrap_or(i64::MAX).saturating_mul(1000),
    );
    let keys = Keys::open(&folder, now)?;
    let images = images::ensure(&folder, &keys, now)?;
    output::line(&format!("Images, in {}:", folder.display()))?;
    for (picture, image) in images.values() {
        output::line(&format!(
            "  {}:{}\n    {image}\n    {}",
            image.repository,
            picture.tag,
            picture.told()
        ))?;
    }
    let client = signed_in(connection, sign_in).await?;
    installation::groups(&client).await?;
    installation::policies(&client, &keys).await?;
    installation::clusters(&client, &keys, &images).await?;
    installation::checked(&client).await?;
    output::line(&format!("See it at {}", client.server()))
}

/// With the token that is there; a link is used up only where there is none in force, so that
/// the same line can be run twice.
async fn signed_in(
    connection: &Connection,
    link: Option<crate::arguments::SignInLink>,
) -> Result<Client, CommandError> {
    let mut connection = connection.clone();
    if let (None, Some(link)) = (&connection.server, &link) {
        connection.server = Some(link.server.clone());
    }
    let client = commands::client(&connection)?;
    match (client.get::<model::iam::Subject>("api/v1/whoami", &[]).await, link) {
        (Ok(_), _) => Ok(client),
        (Err(error), Some(link)) if commands::is_unauthenticated(&error) => {
            auth::login(&connection, link).await
        }
        (Err(error), _) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
