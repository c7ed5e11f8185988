//! The metadata service of the machine that this runs on: the one door to addresses that are
//! otherwise never asked. Whoever opens it says which service, never which host.

use http::{HeaderMap, Method};
use url::Url;

use crate::exchange::collect;
use crate::resolver::Allowed;
use crate::{Egress, EgressError, Request, Response};

/// Documents with tokens and keys are short.
const MOST_BYTES: usize = 256 * 1024;

/// A metadata service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataService {
    /// The one of a virtual machine, or of a pod on one, at the address that Amazon, Google and
    /// Azure share.
    Instance,
}

/// What a metadata service is asked.
#[derive(Debug, Clone)]
pub struct MetadataRequest {
    /// Which service.
    pub service: MetadataService,
    /// How.
    pub method: Method,
    /// The path, with a query where there is one.
    pub path: String,
    /// What goes along.
    pub headers: HeaderMap,
}

impl MetadataService {
    const fn root(self) -> &'static str {
        match self {
            Self::Instance => "http://169.254.169.254/",
        }
    }
}

impl Egress {
    /// Asks the metadata service of this machine, directly and without following redirects.
    ///
    /// # Errors
    /// When the path leads elsewhere, and when there is no whole answer in time and size.
    pub async fn ask_metadata(&self, request: MetadataRequest) -> Result<Response, EgressError> {
        let MetadataRequest { service, method, path, headers } = request;
        self.ask_below(service.root(), method, &path, headers).await
    }

    pub(crate) async fn ask_below(
        &self,
        root: &str,
        method: Method,
        path: &str,
        headers: HeaderMap,
    ) -> Result<Response, EgressError> {
        let wrong = || EgressError::Url { host: path.chars().take(256).collect() };
        let root = Url::parse(root).map_err(|_| wrong())?;
        let url = root.join(path).map_err(|_| wrong())?;
        if url.origin() != root.origin() || !path.starts_with('/') {
            return Err(wrong());
        }
        let request = Request { method, headers, ..Request::new(url) };
        let limit = self.inner.timeouts.whole();
        let asked = async {
            // The client for inner hosts has no proxy and follows nothing.
            let response = self.exchange(&request, Allowed::InsideToo).await?;
            collect(response, request.url.clone(), MOST_BYTES).await
        };
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let late = |_| EgressError::TimedOut { host, waited_for: "for the whole answer", limit };
        tokio::time::timeout(limit, asked).await.map_err(late)?
    }
}
