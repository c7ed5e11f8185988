//! A fleet of clusters that run images, in the shape that is asked for.

use std::collections::BTreeMap;

use model::digest::Digest;
use model::image::{Image, Repository};
use model::inventory::{Container, ContainerKind, Namespace, Node, Owner, Workload, WorkloadKind};
use protocol::ingest::{Batch, Content, Snapshot};
use serde_json::json;

use crate::Seed;

/// How large a cluster's report is.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Different images.
    pub n_images: usize,
    /// Deployments, each with a ReplicaSet.
    pub n_deployments: usize,
    /// Pods of each deployment.
    pub n_pods: usize,
    /// Containers of each pod.
    pub n_containers: usize,
    /// Namespaces.
    pub n_namespaces: usize,
    /// Nodes.
    pub n_nodes: usize,
}

impl Shape {
    /// 10,000 containers in 5,000 pods of 1,000 deployments, of 2,000 images.
    pub const TEN_THOUSAND: Self = Self {
        n_images: 2_000,
        n_deployments: 1_000,
        n_pods: 5,
        n_containers: 2,
        n_namespaces: 40,
        n_nodes: 100,
    };
}

/// A fleet made from a seed.
#[derive(Debug, Clone)]
pub struct Fleet {
    seed: u64,
    shape: Shape,
}

impl Fleet {
    /// The fleet of a seed.
    #[must_use]
    pub const fn new(seed: u64, shape: Shape) -> Self {
        Self { seed, shape }
    }

    /// The fleet's n-th image. A quarter each lies below `signed`, `keyless`, `unsigned` and
    /// `other`, so that policies can tell them apart by glob.
    ///
    /// # Panics
    /// Never: the names are well formed.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a constant pattern of a repository name")]
    pub fn image(&self, number: usize) -> Image {
        let team = match number % 4 {
            0 => "signed",
            1 => "keyless",
            2 => "unsigned",
            _ => "other",
        };
        let name = format!("registry.fleet.test/{team}/service-{:05}", number / 4);
        let repository: Repository = name.parse().expect("a repository");
        repository.at(Digest::of(format!("{} {number}", self.seed).as_bytes()))
    }

    /// Every image.
    pub fn images(&self) -> impl Iterator<Item = Image> + '_ {
        (0..self.shape.n_images).map(|number| self.image(number))
    }

    /// The report of the n-th cluster, as the snapshot that opens `epoch`.
    #[must_use]
    pub fn snapshot(&self, cluster: u64, epoch: u64) -> Batch {
        let mut seed = Seed::new(self.seed ^ cluster.wrapping_mul(0x9e37_79b9));
        let namespaces = (0..self.shape.n_namespaces).map(namespace).collect();
        let nodes = (0..self.shape.n_nodes).map(node).collect();
        let mut workloads = Vec::new();
        for number in 0..self.shape.n_deployments {
            self.deployment(cluster, number, &mut seed, &mut workloads);
        }
        let snapshot = Snapshot { nodes, namespaces, workloads, is_continued: false };
        Batch {
            epoch,
            sequence: 0,
            kubernetes_version: "v1.36.2".to_owned(),
            content: Content::Snapshot(snapshot),
        }
    }

    fn deployment(
        &self,
        cluster: u64,
        number: usize,
        seed: &mut Seed,
        workloads: &mut Vec<Workload>,
    ) {
        let namespace = format!("team-{:03}", number % self.shape.n_namespaces.max(1));
        let name = format!("service-{number:05}");
        // The first images in turn, so that every image runs; then at random.
        let images: Vec<Image> = (0..self.shape.n_containers)
            .map(|place| {
                let turn = number * self.shape.n_containers + place;
                let any = seed.below(self.shape.n_images as u64) as usize;
                self.image(if turn < self.shape.n_images { turn } else { any })
            })
            .collect();
        let object = |kind: WorkloadKind, name: String, owner: Option<Owner>| Workload {
            uid: format!("{cluster:x}-{}-{name}", kind.as_str()),
            kind,
            api_version: if kind == WorkloadKind::Pod { "v1" } else { "apps/v1" }.to_owned(),
            namespace: namespace.clone(),
            labels: BTreeMap::from([("app".to_owned(), format!("service-{number:05}"))]),
            owner,
            running: kind == WorkloadKind::Pod,
            template: template(&images),
            containers: containers(&images),
            name,
        };
        let deployment = object(WorkloadKind::Deployment, name.clone(), None);
        let set_name = format!("{name}-{:08x}", seed.next() as u32);
        let set = object(WorkloadKind::ReplicaSet, set_name.clone(), Some(owner(&deployment)));
        for _ in 0..self.shape.n_pods {
            let pod_name = format!("{set_name}-{:08x}", seed.next() as u32);
            workloads.push(object(WorkloadKind::Pod, pod_name, Some(owner(&set))));
        }
        workloads.push(set);
        workloads.push(deployment);
    }
}

fn owner(above: &Workload) -> Owner {
    Owner { kind: above.kind.as_str().to_owned(), name: above.name.clone(), uid: above.uid.clone() }
}

fn containers(images: &[Image]) -> Vec<Container> {
    let container = |(place, image): (usize, &Image)| Container {
        kind: ContainerKind::Main,
        name: format!("container-{place}"),
        image: format!("{}:v1", image.repository),
        image_id: Some(image.to_string()),
    };
    images.iter().enumerate().map(container).collect()
}

fn template(images: &[Image]) -> serde_json::Value {
    let container = |(place, image): (usize, &Image)| {
        json!({
            "name": format!("container-{place}"),
            "image": format!("{}:v1", image.repository),
            "ports": [{ "containerPort": 8080, "protocol": "TCP" }],
            "resources": { "requests": { "cpu": "100m", "memory": "128Mi" } },
            "securityContext": { "runAsNonRoot": true, "allowPrivilegeEscalation": false },
        })
    };
    let containers: Vec<_> = images.iter().enumerate().map(container).collect();
    json!({ "containers": containers, "serviceAccountName": "default" })
}

fn namespace(number: usize) -> Namespace {
    let labels = BTreeMap::from([("team".to_owned(), format!("team-{number:03}"))]);
    Namespace { name: format!("team-{number:03}"), labels }
}

fn node(number: usize) -> Node {
    Node {
        name: format!("node-{number:04}"),
        kubelet_version: "v1.36.2".to_owned(),
        os_image: "Bottlerocket OS 1.20".to_owned(),
        architecture: "amd64".to_owned(),
        container_runtime: "containerd://2.1.4".to_owned(),
        provider_id: format!("aws:///eu-west-1a/i-{number:017x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Shape = Shape {
        n_images: 8,
        n_deployments: 4,
        n_pods: 2,
        n_containers: 2,
        n_namespaces: 2,
        n_nodes: 1,
    };

    #[test]
    fn the_same_seed_makes_the_same_report() {
        let report = |seed| Fleet::new(seed, SMALL).snapshot(1, 1);
        assert_eq!(report(7), report(7));
        assert_ne!(report(7), report(8));
    }

    #[test]
    fn every_image_runs_somewhere() {
        let fleet = Fleet::new(7, SMALL);
        let Content::Snapshot(snapshot) = fleet.snapshot(1, 1).content else { panic!("a delta") };
        for image in fleet.images() {
            let id = Some(image.to_string());
            let runs = |workload: &Workload| workload.containers.iter().any(|it| it.image_id == id);
            assert!(snapshot.workloads.iter().any(runs), "{image}");
        }
    }
}
