//! The `Link` header (RFC 8288), as far as lists are continued by it.

/// Longer headers are nobody's.
const LONGEST: usize = 8 * 1024;

/// Where a list goes on: the target of the first link with the relation `next`.
pub(crate) fn next(header: &str) -> Option<String> {
    let mut rest = header.get(..header.len().min(LONGEST)).unwrap_or_default();
    while let Some((_, link)) = rest.split_once('<') {
        let (target, after) = link.split_once('>')?;
        let (parameters, following) = split_at_next_link(after);
        let relations = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
        let mut relations = relations.filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel"));
        let is_next = relations.next().is_some_and(|(_, value)| {
            let mut words = value.trim().trim_matches('"').split_ascii_whitespace();
            words.any(|word| word.eq_ignore_ascii_case("next"))
        });
        if is_next && !target.is_empty() {
            return Some(target.to_owned());
        }
        rest = following;
    }
    None
}

/// A comma outside quotes ends a link's parameters.
fn split_at_next_link(text: &str) -> (&str, &str) {
    let mut is_quoted = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => return text.split_at(at),
            _ => {}
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_other_links() {
        for (header, wanted) in [
            (r#"</v2/a/referrers/x?n=2&last=b>; rel="next""#, Some("/v2/a/referrers/x?n=2&last=b")),
            ("<https://r.test/x>;rel=next", Some("https://r.test/x")),
            (r#"<a>; rel="prev", <b>; title="x, <c>; rel=next"; rel="last NEXT""#, Some("b")),
            (r#"<a>; rel="prev""#, None),
            (r#"<a>; rel="nextish""#, None),
            ("<a; rel=next", None),
            ("<>; rel=next", None),
            ("<a>", None),
            ("", None),
        ] {
            assert_eq!(next(header).as_deref(), wanted, "{header}");
        }
    }
}
