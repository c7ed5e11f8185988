//! Making SBOMs of images that have none, one after the other, apart from the sweep.

use std::time::Duration;

use service::{Caller, Service};
use tokio::sync::watch;

use crate::sweeper::describe;

/// How long to wait after there was none to make.
const PAUSE: Duration = Duration::from_secs(15);

/// Makes SBOMs until told to stop; the one under way is given up then, and made at the next start.
pub(crate) async fn make(service: Service, mut stop: watch::Receiver<bool>) {
    let caller = Caller::system("SBOM");
    loop {
        let made = tokio::select! {
            made = service.generate_sbom(&caller) => made,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match made {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(error = describe(&error), "no SBOM could be made"),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
