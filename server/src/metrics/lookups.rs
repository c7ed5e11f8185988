//! Counts what registries answer, on the way from them to the use cases.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use model::digest::Digest;
use model::evidence::LookupTarget;
use model::image::Image;
use service::ports::{Answer, EvidenceSource, Found, Logins};

use super::{LookedUp, Metrics};

/// A source of evidence whose answers are counted.
pub(crate) struct Counting<S> {
    source: S,
    metrics: Metrics,
}

impl Metrics {
    /// The same source, counted.
    pub(crate) fn counting<S: EvidenceSource>(&self, source: S) -> Counting<S> {
        Counting { source, metrics: self.clone() }
    }
}

impl<S: EvidenceSource> EvidenceSource for Counting<S> {
    fn look_up<'a>(
        &'a self,
        image: &'a Image,
        target: &'a LookupTarget,
        known: Option<String>,
        logins: Option<&'a Logins>,
    ) -> BoxFuture<'a, Answer> {
        async move {
            let answer = self.source.look_up(image, target, known, logins).await;
            let result = match &answer.found {
                Ok(Found::Unchanged) => "unchanged",
                Ok(Found::Pieces { pieces, .. }) if pieces.is_empty() => "nothing",
                Ok(Found::Pieces { .. }) => "found",
                Err(_) => "no answer",
            };
            let label = LookedUp { registry: answer.host.clone(), result };
            self.metrics.lookups.get_or_create(&label).inc();
            answer
        }
        .boxed()
    }

    fn check(&self, logins: &Logins) -> Result<(), String> {
        self.source.check(logins)
    }

    fn subject_of<'a>(&'a self, image: &'a Image) -> BoxFuture<'a, Option<Digest>> {
        self.source.subject_of(image)
    }

    fn requests_per_second(&self) -> Option<u32> {
        self.source.requests_per_second()
    }
}
