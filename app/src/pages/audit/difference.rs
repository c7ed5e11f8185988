//! What an act changed, as lines that a person can read: a path, what was, what is.

use leptos::prelude::*;
use serde_json::Value;

/// Lines that are shown of one act, at most.
const MOST: usize = 60;
/// Characters of one value that are shown.
const LONGEST: usize = 300;

/// One place where before and after differ.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    path: String,
    before: Option<String>,
    after: Option<String>,
}

/// Both sides of an act, and the difference between them.
pub(super) fn shown(before: Option<&Value>, after: Option<&Value>) -> AnyView {
    let lines = lines(before, after);
    if lines.is_empty() {
        return view! { <p class="quiet">"It left nothing behind that differs."</p> }.into_any();
    }
    let more = lines.len().saturating_sub(MOST);
    let more = (more > 0).then(|| {
        view! { <p class="quiet">{format!("{more} more lines are in the export.")}</p> }
    });
    let line = |line: Line| {
        let was = line.before.map(|text| view! { <del class="diff-was">{text}</del> });
        let is = line.after.map(|text| view! { <ins class="diff-is">{text}</ins> });
        view! {
            <dt class="quiet wrap-anywhere">{line.path}</dt>
            <dd class="wrap-anywhere">{was} " " {is}</dd>
        }
    };
    let lines = lines.into_iter().take(MOST).map(line).collect_view();
    view! { <dl class="facts diff">{lines}</dl> {more} }.into_any()
}

fn lines(before: Option<&Value>, after: Option<&Value>) -> Vec<Line> {
    let mut lines = Vec::new();
    compare("", before, after, &mut lines);
    lines
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, lines: &mut Vec<Line>) {
    if before == after {
        return;
    }
    let (was, is) = (before.and_then(Value::as_object), after.and_then(Value::as_object));
    let is_object = |side: Option<&Value>, object: Option<&_>| match side {
        None | Some(Value::Null) => true,
        Some(_) => Option::<&serde_json::Map<String, Value>>::is_some(&object),
    };
    if (was.is_some() || is.is_some()) && is_object(before, was) && is_object(after, is) {
        let mut keys: Vec<&String> =
            was.into_iter().chain(is).flat_map(serde_json::Map::keys).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let value = |side: Option<&serde_json::Map<String, Value>>| {
                side.and_then(|it| it.get(key)).cloned()
            };
            compare(&below, value(was).as_ref(), value(is).as_ref(), lines);
        }
        return;
    }
    let path = if path.is_empty() { "value".to_owned() } else { path.to_owned() };
    let (before, after) = match (before, after) {
        // Of two lists only what came and went.
        (Some(Value::Array(was)), Some(Value::Array(is))) => {
            let only = |these: &[Value], those: &[Value]| {
                Value::Array(these.iter().filter(|one| !those.contains(one)).cloned().collect())
            };
            (text(&only(was, is)), text(&only(is, was)))
        }
        (before, after) => (before.and_then(text), after.and_then(text)),
    };
    if before.is_some() || after.is_some() {
        lines.push(Line { path, before, after });
    }
}

/// A value as people read it; nothing where there is none.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let words: Vec<String> = list.iter().filter_map(text).collect();
            words.join(", ")
        }
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(_) | Value::Object(_) => value.to_string(),
    };
    if text.is_empty() {
        return None;
    }
    let is_long = text.chars().count() > LONGEST;
    let short: String = text.chars().take(LONGEST).collect();
    Some(if is_long { format!("{short}…") } else { short })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(path: &str, before: Option<&str>, after: Option<&str>) -> Line {
        let text = |side: Option<&str>| side.map(str::to_owned);
        Line { path: path.to_owned(), before: text(before), after: text(after) }
    }

    #[test]
    fn only_what_differs_is_told() {
        let before =
            json!({ "name": "a", "proof": { "kind": "aws" }, "same": 1, "can": ["x", "y"] });
        let after = json!({ "name": "b", "proof": { "kind": "aws", "arn": "c" }, "same": 1, "can": ["y", "z"] });
        let wanted = [
            line("can", Some("x"), Some("z")),
            line("name", Some("a"), Some("b")),
            line("proof.arn", None, Some("c")),
        ];
        assert_eq!(lines(Some(&before), Some(&after)), wanted);
    }

    #[test]
    fn what_came_or_went_is_told_whole() {
        let thing = json!({ "id": "1", "group": null, "note": "" });
        assert_eq!(lines(None, Some(&thing)), [line("id", None, Some("1"))]);
        assert_eq!(lines(Some(&thing), None), [line("id", Some("1"), None)]);
        assert_eq!(lines(Some(&json!(3)), None), [line("value", Some("3"), None)]);
        assert_eq!(lines(Some(&thing), Some(&thing)), []);
        let changed = [line("value", Some("digests"), Some("values"))];
        assert_eq!(lines(Some(&json!("digests")), Some(&json!("values"))), changed);
    }
}
