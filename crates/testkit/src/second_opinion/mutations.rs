//! Bundles and questions bent in every part, from a good one: what is left out, cut short, changed
//! by a bit, counted up, or taken from another bundle; and the wrong artifact and the wrong name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use serde_json::Value;

use super::Question;
use crate::Seed;

/// Shorter text is a number or a name, not bytes.
const SHORTEST_BYTES: usize = 12;

/// How much of the text is told on each side of a changed bit.
const CONTEXT: usize = 24;

/// A bent question, and what was done to it.
#[derive(Debug, Clone)]
pub struct Bent {
    /// What was done: a word and a JSON pointer.
    pub what: String,
    /// The question.
    pub question: Question,
}

/// Everything that is tried on a good question. `other` is another good bundle of the same trust;
/// `n_flips` is how often a bit anywhere in the text is changed.
#[must_use]
pub fn of(good: &Question, other: &str, n_flips: u64, seed: &mut Seed) -> Vec<Bent> {
    let mut all = asked_otherwise(good);
    let mut bend = |what: String, bundle: String| {
        all.push(Bent { what, question: Question { bundle, ..good.clone() } });
    };
    let read = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    let (bundle, other): (Value, Value) = (read(&good.bundle), read(other));
    for pointer in pointers(&bundle) {
        let with = |value: Value| {
            let mut bent = bundle.clone();
            if let Some(place) = bent.pointer_mut(&pointer) {
                *place = value;
            }
            bent.to_string()
        };
        bend(format!("removed {pointer}"), without(&bundle, &pointer));
        let part = bundle.pointer(&pointer).unwrap_or(&Value::Null);
        match other.pointer(&pointer) {
            Some(foreign) if foreign != part => {
                bend(format!("foreign {pointer}"), with(foreign.clone()));
            }
            Some(_) | None => {}
        }
        for (what, value) in changes(part, seed) {
            bend(format!("{what} {pointer}"), with(value));
        }
    }
    for _ in 0..n_flips {
        if let Some((what, bundle)) = flipped(&good.bundle, seed) {
            bend(what, bundle);
        }
    }
    for (number, bent) in (1..).zip(&mut all) {
        bent.question.number = number;
    }
    all
}

/// The text with a bit changed anywhere, if it is still text; told by what stands around it.
fn flipped(text: &str, seed: &mut Seed) -> Option<(String, String)> {
    let place = usize::try_from(seed.below(text.len() as u64)).ok()?;
    let mut bytes = text.as_bytes().to_vec();
    *bytes.get_mut(place)? ^= 1 << seed.below(7);
    let around = bytes.get(place.saturating_sub(CONTEXT)..)?.iter().take(2 * CONTEXT);
    let around: Vec<u8> = around.copied().collect();
    let what = format!("flipped byte {place}: {}", String::from_utf8_lossy(&around));
    Some((what, String::from_utf8(bytes).ok()?))
}

/// The good bundle with the wrong question.
fn asked_otherwise(good: &Question) -> Vec<Bent> {
    let bent = |what: &str, question| Bent { what: format!("asked {what}"), question };
    let another = b"another artifact";
    let artifact = good.artifact.is_some().then(|| STANDARD.encode(another));
    let digest = Digest::of(another).hex().to_string();
    let subject = format!("{}x", good.subject);
    let issuer = format!("{}x", good.issuer);
    let mut shorter = good.subject.clone();
    shorter.pop();
    vec![
        bent("as it is", good.clone()),
        bent("of another artifact", Question { artifact, digest, ..good.clone() }),
        bent("of a longer name", Question { subject, ..good.clone() }),
        bent("of a shorter name", Question { subject: shorter, ..good.clone() }),
        bent("of another issuer", Question { issuer, ..good.clone() }),
    ]
}

/// What can be done to a part where it stands.
fn changes(part: &Value, seed: &mut Seed) -> Vec<(&'static str, Value)> {
    match part {
        Value::String(text) => match text.parse::<u64>() {
            Ok(number) => vec![("counted up", number.saturating_add(1).to_string().into())],
            Err(_) => bytes_changed(text, seed),
        },
        Value::Array(members) => {
            let twice: Vec<Value> = members.iter().chain(members).cloned().collect();
            vec![("emptied", Value::Array(Vec::new())), ("doubled", Value::Array(twice))]
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

fn bytes_changed(text: &str, seed: &mut Seed) -> Vec<(&'static str, Value)> {
    let bytes = match STANDARD.decode(text) {
        Ok(bytes) if text.len() >= SHORTEST_BYTES => bytes,
        Ok(_) | Err(_) => return vec![("renamed", format!("{text}x").into())],
    };
    let (half, _) = bytes.split_at(bytes.len() / 2);
    let mut changed = vec![("cut short", STANDARD.encode(half).into())];
    for _ in 0..2 {
        let mut bent = bytes.clone();
        let place = usize::try_from(seed.below(bent.len() as u64)).unwrap_or_default();
        if let Some(byte) = bent.get_mut(place) {
            *byte ^= 1 << seed.below(8);
        }
        changed.push(("flipped", STANDARD.encode(bent).into()));
    }
    changed.push(("lengthened", STANDARD.encode([bytes.as_slice(), b"x"].concat()).into()));
    changed
}

/// Every place in a document but the whole.
fn pointers(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), document)];
    while let Some((pointer, value)) = open.pop() {
        let inside: Vec<(String, &Value)> = match value {
            Value::Object(members) => members.iter().map(|(name, it)| (name.clone(), it)).collect(),
            Value::Array(members) => (0_usize..).map(|it| it.to_string()).zip(members).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        for (name, value) in inside {
            let pointer = format!("{pointer}/{name}");
            found.push(pointer.clone());
            open.push((pointer, value));
        }
    }
    found
}

fn without(document: &Value, pointer: &str) -> String {
    let mut document = document.clone();
    let Some((parent, name)) = pointer.rsplit_once('/') else { return document.to_string() };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => drop(members.remove(name)),
        Some(Value::Array(members)) => {
            let place = name.parse().unwrap_or(usize::MAX);
            if place < members.len() {
                members.remove(place);
            }
        }
        Some(_) | None => {}
    }
    document.to_string()
}
