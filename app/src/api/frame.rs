//! What the frame around every page shows.

use leptos::prelude::*;
use model::groups::Group;
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// What the frame needs besides the page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FrameContents {
    /// Every group that the visitor may see, parents before children.
    pub(crate) groups: Vec<Group>,
    /// Who is signed in.
    pub(crate) person: String,
    /// The time that "ago" counts from.
    pub(crate) now: Timestamp,
    /// Whether this installation shows the demo fleet.
    pub(crate) is_demo: bool,
}

/// The frame of whoever is signed in.
#[server(prefix = "/api/console", endpoint = "frame")]
pub(crate) async fn frame() -> Result<FrameContents, ApiError> {
    let (service, caller) = super::session::session()?;
    let groups = service.groups().list(&caller).await?;
    Ok(FrameContents {
        groups,
        person: caller.subject().to_string(),
        now: service.now(),
        is_demo: service.is_demo(),
    })
}
