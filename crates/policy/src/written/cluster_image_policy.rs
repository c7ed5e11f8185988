//! ClusterImagePolicy as written (`policy-controller.md` part 3).

use super::Metadata;
use super::authority::{Authority, EmbeddedPolicy};
use crate::reader::{Texts, Unread, shape};

shape! {
    /// Which images must be vouched for, by whom, and what must be true of them.
    ClusterImagePolicy {
        /// policy.sigstore.dev/v1beta1 or policy.sigstore.dev/v1alpha1.
        api_version: String = "apiVersion",
        /// ClusterImagePolicy.
        kind: String = "kind",
        /// Name, labels and annotations.
        metadata: Metadata = "metadata",
        /// The policy.
        spec: Option<Spec> = "spec",
        /// Set by a controller; not read.
        status: Unread = "status",
    }
}

shape! {
    /// What the policy asks for.
    Spec {
        /// Which images the policy covers; one pattern that fits is enough.
        images: Vec<ImagePattern> = "images",
        /// Who may vouch for an image; one that does is enough.
        authorities: Vec<Authority> = "authorities",
        /// A policy over everything the authorities found, and over the workload.
        policy: Option<EmbeddedPolicy> = "policy",
        /// What a failing image meets: enforce (the default) denies it, warn lets it in with a warning.
        mode: String = "mode",
        /// Which workloads the policy covers; none means every one.
        r#match: Vec<MatchResource> = "match",
    }
}

shape! {
    /// One pattern of images.
    ImagePattern {
        /// Over names such as ghcr.io/acme/api@sha256:…; * stands for part of a name, ** for any part.
        glob: String = "glob",
    }
}

shape! {
    /// Workloads of one kind.
    MatchResource {
        /// API group, such as apps; empty for pods.
        group: String = "group",
        /// API version, such as v1, or * for every one.
        version: String = "version",
        /// Plural name, such as deployments.
        resource: String = "resource",
        /// Labels that the workload itself must have.
        selector: Option<LabelSelector> = "selector",
    }
}

shape! {
    /// Labels that must be there.
    LabelSelector {
        /// Labels with exactly these values.
        match_labels: Texts = "matchLabels",
        /// Further conditions; all must hold.
        match_expressions: Vec<LabelRequirement> = "matchExpressions",
    }
}

shape! {
    /// One condition on a label.
    LabelRequirement {
        /// The label.
        key: String = "key",
        /// In, NotIn, Exists or DoesNotExist.
        operator: String = "operator",
        /// For In and NotIn.
        values: Vec<String> = "values",
    }
}
