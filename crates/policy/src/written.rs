//! Documents as they are written: every field upstream knows, with upstream's names.
//!
//! An absent text is empty and an absent list is empty, as in upstream's types; what must be told
//! apart from its empty form is an `Option`. Nothing here is checked beyond its type.

use crate::reader::{Texts, Unread, shape};

pub(crate) mod authority;
pub(crate) mod cluster_image_policy;
pub(crate) mod resources;
pub(crate) mod trust_root;

shape! {
    /// What Kubernetes keeps beside every object.
    Metadata {
        /// The object's name.
        name: String = "name",
        /// Its namespace, where it has one.
        namespace: String = "namespace",
        /// Labels.
        labels: Texts = "labels",
        /// Annotations.
        annotations: Texts = "annotations",
        /// Set by the API server.
        creation_timestamp: Unread = "creationTimestamp",
        /// Set by the API server.
        deletion_grace_period_seconds: Unread = "deletionGracePeriodSeconds",
        /// Set by the API server.
        deletion_timestamp: Unread = "deletionTimestamp",
        /// Set by controllers.
        finalizers: Unread = "finalizers",
        /// Not used: a policy is named.
        generate_name: Unread = "generateName",
        /// Set by the API server.
        generation: Unread = "generation",
        /// Set by the API server.
        managed_fields: Unread = "managedFields",
        /// Set by controllers.
        owner_references: Unread = "ownerReferences",
        /// Set by the API server.
        resource_version: Unread = "resourceVersion",
        /// Set by the API server.
        self_link: Unread = "selfLink",
        /// Set by the API server.
        uid: Unread = "uid",
    }
}
