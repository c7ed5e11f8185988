//! How ecosystems write ranges, put into plain bounds.

use super::number::{self, Number};
use super::range::{Bound, Operator, RangeError};
use super::{Scheme, Version};

/// The parts of a range of which any may hold: between `||`, or Maven's bracketed sets.
pub(super) fn alternatives(text: &str) -> Vec<&str> {
    if !text.starts_with(['[', '(']) {
        return text.split("||").collect();
    }
    let mut sets = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find([']', ')']) {
        let (set, after) = rest.split_at_checked(end + 1).unwrap_or((rest, ""));
        sets.push(set);
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    if !rest.is_empty() {
        sets.push(rest);
    }
    sets
}

/// The bounds of one alternative; all of them must hold.
pub(super) fn bounds(scheme: Scheme, text: &str) -> Result<Vec<Bound>, RangeError> {
    let text = text.trim();
    if text.starts_with(['[', '(']) {
        return bracketed(scheme, text);
    }
    if let Some((low, high)) = text.split_once(" - ") {
        return Ok(vec![
            bound(scheme, Operator::AtLeast, low)?,
            bound(scheme, Operator::AtMost, high)?,
        ]);
    }
    let mut bounds = Vec::new();
    let mut rest = text;
    let mut is_something = false;
    while !rest.is_empty() {
        let (operator, after) = operator(rest);
        let after = after.trim_start();
        let end = after.find(|each: char| each == ',' || each.is_whitespace());
        let (version, next) =
            after.split_at_checked(end.unwrap_or(after.len())).unwrap_or(("", ""));
        one(scheme, operator, version, text, &mut bounds)?;
        is_something = true;
        let next = next.trim_start();
        let Some(following) = next.strip_prefix(',') else {
            rest = next;
            continue;
        };
        rest = following.trim_start();
        if rest.is_empty() {
            return Err(form(text, "something is missing after the comma"));
        }
    }
    if is_something { Ok(bounds) } else { Err(form(text, "an alternative is empty")) }
}

const OPERATORS: [&str; 12] = ["===", "==", ">=", "<=", "!=", "~=", "~>", "^", "~", "=", "<", ">"];

fn operator(text: &str) -> (&'static str, &str) {
    let found = OPERATORS.iter().find_map(|each| Some((*each, text.strip_prefix(*each)?)));
    found.unwrap_or(("", text))
}

/// One operator with its version.
fn one(
    scheme: Scheme,
    operator: &str,
    version: &str,
    text: &str,
    bounds: &mut Vec<Bound>,
) -> Result<(), RangeError> {
    if version.is_empty() {
        return Err(form(text, "a version is missing"));
    }
    let is_any = matches!(version, "*" | "x" | "X");
    if is_any && matches!(operator, "" | "=" | "==" | ">=" | "^" | "~") {
        return Ok(());
    }
    let prefix = wildcard(version);
    match (operator, prefix) {
        ("" | "=" | "==" | "~" | "^" | "~=" | "~>", Some(prefix)) => {
            between(scheme, prefix, &after(prefix, usize::MAX), bounds)
        }
        (_, Some(_)) => Err(form(text, "a wildcard has no order")),
        ("^", None) => between(scheme, version, &after(version, caret_place(version)), bounds),
        ("~", None) => {
            let place = number_count(version).saturating_sub(1).min(1);
            between(scheme, version, &after(version, place), bounds)
        }
        ("~=" | "~>", None) => {
            let place = number_count(version).saturating_sub(2);
            between(scheme, version, &after(version, place), bounds)
        }
        (_, None) => {
            let operator = match operator {
                "<" => Operator::Less,
                "<=" => Operator::AtMost,
                ">" => Operator::More,
                ">=" => Operator::AtLeast,
                "!=" => Operator::NotEqual,
                _ => Operator::Equal,
            };
            bounds.push(bound(scheme, operator, version)?);
            Ok(())
        }
    }
}

/// `1.2.x` and `1.2.*` mean what starts with `1.2`.
fn wildcard(version: &str) -> Option<&str> {
    let mut prefix = version;
    while let Some(shorter) = [".*", ".x", ".X"].iter().find_map(|end| prefix.strip_suffix(end)) {
        prefix = shorter;
    }
    (prefix.len() < version.len()).then_some(prefix)
}

fn number_count(version: &str) -> usize {
    numbers(version).len()
}

/// The numbers a version starts with, without an epoch, a `v` or a label.
fn numbers(version: &str) -> Vec<&str> {
    let version = version.trim_start_matches(['v', 'V']);
    let release = version.rsplit_once(['!', ':']).map_or(version, |(_, release)| release);
    release
        .split('.')
        .map(|part| number::digits(part).0)
        .take_while(|part| !part.is_empty())
        .collect()
}

/// Where `^` lets nothing change: the first number that is not zero.
fn caret_place(version: &str) -> usize {
    let numbers = numbers(version);
    let first = numbers.iter().position(|digits| !Number::new(digits).is_zero());
    first.unwrap_or(numbers.len().saturating_sub(1))
}

/// The first version whose number at a place is another one: the upper end of a range.
fn after(version: &str, place: usize) -> String {
    let numbers = numbers(version);
    let place = place.min(numbers.len().saturating_sub(1));
    let kept = numbers.iter().take(place).copied();
    let next = Number::new(numbers.get(place).copied().unwrap_or_default()).next();
    let epoch = version.find(['!', ':']).and_then(|at| version.get(..=at)).unwrap_or_default();
    let release = kept.chain([next.as_str()]).collect::<Vec<_>>().join(".");
    format!("{epoch}{release}")
}

fn between(
    scheme: Scheme,
    low: &str,
    high: &str,
    bounds: &mut Vec<Bound>,
) -> Result<(), RangeError> {
    bounds.push(bound(scheme, Operator::AtLeast, low)?);
    bounds.push(bound(scheme, Operator::Less, &format!("{high}{}", first_label(scheme)))?);
    Ok(())
}

/// What makes a version the first of its pre-releases, so that `^1` does not hold 2.0.0-rc.1.
const fn first_label(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Semantic | Scheme::NuGet | Scheme::Go => "-0",
        Scheme::Pep440 => ".dev0",
        Scheme::Gem => ".a",
        Scheme::Deb | Scheme::Rpm | Scheme::Plain => "~",
        Scheme::Maven => "-alpha",
        Scheme::Apk => "_alpha",
    }
}

/// Maven's sets: `[1.0,2.0)`, `(,1.0]`, `[1.5]`.
fn bracketed(scheme: Scheme, text: &str) -> Result<Vec<Bound>, RangeError> {
    let is_open = text.starts_with('(');
    let is_open_above = text.ends_with(')');
    let inner = text.strip_prefix(['[', '(']).and_then(|rest| rest.strip_suffix([']', ')']));
    let inner = inner.ok_or_else(|| form(text, "a bracket is not closed"))?;
    let Some((low, high)) = inner.split_once(',') else {
        return Ok(vec![bound(scheme, Operator::Equal, inner)?]);
    };
    let (low, high) = (low.trim(), high.trim());
    let mut bounds = Vec::new();
    if !low.is_empty() {
        let operator = if is_open { Operator::More } else { Operator::AtLeast };
        bounds.push(bound(scheme, operator, low)?);
    }
    if !high.is_empty() {
        let operator = if is_open_above { Operator::Less } else { Operator::AtMost };
        bounds.push(bound(scheme, operator, high)?);
    }
    Ok(bounds)
}

fn bound(scheme: Scheme, operator: Operator, version: &str) -> Result<Bound, RangeError> {
    Ok(Bound { operator, version: Version::parse(scheme, version)? })
}

fn form(text: &str, why: &'static str) -> RangeError {
    RangeError::Form { text: text.chars().take(64).collect(), why }
}
