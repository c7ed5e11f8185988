//! YAML in colour, line by line: enough to read a policy by, and small enough for the browser.

/// What a piece of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Key,
    Value,
    Comment,
}

impl Ink {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Key => "ink-key",
            Self::Value => "ink-value",
            Self::Comment => "ink-comment",
        }
    }
}

/// The pieces of a line, in order; together they are the line.
pub(crate) fn inked(line: &str) -> Vec<(Ink, &str)> {
    let mut pieces = Vec::new();
    let start = line.find(|c: char| c != ' ' && c != '-').unwrap_or(line.len());
    let (lead, rest) = line.split_at_checked(start).unwrap_or(("", line));
    // `---` separates documents; a dash that belongs to a word is no list item.
    let (lead, rest) =
        if lead.ends_with('-') && !rest.is_empty() { ("", line) } else { (lead, rest) };
    push(&mut pieces, Ink::Plain, lead);
    if rest.starts_with('#') {
        push(&mut pieces, Ink::Comment, rest);
        return pieces;
    }
    let (content, comment) = match rest.find(" #") {
        Some(place) => rest.split_at_checked(place).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    match key_end(content).and_then(|end| content.split_at_checked(end)) {
        Some((key, after)) => {
            push(&mut pieces, Ink::Key, key);
            let (colon, value) = after.split_at_checked(1).unwrap_or((after, ""));
            push(&mut pieces, Ink::Plain, colon);
            push(&mut pieces, Ink::Value, value);
        }
        None => push(&mut pieces, Ink::Value, content),
    }
    push(&mut pieces, Ink::Comment, comment);
    pieces
}

fn push<'a>(pieces: &mut Vec<(Ink, &'a str)>, ink: Ink, text: &'a str) {
    if !text.is_empty() {
        pieces.push((ink, text));
    }
}

/// Where a key ends: at a colon that a blank or the line's end follows.
fn key_end(content: &str) -> Option<usize> {
    let is_quoted = content.starts_with(['"', '\'']);
    let place = content.find(": ").or_else(|| content.strip_suffix(':').map(str::len))?;
    (!is_quoted).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_values_and_comments_are_told_apart() {
        let pieces = inked("  - glob: ghcr.io/acme/** # ours");
        let expected = [
            (Ink::Plain, "  - "),
            (Ink::Key, "glob"),
            (Ink::Plain, ":"),
            (Ink::Value, " ghcr.io/acme/**"),
            (Ink::Comment, " # ours"),
        ];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn the_pieces_are_the_line_whatever_it_holds() {
        for line in ["", "---", "-----BEGIN PUBLIC KEY-----", "a:b", "ü: é # ß", "- - x", "'a: b'"]
        {
            let again: String = inked(line).into_iter().map(|(_, text)| text).collect();
            assert_eq!(again, line);
        }
    }
}
