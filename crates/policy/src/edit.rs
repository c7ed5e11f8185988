//! Changes of a document's text that keep everything else as it is, comments included.

use model::policies::Fix;

use crate::diagnostics::{Diagnostics, Place};
use crate::yaml::{self, Node, Value};

/// Applies a fix at the line and column, both from 1, of its diagnostic; `None` where the text
/// is no longer the one it was made for.
#[must_use]
pub fn apply(text: &str, (line, column): (u32, u32), fix: &Fix) -> Option<String> {
    let start = offset(text, Place { line, column })?;
    let taken = usize::try_from(fix.length).ok()?;
    let rest = text.get(start..)?;
    let end = rest.char_indices().nth(taken).map_or(rest.len(), |(end, _)| end);
    let before = text.get(..start)?;
    let after = rest.get(end..)?;
    // A scalar in quotes keeps them.
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
    match quote {
        Some(quote) if !fix.replacement.starts_with(quote) && taken > 0 => {
            let inside = rest.get(1..)?;
            let end = inside.char_indices().nth(taken).map_or(inside.len(), |(end, _)| end);
            Some(format!("{before}{quote}{}{}", fix.replacement, inside.get(end..)?))
        }
        Some(_) | None => Some(format!("{before}{}{after}", fix.replacement)),
    }
}

/// Writes a text into a field of the first document, such as `spec.mode`: in the place of the
/// old one, or as a new line at the end of its mapping.
///
/// # Errors
/// When the text is no YAML, or the field's mapping is not there in block form.
pub fn set(text: &str, path: &[&str], value: &str) -> Result<String, &'static str> {
    let mut diagnostics = Diagnostics::default();
    let nodes = yaml::read(text, &mut diagnostics).ok_or("the text is no YAML")?;
    let root = nodes.first().ok_or("the text holds no document")?;
    let (field, parents) = path.split_last().ok_or("no field is named")?;
    let (mut mapping, mut is_flow) = (root, is_flow_at(text, root.at));
    for parent in parents {
        mapping = child(mapping, parent).ok_or("the field's mapping is not there")?.1;
        is_flow |= is_flow_at(text, mapping.at);
    }
    let scalar = scalar(value);
    if let Some((key, old)) = child(mapping, field) {
        if key.line != old.at.line {
            return Err("the field is not on one line");
        }
        let start = offset(text, old.at).ok_or("the field cannot be found")?;
        let rest = text.get(start..).unwrap_or_default();
        let end = end_of_scalar(rest, is_flow).ok_or("the field is not on one line")?;
        let (before, after) = (text.get(..start), rest.get(end..));
        let (Some(before), Some(after)) = (before, after) else {
            return Err("the field cannot be found");
        };
        return Ok(format!("{before}{scalar}{after}"));
    }
    let Value::Map(entries) = &mapping.value else {
        return Err("the field's mapping is not there");
    };
    let (_, first, _) = entries.first().ok_or("the field's mapping is empty")?;
    let start = offset(text, *first).ok_or("the field cannot be found")?;
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let indent = text.get(line_start..start).unwrap_or_default();
    if !indent.chars().all(|letter| letter == ' ') {
        return Err("the field's mapping is written on one line");
    }
    let (before, after) = text.split_at_checked(line_start).ok_or("the field cannot be found")?;
    Ok(format!("{before}{indent}{field}: {scalar}\n{after}"))
}

fn child<'n>(mapping: &'n Node, name: &str) -> Option<(Place, &'n Node)> {
    let Value::Map(entries) = &mapping.value else { return None };
    entries.iter().find(|(key, ..)| key == name).map(|(_, at, node)| (*at, node))
}

/// Whether a mapping or list is written in brackets.
fn is_flow_at(text: &str, at: Place) -> bool {
    let rest = offset(text, at).and_then(|start| text.get(start..)).unwrap_or_default();
    rest.starts_with(['{', '['])
}

/// The length of the scalar that a text starts with, if it ends on the same line.
fn end_of_scalar(text: &str, is_flow: bool) -> Option<usize> {
    let line = text.lines().next()?;
    let plain_end = match line.chars().next()? {
        quote @ ('"' | '\'') => return end_of_quoted(line, quote),
        '|' | '>' | '[' | '{' | '&' | '*' | '!' => return None,
        _ if is_flow => line.find([',', '}', ']']).unwrap_or(line.len()),
        _ => line.len(),
    };
    let plain = line.get(..plain_end)?;
    let plain = plain.find(" #").and_then(|comment| plain.get(..comment)).unwrap_or(plain);
    let goes_on = !is_flow && plain.len() == line.len() && is_continued(text);
    (!goes_on).then(|| plain.trim_end().len())
}

fn end_of_quoted(line: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    let mut letters = line.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if is_escaped {
            is_escaped = false;
        } else if letter == '\\' && quote == '"' {
            is_escaped = true;
        } else if letter == quote {
            // Two apostrophes are one.
            if quote == '\'' && letters.peek().is_some_and(|(_, next)| *next == quote) {
                letters.next();
                continue;
            }
            return at.checked_add(1);
        }
    }
    None
}

/// Whether a plain text may go on in the next line: one that is no field, no entry, no comment.
fn is_continued(text: &str) -> bool {
    let next = text.lines().nth(1).unwrap_or_default();
    let inner = next.trim_start();
    let is_other = inner.is_empty()
        || inner.starts_with(['#', '-'])
        || inner.contains(": ")
        || inner.ends_with(':');
    next.starts_with(' ') && !is_other
}

/// A text as a YAML scalar: plain where that is safe.
fn scalar(value: &str) -> String {
    let is_plain = value.starts_with(|first: char| first.is_ascii_alphabetic())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./@".contains(&byte))
        && !matches!(
            value.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if is_plain { value.to_owned() } else { crate::text::go_quoted(value) }
}

/// Where a place is in the text, in bytes.
fn offset(text: &str, at: Place) -> Option<usize> {
    let line = usize::try_from(at.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(at.column).ok()?.checked_sub(1)?;
    let start = match line {
        0 => 0,
        _ => text.match_indices('\n').nth(line.checked_sub(1)?)?.0.checked_add(1)?,
    };
    let rest = text.get(start..)?;
    let inside = rest.char_indices().nth(column).map_or(rest.len(), |(offset, _)| offset);
    start.checked_add(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "# Who signs what.\nkind: ClusterImagePolicy\nmetadata: {name: a}\nspec:\n  # all of ours\n  images:\n  - glob: ghcr.io/acme/**  # not the mirrors\n  mode: enforce  # since May\n";

    #[test]
    fn a_field_changes_and_every_comment_stays() {
        let changed = set(POLICY, &["spec", "mode"], "warn").unwrap();
        assert_eq!(changed, POLICY.replace("mode: enforce", "mode: warn"));
        let renamed = set(&changed, &["metadata", "name"], "on").unwrap();
        assert!(renamed.contains("metadata: {name: \"on\"}"), "{renamed}");
    }

    #[test]
    fn a_value_ends_where_yaml_says_that_it_ends() {
        for (written, changed) in [
            ("a: {m: \"x\\\"y\", n: 1}\n", "a: {m: new, n: 1}\n"),
            ("a: {m: 'x''y', n: 1}\n", "a: {m: new, n: 1}\n"),
            ("a: {m: x, n: 1}\n", "a: {m: new, n: 1}\n"),
            ("a:\n  m: one, two # both\n  n: 1\n", "a:\n  m: new # both\n  n: 1\n"),
            ("a:\n  m: x # 'why', they asked\n", "a:\n  m: new # 'why', they asked\n"),
            ("a:\n  m: x\n  # of n\n  n: 1\n", "a:\n  m: new\n  # of n\n  n: 1\n"),
        ] {
            assert_eq!(set(written, &["a", "m"], "new").as_deref(), Ok(changed), "{written}");
        }
        for written in ["a:\n  m: one\n    two\n", "a:\n  m: |\n    x\n", "a:\n  m: [x]\n"] {
            assert!(set(written, &["a", "m"], "new").is_err(), "{written}");
        }
    }

    #[test]
    fn a_field_that_was_not_there_is_added_where_its_siblings_stand() {
        let without = POLICY.replace("  mode: enforce  # since May\n", "");
        let changed = set(&without, &["spec", "mode"], "warn").unwrap();
        assert!(changed.contains("spec:\n  # all of ours\n  mode: warn\n  images:\n"), "{changed}");
        assert!(set(POLICY, &["metadata", "x"], "y").is_err());
        assert!(set(POLICY, &["status", "x"], "y").is_err());
    }

    #[test]
    fn fixes_are_applied_inside_quotes_too() {
        let fix = Fix { title: String::new(), length: 3, replacement: "xyz".to_owned() };
        assert_eq!(apply("a: \"foo\" # b\n", (1, 4), &fix).unwrap(), "a: \"xyz\" # b\n");
        assert_eq!(apply("é: foo\nb", (1, 4), &fix).unwrap(), "é: xyz\nb");
        assert_eq!(apply("a", (3, 1), &fix), None);
    }
}
