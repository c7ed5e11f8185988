//! An expression that is known to compile, before it is compiled. Who checks a policy only asks
//! whether its expressions are good, and compiling one costs as much as reading thirty lines.

use std::fmt;
use std::sync::{Arc, OnceLock};

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::{Expression, ExpressionError, rewritten};

/// States up to which an expression surely fits into the largest program: with the heap behind it,
/// a state takes less than 100 bytes.
const SURELY_FITS: u64 = 4_000;
/// States for a range of characters: a dozen sequences of four bytes, at most.
const RANGE: u64 = 64;

/// A regular expression that is compiled when it is first held against a text.
#[derive(Clone)]
pub struct DeferredExpression {
    text: String,
    /// What a text must begin with, so that most are refused without compiling anything.
    beginning: String,
    /// `None` inside would be an expression that is small and does not compile; there is none, and
    /// it would match nothing.
    compiled: Arc<OnceLock<Option<Expression>>>,
}

impl DeferredExpression {
    /// Reads an expression; compiles it only where it might turn out too large.
    ///
    /// # Errors
    /// Exactly where, and as, [`Expression::new`] has them.
    pub fn new(text: &str) -> Result<Self, ExpressionError> {
        let rewritten = rewritten(text)?;
        let parsed = regex_syntax::parse(&rewritten).ok();
        let beginning = parsed.as_ref().and_then(beginning).unwrap_or_default().to_owned();
        let compiled = match parsed {
            Some(parsed) if n_states(&parsed) <= SURELY_FITS => OnceLock::new(),
            Some(_) | None => OnceLock::from(Some(Expression::of_rewritten(text, &rewritten)?)),
        };
        Ok(Self { text: text.to_owned(), beginning, compiled: Arc::new(compiled) })
    }

    /// The expression as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is found anywhere in the text.
    #[must_use]
    pub fn is_found_in(&self, text: &str) -> bool {
        if !text.starts_with(&self.beginning) {
            return false;
        }
        let compiled = self.compiled.get_or_init(|| Expression::new(&self.text).ok());
        compiled.as_ref().is_some_and(|expression| expression.is_found_in(text))
    }
}

impl fmt::Debug for DeferredExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeferredExpression({:?})", self.text)
    }
}

/// The letters behind `^`, where the expression starts with both.
fn beginning(expression: &Hir) -> Option<&str> {
    let HirKind::Concat(parts) = expression.kind() else { return None };
    let [start, letters, ..] = parts.as_slice() else { return None };
    match (start.kind(), letters.kind()) {
        (HirKind::Look(Look::Start), HirKind::Literal(letters)) => {
            std::str::from_utf8(&letters.0).ok()
        }
        _ => None,
    }
}

/// An upper bound of the states that an expression compiles to. It is no deeper than the parser's
/// limit of nesting.
fn n_states(expression: &Hir) -> u64 {
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let sum = |parts: &[Hir]| {
        let each = parts.iter().map(|part| n_states(part).saturating_add(1));
        each.fold(1, u64::saturating_add)
    };
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => count(literal.0.len()),
        HirKind::Class(Class::Unicode(class)) => count(class.ranges().len()).saturating_mul(RANGE),
        HirKind::Class(Class::Bytes(class)) => count(class.ranges().len()).saturating_add(1),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or_else(|| repetition.min.saturating_add(1));
            let each = n_states(&repetition.sub).saturating_add(2);
            u64::from(most.max(1)).saturating_mul(each).saturating_add(2)
        }
        HirKind::Capture(capture) => n_states(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_put_off(expression: &DeferredExpression) -> bool {
        expression.compiled.get().is_none()
    }

    #[test]
    fn a_usual_expression_is_compiled_when_it_is_asked() {
        let text = r"^https://github\.com/acme/.+@refs/tags/v\d+$";
        let expression = DeferredExpression::new(text).unwrap();
        let copy = expression.clone();
        assert!(!expression.is_found_in("https://github.com/acmeland/a@refs/tags/v1"));
        assert!(is_put_off(&expression), "its beginning is enough");
        assert!(expression.is_found_in("https://github.com/acme/a@refs/tags/v1"));
        assert!(!expression.is_found_in("https://github.com/acme/a@refs/heads/main"));
        assert!(!is_put_off(&copy), "copies share what was compiled");
        assert_eq!(copy.as_str(), text);
    }

    #[test]
    fn a_beginning_decides_nothing_that_the_expression_does_not() {
        for text in ["^a", "^ab|c", "(?m)^ab", "(?i)^ab", "^ab?", "^(?:ab|ac)", r"\Aab", "a^b", "^"]
        {
            let (now, later) =
                (Expression::new(text).unwrap(), DeferredExpression::new(text).unwrap());
            for subject in ["", "a", "ab", "AB", "xab", "c", "x\nab", "ac"] {
                assert_eq!(
                    now.is_found_in(subject),
                    later.is_found_in(subject),
                    "{text} {subject}"
                );
            }
        }
    }

    #[test]
    fn whatever_is_put_off_compiles() {
        let mut n_put_off = 0;
        for part in [
            "a",
            ".",
            "é",
            r"\d",
            r"\pL",
            r"\p{Greek}",
            "[a-zé-ž]",
            r"[^\x{80}-\x{10FFFF}]",
            "(a)",
            "(?:ab|c.)",
            "(?i)k",
            r"\b",
            "[^a]?",
            ".*",
            "(?:.{3}|x+)",
            r"[\x{7f}-\x{10000}]",
            "^",
            "(?:(?:a?){9}){9}",
            "",
        ] {
            for times in [1, 2, 10, 40, 200] {
                for text in [part.repeat(times), format!("(?:{part}){{{times}}}")] {
                    let (now, later) = (Expression::new(&text), DeferredExpression::new(&text));
                    assert_eq!(now.as_ref().err(), later.as_ref().err(), "{text}");
                    n_put_off += u32::from(later.is_ok_and(|later| is_put_off(&later)));
                }
            }
        }
        assert!(n_put_off > 40, "{n_put_off}");
    }

    #[test]
    fn what_is_wrong_is_said_at_once() {
        for text in ["****", "(a", r"\y", "[z-a]", &"a{1000}".repeat(500), &"a".repeat(5000)] {
            let later = DeferredExpression::new(text).unwrap_err();
            assert_eq!(later, Expression::new(text).unwrap_err());
        }
    }
}
