//! Where secrets stand in a pod specification, and what arrives in their place (design 1.8).
//!
//! Senders replace by these rules, the control plane refuses by them. Besides the containers'
//! own `args`, `command` and `env`, those of probes and hooks are meant, and the values of their
//! HTTP headers: passwords stand there as well.

use serde_json::{Value, json};

/// Lists of a pod specification that hold containers.
pub const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

const DIGEST: &str = "keyed-digest";
const ALGORITHM: &str = "hmac-sha256:";

/// What of a field, anywhere in a container, may be secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// All of it. A whole list has one digest: its length would tell something too.
    Whole,
    /// Of `[{name, value}, …]` the values; where one comes from (`valueFrom`) is no secret.
    Values,
}

impl Secret {
    /// What may be secret of a field of that name, if anything may.
    #[must_use]
    pub fn of_field(name: &str) -> Option<Self> {
        match name {
            "args" | "command" => Some(Self::Whole),
            "env" | "httpHeaders" => Some(Self::Values),
            _ => None,
        }
    }
}

/// What stands for a value: `{"keyed-digest": "hmac-sha256:<64 hex digits>"}`.
#[must_use]
pub fn keyed_digest(hex: &str) -> Value {
    json!({ DIGEST: format!("{ALGORITHM}{hex}") })
}

/// Whether that is what stands there, or nothing at all.
#[must_use]
pub fn is_keyed_digest(value: &Value) -> bool {
    let is_hex = |hex: &str| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    match value {
        Value::Null => true,
        Value::Object(fields) if fields.len() == 1 => fields
            .get(DIGEST)
            .and_then(Value::as_str)
            .and_then(|text| text.strip_prefix(ALGORITHM))
            .is_some_and(is_hex),
        Value::Object(_)
        | Value::Array(_)
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_here_is_known_here() {
        assert!(is_keyed_digest(&keyed_digest(&"ab".repeat(32))));
        assert!(!is_keyed_digest(&keyed_digest("ab")));
        assert!(!is_keyed_digest(&json!("hunter2")));
    }
}
