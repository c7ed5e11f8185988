//! Events: what changed, in the order it was written, each with who did it.

use serde::{Deserialize, Serialize};

use crate::groups::Collection;
use crate::iam::Subject;
use crate::timestamp::Timestamp;
use crate::verdict::Outcome;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Its place in the order, unique within the organization.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Subject,
    /// What changed.
    pub change: Change,
}

/// What changed. The names are stable: they become event types (design D7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Change {
    /// A group came to be.
    GroupCreated {
        /// Its name path.
        group: String,
    },
    /// A group was given another name.
    GroupRenamed {
        /// Its name path before.
        group: String,
        /// Its name path now.
        becomes: String,
    },
    /// A group was put elsewhere in the tree.
    GroupMoved {
        /// Its name path before.
        group: String,
        /// Its name path now.
        becomes: String,
    },
    /// A group was deleted, with everything below it.
    GroupDeleted {
        /// Its name path.
        group: String,
    },
    /// What clusters of a group may send was set.
    CollectionSet {
        /// Its name path.
        group: String,
        /// The setting; `None` takes that of the group above.
        collection: Option<Collection>,
    },
    /// A cluster was registered.
    ClusterCreated {
        /// Its name.
        cluster: String,
        /// Its group's name path.
        group: String,
    },
    /// A cluster reported for the first time.
    ClusterConnected {
        /// Its name.
        cluster: String,
    },
    /// A cluster was given another name.
    ClusterRenamed {
        /// Its name before.
        cluster: String,
        /// Its name now.
        becomes: String,
    },
    /// A cluster was put into another group.
    ClusterMoved {
        /// Its name.
        cluster: String,
        /// The name path of its group before.
        group: String,
        /// The name path of its group now.
        becomes: String,
    },
    /// A cluster was deleted; what it ran stays in the past.
    ClusterDeleted {
        /// Its name.
        cluster: String,
        /// Its group's name path.
        group: String,
    },
    /// A further token was made for a cluster.
    TokenIssued {
        /// The cluster's name.
        cluster: String,
    },
    /// A cluster's token was revoked.
    TokenRevoked {
        /// The cluster's name.
        cluster: String,
    },
    /// A version of a policy was published.
    PolicyPublished {
        /// Its name.
        policy: String,
        /// Its group's name path.
        group: String,
        /// The version's number.
        version: u64,
    },
    /// An earlier version of a policy was made active again.
    VersionActivated {
        /// The policy's name.
        policy: String,
        /// Its group's name path.
        group: String,
        /// The version's number.
        version: u64,
    },
    /// A policy was deleted; what it said stays in the past.
    PolicyDeleted {
        /// Its name.
        policy: String,
        /// Its group's name path.
        group: String,
    },
    /// A verdict changed.
    VerdictChanged {
        /// The image.
        image: String,
        /// The policy's name.
        policy: String,
        /// What it was before; `None` for the first verdict.
        was: Option<Outcome>,
        /// What it is now.
        now: Outcome,
        /// The verdict's sentence.
        sentence: String,
    },
    /// Somebody handed over evidence for an image.
    EvidenceGiven {
        /// The image.
        image: String,
        /// What it is, such as `sigstore-bundle`.
        kind: String,
    },
    /// The first owner signed in.
    OwnerSignedIn {
        /// How they are shown.
        name: String,
    },
}
