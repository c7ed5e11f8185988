//! Replaces what may be secret by keyed digests, before it leaves this machine.
//!
//! Equal values keep equal digests under one key, so that a policy's author can see that two
//! workloads agree, and nobody can try values without the key.

use std::fmt;

use aws_lc_rs::hmac;
use protocol::ingest::secrets::{CONTAINER_LISTS, Secret, keyed_digest};
use serde_json::Value;

/// Bytes of a key, at least.
pub const SHORTEST_KEY: usize = 16;

/// What is done with `env[].value`, `args` and `command`.
pub enum Redaction {
    /// They are replaced by `{"keyed-digest": "hmac-sha256:…"}`.
    Digests(Box<hmac::Key>),
    /// They are sent as they are, because somebody asked for it.
    Values,
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digests(_) => "Digests",
            Self::Values => "Values",
        })
    }
}

impl Redaction {
    /// Digests under this key.
    #[must_use]
    pub fn digests(key: &[u8]) -> Self {
        Self::Digests(Box::new(hmac::Key::new(hmac::HMAC_SHA256, key)))
    }

    /// Redacts a pod specification by the rules of [`protocol::ingest::secrets`].
    pub fn apply(&self, pod_spec: &mut Value) {
        let Self::Digests(key) = self else { return };
        for list in CONTAINER_LISTS {
            let containers = pod_spec.get_mut(list).and_then(Value::as_array_mut);
            for container in containers.into_iter().flatten() {
                redact(key, container);
            }
        }
    }
}

/// JSON that was read has at most 128 levels, so this ends early enough.
fn redact(key: &hmac::Key, within: &mut Value) {
    match within {
        Value::Object(fields) => {
            for (name, value) in fields {
                match Secret::of_field(name) {
                    Some(Secret::Whole) => replace(key, value),
                    Some(Secret::Values) => replace_values(key, value),
                    None => redact(key, value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(key, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn replace_values(key: &hmac::Key, list: &mut Value) {
    for entry in list.as_array_mut().into_iter().flatten() {
        if let Some(value) = entry.get_mut("value") {
            replace(key, value);
        }
    }
}

fn replace(key: &hmac::Key, value: &mut Value) {
    if !value.is_null() {
        let digest = hmac::sign(key, value.to_string().as_bytes());
        *value = keyed_digest(&hex::encode(digest));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &[u8] = b"0123456789abcdef";

    fn digest(value: &Value) -> Value {
        let mut value = value.clone();
        replace(&hmac::Key::new(hmac::HMAC_SHA256, KEY), &mut value);
        value
    }

    #[test]
    fn a_digest_is_hmac_sha256_of_the_value_as_json() {
        // printf '"hunter2"' | openssl dgst -sha256 -hmac 0123456789abcdef
        let hex = "d6c860bad44302c1c67ceb63851feb726a4bee83b1715561c56ce461523e54e1";
        let expected = json!({ "keyed-digest": format!("hmac-sha256:{hex}") });
        assert_eq!(digest(&json!("hunter2")), expected);
    }

    #[test]
    fn what_may_be_secret_is_replaced_and_nothing_else() {
        let from = json!({ "secretKeyRef": { "name": "db", "key": "password" } });
        let secret = json!("hunter2");
        let line = json!(["--password", "hunter2"]);
        for (case, before, after) in [
            (
                "a value",
                json!({ "env": [{ "name": "P", "value": secret }] }),
                json!({ "env": [{ "name": "P", "value": digest(&secret) }] }),
            ),
            (
                "where a value comes from",
                json!({ "env": [{ "name": "P", "valueFrom": from }] }),
                json!({ "env": [{ "name": "P", "valueFrom": from }] }),
            ),
            ("a command", json!({ "command": line }), json!({ "command": digest(&line) })),
            ("arguments", json!({ "args": line }), json!({ "args": digest(&line) })),
            (
                "a probe's command",
                json!({ "livenessProbe": { "exec": { "command": line }, "periodSeconds": 5 } }),
                json!({ "livenessProbe": { "exec": { "command": digest(&line) }, "periodSeconds": 5 } }),
            ),
            (
                "a hook's command",
                json!({ "lifecycle": { "preStop": { "exec": { "command": line } } } }),
                json!({ "lifecycle": { "preStop": { "exec": { "command": digest(&line) } } } }),
            ),
            (
                "a probe's header",
                json!({ "readinessProbe": { "httpGet": { "httpHeaders": [{ "name": "A", "value": secret }] } } }),
                json!({ "readinessProbe": { "httpGet": { "httpHeaders": [{ "name": "A", "value": digest(&secret) }] } } }),
            ),
            ("nothing", json!({ "args": null, "env": null }), json!({ "args": null, "env": null })),
            (
                "the rest",
                json!({ "image": "a", "securityContext": { "privileged": true } }),
                json!({ "image": "a", "securityContext": { "privileged": true } }),
            ),
        ] {
            for list in CONTAINER_LISTS {
                let mut spec = json!({ list: [before], "hostNetwork": true });
                Redaction::digests(KEY).apply(&mut spec);
                assert_eq!(spec, json!({ list: [after], "hostNetwork": true }), "{case} in {list}");
            }
        }
    }

    #[test]
    fn equal_values_agree_under_one_key_and_differ_under_two() {
        let with = |key: &[u8]| {
            let mut spec = json!({ "containers": [{ "args": ["a"] }, { "args": ["a"] }] });
            Redaction::digests(key).apply(&mut spec);
            (spec["containers"][0].clone(), spec["containers"][1].clone())
        };
        let (first, second) = with(KEY);
        assert_eq!(first, second);
        assert_ne!(first, with(b"another key of 16+").0);
    }

    #[test]
    fn asked_for_values_stay() {
        let before = json!({ "containers": [{ "args": ["a"], "env": [{ "value": "b" }] }] });
        let mut spec = before.clone();
        Redaction::Values.apply(&mut spec);
        assert_eq!(spec, before);
    }
}
