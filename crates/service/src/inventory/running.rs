//! From pods to what people count: top owners, and the images that really run.

use std::collections::BTreeMap;

use model::image::{Image, ImageReference};
use model::inventory::{Container, Workload, WorkloadKind};
use store::TopRow;

/// Reasons that are told, at most; more of them would bury the first ones.
const MOST_REASONS: usize = 20;
/// Owners above one another, at most: a loop of owners ends here.
const LONGEST_CHAIN: usize = 10;

/// The objects of a cluster by uid, to climb from a pod to its top owner.
pub(super) struct Owners<'a> {
    by_uid: BTreeMap<&'a str, &'a Workload>,
}

impl<'a> Owners<'a> {
    pub(super) fn of(workloads: impl Iterator<Item = &'a Workload>) -> Self {
        Self { by_uid: workloads.map(|workload| (workload.uid.as_str(), workload)).collect() }
    }

    /// Whom a running pod counts under; `None` for anything that is no running pod.
    ///
    /// An owner that was not reported still counts when its kind is one that Loadline knows,
    /// so that pods alone (`kubectl get pods`) already add up to workloads.
    pub(super) fn top(&self, pod: &Workload) -> Option<TopRow> {
        if pod.kind != WorkloadKind::Pod || !pod.running {
            return None;
        }
        let mut here = pod;
        for _ in 0..LONGEST_CHAIN {
            let Some(owner) = &here.owner else { break };
            let Some(above) = self.by_uid.get(owner.uid.as_str()) else {
                return Some(match WorkloadKind::from_name(&owner.kind) {
                    Some(kind) => row(kind, &pod.namespace, &owner.name),
                    None => row(here.kind, &here.namespace, &here.name),
                });
            };
            here = above;
        }
        Some(row(here.kind, &here.namespace, &here.name))
    }
}

fn row(kind: WorkloadKind, namespace: &str, name: &str) -> TopRow {
    TopRow {
        kind: kind.as_str().to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

/// The images a running pod runs. What cannot be told is named in `unresolved`, never guessed,
/// and never left out: it counts as something that could not be checked.
pub(super) fn images(pod: &Workload, unresolved: &mut Vec<String>) -> Vec<Image> {
    if pod.kind != WorkloadKind::Pod || !pod.running {
        return Vec::new();
    }
    let mut images = Vec::new();
    for container in &pod.containers {
        match resolved(container) {
            Ok(image) => images.push(image),
            Err(reason) => {
                let written = container.image.parse::<ImageReference>();
                images.extend(written.map(|it| Image::unresolved(it.repository().clone())));
                if unresolved.len() < MOST_REASONS {
                    let Workload { namespace, name, .. } = pod;
                    let container = &container.name;
                    unresolved.push(format!("{namespace}/{name}, container {container}: {reason}"));
                }
            }
        }
    }
    images.sort();
    images.dedup();
    images
}

/// The image as written, at the digest that the container runtime reports.
///
/// The repository is the written one where the runtime's differs: policies' globs are about
/// what the workload asks for, and a mirror may have answered.
fn resolved(container: &Container) -> Result<Image, String> {
    let written: ImageReference =
        container.image.parse().map_err(|error: model::image::ReferenceError| error.to_string())?;
    if let Some(image) = written.pinned() {
        return Ok(image);
    }
    let Some(image_id) = container.image_id.as_deref().filter(|id| !id.is_empty()) else {
        return Err(format!("{} is a tag, and no image ID was reported yet", container.image));
    };
    let reported: ImageReference =
        image_id.parse().map_err(|_| format!("its image ID {image_id} names no repository"))?;
    match reported.pinned() {
        Some(image) => Ok(written.repository().clone().at(image.digest)),
        None => Err(format!("its image ID {image_id} has no digest")),
    }
}

#[cfg(test)]
mod tests {
    use model::inventory::{ContainerKind, Owner};

    use super::*;

    const DIGEST: &str = "sha256:5504f2a95018e3d8a52d80d9e1a128c6ea337581808ff9fe96f5628ce2336350";

    fn object(kind: WorkloadKind, name: &str, owner: Option<(&str, &str)>) -> Workload {
        Workload {
            uid: format!("uid-{name}"),
            kind,
            api_version: "v1".to_owned(),
            namespace: "shop".to_owned(),
            name: name.to_owned(),
            labels: BTreeMap::new(),
            owner: owner.map(|(kind, name)| Owner {
                kind: kind.to_owned(),
                name: name.to_owned(),
                uid: format!("uid-{name}"),
            }),
            running: kind == WorkloadKind::Pod,
            template: serde_json::Value::Null,
            containers: Vec::new(),
        }
    }

    fn top(objects: &[Workload]) -> String {
        let top = Owners::of(objects.iter()).top(&objects[0]).unwrap();
        format!("{} {}", top.kind, top.name)
    }

    #[test]
    fn pods_count_under_their_top_owner() {
        let pod = object(WorkloadKind::Pod, "web-1-x", Some(("ReplicaSet", "web-1")));
        let set = object(WorkloadKind::ReplicaSet, "web-1", Some(("Deployment", "web")));
        let deployment = object(WorkloadKind::Deployment, "web", None);
        assert_eq!(top(&[pod.clone(), set.clone(), deployment]), "Deployment web");
        assert_eq!(top(&[pod.clone(), set]), "Deployment web");
        assert_eq!(top(&[pod]), "ReplicaSet web-1");
    }

    #[test]
    fn owners_of_unknown_kinds_and_loops_end_the_climb() {
        let rollout = object(WorkloadKind::Pod, "p", Some(("Rollout", "r")));
        assert_eq!(top(&[rollout]), "Pod p");
        let a = object(WorkloadKind::Pod, "a", Some(("ReplicaSet", "b")));
        let b = object(WorkloadKind::ReplicaSet, "b", Some(("ReplicaSet", "b")));
        assert_eq!(top(&[a, b]), "ReplicaSet b");
    }

    #[test]
    fn the_written_repository_and_the_reported_digest_make_the_image() {
        let mut pod = object(WorkloadKind::Pod, "p", None);
        pod.containers.push(Container {
            kind: ContainerKind::Main,
            name: "main".to_owned(),
            image: "ghcr.io/acme/api:1".to_owned(),
            image_id: Some(format!("mirror.local/acme/api@{DIGEST}")),
        });
        let images = images(&pod, &mut Vec::new());
        assert_eq!(images[0].to_string(), format!("ghcr.io/acme/api@{DIGEST}"));
    }

    #[test]
    fn what_cannot_be_told_is_said_and_not_guessed() {
        let mut pod = object(WorkloadKind::Pod, "p", None);
        for image_id in [None, Some("sha256:abc".to_owned())] {
            let image = "nginx:1".to_owned();
            pod.containers.push(Container {
                kind: ContainerKind::Main,
                name: "c".to_owned(),
                image,
                image_id,
            });
        }
        let mut unresolved = Vec::new();
        let found = images(&pod, &mut unresolved);
        assert_eq!(found.len(), 1);
        assert!(!found[0].is_resolved());
        assert_eq!(found[0].repository.to_string(), "index.docker.io/library/nginx");
        assert_eq!(unresolved.len(), 2);
    }
}
