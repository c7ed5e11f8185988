//! What the program says of itself to Prometheus, at an address of its own: numbers that need no
//! sign-in must not be reachable where the console is.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use service::{Caller, Service};
use tokio::net::TcpListener;

use crate::sweeper::describe;
use crate::wiring::Wired;

mod lookups;
mod process;

/// Seconds that a request takes: from a cached read to an answer nobody waits for.
const REQUEST_SECONDS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// Seconds that a sweep takes: from an idle one to a fleet judged anew.
const SWEEP_SECONDS: [f64; 9] = [0.001, 0.01, 0.1, 1.0, 5.0, 10.0, 30.0, 120.0, 600.0];

/// What is counted while it happens. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    requests: Family<Answered, Counter>,
    request_seconds: Family<Route, Histogram>,
    sweeps: Family<Result, Counter>,
    sweep_seconds: Histogram,
    lookups: Family<LookedUp, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Result {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LookedUp {
    registry: String,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Judged {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Queue {
    queue: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds = || Histogram::new(REQUEST_SECONDS);
        Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(seconds),
            sweeps: Family::default(),
            sweep_seconds: Histogram::new(SWEEP_SECONDS),
            lookups: Family::default(),
        }
    }
}

impl Metrics {
    /// A sweep came to its end.
    pub(crate) fn swept(&self, took: Duration, is_whole: bool) {
        let result = if is_whole { "done" } else { "broken" };
        self.sweeps.get_or_create(&Result { result }).inc();
        self.sweep_seconds.observe(took.as_secs_f64());
    }

    /// Everything, as Prometheus reads it.
    async fn text(&self, service: &Service) -> service::Result<String> {
        let mut registry = Registry::with_prefix("loadline");
        registry.register("http_requests", "Requests answered.", self.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "How long answers took.",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        registry.register("sweeps", "Sweeps that came to their end.", self.sweeps.clone());
        registry.register_with_unit(
            "sweep_duration",
            "How long sweeps took.",
            Unit::Seconds,
            self.sweep_seconds.clone(),
        );
        registry.register(
            "lookups",
            "Answers of registries, by host; folders of this machine have none.",
            self.lookups.clone(),
        );
        self.register_figures(&mut registry, service).await?;
        let mut text = String::new();
        encode(&mut text, &registry)
            .map_err(|error| service::ServiceError::Internal(Box::new(error)))?;
        // The encoder ends its text; what the process says goes before that.
        let whole = text.strip_suffix("# EOF\n").unwrap_or(&text);
        Ok(format!("{whole}{}# EOF\n", process::text()))
    }

    /// What the database holds at this moment.
    async fn register_figures(
        &self,
        registry: &mut Registry,
        service: &Service,
    ) -> service::Result<()> {
        let figures = service.figures(&Caller::system("metrics")).await?;
        let gauge = |number: u64| {
            let gauge: Gauge = Gauge::default();
            gauge.set(i64::try_from(number).unwrap_or(i64::MAX));
            gauge
        };
        let queues: Family<Queue, Gauge> = Family::default();
        for (queue, number) in
            [("images", figures.queued_images), ("clusters", figures.queued_clusters)]
        {
            let length = queues.get_or_create_owned(&Queue { queue });
            length.set(i64::try_from(number).unwrap_or(i64::MAX));
        }
        registry.register("queued", "What waits for a sweep.", queues);
        let verdicts: Family<Judged, Gauge> = Family::default();
        for (outcome, number) in figures.verdicts {
            let count = verdicts.get_or_create_owned(&Judged { outcome: outcome.as_str() });
            count.set(i64::try_from(number).unwrap_or(i64::MAX));
        }
        registry.register("verdicts", "Verdicts that hold now.", verdicts);
        registry.register("sessions", "Sessions that have not ended.", gauge(figures.sessions));
        registry.register_with_unit(
            "database_size",
            "The database's pages, without its write-ahead log.",
            Unit::Bytes,
            gauge(figures.database_bytes),
        );
        Ok(())
    }
}

/// Counts a request by its route and status.
pub(crate) async fn count(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    // Without a route it is a file, or nothing: paths that strangers make up are not remembered.
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("other", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    metrics
        .request_seconds
        .get_or_create(&Route { route: route.clone() })
        .observe(started.elapsed().as_secs_f64());
    metrics.requests.get_or_create(&Answered { method, route, status }).inc();
    response
}

/// Listens where Prometheus comes by, if anywhere.
pub(crate) async fn serve(wired: &Wired, address: Option<SocketAddr>) -> anyhow::Result<()> {
    let Some(address) = address else { return Ok(()) };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address} for --metrics-listen"))?;
    let bound = listener.local_addr().context("the listener has no address")?;
    tracing::info!(address = %bound, "metrics");
    let state = (wired.metrics.clone(), wired.service.clone());
    let router = Router::new().route("/metrics", get(scrape)).with_state(state);
    // It ends with the process: nothing is lost when a scrape breaks off.
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(error = describe(&error), "metrics are no longer served");
        }
    });
    Ok(())
}

const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

async fn scrape(State((metrics, service)): State<(Metrics, Service)>) -> Response {
    match metrics.text(&service).await {
        Ok(text) => ([(CONTENT_TYPE, MEDIA_TYPE)], text).into_response(),
        Err(error) => {
            let mut text = "the database does not answer: ".to_owned();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", describe(&error));
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}
