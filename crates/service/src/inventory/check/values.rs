//! Values that may be secret: `env[].value`, `args`, `command`, and headers of probes.

use protocol::ingest::secrets::{CONTAINER_LISTS, Secret, is_keyed_digest};
use serde_json::Value;

/// Where a pod template holds the first value that is no keyed digest, such as
/// `containers[0].env[2].value`.
pub(super) fn plain(template: &Value) -> Option<String> {
    let spec = template.get("spec")?;
    CONTAINER_LISTS.into_iter().find_map(|list| {
        let containers = spec.get(list)?.as_array()?;
        let mut containers = containers.iter().enumerate();
        containers.find_map(|(place, one)| below(one).map(|at| format!("{list}[{place}].{at}")))
    })
}

/// JSON that was read has at most 128 levels, so this ends early enough.
fn below(within: &Value) -> Option<String> {
    match within {
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| match Secret::of_field(name) {
                Some(Secret::Whole) => (!is_keyed_digest(value)).then(|| name.clone()),
                Some(Secret::Values) => {
                    of_list(value).map(|place| format!("{name}[{place}].value"))
                }
                None => below(value).map(|at| format!("{name}.{at}")),
            })
        }
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(place, item)| below(item).map(|at| format!("[{place}].{at}")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn of_list(list: &Value) -> Option<usize> {
    let entries = list.as_array()?;
    entries.iter().position(|entry| entry.get("value").is_some_and(|value| !is_keyed_digest(value)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_plain_value_is_named_and_digests_are_not() {
        let digest = json!({ "keyed-digest": format!("hmac-sha256:{}", "ab".repeat(32)) });
        let from = json!({ "name": "P", "valueFrom": { "secretKeyRef": { "key": "command" } } });
        for (container, found) in [
            (json!({ "args": digest, "command": null, "env": [from] }), None),
            (json!({ "env": [{ "name": "A", "value": digest }] }), None),
            (json!({ "env": [from, { "name": "A", "value": "x" }] }), Some("env[1].value")),
            (json!({ "args": ["--password", "x"] }), Some("args")),
            (json!({ "command": { "keyed-digest": "x" } }), Some("command")),
            (json!({ "command": { "keyed-digest": "hmac-sha256:ab" } }), Some("command")),
            (
                json!({ "livenessProbe": { "exec": { "command": ["x"] } } }),
                Some("livenessProbe.exec.command"),
            ),
            (
                json!({ "lifecycle": { "h": { "httpHeaders": [{ "value": "x" }] } } }),
                Some("lifecycle.h.httpHeaders[0].value"),
            ),
        ] {
            let template = json!({
                "metadata": { "labels": { "command": "x" } },
                "spec": { "initContainers": [{ "name": "first" }, container] },
            });
            let found = found.map(|at| format!("initContainers[1].{at}"));
            assert_eq!(plain(&template), found, "{container}");
        }
        assert_eq!(plain(&Value::Null), None);
    }
}
