//! Python's version order: `[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]`.
//!
//! Source: PEP 440, with its alternative spellings ("Normalization") and its order ("Summary of
//! permitted suffixes and relative ordering"). What has no meaning there is no version.

use super::number::{self, Number};

/// The derived order of the fields is PEP 440's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    epoch: Number,
    /// Without trailing zeros: `1.0` is `1`.
    release: Vec<Number>,
    pre: Pre,
    post: Option<Number>,
    dev: Dev,
    local: Vec<Local>,
}

/// A development release of a release comes before its pre-releases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Pre {
    OnlyDev,
    Alpha(Number),
    Beta(Number),
    Candidate(Number),
    Release,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Dev {
    Number(Number),
    Release,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Text(Box<str>),
    Number(Number),
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let (public, local) = match text.split_once('+') {
            Some((public, local)) => (public, local_segments(local)?),
            None => (text, Vec::new()),
        };
        let (epoch, rest) = public.split_once('!').unwrap_or(("0", public));
        if !number::is_number(epoch) {
            return None;
        }
        let (release, rest) = release(rest)?;
        let (pre, rest) = pre(rest);
        let (post, rest) = post(rest);
        let (dev, rest) = dev(rest);
        if !rest.is_empty() {
            return None;
        }
        let is_only_dev = pre.is_none() && post.is_none() && dev.is_some();
        let without_pre = if is_only_dev { Pre::OnlyDev } else { Pre::Release };
        Some(Self {
            epoch: Number::new(epoch),
            release,
            pre: pre.unwrap_or(without_pre),
            post,
            dev: dev.map_or(Dev::Release, Dev::Number),
            local,
        })
    }
}

fn release(text: &str) -> Option<(Vec<Number>, &str)> {
    let (first, mut rest) = number::digits(text);
    if first.is_empty() {
        return None;
    }
    let mut numbers = vec![Number::new(first)];
    while let Some(after) = rest.strip_prefix('.') {
        let (digits, next) = number::digits(after);
        if digits.is_empty() {
            break;
        }
        numbers.push(Number::new(digits));
        rest = next;
    }
    while numbers.last().is_some_and(Number::is_zero) {
        numbers.pop();
    }
    Some((numbers, rest))
}

/// A spelling and what it stands for.
type Spelling = (&'static str, fn(Number) -> Pre);

const PRE: [Spelling; 8] = [
    ("alpha", Pre::Alpha),
    ("a", Pre::Alpha),
    ("beta", Pre::Beta),
    ("b", Pre::Beta),
    ("preview", Pre::Candidate),
    ("pre", Pre::Candidate),
    ("rc", Pre::Candidate),
    ("c", Pre::Candidate),
];

fn pre(text: &str) -> (Option<Pre>, &str) {
    let start = without_separator(text);
    for (name, make) in PRE {
        if let Some(after) = start.strip_prefix(name) {
            let (number, rest) = optional_number(after);
            return (Some(make(number)), rest);
        }
    }
    (None, text)
}

fn post(text: &str) -> (Option<Number>, &str) {
    let start = without_separator(text);
    for name in ["post", "rev", "r"] {
        if let Some(after) = start.strip_prefix(name) {
            let (number, rest) = optional_number(after);
            return (Some(number), rest);
        }
    }
    // `1.0-1` is `1.0.post1`.
    let digits = text.strip_prefix('-').map(number::digits);
    match digits {
        Some((digits, rest)) if !digits.is_empty() => (Some(Number::new(digits)), rest),
        Some(_) | None => (None, text),
    }
}

fn dev(text: &str) -> (Option<Number>, &str) {
    match without_separator(text).strip_prefix("dev") {
        Some(after) => {
            let (number, rest) = optional_number(after);
            (Some(number), rest)
        }
        None => (None, text),
    }
}

/// The number of a suffix; none is zero.
fn optional_number(text: &str) -> (Number, &str) {
    let (digits, rest) = number::digits(without_separator(text));
    if digits.is_empty() { (Number::default(), text) } else { (Number::new(digits), rest) }
}

fn without_separator(text: &str) -> &str {
    text.strip_prefix(['.', '-', '_']).unwrap_or(text)
}

fn local_segments(text: &str) -> Option<Vec<Local>> {
    let segment = |text: &str| {
        let is_allowed = !text.is_empty() && text.bytes().all(|each| each.is_ascii_alphanumeric());
        let number = || Local::Number(Number::new(text));
        let named = || Local::Text(text.into());
        is_allowed.then(|| if number::is_number(text) { number() } else { named() })
    };
    text.split(['.', '-', '_']).map(segment).collect()
}
