//! The package `strings`.

use super::{Entry, Package, entry};
use crate::kind::Kind;
use crate::machine::{Machine, Outcome};
use crate::value::Value;

pub(super) const PACKAGE: Package = Package {
    functions: &FUNCTIONS,
    constants: &[],
    unsupported: &["ByteAt", "ByteSlice", "Runes", "SplitAfter", "SplitAfterN"],
};

const TEXT: Kind = Kind::STRING;
const INT: Kind = Kind::INT;
const BOOL: Kind = Kind::BOOL;

static FUNCTIONS: [Entry; 29] = [
    entry("strings.MinRunes", &[TEXT, INT], BOOL, |machine, arguments| {
        let (count, least) = runes(machine, arguments)?;
        Ok(Value::Bool(count >= least))
    }),
    entry("strings.MaxRunes", &[TEXT, INT], BOOL, |machine, arguments| {
        let (count, most) = runes(machine, arguments)?;
        Ok(Value::Bool(count <= most))
    }),
    entry("strings.ToTitle", &[TEXT], TEXT, |machine, arguments| {
        first_letters(machine, arguments, |letter, into| into.extend(letter.to_uppercase()))
    }),
    entry("strings.ToCamel", &[TEXT], TEXT, |machine, arguments| {
        first_letters(machine, arguments, |letter, into| into.extend(letter.to_lowercase()))
    }),
    entry("strings.SliceRunes", &[TEXT, INT, INT], TEXT, slice_runes),
    entry("strings.Compare", &[TEXT, TEXT], INT, |machine, arguments| {
        let (left, right) = (machine.text(arguments, 0)?, machine.text(arguments, 1)?);
        Ok(Value::int(left.cmp(&right) as i8))
    }),
    entry("strings.Count", &[TEXT, TEXT], INT, |machine, arguments| {
        let (text, part) = (machine.text(arguments, 0)?, machine.text(arguments, 1)?);
        let is_empty = part.is_empty();
        let count = text.matches(&*part).count();
        Ok(Value::int(if is_empty { text.chars().count().saturating_add(1) } else { count }))
    }),
    entry("strings.Contains", &[TEXT, TEXT], BOOL, |machine, arguments| {
        holds(machine, arguments, |text, part| text.contains(part))
    }),
    entry("strings.ContainsAny", &[TEXT, TEXT], BOOL, |machine, arguments| {
        holds(machine, arguments, |text, any| text.contains(|letter| any.contains(letter)))
    }),
    entry("strings.HasPrefix", &[TEXT, TEXT], BOOL, |machine, arguments| {
        holds(machine, arguments, |text, part| text.starts_with(part))
    }),
    entry("strings.HasSuffix", &[TEXT, TEXT], BOOL, |machine, arguments| {
        holds(machine, arguments, |text, part| text.ends_with(part))
    }),
    entry("strings.Index", &[TEXT, TEXT], INT, |machine, arguments| {
        place(machine, arguments, |text, part| text.find(part))
    }),
    entry("strings.LastIndex", &[TEXT, TEXT], INT, |machine, arguments| {
        place(machine, arguments, |text, part| text.rfind(part))
    }),
    entry("strings.IndexAny", &[TEXT, TEXT], INT, |machine, arguments| {
        place(machine, arguments, |text, any| text.find(|letter| any.contains(letter)))
    }),
    entry("strings.LastIndexAny", &[TEXT, TEXT], INT, |machine, arguments| {
        place(machine, arguments, |text, any| text.rfind(|letter| any.contains(letter)))
    }),
    entry("strings.Split", &[TEXT, TEXT], Kind::LIST, |machine, arguments| {
        let (text, separator) = (machine.text(arguments, 0)?, machine.text(arguments, 1)?);
        machine.made_list(split(&text, &separator, None))
    }),
    entry("strings.SplitN", &[TEXT, TEXT, INT], Kind::LIST, |machine, arguments| {
        let (text, separator) = (machine.text(arguments, 0)?, machine.text(arguments, 1)?);
        let most = machine.int(arguments, 2)?;
        machine.made_list(split(&text, &separator, usize::try_from(most).ok()))
    }),
    entry("strings.Fields", &[TEXT], Kind::LIST, |machine, arguments| {
        let text = machine.text(arguments, 0)?;
        machine.made_list(text.split_whitespace())
    }),
    entry("strings.Join", &[Kind::LIST, TEXT], TEXT, |machine, arguments| {
        let (texts, separator) = (machine.texts(arguments, 0)?, machine.text(arguments, 1)?);
        let length: usize = texts.iter().map(|text| text.len() + separator.len()).sum();
        machine.spend(length)?;
        Ok(Value::text(&texts.join(&*separator)))
    }),
    entry("strings.Repeat", &[TEXT, INT], TEXT, |machine, arguments| {
        let text = machine.text(arguments, 0)?;
        let Ok(count) = usize::try_from(machine.int(arguments, 1)?) else {
            return machine.call_fault("strings.Repeat", "strings: negative Repeat count");
        };
        machine.spend(text.len().saturating_mul(count))?;
        Ok(Value::text(&text.repeat(count)))
    }),
    entry("strings.ToUpper", &[TEXT], TEXT, |machine, arguments| {
        let text = machine.text(arguments, 0)?;
        machine.made(&text.to_uppercase())
    }),
    entry("strings.ToLower", &[TEXT], TEXT, |machine, arguments| {
        let text = machine.text(arguments, 0)?;
        machine.made(&text.to_lowercase())
    }),
    entry("strings.Trim", &[TEXT, TEXT], TEXT, |machine, arguments| {
        trimmed(machine, arguments, |text, set| text.trim_matches(|letter| set.contains(letter)))
    }),
    entry("strings.TrimLeft", &[TEXT, TEXT], TEXT, |machine, arguments| {
        trimmed(machine, arguments, |text, set| {
            text.trim_start_matches(|letter| set.contains(letter))
        })
    }),
    entry("strings.TrimRight", &[TEXT, TEXT], TEXT, |machine, arguments| {
        trimmed(machine, arguments, |text, set| {
            text.trim_end_matches(|letter| set.contains(letter))
        })
    }),
    entry("strings.TrimSpace", &[TEXT], TEXT, |machine, arguments| {
        let text = machine.text(arguments, 0)?;
        machine.made(text.trim())
    }),
    entry("strings.TrimPrefix", &[TEXT, TEXT], TEXT, |machine, arguments| {
        trimmed(machine, arguments, |text, part| text.strip_prefix(part).unwrap_or(text))
    }),
    entry("strings.TrimSuffix", &[TEXT, TEXT], TEXT, |machine, arguments| {
        trimmed(machine, arguments, |text, part| text.strip_suffix(part).unwrap_or(text))
    }),
    entry("strings.Replace", &[TEXT, TEXT, TEXT, INT], TEXT, replace),
];

fn runes(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<(i64, i64)> {
    let (text, limit) = (machine.text(arguments, 0)?, machine.int(arguments, 1)?);
    Ok((i64::try_from(text.chars().count()).unwrap_or(i64::MAX), limit))
}

fn holds(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    holds: impl Fn(&str, &str) -> bool,
) -> Outcome<Value> {
    let (text, part) = (machine.text(arguments, 0)?, machine.text(arguments, 1)?);
    machine.work(text.len() / 64)?;
    Ok(Value::Bool(holds(&text, &part)))
}

fn place(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    find: impl Fn(&str, &str) -> Option<usize>,
) -> Outcome<Value> {
    let (text, part) = (machine.text(arguments, 0)?, machine.text(arguments, 1)?);
    Ok(match find(&text, &part) {
        Some(place) => Value::int(place),
        None => Value::int(-1),
    })
}

fn trimmed(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    trim: impl for<'t> Fn(&'t str, &str) -> &'t str,
) -> Outcome<Value> {
    let (text, set) = (machine.text(arguments, 0)?, machine.text(arguments, 1)?);
    machine.made(trim(&text, &set))
}

/// Changes the letters at the starts of words.
fn first_letters(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    change: fn(char, &mut String),
) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    let mut made = String::with_capacity(text.len());
    let mut is_start = true;
    for letter in text.chars() {
        if is_start {
            change(letter, &mut made);
        } else {
            made.push(letter);
        }
        is_start = letter.is_whitespace();
    }
    machine.made(&made)
}

fn slice_runes(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    let (start, end) = (machine.int(arguments, 1)?, machine.int(arguments, 2)?);
    let letters: Vec<char> = text.chars().collect();
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    match range.and_then(|(start, end)| letters.get(start..end)) {
        Some(part) => machine.made(&part.iter().collect::<String>()),
        None => machine.call_fault("strings.SliceRunes", "index out of range"),
    }
}

/// Splits as Go does: an empty separator gives the letters.
fn split<'t>(text: &'t str, separator: &str, most: Option<usize>) -> Vec<&'t str> {
    if most == Some(0) {
        return Vec::new();
    }
    if !separator.is_empty() {
        return match most {
            Some(most) => text.splitn(most, separator).collect(),
            None => text.split(separator).collect(),
        };
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if most.is_some_and(|most| parts.len().saturating_add(1) >= most) {
            parts.push(rest);
            return parts;
        }
        let (first, behind) = rest.split_at(letter.len_utf8());
        parts.push(first);
        rest = behind;
    }
    parts
}

fn replace(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    let (old, new) = (machine.text(arguments, 1)?, machine.text(arguments, 2)?);
    let most = machine.int(arguments, 3)?;
    let places = if old.is_empty() { text.len().saturating_add(1) } else { text.len() / old.len() };
    let places = usize::try_from(most).map_or(places, |most| places.min(most));
    machine.spend(text.len().saturating_add(places.saturating_mul(new.len())))?;
    Ok(Value::text(&match usize::try_from(most) {
        Ok(most) => text.replacen(&*old, &new, most),
        Err(_) => text.replace(&*old, &new),
    }))
}
