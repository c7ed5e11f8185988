//! A verdict's sentence with its exact strings in mono: addresses, images, expressions.

use leptos::prelude::*;

#[component]
pub(crate) fn Sentence(text: String) -> impl IntoView {
    let piece = |(place, word): (usize, &str)| {
        let space = if place == 0 { "" } else { " " };
        let exact = word.trim_end_matches([',', '.', ';', ':']);
        let after = word.strip_prefix(exact).unwrap_or_default().to_owned();
        if is_exact(exact) {
            view! { <span>{space} <code>{exact.to_owned()}</code> {after}</span> }.into_any()
        } else {
            format!("{space}{word}").into_any()
        }
    };
    text.split(' ').enumerate().map(piece).collect_view()
}

/// Whether a word is something that somebody wrote exactly so.
fn is_exact(word: &str) -> bool {
    word.contains("://") || word.starts_with('^') || word.contains('@') || word.contains("sha256")
}

#[cfg(test)]
mod tests {
    use super::is_exact;

    #[test]
    fn addresses_and_expressions_are_exact_and_prose_is_not() {
        for word in ["https://a.b/c", "^https://x$", "ghcr.io/acme/api@sha256:12", "me@acme.org"] {
            assert!(is_exact(word), "{word}");
        }
        for word in ["signed", "and/or", "policy's", "e.g"] {
            assert!(!is_exact(word), "{word}");
        }
    }
}
