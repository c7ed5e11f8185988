//! The demo's plan: which groups there are, which clusters, what runs in each, by which image.

use model::inventory::WorkloadKind::{self, CronJob, DaemonSet, Deployment, Job, StatefulSet};

/// A group, parents before children.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupPlan {
    /// The name path of the group above; `None` for the organization.
    pub(super) parent: Option<&'static str>,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
}

impl GroupPlan {
    pub(super) fn name_path(&self) -> String {
        self.parent.map_or_else(|| self.name.to_owned(), |parent| format!("{parent}/{}", self.name))
    }
}

/// The organization that everything belongs to.
pub(super) const ORGANIZATION: &str = "acme";

pub(super) const GROUPS: [GroupPlan; 4] = [
    GroupPlan { parent: None, name: ORGANIZATION, description: "The demo organization" },
    GroupPlan { parent: Some("acme"), name: "production", description: "What customers use" },
    GroupPlan { parent: Some("acme/production"), name: "edge", description: "In the shops" },
    GroupPlan { parent: Some("acme"), name: "staging", description: "What is tried before" },
];

/// A cluster and everything in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClusterPlan {
    pub(super) name: &'static str,
    pub(super) group: &'static str,
    pub(super) description: &'static str,
    pub(super) kubernetes_version: &'static str,
    pub(super) nodes: &'static [NodePlan],
    pub(super) apps: &'static [App],
}

#[derive(Debug, Clone, Copy)]
pub(super) struct NodePlan {
    pub(super) name: &'static str,
    pub(super) provider_id: &'static str,
    pub(super) os_image: &'static str,
    pub(super) architecture: &'static str,
}

/// One workload: a top owner, and by it what is below.
#[derive(Debug, Clone, Copy)]
pub(super) struct App {
    pub(super) kind: WorkloadKind,
    pub(super) namespace: &'static str,
    pub(super) name: &'static str,
    /// Its pods; of a DaemonSet: one a node whatever is written here. None of a CronJob or Job
    /// means that the last run is over.
    pub(super) replicas: usize,
    /// Its containers' images; the first is its own, the others stand beside it.
    pub(super) images: &'static [&'static str],
    /// The image of a container that runs first.
    pub(super) first: Option<&'static str>,
}

const fn app(
    kind: WorkloadKind,
    namespace: &'static str,
    name: &'static str,
    replicas: usize,
    images: &'static [&'static str],
) -> App {
    App { kind, namespace, name, replicas, images, first: None }
}

impl App {
    const fn after(self, image: &'static str) -> Self {
        Self { first: Some(image), ..self }
    }
}

const GKE_OS: &str = "Container-Optimized OS from Google";
const DEBIAN: &str = "Debian GNU/Linux 13 (trixie)";

const fn node(
    name: &'static str,
    provider_id: &'static str,
    os_image: &'static str,
    architecture: &'static str,
) -> NodePlan {
    NodePlan { name, provider_id, os_image, architecture }
}

pub(super) const CLUSTERS: [ClusterPlan; 3] = [
    ClusterPlan {
        name: "prod-eu-west",
        group: "acme/production",
        description: "The shop in Europe",
        kubernetes_version: "v1.36.2-gke.1200",
        nodes: &[
            node("gke-prod-a1", "gce://acme-prod/europe-west1-b/gke-prod-a1", GKE_OS, "amd64"),
            node("gke-prod-a2", "gce://acme-prod/europe-west1-c/gke-prod-a2", GKE_OS, "amd64"),
            node("gke-prod-a3", "gce://acme-prod/europe-west1-d/gke-prod-a3", GKE_OS, "amd64"),
        ],
        apps: &[
            app(Deployment, "shop", "storefront", 3, &["storefront"]).after("base/tools"),
            app(Deployment, "shop", "storefront-canary", 1, &["storefront"]).after("base/tools"),
            app(Deployment, "shop", "cart", 2, &["storefront"]),
            app(Deployment, "shop", "search", 2, &["catalog"]),
            app(Deployment, "payments", "payments-api", 3, &["payments-api", "base/log-agent"]),
            app(Deployment, "payments", "ledger", 1, &["payments-api", "base/log-agent"]),
            app(Deployment, "payments", "payments-worker", 2, &["payments-worker"]),
            app(Deployment, "payments", "refunds", 1, &["payments-worker"]),
            app(CronJob, "payments", "settlement", 1, &["payments-worker"]).after("base/tools"),
            app(StatefulSet, "catalog", "catalog-index", 3, &["catalog"]),
            app(Deployment, "catalog", "catalog", 2, &["catalog"]),
            app(Deployment, "catalog", "catalog-admin", 1, &["catalog"]),
            app(Deployment, "reporting", "dashboards", 1, &["legacy-report"]),
            app(CronJob, "reporting", "monthly-report", 0, &["legacy-report"]),
            app(DaemonSet, "platform", "log-agent", 0, &["base/log-agent"]),
            app(DaemonSet, "platform", "node-tools", 0, &["base/tools"]),
            app(CronJob, "platform", "backup", 0, &["base/tools"]),
            app(Job, "platform", "reindex", 1, &["base/tools"]),
        ],
    },
    ClusterPlan {
        name: "edge-07",
        group: "acme/production/edge",
        description: "The shop in Bremen",
        kubernetes_version: "v1.35.4+k3s1",
        nodes: &[
            node("edge-07-a", "k3s://edge-07-a", DEBIAN, "arm64"),
            node("edge-07-b", "k3s://edge-07-b", DEBIAN, "arm64"),
        ],
        apps: &[
            app(Deployment, "shop", "storefront", 2, &["storefront"]).after("base/tools"),
            app(Deployment, "shop", "cart", 1, &["storefront"]),
            app(Deployment, "shop", "price-tags", 1, &["catalog"]),
            app(StatefulSet, "catalog", "catalog-index", 1, &["catalog"]),
            app(Deployment, "catalog", "catalog", 1, &["catalog"]),
            app(Deployment, "payments", "terminals", 2, &["payments-api", "base/log-agent"]),
            app(Deployment, "payments", "terminal-sync", 1, &["payments-worker"]),
            app(Deployment, "reporting", "till-report", 1, &["legacy-report"]),
            app(CronJob, "reporting", "closing-report", 1, &["legacy-report"]),
            app(DaemonSet, "platform", "log-agent", 0, &["base/log-agent"]),
            app(DaemonSet, "platform", "node-tools", 0, &["base/tools"]),
            app(CronJob, "platform", "cache-prune", 0, &["base/tools"]),
        ],
    },
    ClusterPlan {
        name: "staging-1",
        group: "acme/staging",
        description: "Where releases are tried",
        kubernetes_version: "v1.36.2",
        nodes: &[
            node(
                "staging-1-control-plane",
                "kind://docker/staging-1/staging-1-control-plane",
                DEBIAN,
                "amd64",
            ),
            node("staging-1-worker", "kind://docker/staging-1/staging-1-worker", DEBIAN, "amd64"),
        ],
        apps: &[
            app(Deployment, "shop", "storefront", 1, &["storefront"]).after("base/tools"),
            app(Deployment, "shop", "cart", 1, &["storefront"]),
            app(Deployment, "shop", "search", 1, &["catalog"]),
            app(Deployment, "payments", "payments-api", 1, &["payments-api", "base/log-agent"]),
            app(Deployment, "payments", "payments-worker", 1, &["payments-worker"]),
            app(CronJob, "payments", "settlement", 0, &["payments-worker"]),
            app(StatefulSet, "catalog", "catalog-index", 1, &["catalog"]),
            app(Deployment, "catalog", "catalog", 1, &["catalog"]),
            app(Deployment, "reporting", "dashboards", 1, &["legacy-report"]),
            app(Job, "testing", "load-test", 1, &["base/tools"]),
            app(DaemonSet, "platform", "log-agent", 0, &["base/log-agent"]),
        ],
    },
];
