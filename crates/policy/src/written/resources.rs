//! Secrets and ConfigMaps beside a policy, as written: what `secretRef` and `configMapRef` name.

use super::Metadata;
use crate::reader::{Texts, Unread, shape};

shape! {
    /// A Secret with a public key.
    Secret {
        /// v1.
        api_version: String = "apiVersion",
        /// Secret.
        kind: String = "kind",
        /// Name and namespace.
        metadata: Metadata = "metadata",
        /// Its entries, base64.
        data: Texts = "data",
        /// Its entries, as they are.
        string_data: Texts = "stringData",
        /// Not read.
        r#type: Unread = "type",
        /// Not read.
        immutable: Unread = "immutable",
    }
}

shape! {
    /// A ConfigMap with embedded policies.
    ConfigMap {
        /// v1.
        api_version: String = "apiVersion",
        /// ConfigMap.
        kind: String = "kind",
        /// Name and namespace.
        metadata: Metadata = "metadata",
        /// Its entries.
        data: Texts = "data",
        /// Not read.
        binary_data: Unread = "binaryData",
        /// Not read.
        immutable: Unread = "immutable",
    }
}
