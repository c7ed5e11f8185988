//! Text in the two places where the framework writes what it is given as it is: the page's title
//! and what stands in a text area. Everywhere else it escapes by itself.

use html_escape::encode_text;

/// A page's title.
pub(crate) fn title(text: &str) -> String {
    encode_text(text).into_owned()
}

/// What stands in a text area, for its `inner_html`. Parsers drop a line's end that comes right
/// after the tag (HTML, 13.2.6.4.7), so that one is put there for them.
pub(crate) fn text_area(text: &str) -> String {
    format!("\n{}", encode_text(text))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use leptos::prelude::*;

    use super::*;

    #[test]
    fn a_text_area_ends_where_its_tag_does() {
        let hostile = "\n</textarea><script>alert(1)</script>&amp;";
        let html = view! { <textarea inner_html=text_area(hostile)></textarea> }.to_html();
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("\n\n&lt;/textarea&gt;"), "{html}");
        assert!(html.contains("&amp;amp;"), "{html}");
    }
}
