//! `loadline images`: ask an image's registry again.

use serde_json::json;

use crate::arguments::Images;
use crate::client::Client;
use crate::error::CommandError;
use crate::output;

pub(super) async fn run(client: &Client, verb: Images) -> Result<(), CommandError> {
    match verb {
        Images::Refresh { image } => {
            client.tell("api/v1/images/refresh", &json!({ "image": image })).await?;
            output::line(&format!("The registry of {image} will be asked again at once."))
        }
    }
}
