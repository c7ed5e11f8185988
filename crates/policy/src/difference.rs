//! What changed between two versions of a document: fields, not lines.

use serde::{Deserialize, Serialize};

use crate::diagnostics::Diagnostics;
use crate::yaml::{self, Node, Value};

/// One field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field, such as `spec.authorities[1].key.data`; with several documents, the number of
    /// the document stands before it.
    pub path: String,
    /// Its value before, as JSON; `None` where it was not there.
    pub before: Option<String>,
    /// Its value now; `None` where it is no longer there.
    pub after: Option<String>,
}

/// Changes listed at most.
const MOST: usize = 500;

/// The fields that differ, in the order of the new text; `None` where one of the texts is no
/// YAML. Comments, the order of fields and the way values are written make no difference.
#[must_use]
pub fn between(before: &str, after: &str) -> Option<Vec<Change>> {
    let read = |text: &str| yaml::read(text, &mut Diagnostics::default());
    let (before, after) = (read(before)?, read(after)?);
    let mut changes = Vec::new();
    let several = before.len() > 1 || after.len() > 1;
    for index in 0..before.len().max(after.len()) {
        let path = if several { format!("[{index}]") } else { String::new() };
        compare(&path, before.get(index), after.get(index), &mut changes);
    }
    Some(changes)
}

fn compare(path: &str, before: Option<&Node>, after: Option<&Node>, changes: &mut Vec<Change>) {
    if changes.len() >= MOST {
        return;
    }
    match (before.map(|node| &node.value), after.map(|node| &node.value)) {
        (Some(Value::Map(old)), Some(Value::Map(new))) => {
            for (key, _, node) in new {
                let old = old.iter().find(|(name, ..)| name == key).map(|(_, _, node)| node);
                compare(&crate::reader::joined(path, key), old, Some(node), changes);
            }
            for (key, _, node) in old {
                if !new.iter().any(|(name, ..)| name == key) {
                    compare(&crate::reader::joined(path, key), Some(node), None, changes);
                }
            }
        }
        (Some(Value::List(old)), Some(Value::List(new))) => {
            for index in 0..old.len().max(new.len()) {
                compare(&format!("{path}[{index}]"), old.get(index), new.get(index), changes);
            }
        }
        (old, new) => {
            let (before, after) = (old.and_then(json), new.and_then(json));
            if before != after {
                changes.push(Change { path: path.to_owned(), before, after });
            }
        }
    }
}

/// A value as JSON; nothing is no value.
fn json(value: &Value) -> Option<String> {
    (!matches!(value, Value::Null)).then(|| value.to_json().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_differ_are_named_and_nothing_else() {
        let before =
            "spec:\n  mode: warn # soon\n  images: [{glob: a/**}]\n  match: [{resource: pods}]\n";
        let after = "spec:\n  images:\n  - glob: \"b/**\"\n  - glob: c/**\n  mode: enforce\n";
        let changes = between(before, after).unwrap();
        let told: Vec<String> = changes
            .iter()
            .map(|Change { path, before, after }| {
                let text = |value: &Option<String>| value.clone().unwrap_or_default();
                format!("{path}: {} -> {}", text(before), text(after))
            })
            .collect();
        assert_eq!(
            told,
            [
                r#"spec.images[0].glob: "a/**" -> "b/**""#,
                r#"spec.images[1]:  -> {"glob":"c/**"}"#,
                r#"spec.mode: "warn" -> "enforce""#,
                r#"spec.match: [{"resource":"pods"}] -> "#,
            ]
        );
        assert_eq!(between(before, &before.replace(" # soon", "")).unwrap(), []);
        assert_eq!(between("a: [", "a: 1"), None);
    }
}
