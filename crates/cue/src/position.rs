//! Where something stands in a policy's text.

/// A place in the text, counted from 1; columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The character within the line.
    pub column: u32,
}

impl Position {
    /// The place of a byte offset.
    pub(crate) fn of(text: &str, offset: u32) -> Self {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(text.len());
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
        Self {
            line: count(before.matches('\n').count()),
            column: count(before.get(line_start..).unwrap_or_default().chars().count()),
        }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters() {
        let text = "a: 1\nä: b";
        assert_eq!(Position::of(text, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(text, 9), Position { line: 2, column: 4 });
        assert_eq!(Position::of(text, 99), Position { line: 2, column: 5 });
    }
}
